//! Content digests as the OCI image specification writes them (`sha256:…`).
//!
//! A `Digest` is always well formed; computing one is done where bytes stream past.

use std::fmt;
use std::str::FromStr;

/// The digest algorithms that the OCI image specification registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `sha256`, 32 bytes.
    Sha256,
    /// `sha512`, 64 bytes.
    Sha512,
}

impl Algorithm {
    /// The name in front of the colon.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }
    }

    /// How many bytes a digest of this algorithm has.
    pub fn length_bytes(self) -> usize {
        match self {
            Algorithm::Sha256 => 32,
            Algorithm::Sha512 => 64,
        }
    }
}

/// A content digest: an algorithm and that many bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    bytes: [u8; 64],
}

/// Why a text is no digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestError {
    /// No colon between algorithm and hexadecimal digits.
    NoColon,
    /// An algorithm that Plimsoll does not verify.
    Algorithm(String),
    /// Not exactly the right number of lower-case hexadecimal digits.
    Hex,
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DigestError::NoColon => f.write_str("a digest is written `algorithm:hex`"),
            DigestError::Algorithm(name) => {
                write!(f, "digest algorithm `{}` is neither sha256 nor sha512", crate::Escaped(name))
            }
            DigestError::Hex => {
                f.write_str("a digest ends in 64 (sha256) or 128 (sha512) lower-case hex digits")
            }
        }
    }
}

impl std::error::Error for DigestError {}

impl Digest {
    /// The digest with these SHA-256 bytes.
    pub fn sha256(value: [u8; 32]) -> Digest {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&value);
        Digest { algorithm: Algorithm::Sha256, bytes }
    }

    /// The digest with these SHA-512 bytes.
    pub fn sha512(bytes: [u8; 64]) -> Digest {
        Digest { algorithm: Algorithm::Sha512, bytes }
    }

    /// The algorithm in front of the colon.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digest's bytes, 32 or 64 of them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.length_bytes()]
    }

    /// The hexadecimal digits behind the colon; safe as a file name.
    pub fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let nibbles = self.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
    }

    /// `sha256:` and twelve digits, for people.
    pub fn short(&self) -> String {
        format!("{}:{}", self.algorithm.name(), &self.hex()[..12])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Digest, DigestError> {
        let (name, hex) = text.split_once(':').ok_or(DigestError::NoColon)?;
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            other => return Err(DigestError::Algorithm(other.chars().take(32).collect())),
        };
        let hex = hex.as_bytes();
        if hex.len() != algorithm.length_bytes() * 2 {
            return Err(DigestError::Hex);
        }
        let mut bytes = [0; 64];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
        }
        Ok(Digest { algorithm, bytes })
    }
}

/// The specification asks for lower case; upper case would be a second name for the same thing.
fn nibble(digit: u8) -> Result<u8, DigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(DigestError::Hex),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_and_written_the_same() {
        let text = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        let text = format!("sha512:{}", "f0".repeat(64));
        assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
    }

    #[test]
    fn paths_upper_case_and_other_algorithms_are_refused() {
        for bad in ["", "sha256:", "sha256:../../../../etc/passwd", "md5:00", "abc"] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
        assert_eq!(format!("sha256:{}", "AB".repeat(32)).parse::<Digest>(), Err(DigestError::Hex));
    }
}
