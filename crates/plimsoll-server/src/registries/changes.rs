//! What is to be done so that a repository is listed here as it is there. Pure.

use std::collections::BTreeMap;

use plimsoll_core::{Digest, TextPattern};

/// Globs as settings have them: `*` for what has no slash in it, `**` for anything.
pub(super) struct Globs(Vec<TextPattern>);

impl Globs {
    pub(super) fn new(globs: &[String]) -> Globs {
        let pattern = |it: &String| match it.contains(['*', '?']) {
            true => TextPattern::Glob(it.clone()),
            false => TextPattern::Exact(it.clone()),
        };
        Globs(globs.iter().map(pattern).collect())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.iter().any(|it| it.matches(text))
    }

    /// The names, where each of them is one and no pattern: a registry need not be asked what it has.
    pub(super) fn names(&self) -> Option<Vec<String>> {
        let name = |it: &TextPattern| match it {
            TextPattern::Exact(name) => Some(name.clone()),
            TextPattern::Glob(_) => None,
        };
        self.0.iter().map(name).collect()
    }
}

/// What is to be done with one tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It points at something else there: at this, or the registry does not say at what.
    Point(String, Option<Digest>),
    /// It is there no more.
    Remove(String),
}

/// The changes that make what is here what is there.
pub(super) fn changes(
    there: &BTreeMap<String, Option<Digest>>,
    here: &BTreeMap<String, Digest>,
) -> Vec<Change> {
    let moved = there.iter().filter(|(tag, digest)| match digest {
        Some(digest) => here.get(*tag) != Some(digest),
        None => true,
    });
    let gone = here.keys().filter(|tag| !there.contains_key(*tag));
    moved
        .map(|(tag, digest)| Change::Point(tag.clone(), *digest))
        .chain(gone.map(|tag| Change::Remove(tag.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_pointed_and_what_went_is_removed() {
        let digest = |number| Digest::sha256([number; 32]);
        let there = BTreeMap::from([
            ("same".to_owned(), Some(digest(1))),
            ("moved".to_owned(), Some(digest(2))),
            ("new".to_owned(), Some(digest(3))),
            ("unsaid".to_owned(), None),
        ]);
        let here = BTreeMap::from([
            ("same".to_owned(), digest(1)),
            ("moved".to_owned(), digest(9)),
            ("gone".to_owned(), digest(4)),
            ("unsaid".to_owned(), digest(5)),
        ]);
        let expected = [
            Change::Point("moved".to_owned(), Some(digest(2))),
            Change::Point("new".to_owned(), Some(digest(3))),
            Change::Point("unsaid".to_owned(), None),
            Change::Remove("gone".to_owned()),
        ];
        assert_eq!(changes(&there, &here), expected);
    }

    #[test]
    fn names_need_no_catalog_and_globs_do() {
        let globs = |all: &[&str]| Globs::new(&all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(globs(&["library/app", "x"]).names(), Some(vec!["library/app".into(), "x".into()]));
        let some = globs(&["library/*", "team/**", "x"]);
        assert_eq!(some.names(), None);
        for (name, expected) in
            [("library/app", true), ("library/a/b", false), ("team/a/b", true), ("x", true), ("xy", false)]
        {
            assert_eq!(some.matches(name), expected, "{name}");
        }
    }
}
