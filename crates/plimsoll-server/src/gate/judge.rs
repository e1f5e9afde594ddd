//! Judging artifacts: reads what is known, asks the policy, keeps what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_core::{Digest, Outcome, Reason, Timestamp, Verdict};
use plimsoll_policy::{Case, Judgement, Known, Lowered, Place, Policy, ScanSummary, evaluate};
use plimsoll_store::{Answer, ArtifactId, Error, Judged, NamespaceId, NewVerdict, Pull, Recorded, Scan};

use super::kind::{Kind, kind_of};
use super::memory::{RulesKey, Standing};
use super::reasons::{read_reasons, written};
use super::rules::Rules;
use super::{Change, Gate, Scanned};

/// How often a new report may come while one is judged.
const OVERTAKEN_MAX: usize = 5;

/// For how long a verdict holds whose image is just being read anew.
const LAST_WORD_SECONDS: i64 = 10;

/// A judged artifact, before it is kept.
pub(super) struct Ruled {
    pub(super) artifact: ArtifactId,
    pub(super) judgement: Judgement,
    pub(super) report: Option<Digest>,
    reasons: String,
    /// Nothing is kept of what is not judged at all.
    is_kept: bool,
}

impl Gate {
    /// Judges an artifact now and keeps the verdict. One that is gone has none.
    pub async fn judge(&self, artifact: ArtifactId, now: Timestamp) -> Result<Option<Verdict>, Error> {
        Ok(self.judge_now(artifact, now).await?.map(|it| it.0))
    }

    /// The same, with what stands from now on.
    pub(super) async fn judge_now(
        &self,
        artifact: ArtifactId,
        now: Timestamp,
    ) -> Result<Option<(Verdict, Standing)>, Error> {
        let access = self.store.authoriser().system::<Scan>();
        for _ in 0..OVERTAKEN_MAX {
            let Some(judged) = self.store.judged(&access, artifact).await? else { break };
            let rules = self.rules(judged.namespace, now).await?;
            let ruled = self.rule(&rules, &judged, now).await?;
            let answer = (ruled.judgement.verdict.clone(), ruled.standing(&rules));
            if self.keep(&rules, &[(judged, ruled)], now).await? {
                return Ok(Some(answer));
            }
        }
        self.memory.forget_answers(&[artifact]);
        Ok(None)
    }

    /// A new report stands: the verdict does too when this returns. Scanning calls it as soon as
    /// its result is kept.
    pub async fn scanned(&self, artifact: ArtifactId, now: Timestamp) -> Result<Option<Verdict>, Error> {
        let access = self.store.authoriser().system::<Scan>();
        if let Some(judged) = self.store.judged(&access, artifact).await?
            && let Some(summary) = self.summary(&judged, None, now).await?
        {
            self.note_seen(&judged, &summary, now).await?;
        }
        self.judge(artifact, now).await
    }

    /// The same after a scan, which others want to hear of.
    pub async fn scan_ended(&self, artifact: ArtifactId, now: Timestamp) -> Result<(), Error> {
        let access = self.store.authoriser().system::<Scan>();
        if let Some(listener) = &self.listener
            && let Some(judged) = self.store.judged(&access, artifact).await?
            && let Some(summary) = self.summary(&judged, None, now).await?
        {
            let seen = self.store.first_seen(&access, judged.repository).await?;
            let ids = summary.findings.iter().map(|it| it.id.as_str());
            let new: BTreeSet<&str> = ids.filter(|it| !seen.contains_key(*it)).collect();
            let rules = self.rules(judged.namespace, now).await?;
            let (judged, summary) = (&judged, &summary);
            let scanned = Scanned { namespace: &rules.name, judged, summary, new: &new, at: now };
            listener.scanned(&scanned).await;
        }
        self.scanned(artifact, now).await?;
        Ok(())
    }

    /// Notes which vulnerabilities are in a repository now: their grace begins.
    async fn note_seen(&self, judged: &Judged, summary: &ScanSummary, now: Timestamp) -> Result<(), Error> {
        let mut ids: Vec<&str> = summary.findings.iter().map(|it| it.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let access = self.store.authoriser().system::<Scan>();
        self.store.note_seen(&access, judged.repository, &ids, now).await?;
        Ok(())
    }

    /// Judges all artifacts of a namespace, page by page.
    pub(super) async fn sweep(&self, namespace: NamespaceId, now: Timestamp) -> Result<(), Error> {
        // Manifests and summaries are in it, and some are large.
        const PAGE: u32 = 25;
        let access = self.store.authoriser().system::<Scan>().within(namespace);
        let mut after = None;
        loop {
            let page = self.store.judged_in(&access, after, PAGE).await?;
            let Some(last) = page.last().map(|it| it.artifact) else { return Ok(()) };
            let rules = self.rules(namespace, now).await?;
            let mut ruled = Vec::new();
            for judged in page {
                let new = self.rule(&rules, &judged, now).await?;
                ruled.push((judged, new));
            }
            self.keep(&rules, &ruled, now).await?;
            after = Some(last);
            tokio::task::yield_now().await;
        }
    }

    /// What the rules say of an artifact.
    pub(super) async fn rule(&self, rules: &Rules, judged: &Judged, now: Timestamp) -> Result<Ruled, Error> {
        let kind = kind_of(&judged.media_type, &judged.manifest);
        let is_kept = matches!(kind, Kind::Image | Kind::Other);
        let judgement = match &rules.policy {
            _ if !is_kept || rules.are_off() => allowed(),
            Ok(policy) => {
                let policy = rules.asked(policy);
                self.ask(rules, &policy, (judged, kind), now).await?
            }
            Err(error) => unreadable(rules, error),
        };
        let reasons = written(&judgement.verdict.reasons);
        Ok(Ruled { artifact: judged.artifact, judgement, report: judged.report, reasons, is_kept })
    }

    /// Asks one policy.
    pub(super) async fn ask(
        &self,
        rules: &Rules,
        policy: &Policy,
        (judged, kind): (&Judged, Kind),
        now: Timestamp,
    ) -> Result<Judgement, Error> {
        let access = self.store.authoriser().system::<Scan>();
        let summary = match kind {
            Kind::Image => self.summary(judged, rules.database, now).await?,
            _ => None,
        };
        if kind == Kind::Image
            && judged.report.is_some()
            && summary.is_none()
            && let Some(last) = self.last_word(judged, now).await?
        {
            return Ok(last);
        }
        let known = match (&summary, kind) {
            (_, Kind::Other) => Known::NotSupported,
            (Some(summary), _) => Known::Scanned(summary),
            (None, _) if judged.scan_failed => Known::ScanFailed,
            (None, _) => Known::NotScanned,
        };
        let first_seen = if policy.grace_days.is_empty() {
            BTreeMap::new()
        } else {
            self.store.first_seen(&access, judged.repository).await?
        };
        let tags = if rules.exceptions.ask_for_tags() {
            self.store.tags_of(&access, judged.artifact).await?
        } else {
            Vec::new()
        };
        let case = Case {
            known,
            place: Place { repository: Some(judged.repository_name.as_str()), tags: &tags },
            first_seen: &first_seen,
            pulled_at: judged.pulled_at,
            database_built: rules.stale.flatten(),
        };
        let judgement = evaluate(policy, &rules.exceptions, &case, now);
        self.note_matched(rules, &judgement);
        Ok(judgement)
    }

    /// What the newest report says to policies: as it was kept, or, where an earlier version kept
    /// it, a new database has changed it or a policy asks for what only the newest says, as whoever
    /// knows says it.
    async fn summary(
        &self,
        judged: &Judged,
        database: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<ScanSummary>, Error> {
        let kept = judged.summary.as_deref().and_then(ScanSummary::from_bytes);
        let will_do =
            |it: &ScanSummary| database.is_none_or(|built| it.database_built.is_some_and(|it| built <= it));
        let (false, Some(report), Some(others)) =
            (kept.as_ref().is_some_and(will_do), &judged.report, &self.options.summarise)
        else {
            return Ok(kept);
        };
        let Some(made) = others.summary(judged.namespace, judged.artifact).await else { return Ok(kept) };
        self.note_seen(judged, &made, now).await?;
        let access = self.store.authoriser().system::<Scan>();
        self.store.keep_summary(&access, report, &made.to_bytes(), now).await?;
        Ok(Some(made))
    }

    /// The verdict that stands, for a while: the image was scanned, and what was found in it is
    /// being made anew.
    async fn last_word(&self, judged: &Judged, now: Timestamp) -> Result<Option<Judgement>, Error> {
        let access = self.store.authoriser().system::<Pull>().within(judged.namespace);
        let last = self.store.verdicts(&access, judged.artifact, None, 1).await?.pop();
        Ok(last.map(|last| {
            let verdict = Verdict { outcome: outcome(last.answer), reasons: read_reasons(&last.reasons) };
            let until = Some(Timestamp(now.0.saturating_add(LAST_WORD_SECONDS)));
            let lowered = last.lowered.as_deref().and_then(Lowered::parse);
            Judgement { verdict, lowered, until, ..allowed() }
        }))
    }

    /// Keeps verdicts in the store and in memory, and tells of those that changed. Says whether all
    /// were kept; those that a new report overtook were not, and whoever brought it judges again.
    async fn keep(&self, rules: &Rules, ruled: &[(Judged, Ruled)], now: Timestamp) -> Result<bool, Error> {
        let access = self.store.authoriser().system::<Scan>();
        let (kept, passing): (Vec<_>, Vec<_>) = ruled.iter().partition(|(_, it)| it.is_kept);
        let new: Vec<_> = kept.iter().map(|(_, it)| (it.artifact, it.verdict(rules))).collect();
        let recorded = match new.is_empty() {
            true => Vec::new(),
            false => self.store.record_verdicts(&access, &new, now).await?,
        };
        let stands =
            kept.iter().zip(&recorded).filter(|(_, it)| **it != Recorded::Overtaken).map(|(it, _)| *it);
        let all = passing.into_iter().chain(stands);
        self.memory.keep_answers(all.map(|(_, it)| (it.artifact, it.standing(rules))));
        let changed = kept.iter().zip(&recorded).filter(|(_, it)| **it == Recorded::Changed);
        for ((judged, ruled), _) in changed {
            self.tell(&Change { namespace: &rules.name, judged, judgement: &ruled.judgement, at: now }).await;
        }
        Ok(!recorded.contains(&Recorded::Overtaken))
    }
}

impl Ruled {
    fn verdict<'a>(&'a self, rules: &'a Rules) -> NewVerdict<'a> {
        NewVerdict {
            answer: answer(self.judgement.verdict.outcome),
            reasons: &self.reasons,
            policy: &rules.digest,
            report: self.report.as_ref(),
            lowered: self.judgement.lowered.map(|it| it.name()),
            holds_until: self.judgement.until,
            is_silent: rules.are_off(),
        }
    }

    fn standing(&self, rules: &Rules) -> Standing {
        let verdict = &self.judgement.verdict;
        // What is warned of is read when somebody pulls it: where a policy only warns it may be everything.
        let why = (verdict.outcome == Outcome::Deny)
            .then(|| super::refusal::in_words(Outcome::Deny, &verdict.reasons));
        Standing {
            outcome: verdict.outcome,
            rules: RulesKey::of(&rules.digest),
            until: self.judgement.until,
            why: why.map(Arc::from),
        }
    }
}

fn allowed() -> Judgement {
    let verdict = Verdict { outcome: Outcome::Allow, reasons: Vec::new() };
    Judgement { verdict, lowered: None, until: None, used: Vec::new() }
}

/// A policy that nobody can read asks for everything: a gate does not open because its lock broke.
fn unreadable(rules: &Rules, error: &plimsoll_policy::PolicyError) -> Judgement {
    let what = format!("the policy of {} cannot be read: {error}", rules.name);
    let reasons = vec![Reason::new("policy", what, Outcome::Deny)];
    Judgement { verdict: Verdict { outcome: Outcome::Deny, reasons }, ..allowed() }
}

fn answer(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Allow => Answer::Allow,
        Outcome::Warn => Answer::Warn,
        Outcome::Deny => Answer::Deny,
    }
}

pub(super) fn outcome(answer: Answer) -> Outcome {
    match answer {
        Answer::Allow => Outcome::Allow,
        Answer::Warn => Outcome::Warn,
        Answer::Deny => Outcome::Deny,
    }
}
