//! CISA's catalogue of known exploited vulnerabilities.
//!
//! It says which CVEs are exploited, never what is affected.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{date, is_cve, text};
use crate::{Feed, FeedOutput, Licence, Part, Source};

/// The file has 1.3 MB.
const SIZE_BYTES_MAX: u64 = 64 << 20;

/// The feed.
pub(super) struct Kev;

#[derive(Deserialize)]
struct Catalogue<'a> {
    #[serde(borrow, rename = "dateReleased", default)]
    released: Option<Cow<'a, str>>,
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, rename = "cveID")]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "dateAdded", default)]
    added: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "dueDate", default)]
    due: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "knownRansomwareCampaignUse", default)]
    ransomware: Option<Cow<'a, str>>,
}

impl Feed for Kev {
    fn id(&self) -> &'static str {
        "cisa-kev"
    }

    fn title(&self) -> &'static str {
        "CISA known exploited vulnerabilities"
    }

    fn says(&self) -> &'static str {
        "Which CVEs are known to be exploited, since when, by when American agencies must act, and \
         whether ransomware uses them."
    }

    fn is_silent_on(&self) -> &'static str {
        "What is affected; and everything that CISA does not know to be exploited."
    }

    fn cadence_hours(&self) -> u32 {
        1
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
        vec![Source::file("catalogue", url, &["kev/known_exploited_vulnerabilities.json"], SIZE_BYTES_MAX)]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CC0-1.0",
            attribution: "CISA, https://www.cisa.gov/known-exploited-vulnerabilities-catalog",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let catalogue: Catalogue<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if let Some(released) = catalogue.released.as_deref().and_then(date) {
            out.saw_date(released);
        }
        let mut places: HashMap<String, usize> =
            out.kev.iter().enumerate().map(|(place, (id, _))| (id.clone(), place)).collect();
        for (index, entry) in catalogue.vulnerabilities.into_iter().enumerate() {
            out.records_read += 1;
            let entry: Entry<'_> = match serde_json::from_str(entry.get()) {
                Ok(entry) => entry,
                Err(error) => {
                    out.quarantine(format!("entry {index}"), error.to_string());
                    continue;
                }
            };
            let id = entry.id.trim();
            if !is_cve(id) {
                out.quarantine(format!("entry {index}"), "its id is no CVE");
                continue;
            }
            out.records_stored += 1;
            match places.get(id).and_then(|place| out.kev.get_mut(*place)) {
                Some((_, known)) => merge(known, &entry.kev()),
                None => {
                    places.insert(id.to_owned(), out.kev.len());
                    out.kev.push((id.to_owned(), entry.kev()));
                }
            }
        }
        Ok(())
    }
}

impl Entry<'_> {
    fn kev(&self) -> plimsoll_core::Kev {
        plimsoll_core::Kev {
            added: self.added.as_deref().and_then(date),
            due: self.due.as_deref().and_then(date),
            ransomware: self.ransomware.as_deref().is_some_and(|it| it.trim().eq_ignore_ascii_case("known")),
        }
    }
}

/// A CVE that is listed for two products: since the first, due at the first.
fn merge(known: &mut plimsoll_core::Kev, other: &plimsoll_core::Kev) {
    let earlier = |a: Option<_>, b: Option<_>| a.into_iter().chain(b).min();
    known.added = earlier(known.added, other.added);
    known.due = earlier(known.due, other.due);
    known.ransomware |= other.ransomware;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_merged_and_quarantined() {
        let json = r#"{"dateReleased":"2025-08-25T17:04:19.9796Z","count":5,"vulnerabilities":[
            {"cveID":"CVE-2021-44228","dateAdded":"2021-12-10","dueDate":"2021-12-24","knownRansomwareCampaignUse":"Known"},
            {"cveID":"CVE-2021-1234","dateAdded":"2022-02-02","dueDate":"2022-01-01","knownRansomwareCampaignUse":"Unknown"},
            {"cveID":"CVE-2021-1234","dateAdded":"2022-01-02","dueDate":null},
            {"cveID":"CVE-2024/../../x-0001"},
            7]}"#;
        let mut out = FeedOutput::default();
        Kev.parse(&Part { name: "catalogue", file_name: "k.json", bytes: json.as_bytes() }, &mut out)
            .unwrap();
        let rows: Vec<_> = out
            .kev
            .iter()
            .map(|(id, kev)| {
                (id.as_str(), kev.added.unwrap().date_text(), kev.due.unwrap().date_text(), kev.ransomware)
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("CVE-2021-44228", "2021-12-10".to_owned(), "2021-12-24".to_owned(), true),
                ("CVE-2021-1234", "2022-01-02".to_owned(), "2022-01-01".to_owned(), false),
            ]
        );
        assert_eq!((out.records_read, out.records_stored, out.records_quarantined), (5, 3, 2));
        assert_eq!(out.data_date.unwrap().to_string(), "2025-08-25T17:04:19Z");
    }

    #[test]
    fn what_is_no_catalogue_is_an_error() {
        for bytes in [b"".as_slice(), b"{}", b"<html>", br#"{"vulnerabilities":[{"#] {
            assert!(Kev.parse(&Part { name: "", file_name: "", bytes }, &mut FeedOutput::default()).is_err());
        }
    }
}
