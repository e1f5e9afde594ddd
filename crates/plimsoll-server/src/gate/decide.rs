//! Whether a pull is answered with the image. From memory, but for what was never asked before.

use std::sync::Arc;

use plimsoll_core::media_type::is_index;
use plimsoll_core::{Outcome, Timestamp};
use plimsoll_store::{Artifact, Error, ManifestReference, NamespaceId, Noun, Pull, RepositoryName};

use super::Gate;
use super::memory::Standing;
use super::reasons::read_reasons;
use super::refusal::{self, Refused};
use super::rules::Rules;

/// Somebody pulls a manifest.
#[derive(Clone, Copy, Debug)]
pub struct PullRequest<'a> {
    /// Where.
    pub namespace: NamespaceId,
    /// From which repository.
    pub repository: &'a RepositoryName,
    /// By which name.
    pub reference: &'a ManifestReference,
    /// What that is.
    pub artifact: &'a Artifact,
    /// Who; nobody who has not signed in.
    pub account: Option<&'a str>,
    /// By which address the client has reached the server, for the page that it is told.
    pub reached: Option<Reached<'a>>,
}

/// The address by which a client has reached the server: its own word, which is told to nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached<'a> {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The host, perhaps with a port.
    pub host: &'a str,
}

/// What is answered to a pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// The image.
    Passes,
    /// The image, and why it should not have been.
    Warned(Arc<str>),
    /// Not the image.
    Refused(Box<Refused>),
}

impl Gate {
    /// Decides. An error is no leave: who asks answers that he does not know.
    pub async fn decide(&self, pull: &PullRequest<'_>, now: Timestamp) -> Result<Decided, Error> {
        if is_index(&pull.artifact.media_type) {
            return Ok(Decided::Passes);
        }
        let rules = self.rules(pull.namespace, now).await?;
        if rules.are_off() {
            return Ok(Decided::Passes);
        }
        let policy = rules.policy.as_ref().ok();
        let is_scanner =
            |name: &str| policy.is_some_and(|it| it.scanners.iter().any(|scanner| scanner == name));
        if pull.account.is_some_and(is_scanner) {
            return Ok(Decided::Passes);
        }
        let mut standing = self.memory.answer(pull.artifact.id).filter(|it| it.holds(&rules, now));
        if standing.as_ref().is_some_and(|it| it.outcome == Outcome::Deny) && is_in_use(&rules, pull, now) {
            // It was pulled since it was judged, so it may be spared.
            standing = None;
        }
        let standing = match standing {
            Some(standing) => standing,
            None => self.judge_for(&rules, pull, now).await?,
        };
        match standing.outcome {
            Outcome::Allow => Ok(Decided::Passes),
            Outcome::Warn => Ok(Decided::Warned(self.why(pull, &standing).await?)),
            Outcome::Deny => {
                Ok(Decided::Refused(Box::new(self.refused(&rules, pull, &standing, now).await?)))
            }
        }
    }

    /// Judges what nobody has asked for before, or what has changed; once, however many ask.
    async fn judge_for(
        &self,
        rules: &Rules,
        pull: &PullRequest<'_>,
        now: Timestamp,
    ) -> Result<Standing, Error> {
        let artifact = pull.artifact.id;
        let _turn = self.turns.of(artifact).lock().await;
        let known = self.memory.answer(artifact).filter(|it| it.holds(rules, now));
        if let Some(standing) = known.filter(|it| it.outcome != Outcome::Deny || !is_in_use(rules, pull, now))
        {
            return Ok(standing);
        }
        let judged = self.judge_now(artifact, now).await?;
        let gone = || Error::Unknown { what: Noun::Manifest, name: pull.reference.to_string() };
        judged.map(|it| it.1).ok_or_else(gone)
    }

    async fn refused(
        &self,
        rules: &Rules,
        pull: &PullRequest<'_>,
        standing: &Standing,
        now: Timestamp,
    ) -> Result<Refused, Error> {
        let why = self.why(pull, standing).await?;
        let reference = pull.reference.to_string();
        let place = (&rules.name, pull.repository, reference.as_str());
        let page = |base: &str| refusal::page(base, &rules.name, pull.repository, &pull.artifact.digest);
        let known = self.options.external_url.as_deref().map(page);
        let name = format!("{}/{}", rules.name, pull.repository);
        // What a client says of its address is for itself alone: others would follow it.
        self.refusals.note(pull, &name, &refusal::sentence(place, &why, known.as_deref()), now);
        let reached = || pull.reached.map(|it| page(&format!("{}://{}", it.scheme, it.host)));
        let page = known.or_else(reached);
        let sentence = refusal::sentence(place, &why, page.as_deref());
        Ok(Refused { sentence, page, form: rules.refusal })
    }

    /// Why an image is refused or warned of, in short.
    async fn why(&self, pull: &PullRequest<'_>, standing: &Standing) -> Result<Arc<str>, Error> {
        if let Some(why) = &standing.why {
            return Ok(Arc::clone(why));
        }
        // The verdict was loaded without its reasons.
        let access = self.store.authoriser().system::<Pull>().within(pull.namespace);
        let newest = self.store.verdicts(&access, pull.artifact.id, None, 1).await?;
        let reasons = newest.first().map(|it| read_reasons(&it.reasons)).unwrap_or_default();
        let why: Arc<str> = refusal::in_words(standing.outcome, &reasons).into();
        self.memory.keep_why(pull.artifact.id, standing, &why);
        Ok(why)
    }
}

fn is_in_use(rules: &Rules, pull: &PullRequest<'_>, now: Timestamp) -> bool {
    let days = rules.policy.as_ref().ok().and_then(|it| it.spare_pulled_days);
    let until =
        days.zip(pull.artifact.pulled_at).map(|(days, at)| at.0.saturating_add(i64::from(days) * 86_400));
    until.is_some_and(|until| now.0 < until)
}
