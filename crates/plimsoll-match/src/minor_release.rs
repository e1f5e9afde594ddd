//! Fixes that are made anew for each minor release of a distribution (rule 35).
//!
//! Only says when a package has the one for its own; what else holds is ruled elsewhere.

use plimsoll_core::Status;

use crate::assess::Assessed;
use crate::context::Reach;
use crate::range::{Held, Hit, Miss, fixed_end};
use crate::ruling::{Group, Question};

/// The fix of the very minor release that the installed version was built for, if it has it and no
/// other of that release: what is fixed anew for a later one is no matter then, nor who announced
/// it for which repository (rule 35).
pub(crate) fn fixed_in_own_minor<'r, 'a>(
    rows: Group<'r, 'a>,
    question: &Question<'_>,
) -> Option<(&'a str, &'r Assessed<'a>)> {
    let minor = |version: &str| question.ecosystem.minor_release(version);
    if !question.vendor
        || [question.source_version, question.binary_version].into_iter().all(|it| minor(it).is_none())
    {
        return None;
    }
    let mut has = None;
    for (row, held) in rows.here().filter(|(row, _)| row.row.status == Status::Fixed) {
        let fixed = match held {
            Held::No(Miss::Fixed(fixed)) => Some(*fixed),
            Held::Yes(Hit::Range(range)) => fixed_end(range),
            _ => None,
        };
        let own = minor(question.version_of(row.row.name_kind));
        let is_foreign = row.row.channel.is_some_and(|it| (question.reach)(it) == Reach::Foreign);
        let Some(fixed) = fixed.filter(|fixed| !is_foreign && own.is_some() && minor(fixed) == own) else {
            continue;
        };
        match held {
            Held::No(_) => has = has.or(Some((fixed, row))),
            _ => return None,
        }
    }
    has
}
