//! Which stored blobs are just being read, so that no two threads read the same one: whoever comes
//! second waits for the facts.
//!
//! Only within the process. Two processes that read one blob at a time come to the same facts.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use plimsoll_core::Digest;

/// The blobs that somebody reads.
#[derive(Debug, Default)]
pub struct Flights {
    busy: Mutex<HashSet<Digest>>,
    landed: Condvar,
}

/// Says, as long as it is kept, that a blob is being read.
#[derive(Debug)]
pub struct Flight(Option<(Arc<Flights>, Digest)>);

impl Flights {
    /// Takes a blob, if nobody has it.
    pub fn take(flights: &Arc<Flights>, blob: &Digest) -> Option<Flight> {
        flights.lock().insert(*blob).then(|| Flight(Some((Arc::clone(flights), *blob))))
    }

    /// Waits until nobody has a blob, for so long at most; says whether that is so.
    pub fn wait(&self, blob: &Digest, patience: Duration) -> bool {
        let is_busy = |busy: &mut HashSet<Digest>| busy.contains(blob);
        let waited = self.landed.wait_timeout_while(self.lock(), patience, is_busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Digest>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// One that nobody else hears of.
    pub fn alone() -> Flight {
        Flight(None)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some((flights, blob)) = self.0.take() {
            flights.lock().remove(&blob);
            flights.landed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_read_by_one_at_a_time_and_the_other_waits() {
        let flights = Arc::new(Flights::default());
        let (one, other) = (Digest::sha256([1; 32]), Digest::sha256([2; 32]));
        let flight = Flights::take(&flights, &one).unwrap();
        assert!(Flights::take(&flights, &one).is_none());
        assert!(Flights::take(&flights, &other).is_some());
        assert!(!flights.wait(&one, Duration::from_millis(1)));
        let waiting = std::thread::spawn({
            let flights = Arc::clone(&flights);
            move || flights.wait(&one, Duration::from_secs(20))
        });
        drop(flight);
        assert!(waiting.join().unwrap());
        assert!(Flights::take(&flights, &one).is_some());
    }
}
