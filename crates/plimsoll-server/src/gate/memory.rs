//! What the gate knows without asking the store: rules of namespaces, answers on artifacts, and
//! when these fall due.
//!
//! Bounded: what does not fit is asked of the store again. Holds no lock while anything waits.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use plimsoll_core::{Digest, Outcome, Timestamp};
use plimsoll_store::{ArtifactId, NamespaceId};

use super::rules::Rules;

/// An answer that stands.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// What is answered.
    pub(crate) outcome: Outcome,
    /// By which rules.
    pub(crate) rules: RulesKey,
    /// From when on it may be another one.
    pub(crate) until: Option<Timestamp>,
    /// Why, where it was needed already.
    pub(crate) why: Option<Arc<str>>,
}

/// The first bytes of the digest of rules: enough to see that they are others, and a third of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RulesKey(u128);

impl RulesKey {
    pub(crate) fn of(digest: &Digest) -> RulesKey {
        let bytes = digest.as_bytes().iter().take(16);
        RulesKey(bytes.fold(0, |key, byte| (key << 8) | u128::from(*byte)))
    }
}

impl Standing {
    /// Whether it can be used now, under these rules.
    pub(crate) fn holds(&self, rules: &Rules, now: Timestamp) -> bool {
        self.rules == RulesKey::of(&rules.digest) && self.until.is_none_or(|until| now < until)
    }
}

/// A million answers take some hundred megabytes.
const ANSWERS_MAX: usize = 1_000_000;

#[derive(Default)]
pub(crate) struct Memory {
    /// With whether they still hold; those before are kept to see what changes.
    rules: RwLock<HashMap<NamespaceId, (Arc<Rules>, bool)>>,
    answers: RwLock<Answers>,
}

#[derive(Default)]
struct Answers {
    standing: HashMap<ArtifactId, Standing>,
    due: BTreeSet<(Timestamp, ArtifactId)>,
}

/// Nothing panics while it holds a lock, so a poisoned one is as good as any.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// The rules of a namespace, if they are known and still hold.
    pub(crate) fn rules(&self, namespace: NamespaceId, now: Timestamp) -> Option<Arc<Rules>> {
        let rules = read(&self.rules).get(&namespace).filter(|it| it.1).map(|it| Arc::clone(&it.0));
        rules.filter(|it| it.fresh_until.is_none_or(|until| now < until))
    }

    /// Keeps rules; says whether others were kept before.
    pub(crate) fn keep_rules(&self, namespace: NamespaceId, rules: Arc<Rules>) -> bool {
        let digest = rules.digest;
        let before = write(&self.rules).insert(namespace, (rules, true));
        before.is_some_and(|before| before.0.digest != digest)
    }

    /// Has rules read again before they are used.
    pub(crate) fn doubt_rules(&self, namespaces: &[NamespaceId]) {
        let mut all = write(&self.rules);
        for namespace in namespaces {
            if let Some(rules) = all.get_mut(namespace) {
                rules.1 = false;
            }
        }
    }

    pub(crate) fn forget_rules(&self, namespace: NamespaceId) {
        write(&self.rules).remove(&namespace);
    }

    /// The namespaces whose rules are known.
    pub(crate) fn namespaces(&self) -> Vec<NamespaceId> {
        let mut known: Vec<NamespaceId> = read(&self.rules).keys().copied().collect();
        known.sort_unstable();
        known
    }

    pub(crate) fn answer(&self, artifact: ArtifactId) -> Option<Standing> {
        read(&self.answers).standing.get(&artifact).cloned()
    }

    pub(crate) fn keep_answers(&self, answers: impl IntoIterator<Item = (ArtifactId, Standing)>) {
        let mut all = write(&self.answers);
        for (artifact, standing) in answers {
            all.forget(artifact);
            if all.standing.len() >= ANSWERS_MAX {
                *all = Answers::default();
            }
            all.due.extend(standing.until.map(|until| (until, artifact)));
            all.standing.insert(artifact, standing);
        }
    }

    /// Keeps answers that were loaded, where nothing newer is known.
    pub(crate) fn load_answers(&self, answers: impl IntoIterator<Item = (ArtifactId, Standing)>) {
        let mut all = write(&self.answers);
        for (artifact, standing) in answers {
            if all.standing.len() < ANSWERS_MAX && !all.standing.contains_key(&artifact) {
                all.due.extend(standing.until.map(|until| (until, artifact)));
                all.standing.insert(artifact, standing);
            }
        }
    }

    pub(crate) fn forget_answers(&self, artifacts: &[ArtifactId]) {
        let mut all = write(&self.answers);
        artifacts.iter().for_each(|it| all.forget(*it));
    }

    /// Keeps why, for the next who asks, where it is still the answer of which that was said.
    pub(crate) fn keep_why(&self, artifact: ArtifactId, of: &Standing, why: &Arc<str>) {
        if let Some(standing) = write(&self.answers).standing.get_mut(&artifact)
            && (standing.outcome, standing.rules, standing.until) == (of.outcome, of.rules, of.until)
        {
            standing.why = Some(Arc::clone(why));
        }
    }

    /// The first answers that are due, and takes them off the list.
    pub(crate) fn take_due(&self, now: Timestamp, limit: usize) -> Vec<ArtifactId> {
        let mut all = write(&self.answers);
        let due: Vec<_> = all.due.iter().take_while(|it| it.0 <= now).take(limit).copied().collect();
        for entry in &due {
            all.due.remove(entry);
        }
        due.into_iter().map(|it| it.1).collect()
    }

    pub(crate) fn answers(&self) -> usize {
        read(&self.answers).standing.len()
    }
}

impl Answers {
    fn forget(&mut self, artifact: ArtifactId) {
        if let Some(until) = self.standing.remove(&artifact).and_then(|it| it.until) {
            self.due.remove(&(until, artifact));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_one_answer_is_not_said_of_the_next() {
        let memory = Memory::default();
        let artifact = ArtifactId::from_number(1);
        let standing = |outcome| Standing { outcome, rules: RulesKey(7), until: None, why: None };
        let denied = standing(Outcome::Deny);
        memory.keep_answers([(artifact, standing(Outcome::Warn))]);
        memory.keep_why(artifact, &denied, &"it is denied".into());
        assert_eq!(memory.answer(artifact).unwrap().why, None);
        memory.keep_answers([(artifact, denied.clone())]);
        memory.keep_why(artifact, &denied, &"it is denied".into());
        assert_eq!(memory.answer(artifact).unwrap().why.as_deref(), Some("it is denied"));
    }
}
