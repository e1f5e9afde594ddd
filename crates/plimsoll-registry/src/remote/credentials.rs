//! Logins from the files of Docker and Podman, and from their credential helpers.
//!
//! A login is for one host, compared whole, or for the longest path below it that a file names
//! (containers-auth.json(5)). A helper is asked for the host alone, and only for hosts that the
//! user's own file gives to it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use docker_credential::{CredentialRetrievalError, DockerCredential};
use plimsoll_core::Reference;
use serde::Deserialize;

use crate::error::path_text;
use crate::{CredentialFiles, Secret};

/// Such files hold a few entries; one of this size is something else.
const FILE_MAX: u64 = 4 << 20;

/// A login for a registry.
#[derive(Clone)]
pub(super) enum Credential {
    Password {
        username: String,
        password: Secret,
    },
    /// An OAuth 2 refresh token (Docker's `identitytoken`).
    IdentityToken(Secret),
}

/// A login and where it is from, for messages.
pub(super) struct Found {
    pub(super) credential: Credential,
    pub(super) from: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
    #[serde(default, rename = "credHelpers")]
    helpers: BTreeMap<String, String>,
    #[serde(default, rename = "credsStore")]
    store: Option<String>,
}

#[derive(Deserialize)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// The first login that a file or helper has for a repository. What went wrong on the way is
/// noted: it matters only if the registry then refuses us.
pub(super) fn find(files: &CredentialFiles, reference: &Reference, notes: &mut Vec<String>) -> Option<Found> {
    files.paths.iter().find_map(|path| {
        let file = read(path, notes)?;
        find_in(&file, reference, &path_text(path), notes)
    })
}

fn read(path: &Path, notes: &mut Vec<String>) -> Option<File> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            notes.push(format!("`{}` cannot be read ({error})", path_text(path)));
            return None;
        }
    };
    let mut bytes = Vec::new();
    let read = file.take(FILE_MAX).read_to_end(&mut bytes);
    // The parser's message may quote the file; it is not passed on.
    match read.ok().and_then(|_| serde_json::from_slice(&bytes).ok()) {
        Some(file) => Some(file),
        None => {
            notes.push(format!("`{}` is no file of logins", path_text(path)));
            None
        }
    }
}

fn find_in(file: &File, reference: &Reference, from: &str, notes: &mut Vec<String>) -> Option<Found> {
    let host = host_of_key(&reference.registry);
    let helper = file.helpers.iter().find(|(key, _)| host_of_key(key) == host && !key.contains('/'));
    if let Some((key, helper)) = helper.filter(|(_, helper)| !helper.is_empty()) {
        return ask_helper(helper, key, notes);
    }
    let named = keys(reference).into_iter().find_map(|wanted| {
        file.auths.iter().filter(|(key, _)| normalized(key) == wanted).find_map(|(_, auth)| auth.credential())
    });
    if let Some(credential) = named {
        return Some(Found { credential, from: format!("`{from}`") });
    }
    let store = file.store.as_deref().filter(|it| !it.is_empty())?;
    ask_helper(store, store_key(reference), notes)
}

/// What Docker asks a credential store for.
fn store_key(reference: &Reference) -> &str {
    if reference.registry == "docker.io" { "https://index.docker.io/v1/" } else { &reference.registry }
}

/// The keys under which a login may stand, longest path first.
fn keys(reference: &Reference) -> Vec<String> {
    let host = host_of_key(&reference.registry);
    let mut path = format!("{host}/{}", reference.repository);
    let mut keys = vec![path.clone()];
    while let Some((parent, _)) = path.rsplit_once('/') {
        path = parent.to_owned();
        keys.push(path.clone());
    }
    keys
}

/// A file's key in the form of [`keys`]. Docker writes `https://host/v1/` and means the host.
fn normalized(key: &str) -> String {
    let (plain, is_url) = match key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")) {
        Some(rest) => (rest, true),
        None => (key, false),
    };
    let plain = plain.trim_end_matches('/');
    let plain = ["/v1", "/v2"].iter().find_map(|it| plain.strip_suffix(it)).unwrap_or(plain);
    match plain.split_once('/') {
        Some((host, path)) if !is_url => format!("{}/{path}", host_of_key(host)),
        Some((host, _)) => host_of_key(host).to_owned(),
        None => host_of_key(plain).to_owned(),
    }
}

/// Docker Hub has three names.
fn host_of_key(host: &str) -> &str {
    match host {
        "index.docker.io" | "registry-1.docker.io" | "https://index.docker.io/v1/" => "docker.io",
        other => other,
    }
}

impl Auth {
    fn credential(&self) -> Option<Credential> {
        let said = |it: &Option<String>| it.clone().filter(|it| !it.is_empty());
        if let Some(token) = said(&self.identitytoken) {
            return Some(Credential::IdentityToken(Secret::new(token)));
        }
        if let Some(auth) = said(&self.auth) {
            return decode(&auth);
        }
        let password = Secret::new(said(&self.password)?);
        Some(Credential::Password { username: said(&self.username)?, password })
    }
}

/// `user:password` in base 64, with padding or without.
fn decode(auth: &str) -> Option<Credential> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let bytes = GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(auth.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (username, password) = text.split_once(':')?;
    let password = Secret::new(password.trim_end_matches('\0').to_owned());
    Some(Credential::Password { username: username.to_owned(), password })
}

/// Runs `docker-credential-HELPER get`. Its output is shown to nobody.
fn ask_helper(helper: &str, server: &str, notes: &mut Vec<String>) -> Option<Found> {
    let program = format!("docker-credential-{helper}");
    let config = serde_json::json!({ "credHelpers": { server: helper } }).to_string();
    let credential = match docker_credential::get_credential_from_reader(config.as_bytes(), server) {
        Ok(DockerCredential::UsernamePassword(username, password)) => {
            Credential::Password { username, password: Secret::new(password) }
        }
        Ok(DockerCredential::IdentityToken(token)) => Credential::IdentityToken(Secret::new(token)),
        Err(error) => {
            let why = match error {
                CredentialRetrievalError::HelperCommunicationError => "cannot be run",
                CredentialRetrievalError::HelperFailure { .. } => "has no login for it",
                _ => "gave an answer that cannot be read",
            };
            notes.push(format!("the credential helper `{}` {why}", crate::error::excerpt(&program)));
            return None;
        }
    };
    Some(Found { credential, from: format!("the credential helper `{}`", crate::error::excerpt(&program)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The login for a reference: `user:password`, `token:…` or `-`.
    #[track_caller]
    fn check(file: &str, reference: &str, expected: &str) {
        let file: File = serde_json::from_str(file).unwrap();
        let found = find_in(&file, &reference.parse().unwrap(), "x", &mut Vec::new());
        let actual = match found.map(|it| it.credential) {
            None => "-".to_owned(),
            Some(Credential::Password { username, password }) => format!("{username}:{}", password.expose()),
            Some(Credential::IdentityToken(token)) => format!("token:{}", token.expose()),
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_login_is_for_one_host() {
        // base64 of `u:p`, with and without padding elsewhere.
        let file =
            r#"{"auths":{"reg.example":{"auth":"dTpw"},"https://index.docker.io/v1/":{"auth":"aHViOnB3"}}}"#;
        check(file, "reg.example/a", "u:p");
        check(file, "reg.example:5000/a", "-");
        check(file, "reg.example.evil.test/a", "-");
        check(file, "xreg.example/a", "-");
        check(file, "debian", "hub:pw");
        check(file, "registry-1.docker.io/a/b", "hub:pw");
    }

    #[test]
    fn the_longest_path_wins() {
        let file = r#"{"auths":{
            "reg.example":{"username":"host","password":"1"},
            "reg.example/team":{"username":"team","password":"2"},
            "reg.example/team/app":{"username":"app","password":"3"}}}"#;
        check(file, "reg.example/team/app:1", "app:3");
        check(file, "reg.example/team/other", "team:2");
        check(file, "reg.example/teamwork", "host:1");
    }

    #[test]
    fn identity_tokens_and_empty_entries() {
        check(r#"{"auths":{"r.x":{"auth":"dTpw","identitytoken":"t"}}}"#, "r.x/a", "token:t");
        check(r#"{"auths":{"r.x":{}}}"#, "r.x/a", "-");
        check(r#"{"auths":{"r.x":{"auth":"%%%"}}}"#, "r.x/a", "-");
    }

    #[test]
    fn a_helper_that_is_missing_is_noted() {
        let file: File = serde_json::from_str(r#"{"credHelpers":{"r.x":"plimsoll-test-none"}}"#).unwrap();
        let mut notes = Vec::new();
        assert!(find_in(&file, &"r.x/a".parse().unwrap(), "x", &mut notes).is_none());
        assert_eq!(notes, ["the credential helper `docker-credential-plimsoll-test-none` cannot be run"]);
        let mut notes = Vec::new();
        assert!(find_in(&file, &"r.x.evil.test/a".parse().unwrap(), "x", &mut notes).is_none());
        assert!(notes.is_empty());
    }
}
