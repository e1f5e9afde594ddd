//! `Idempotency-Key`: a request that is sent twice because its answer was lost is done once.
//!
//! The answer is kept for a while, by who called and the key, and given again to the same request; the
//! same key with another request is refused. Kept in memory and bounded: after a restart, or on
//! another process, a key is new again. Answers that hold a secret are never kept.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;

use super::answer::{Answer, Content};
use super::problem::{Kind, Problem};

/// How long an answer is kept.
const KEPT_SECONDS: i64 = 24 * 60 * 60;
/// How many are kept, and how many bytes each has at most.
const ANSWERS_MAX: usize = 2_000;
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The longest key: a few UUIDs.
const KEY_CHARACTERS_MAX: usize = 128;

/// Who called, and the key.
type Key = (String, String);

enum Entry {
    Busy,
    Kept { fingerprint: [u8; 32], answer: Kept, until: i64 },
}

/// What is kept of an answer.
#[derive(Clone)]
struct Kept {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

/// The answers that are kept.
#[derive(Default)]
pub(super) struct Answers {
    entries: Mutex<(HashMap<Key, Entry>, VecDeque<Key>)>,
}

/// What is to be done with a request.
pub(super) enum Turn<'a> {
    /// Do it, and tell the hold how it went.
    Do(Hold<'a>),
    /// It was done: this is the answer.
    Done(Answer),
}

/// The place of an answer that is being made. Dropped without one, the key is free again.
pub(super) struct Hold<'a> {
    answers: &'a Answers,
    key: Key,
    fingerprint: [u8; 32],
    now: i64,
    is_kept: bool,
}

impl Answers {
    /// Asks for a key; `fingerprint` is over the whole request.
    pub(super) fn begin(
        &self,
        who: &str,
        key: &str,
        fingerprint: [u8; 32],
        now: i64,
    ) -> Result<Turn<'_>, Problem> {
        if key.is_empty() || key.len() > KEY_CHARACTERS_MAX || !key.bytes().all(|it| it.is_ascii_graphic()) {
            let words = format!("1 to {KEY_CHARACTERS_MAX} visible characters of ASCII");
            return Err(Problem::invalid("Idempotency-Key", words));
        }
        let key: Key = (who.to_owned(), key.to_owned());
        let mut guard = self.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (entries, order) = &mut *guard;
        match entries.get(&key) {
            Some(Entry::Busy) => {
                return Err(Problem::new(
                    Kind::IdempotencyKeyBusy,
                    "wait for the answer to the first request",
                ));
            }
            Some(Entry::Kept { fingerprint: kept, answer, until }) if now < *until => {
                if *kept != fingerprint {
                    return Err(Problem::new(
                        Kind::IdempotencyKeyReused,
                        "use another key for another request",
                    ));
                }
                return Ok(Turn::Done(answer.again()));
            }
            _ => (),
        }
        while order.len() >= ANSWERS_MAX {
            let Some(oldest) = order.pop_front() else { break };
            // One that is being answered stays: it would be done twice.
            match entries.get(&oldest) {
                Some(Entry::Busy) => order.push_back(oldest),
                _ => drop(entries.remove(&oldest)),
            }
            if order.iter().all(|it| matches!(entries.get(it), Some(Entry::Busy)))
                && order.len() >= ANSWERS_MAX
            {
                return Err(Problem::new(Kind::Busy, "too many requests with keys at once"));
            }
        }
        if entries.insert(key.clone(), Entry::Busy).is_none() {
            order.push_back(key.clone());
        }
        Ok(Turn::Do(Hold { answers: self, key, fingerprint, now, is_kept: false }))
    }
}

impl Hold<'_> {
    /// Keeps an answer, so that the same request gets it again.
    pub(super) fn keep(mut self, answer: &Answer) {
        let Content::Whole(body) = &answer.content else { return };
        if body.len() > ANSWER_BYTES_MAX {
            return;
        }
        let kept = Kept { status: answer.status, headers: answer.headers.clone(), body: body.clone() };
        let entry =
            Entry::Kept { fingerprint: self.fingerprint, answer: kept, until: self.now + KEPT_SECONDS };
        let mut guard = self.answers.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        guard.0.insert(self.key.clone(), entry);
        self.is_kept = true;
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            let mut guard = self.answers.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            guard.0.remove(&self.key);
            guard.1.retain(|it| *it != self.key);
        }
    }
}

impl Kept {
    fn again(&self) -> Answer {
        let answer = Answer::new(self.status, Content::Whole(self.body.clone()));
        let answer = Answer { headers: self.headers.clone(), ..answer };
        answer.with(HeaderName::from_static("idempotent-replayed"), "true")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &'static str) -> Answer {
        Answer::bytes("text/plain", text)
    }

    #[test]
    fn a_request_is_done_once_and_its_answer_given_again() {
        let answers = Answers::default();
        let Ok(Turn::Do(hold)) = answers.begin("anna", "k", [1; 32], 0) else { panic!() };
        let busy = answers.begin("anna", "k", [1; 32], 0).err().unwrap();
        assert_eq!(busy.kind, Kind::IdempotencyKeyBusy);
        hold.keep(&answer("made"));
        let Ok(Turn::Done(again)) = answers.begin("anna", "k", [1; 32], 10) else { panic!() };
        assert!(matches!(again.content, Content::Whole(body) if body == "made"));
        let other = answers.begin("anna", "k", [2; 32], 10).err().unwrap();
        assert_eq!(other.kind, Kind::IdempotencyKeyReused);
        assert!(matches!(answers.begin("ben", "k", [2; 32], 10), Ok(Turn::Do(_))));
        assert!(matches!(answers.begin("anna", "k", [2; 32], KEPT_SECONDS), Ok(Turn::Do(_))));
    }

    #[test]
    fn a_request_that_failed_may_be_tried_again() {
        let answers = Answers::default();
        drop(answers.begin("anna", "k", [1; 32], 0).ok());
        assert!(matches!(answers.begin("anna", "k", [2; 32], 0), Ok(Turn::Do(_))));
        assert!(answers.begin("anna", "", [1; 32], 0).is_err());
    }

    #[test]
    fn no_more_answers_are_kept_than_there_is_room_for() {
        let answers = Answers::default();
        for number in 0..ANSWERS_MAX + 5 {
            let Ok(Turn::Do(hold)) = answers.begin("anna", &number.to_string(), [1; 32], 0) else { panic!() };
            hold.keep(&answer("made"));
        }
        assert!(answers.entries.lock().unwrap().0.len() <= ANSWERS_MAX);
    }
}
