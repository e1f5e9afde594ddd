//! Ubuntu's OpenVEX documents (`vex-all.tar.xz`), by CVE: what its OSV records cannot say, namely
//! that a package will not be fixed, is no longer supported, or is not affected.
//!
//! Of fixes it says only that there are some: the version in a document is the newest there is,
//! not the first that is fixed, which stands in the OSV records. Joined with them by release,
//! source package and CVE. Channels are those of [`super::ubuntu_tracker`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use plimsoll_core::{Advisory, NameKind, Realm, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{capped, date, each_json, field, is_cve, lenient, note, package_name};
use super::ubuntu_tracker::{Place, place};
use crate::{Feed, FeedOutput, Licence, Part, Source};

/// The tar has some 60 MB.
const SIZE_BYTES_MAX: u64 = 2 << 30;

/// The feed.
pub(super) struct UbuntuVex;

impl Feed for UbuntuVex {
    fn id(&self) -> &'static str {
        "ubuntu-vex"
    }

    fn title(&self) -> &'static str {
        "Ubuntu OpenVEX documents"
    }

    fn says(&self) -> &'static str {
        "Which CVEs will not be fixed in a release, and which do not affect it, in Canonical's own \
         statements."
    }

    fn is_silent_on(&self) -> &'static str {
        "Versions of fixes that no announcement names; packages that are not Ubuntu's own."
    }

    fn cadence_hours(&self) -> u32 {
        1
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://security-metadata.canonical.com/vex/vex-all.tar.xz";
        let mirror = ["ubuntu/vex-all.tar.xz", "ubuntu/vex-all*.tar.xz"];
        vec![Source {
            newest_only: true,
            optional: true,
            ..Source::file("vex-all", url, &mirror, SIZE_BYTES_MAX)
        }]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CC-BY-SA-4.0",
            attribution: "Canonical Ltd., https://ubuntu.com/security/vex",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        each_json(part, &is_of_cve, out, &mut read)
    }
}

/// Documents of announcements (`vex/usn/`) repeat what those of their CVEs say.
fn is_of_cve(path: &str) -> bool {
    path.ends_with(".json") && path.rsplit('/').next().is_some_and(|name| name.starts_with("CVE-"))
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    statements: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Statement<'a> {
    #[serde(borrow)]
    vulnerability: Vulnerability<'a>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    products: Vec<Product<'a>>,
    #[serde(borrow, default)]
    action_statement: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    impact_statement: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    justification: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Vulnerability<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Product<'a> {
    #[serde(borrow, rename = "@id")]
    id: Cow<'a, str>,
}

/// Rows under construction, one for each vulnerability, release, channel and source.
type Rows = BTreeMap<(String, &'static str, Option<String>, String), (Status, Option<String>)>;

/// Reads one document. Carries nothing from one to the next.
fn read(path: &str, bytes: &[u8], out: &mut FeedOutput) -> Result<(), String> {
    let document: Document<'_> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if let Some(date) = date(&lenient::<Cow<'_, str>>(document.timestamp)) {
        out.saw_date(date);
    }
    let mut rows = Rows::new();
    let mut unreadable = 0_usize;
    for raw in document.statements {
        let read = field::<Option<Statement<'_>>>(Some(raw), "statements", path, out);
        let Some(statement) = read.filter(|it| is_cve(&it.vulnerability.name)) else {
            unreadable = unreadable.saturating_add(1);
            continue;
        };
        unreadable = unreadable.saturating_add(add(&mut rows, &statement, path, out));
    }
    match (rows.is_empty(), unreadable) {
        (true, 1..) => return Err("none of its statements could be read".to_owned()),
        (true, 0) => out.out_of_scope += 1,
        (false, _) => out.records_stored += 1,
    }
    out.advisories.extend(rows.into_iter().map(
        |((vulnerability, number, channel, package), (status, note))| Advisory {
            feed: UbuntuVex.id().to_owned(),
            realm: Realm::distro("deb", "ubuntu", number),
            package,
            name_kind: NameKind::Source,
            channel,
            architectures: Vec::new(),
            module: None,
            vulnerability,
            advisory_ids: Vec::new(),
            ranges: Vec::new(),
            versions: Vec::new(),
            status,
            severity: None,
            note,
        },
    ));
    Ok(())
}

/// Adds what a statement says of sources; how many of its products could not be read.
fn add(rows: &mut Rows, statement: &Statement<'_>, path: &str, out: &mut FeedOutput) -> usize {
    let Some((status, note)) = verdict(statement, path, out) else { return 0 };
    let mut unreadable = 0_usize;
    for product in &statement.products {
        let Some(source) = SourcePackage::read(&product.id) else {
            unreadable = unreadable.saturating_add(1);
            out.quarantine_part(path, format!("`{}` names no package", capped(&product.id, 100)));
            continue;
        };
        let Some(source) = source else { continue };
        let (number, channel) = match place(&source.distro) {
            Place::Release { number, channel } => (number, channel),
            Place::NotARelease => continue,
            Place::Unknown => {
                unreadable = unreadable.saturating_add(1);
                out.quarantine_part(
                    path,
                    format!("`{}` is no known Ubuntu release", capped(&source.distro, 64)),
                );
                continue;
            }
        };
        let Some(package) = package_name(&source.name) else {
            unreadable = unreadable.saturating_add(1);
            out.quarantine_part(path, format!("`{}` names no package", capped(&product.id, 100)));
            continue;
        };
        let key = (statement.vulnerability.name.to_string(), number, channel, package.to_owned());
        let known = rows.entry(key).or_insert_with(|| (status, note.clone()));
        // Of two statements about one package the one that hides less counts.
        if weight(status) < weight(known.0) {
            *known = (status, note.clone());
        }
    }
    unreadable
}

/// Affected comes before everything else, and not affected last.
fn weight(status: Status) -> usize {
    Status::ALL.iter().position(|it| *it == status).unwrap_or(usize::MAX)
}

/// What a statement comes to; `None` where it says nothing that is wanted here.
fn verdict(statement: &Statement<'_>, path: &str, out: &mut FeedOutput) -> Option<(Status, Option<String>)> {
    let action = statement.action_statement.as_deref().unwrap_or_default();
    match statement.status.as_ref() {
        // The first fixed version stands in the OSV record.
        "fixed" => None,
        // The release does not have the package: what is installed comes from elsewhere.
        "not_affected" if statement.justification.as_deref() == Some("component_not_present") => None,
        "not_affected" => {
            let impact = statement.impact_statement.as_deref().unwrap_or_default();
            Some((Status::NotAffected, note(reason(impact))))
        }
        "under_investigation" => Some((Status::UnderInvestigation, None)),
        "affected" if action.contains("decided to not fix") => {
            Some((Status::WillNotFix, note(reason(action))))
        }
        "affected" if action.contains("no longer supported") => {
            Some((Status::EndOfLife, note(reason(action))))
        }
        "affected" if action.contains("deferred") => Some((Status::FixDeferred, note(reason(action)))),
        "affected" => Some((Status::Affected, None)),
        other => {
            out.quarantine_part(path, format!("status `{}` is unknown", capped(other, 32)));
            Some((Status::UnderInvestigation, None))
        }
    }
}

/// What a person wrote, behind what every statement of the kind begins with.
fn reason(statement: &str) -> &str {
    statement.split_once("CVE Notes / justification:").map(|it| it.1).unwrap_or_default()
}

/// The source package of a purl, `pkg:deb/ubuntu/curl@1.2?arch=source&distro=esm-infra/xenial`.
/// Old documents write `arch=src` and separate the qualifiers by another `?`.
struct SourcePackage<'a> {
    name: Cow<'a, str>,
    distro: Cow<'a, str>,
}

impl SourcePackage<'_> {
    /// The inner `None` is a binary package, for which its source speaks.
    fn read(purl: &str) -> Option<Option<SourcePackage<'_>>> {
        let (name, qualifiers) = purl.strip_prefix("pkg:deb/ubuntu/")?.split_once('?')?;
        let value =
            |key: &str| qualifiers.split(['&', '?']).find_map(|it| it.strip_prefix(key)?.strip_prefix('='));
        if !matches!(value("arch")?, "source" | "src") {
            return Some(None);
        }
        let name = name.rsplit_once('@').map_or(name, |it| it.0);
        Some(Some(SourcePackage { name: decoded(name), distro: decoded(value("distro")?) }))
    }
}

/// Percent-encoding is undone for what occurs in names and series: `libstdc%2B%2B`, `esm%2Fxenial`.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("%2B", "+").replace("%2b", "+").replace("%2F", "/").replace("%2f", "/"))
}

#[cfg(test)]
mod tests;
