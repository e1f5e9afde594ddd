//! A policy as people write it, in JSON or TOML: read once into a value that cannot be wrong, and
//! written back in one form, whose digest names the policy.
//!
//! A word that is not known is refused, with its place and what could stand there: a misspelled
//! `severty` would else be a gate that stands open.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use plimsoll_core::{Escaped, Outcome, Severity};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::policy::{EpssLevel, Mode, Policy};

/// Longer documents are no policies.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// The most accounts that `scanners` names.
const SCANNERS_MAX: usize = 100;
/// Ten years; more is a slip.
const DAYS_MAX: u32 = 3650;

/// Why a document is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The line, counted from 1; none where it is about the whole.
    pub line: Option<usize>,
    /// The column, counted from 1.
    pub column: Option<usize>,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.what)
    }
}

impl Policy {
    /// Reads a policy in JSON.
    pub fn from_json(text: &str) -> Result<Policy, PolicyError> {
        short_enough(text)?;
        // A list would be read as the fields in their order, and an empty one as all left out.
        if text.trim_start().starts_with('[') {
            let what = "a policy is an object, `{\"mode\": …}`, and no list".to_owned();
            return Err(PolicyError { line: Some(1), column: Some(1), what });
        }
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let place = Some((error.line(), error.column())).filter(|it| it.0 > 0);
            let what = error.to_string();
            let end = what.rfind(" at line ").unwrap_or(what.len());
            PolicyError {
                line: place.map(|it| it.0),
                column: place.map(|it| it.1),
                what: what[..end].to_owned(),
            }
        })?;
        document.policy()
    }

    /// Reads a policy in TOML.
    pub fn from_toml(text: &str) -> Result<Policy, PolicyError> {
        short_enough(text)?;
        let document: Document = toml::from_str(text).map_err(|error| {
            let place = error.span().map(|span| place(text, span.start));
            PolicyError {
                line: place.map(|it| it.0),
                column: place.map(|it| it.1),
                what: error.message().trim().to_owned(),
            }
        })?;
        document.policy()
    }

    /// The policy in JSON, every field of it; equal policies give equal texts.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&Document::of(self)).expect("texts and numbers can be written")
    }
}

fn short_enough(text: &str) -> Result<(), PolicyError> {
    if text.len() <= DOCUMENT_BYTES_MAX {
        return Ok(());
    }
    Err(PolicyError {
        line: None,
        column: None,
        what: format!("a policy has at most {DOCUMENT_BYTES_MAX} bytes"),
    })
}

fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |it| it + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Document {
    mode: Word<Mode>,
    dry_run: bool,
    severity: Option<Word<Severity>>,
    only_fixable: bool,
    fix_age_days: Option<Days>,
    grace_days: BTreeMap<Word<Severity>, Days>,
    unrated: Word<Outcome>,
    known_exploited: Word<Outcome>,
    epss: Option<Epss>,
    unscanned: Word<Outcome>,
    unsupported: Word<Outcome>,
    incomplete: Word<Outcome>,
    end_of_life: Word<Outcome>,
    stale_database: Word<Outcome>,
    database_age_days: Days,
    spare_pulled_days: Option<Days>,
    unused_exceptions: Word<Outcome>,
    scanners: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Epss {
    at_least: Probability,
    #[serde(default = "deny")]
    action: Word<Outcome>,
}

fn deny() -> Word<Outcome> {
    Word(Outcome::Deny)
}

impl Default for Document {
    fn default() -> Document {
        Document::of(&Policy::usual())
    }
}

impl Document {
    fn of(policy: &Policy) -> Document {
        Document {
            mode: Word(policy.mode),
            dry_run: policy.dry_run,
            severity: policy.severity.map(Word),
            only_fixable: policy.only_fixable,
            fix_age_days: policy.fix_age_days.map(Days),
            grace_days: policy.grace_days.iter().map(|(it, days)| (Word(*it), Days(*days))).collect(),
            unrated: Word(policy.unrated),
            known_exploited: Word(policy.known_exploited),
            epss: policy
                .epss
                .map(|it| Epss { at_least: Probability(it.at_least_millionths), action: Word(it.outcome) }),
            unscanned: Word(policy.unscanned),
            unsupported: Word(policy.unsupported),
            incomplete: Word(policy.incomplete),
            end_of_life: Word(policy.end_of_life),
            stale_database: Word(policy.stale_database),
            database_age_days: Days(policy.database_age_days),
            spare_pulled_days: policy.spare_pulled_days.map(Days),
            unused_exceptions: Word(policy.unused_exceptions),
            scanners: policy.scanners.clone(),
        }
    }

    fn policy(self) -> Result<Policy, PolicyError> {
        let policy = Policy {
            mode: self.mode.0,
            dry_run: self.dry_run,
            severity: self.severity.map(|it| it.0),
            only_fixable: self.only_fixable,
            fix_age_days: self.fix_age_days.map(|it| it.0),
            grace_days: self.grace_days.into_iter().map(|(it, days)| (it.0, days.0)).collect(),
            unrated: self.unrated.0,
            known_exploited: self.known_exploited.0,
            epss: self.epss.map(|it| EpssLevel { at_least_millionths: it.at_least.0, outcome: it.action.0 }),
            unscanned: self.unscanned.0,
            unsupported: self.unsupported.0,
            incomplete: self.incomplete.0,
            end_of_life: self.end_of_life.0,
            stale_database: self.stale_database.0,
            database_age_days: self.database_age_days.0,
            spare_pulled_days: self.spare_pulled_days.map(|it| it.0),
            unused_exceptions: self.unused_exceptions.0,
            scanners: self.scanners,
        };
        match fault(&policy) {
            Some(what) => Err(PolicyError { line: None, column: None, what: what.to_owned() }),
            None => Ok(policy),
        }
    }
}

/// What cannot be meant, though each field is right.
fn fault(policy: &Policy) -> Option<&'static str> {
    if policy.scanners.len() > SCANNERS_MAX
        || policy.scanners.iter().any(|it| it.is_empty() || it.len() > 255)
    {
        return Some("`scanners` names at most 100 accounts, of 1 to 255 characters each");
    }
    let conditions = policy.only_fixable || policy.fix_age_days.is_some() || !policy.grace_days.is_empty();
    if conditions && policy.severity.is_none() && policy.epss.is_none() {
        return Some(
            "`only_fixable`, `fix_age_days` and `grace_days` say which findings count for `severity` and `epss`; set one of these",
        );
    }
    if policy.severity.is_some_and(|level| policy.grace_days.keys().any(|it| *it < level))
        && policy.epss.is_none()
    {
        return Some("`grace_days` names a severity below `severity`, which is never denied; leave it out");
    }
    None
}

/// A word of a fixed list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Word<T>(T);

trait Words: Copy + 'static {
    const WHAT: &'static str;
    const ALL: &'static [Self];
    fn word(self) -> &'static str;
}

impl Words for Mode {
    const WHAT: &'static str = "mode";
    const ALL: &'static [Mode] = &Mode::ALL;
    fn word(self) -> &'static str {
        self.name()
    }
}

impl Words for Outcome {
    const WHAT: &'static str = "action";
    const ALL: &'static [Outcome] = &Outcome::ALL;
    fn word(self) -> &'static str {
        self.name()
    }
}

impl Words for Severity {
    const WHAT: &'static str = "severity";
    const ALL: &'static [Severity] = &Severity::ALL;
    fn word(self) -> &'static str {
        self.name()
    }
}

impl<T: Words> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

// Visitors, and no conversion of what was read: only so does an error have its place.

impl<'de, T: Words> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word<T>, D::Error> {
        deserializer.deserialize_str(WordVisitor(PhantomData))
    }
}

struct WordVisitor<T>(PhantomData<T>);

impl<T: Words> Visitor<'_> for WordVisitor<T> {
    type Value = Word<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = T::ALL.iter().map(|it| it.word()).collect();
        write!(f, "one of {}", words.join(", "))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Word<T>, E> {
        let found = T::ALL.iter().find(|it| it.word().eq_ignore_ascii_case(text));
        found.copied().map(Word).ok_or_else(|| {
            let words: Vec<&str> = T::ALL.iter().map(|it| it.word()).collect();
            let (what, text) = (T::WHAT, Escaped(text));
            de::Error::custom(format!("`{text}` is no {what}; use one of {}", words.join(", ")))
        })
    }
}

/// A number of days.
#[derive(Clone, Copy, Serialize)]
struct Days(u32);

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Days, D::Error> {
        deserializer.deserialize_i64(DaysVisitor)
    }
}

struct DaysVisitor;

impl Visitor<'_> for DaysVisitor {
    type Value = Days;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number of days, 0 to {DAYS_MAX}")
    }

    fn visit_i64<E: de::Error>(self, days: i64) -> Result<Days, E> {
        let legal = u32::try_from(days).ok().filter(|it| *it <= DAYS_MAX);
        legal.map(Days).ok_or_else(|| de::Error::custom(format!("{days} days are none; use 0 to {DAYS_MAX}")))
    }

    fn visit_u64<E: de::Error>(self, days: u64) -> Result<Days, E> {
        self.visit_i64(i64::try_from(days).unwrap_or(i64::MAX))
    }
}

/// A probability, kept in millionths so that policies can be compared.
struct Probability(u32);

impl Serialize for Probability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 1e6)
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Probability, D::Error> {
        deserializer.deserialize_f64(ProbabilityVisitor)
    }
}

struct ProbabilityVisitor;

impl Visitor<'_> for ProbabilityVisitor {
    type Value = Probability;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 1")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Probability, E> {
        if !(0.0..=1.0).contains(&value) {
            return Err(de::Error::custom("a probability is a number from 0 to 1, such as 0.1"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a million"
        )]
        let millionths = (value * 1e6).round() as u32;
        Ok(Probability(millionths))
    }

    // 0 and 1 are written without a point.

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Probability, E> {
        self.visit_f64(if value == 0 || value == 1 { value as f64 } else { f64::NAN })
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Probability, E> {
        self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
    }
}
