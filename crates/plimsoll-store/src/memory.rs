//! What was read lately and every request asks for: who somebody is, what they may, and the manifests
//! that a whole cluster pulls at once.
//!
//! Only where no other process writes, and only until anything is written: an answer never outlives the
//! change that makes it wrong.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::artifacts::Manifest;
use crate::callers::Times;
use crate::grants::Grant;
use crate::principals::Login;
use crate::{
    Actor, Caller, ManifestReference, NamespaceId, NamespaceName, PrincipalId, RepositoryName, Session,
    TokenId,
};

/// How a manifest is asked for.
type ManifestName = (NamespaceId, RepositoryName, ManifestReference);

/// Everything that is remembered.
pub(crate) struct Memory {
    /// How many transactions have ended, in whatever way.
    ended: Arc<AtomicU64>,
    pub(crate) manifests: Memo<ManifestName, Option<Manifest>>,
    pub(crate) logins: Memo<String, Option<Login>>,
    pub(crate) principals: Memo<PrincipalId, Option<(PrincipalId, Actor)>>,
    /// By the hashes of their secrets.
    pub(crate) tokens: Memo<String, Option<(Caller, Times)>>,
    pub(crate) token_ids: Memo<TokenId, Option<(Caller, Times)>>,
    pub(crate) sessions: Memo<String, Option<Session>>,
    /// And whether everybody may pull from them.
    pub(crate) namespaces: Memo<NamespaceName, Option<(NamespaceId, bool)>>,
    pub(crate) grants: Memo<PrincipalId, Vec<Grant>>,
}

/// About what an entry takes, beside what it was weighed at.
const ENTRY_BYTES: usize = 512;

impl Default for Memory {
    fn default() -> Memory {
        let manifest = |_: &ManifestName, it: &Option<Manifest>| it.as_ref().map_or(0, |it| it.content.len());
        Memory {
            ended: Arc::default(),
            manifests: Memo::weighing(manifest),
            // A name that a stranger tries may be of any length.
            logins: Memo::weighing(|key, _| key.len()),
            principals: Memo::weighing(|_, _| 0),
            tokens: Memo::weighing(|key, _| key.len()),
            token_ids: Memo::weighing(|_, _| 0),
            sessions: Memo::weighing(|key, _| key.len()),
            namespaces: Memo::weighing(|_, _| 0),
            grants: Memo::weighing(|_, it| it.len() * size_of::<Grant>()),
        }
    }
}

impl Memory {
    /// A number that is another one after every change.
    pub(crate) fn age(&self) -> u64 {
        self.ended.load(Ordering::SeqCst)
    }

    /// To be dropped when a transaction has ended: before anybody is told, and after all can read it.
    pub(crate) fn counted(&self) -> Counted {
        Counted(Some(Arc::clone(&self.ended)))
    }
}

/// Counts a transaction when it is dropped.
#[derive(Default)]
pub(crate) struct Counted(Option<Arc<AtomicU64>>);

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(ended) = &self.0 {
            ended.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Answers of one age, by what was asked.
pub(crate) struct Memo<K, V> {
    kept: Mutex<Kept<K, V>>,
    weigh: fn(&K, &V) -> usize,
}

struct Kept<K, V> {
    age: u64,
    bytes: usize,
    answers: HashMap<K, V>,
}

/// More of one kind is forgotten at once: what is asked for is soon here again.
const BYTES_MAX: usize = 4 << 20;

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    fn weighing(weigh: fn(&K, &V) -> usize) -> Memo<K, V> {
        Memo { kept: Mutex::new(Kept { age: 0, bytes: 0, answers: HashMap::new() }), weigh }
    }

    /// What was kept at this age.
    pub(crate) fn find(&self, key: &K, age: u64) -> Option<V> {
        let kept = self.lock();
        if kept.age == age { kept.answers.get(key).cloned() } else { None }
    }

    /// Keeps an answer. `age` is from before it was read, so that what was written meanwhile makes it old.
    pub(crate) fn keep(&self, key: K, value: &V, age: u64) {
        let bytes = (self.weigh)(&key, value) + ENTRY_BYTES;
        let mut kept = self.lock();
        if kept.age > age || bytes > BYTES_MAX {
            return;
        }
        if kept.age < age || kept.bytes + bytes > BYTES_MAX {
            kept.answers.clear();
            (kept.age, kept.bytes) = (age, 0);
        }
        kept.bytes += bytes;
        kept.answers.insert(key, value.clone());
    }

    /// Nothing panics while it is locked.
    fn lock(&self) -> MutexGuard<'_, Kept<K, V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_until_something_ends_that_may_have_changed_it() {
        let memory = Memory::default();
        let age = memory.age();
        memory.grants.keep(PrincipalId::from_number(1), &Vec::new(), age);
        assert!(memory.grants.find(&PrincipalId::from_number(1), memory.age()).is_some());
        let counted = memory.counted();
        assert!(memory.grants.find(&PrincipalId::from_number(1), memory.age()).is_some());
        drop(counted);
        assert!(memory.grants.find(&PrincipalId::from_number(1), memory.age()).is_none());
        // What was read before is kept too late.
        memory.grants.keep(PrincipalId::from_number(2), &Vec::new(), memory.age());
        memory.grants.keep(PrincipalId::from_number(1), &Vec::new(), age);
        assert!(memory.grants.find(&PrincipalId::from_number(1), memory.age()).is_none());
    }

    #[test]
    fn a_name_that_nobody_has_weighs_what_it_takes() {
        let memory = Memory::default();
        let names: Vec<String> = ('a'..='e').map(|it| it.to_string().repeat(1 << 20)).collect();
        for name in &names {
            memory.logins.keep(name.clone(), &None, 0);
        }
        assert!(memory.logins.find(&names[0], 0).is_none());
        assert!(memory.logins.find(&names[4], 0).is_some());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let memo: Memo<u64, u64> = Memo::weighing(|_, it| usize::try_from(*it).unwrap());
        memo.keep(0, &(BYTES_MAX as u64), 0);
        assert_eq!(memo.find(&0, 0), None);
        for key in 0..20_000 {
            memo.keep(key, &0, 0);
        }
        assert!(memo.lock().answers.len() <= BYTES_MAX / ENTRY_BYTES);
        assert_eq!(memo.find(&19_999, 0), Some(0));
    }
}
