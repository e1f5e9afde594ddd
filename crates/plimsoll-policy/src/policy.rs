//! A policy as a value: what is asked of an image, and what it comes to where the answer is no.

use std::collections::BTreeMap;

use plimsoll_core::{Outcome, Severity, Timestamp};

pub(crate) const DAY_SECONDS: i64 = 86_400;

/// What a policy does at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Nothing is asked.
    Off,
    /// Everything is asked, and nothing is worse than a warning.
    Warn,
    /// What the rules deny is denied.
    Block,
}

impl Mode {
    /// Every mode, in the order of the manual.
    pub const ALL: [Mode; 3] = [Mode::Off, Mode::Warn, Mode::Block];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::Warn => "warn",
            Mode::Block => "block",
        }
    }
}

/// What becomes of findings that are likely to be exploited soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpssLevel {
    /// From this probability on, in millionths.
    pub at_least_millionths: u32,
    /// What it comes to.
    pub outcome: Outcome,
}

/// What is asked of an image. The manual (`docs/policy.md`) says what each field means to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether it blocks, warns or is silent.
    pub mode: Mode,
    /// Whether what would be denied is let through and only noted.
    pub dry_run: bool,
    /// Deny where a finding is of this severity or worse; `None` asks nothing of severities.
    pub severity: Option<Severity>,
    /// Only findings with a fix count for `severity` and `epss`.
    pub only_fixable: bool,
    /// Only findings whose fix has been known for so many days count for them.
    pub fix_age_days: Option<u32>,
    /// For so many days after a vulnerability was first seen, findings of a severity do not count.
    pub grace_days: BTreeMap<Severity, u32>,
    /// What a finding comes to whose severity nobody has said, where `severity` asks for one.
    pub unrated: Outcome,
    /// What a finding comes to that is known to be used in attacks.
    pub known_exploited: Outcome,
    /// What a finding comes to that is likely to be.
    pub epss: Option<EpssLevel>,
    /// What an image comes to that nobody has scanned.
    pub unscanned: Outcome,
    /// What an artifact comes to that is no image.
    pub unsupported: Outcome,
    /// What an image comes to of which something could not be read.
    pub incomplete: Outcome,
    /// What an image comes to whose distribution gets no more updates.
    pub end_of_life: Outcome,
    /// What every image comes to while the database is too old.
    pub stale_database: Outcome,
    /// From how many days on it is.
    pub database_age_days: u32,
    /// What is denied and was pulled within so many days is let through and only noted.
    pub spare_pulled_days: Option<u32>,
    /// What an exception comes to that has ended or that matches nothing.
    pub unused_exceptions: Outcome,
    /// Accounts that pull whatever the verdict is.
    pub scanners: Vec<String>,
}

impl Policy {
    /// A policy that asks nothing.
    pub fn off() -> Policy {
        Policy { mode: Mode::Off, ..Policy::usual() }
    }

    /// What holds for every field that a document leaves out: it blocks, and what nobody knows is
    /// said; only an image that nobody has looked at is denied for that.
    pub fn usual() -> Policy {
        Policy {
            mode: Mode::Block,
            dry_run: false,
            severity: None,
            only_fixable: false,
            fix_age_days: None,
            grace_days: BTreeMap::new(),
            unrated: Outcome::Warn,
            known_exploited: Outcome::Warn,
            epss: None,
            unscanned: Outcome::Deny,
            unsupported: Outcome::Allow,
            incomplete: Outcome::Warn,
            end_of_life: Outcome::Warn,
            stale_database: Outcome::Warn,
            database_age_days: 7,
            spare_pulled_days: None,
            unused_exceptions: Outcome::Allow,
            scanners: Vec::new(),
        }
    }

    /// What the command line asks of one report: what could not be read is denied, since nobody
    /// comes back to look, and exceptions that do nothing are named.
    pub fn of_command_line(fail_on: Option<Severity>, only_fixable: bool) -> Policy {
        Policy {
            severity: fail_on,
            only_fixable,
            incomplete: Outcome::Deny,
            // A report says itself how old its database is.
            stale_database: Outcome::Allow,
            unused_exceptions: Outcome::Warn,
            ..Policy::usual()
        }
    }

    /// From when on a database that was built at this time is too old; `None` where its age is
    /// not asked for.
    pub fn database_is_stale_from(&self, built: Timestamp) -> Option<Timestamp> {
        let asked = self.mode != Mode::Off && self.stale_database != Outcome::Allow;
        asked.then(|| days_after(built, self.database_age_days))
    }

    /// What an outcome of the rules comes to, were nothing spared.
    pub(crate) fn capped(&self, outcome: Outcome) -> Outcome {
        match self.mode {
            Mode::Off => Outcome::Allow,
            Mode::Warn => outcome.min(Outcome::Warn),
            Mode::Block => outcome,
        }
    }
}

/// A time so many days later.
pub(crate) fn days_after(time: Timestamp, days: u32) -> Timestamp {
    Timestamp(time.0.saturating_add(i64::from(days) * DAY_SECONDS))
}
