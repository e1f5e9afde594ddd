//! How many requests somebody may send: a bucket that fills again, for each account and, before
//! anybody has proved who they are, for each address.
//!
//! Pure but for its lock: the time is an argument. Remembers a bounded number of buckets and forgets
//! the full ones first, which are those of nobody.

use std::collections::HashMap;
use std::sync::Mutex;

/// How fast a bucket empties and fills.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// How many requests may come at once.
    pub burst: u32,
    /// How many more may come each second.
    pub per_second: u32,
}

/// The most buckets; each takes some sixty bytes.
const BUCKETS_MAX: usize = 50_000;

/// What is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// How many requests may come at once, in all.
    pub(super) limit: u32,
    /// How many of them are left.
    pub(super) remaining: u32,
    /// In how many seconds the bucket is full again.
    pub(super) reset_seconds: u64,
    /// In how many seconds the next request may come, if this one may not.
    pub(super) retry_seconds: Option<u64>,
}

struct Bucket {
    tokens: f64,
    at_milliseconds: u64,
}

/// The buckets of all who call.
pub(super) struct Limiter {
    limit: RateLimit,
    buckets: Mutex<HashMap<String, Bucket>>,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit) -> Limiter {
        Limiter { limit, buckets: Mutex::default() }
    }

    /// Takes one request out of a bucket.
    pub(super) fn take(&self, who: &str, now_milliseconds: u64) -> Left {
        let (burst, rate) = (f64::from(self.limit.burst.max(1)), f64::from(self.limit.per_second.max(1)));
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(who) {
            forget(&mut buckets, (burst, rate), now_milliseconds);
        }
        let bucket = buckets
            .entry(who.to_owned())
            .or_insert(Bucket { tokens: burst, at_milliseconds: now_milliseconds });
        bucket.tokens = filled(bucket, (burst, rate), now_milliseconds);
        bucket.at_milliseconds = now_milliseconds;
        let may = bucket.tokens >= 1.0;
        if may {
            bucket.tokens -= 1.0;
        }
        let whole_seconds = |tokens: f64| (tokens / rate).ceil().max(0.0) as u64;
        Left {
            limit: self.limit.burst.max(1),
            remaining: bucket.tokens as u32,
            reset_seconds: whole_seconds(burst - bucket.tokens),
            retry_seconds: (!may).then(|| whole_seconds(1.0 - bucket.tokens).max(1)),
        }
    }
}

fn filled(bucket: &Bucket, (burst, rate): (f64, f64), now_milliseconds: u64) -> f64 {
    let passed = now_milliseconds.saturating_sub(bucket.at_milliseconds) as f64 / 1000.0;
    (bucket.tokens + passed * rate).min(burst)
}

/// Full buckets say nothing. If none is full somebody sends from many addresses, and then the
/// oldest half goes: whoever they were has waited longest.
fn forget(buckets: &mut HashMap<String, Bucket>, rate: (f64, f64), now_milliseconds: u64) {
    buckets.retain(|_, bucket| filled(bucket, rate, now_milliseconds) < rate.0);
    if buckets.len() < BUCKETS_MAX {
        return;
    }
    let mut times: Vec<u64> = buckets.values().map(|it| it.at_milliseconds).collect();
    let middle = times.len() / 2;
    let median = *times.select_nth_unstable(middle).1;
    let mut surplus = middle;
    buckets.retain(|_, bucket| {
        let goes = bucket.at_milliseconds <= median && surplus > 0;
        surplus -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limiter = Limiter::new(RateLimit { burst: 2, per_second: 1 });
        assert_eq!(limiter.take("a", 0).remaining, 1);
        assert_eq!(limiter.take("a", 0).retry_seconds, None);
        assert_eq!(limiter.take("a", 0).retry_seconds, Some(1));
        assert_eq!(limiter.take("b", 0).retry_seconds, None);
        assert_eq!(limiter.take("a", 1000).retry_seconds, None);
        assert_eq!(limiter.take("a", 1000).retry_seconds, Some(1));
    }

    #[test]
    fn many_callers_take_bounded_memory() {
        let limiter = Limiter::new(RateLimit { burst: 10, per_second: 1 });
        for caller in 0..BUCKETS_MAX + 10 {
            limiter.take(&caller.to_string(), 0);
        }
        assert!(limiter.buckets.lock().unwrap().len() <= BUCKETS_MAX);
    }
}
