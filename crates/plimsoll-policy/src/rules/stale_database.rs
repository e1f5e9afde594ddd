//! `stale-database`: what becomes of every image while the database is too old to know what is
//! new. A database of unknown age is too old.

use plimsoll_core::{Reason, Timestamp};

use super::Rule;
use crate::{Answer, Known, Policy, Question};

/// The rule.
pub struct StaleDatabase;

impl Rule for StaleDatabase {
    fn name(&self) -> &'static str {
        "stale-database"
    }

    fn fields(&self) -> &'static [&'static str] {
        &["stale_database", "database_age_days"]
    }

    fn about(&self) -> &'static str {
        "all scanned images, while the database is older than `database_age_days`"
    }

    fn judge(&self, question: &Question<'_>, answer: &mut Answer) {
        if !matches!(question.case.known, Known::Scanned(_)) {
            return;
        }
        let built = question.case.database_built;
        match built.and_then(|it| question.policy.database_is_stale_from(it)) {
            Some(from) if question.now < from => answer.holds_until(from),
            _ => answer.give(Reason::new(
                self.name(),
                said(question.policy, built),
                question.policy.stale_database,
            )),
        }
    }
}

fn said(policy: &Policy, built: Option<Timestamp>) -> String {
    match built {
        Some(built) => format!(
            "the database is of {}, and may be {} days old at most",
            built.date_text(),
            policy.database_age_days
        ),
        None => "there is no database, or nobody knows how old it is".to_owned(),
    }
}
