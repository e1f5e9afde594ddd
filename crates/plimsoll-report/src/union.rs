//! The packages and findings of one or several images as one list without repeats, worst first.
//!
//! A package of several platforms is the same package where all but its architecture agrees.
//! Nothing is ever left out here: what differs in anything a reader would act on stays apart.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use plimsoll_core::{
    Finding, FindingClass, ImagePath, ImageReport, InstalledPackage, LayerInfo, Origin, Package, Problem,
    Purl, Report, Severity, Status, Summary, Suppression,
};

/// What is in the images, each thing once.
pub(crate) struct Union<'a> {
    /// The packages, in the order in which the images have them.
    pub packages: Vec<UnionPackage<'a>>,
    /// The findings, worst first.
    pub findings: Vec<UnionFinding<'a>>,
}

/// A package, and the images that have it.
pub(crate) struct UnionPackage<'a> {
    /// The package as the first image has it.
    pub installed: &'a InstalledPackage,
    /// Its package URL; of several images only the qualifiers they agree on.
    pub purl: Cow<'a, str>,
    /// Its architecture, where all images agree.
    pub architecture: Option<&'a str>,
    /// Its layer, where all images agree.
    pub layer: Option<Layer<'a>>,
    /// The images, as indexes, ascending.
    pub images: Vec<usize>,
}

/// A layer and its place in the image.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Layer<'a> {
    /// Counted from the base, which is 0.
    pub index: usize,
    /// What is known of it.
    pub info: &'a LayerInfo,
}

/// A finding, and the images that have it.
pub(crate) struct UnionFinding<'a> {
    /// The finding as the first image has it.
    pub finding: &'a Finding,
    /// Its package, as an index into the union's packages.
    pub package: usize,
    /// The images, as indexes, ascending.
    pub images: Vec<usize>,
}

/// What makes two findings of different images the same.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct FindingKey<'a> {
    id: &'a str,
    package: usize,
    class: FindingClass,
    severity: Severity,
    status: Status,
    fixed_version: Option<&'a str>,
    fix_channel: Option<&'a str>,
    certain: bool,
    suppressed: Option<&'a Suppression>,
}

/// Stands in for the package of a finding that points at none, which would be a bug of the
/// matcher's: the finding must be seen all the same.
pub(crate) static NO_PACKAGE: LazyLock<InstalledPackage> = LazyLock::new(|| InstalledPackage {
    package: Package { kind: "generic".to_owned(), name: "unknown".to_owned(), ..Package::default() },
    purl: "pkg:generic/unknown".to_owned(),
    origin: Origin { path: ImagePath::root(), layer: None, extractor: String::new() },
    owner: None,
});

impl<'a> Union<'a> {
    /// Everything in these images. One image's packages and findings are never merged with
    /// each other, only with those of another image.
    pub fn of(images: &'a [ImageReport]) -> Union<'a> {
        let mut union = Union { packages: Vec::new(), findings: Vec::new() };
        if let [image] = images {
            union.add_all(image);
        } else {
            let mut packages = BTreeMap::new();
            let mut findings = BTreeMap::new();
            for (index, image) in images.iter().enumerate() {
                let places = union.add_packages(index, image, &mut packages);
                union.add_findings(index, image, &places, &mut findings);
            }
        }
        let Union { packages, findings } = &mut union;
        findings.sort_by_cached_key(|found| {
            let name = packages.get(found.package).map(|it| it.installed.package.name.as_str());
            (worst_first(found.finding), name, found.package)
        });
        union
    }

    /// Adds everything of the only image: there is nothing that any of it could be the same as.
    fn add_all(&mut self, image: &'a ImageReport) {
        self.packages = image
            .packages
            .iter()
            .map(|installed| UnionPackage::of(0, installed, layer_of(image, installed)))
            .collect();
        self.findings.reserve(image.findings.len());
        for finding in &image.findings {
            let known = finding.package.0 < image.packages.len();
            let package = if known { finding.package.0 } else { self.no_package(0) };
            self.findings.push(UnionFinding { finding, package, images: vec![0] });
        }
    }

    /// Adds an image's packages; gives each one's index in the union.
    fn add_packages(
        &mut self,
        image_index: usize,
        image: &'a ImageReport,
        known: &mut BTreeMap<(&'a str, &'a [u8], usize), usize>,
    ) -> Vec<usize> {
        let mut seen = BTreeMap::new();
        let mut places = Vec::with_capacity(image.packages.len());
        for installed in &image.packages {
            let (base, path) = (Purl::without_qualifiers(&installed.purl), installed.origin.path.as_bytes());
            let occurrence = count(&mut seen, (base, path));
            let layer = layer_of(image, installed);
            let place = *known.entry((base, path, occurrence)).or_insert(self.packages.len());
            match self.packages.get_mut(place) {
                Some(package) => package.join(image_index, installed, layer),
                None => self.packages.push(UnionPackage::of(image_index, installed, layer)),
            }
            places.push(place);
        }
        places
    }

    fn add_findings(
        &mut self,
        image_index: usize,
        image: &'a ImageReport,
        places: &[usize],
        known: &mut BTreeMap<(FindingKey<'a>, usize), usize>,
    ) {
        let mut seen = BTreeMap::new();
        for finding in &image.findings {
            let package =
                places.get(finding.package.0).copied().unwrap_or_else(|| self.no_package(image_index));
            let key = FindingKey {
                id: &finding.id,
                package,
                class: finding.class,
                severity: finding.severity.severity,
                status: finding.status,
                fixed_version: finding.fixed_version.as_deref(),
                fix_channel: finding.fix_channel.as_deref(),
                certain: finding.why.certain,
                suppressed: finding.suppressed.as_ref(),
            };
            let place = *known.entry((key, count(&mut seen, key))).or_insert(self.findings.len());
            match self.findings.get_mut(place) {
                Some(found) => found.images.push(image_index),
                None => {
                    self.findings.push(UnionFinding { finding, package, images: vec![image_index] });
                }
            }
        }
    }

    fn no_package(&mut self, image_index: usize) -> usize {
        let installed: &'static InstalledPackage = &NO_PACKAGE;
        self.packages.push(UnionPackage {
            installed,
            purl: Cow::Borrowed(&installed.purl),
            architecture: None,
            layer: None,
            images: vec![image_index],
        });
        self.packages.len() - 1
    }

    /// The package of a finding of this union.
    pub fn package_of(&self, found: &UnionFinding<'a>) -> &UnionPackage<'a> {
        &self.packages[found.package]
    }

    /// The findings counted, each once however many images have it.
    pub fn summary(&self, counted: &Summary) -> Summary {
        let findings = self.findings.iter().filter(|it| it.finding.counts()).count();
        let suppressed = self.findings.iter().filter(|it| it.finding.suppressed.is_some()).count();
        let is_headers = |it: &&UnionFinding<'_>| {
            it.finding.suppressed.is_none() && it.finding.class == FindingClass::KernelHeaders
        };
        let kernel_headers = self.findings.iter().filter(is_headers).count();
        Summary { findings, kernel_headers, suppressed, ..*counted }
    }
}

impl<'a> UnionPackage<'a> {
    fn of(image: usize, installed: &'a InstalledPackage, layer: Option<Layer<'a>>) -> UnionPackage<'a> {
        UnionPackage {
            installed,
            purl: Cow::Borrowed(&installed.purl),
            architecture: installed.package.architecture.as_deref(),
            layer,
            images: vec![image],
        }
    }

    fn join(&mut self, image: usize, installed: &'a InstalledPackage, layer: Option<Layer<'a>>) {
        self.images.push(image);
        if *self.purl != *installed.purl {
            self.purl = Cow::Owned(common_purl(&self.purl, &installed.purl));
        }
        if self.architecture != installed.package.architecture.as_deref() {
            self.architecture = None;
        }
        if self.layer != layer {
            self.layer = None;
        }
    }
}

/// All problems of a report: of no single image first, then each image's; none twice.
pub(crate) fn problems(report: &Report) -> Vec<&Problem> {
    let mut seen = std::collections::BTreeSet::new();
    let of_images = report.images.iter().flat_map(|image| &image.problems);
    let all = report.problems.iter().chain(of_images);
    all.filter(|it| seen.insert((it.kind, &it.what, it.layer, &it.path, it.hides_findings))).collect()
}

/// How often this was counted before.
fn count<K: Ord>(seen: &mut BTreeMap<K, usize>, key: K) -> usize {
    let times = seen.entry(key).or_insert(0);
    *times += 1;
    *times - 1
}

fn layer_of<'a>(image: &'a ImageReport, installed: &InstalledPackage) -> Option<Layer<'a>> {
    let index = installed.origin.layer?;
    Some(Layer { index, info: image.layers.get(index)? })
}

/// The first package URL with those qualifiers only that the second has too.
fn common_purl(left: &str, right: &str) -> String {
    let qualifiers = |purl| -> Vec<&str> {
        let (_, qualifiers): (&str, &str) = str::split_once(purl, '?').unwrap_or_default();
        qualifiers.split('&').filter(|it| !it.is_empty()).collect()
    };
    let theirs: std::collections::BTreeSet<&str> = qualifiers(right).into_iter().collect();
    let mut common = Purl::without_qualifiers(left).to_owned();
    for (index, qualifier) in qualifiers(left).into_iter().filter(|it| theirs.contains(it)).enumerate() {
        common.push(if index == 0 { '?' } else { '&' });
        common.push_str(qualifier);
    }
    common
}

/// Malware, then vulnerabilities, then what is kept apart or suppressed; in each the most severe first, of
/// those the exploited, of those the likeliest to be.
fn worst_first(finding: &Finding) -> impl Ord + use<'_> {
    let class = match finding.class {
        _ if finding.suppressed.is_some() => 3,
        FindingClass::Malware => 0,
        FindingClass::Vulnerability => 1,
        FindingClass::KernelHeaders | FindingClass::Informational => 2,
    };
    let epss = finding.epss.as_ref().map_or(0, |it| it.score_millionths);
    (class, Reverse(finding.severity.severity), finding.kev.is_none(), Reverse(epss), &finding.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    /// Two platforms with one package and one finding each.
    fn two(first: Finding, second: Finding) -> Report {
        let mut report = golden::index();
        report.images.truncate(2);
        for (image, finding) in report.images.iter_mut().zip([first, second]) {
            image.packages = vec![golden::system_package("libfamous", "1.0.9", "libfamous", 0)];
            image.findings = vec![finding];
        }
        assert_eq!(report.images.len(), 2);
        report
    }

    fn rated(severity: Severity) -> Finding {
        golden::finding("CVE-2024-0001", severity, 0)
    }

    #[test]
    fn the_platform_where_it_is_worst_decides_which_severity_is_counted() {
        for (first, second) in [(Severity::Low, Severity::Critical), (Severity::Critical, Severity::Low)] {
            let summary = two(rated(first), rated(second)).summary();
            assert_eq!(summary.highest(), Some(Severity::Critical));
            assert_eq!((summary.total(), summary.findings), (1, 1));
        }
    }

    #[test]
    fn what_is_suppressed_on_one_platform_counts_on_the_other() {
        let exception = golden::everything().images[0].findings.iter().find_map(|it| it.suppressed.clone());
        let mut suppressed = rated(Severity::High);
        suppressed.suppressed = Some(exception.expect("one of the golden findings is suppressed"));
        let other = golden::fixed(rated(Severity::High), "2");
        for report in [two(suppressed.clone(), other.clone()), two(other, suppressed)] {
            let summary = report.summary();
            assert_eq!((summary.total(), summary.fixable), (1, 1));
            assert_eq!((summary.findings, summary.suppressed), (1, 1));
        }
    }
}
