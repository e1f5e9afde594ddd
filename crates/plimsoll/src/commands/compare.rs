//! `plimsoll compare`: orders versions as an ecosystem's own tools do.

use std::cmp::Ordering;
use std::io::{BufRead, Write};

use plimsoll_core::{Ecosystem, Escaped};
use plimsoll_ecosystems::{ECOSYSTEMS, by_any_name};

use crate::cli::CompareArgs;
use crate::outcome::{Failure, Status};

/// Prints `<`, `=` or `>` for one pair, or for every line of standard input.
pub fn run(args: &CompareArgs) -> Result<Status, Failure> {
    let ecosystem = by_any_name(&args.ecosystem).ok_or_else(|| unknown(&args.ecosystem))?;
    let mut out = anstream::stdout().lock();
    match (&args.right, args.left.as_str()) {
        (Some(right), left) => {
            let (answer, status) = answer(ecosystem, left, right);
            writeln!(out, "{answer}")?;
            Ok(status)
        }
        (None, "-") => {
            let mut worst = Status::Clean;
            for line in std::io::stdin().lock().lines() {
                let line =
                    line.map_err(|error| Failure::misuse(format!("standard input cannot be read: {error}")))?;
                let mut words = line.split_whitespace();
                let (answer, status) = match (words.next(), words.next(), words.next()) {
                    (None, ..) => continue,
                    (Some(left), Some(right), None) => answer(ecosystem, left, right),
                    _ => ("? a line has two versions".to_owned(), Status::Incomplete),
                };
                writeln!(out, "{answer}")?;
                if status == Status::Incomplete {
                    worst = status;
                }
            }
            Ok(worst)
        }
        (None, _) => Err(Failure::misuse("a second version is missing")
            .hint("`-` instead of the first reads pairs from standard input")),
    }
}

fn answer(ecosystem: &dyn Ecosystem, left: &str, right: &str) -> (String, Status) {
    match ecosystem.compare(left, right) {
        Ok(Ordering::Less) => ("<".to_owned(), Status::Clean),
        Ok(Ordering::Equal) => ("=".to_owned(), Status::Clean),
        Ok(Ordering::Greater) => (">".to_owned(), Status::Clean),
        Err(unreadable) => (format!("? {unreadable}"), Status::Incomplete),
    }
}

fn unknown(name: &str) -> Failure {
    let known: Vec<&str> = ECOSYSTEMS.iter().map(|ecosystem| ecosystem.purl_type()).collect();
    Failure::misuse(format!("there is no ecosystem `{}`", Escaped(name)))
        .hint(format!("known are {}", known.join(", ")))
}
