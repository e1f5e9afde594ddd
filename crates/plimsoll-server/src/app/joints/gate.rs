//! The interface asks what a policy is and what it would do; the gate knows.

use futures_util::FutureExt;
use plimsoll_core::Timestamp;
use plimsoll_policy::Policy;
use plimsoll_store::{ArtifactId, NamespaceId};
use serde_json::{Value, json};

use super::super::Clock;
use crate::api::{Asked, Judge, PullWord};
use crate::gate::{Explained, Gate, Preview, Share};

const DAY_SECONDS: i64 = 86_400;

fn parsed(policy: &Value) -> Result<Policy, String> {
    Policy::from_json(&policy.to_string()).map_err(|error| error.to_string())
}

impl Judge for Gate {
    fn check(&self, policy: &Value) -> Result<Value, String> {
        let canonical = parsed(policy)?.to_json();
        serde_json::from_str(&canonical).map_err(|error| error.to_string())
    }

    fn preview<'a>(
        &'a self,
        namespace: NamespaceId,
        policy: &'a Value,
        days: u32,
    ) -> Asked<'a, Result<Value, String>> {
        async move {
            let now = Clock::system().now();
            let since = Timestamp(now.0.saturating_sub(i64::from(days).saturating_mul(DAY_SECONDS)));
            let preview = Gate::preview(self, namespace, &parsed(policy)?, since, now).await;
            preview.map(|it| written(&it)).map_err(|error| error.to_string())
        }
        .boxed()
    }

    fn explain<'a>(
        &'a self,
        artifact: ArtifactId,
        account: Option<&'a str>,
    ) -> Asked<'a, Result<Option<PullWord>, String>> {
        async move {
            let explained = Gate::explain(self, artifact, account, Clock::system().now()).await;
            Ok(explained.map_err(|error| error.to_string())?.map(word))
        }
        .boxed()
    }

    fn changed(&self, namespace: Option<NamespaceId>) {
        match namespace {
            Some(namespace) => self.rules_changed(namespace),
            None => self.rules_changed_everywhere(),
        }
    }
}

fn word(explained: Explained) -> PullWord {
    let Explained { judgement, policy, is_off, is_index, is_scanner, exceptions } = explained;
    PullWord {
        outcome: judgement.verdict.outcome,
        reasons: judgement.verdict.reasons,
        lowered: judgement.lowered.map(|it| it.name()),
        until: judgement.until,
        policy: policy.and_then(|it| serde_json::from_str(&it.to_json()).ok()),
        is_off,
        is_index,
        is_scanner,
        exceptions,
    }
}

fn written(preview: &Preview) -> Value {
    let share = |it: Share| json!({ "artifacts": it.artifacts, "pulls": it.pulls });
    let examples: Vec<Value> = preview
        .examples
        .iter()
        .map(|it| {
            let reasons: Vec<Value> = it
                .reasons
                .iter()
                .map(|it| json!({ "rule": it.rule, "outcome": it.outcome.name(), "what": it.what }))
                .collect();
            json!({
                "repository": it.repository,
                "digest": it.digest.to_string(),
                "pulls": it.pulls,
                "spared": it.is_spared,
                "reasons": reasons,
            })
        })
        .collect();
    json!({
        "total": share(preview.total),
        "denied": share(preview.denied),
        "spared": share(preview.spared),
        "warned": share(preview.warned),
        "examples": examples,
        "is_cut": preview.is_cut,
    })
}
