//! From inventories to a report: what the matcher is told of the world, what it says, and when
//! the distribution's support ends.

use plimsoll_core::{
    Digest, Distro, Ecosystem, EndOfLife, Finding, ImageReport, Inventory, Package, PackageRef, Problem,
    ProblemKind, Realm, Report, ReportDigests, SnapshotInfo, Subject, Support, Timestamp,
};
use plimsoll_ecosystems as ecosystems;
use plimsoll_ecosystems::distro::Coverage;
use plimsoll_match::{
    Context, Explained, FINDINGS_MAX, Judges, Place, Planning, Remedy, describe, inventory_digest,
    match_inventory, matcher_digest, plan,
};
use plimsoll_vulndb::Snapshot;
use sha2::{Digest as _, Sha256};

use crate::scan::{Scan, ScannedImage};

/// A snapshot to judge by, and what reports say of it.
pub struct Answers<'a, B: AsRef<[u8]>> {
    /// The snapshot.
    pub snapshot: &'a Snapshot<B>,
    /// What reports say of it.
    pub info: &'a SnapshotInfo,
}

/// Ratings and vectors are taken from these first where the vendor says nothing itself: those
/// who looked at the package before those who looked at the text.
const TRUST: &[&str] = &["ghsa", "cna", "cisa-adp", "nvd"];

/// A snapshot older than this is said to be old.
const OLD_SNAPSHOT_SECONDS: i64 = 7 * 86_400;

/// Judges everything that a scan found. Without a snapshot the report has the packages only, and
/// says that nothing was judged.
pub fn judge<B: AsRef<[u8]>>(scan: Scan, answers: Option<&Answers<'_, B>>, now: Timestamp) -> Report {
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
pub fn judge_inventory<B: AsRef<[u8]>>(
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

fn judge_image<B: AsRef<[u8]>>(
    image: ScannedImage,
    answers: Option<&Answers<'_, B>>,
    now: Timestamp,
) -> ImageReport {
    let ScannedImage { digest, mut inventory } = image;
    let digests = ReportDigests {
        inventory: inventory_digest(&inventory),
        snapshot: answers.map(|answers| answers.info.digest),
        vex: Digest::sha256(Sha256::digest([]).into()),
        matcher: matcher(),
    };
    let mut findings = Vec::new();
    let mut problems = std::mem::take(&mut inventory.problems);
    let mut end_of_life = None;
    if let Some(answers) = answers {
        let world = World::of(&inventory);
        world.with_context(|context| {
            let matches = match_inventory(&inventory, answers.snapshot, context);
            problems.extend(matches.problems);
            findings = matches.findings;
        });
        problems.extend(describe(&mut findings, answers.snapshot));
        problems.extend(world.note());
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

/// The digest of the matcher: its rules and the ecosystems' table.
pub fn matcher() -> Digest {
    matcher_digest(&ecosystems::table_digest_input())
}

/// Why one vulnerability does or does not apply to an image.
pub fn explain<B: AsRef<[u8]>>(id: &str, inventory: &Inventory, snapshot: &Snapshot<B>) -> Explained {
    let mut explained = Explained::default();
    World::of(inventory).with_context(|context| {
        explained = plimsoll_match::explain(id, inventory, snapshot, context);
    });
    explained
}

/// What to do next about an image: upgrades that clear what has a fix.
pub fn remedies(image: &ImageReport) -> Vec<Remedy> {
    let inventory = Inventory {
        distro: image.distro.clone(),
        platform: image.platform.clone(),
        layers: image.layers.clone(),
        packages: image.packages.clone(),
        problems: Vec::new(),
    };
    let planning = Planning {
        ecosystem: &ecosystems::by_purl_type,
        base_layers: None,
        command: &ecosystems::upgrade::command,
    };
    let counted: Vec<Finding> = image.findings.iter().filter(|it| it.suppressed.is_none()).cloned().collect();
    plan(&inventory, &counted, &planning)
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
    /// Of each package the operating system's package that its file belongs to.
    owners: Vec<Option<PackageRef>>,
}

impl World {
    fn of(inventory: &Inventory) -> World {
        let (realms, uncovered, note) = match inventory.distro.as_ref().map(ecosystems::distro::coverage) {
            None => (Vec::new(), "the image does not say which distribution it is".to_owned(), None),
            Some(Coverage::Covered { realms, note }) => (realms, String::new(), note),
            Some(Coverage::NotCovered(why)) => (Vec::new(), why, None),
        };
        let purl_type = inventory.distro.as_ref().and_then(ecosystems::distro::row).map(|row| row.purl_type);
        let owners = inventory.packages.iter().map(|it| it.owner).collect();
        World { realms, uncovered, purl_type, note, distro: inventory.distro.clone(), owners }
    }

    fn with_context(&self, run: impl FnOnce(&Context<'_>)) {
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
            } else {
                Judges::Registry
            }
        };
        let ecosystem = |kind: &str| -> Option<&'static dyn Ecosystem> { ecosystems::by_purl_type(kind) };
        let context = Context {
            ecosystem: &ecosystem,
            judges: &judges,
            channels: &[],
            built_in_channel: &ecosystems::channel::built_in,
            is_kernel_header: &ecosystems::kernel::is_header,
            owner: &|package| self.owners.get(package.0).copied().flatten(),
            trust: TRUST,
            informational: false,
            findings_max: FINDINGS_MAX,
        };
        run(&context);
    }

    /// What people should know of where the advisories come from.
    fn note(&self) -> Option<Problem> {
        self.note.map(|note| Problem::new(ProblemKind::NotCovered, note).harmless())
    }
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
