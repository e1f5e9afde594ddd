//! From a report to the shape of the JSON document. It chooses nothing and shortens nothing.

use plimsoll_core::{
    CvssVector, ImageReport, InstalledPackage, Report, ReportDigests, Severity, SnapshotInfo, Timestamp,
};

use super::wire::{
    Cvss, Day, DigestText, Digests, Distro, Document, Epss, Feed, Finding, FindingPackage, Image, Kev, Layer,
    LayerRef, Package, PathText, PlatformText, Problem, Rating, Snapshot, Source, Subject, Summary,
    Suppressed, Text, Tool, Why,
};
use crate::union::{self, Union, UnionFinding, UnionPackage};
use crate::{Style, is_complete};

/// The whole document.
pub(super) fn document<'a>(report: &'a Report, style: &'a Style) -> Document<'a> {
    let union = Union::of(&report.images);
    let summary = summary(&union.summary(&report.summary()));
    let (packages, findings) = contents(&union, &report.images);
    let only = match &report.images[..] {
        [image] => Some(image),
        _ => None,
    };
    Document {
        schema_version: super::SCHEMA_VERSION,
        tool: Tool { name: "plimsoll", version: &style.tool_version },
        created: Text(report.created),
        subject: Subject {
            name: &report.subject.name,
            kind: report.subject.kind.name(),
            digest: report.subject.digest.map(DigestText),
            media_type: report.subject.media_type.as_deref(),
        },
        complete: is_complete(report),
        summary,
        distro: common_distro(&report.images),
        platform: only.and_then(|image| image.platform.as_ref()).map(PlatformText),
        layers: only.map(layers).unwrap_or_default(),
        packages,
        findings,
        problems: union::problems(report).into_iter().map(problem).collect(),
        digests: only.map(digests),
        snapshot: report.snapshot.as_ref().map(snapshot),
        images: report.images.iter().map(|it| image(it, only.is_none())).collect(),
    }
}

fn image(image: &ImageReport, with_contents: bool) -> Image<'_> {
    let alone = std::slice::from_ref(image);
    let contents = with_contents.then(|| contents(&Union::of(alone), alone));
    let (packages, findings) = contents.unzip();
    Image {
        platform: image.platform.as_ref().map(PlatformText),
        digest: image.digest.map(DigestText),
        config_digest: image.config_digest.map(DigestText),
        complete: image.is_complete(),
        summary: summary(&image.summary()),
        distro: distro(image),
        layers: layers(image),
        packages_count: image.packages.len(),
        packages,
        findings,
        problems: image.problems.iter().map(problem).collect(),
        digests: digests(image),
    }
}

fn contents<'a>(union: &Union<'a>, images: &'a [ImageReport]) -> (Vec<Package<'a>>, Vec<Finding<'a>>) {
    let findings = union.findings.iter().map(|it| finding(it, union.package_of(it), images)).collect();
    let packages = union.packages.iter().map(|it| package(it, images)).collect();
    (packages, findings)
}

fn package<'a>(it: &UnionPackage<'a>, images: &'a [ImageReport]) -> Package<'a> {
    let package = &it.installed.package;
    Package {
        purl: it.purl.clone(),
        kind: &package.kind,
        name: &package.name,
        version: &package.version,
        architecture: it.architecture,
        source: package
            .source
            .as_ref()
            .map(|source| Source { name: &source.name, version: source.version.as_deref() }),
        path: PathText(&it.installed.origin.path),
        layer: it.layer.map(layer_ref),
        extractor: &it.installed.origin.extractor,
        evidence: it.installed.package.evidence.name(),
        owned_by: owner(it, images).map(|owner| owner.purl.as_str()),
        license: package.license.as_deref(),
        vendor: package.vendor.as_deref(),
        module: package.module.as_deref(),
        platforms: platforms(&it.images, images),
    }
}

/// The operating system's package that a package's file belongs to.
fn owner<'a>(it: &UnionPackage<'a>, images: &'a [ImageReport]) -> Option<&'a InstalledPackage> {
    images.get(*it.images.first()?)?.packages.get(it.installed.owner?.0)
}

fn finding<'a>(
    found: &UnionFinding<'a>,
    package: &UnionPackage<'a>,
    images: &'a [ImageReport],
) -> Finding<'a> {
    let finding = found.finding;
    Finding {
        id: &finding.id,
        aliases: &finding.aliases,
        class: finding.class.name(),
        severity: finding.severity.severity.name(),
        severity_source: &finding.severity.source,
        ratings: finding.ratings.iter().map(rating).collect(),
        cvss: finding.cvss.iter().map(cvss).collect(),
        epss: finding.epss.as_ref().map(epss),
        kev: finding.kev.as_ref().map(kev),
        status: finding.status.name(),
        fixed_version: finding.fixed_version.as_deref(),
        fix_available_since: finding.fix_seen.map(Timestamp::date_text),
        fix_channel: finding.fix_channel.as_deref(),
        note: finding.note.as_deref(),
        reachable: finding.reachable.name(),
        package: finding_package(package),
        why: Why {
            advisory_package: &finding.why.advisory_package,
            realm: &finding.why.realm,
            feed: &finding.why.feed,
            comparison: &finding.why.comparison,
            certain: finding.why.certain,
        },
        suppressed: finding.suppressed.as_ref().map(suppressed),
        cwes: &finding.cwes,
        summary: finding.summary.as_deref(),
        description: finding.description.as_deref(),
        references: &finding.references,
        published: finding.published.map(Text),
        platforms: platforms(&found.images, images),
    }
}

fn finding_package<'a>(it: &UnionPackage<'a>) -> FindingPackage<'a> {
    let package = &it.installed.package;
    FindingPackage {
        purl: it.purl.clone(),
        kind: &package.kind,
        name: &package.name,
        version: &package.version,
        path: PathText(&it.installed.origin.path),
        layer: it.layer.map(layer_ref),
    }
}

fn platforms<'a>(indexes: &[usize], images: &'a [ImageReport]) -> Vec<PlatformText<'a>> {
    let mut platforms = Vec::with_capacity(indexes.len());
    for platform in indexes.iter().filter_map(|index| images.get(*index)?.platform.as_ref()) {
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    platforms.into_iter().map(PlatformText).collect()
}

fn layer_ref(layer: union::Layer<'_>) -> LayerRef<'_> {
    LayerRef {
        index: layer.index,
        diff_id: DigestText(layer.info.diff_id),
        digest: layer.info.digest.map(DigestText),
        instruction: layer.info.instruction.as_deref(),
        from_base: layer.info.from_base,
    }
}

fn layers(image: &ImageReport) -> Vec<Layer<'_>> {
    let numbered = image.layers.iter().enumerate();
    numbered
        .map(|(index, info)| Layer {
            index,
            diff_id: DigestText(info.diff_id),
            verified: info.verified,
            digest: info.digest.map(DigestText),
            size_bytes: info.size_bytes,
            instruction: info.instruction.as_deref(),
            from_base: info.from_base,
        })
        .collect()
}

/// The distribution where all images have the same one.
fn common_distro(images: &[ImageReport]) -> Option<Distro<'_>> {
    let (first, others) = images.split_first()?;
    let same = |image: &ImageReport| {
        (&image.distro, image.support, image.support_ends)
            == (&first.distro, first.support, first.support_ends)
    };
    if others.iter().all(same) { distro(first) } else { None }
}

fn distro(image: &ImageReport) -> Option<Distro<'_>> {
    let distro = image.distro.as_ref()?;
    Some(Distro {
        id: &distro.id,
        version: &distro.version_id,
        name: distro.pretty_name.as_deref(),
        support: image.support.name(),
        support_ends: image.support_ends.map(Day),
    })
}

fn summary(summary: &plimsoll_core::Summary) -> Summary {
    let [critical, high, medium, low, negligible, unknown] = summary.vulnerabilities;
    Summary {
        critical,
        high,
        medium,
        low,
        negligible,
        unknown,
        total: summary.total(),
        fixable: summary.fixable,
        highest: summary.highest().map(Severity::name),
        findings: summary.findings,
        kernel_headers: summary.kernel_headers,
        suppressed: summary.suppressed,
    }
}

fn suppressed(it: &plimsoll_core::Suppression) -> Suppressed<'_> {
    Suppressed {
        source: &it.source,
        kind: it.kind.name(),
        status: &it.status,
        justification: it.justification.as_deref(),
        text: it.text.as_deref(),
        author: it.author.as_deref(),
        until: it.until.map(Text),
    }
}

fn rating(rating: &plimsoll_core::Rating) -> Rating<'_> {
    Rating { source: &rating.source, severity: rating.severity.name() }
}

fn cvss(it: &CvssVector) -> Cvss<'_> {
    Cvss {
        source: &it.source,
        version: &it.version,
        vector: &it.vector,
        score: f64::from(it.score_tenths) / 10.0,
    }
}

fn epss(epss: &plimsoll_core::Epss) -> Epss<'_> {
    let part = |millionths: u32| f64::from(millionths) / 1e6;
    Epss {
        score: part(epss.score_millionths),
        percentile: epss.percentile_millionths.map(part),
        model: epss.model.as_deref(),
        date: epss.date.map(Day),
    }
}

fn kev(kev: &plimsoll_core::Kev) -> Kev {
    Kev { added: kev.added.map(Day), due: kev.due.map(Day), ransomware: kev.ransomware }
}

fn problem(problem: &plimsoll_core::Problem) -> Problem<'_> {
    Problem {
        kind: problem.kind.name(),
        what: &problem.what,
        layer: problem.layer.map(DigestText),
        path: problem.path.as_ref().map(PathText),
        hides_findings: problem.hides_findings,
    }
}

fn digests(image: &ImageReport) -> Digests {
    let ReportDigests { inventory, snapshot, vex, matcher } = image.digests;
    Digests {
        inventory: DigestText(inventory),
        snapshot: snapshot.map(DigestText),
        vex: DigestText(vex),
        matcher: DigestText(matcher),
    }
}

fn snapshot(snapshot: &SnapshotInfo) -> Snapshot<'_> {
    Snapshot {
        digest: DigestText(snapshot.digest),
        sequence: snapshot.sequence,
        built: Text(snapshot.built),
        feeds: snapshot.feeds.iter().map(|(id, date)| Feed { id, date: date.map(Text) }).collect(),
    }
}
