//! Bearer tokens: short-lived, signed with this registry's key, and saying what was granted.
//!
//! A JSON web token (RFC 7519) with HMAC-SHA-256 and one fixed header. The header of a token that
//! comes in is compared with ours and never read, so that nobody chooses how it is verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use plimsoll_core::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::name::Repository;
use super::scope::{Actions, Scope};

/// How long a bearer token lasts: long enough for a slow client to begin its request, short enough
/// that what was taken away is soon gone. Clients fetch the next one by themselves.
pub const TOKEN_SECONDS: i64 = 300;

/// How long an offline token lasts, with which a client that has no password any more gets tokens.
pub const OFFLINE_TOKEN_SECONDS: i64 = 30 * 86_400;

/// Longer ones are none of ours.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// `{"alg":"HS256","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// The key that signs tokens.
pub struct TokenKey(Hmac<Sha256>);

/// What a token is good for; one of the other kind is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// For requests.
    Access,
    /// For getting others.
    Offline,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Which registry it is for.
    #[serde(rename = "aud")]
    pub service: String,
    /// Whose it is; empty for somebody who has not signed in.
    #[serde(rename = "sub")]
    pub account: String,
    /// What it is good for.
    pub kind: Kind,
    /// When it was made, in seconds since 1970.
    #[serde(rename = "iat")]
    pub issued_at: i64,
    /// From when on it is nothing worth.
    #[serde(rename = "exp")]
    pub expires_at: i64,
    /// What was granted.
    pub access: Vec<Granted>,
}

/// What was granted for one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Always `repository`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its whole name.
    pub name: String,
    /// `pull`, `push`, `delete`.
    pub actions: Vec<String>,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not signed by this registry, or not a token at all.
    #[error("the token is none of this registry")]
    Foreign,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

impl Granted {
    /// What a scope says, as a token says it.
    pub fn of(scope: &Scope) -> Granted {
        let actions = scope.actions.words().into_iter().map(str::to_owned).collect();
        Granted { kind: "repository".to_owned(), name: scope.repository.to_string(), actions }
    }
}

impl Claims {
    /// What was granted for a repository.
    pub fn actions(&self, repository: &Repository) -> Actions {
        let name = repository.to_string();
        let granted = self.access.iter().filter(|it| it.kind == "repository" && it.name == name);
        granted.map(|it| Actions::parse(&it.actions.join(","))).fold(Actions::NONE, Actions::and)
    }
}

impl TokenKey {
    /// The key that these random bytes are.
    pub fn new(bytes: &[u8; 32]) -> TokenKey {
        TokenKey(Hmac::new_from_slice(bytes).expect("HMAC takes keys of any length"))
    }

    /// Writes a token.
    pub fn sign(&self, claims: &Claims) -> String {
        let claims = serde_json::to_vec(claims).expect("claims are texts and numbers");
        let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    /// Reads a token of this registry that is still good.
    pub fn verify(
        &self,
        token: &str,
        service: &str,
        kind: Kind,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        let claims = self.open(token).ok_or(TokenError::Foreign)?;
        if claims.service != service || claims.kind != kind {
            return Err(TokenError::Foreign);
        }
        if claims.expires_at <= now.0 { Err(TokenError::Expired) } else { Ok(claims) }
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        self.0.clone().chain_update(signed.as_bytes())
    }

    fn open(&self, token: &str) -> Option<Claims> {
        if TOKEN_BYTES_MAX < token.len() {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(signed).verify_slice(&signature).ok()?;
        if header != HEADER {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000);

    fn claims() -> Claims {
        let scopes = Scope::parse_all(["repository:a/b:pull,push"].into_iter());
        Claims {
            service: "registry".to_owned(),
            account: "anna".to_owned(),
            kind: Kind::Access,
            issued_at: NOW.0,
            expires_at: NOW.0 + TOKEN_SECONDS,
            access: scopes.iter().map(Granted::of).collect(),
        }
    }

    fn verify(token: &str) -> Result<Claims, TokenError> {
        TokenKey::new(&[1; 32]).verify(token, "registry", Kind::Access, NOW)
    }

    #[test]
    fn a_token_says_what_was_granted() {
        let token = TokenKey::new(&[1; 32]).sign(&claims());
        let read = verify(&token).unwrap();
        assert_eq!(read, claims());
        assert_eq!(read.actions(&"a/b".parse().unwrap()), Actions::PULL.and(Actions::PUSH));
        assert_eq!(read.actions(&"a/c".parse().unwrap()), Actions::NONE);
    }

    #[test]
    fn a_token_of_another_key_kind_service_or_time_is_refused() {
        let key = TokenKey::new(&[1; 32]);
        let sign = |change: fn(&mut Claims)| {
            let mut claims = claims();
            change(&mut claims);
            key.sign(&claims)
        };
        assert_eq!(verify(&TokenKey::new(&[2; 32]).sign(&claims())), Err(TokenError::Foreign));
        assert_eq!(verify(&sign(|it| it.kind = Kind::Offline)), Err(TokenError::Foreign));
        assert_eq!(verify(&sign(|it| it.service.push('x'))), Err(TokenError::Foreign));
        assert_eq!(verify(&sign(|it| it.expires_at = NOW.0)), Err(TokenError::Expired));
    }

    #[test]
    fn nobody_chooses_how_a_token_is_verified() {
        let token = TokenKey::new(&[1; 32]).sign(&claims());
        let body = token.split('.').nth(1).unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        for bad in [
            String::new(),
            "..".to_owned(),
            format!("{none}.{body}."),
            format!("{HEADER}.{body}."),
            format!("{HEADER}.{body}"),
            format!("{token}x"),
            "x".repeat(100_000),
        ] {
            assert_eq!(verify(&bad), Err(TokenError::Foreign), "{bad}");
        }
        let header = URL_SAFE_NO_PAD.decode(HEADER).unwrap();
        assert_eq!(header, br#"{"alg":"HS256","typ":"JWT"}"#);
    }
}
