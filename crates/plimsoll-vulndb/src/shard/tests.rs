use plimsoll_core::{
    Advisory, CvssVector, End, EndOfLife, Epss, Kev, NameKind, Range, Rating, Realm, Severity, Status,
};

use super::view::{Head, Statement};
use super::*;
use crate::Record;

fn advisories(shard: &Shard) -> Vec<Statement<'_>> {
    shard.contents().unwrap().advisories.iter().map(|it| it.statement().unwrap()).collect()
}

fn days(shard: &Shard) -> Vec<u32> {
    shard.contents().unwrap().advisories.iter().map(|it: &Head<'_>| it.first_seen_day).collect()
}

fn advisory(id: &str, fixed: &str) -> Advisory {
    Advisory {
        feed: "debian".into(),
        realm: Realm("deb/debian:12".into()),
        package: "zlib".into(),
        name_kind: NameKind::Source,
        channel: Some("x".into()),
        architectures: vec!["amd64".into()],
        module: Some("m:1".into()),
        vulnerability: id.into(),
        advisory_ids: vec!["DSA-1".into()],
        ranges: vec![Range { introduced: Some("1".into()), end: End::Fixed(fixed.into()) }],
        versions: vec!["1.2".into()],
        status: Status::Fixed,
        severity: Some(Severity::High),
        note: Some("a note".into()),
    }
}

/// A feed of documents, each `(name, fingerprint, id, fixed version)`; what is known is not read.
fn read(documents: &[(&str, u64, &str, &str)], before: Option<&Shard>) -> FeedOutput {
    let mut out = FeedOutput { known: before.map(Shard::known).unwrap_or_default(), ..FeedOutput::default() };
    out.begin_part("all.zip", 1 + documents.len() as u64);
    for (name, fingerprint, id, fixed) in documents {
        if !out.begin_document(name, *fingerprint) {
            continue;
        }
        out.records_read += 1;
        out.records_stored += 1;
        out.advisories.push(advisory(id, fixed));
        out.records.push(Record { id: (*id).into(), summary: Some("s".into()), ..Record::default() });
        out.quarantine_part(*id, "a part of it is odd");
    }
    out
}

fn full() -> Shard {
    let mut out = read(&[("a", 1, "CVE-1", "2")], None);
    out.records.push(Record {
        id: "CVE-2".into(),
        aliases: vec!["GHSA-x".into()],
        details: Some("d".into()),
        references: vec!["https://example.org".into()],
        ratings: vec![Rating { source: "nvd".into(), severity: Severity::Low }],
        cvss: vec![CvssVector {
            source: "nvd".into(),
            vector: "v".into(),
            version: "3.1".into(),
            score_tenths: 98,
        }],
        cwes: vec!["CWE-1".into()],
        published: Some(Timestamp(-5)),
        modified: Some(Timestamp(i64::MAX)),
        withdrawn: true,
        ..Record::default()
    });
    out.epss.push((
        "CVE-2".into(),
        Epss { score_millionths: 1, percentile_millionths: Some(2), model: Some("v4".into()), date: None },
    ));
    out.kev.push(("CVE-2".into(), Kev { added: Some(Timestamp(1)), due: None, ransomware: true }));
    out.end_of_life.push(EndOfLife {
        distro_id: "debian".into(),
        release: "12".into(),
        ends: Some(Timestamp(1)),
        extended_ends: None,
        latest_release: Some("13".into()),
    });
    out.repository_channels.push(("rhel".into(), vec!["a".into(), "b".into()]));
    out.maven.push(([0xa5; 20], "org.example:a:1.0".into()));
    out.data_date = Some(Timestamp(7));
    Shard::update("debian", 3, out, None, (20_000, true))
}

#[test]
fn a_shard_survives_being_written_and_read() {
    let mut output = read(&[("a", 1, "CVE-1", "2")], None);
    output.close();
    let shard = full();
    let again = Shard::decode(shard.bytes().to_vec()).unwrap();
    assert_eq!(again, shard);
    assert_eq!(advisories(&again), output.advisories.iter().map(Statement::of).collect::<Vec<_>>());
    let contents = again.contents().unwrap();
    assert_eq!(contents.quarantined, [("CVE-1", "a part of it is odd")], "{contents:?}");
    assert_eq!(contents.repository_channels, [("rhel", vec!["a", "b"])]);
    assert_eq!(contents.maven, [(&[0xa5; 20], "org.example:a:1.0")]);
    assert_eq!((contents.epss[0].0, contents.kev[0].0), ("CVE-2", "CVE-2"));
    assert_eq!(contents.end_of_life[0].latest_release.as_deref(), Some("13"));
    let record = &contents.records[1];
    assert_eq!((record.id, &*record.aliases, record.withdrawn), ("CVE-2", &["GHSA-x"][..], true));
    assert_eq!(record.text().unwrap().references, ["https://example.org"]);
    let view = record.view().unwrap();
    assert_eq!((view.published, view.modified), (Some(Timestamp(-5)), Some(Timestamp(i64::MAX))));
    assert_eq!((view.cvss[0].score_tenths, view.cwes), (98, vec!["CWE-1"]));
    assert_eq!(again.records(), RecordCounts { read: 1, stored: 1, ..RecordCounts::default() });
    assert_eq!(again.data_date, Some(Timestamp(7)));
}

#[test]
fn a_damaged_shard_is_refused_or_said_to_be_damaged() {
    let bytes = full().bytes().to_vec();
    for length in 0..bytes.len() {
        assert!(Shard::decode(bytes[..length].to_vec()).is_err(), "cut at {length}");
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        if let Ok(shard) = Shard::decode(damaged) {
            // Taking it apart must not fail, whatever it says.
            if let Ok(contents) = shard.contents() {
                contents.advisories.iter().for_each(|it| drop(it.statement()));
                contents.records.iter().for_each(|it| drop((it.text(), it.view())));
            }
            Shard::update("debian", 3, FeedOutput::default(), Some(&shard), (1, true));
        }
    }
    assert_eq!(Shard::decode(b"{}".to_vec()).unwrap_err(), ShardError::NotAShard);
}

#[test]
fn what_did_not_change_is_taken_over_and_what_is_gone_is_gone() {
    let first = read(&[("a", 1, "CVE-1", "2"), ("b", 1, "CVE-2", "2"), ("c", 1, "CVE-3", "2")], None);
    let first = Shard::update("debian", 1, first, None, (100, true));
    let documents = [("a", 1, "CVE-1", "2"), ("c", 2, "CVE-3", "3"), ("d", 1, "CVE-4", "1")];
    let second = read(&documents, Some(&first));
    assert_eq!(second.advisories.len(), 2, "the first was not read again");
    let second = Shard::update("debian", 1, second, Some(&first), (200, true));
    let whole = Shard::update("debian", 1, read(&documents, None), None, (200, true));
    assert_eq!(advisories(&second), advisories(&whole));
    assert!(second.documents().eq(whole.documents()));
    assert_eq!(second.records(), whole.records());
    assert_eq!(second.records().read, 3);
    assert_eq!(second.contents().unwrap().quarantined.len(), 3);
    assert_eq!(days(&second), [0, 200, 200]);
}

#[test]
fn facts_remember_the_day_on_which_they_were_first_seen() {
    let first = Shard::update("debian", 1, read(&[("a", 1, "CVE-1", "2")], None), None, (100, true));
    assert_eq!(days(&first), [0], "what was there from the beginning has no day");
    let documents = [("a", 2, "CVE-1", "2"), ("b", 1, "CVE-2", "2")];
    let second = read(&documents, Some(&first));
    let second = Shard::update("debian", 1, second, Some(&first), (200, true));
    assert_eq!(days(&second), [0, 200]);
    let documents = [("a", 3, "CVE-1", "2.1"), ("b", 1, "CVE-2", "2")];
    let third = read(&documents, Some(&second));
    let third = Shard::update("debian", 1, third, Some(&second), (300, true));
    assert_eq!(days(&third), [300, 200]);
    let documents = [("a", 3, "CVE-1", "2.1"), ("b", 2, "CVE-5", "2")];
    let fourth = Shard::update("debian", 2, read(&documents, None), Some(&third), (400, true));
    assert_eq!(days(&fourth), [300, 0], "what a newer parser alone sees may be old");
}

#[test]
fn names_that_occur_twice_are_told_apart() {
    let twice = [("a", 1, "CVE-1", "2"), ("a", 1, "CVE-2", "2")];
    let first = Shard::update("debian", 1, read(&twice, None), None, (1, true));
    assert_eq!(first.documents().last().map(|it| it.0), Some("all.zip!a#2"));
    assert_eq!(first.advisories(), Ok(2));
}

#[test]
fn names_that_occur_twice_may_change_places() {
    let first = [("a", 1, "CVE-1", "2"), ("a", 2, "CVE-2", "2"), ("a#2", 3, "CVE-3", "2")];
    let first = Shard::update("debian", 1, read(&first, None), None, (1, true));
    let swapped = [("a", 2, "CVE-2", "2"), ("a", 1, "CVE-1", "2"), ("a#2", 3, "CVE-3", "2")];
    let second = Shard::update("debian", 1, read(&swapped, Some(&first)), Some(&first), (2, true));
    let whole = Shard::update("debian", 1, read(&swapped, None), None, (2, true));
    assert_eq!(advisories(&second), advisories(&whole));
    assert_eq!(second.advisories(), Ok(3));
}

#[test]
fn quarantined_documents_stay_with_their_names() {
    let mut out = FeedOutput::default();
    out.begin_part("p", 1);
    out.records_read += 1;
    out.quarantine("x", "y");
    let shard = Shard::update("debian", 1, out, None, (1, true));
    assert_eq!(shard.contents().unwrap().quarantined, [("x", "y")]);
    assert_eq!(shard.records().quarantined, 1);
}

#[test]
fn parts_that_did_not_change_are_not_even_fetched_from_the_disk() {
    let feed = crate::feeds::by_id("alpine").unwrap();
    let json = |package: &str| {
        format!(
            r#"{{"distroversion":"v3.18","reponame":"main","packages":[{{"pkg":{{"name":"{package}","secfixes":{{"1-r1":["CVE-2024-10001"]}}}}}}]}}"#
        )
    };
    let read = |before: Option<Shard>, community: u64| {
        let mut reading = Reading::new(feed, before, ["main", "community"].into_iter());
        let mut asked = Vec::new();
        for (name, fingerprint) in [("main", 1), ("community", community)] {
            let bytes = || {
                asked.push(name);
                Ok::<_, ()>(json(name).into_bytes())
            };
            reading.part(name, "x.json", fingerprint, bytes).unwrap().unwrap();
        }
        (asked, reading.finish(5, true))
    };
    let (asked, first) = read(None, 1);
    assert_eq!(asked, ["main", "community"]);
    assert_eq!(first.advisories(), Ok(2));
    let (asked, second) = read(Some(first.clone()), 2);
    assert_eq!(asked, ["community"]);
    assert_eq!(advisories(&second), advisories(&first));
    let (asked, third) = read(Some(Shard { version: 0, ..second }), 2);
    assert_eq!(asked, ["main", "community"], "another version of the parser reads everything again");
    assert_eq!(days(&third), [0, 0], "and sees nothing new in it");
}

#[test]
fn a_document_of_its_own_takes_the_place_of_an_archives_member() {
    let feed = crate::feeds::by_id("osv-pypi").unwrap();
    let record = |id: &str, fixed: &str| {
        format!(
            r#"{{"id":"{id}","modified":"2024-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"PyPI","name":"flask"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
        )
    };
    let zip = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for id in ["PYSEC-2024-1", "PYSEC-2024-2", "PYSEC-2024-3"] {
            zip.start_file(format!("{id}.json"), zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, record(id, "1.0").as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let changed = record("PYSEC-2024-2", "2.0");
    let read = |parts: &[(&str, &[u8])], before: Option<Shard>| {
        let mut reading = Reading::new(feed, before, parts.iter().map(|(name, _)| *name));
        for (name, bytes) in parts {
            let fingerprint = xxhash_rust::xxh3::xxh3_64(bytes);
            reading.part(name, "x", fingerprint, || Ok::<_, ()>(bytes.to_vec())).unwrap().unwrap();
        }
        reading.finish(9, true)
    };
    let fixes = |shard: &Shard| {
        let mut fixes: Vec<String> = advisories(shard)
            .iter()
            .map(|it| format!("{} {:?}", it.vulnerability, it.ranges[0].end))
            .collect();
        fixes.sort();
        fixes.join(" ")
    };
    let first = read(&[("all.zip", &zip)], None);
    let overlays: [(&str, &[u8]); 3] = [
        ("all.zip", &zip),
        ("all.zip!PYSEC-2024-2.json", changed.as_bytes()),
        ("all.zip!PYSEC-2024-3.json", b""),
    ];
    let expected = r#"PYSEC-2024-1 Fixed("1.0") PYSEC-2024-2 Fixed("2.0")"#;
    let second = read(&overlays, Some(first));
    assert_eq!(fixes(&second), expected);
    assert_eq!(fixes(&read(&overlays, None)), expected);
    assert_eq!(fixes(&read(&overlays, Some(second))), expected, "and nothing changes the next time");
    let broken = read(&[("all.zip", &zip), ("all.zip!PYSEC-2024-2.json", b"{")], None);
    assert_eq!(broken.records().quarantined, 1);
    assert_eq!(broken.advisories(), Ok(2));
}

#[test]
fn releases_that_a_feed_has_no_more_keep_their_last_word() {
    let row = |realm: &str, id: &str| Advisory { realm: Realm(realm.into()), ..advisory(id, "2") };
    let output = |rows: &[(&str, &str)]| {
        let mut out = FeedOutput::default();
        out.begin_part("data.json", rows.len() as u64);
        for (realm, id) in rows {
            out.advisories.push(row(realm, id));
            out.records.push(Record { id: (*id).into(), ..Record::default() });
        }
        out
    };
    let told = |shard: &Shard| {
        let (rows, contents) = (advisories(shard), shard.contents().unwrap());
        let rows = rows.iter().map(|it| format!("{} {}", it.realm, it.vulnerability));
        rows.chain(contents.records.iter().map(|it| it.id.to_owned())).collect::<Vec<_>>().join(", ")
    };
    let (old, new) = (("deb/debian:11", "CVE-1"), ("deb/debian:12", "CVE-2"));
    let first = Shard::update("debian", 1, output(&[old, new]), None, (1, true));
    let second = Shard::update("debian", 1, output(&[new]), Some(&first), (2, true));
    assert_eq!(told(&second), "deb/debian:12 CVE-2, deb/debian:11 CVE-1, CVE-2, CVE-1");
    assert_eq!(Vec::from_iter(second.kept_realms()), ["deb/debian:11"]);
    let third = Shard::update("debian", 1, output(&[new]), Some(&second), (3, true));
    assert_eq!(third, second, "and for ever");
    let newer = Shard::update("debian", 2, output(&[new]), Some(&third), (4, true));
    assert_eq!(told(&newer), told(&second), "also when a newer reader comes");
    let again = Shard::update("debian", 1, output(&[old, new]), Some(&third), (4, true));
    assert_eq!((again.kept_realms().len(), again.advisories()), (0, Ok(2)));
    let let_go = Shard::update("debian", 1, output(&[new]), Some(&third), (4, false));
    assert_eq!(let_go.advisories(), Ok(1));
    // Languages have no releases.
    let npm = Shard::update("debian", 1, output(&[("npm", "CVE-1"), new]), None, (1, true));
    assert_eq!(Shard::update("debian", 1, output(&[new]), Some(&npm), (2, true)).advisories(), Ok(1));
}
