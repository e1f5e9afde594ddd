//! The CVE List: what the numbering authority (CNA) that assigned an id says of it, and what CISA
//! adds (its ADP container), in records of format 5.
//!
//! Scores, weaknesses, texts, references and dates for every vulnerability. Products and
//! versions are not read: they are free text of some hundred authors, and nobody's package names.

use std::borrow::Cow;

use plimsoll_core::{Rating, Severity};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{
    capped, cvss, cwe, date, details, each_json, field, is_cve, lenient, reference, summary,
};
use crate::{Changing, Feed, FeedOutput, Licence, ListForm, Part, Record, Remote, Source};

/// The archive of all records has some 600 MB.
const SIZE_BYTES_MAX: u64 = 4 << 30;
/// A day changes some hundred records of 10 kB; on days of repairs it is many thousand.
const DOCUMENTS_MAX: usize = 8_000;
/// No real record has more web addresses worth keeping.
const REFERENCES_MAX: usize = 64;
/// Different vectors of one record; real ones have below 10.
const VECTORS_MAX: usize = 64;
/// Containers of one record; real ones have three.
const CONTAINERS_MAX: usize = 64;

/// The feed.
pub(super) struct CveList;

impl Feed for CveList {
    fn id(&self) -> &'static str {
        "cve-list"
    }

    fn title(&self) -> &'static str {
        "CVE List"
    }

    fn says(&self) -> &'static str {
        "Texts, weaknesses, links and scores by those who assign the CVEs, and by CISA."
    }

    fn is_silent_on(&self) -> &'static str {
        "Which packages are affected, in names that could be compared; what its authors left out."
    }

    fn cadence_hours(&self) -> u32 {
        2
    }

    fn sources(&self) -> Vec<Source> {
        // The archive is the repository, whose folder has its name; single files have another host.
        let documents = "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/";
        let changing = Changing {
            archive: "https://github.com/CVEProject/cvelistV5/archive/refs/heads/main.zip".to_owned(),
            latest: None,
            folder: "cvelistV5-main/".to_owned(),
            changed: format!("{documents}cves/deltaLog.json"),
            deleted: None,
            documents: documents.to_owned(),
            documents_max: DOCUMENTS_MAX,
            form: ListForm::CveList,
        };
        let mirror = ["cve-list-v5/main.zip", "cve-list-v5/cves*.zip", "cve-list-v5/cves*.tar.zst"];
        let archive = Source::file("cves", "", &mirror, SIZE_BYTES_MAX);
        vec![Source { remote: Remote::Changing(changing), newest_only: true, ..archive }]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CVE terms of use: free to use and to pass on with attribution",
            attribution: "CVE® List, The MITRE Corporation, https://www.cve.org/legal/termsofuse",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        each_json(part, &is_record, out, &mut read)
    }
}

/// The archive also has logs of changes (`deltaLog.json`).
fn is_record(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with("CVE-") && name.ends_with(".json")
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, rename = "cveMetadata")]
    metadata: Metadata<'a>,
    #[serde(borrow, default)]
    containers: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    cve_id: Cow<'a, str>,
    #[serde(borrow)]
    state: Cow<'a, str>,
    #[serde(borrow, default)]
    date_published: Option<&'a RawValue>,
    #[serde(borrow, default)]
    date_updated: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Containers<'a> {
    #[serde(borrow, default)]
    cna: Option<&'a RawValue>,
    #[serde(borrow, default)]
    adp: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(borrow, default)]
    provider_metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    title: Option<&'a RawValue>,
    #[serde(borrow, default)]
    descriptions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metrics: Option<&'a RawValue>,
    #[serde(borrow, default)]
    problem_types: Option<&'a RawValue>,
    #[serde(borrow, default)]
    references: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider<'a> {
    #[serde(borrow, default)]
    short_name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow, default)]
    lang: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ProblemType<'a> {
    #[serde(borrow, default)]
    descriptions: Vec<Problem<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    #[serde(borrow, default)]
    cwe_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Metric<'a> {
    #[serde(borrow, default, rename = "cvssV4_0")]
    v4_0: Option<Vector<'a>>,
    #[serde(borrow, default, rename = "cvssV3_1")]
    v3_1: Option<Vector<'a>>,
    #[serde(borrow, default, rename = "cvssV3_0")]
    v3_0: Option<Vector<'a>>,
    #[serde(borrow, default, rename = "cvssV2_0")]
    v2_0: Option<Vector<'a>>,
    #[serde(borrow, default)]
    other: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Vector<'a> {
    #[serde(borrow, rename = "vectorString")]
    vector: Cow<'a, str>,
}

/// `{"type":"Red Hat severity rating","content":{"value":"Important"}}`
#[derive(Default, Deserialize)]
struct Other<'a> {
    #[serde(borrow, default)]
    content: Option<Content<'a>>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

/// Reads one record. Carries nothing from one to the next.
fn read(_: &str, bytes: &[u8], out: &mut FeedOutput) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let raw: Raw<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let id = raw.metadata.cve_id.as_ref();
    if !is_cve(id) {
        return Err(format!("its id `{}` is no CVE", capped(id, 100)));
    }
    let day = |raw| date(&lenient::<Cow<'_, str>>(raw));
    let mut record = Record {
        id: id.to_owned(),
        published: day(raw.metadata.date_published),
        modified: day(raw.metadata.date_updated),
        ..Record::default()
    };
    if let Some(modified) = record.modified {
        out.saw_date(modified);
    }
    if raw.metadata.state.eq_ignore_ascii_case("rejected") {
        out.out_of_scope += 1;
        out.records.push(Record { withdrawn: true, ..record });
        return Ok(());
    }
    let containers: Containers<'_> =
        field::<Option<_>>(raw.containers, "containers", id, out).unwrap_or_default();
    if let Some(cna) = field::<Option<Container<'_>>>(containers.cna, "containers.cna", id, out) {
        add(&cna, "cna", &mut record, out);
    }
    let adp: Vec<&RawValue> = field(containers.adp, "containers.adp", id, out);
    for container in adp.into_iter().take(CONTAINERS_MAX) {
        if let Some(adp) = field::<Option<Container<'_>>>(Some(container), "containers.adp", id, out) {
            let provider: Provider<'_> = lenient(adp.provider_metadata);
            let is_cisa = provider.short_name == "CISA-ADP";
            add(&adp, if is_cisa { "cisa-adp" } else { "third-party" }, &mut record, out);
        }
    }
    record.cwes.sort_unstable();
    record.cwes.dedup();
    out.records_stored += 1;
    out.records.push(record);
    Ok(())
}

/// Adds what one container says.
fn add(container: &Container<'_>, source: &str, record: &mut Record, out: &mut FeedOutput) {
    let texts: Vec<Text<'_>> = lenient(container.descriptions);
    let english = texts.iter().find(|it| it.lang.starts_with("en"));
    record.details = record.details.take().or_else(|| details(&english?.value));
    if source == "cna" {
        record.summary = summary(&lenient::<Cow<'_, str>>(container.title));
    }
    let references: Vec<Reference<'_>> = lenient(container.references);
    for address in references.iter().filter_map(|it| reference(&it.url)) {
        if record.references.len() < REFERENCES_MAX && !record.references.iter().any(|it| it == address) {
            record.references.push(address.to_owned());
        }
    }
    let problems: Vec<ProblemType<'_>> = lenient(container.problem_types);
    let cwes = problems.iter().flat_map(|it| &it.descriptions).filter_map(|it| cwe(it.cwe_id.as_deref()?));
    record.cwes.extend(cwes.map(str::to_owned));
    for metric in field::<Vec<&RawValue>>(container.metrics, "metrics", &record.id, out) {
        if let Some(metric) = field::<Option<Metric<'_>>>(Some(metric), "metrics", &record.id, out) {
            score(&metric, source, record, out);
        }
    }
}

fn score(metric: &Metric<'_>, source: &str, record: &mut Record, out: &mut FeedOutput) {
    let vectors = [&metric.v4_0, &metric.v3_1, &metric.v3_0, &metric.v2_0];
    for given in vectors.into_iter().flatten() {
        match cvss(&given.vector, source) {
            Ok(vector) if record.cvss.len() < VECTORS_MAX && !record.cvss.contains(&vector) => {
                record.cvss.push(vector);
            }
            Ok(_) => (),
            Err(why) => out.quarantine_part(record.id.as_str(), why),
        }
    }
    let other: Other<'_> = lenient(metric.other);
    let word = other.content.map(|it| it.value).unwrap_or_default();
    // Other contents (SSVC, KEV) have no such value.
    if let Some(severity) = word.parse().ok().filter(|it| *it != Severity::Unknown) {
        let rating = Rating { source: source.to_owned(), severity };
        if !record.ratings.contains(&rating) {
            record.ratings.push(rating);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        CveList
            .parse(&Part { name: "CVE-x", file_name: "x.json", bytes: json.as_bytes() }, &mut out)
            .unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    #[test]
    fn the_authors_words_and_those_of_cisa_are_told_apart() {
        let out = parse(
            r#"{"cveMetadata":{"cveId":"CVE-2024-0001","state":"PUBLISHED","datePublished":"2024-03-29T16:51:12.588Z",
            "dateUpdated":"2025-11-20T07:17:48.594Z"},"containers":{"cna":{"title":"A title",
            "descriptions":[{"lang":"es","value":"malo"},{"lang":"en-US","value":"bad"}],
            "problemTypes":[{"descriptions":[{"lang":"en","cweId":"CWE-506","description":"x"},{"lang":"en","description":"n/a"}]}],
            "references":[{"url":"https://example.org/a"},{"url":"file:///etc"}],
            "metrics":[{"other":{"type":"Red Hat severity rating","content":{"value":"Critical"}}},
            {"format":"CVSS","cvssV3_1":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}}]},
            "adp":[{"providerMetadata":{"shortName":"CISA-ADP"},"title":"CISA ADP Vulnrichment",
            "references":[{"url":"https://example.org/a"},{"url":"https://example.org/b"}],
            "metrics":[{"other":{"type":"ssvc","content":{"id":"x","options":[]}}},
            {"cvssV3_1":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}},{"cvssV3_1":{"vectorString":"nonsense"}}]}]}}"#,
        );
        let record = &out.records[0];
        let scores: Vec<_> = record.cvss.iter().map(|it| (it.source.as_str(), it.score_tenths)).collect();
        assert_eq!(scores, [("cna", 100), ("cisa-adp", 98)]);
        assert_eq!((record.summary.as_deref(), record.details.as_deref()), (Some("A title"), Some("bad")));
        assert_eq!((record.cwes.as_slice(), record.references.len()), (["CWE-506".to_owned()].as_slice(), 2));
        assert_eq!((record.ratings.len(), record.ratings[0].severity), (1, Severity::Critical));
        assert_eq!((out.quarantined.len(), out.advisories.len()), (1, 0));
    }

    #[test]
    fn rejected_records_are_withdrawn() {
        let out = parse(
            r#"{"cveMetadata":{"cveId":"CVE-2024-0001","state":"REJECTED"},"containers":{"cna":{"rejectedReasons":[]}}}"#,
        );
        assert_eq!((out.records[0].withdrawn, out.out_of_scope), (true, 1));
    }

    #[test]
    fn what_is_no_record_is_set_aside() {
        for json in
            ["{}", r#"{"id":"CVE-2024-0001"}"#, r#"{"cveMetadata":{"cveId":"../../x","state":"PUBLISHED"}}"#]
        {
            assert_eq!(parse(json).records_quarantined, 1, "{json}");
        }
        let part = Part { name: "", file_name: "", bytes: b"{\"cveMetadata\":" };
        assert!(CveList.parse(&part, &mut FeedOutput::default()).is_err());
        assert!(is_record("cvelistV5-main/cves/2024/3xxx/CVE-2024-3094.json"));
        assert!(!is_record("cvelistV5-main/cves/deltaLog.json"));
    }
}
