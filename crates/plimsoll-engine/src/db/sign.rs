//! Signatures in minisign's form (Ed25519; <https://jedisct1.github.io/minisign/>, "file formats"),
//! so that anyone can verify a bundle, or sign one, with the tool that their system has.
//!
//! Reads and writes texts, never files. A secret key is not encrypted here: whoever wants a
//! password makes the key with minisign and signs with minisign.

use aws_lc_rs::rand;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};

/// Signatures over the bytes themselves.
const LEGACY: &[u8; 2] = b"Ed";
/// Signatures over the bytes' BLAKE2b-512, which minisign makes by itself.
const PREHASHED: &[u8; 2] = b"ED";
/// How an encrypted key's sum is made.
const SUM: &[u8; 2] = b"B2";
/// A signature file or key file is at most so large; the field's have 300 bytes.
const FILE_BYTES_MAX: usize = 8 << 10;

/// A key that signs.
pub struct SecretKey {
    id: [u8; 8],
    pair: Ed25519KeyPair,
    seed: [u8; 32],
}

/// A key that verifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    id: [u8; 8],
    bytes: [u8; 32],
}

/// Why a key or signature is none, or does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key's file cannot be read.
    #[error("this is no {0} in minisign's form")]
    NotAKey(&'static str),
    /// The secret key is encrypted.
    #[error(
        "the secret key is encrypted; export without a key, sign with minisign, and give the signature with --signature"
    )]
    Encrypted,
    /// The signature's file cannot be read.
    #[error("the signature is not in minisign's form")]
    NotASignature,
    /// Another key made it.
    #[error("it was signed with the key {signed}, and the key that was given is {given}")]
    OtherKey {
        /// The signature's.
        signed: String,
        /// Ours.
        given: String,
    },
    /// The bytes are others, or the signature is.
    #[error("the signature is not that of these bytes")]
    Wrong,
    /// The random generator failed.
    #[error("the system gives no random numbers")]
    NoRandom,
}

impl SecretKey {
    /// A new key.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn generate() -> Result<SecretKey, SignatureError> {
        let (mut seed, mut id) = ([0; 32], [0; 8]);
        rand::fill(&mut seed).map_err(|_| SignatureError::NoRandom)?;
        rand::fill(&mut id).map_err(|_| SignatureError::NoRandom)?;
        SecretKey::new(id, seed).ok_or(SignatureError::NoRandom)
    }

    fn new(id: [u8; 8], seed: [u8; 32]) -> Option<SecretKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        Some(SecretKey { id, pair, seed })
    }

    /// The key that verifies what this one signs.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey { id: self.id, bytes }
    }

    /// The key's file: minisign's, without encryption.
    pub fn to_text(&self) -> String {
        let mut pair = self.seed.to_vec();
        pair.extend(self.public().bytes);
        // The way of encryption (none), its salt and its two costs come before the key itself; the
        // sum behind it serves to tell a wrong password, and minisign leaves it empty here.
        let bytes = [LEGACY.as_slice(), &[0; 2], SUM, &[0; 48], &self.id, &pair, &[0; 32]].concat();
        format!("untrusted comment: secret key {}\n{}\n", shown(&self.id), STANDARD.encode(bytes))
    }

    /// Reads what [`SecretKey::to_text`] or `minisign -GW` wrote.
    ///
    /// # Errors
    /// Where it is no such key, or an encrypted one.
    pub fn parse(text: &str) -> Result<SecretKey, SignatureError> {
        let none = SignatureError::NotAKey("secret key");
        let bytes: [u8; 158] = commented(text).ok_or_else(|| none.clone())?;
        let (kind, way, of_sum) = (&bytes[..2], &bytes[2..4], &bytes[4..6]);
        if kind != LEGACY || of_sum != SUM {
            return Err(none);
        }
        if way != [0; 2] {
            return Err(SignatureError::Encrypted);
        }
        let key = SecretKey::new(part(&bytes[54..]), part(&bytes[62..])).ok_or_else(|| none.clone())?;
        if key.public().bytes == bytes[94..126] { Ok(key) } else { Err(none) }
    }

    /// The signature's file. The comment is signed, too; it must be one line.
    pub fn sign(&self, bytes: &[u8], comment: &str) -> String {
        let comment: String = comment.chars().filter(|it| !it.is_control()).collect();
        let signature = self.pair.sign(bytes);
        let both = self.pair.sign(&[signature.as_ref(), comment.as_bytes()].concat());
        let first = [LEGACY.as_slice(), &self.id, signature.as_ref()].concat();
        format!(
            "untrusted comment: signature from key {}\n{}\ntrusted comment: {comment}\n{}\n",
            shown(&self.id),
            STANDARD.encode(first),
            STANDARD.encode(both.as_ref())
        )
    }
}

impl PublicKey {
    /// The key's file.
    pub fn to_text(&self) -> String {
        let bytes = [LEGACY.as_slice(), &self.id, &self.bytes].concat();
        format!("untrusted comment: minisign public key {}\n{}\n", shown(&self.id), STANDARD.encode(bytes))
    }

    /// The key's number, as minisign shows it.
    pub fn id_text(&self) -> String {
        shown(&self.id)
    }

    /// Reads a public key: minisign's file, or its second line alone.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<PublicKey, SignatureError> {
        let bare = || decoded(text.trim()).filter(|_| text.len() <= FILE_BYTES_MAX);
        let bytes: [u8; 42] = commented(text).or_else(bare).ok_or(SignatureError::NotAKey("public key"))?;
        if &bytes[..2] != LEGACY {
            return Err(SignatureError::NotAKey("public key"));
        }
        Ok(PublicKey { id: part(&bytes[2..]), bytes: part(&bytes[10..]) })
    }

    /// Verifies a signature's file; gives its trusted comment.
    ///
    /// # Errors
    /// Where it is another key's, or not of these bytes.
    pub fn verify(&self, bytes: &[u8], signature: &str) -> Result<String, SignatureError> {
        if signature.len() > FILE_BYTES_MAX {
            return Err(SignatureError::NotASignature);
        }
        let mut lines = signature.lines();
        let mut next = || lines.next().ok_or(SignatureError::NotASignature);
        let _untrusted = next()?;
        let first: [u8; 74] = decoded(next()?).ok_or(SignatureError::NotASignature)?;
        let comment = next()?.strip_prefix("trusted comment: ").ok_or(SignatureError::NotASignature)?;
        let both: [u8; 64] = decoded(next()?).ok_or(SignatureError::NotASignature)?;
        let (kind, id, own) = (&first[..2], part(&first[2..]), &first[10..]);
        if id != self.id {
            return Err(SignatureError::OtherKey { signed: shown(&id), given: shown(&self.id) });
        }
        let key = UnparsedPublicKey::new(&ED25519, self.bytes);
        let verified = match kind {
            kind if kind == LEGACY => key.verify(bytes, own),
            kind if kind == PREHASHED => key.verify(&Blake2b512::digest(bytes), own),
            _ => return Err(SignatureError::NotASignature),
        };
        verified.map_err(|_| SignatureError::Wrong)?;
        key.verify(&[own, comment.as_bytes()].concat(), &both).map_err(|_| SignatureError::Wrong)?;
        Ok(comment.to_owned())
    }
}

/// The bytes of the second line, behind a comment.
fn commented<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    if text.len() > FILE_BYTES_MAX || !text.starts_with("untrusted comment:") {
        return None;
    }
    decoded(text.lines().nth(1)?)
}

fn decoded<const LENGTH: usize>(line: &str) -> Option<[u8; LENGTH]> {
    STANDARD.decode(line.trim_end()).ok()?.try_into().ok()
}

/// The first bytes of a slice that is long enough by its type's length.
fn part<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    bytes[..LENGTH].try_into().expect("the slice was cut to this length")
}

/// A key's number is written as one number, its bytes beginning with the lowest.
fn shown(id: &[u8; 8]) -> String {
    format!("{:016X}", u64::from_le_bytes(*id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_is_verified_and_nothing_else_is() {
        let key = SecretKey::generate().unwrap();
        let again = SecretKey::parse(&key.to_text()).unwrap();
        let public = PublicKey::parse(&key.public().to_text()).unwrap();
        let signature = again.sign(b"a recipe", "snapshot 7\nforged");
        assert_eq!(public.verify(b"a recipe", &signature).unwrap(), "snapshot 7forged");
        assert_eq!(public.verify(b"another", &signature), Err(SignatureError::Wrong));
        let other = signature.replace("snapshot 7", "snapshot 8");
        assert_eq!(public.verify(b"a recipe", &other), Err(SignatureError::Wrong));
        let stranger = SecretKey::generate().unwrap().public();
        assert!(matches!(stranger.verify(b"a recipe", &signature), Err(SignatureError::OtherKey { .. })));
        let bare = key.public().to_text().lines().nth(1).unwrap().to_owned();
        assert_eq!(PublicKey::parse(&bare).unwrap(), public);
    }

    #[test]
    fn what_is_no_key_or_signature_is_said_to_be_none() {
        let key = SecretKey::generate().unwrap();
        let signature = key.sign(b"x", "");
        for cut in 0..signature.len() - 1 {
            assert!(key.public().verify(b"x", &signature[..cut]).is_err(), "{cut}");
        }
        for text in ["", "untrusted comment:", "untrusted comment:\nAAAA", "RWQ", &"A".repeat(1 << 20)] {
            assert!(PublicKey::parse(text).is_err() && SecretKey::parse(text).is_err());
            assert!(key.public().verify(b"x", text).is_err());
        }
    }

    /// `minisign -GW` and `minisign -S` of Debian 12 (version 0.11).
    #[test]
    fn keys_and_signatures_of_minisign_are_read() {
        let public = PublicKey::parse(MINISIGN_PUBLIC).unwrap();
        assert_eq!(SecretKey::parse(MINISIGN_SECRET).unwrap().public(), public);
        assert_eq!(public.verify(b"hello\n", MINISIGN_PREHASHED).unwrap(), "prehashed");
        assert_eq!(public.verify(b"hello\n", MINISIGN_LEGACY).unwrap(), "legacy");
    }

    const MINISIGN_PUBLIC: &str = "\
untrusted comment: minisign public key E11D33F752D5D158
RWRY0dVS9zMd4V/JsqaZRNzUQlU6ePMr8TUaHsbz+iNYNx39x5Edosg4
";
    const MINISIGN_SECRET: &str = "\
untrusted comment: minisign encrypted secret key
RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWNHVUvczHeGO5pnuEM3uZNBSBCjhRIhbih8SdV408aZZLH3M1iFQvF/JsqaZRNzUQlU6ePMr8TUaHsbz+iNYNx39x5Edosg4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
";
    const MINISIGN_PREHASHED: &str = "\
untrusted comment: signature from minisign secret key
RURY0dVS9zMd4WODXtCpvYDA4CiQeDaL63E1PvknNnXlSGIHW0Vi5f8A8+jYIOdqM36br+kXZzmlW4CWC1DixI87paj9HoHdggo=
trusted comment: prehashed
6hmZcTXtoPMg16f0TjBzeY8DoMR9bwUKfMaDBLOZjh+k0WaEmHSE6uiUAZ+uN1a168H2T0pdXZGDEKWptvmPAg==
";
    const MINISIGN_LEGACY: &str = "\
untrusted comment: signature from minisign secret key
RWRY0dVS9zMd4a+rKOL66t7kv36zj9s83lxcE1gRGxNcFptTc6cxa6jVOlG13Iz7THcO832i/W0ZSNRfB9fmZuNuQOiBe+GfIAg=
trusted comment: legacy
+pd3yhORaubRJl8FFaTytLGnd1jtHo8vDBUbJmIBpC3gPqTb33Uhl/q9bE9NSBBJcl0pC3Ns7t+pGl7E6FRaCA==
";
}
