//! Finds a few fixed texts in a stream, and shows what follows each.
//!
//! The result does not depend on how the stream is cut into pieces. The needles should have a
//! rare byte: each piece is searched once for each of them.

use memchr::memmem::Finder;

use super::length;

/// Fixed texts looked for in one stream.
pub(crate) struct Scan {
    needles: Vec<Finder<'static>>,
    /// So many bytes of a hit are shown, from the needle's first on, unless the stream ends.
    window: usize,
    /// The last bytes seen, in which a needle may begin that has not been shown yet.
    carry: Vec<u8>,
    /// How many bytes of the stream were shown to the needles.
    offset: u64,
}

/// Where a needle is.
pub(crate) struct Hit<'a> {
    /// Which one, in the order they were given.
    pub(crate) needle: usize,
    /// Where in the stream it begins.
    pub(crate) offset: u64,
    /// The needle and what is known of the bytes behind it: the window at least, unless the
    /// stream ends. How much more is there depends on the pieces.
    pub(crate) bytes: &'a [u8],
}

impl Scan {
    /// Looks for `needles`; each must be shorter than `window`.
    pub(crate) fn new(needles: impl IntoIterator<Item = Vec<u8>>, window: usize) -> Scan {
        let needles = needles.into_iter().map(|needle| Finder::new(&needle).into_owned()).collect();
        Scan { needles, window, carry: Vec::new(), offset: 0 }
    }

    /// The next bytes of the stream.
    pub(crate) fn feed(&mut self, bytes: &[u8], hit: &mut dyn FnMut(Hit<'_>)) {
        if !self.carry.is_empty() {
            let joint = bytes.get(..self.window).unwrap_or(bytes);
            self.carry.extend_from_slice(joint);
            if joint.len() < self.window {
                // A small piece. Four windows at a time, so that many small ones cost little.
                if self.carry.len() >= self.window.saturating_mul(4) {
                    let carry = std::mem::take(&mut self.carry);
                    self.search(&carry, hit);
                }
                return;
            }
            let carry = std::mem::take(&mut self.carry);
            let starts = carry.len() - joint.len();
            self.find(&carry, starts, hit);
            self.offset = self.offset.saturating_add(length(&carry) - length(joint));
        }
        self.search(bytes, hit);
    }

    /// No more will come.
    pub(crate) fn finish(&mut self, hit: &mut dyn FnMut(Hit<'_>)) {
        let carry = std::mem::take(&mut self.carry);
        self.find(&carry, carry.len(), hit);
    }

    /// Shows the hits whose window is whole, and keeps the rest.
    fn search(&mut self, bytes: &[u8], hit: &mut dyn FnMut(Hit<'_>)) {
        let starts = (bytes.len() + 1).saturating_sub(self.window);
        self.find(bytes, starts, hit);
        let (seen, rest) = bytes.split_at(starts);
        self.offset = self.offset.saturating_add(length(seen));
        self.carry.extend_from_slice(rest);
    }

    /// Shows the hits that begin in the first `starts` bytes.
    fn find(&self, bytes: &[u8], starts: usize, hit: &mut dyn FnMut(Hit<'_>)) {
        for (needle, finder) in self.needles.iter().enumerate() {
            let end = starts.saturating_add(finder.needle().len()).saturating_sub(1).min(bytes.len());
            let mut from = 0;
            while let Some(found) = bytes.get(from..end).and_then(|it| finder.find(it)) {
                let at = from + found;
                let offset = self.offset.saturating_add(length(bytes.get(..at).unwrap_or_default()));
                hit(Hit { needle, offset, bytes: bytes.get(at..).unwrap_or_default() });
                from = at + 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(bytes: &[u8], chunk: usize) -> Vec<(u64, usize, Vec<u8>)> {
        let mut scan = Scan::new([b"ab".to_vec(), b"aa".to_vec()], 5);
        let mut found = Vec::new();
        let mut note = |hit: Hit<'_>| {
            let window = hit.bytes.get(..5).unwrap_or(hit.bytes);
            found.push((hit.offset, hit.needle, window.to_vec()));
        };
        for piece in bytes.chunks(chunk) {
            scan.feed(piece, &mut note);
        }
        scan.finish(&mut note);
        found.sort();
        found
    }

    #[test]
    fn every_hit_is_shown_once_with_its_window() {
        let expected = [(0, 1, b"aaab1".to_vec()), (1, 1, b"aab12".to_vec()), (2, 0, b"ab12a".to_vec())];
        assert_eq!(hits(b"aaab12ab", 100), [&expected[..], &[(6, 0, b"ab".to_vec())]].concat());
    }

    proptest::proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in proptest::collection::vec(b'a'..=b'c', 0..200), chunk in 1usize..70) {
            assert_eq!(hits(&bytes, chunk), hits(&bytes, 1000));
        }
    }
}
