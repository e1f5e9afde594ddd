//! What was learned of one layer: its structure, and what each extractor saw in it.
//!
//! Facts belong to bytes, not to an image: they are kept under the digest that we computed of
//! the uncompressed layer, and each extractor's part under that extractor's version.

use std::sync::LazyLock;

use plimsoll_core::{
    Distro, Evidence, Extractor, ImagePath, Limits, LinkedFunctions, Observations, Package, Problem,
    ProblemKind, SourcePackage, UnnamedArchive,
};
use plimsoll_image::index::{HashKey, LayerIndex, Link};
use plimsoll_image::walk::WALK_VERSION;

use crate::owned::Owned;
use plimsoll_vulndb::codec::{Reader, Writer};

/// Everything known of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerFacts {
    /// What the layer does to the file system.
    pub index: LayerIndex,
    /// What was wrong with the archive itself, without hiding anything; a layer with other
    /// problems is not cached.
    pub problems: Vec<Problem>,
    /// Per extractor; without those of [`is_ownership`](crate::owned::is_ownership), which are
    /// here with no files.
    pub sections: Vec<Section>,
    /// Which files belong to which package; `None` where it was not asked for.
    pub owned: Option<Owned>,
}

/// What one extractor saw in one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The extractor's id.
    pub extractor: String,
    /// The extractor's version.
    pub version: u32,
    /// The files that it wanted, by their names in the layer's archive, sorted.
    pub files: Vec<FileFacts>,
}

/// What one extractor saw in one file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFacts {
    /// The file's name in the archive.
    pub path: ImagePath,
    /// The companions (see [`Extractor::companions`]) that were there with it.
    pub companions: Vec<ImagePath>,
    /// What was seen.
    pub observations: Observations,
}

impl Section {
    /// The facts of one file.
    pub fn file(&self, path: &ImagePath) -> Option<&FileFacts> {
        self.files.binary_search_by(|it| it.path.cmp(path)).ok().map(|at| &self.files[at])
    }

    /// Sets the facts of one file.
    pub fn set(&mut self, facts: FileFacts) {
        match self.files.binary_search_by(|it| it.path.cmp(&facts.path)) {
            Ok(at) => self.files[at] = facts,
            Err(at) => self.files.insert(at, facts),
        }
    }
}

impl LayerFacts {
    /// The section of an extractor, if it is of its present version.
    pub fn section(&self, extractor: &dyn Extractor) -> Option<&Section> {
        self.sections.iter().find(|it| it.extractor == extractor.id() && it.version == extractor.version())
    }
}

/// Raised with every change of the form below.
const FORMAT: &[u8; 8] = b"PLMFACT8";

/// What facts begin with: their form, and what else decides what is found in a layer besides
/// its bytes and the extractors, which are the walk and the limits.
static HEADER: LazyLock<Vec<u8>> = LazyLock::new(|| header(WALK_VERSION, &Limits::standard()));

fn header(walk_version: u32, limits: &Limits) -> Vec<u8> {
    let limits = checksum(format!("{limits:?}").as_bytes());
    [&FORMAT[..], &walk_version.to_le_bytes(), &limits.to_le_bytes()].concat()
}

/// Sections larger than this are compressed.
const COMPRESS_FROM_BYTES: usize = 128 << 10;

/// The most bytes that a compressed section may become.
const SECTION_BYTES_MAX: usize = 512 << 20;

/// Writes facts in the form of the cache.
pub fn encode(facts: &LayerFacts) -> Vec<u8> {
    let mut writer = Writer(HEADER.clone());
    let mut owned = Writer::default();
    facts.owned.as_ref().unwrap_or(&Owned::default()).write(&mut owned);
    writer.bytes(&owned.0);
    write_index(&mut writer, &facts.index);
    write_problems(&mut writer, &facts.problems);
    writer.number(facts.sections.len() as u64);
    for section in &facts.sections {
        writer.bytes(section.extractor.as_bytes());
        writer.number(u64::from(section.version));
        let mut body = Writer::default();
        body.number(section.files.len() as u64);
        for file in &section.files {
            write_file(&mut body, file);
        }
        let packed =
            (body.0.len() >= COMPRESS_FROM_BYTES).then(|| zstd::bulk::compress(&body.0, 1).ok()).flatten();
        writer.flag(packed.is_some());
        writer.bytes(&packed.unwrap_or(body.0));
    }
    let checksum = checksum(&writer.0);
    writer.0.extend_from_slice(&checksum.to_le_bytes());
    writer.0
}

/// Finds a damaged disk, not an attacker: the cache is the user's own.
fn checksum(bytes: &[u8]) -> u64 {
    HashKey([0; 16]).hash(bytes)
}

/// Reads facts as [`encode`] wrote them, but only the sections for which `wanted` says yes; the
/// others are left out. `None` where the bytes are of another format, damaged, or made by another
/// walk, under other limits or with another hash function.
pub fn decode(bytes: &[u8], wanted: &dyn Fn(&str, u32) -> bool) -> Option<LayerFacts> {
    let (content, sum) = bytes.split_last_chunk::<8>()?;
    if checksum(content) != u64::from_le_bytes(*sum) {
        return None;
    }
    let mut reader = Reader(content.strip_prefix(&HEADER[..])?);
    reader.bytes()?;
    let index = read_index(&mut reader)?;
    let problems = read_problems(&mut reader)?;
    let mut sections = Vec::new();
    for _ in 0..reader.count(4)? {
        let extractor = reader.text()?;
        let version = u32::try_from(reader.number()?).ok()?;
        let packed = reader.flag()?;
        let body = reader.bytes()?;
        if wanted(&extractor, version) {
            let unpacked;
            let body = if packed {
                unpacked = zstd::bulk::decompress(body, SECTION_BYTES_MAX).ok()?;
                &unpacked[..]
            } else {
                body
            };
            let mut body = Reader(body);
            let files = (0..body.count(4)?).map(|_| read_file(&mut body)).collect::<Option<_>>()?;
            sections.push(Section { extractor, version, files });
        }
    }
    Some(LayerFacts { index, problems, sections, owned: None })
}

/// Reads only which files belong to which package.
pub fn decode_owned(bytes: &[u8]) -> Option<Owned> {
    let (content, sum) = bytes.split_last_chunk::<8>()?;
    if checksum(content) != u64::from_le_bytes(*sum) {
        return None;
    }
    Owned::read(&mut Reader(Reader(content.strip_prefix(&HEADER[..])?).bytes()?))
}

fn write_index(writer: &mut Writer, index: &LayerIndex) {
    writer.0.extend_from_slice(&index.key.0);
    writer.0.extend_from_slice(&index.key.probe().to_le_bytes());
    writer.number(index.entries);
    writer.number(index.size_bytes);
    writer.number(index.links.len() as u64);
    for (path, link) in &index.links {
        writer.bytes(path.as_bytes());
        writer.flag(link.hard);
        writer.bytes(&link.target);
    }
    for paths in [&index.whiteouts, &index.opaques] {
        write_paths(writer, paths);
    }
    for hashes in [&index.regular, &index.special, &index.directories] {
        writer.hashes(hashes);
    }
}

fn read_index(reader: &mut Reader<'_>) -> Option<LayerIndex> {
    let key = HashKey(reader.take(16)?.try_into().ok()?);
    if reader.take(8)? != key.probe().to_le_bytes() {
        return None;
    }
    let (entries, size_bytes) = (reader.number()?, reader.number()?);
    let mut links = Vec::new();
    for _ in 0..reader.count(3)? {
        let path = read_path(reader)?;
        links.push((path, Link { hard: reader.flag()?, target: reader.bytes()?.into() }));
    }
    Some(LayerIndex {
        key,
        entries,
        size_bytes,
        links,
        whiteouts: read_paths(reader)?,
        opaques: read_paths(reader)?,
        regular: reader.hashes()?,
        special: reader.hashes()?,
        directories: reader.hashes()?,
    })
}

fn write_paths(writer: &mut Writer, paths: &[ImagePath]) {
    writer.number(paths.len() as u64);
    for path in paths {
        writer.bytes(path.as_bytes());
    }
}

fn read_paths(reader: &mut Reader<'_>) -> Option<Vec<ImagePath>> {
    (0..reader.count(1)?).map(|_| read_path(reader)).collect()
}

/// Reads a path.
pub fn read_path(reader: &mut Reader<'_>) -> Option<ImagePath> {
    let bytes = reader.bytes()?;
    if bytes.is_empty() {
        return Some(ImagePath::root());
    }
    ImagePath::from_entry_name(bytes).ok()
}

/// Writes problems; not their layer, which is the one whose facts they belong to.
pub fn write_problems(writer: &mut Writer, problems: &[Problem]) {
    writer.number(problems.len() as u64);
    for problem in problems {
        let kind = ProblemKind::ALL.iter().position(|it| *it == problem.kind).unwrap_or(0);
        writer.number(kind as u64);
        writer.bytes(problem.what.as_bytes());
        writer.flag(problem.hides_findings);
        match &problem.path {
            None => writer.flag(false),
            Some(path) => {
                writer.flag(true);
                writer.bytes(path.as_bytes());
            }
        }
    }
}

/// Reads problems.
pub fn read_problems(reader: &mut Reader<'_>) -> Option<Vec<Problem>> {
    let mut problems = Vec::new();
    for _ in 0..reader.count(4)? {
        let kind = *ProblemKind::ALL.get(usize::try_from(reader.number()?).ok()?)?;
        let what = reader.text()?;
        let hides_findings = reader.flag()?;
        let path = if reader.flag()? { Some(read_path(reader)?) } else { None };
        // The layer is not written down: it is the one whose facts these are.
        problems.push(Problem { kind, what, layer: None, path, hides_findings });
    }
    Some(problems)
}

fn write_file(writer: &mut Writer, file: &FileFacts) {
    writer.bytes(file.path.as_bytes());
    write_paths(writer, &file.companions);
    let seen = &file.observations;
    writer.number(seen.packages.len() as u64);
    for package in &seen.packages {
        write_package(writer, package);
    }
    writer.flag(seen.distro.is_some());
    if let Some(distro) = &seen.distro {
        write_distro(writer, distro);
    }
    write_problems(writer, &seen.problems);
    writer.number(seen.unnamed.len() as u64);
    for archive in &seen.unnamed {
        write_unnamed(writer, archive);
    }
}

fn read_file(reader: &mut Reader<'_>) -> Option<FileFacts> {
    let path = read_path(reader)?;
    let companions = read_paths(reader)?;
    let mut seen = Observations::default();
    for _ in 0..reader.count(10)? {
        seen.packages.push(read_package(reader)?);
    }
    if reader.flag()? {
        seen.distro = Some(read_distro(reader)?);
    }
    seen.problems = read_problems(reader)?;
    for _ in 0..reader.count(20)? {
        seen.unnamed.push(read_unnamed(reader)?);
    }
    Some(FileFacts { path, companions, observations: seen })
}

pub(crate) fn write_unnamed(writer: &mut Writer, archive: &UnnamedArchive) {
    writer.0.extend_from_slice(&archive.sha1);
    for text in [&archive.label, &archive.name, &archive.version] {
        writer.bytes(text.as_bytes());
    }
    write_problems(writer, std::slice::from_ref(&archive.problem));
}

pub(crate) fn read_unnamed(reader: &mut Reader<'_>) -> Option<UnnamedArchive> {
    Some(UnnamedArchive {
        sha1: reader.take(20)?.try_into().ok()?,
        label: reader.text()?,
        name: reader.text()?,
        version: reader.text()?,
        problem: read_problems(reader)?.pop()?,
    })
}

pub(crate) fn write_package(writer: &mut Writer, package: &Package) {
    for text in [&package.kind, &package.name, &package.version] {
        writer.bytes(text.as_bytes());
    }
    writer.flag(package.source.is_some());
    if let Some(source) = &package.source {
        writer.bytes(source.name.as_bytes());
        writer.optional(source.version.as_deref());
    }
    for text in
        [&package.architecture, &package.source_rpm, &package.vendor, &package.module, &package.license]
    {
        writer.optional(text.as_deref());
    }
    writer.optional(package.purl.as_deref());
    writer.number(Evidence::ALL.iter().position(|it| *it == package.evidence).unwrap_or(0) as u64);
    writer.flag(package.functions.is_some());
    if let Some(functions) = &package.functions {
        let bytes: Vec<u8> = functions.hashes().iter().flat_map(|it| it.to_le_bytes()).collect();
        writer.bytes(&bytes);
    }
}

pub(crate) fn read_package(reader: &mut Reader<'_>) -> Option<Package> {
    let (kind, name, version) = (reader.text()?, reader.text()?, reader.text()?);
    let source = match reader.flag()? {
        true => Some(SourcePackage { name: reader.text()?, version: reader.optional()? }),
        false => None,
    };
    Some(Package {
        kind,
        name,
        version,
        source,
        architecture: reader.optional()?,
        source_rpm: reader.optional()?,
        vendor: reader.optional()?,
        module: reader.optional()?,
        license: reader.optional()?,
        purl: reader.optional()?,
        evidence: *Evidence::ALL.get(usize::try_from(reader.number()?).ok()?)?,
        functions: if reader.flag()? { Some(read_functions(reader)?) } else { None },
    })
}

fn read_functions(reader: &mut Reader<'_>) -> Option<LinkedFunctions> {
    let (hashes, rest) = reader.bytes()?.as_chunks::<4>();
    rest.is_empty().then(|| LinkedFunctions::new(hashes.iter().map(|it| u32::from_le_bytes(*it))))
}

pub(crate) fn write_distro(writer: &mut Writer, distro: &Distro) {
    writer.bytes(distro.id.as_bytes());
    writer.bytes(distro.version_id.as_bytes());
    for text in [&distro.codename, &distro.pretty_name, &distro.cpe, &distro.repository_release] {
        writer.optional(text.as_deref());
    }
    writer.number(distro.id_like.len() as u64);
    for id in &distro.id_like {
        writer.bytes(id.as_bytes());
    }
    writer.number(distro.repositories.len() as u64);
    for repository in &distro.repositories {
        writer.bytes(repository.as_bytes());
    }
}

pub(crate) fn read_distro(reader: &mut Reader<'_>) -> Option<Distro> {
    Some(Distro {
        id: reader.text()?,
        version_id: reader.text()?,
        codename: reader.optional()?,
        pretty_name: reader.optional()?,
        cpe: reader.optional()?,
        repository_release: reader.optional()?,
        id_like: (0..reader.count(1)?).map(|_| reader.text()).collect::<Option<_>>()?,
        repositories: (0..reader.count(1)?).map(|_| reader.text()).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> LayerFacts {
        let path = ImagePath::new("var/lib/dpkg/status");
        let mut observations = Observations::default();
        observations.package(Package {
            kind: "deb".into(),
            name: "libc6".into(),
            version: "2.36-9".into(),
            source: Some(SourcePackage { name: "glibc".into(), version: None }),
            ..Package::default()
        });
        observations.problem(&path, "a stanza has no name");
        observations.unnamed.push(UnnamedArchive {
            sha1: [9; 20],
            label: "a.jar".into(),
            name: "a".into(),
            version: "1".into(),
            problem: observations.problems[0].clone(),
        });
        observations.distro =
            Some(Distro { id: "debian".into(), id_like: vec!["x".into()], ..Distro::default() });
        let mut index = LayerIndex::empty(HashKey([7; 16]));
        index.links.push((ImagePath::new("lib"), Link { hard: false, target: (*b"usr/lib").into() }));
        index.regular = vec![1, 2, 3];
        index.whiteouts.push(ImagePath::new("etc/x"));
        let files = vec![FileFacts { path, companions: vec![ImagePath::new("w")], observations }];
        LayerFacts {
            index,
            problems: Vec::new(),
            sections: vec![Section { extractor: "os/dpkg".into(), version: 3, files }],
            owned: None,
        }
    }

    #[test]
    fn facts_survive_being_written_and_read() {
        let facts = example();
        assert_eq!(decode(&encode(&facts), &|_, _| true), Some(facts.clone()));
        let without = decode(&encode(&facts), &|_, _| false).unwrap();
        assert_eq!((without.index, without.sections.len()), (facts.index, 0));
        assert_eq!(decode_owned(&encode(&example())), Some(Owned::default()));
    }

    #[test]
    fn facts_of_another_walk_or_of_other_limits_are_not_believed() {
        let standard = Limits::standard();
        let fewer = Limits { packages: 1, ..standard.clone() };
        let body = encode(&example())[HEADER.len()..].to_vec();
        let read = |header: &[u8]| {
            let content = [header, &body[..body.len() - 8]].concat();
            let sum = checksum(&content).to_le_bytes();
            let whole = [&content[..], &sum].concat();
            (decode(&whole, &|_, _| true).is_some(), decode_owned(&whole).is_some())
        };
        assert_eq!(read(&header(WALK_VERSION, &standard)), (true, true));
        assert_eq!(read(&header(WALK_VERSION + 1, &standard)), (false, false));
        assert_eq!(read(&header(WALK_VERSION, &fewer)), (false, false));
    }

    #[test]
    fn damaged_facts_are_never_half_believed() {
        let bytes = encode(&example());
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length], &|_, _| true), None, "cut at {length}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            assert_eq!(decode(&damaged, &|_, _| true), None, "damaged at {at}");
        }
    }
}
