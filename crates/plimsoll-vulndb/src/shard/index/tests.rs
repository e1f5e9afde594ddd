//! An index says what its shard holds, and bytes that are no index are none.

use plimsoll_core::Realm;

use super::Index;
use crate::shard::Shard;
use crate::snapshot::tests::advisory;
use crate::{FeedOutput, Quarantined, Record};

fn record(id: &str, aliases: &[&str]) -> Record {
    let aliases = aliases.iter().map(|it| (*it).to_owned()).collect();
    Record { id: id.to_owned(), aliases, ..Record::default() }
}

fn shard() -> Shard {
    let mut other = advisory("debian", "CVE-2020-0001");
    other.package = "apt".to_owned();
    let mut elsewhere = advisory("debian", "CVE-2020-0003");
    elsewhere.realm = Realm("npm".to_owned());
    elsewhere.feed = "npm".to_owned();
    let mut withdrawn = record("CVE-2020-0009", &[]);
    withdrawn.withdrawn = true;
    let gone = advisory("debian", "CVE-2020-0009");
    let output = FeedOutput {
        advisories: vec![advisory("debian", "CVE-2020-0002"), gone, other, elsewhere],
        records: vec![record("CVE-2020-0001", &["GHSA-a", "GHSA-b"]), withdrawn, record("DSA-1", &[])],
        quarantined: vec![Quarantined { record: "x".to_owned(), why: "no id".to_owned() }],
        ..FeedOutput::default()
    };
    Shard::of("debian", 3, output)
}

/// Packages with their rows, and records with their aliases.
fn said(index: &Index, shard: &Shard) -> String {
    let mut lines = String::new();
    for number in 0..index.packages() {
        let package = index.package(number);
        for row in package.rows {
            let head = index.head(shard, row).unwrap();
            assert_eq!((head.realm, head.package), (package.realm, package.name));
            assert_eq!(head.vulnerability, index.text(index.row_name(row)));
            assert_eq!(head.feed, index.foreign_feed(row).unwrap_or("debian"));
            lines += &format!("{} {} {}\n", head.realm, head.package, head.vulnerability);
        }
    }
    for number in 0..index.records() {
        assert_eq!(index.record(shard, number).unwrap().id, index.record_id(number));
        let aliases: Vec<&str> = index.record_aliases(number).collect();
        lines += &format!("{} {}\n", index.record_id(number), aliases.join(" "));
    }
    lines
}

#[test]
fn it_has_the_rows_of_each_package_and_the_records_but_not_what_was_withdrawn() {
    let shard = shard();
    let index = Index::of(&shard, 7).unwrap();
    let expected = "deb/debian:12 apt CVE-2020-0001\ndeb/debian:12 zlib CVE-2020-0002\nnpm zlib CVE-2020-0003\nCVE-2020-0001 GHSA-a GHSA-b\nDSA-1 \n";
    assert_eq!(said(&index, &shard), expected);
    assert_eq!((index.advisories(), index.quarantined), (4, 1));
    assert_eq!(index.lists().unwrap().unwrap().quarantined, [("x", "no id")]);
}

#[test]
fn what_is_kept_is_read_again_with_the_same_seed_alone() {
    let index = Index::of(&shard(), 7).unwrap();
    let bytes = index.encode();
    assert_eq!(Index::decode(&bytes, 7), Some(index));
    assert_eq!(Index::decode(&bytes, 8), None);
}

#[test]
fn another_seed_gives_other_sums() {
    let (one, other) = (Index::of(&shard(), 7).unwrap(), Index::of(&shard(), 8).unwrap());
    assert_ne!(one.row_sum(0), other.row_sum(0));
    assert_ne!(one.record_sum(0), other.record_sum(0));
}

#[test]
fn bytes_that_were_damaged_are_no_index() {
    let bytes = Index::of(&shard(), 7).unwrap().encode();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert_eq!(Index::decode(&damaged, 7), None, "{at}");
        assert_eq!(Index::decode(&bytes[..at], 7), None, "{at}");
    }
}

#[test]
fn numbers_that_point_nowhere_are_no_index_whatever_their_sum() {
    let good = Index::of(&shard(), 7).unwrap();
    let damages: [fn(&mut Index); 7] = [
        |it| it.row_names[0] = 99,
        |it| it.packages[0][1] = 99,
        |it| it.package_ends[0] = 99,
        |it| it.aliases[0] = 99,
        |it| it.alias_ends.clear(),
        |it| it.row_sums.clear(),
        |it| it.texts.ends[0] += 1_000,
    ];
    for damage in damages {
        let mut index = good.clone();
        damage(&mut index);
        assert_eq!(Index::decode(&index.encode(), 7), None);
    }
}

#[test]
fn large_lists_stay_in_the_shard() {
    let quarantined = (0..10_000).map(|it| Quarantined { record: it.to_string(), why: "no id".to_owned() });
    let output = FeedOutput { quarantined: quarantined.collect(), ..FeedOutput::default() };
    let shard = Shard::of("debian", 3, output);
    let index = Index::of(&shard, 7).unwrap();
    assert!(index.lists().is_none());
    assert_eq!(index.quarantined, 10_000);
    assert_eq!(shard.lists().unwrap().quarantined.len(), 10_000);
}
