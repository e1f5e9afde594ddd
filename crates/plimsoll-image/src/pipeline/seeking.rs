//! Stored bytes that lie in a file: read at any place, from header to header or from the front.
//!
//! Opens nothing: whoever has the file says how it is read.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use crate::walk::LayerBytes;

/// Stored bytes that can be read at any place, by several readers at a time.
pub trait ReadAt: Send + Sync {
    /// How many bytes there are.
    fn size_bytes(&self) -> u64;

    /// Reads at `offset_bytes`; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize>;
}

/// Stored bytes read by seeking.
pub(super) struct Seeking {
    at: Arc<dyn ReadAt>,
    position: u64,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Seeking {
    /// Headers of small files often lie next to one another; 16 KiB take many in one read.
    const BUFFER_BYTES: usize = 16 << 10;

    pub(super) fn new(at: Arc<dyn ReadAt>) -> Seeking {
        Seeking { at, position: 0, buffer: vec![0; Seeking::BUFFER_BYTES], start: 0, end: 0 }
    }
}

impl Read for Seeking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, buffer)
    }
}

impl BufRead for Seeking {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start >= self.end {
            let read = self.at.read_at(&mut self.buffer, self.position)?;
            self.position += read as u64;
            (self.start, self.end) = (0, read);
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }
}

impl LayerBytes for Seeking {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let buffered = (self.end - self.start) as u64;
        if count <= buffered {
            self.start += usize::try_from(count).unwrap_or(usize::MAX);
            return Ok(count);
        }
        let ahead = (count - buffered).min(self.at.size_bytes().saturating_sub(self.position));
        self.position += ahead;
        (self.start, self.end) = (0, 0);
        Ok(buffered + ahead)
    }
}

/// Reads a [`ReadAt`] from the front.
pub(super) struct Positioned {
    at: Arc<dyn ReadAt>,
    position: u64,
}

impl Positioned {
    pub(super) fn new(at: Arc<dyn ReadAt>) -> Positioned {
        Positioned { at, position: 0 }
    }
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.at.read_at(buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

/// Reads by way of the reader's own buffer.
pub(super) fn read_buffered(reader: &mut impl BufRead, buffer: &mut [u8]) -> io::Result<usize> {
    let chunk = reader.fill_buf()?;
    let take = chunk.len().min(buffer.len());
    buffer[..take].copy_from_slice(&chunk[..take]);
    reader.consume(take);
    Ok(take)
}
