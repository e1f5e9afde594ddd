//! Keys of blobs and ids of uploads: 128 random bits, never used twice, and nobody guesses another's.

use std::fmt;
use std::str::FromStr;

/// Where a blob or an upload lies, written as 32 lower-case hexadecimal digits; safe as a file name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobKey([u8; 16]);

/// The text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 32 lower-case hexadecimal digits")]
pub struct BlobKeyError;

impl BlobKey {
    /// A new one; nothing if the system has no randomness to give.
    pub fn random() -> Option<BlobKey> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        Some(BlobKey(bytes))
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BlobKey {
    type Err = BlobKeyError;

    fn from_str(text: &str) -> Result<BlobKey, BlobKeyError> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(is_digit) {
            return Err(BlobKeyError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| BlobKeyError)?;
        Ok(BlobKey(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written_and_nothing_else_is() {
        let id = BlobKey::random().unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "..", "0123", &"A".repeat(32), &"g".repeat(32), &"+".repeat(32), &"0".repeat(33)] {
            assert_eq!(bad.parse::<BlobKey>(), Err(BlobKeyError), "{bad}");
        }
    }
}
