//! Verdicts: whether an artifact may be pulled, and why; and what was said before.

use plimsoll_store::StoredVerdict;

use super::artifacts::{AnswerWord, artifact};
use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "getVerdict",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/verdict",
        Needs::Namespace(Permission::Read),
        "The verdict that holds, with every reason.",
        |api, call| Box::pin(show(api, call)),
    )
    .gives::<Verdict>()
    .refuses(&[Kind::NotFound]),
    get(
        "listVerdicts",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/verdicts",
        Needs::Namespace(Permission::Read),
        "Every change of the verdict on an artifact, newest first.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Verdict>>()
    .refuses(&[Kind::NotFound]),
];

wire! {
    /// A verdict.
    struct Verdict {
        /// What is answered to somebody who pulls.
        answer: AnswerWord,
        /// Every reason, as the policy gives it.
        reasons: Value,
        /// The digest of the policy.
        policy: DigestText,
        /// The digest of what was judged; none for an artifact that was not scanned.
        evidence: Option<DigestText>,
        /// Why less came of it than of its reasons: `dry_run`, `spared`.
        lowered: Option<String>,
        /// Since when.
        decided_at: Time,
        /// From when on it may be another one, though nothing is changed but the time.
        holds_until: Option<Time>,
    }
}

fn shown(verdict: StoredVerdict) -> Verdict {
    Verdict {
        answer: verdict.answer.into(),
        reasons: serde_json::from_str(&verdict.reasons).unwrap_or_else(|_| Value::from(verdict.reasons)),
        policy: DigestText(verdict.policy),
        evidence: verdict.report.map(DigestText),
        lowered: verdict.lowered,
        decided_at: Time(verdict.decided_at),
        holds_until: verdict.holds_until.map(Time),
    }
}

/// The sentences of a verdict's reasons.
pub(super) fn sentences(reasons: &str) -> Vec<String> {
    crate::gate::read_reasons(reasons).into_iter().map(|it| it.what).collect()
}

async fn show(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let found = api.store.verdicts(&access, artifact.id, None, 1).await?;
    match found.into_iter().next() {
        Some(verdict) => Answer::json(&shown(verdict)),
        None => Err(Problem::new(Kind::NotFound, "there is no verdict on it yet")),
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "verdicts")?;
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let found = api.store.verdicts(&access, artifact.id, paging.number(0), paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.number)], shown))
}
