//! AlmaLinux's own list of errata, one file a release. Beside its OSV records it names the stream
//! of each module's packages and the architectures.
//!
//! No channels. An erratum that fixes bugs or adds features (ALBA, ALEA) says nothing of
//! vulnerabilities. The same id stands in the lists of two releases with other packages; it is
//! one announcement in two realms. Nothing is said about what is not fixed.

use std::borrow::Cow;

use plimsoll_core::{Realm, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{
    Announcement, Build, capped, cve, details, evr, field, lenient, package_name, reference, summary, text,
    valid_id, vendor_severity,
};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// Inflated; the largest file, that of release 8, has some 150 MB.
const SIZE_BYTES_MAX: u64 = 1 << 30;
/// Releases that have a list.
const RELEASES: &[&str] = &["8", "9", "10"];
/// The year 10000, in seconds since 1970.
const DATE_SECONDS_MAX: i64 = 253_402_300_800;
/// Links that a record keeps.
const LINKS_MAX: usize = 64;

/// The feed.
pub(super) struct AlmaErrata;

#[derive(Deserialize)]
struct Full<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Erratum<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    severity: Option<&'a RawValue>,
    #[serde(borrow, default)]
    title: Option<&'a RawValue>,
    #[serde(borrow, default)]
    description: Option<&'a RawValue>,
    #[serde(default)]
    issued_date: Option<&'a RawValue>,
    #[serde(default)]
    updated_date: Option<&'a RawValue>,
    #[serde(borrow, default)]
    packages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    modules: Option<&'a RawValue>,
    #[serde(borrow, default)]
    references: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    epoch: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    release: Cow<'a, str>,
    #[serde(borrow, default)]
    arch: Option<Cow<'a, str>>,
    /// `php:8.1:9010020221116022647:8cf767d6:i686`.
    #[serde(borrow, default)]
    module: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Module<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    stream: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    href: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

impl Feed for AlmaErrata {
    fn id(&self) -> &'static str {
        "almalinux-errata"
    }

    fn title(&self) -> &'static str {
        "AlmaLinux errata"
    }

    fn says(&self) -> &'static str {
        "AlmaLinux's errata with modules' streams and architectures, which the OSV records leave \
         out."
    }

    fn is_silent_on(&self) -> &'static str {
        "Whatever is not fixed."
    }

    fn cadence_hours(&self) -> u32 {
        3
    }

    fn sources(&self) -> Vec<Source> {
        let at = |release: &&str| {
            let url = format!("https://errata.almalinux.org/{release}/errata.json");
            let mirror = [
                format!("alma/{release}/errata.json"),
                format!("alma/errata-{release}.json"),
                format!("alma/errata-{release}.*.json.gz"),
            ];
            let mirror: Vec<&str> = mirror.iter().map(String::as_str).collect();
            let source = Source::file(release, url, &mirror, SIZE_BYTES_MAX);
            Source { optional: true, newest_only: true, ..source }
        };
        RELEASES.iter().map(at).collect()
    }

    fn licence(&self) -> Licence {
        Licence { name: "MIT", attribution: "AlmaLinux OS Foundation", redistributable: true }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let errata: Vec<&RawValue> = if text.trim_start().starts_with('[') {
            serde_json::from_str(&text).map_err(|error| error.to_string())?
        } else {
            serde_json::from_str::<Full<'_>>(&text).map_err(|error| error.to_string())?.data
        };
        for (index, erratum) in errata.into_iter().enumerate() {
            out.records_read += 1;
            match serde_json::from_str::<Erratum<'_>>(erratum.get()) {
                Ok(erratum) if valid_id(&erratum.id) => self.erratum(&erratum, part.name, out),
                Ok(erratum) => {
                    let why = format!("`{}` is no id", capped(&erratum.id, 100));
                    out.quarantine(format!("{}[{index}]", part.name), why);
                }
                Err(error) => out.quarantine(format!("{}[{index}]", part.name), error.to_string()),
            }
        }
        Ok(())
    }
}

impl AlmaErrata {
    fn erratum(&self, erratum: &Erratum<'_>, part: &str, out: &mut FeedOutput) {
        let id = erratum.id.as_ref();
        let references: Vec<Reference<'_>> = field(erratum.references, "references", id, out);
        let cves = cves(&references, id, out);
        if erratum.kind.as_deref() != Some("security") && cves.is_empty() {
            out.out_of_scope += 1;
            return;
        }
        let packages: Vec<&RawValue> = field(erratum.packages, "packages", id, out);
        let only_stream = only_stream(&lenient::<Vec<Module<'_>>>(erratum.modules));
        let mut announcement = Announcement::new(self.id(), id);
        for package in packages {
            match serde_json::from_str::<Package<'_>>(package.get()) {
                Ok(package) if package.arch.as_deref() == Some("src") => {}
                Ok(package) => match build(&package, part, only_stream.as_deref()) {
                    Ok(build) => announcement.add(build, package.arch.as_deref().unwrap_or_default()),
                    Err(why) => out.quarantine_part(id, why),
                },
                Err(error) => out.quarantine_part(id, format!("a package: {error}")),
            }
        }
        if announcement.is_empty() {
            return out.quarantine(id, "it names no package that could be read");
        }
        let severity = vendor_severity(&lenient::<Cow<'_, str>>(erratum.severity));
        if let Err(why) = announcement.finish(&cves, severity, out) {
            return out.quarantine(id, why);
        }
        out.records_stored += 1;
        let record = record(erratum, &references, cves.is_empty());
        if let Some(modified) = record.modified.or(record.published) {
            out.saw_date(modified);
        }
        out.records.push(record);
    }
}

fn cves(references: &[Reference<'_>], id: &str, out: &mut FeedOutput) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for reference in references.iter().filter(|it| it.kind.as_deref() == Some("cve")) {
        let text = reference.id.as_deref().unwrap_or_default();
        match cve(text) {
            Some(id) => found.extend(seen.insert(id.clone()).then_some(id)),
            None => out.quarantine_part(id, format!("`{}` is no CVE", capped(text, 100))),
        }
    }
    found
}

/// The stream of an erratum that is about one; of several it is not known which a package is of,
/// unless the package says so.
fn only_stream(modules: &[Module<'_>]) -> Option<String> {
    let first = modules.first()?;
    let same = |it: &Module<'_>| (&it.name, &it.stream) == (&first.name, &first.stream);
    modules.iter().all(same).then(|| format!("{}:{}", first.name, first.stream))
}

/// The release of a list stands in its name, and else behind `el` in the package's own release.
fn build(package: &Package<'_>, part: &str, only_stream: Option<&str>) -> Result<Build, String> {
    let wrong = |what: &str| format!("package `{}`: {what}", capped(&package.name, 100));
    let name = package_name(&package.name).ok_or_else(|| wrong("its name can be none"))?;
    let version = evr(package.epoch.as_deref().unwrap_or("0"), &package.version, &package.release)
        .ok_or_else(|| wrong("its version can be none"))?;
    let release = RELEASES
        .iter()
        .copied()
        .find(|it| *it == part)
        .or_else(|| release_in(&package.release))
        .ok_or_else(|| wrong("nobody knows of which release it is"))?;
    let own = package.module.as_deref().filter(|it| !it.is_empty()).map(|label| {
        let mut words = label.split(':');
        format!("{}:{}", words.next().unwrap_or_default(), words.next().unwrap_or_default())
    });
    let is_modular = super::shared::is_modular(&version);
    Ok(Build {
        realm: Realm::distro("rpm", "almalinux", release),
        channel: None,
        module: own.or_else(|| only_stream.filter(|_| is_modular).map(str::to_owned)),
        name: name.to_owned(),
        version,
    })
}

/// `8` of `4.1.el8_4`, `9` of `1.module_el9.1.0+15+94ba28e4`.
fn release_in(release: &str) -> Option<&str> {
    let behind = release.split(['.', '_', '+']).find_map(|word| word.strip_prefix("el"))?;
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    behind.get(..digits).filter(|it| RELEASES.contains(it))
}

fn record(erratum: &Erratum<'_>, references: &[Reference<'_>], keep_details: bool) -> Record {
    let day = |raw: Option<&RawValue>| {
        let seconds: i64 = lenient(raw);
        (1..DATE_SECONDS_MAX).contains(&seconds).then_some(Timestamp(seconds))
    };
    let links = references.iter().filter_map(|it| reference(it.href.as_deref()?)).take(LINKS_MAX);
    Record {
        id: erratum.id.to_string(),
        summary: summary(&lenient::<Cow<'_, str>>(erratum.title)),
        details: if keep_details { details(&lenient::<Cow<'_, str>>(erratum.description)) } else { None },
        references: links.map(str::to_owned).collect(),
        published: day(erratum.issued_date),
        modified: day(erratum.updated_date),
        ..Record::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(errata: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        let part = Part { name: "9", file_name: "errata.json", bytes: errata.as_bytes() };
        AlmaErrata.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    const CVE: &str = r#"[{"id":"CVE-2024-0001","type":"cve","href":"https://example.com"}]"#;

    /// Rows as `realm module package version architectures`.
    fn check(kind: &str, modules: &str, packages: &str, expected: &[&str]) {
        let out = parse(&format!(
            r#"[{{"id":"ALSA-2024:1","type":"{kind}","severity":"Important","modules":{modules},"packages":[{packages}],"references":{CVE}}}]"#
        ));
        let rows: Vec<String> = out
            .advisories
            .iter()
            .map(|it| {
                let End::Fixed(fixed) = &it.ranges[0].end else { panic!("{it:?}") };
                let module = it.module.as_deref().unwrap_or("-");
                format!("{} {module} {} {fixed} {}", it.realm, it.package, it.architectures.join(","))
            })
            .collect();
        assert_eq!(rows, expected, "{:?}", out.quarantined);
    }

    use plimsoll_core::End;

    #[test]
    fn builds_for_several_architectures_are_one_row() {
        check(
            "security",
            "[]",
            r#"{"name":"a","epoch":"1","version":"2","release":"3.el9","arch":"x86_64"},
               {"name":"a","epoch":"1","version":"2","release":"3.el9","arch":"aarch64"},
               {"name":"a","epoch":"1","version":"2","release":"3.el9","arch":"src"}"#,
            &["rpm/almalinux:9 - a 1:2-3.el9 aarch64,x86_64"],
        );
    }

    #[test]
    fn the_stream_is_the_packages_own_or_the_errata_only_one() {
        let package = |module: &str| {
            format!(r#"{{"name":"a","version":"2","release":"3.module_el9.1+1+ab","arch":"noarch"{module}}}"#)
        };
        let php = r#"{"name":"php","stream":"8.1"}"#;
        let row = |module: &str| format!("rpm/almalinux:9 {module} a 2-3.module_el9.1+1+ab ");
        check("security", &format!("[{php},{php}]"), &package(""), &[&row("php:8.1")]);
        check("security", &format!(r#"[{php},{{"name":"php","stream":"8.2"}}]"#), &package(""), &[&row("*")]);
        let own = package(r#","module":"php:8.2:9010020221116022647:8cf767d6:i686""#);
        check("security", &format!("[{php}]"), &own, &[&row("php:8.2")]);
    }

    #[test]
    fn what_is_no_security_erratum_is_out_of_scope() {
        let out = parse(r#"{"schema_version":"1.0","data":[{"id":"ALBA-2024:1","type":"bugfix"}]}"#);
        assert_eq!((out.records_read, out.out_of_scope), (1, 1));
    }

    #[test]
    fn a_bad_erratum_costs_itself_alone() {
        let out = parse(&format!(
            r#"[7,{{"id":"../x","type":"security"}},{{"id":"ALSA-2024:2","type":"security","packages":7}},
            {{"id":"ALSA-2024:1","type":"security","packages":[{{"name":"a"}},{{"name":"a","version":"1","release":"1"}}],"references":{CVE}}}]"#
        ));
        assert_eq!((out.records_quarantined, out.records_stored, out.advisories.len()), (3, 1, 1));
    }
}
