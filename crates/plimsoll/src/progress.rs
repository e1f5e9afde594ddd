//! Progress on a terminal: bytes, layers and time left. Silent in a pipe.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll_core::Escaped;
use plimsoll_engine::db::{BundleEvent, Outcome, UpdateEvent};
use plimsoll_engine::progress::Progress;

/// A display of a scan's progress.
pub struct ScanProgress {
    bar: ProgressBar,
    layers: AtomicUsize,
    done: AtomicUsize,
}

impl ScanProgress {
    /// A display on standard error, if that is a terminal and nobody asked for quiet.
    pub fn new(quiet: bool) -> ScanProgress {
        let bar = bar(quiet);
        bar.set_message("looking for the image");
        ScanProgress { bar, layers: AtomicUsize::new(0), done: AtomicUsize::new(0) }
    }

    /// Shows one event.
    pub fn show(&self, event: &Progress) {
        match event {
            Progress::Image { layers, to_read_bytes, .. } => {
                self.layers.store(*layers, Ordering::Relaxed);
                self.done.store(0, Ordering::Relaxed);
                self.bar.set_position(0);
                self.bar.set_length(*to_read_bytes);
                self.bar.set_style(style(
                    "{spinner} {bytes}/{total_bytes} {wide_bar} {bytes_per_sec}, {eta} left, {msg}",
                ));
                self.tell();
            }
            Progress::Read(bytes) => self.bar.inc(*bytes),
            Progress::Layer { .. } => {
                self.done.fetch_add(1, Ordering::Relaxed);
                self.tell();
            }
            Progress::Matching => self.bar.set_message("matching"),
        }
    }

    fn tell(&self) {
        let (done, layers) = (self.done.load(Ordering::Relaxed), self.layers.load(Ordering::Relaxed));
        self.bar.set_message(format!("{done} of {layers} layers"));
    }

    /// Takes the display away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A display of a database update's progress.
pub struct UpdateProgress {
    bar: ProgressBar,
    feed: Mutex<&'static str>,
}

impl UpdateProgress {
    /// A display on standard error, if that is a terminal and nobody asked for quiet.
    pub fn new(quiet: bool) -> UpdateProgress {
        UpdateProgress { bar: bar(quiet), feed: Mutex::new("") }
    }

    /// Shows one event.
    pub fn show(&self, event: &UpdateEvent) {
        match event {
            UpdateEvent::Fetching(feed) => {
                if let Ok(mut present) = self.feed.lock() {
                    *present = feed;
                }
                self.bar.set_position(0);
                self.bar.unset_length();
                self.bar.set_message(format!("fetching {feed}"));
            }
            UpdateEvent::Bytes(done, total) => {
                self.bar.set_position(*done);
                if let Some(total) = total {
                    self.bar.set_length(*total);
                    self.bar.set_style(style("{spinner} {msg} {bytes}/{total_bytes} {wide_bar} {eta} left"));
                } else {
                    self.bar.set_style(style("{spinner} {msg} {bytes}"));
                }
            }
            UpdateEvent::Fetched(feed, Outcome::Refused(why) | Outcome::Failed(why)) => {
                self.bar.println(format!("{feed}: {}", Escaped(why)));
            }
            UpdateEvent::Fetched(..) => (),
            UpdateEvent::Reading(feeds) => {
                self.bar.set_style(style("{spinner} {msg}"));
                self.bar.set_message(format!("reading {feeds} feeds that changed"));
            }
            UpdateEvent::Building => {
                self.bar.set_style(style("{spinner} {msg}"));
                self.bar.set_message("building the snapshot");
            }
        }
    }

    /// Takes the display away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A display of how far a database is packed and sent.
pub struct BundleProgress {
    bar: ProgressBar,
}

impl BundleProgress {
    /// A display on standard error, if that is a terminal and nobody asked for quiet.
    pub fn new(quiet: bool) -> BundleProgress {
        BundleProgress { bar: bar(quiet) }
    }

    /// Shows one event.
    pub fn show(&self, event: &BundleEvent) {
        let (what, done_bytes, of_bytes) = match *event {
            BundleEvent::Building => return self.bar.set_message("building what may be passed on"),
            BundleEvent::Packing { done_bytes, of_bytes } => ("packing", done_bytes, of_bytes),
            BundleEvent::Sending { done_bytes, of_bytes } => ("sending", done_bytes, of_bytes),
        };
        self.bar.set_message(what);
        self.bar.set_length(of_bytes);
        self.bar.set_position(done_bytes);
        self.bar.set_style(style("{spinner} {msg} {bytes}/{total_bytes} {wide_bar} {eta} left"));
    }

    /// Takes the display away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A display of how far a server is with a scan.
pub struct RemoteProgress {
    bar: ProgressBar,
}

impl RemoteProgress {
    /// A display on standard error, if that is a terminal and nobody asked for quiet.
    pub fn new(quiet: bool) -> RemoteProgress {
        RemoteProgress { bar: bar(quiet) }
    }

    /// Shows where it stands.
    pub fn show(&self, state: &str, phase: &str, percent: Option<u64>) {
        let Some(percent) = percent else { return self.bar.set_message(Escaped(state).to_string()) };
        self.bar.set_length(100);
        self.bar.set_position(percent.min(100));
        self.bar.set_style(style("{spinner} {percent} % {wide_bar} {msg}"));
        self.bar.set_message(Escaped(phase).to_string());
    }

    /// Takes the display away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn bar(quiet: bool) -> ProgressBar {
    let target = if quiet || !std::io::stderr().is_terminal() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr_with_hz(10)
    };
    let bar = ProgressBar::with_draw_target(None, target).with_style(style("{spinner} {msg}"));
    if !bar.is_hidden() {
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
    }
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates of this file are well formed")
}
