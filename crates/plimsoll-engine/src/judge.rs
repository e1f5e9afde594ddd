//! From inventories to a report: what the matcher is told of the world, what it says, and when
//! the distribution's support ends.

use std::cell::RefCell;
use std::collections::BTreeSet;

use plimsoll_core::{
    Digest, Distro, Ecosystem, EndOfLife, Finding, FindingClass, ImageReport, Inventory, LayerInfo, Package,
    PackageRef, Problem, ProblemKind, Realm, Report, ReportDigests, SnapshotInfo, Subject, Support,
    Timestamp,
};
use plimsoll_ecosystems as ecosystems;
use plimsoll_ecosystems::distro::Coverage;
use plimsoll_ecosystems::evidence::PROGRAMS;
use plimsoll_ecosystems::redhat::{Channels, Stand};
pub use plimsoll_match::{Answer, Explanation, Place, Remedy, vulnerability};
use plimsoll_match::{
    Context, Explained, FINDINGS_MAX, Judges, Planning, Reach, apply_image_statements, describe,
    inventory_digest, match_inventory, matcher_digest, plan,
};
use plimsoll_vulndb::Snapshot;
use plimsoll_vulndb::feeds::{missing_feeds, nvd_names};
use sha2::{Digest as _, Sha256};

use crate::scan::{Scan, ScannedImage};
use crate::{programs, unnamed};

/// A snapshot to judge by, and what reports say of it.
pub struct Answers<'a, B: AsRef<[u8]>> {
    /// The snapshot.
    pub snapshot: &'a Snapshot<B>,
    /// What reports say of it.
    pub info: &'a SnapshotInfo,
    /// Whether advisories that are no vulnerabilities (unmaintained, unsound) are wanted, too.
    pub informational: bool,
    /// Whether findings are wanted with the texts of their vulnerabilities: summaries, descriptions
    /// and references.
    pub texts: bool,
}

/// Ratings and vectors are taken from these first where the vendor says nothing itself: those
/// who looked at the package before those who looked at the text.
const TRUST: &[&str] = &["ghsa", "cna", "cisa-adp", "nvd"];

/// A snapshot older than this is said to be old.
const OLD_SNAPSHOT_SECONDS: i64 = 7 * 86_400;

/// Judges everything that a scan found. Without a snapshot the report has the packages only, and
/// says that nothing was judged.
pub fn judge<B: AsRef<[u8]> + Sync>(scan: Scan, answers: Option<&Answers<'_, B>>, now: Timestamp) -> Report {
    let mut problems = scan.problems;
    match answers {
        None => problems.push(Problem::new(
            ProblemKind::Database,
            "there is no vulnerability database, so that nothing was judged; run `plimsoll db update`",
        )),
        Some(answers) if now.0 - answers.info.built.0 > OLD_SNAPSHOT_SECONDS => {
            let what = format!(
                "the vulnerability database is {} days old; run `plimsoll db update`",
                (now.0 - answers.info.built.0) / 86_400
            );
            problems.push(Problem::new(ProblemKind::Database, what).harmless());
        }
        Some(_) => (),
    }
    Report {
        subject: scan.subject,
        created: now,
        snapshot: answers.map(|answers| answers.info.clone()),
        images: scan.images.into_iter().map(|image| judge_image(image, answers, now)).collect(),
        problems,
    }
}

/// Judges packages that a document lists, without an image.
pub fn judge_inventory<B: AsRef<[u8]> + Sync>(
    subject: Subject,
    inventory: Inventory,
    answers: Option<&Answers<'_, B>>,
    now: Timestamp,
) -> Report {
    judge(Scan::of_inventory(subject, inventory), answers, now)
}

/// The packages alone, for those who ask for no more.
pub fn packages_only(scan: Scan, now: Timestamp) -> Report {
    let none: Option<&Answers<'_, Vec<u8>>> = None;
    Report {
        subject: scan.subject,
        created: now,
        snapshot: None,
        images: scan.images.into_iter().map(|image| judge_image(image, none, now)).collect(),
        problems: scan.problems,
    }
}

pub(crate) fn judge_image<B: AsRef<[u8]> + Sync>(
    image: ScannedImage,
    answers: Option<&Answers<'_, B>>,
    now: Timestamp,
) -> ImageReport {
    let ScannedImage { digest, config_digest, mut inventory } = image;
    let digests = ReportDigests {
        inventory: inventory_digest(&inventory),
        snapshot: answers.map(|answers| answers.info.digest),
        vex: Digest::sha256(Sha256::digest([]).into()),
        matcher: matcher(),
    };
    if let Some(answers) = answers {
        unnamed::resolve(&mut inventory, answers.snapshot);
    }
    programs::settle(&mut inventory, answers.map(|answers| answers.snapshot));
    let mut findings = Vec::new();
    let mut problems = std::mem::take(&mut inventory.problems);
    let mut end_of_life = None;
    if let Some(answers) = answers {
        let (world, unread) = World::of(&inventory, answers.snapshot);
        problems.extend(unread);
        problems.extend(unjudged(&world, &inventory, answers));
        world.with_context(answers.informational, |context| {
            let matches = match_inventory(&inventory, answers.snapshot, context);
            problems.extend(matches.problems);
            findings = matches.findings;
        });
        if let (Some(digest), Some(_)) = (&digest, &world.channels) {
            let realm = ecosystems::redhat::IMAGES_REALM;
            problems.extend(apply_image_statements(&mut findings, answers.snapshot, realm, digest));
        }
        if answers.texts {
            problems.extend(describe(&mut findings, answers.snapshot));
        }
        problems.extend(world.notes());
        match &inventory.distro {
            None => (),
            Some(distro) => match find_end_of_life(distro, answers.snapshot) {
                Ok(found) => end_of_life = found,
                Err(problem) => problems.push(problem),
            },
        }
    }
    ImageReport {
        platform: inventory.platform,
        digest,
        config_digest,
        distro: inventory.distro,
        support: end_of_life.as_ref().map_or(Support::Unknown, |it| it.support(now)),
        support_ends: end_of_life.as_ref().and_then(|it| it.ends),
        layers: inventory.layers,
        packages: inventory.packages,
        findings,
        problems,
        digests,
    }
}

/// The realms that the database covers by their lesser feeds alone: it holds only some feeds, and
/// what the others would say of the image is not known.
fn unjudged<B: AsRef<[u8]>>(world: &World, inventory: &Inventory, answers: &Answers<'_, B>) -> Vec<Problem> {
    let kinds = inventory.packages.iter().map(|it| it.package.kind.as_str());
    let languages = kinds.filter(|kind| !ecosystems::is_operating_system(kind));
    let realms: BTreeSet<&str> = world.realms.iter().map(|it| it.0.as_str()).chain(languages).collect();
    let there: Vec<&str> = answers.info.feeds.iter().map(|(id, _)| id.as_str()).collect();
    let missing = realms.into_iter().filter_map(|realm| {
        let feeds = missing_feeds(realm, &there).filter(|_| answers.snapshot.covers(realm))?;
        Some(Problem::new(
            ProblemKind::NotCovered,
            format!(
                "the database holds little about {realm}: {} is not in it; `plimsoll db update --feed {}` gets it",
                feeds.join(" or "),
                feeds.first()?
            ),
        ))
    });
    missing.collect()
}

/// The digest of the matcher: its rules and the ecosystems' table.
pub fn matcher() -> Digest {
    matcher_digest(&ecosystems::table_digest_input())
}

/// Why one vulnerability does or does not apply to an image.
pub fn explain<B: AsRef<[u8]>>(id: &str, inventory: &Inventory, snapshot: &Snapshot<B>) -> Explained {
    let mut explained = Explained::default();
    let (world, unread) = World::of(inventory, snapshot);
    // Somebody who asks about an advisory by its name wants to know, whatever its class.
    world.with_context(true, |context| {
        explained = plimsoll_match::explain(id, inventory, snapshot, context);
    });
    explained.problems.extend(unread);
    explained
}

/// What to do next about an image: upgrades that clear what has a fix.
pub fn remedies(image: &ImageReport) -> Vec<Remedy> {
    let planning = Planning {
        ecosystem: &ecosystems::by_purl_type,
        base_layers: base_layers(&image.layers),
        command: &ecosystems::upgrade::command,
        hint: &ecosystems::upgrade::hint,
    };
    plan(&image.packages, image.findings.iter().filter(|it| is_for_upgrades(it)), &planning)
}

/// How many of the lowest layers are the base image's, where that is known.
fn base_layers(layers: &[LayerInfo]) -> Option<usize> {
    let known = layers.iter().any(|it| it.from_base.is_some());
    known.then(|| layers.iter().take_while(|it| it.from_base == Some(true)).count())
}

/// Whether an upgrade is worth it: not for what somebody vouches for, nor for what is no
/// vulnerability. (The plan itself leaves kernel headers out.)
fn is_for_upgrades(finding: &Finding) -> bool {
    finding.suppressed.is_none() && finding.class != FindingClass::Informational
}

/// Where a remedy is to be carried out, in words.
pub fn place_in_words(place: Place) -> &'static str {
    match place {
        Place::Own => "in this image's own layers",
        Place::Base => "in the base image",
        Place::Unknown => "in the image",
    }
}

/// What is known of the world around one image's packages.
struct World {
    realms: Vec<Realm>,
    uncovered: String,
    purl_type: Option<&'static str>,
    note: Option<&'static str>,
    distro: Option<Distro>,
    /// Which channels the image has, where its distribution has any (rules 34 to 39).
    channels: Option<Channels>,
    /// Channels that the image has by its products and repositories, in other distributions.
    open: BTreeSet<&'static str>,
    /// Of each package the operating system's package that its file belongs to.
    owners: Vec<Option<PackageRef>>,
}

impl World {
    /// The world, and what of it could not be looked up.
    fn of<B: AsRef<[u8]>>(inventory: &Inventory, snapshot: &Snapshot<B>) -> (World, Vec<Problem>) {
        let (mut realms, uncovered, note) = match inventory.distro.as_ref().map(ecosystems::distro::coverage)
        {
            None => (Vec::new(), "the image does not say which distribution it is".to_owned(), None),
            Some(Coverage::Covered { realms, note }) => (realms, String::new(), note),
            Some(Coverage::NotCovered(why)) => (Vec::new(), why, None),
        };
        let purl_type = inventory.distro.as_ref().and_then(ecosystems::distro::row).map(|row| row.purl_type);
        let owners = inventory.packages.iter().map(|it| it.owner).collect();
        let (channels, problems) = channels(inventory.distro.as_ref(), snapshot);
        if channels.as_ref().is_some_and(Channels::has_layered_products) {
            // Their packages may be for any release.
            realms.extend(
                realms.first().and_then(|it| it.0.split_once(':')).map(|(it, _)| Realm(it.to_owned())),
            );
        }
        let distro = inventory.distro.clone();
        let names = inventory.packages.iter().map(|it| it.package.name.as_str());
        let open = distro.as_ref().map(|it| ecosystems::suse::open_channels(it, names)).unwrap_or_default();
        (World { realms, uncovered, purl_type, note, distro, channels, open, owners }, problems)
    }

    fn with_context(&self, informational: bool, run: impl FnOnce(&Context<'_>)) {
        let judges = |package: &Package| -> Judges<'_> {
            if ecosystems::is_operating_system(&package.kind) {
                if let Some(why) = ecosystems::third_party::why_not_judged(package, self.distro.as_ref()) {
                    return Judges::Nobody(why);
                }
                if self.realms.is_empty() {
                    return Judges::Nobody(&self.uncovered);
                }
                if self.purl_type != Some(&package.kind) {
                    return Judges::Nobody("they are not of the distribution's own kind");
                }
                Judges::Vendor(&self.realms)
            } else if package.kind == PROGRAMS && nvd_names(&package.name).next().is_none() {
                Judges::Unspoken("no feed has advisories for programs of such names")
            } else {
                Judges::Registry
            }
        };
        let ecosystem = |kind: &str| -> Option<&'static dyn Ecosystem> { ecosystems::by_purl_type(kind) };
        let context = Context {
            ecosystem: &ecosystem,
            judges: &judges,
            reach: &|package, channel| self.reach(package, channel),
            can_have: &|channel, version| {
                self.channels.as_ref().is_some_and(|channels| channels.can_have(channel, version))
            },
            is_kernel_header: &ecosystems::kernel::is_header,
            owner: &|package| self.owners.get(package.0).copied().flatten(),
            trust: TRUST,
            informational,
            findings_max: FINDINGS_MAX,
        };
        run(&context);
    }

    fn reach(&self, package: &Package, channel: &str) -> Reach {
        match &self.channels {
            _ if ecosystems::channel::built_in(package, channel) => Reach::Own,
            None if self.open.contains(channel) => Reach::Open,
            None => Reach::Closed,
            Some(channels) => match channels.stand(package, channel) {
                Stand::Ordinary => Reach::Ordinary,
                Stand::Open => Reach::Open,
                Stand::Related => Reach::Related,
                Stand::Closed => Reach::Closed,
                Stand::Foreign => Reach::Foreign,
            },
        }
    }

    /// What people should know of where the advisories come from.
    fn notes(&self) -> impl Iterator<Item = Problem> {
        let of_channels = self.channels.iter().flat_map(|it| it.notes()).cloned();
        let of_distro = self.note.iter().map(|&note| note.to_owned());
        of_distro.chain(of_channels).map(|note| Problem::new(ProblemKind::NotCovered, note).harmless())
    }
}

/// The channels of an image, and what of them could not be looked up.
fn channels<B: AsRef<[u8]>>(
    distro: Option<&Distro>,
    snapshot: &Snapshot<B>,
) -> (Option<Channels>, Vec<Problem>) {
    let problems = RefCell::new(Vec::new());
    let lookup = |id: &str| match snapshot.repository_channels(id) {
        Ok(found) => found.map(|channels| channels.into_iter().map(str::to_owned).collect()),
        Err(error) => {
            problems.borrow_mut().push(Problem::new(ProblemKind::Database, error.to_string()));
            None
        }
    };
    let channels = distro.and_then(|distro| Channels::of(distro, &lookup));
    (channels, problems.into_inner())
}

fn find_end_of_life<B: AsRef<[u8]>>(
    distro: &Distro,
    snapshot: &Snapshot<B>,
) -> Result<Option<EndOfLife>, Problem> {
    let Some(name) = ecosystems::distro::end_of_life_name(distro) else {
        return Ok(None);
    };
    match snapshot.end_of_life(name.distro_id) {
        Ok(releases) => Ok(releases.into_iter().find(|it| it.release == name.release)),
        Err(error) => Err(Problem::new(ProblemKind::Database, error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_that_is_known_has_the_name_of_its_advisories() {
        for (package, cpe) in ecosystems::generic::programs() {
            let known: Vec<String> =
                nvd_names(package).map(|(vendor, product)| format!("{vendor}:{product}")).collect();
            assert!(known.iter().any(|it| it == cpe), "{package}: {cpe} is not among {known:?}");
        }
        // What other extractors find of this kind.
        for package in ["openjdk", "jdk", "erlang"] {
            assert!(nvd_names(package).next().is_some(), "{package}");
        }
    }
}
