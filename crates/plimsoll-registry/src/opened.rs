//! What [`open`] gives: images whose layers can be read, or the reason why there are none.
//!
//! [`open`]: crate::open

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use plimsoll_core::{Digest, Platform, Problem, Subject};
use plimsoll_image::manifest::Made;

use crate::{Attachments, Error, ErrorKind};

/// What lies at a location.
#[derive(Debug)]
pub struct Opened {
    /// What it turned out to be.
    pub subject: Subject,
    /// The images.
    pub content: Content,
    /// Problems of no single image: a child of the index that could not be read, say.
    pub problems: Vec<Problem>,
    /// What is attached to the images, for those who ask.
    pub attachments: Attachments,
}

impl Opened {
    /// Something to which nothing is attached.
    pub(crate) fn new(subject: Subject, content: Content, problems: Vec<Problem>) -> Opened {
        Opened { subject, content, problems, attachments: Attachments::none() }
    }
}

/// The content of a location.
#[derive(Debug)]
pub enum Content {
    /// Images; several only if all platforms were asked for.
    Images(Vec<SourceImage>),
    /// A folder that is the root of a file system.
    RootFileSystem(PathBuf),
    /// An artifact that is no image.
    NotSupported {
        /// What it is, as a sentence without a full stop.
        why: String,
    },
}

/// One image.
#[derive(Debug)]
pub struct SourceImage {
    /// The digest of its manifest; a Docker archive has none.
    pub manifest_digest: Option<Digest>,
    /// The digest of its configuration (the image id).
    pub config_digest: Digest,
    /// For what it was built.
    pub platform: Option<Platform>,
    /// Its layers, base first.
    pub layers: Vec<SourceLayer>,
    /// Layers that nobody can read here: encrypted, foreign, or of no known kind.
    pub problems: Vec<Problem>,
}

/// One layer of an image.
#[derive(Clone)]
pub struct SourceLayer {
    /// The digest of the blob as it is stored; whoever reads the blob verifies it.
    pub digest: Option<Digest>,
    /// The digest of the uncompressed layer that the configuration claims; to be verified, too.
    pub diff_id: Digest,
    /// The size of the blob in bytes, as it is stored.
    pub size_bytes: Option<u64>,
    /// The media type that the manifest claims; the bytes tell the compression.
    pub media_type: String,
    /// What the history tells of the layer.
    pub made: Made,
    pub(crate) content: Option<Arc<dyn LayerSource>>,
}

/// Where a layer's bytes come from; may be asked again and from several threads.
pub(crate) trait LayerSource: Send + Sync {
    fn open(&self) -> Result<Blob, Error>;

    /// Whether it is a file of this machine.
    fn is_local(&self) -> bool;
}

impl SourceLayer {
    /// Whether [`SourceLayer::open`] can work. If not, the image's problems say why.
    pub fn is_readable(&self) -> bool {
        self.content.is_some()
    }

    /// Whether the blob is a file of this machine, or a part of one.
    pub fn is_local(&self) -> bool {
        self.content.as_ref().is_some_and(|it| it.is_local())
    }

    /// A reader of the blob as it is stored, from its beginning.
    pub fn open(&self) -> Result<Blob, Error> {
        match &self.content {
            Some(content) => content.open(),
            None => {
                let name = self.digest.unwrap_or(self.diff_id);
                Err(Error::new(
                    ErrorKind::NotSupported,
                    format!("layer {name} has no content that can be read"),
                ))
            }
        }
    }
}

impl fmt::Debug for SourceLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceLayer")
            .field("digest", &self.digest)
            .field("diff_id", &self.diff_id)
            .field("size_bytes", &self.size_bytes)
            .field("media_type", &self.media_type)
            .field("made", &self.made)
            .field("readable", &self.is_readable())
            .finish()
    }
}

/// The bytes of a layer.
pub enum Blob {
    /// Bytes that come once and in order. Errors of the source are inside [`io::Error`].
    Stream(Box<dyn Read + Send>),
    /// A part of a file.
    File {
        /// The file. Its position is its own on Linux with `/proc`; elsewhere other layers may
        /// share it, so that positioned reads are the ones to use.
        file: File,
        /// Where the blob begins.
        offset: u64,
        /// How long it is.
        length_bytes: u64,
    },
}

impl Blob {
    /// The bytes in order, whatever they come from.
    pub fn into_reader(self) -> Box<dyn Read + Send> {
        match self {
            Blob::Stream(stream) => stream,
            Blob::File { file, offset, length_bytes } => {
                Box::new(FilePart { file, offset, left_bytes: length_bytes })
            }
        }
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Blob::Stream(_) => f.write_str("Stream"),
            Blob::File { offset, length_bytes, .. } => write!(f, "File({offset}, {length_bytes})"),
        }
    }
}

/// Reads a part of a file by position, so that sharing the file with others does no harm.
struct FilePart {
    file: File,
    offset: u64,
    left_bytes: u64,
}

impl Read for FilePart {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left_bytes).unwrap_or(usize::MAX));
        let count = self.file.read_at(&mut buffer[..wanted], self.offset)?;
        if count == 0 && wanted > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            ));
        }
        let step = u64::try_from(count).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(step);
        self.left_bytes = self.left_bytes.saturating_sub(step);
        Ok(count)
    }
}
