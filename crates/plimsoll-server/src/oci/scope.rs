//! What one may do with a repository, in the words of the Docker token flow:
//! `repository:team/app:pull,push`.
//!
//! Pure. Words that are not known grant nothing.

use std::fmt;

use super::name::Repository;

/// A set of `pull`, `push` and `delete`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions(u8);

impl Actions {
    /// Nothing.
    pub const NONE: Actions = Actions(0);
    /// Read manifests and blobs.
    pub const PULL: Actions = Actions(1);
    /// Write them, and set tags.
    pub const PUSH: Actions = Actions(2);
    /// Take them away.
    pub const DELETE: Actions = Actions(4);
    /// Everything.
    pub const ALL: Actions = Actions(7);

    const WORDS: [(&'static str, Actions); 4] =
        [("pull", Actions::PULL), ("push", Actions::PUSH), ("delete", Actions::DELETE), ("*", Actions::ALL)];

    /// Both.
    pub fn and(self, other: Actions) -> Actions {
        Actions(self.0 | other.0)
    }

    /// What is in both.
    pub fn within(self, other: Actions) -> Actions {
        Actions(self.0 & other.0)
    }

    /// Whether all of `other` is in this.
    pub fn include(self, other: Actions) -> bool {
        self.0 & other.0 == other.0
    }

    /// Reads words with commas between them.
    pub fn parse(text: &str) -> Actions {
        let word = |text: &str| Actions::WORDS.iter().find(|(word, _)| *word == text).map(|(_, it)| *it);
        text.split(',').filter_map(word).fold(Actions::NONE, Actions::and)
    }

    /// The words for it, `*` never among them.
    pub fn words(self) -> Vec<&'static str> {
        let words = Actions::WORDS.iter().take(3);
        words.filter(|(_, it)| self.include(*it)).map(|(word, _)| *word).collect()
    }
}

/// Some actions on one repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The repository.
    pub repository: Repository,
    /// What is to be done there.
    pub actions: Actions,
}

/// The most scopes that one token may be asked for: a mount needs two.
const SCOPES_MAX: usize = 64;

impl Scope {
    /// Reads the values of all `scope` parameters, each perhaps several with spaces between them.
    /// Kinds that are no repository are left out, since this registry grants nothing there.
    pub fn parse_all<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Scope> {
        values.flat_map(|it| it.split(' ')).filter_map(Scope::parse).take(SCOPES_MAX).collect()
    }

    fn parse(text: &str) -> Option<Scope> {
        let (kind, rest) = text.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        if kind != "repository" {
            return None;
        }
        Some(Scope { repository: name.parse().ok()?, actions: Actions::parse(actions) })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "repository:{}:{}", self.repository, self.actions.words().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> String {
        let scopes: Vec<String> = Scope::parse_all([text].into_iter()).iter().map(Scope::to_string).collect();
        scopes.join(" ")
    }

    #[test]
    fn scopes_are_read_as_clients_write_them() {
        assert_eq!(parse("repository:a/b:pull"), "repository:a/b:pull");
        assert_eq!(parse("repository:a/b:push,pull"), "repository:a/b:pull,push");
        assert_eq!(parse("repository:a/b:*"), "repository:a/b:pull,push,delete");
        assert_eq!(
            parse("repository:a/b:pull repository:a/c:pull"),
            "repository:a/b:pull repository:a/c:pull"
        );
    }

    #[test]
    fn what_is_not_known_grants_nothing() {
        assert_eq!(parse("repository:a/b:admin,pull"), "repository:a/b:pull");
        assert_eq!(parse("repository:a/b:"), "repository:a/b:");
        for bad in
            ["", "a", "registry:catalog:*", "repository:A/b:pull", "repository:../b:pull", "repository"]
        {
            assert_eq!(parse(bad), "", "{bad}");
        }
        let many = "repository:a/b:pull ".repeat(1000);
        assert_eq!(Scope::parse_all([many.as_str()].into_iter()).len(), 64);
    }
}
