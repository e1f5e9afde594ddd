//! Computing digests of documents, and holding them against what a descriptor claims.

use plimsoll_core::{Algorithm, Digest};
use sha2::{Digest as _, Sha256, Sha512};

use crate::Error;

/// The digest of these bytes.
pub(crate) fn digest_of(algorithm: Algorithm, bytes: &[u8]) -> Digest {
    match algorithm {
        Algorithm::Sha256 => Digest::sha256(Sha256::digest(bytes).into()),
        Algorithm::Sha512 => Digest::sha512(Sha512::digest(bytes).into()),
    }
}

/// Checks that a document is the one that was asked for.
pub(crate) fn verify(
    what: &str,
    bytes: &[u8],
    claimed: &Digest,
    claimed_bytes: Option<u64>,
) -> Result<(), Error> {
    if let Some(claimed_bytes) = claimed_bytes
        && u64::try_from(bytes.len()) != Ok(claimed_bytes)
    {
        let actual = bytes.len();
        return Err(Error::malformed(format!(
            "{what} {claimed} has {actual} bytes, but its descriptor says {claimed_bytes}"
        )));
    }
    let actual = digest_of(claimed.algorithm(), bytes);
    if actual == *claimed {
        return Ok(());
    }
    Err(Error::malformed(format!(
        "{what} {claimed} is damaged or was exchanged: its content has the digest {actual}"
    )))
}
