//! How far a scan is: in per cent of the bytes that are to be read.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use plimsoll_engine::progress::Progress;

/// Matching what was found is the rest.
const LAYERS_PERCENT: u64 = 95;

/// How far a scan is; any thread may say more.
#[derive(Debug, Default)]
pub(super) struct Meter {
    phase: AtomicU8,
    to_read_bytes: AtomicU64,
    read_bytes: AtomicU64,
}

const PHASES: [&str; 3] = ["opening", "layers", "matching"];

impl Meter {
    /// Takes what the engine tells.
    pub(super) fn hear(&self, progress: &Progress) {
        match progress {
            Progress::Image { to_read_bytes, .. } => {
                self.to_read_bytes.store(*to_read_bytes, Ordering::Relaxed);
                self.phase.store(1, Ordering::Relaxed);
            }
            Progress::Read(bytes) => {
                self.read_bytes.fetch_add(*bytes, Ordering::Relaxed);
            }
            Progress::Layer { .. } => (),
            Progress::Matching => self.phase.store(2, Ordering::Relaxed),
        }
    }

    /// What is being done, and how far it is.
    pub(super) fn state(&self) -> (&'static str, u8) {
        let phase = usize::from(self.phase.load(Ordering::Relaxed));
        let to_read = self.to_read_bytes.load(Ordering::Relaxed);
        // Files that links lead to are read a second time.
        let read = self.read_bytes.load(Ordering::Relaxed).min(to_read);
        let percent = match phase {
            0 => 0,
            1 => (read.saturating_mul(LAYERS_PERCENT)).checked_div(to_read).unwrap_or(LAYERS_PERCENT),
            _ => LAYERS_PERCENT,
        };
        (PHASES[phase.min(PHASES.len() - 1)], u8::try_from(percent).unwrap_or(100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_by_bytes_and_never_runs_over() {
        let meter = Meter::default();
        assert_eq!(meter.state(), ("opening", 0));
        meter.hear(&Progress::Image { platform: None, layers: 2, to_read_bytes: 200 });
        meter.hear(&Progress::Read(100));
        assert_eq!(meter.state(), ("layers", 47));
        meter.hear(&Progress::Read(1000));
        assert_eq!(meter.state(), ("layers", 95));
        meter.hear(&Progress::Matching);
        assert_eq!(meter.state(), ("matching", 95));
    }

    #[test]
    fn an_image_whose_layers_are_known_is_read_already() {
        let meter = Meter::default();
        meter.hear(&Progress::Image { platform: None, layers: 2, to_read_bytes: 0 });
        assert_eq!(meter.state(), ("layers", 95));
    }
}
