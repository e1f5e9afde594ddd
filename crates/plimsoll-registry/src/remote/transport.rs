//! Requests: clients by trust, redirects by our own rules, and asking again.
//!
//! `Authorization` goes to the address it is for and to no other; a redirect that changes scheme,
//! host or port loses it. Knows nothing of registries.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Cursor};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use reqwest::blocking::{Body, Client, Response};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Url, redirect};
use rustls::pki_types::CertificateDer;

use super::address::{Trust, is_loopback, same_origin, shown};
use super::failure::causes;
use super::tls;
use crate::error::excerpt;
use crate::{Error, ErrorKind, Patience};

/// Redirects of one request. Registries use one, perhaps two.
const HOPS_MAX: usize = 5;

/// An upload may be this slow: bytes per second, a poor line's.
const UPLOAD_BYTES_PER_SECOND_MIN: u64 = 20_000;

/// Requests after a refused connection; nobody listens there, most likely.
const REFUSED_ATTEMPTS: u32 = 3;

/// Sends requests for one scan of one registry.
pub(crate) struct Transport {
    pub(super) trust: Trust,
    pub(super) patience: Patience,
    /// The user's own certificate authorities.
    roots: Vec<CertificateDer<'static>>,
    deadline: Instant,
    /// By (insecure, loopback).
    clients: [OnceLock<Client>; 4],
}

/// A request.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) authorization: Option<HeaderValue>,
    /// A form to post.
    pub(crate) form: Option<String>,
    /// Bytes to send; their kind is among the headers.
    pub(crate) body: Option<Arc<[u8]>>,
}

impl Call {
    pub(crate) fn get(url: Url) -> Call {
        Call {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            authorization: None,
            form: None,
            body: None,
        }
    }
}

/// An answer of any status.
pub(crate) struct Answer {
    pub(crate) response: Response,
    /// Whether it comes from where the request was sent, rather than from a redirect's target.
    pub(crate) at_home: bool,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }
}

/// A request that got no answer.
pub(crate) struct Trouble {
    pub(crate) error: Error,
    again: Again,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Never,
    /// A few times only.
    Refused,
    Yes,
}

impl Trouble {
    fn fatal(error: Error) -> Trouble {
        Trouble { error, again: Again::Never }
    }
}

impl Transport {
    pub(crate) fn new(
        trust: Trust,
        roots: Vec<CertificateDer<'static>>,
        patience: Patience,
        deadline: Instant,
    ) -> Transport {
        Transport { trust, patience, roots, deadline, clients: Default::default() }
    }

    /// Whether the time for the whole scan is over.
    pub(crate) fn check_deadline(&self) -> Result<(), Error> {
        if Instant::now() < self.deadline {
            return Ok(());
        }
        Err(Error::limit("fetching took longer than the limit for the whole scan"))
    }

    /// Sends a request, again if that may help.
    pub(crate) fn send(&self, call: &Call) -> Result<Answer, Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            self.check_deadline()?;
            let outcome = self.send_once(call);
            let asked = match &outcome {
                Ok(answer) if matches!(answer.status(), 429 | 500 | 502 | 503 | 504) => {
                    retry_after(answer.response.headers())
                }
                Err(trouble) if trouble.again == Again::Yes => None,
                Err(trouble) if trouble.again == Again::Refused && attempt < REFUSED_ATTEMPTS => None,
                _ => return outcome.map_err(|trouble| trouble.error),
            };
            let delay = asked.unwrap_or_else(|| self.delay(attempt));
            let too_long = delay > self.patience.delay_max || Instant::now() + delay >= self.deadline;
            if attempt >= self.patience.attempts || too_long {
                return outcome.map_err(|trouble| trouble.error);
            }
            // The connection is given back before we wait.
            drop(outcome);
            std::thread::sleep(delay);
        }
    }

    /// Doubles with each attempt, between half and the whole of it by chance.
    pub(crate) fn delay(&self, attempt: u32) -> Duration {
        let doubled = self.patience.first_delay.saturating_mul(1 << attempt.saturating_sub(1).min(10));
        let whole = doubled.min(self.patience.delay_max);
        let chance = u32::try_from(RandomState::new().hash_one(attempt) % 1000).unwrap_or(0);
        whole / 2 + whole / 2000 * chance
    }

    /// Sends a request once and follows its redirects.
    pub(crate) fn send_once(&self, call: &Call) -> Result<Answer, Trouble> {
        let mut url = call.url.clone();
        let mut at_home = true;
        for _ in 0..=HOPS_MAX {
            let response = self.request(call, &url, at_home)?;
            let redirected = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            if !redirected || call.form.is_some() || call.body.is_some() {
                return Ok(Answer { response, at_home });
            }
            let next = target(&response, &url).map_err(Trouble::fatal)?;
            self.trust.check(&next, &call.url).map_err(Trouble::fatal)?;
            at_home &= same_origin(&next, &call.url);
            url = next;
        }
        let host = call.url.host_str().unwrap_or_default();
        Err(Trouble::fatal(Error::malformed(format!("{host} redirects more than {HOPS_MAX} times"))))
    }

    fn request(&self, call: &Call, url: &Url, at_home: bool) -> Result<Response, Trouble> {
        let client = self.client(url).map_err(Trouble::fatal)?;
        let mut request = client.request(call.method.clone(), url.clone()).headers(call.headers.clone());
        if let Some(authorization) = call.authorization.as_ref().filter(|_| at_home) {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some(form) = &call.form {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone());
        }
        if let Some(body) = &call.body {
            let size_bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
            let sending = Duration::from_secs(size_bytes / UPLOAD_BYTES_PER_SECOND_MIN);
            request = request
                .timeout(self.patience.idle.saturating_add(sending))
                .body(Body::sized(Cursor::new(Arc::clone(body)), size_bytes));
        }
        request.send().map_err(|error| trouble(url, &error))
    }

    fn client(&self, url: &Url) -> Result<&Client, Error> {
        let (insecure, loopback) = (self.trust.is_insecure(url), is_loopback(url));
        let cell = &self.clients[usize::from(insecure) * 2 + usize::from(loopback)];
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = self.build(insecure, loopback)?;
        Ok(cell.get_or_init(|| client))
    }

    fn build(&self, insecure: bool, loopback: bool) -> Result<Client, Error> {
        let builder = || {
            let builder = Client::builder()
                .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(self.patience.connect)
                // For the answer's head, and then for each read.
                .timeout(self.patience.idle)
                .redirect(redirect::Policy::none())
                // Ranges and sizes are those of the stored bytes.
                .no_gzip();
            // No proxy can reach this machine's own addresses.
            if loopback { builder.no_proxy() } else { builder }
        };
        let client = if insecure {
            builder().tls_danger_accept_invalid_certs(true).build()
        } else if self.roots.is_empty() {
            let first = builder().build();
            // A machine without any certificates can still speak plain HTTP to itself.
            if first.is_err() && loopback { builder().tls_certs_only([]).build() } else { first }
        } else {
            let config = tls::with_own_authorities(&self.roots).map_err(|error| {
                Error::usage(format!(
                    "the certificate authorities cannot be used: {}",
                    excerpt(&error.to_string())
                ))
            })?;
            builder().tls_backend_preconfigured(config).build()
        };
        client.map_err(|error| {
            let why = causes(&error);
            let hint = "are the system's certificates installed?";
            Error::new(ErrorKind::Unreachable, format!("no HTTP client can be made: {why}; {hint}"))
        })
    }
}

fn target(response: &Response, url: &Url) -> Result<Url, Error> {
    let host = url.host_str().unwrap_or_default();
    let location = response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
    let location =
        location.ok_or_else(|| Error::malformed(format!("{host} redirects without saying where to")))?;
    let mut next = url
        .join(location)
        .map_err(|_| Error::malformed(format!("{host} redirects to what is no address")))?;
    next.set_fragment(None);
    Ok(next)
}

fn trouble(url: &Url, error: &reqwest::Error) -> Trouble {
    let why = causes(error);
    let place = shown(url);
    if why.contains("certificate") {
        let hint = "give the registry's own authority as a certificate file, or name the host as insecure";
        let error = Error::new(
            ErrorKind::Unreachable,
            format!(
                "the certificate of {} is not trusted ({why}); {hint}",
                url.host_str().unwrap_or_default()
            ),
        );
        return Trouble::fatal(error);
    }
    let again = match io_kind(error) {
        _ if error.is_builder() || error.is_dns() => Again::Never,
        Some(io::ErrorKind::ConnectionRefused) => Again::Refused,
        // Whatever speaks no TLS there will not learn it.
        Some(io::ErrorKind::InvalidData) => Again::Never,
        _ => Again::Yes,
    };
    Trouble {
        error: Error::new(ErrorKind::Unreachable, format!("`{place}` cannot be reached: {why}")),
        again,
    }
}

/// The deepest input/output error among the causes.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut kind = None;
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            kind = Some(error.kind());
        }
        cause = error.source();
    }
    kind
}

/// `Retry-After` in seconds. A date means: as if it were not there.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
