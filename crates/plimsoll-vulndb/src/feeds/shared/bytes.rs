//! Decompression by magic and the walk through archives, each under limits on what comes out.
//!
//! Sizes that an archive states are never trusted; the bytes that come out are counted.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

use crate::FeedOutput;

/// One record's file. The largest seen in real feeds has 0.7 MB.
const DOCUMENT_BYTES_MAX: u64 = 64 << 20;
/// Everything in one archive; the largest real one, OSV's, has below 2 GB.
const ARCHIVE_BYTES_MAX: u64 = 16 << 30;
/// Files in one archive; the largest real one has a few hundred thousand.
const ARCHIVE_FILES_MAX: usize = 4_000_000;
/// What an xz decoder may hold; `xz -9` needs 65 MB.
const XZ_MEMORY_BYTES_MAX: u64 = 256 << 20;
/// The window of a zstd frame, as a power of two: 128 MB, what the command-line tool allows.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;
/// A tar block; `ustar` stands at byte 257 of a header.
const TAR_BLOCK_BYTES: usize = 512;

/// One file of an archive, or the part itself where it is no archive.
pub(in crate::feeds) struct Document<'a> {
    /// Its path in the archive; empty where there is none.
    pub(in crate::feeds) path: &'a str,
    /// Its bytes, or why there are none.
    pub(in crate::feeds) content: Result<&'a [u8], String>,
    /// Whether it is the part itself, so that a fault in it is one of the whole part.
    pub(in crate::feeds) is_part: bool,
}

/// The bytes inside gzip or bzip2 (any number of members), zstd or xz, or the bytes themselves.
fn decompress(bytes: &[u8], size_bytes_max: u64) -> Result<Cow<'_, [u8]>, String> {
    let Some(decoder) = decoder(bytes)? else {
        return Ok(Cow::Borrowed(bytes));
    };
    read_up_to(decoder, size_bytes_max).map(Cow::Owned)
}

/// [`decompress`], bit by bit: for documents too large to be held. The caller sets the limit.
pub(in crate::feeds) fn stream(bytes: &[u8]) -> Result<Box<dyn Read + '_>, String> {
    Ok(decoder(bytes)?.unwrap_or_else(|| Box::new(bytes)))
}

/// [`decompress`], as text. What is no UTF-8 becomes U+FFFD: one bad byte must not cost a feed.
pub(in crate::feeds) fn text(bytes: &[u8], size_bytes_max: u64) -> Result<Cow<'_, str>, String> {
    let text = match decompress(bytes, size_bytes_max)? {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }),
    };
    Ok(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Cow::Owned(text) => match text.strip_prefix('\u{feff}') {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => Cow::Owned(text),
        },
    })
}

/// What looks at a document; it writes to the output that it is given.
type Visit<'v> = &'v mut dyn FnMut(Document<'_>, &mut FeedOutput);

/// Shows every wanted file of a zip, of a tar (compressed or not), or the bytes themselves where
/// they are neither. Members that `out` knows from an earlier reading are passed over, those of a
/// zip without being inflated. An error means that the archive as a whole cannot be read to its
/// end.
pub(in crate::feeds) fn each_document(
    bytes: &[u8],
    out: &mut FeedOutput,
    wanted: &dyn Fn(&str) -> bool,
    visit: Visit<'_>,
) -> Result<(), String> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return each_in_zip(bytes, out, wanted, visit);
    }
    let mut stream: Box<dyn Read> = decoder(bytes)?.unwrap_or_else(|| Box::new(bytes));
    let mut start = Vec::with_capacity(TAR_BLOCK_BYTES);
    let block = TAR_BLOCK_BYTES as u64;
    stream.by_ref().take(block).read_to_end(&mut start).map_err(|error| error.to_string())?;
    let is_tar = start.get(257..262) == Some(b"ustar");
    let whole = Cursor::new(start).chain(stream);
    if is_tar {
        return each_in_tar(Counted { inner: whole, left: ARCHIVE_BYTES_MAX }, out, wanted, visit);
    }
    let content = read_up_to(Box::new(whole), DOCUMENT_BYTES_MAX.saturating_mul(16))?;
    visit(Document { path: "", content: Ok(&content), is_part: true }, out);
    Ok(())
}

fn each_in_zip(
    bytes: &[u8],
    out: &mut FeedOutput,
    wanted: &dyn Fn(&str) -> bool,
    visit: Visit<'_>,
) -> Result<(), String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("zip: {error}"))?;
    if archive.len() > ARCHIVE_FILES_MAX {
        return Err(format!("zip: more than {ARCHIVE_FILES_MAX} files"));
    }
    let mut left = ARCHIVE_BYTES_MAX;
    let mut content = Vec::new();
    for index in 0..archive.len() {
        let place = format!("file {index} of the zip");
        let file = match archive.by_index(index) {
            Ok(file) => file,
            Err(error) => {
                // It has a document of its own, so that what is said of it is not lost with another's.
                let why = error.to_string();
                if out.begin_document(&place, xxhash_rust::xxh3::xxh3_64(why.as_bytes())) {
                    visit(Document { path: &place, content: Err(why), is_part: false }, out);
                }
                continue;
            }
        };
        let path = String::from_utf8_lossy(file.name_raw()).into_owned();
        if path.ends_with('/') || !wanted(&path) || !out.begin_document(&path, zip_fingerprint(&file)) {
            continue;
        }
        content.clear();
        let read = fill(file, DOCUMENT_BYTES_MAX.min(left), &mut content);
        left = left.saturating_sub(content.len() as u64);
        if left == 0 {
            return Err(format!("zip: more than {ARCHIVE_BYTES_MAX} bytes in all"));
        }
        visit(Document { path: &path, content: read.map(|()| content.as_slice()), is_part: false }, out);
    }
    if archive.has_duplicate_names() {
        let why = "a name occurs twice; only one of its files was read".to_owned();
        if out.begin_document("zip", 0) {
            visit(Document { path: "zip", content: Err(why), is_part: false }, out);
        }
    }
    Ok(())
}

/// What a zip says of a member's content: reading it checks the same sum.
fn zip_fingerprint<R: Read>(file: &zip::read::ZipFile<'_, R>) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    hasher.update(&file.crc32().to_le_bytes());
    hasher.update(&file.size().to_le_bytes());
    hasher.update(&file.compressed_size().to_le_bytes());
    hasher.digest()
}

fn each_in_tar(
    stream: impl Read,
    out: &mut FeedOutput,
    wanted: &dyn Fn(&str) -> bool,
    visit: Visit<'_>,
) -> Result<(), String> {
    let mut archive = tar::Archive::new(stream);
    let mut content = Vec::new();
    for (count, entry) in archive.entries().map_err(|error| format!("tar: {error}"))?.enumerate() {
        let entry = entry.map_err(|error| format!("tar: {error}"))?;
        if count >= ARCHIVE_FILES_MAX {
            return Err(format!("tar: more than {ARCHIVE_FILES_MAX} entries"));
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !entry.header().entry_type().is_file() || !wanted(&path) {
            continue;
        }
        content.clear();
        let read = fill(entry, DOCUMENT_BYTES_MAX, &mut content);
        if !out.begin_document(&path, xxhash_rust::xxh3::xxh3_64(&content)) {
            continue;
        }
        visit(Document { path: &path, content: read.map(|()| content.as_slice()), is_part: false }, out);
    }
    Ok(())
}

fn decoder(bytes: &[u8]) -> Result<Option<Box<dyn Read + '_>>, String> {
    Ok(Some(match bytes {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(bytes)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            let mut decoder = zstd::Decoder::new(bytes).map_err(|error| error.to_string())?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|error| error.to_string())?;
            Box::new(decoder)
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            let stream = liblzma::stream::Stream::new_stream_decoder(
                XZ_MEMORY_BYTES_MAX,
                liblzma::stream::CONCATENATED,
            )
            .map_err(|error| error.to_string())?;
            Box::new(liblzma::read::XzDecoder::new_stream(bytes, stream))
        }
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] => {
            // Its blocks have 900 kB at most, so that its memory needs no limit of its own.
            Box::new(MultiBzDecoder::new(bytes))
        }
        _ => return Ok(None),
    }))
}

fn read_up_to(stream: Box<dyn Read + '_>, size_bytes_max: u64) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    fill(stream, size_bytes_max, &mut content)?;
    Ok(content)
}

/// Reads to the end; on an error, `content` keeps what came until then.
fn fill(stream: impl Read, size_bytes_max: u64, content: &mut Vec<u8>) -> Result<(), String> {
    let mut limited = stream.take(size_bytes_max.saturating_add(1));
    limited.read_to_end(content).map_err(|error| error.to_string())?;
    if content.len() as u64 > size_bytes_max {
        return Err(format!("more than {size_bytes_max} bytes"));
    }
    Ok(())
}

/// A stream that fails where it gives more bytes than allowed, so that nobody mistakes the
/// limit for the end.
struct Counted<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| std::io::Error::other(format!("more than {ARCHIVE_BYTES_MAX} bytes in all")))?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::packed::tar;
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn compression_is_told_by_the_bytes() {
        let plain = b"hello".as_slice();
        let mut members = gzip(b"hel");
        members.extend(gzip(b"lo"));
        let zstd = zstd::encode_all(plain, 1).unwrap();
        let mut xz = Vec::new();
        liblzma::read::XzEncoder::new(plain, 1).read_to_end(&mut xz).unwrap();
        let mut blocks = bzip2(b"he");
        blocks.extend(bzip2(b"llo"));
        for bytes in [plain.to_vec(), members, zstd, xz, blocks] {
            assert_eq!(decompress(&bytes, 5).unwrap(), plain);
            assert_eq!(read_up_to(stream(&bytes).unwrap(), 5).unwrap(), plain);
        }
    }

    #[test]
    fn more_than_the_limit_is_an_error_and_not_a_shorter_text() {
        assert!(decompress(&gzip(b"hello"), 4).unwrap_err().contains("more than 4 bytes"));
        assert!(decompress(&bzip2(b"hello"), 4).unwrap_err().contains("more than 4 bytes"));
    }

    #[test]
    fn cut_short_is_an_error_whatever_the_compression() {
        let whole = gzip(&[7; 1000]);
        assert!(decompress(&whole[..whole.len() - 3], 2000).is_err());
        let whole = zstd::encode_all([7; 1000].as_slice(), 1).unwrap();
        assert!(decompress(&whole[..whole.len() - 3], 2000).is_err());
        let whole = bzip2(&[7; 1000]);
        assert!(decompress(&whole[..whole.len() - 3], 2000).is_err());
    }

    #[test]
    fn every_kind_of_archive_is_walked() {
        let files = [("a/one.json", "1"), ("a/read.me", "no"), ("two.json", "2")];
        let tar = tar(&files);
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, content) in files {
            zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        let zip = zip.finish().unwrap().into_inner();
        for bytes in [gzip(&tar), bzip2(&tar), tar, zip] {
            let mut seen = Vec::new();
            let wanted = |path: &str| path.ends_with(".json");
            let mut out = FeedOutput::default();
            each_document(&bytes, &mut out, &wanted, &mut |document, _| {
                seen.push((document.path.to_owned(), document.content.unwrap().to_vec()));
            })
            .unwrap();
            let known = out.units.into_iter().map(|unit| (unit.name, unit.fingerprint)).collect();
            let mut out = FeedOutput { known: std::sync::Arc::new(known), ..FeedOutput::default() };
            each_document(&bytes, &mut out, &wanted, &mut |document, _| {
                panic!("{} was known", document.path);
            })
            .unwrap();
            assert_eq!(out.units.len(), 2);
            let expected = [("a/one.json".to_owned(), b"1".to_vec()), ("two.json".to_owned(), b"2".to_vec())];
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn what_is_no_archive_is_one_document() {
        let mut seen = Vec::new();
        let visit = &mut |it: Document<'_>, _: &mut FeedOutput| seen.push(it.content.unwrap().to_vec());
        each_document(b"{}", &mut FeedOutput::default(), &|_| false, visit).unwrap();
        assert_eq!(seen, [b"{}".to_vec()]);
    }
}
