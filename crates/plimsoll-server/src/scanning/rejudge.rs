//! Everything judged anew by a new database, without reading a layer: each distinct package once, and
//! then the images that have one of which something else is found now.
//!
//! Scans go on meanwhile by the database before; only at the end, for the packages that came in
//! meanwhile and for the writing, they wait.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use plimsoll_core::{Algorithm, Digest, Severity};
use plimsoll_engine::db::OpenSnapshot;
use plimsoll_engine::judge::matcher;
use plimsoll_engine::units::judge_units;
use plimsoll_store::{
    Counts, EventKind, Judgement, NewEvent, Recount, StoredUnit, UnitChange, UnitFinding, UnitFindingOf,
    UnitId, UnitsOfInventory,
};

use super::carry_out::stored;
use super::{Scanning, now};
use crate::blobs::Hash;

/// How many units are judged at a time.
const PAGE: u32 = 4_096;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A unit's content as the store keeps it.
pub(super) fn as_text(content: &[u8]) -> String {
    STANDARD_NO_PAD.encode(content)
}

/// What stands for a report: everything that it is made of.
pub(super) fn report_of(inventory: &Digest, open: Option<&OpenSnapshot>) -> Digest {
    let snapshot = open.map_or("none".to_owned(), |open| open.info.digest.to_string());
    let text = format!("report of {inventory} at {snapshot} by {}", matcher());
    Hash::of(Algorithm::Sha256, text.as_bytes())
}

impl Scanning {
    /// Takes up the snapshot that the database has in use, if it is another one than that by which
    /// everything was judged; says whether it was.
    pub(super) async fn keep_in_step(self: &Arc<Self>) -> Result<bool, Failure> {
        let _alone = self.snapshots.exchange.lock().await;
        let Some(newest) = self.snapshots.newest_if_other().await? else {
            return Ok(false);
        };
        let system = self.store.authoriser().system();
        let judged = self.store.judgement(&system).await?;
        let (snapshot, matcher) = (newest.info.digest, matcher());
        if judged.is_some_and(|it| it.snapshot == snapshot && it.matcher == matcher) {
            self.listener.database(Some(newest.info.built));
            *self.snapshots.replace().await = Some(newest);
            return Ok(true);
        }
        self.rejudge(newest).await?;
        Ok(true)
    }

    /// Judges everything by a new snapshot, and puts it in the place of the one before.
    async fn rejudge(self: &Arc<Self>, newest: Arc<OpenSnapshot>) -> Result<(), Failure> {
        let system = self.store.authoriser().system();
        let mut pass = Pass::default();
        self.judge_units_behind(&mut pass, &newest).await?;
        let mut current = self.snapshots.replace().await;
        self.judge_units_behind(&mut pass, &newest).await?;
        let changed: Vec<UnitId> = pass.changes.iter().map(|it| it.unit).collect();
        let inventories = self.store.inventories_with(&system, &changed).await?;
        let recounts: Vec<Recount> =
            inventories.iter().map(|it| pass.recount(it, report_of(&it.digest, Some(&newest)))).collect();
        let judgement = Judgement { snapshot: newest.info.digest, matcher: matcher(), judged_at: now() };
        self.store.judge(&system, &judgement, (&pass.changes, &pass.events), &recounts).await?;
        self.listener.database(Some(newest.info.built));
        *current = Some(newest);
        drop(current);
        let ids: Vec<_> = inventories.iter().map(|it| it.inventory).collect();
        let artifacts = self.store.artifacts_of(&system, &ids).await?;
        // Verdicts may take their time; what is found stands already.
        let scanning = Arc::clone(self);
        self.runtime.spawn(async move {
            scanning.tell(&artifacts, None).await;
            scanning.note_scores().await;
        });
        Ok(())
    }

    /// Judges the units that this pass has not seen yet.
    async fn judge_units_behind(&self, pass: &mut Pass, newest: &Arc<OpenSnapshot>) -> Result<(), Failure> {
        let system = self.store.authoriser().system();
        loop {
            let units = self.store.units(&system, pass.last, PAGE).await?;
            let (Some(first), Some(last)) = (units.first(), units.last()) else {
                return Ok(());
            };
            let range = (first.id, last.id);
            let before = self.store.unit_findings(&system, range).await?;
            let open = Arc::clone(newest);
            let (units, found) = tokio::task::spawn_blocking(move || judge_page(units, &open)).await?;
            pass.take(&units, &found, before);
            pass.last = Some(range.1);
        }
    }
}

/// What is found of each of these units; `None` where one cannot be read.
fn judge_page(
    units: Vec<StoredUnit>,
    open: &OpenSnapshot,
) -> (Vec<StoredUnit>, Vec<Option<Vec<UnitFinding>>>) {
    let contents: Vec<Vec<u8>> =
        units.iter().map(|it| STANDARD_NO_PAD.decode(&it.content).unwrap_or_default()).collect();
    let found = judge_units(&contents, open);
    let found = found.into_iter().map(|it| it.map(|it| it.into_iter().map(stored).collect())).collect();
    (units, found)
}

/// A finding as it is counted.
#[derive(Clone, Copy)]
struct Counted {
    vulnerability: u32,
    severity: Severity,
    fixable: bool,
}

/// One pass over all units.
#[derive(Default)]
struct Pass {
    last: Option<UnitId>,
    changes: Vec<UnitChange>,
    events: Vec<NewEvent>,
    /// What counts of each unit's findings, for counting those of images.
    counted: HashMap<UnitId, Box<[Counted]>>,
    numbers: HashMap<String, u32>,
}

impl Pass {
    /// Takes what is found now of a page of units, and what was found before.
    fn take(&mut self, units: &[StoredUnit], found: &[Option<Vec<UnitFinding>>], before: Vec<UnitFindingOf>) {
        let mut earlier: HashMap<UnitId, Vec<UnitFinding>> = HashMap::new();
        for it in before {
            earlier.entry(it.unit).or_default().push(it.finding);
        }
        for (unit, found) in units.iter().zip(found) {
            let before = earlier.remove(&unit.id).unwrap_or_default();
            match found {
                Some(found) => {
                    self.compare(unit.id, &before, found);
                    self.count(unit.id, found);
                }
                // What cannot be judged keeps what it has: don't know is not no.
                None => self.count(unit.id, &before),
            }
        }
    }

    fn compare(&mut self, unit: UnitId, before: &[UnitFinding], found: &[UnitFinding]) {
        if before == found {
            return;
        }
        let earlier: HashMap<&str, &UnitFinding> =
            before.iter().map(|it| (it.vulnerability.as_str(), it)).collect();
        let now: HashMap<&str, &UnitFinding> =
            found.iter().map(|it| (it.vulnerability.as_str(), it)).collect();
        let gone: Vec<&UnitFinding> =
            before.iter().filter(|it| !now.contains_key(it.vulnerability.as_str())).collect();
        let other: Vec<&UnitFinding> =
            found.iter().filter(|it| earlier.get(it.vulnerability.as_str()) != Some(it)).collect();
        if gone.is_empty() && other.is_empty() {
            return;
        }
        for it in &gone {
            self.events.extend(event(unit, Some(it), None));
        }
        for it in &other {
            self.events.extend(event(unit, earlier.get(it.vulnerability.as_str()).copied(), Some(it)));
        }
        self.changes.push(UnitChange {
            unit,
            gone: gone.into_iter().map(|it| it.vulnerability.clone()).collect(),
            found: other.into_iter().cloned().collect(),
        });
    }

    fn count(&mut self, unit: UnitId, findings: &[UnitFinding]) {
        let mut counted = Vec::new();
        for it in findings.iter().filter(|it| it.counts) {
            let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
            let vulnerability = match self.numbers.get(&it.vulnerability) {
                Some(number) => *number,
                None => *self.numbers.entry(it.vulnerability.clone()).or_insert(next),
            };
            counted.push(Counted { vulnerability, severity: it.severity, fixable: it.fixable });
        }
        if !counted.is_empty() {
            self.counted.insert(unit, counted.into());
        }
    }

    /// Counts the findings of an image: each vulnerability once, as bad as where it is worst.
    fn recount(&self, inventory: &UnitsOfInventory, report: Digest) -> Recount {
        let of_units = inventory.units.iter().filter_map(|unit| self.counted.get(unit));
        let mut all: Vec<Counted> = of_units.flat_map(|it| it.iter().copied()).collect();
        all.sort_unstable_by_key(|it| (it.vulnerability, it.severity));
        let mut counts = Counts::default();
        for same in all.chunk_by(|left, right| left.vulnerability == right.vulnerability) {
            let place = match same.last().map(|it| it.severity) {
                Some(Severity::Critical) => &mut counts.critical,
                Some(Severity::High) => &mut counts.high,
                Some(Severity::Medium) => &mut counts.medium,
                Some(Severity::Low) => &mut counts.low,
                _ => &mut counts.other,
            };
            *place += 1;
            counts.fixable += u64::from(same.iter().any(|it| it.fixable));
        }
        Recount { inventory: inventory.inventory, counts, report }
    }
}

/// What is to be told of a finding that became another one.
fn event(unit: UnitId, before: Option<&UnitFinding>, after: Option<&UnitFinding>) -> Option<NewEvent> {
    let (before, after) = (before.filter(|it| it.counts), after.filter(|it| it.counts));
    let kind = match (before, after) {
        (None, None) => return None,
        (None, Some(_)) => EventKind::Appeared,
        (Some(_), None) => EventKind::Gone,
        (Some(before), Some(after)) if before.severity != after.severity => EventKind::SeverityChanged,
        (Some(before), Some(after)) if !before.fixable && after.fixable => EventKind::FixAvailable,
        (Some(_), Some(_)) => return None,
    };
    Some(NewEvent {
        kind,
        unit,
        vulnerability: after.or(before)?.vulnerability.clone(),
        before: before.map(|it| it.severity),
        after: after.map(|it| it.severity),
        fixable: after.is_some_and(|it| it.fixable),
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_store::InventoryId;

    use super::*;

    fn finding(id: &str, severity: Severity, fixable: bool) -> UnitFinding {
        UnitFinding {
            vulnerability: id.to_owned(),
            severity,
            class: "vulnerability".to_owned(),
            counts: true,
            fixable,
            fixed_version: None,
            fix_seen_at: None,
            exploited: false,
        }
    }

    fn compared(before: &[UnitFinding], found: &[UnitFinding]) -> Pass {
        let mut pass = Pass::default();
        pass.compare(UnitId::from_number(1), before, found);
        pass
    }

    #[track_caller]
    fn check(before: &[UnitFinding], found: &[UnitFinding], expected: &str) {
        let told: Vec<String> = compared(before, found)
            .events
            .iter()
            .map(|it| format!("{} {}", it.vulnerability, it.kind.name()))
            .collect();
        assert_eq!(told.join(", "), expected);
    }

    #[test]
    fn what_is_told_is_what_somebody_would_act_on() {
        let (low, high) = (finding("A", Severity::Low, false), finding("A", Severity::High, false));
        check(&[], std::slice::from_ref(&low), "A appeared");
        check(std::slice::from_ref(&low), &[], "A gone");
        check(std::slice::from_ref(&low), std::slice::from_ref(&high), "A severity_changed");
        let fixed = finding("A", Severity::Low, true);
        check(std::slice::from_ref(&low), std::slice::from_ref(&fixed), "A fix_available");
        check(std::slice::from_ref(&low), std::slice::from_ref(&low), "");
        let headers = UnitFinding { counts: false, ..low.clone() };
        check(&[], std::slice::from_ref(&headers), "");
        check(std::slice::from_ref(&headers), std::slice::from_ref(&low), "A appeared");
    }

    #[test]
    fn the_order_of_findings_is_no_change() {
        let (a, b) = (finding("A", Severity::Low, false), finding("B", Severity::Low, false));
        assert!(compared(&[a.clone(), b.clone()], &[b, a]).changes.is_empty());
    }

    #[test]
    fn a_vulnerability_counts_once_and_as_bad_as_where_it_is_worst() {
        let mut pass = Pass::default();
        let unit = UnitId::from_number;
        pass.count(unit(1), &[finding("A", Severity::Low, true), finding("B", Severity::Unknown, false)]);
        pass.count(unit(2), &[finding("A", Severity::Critical, false)]);
        let inventory = InventoryId::from_number(7);
        let recount = {
            let (units, digest) = (vec![unit(1), unit(2), unit(3)], Digest::sha256([1; 32]));
            pass.recount(&UnitsOfInventory { inventory, digest, units }, digest)
        };
        let counts = Counts { critical: 1, other: 1, fixable: 1, ..Counts::default() };
        assert_eq!((recount.inventory, recount.counts), (inventory, counts));
    }
}
