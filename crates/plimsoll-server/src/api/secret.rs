//! Secrets that are made up here: tokens, sessions, and what guards them.

use sha2::{Digest as _, Sha256};

use super::ports::Secret;
use super::problem::Problem;

/// Before every token, so that whoever finds one in a file knows what it is.
const TOKEN_PREFIX: &str = "plim_";

/// As many characters of a token are kept to recognise it: too few to guess the rest.
const PREFIX_CHARACTERS: usize = 10;

/// 256 bits, as hexadecimal digits.
pub(super) fn random() -> Result<String, Problem> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Problem::internal(&error))?;
    Ok(hexadecimal(&bytes))
}

/// A new token.
pub(super) fn token() -> Result<Secret, Problem> {
    let text = format!("{TOKEN_PREFIX}{}", random()?);
    let prefix = text[..PREFIX_CHARACTERS].to_owned();
    let hash = hash(&text);
    Ok(Secret { text, prefix, hash })
}

/// What is stored of a secret. It has 256 bits of its own, so that no slow hash is needed.
pub(super) fn hash(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret.as_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares in a time that tells nothing of where two texts differ.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && left.bytes().zip(right.bytes()).fold(0, |sum, (left, right)| sum | (left ^ right)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_another_and_says_what_it_is() {
        let (one, other) = (token().unwrap(), token().unwrap());
        assert!(one.text.starts_with("plim_") && one.text.len() == 69);
        assert_ne!(one.text, other.text);
        assert_eq!(one.hash, hash(&one.text));
        assert!(one.text.starts_with(&one.prefix) && one.prefix.len() < 20);
    }

    #[test]
    fn texts_are_compared_whole() {
        assert!(is_same("abc", "abc"));
        assert!(!is_same("abc", "abd"));
        assert!(!is_same("abc", "ab"));
    }
}
