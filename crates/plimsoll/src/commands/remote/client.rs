//! Requests to a server's interface, and its refusals as failures of ours.
//!
//! Follows no redirect, so that a token goes where it was meant to go, and sends none over plain HTTP
//! to another machine unless somebody says so.

use std::time::Duration;

use plimsoll_core::Escaped;
use reqwest::blocking::{Request, RequestBuilder, Response};
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;

use super::servers::Servers;
use crate::cli::remote::TrustArgs;
use crate::outcome::Failure;
use crate::surroundings;

/// The most bytes of an answer: a report.
const ANSWER_BYTES_MAX: u64 = 512 << 20;
const PATIENCE: Duration = Duration::from_secs(60);

/// What a request proves.
#[derive(Clone)]
pub enum Proof {
    /// A token.
    Token(String),
    /// Name and password.
    Password(String, String),
}

/// A server.
pub struct Client {
    http: reqwest::blocking::Client,
    /// Its address, without a slash at the end.
    pub base: String,
    proof: Option<Proof>,
}

impl Client {
    /// The server that is named, or else the one that was signed in at last, with its token.
    pub fn of(server: Option<&str>, trust: &TrustArgs) -> Result<Client, Failure> {
        let servers = Servers::read()?;
        let Some(base) = server.map(address).transpose()?.or_else(|| servers.current.clone()) else {
            return Err(
                Failure::misuse("no server is named").hint("`plimsoll login URL`, or set PLIMSOLL_SERVER")
            );
        };
        let token = surroundings::variable("PLIMSOLL_TOKEN");
        let token = token.or_else(|| servers.servers.get(&base).map(|it| it.token.clone()));
        Client::at(&base, trust, token.map(Proof::Token))
    }

    /// A server by its address.
    pub fn at(base: &str, trust: &TrustArgs, proof: Option<Proof>) -> Result<Client, Failure> {
        let base = address(base)?;
        let url = Url::parse(&base).map_err(|_| not_an_address(&base))?;
        if url.scheme() == "http" && !is_here(&url) && !trust.plain_http {
            return Err(Failure::misuse(format!(
                "{} speaks plain HTTP, where others can read along",
                Escaped(&base)
            ))
            .hint("use https://, or say --plain-http"));
        }
        let mut http = reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .timeout(PATIENCE)
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")));
        for file in &trust.ca_file {
            let wrong =
                |error: &dyn std::fmt::Display| Failure::misuse(format!("{}: {error}", file.display()));
            let pem = std::fs::read(file).map_err(|error| wrong(&error))?;
            let all = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong(&error))?;
            http = all.into_iter().fold(http, reqwest::blocking::ClientBuilder::add_root_certificate);
        }
        let http = http
            .build()
            .map_err(|error| Failure::unanswered(format!("no connection can be made: {error}")))?;
        Ok(Client { http, base, proof })
    }

    /// A server of this machine, by name and password.
    pub fn by_name(base: &str, name: &str, password: &str) -> Result<Client, Failure> {
        let proof = Proof::Password(name.to_owned(), password.to_owned());
        Client::at(base, &TrustArgs::default(), Some(proof))
    }

    /// The same server by name and password.
    pub fn by_password(&self, name: &str, password: String) -> Client {
        let proof = Some(Proof::Password(name.to_owned(), password));
        Client { http: self.http.clone(), base: self.base.clone(), proof }
    }

    /// Asks for JSON.
    pub fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failure> {
        json(self.send(self.request(Method::GET, path)?.query(query))?)
    }

    /// Sends JSON, or nothing, and gives what comes back; null where nothing does.
    pub fn change(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let mut request = self.request(method, path)?;
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        json(self.send(request)?)
    }

    /// Asks for something that is no JSON of the interface.
    pub fn bytes(&self, path: &str, query: &[(&str, String)]) -> Result<Vec<u8>, Failure> {
        read(self.send(self.request(Method::GET, path)?.query(query))?)
    }

    /// The entries of a list, page by page, up to a number.
    pub fn pages(&self, path: &str, query: &[(&str, String)], most: usize) -> Result<Vec<Value>, Failure> {
        let mut items: Vec<Value> = Vec::new();
        let mut cursor: Option<String> = None;
        while items.len() < most {
            let mut query = query.to_vec();
            query.push(("limit", (most - items.len()).min(PAGE).to_string()));
            query.extend(cursor.take().map(|it| ("cursor", it)));
            let mut page = self.get(path, &query)?;
            match page["items"].take() {
                Value::Array(more) if !more.is_empty() => items.extend(more),
                _ => break,
            }
            cursor = page["next"].as_str().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        Ok(items)
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Failure> {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        Ok(match &self.proof {
            Some(Proof::Token(token)) => request.bearer_auth(token),
            Some(Proof::Password(name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        })
    }

    fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let request: Request = request.build().map_err(|_| not_an_address(&self.base))?;
        let response = self.http.execute(request).map_err(|error| {
            let mut why = String::new();
            let mut below: Option<&dyn std::error::Error> = Some(&error);
            while let Some(error) = below {
                why = error.to_string();
                below = error.source();
            }
            Failure::unanswered(format!("{} does not answer: {why}", Escaped(&self.base)))
        })?;
        if response.status().is_success() { Ok(response) } else { Err(self.refused(response)) }
    }

    fn refused(&self, response: Response) -> Failure {
        let status = response.status();
        let problem: Value =
            read(response).ok().and_then(|it| serde_json::from_slice(&it).ok()).unwrap_or_default();
        let words = match (problem["title"].as_str(), problem["detail"].as_str()) {
            (Some(title), Some(detail)) => format!("{title}: {detail}"),
            (Some(title), None) => title.to_owned(),
            _ => format!("{} answers {status}: it may be no Plimsoll server", self.base),
        };
        let at = problem["pointer"].as_str().filter(|it| !it.is_empty());
        let words = at.map_or(words.clone(), |it| format!("{words} ({it})"));
        match status {
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Failure::misuse(Escaped(&words)),
            StatusCode::UNAUTHORIZED => {
                Failure::unanswered(Escaped(&words)).hint(format!("`plimsoll login {}`", self.base))
            }
            _ => Failure::unanswered(Escaped(&words)),
        }
    }
}

const PAGE: usize = 500;

fn json(response: Response) -> Result<Value, Failure> {
    let bytes = read(response)?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::unanswered(format!("the server's answer cannot be read: {error}")))
}

fn read(response: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut limited = std::io::Read::take(response, ANSWER_BYTES_MAX + 1);
    std::io::Read::read_to_end(&mut limited, &mut bytes)
        .map_err(|error| Failure::unanswered(format!("the server's answer broke off: {error}")))?;
    if u64::try_from(bytes.len()).is_ok_and(|it| it > ANSWER_BYTES_MAX) {
        return Err(Failure::unanswered("the server's answer is too long"));
    }
    Ok(bytes)
}

/// An address in one form: with a scheme, without a slash at the end.
pub fn address(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).map_err(|_| not_an_address(text))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !url.username().is_empty() {
        return Err(not_an_address(text));
    }
    Ok(with_scheme.trim_end_matches('/').to_owned())
}

fn not_an_address(text: &str) -> Failure {
    Failure::misuse(format!("`{}` is no address of a server; write https://HOST", Escaped(text)))
}

fn is_here(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<std::net::Ipv4Addr>().is_ok_and(|it| it.is_loopback()),
        None => false,
    }
}

/// A text as a part of a path.
pub fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_no_name() {
        assert_eq!(address("plimsoll.example/").unwrap(), "https://plimsoll.example");
        assert_eq!(address("http://localhost:8080").unwrap(), "http://localhost:8080");
        for wrong in ["", "ftp://x", "https://anna:secret@x", "https://"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn plain_http_goes_to_this_machine_alone() {
        let trust = TrustArgs::default();
        assert!(Client::at("http://127.0.0.1:1", &trust, None).is_ok());
        assert!(Client::at("http://example.com", &trust, None).is_err());
        assert!(Client::at("http://127.0.0.1.example.com", &trust, None).is_err());
        let trust = TrustArgs { plain_http: true, ..trust };
        assert!(Client::at("http://example.com", &trust, None).is_ok());
    }

    #[test]
    fn a_slash_in_a_name_is_no_slash_in_a_path() {
        assert_eq!(segment("deep/app name"), "deep%2Fapp%20name");
    }
}
