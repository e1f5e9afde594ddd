//! The contents that follow headers: handed out whole, shown as they stream past, or passed over.
//!
//! Only a content that somebody wants is ever held, and within its limit.

use plimsoll_core::{ImagePath, Problem, ProblemKind};

use super::sparse::SparseMap;
use super::{Broken, FileSink, Walker, limit, padding};

/// The most first bytes of a file that anybody is shown before its content.
const HEAD_BYTES_MAX: usize = 512;

impl Walker<'_> {
    /// Shows a file as it streams past, if its beginning interests anybody.
    pub(super) fn in_flight(&mut self, path: &ImagePath, size: u64) -> Result<(), Broken> {
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
    pub(super) fn wanted(
        &mut self,
        path: &ImagePath,
        size: u64,
        sparse: Option<SparseMap>,
    ) -> Result<(), Broken> {
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

    /// Fills `into` as far as there are bytes.
    pub(super) fn read_up_to(&mut self, into: &mut [u8]) -> Result<usize, Broken> {
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

    /// Passes over what follows a header.
    pub(super) fn skip_body(&mut self, size: u64) -> Result<(), Broken> {
        let skipped = self.skip_up_to(size)?;
        if skipped < size {
            self.malformed("the archive is cut off in the middle of a file");
        }
        self.skip(padding(size))
    }

    pub(super) fn skip(&mut self, count: u64) -> Result<(), Broken> {
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
}
