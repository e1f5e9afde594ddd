//! What the compiler does not check and reviewers forget: the crate graph, the tables, the
//! purity of the pure crates, forgotten files, words and paths that must not stay.
//!
//! Runs as a test too, so that it cannot be forgotten. It changes nothing.

mod functions;
mod graph;
mod hygiene;
mod source;
mod tables;

use std::fmt;

use crate::shell::{self, Result};
use source::Source;

pub(crate) const USAGE: &str = "\
  --longest N   also list the N longest functions

  cargo xtask tidy
  cargo xtask tidy --longest 10
";

/// Something that is not as it should be, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    /// The file, from the repository's root.
    path: String,
    /// The line, counted from 1; 0 speaks of the whole file.
    line: usize,
    what: String,
}

impl Fault {
    fn of(path: &str, what: impl Into<String>) -> Fault {
        Fault { path: path.to_owned(), line: 0, what: what.into() }
    }

    fn at(path: &str, line: usize, what: impl Into<String>) -> Fault {
        Fault { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let longest = shell::take_value(&mut arguments, "--longest")?;
    shell::nothing_left(&arguments)?;
    let sources = source::all(&shell::root())?;
    if let Some(count) = longest {
        let count = count.parse().map_err(|_| format!("`{count}` is no number"))?;
        for function in functions::longest(&sources, count) {
            println!("{:4} lines  {}:{} {}", function.lines, function.path, function.line, function.name);
        }
    }
    let faults = check(&sources)?;
    for fault in &faults {
        eprintln!("{fault}");
    }
    match faults.len() {
        0 => {
            println!("tidy: {} files, nothing to say", sources.len());
            Ok(())
        }
        1 => Err("one thing is not as it should be".to_owned()),
        count => Err(format!("{count} things are not as they should be")),
    }
}

fn check(sources: &[Source]) -> Result<Vec<Fault>> {
    let mut faults = graph::check(sources)?;
    faults.extend(tables::check(sources));
    faults.extend(functions::check(sources));
    faults.extend(hygiene::check(sources));
    faults.sort();
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let sources = source::all(&shell::root()).unwrap();
        let faults: Vec<String> = check(&sources).unwrap().iter().map(Fault::to_string).collect();
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    }
}
