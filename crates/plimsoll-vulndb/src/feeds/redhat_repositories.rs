//! Which products Red Hat's repositories belong to: `repository-to-cpe.json`.
//!
//! It says nothing of vulnerabilities; an image that names its repositories gets its channels
//! from here ([`super::redhat_vex`]).

use std::borrow::Cow;

use plimsoll_core::cpe_channel;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{Pairs, capped, date, field, text};
use crate::{Feed, FeedOutput, Licence, Part, Source};

/// The file has some 10 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;

/// The longest id of a repository; real ones have below 150 characters.
const ID_BYTES_MAX: usize = 256;

/// The feed.
pub(super) struct RedHatRepositories;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    data: Pairs<'a>,
    #[serde(borrow, default)]
    last_updated: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Repository<'a> {
    #[serde(borrow)]
    cpes: Option<&'a RawValue>,
}

impl Feed for RedHatRepositories {
    fn id(&self) -> &'static str {
        "redhat-repositories"
    }

    fn title(&self) -> &'static str {
        "Red Hat repositories"
    }

    fn says(&self) -> &'static str {
        "Which products (as CPEs) the content of each repository belongs to, so that a fix is \
         compared with packages of its own product."
    }

    fn is_silent_on(&self) -> &'static str {
        "Vulnerabilities; and repositories that are not Red Hat's."
    }

    fn cadence_hours(&self) -> u32 {
        24
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://security.access.redhat.com/data/metrics/repository-to-cpe.json";
        let mirror = ["redhat/repository-to-cpe.json", "redhat/repository-to-cpe.json.gz"];
        vec![Source {
            optional: true,
            ..Source::file("repository-to-cpe.json", url, &mirror, SIZE_BYTES_MAX)
        }]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CC-BY-4.0",
            attribution: "Red Hat Product Security, https://security.access.redhat.com/data/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let file: File<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if let Some(date) = file.last_updated.as_deref().and_then(date) {
            out.saw_date(date);
        }
        for (id, repository) in &file.data.0 {
            out.records_read += 1;
            let is_id = (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_graphic());
            if !is_id {
                out.quarantine(capped(id, 100), "an id that no repository has");
                continue;
            }
            let Ok(repository) = serde_json::from_str::<Repository<'_>>(repository.get()) else {
                out.quarantine(id.as_ref(), "no repository");
                continue;
            };
            read(id, &repository, out);
        }
        Ok(())
    }
}

fn read(id: &str, repository: &Repository<'_>, out: &mut FeedOutput) {
    let cpes = field::<Vec<Cow<'_, str>>>(repository.cpes, "cpes", id, out);
    let mut channels: Vec<String> = Vec::with_capacity(cpes.len());
    for cpe in &cpes {
        match cpe_channel(cpe) {
            Some(channel) => channels.push(channel),
            None => out.quarantine_part(id, format!("`{}` is no CPE", capped(cpe, 100))),
        }
    }
    channels.sort_unstable();
    channels.dedup();
    if channels.is_empty() {
        return out.quarantine(id, "it belongs to no product");
    }
    out.records_stored += 1;
    out.repository_channels.push((id.to_owned(), channels));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_have_the_short_forms_of_their_cpes() {
        let json = r#"{"data":{"ubi-9-baseos-rpms":{"cpes":["cpe:/o:redhat:enterprise_linux:9::baseos"]},
            "odd":{"cpes":["cpe:/a:redhat:x:1","nonsense"]},"none":{"cpes":[]},"a b":{"cpes":[]},"seven":7},
            "last_updated":"2025-02-12T00:00:00+00:00"}"#;
        let mut out = FeedOutput::default();
        let part = Part { name: "x", file_name: "x", bytes: json.as_bytes() };
        RedHatRepositories.parse(&part, &mut out).unwrap();
        let channels: Vec<_> =
            out.repository_channels.iter().map(|(id, it)| (id.as_str(), it.join(","))).collect();
        assert_eq!(
            channels,
            [("ubi-9-baseos-rpms", "enterprise_linux:9::baseos".to_owned()), ("odd", "x:1".to_owned())]
        );
        assert_eq!((out.records_read, out.records_stored, out.records_quarantined), (5, 2, 3));
        assert_eq!(out.quarantined.len(), 4);
    }
}
