//! A registry's refusals, in words: its own error codes and messages, escaped and shortened.

use std::io::Read;

use plimsoll_core::Escaped;
use reqwest::blocking::Response;
use serde::Deserialize;

use crate::error::excerpt;
use crate::{Error, ErrorKind};

/// Bytes of a refusal's body that are looked at.
const BODY_MAX: u64 = 64 << 10;

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    errors: Vec<Item>,
    /// What token servers and Docker's daemon write.
    message: Option<String>,
    details: Option<String>,
    error_description: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    code: Option<String>,
    message: Option<String>,
}

/// `: CODE: message`, from the body of a refusal; empty if it says nothing that can be read. `redact`
/// takes secrets out of the whole of it: of one that was cut off it would not know the rest.
pub(crate) fn error_message(response: Response, redact: impl Fn(&str) -> String) -> String {
    let mut bytes = Vec::new();
    // A body that breaks off says nothing more; the status stands by itself.
    let _ = response.take(BODY_MAX).read_to_end(&mut bytes);
    message_of(&bytes, redact)
}

fn message_of(bytes: &[u8], redact: impl Fn(&str) -> String) -> String {
    let Ok(body) = serde_json::from_slice::<Body>(bytes) else {
        return String::new();
    };
    let items = body
        .errors
        .into_iter()
        .map(|it| [it.code, it.message].into_iter().flatten().collect::<Vec<_>>().join(": "));
    let single = [body.details, body.message, body.error_description].into_iter().flatten();
    match items.chain(single).find(|it| !it.is_empty()) {
        Some(text) => format!(": {}", excerpt(&redact(&text))),
        None => String::new(),
    }
}

/// The error for a refusal; `what` is what was asked for, `message` from [`error_message`].
pub(crate) fn refusal(what: &str, status: u16, message: &str) -> Error {
    let kind = match status {
        401 | 403 => ErrorKind::Unauthorized,
        404 => ErrorKind::NotFound,
        _ => ErrorKind::Unreachable,
    };
    let hint = match status {
        429 => "; it is asked too often, try again later or log in",
        _ => "",
    };
    Error::new(kind, format!("{what}: the registry answered {status}{message}{hint}"))
}

/// An HTTP client's error with its causes and without addresses.
pub(crate) fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let words = error.to_string();
        // Layers of one client repeat each other's words, and the outermost says nothing.
        if !text.contains(&words) && !words.starts_with("client error (") {
            text = if text.is_empty() { words } else { format!("{text}: {words}") };
        }
        cause = error.source();
    }
    if error.is_timeout() && text.is_empty() {
        text = "no answer in time".to_owned();
    }
    if text.is_empty() {
        text = "the connection failed".to_owned();
    }
    let short: String = text.chars().take(300).collect();
    Escaped(&short).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_at_the_place_where_a_message_is_cut_is_not_shown_in_part() {
        let long = "x".repeat(195);
        let body = format!(r#"{{"errors": [{{"message": "{long}hunter2-hunter2"}}]}}"#);
        let message = message_of(body.as_bytes(), |text| text.replace("hunter2-hunter2", "(secret)"));
        assert!(message.starts_with(": xxx") && !message.contains("hunt"), "{message}");
    }
}
