//! What a definition's criteria say, read from their comments.

use std::collections::{BTreeMap, BTreeSet};

use super::super::oval::{self, Definition, Leaf, Role, clauses};
use super::super::shared::{capped, package_name};
use crate::FeedOutput;

/// A fix: in which release, of which package, with which version, in which module.
pub(super) type Fix<'n> = (&'n str, &'n str, &'n str, Option<&'n str>);

/// The fixes of a definition, each with the architectures for which it is one.
#[derive(Default)]
pub(super) struct Fixes<'n> {
    pub(super) found: BTreeMap<Fix<'n>, BTreeSet<&'n str>>,
    /// All that the definition names.
    pub(super) architectures: BTreeSet<&'n str>,
}

/// What a criterion says.
enum Word<'n> {
    Release(&'n str),
    Architecture(&'n str),
    Module(&'n str),
    /// A package that is older than a version.
    Package(&'n str, &'n str),
    /// Whose key signed it, and that it is of a flavour, which its version says as well.
    Nothing,
    Unknown,
}

fn word(comment: &str) -> Word<'_> {
    if let Some((package, fixed)) = oval::fixed_in(comment) {
        return Word::Package(package, fixed);
    }
    if let Some(architecture) = comment.strip_prefix("Oracle Linux arch is ") {
        return Word::Architecture(architecture.trim());
    }
    let is_release = |it: &&str| (1..=3).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_digit());
    let release = comment.strip_prefix("Oracle Linux ").and_then(|it| it.strip_suffix(" is installed"));
    if let Some(release) = release.filter(is_release) {
        return Word::Release(release);
    }
    if let Some(module) = comment.strip_prefix("Module ").and_then(|it| it.strip_suffix(" is enabled")) {
        return Word::Module(module.trim());
    }
    let says_nothing = comment.contains(" is signed with ")
        || comment.ends_with(" is ksplice-based")
        || comment.contains(" is fips")
        || comment.contains(" is FIPS");
    if says_nothing { Word::Nothing } else { Word::Unknown }
}

/// The fixes that a definition's criteria come to; what is not understood is noted, and limits
/// nothing.
pub(super) fn fixes<'n>(
    definition: &Definition,
    id: &str,
    comment: &dyn Fn(Leaf) -> &'n str,
    out: &mut FeedOutput,
) -> Fixes<'n> {
    let mut fixes = Fixes::default();
    let Some(criteria) = &definition.criteria else {
        return fixes;
    };
    let role = |leaf: Leaf| match word(comment(leaf)) {
        Word::Package(..) => Role::Package,
        Word::Nothing => Role::Nothing,
        // What nobody understands is a condition, so that it is seen and noted below.
        Word::Release(_) | Word::Architecture(_) | Word::Module(_) | Word::Unknown => Role::Condition,
    };
    let mut unknown = BTreeSet::new();
    clauses(criteria, &role, &mut |packages, conditions| {
        let conditions = || conditions.iter().flatten().map(|leaf| comment(*leaf));
        let mut module = None;
        let (mut releases, mut architectures) = (Vec::new(), BTreeSet::new());
        for condition in conditions() {
            match word(condition) {
                Word::Release(release) => releases.push(release),
                Word::Architecture(architecture) => {
                    architectures.insert(architecture);
                }
                Word::Module(name) => module = Some(name),
                Word::Unknown => {
                    unknown.insert(condition);
                }
                Word::Package(..) | Word::Nothing => (),
            }
        }
        fixes.architectures.extend(&architectures);
        for package in packages {
            let Word::Package(name, fixed) = word(comment(*package)) else { continue };
            let (Some(name), Some(fixed)) = (package_name(name), oval::plain_version(fixed)) else {
                unknown.insert(comment(*package));
                continue;
            };
            for release in &releases {
                fixes.found.entry((*release, name, fixed, module)).or_default().extend(&architectures);
            }
        }
    });
    for comment in unknown {
        let why = format!("the criterion `{}` is not understood", capped(comment, 100));
        out.quarantine_part(id, why);
    }
    fixes
}
