//! The bytes of a document of any size, under limits, and with what is no UTF-8 made readable.
//!
//! Holds one block. A single event of XML is bounded as well: one text of a gigabyte is no text.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

const BLOCK_BYTES: usize = 64 << 10;
/// What one tag or text may have; the largest real ones, descriptions, have below 100 kB.
const EVENT_BYTES_MAX: u64 = 8 << 20;

/// A decompressed document.
pub(super) struct Stream<R> {
    inner: R,
    block: Vec<u8>,
    /// What of the block can be read: all but the start of a letter that goes on in the next.
    readable: usize,
    position: usize,
    is_at_end: bool,
    document_left: u64,
    event_left: Rc<Cell<u64>>,
}

impl<R: Read> Stream<R> {
    pub(super) fn new(inner: R, size_bytes_max: u64) -> Stream<R> {
        Stream {
            inner,
            block: Vec::with_capacity(BLOCK_BYTES),
            readable: 0,
            position: 0,
            is_at_end: false,
            document_left: size_bytes_max,
            event_left: Rc::new(Cell::new(EVENT_BYTES_MAX)),
        }
    }

    /// What to call when an event has been read: the next one may have its full size.
    pub(super) fn refill(&self) -> impl Fn() + use<R> {
        let left = Rc::clone(&self.event_left);
        move || left.set(EVENT_BYTES_MAX)
    }

    /// Reads the next block; behind it stays what of the last was half a letter.
    fn next_block(&mut self) -> io::Result<()> {
        self.block.drain(..self.readable);
        let wanted = (BLOCK_BYTES - self.block.len().min(BLOCK_BYTES - 1)) as u64;
        let count = self.inner.by_ref().take(wanted).read_to_end(&mut self.block)? as u64;
        self.is_at_end = count == 0;
        self.document_left =
            self.document_left.checked_sub(count).ok_or_else(|| io::Error::other("it is too large"))?;
        self.position = 0;
        self.readable = readable(&mut self.block, self.is_at_end);
        Ok(())
    }
}

/// Puts `?` for every byte that is no UTF-8; how many bytes are whole letters then.
fn readable(block: &mut [u8], is_at_end: bool) -> usize {
    let mut checked = 0;
    loop {
        let rest = block.get(checked..).unwrap_or_default();
        let Err(error) = std::str::from_utf8(rest) else {
            return block.len();
        };
        let start = checked + error.valid_up_to();
        let end = match error.error_len() {
            Some(length) => start + length,
            None if is_at_end => block.len(),
            None => return start,
        };
        block.get_mut(start..end).unwrap_or_default().fill(b'?');
        checked = end;
    }
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Stream<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.event_left.get() == 0 {
            return Err(io::Error::other(format!("a tag or text of more than {EVENT_BYTES_MAX} bytes")));
        }
        while self.position == self.readable && !self.is_at_end {
            self.next_block()?;
        }
        Ok(self.block.get(self.position..self.readable).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.position = self.position.saturating_add(count).min(self.readable);
        self.event_left.set(self.event_left.get().saturating_sub(count as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        Stream::new(bytes, 1 << 20).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn what_is_no_text_is_shown_and_costs_no_more() {
        assert_eq!(read("a\u{e9}b".as_bytes()), "aéb");
        assert_eq!(read(b"a\xffb\xc3"), "a?b?");
    }

    #[test]
    fn a_letter_across_two_blocks_stays_one() {
        let text = format!("x{}", "é".repeat(BLOCK_BYTES));
        assert_eq!(read(text.as_bytes()), text);
    }

    #[test]
    fn limits_are_errors_and_no_ends() {
        let mut stream = Stream::new([b'x'; 100].as_slice(), 99);
        assert!(stream.read_to_end(&mut Vec::new()).is_err());
        let mut stream = Stream::new(io::repeat(b'x').take(EVENT_BYTES_MAX + 1), u64::MAX);
        assert!(stream.read_to_end(&mut Vec::new()).is_err());
    }
}
