//! Walks the archive of one layer: hands out the content that somebody wants, skips the rest
//! unread where it can, and notes what the layer does to the file system.
//!
//! Damage is survived where the format allows it and always reported; no length, name or
//! number of an archive is believed before it was held against [`Limits`].

mod bodies;
mod entries;
mod names;
mod sparse;
mod whiteout;

use std::collections::HashMap;
use std::io::{self, BufRead};

use plimsoll_core::{ImagePath, Limits, Problem, ProblemKind};

use self::names::{Kind, Names};
use crate::index::{HashKey, LayerIndex, Link};
use crate::tar::{self, BLOCK_BYTES, Block, EntryKind, Header, Pax};

/// Raised with every change of what a walk finds in the same bytes: what was kept of a layer by an
/// older walk is then read anew.
pub const WALK_VERSION: u32 = 4;

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
        position: 0,
        names_bytes: 0,
        index: LayerIndex::empty(key),
        links: HashMap::new(),
        names: Names::new(key),
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
    position: u64,
    names_bytes: usize,
    index: LayerIndex,
    links: HashMap<ImagePath, Link>,
    names: Names,
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
            EntryKind::PaxLocal => extensions.pax = self.pax(header)?,
            EntryKind::PaxGlobal => {
                // Engines unpack it as an entry that makes no file, and so forget what stood before it.
                *extensions = Extensions::default();
                if self.pax(header)?.names_a_file() {
                    self.malformed(
                        "a global header names a path, a link's target or a size; it was passed over, \
                         as container engines do",
                    );
                }
            }
            EntryKind::LongName => extensions.long_name = self.long(header)?,
            EntryKind::LongLink => extensions.long_link = self.long(header)?,
            _ => {
                let extensions = std::mem::take(extensions);
                self.index.entries += 1;
                if self.index.entries > self.limits.layer_entries {
                    let most = self.limits.layer_entries;
                    return Err(limit(format!("the layer has more than {most} entries")));
                }
                return self.file_system_entry(header, extensions);
            }
        }
        Ok(())
    }

    /// Reads a pax header.
    fn pax(&mut self, header: &Header) -> Result<Pax, Broken> {
        let content = self.extension(header)?;
        let mut broken = 0;
        let pax = Pax::read(&content, &mut broken);
        if broken > 0 {
            self.malformed("an extended header has malformed records");
        }
        Ok(pax)
    }

    /// Reads one of GNU's long names; an empty one says nothing.
    fn long(&mut self, header: &Header) -> Result<Option<Vec<u8>>, Broken> {
        let mut content = self.extension(header)?;
        content.truncate(content.iter().position(|byte| *byte == 0).unwrap_or(content.len()));
        Ok(Some(content).filter(|it| !it.is_empty()))
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

    fn malformed(&mut self, what: impl Into<String>) {
        self.sink.problem(Problem::new(ProblemKind::Malformed, what));
    }

    fn finish(self) -> LayerIndex {
        if self.names_refused > 1 {
            let what = format!("{} entries in all were passed over for their names", self.names_refused);
            self.sink.problem(Problem::new(ProblemKind::Malformed, what).harmless());
        }
        let mut index = self.index;
        index.regular = self.names.hashes(Kind::Regular);
        index.special = self.names.hashes(Kind::Special);
        index.directories = self.names.hashes(Kind::Directory);
        index.links = self.links.into_iter().collect();
        index.links.sort_by(|a, b| a.0.cmp(&b.0));
        for list in [&mut index.whiteouts, &mut index.opaques] {
            list.sort();
            list.dedup();
        }
        index.size_bytes = self.position;
        index
    }
}

fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK_BYTES as u64
}

fn limit(what: String) -> Broken {
    Broken::Stop(Stop::Limit(what))
}
