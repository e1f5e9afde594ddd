//! The names of namespaces, repositories and tags: well formed once they are values.
//!
//! The grammar is the OCI distribution specification's, "Pulling manifests":
//! <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>.

use std::fmt;

use crate::Error;
use crate::database::{Column, Row, Value};

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No part, or a part of no character.
    #[error("a name, or a part of it, is empty")]
    Empty,
    /// Longer than it may be.
    #[error("a name is longer than {0} characters")]
    Long(usize),
    /// A character, or an order of them, that the specification does not allow.
    #[error("a name has lower-case letters and digits, between them `.`, `_`, `__` or hyphens")]
    Characters,
    /// A tag's character.
    #[error("a tag has letters, digits, `_`, `.` and `-`, and does not begin with the last two")]
    Tag,
}

/// Namespace and repository together; clients refuse longer names of repositories.
const NAME_CHARACTERS_MAX: usize = 255;

/// The specification's.
const TAG_CHARACTERS_MAX: usize = 128;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Reads a name.
            pub fn parse(text: &str) -> Result<$name, NameError> {
                let check: fn(&str) -> Result<(), NameError> = $check;
                check(text).map(|()| $name(text.to_owned()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Column for $name {
            fn read(row: &Row, index: usize) -> Result<Self, Error> {
                row.get(index).map($name)
            }
        }

        impl From<&$name> for Value {
            fn from(name: &$name) -> Value {
                Value::from(name.as_str())
            }
        }
    )*};
}

names! {
    /// The first part of what a client calls a repository.
    NamespaceName, |text| short_enough(text).and_then(|()| part(text));
    /// The parts behind the namespace, any number of them.
    RepositoryName, |text| short_enough(text).and_then(|()| text.split('/').try_for_each(part));
    /// A tag.
    TagName, tag;
}

/// Reads `namespace/repository`, as it stands behind `/v2/`.
pub fn full_name(text: &str) -> Result<(NamespaceName, RepositoryName), NameError> {
    short_enough(text)?;
    let (namespace, repository) = text.split_once('/').ok_or(NameError::Empty)?;
    Ok((NamespaceName::parse(namespace)?, RepositoryName::parse(repository)?))
}

fn short_enough(text: &str) -> Result<(), NameError> {
    if text.len() > NAME_CHARACTERS_MAX { Err(NameError::Long(NAME_CHARACTERS_MAX)) } else { Ok(()) }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn part(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut separator = String::new();
    let mut follows_word = false;
    for character in text.chars() {
        if character.is_ascii() && word(character as u8) {
            let hyphens = separator.bytes().all(|byte| byte == b'-');
            let allowed = hyphens || matches!(separator.as_str(), "." | "_" | "__");
            let stands_between = follows_word && allowed;
            if !separator.is_empty() && !stands_between {
                return Err(NameError::Characters);
            }
            separator.clear();
            follows_word = true;
        } else {
            separator.push(character);
        }
    }
    if separator.is_empty() { Ok(()) } else { Err(NameError::Characters) }
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn tag(text: &str) -> Result<(), NameError> {
    let first = text.bytes().next().ok_or(NameError::Empty)?;
    if text.len() > TAG_CHARACTERS_MAX {
        return Err(NameError::Long(TAG_CHARACTERS_MAX));
    }
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !word(first) || !text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-')) {
        return Err(NameError::Tag);
    }
    Ok(())
}

/// Letters, digits and hyphens, at most 64: safe as a file's name and in an address.
pub(crate) fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_specification_says() {
        for good in ["a", "a1", "a.b", "a_b", "a__b", "a---b", "0"] {
            assert!(NamespaceName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "a..b", "a___b", "-a", "a-", "a._b", "a/b", "ä", "a b", "a\0"] {
            assert!(NamespaceName::parse(bad).is_err(), "{bad}");
        }
        assert!(RepositoryName::parse("a/b/c-d").is_ok());
        for bad in ["/a", "a/", "a//b", "a/../b"] {
            assert!(RepositoryName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_part_is_the_namespace() {
        let (namespace, repository) = full_name("team/app/web").unwrap();
        assert_eq!((namespace.as_str(), repository.as_str()), ("team", "app/web"));
        assert_eq!(full_name("team"), Err(NameError::Empty));
        assert_eq!(full_name(&format!("a/{}", "b".repeat(254))), Err(NameError::Long(255)));
    }

    #[test]
    fn a_tag_is_what_the_specification_says() {
        for good in ["latest", "_1", "V1.0-rc.1"] {
            assert!(TagName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".a", "-a", "a/b", "a:b", "ä"] {
            assert!(TagName::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(TagName::parse(&"a".repeat(129)), Err(NameError::Long(128)));
    }
}
