//! What a scan writes down on its way: bounded, without secrets, and without anything in it that
//! could steer a terminal.

use std::fmt::Write;

use plimsoll_core::{Escaped, Timestamp};

/// The most bytes of a log.
const BYTES_MAX: usize = 64 * 1024;
/// The most bytes of one line.
const LINE_BYTES_MAX: usize = 2 * 1024;

/// The log of one scan.
#[derive(Debug, Default)]
pub(super) struct Log {
    text: String,
    left_out: usize,
}

impl Log {
    /// Writes a line.
    pub(super) fn line(&mut self, now: Timestamp, what: &str) {
        let what = shown(what);
        if self.text.len() + what.len() > BYTES_MAX {
            self.left_out += 1;
            return;
        }
        let _ = writeln!(self.text, "{now} {what}");
    }

    /// All of it.
    pub(super) fn finish(mut self) -> String {
        if self.left_out > 0 {
            let _ = writeln!(self.text, "{} more lines were left out", self.left_out);
        }
        self.text
    }
}

/// A text as it may be shown: as one line, without passwords, and with an end.
pub(super) fn shown(what: &str) -> String {
    let mut what = redacted(&Escaped(what).to_string());
    what.truncate(what.floor_char_boundary(LINE_BYTES_MAX));
    what
}

/// The text without what stands where passwords stand in addresses and headers.
fn redacted(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut hide_next = false;
    for word in text.split_inclusive(' ') {
        let lower = word.to_ascii_lowercase();
        let bare = lower.trim_end();
        if hide_next && !bare.is_empty() {
            clean.push_str("[hidden] ");
            hide_next = false;
            continue;
        }
        hide_next = matches!(bare, "basic" | "bearer");
        clean.push_str(&without_login(word));
    }
    clean.trim_end().to_owned()
}

/// `https://user:secret@host/x` becomes `https://[hidden]@host/x`.
fn without_login(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.rsplit_once('@') {
        Some((login, _)) => format!("{scheme}://[hidden]{}", &rest[login.len()..]),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(what: &str, expected: &str) {
        let mut log = Log::default();
        log.line(Timestamp(0), what);
        assert_eq!(log.finish(), format!("1970-01-01T00:00:00Z {expected}\n"));
    }

    #[test]
    fn no_secret_and_no_escape_gets_into_a_log() {
        check("all is well", "all is well");
        check(
            "asked https://anna:secret@registry/v2/ in vain",
            "asked https://[hidden]@registry/v2/ in vain",
        );
        check(
            "sent Authorization: Bearer abc.def and Basic eDp5",
            "sent Authorization: Bearer [hidden] and Basic [hidden]",
        );
        check("a\u{1b}[2Jb\nc", "a\\u{1b}[2Jb\\u{a}c");
    }

    #[test]
    fn a_log_is_bounded_and_says_so() {
        let mut log = Log::default();
        for _ in 0..1000 {
            log.line(Timestamp(0), &"é".repeat(5000));
        }
        let text = log.finish();
        assert!(text.len() < 2 * BYTES_MAX, "{}", text.len());
        assert!(text.ends_with("more lines were left out\n"), "{}", &text[text.len() - 60..]);
    }
}
