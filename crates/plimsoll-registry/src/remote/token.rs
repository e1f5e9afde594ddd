//! Logging in: from a challenge to an `Authorization` header.
//!
//! Basic logins and bearer tokens (distribution's token protocol, and its OAuth 2 form for
//! identity tokens). A login is sent to the registry it is for and to the realm which that
//! registry names, over an encrypted connection unless the registry itself has none.

use std::io::Read;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plimsoll_core::Reference;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, Url};
use serde::Deserialize;

use super::challenge::{self, Challenge};
use super::credentials::{self, Credential, Found};
use super::failure::error_message;
use super::transport::{Call, Transport};
use crate::{Error, ErrorKind, Options, Secret};

/// A token's answer; the largest tokens in the field (signed claims of many groups) have 30 KiB.
const TOKEN_ANSWER_MAX: u64 = 1 << 20;

/// A scope or service that a registry may ask for.
const PARAMETER_MAX: usize = 4 << 10;

/// Knows the login for one repository and the header that proves it.
pub(super) struct Authorizer {
    registry: String,
    scope: String,
    found: Option<Found>,
    notes: Vec<String>,
    /// Whether logins that somebody has left in files are found: not by a server.
    reads_files: bool,
    header: Mutex<Option<HeaderValue>>,
}

impl Authorizer {
    /// Looks for a login; nothing is sent before the registry asks for it.
    pub(super) fn new(reference: &Reference, options: &Options) -> Authorizer {
        let mut notes = Vec::new();
        let found = match &options.login {
            Some(login) => Some(Found {
                credential: Credential::Password {
                    username: login.username.clone(),
                    password: login.password.clone(),
                },
                from: "what was given".to_owned(),
            }),
            None => credentials::find(&options.credential_files, reference, &mut notes),
        };
        Authorizer {
            registry: reference.registry.clone(),
            scope: format!("repository:{}:pull", reference.repository),
            found,
            notes,
            reads_files: !options.credential_files.paths.is_empty(),
            header: Mutex::new(None),
        }
    }

    /// For what is of no repository: asks for this scope, or for none.
    pub(super) fn for_scope(registry: &str, scope: &str, options: &Options) -> Authorizer {
        let reference =
            Reference { registry: registry.to_owned(), repository: String::new(), tag: None, digest: None };
        Authorizer { scope: scope.to_owned(), ..Authorizer::new(&reference, options) }
    }

    /// The same, asking for the right to write, too.
    pub(super) fn for_writing(mut self) -> Authorizer {
        self.scope.push_str(",push");
        self
    }

    /// The header to send, if there is one already.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        self.header.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers a refusal with status 401: gets a (new) header, or says why there is none.
    /// `used` is what was refused; another thread may have a newer one already.
    pub(super) fn renew(
        &self,
        transport: &Transport,
        home: &Url,
        headers: &HeaderMap,
        used: Option<&HeaderValue>,
    ) -> Result<(), Error> {
        let mut current = self.header.lock().unwrap_or_else(PoisonError::into_inner);
        if current.is_some() && current.as_ref() != used {
            return Ok(());
        }
        let challenges: Vec<Challenge> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|it| it.to_str().ok())
            .flat_map(challenge::parse)
            .collect();
        let of = |scheme: &str| challenges.iter().find(|it| it.scheme == scheme);
        let header = match (of("bearer"), of("basic")) {
            (Some(bearer), _) => self.bearer(transport, home, bearer)?,
            (None, Some(_)) => self.basic()?,
            (None, None) => return Err(self.refused("asks for a kind of login that is not supported")),
        };
        if used == Some(&header) {
            return Err(self.refused("refuses the login"));
        }
        *current = Some(header);
        Ok(())
    }

    fn basic(&self) -> Result<HeaderValue, Error> {
        match self.found.as_ref().map(|it| &it.credential) {
            Some(Credential::Password { username, password }) => self.basic_header(username, password),
            Some(Credential::IdentityToken(_)) => {
                Err(self.refused("wants a name and a password, but the login is an identity token"))
            }
            None => Err(self.refused("wants a login")),
        }
    }

    fn basic_header(&self, username: &str, password: &Secret) -> Result<HeaderValue, Error> {
        let encoded = STANDARD.encode(format!("{username}:{}", password.expose()));
        self.header_value(&format!("Basic {encoded}"))
    }

    fn bearer(&self, transport: &Transport, home: &Url, challenge: &Challenge) -> Result<HeaderValue, Error> {
        let realm = challenge.get("realm").unwrap_or_default();
        let realm: Url = realm
            .parse()
            .map_err(|_| Error::malformed(format!("{} names no address for tokens", self.registry)))?;
        transport.trust.check(&realm, home)?;
        let service = challenge.get("service").unwrap_or_default();
        let scope = challenge.get("scope").filter(|it| !it.is_empty()).unwrap_or(&self.scope);
        if service.len() > PARAMETER_MAX || scope.len() > PARAMETER_MAX {
            return Err(Error::malformed(format!("{} asks for a token of an absurd scope", self.registry)));
        }
        let call = match self.found.as_ref().map(|it| &it.credential) {
            Some(Credential::IdentityToken(token)) => refresh_call(realm, service, scope, token),
            Some(Credential::Password { username, password }) => {
                let mut call = token_call(realm, service, scope);
                call.authorization = Some(self.basic_header(username, password)?);
                call
            }
            None => token_call(realm, service, scope),
        };
        let token = self.fetch(transport, &call)?;
        self.header_value(&format!("Bearer {}", token.expose()))
    }

    fn fetch(&self, transport: &Transport, call: &Call) -> Result<Secret, Error> {
        let answer = transport.send(call).map_err(|error| error.of("no token can be had"))?;
        let status = answer.status();
        if matches!(status, 400 | 401 | 403) {
            let message = error_message(answer.response, |text| self.redacted(text));
            let what = if self.found.is_some() { "refuses the login" } else { "wants a login" };
            return Err(self.refused(&format!("{what} (its token server answered {status}{message})")));
        }
        if status != 200 {
            let message = error_message(answer.response, |text| self.redacted(text));
            return Err(Error::new(
                ErrorKind::Unreachable,
                format!("the token server of {} answered {status}{message}", self.registry),
            ));
        }
        let unusable = |why: &str| Error::malformed(format!("the token server of {} {why}", self.registry));
        let mut bytes = Vec::new();
        answer
            .response
            .take(TOKEN_ANSWER_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| unusable("broke off in the middle of its answer"))?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > TOKEN_ANSWER_MAX {
            return Err(Error::limit(format!(
                "the token of {} is larger than the limit of {TOKEN_ANSWER_MAX} bytes",
                self.registry
            )));
        }
        // The parser's message may quote the token; it is not passed on.
        let answer: TokenAnswer =
            serde_json::from_slice(&bytes).map_err(|_| unusable("gave an answer that is no token"))?;
        let token = [answer.token, answer.access_token].into_iter().flatten().find(|it| !it.is_empty());
        token.map(Secret::new).ok_or_else(|| unusable("gave an answer without a token"))
    }

    fn header_value(&self, text: &str) -> Result<HeaderValue, Error> {
        let mut value = HeaderValue::from_str(text).map_err(|_| {
            Error::malformed(format!("the login or token for {} has illegal characters", self.registry))
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The error for a registry that does not let us in, with what may help.
    pub(super) fn refused(&self, what: &str) -> Error {
        let hint = match &self.found {
            Some(found) => format!("the login is from {}", found.from),
            None if !self.reads_files => "give a user name and its password".to_owned(),
            None => format!("log in with `docker login {}`, or give a user name and password", self.registry),
        };
        let notes: String = self.notes.iter().map(|note| format!("; {note}")).collect();
        Error::new(ErrorKind::Unauthorized, format!("{} {what}; {hint}{notes}", self.registry))
    }

    /// A hostile registry may send our own secrets back in its error messages, which end up in
    /// logs that others read.
    pub(super) fn redacted(&self, text: &str) -> String {
        let header = self.header();
        let token = header.as_ref().and_then(|it| it.to_str().ok()).and_then(|it| it.split_once(' '));
        let login = match self.found.as_ref().map(|it| &it.credential) {
            Some(Credential::Password { username, password }) => {
                vec![
                    password.expose().to_owned(),
                    STANDARD.encode(format!("{username}:{}", password.expose())),
                ]
            }
            Some(Credential::IdentityToken(token)) => vec![token.expose().to_owned()],
            None => Vec::new(),
        };
        let secrets = login.into_iter().chain(token.map(|(_, it)| it.to_owned()));
        let mut text = text.to_owned();
        for secret in secrets.filter(|it| !it.is_empty()) {
            text = text.replace(&secret, "(secret)");
        }
        text
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: Option<String>,
    access_token: Option<String>,
}

/// `GET realm?service=…&scope=…`.
fn token_call(mut realm: Url, service: &str, scope: &str) -> Call {
    {
        let mut query = realm.query_pairs_mut();
        if !service.is_empty() {
            query.append_pair("service", service);
        }
        if !scope.is_empty() {
            query.append_pair("scope", scope);
        }
        query.append_pair("client_id", "plimsoll");
    }
    Call::get(realm)
}

/// The OAuth 2 form, which takes identity tokens.
fn refresh_call(realm: Url, service: &str, scope: &str, token: &Secret) -> Call {
    // A throw-away address does the encoding of the form.
    let mut form = realm.clone();
    form.query_pairs_mut()
        .clear()
        .append_pair("grant_type", "refresh_token")
        .append_pair("service", service)
        .append_pair("scope", scope)
        .append_pair("client_id", "plimsoll")
        .append_pair("refresh_token", token.expose());
    let form = form.query().map(str::to_owned);
    Call { method: Method::POST, form, ..Call::get(realm) }
}
