//! Rocky Linux's announcements from Apollo, the system in which they are made: pages of its API,
//! and the records of the API that it replaced, one a file. Of all that Rocky Linux publishes
//! only the pages name the streams of modules.
//!
//! Channels: none for the distribution, `sig:<group>` for builds of its special-interest groups
//! (`sig:cloud`). Announcements of bug fixes (RLBA, RLEA) say nothing of vulnerabilities. Minor
//! releases of old (`Rocky Linux 8.4 x86_64 (Legacy)`) are of their release.

use std::borrow::Cow;
use std::collections::BTreeMap;

use plimsoll_core::Realm;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{
    Announcement, Build, Member, capped, cve, date, details, each_member, field, lenient, nevra, summary,
    valid_id, vendor_severity,
};
use crate::{Feed, FeedOutput, Licence, PageForm, Pages, Part, Record, Remote, Source};

/// The names of pages with what is newer than the other pages.
const NEWER: &str = "newer/";
/// Announcements are seldom changed after they were made.
const PAGES_DAYS: u32 = 7;
/// At the end of 2025 there were 81 pages.
const PAGES_MAX: u32 = 1_000;
/// A page of the API, or all records in an archive.
const SIZE_BYTES_MAX: u64 = 1 << 30;

/// The feed.
pub(super) struct Apollo;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    advisories: Vec<&'a RawValue>,
}

/// Both APIs' names of the same things.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    synopsis: Option<&'a RawValue>,
    #[serde(borrow, default)]
    description: Option<&'a RawValue>,
    /// `Security`, `TYPE_SECURITY`.
    #[serde(borrow, default, alias = "type")]
    kind: Option<Cow<'a, str>>,
    /// `Important`, `SEVERITY_IMPORTANT`.
    #[serde(borrow, default)]
    severity: Option<&'a RawValue>,
    #[serde(borrow, default, alias = "publishedAt")]
    published_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    updated_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cves: Option<&'a RawValue>,
    #[serde(borrow, default)]
    packages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    rpms: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Cve<'a> {
    #[serde(borrow, alias = "name")]
    cve: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    nevra: Cow<'a, str>,
    #[serde(borrow, default)]
    module_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    module_stream: Option<Cow<'a, str>>,
    #[serde(borrow)]
    product_name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Rpms<'a> {
    #[serde(borrow, default)]
    nvras: Option<Vec<Cow<'a, str>>>,
}

impl Feed for Apollo {
    fn id(&self) -> &'static str {
        "rocky"
    }

    fn title(&self) -> &'static str {
        "Rocky Linux errata (Apollo)"
    }

    fn says(&self) -> &'static str {
        "Rocky Linux's errata with the streams of modules."
    }

    fn is_silent_on(&self) -> &'static str {
        "Whatever is not fixed."
    }

    fn version(&self) -> u32 {
        2
    }

    fn is_newer(&self, part: &str) -> bool {
        part.starts_with(NEWER)
    }

    fn cadence_hours(&self) -> u32 {
        3
    }

    fn sources(&self) -> Vec<Source> {
        let pages = Remote::Pages(Pages {
            address: "https://apollo.build.resf.org/api/v3/advisories/?size=100&page=".to_owned(),
            newer: NEWER.to_owned(),
            days: PAGES_DAYS,
            pages_max: PAGES_MAX,
            form: PageForm::Apollo,
        });
        let source = |name: &str, remote: Remote, mirror: &str, newest_only: bool| Source {
            name: name.to_owned(),
            remote,
            mirror: vec![mirror.to_owned()],
            except: Vec::new(),
            newest_only,
            optional: true,
            size_bytes_max: SIZE_BYTES_MAX,
        };
        vec![
            source("pages/*", pages, "rocky/errata-api-page*.json", false),
            source("records", Remote::MirrorOnly, "rocky/errata-rlsa-*.tar.zst", true),
        ]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "BSD-3-Clause",
            attribution: "Rocky Enterprise Software Foundation, https://errata.rockylinux.org/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        each_member(part, &|path| path.ends_with(".json"), out, &mut |member, out| self.document(member, out))
    }
}

impl Apollo {
    /// A page of announcements, or one.
    fn document(&self, member: &Member<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = String::from_utf8_lossy(member.bytes);
        let name = member.place;
        if let Ok(page) = serde_json::from_str::<Page<'_>>(&text) {
            for (index, raw) in page.advisories.into_iter().enumerate() {
                let read = serde_json::from_str::<Raw<'_>>(raw.get());
                // An archive's member has a share of its own, and so has an announcement of a page.
                if member.is_part && !begin(&read, index, raw, out) {
                    continue;
                }
                out.records_read += 1;
                match read {
                    Ok(raw) => self.announcement(&raw, &format!("{name}[{index}]"), out),
                    Err(error) => out.quarantine(format!("{name}[{index}]"), error.to_string()),
                }
            }
            return Ok(());
        }
        let raw = serde_json::from_str::<Raw<'_>>(&text).map_err(|error| error.to_string())?;
        out.records_read += 1;
        self.announcement(&raw, name, out);
        Ok(())
    }

    fn announcement(&self, raw: &Raw<'_>, place: &str, out: &mut FeedOutput) {
        let id = raw.name.trim();
        if !valid_id(id) {
            return out.quarantine(place, format!("`{}` is no id", capped(id, 100)));
        }
        let cves = cves(raw, id, out);
        let kind = raw.kind.as_deref().unwrap_or_default();
        if !matches!(kind, "Security" | "TYPE_SECURITY") && cves.is_empty() {
            out.out_of_scope += 1;
            return;
        }
        let mut announcement = Announcement::new(self.id(), id);
        let packages: Vec<&RawValue> = field(raw.packages, "packages", id, out);
        for package in packages {
            match serde_json::from_str::<Package<'_>>(package.get()) {
                Ok(package) => {
                    let module = module(&package);
                    add(&mut announcement, id, &package.nevra, &package.product_name, module, out);
                }
                Err(error) => out.quarantine_part(id, format!("a package: {error}")),
            }
        }
        let rpms: BTreeMap<String, Rpms<'_>> = field(raw.rpms, "rpms", id, out);
        for (product, rpms) in &rpms {
            for name in rpms.nvras.iter().flatten() {
                add(&mut announcement, id, name, product, None, out);
            }
        }
        if announcement.is_empty() {
            return out.quarantine(id, "it names no package that could be read");
        }
        let word: Cow<'_, str> = lenient(raw.severity);
        let severity = vendor_severity(word.strip_prefix("SEVERITY_").unwrap_or(&word));
        if let Err(why) = announcement.finish(&cves, severity, out) {
            return out.quarantine(id, why);
        }
        out.records_stored += 1;
        let record = record(raw, id, cves.is_empty());
        if let Some(modified) = record.modified.or(record.published) {
            out.saw_date(modified);
        }
        out.records.push(record);
    }
}

/// Begins an announcement of a page; whether it must be read.
fn begin(
    read: &Result<Raw<'_>, serde_json::Error>,
    index: usize,
    raw: &RawValue,
    out: &mut FeedOutput,
) -> bool {
    let content = raw.get().as_bytes();
    match read.as_ref().ok().filter(|it| valid_id(it.name.trim())) {
        Some(read) => {
            let day = |raw| date(&lenient::<Cow<'_, str>>(raw));
            out.begin_entry(read.name.trim(), day(read.updated_at).or(day(read.published_at)), content)
        }
        None => out.begin_entry(&format!("[{index}]"), None, content),
    }
}

fn cves(raw: &Raw<'_>, id: &str, out: &mut FeedOutput) -> Vec<String> {
    let listed: Vec<Cve<'_>> = field(raw.cves, "cves", id, out);
    let mut found: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for listed in listed {
        match cve(listed.cve.trim()) {
            Some(id) => found.extend(seen.insert(id.clone()).then_some(id)),
            None => out.quarantine_part(id, format!("`{}` is no CVE", capped(&listed.cve, 100))),
        }
    }
    found
}

fn module(package: &Package<'_>) -> Option<String> {
    let name = package.module_name.as_deref().filter(|it| !it.is_empty())?;
    let stream = package.module_stream.as_deref().filter(|it| !it.is_empty())?;
    Some(format!("{name}:{stream}"))
}

fn add(
    announcement: &mut Announcement<'_>,
    id: &str,
    name: &str,
    product: &str,
    module: Option<String>,
    out: &mut FeedOutput,
) {
    let built = match nevra(name) {
        Ok(built) => built,
        Err(why) => return out.quarantine_part(id, why),
    };
    if built.architecture == "src" {
        return;
    }
    let Some((realm, channel)) = home(product) else {
        return out.quarantine_part(id, format!("`{}` is no known product", capped(product, 100)));
    };
    let build = Build { realm, channel, module, name: built.name, version: built.version };
    announcement.add(build, &built.architecture);
}

/// `Rocky Linux 8`, `Rocky Linux 8.4 aarch64 (Legacy)`, `Rocky Linux SIG Cloud 9`.
fn home(product: &str) -> Option<(Realm, Option<String>)> {
    let rest = product.strip_prefix("Rocky Linux ")?;
    let (rest, channel) = match rest.strip_prefix("SIG ") {
        Some(rest) => {
            let (group, rest) = rest.split_once(' ')?;
            let legal = group.len() <= 32 && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
            (rest, Some(legal.then(|| format!("sig:{}", group.to_ascii_lowercase()))?))
        }
        None => (rest, None),
    };
    let release = rest.split([' ', '.']).next()?;
    let is_number = (1..=2).contains(&release.len()) && release.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| (Realm::distro("rpm", "rocky", release), channel))
}

fn record(raw: &Raw<'_>, id: &str, keep_details: bool) -> Record {
    let day = |raw| date(&lenient::<Cow<'_, str>>(raw));
    Record {
        id: id.to_owned(),
        summary: summary(&lenient::<Cow<'_, str>>(raw.synopsis)),
        details: if keep_details { details(&lenient::<Cow<'_, str>>(raw.description)) } else { None },
        references: vec![format!("https://errata.rockylinux.org/{id}")],
        published: day(raw.published_at),
        modified: day(raw.updated_at),
        ..Record::default()
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::End;

    use super::*;

    /// Rows as `id realm[ channel][ module] package version architectures`.
    fn check(json: &str, expected: &[&str]) -> FeedOutput {
        let mut out = FeedOutput::default();
        let part = Part { name: "pages/1", file_name: "page.json", bytes: json.as_bytes() };
        Apollo.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        let rows: Vec<String> = out
            .advisories
            .iter()
            .map(|it| {
                let End::Fixed(fixed) = &it.ranges[0].end else { panic!("{it:?}") };
                let marks = [it.channel.as_deref(), it.module.as_deref()];
                let marks: String = marks.into_iter().flatten().map(|it| format!(" {it}")).collect();
                let architectures = it.architectures.join(",");
                format!("{} {}{marks} {} {fixed} {architectures}", it.vulnerability, it.realm, it.package)
            })
            .collect();
        assert_eq!(rows, expected, "{:?}", out.quarantined);
        out
    }

    #[test]
    fn pages_name_the_streams_of_modules() {
        let package = |nevra: &str, module: &str, product: &str| {
            format!(
                r#"{{"nevra":"{nevra}","module_name":{module},"module_stream":{module},"product_name":"{product}"}}"#
            )
        };
        let packages = [
            package("a-0:1-2.el8.x86_64.rpm", "null", "Rocky Linux 8 x86_64"),
            package("a-0:1-2.el8.aarch64.rpm", "null", "Rocky Linux 8.4 aarch64 (Legacy)"),
            package("a-0:1-2.el8.src.rpm", "null", "Rocky Linux 8 x86_64"),
            package("b-1:1-2.module+el8.x86_64.rpm", r#""m""#, "Rocky Linux 8 x86_64"),
            package("c-1:1-2.module+el8.noarch.rpm", "null", "Rocky Linux 8 x86_64"),
        ];
        let json = format!(
            r#"{{"advisories":[{{"name":"RLSA-2024:1","kind":"Security","severity":"Moderate","cves":[{{"cve":"CVE-2024-0001"}}],"packages":[{}]}},
            {{"name":"RLBA-2024:1","kind":"Bug Fix","packages":[]}}]}}"#,
            packages.join(",")
        );
        let out = check(
            &json,
            &[
                "CVE-2024-0001 rpm/rocky:8 a 1-2.el8 aarch64,x86_64",
                "CVE-2024-0001 rpm/rocky:8 * c 1:1-2.module+el8 ",
                "CVE-2024-0001 rpm/rocky:8 m:m b 1:1-2.module+el8 x86_64",
            ],
        );
        assert_eq!((out.records_stored, out.out_of_scope), (1, 1));
    }

    #[test]
    fn the_older_records_name_products_only() {
        check(
            r#"{"name":"RXSA-2024:1","type":"TYPE_SECURITY","severity":"SEVERITY_LOW","cves":[{"name":"CVE-2024-0001"}],
            "rpms":{"Rocky Linux SIG Cloud 9":{"nvras":["kernel-0:5-1.el9.x86_64.rpm"]}}}"#,
            &["CVE-2024-0001 rpm/rocky:9 sig:cloud kernel 5-1.el9 x86_64"],
        );
    }

    #[test]
    fn a_bad_announcement_costs_itself_alone() {
        let out = check(
            r#"{"advisories":[7,{"name":"../x","kind":"Security"},{"name":"RLSA-2024:2","kind":"Security","packages":[{"nevra":"x","product_name":"Rocky Linux 9"}]},
            {"name":"RLSA-2024:3","kind":"Security","packages":[{"nevra":"a-1-1.noarch","product_name":"Zurg 9"}]}]}"#,
            &[],
        );
        assert_eq!((out.records_quarantined, out.quarantined.len()), (4, 6));
    }
}
