//! Digests of bytes as they pass.

use plimsoll_core::Algorithm;
use plimsoll_core::Digest;
use sha2::{Digest as _, Sha256, Sha512};

/// A digest that is still growing.
#[derive(Clone)]
pub enum Hash {
    /// Of SHA-256.
    Sha256(Sha256),
    /// Of SHA-512.
    Sha512(Sha512),
}

impl Hash {
    /// The digest of nothing yet.
    pub fn new(algorithm: Algorithm) -> Hash {
        match algorithm {
            Algorithm::Sha256 => Hash::Sha256(Sha256::new()),
            Algorithm::Sha512 => Hash::Sha512(Sha512::new()),
        }
    }

    /// The digest of bytes that are all there.
    pub fn of(algorithm: Algorithm, bytes: &[u8]) -> Digest {
        let mut hash = Hash::new(algorithm);
        hash.update(bytes);
        hash.finish()
    }

    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha512(hash) => hash.update(bytes),
        }
    }

    /// The digest of all that was taken in.
    pub fn finish(self) -> Digest {
        match self {
            Hash::Sha256(hash) => Digest::sha256(hash.finalize().into()),
            Hash::Sha512(hash) => Digest::sha512(hash.finalize().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        let expected = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Hash::of(Algorithm::Sha256, b"").to_string(), expected);
        let start = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce";
        assert!(Hash::of(Algorithm::Sha512, b"").to_string().starts_with(start));
    }
}
