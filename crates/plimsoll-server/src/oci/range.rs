//! The three ranges of the protocol: what of a blob is asked for (`Range`), what of it is sent
//! (`Content-Range`), and where in an upload a chunk belongs (`Content-Range` of a request).
//!
//! Pure. Numbers that do not fit are no ranges.

/// What of a blob a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of it: there is no `Range`, or one that may be ignored (RFC 9110, 14.2).
    Whole,
    /// From this byte, so many.
    Part {
        /// The first byte, counted from 0.
        first: u64,
        /// How many bytes; never 0.
        length: u64,
    },
    /// Nothing that the blob has.
    Unsatisfiable,
}

impl Selection {
    /// `bytes 0-99/1000`, or for what cannot be had `bytes */1000`.
    pub fn content_range(self, size_bytes: u64) -> Option<String> {
        match self {
            Selection::Whole => None,
            Selection::Part { first, length } => {
                Some(format!("bytes {first}-{}/{size_bytes}", first + length - 1))
            }
            Selection::Unsatisfiable => Some(format!("bytes */{size_bytes}")),
        }
    }
}

/// What the header `Range` selects of a blob of this size.
///
/// Several ranges at once would be answered with a multipart body that no client of images asks
/// for; such a header is ignored, as RFC 9110 allows, and so is one that cannot be read.
pub fn select(range: &str, size_bytes: u64) -> Selection {
    let Some((unit, set)) = range.split_once('=') else {
        return Selection::Whole;
    };
    let Some((first, last)) = set.trim().split_once('-') else {
        return Selection::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Selection::Whole;
    }
    match (first.is_empty(), last.is_empty()) {
        (true, true) => Selection::Whole,
        (true, false) => number(last).map_or(Selection::Whole, |length| suffix(length, size_bytes)),
        (false, true) => number(first).map_or(Selection::Whole, |first| span(first, u64::MAX, size_bytes)),
        (false, false) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => span(first, last, size_bytes),
            _ => Selection::Whole,
        },
    }
}

fn suffix(length: u64, size_bytes: u64) -> Selection {
    match length.min(size_bytes) {
        0 => Selection::Unsatisfiable,
        length => Selection::Part { first: size_bytes - length, length },
    }
}

fn span(first: u64, last: u64, size_bytes: u64) -> Selection {
    if size_bytes <= first {
        return Selection::Unsatisfiable;
    }
    let last = last.min(size_bytes - 1);
    Selection::Part { first, length: last - first + 1 }
}

/// Where a chunk of an upload belongs, both ends counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its first byte's place.
    pub first: u64,
    /// Its last byte's.
    pub last: u64,
}

impl Chunk {
    /// How many bytes it has.
    pub fn length(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }
}

/// Reads a request's `Content-Range`: `0-99` as the specification writes it, or `bytes 0-99/*`
/// as HTTP does.
pub fn chunk(content_range: &str) -> Option<Chunk> {
    let text = content_range.trim();
    let text = text.strip_prefix("bytes ").unwrap_or(text);
    let text = text.split_once('/').map_or(text, |(range, _)| range);
    let (first, last) = text.split_once('-')?;
    let chunk = Chunk { first: number(first)?, last: number(last)? };
    (chunk.first <= chunk.last).then_some(chunk)
}

/// The `Range` of an answer about an upload: what has arrived. Nothing is `0-0`, as distribution's
/// own registry writes it and clients expect.
pub fn arrived(offset_bytes: u64) -> String {
    format!("0-{}", offset_bytes.saturating_sub(1))
}

/// Digits only: `+5` and ` 5` are numbers to the standard library, and none of HTTP's.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_selects_what_the_blob_has() {
        let part = |first, length| Selection::Part { first, length };
        let table = [
            ("bytes=0-99", part(0, 100)),
            ("bytes=0-0", part(0, 1)),
            ("bytes=990-", part(990, 10)),
            ("bytes=990-5000", part(990, 10)),
            ("bytes=-10", part(990, 10)),
            ("bytes=-5000", part(0, 1000)),
            ("BYTES = 1-2", part(1, 2)),
            ("bytes=1000-", Selection::Unsatisfiable),
            ("bytes=1000-1001", Selection::Unsatisfiable),
            ("bytes=-0", Selection::Unsatisfiable),
            ("bytes=18446744073709551615-", Selection::Unsatisfiable),
            // Ignored: whole.
            ("bytes=0-1,5-6", Selection::Whole),
            ("bytes=5-4", Selection::Whole),
            ("bytes=-", Selection::Whole),
            ("bytes=+1-2", Selection::Whole),
            ("bytes=18446744073709551616-", Selection::Whole),
            ("lines=1-2", Selection::Whole),
            ("0-5", Selection::Whole),
            ("", Selection::Whole),
        ];
        for (range, expected) in table {
            assert_eq!(select(range, 1000), expected, "{range}");
        }
        assert_eq!(select("bytes=0-", 0), Selection::Unsatisfiable);
    }

    #[test]
    fn what_is_sent_is_said() {
        assert_eq!(select("bytes=-10", 1000).content_range(1000).as_deref(), Some("bytes 990-999/1000"));
        assert_eq!(select("bytes=9-", 5).content_range(5).as_deref(), Some("bytes */5"));
        assert_eq!(Selection::Whole.content_range(5), None);
    }

    #[test]
    fn a_chunk_says_where_it_belongs() {
        assert_eq!(chunk("0-99"), Some(Chunk { first: 0, last: 99 }));
        assert_eq!(chunk("bytes 100-199/*"), Some(Chunk { first: 100, last: 199 }));
        assert_eq!(chunk("100-199").unwrap().length(), 100);
        assert_eq!(chunk("0-18446744073709551615").unwrap().length(), u64::MAX);
        for bad in ["", "-", "5", "9-5", "a-b", "-5", "5-", "0-18446744073709551616", "bytes=0-1"] {
            assert_eq!(chunk(bad), None, "{bad}");
        }
        assert_eq!((arrived(0), arrived(1), arrived(100)), ("0-0".into(), "0-0".into(), "0-99".into()));
    }
}
