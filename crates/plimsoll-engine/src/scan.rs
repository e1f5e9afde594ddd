//! From a location to inventories: opens the source, gets the facts of its layers, lays the
//! layers over one another.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use plimsoll_core::{
    Digest, Evidence, Extractor, Files, ImagePath, InstalledPackage, Inventory, LayerInfo, Limits,
    PackageRef, Problem, ProblemKind, Subject, SubjectKind,
};
use plimsoll_ecosystems as ecosystems;
use plimsoll_image::squash::View;
use plimsoll_image::walk::Stop;
use plimsoll_registry::{
    Attachments, Content, Holding, Location, Opened, SourceImage, SourceLayer, open_held,
};

use crate::ScanError;
use crate::again::{read_file, read_missing};
use crate::cache::FactCache;
use crate::extract::{Held, Wanted};
use crate::inventory::{Extra, Knowledge, Missing, Squash};
use crate::kept::{self, Identity};
use crate::layers::{KnownLayer, LayerReader, in_time};
use crate::owned::Owners;
use crate::progress::{Listener, Progress};
use crate::rootfs;

/// What a scan needs besides its location.
pub struct ScanOptions<'a> {
    /// How to get at images.
    pub source: plimsoll_registry::Options,
    /// The limits.
    pub limits: Limits,
    /// Where facts are kept.
    pub cache: FactCache,
    /// Who listens.
    pub listener: Listener<'a>,
    /// Set to stop the scan.
    pub cancelled: &'a AtomicBool,
    /// Whether the layers of a local Docker archive are hashed and compared with its claims.
    pub verify_layers: bool,
}

/// What was found, before anything is matched.
#[derive(Debug)]
pub struct Scan {
    /// What was scanned.
    pub subject: Subject,
    /// One inventory an image.
    pub images: Vec<ScannedImage>,
    /// Problems of no single image.
    pub problems: Vec<Problem>,
    /// What is attached to the images, for those who ask.
    pub attachments: Attachments,
}

/// One image's inventory.
#[derive(Debug)]
pub struct ScannedImage {
    /// The digest of its manifest.
    pub digest: Option<Digest>,
    /// The digest of its configuration.
    pub config_digest: Option<Digest>,
    /// What is installed.
    pub inventory: Inventory,
}

impl Scan {
    /// An inventory that nobody had to scan for: of a document that lists packages.
    pub fn of_inventory(subject: Subject, inventory: Inventory) -> Scan {
        let digest = subject.digest;
        let images = vec![ScannedImage { digest, config_digest: None, inventory }];
        Scan { subject, images, problems: Vec::new(), attachments: Attachments::none() }
    }
}

/// Scans what lies at a location.
pub fn scan(name: &str, location: &Location, options: &ScanOptions<'_>) -> Result<Scan, ScanError> {
    let started = Instant::now();
    let opened =
        plimsoll_registry::open(location, &options.source, &options.limits).map_err(ScanError::Source)?;
    scan_opened(name, opened, options, started)
}

/// Makes what all scans need, so that the first one of a server does not wait for it.
pub fn warm_up() {
    LazyLock::force(&WANTED);
}

/// Scans a manifest that this program holds itself.
pub fn scan_held(
    name: &str,
    holding: Arc<dyn Holding>,
    manifest: (&Digest, &str),
    options: &ScanOptions<'_>,
) -> Result<Scan, ScanError> {
    let started = Instant::now();
    let opened = open_held(holding, manifest, name.to_owned(), &options.source, &options.limits);
    scan_opened(name, opened.map_err(ScanError::Source)?, options, started)
}

fn scan_opened(
    name: &str,
    opened: Opened,
    options: &ScanOptions<'_>,
    started: Instant,
) -> Result<Scan, ScanError> {
    let mut scan = Scan {
        subject: opened.subject,
        images: Vec::new(),
        problems: opened.problems,
        attachments: opened.attachments,
    };
    name.clone_into(&mut scan.subject.name);
    let wanted = &*WANTED;
    match opened.content {
        Content::NotSupported { why } => {
            scan.subject.kind = SubjectKind::NotSupported;
            scan.problems.push(Problem::new(ProblemKind::Unsupported, why));
        }
        Content::RootFileSystem(path) => {
            let (limits, cancelled) = (&options.limits, options.cancelled);
            let layers = [Arc::new(rootfs::read(&path, wanted, limits, started, cancelled)?)];
            let in_time = || in_time(started, cancelled, limits);
            let (mut inventory, view) = root_inventory(&path, &layers, wanted, limits, &in_time)?;
            settle(&mut inventory, view, &layers, &options.cache);
            for package in &mut inventory.packages {
                package.origin.layer = None;
            }
            scan.images.push(ScannedImage { digest: None, config_digest: None, inventory });
        }
        Content::Images(images) => {
            for image in images {
                scan.images.push(scan_image(&image, wanted, options, started)?);
            }
        }
    }
    Ok(scan)
}

fn scan_image(
    image: &SourceImage,
    wanted: &Wanted,
    options: &ScanOptions<'_>,
    started: Instant,
) -> Result<ScannedImage, ScanError> {
    let reader = LayerReader::new(
        &options.cache,
        wanted,
        &options.limits,
        options.listener,
        options.cancelled,
        started,
        options.verify_layers,
    );
    let known = reader.identify_all(&image.layers);
    let kept = known.as_ref().and_then(|known| recall(known, &reader));
    let (mut inventory, layers) = match (kept, known) {
        (Some(inventory), Some(known)) => (inventory, known_infos(image, &known)),
        _ => inventory_of(image, &reader)?,
    };
    inventory.layers = layers;
    inventory.platform.clone_from(&image.platform);
    inventory.problems.splice(0..0, image.problems.iter().cloned());
    let config_digest = Some(image.config_digest);
    Ok(ScannedImage { digest: image.manifest_digest.or(config_digest), config_digest, inventory })
}

/// What an earlier scan found that these layers come to.
fn recall(layers: &[Identity], reader: &LayerReader<'_>) -> Option<Inventory> {
    let inventory = reader.cache.load_inventory(&kept::key(layers, reader.limits)?, layers)?;
    let count = layers.len();
    let fits = |package: &InstalledPackage| package.origin.layer.is_some_and(|layer| layer < count);
    if !inventory.packages.iter().all(fits) {
        return None;
    }
    reader.announce_known(count);
    (reader.listener)(Progress::Matching);
    Some(inventory)
}

/// What the layers of an image come to, without what is the image's alone; and the layers. Kept for
/// the next scan if all of it was to be had.
fn inventory_of(
    image: &SourceImage,
    reader: &LayerReader<'_>,
) -> Result<(Inventory, Vec<LayerInfo>), ScanError> {
    let mut layers = reader.read_all(&image.layers)?;
    (reader.listener)(Progress::Matching);
    let infos = layer_infos(image, &layers);
    let extractors = reader.wanted.extractors();
    let extra;
    let mut squash = Squash::new(&layers, &[], extractors, reader.limits);
    let missing = squash.missing();
    let mut whole = true;
    let (mut inventory, view) = if missing.is_empty() {
        squash.inventory(&KNOWLEDGE, reader.limits)
    } else {
        drop(squash);
        let again = read_missing(image, &mut layers, &missing, reader, extractors)?;
        whole &= again.whole;
        extra = again.facts;
        squashed(&layers, &extra, extractors, reader.limits, &mut whole)
    };
    whole &= settle(&mut inventory, view, &layers, reader.cache);
    let known: Option<Vec<Identity>> =
        layers.iter().zip(&image.layers).map(|(layer, source)| layer.identity(source)).collect();
    if whole && let Some(key) = known.and_then(|known| kept::key(&known, reader.limits)) {
        reader.cache.save_inventory(&key, &inventory);
    }
    Ok((inventory, infos))
}

/// Finds out which packages of languages and programs belong to packages of the operating
/// system, and leaves out what better witnesses tell. Returns whether the cache still had all that
/// this takes.
fn settle(inventory: &mut Inventory, view: View<'_>, layers: &[Arc<KnownLayer>], cache: &FactCache) -> bool {
    let is_system = |it: &InstalledPackage| {
        it.package.evidence == Evidence::Installed && ecosystems::is_operating_system(&it.package.kind)
    };
    if inventory.packages.iter().all(is_system) {
        return true;
    }
    let mut whole = true;
    let mut owned = Vec::with_capacity(layers.len());
    for layer in layers {
        let of_layer = layer.owned(cache);
        whole &= of_layer.is_some();
        owned.push((&layer.facts.index, of_layer.unwrap_or_default()));
    }
    let owners = Owners::new(view, owned, &inventory.packages, is_system);
    let found: Vec<Option<PackageRef>> = inventory
        .packages
        .iter()
        .map(|it| if is_system(it) { None } else { owners.of(&it.origin.path) })
        .collect();
    let problems: Vec<Problem> = owners.problems().cloned().collect();
    for problem in inventory.problems.iter_mut().filter(|it| it.kind == ProblemKind::NotCovered) {
        // What nobody can name has a name after all: the vendor's package, which is judged.
        if problem.path.as_ref().is_some_and(|path| owners.of(path).is_some()) {
            problem.hides_findings = false;
        }
    }
    for (it, owner) in inventory.packages.iter_mut().zip(found) {
        it.owner = owner;
    }
    inventory.problems.extend(problems);
    let (keep, notes) = ecosystems::evidence::settle(&inventory.packages);
    inventory.problems.extend(notes);
    retain(&mut inventory.packages, &keep);
    whole
}

/// Keeps what is to be kept; owners move up with the others.
pub(crate) fn retain(packages: &mut Vec<InstalledPackage>, keep: &[bool]) {
    if keep.iter().all(|it| *it) {
        return;
    }
    let mut places = Vec::with_capacity(keep.len());
    let mut next = 0;
    for stays in keep {
        places.push(stays.then_some(PackageRef(next)));
        next += usize::from(*stays);
    }
    let mut kept = keep.iter();
    packages.retain(|_| kept.next().copied().unwrap_or(true));
    for package in packages {
        package.owner = package.owner.and_then(|owner| places.get(owner.0).copied().flatten());
    }
}

/// What all extractors want, compiled once for all scans of the process.
pub(crate) static WANTED: LazyLock<Wanted> =
    LazyLock::new(|| Wanted::all_of(ecosystems::extractors().collect()));

/// What is known of package worlds.
const KNOWLEDGE: Knowledge = Knowledge {
    merge_distro: ecosystems::distro::merge_distro,
    purl: |package, distro| ecosystems::purl_of(package, distro).to_string(),
};

fn squashed<'a>(
    layers: &'a [Arc<KnownLayer>],
    extra: &'a [Extra],
    extractors: &'a [&'static dyn Extractor],
    limits: &Limits,
    whole: &mut bool,
) -> (Inventory, View<'a>) {
    let mut squash = Squash::new(layers, extra, extractors, limits);
    // Asked again for the problems it notes. A file that is missing still was asked for and did
    // not come, whatever the reason.
    let still_missing = squash.missing();
    let (mut inventory, view) = squash.inventory(&KNOWLEDGE, limits);
    for missing in still_missing {
        let (path, extractor, what) = match missing {
            Missing::Directory { .. } => continue,
            Missing::File { path, extractor, .. } | Missing::Linked { path, extractor, .. } => {
                let what = "links lead to this file, and it could not be read when it was looked for again";
                (path, extractor, what)
            }
            Missing::Together { companion: (_, _, path), extractor, .. } => {
                (path, extractor, "it could not be read together with the file that it belongs to")
            }
        };
        *whole = false;
        let problem = Problem::new(ProblemKind::Malformed, what).at(&path);
        let finds_packages = extractors[extractor].finds_packages();
        inventory.problems.push(if finds_packages { problem } else { problem.harmless() });
    }
    (inventory, view)
}

fn root_inventory<'a>(
    root: &std::path::Path,
    layers: &'a [Arc<KnownLayer>],
    wanted: &'a Wanted,
    limits: &Limits,
    in_time: &dyn Fn() -> Result<(), Stop>,
) -> Result<(Inventory, View<'a>), ScanError> {
    let extractors = wanted.extractors();
    let missing = Squash::new(layers, &[], extractors, limits).missing();
    let mut extra = Vec::new();
    let mut problems = Vec::new();
    for missing in &missing {
        match in_time() {
            Err(Stop::Cancelled) => return Err(ScanError::Cancelled),
            Err(Stop::Limit(what)) => {
                problems.push(Problem::new(ProblemKind::Limit, what));
                break;
            }
            Ok(()) => (),
        }
        match root_facts(root, missing, extractors, limits) {
            Ok(facts) => extra.extend(facts),
            Err(problem) => problems.push(problem),
        }
    }
    let (mut inventory, _) = squashed(layers, &extra, extractors, limits, &mut true);
    inventory.problems.extend(problems);
    for problem in &mut inventory.problems {
        problem.layer = None;
    }
    // The extra facts do not outlive this function, and the view has no need of them.
    Ok((inventory, View::new(layers.iter().map(|layer| &layer.facts.index).collect(), limits)))
}

/// What was missing of a directory, read after all.
fn root_facts(
    root: &std::path::Path,
    missing: &Missing,
    extractors: &[&'static dyn Extractor],
    limits: &Limits,
) -> Result<Vec<Extra>, Problem> {
    let get = |path: &ImagePath| rootfs::read_file(root, path, limits);
    let seen = |extractor: usize, linked: bool, path: &ImagePath, content: &[u8]| {
        let facts = read_file(extractors[extractor], path, content, (&(), Vec::new()), limits);
        Extra { layer: 0, extractor, linked, facts }
    };
    match missing {
        Missing::File { path, extractor, .. } => Ok(vec![seen(*extractor, false, path, &get(path)?)]),
        Missing::Linked { path, link, extractor, .. } => Ok(vec![seen(*extractor, true, link, &get(path)?)]),
        Missing::Directory { path, ending, extractor } => rootfs::list(root, path, ending)?
            .iter()
            .map(|path| Ok(seen(*extractor, false, path, &get(path)?)))
            .collect(),
        Missing::Together { main, companion, extractor } => {
            let (content, other) = (get(&main.1)?, get(&companion.2)?);
            let held = BTreeMap::from([(companion.0.clone(), other)]);
            let others = (&Held(&held) as &dyn Files, vec![companion.0.clone()]);
            let facts = read_file(extractors[*extractor], &main.1, &content, others, limits);
            Ok(vec![Extra { layer: 0, extractor: *extractor, linked: false, facts }])
        }
    }
}

fn layer_infos(image: &SourceImage, layers: &[Arc<KnownLayer>]) -> Vec<LayerInfo> {
    let infos = image.layers.iter().zip(layers);
    infos.map(|(source, known)| layer_info(source, known.diff_id, known.verified)).collect()
}

fn known_infos(image: &SourceImage, known: &[Identity]) -> Vec<LayerInfo> {
    let infos = image.layers.iter().zip(known);
    infos.map(|(source, known)| layer_info(source, known.diff_id, known.verified)).collect()
}

fn layer_info(source: &SourceLayer, diff_id: Digest, verified: bool) -> LayerInfo {
    LayerInfo {
        diff_id,
        verified,
        digest: source.digest,
        size_bytes: source.size_bytes,
        instruction: source.made.instruction.clone(),
        from_base: source.made.from_base,
        settings: source.made.settings.clone(),
    }
}
