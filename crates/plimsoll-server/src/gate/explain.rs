//! What the gate says of a pull, with everything that it says it by: for whoever asks why.
//!
//! Refuses nobody and counts as no pull.

use plimsoll_core::Timestamp;
use plimsoll_core::media_type::is_index;
use plimsoll_policy::{Judgement, Policy};
use plimsoll_store::{ArtifactId, Error, ExceptionId, Scan};

use super::Gate;

/// The gate's word on one artifact.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The verdict, and why less came of it than of its reasons.
    pub judgement: Judgement,
    /// The policy; none where nobody can read it.
    pub policy: Option<Policy>,
    /// Whether nothing is asked here.
    pub is_off: bool,
    /// Whether it is an index: that passes, and its images are asked about.
    pub is_index: bool,
    /// Whether this account is one that scans, which is let through.
    pub is_scanner: bool,
    /// The exceptions that spoke.
    pub exceptions: Vec<ExceptionId>,
}

impl Gate {
    /// Says what it would answer to an account, and why. Nothing of an artifact that is gone.
    pub async fn explain(
        &self,
        artifact: ArtifactId,
        account: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Explained>, Error> {
        let access = self.store.authoriser().system::<Scan>();
        let Some(judged) = self.store.judged(&access, artifact).await? else { return Ok(None) };
        let rules = self.rules(judged.namespace, now).await?;
        let judgement = self.rule(&rules, &judged, now).await?.judgement;
        let policy = rules.policy.as_ref().ok();
        let is_scanner = policy
            .zip(account)
            .is_some_and(|(policy, account)| policy.scanners.iter().any(|scanner| scanner == account));
        let exceptions = judgement.used.iter().filter_map(|at| rules.numbers.get(*at).copied()).collect();
        Ok(Some(Explained {
            judgement,
            policy: policy.cloned(),
            is_off: rules.are_off(),
            is_index: is_index(&judged.media_type),
            is_scanner,
            exceptions,
        }))
    }
}
