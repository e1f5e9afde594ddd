//! The document both notations are written from, in SPDX's words.

use std::collections::BTreeMap;

use plimsoll_core::{Digest, Escaped, Report, SubjectKind};

use crate::artifact::Artifact;
use crate::union::{self, Union, UnionPackage};
use crate::{Style, identity, license, words};

/// An SPDX document.
pub(super) struct Document {
    pub name: String,
    pub namespace: String,
    pub created: String,
    pub tool: String,
    pub comment: Option<String>,
    /// The first is what was scanned and contains all others.
    pub packages: Vec<Package>,
    /// The licence texts that are no expressions, by the number in their identifier.
    pub license_texts: Vec<String>,
}

/// A package of it.
pub(super) struct Package {
    pub id: String,
    pub name: String,
    pub version: Option<String>,
    pub supplier: Option<String>,
    pub checksum: Option<Digest>,
    pub license_declared: Option<String>,
    pub purl: Option<String>,
    pub purpose: &'static str,
    pub source_info: Option<String>,
    pub comment: Option<String>,
}

/// The document about a report.
pub(super) fn of(report: &Report, style: &Style) -> Document {
    let union = Union::of(&report.images);
    let mut licenses = Licenses::default();
    let mut packages = vec![root(report)];
    packages.extend(operating_system(report));
    let numbered = union.packages.iter().enumerate();
    packages.extend(numbered.map(|(index, it)| package(index, it, report, &mut licenses)));
    let number = identity::document("spdx", report, &style.tool_version);
    Document {
        name: Artifact::of(report).name,
        namespace: format!("https://plimsoll.invalid/spdx/{number}"),
        created: report.created.to_string(),
        tool: format!("plimsoll-{}", style.tool_version),
        comment: comment(report),
        packages,
        license_texts: licenses.texts,
    }
}

/// What the reader must know of what could not be read.
fn comment(report: &Report) -> Option<String> {
    let mut lines: Vec<String> = words::incomplete(report).into_iter().collect();
    lines.extend(union::problems(report).into_iter().map(words::problem));
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn root(report: &Report) -> Package {
    let artifact = Artifact::of(report);
    Package {
        id: "SPDXRef-subject".to_owned(),
        version: report.subject.digest.map(|it| it.to_string()),
        supplier: None,
        checksum: report.subject.digest,
        license_declared: None,
        purl: artifact.purl(),
        purpose: match report.subject.kind {
            SubjectKind::Image | SubjectKind::Index => "CONTAINER",
            SubjectKind::RootFileSystem => "OPERATING-SYSTEM",
            SubjectKind::Sbom | SubjectKind::PackageUrls => "APPLICATION",
            SubjectKind::NotSupported => "OTHER",
        },
        source_info: None,
        comment: None,
        name: artifact.name,
    }
}

fn operating_system(report: &Report) -> Option<Package> {
    let image = report.images.first()?;
    let distro = image.distro.as_ref()?;
    if report.images.iter().any(|it| it.distro != image.distro) {
        return None;
    }
    Some(Package {
        id: "SPDXRef-operating-system".to_owned(),
        name: distro.id.clone(),
        version: Some(distro.version_id.clone()).filter(|it| !it.is_empty()),
        supplier: None,
        checksum: None,
        license_declared: None,
        purl: None,
        purpose: "OPERATING-SYSTEM",
        source_info: distro.pretty_name.clone(),
        comment: Some(format!("support: {}", image.support.name())),
    })
}

fn package(index: usize, it: &UnionPackage<'_>, report: &Report, licenses: &mut Licenses) -> Package {
    let package = &it.installed.package;
    let source = package.source.as_ref().map(|source| {
        let version = source.version.as_deref().unwrap_or(&package.version);
        format!("built from source package {} {version}", source.name)
    });
    Package {
        id: format!("SPDXRef-package-{index}"),
        name: package.name.clone(),
        version: Some(package.version.clone()).filter(|it| !it.is_empty()),
        supplier: package.vendor.clone(),
        checksum: None,
        license_declared: package.license.as_deref().map(|text| licenses.expression(text)),
        purl: Some(it.purl.to_string()).filter(|purl| is_locator(purl)),
        purpose: "LIBRARY",
        source_info: source,
        comment: Some(place(it, report)),
    }
}

/// Locators have no white space (clause 7.21).
fn is_locator(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn place(it: &UnionPackage<'_>, report: &Report) -> String {
    let mut place = format!(
        "found in {} by {} ({})",
        words::path(&it.installed.origin.path),
        it.installed.origin.extractor,
        it.installed.package.evidence.name()
    );
    if let Some(layer) = it.layer {
        place.push_str(&format!(", layer {} {}", layer.index, layer.info.diff_id));
    }
    if report.images.len() > 1 {
        let platforms = it.images.iter().filter_map(|index| report.images.get(*index)?.platform.as_ref());
        let platforms: Vec<String> = platforms.map(ToString::to_string).collect();
        place.push_str(&format!(", on {}", platforms.join(" ")));
    }
    place
}

/// Licence texts that are no expressions get an identifier of the document's own.
#[derive(Default)]
struct Licenses {
    known: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Licenses {
    fn expression(&mut self, text: &str) -> String {
        if let Some(expression) = license::as_spdx(text) {
            return expression.to_owned();
        }
        let Licenses { known, texts } = self;
        let number = *known.entry(text.to_owned()).or_insert_with(|| {
            texts.push(text.to_owned());
            texts.len()
        });
        license_reference(number)
    }
}

/// The identifier of the licence text with this number, counted from one.
pub(super) fn license_reference(number: usize) -> String {
    format!("LicenseRef-{number}")
}

/// Text in one line, visible where it could steer a terminal.
pub(super) fn one_line(text: &str) -> String {
    Escaped(text).to_string()
}
