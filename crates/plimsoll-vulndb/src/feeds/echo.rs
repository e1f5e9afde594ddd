//! Echo: vulnerabilities of the packages that it rebuilds for Debian's images, by package.
//!
//! Names are those of source packages; there are no releases and no channels. An entry without a
//! fixed version is one that is not fixed; version `0` stands for never affected.

use std::borrow::Cow;

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{Pairs, capped, cve, package_name, text, valid_id, version};
use crate::{Feed, FeedOutput, Licence, Part, Source};

/// The file has some MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;

/// The feed.
pub(super) struct Echo;

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    fixed_version: Option<Cow<'a, str>>,
}

impl Feed for Echo {
    fn id(&self) -> &'static str {
        "echo"
    }

    fn title(&self) -> &'static str {
        "Echo advisories"
    }

    fn says(&self) -> &'static str {
        "Fixed versions of the packages that Echo rebuilds for its images."
    }

    fn is_silent_on(&self) -> &'static str {
        "Packages that Echo took over as they were, which are Debian's business."
    }

    fn sources(&self) -> Vec<Source> {
        let mirror = ["echo/data.json", "other-distros/echo-data.excerpt.json"];
        let source =
            Source::file("data.json", "https://advisory.echohq.com/data.json", &mirror, SIZE_BYTES_MAX);
        vec![Source { optional: true, ..source }]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "no licence is stated",
            attribution: "Echo, https://advisory.echohq.com/",
            redistributable: false,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let Pairs(packages) = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        for (package, entries) in packages {
            match serde_json::from_str::<Pairs<'_>>(entries.get()) {
                Ok(Pairs(entries)) => self.package(&package, &entries, out),
                Err(error) => {
                    out.records_read += 1;
                    out.quarantine(package, error.to_string());
                }
            }
        }
        Ok(())
    }
}

impl Echo {
    fn package(&self, package: &str, entries: &[(Cow<'_, str>, &RawValue)], out: &mut FeedOutput) {
        for (id, entry) in entries {
            out.records_read += 1;
            match self.row(package, id, entry) {
                Ok(row) => {
                    out.records_stored += 1;
                    out.advisories.push(row);
                }
                Err(why) => out.quarantine(format!("{} {}", capped(package, 100), capped(id, 90)), why),
            }
        }
    }

    fn row(&self, package: &str, id: &str, entry: &RawValue) -> Result<Advisory, String> {
        let name = package_name(package).ok_or("its name is none")?;
        let id = cve(id).or_else(|| valid_id(id).then(|| id.to_owned())).ok_or("its id is none")?;
        let entry: Entry<'_> = serde_json::from_str(entry.get()).map_err(|error| error.to_string())?;
        let (status, ranges) = match entry.fixed_version.as_deref().map(str::trim) {
            None | Some("") => (Status::Affected, Vec::new()),
            Some("0") => (Status::NotAffected, Vec::new()),
            Some(text) => {
                let fixed = version(text).ok_or("a version that cannot be one")?.to_owned();
                (Status::Fixed, vec![Range { introduced: None, end: End::Fixed(fixed) }])
            }
        };
        Ok(Advisory {
            feed: self.id().to_owned(),
            realm: Realm("deb/echo".to_owned()),
            package: name.to_owned(),
            name_kind: NameKind::Source,
            channel: None,
            architectures: Vec::new(),
            module: None,
            vulnerability: id,
            advisory_ids: Vec::new(),
            ranges,
            versions: Vec::new(),
            status,
            severity: None,
            note: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_fixed_open_or_not_affected() {
        let mut out = FeedOutput::default();
        let json = r#"{"a":{"CVE-2024-0001":{"fixed_version":"1.2"},"CVE-2024-0002":{},"CVE-2024-0003":{"fixed_version":"0"},"../x":{},"CVE-2024-0004":7},"b c":{"CVE-2024-0001":{}},"d":7}"#;
        let part = Part { name: "data.json", file_name: "data.json", bytes: json.as_bytes() };
        Echo.parse(&part, &mut out).unwrap();
        let rows: Vec<_> = out.advisories.iter().map(|it| it.status).collect();
        assert_eq!(rows, [Status::Fixed, Status::Affected, Status::NotAffected]);
        assert_eq!((out.records_read, out.records_stored, out.records_quarantined), (7, 3, 4));
    }
}
