//! An update that takes over from the snapshot before gives the bytes of a build from nothing, with
//! whatever of its shortcuts.

use std::fs;
use std::path::PathBuf;

use super::{DAY, KEV, NOW, Site, kev};
use crate::db::Outcome;

impl Site {
    fn shortcuts(&self) -> PathBuf {
        self.folder.path().join("db/shortcuts")
    }

    /// Their names, but those of indexes.
    fn shortcut_names(&self) -> (Vec<String>, usize) {
        let entries = fs::read_dir(self.shortcuts()).unwrap();
        let all: Vec<String> =
            entries.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
        let (indexes, mut others): (Vec<String>, Vec<String>) =
            all.into_iter().partition(|it| it.starts_with("sha256-"));
        others.sort();
        (others, indexes.len())
    }
}

#[test]
fn one_index_a_feed_is_kept_and_those_of_before_go() {
    let site = Site::new();
    for (day, ids) in [&["CVE-2020-0001"][..], &["CVE-2020-0001", "CVE-2020-0002"]].iter().enumerate() {
        site.server.put(KEV, kev(ids));
        assert_eq!(site.update("cisa-kev", NOW + DAY * i64::try_from(day).unwrap()), Outcome::Updated);
        assert_eq!(site.shortcut_names(), (vec!["ledger".to_owned(), "seed".to_owned()], 1));
    }
}

#[test]
fn shortcuts_that_are_gone_or_damaged_make_no_difference() {
    let site = Site::new();
    let damages: [fn(&Site); 5] = [
        |_| (),
        |site| fs::remove_dir_all(site.shortcuts()).unwrap(),
        |site| {
            for entry in fs::read_dir(site.shortcuts()).unwrap() {
                fs::write(entry.unwrap().path(), "damaged").unwrap();
            }
        },
        |site| fs::remove_file(site.shortcuts().join("ledger")).unwrap(),
        |site| fs::write(site.shortcuts().join("seed"), [7; 8]).unwrap(),
    ];
    let mut ids = vec!["CVE-2020-0001".to_owned()];
    for (number, damage) in (2u8..).zip(damages) {
        let known: Vec<&str> = ids.iter().map(String::as_str).collect();
        site.server.put(KEV, kev(&known));
        assert_eq!(site.update("cisa-kev", NOW + DAY * i64::from(number)), Outcome::Updated);
        assert_eq!(site.ids(), ids);
        damage(&site);
        ids.push(format!("CVE-2020-000{number}"));
    }
}

#[test]
fn a_damaged_snapshot_gives_nothing_to_the_next_one() {
    let site = Site::new();
    site.server.put(KEV, kev(&["CVE-2020-0001"]));
    assert_eq!(site.update("cisa-kev", NOW), Outcome::Updated);
    let path = site.folder.path().join("db/snapshots/00000001.snapshot");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(13).position(|it| it == b"CVE-2020-0001").unwrap();
    bytes[at + 12] = b'9';
    fs::write(&path, bytes).unwrap();
    site.server.put(KEV, kev(&["CVE-2020-0001", "CVE-2020-0002"]));
    assert_eq!(site.update("cisa-kev", NOW + DAY), Outcome::Updated);
    assert_eq!(site.ids(), ["CVE-2020-0001", "CVE-2020-0002"]);
}
