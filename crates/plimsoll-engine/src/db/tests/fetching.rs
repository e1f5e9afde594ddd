//! One file from a server: what is asked, what is believed, what is tried again.

use std::time::{Duration, Instant};

use super::server::Manner::{Bomb, Cut, Gzip, NoLength, OtherRange, Redirect, Slowly, Status, WrongLength};
use super::{DAY, KEV, NOW, Outcome, Site, files_in, kev};
use crate::db::fetch::{Fetched, Fetcher, Patience};

const URL: &str = "https://feeds.example/file";
const PATH: &str = "/feeds.example/file";
const HASTY: Patience = Patience {
    silence: Duration::from_millis(400),
    attempt: Duration::from_secs(20),
    pause: Duration::from_millis(1),
};

impl Site {
    fn fetch(&self, patience: Patience, size_bytes_max: u64) -> Result<Option<Vec<u8>>, String> {
        let fetcher = Fetcher::patient(self.partial(), self.hosts(), patience).unwrap();
        Ok(match fetcher.fetch(URL, None, size_bytes_max, &mut |_, _| ())? {
            Fetched::New { bytes, .. } => Some(bytes),
            Fetched::Unchanged | Fetched::NotFound => None,
        })
    }

    /// Fetches what is there, which must be this.
    #[track_caller]
    fn fetches(&self, expected: &[u8]) {
        let fetched = self.fetch(HASTY, 10 << 20).unwrap().unwrap();
        assert!(fetched == expected, "{} bytes, not the file", fetched.len());
        assert_eq!(files_in(&self.partial()), 0, "nothing is left of a file that came whole");
    }
}

/// Bytes that no shift and no repetition leaves the same.
fn file() -> Vec<u8> {
    (0..200_000_u32).flat_map(|it| it.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

#[test]
fn a_broken_download_is_resumed_where_it_broke() {
    let site = Site::new();
    site.server.put_tagged(PATH, file(), "\"one\"");
    site.server.behave(PATH, [Cut(300_000), Cut(1), Cut(100_000)]);
    site.fetches(&file());
    let requests = site.server.requests();
    let ranges: Vec<Option<&str>> = requests.iter().map(|it| it.header("range")).collect();
    assert_eq!(ranges[0], None);
    assert!(ranges[1..].iter().all(Option::is_some), "{ranges:?}");
    assert!(requests[1..].iter().all(|it| it.header("if-range") == Some("\"one\"")));
}

#[test]
fn a_file_that_changed_meanwhile_is_not_patched_together() {
    let site = Site::new();
    site.server.put_tagged(PATH, vec![b'a'; 500_000], "\"one\"");
    site.server.behave(PATH, [Cut(300_000), Cut(0), Cut(0), Cut(0), Cut(0)]);
    assert!(site.fetch(HASTY, 10 << 20).is_err());
    site.server.put_tagged(PATH, file(), "\"two\"");
    site.fetches(&file());
    assert_eq!(site.server.requests().last().unwrap().header("if-range"), Some("\"one\""));
}

#[test]
fn without_a_strong_validator_a_broken_download_begins_anew() {
    let site = Site::new();
    site.server.put(PATH, file());
    site.server.behave(PATH, [Cut(300_000)]);
    site.fetches(&file());
    site.server.put_tagged(PATH, file(), "W/\"weak\"");
    site.server.behave(PATH, [Cut(300_000)]);
    site.fetches(&file());
    assert!(site.server.requests().iter().all(|it| it.header("range").is_none()));
}

#[test]
fn a_server_that_sends_another_part_is_asked_for_the_whole() {
    let site = Site::new();
    site.server.put_dated(PATH, file(), "Sun, 01 Nov 2026 00:00:00 GMT");
    site.server.behave(PATH, [Cut(300_000), OtherRange]);
    site.fetches(&file());
}

#[test]
fn what_was_left_of_a_whole_file_does_no_harm() {
    let site = Site::new();
    site.server.put_tagged(PATH, file(), "\"one\"");
    site.server.behave(PATH, [WrongLength(5), Status(416, "")]);
    site.fetches(&file());
}

#[test]
fn a_length_that_is_not_the_files_is_not_believed() {
    let site = Site::new();
    site.server.put(PATH, file());
    site.server.behave(PATH, [WrongLength(1)]);
    site.fetches(&file());
    // Whoever announces less sends less: only what the feed's reader says can tell.
    site.server.behave(PATH, [WrongLength(-1)]);
    assert_eq!(site.fetch(HASTY, 10 << 20).unwrap().unwrap().len(), file().len() - 1);
    site.server.behave(PATH, [NoLength]);
    site.fetches(&file());
}

#[test]
fn servers_that_are_busy_are_asked_again_and_those_that_refuse_are_not() {
    let site = Site::new();
    site.server.put(PATH, file());
    site.server.behave(
        PATH,
        [
            Status(429, "Retry-After: 0\r\n"),
            Status(503, ""),
            Status(500, ""),
            Status(403, "Retry-After: 0\r\n"),
        ],
    );
    site.fetches(&file());
    assert_eq!(site.server.requests().len(), 5);
    site.server.behave(PATH, [Status(403, "")]);
    assert!(site.fetch(HASTY, 10 << 20).unwrap_err().contains("403"));
    assert_eq!(site.server.requests().len(), 1);
    site.server.behave(PATH, std::iter::repeat_n(Status(502, ""), 9));
    let why = site.fetch(HASTY, 10 << 20).unwrap_err();
    assert!(why.contains("502") && why.contains("after 5 attempts"), "{why}");
    assert_eq!(site.server.requests().len(), 5);
}

#[test]
fn a_server_says_how_long_to_wait() {
    let site = Site::new();
    site.server.put(PATH, file());
    site.server.behave(PATH, [Status(429, "Retry-After: 1\r\n")]);
    let started = Instant::now();
    site.fetches(&file());
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn a_server_may_say_until_when_to_wait_by_its_own_clock() {
    let site = Site::new();
    site.server.put(PATH, file());
    // Its clock is decades behind ours.
    let busy = "Date: Sun, 06 Nov 1994 08:49:36 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    site.server
        .behave(PATH, [Status(503, busy), Status(429, "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n")]);
    let started = Instant::now();
    site.fetches(&file());
    let waited = started.elapsed();
    // Not the decades between that moment and our own clock.
    assert!((Duration::from_secs(1)..Duration::from_secs(600)).contains(&waited), "{waited:?}");
}

#[test]
fn a_file_that_is_gone_is_not_asked_for_again() {
    let site = Site::new();
    assert_eq!(site.fetch(HASTY, 10), Ok(None));
    site.server.put(PATH, "x");
    site.server.behave(PATH, [Status(410, "")]);
    assert_eq!(site.fetch(HASTY, 10), Ok(None));
    assert_eq!(site.server.requests().len(), 2);
}

#[test]
fn redirects_are_followed_and_circles_are_not() {
    let site = Site::new();
    let there = format!("{}/there", site.server.address());
    site.server.put("/there", file());
    site.server.put(PATH, "");
    site.server.behave(PATH, [Redirect(there)]);
    site.fetches(&file());
    site.server.requests();
    site.server.behave(PATH, std::iter::repeat_n(Redirect(PATH.to_owned()), 100));
    assert!(site.fetch(HASTY, 10 << 20).is_err());
    let asked = site.server.requests().len();
    assert!(asked <= 60, "{asked} requests");
}

#[test]
fn a_body_that_is_squeezed_on_the_way_is_the_file_all_the_same() {
    let site = Site::new();
    site.server.put_tagged(PATH, file(), "\"one\"");
    site.server.behave(PATH, [Gzip]);
    site.fetches(&file());
}

#[test]
fn more_bytes_than_allowed_are_not_taken_whatever_the_length_says() {
    let site = Site::new();
    site.server.put(PATH, file());
    for manner in [None, Some(NoLength), Some(Bomb(2 << 20))] {
        site.server.behave(PATH, manner.clone());
        let why = site.fetch(HASTY, 1000).unwrap_err();
        assert!(why.contains("more than 1000 bytes"), "{manner:?}: {why}");
        assert_eq!(files_in(&site.partial()), 0, "{manner:?}");
    }
    assert_eq!(site.server.requests().len(), 3, "asking again would not help");
}

#[test]
fn a_silent_server_is_left_and_a_slow_one_is_not() {
    let site = Site::new();
    site.server.put_tagged(PATH, vec![b'x'; 20], "\"one\"");
    site.server.behave(PATH, [Slowly(Duration::from_secs(60))]);
    let started = Instant::now();
    site.fetches(&[b'x'; 20]);
    assert!(started.elapsed() < Duration::from_secs(60));
    // Longer in all than it may be silent.
    site.server.behave(PATH, [Slowly(Duration::from_millis(200))]);
    site.server.requests();
    let patience = Patience { silence: Duration::from_secs(3), ..HASTY };
    assert_eq!(site.fetch(patience, 1000), Ok(Some(vec![b'x'; 20])));
    assert_eq!(site.server.requests().len(), 1);
}

#[test]
fn who_sends_for_ever_is_broken_off_and_resumed() {
    let site = Site::new();
    site.server.put_tagged(PATH, vec![b'x'; 400], "\"one\"");
    site.server.behave(PATH, [Slowly(Duration::from_millis(20))]);
    let patience = Patience { attempt: Duration::from_millis(300), ..HASTY };
    assert_eq!(site.fetch(patience, 1000), Ok(Some(vec![b'x'; 400])));
    assert!(site.server.requests().len() >= 2);
}

#[test]
fn what_did_not_change_is_not_fetched_again() {
    for (etag, modified) in [(Some("\"one\""), None), (None, Some("Sun, 01 Nov 2026 00:00:00 GMT"))] {
        let site = Site::new();
        let put = |ids: &[&str], tag: &str| match (etag, modified) {
            (Some(_), _) => site.server.put_tagged(KEV, kev(ids), tag),
            _ => site.server.put_dated(KEV, kev(ids), tag),
        };
        put(&["CVE-2024-0001"], etag.or(modified).unwrap());
        assert_eq!(site.update("cisa-kev", NOW), Outcome::Updated);
        site.server.requests();
        assert_eq!(site.update("cisa-kev", NOW + DAY), Outcome::Unchanged);
        let asked = site.server.requests().remove(0);
        assert_eq!(asked.header("if-none-match"), etag);
        assert_eq!(asked.header("if-modified-since"), modified);
        put(&["CVE-2024-0001", "CVE-2024-0002"], "\"two\"");
        assert_eq!(site.update("cisa-kev", NOW + 2 * DAY), Outcome::Updated);
        assert_eq!(site.ids(), ["CVE-2024-0001", "CVE-2024-0002"]);
    }
}
