//! Cuts one range of bytes out of a stream.

use super::{index, length};

/// A range of a stream, as far as it has come past.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    start: u64,
    wanted: usize,
    bytes: Vec<u8>,
    /// The stream was beyond the next byte when the range was asked for.
    missed: bool,
}

impl Capture {
    /// Wants `wanted` bytes from `start` on, of which nothing has been seen.
    pub(crate) fn new(start: u64, wanted: usize) -> Capture {
        Capture { start, wanted, bytes: Vec::new(), missed: false }
    }

    /// Wants more (never less), or to stop where it is.
    pub(crate) fn set_wanted(&mut self, wanted: usize) {
        self.wanted = wanted;
    }

    /// How many bytes it wants.
    pub(crate) fn wanted(&self) -> usize {
        self.wanted
    }

    /// Takes its part of a piece that begins at `offset`; true if there was some.
    pub(crate) fn feed(&mut self, offset: u64, piece: &[u8]) -> bool {
        let missing = self.wanted.saturating_sub(self.bytes.len());
        let next = self.start.saturating_add(length(&self.bytes));
        let end = offset.saturating_add(length(piece));
        if missing == 0 || self.missed || end <= next {
            return false;
        }
        let Some(skip) = next.checked_sub(offset) else {
            self.missed = true;
            return false;
        };
        let rest = piece.get(index(skip)..).unwrap_or_default();
        self.bytes.extend_from_slice(rest.get(..missing).unwrap_or(rest));
        !rest.is_empty()
    }

    /// What has come so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether all that it wants is there.
    pub(crate) fn is_complete(&self) -> bool {
        self.bytes.len() >= self.wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(start: u64, wanted: usize, from: usize, chunk: usize) -> (Vec<u8>, bool) {
        let stream: Vec<u8> = (0..50).collect();
        let mut capture = Capture::new(start, wanted);
        let mut offset = from as u64;
        for piece in stream[from..].chunks(chunk) {
            capture.feed(offset, piece);
            offset += piece.len() as u64;
        }
        (capture.bytes().to_vec(), capture.is_complete())
    }

    #[test]
    fn a_range_is_cut_out_of_pieces_of_any_size() {
        for chunk in 1..60 {
            assert_eq!(captured(10, 5, 0, chunk), (vec![10, 11, 12, 13, 14], true));
            assert_eq!(captured(48, 5, 0, chunk), (vec![48, 49], false));
        }
    }

    #[test]
    fn what_has_passed_is_missed() {
        assert_eq!(captured(10, 5, 11, 7), (vec![], false));
    }
}
