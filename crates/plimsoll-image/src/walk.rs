//! Walks the archive of one layer: hands out the content that somebody wants, skips the rest
//! unread where it can, and notes what the layer does to the file system.
//!
//! Damage is survived where the format allows it and always reported; no length, name or
//! number of an archive is believed before it was held against [`Limits`].

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead};

use plimsoll_core::{ImagePath, Limits, PathError, Problem, ProblemKind};

use crate::index::{HashKey, LayerIndex, Link};
use crate::tar::{self, BLOCK_BYTES, Block, EntryKind, Header, Pax};

/// The uncompressed bytes of a layer.
pub trait LayerBytes: BufRead {
    /// Passes over `count` bytes and returns how many there were; fewer at the end.
    fn skip(&mut self, count: u64) -> io::Result<u64>;
}

/// Why a walk was broken off by the one who asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A limit was reached; a sentence without a full stop.
    Limit(String),
    /// Nobody wants the result any more.
    Cancelled,
}

/// What a source says that ends before its end, for reasons of its own which it tells elsewhere.
#[derive(Debug, thiserror::Error)]
#[error("the source was stopped")]
pub struct SourceStopped;

/// Who gets the content of wanted files.
pub trait FileSink {
    /// Whether the content of a regular file at this path is wanted.
    fn wants(&self, path: &ImagePath) -> bool;
    /// A wanted file. A later file of the same path takes its place.
    fn file(&mut self, path: &ImagePath, content: &[u8]);
    /// How many of the first bytes of every regular file [`FileSink::begin`] is shown; 0 where it
    /// never wants any.
    fn head_bytes(&self) -> usize {
        0
    }
    /// Whether this file is to be shown as it streams past, by its first bytes (fewer if it has
    /// fewer). Then [`FileSink::chunk`] gets all of it, and [`FileSink::end`] ends it.
    fn begin(&mut self, _path: &ImagePath, _head: &[u8], _size_bytes: u64) -> bool {
        false
    }
    /// The next bytes of the file in flight.
    fn chunk(&mut self, _bytes: &[u8]) {}
    /// The file in flight is over; `whole` is false where it was cut off.
    fn end(&mut self, _path: &ImagePath, _whole: bool) {}
    /// What was handed out for this path no longer holds: the same layer put something else there.
    fn replaced(&mut self, path: &ImagePath);
    /// What was handed out for anything below this path no longer holds: the same layer put
    /// something that is no directory in the directory's place.
    fn directory_replaced(&mut self, path: &ImagePath);
    /// Something could not be read.
    fn problem(&mut self, problem: Problem);
    /// Asked once an entry, with the archive's bytes so far.
    fn proceed(&mut self, _position_bytes: u64) -> Result<(), Stop> {
        Ok(())
    }
}

/// How a walk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// At the archive's end, or at the end of the bytes.
    Whole,
    /// Before it.
    Stopped(Stop),
}

/// Walks one layer's archive.
///
/// An error is one of the reader's own; everything that is wrong with the archive is a problem.
pub fn walk(
    bytes: &mut dyn LayerBytes,
    key: HashKey,
    limits: &Limits,
    sink: &mut dyn FileSink,
) -> io::Result<(LayerIndex, Ending)> {
    let mut walker = Walker {
        bytes,
        limits,
        sink,
        key,
        position: 0,
        names_bytes: 0,
        index: LayerIndex::empty(key),
        links: HashMap::new(),
        directories: HashSet::new(),
        global: Pax::default(),
        buffer: Vec::new(),
        wanted_bytes: 0,
        names_refused: 0,
        directories_replaced: 0,
    };
    let ending = match walker.run() {
        Ok(()) => Ending::Whole,
        Err(Broken::Stop(stop)) => Ending::Stopped(stop),
        Err(Broken::Io(error)) if error.get_ref().is_some_and(|it| it.is::<SourceStopped>()) => {
            Ending::Stopped(Stop::Cancelled)
        }
        Err(Broken::Io(error)) => return Err(error),
    };
    Ok((walker.finish(), ending))
}

/// How often a layer may put a file in the place of a directory of its own. Honest ones do not.
const DIRECTORIES_REPLACED_MAX: usize = 1_000;

/// The most first bytes of a file that anybody is shown before its content.
const HEAD_BYTES_MAX: usize = 512;

/// Bytes of names and link targets that one layer may keep in memory.
const NAMES_BYTES_MAX: usize = 256 << 20;

enum Broken {
    Stop(Stop),
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        Broken::Io(error)
    }
}

/// What the extension headers in front of an entry say of it.
#[derive(Default)]
struct Extensions {
    pax: Pax,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
}

struct Walker<'a> {
    bytes: &'a mut dyn LayerBytes,
    limits: &'a Limits,
    sink: &'a mut dyn FileSink,
    key: HashKey,
    position: u64,
    names_bytes: usize,
    index: LayerIndex,
    links: HashMap<ImagePath, Link>,
    directories: HashSet<u64>,
    global: Pax,
    buffer: Vec<u8>,
    wanted_bytes: u64,
    names_refused: u64,
    directories_replaced: usize,
}

impl Walker<'_> {
    fn run(&mut self) -> Result<(), Broken> {
        let mut extensions = Extensions::default();
        let mut resynchronising = false;
        let mut any_header = false;
        loop {
            let mut block = [0; BLOCK_BYTES];
            match self.read_up_to(&mut block)? {
                0 => {
                    if self.position > 0 && !any_header {
                        self.malformed("the layer is no tar archive");
                    }
                    return Ok(());
                }
                BLOCK_BYTES => (),
                _ => {
                    self.malformed("the archive is cut off in the middle of a header");
                    return Ok(());
                }
            }
            match tar::read_block(&block) {
                Block::Zero => {
                    // Two blocks of zeros end an archive; what follows is padding, and not ours to read.
                    let mut second = [0; BLOCK_BYTES];
                    let read = self.read_up_to(&mut second)?;
                    if read < BLOCK_BYTES || second.iter().all(|byte| *byte == 0) {
                        return self.check_padding();
                    }
                    self.malformed("a single block of zeros stands in the middle of the archive");
                    if let Block::Header(header) = tar::read_block(&second) {
                        any_header = true;
                        self.entry(&header, &mut extensions)?;
                    }
                }
                Block::BadChecksum => {
                    if !any_header && self.position == BLOCK_BYTES as u64 {
                        self.malformed("the layer is no tar archive");
                        return Ok(());
                    }
                    if !resynchronising {
                        self.malformed("a header's checksum is wrong; what it stood for was passed over");
                    }
                    resynchronising = true;
                }
                Block::Header(header) => {
                    resynchronising = false;
                    any_header = true;
                    self.entry(&header, &mut extensions)?;
                }
            }
            self.sink.proceed(self.position).map_err(Broken::Stop)?;
        }
    }

    /// Writers pad archives with zeros to 10 KiB and more. Anything else there is a second
    /// archive that no container engine unpacks.
    fn check_padding(&mut self) -> Result<(), Broken> {
        let mut reported = false;
        loop {
            let chunk = self.bytes.fill_buf()?;
            let length = chunk.len();
            if length == 0 {
                return Ok(());
            }
            let rubbish = !reported && chunk.iter().any(|byte| *byte != 0);
            self.bytes.consume(length);
            self.position += length as u64;
            if rubbish {
                reported = true;
                let what = "something stands behind the archive's end; container engines do not unpack it";
                self.sink.problem(Problem::new(ProblemKind::Malformed, what));
            }
            self.sink.proceed(self.position).map_err(Broken::Stop)?;
        }
    }

    fn entry(&mut self, header: &Header, extensions: &mut Extensions) -> Result<(), Broken> {
        match header.kind {
            EntryKind::PaxLocal | EntryKind::PaxGlobal => {
                let content = self.extension(header)?;
                let mut broken = 0;
                let pax = Pax::read(&content, &mut broken);
                if broken > 0 {
                    self.malformed("an extended header has malformed records");
                }
                if header.kind == EntryKind::PaxGlobal {
                    self.global = self.global.overlaid(pax);
                } else {
                    extensions.pax = pax;
                }
                return Ok(());
            }
            EntryKind::LongName | EntryKind::LongLink => {
                let mut content = self.extension(header)?;
                while content.last() == Some(&0) {
                    content.pop();
                }
                match header.kind {
                    EntryKind::LongName => extensions.long_name = Some(content),
                    _ => extensions.long_link = Some(content),
                }
                return Ok(());
            }
            _ => (),
        }
        let extensions = std::mem::take(extensions);
        self.index.entries += 1;
        if self.index.entries > self.limits.layer_entries {
            return Err(limit(format!("the layer has more than {} entries", self.limits.layer_entries)));
        }
        self.file_system_entry(header, extensions)
    }

    /// Reads an extension header's content, within its limit.
    fn extension(&mut self, header: &Header) -> Result<Vec<u8>, Broken> {
        let size = header.size_bytes.unwrap_or(u64::MAX);
        if size > self.limits.extended_header_bytes {
            return Err(limit(format!(
                "an extended header has {size} bytes, more than {}",
                self.limits.extended_header_bytes
            )));
        }
        // Bounded by the limit above, so that it fits in memory.
        let mut content = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
        let read = self.read_up_to(&mut content)?;
        if read < content.len() {
            self.malformed("the archive is cut off in the middle of an extended header");
            content.truncate(read);
        }
        self.skip(padding(size))?;
        Ok(content)
    }

    fn file_system_entry(&mut self, header: &Header, extensions: Extensions) -> Result<(), Broken> {
        let pax = self.global.overlaid(extensions.pax);
        let has_body = matches!(header.kind, EntryKind::Regular | EntryKind::Sparse | EntryKind::Ignored);
        let size = if has_body { self.body_size(pax.size_bytes, header.size_bytes) } else { 0 };
        let sparse = self.sparse_map(header, &pax)?;
        let sparse_name = pax.sparse.get(&b"GNU.sparse.name"[..]).cloned();
        let name = sparse_name.or(pax.path).or(extensions.long_name).unwrap_or_else(|| header.name.clone());
        let link = pax.linkpath.or(extensions.long_link).unwrap_or_else(|| header.link.clone());
        if name.len() > self.limits.path_bytes || link.len() > self.limits.path_bytes {
            self.sink.problem(Problem::new(
                ProblemKind::Limit,
                format!(
                    "a path of {} bytes is longer than {}; the entry was passed over",
                    name.len().max(link.len()),
                    self.limits.path_bytes
                ),
            ));
            return self.skip_body(size);
        }
        match ImagePath::from_entry_name(&name) {
            Ok(path) => self.put(header, &path, link, size, sparse),
            Err(error) => {
                self.refuse_name(&error);
                self.skip_body(size)
            }
        }
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

    fn put(
        &mut self,
        header: &Header,
        path: &ImagePath,
        link: Vec<u8>,
        size: u64,
        sparse: Option<SparseMap>,
    ) -> Result<(), Broken> {
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
            return self.skip_body(size);
        }
        let hash = self.key.hash(path.as_bytes());
        match header.kind {
            EntryKind::Directory => {
                self.unlink(path);
                self.directories.insert(hash);
                Ok(())
            }
            EntryKind::SymbolicLink | EntryKind::HardLink => {
                self.replace_directory(path, hash)?;
                self.sink.replaced(path);
                self.count_name(path, link.len())?;
                let hard = header.kind == EntryKind::HardLink;
                self.links.insert(path.clone(), Link { hard, target: link.into() });
                Ok(())
            }
            EntryKind::Special => {
                self.replace_directory(path, hash)?;
                self.unlink(path);
                self.sink.replaced(path);
                // A character device 0/0 is how an overlay file system itself writes a whiteout.
                if header.device_zero {
                    self.index.whiteouts.push(path.clone());
                } else {
                    self.index.special.push(hash);
                }
                Ok(())
            }
            EntryKind::Regular | EntryKind::Sparse => {
                if let Some(map) = sparse.as_ref().filter(|map| map.real_size > self.limits.layer_bytes) {
                    let what = format!(
                        "a sparse file claims to have {} bytes, more than a layer may have",
                        map.real_size
                    );
                    self.sink.problem(Problem::new(ProblemKind::Limit, what).at(path));
                }
                self.replace_directory(path, hash)?;
                self.unlink(path);
                self.index.regular.push(hash);
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

    /// The same layer may put a file where it had a directory; then what was in it is gone.
    fn replace_directory(&mut self, path: &ImagePath, hash: u64) -> Result<(), Broken> {
        if self.directories.remove(&hash) {
            // Each costs a look at all that was kept, so that their number must be bounded.
            self.directories_replaced += 1;
            if self.directories_replaced > DIRECTORIES_REPLACED_MAX {
                return Err(limit(format!(
                    "the layer replaces more than {DIRECTORIES_REPLACED_MAX} of its own directories"
                )));
            }
            self.sink.directory_replaced(path);
            self.links.retain(|it, _| !it.is_within(path));
        }
        Ok(())
    }

    fn unlink(&mut self, path: &ImagePath) {
        if !self.links.is_empty() {
            self.links.remove(path);
        }
    }

    fn count_name(&mut self, path: &ImagePath, more: usize) -> Result<(), Broken> {
        self.names_bytes += path.as_bytes().len() + more + 64;
        if self.names_bytes > NAMES_BYTES_MAX {
            return Err(limit("the layer's links and whiteouts take more than 256 MiB".to_owned()));
        }
        Ok(())
    }

    /// Shows a file as it streams past, if its beginning interests anybody.
    fn in_flight(&mut self, path: &ImagePath, size: u64) -> Result<(), Broken> {
        let mut head = [0; HEAD_BYTES_MAX];
        let length = self.sink.head_bytes().min(head.len());
        let length = usize::try_from(size).map_or(length, |size| size.min(length));
        let head = &mut head[..length];
        let read = self.read_up_to(head)?;
        let head = &head[..read];
        let mut left = size - read as u64;
        if !self.sink.begin(path, head, size) {
            if self.skip_up_to(left)? < left {
                self.malformed("the archive is cut off in the middle of a file");
            }
            return self.skip(padding(size));
        }
        self.sink.chunk(head);
        while left > 0 {
            let chunk = self.bytes.fill_buf()?;
            let take = usize::try_from(left).map_or(chunk.len(), |left| left.min(chunk.len()));
            if take == 0 {
                break;
            }
            self.sink.chunk(&chunk[..take]);
            self.bytes.consume(take);
            self.position += take as u64;
            left -= take as u64;
        }
        self.sink.end(path, left == 0);
        if left > 0 {
            self.malformed("the archive is cut off in the middle of a file");
        }
        self.skip(padding(size))
    }

    /// Hands out a whole file, also to those who read in flight.
    fn hand_out(sink: &mut dyn FileSink, path: &ImagePath, content: &[u8]) {
        if sink.wants(path) {
            sink.file(path, content);
        }
        let head = &content[..content.len().min(sink.head_bytes()).min(HEAD_BYTES_MAX)];
        if sink.head_bytes() > 0 && sink.begin(path, head, content.len() as u64) {
            sink.chunk(content);
            sink.end(path, true);
        }
    }

    /// Hands out a file's content; from the reader's own buffer where it lies there whole.
    fn wanted(&mut self, path: &ImagePath, size: u64, sparse: Option<SparseMap>) -> Result<(), Broken> {
        let real_size = sparse.as_ref().map_or(size, |map| map.real_size);
        if size > self.limits.wanted_file_bytes || real_size > self.limits.wanted_file_bytes {
            let what = format!(
                "the file has {} bytes, more than {}; it was not read",
                real_size.max(size),
                self.limits.wanted_file_bytes
            );
            self.sink.problem(Problem::new(ProblemKind::Limit, what).at(path));
            self.sink.replaced(path);
            return self.skip_body(size);
        }
        self.wanted_bytes += real_size;
        if self.wanted_bytes > self.limits.wanted_layer_bytes {
            return Err(limit(format!(
                "the layer's package files have more than {} bytes",
                self.limits.wanted_layer_bytes
            )));
        }
        // Bounded by `wanted_file_bytes`.
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        if sparse.is_none() {
            let chunk = self.bytes.fill_buf()?;
            if chunk.len() >= length {
                Self::hand_out(self.sink, path, &chunk[..length]);
                self.bytes.consume(length);
                self.position += size;
                return self.skip(padding(size));
            }
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = self.read_body(&mut buffer, length)?;
        if read < length {
            let what = "the archive is cut off in the middle of this file; only its beginning was read";
            self.sink.problem(Problem::new(ProblemKind::Malformed, what).at(path));
        }
        match sparse {
            None => Self::hand_out(self.sink, path, &buffer),
            Some(map) => match map.expand(&buffer) {
                Some(content) => Self::hand_out(self.sink, path, &content),
                None => {
                    self.sink.replaced(path);
                    self.sink.problem(
                        Problem::new(ProblemKind::Malformed, "the map of this sparse file is nonsense")
                            .at(path),
                    );
                }
            },
        }
        // A single huge file must not keep its memory for the rest of the layer.
        if buffer.capacity() > 8 << 20 {
            buffer = Vec::new();
        }
        self.buffer = buffer;
        self.skip(padding(size))
    }

    /// Reads up to `length` bytes into `buffer`, which grows with what really comes.
    fn read_body(&mut self, buffer: &mut Vec<u8>, length: usize) -> Result<usize, Broken> {
        buffer.clear();
        while buffer.len() < length {
            let chunk = self.bytes.fill_buf()?;
            let take = chunk.len().min(length - buffer.len());
            if take == 0 {
                break;
            }
            buffer.extend_from_slice(&chunk[..take]);
            self.bytes.consume(take);
            self.position += take as u64;
        }
        Ok(buffer.len())
    }

    fn read_up_to(&mut self, into: &mut [u8]) -> Result<usize, Broken> {
        let mut filled = 0;
        while filled < into.len() {
            let chunk = self.bytes.fill_buf()?;
            let take = chunk.len().min(into.len() - filled);
            if take == 0 {
                break;
            }
            into[filled..filled + take].copy_from_slice(&chunk[..take]);
            self.bytes.consume(take);
            filled += take;
        }
        self.position += filled as u64;
        Ok(filled)
    }

    fn skip_body(&mut self, size: u64) -> Result<(), Broken> {
        let skipped = self.skip_up_to(size)?;
        if skipped < size {
            self.malformed("the archive is cut off in the middle of a file");
        }
        self.skip(padding(size))
    }

    fn skip(&mut self, count: u64) -> Result<(), Broken> {
        self.skip_up_to(count).map(drop)
    }

    fn skip_up_to(&mut self, count: u64) -> Result<u64, Broken> {
        if count == 0 {
            return Ok(0);
        }
        let skipped = self.bytes.skip(count)?;
        self.position = self.position.saturating_add(skipped);
        Ok(skipped)
    }

    fn malformed(&mut self, what: impl Into<String>) {
        self.sink.problem(Problem::new(ProblemKind::Malformed, what));
    }

    /// The map of a sparse file, in any of GNU tar's four forms; `None` for ordinary files.
    fn sparse_map(&mut self, header: &Header, pax: &Pax) -> Result<Option<SparseMap>, Broken> {
        if let Some((pieces, real_size, more)) = &header.sparse {
            let mut map = SparseMap { pieces: pieces.clone(), real_size: *real_size, map_in_body: false };
            let mut more = *more;
            while more {
                let mut block = [0; BLOCK_BYTES];
                if self.read_up_to(&mut block)? < BLOCK_BYTES {
                    self.malformed("the archive is cut off in the map of a sparse file");
                    break;
                }
                map.pieces.extend(tar::sparse_pieces(&block[..504]));
                more = block[504] != 0;
                if map.pieces.len() > 1 << 20 {
                    return Err(limit("the map of a sparse file has more than a million pieces".to_owned()));
                }
            }
            return Ok(Some(map));
        }
        let number = |key: &str| pax.sparse.get(key.as_bytes()).and_then(|value| tar::decimal(value));
        let Some(real_size) = number("GNU.sparse.realsize").or_else(|| number("GNU.sparse.size")) else {
            return Ok(None);
        };
        let pieces = match pax.sparse.get(&b"GNU.sparse.map"[..]) {
            Some(text) => {
                let numbers: Vec<u64> = text.split(|byte| *byte == b',').map_while(tar::decimal).collect();
                numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
            }
            None => pax.pieces.clone(),
        };
        Ok(Some(SparseMap { pieces, real_size, map_in_body: number("GNU.sparse.major") == Some(1) }))
    }

    fn finish(self) -> LayerIndex {
        if self.names_refused > 1 {
            let what = format!("{} entries in all were passed over for their names", self.names_refused);
            self.sink.problem(Problem::new(ProblemKind::Malformed, what).harmless());
        }
        let mut index = self.index;
        index.directories = self.directories.into_iter().collect();
        index.links = self.links.into_iter().collect();
        index.links.sort_by(|a, b| a.0.cmp(&b.0));
        for list in [&mut index.whiteouts, &mut index.opaques] {
            list.sort();
            list.dedup();
        }
        for list in [&mut index.regular, &mut index.special, &mut index.directories] {
            list.sort_unstable();
            list.dedup();
            list.shrink_to_fit();
        }
        index.size_bytes = self.position;
        index
    }
}

/// Where the pieces of a sparse file belong.
struct SparseMap {
    /// Offset and length of each piece, in the order of the data.
    pieces: Vec<(u64, u64)>,
    real_size: u64,
    /// Format 1.0 has the map in front of the data, as decimal lines padded to whole blocks.
    map_in_body: bool,
}

impl SparseMap {
    /// The file with its holes filled with zeros; its size is bounded by the caller.
    fn expand(mut self, body: &[u8]) -> Option<Vec<u8>> {
        let mut data = body;
        if self.map_in_body {
            let mut lines = 0;
            let mut numbers = Vec::new();
            let mut rest = body;
            let mut expected = 1;
            while lines < expected {
                let end = rest.iter().take(24).position(|byte| *byte == b'\n')?;
                numbers.push(tar::decimal(&rest[..end])?);
                rest = &rest[end + 1..];
                lines += 1;
                if lines == 1 {
                    expected = usize::try_from(numbers[0].checked_mul(2)?.checked_add(1)?).ok()?;
                }
            }
            self.pieces = numbers[1..].chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            data = body.get((body.len() - rest.len()).next_multiple_of(BLOCK_BYTES)..)?;
        }
        let mut content = vec![0; usize::try_from(self.real_size).ok()?];
        for (offset, length) in self.pieces {
            let (offset, length) = (usize::try_from(offset).ok()?, usize::try_from(length).ok()?);
            let piece = data.get(..length)?;
            content.get_mut(offset..offset.checked_add(length)?)?.copy_from_slice(piece);
            data = &data[length..];
        }
        Some(content)
    }
}

enum Whiteout {
    Path(ImagePath),
    Opaque(ImagePath),
    Nonsense,
}

/// OCI image specification, layer.md "Whiteouts".
fn whiteout(path: &ImagePath) -> Option<Whiteout> {
    let name = path.file_name().strip_prefix(b".wh.")?;
    let directory = path.parent().unwrap_or_default();
    Some(match name {
        b".wh..opq" => Whiteout::Opaque(directory),
        b"" | b"." | b".." => Whiteout::Nonsense,
        // AUFS's own bookkeeping, `.wh..wh.plnk` and the like: no file of that name was removed.
        name if name.starts_with(b".wh.") => Whiteout::Nonsense,
        name => Whiteout::Path(directory.join(name)),
    })
}

fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK_BYTES as u64
}

fn limit(what: String) -> Broken {
    Broken::Stop(Stop::Limit(what))
}
