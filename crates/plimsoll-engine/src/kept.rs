//! The inventory of an image, kept for the next scan of the same layers.
//!
//! Laying layers over one another takes longer than all the rest of a scan whose layers are
//! known, and always comes to the same. So the outcome is kept under a key of everything that it
//! depends on: the layers' facts, what stands for their sizes, the limits, the extractors, and
//! this very build of Plimsoll, for the code that merges has no number of its own that
//! somebody could forget to raise. What is the image's alone (its platform, its history, its own
//! problems) is not in it. Nothing is kept of an image that could not be read completely.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use plimsoll_core::{Digest, InstalledPackage, Inventory, Limits, Origin, PackageRef, Problem};
use plimsoll_ecosystems as ecosystems;
use plimsoll_image::index::HashKey;
use plimsoll_vulndb::codec::{Reader, Writer};
use sha2::{Digest as _, Sha256};

use crate::facts;

/// Which layer it is, and under which key its facts lie in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The key of its facts.
    pub kept_under: Digest,
    /// The digest that we computed where `verified`; otherwise the one claimed.
    pub diff_id: Digest,
    /// Whether the layer was hashed.
    pub verified: bool,
    /// Its size as stored, in bytes, which the size of what it holds is weighed against.
    pub size_bytes: Option<u64>,
}

/// The key of the inventory of these layers; `None` where it is not known which build this is.
pub fn key(layers: &[Identity], limits: &Limits) -> Option<Digest> {
    let mut text = format!("plimsoll inventory of layers\n{}\n{limits:?}\n", build()?);
    text.push_str(&ecosystems::table_digest_input());
    for Identity { kept_under, diff_id, verified, size_bytes } in layers {
        let _ = writeln!(text, "layer {kept_under} {diff_id} {verified} {size_bytes:?}");
    }
    Some(Digest::sha256(Sha256::digest(text.as_bytes()).into()))
}

/// A time before the year 2000 is none that a compiler wrote a file at: reproducible packages have
/// the beginning of 1970 or 1980.
const HONEST_TIME: Duration = Duration::from_secs(946_684_800);

/// What tells this build of Plimsoll from others: its version, and the size and time of its
/// executable; where the time was set to a fixed one, what is in it.
fn build() -> Option<&'static str> {
    static BUILD: OnceLock<Option<String>> = OnceLock::new();
    let find = || {
        let executable = std::env::current_exe().ok()?;
        Some(format!("{} {}", env!("CARGO_PKG_VERSION"), state_of(&executable)?))
    };
    BUILD.get_or_init(find).as_deref()
}

/// What tells the content of a file from others, at the price of reading it only if there is no other
/// way.
fn state_of(file: &Path) -> Option<String> {
    let metadata = std::fs::metadata(file).ok()?;
    let changed = metadata.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if changed < HONEST_TIME {
        return Some(Digest::sha256(Sha256::digest(std::fs::read(file).ok()?).into()).to_string());
    }
    Some(format!("{} {}", metadata.len(), changed.as_nanos()))
}

/// Raised with every change of the form below.
pub(crate) const FORMAT: &[u8; 8] = b"PLMINVT1";

/// Writes an inventory in the form of the cache; without layers and platform.
pub fn encode(inventory: &Inventory) -> Vec<u8> {
    let mut writer = Writer(FORMAT.to_vec());
    writer.flag(inventory.distro.is_some());
    if let Some(distro) = &inventory.distro {
        facts::write_distro(&mut writer, distro);
    }
    writer.number(inventory.packages.len() as u64);
    for installed in &inventory.packages {
        write_installed(&mut writer, installed);
    }
    writer.number(inventory.unnamed.len() as u64);
    for (path, archive) in &inventory.unnamed {
        writer.bytes(path.as_bytes());
        facts::write_unnamed(&mut writer, archive);
        write_layer(&mut writer, &archive.problem);
    }
    facts::write_problems(&mut writer, &inventory.problems);
    for problem in &inventory.problems {
        write_layer(&mut writer, problem);
    }
    let checksum = HashKey([0; 16]).hash(&writer.0);
    writer.0.extend_from_slice(&checksum.to_le_bytes());
    writer.0
}

/// Reads an inventory as [`encode`] wrote it; `None` where the bytes are damaged or of another
/// format.
pub fn decode(bytes: &[u8]) -> Option<Inventory> {
    let (content, sum) = bytes.split_last_chunk::<8>()?;
    if HashKey([0; 16]).hash(content) != u64::from_le_bytes(*sum) {
        return None;
    }
    let mut reader = Reader(content.strip_prefix(FORMAT)?);
    let distro = if reader.flag()? { Some(facts::read_distro(&mut reader)?) } else { None };
    let count = reader.count(16)?;
    let mut packages = Vec::with_capacity(count);
    for _ in 0..count {
        packages.push(read_installed(&mut reader)?);
    }
    if packages.iter().filter_map(|it| it.owner).any(|owner| owner.0 >= count) {
        return None;
    }
    let mut unnamed = Vec::new();
    for _ in 0..reader.count(20)? {
        let path = facts::read_path(&mut reader)?;
        let mut archive = facts::read_unnamed(&mut reader)?;
        archive.problem.layer = read_layer(&mut reader)?;
        unnamed.push((path, archive));
    }
    let mut problems = facts::read_problems(&mut reader)?;
    for problem in &mut problems {
        problem.layer = read_layer(&mut reader)?;
    }
    let whole = reader.0.is_empty();
    whole.then_some(Inventory { distro, platform: None, layers: Vec::new(), packages, unnamed, problems })
}

fn write_installed(writer: &mut Writer, installed: &InstalledPackage) {
    facts::write_package(writer, &installed.package);
    writer.bytes(installed.purl.as_bytes());
    writer.bytes(installed.origin.path.as_bytes());
    write_index(writer, installed.origin.layer);
    writer.bytes(installed.origin.extractor.as_bytes());
    write_index(writer, installed.owner.map(|owner| owner.0));
}

fn read_installed(reader: &mut Reader<'_>) -> Option<InstalledPackage> {
    let package = facts::read_package(reader)?;
    let purl = reader.text()?;
    let (path, layer, extractor) = (facts::read_path(reader)?, read_index(reader)?, reader.text()?);
    let owner = read_index(reader)?.map(PackageRef);
    Some(InstalledPackage { package, purl, origin: Origin { path, layer, extractor }, owner })
}

/// An index that may be missing: one more than it is, or nothing.
fn write_index(writer: &mut Writer, index: Option<usize>) {
    writer.number(index.map_or(0, |index| index as u64 + 1));
}

fn read_index(reader: &mut Reader<'_>) -> Option<Option<usize>> {
    match reader.number()? {
        0 => Some(None),
        more => Some(Some(usize::try_from(more - 1).ok()?)),
    }
}

fn write_layer(writer: &mut Writer, problem: &Problem) {
    writer.optional(problem.layer.map(|layer| layer.to_string()).as_deref());
}

fn read_layer(reader: &mut Reader<'_>) -> Option<Option<Digest>> {
    match reader.optional()? {
        None => Some(None),
        Some(text) => Some(Some(text.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::{Distro, ImagePath, Package, ProblemKind, UnnamedArchive};

    use super::*;

    fn example() -> Inventory {
        let path = ImagePath::new("app/a.jar");
        let installed = |name: &str, owner: Option<usize>| InstalledPackage {
            package: Package { kind: "x".into(), name: name.into(), ..Package::default() },
            purl: format!("pkg:x/{name}"),
            origin: Origin { path: path.clone(), layer: Some(0), extractor: "os/x".into() },
            owner: owner.map(PackageRef),
        };
        let layer = Digest::sha256([4; 32]);
        let problem = Problem::new(ProblemKind::NotCovered, "nobody knows it").at(&path);
        let archive = UnnamedArchive {
            sha1: [9; 20],
            label: "a.jar".into(),
            name: "a".into(),
            version: "1".into(),
            problem: problem.clone().in_layer(layer),
        };
        Inventory {
            distro: Some(Distro { id: "debian".into(), ..Distro::default() }),
            packages: vec![installed("a", Some(1)), installed("b", None)],
            unnamed: vec![(path, archive)],
            problems: vec![problem.clone(), problem.harmless().in_layer(layer)],
            ..Inventory::default()
        }
    }

    #[test]
    fn an_inventory_survives_being_written_and_read() {
        assert_eq!(decode(&encode(&example())), Some(example()));
        assert_eq!(decode(&encode(&Inventory::default())), Some(Inventory::default()));
    }

    #[test]
    fn a_damaged_inventory_is_never_half_believed() {
        let bytes = encode(&example());
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None, "cut at {length}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            assert_eq!(decode(&damaged), None, "damaged at {at}");
        }
    }

    #[test]
    fn an_owner_that_is_not_there_is_not_believed() {
        let mut inventory = example();
        inventory.packages[0].owner = Some(PackageRef(2));
        assert_eq!(decode(&encode(&inventory)), None);
    }

    #[test]
    fn builds_whose_time_was_set_to_a_fixed_one_are_told_apart_by_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plimsoll");
        let state = |content: &str, seconds: u64| {
            std::fs::write(&path, content).unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            std::fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
            state_of(&path).unwrap()
        };
        assert_ne!(state("one", 1), state("two", 1));
        assert_ne!(state("one", 2_000_000_000), state("one", 2_000_000_001));
    }

    #[test]
    fn the_key_changes_with_each_layer_and_limit() {
        let one = Identity {
            kept_under: Digest::sha256([1; 32]),
            diff_id: Digest::sha256([1; 32]),
            verified: true,
            size_bytes: Some(1),
        };
        let limits = Limits::standard();
        let key_of = |layers: &[Identity]| key(layers, &limits).unwrap();
        let first = key_of(&[one, one]);
        assert_eq!(first, key_of(&[one, one]));
        assert_ne!(first, key_of(&[one]));
        assert_ne!(first, key_of(&[one, Identity { verified: false, ..one }]));
        assert_ne!(first, key_of(&[one, Identity { size_bytes: Some(2), ..one }]));
        assert_ne!(first, key_of(&[one, Identity { kept_under: Digest::sha256([2; 32]), ..one }]));
        let fewer = Limits { packages: 1, ..limits.clone() };
        assert_ne!(Some(first), key(&[one, one], &fewer));
    }
}
