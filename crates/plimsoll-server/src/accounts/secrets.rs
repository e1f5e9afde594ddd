//! Random texts, their hashes, and comparing without telling by the time how much agreed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::AccountError;

/// So many random bytes.
pub(super) fn random<const N: usize>() -> Result<[u8; N], AccountError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| AccountError::System("give random bytes"))?;
    Ok(bytes)
}

/// 256 random bits as a text for cookies and headers.
pub(crate) fn random_text() -> Result<String, AccountError> {
    random::<32>().map(|it| URL_SAFE_NO_PAD.encode(it))
}

/// SHA-256 in hexadecimal digits. Enough for what is random: it cannot be guessed anyway.
pub(super) fn hashed(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// HMAC-SHA-256 over parts, told apart by their lengths.
pub(crate) fn mac(key: &[u8; 32], parts: &[&str]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// Whether two texts are the same, in a time that depends on neither.
pub(crate) fn same(left: &str, right: &str) -> bool {
    same_bytes(&Sha256::digest(left.as_bytes()), &Sha256::digest(right.as_bytes()))
}

/// Whether bytes are the same, in a time that depends on their number alone.
pub(super) fn same_bytes(left: &[u8], right: &[u8]) -> bool {
    let differences = left.iter().zip(right).fold(0, |all, (a, b)| all | (a ^ b));
    left.len() == right.len() && std::hint::black_box(differences) == 0
}
