//! One at a time for each artifact: many locks, of which an artifact has one.

use plimsoll_store::ArtifactId;
use tokio::sync::Mutex;

/// So many can be judged at once; more would wait for the store anyway.
const LOCKS: usize = 64;

pub(super) struct Turns([Mutex<()>; LOCKS]);

impl Default for Turns {
    fn default() -> Turns {
        Turns(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Turns {
    /// The lock of an artifact.
    pub(super) fn of(&self, artifact: ArtifactId) -> &Mutex<()> {
        let place = artifact.number().unsigned_abs() % LOCKS as u64;
        &self.0[usize::try_from(place).unwrap_or_default()]
    }
}
