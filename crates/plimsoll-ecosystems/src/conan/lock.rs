//! `conan/lock`: the packages that Conan 1 and 2 locked.
//!
//! What is only needed to build (`context: build`, `build_requires`, `python_requires`) is left
//! out. User, channel, revisions and package ids of a reference are no part of its version.

use std::collections::BTreeMap;

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::lenient::{Maybe, Text};
use crate::listing::Listing;

/// Reads `conan.lock`.
pub struct ConanLock;

#[derive(Deserialize)]
struct Lock {
    /// Conan 1.
    graph_lock: Option<Graph>,
    /// Conan 2.
    requires: Option<Vec<Maybe<String>>>,
}

#[derive(Deserialize)]
struct Graph {
    #[serde(default)]
    nodes: BTreeMap<String, Maybe<Node>>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default, rename = "ref")]
    reference: Text,
    /// References of the oldest lock files.
    #[serde(default)]
    pref: Text,
    #[serde(default)]
    context: Text,
}

impl Extractor for ConanLock {
    fn id(&self) -> &'static str {
        "conan/lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("conan.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("conan", Evidence::LockFile, &input, out);
        match serde_json::from_slice(input.content) {
            Ok(Lock { graph_lock: None, requires: None }) => {
                listing.problem("this lock file of Conan has neither a graph nor requirements");
            }
            Ok(Lock { graph_lock, requires }) => {
                let nodes = graph_lock.map(|graph| graph.nodes).unwrap_or_default();
                let nodes = nodes.into_values().filter_map(|node| match node {
                    Maybe::Is(node) if node.context.0 == "build" => None,
                    // The root of the graph, of which there is only a recipe's path.
                    Maybe::Is(Node { reference, pref, .. }) if reference.0.is_empty() => {
                        (!pref.0.is_empty()).then_some(pref.0)
                    }
                    Maybe::Is(node) => Some(node.reference.0),
                    Maybe::Not(_) => Some(String::new()),
                });
                let requires = requires.unwrap_or_default().into_iter();
                for entry in nodes.chain(requires.map(|entry| entry.get().unwrap_or_default())) {
                    match reference(&entry) {
                        Some((name, version)) => listing.add(name, version),
                        None => listing.unreadable(&entry),
                    }
                }
            }
            Err(error) => listing.broken("this lock file of Conan", &error),
        }
        listing.finish();
    }
}

/// `("pkgc", "0.1.1")` of `pkgc/0.1.1@user/testing#revision:package_id#revision%time`.
pub(super) fn reference(text: &str) -> Option<(&str, &str)> {
    let text = text.split(['@', '#', ':', '%']).next()?.trim();
    let (name, version) = text.split_once('/')?;
    (!name.is_empty() && !version.is_empty() && !version.contains('/')).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::lang_agreement::{Format, check as check_data};
    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&seen("app/conan.lock", content.as_bytes()));
        check_survives("app/conan.lock", content.as_bytes());
    }

    #[test]
    fn both_forms_are_read_without_what_only_builds() {
        check(
            r#"{"graph_lock": {"nodes": {"0": {"path": "conanfile.txt"}, "1": {"ref": "pkgc/0.1.1@user/testing", "context": "host"},
               "2": {"ref": "cmake/3.0", "context": "build"}, "3": {"ref": "wrong/ref/format"}, "4": 1}}, "version": "0.4"}"#,
            expect![[r#"
                conan pkgc 0.1.1 (lock_file)
                ! this entry cannot be read: `wrong/ref/format`
                ! this entry cannot be read: ``
            "#]],
        );
        check(
            r##"{"version": "0.5", "requires": ["sound32/1.0#83d4%1675278904.07"], "build_requires": ["automake/1.16.5#05"]}"##,
            expect![[r#"
                conan sound32 1.0 (lock_file)
            "#]],
        );
        check(
            "{}",
            expect![[r#"
            ! this lock file of Conan has neither a graph nor requirements
        "#]],
        );
    }

    #[test]
    fn packages_are_those_that_others_expect() {
        check_data(&[Format {
            kind: "conan",
            files: "dependency/parser/c/conan/",
            ending: ".lock",
            path: "app/conan.lock",
            cases: 3,
            agreed: 7,
            deviations: &[],
        }]);
    }
}
