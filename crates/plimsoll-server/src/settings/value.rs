//! What a setting's text may say, and how a value is written again.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::network::Network;
use crate::oidc::{GroupGrant, GroupGrants};

/// A value that stands in a configuration as text.
pub trait FromText: Sized {
    /// Whether it is shown to nobody.
    const IS_SECRET: bool = false;

    /// Reads it; why not, otherwise, as the end of a sentence.
    fn from_text(text: &str) -> Result<Self, String>;

    /// Writes it; not what is secret.
    fn to_text(&self) -> String;
}

/// What nobody is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text to itself.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, where it is used.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A span of time, `90s`, `15m`, `12h`, `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period(pub Duration);

impl Period {
    /// Its whole seconds.
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0.as_secs()).unwrap_or(i64::MAX)
    }
}

/// A size, `512MB`, `50GiB`, or a plain number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

/// Words with commas between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(pub Vec<String>);

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// As suits where it goes.
    Auto,
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The least that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLevel(pub tracing::Level);

fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

fn multiplied(text: &str, units: &[(&str, u64)], form: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text.trim());
    let (_, factor) = units.iter().find(|it| it.0.eq_ignore_ascii_case(unit)).ok_or(form)?;
    let number: u64 = number.parse().map_err(|_| form)?;
    number.checked_mul(*factor).ok_or_else(|| "is too large".to_owned())
}

const PERIODS: &[(&str, u64)] = &[("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];

const SIZES: &[(&str, u64)] = &[
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// The largest unit that leaves no rest.
fn with_unit(number: u64, units: &[(&str, u64)]) -> String {
    let fits = |it: &&(&str, u64)| number.is_multiple_of(it.1) && number >= it.1;
    let unit = units.iter().filter(fits).max_by_key(|it| it.1).or(units.first());
    unit.map_or_else(|| number.to_string(), |(name, factor)| format!("{}{name}", number / factor))
}

impl FromText for Period {
    fn from_text(text: &str) -> Result<Self, String> {
        let form = "is no span of time; write `90s`, `15m`, `12h` or `7d`";
        match multiplied(text, PERIODS, form)? {
            0 => Err("must be longer than nothing".to_owned()),
            seconds => Ok(Period(Duration::from_secs(seconds))),
        }
    }

    fn to_text(&self) -> String {
        with_unit(self.0.as_secs(), PERIODS)
    }
}

impl FromText for Bytes {
    fn from_text(text: &str) -> Result<Self, String> {
        multiplied(text, SIZES, "is no size; write `512MB` or `50GiB`").map(Bytes)
    }

    fn to_text(&self) -> String {
        with_unit(self.0, SIZES)
    }
}

impl FromText for bool {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "is neither `true` nor `false`".to_owned())
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl FromText for u32 {
    fn from_text(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(0) | Err(_) => Err("is no number from 1 on".to_owned()),
            Ok(number) => Ok(number),
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("is empty".to_owned()) } else { Ok(text.to_owned()) }
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

impl FromText for PathBuf {
    fn from_text(text: &str) -> Result<Self, String> {
        String::from_text(text).map(PathBuf::from)
    }

    fn to_text(&self) -> String {
        self.display().to_string()
    }
}

impl FromText for Secret {
    const IS_SECRET: bool = true;

    fn from_text(text: &str) -> Result<Self, String> {
        String::from_text(text).map(Secret)
    }

    fn to_text(&self) -> String {
        "***".to_owned()
    }
}

impl FromText for SocketAddr {
    fn from_text(text: &str) -> Result<Self, String> {
        let form = "is no address with a port; write `127.0.0.1:8750` or `[::]:8750`";
        text.parse().map_err(|_| form.to_owned())
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl FromText for LogFormat {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(LogFormat::Auto),
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("is none of `auto`, `text` and `json`".to_owned()),
        }
    }

    fn to_text(&self) -> String {
        match self {
            LogFormat::Auto => "auto",
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        }
        .to_owned()
    }
}

impl FromText for LogLevel {
    fn from_text(text: &str) -> Result<Self, String> {
        let form = "is none of `error`, `warn`, `info`, `debug` and `trace`";
        let word = text.bytes().all(|it| it.is_ascii_alphabetic());
        text.parse().ok().filter(|_| word).map(LogLevel).ok_or_else(|| form.to_owned())
    }

    fn to_text(&self) -> String {
        self.0.to_string().to_lowercase()
    }
}

impl<T: FromText> FromText for Option<T> {
    const IS_SECRET: bool = T::IS_SECRET;

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::from_text(text).map(Some) }
    }

    fn to_text(&self) -> String {
        self.as_ref().map(T::to_text).unwrap_or_default()
    }
}

impl FromText for Words {
    fn from_text(text: &str) -> Result<Self, String> {
        let words = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        Ok(Words(words.map(str::to_owned).collect()))
    }

    fn to_text(&self) -> String {
        self.0.join(",")
    }
}

impl FromText for GroupGrants {
    fn from_text(text: &str) -> Result<Self, String> {
        let pairs = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        pairs.map(GroupGrant::parse).collect::<Result<_, _>>().map(GroupGrants)
    }

    fn to_text(&self) -> String {
        self.0.iter().map(GroupGrant::text).collect::<Vec<_>>().join(",")
    }
}

impl FromText for Vec<Network> {
    fn from_text(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::parse).collect()
    }

    fn to_text(&self) -> String {
        self.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}
