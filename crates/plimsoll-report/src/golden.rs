//! One report with everything in it, hostile names included, for the tests of every format.
//!
//! The distribution, feeds and package worlds are made up: this crate knows none by name.

use std::cmp::Ordering;

use plimsoll_core::{
    CvssVector, Digest, Distro, Ecosystem, Epss, Extractor, Finding, FindingClass, ImagePath, ImageReport,
    InstalledPackage, Kev, LayerInfo, Origin, Package, PackageRef, Platform, Problem, ProblemKind, Rating,
    Reachable, Report, ReportDigests, Severity, SnapshotInfo, SourcePackage, Status, Subject, SubjectKind,
    Support, Suppression, SuppressionKind, Timestamp, Unreadable, Why,
};

use crate::Style;

/// A made-up ecosystem whose versions are numbers with dots.
struct Numbers;

impl Ecosystem for Numbers {
    fn purl_type(&self) -> &'static str {
        "sys"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        let parts = |version: &str| -> Result<Vec<u32>, Unreadable> {
            let number = |part: &str| part.parse();
            let unreadable = |_| Unreadable { version: version.to_owned(), why: "no number".to_owned() };
            version.split(['.', '-']).map(number).collect::<Result<_, _>>().map_err(unreadable)
        };
        Ok(parts(left)?.cmp(&parts(right)?))
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}

/// No colours, this wide.
pub(crate) fn style(width_columns: usize) -> Style {
    Style {
        color: false,
        width_columns,
        show_kernel_headers: false,
        tool_version: "1.2.3".to_owned(),
        next_steps: vec!["Run `plimsoll explain CVE-2024-0001 IMAGE` to see why one applies.".to_owned()],
        ecosystems: &[&Numbers],
        list_packages: true,
        commit: None,
    }
}

/// A report in a format, as text.
pub(crate) fn rendered(format: &dyn crate::Format, report: &Report) -> String {
    let mut out = Vec::new();
    format.render(report, &style(100), &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("formats are text")
}

/// A report in a JSON format.
pub(crate) fn rendered_value(format: &dyn crate::Format, report: &Report) -> serde_json::Value {
    serde_json::from_str(&rendered(format, report)).expect("the format is JSON")
}

/// The golden report at the place of its findings' package that is a real reference.
pub(crate) fn referenced() -> Report {
    let mut report = everything();
    report.subject.name = "registry.example/shop/api:1.4".to_owned();
    report
}

/// A digest of this byte repeated.
pub(crate) fn digest(byte: u8) -> Digest {
    Digest::sha256([byte; 32])
}

/// A time written as a date.
pub(crate) fn day(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A package of the operating system, from this layer.
pub(crate) fn system_package(name: &str, version: &str, source: &str, layer: usize) -> InstalledPackage {
    InstalledPackage {
        package: Package {
            kind: "sys".to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            architecture: Some("amd64".to_owned()),
            source: Some(SourcePackage { name: source.to_owned(), version: None }),
            license: Some("Apache-2.0".to_owned()),
            ..Package::default()
        },
        purl: format!("pkg:sys/examplix/{name}@{version}?arch=amd64&distro=examplix-10"),
        origin: Origin {
            path: ImagePath::new("var/lib/sys/status"),
            layer: Some(layer),
            extractor: "os/sys".to_owned(),
        },
        owner: None,
    }
}

/// A finding of this id and severity in that package, with nothing else known.
pub(crate) fn finding(id: &str, severity: Severity, package: usize) -> Finding {
    Finding {
        id: id.to_owned(),
        aliases: Vec::new(),
        class: FindingClass::Vulnerability,
        package: PackageRef(package),
        severity: Rating { source: "examplix".to_owned(), severity },
        ratings: Vec::new(),
        cvss: Vec::new(),
        epss: None,
        kev: None,
        status: Status::Affected,
        fixed_version: None,
        fix_seen: None,
        fix_channel: None,
        note: None,
        cwes: Vec::new(),
        summary: None,
        description: None,
        references: Vec::new(),
        published: None,
        why: Why {
            advisory_package: "libfamous".to_owned(),
            realm: "sys/examplix:10".to_owned(),
            feed: "examplix".to_owned(),
            comparison: "source libfamous 1.0.9 < 1.0.11".to_owned(),
            certain: true,
        },
        reachable: Reachable::Unknown,
        suppressed: None,
    }
}

/// The same finding with a fix.
pub(crate) fn fixed(finding: Finding, version: &str) -> Finding {
    Finding { status: Status::Fixed, fixed_version: Some(version.to_owned()), ..finding }
}

/// A finding with every field filled in.
fn famous(package: usize) -> Finding {
    Finding {
        aliases: vec!["EXA-1".to_owned(), "EXB-2".to_owned()],
        ratings: vec![
            Rating { source: "examplix".to_owned(), severity: Severity::Critical },
            Rating { source: "worldwide".to_owned(), severity: Severity::High },
        ],
        cvss: vec![CvssVector {
            source: "worldwide".to_owned(),
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            version: "3.1".to_owned(),
            score_tenths: 98,
        }],
        epss: Some(Epss {
            score_millionths: 974_120,
            percentile_millionths: Some(999_100),
            model: Some("v2025.03.14".to_owned()),
            date: Some(day("2026-11-20")),
        }),
        kev: Some(Kev { added: Some(day("2024-02-01")), due: Some(day("2024-02-22")), ransomware: true }),
        note: Some("fixed by \u{1b}[31ma security update".to_owned()),
        summary: Some("A buffer overflow in libfamous\u{202e} on \u{9b}2J".to_owned()),
        cwes: vec!["CWE-120".to_owned(), "CWE-787".to_owned()],
        description: Some(
            "A buffer overflow in *libfamous*\u{202e}.\n\n## Impact\nAll <b>of</b> it\u{1b}[2J.".into(),
        ),
        references: vec!["https://example.org/EXA-1".to_owned()],
        published: Some(day("2024-01-15T10:00:00Z")),
        ..fixed(finding("CVE-2024-0001", Severity::Critical, package), "1.0.11")
    }
}

fn packages() -> Vec<InstalledPackage> {
    let mut hostile = system_package("evil\u{1b}[2J\u{1b}]0;title\u{7}\nname", "1\r\u{202e}0", "evil", 2);
    hostile.purl = "pkg:sys/examplix/evil%1B%5B2J@1".to_owned();
    let mut module = system_package("left-pad", "1.0.0", "left-pad", 2);
    module.package = Package {
        kind: "lang".to_owned(),
        name: "@scope/left-pad".to_owned(),
        version: "1.0.0".to_owned(),
        vendor: Some("Somebody".to_owned()),
        module: Some("pad:1".to_owned()),
        ..Package::default()
    };
    module.purl = "pkg:lang/%40scope/left-pad@1.0.0".to_owned();
    module.origin = Origin {
        path: ImagePath::root().join(b"app/caf\xe9/\x1b[31mdeps.lock"),
        layer: Some(2),
        extractor: "lang/deps".to_owned(),
    };
    vec![
        system_package("famous-tools", "1.0.9", "libfamous", 0),
        system_package("libfamous", "1.0.9", "libfamous", 1),
        hostile,
        module,
        system_package("kernel-headers", "6.1.0", "kernel", 1),
        system_package("clean", "3.2.1", "clean", 0),
    ]
}

fn findings() -> Vec<Finding> {
    let with = |status, finding: Finding| Finding { status, ..finding };
    let mut unsure = finding("CVE-2024-0006", Severity::Unknown, 2);
    unsure.why.certain = false;
    unsure.why.comparison = "version `1\r\u{202e}0` cannot be read".to_owned();
    let mut paid = fixed(finding("CVE-2024-0004", Severity::Medium, 1), "1.0.12-1");
    paid.fix_channel = Some("paid".to_owned());
    let mut malware = finding("MAL-2024-7", Severity::Critical, 3);
    malware.class = FindingClass::Malware;
    malware.severity.source = "malicious".to_owned();
    let mut headers = fixed(finding("CVE-2024-0008", Severity::High, 4), "6.1.2");
    headers.class = FindingClass::KernelHeaders;
    let mut unmaintained = finding("NOTE-2024-1", Severity::Unknown, 2);
    unmaintained.class = FindingClass::Informational;
    unmaintained.note = Some("unmaintained".to_owned());
    unmaintained.summary = Some("nobody looks after it".to_owned());
    let mut unlinked = finding("CVE-2024-0003", Severity::High, 2);
    unlinked.reachable = Reachable::No;
    let mut scored = fixed(finding("CVE-2024-0002", Severity::High, 1), "1.0.2");
    scored.reachable = Reachable::Yes;
    scored.epss = Some(Epss { score_millionths: 420, percentile_millionths: None, model: None, date: None });
    vec![
        famous(0),
        famous(1),
        scored,
        with(Status::WillNotFix, unlinked),
        paid,
        with(Status::FixDeferred, finding("CVE-2024-0005", Severity::Low, 1)),
        finding("CVE-2024-0005", Severity::Medium, 2),
        unsure,
        with(Status::UnderInvestigation, finding("CVE-2024-0007", Severity::Negligible, 2)),
        malware,
        headers,
        unmaintained,
        with(Status::EndOfLife, finding("CVE-2024-0009", Severity::Low, 99)),
        suppressed(),
    ]
}

/// A finding that a VEX document speaks against.
fn suppressed() -> Finding {
    let mut finding = fixed(finding("CVE-2024-0011", Severity::Critical, 1), "1.0.13");
    finding.suppressed = Some(Suppression {
        source: "vendor.vex.json".to_owned(),
        kind: SuppressionKind::Vex,
        status: "not_affected".to_owned(),
        justification: Some("vulnerable_code_not_present".to_owned()),
        text: Some("built without the\u{1b}[2J parser".to_owned()),
        author: Some("Examplix Security".to_owned()),
        until: Some(day("2027-01-01")),
    });
    finding
}

fn layers() -> Vec<LayerInfo> {
    let layer = |byte, instruction: Option<&str>, from_base| LayerInfo {
        diff_id: digest(byte),
        verified: true,
        digest: Some(digest(byte + 1)),
        size_bytes: Some(1_000_000),
        instruction: instruction.map(str::to_owned),
        from_base,
        settings: Vec::new(),
    };
    vec![
        layer(0x10, None, Some(true)),
        layer(
            0x20,
            Some(
                "RUN sys-get update && \\\n    sys-get install -y libfamous \\\n    kernel-headers && rm -rf /var/lib/sys/lists",
            ),
            Some(true),
        ),
        layer(0x30, Some("COPY \u{1b}[8m . /app"), Some(false)),
    ]
}

fn problems() -> Vec<Problem> {
    let status = ImagePath::new("var/lib/sys/status");
    let mut problems = vec![
        Problem::new(ProblemKind::Limit, "the layer has more than 1000000 entries").in_layer(digest(0x30)),
        Problem::new(ProblemKind::UnreadableVersion, "version `1\r0` of `evil` cannot be read").at(&status),
        Problem::new(ProblemKind::Malformed, "a hard link\u{1b}[2J leads nowhere").harmless(),
    ];
    problems.extend((1..=7).map(|number| {
        Problem::new(ProblemKind::Malformed, format!("stanza {number} has no version")).at(&status)
    }));
    problems
}

/// What made the image's report.
pub(crate) fn digests() -> ReportDigests {
    ReportDigests {
        inventory: digest(0x41),
        snapshot: Some(digest(0x42)),
        vex: digest(0x43),
        matcher: digest(0x44),
    }
}

/// One image with every kind of finding, package and problem.
pub(crate) fn everything() -> Report {
    let image = ImageReport {
        platform: Some(Platform::new("linux", "amd64")),
        digest: Some(digest(0xaa)),
        config_digest: Some(digest(0xac)),
        distro: Some(Distro {
            id: "examplix".to_owned(),
            version_id: "10".to_owned(),
            pretty_name: Some("Examplix 10 (ten)\u{1b}[5m".to_owned()),
            ..Distro::default()
        }),
        support: Support::Ended,
        support_ends: Some(day("2024-06-30")),
        layers: layers(),
        packages: packages(),
        findings: findings(),
        problems: problems(),
        digests: digests(),
    };
    Report {
        subject: Subject {
            name: "registry.example/shop/api:1.4\u{1b}[2J".to_owned(),
            kind: SubjectKind::Image,
            digest: Some(digest(0xaa)),
            media_type: Some("application/vnd.oci.image.manifest.v1+json".to_owned()),
        },
        created: day("2026-11-21T12:00:00Z"),
        snapshot: Some(snapshot()),
        images: vec![image],
        problems: vec![Problem::new(ProblemKind::Database, "the feed `exploited` is 12 days old").harmless()],
    }
}

fn snapshot() -> SnapshotInfo {
    SnapshotInfo {
        digest: digest(0x42),
        sequence: 42,
        built: day("2026-11-20T03:00:00Z"),
        feeds: vec![("examplix".to_owned(), Some(day("2026-11-19"))), ("exploited".to_owned(), None)],
    }
}

/// One image, complete and without a finding.
pub(crate) fn clean() -> Report {
    let mut report = everything();
    report.problems.clear();
    for image in &mut report.images {
        image.problems.clear();
        image.findings.clear();
        image.support = Support::Supported;
        image.support_ends = Some(day("2028-06-30"));
    }
    report
}

/// An index of two platforms that agree in most things.
pub(crate) fn index() -> Report {
    let mut report = everything();
    report.subject.kind = SubjectKind::Index;
    report.subject.digest = Some(digest(0xee));
    let mut other = report.images[0].clone();
    other.platform = Some("linux/arm64/v8".parse().unwrap());
    other.digest = Some(digest(0xbb));
    other.problems.truncate(1);
    other.digests.inventory = digest(0x51);
    for installed in &mut other.packages {
        installed.purl = installed.purl.replace("arch=amd64", "arch=arm64");
        if let Some(architecture) = &mut installed.package.architecture {
            *architecture = "arm64".to_owned();
        }
    }
    other.layers[1].diff_id = digest(0x21);
    other.packages.push(system_package("only-arm", "1.0", "only-arm", 2));
    other.findings.retain(|it| it.id != "CVE-2024-0003");
    other.findings.push(fixed(finding("CVE-2024-0010", Severity::High, 6), "1.1"));
    report.images.push(other);
    report
}

/// An artifact that is no image.
pub(crate) fn not_supported() -> Report {
    Report {
        subject: Subject {
            name: "registry.example/charts/shop:1".to_owned(),
            kind: SubjectKind::NotSupported,
            digest: Some(digest(0xcc)),
            media_type: Some("application/vnd.cncf.helm.config.v1+json".to_owned()),
        },
        created: day("2026-11-21T12:00:00Z"),
        snapshot: None,
        images: Vec::new(),
        problems: vec![Problem::new(ProblemKind::Unsupported, "the artifact is a Helm chart, not an image")],
    }
}
