//! Numbers out of bytes in either order, and a set of page numbers.
//!
//! Never reads outside the slice it is given: what is not there is `None`.

/// The order in which a file keeps the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl ByteOrder {
    /// Two bytes at `at`.
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = array(bytes, at)?;
        Some(match self {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        })
    }

    /// Four bytes at `at`.
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = array(bytes, at)?;
        Some(match self {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        })
    }
}

/// `N` bytes at `at`.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// `length` bytes at `at`.
pub(super) fn slice(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

/// A number of a file as an index; on machines where it would not fit it is no index.
pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Which pages of a file were already used, so that no chain can go in a circle and no page
/// can be handed out twice.
pub(super) struct PageSet {
    words: Vec<u64>,
}

impl PageSet {
    /// An empty set for pages `0..pages`; `pages` is bounded by the file's own length.
    pub(super) fn new(pages: usize) -> PageSet {
        PageSet { words: vec![0; pages / 64 + 1] }
    }

    /// Adds a page; `false` if it was in the set or does not exist.
    pub(super) fn insert(&mut self, page: u32) -> bool {
        let page = index(page);
        let bit = 1 << (page % 64);
        match self.words.get_mut(page / 64) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }

    /// Whether a page is in the set.
    pub(super) fn contains(&self, page: u32) -> bool {
        let page = index(page);
        self.words.get(page / 64).is_some_and(|word| word & (1 << (page % 64)) != 0)
    }
}
