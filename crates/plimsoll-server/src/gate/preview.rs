//! What a policy would have done to the pulls of the last days. It is asked as of now, with what is
//! known now: the answer to "may I switch it on?".

use plimsoll_core::{Outcome, Reason, Timestamp};
use plimsoll_policy::{Mode, Policy};
use plimsoll_store::{ArtifactId, Error, NamespaceId, Read, Scan};

use super::Gate;
use super::kind::{Kind, kind_of};

/// What would have become of pulls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// All of them.
    pub total: Share,
    /// Those that would have been refused.
    pub denied: Share,
    /// Those that would have been refused, were the image not in use.
    pub spared: Share,
    /// Those that would have been let through with a warning.
    pub warned: Share,
    /// The images that would have been refused, those first that were pulled most; at most
    /// [`EXAMPLES_MAX`].
    pub examples: Vec<Example>,
    /// Whether there were more images than were looked at.
    pub is_cut: bool,
}

/// A number of images, and how often they were pulled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Images.
    pub artifacts: u64,
    /// Pulls of them.
    pub pulls: u64,
}

/// An image that would have been refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its number.
    pub artifact: ArtifactId,
    /// Its repository.
    pub repository: String,
    /// Its digest.
    pub digest: plimsoll_core::Digest,
    /// How often it was pulled.
    pub pulls: u64,
    /// Whether it would have been spared.
    pub is_spared: bool,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// How many images are named.
pub const EXAMPLES_MAX: usize = 50;
/// How many images are looked at.
const ARTIFACTS_MAX: u64 = 50_000;

impl Gate {
    /// Asks a policy about the pulls of a namespace since a time, with the exceptions that hold
    /// there now.
    pub async fn preview(
        &self,
        namespace: NamespaceId,
        policy: &Policy,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Preview, Error> {
        const PAGE: u32 = 500;
        let (read, scan) = (
            self.store.authoriser().system::<Read>().within(namespace),
            self.store.authoriser().system::<Scan>(),
        );
        let rules = self.rules(namespace, now).await?;
        // As if it blocked; whether it spares is counted apart.
        let mode = if policy.mode == Mode::Off { Mode::Off } else { Mode::Block };
        let policy = Policy { mode, dry_run: false, ..rules.asked(policy) };
        let strict = Policy { spare_pulled_days: None, ..policy.clone() };
        let mut preview = Preview::default();
        let mut after = None;
        loop {
            let page = self.store.pulls_since(&read, since, after, PAGE).await?;
            let Some(last) = page.last().map(|it| it.0) else { break };
            for (artifact, pulls) in page {
                let Some(judged) = self.store.judged(&scan, artifact).await? else { continue };
                let kind = kind_of(&judged.media_type, &judged.manifest);
                preview.total.add(pulls);
                if matches!(kind, Kind::Index | Kind::Companion) {
                    continue;
                }
                let judgement = self.ask(&rules, &strict, (&judged, kind), now).await?;
                match judgement.verdict.outcome {
                    Outcome::Allow => (),
                    Outcome::Warn => preview.warned.add(pulls),
                    Outcome::Deny => {
                        let lowered = self.ask(&rules, &policy, (&judged, kind), now).await?.lowered;
                        let example = Example {
                            artifact,
                            repository: judged.repository_name.to_string(),
                            digest: judged.digest,
                            pulls,
                            is_spared: lowered.is_some(),
                            reasons: judgement.verdict.reasons,
                        };
                        preview.deny(example);
                    }
                }
            }
            if preview.total.artifacts >= ARTIFACTS_MAX {
                preview.is_cut = true;
                break;
            }
            after = Some(last);
        }
        preview.examples.sort_by_key(|it| (std::cmp::Reverse(it.pulls), it.artifact));
        preview.examples.truncate(EXAMPLES_MAX);
        Ok(preview)
    }
}

impl Share {
    fn add(&mut self, pulls: u64) {
        self.artifacts += 1;
        self.pulls = self.pulls.saturating_add(pulls);
    }
}

impl Preview {
    fn deny(&mut self, example: Example) {
        let share = if example.is_spared { &mut self.spared } else { &mut self.denied };
        share.add(example.pulls);
        self.examples.push(example);
        if self.examples.len() >= EXAMPLES_MAX * 4 {
            self.examples.sort_by_key(|it| (std::cmp::Reverse(it.pulls), it.artifact));
            self.examples.truncate(EXAMPLES_MAX);
        }
    }
}
