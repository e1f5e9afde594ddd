//! What a document says of its vulnerability as such: texts, severity, CVSS, dates.

use plimsoll_core::{Rating, Severity};

use super::super::shared::{cvss, date, details, reference, summary, valid_id};
use super::document::{Document, Vulnerability};
use crate::{FeedOutput, Record};

/// Who says it, in ratings and vectors.
const SOURCE: &str = "redhat";

/// Vectors that are kept; a document has one, or one for each of two versions of CVSS.
const VECTORS_MAX: usize = 4;

/// Web addresses that are kept.
const REFERENCES_MAX: usize = 64;

/// The word of Red Hat's classification.
pub(super) fn severity(word: &str) -> Option<Severity> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "important" => Severity::High,
        "moderate" => Severity::Medium,
        "low" => Severity::Low,
        "none" => Severity::Negligible,
        _ => return None,
    })
}

pub(super) fn record(
    document: &Document<'_>,
    vulnerability: &Vulnerability<'_>,
    id: &str,
    out: &mut FeedOutput,
) -> Record {
    let title = vulnerability.title.as_ref().or(document.head.title.as_ref()).map(|it| it.as_str());
    let description = vulnerability.notes.iter().find(|it| it.category.as_str() == "description");
    let own_rating = document.head.aggregate_severity.as_ref().and_then(|it| severity(it.text.as_str()));
    let mut references: Vec<String> = Vec::new();
    for address in &vulnerability.references {
        let address = reference(address.url.as_str());
        if let Some(address) = address.filter(|it| !references.iter().any(|known| known == it))
            && references.len() < REFERENCES_MAX
        {
            references.push(address.to_owned());
        }
    }
    let cwe = vulnerability.cwe.as_ref().map(|it| it.id.as_str()).filter(|it| valid_id(it));
    let released = vulnerability.release_date.as_ref().and_then(|it| date(it.as_str()));
    Record {
        id: id.to_owned(),
        aliases: Vec::new(),
        summary: title.and_then(summary),
        details: description.and_then(|it| details(it.text.as_str())),
        references,
        ratings: own_rating
            .map(|severity| Rating { source: SOURCE.to_owned(), severity })
            .into_iter()
            .collect(),
        cvss: vectors(vulnerability, id, out),
        cwes: cwe.map(str::to_owned).into_iter().collect(),
        published: released.or_else(|| document.head.tracking.published()),
        modified: document.head.tracking.modified(),
        withdrawn: title.is_some_and(is_rejected),
        ..Record::default()
    }
}

/// Red Hat writes `** REJECT **` or `REJECTED` in front, as MITRE does.
fn is_rejected(title: &str) -> bool {
    let title = title.trim_start_matches(['*', ' ']);
    title.get(..6).is_some_and(|it| it == "REJECT")
}

fn vectors(
    vulnerability: &Vulnerability<'_>,
    id: &str,
    out: &mut FeedOutput,
) -> Vec<plimsoll_core::CvssVector> {
    let mut vectors: Vec<plimsoll_core::CvssVector> = Vec::new();
    let given = vulnerability.scores.iter().flat_map(|score| [&score.cvss_v3, &score.cvss_v2]);
    for text in given.flatten().filter_map(|it| it.vector.as_ref()) {
        if vectors.len() >= VECTORS_MAX || vectors.iter().any(|it| it.vector == text.as_str()) {
            continue;
        }
        match cvss(text.as_str(), SOURCE) {
            Ok(vector) => vectors.push(vector),
            Err(why) => out.quarantine_part(id, why),
        }
    }
    vectors
}
