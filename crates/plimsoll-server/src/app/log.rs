//! The log: one line an event, as text for people or as JSON for programs, with the id of the request
//! that is being answered.
//!
//! Our own few lines instead of a crate of them: there are no spans here, since a request's id is all
//! that ties events together. Control characters are escaped: a line is one line.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use plimsoll_core::{Escaped, Timestamp};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::Clock;
use super::request::request_id;
use crate::settings::{LogFormat, LogLevel};

/// Writes events to standard error from here on; panics, too. A second call does nothing.
pub fn start_log(format: LogFormat, level: LogLevel) {
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !is_terminal,
    };
    let log = Log { json, level: level.0, clock: Clock::system() };
    if tracing::subscriber::set_global_default(log).is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "panic: {}", panic.payload_as_str().unwrap_or("without a word"));
        }));
    }
}

struct Log {
    json: bool,
    level: Level,
    clock: Clock,
}

/// What libraries say is for those who ask for it.
fn most(target: &str, level: Level) -> Level {
    if target.starts_with("plimsoll") || level >= Level::TRACE { level } else { level.min(Level::WARN) }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= most(metadata.target(), self.level)
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = (self.clock.now(), *event.metadata().level());
        let mut line = if self.json { fields.json(metadata) } else { fields.text(metadata) };
        line.push('\n');
        // Where the log cannot be written there is nowhere to say so.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// An event's message and fields.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, serde_json::Value)>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: serde_json::Value) {
        match (field.name(), value) {
            ("message", serde_json::Value::String(text)) => self.message = text,
            (name, value) => self.others.push((name, value)),
        }
    }

    fn text(&self, (at, level): (Timestamp, Level)) -> String {
        let mut line = format!("{at} {level:5} {}", Escaped(&self.message));
        for (name, value) in &self.others {
            let _ = match value {
                serde_json::Value::String(text) => write!(line, " {name}={}", Escaped(text)),
                value => write!(line, " {name}={value}"),
            };
        }
        if let Some(id) = request_id() {
            let _ = write!(line, " request={id}");
        }
        line
    }

    fn json(self, (at, level): (Timestamp, Level)) -> String {
        let mut object = serde_json::Map::new();
        object.insert("time".to_owned(), at.to_string().into());
        object.insert("level".to_owned(), level.to_string().to_lowercase().into());
        object.insert("message".to_owned(), self.message.into());
        if let Some(id) = request_id() {
            object.insert("request".to_owned(), id.to_string().into());
        }
        for (name, value) in self.others {
            object.entry(name).or_insert(value);
        }
        serde_json::Value::Object(object).to_string()
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}
