//! What the gate does by itself: loads what stands, follows what other processes decide, judges
//! again what is due, sweeps namespaces whose rules changed, writes down what was refused.
//!
//! None of it is needed for a right answer, only for a fast one, and for a history that is written
//! when something happens and not when somebody looks.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use plimsoll_core::Timestamp;
use plimsoll_store::{Error, Scan, StandingAnswer};

use super::Gate;
use super::judge::outcome;
use super::memory::{RulesKey, Standing};

/// How often it looks what is due.
const TICK: Duration = Duration::from_secs(2);
/// How many that are due are judged in one go.
const DUE_MAX: usize = 500;
/// How often rules are read again, that other processes may have changed.
const RULES_EVERY_TICKS: u64 = 15;
/// How often is looked for summaries of reports that are gone, and how old they are then: one that
/// was just made has no report yet.
const CLEAN_EVERY_TICKS: u64 = 900;
const SUMMARY_SECONDS: i64 = 86_400;
/// How many answers are loaded at a time.
const PAGE: u32 = 5000;

impl Gate {
    /// Runs until it is dropped. One run for each process.
    pub async fn run(self: Arc<Self>) {
        let mut last = self.tried(self.load().await).unwrap_or_default();
        for tick in 1_u64.. {
            tokio::select! {
                () = self.wake.notified() => (),
                () = tokio::time::sleep(TICK) => (),
            }
            let now = clock();
            last = self.tried(self.follow(last).await).unwrap_or(last);
            self.tried(self.tidy(now).await);
            if tick.is_multiple_of(CLEAN_EVERY_TICKS) {
                let before = Timestamp(now.0.saturating_sub(SUMMARY_SECONDS));
                let access = self.store.authoriser().system::<Scan>();
                self.tried(self.store.clean_summaries(&access, before).await);
            }
            if tick.is_multiple_of(RULES_EVERY_TICKS) {
                self.tried(self.read_rules_again(now).await);
            }
            while let Some(artifact) = self.next_artifact() {
                self.tried(self.judge(artifact, clock()).await);
            }
            while let Some(namespace) = self.next_sweep() {
                self.tried(self.sweep(namespace, clock()).await);
            }
        }
    }

    fn tried<T>(&self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| (self.options.log)(&format!("the gate could not do its work: {error}"))).ok()
    }

    /// Loads what stands, and gives the last verdict's number. Pulls are answered meanwhile.
    pub async fn load(&self) -> Result<i64, Error> {
        let access = self.store.authoriser().system::<Scan>();
        let (mut after, mut last) = (None, 0);
        loop {
            let page = self.store.standing_verdicts(&access, after, PAGE).await?;
            let Some(end) = page.last() else { return Ok(last) };
            after = Some(end.artifact);
            last = page.iter().map(|it| it.number).fold(last, i64::max);
            self.memory.load_answers(page.iter().map(|it| (it.artifact, standing(it))));
        }
    }

    /// Takes over what was decided elsewhere since a verdict; gives the last.
    async fn follow(&self, mut last: i64) -> Result<i64, Error> {
        let access = self.store.authoriser().system::<Scan>();
        loop {
            let page = self.store.verdicts_since(&access, last, PAGE).await?;
            let Some(end) = page.last() else { return Ok(last) };
            last = end.number;
            // Our own are among them, and say the same.
            let others = page.iter().filter(|it| {
                let known = self.memory.answer(it.artifact);
                known.is_none_or(|known| {
                    known.outcome != outcome(it.answer) || known.rules != RulesKey::of(&it.policy)
                })
            });
            // Asked again where it matters, since what we know may be the newer.
            let others: Vec<_> = others.map(|it| it.artifact).collect();
            self.memory.forget_answers(&others);
        }
    }

    /// Judges what is due and writes down what was refused and what matched.
    pub async fn tidy(&self, now: Timestamp) -> Result<(), Error> {
        for artifact in self.memory.take_due(now, DUE_MAX) {
            self.judge(artifact, now).await?;
        }
        let refused = self.refusals.take(now);
        if !refused.lines.is_empty() {
            self.store.audit_refused_pulls(&refused.lines, now).await?;
        }
        if !refused.counts.is_empty() {
            self.store.note_refused(&refused.counts, now).await?;
        }
        let matched = self.take_matched();
        if !matched.is_empty() {
            let access = self.store.authoriser().system::<Scan>();
            self.store.note_exceptions_matched(&access, &matched, now).await?;
        }
        Ok(())
    }

    async fn read_rules_again(&self, now: Timestamp) -> Result<(), Error> {
        for namespace in self.memory.namespaces() {
            match self.read_rules(namespace, now).boxed().await {
                Ok((_, true)) => self.sweep_later([namespace]),
                Ok(_) => (),
                Err(Error::Unknown { .. }) => self.memory.forget_rules(namespace),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn standing(found: &StandingAnswer) -> Standing {
    Standing {
        outcome: outcome(found.answer),
        rules: RulesKey::of(&found.policy),
        until: found.holds_until,
        why: None,
    }
}

/// The clock; everything else takes the time as an argument.
fn clock() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}
