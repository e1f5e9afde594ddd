//! Parts whose records take the place of older ones: the NVD's file of what changed.

use super::view::RecordHead;
use super::{Reading, Shard};

const MODIFIED: &str = "nvdcve-2.0-modified";
const YEAR: &str = "nvdcve-2.0-2024";

/// A page with these records, each `(id, day of January 2026, text)`.
fn page(records: &[(&str, u32, &str)]) -> String {
    let item = |(id, day, text): &(&str, u32, &str)| {
        format!(
            r#"{{"cve":{{"id":"{id}","lastModified":"2026-01-{day:02}T00:00:00.000","vulnStatus":"Modified","descriptions":[{{"lang":"en","value":"{text}"}}]}}}}"#
        )
    };
    let items: Vec<String> = records.iter().map(item).collect();
    format!(r#"{{"vulnerabilities":[{}]}}"#, items.join(","))
}

/// Reads these parts; the shard, and the names of the parts whose bytes were asked for.
fn read(parts: &[(&str, String)], before: Option<&Shard>) -> (Shard, Vec<String>) {
    let feed = crate::feeds::by_id("nvd").unwrap();
    let mut reading = Reading::new(feed, before.cloned(), parts.iter().map(|(name, _)| *name));
    let mut asked = Vec::new();
    for (name, page) in parts {
        let fingerprint = xxhash_rust::xxh3::xxh3_64(page.as_bytes());
        let bytes = || {
            asked.push((*name).to_owned());
            Ok::<_, ()>(page.clone().into_bytes())
        };
        reading.part(name, "x.json", fingerprint, bytes).unwrap().unwrap();
    }
    (reading.finish(1, true), asked)
}

/// Every record as `id text`, in order.
fn texts(shard: &Shard) -> Vec<String> {
    let contents = shard.contents().unwrap();
    let text = |it: &RecordHead<'_>| format!("{} {}", it.id, it.text().unwrap().details.unwrap_or_default());
    let mut texts: Vec<String> = contents.records.iter().map(text).collect();
    texts.sort();
    texts
}

#[test]
fn the_newer_record_counts_whichever_parts_are_known() {
    let year = || (YEAR, page(&[("CVE-2024-0001", 1, "a"), ("CVE-2024-0002", 1, "a")]));
    let modified = |records: &[(&str, u32, &str)]| (MODIFIED, page(records));
    let (first, _) = read(&[modified(&[]), year()], None);
    assert_eq!(texts(&first), ["CVE-2024-0001 a", "CVE-2024-0002 a"]);

    // A year that did not change is not read again where a record of it goes …
    let (second, asked) = read(&[modified(&[("CVE-2024-0001", 2, "b")]), year()], Some(&first));
    assert_eq!(asked, [MODIFIED]);
    assert_eq!(texts(&second), ["CVE-2024-0001 b", "CVE-2024-0002 a"]);
    assert_eq!(second.records().read, 2);

    // … nor where nothing changed …
    let (third, asked) = read(&[modified(&[("CVE-2024-0001", 2, "b")]), year()], Some(&second));
    assert_eq!((asked.len(), texts(&third)), (0, texts(&second)));

    // … but where one comes back, it is.
    let (fourth, asked) = read(&[modified(&[("CVE-2024-0002", 2, "c")]), year()], Some(&third));
    assert_eq!(asked, [MODIFIED, YEAR]);
    assert_eq!(texts(&fourth), ["CVE-2024-0001 a", "CVE-2024-0002 c"]);

    // However a shard came to be, it is the one that is read at once.
    for (shard, records) in [
        (&second, ("CVE-2024-0001", 2, "b")),
        (&third, ("CVE-2024-0001", 2, "b")),
        (&fourth, ("CVE-2024-0002", 2, "c")),
    ] {
        let (whole, _) = read(&[modified(&[records]), year()], None);
        assert!(whole.documents().eq(shard.documents()));
        assert_eq!(texts(&whole), texts(shard));
    }
}

#[test]
fn an_older_record_of_a_newer_part_takes_nobodys_place() {
    let parts = [
        (MODIFIED, page(&[("CVE-2024-0001", 3, "stale")])),
        (YEAR, page(&[("CVE-2024-0001", 4, "fresh"), ("x", 1, "no id")])),
    ];
    let (shard, _) = read(&parts, None);
    assert_eq!(texts(&shard), ["CVE-2024-0001 fresh", "CVE-2024-0001 stale"]);
    let (again, asked) = read(&parts, Some(&shard));
    assert_eq!((asked.len(), again.records().quarantined), (0, 1));
    assert!(again.documents().eq(shard.documents()));
}
