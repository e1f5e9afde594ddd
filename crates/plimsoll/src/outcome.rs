//! How a command ends: its exit status, and the one place where errors are printed.

use std::io::Write;
use std::process::ExitCode;

use plimsoll_core::Escaped;

/// The exit status of a command that did what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing reached the level that was asked for.
    Clean,
    /// Something did.
    Found,
    /// The answer is not complete.
    Incomplete,
    /// What a caller asked for by number.
    Code(u8),
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    misuse: bool,
    code: Option<u8>,
    what: String,
    more: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    /// The caller asked for something that cannot be meant.
    pub fn misuse(what: impl std::fmt::Display) -> Failure {
        Failure { misuse: true, code: None, what: what.to_string(), more: Vec::new(), hints: Vec::new() }
    }

    /// There is no answer.
    pub fn unanswered(what: impl std::fmt::Display) -> Failure {
        Failure { misuse: false, code: None, what: what.to_string(), more: Vec::new(), hints: Vec::new() }
    }

    /// The same, with this exit status, whatever is the matter.
    #[must_use]
    pub fn with_code(mut self, code: u8) -> Failure {
        self.code = Some(code);
        self
    }

    /// The same, where more than one thing is the matter.
    #[must_use]
    pub fn also(mut self, what: impl std::fmt::Display) -> Failure {
        self.more.push(what.to_string());
        self
    }

    /// The same, with a word on what may help.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }
}

/// A failure while writing the answer. A closed pipe is no failure of ours, and ends the commands
/// that only list things; those whose status is a verdict write with `UntilClosed`.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        Failure::unanswered(format!("the answer could not be written: {error}"))
    }
}

/// Prints a failure and says how the process ends.
pub fn finish(outcome: Result<Status, Failure>) -> ExitCode {
    match outcome {
        Ok(Status::Clean) => ExitCode::SUCCESS,
        Ok(Status::Found) => ExitCode::from(1),
        Ok(Status::Incomplete) => ExitCode::from(3),
        Ok(Status::Code(code)) => ExitCode::from(code),
        Err(failure) => {
            let mut out = anstream::stderr().lock();
            let bold = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
            let _ = writeln!(out, "{bold}error{bold:#}: {}", Escaped(&failure.what));
            for what in &failure.more {
                let _ = writeln!(out, "{bold}error{bold:#}: {}", Escaped(what));
            }
            for hint in &failure.hints {
                let _ = writeln!(out, " hint: {}", Escaped(hint));
            }
            ExitCode::from(failure.code.unwrap_or(if failure.misuse { 2 } else { 3 }))
        }
    }
}
