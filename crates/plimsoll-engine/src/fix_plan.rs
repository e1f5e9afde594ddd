//! What to change in an image and what that comes to: the upgrades that clear what has a fix, carried
//! out on the list of its packages and judged again by the same database.
//!
//! Nothing is built or fetched: whether a version can be had where the image is made, nobody here knows.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{
    Finding, ImageReport, InstalledPackage, Inventory, Severity, Subject, SubjectKind, Summary, Timestamp,
};
use plimsoll_ecosystems as ecosystems;
use plimsoll_match::Remedy;

use crate::judge::{Answers, judge, remedies};
use crate::scan::{Scan, ScannedImage};

/// A plan for one image.
#[derive(Clone, Debug)]
pub struct FixPlan {
    /// The upgrades, those first that clear the worst.
    pub steps: Vec<Step>,
    /// What is found now.
    pub before: Summary,
    /// What would be found.
    pub after: Summary,
    /// What would be left, the worst first.
    pub left: Vec<Left>,
    /// What is found after the upgrades alone: the version that fixes one thing has another.
    pub introduced: Vec<Left>,
}

/// An upgrade.
#[derive(Clone, Debug)]
pub struct Step {
    /// The upgrade.
    pub remedy: Remedy,
    /// The names and versions of the packages that it is about.
    pub packages: Vec<(String, String)>,
    /// Which of the vulnerabilities that it is to clear are not found in these packages any more.
    pub cleared: Vec<String>,
    /// Which of them are found still.
    pub not_cleared: Vec<String>,
}

/// A vulnerability that would be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The vulnerability.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// In which package.
    pub package: String,
    /// Of which version.
    pub version: String,
    /// The version that fixes it, where there is one: in a channel that the image does not have, or one
    /// that no upgrade of the plan reaches.
    pub fixed_version: Option<String>,
    /// The channel that the fix needs.
    pub channel: Option<String>,
}

/// Plans and tries. `None` where there is nothing to judge by.
pub fn fix_plan<B: AsRef<[u8]> + Sync>(
    image: &ImageReport,
    answers: Option<&Answers<'_, B>>,
    now: Timestamp,
) -> Option<FixPlan> {
    let answers = answers?;
    let remedies = remedies(image);
    let mut packages = image.packages.clone();
    for (at, to) in targets(image, &remedies) {
        if let Some(package) = packages.get_mut(at) {
            raise(package, &to);
        }
    }
    let report = judge(changed(image, packages), Some(answers), now);
    let after = report.images.first()?;
    let (before_keys, after_keys) = (keys(image), keys(after));
    let steps = remedies.into_iter().map(|remedy| step(remedy, image, &after_keys)).collect();
    let (mut left, mut introduced) = (Vec::new(), Vec::new());
    for finding in after.findings.iter().filter(|it| it.counts()) {
        let Some(package) = after.packages.get(finding.package.0) else { continue };
        let list = match before_keys.contains(&key(finding, package)) {
            true => &mut left,
            false => &mut introduced,
        };
        list.push(as_left(finding, package));
    }
    Some(FixPlan { steps, before: image.summary(), after: after.summary(), left, introduced })
}

/// What a package is raised to.
struct Raised {
    version: String,
    is_own: bool,
}

/// Which packages are raised to what: of several upgrades of one package the highest, and one in a
/// channel that the image does not have is not carried out.
fn targets(image: &ImageReport, remedies: &[Remedy]) -> BTreeMap<usize, Raised> {
    let mut targets: BTreeMap<usize, Raised> = BTreeMap::new();
    for remedy in remedies.iter().filter(|it| it.channel.is_none()) {
        for at in &remedy.packages {
            let Some(installed) = image.packages.get(at.0) else { continue };
            let is_own = installed.package.source.as_ref().is_none_or(|source| source.name != remedy.name);
            let is_higher = targets.get(&at.0).is_none_or(|known| {
                let ecosystem = ecosystems::by_purl_type(&installed.package.kind);
                ecosystem.is_none_or(|it| it.compare(&known.version, &remedy.to) == Ok(Ordering::Less))
            });
            if is_higher {
                targets.insert(at.0, Raised { version: remedy.to.clone(), is_own });
            }
        }
    }
    targets
}

/// The package as it would be. Where a fix is said of the source, all that is built from it has its
/// version, which is what distributions do but for rebuilds.
fn raise(installed: &mut InstalledPackage, to: &Raised) {
    let package = &mut installed.package;
    let source_version = package.source.as_ref().and_then(|it| it.version.as_deref());
    let was_same = source_version.is_none_or(|it| it == package.version);
    if let Some(source) = package.source.as_mut()
        && (!to.is_own || was_same)
    {
        source.version = Some(to.version.clone());
    }
    package.version.clone_from(&to.version);
    // It named the version that was.
    package.purl = None;
    package.source_rpm = None;
    // Which functions the new version links in, nobody knows.
    package.functions = None;
}

/// The image with other packages.
fn changed(image: &ImageReport, packages: Vec<InstalledPackage>) -> Scan {
    let inventory = Inventory {
        distro: image.distro.clone(),
        platform: image.platform.clone(),
        layers: image.layers.clone(),
        packages,
        unnamed: Vec::new(),
        problems: Vec::new(),
    };
    let (name, kind) = (String::new(), SubjectKind::Image);
    let subject = Subject { name, kind, digest: image.digest, media_type: None };
    let images = vec![ScannedImage { digest: image.digest, config_digest: image.config_digest, inventory }];
    Scan { images, ..Scan::of_inventory(subject, Inventory::default()) }
}

/// A finding, by what stays when a version changes.
type Key = (String, String, String, String);

fn key(finding: &Finding, installed: &InstalledPackage) -> Key {
    let package = &installed.package;
    (finding.id.clone(), package.kind.clone(), package.name.clone(), installed.origin.path.to_string())
}

fn keys(image: &ImageReport) -> BTreeSet<Key> {
    let counting = image.findings.iter().filter(|it| it.counts());
    counting.filter_map(|it| Some(key(it, image.packages.get(it.package.0)?))).collect()
}

fn step(remedy: Remedy, image: &ImageReport, after: &BTreeSet<Key>) -> Step {
    let installed: Vec<&InstalledPackage> =
        remedy.packages.iter().filter_map(|it| image.packages.get(it.0)).collect();
    let is_found = |id: &str| {
        installed.iter().any(|it| {
            let package = &it.package;
            let path = it.origin.path.to_string();
            after.contains(&(id.to_owned(), package.kind.clone(), package.name.clone(), path))
        })
    };
    let (not_cleared, cleared) = remedy.clears.iter().cloned().partition(|id| is_found(id));
    let packages = installed.iter().map(|it| (it.package.name.clone(), it.package.version.clone()));
    let mut packages: Vec<(String, String)> = packages.collect();
    packages.sort_unstable();
    packages.dedup();
    Step { packages, cleared, not_cleared, remedy }
}

fn as_left(finding: &Finding, installed: &InstalledPackage) -> Left {
    Left {
        id: finding.id.clone(),
        severity: finding.severity.severity,
        package: installed.package.name.clone(),
        version: installed.package.version.clone(),
        fixed_version: finding.fixed_version.clone(),
        channel: finding.fix_channel.clone(),
    }
}
