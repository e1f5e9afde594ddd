//! Findings of an artifact: filtered, sorted, in pages, grouped by vulnerability or by package.

use std::borrow::Cow;
use std::collections::BTreeMap;

use plimsoll_core::{Finding as Found, ImageReport, InstalledPackage, Purl, Report, Severity};

use super::artifacts::{LevelWord, SeverityWord};
use super::images::{LayerOrigin, number, origin, path, platform};
use super::prelude::*;
use super::reports::report;

const FILTERS: &[Parameter] = &[
    text("q", "Those whose id, alias, package or summary has this text in it."),
    word::<LevelWord>("severity", "Those of this severity or a worse one."),
    word::<bool>("fixable", "Those with a fix, or without."),
    word::<bool>("exploited", "Those known to be exploited (KEV), or not."),
    word::<bool>(
        "suppressed",
        "Those that do not count because somebody said so; without, those that count.",
    ),
    text("package", "Those of a package of this name."),
    text("type", "Those of packages of this type: `deb`, `npm`."),
    Parameter {
        name: "layer",
        about: "Those of packages that this layer brought in.",
        schema: |_| json!({ "type": "integer", "minimum": 0 }),
    },
    text("diff_id", "Those of packages that the layer of this content brought in."),
    word::<WhoseWord>("from", "Those of packages that the base image brought in, or the image's own layers."),
    text("path", "Those of packages in a file whose path has this text in it."),
    text("platform", "Of an index: those of the images of this platform, `linux/arm64/v8`."),
    word::<VendorWord>("status", "Those of which the vendor says this."),
    Parameter {
        name: "epss",
        about: "Those whose probability of exploitation within 30 days is at least this per mille.",
        schema: |_| json!({ "type": "integer", "minimum": 0, "maximum": 1000 }),
    },
];

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listFindings",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/findings",
        Needs::Namespace(Permission::Read),
        "The findings of an artifact at the newest database. Of an index each once, with the platforms that have it.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE, FILTERS, &[word::<FindingSort>("sort", "The order; `severity`, unless said.")]])
    .gives::<Page<Finding>>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "groupFindings",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/findings/groups",
        Needs::Namespace(Permission::Read),
        "The findings of an artifact, a row for each vulnerability, package or layer, the worst first.",
        |api, call| Box::pin(groups(api, call)),
    )
    .query(&[PAGE, FILTERS, &[word::<GroupWord>("by", "What a row is; `vulnerability`, unless said.")]])
    .gives::<Page<FindingGroup>>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
];

words! {
    /// The order of findings.
    enum FindingSort {
        /// The worst first.
        Severity = "severity",
        /// By the vulnerability's id.
        Id = "id",
        /// By the package's name.
        Package = "package",
        /// The most likely to be exploited first.
        Epss = "epss",
    }

    /// By what findings are grouped.
    enum GroupWord {
        /// A row for each vulnerability.
        Vulnerability = "vulnerability",
        /// A row for each package.
        Package = "package",
        /// A row for each layer of each platform.
        Layer = "layer",
    }

    /// Whose layer brought a package in.
    enum WhoseWord {
        /// The base image's.
        Base = "base",
        /// One of the image's own.
        Own = "own",
        /// The image's history does not tell.
        Unknown = "unknown",
    }

    /// What a vendor says of a vulnerability.
    enum VendorWord {
        /// There is a fixed version.
        Fixed = "fixed",
        /// It is affected, and there is no fix yet.
        Affected = "affected",
        /// It will not be fixed.
        WillNotFix = "will_not_fix",
        /// The fix was put off.
        FixDeferred = "fix_deferred",
        /// The release or package is no longer maintained.
        EndOfLife = "end_of_life",
        /// It is not yet decided whether it is affected.
        UnderInvestigation = "under_investigation",
    }
}

wire! {
    /// A vulnerability of a package of an artifact.
    struct Finding {
        /// The vulnerability's id.
        id: String,
        /// Its other ids.
        aliases: Vec<String>,
        /// `vulnerability`, `kernel_headers`, `malware`, `informational`.
        class: String,
        /// The severity that counts.
        severity: SeverityWord,
        /// Who decided it.
        severity_source: String,
        /// The highest CVSS score that anybody gave.
        cvss_score: Option<f64>,
        /// The probability of exploitation within 30 days.
        epss: Option<f64>,
        /// Whether it is known to be exploited (KEV).
        exploited: bool,
        /// What the vendor says: `fixed`, `affected`, `will_not_fix`.
        status: String,
        /// The version that fixes it.
        fixed_version: Option<String>,
        /// Whether something can be done.
        fixable: bool,
        /// One line about it.
        summary: Option<String>,
        /// The package's URL.
        purl: String,
        /// The package's name.
        package: String,
        /// The version that is there.
        version: String,
        /// The file that shows it.
        path: String,
        /// The operating system's package that the file belongs to.
        owner: Option<String>,
        /// The layer that brought it in.
        layer: Option<LayerOrigin>,
        /// Of an index: the platforms that have it.
        platforms: Vec<String>,
        /// Why it matched, in words.
        why: String,
        /// Whether that is certain; if not, a version could not be read.
        certain: bool,
        /// Where to read on; at most ten.
        references: Vec<String>,
        /// How many more of these there are; the report has them all.
        references_left_out: u64,
        /// Why it does not count, where somebody said so.
        suppressed: Option<SuppressionShown>,
    }

    /// Why a finding does not count.
    struct SuppressionShown {
        /// `vex` or `exception`.
        kind: String,
        /// The document that says so.
        source: String,
        /// Its status.
        status: String,
        /// The reason.
        reason: Option<String>,
        /// Who said so.
        author: Option<String>,
        /// When it ends.
        until: Option<Time>,
    }

    /// Findings that have something in common.
    struct FindingGroup {
        /// The vulnerability's id, the package's name, or the digest of the layer's content; empty
        /// for findings of which no layer is known.
        key: String,
        /// The worst severity.
        severity: SeverityWord,
        /// How many findings.
        findings: u64,
        /// How many of them have a fix.
        fixable: u64,
        /// The packages, or the vulnerabilities, at most twenty of them.
        members: Vec<String>,
        /// The versions that fix them, at most twenty.
        fixed_versions: Vec<String>,
        /// One line about the vulnerability.
        summary: Option<String>,
        /// The layer, where the rows are layers.
        layer: Option<LayerOrigin>,
    }
}

impl From<Severity> for SeverityWord {
    fn from(severity: Severity) -> SeverityWord {
        match severity {
            Severity::Critical => SeverityWord::Critical,
            Severity::High => SeverityWord::High,
            Severity::Medium => SeverityWord::Medium,
            Severity::Low => SeverityWord::Low,
            Severity::Negligible => SeverityWord::Negligible,
            Severity::Unknown => SeverityWord::Unknown,
        }
    }
}

/// A finding with all that it is shown with.
struct Row<'a> {
    finding: &'a Found,
    package: &'a InstalledPackage,
    images: Vec<&'a ImageReport>,
    /// Which of those in one image that differ in nothing but the architecture, from 1.
    time: usize,
}

impl Row<'_> {
    fn has_platform(&self, wanted: &str) -> bool {
        self.images.iter().filter_map(|it| platform(it)).any(|it| it == wanted)
    }

    fn layer(&self) -> Option<LayerOrigin> {
        self.images.first().and_then(|it| origin(it, self.package))
    }
}

/// The content of the layer that brought the package in; nothing where that is not known.
fn layer_key(row: &Row<'_>) -> String {
    row.layer().map_or_else(String::new, |it| it.diff_id.0.to_string())
}

/// Whose layer brought the package in, in the image that the row shows.
fn whose(row: &Row<'_>) -> WhoseWord {
    match row.layer().and_then(|it| it.from_base) {
        Some(true) => WhoseWord::Base,
        Some(false) => WhoseWord::Own,
        None => WhoseWord::Unknown,
    }
}

/// The probability of exploitation; less than any where nobody says one.
fn epss(finding: &Found) -> i64 {
    finding.epss.as_ref().map_or(-1, |it| i64::from(it.score_millionths))
}

/// What tells a finding from the others of its image, whatever the platform: the package without its
/// architecture, and what is to be done about it.
fn identity<'a>(finding: &'a Found, package: &'a InstalledPackage) -> impl Ord + Copy + use<'a> {
    let fix = (finding.status.name(), finding.fixed_version.as_deref(), finding.suppressed.is_some());
    (&finding.id, Purl::without_qualifiers(&package.purl), &package.origin.path, fix)
}

/// The findings of all images, each once: a package that differs in its architecture alone is the same
/// on another platform. Two of one image stay two.
fn rows(report: &Report) -> Vec<Row<'_>> {
    let mut rows: BTreeMap<_, Row<'_>> = BTreeMap::new();
    for image in &report.images {
        let mut times: BTreeMap<_, usize> = BTreeMap::new();
        for finding in &image.findings {
            let Some(package) = image.packages.get(finding.package.0) else { continue };
            let same = identity(finding, package);
            let time = times.entry(same).or_default();
            *time += 1;
            let row = rows.entry((same, *time)).or_insert(Row {
                finding,
                package,
                images: Vec::new(),
                time: *time,
            });
            // It is as bad as in the image where it is worst.
            if finding.severity.severity > row.finding.severity.severity {
                (row.finding, row.package) = (finding, package);
                row.images.insert(0, image);
            } else {
                row.images.push(image);
            }
        }
    }
    rows.into_values().collect()
}

/// Which findings are wanted.
struct Wanted {
    containing: String,
    at_least: Option<Severity>,
    fixable: Option<bool>,
    exploited: Option<bool>,
    suppressed: bool,
    package: Option<String>,
    kind: Option<String>,
    layer: Option<i64>,
    diff_id: Option<String>,
    from: Option<WhoseWord>,
    path: Option<String>,
    platform: Option<String>,
    status: Option<VendorWord>,
    epss_millionths: Option<i64>,
}

impl Wanted {
    fn of(call: &Call) -> Result<Wanted, Problem> {
        let level = call.word("severity", LevelWord::parse)?;
        Ok(Wanted {
            containing: call.parameter("q").unwrap_or_default().to_lowercase(),
            at_least: level.map(|it| match it {
                LevelWord::Critical => Severity::Critical,
                LevelWord::High => Severity::High,
                LevelWord::Medium => Severity::Medium,
                LevelWord::Low => Severity::Low,
            }),
            fixable: call.flag("fixable")?,
            exploited: call.flag("exploited")?,
            suppressed: call.flag("suppressed")?.unwrap_or(false),
            package: call.parameter("package").map(str::to_owned),
            kind: call.parameter("type").map(str::to_owned),
            layer: call.number("layer")?,
            diff_id: call.parameter("diff_id").map(str::to_owned),
            from: call.word("from", WhoseWord::parse)?,
            path: call.parameter("path").map(str::to_lowercase),
            platform: call.parameter("platform").map(str::to_owned),
            status: call.word("status", VendorWord::parse)?,
            epss_millionths: call.number("epss")?.map(|it| it.saturating_mul(1000)),
        })
    }

    fn fits(&self, row: &Row<'_>) -> bool {
        let (finding, package) = (row.finding, &row.package.package);
        let layer = row.package.origin.layer.and_then(|it| i64::try_from(it).ok());
        let counts = if self.suppressed { finding.suppressed.is_some() } else { finding.counts() };
        counts
            && self.at_least.is_none_or(|it| finding.severity.severity >= it)
            && self.fixable.is_none_or(|it| finding.is_fixable() == it)
            && self.exploited.is_none_or(|it| finding.kev.is_some() == it)
            && self.package.as_ref().is_none_or(|it| *it == package.name)
            && self.kind.as_ref().is_none_or(|it| *it == package.kind)
            && self.layer.is_none_or(|it| layer == Some(it))
            && self.diff_id.as_ref().is_none_or(|it| *it == layer_key(row))
            && self.from.is_none_or(|it| it == whose(row))
            && self.path.as_ref().is_none_or(|it| path(row.package).to_lowercase().contains(it))
            && self.platform.as_ref().is_none_or(|it| row.has_platform(it))
            && self.status.is_none_or(|it| finding.status.name() == it.name())
            && self.epss_millionths.is_none_or(|least| epss(finding) >= least)
            && (self.containing.is_empty() || self.is_in(finding, &package.name))
    }

    fn is_in(&self, finding: &Found, package: &str) -> bool {
        let texts = std::iter::once(finding.id.as_str())
            .chain(finding.aliases.iter().map(String::as_str))
            .chain(finding.summary.as_deref())
            .chain([package]);
        texts.map(str::to_lowercase).any(|it| it.contains(&self.containing))
    }
}

/// The sort key of a finding: what it is sorted by, then what tells it from every other.
fn key(row: &Row<'_>, sort: FindingSort) -> (i64, String) {
    let place = -(row.finding.severity.severity as i64);
    let (id, purl, path) = (&row.finding.id, &row.package.purl, path(row.package));
    let (status, fix) = (row.finding.status.name(), row.finding.fixed_version.as_deref().unwrap_or_default());
    let suppressed = row.finding.suppressed.is_some();
    let which =
        format!("{id}\u{1}{purl}\u{1}{path}\u{1}{status}\u{1}{fix}\u{1}{suppressed}\u{1}{}", row.time);
    match sort {
        FindingSort::Severity => (place, which),
        FindingSort::Id => (0, which),
        FindingSort::Package => (0, format!("{}\u{1}{which}", row.package.package.name)),
        FindingSort::Epss => (-epss(row.finding), which),
    }
}

/// References to read on; the vulnerability itself has all. A hostile advisory may have thousands.
const REFERENCES_MAX: usize = 10;

fn shown(row: &Row<'_>) -> Finding {
    let (finding, package) = (row.finding, row.package);
    let image = row.images.first().copied();
    let owner = image.zip(package.owner).and_then(|(image, owner)| image.packages.get(owner.0));
    let mut platforms: Vec<String> = row.images.iter().filter_map(|it| platform(it)).collect();
    platforms.sort_unstable();
    platforms.dedup();
    Finding {
        id: finding.id.clone(),
        aliases: finding.aliases.clone(),
        class: finding.class.name().to_owned(),
        severity: finding.severity.severity.into(),
        severity_source: finding.severity.source.clone(),
        cvss_score: finding.cvss.iter().map(|it| it.score_tenths).max().map(|it| f64::from(it) / 10.0),
        epss: finding.epss.as_ref().map(|it| f64::from(it.score_millionths) / 1e6),
        exploited: finding.kev.is_some(),
        status: finding.status.name().to_owned(),
        fixed_version: finding.fixed_version.clone(),
        fixable: finding.is_fixable(),
        summary: finding.summary.clone(),
        purl: package.purl.clone(),
        package: package.package.name.clone(),
        version: package.package.version.clone(),
        path: path(package),
        owner: owner.map(|it| it.purl.clone()),
        layer: row.layer(),
        platforms,
        why: finding.why.comparison.clone(),
        certain: finding.why.certain,
        references: finding.references.iter().take(REFERENCES_MAX).cloned().collect(),
        references_left_out: number(finding.references.len().saturating_sub(REFERENCES_MAX)),
        suppressed: finding.suppressed.as_ref().map(|it| SuppressionShown {
            kind: it.kind.name().to_owned(),
            source: it.source.clone(),
            status: it.status.clone(),
            reason: it.text.clone().or_else(|| it.justification.clone()),
            author: it.author.clone(),
            until: it.until.map(Time),
        }),
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let sort = call.word("sort", FindingSort::parse)?.unwrap_or(FindingSort::Severity);
    let paging = Paging::of(call, format!("findings by {}", sort.name()))?;
    let wanted = Wanted::of(call)?;
    let report = report(api, call).await?;
    let mut found: Vec<_> =
        rows(&report).into_iter().filter(|it| wanted.fits(it)).map(|it| (key(&it, sort), it)).collect();
    if let Some((place, text)) = paging.number(0).zip(paging.text(1)) {
        found.retain(|it| (it.0.0, it.0.1.as_str()) > (place, text));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Answer::page(&paging.cut(found, |last| vec![json!(last.0.0), json!(last.0.1)], |it| shown(&it.1)))
}

/// As many members of a group are named.
const MEMBERS_MAX: usize = 20;

async fn groups(api: &Api, call: &Call) -> Answered {
    let by = call.word("by", GroupWord::parse)?.unwrap_or(GroupWord::Vulnerability);
    let paging = Paging::of(call, format!("findings grouped by {}", by.name()))?;
    let wanted = Wanted::of(call)?;
    let report = report(api, call).await?;
    let rows: Vec<Row<'_>> = rows(&report).into_iter().filter(|it| wanted.fits(it)).collect();
    let mut groups: BTreeMap<Cow<'_, str>, Vec<&Row<'_>>> = BTreeMap::new();
    for row in &rows {
        let key = match by {
            GroupWord::Vulnerability => Cow::Borrowed(row.finding.id.as_str()),
            GroupWord::Package => Cow::Borrowed(row.package.package.name.as_str()),
            GroupWord::Layer => Cow::Owned(layer_key(row)),
        };
        groups.entry(key).or_default().push(row);
    }
    let mut groups: Vec<_> = groups
        .into_iter()
        .map(|(key, rows)| {
            let worst = rows.iter().map(|it| it.finding.severity.severity).max().unwrap_or(Severity::Unknown);
            ((-(worst as i64), key), rows)
        })
        .collect();
    if let Some(after) = paging.number(0).zip(paging.text(1)) {
        groups.retain(|it| (it.0.0, &*it.0.1) > after);
    }
    groups.sort_by(|one, other| one.0.cmp(&other.0));
    Answer::page(&paging.cut(
        groups,
        |last| vec![json!(last.0.0), json!(last.0.1)],
        |((_, key), rows)| group(&key, &rows, by),
    ))
}

fn group(key: &str, rows: &[&Row<'_>], by: GroupWord) -> FindingGroup {
    let some = |texts: Vec<String>| {
        let mut texts = texts;
        texts.sort_unstable();
        texts.dedup();
        texts.truncate(MEMBERS_MAX);
        texts
    };
    let member = |row: &&Row<'_>| match by {
        GroupWord::Vulnerability => row.package.purl.clone(),
        GroupWord::Package | GroupWord::Layer => row.finding.id.clone(),
    };
    let worst = rows.iter().map(|it| it.finding.severity.severity).max().unwrap_or(Severity::Unknown);
    FindingGroup {
        key: key.to_owned(),
        severity: worst.into(),
        findings: number(rows.len()),
        fixable: number(rows.iter().filter(|it| it.finding.is_fixable()).count()),
        members: some(rows.iter().map(member).collect()),
        fixed_versions: some(rows.iter().filter_map(|it| it.finding.fixed_version.clone()).collect()),
        summary: match by {
            GroupWord::Vulnerability => rows.iter().find_map(|it| it.finding.summary.clone()),
            GroupWord::Package | GroupWord::Layer => None,
        },
        layer: match by {
            GroupWord::Layer => rows.first().and_then(|it| it.layer()),
            GroupWord::Vulnerability | GroupWord::Package => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_mended_otherwise_in_another_image_is_another_finding() {
        let text = include_str!("../../../../plimsoll-report/testdata/everything.json");
        let mut report = plimsoll_report::read::report::read(text.as_bytes()).unwrap();
        let before = rows(&report).len();
        report.images.push(report.images[0].clone());
        assert_eq!(rows(&report).len(), before);
        report.images.last_mut().unwrap().findings[0].fixed_version = Some("99.0".to_owned());
        let rows = rows(&report);
        assert_eq!(rows.len(), before + 1);
        let fixes: BTreeSet<_> = rows.iter().filter_map(|it| it.finding.fixed_version.as_deref()).collect();
        assert!(fixes.contains("99.0"));
        let keys: BTreeSet<_> = rows.iter().map(|it| key(it, FindingSort::Severity)).collect();
        assert_eq!(keys.len(), rows.len(), "a page may begin at each of them");
    }
}
