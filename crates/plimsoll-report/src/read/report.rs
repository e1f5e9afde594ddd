//! Our own JSON report, read back: to write it in another format, or to compare two.
//!
//! Reads what `docs/report.md` promises of version 1. What that format does not hold (the kind of
//! evidence, the codename of the distribution) is not made up.

use std::collections::HashMap;

use plimsoll_core::{
    CvssVector, Digest, Distro, Epss, Evidence, Finding, FindingClass, ImagePath, ImageReport,
    InstalledPackage, Kev, LayerInfo, Origin, Package, PackageRef, Problem, ProblemKind, Purl, Rating,
    Reachable, Report, ReportDigests, Severity, SnapshotInfo, SourcePackage, Status, Subject, SubjectKind,
    Support, Suppression, SuppressionKind, Timestamp, Why,
};

use super::json::Probe;
use super::{ReadError, text};

mod wire;

/// Whether a document is a report of ours.
pub fn is_report(bytes: &[u8]) -> bool {
    text(bytes)
        .and_then(Probe::of)
        .is_ok_and(|it| it.tool["name"] == "plimsoll" && !it.schema_version.is_null())
}

/// Reads a report.
pub fn read(bytes: &[u8]) -> Result<Report, ReadError> {
    let document: wire::Document = serde_json::from_str(text(bytes)?)
        .map_err(|error| ReadError::new(format!("it is no readable report of Plimsoll: {error}")))?;
    if document.schema_version != crate::json::SCHEMA_VERSION {
        return Err(ReadError::new(format!(
            "version {} of the report is not known",
            document.schema_version
        )));
    }
    let (only, packages, findings) = (document.images.len() == 1, document.packages, document.findings);
    let mut images = Vec::with_capacity(document.images.len());
    let mut whole = Some((packages, findings)).filter(|_| only);
    for mut image in document.images {
        if let Some((packages, findings)) = whole.take() {
            image.packages = Some(packages);
            image.findings = Some(findings);
        }
        images.push(self::image(image)?);
    }
    let of_images: Vec<&Problem> = images.iter().flat_map(|image| &image.problems).collect();
    let mut problems = Vec::new();
    for problem in document.problems {
        let problem = self::problem(problem)?;
        if !of_images.contains(&&problem) {
            problems.push(problem);
        }
    }
    Ok(Report {
        subject: subject(document.subject)?,
        created: time(&document.created)?,
        snapshot: document.snapshot.map(snapshot).transpose()?,
        images,
        problems,
    })
}

fn wrong(what: &str, text: &str) -> ReadError {
    ReadError::new(format!("`{text}` is no {what}"))
}

fn time(text: &str) -> Result<Timestamp, ReadError> {
    text.parse().map_err(|_| wrong("time", text))
}

fn some_time(text: Option<String>) -> Result<Option<Timestamp>, ReadError> {
    text.map(|it| time(&it)).transpose()
}

fn digest(text: &str) -> Result<Digest, ReadError> {
    text.parse().map_err(|_| wrong("digest", text))
}

fn some_digest(text: Option<String>) -> Result<Option<Digest>, ReadError> {
    text.map(|it| digest(&it)).transpose()
}

fn severity(text: &str) -> Result<Severity, ReadError> {
    text.parse().map_err(|_| wrong("severity", text))
}

/// The value of this name among all of its kind.
fn by_name<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str, what: &str) -> Result<T, ReadError> {
    all.iter().copied().find(|it| name(*it) == text).ok_or_else(|| wrong(what, text))
}

fn path(text: &str) -> ImagePath {
    ImagePath::root().join(text.trim_start_matches('/').as_bytes())
}

fn subject(it: wire::Subject) -> Result<Subject, ReadError> {
    let all = [
        SubjectKind::Image,
        SubjectKind::Index,
        SubjectKind::RootFileSystem,
        SubjectKind::Sbom,
        SubjectKind::PackageUrls,
        SubjectKind::NotSupported,
    ];
    let kind = by_name(&all, SubjectKind::name, &it.kind, "kind of subject")?;
    Ok(Subject { name: it.name, kind, digest: some_digest(it.digest)?, media_type: it.media_type })
}

fn snapshot(it: wire::Snapshot) -> Result<SnapshotInfo, ReadError> {
    let feeds: Result<Vec<_>, ReadError> =
        it.feeds.into_iter().map(|feed| Ok((feed.id, some_time(feed.date)?))).collect();
    Ok(SnapshotInfo {
        digest: digest(&it.digest)?,
        sequence: it.sequence,
        built: time(&it.built)?,
        feeds: feeds?,
    })
}

fn image(it: wire::Image) -> Result<ImageReport, ReadError> {
    let mut packages = Vec::new();
    let mut owners = Vec::new();
    for mut found in it.packages.unwrap_or_default() {
        owners.push(found.owned_by.take());
        packages.push(package(found)?);
    }
    // What stands in the report for the package of a finding that has none; no extractor found it.
    let real: Vec<bool> =
        packages.iter().map(|it: &InstalledPackage| !it.origin.extractor.is_empty()).collect();
    let (mut keep_package, mut keep_owner) = (real.iter(), real.iter());
    packages.retain(|_| keep_package.next().copied().unwrap_or(true));
    owners.retain(|_| keep_owner.next().copied().unwrap_or(true));
    set_owners(&mut packages, owners);
    let mut places: HashMap<(&str, &ImagePath), usize> = HashMap::new();
    for (place, package) in packages.iter().enumerate() {
        places.entry((&package.purl, &package.origin.path)).or_insert(place);
    }
    let mut findings = Vec::new();
    for found in it.findings.unwrap_or_default() {
        let of = path(&found.package.path);
        let place = places.get(&(found.package.purl.as_str(), &of)).copied().unwrap_or(packages.len());
        findings.push(finding(found, PackageRef(place))?);
    }
    let all = [Support::Supported, Support::ExtendedOnly, Support::Ended, Support::Unknown];
    let (mut support, mut support_ends) = (Support::Unknown, None);
    if let Some(distro) = &it.distro {
        support = by_name(&all, Support::name, &distro.support, "kind of support")?;
        support_ends = some_time(distro.support_ends.clone())?;
    }
    let platform = match it.platform {
        Some(text) => Some(text.parse().map_err(|_| wrong("platform", &text))?),
        None => None,
    };
    Ok(ImageReport {
        platform,
        digest: some_digest(it.digest)?,
        config_digest: some_digest(it.config_digest)?,
        distro: it.distro.map(|distro| Distro {
            id: distro.id,
            version_id: distro.version,
            pretty_name: distro.name,
            ..Distro::default()
        }),
        support,
        support_ends,
        layers: it.layers.into_iter().map(layer).collect::<Result<_, _>>()?,
        findings,
        problems: it.problems.into_iter().map(problem).collect::<Result<_, _>>()?,
        digests: ReportDigests {
            inventory: digest(&it.digests.inventory)?,
            snapshot: some_digest(it.digests.snapshot)?,
            vex: digest(&it.digests.vex)?,
            matcher: digest(&it.digests.matcher)?,
        },
        packages,
    })
}

fn layer(it: wire::Layer) -> Result<LayerInfo, ReadError> {
    Ok(LayerInfo {
        diff_id: digest(&it.diff_id)?,
        verified: it.verified,
        digest: some_digest(it.digest)?,
        size_bytes: it.size_bytes,
        instruction: it.instruction,
        from_base: it.from_base,
        settings: Vec::new(),
    })
}

/// An owner is named by its package URL; one that is not in the report is none.
fn set_owners(packages: &mut [InstalledPackage], owners: Vec<Option<String>>) {
    let places: HashMap<String, usize> =
        packages.iter().enumerate().map(|(place, it)| (it.purl.clone(), place)).collect();
    for (package, owner) in packages.iter_mut().zip(owners) {
        package.owner = owner.and_then(|purl| places.get(&purl).copied()).map(PackageRef);
    }
}

fn package(it: wire::Package) -> Result<InstalledPackage, ReadError> {
    let purl = Purl::parse(&it.purl);
    let upstream = purl.as_ref().and_then(|purl| purl.qualifier("upstream"));
    let source_rpm = upstream.filter(|it| crate::vocabulary::is_source_file(it));
    let evidence = by_name(&Evidence::ALL, Evidence::name, &it.evidence, "kind of evidence")?;
    Ok(InstalledPackage {
        package: Package {
            kind: it.kind,
            name: it.name,
            version: it.version,
            architecture: it.architecture,
            source: it.source.map(|source| SourcePackage { name: source.name, version: source.version }),
            source_rpm: source_rpm.map(str::to_owned),
            vendor: it.vendor,
            module: it.module,
            license: it.license,
            purl: Some(it.purl.clone()),
            evidence,
            // A report names no functions; what it says of them stands at its findings.
            functions: None,
        },
        purl: it.purl,
        origin: Origin {
            path: path(&it.path),
            layer: it.layer.map(|layer| layer.index),
            extractor: it.extractor,
        },
        owner: None,
    })
}

fn finding(it: wire::Finding, package: PackageRef) -> Result<Finding, ReadError> {
    let classes = [
        FindingClass::Vulnerability,
        FindingClass::KernelHeaders,
        FindingClass::Malware,
        FindingClass::Informational,
    ];
    let statuses = [
        Status::Fixed,
        Status::Affected,
        Status::WillNotFix,
        Status::FixDeferred,
        Status::EndOfLife,
        Status::UnderInvestigation,
        Status::NotAffected,
    ];
    let ratings: Result<Vec<Rating>, ReadError> = it
        .ratings
        .into_iter()
        .map(|rating| Ok(Rating { severity: severity(&rating.severity)?, source: rating.source }))
        .collect();
    Ok(Finding {
        class: by_name(&classes, FindingClass::name, &it.class, "class of findings")?,
        status: by_name(&statuses, Status::name, &it.status, "status")?,
        severity: Rating { source: it.severity_source, severity: severity(&it.severity)? },
        ratings: ratings?,
        cvss: it.cvss.into_iter().map(cvss).collect(),
        epss: it.epss.map(epss).transpose()?,
        kev: it.kev.map(kev).transpose()?,
        published: some_time(it.published)?,
        suppressed: it.suppressed.map(suppressed).transpose()?,
        why: Why {
            advisory_package: it.why.advisory_package,
            realm: it.why.realm,
            feed: it.why.feed,
            comparison: it.why.comparison,
            certain: it.why.certain,
        },
        id: it.id,
        aliases: it.aliases,
        package,
        fixed_version: it.fixed_version,
        fix_channel: it.fix_channel,
        fix_seen: some_time(it.fix_available_since.map(|day| format!("{day}T00:00:00Z")))?,
        note: it.note,
        reachable: match it.reachable {
            Some(word) => by_name(&Reachable::ALL, Reachable::name, &word, "answer to `reachable`")?,
            None => Reachable::Unknown,
        },
        cwes: it.cwes,
        summary: it.summary,
        description: it.description.map(Into::into),
        references: it.references,
    })
}

fn cvss(it: wire::Cvss) -> CvssVector {
    // A score is from 0 to 10, so that the tenths fit.
    let score_tenths = (it.score.clamp(0.0, 10.0) * 10.0).round() as u8;
    CvssVector { source: it.source, vector: it.vector, version: it.version, score_tenths }
}

/// A part of one, from 0 to 1, as millionths.
fn millionths(part: f64) -> u32 {
    (part.clamp(0.0, 1.0) * 1e6).round() as u32
}

fn epss(it: wire::Epss) -> Result<Epss, ReadError> {
    Ok(Epss {
        score_millionths: millionths(it.score),
        percentile_millionths: it.percentile.map(millionths),
        model: it.model,
        date: some_time(it.date)?,
    })
}

fn kev(it: wire::Kev) -> Result<Kev, ReadError> {
    Ok(Kev { added: some_time(it.added)?, due: some_time(it.due)?, ransomware: it.ransomware })
}

fn suppressed(it: wire::Suppressed) -> Result<Suppression, ReadError> {
    let all = [SuppressionKind::Vex, SuppressionKind::Exception];
    Ok(Suppression {
        kind: by_name(&all, SuppressionKind::name, &it.kind, "kind of suppression")?,
        source: it.source,
        status: it.status,
        justification: it.justification,
        text: it.text,
        author: it.author,
        until: some_time(it.until)?,
    })
}

fn problem(it: wire::Problem) -> Result<Problem, ReadError> {
    Ok(Problem {
        kind: by_name(&ProblemKind::ALL, ProblemKind::name, &it.kind, "kind of problem")?,
        what: it.what,
        layer: some_digest(it.layer)?,
        path: it.path.map(|it| path(&it)),
        hides_findings: it.hides_findings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, golden, json};

    fn written(report: &Report) -> Vec<u8> {
        let mut out = Vec::new();
        json::Json.render(report, &golden::style(80), &mut out).expect("memory takes everything");
        out
    }

    #[test]
    fn a_report_that_is_read_back_is_written_the_same() {
        for report in [golden::everything(), golden::clean(), golden::index(), golden::not_supported()] {
            let text = written(&report);
            assert!(is_report(&text));
            let read = read(&text).expect("it is a report");
            let again = written(&read);
            assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn other_documents_are_no_reports() {
        for text in ["", "{}", "[]", r#"{"schema_version":"1","tool":{"name":"other"}}"#] {
            assert!(!is_report(text.as_bytes()));
            assert!(read(text.as_bytes()).is_err());
        }
    }
}
