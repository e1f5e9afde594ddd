//! Anchore's corrections of the NVD's configurations: a file for each CVE, `data/2024/CVE-….json`.
//!
//! They come as a feed of their own. Where both speak of a program, the correction's rows stay
//! and the NVD's do not; where a correction is silent on a program, the NVD's row stands.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::shared::{capped, each_json, field, is_cve};
use super::configurations::{Configuration, rows};
use crate::{Feed, FeedOutput, Licence, Part, Source};

/// The archive has some 40 MB.
const SIZE_BYTES_MAX: u64 = 512 << 20;

/// The feed.
pub(in crate::feeds) struct Overrides;

impl Feed for Overrides {
    fn id(&self) -> &'static str {
        "nvd-overrides"
    }

    fn title(&self) -> &'static str {
        "Anchore's corrections of the National Vulnerability Database"
    }

    fn says(&self) -> &'static str {
        "Better CPEs for CVEs where the NVD's are missing or wrong."
    }

    fn is_silent_on(&self) -> &'static str {
        "Everything but CPEs."
    }

    fn cadence_hours(&self) -> u32 {
        24
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://github.com/anchore/nvd-data-overrides/archive/refs/heads/main.tar.gz";
        let mirror = ["nvd/nvd-data-overrides.tar.gz", "nvd/anchore-nvd-data-overrides*.tar.zst"];
        vec![Source {
            optional: true,
            newest_only: true,
            ..Source::file("data", url, &mirror, SIZE_BYTES_MAX)
        }]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CC0-1.0",
            attribution: "Anchore, Inc., https://github.com/anchore/nvd-data-overrides",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let wanted = |path: &str| path.ends_with(".json") && path.split('/').any(|it| it == "data");
        each_json(part, &wanted, out, &mut read)
    }
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, rename = "_annotation")]
    annotation: Annotation<'a>,
    #[serde(borrow)]
    cve: Cve<'a>,
}

#[derive(Deserialize)]
struct Annotation<'a> {
    #[serde(borrow)]
    cve_id: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Cve<'a> {
    #[serde(borrow, default)]
    configurations: Option<&'a RawValue>,
}

/// One file, on its own.
fn read(_: &str, bytes: &[u8], out: &mut FeedOutput) -> Result<(), String> {
    let file: File<'_> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let id = file.annotation.cve_id.as_ref();
    if !is_cve(id) {
        return Err(format!("its id `{}` is no CVE", capped(id, 100)));
    }
    let (before, faults) = (out.advisories.len(), out.quarantined.len());
    let configurations: Vec<Configuration<'_>> = field(file.cve.configurations, "configurations", id, out);
    rows(Overrides.id(), id, &configurations, out);
    match (out.advisories.len() > before, out.quarantined.len() > faults) {
        (true, _) => out.records_stored += 1,
        (false, true) => return Err("none of its configurations could be read".to_owned()),
        // It speaks of products that are no programs of the table.
        (false, false) => out.out_of_scope += 1,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<FeedOutput, String> {
        let mut out = FeedOutput::default();
        Overrides.parse(&Part { name: "data", file_name: "x", bytes: json.as_bytes() }, &mut out)?;
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        Ok(out)
    }

    #[test]
    fn a_correction_gives_rows_of_programs_and_nothing_else() {
        let json = |id: &str, name: &str| {
            format!(
                r#"{{"_annotation":{{"cve_id":"{id}"}},"cve":{{"configurations":[{{"nodes":[{{"cpeMatch":[
                {{"vulnerable":true,"criteria":"cpe:2.3:a:{name}:*:*:*:*:*:*:*:*","versionEndExcluding":"1.2"}}]}}]}}]}}}}"#
            )
        };
        let out = parse(&json("CVE-2024-0001", "f5:nginx")).unwrap();
        assert_eq!((out.advisories.len(), out.records.len(), out.records_stored), (1, 0, 1));
        assert_eq!(
            (out.advisories[0].feed.as_str(), out.advisories[0].realm.0.as_str()),
            ("nvd-overrides", "generic")
        );
        assert_eq!(parse(&json("CVE-2024-0001", "acme:rocket")).unwrap().out_of_scope, 1);
        assert_eq!(parse(&json("../../x", "f5:nginx")).unwrap().records_quarantined, 1);
        assert!(parse("<html>").is_err());
    }
}
