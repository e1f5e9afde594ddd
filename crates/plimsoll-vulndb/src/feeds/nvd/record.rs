//! One vulnerability of a page, `{"cve":{…}}`: what is said of it, and its configurations.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::shared::{Pairs, capped, cvss, cwe, date, details, field, is_cve, lenient, reference};
use super::configurations::{Configuration, rows};
use crate::{FeedOutput, Record};

/// No real record has more web addresses worth keeping.
const REFERENCES_MAX: usize = 64;
/// Different vectors of one record; real ones have below 10.
const VECTORS_MAX: usize = 64;
/// CISA's identifier as a source of scores, by which the NVD names it.
const CISA_ADP: &str = "134c704f-9b21-4f2e-91b3-4a467353bcc0";

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    cve: Raw<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    source_identifier: Option<&'a RawValue>,
    #[serde(borrow, default)]
    published: Option<&'a RawValue>,
    #[serde(borrow, default)]
    last_modified: Option<&'a RawValue>,
    #[serde(borrow, default)]
    vuln_status: Option<&'a RawValue>,
    #[serde(borrow, default)]
    descriptions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metrics: Option<&'a RawValue>,
    #[serde(borrow, default)]
    weaknesses: Option<&'a RawValue>,
    #[serde(borrow, default)]
    references: Option<&'a RawValue>,
    #[serde(borrow, default)]
    configurations: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    lang: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Metric<'a> {
    #[serde(borrow, default)]
    source: Cow<'a, str>,
    #[serde(borrow, rename = "cvssData")]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, rename = "vectorString")]
    vector: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Weakness<'a> {
    #[serde(borrow, default)]
    description: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

/// Reads one vulnerability, the one of this number in a part, if it is not known, and counts it.
/// Carries nothing from one to the next.
pub(super) fn read(item: &RawValue, (part, index): (&str, usize), feed: &str, out: &mut FeedOutput) {
    let content = item.get().as_bytes();
    let read = serde_json::from_str::<Item<'_>>(item.get()).map_err(|error| error.to_string());
    let read = read.and_then(|item| {
        let raw = item.cve;
        if is_cve(&raw.id) { Ok(raw) } else { Err(format!("its id `{}` is no CVE", capped(&raw.id, 100))) }
    });
    let raw = match read {
        Ok(raw) => raw,
        Err(why) => {
            if out.begin_entry(&format!("[{index}]"), None, content) {
                out.records_read += 1;
                out.quarantine(format!("{part}[{index}]"), why);
            }
            return;
        }
    };
    let id = raw.id.as_ref();
    let day = |raw| date(&lenient::<Cow<'_, str>>(raw));
    let modified = day(raw.last_modified);
    if !out.begin_entry(id, modified, content) {
        return;
    }
    out.records_read += 1;
    if let Some(modified) = modified {
        out.saw_date(modified);
    }
    let status: Cow<'_, str> = lenient(raw.vuln_status);
    if status.eq_ignore_ascii_case("rejected") {
        out.out_of_scope += 1;
        out.records.push(Record { id: id.to_owned(), modified, withdrawn: true, ..Record::default() });
        return;
    }
    let texts: Vec<Text<'_>> = lenient(raw.descriptions);
    let references: Vec<Reference<'_>> = lenient(raw.references);
    let mut record = Record {
        id: id.to_owned(),
        details: texts.iter().find(|it| it.lang.starts_with("en")).and_then(|it| details(&it.value)),
        references: web(references.iter().map(|it| it.url.as_ref())),
        cwes: weaknesses(raw.weaknesses),
        published: day(raw.published),
        modified,
        ..Record::default()
    };
    vectors(&raw, &mut record, out);
    let configurations: Vec<Configuration<'_>> = field(raw.configurations, "configurations", id, out);
    rows(feed, id, &configurations, out);
    out.records_stored += 1;
    out.records.push(record);
}

fn web<'a>(addresses: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for address in addresses.filter_map(reference).take(REFERENCES_MAX) {
        // The same address stands once for each source that gave it.
        if !kept.iter().any(|it| it == address) {
            kept.push(address.to_owned());
        }
    }
    kept
}

fn weaknesses(raw: Option<&RawValue>) -> Vec<String> {
    let weaknesses: Vec<Weakness<'_>> = lenient(raw);
    let mut cwes: Vec<String> = weaknesses
        .iter()
        .flat_map(|it| &it.description)
        .filter_map(|it| cwe(&it.value))
        .map(str::to_owned)
        .collect();
    cwes.sort_unstable();
    cwes.dedup();
    cwes
}

/// `cvssMetricV2`, `cvssMetricV31` …: every version, and whose word each is.
fn vectors(raw: &Raw<'_>, record: &mut Record, out: &mut FeedOutput) {
    let assigner: Cow<'_, str> = lenient(raw.source_identifier);
    let Some(Pairs(kinds)) = field::<Option<Pairs<'_>>>(raw.metrics, "metrics", &record.id, out) else {
        return;
    };
    for (kind, metrics) in kinds.iter().filter(|(kind, _)| kind.starts_with("cvssMetric")) {
        for metric in field::<Vec<&RawValue>>(Some(metrics), kind, &record.id, out) {
            let Some(metric) = field::<Option<Metric<'_>>>(Some(metric), kind, &record.id, out) else {
                continue;
            };
            match cvss(&metric.data.vector, whose(&metric.source, &assigner)) {
                Ok(vector) if record.cvss.len() < VECTORS_MAX && !record.cvss.contains(&vector) => {
                    record.cvss.push(vector);
                }
                Ok(_) => (),
                Err(why) => out.quarantine_part(record.id.as_str(), why),
            }
        }
    }
}

/// Whose word a score is; `Secondary` are all but the NVD's own, whoever gave them.
fn whose(source: &str, assigner: &str) -> &'static str {
    match source {
        "nvd@nist.gov" => "nvd",
        CISA_ADP => "cisa-adp",
        _ if source == assigner => "cna",
        _ => "third-party",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Nvd;
    use crate::{Feed, FeedOutput, Part};

    fn parse(json: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        Nvd.parse(&Part { name: "2024", file_name: "x.json", bytes: json.as_bytes() }, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    #[test]
    fn a_record_says_who_gave_each_score() {
        let vector = |source: &str, vector: &str| {
            format!(r#"{{"source":"{source}","type":"Secondary","cvssData":{{"vectorString":"{vector}"}}}}"#)
        };
        let high = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
        let out = parse(&format!(
            r#"{{"vulnerabilities":[{{"cve":{{"id":"CVE-2024-0001","sourceIdentifier":"cna@example.org",
            "published":"2024-01-02T03:04:05.678","lastModified":"2024-05-06T07:08:09.000","vulnStatus":"Deferred",
            "descriptions":[{{"lang":"es","value":"malo"}},{{"lang":"en","value":"bad"}}],
            "metrics":{{"cvssMetricV31":[{},{},{},{}],"cvssMetricV2":[{}],"ssvcV203":[{{"source":"x"}}]}},
            "weaknesses":[{{"source":"x","description":[{{"lang":"en","value":"CWE-79"}},{{"lang":"en","value":"NVD-CWE-noinfo"}}]}}],
            "references":[{{"url":"https://example.org/a"}},{{"url":"https://example.org/a"}},{{"url":"javascript:1"}}]}}}}]}}"#,
            vector("nvd@nist.gov", high),
            vector("cna@example.org", high),
            vector("134c704f-9b21-4f2e-91b3-4a467353bcc0", high),
            vector("someone@example.org", "CVSS:3.1/AV:X"),
            vector("nvd@nist.gov", "AV:N/AC:L/Au:N/C:C/I:C/A:C"),
        ));
        let record = &out.records[0];
        let scores: Vec<String> = record
            .cvss
            .iter()
            .map(|it| format!("{} {} {}", it.source, it.version, it.score_tenths))
            .collect();
        assert_eq!(scores, ["nvd 3.1 98", "cna 3.1 98", "cisa-adp 3.1 98", "nvd 2.0 100"]);
        assert_eq!(record.details.as_deref(), Some("bad"));
        assert_eq!((record.cwes.as_slice(), record.references.len()), (["CWE-79".to_owned()].as_slice(), 1));
        assert_eq!(record.published.unwrap().to_string(), "2024-01-02T03:04:05Z");
        assert_eq!((out.quarantined.len(), out.records_stored), (1, 1));
    }

    #[test]
    fn rejected_records_are_withdrawn_and_unfinished_ones_are_not() {
        let one = |id: &str, status: &str| format!(r#"{{"cve":{{"id":"{id}","vulnStatus":"{status}"}}}}"#);
        let out = parse(&format!(
            r#"{{"vulnerabilities":[{},{},{},{},7]}}"#,
            one("CVE-2024-0001", "Rejected"),
            one("CVE-2024-0002", "Awaiting Analysis"),
            one("CVE-2024-0003", "Anything new"),
            one("CVE-2024/../../x", "Analyzed"),
        ));
        let ids: Vec<_> = out.records.iter().map(|it| (it.id.as_str(), it.withdrawn)).collect();
        assert_eq!(ids, [("CVE-2024-0001", true), ("CVE-2024-0002", false), ("CVE-2024-0003", false)]);
        assert_eq!((out.out_of_scope, out.records_stored, out.records_quarantined), (1, 2, 2));
    }

    #[test]
    fn a_page_cut_short_is_an_error() {
        for json in ["", "{", "[]", "{}", r#"{"vulnerabilities":[{"#] {
            let part = Part { name: "", file_name: "", bytes: json.as_bytes() };
            assert!(Nvd.parse(&part, &mut FeedOutput::default()).is_err(), "{json}");
        }
    }
}
