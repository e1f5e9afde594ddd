//! What is to be done with an artifact, given what is known of it. Pure: this is all of the
//! reconciler's judgement, and the tasks around it only carry it out.

use plimsoll_core::Timestamp;
use plimsoll_store::{Candidate, Priority, ScanState};

use super::Kind;

/// The world as it is now.
#[derive(Clone, Copy, Debug)]
pub(super) struct World<'a> {
    /// What would make an inventory now.
    pub form: &'a str,
    /// Whether there is a database to judge by.
    pub has_database: bool,
    /// The time.
    pub now: Timestamp,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Nothing.
    Nothing,
    /// It is to be scanned.
    Scan(Priority),
    /// It is to be said that it cannot be scanned.
    SayNotSupported,
}

/// What was pushed so lately goes before what has been there for long, in seconds.
const FRESH_SECONDS: i64 = 3_600;

/// Says what is to be done.
pub(super) fn due(candidate: &Candidate, kind: &Kind, world: World<'_>) -> Work {
    match (kind, &candidate.state) {
        // An index is where its images are.
        (Kind::Index, _) => Work::Nothing,
        (Kind::NoImage(_), ScanState::NotScanned) => Work::SayNotSupported,
        (Kind::NoImage(_), _) => Work::Nothing,
        (Kind::Image, _) if !candidate.auto_scan => Work::Nothing,
        (Kind::Image, ScanState::NotScanned) => Work::Scan(priority(candidate, world.now)),
        (Kind::Image, ScanState::Complete) if is_old(candidate, world) => Work::Scan(Priority::Background),
        // What failed or was stopped waits for somebody who asks.
        (Kind::Image, _) => Work::Nothing,
    }
}

fn priority(candidate: &Candidate, now: Timestamp) -> Priority {
    if now.0 - candidate.pushed_at.0 < FRESH_SECONDS { Priority::Pushed } else { Priority::Background }
}

/// Whether its inventory would be another one now, or nobody has judged it.
fn is_old(candidate: &Candidate, world: World<'_>) -> bool {
    candidate.form.as_deref() != Some(world.form) || (world.has_database && !candidate.judged)
}

#[cfg(test)]
mod tests {
    use plimsoll_core::Digest;
    use plimsoll_store::{ArtifactId, NamespaceId};

    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000);

    fn pushed(state: ScanState) -> Candidate {
        Candidate {
            artifact: ArtifactId::from_number(1),
            namespace: NamespaceId::from_number(1),
            digest: Digest::sha256([1; 32]),
            media_type: String::new(),
            auto_scan: true,
            form: (state == ScanState::Complete).then(|| "form".to_owned()),
            judged: state == ScanState::Complete,
            state,
            pushed_at: NOW,
        }
    }

    #[track_caller]
    fn check(candidate: &Candidate, expected: Work) {
        let world = World { form: "form", has_database: true, now: NOW };
        assert_eq!(due(candidate, &Kind::Image, world), expected);
    }

    #[test]
    fn what_is_pushed_is_scanned_with_nobody_asking() {
        check(&pushed(ScanState::NotScanned), Work::Scan(Priority::Pushed));
        let old = Candidate { pushed_at: Timestamp(NOW.0 - 9_999), ..pushed(ScanState::NotScanned) };
        check(&old, Work::Scan(Priority::Background));
        check(&Candidate { auto_scan: false, ..old }, Work::Nothing);
    }

    #[test]
    fn nothing_is_scanned_twice_and_no_failure_comes_back_by_itself() {
        let scanning = ScanState::Scanning { phase: String::new(), progress_percent: 1 };
        for state in [ScanState::Complete, ScanState::Queued, scanning, ScanState::Failed, ScanState::Stopped]
        {
            check(&pushed(state), Work::Nothing);
        }
    }

    #[test]
    fn a_newer_program_scans_again_and_a_first_database_judges() {
        let complete = pushed(ScanState::Complete);
        check(
            &Candidate { form: Some("older".to_owned()), ..complete.clone() },
            Work::Scan(Priority::Background),
        );
        let unjudged = Candidate { judged: false, ..complete };
        check(&unjudged, Work::Scan(Priority::Background));
        let world = World { form: "form", has_database: false, now: NOW };
        assert_eq!(due(&unjudged, &Kind::Image, world), Work::Nothing);
    }

    #[test]
    fn what_is_no_image_says_so_once_and_an_index_is_where_its_images_are() {
        let world = World { form: "form", has_database: true, now: NOW };
        let chart = Kind::NoImage("a chart".to_owned());
        let off = Candidate { auto_scan: false, ..pushed(ScanState::NotScanned) };
        assert_eq!(due(&off, &chart, world), Work::SayNotSupported);
        assert_eq!(due(&pushed(ScanState::NotSupported), &chart, world), Work::Nothing);
        assert_eq!(due(&pushed(ScanState::NotScanned), &Kind::Index, world), Work::Nothing);
    }
}
