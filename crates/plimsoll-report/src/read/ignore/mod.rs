//! Ignore files of other programs, read as exceptions: `.trivyignore`, `.trivyignore.yaml` and
//! the `ignore` rules of `.grype.yaml`.
//!
//! A rule that cannot be read whole is left out and named: without one of its conditions it
//! would suppress more than its author meant.

mod grype;
mod trivyignore;
mod trivyignore_yaml;
mod vocabulary;

use std::collections::BTreeMap;

use plimsoll_core::{IgnoreRule, Problem, ProblemKind, TextPattern};

use super::{ReadError, text};

/// The most rules that are read of one file.
const RULES_MAX: usize = 100_000;

/// What an ignore file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoreFile {
    /// Its rules.
    pub rules: Vec<IgnoreRule>,
    /// What could not be read, and so suppresses nothing.
    pub problems: Vec<Problem>,
}

impl IgnoreFile {
    fn problem(&mut self, source: &str, what: impl std::fmt::Display) {
        self.problems.push(Problem::new(ProblemKind::Exception, format!("{source}: {what}")).harmless());
    }

    /// Takes a rule that has a condition, up to the limit.
    fn take(&mut self, rule: IgnoreRule) {
        if !rule.has_condition() {
            let source = rule.source.clone();
            self.problem(&source, "a rule without any condition is not used");
        } else if self.rules.len() < RULES_MAX {
            self.rules.push(rule);
        } else if self.rules.len() == RULES_MAX
            && self.problems.last().is_none_or(|it| it.kind != ProblemKind::Limit)
        {
            let what = format!("{}: only {RULES_MAX} rules are read", rule.source);
            self.problems.push(Problem::new(ProblemKind::Limit, what).harmless());
        }
    }
}

/// Reads a file; `source` is what users call it, and its ending tells YAML from lines.
pub fn read(source: &str, bytes: &[u8]) -> Result<IgnoreFile, ReadError> {
    let text = text(bytes)?;
    let name = source.rsplit('/').next().unwrap_or(source).to_ascii_lowercase();
    if !(name.ends_with(".yaml") || name.ends_with(".yml")) {
        return Ok(trivyignore::read(source, text));
    }
    let kind: Kind = yaml(text)?;
    match kind.ignore {
        Some(_) => grype::read(source, text),
        None => trivyignore_yaml::read(source, text),
    }
}

/// What tells Grype's configuration from Trivy's list.
#[derive(serde::Deserialize)]
struct Kind {
    ignore: Option<serde::de::IgnoredAny>,
}

fn yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    serde_saphyr::from_str(text).map_err(|error| ReadError::new(format!("it is no readable YAML: {error}")))
}

/// The keys of an entry, whatever stands behind them.
///
/// They are read apart from the entry: serde's `flatten` would take a version `1.5` for a number.
type Keys = BTreeMap<String, serde::de::IgnoredAny>;

/// A key that nobody knows may be a condition that is misspelt, without which the rule would
/// suppress more than was meant.
fn only(known: &[&str], keys: &Keys) -> Result<(), String> {
    match keys.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("`{key}` is unknown")),
        None => Ok(()),
    }
}

/// A pattern of a path: `None` where it uses what is not read (lists and sets).
fn path_pattern(text: &str) -> Option<TextPattern> {
    let text = text.trim_start_matches("./").trim_start_matches('/');
    match text.contains(['{', '[', '\\', '!']) {
        true => None,
        false => Some(TextPattern::Glob(text.to_owned())),
    }
}

#[cfg(test)]
mod tests;
