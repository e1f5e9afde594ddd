//! The issuer's token: verified, and read.
//!
//! Signatures are `jsonwebtoken`'s. How a token is verified is not the token's choice: the algorithms
//! that come into question are those of the kind of key that the issuer publishes under the name that
//! the token gives, and none of them is symmetric.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use plimsoll_core::Timestamp;
use serde_json::Value;

use super::OidcError;

/// Longer tokens are none.
const TOKEN_BYTES_MAX: usize = 64 * 1024;

/// How far the issuer's clock may be from ours.
const SKEW_SECONDS: i64 = 60;

/// A token of this age was not made for this sign-in.
const AGE_SECONDS_MAX: i64 = 3_600;

/// The most keys that a token is tried with, where it does not name one.
const KEYS_MAX: usize = 32;

/// What a token must say.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

/// What a token says.
#[derive(Clone, Debug)]
pub(super) struct Claims {
    /// Who, as the issuer knows them for ever.
    pub(super) subject: String,
    all: Value,
}

impl Claims {
    /// Whether there is such a word.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all.get(name).is_some()
    }

    /// With what the issuer says besides, if that is about the same somebody; what was signed holds.
    pub(super) fn completed(mut self, more: Value) -> Result<Claims, OidcError> {
        if more.get("sub").and_then(Value::as_str) != Some(&self.subject) {
            return Err(OidcError::Token("what the issuer says besides is about somebody else"));
        }
        if let (Value::Object(all), Value::Object(more)) = (&mut self.all, more) {
            for (name, value) in more {
                all.entry(name).or_insert(value);
            }
        }
        Ok(self)
    }

    /// Another word of the token.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name)?.as_str()
    }

    /// Several words: a list, or one.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        match self.all.get(name) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }
}

/// The key that a token names; the issuer may have others by now.
pub(super) fn key_id(token: &str) -> Result<Option<String>, OidcError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(OidcError::Token("it is too long"));
    }
    let header = decode_header(token).map_err(|_| OidcError::Token("its head cannot be read"))?;
    Ok(header.kid)
}

/// Reads a token that one of the keys has signed and that says what it must.
pub(super) fn verify(token: &str, keys: &[Jwk], expected: Expected<'_>) -> Result<Claims, OidcError> {
    let named = key_id(token)?;
    let fits = |key: &&Jwk| named.is_none() || key.common.key_id == named;
    let signs = |key: &&Jwk| matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let mut candidates = keys.iter().filter(signs).filter(fits).take(KEYS_MAX);
    let all = candidates.find_map(|key| signed_by(token, key, expected));
    let all = all.ok_or(OidcError::Token("no key of the issuer has signed it for us"))?;
    check(&all, expected)?;
    let subject = all.get("sub").and_then(Value::as_str).filter(|it| !it.is_empty() && it.len() <= 255);
    let subject = subject.ok_or(OidcError::Token("it does not say who it is about"))?.to_owned();
    Ok(Claims { subject, all })
}

/// What a token says, if this key has signed it by an algorithm of its kind.
fn signed_by(token: &str, key: &Jwk, expected: Expected<'_>) -> Option<Value> {
    let algorithms = algorithms(key);
    let mut validation = Validation::new(*algorithms.first()?);
    validation.algorithms = algorithms.to_vec();
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // By our clock, below.
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(key).ok()?;
    decode::<Value>(token, &key, &validation).ok().map(|it| it.claims)
}

/// By which algorithms a key of this kind signs. A symmetric key is none that anybody publishes.
fn algorithms(key: &Jwk) -> &'static [Algorithm] {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    match &key.algorithm {
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(it) => match it.curve {
            EllipticCurve::P256 => &[ES256],
            EllipticCurve::P384 => &[ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(it) => match it.curve {
            EllipticCurve::Ed25519 => &[EdDSA],
            _ => &[],
        },
        _ => &[],
    }
}

/// OpenID Connect Core, 3.1.3.7.
fn check(all: &Value, expected: Expected<'_>) -> Result<(), OidcError> {
    let text = |name: &str| all.get(name).and_then(Value::as_str);
    let time = |name: &str| all.get(name).and_then(Value::as_f64).map(|it| it as i64);
    if text("iss") != Some(expected.issuer) {
        return Err(OidcError::Token("it is of another issuer"));
    }
    let audiences: Vec<&str> = match all.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&expected.client) {
        return Err(OidcError::Token("it is for somebody else"));
    }
    // With several audiences it says for whom it was made.
    let party = all.get("azp");
    if (audiences.len() > 1 || party.is_some()) && party.and_then(Value::as_str) != Some(expected.client) {
        return Err(OidcError::Token("it was made for somebody else"));
    }
    let now = expected.now.0;
    if time("exp").is_none_or(|it| it.saturating_add(SKEW_SECONDS) <= now) {
        return Err(OidcError::Token("its time is over"));
    }
    if time("nbf").is_some_and(|it| it > now.saturating_add(SKEW_SECONDS)) {
        return Err(OidcError::Token("its time has not come"));
    }
    let fresh = now.saturating_sub(AGE_SECONDS_MAX)..=now.saturating_add(SKEW_SECONDS);
    if !time("iat").is_some_and(|it| fresh.contains(&it)) {
        return Err(OidcError::Token("it was not made now"));
    }
    if expected.nonce.is_empty() || text("nonce") != Some(expected.nonce) {
        return Err(OidcError::Token("it answers another question"));
    }
    Ok(())
}
