//! What an entry does to the file system: a name, its kind, and what it takes the place of.
//!
//! A name that no honest layer has is passed over and said; it never becomes another.

use plimsoll_core::{ImagePath, PathError, Problem, ProblemKind};

use super::names::Kind;
use super::sparse::SparseMap;
use super::whiteout::{Whiteout, whiteout};
use super::{Broken, Extensions, Walker, limit};
use crate::index::Link;
use crate::tar::{EntryKind, Header};

/// How often a layer may put a file in the place of a directory of its own. Honest ones do not.
const DIRECTORIES_REPLACED_MAX: usize = 1_000;

/// How many directories deep a path may lie. What is asked of a path is asked of each part again;
/// honest ones have some dozens.
const PATH_PARTS_MAX: usize = 512;

/// Bytes of names and link targets that one layer may keep in memory.
const NAMES_BYTES_MAX: usize = 256 << 20;

/// What an entry is when all its headers were read, besides its name.
struct Entry {
    kind: EntryKind,
    device_zero: bool,
    link: Vec<u8>,
    /// Bytes that follow, without padding.
    size_bytes: u64,
    sparse: Option<SparseMap>,
}

impl Walker<'_> {
    /// Takes in an entry that is no extension header.
    pub(super) fn file_system_entry(
        &mut self,
        header: &Header,
        extensions: Extensions,
    ) -> Result<(), Broken> {
        let Extensions { pax, long_name, long_link } = extensions;
        // GNU's long names count before those of pax, and only a sparse file's before both.
        let name = long_name.or(pax.path.clone()).unwrap_or_else(|| header.name.clone());
        let link = long_link.or(pax.linkpath.clone()).unwrap_or_else(|| header.link.clone());
        let kind = match header.kind {
            EntryKind::OldRegular if name.ends_with(b"/") => EntryKind::Directory,
            EntryKind::OldRegular => EntryKind::Regular,
            kind => kind,
        };
        let has_body = matches!(kind, EntryKind::Regular | EntryKind::Sparse | EntryKind::Ignored);
        let size_bytes = if has_body { self.body_size(pax.size_bytes, header.size_bytes) } else { 0 };
        let sparse = self.sparse_map(header, &pax, size_bytes)?;
        let name = sparse.as_ref().and_then(|map| map.name.clone()).unwrap_or(name);
        if let Some(what) = self.too_long(&name).or_else(|| self.too_long(&link)) {
            self.sink.problem(Problem::new(ProblemKind::Limit, what));
            return self.skip_body(size_bytes);
        }
        match ImagePath::from_entry_name(&name) {
            Ok(path) => {
                self.put(&path, Entry { kind, device_zero: header.device_zero, link, size_bytes, sparse })
            }
            Err(error) => {
                self.refuse_name(&error);
                self.skip_body(size_bytes)
            }
        }
    }

    /// Why a name or a link's target is not taken in, if it is too long.
    fn too_long(&self, path: &[u8]) -> Option<String> {
        let (most, length) = (self.limits.path_bytes, path.len());
        if length > most {
            return Some(format!(
                "a path of {length} bytes is longer than {most}; the entry was passed over"
            ));
        }
        // Each part takes a byte and a slash, so that most names need not be looked at.
        if length < 2 * PATH_PARTS_MAX {
            return None;
        }
        let parts = path.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b".")).count();
        (parts > PATH_PARTS_MAX).then(|| {
            format!("a path has {parts} parts, more than {PATH_PARTS_MAX}; the entry was passed over")
        })
    }

    /// The bytes that follow a header: what pax says, or else the header itself, if believable.
    fn body_size(&mut self, pax: Option<u64>, header: Option<u64>) -> u64 {
        let believable = |size: &u64| *size <= self.limits.layer_bytes;
        let size = pax.filter(believable).or(header.filter(believable));
        if size.is_none() || pax.is_some_and(|size| !believable(&size)) {
            self.malformed("an entry's size cannot be believed; what followed it may have been misread");
        }
        size.unwrap_or(0)
    }

    /// A name that no honest layer has. It hides nothing: no container engine unpacks it.
    fn refuse_name(&mut self, error: &PathError) {
        self.names_refused += 1;
        if self.names_refused == 1 {
            let what = format!("an entry was passed over: {error}");
            self.sink.problem(Problem::new(ProblemKind::Malformed, what).harmless());
        }
    }

    fn put(&mut self, path: &ImagePath, entry: Entry) -> Result<(), Broken> {
        let Entry { kind, device_zero, link, size_bytes: size, sparse } = entry;
        if let Some(whiteout) = whiteout(path) {
            match whiteout {
                Whiteout::Path(path) => self.index.whiteouts.push(path),
                Whiteout::Opaque(directory) => self.index.opaques.push(directory),
                Whiteout::Nonsense => {
                    self.sink.problem(
                        Problem::new(ProblemKind::Malformed, "a whiteout names no file of its directory")
                            .at(path)
                            .harmless(),
                    );
                }
            }
            self.count_name(path, 0)?;
            return self.skip_body(size);
        }
        if path.is_root() {
            if kind != EntryKind::Directory {
                self.malformed("an entry that is no directory has no name; it was passed over");
            }
            return self.skip_body(size);
        }
        match kind {
            EntryKind::Directory => self.take_place(path, Kind::Directory),
            EntryKind::SymbolicLink | EntryKind::HardLink => {
                self.take_place(path, Kind::Link)?;
                self.count_name(path, link.len())?;
                let hard = kind == EntryKind::HardLink;
                self.links.insert(path.clone(), Link { hard, target: link.into() });
                Ok(())
            }
            // A character device 0/0 is how an overlay file system itself writes a whiteout.
            EntryKind::Special if device_zero => {
                self.take_place(path, Kind::Removed)?;
                self.count_name(path, 0)?;
                self.index.whiteouts.push(path.clone());
                Ok(())
            }
            EntryKind::Special => self.take_place(path, Kind::Special),
            EntryKind::Regular | EntryKind::Sparse => {
                if let Some(map) = sparse.as_ref().filter(|map| map.real_size > self.limits.layer_bytes) {
                    let what = format!(
                        "a sparse file claims to have {} bytes, more than a layer may have",
                        map.real_size
                    );
                    self.sink.problem(Problem::new(ProblemKind::Limit, what).at(path));
                }
                self.take_place(path, Kind::Regular)?;
                let in_flight = self.sink.head_bytes() > 0;
                if self.sink.wants(path) || in_flight && sparse.is_some() {
                    self.wanted(path, size, sparse)
                } else if in_flight {
                    self.in_flight(path, size)
                } else {
                    self.skip_body(size)
                }
            }
            _ => self.skip_body(size),
        }
    }

    /// What the same layer had at this path before is gone, unless both are directories.
    fn take_place(&mut self, path: &ImagePath, kind: Kind) -> Result<(), Broken> {
        let before = self.names.put(path, kind);
        if self.names.len() as u64 > self.limits.layer_entries {
            let most = self.limits.layer_entries;
            return Err(limit(format!("the layer has more than {most} files and directories")));
        }
        match before.filter(|before| *before != kind) {
            Some(Kind::Regular) => self.sink.replaced(path),
            Some(Kind::Link) => drop(self.links.remove(path)),
            Some(Kind::Directory) => self.replace_directory(path)?,
            Some(Kind::Implied) if kind != Kind::Directory => {
                // Was it a link to another directory in a lower layer, then what was written is there.
                let what = "something else takes the place of a directory that this layer wrote into; \
                            what it wrote is taken for gone";
                self.sink.problem(Problem::new(ProblemKind::Malformed, what).at(path));
                self.replace_directory(path)?;
            }
            Some(Kind::Implied | Kind::Special | Kind::Removed) | None => (),
        }
        Ok(())
    }

    /// Something that is no directory takes a directory's place; then what was in it is gone.
    fn replace_directory(&mut self, path: &ImagePath) -> Result<(), Broken> {
        // Each costs a look at all that was kept, so that their number must be bounded.
        self.directories_replaced += 1;
        if self.directories_replaced > DIRECTORIES_REPLACED_MAX {
            return Err(limit(format!(
                "the layer replaces more than {DIRECTORIES_REPLACED_MAX} of its own directories"
            )));
        }
        self.sink.directory_replaced(path);
        self.links.retain(|it, _| !it.is_within(path));
        Ok(())
    }

    fn count_name(&mut self, path: &ImagePath, more: usize) -> Result<(), Broken> {
        self.names_bytes += path.as_bytes().len() + more + 64;
        if self.names_bytes > NAMES_BYTES_MAX {
            return Err(limit("the layer's links and whiteouts take more than 256 MiB".to_owned()));
        }
        Ok(())
    }
}
