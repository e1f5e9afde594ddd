//! Fetches one file over HTTP: asks only for what changed, resumes what broke, and believes no
//! length.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::header::{
    CONTENT_RANGE, DATE, ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
    RETRY_AFTER,
};

use super::hosts::Hosts;
use super::http_date::seconds_to_wait;
use super::state::PartState;

/// What came of asking.
pub(super) enum Fetched {
    /// The file.
    New { bytes: Vec<u8>, etag: Option<String>, last_modified: Option<String> },
    /// It is as it was.
    Unchanged,
    /// There is no such file.
    NotFound,
}

/// How often one file is asked for before it counts as failed.
const ATTEMPTS: u32 = 5;

/// How long a server is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For its first word, and between two pieces of a file.
    pub(super) silence: Duration,
    /// For one file, in one attempt; what came until then is kept, and resumed.
    pub(super) attempt: Duration,
    /// Before the second attempt; it doubles with each.
    pub(super) pause: Duration,
}

impl Patience {
    /// Some hosts make an archive when it is asked for, and a feed may have some hundred megabytes.
    const STANDARD: Patience = Patience {
        silence: Duration::from_secs(180),
        attempt: Duration::from_secs(1800),
        pause: Duration::from_millis(500),
    };
}

/// A client for feeds.
pub(super) struct Fetcher {
    client: Client,
    hosts: Hosts,
    partial: PathBuf,
    patience: Patience,
}

impl Fetcher {
    /// A client that keeps broken downloads in `partial`. Proxies come from the environment.
    pub(super) fn new(partial: PathBuf, hosts: Hosts) -> Result<Fetcher, String> {
        Fetcher::patient(partial, hosts, Patience::STANDARD)
    }

    /// The same with a patience of its own.
    pub(super) fn patient(partial: PathBuf, hosts: Hosts, patience: Patience) -> Result<Fetcher, String> {
        let client = Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(15))
            // For each read, not for the whole.
            .timeout(patience.silence)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Fetcher { client, hosts, partial, patience })
    }

    /// Fetches `url`, of at most `size_bytes_max` bytes; `known` is what was fetched before.
    pub(super) fn fetch(
        &self,
        url: &str,
        known: Option<&PartState>,
        size_bytes_max: u64,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Fetched, String> {
        let mut delay = self.patience.pause;
        let mut last = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(delay);
                delay = (delay * 2).min(Duration::from_secs(30));
            }
            match self.attempt(url, known, size_bytes_max, progress) {
                Ok(fetched) => return Ok(fetched),
                Err(Trouble::Final(why)) => return Err(why),
                Err(Trouble::Passing(why, wait)) => {
                    delay = wait.map_or(delay, |wait| wait.min(Duration::from_secs(120)));
                    last = why;
                }
            }
        }
        Err(format!("{last} (after {ATTEMPTS} attempts)"))
    }

    fn attempt(
        &self,
        url: &str,
        known: Option<&PartState>,
        size_bytes_max: u64,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Fetched, Trouble> {
        let address = self.hosts.of(url);
        let partial = Partial::open(&self.partial, &address)
            .map_err(|error| Trouble::Final(format!("{}: {error}", self.partial.display())))?;
        let mut request = self.client.get(&*address);
        let resumed = partial.resume_from();
        if let Some((from, validator)) = &resumed {
            request = request.header(RANGE, format!("bytes={from}-")).header(IF_RANGE, validator);
        } else if let Some(known) = known.filter(|known| known.from == url) {
            if let Some(etag) = &known.etag {
                request = request.header(IF_NONE_MATCH, etag);
            }
            if let Some(date) = &known.last_modified {
                request = request.header(IF_MODIFIED_SINCE, date);
            }
        }
        let response = request.send().map_err(|error| Trouble::Passing(plain(&error), None))?;
        let status = response.status();
        let text = |headers: &HeaderMap, name| {
            headers
                .get(name)
                .and_then(|it: &reqwest::header::HeaderValue| it.to_str().ok())
                .map(str::to_owned)
        };
        match status {
            StatusCode::NOT_MODIFIED => return Ok(Fetched::Unchanged),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Fetched::NotFound),
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => (),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                partial.forget();
                return Err(Trouble::Passing("the server would not resume the download".to_owned(), None));
            }
            status if may_pass(status, response.headers()) => {
                let date = text(response.headers(), DATE);
                let wait = text(response.headers(), RETRY_AFTER)
                    .and_then(|it| seconds_to_wait(&it, date.as_deref(), seconds_now()))
                    .map(Duration::from_secs);
                return Err(Trouble::Passing(format!("the server answered {status}"), wait));
            }
            status => return Err(Trouble::Final(format!("the server answered {status}"))),
        }
        let (etag, last_modified) = (text(response.headers(), ETAG), text(response.headers(), LAST_MODIFIED));
        let from = match (status, &resumed) {
            (StatusCode::PARTIAL_CONTENT, Some((from, _))) if range_starts_at(response.headers(), *from) => {
                *from
            }
            (StatusCode::PARTIAL_CONTENT, _) => {
                partial.forget();
                return Err(Trouble::Passing(
                    "the server sent another part than was asked for".to_owned(),
                    None,
                ));
            }
            _ => 0,
        };
        let validator = etag.clone().filter(|it| !it.starts_with("W/")).or_else(|| last_modified.clone());
        let bytes = {
            let until = Instant::now() + self.patience.attempt;
            partial.receive(response, (from, validator.as_deref()), size_bytes_max, until, progress)?
        };
        Ok(Fetched::New { bytes, etag, last_modified })
    }
}

/// Why an attempt came to nothing.
enum Trouble {
    /// Asking again would not help.
    Final(String),
    /// It might; perhaps after so long.
    Passing(String, Option<Duration>),
}

/// The words of an HTTP client's error without the address, which the caller names.
fn plain(error: &reqwest::Error) -> String {
    let mut text =
        if error.is_timeout() { "the server did not answer in time".to_owned() } else { String::new() };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    if text.is_empty() { "the request failed".to_owned() } else { text }
}

/// Whether an answer may be another one later. Some hosts refuse who asks too often with 403.
fn may_pass(status: StatusCode, headers: &HeaderMap) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
        || (status == StatusCode::FORBIDDEN && headers.contains_key(RETRY_AFTER))
}

fn seconds_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn range_starts_at(headers: &HeaderMap, from: u64) -> bool {
    let range = headers.get(CONTENT_RANGE).and_then(|it| it.to_str().ok());
    range.and_then(|it| it.strip_prefix("bytes ")?.split('-').next()?.parse().ok()) == Some(from)
}

/// A download that may have been broken off before.
struct Partial {
    content: PathBuf,
    validator: PathBuf,
}

impl Partial {
    fn open(directory: &Path, url: &str) -> io::Result<Partial> {
        fs::create_dir_all(directory)?;
        let mut hasher = DefaultHasher::new();
        url.hash(&mut hasher);
        let name = format!("{:016x}", hasher.finish());
        Ok(Partial { content: directory.join(&name), validator: directory.join(format!("{name}.of")) })
    }

    /// Where to go on, and the version of the file that the beginning is of.
    fn resume_from(&self) -> Option<(u64, String)> {
        let length = fs::metadata(&self.content).ok()?.len();
        let validator = fs::read_to_string(&self.validator).ok()?;
        (length > 0 && !validator.is_empty()).then_some((length, validator))
    }

    fn forget(&self) {
        let _ = fs::remove_file(&self.content);
        let _ = fs::remove_file(&self.validator);
    }

    fn receive(
        &self,
        mut response: Response,
        (from, validator): (u64, Option<&str>),
        size_bytes_max: u64,
        until: Instant,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Vec<u8>, Trouble> {
        let disk = |error: io::Error| Trouble::Final(format!("{}: {error}", self.content.display()));
        // A body that was inflated on the way has no length to hold it against.
        let length = response.content_length().map(|length| length.saturating_add(from));
        if length.is_some_and(|length| length > size_bytes_max) {
            return Err(Trouble::Final(format!("the file has more than {size_bytes_max} bytes")));
        }
        let mut file = fs::File::options()
            .create(true)
            .append(from > 0)
            .write(true)
            .truncate(from == 0)
            .open(&self.content)
            .map_err(disk)?;
        fs::write(&self.validator, validator.unwrap_or_default()).map_err(disk)?;
        let mut buffer = vec![0; 64 << 10];
        let mut received = from;
        loop {
            let read = match response.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => return Err(Trouble::Passing(format!("the connection broke: {error}"), None)),
            };
            received += read as u64;
            if received > size_bytes_max {
                self.forget();
                return Err(Trouble::Final(format!("the file has more than {size_bytes_max} bytes")));
            }
            file.write_all(&buffer[..read]).map_err(disk)?;
            progress(received, length);
            if Instant::now() > until {
                return Err(Trouble::Passing(
                    format!("only {received} bytes came in the time there is"),
                    None,
                ));
            }
        }
        drop(file);
        if length.is_some_and(|length| length != received) {
            return Err(Trouble::Passing(format!("the file was cut short after {received} bytes"), None));
        }
        let bytes = fs::read(&self.content).map_err(disk)?;
        self.forget();
        Ok(bytes)
    }
}
