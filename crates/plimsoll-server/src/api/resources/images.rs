//! What is in an artifact: packages and layers.

use plimsoll_core::{ImageReport, InstalledPackage, Report};

use super::prelude::*;
use super::reports::report;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listPackages",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/packages",
        Needs::Namespace(Permission::Read),
        "The packages of an artifact, by package URL and path.",
        |api, call| Box::pin(packages(api, call)),
    )
    .query(&[
        PAGE,
        &[
            text("q", "Those whose names have this text in them."),
            text("type", "Those of this type of package URL: `deb`, `npm`."),
            text("diff_id", "Those that the layer of this content brought in."),
        ],
    ])
    .gives::<Page<PackageListed>>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "listLayers",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/layers",
        Needs::Namespace(Permission::Read),
        "The layers of an artifact, base first, with the instructions that made them.",
        |api, call| Box::pin(layers(api, call)),
    )
    .gives::<Vec<LayerListed>>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
];

wire! {
    /// A layer, as a finding or a package names it.
    struct LayerOrigin {
        /// Its place, 0 is the base.
        index: u64,
        /// The digest under which the registry has it.
        digest: Option<DigestText>,
        /// The digest of its content.
        diff_id: DigestText,
        /// The instruction that made it.
        instruction: Option<String>,
        /// Whether it is one of the base image's; null where the image's history does not tell.
        from_base: Option<bool>,
    }

    /// A package of an artifact.
    struct PackageListed {
        /// Its package URL.
        purl: String,
        /// The type of it: `deb`, `npm`.
        r#type: String,
        /// Its name.
        name: String,
        /// Its version; empty where nobody says one.
        version: String,
        /// Its architecture.
        architecture: Option<String>,
        /// The licence as its database says it.
        license: Option<String>,
        /// The file that shows it.
        path: String,
        /// The layer that brought in this version.
        layer: Option<LayerOrigin>,
        /// How many findings it has that count.
        findings: u64,
    }

    /// A layer of an artifact.
    struct LayerListed {
        /// Its place, 0 is the base.
        index: u64,
        /// The platform of its image.
        platform: Option<String>,
        /// The digest under which the registry has it.
        digest: Option<DigestText>,
        /// The digest of its content.
        diff_id: DigestText,
        /// Its size as stored.
        size_bytes: Option<u64>,
        /// The instruction that made it.
        instruction: Option<String>,
        /// Whether it is one of the base image's; null where the image's history does not tell.
        from_base: Option<bool>,
        /// The instructions behind it that made no layer, up to the next layer; of the first layer those before
        /// it as well.
        settings: Vec<String>,
        /// How many packages it brought in.
        packages: u64,
        /// How many findings that count are about them.
        findings: u64,
    }
}

pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

pub(super) fn origin(image: &ImageReport, package: &InstalledPackage) -> Option<LayerOrigin> {
    let index = package.origin.layer?;
    let layer = image.layers.get(index)?;
    Some(LayerOrigin {
        index: number(index),
        digest: layer.digest.map(DigestText),
        diff_id: DigestText(layer.diff_id),
        instruction: layer.instruction.clone(),
        from_base: layer.from_base,
    })
}

pub(super) fn path(package: &InstalledPackage) -> String {
    format!("/{}", String::from_utf8_lossy(package.origin.path.as_bytes()))
}

pub(super) fn platform(image: &ImageReport) -> Option<String> {
    let platform = image.platform.as_ref()?;
    let variant = platform.variant.as_ref().map_or_else(String::new, |it| format!("/{it}"));
    Some(format!("{}/{}{variant}", platform.os, platform.architecture))
}

/// How many findings that count each package has.
fn counted(image: &ImageReport) -> Vec<u64> {
    let mut counts = vec![0; image.packages.len()];
    for finding in image.findings.iter().filter(|it| it.counts()) {
        if let Some(count) = counts.get_mut(finding.package.0) {
            *count += 1;
        }
    }
    counts
}

/// Which packages are wanted.
struct Wanted<'a> {
    containing: String,
    kind: Option<&'a str>,
    diff_id: Option<&'a str>,
}

impl Wanted<'_> {
    fn fits(&self, image: &ImageReport, package: &InstalledPackage) -> bool {
        let it = &package.package;
        it.name.to_lowercase().contains(&self.containing)
            && self.kind.is_none_or(|kind| kind == it.kind)
            && self.diff_id.is_none_or(|wanted| {
                origin(image, package).is_some_and(|it| it.diff_id.0.to_string() == wanted)
            })
    }
}

fn listed(report: &Report, wanted: &Wanted<'_>) -> Vec<PackageListed> {
    let mut packages = Vec::new();
    for image in &report.images {
        let counts = counted(image);
        for (package, findings) in image.packages.iter().zip(counts) {
            if !wanted.fits(image, package) {
                continue;
            }
            let it = &package.package;
            packages.push(PackageListed {
                purl: package.purl.clone(),
                r#type: it.kind.clone(),
                name: it.name.clone(),
                version: it.version.clone(),
                architecture: it.architecture.clone(),
                license: it.license.clone(),
                path: path(package),
                layer: origin(image, package),
                findings,
            });
        }
    }
    packages.sort_by(|one, other| (&one.purl, &one.path).cmp(&(&other.purl, &other.path)));
    // What several images of an index have in common stands once.
    packages.dedup_by(|one, other| one.purl == other.purl && one.path == other.path);
    packages
}

async fn packages(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "packages")?;
    let report = report(api, call).await?;
    let wanted = Wanted {
        containing: call.parameter("q").unwrap_or_default().to_lowercase(),
        kind: call.parameter("type"),
        diff_id: call.parameter("diff_id"),
    };
    let mut found = listed(&report, &wanted);
    if let Some((purl, path)) = paging.text(0).zip(paging.text(1)) {
        found.retain(|it| (it.purl.as_str(), it.path.as_str()) > (purl, path));
    }
    Answer::page(&paging.cut(found, |last| vec![json!(last.purl), json!(last.path)], |it| it))
}

async fn layers(api: &Api, call: &Call) -> Answered {
    let report = report(api, call).await?;
    let mut listed = Vec::new();
    for image in &report.images {
        let counts = counted(image);
        for (index, layer) in image.layers.iter().enumerate() {
            let here = || image.packages.iter().zip(&counts).filter(|it| it.0.origin.layer == Some(index));
            listed.push(LayerListed {
                index: number(index),
                platform: platform(image),
                digest: layer.digest.map(DigestText),
                diff_id: DigestText(layer.diff_id),
                size_bytes: layer.size_bytes,
                instruction: layer.instruction.clone(),
                from_base: layer.from_base,
                settings: layer.settings.clone(),
                packages: number(here().count()),
                findings: here().map(|it| it.1).sum(),
            });
        }
    }
    Answer::json(&listed)
}
