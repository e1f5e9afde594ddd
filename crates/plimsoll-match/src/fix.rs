//! Which version to upgrade to.
//!
//! The answer is a version that no range of the same statements still catches: an upgrade to it
//! is enough, also where fixes came one after another (rule 11).

use plimsoll_core::Ecosystem;
use plimsoll_vulndb::snapshot::RangeRef;

use crate::assess::{Assessed, Standing};
use crate::range::{Held, Within, fixed_end, is_listed, within};

/// The version that frees `installed` from all of `rows`, which must all be about the same name.
///
/// `None` where no row knows one.
pub(crate) fn fixed_version<'a>(
    installed: &str,
    rows: &[&Assessed<'a>],
    ecosystem: &dyn Ecosystem,
) -> Option<&'a str> {
    if rows.iter().any(|row| matches!(row.standing, Standing::Here(Held::Unknown(..)))) {
        return latest(fixes(rows), ecosystem);
    }
    let reached = climb(installed, rows, ecosystem)?;
    (!is_caught_for_good(reached, rows, ecosystem)).then_some(reached)
}

/// Steps from fix to fix until none leads further. Every step leads to a later version, so there
/// are at most as many steps as ranges.
fn climb<'a>(installed: &str, rows: &[&Assessed<'a>], ecosystem: &dyn Ecosystem) -> Option<&'a str> {
    let mut reached: Option<&'a str> = None;
    for _ in 0..ranges(rows).count() {
        match step(reached.unwrap_or(installed), rows, ecosystem) {
            Some(next) => reached = Some(next),
            None => break,
        }
    }
    reached
}

/// The latest fix of all ranges that catch the version; for one that is only listed, the next fix.
fn step<'a>(version: &str, rows: &[&Assessed<'a>], ecosystem: &dyn Ecosystem) -> Option<&'a str> {
    let catching = ranges(rows)
        .filter(|range| fixed_end(range).is_some() && within(version, range, ecosystem) == Within::Yes)
        .filter_map(|range| fixed_end(&range));
    latest(catching, ecosystem).or_else(|| {
        let listed = rows.iter().any(|row| knows_a_fix(row) && lists(row, version, ecosystem));
        listed.then(|| next_after(version, rows, ecosystem)).flatten()
    })
}

/// The first fix after a version.
fn next_after<'a>(version: &str, rows: &[&Assessed<'a>], ecosystem: &dyn Ecosystem) -> Option<&'a str> {
    fixes(rows).filter(|fixed| ecosystem.compare(version, fixed).is_ok_and(|order| order.is_lt())).reduce(
        |left, right| match ecosystem.compare(left, right) {
            Ok(order) if order.is_gt() => right,
            _ => left,
        },
    )
}

/// Whether a row that does know fixes has none for `version`.
fn is_caught_for_good(version: &str, rows: &[&Assessed<'_>], ecosystem: &dyn Ecosystem) -> bool {
    rows.iter().filter(|row| knows_a_fix(row)).any(|row| {
        let mut endless = row.row.ranges().filter(|range| fixed_end(range).is_none());
        endless.any(|range| within(version, &range, ecosystem) == Within::Yes)
            || lists(row, version, ecosystem)
    })
}

fn knows_a_fix(row: &Assessed<'_>) -> bool {
    row.row.ranges().any(|range| fixed_end(&range).is_some())
}

fn lists(row: &Assessed<'_>, version: &str, ecosystem: &dyn Ecosystem) -> bool {
    row.row.versions().any(|listed| is_listed(version, listed, ecosystem) == Ok(true))
}

fn ranges<'a>(rows: &[&Assessed<'a>]) -> impl Iterator<Item = RangeRef<'a>> {
    rows.iter().flat_map(|row| row.row.ranges())
}

fn fixes<'a>(rows: &[&Assessed<'a>]) -> impl Iterator<Item = &'a str> {
    ranges(rows).filter_map(|range| fixed_end(&range))
}

/// The latest of some versions; one that cannot be read never displaces one that can.
fn latest<'a>(versions: impl Iterator<Item = &'a str>, ecosystem: &dyn Ecosystem) -> Option<&'a str> {
    versions.reduce(|left, right| match ecosystem.compare(left, right) {
        Ok(order) if order.is_lt() => right,
        Err(unreadable) if unreadable.version == left => right,
        _ => left,
    })
}
