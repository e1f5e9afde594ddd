//! The data of one entry: inflated within bounds, and compared with its checksum.

use std::borrow::Cow;
use std::io::Read;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::{Directory, Entry};

/// How many times larger than its compressed form deflated data can be at most (1,032, by the
/// format); so much is set aside at once, and no more.
const DEFLATE_RATIO_MAX: u64 = 1_032;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Why the data of an entry could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DataError {
    /// They are encrypted.
    Encrypted,
    /// They are compressed by another method than deflate.
    Method(u16),
    /// They are not where the directory says.
    Outside,
    /// They are no deflated data.
    Inflate,
    /// They are more than was allowed.
    TooLarge(usize),
    /// Too much was read before them.
    Exhausted,
    /// Their size or checksum is another than the directory says.
    Differ,
}

impl DataError {
    /// In words.
    pub(crate) fn what(&self) -> String {
        match self {
            DataError::Encrypted => "it is encrypted".to_owned(),
            DataError::Method(method) => format!("it is compressed by method {method}, which is not read"),
            DataError::Outside => "its data are not where the central directory says".to_owned(),
            DataError::Inflate => "its data cannot be inflated".to_owned(),
            DataError::TooLarge(bytes_max) => format!("it has more than {bytes_max} bytes"),
            DataError::Exhausted => "too much was read of the file already".to_owned(),
            DataError::Differ => "its data are not those that the central directory describes".to_owned(),
        }
    }
}

/// The data of an entry, perhaps not all, and whether they are what the directory describes.
pub(crate) struct Reading<'a> {
    /// What was read.
    pub(crate) data: Cow<'a, [u8]>,
    /// Why it is not to be trusted, or not all.
    pub(crate) error: Option<DataError>,
}

/// Reads the data of `entry`, at most `bytes_max` of them. What could be read before an error
/// is given with it.
pub(crate) fn read<'a>(directory: &Directory<'a>, entry: &Entry<'a>, bytes_max: usize) -> Reading<'a> {
    let nothing = |error| Reading { data: Cow::Borrowed(&[][..]), error: Some(error) };
    if entry.is_encrypted {
        return nothing(DataError::Encrypted);
    }
    let Some(stored) = entry.stored(directory) else { return nothing(DataError::Outside) };
    let (data, error) = match entry.method {
        STORED => match stored.get(..bytes_max) {
            Some(start) if start.len() < stored.len() => {
                (Cow::Borrowed(start), Some(DataError::TooLarge(bytes_max)))
            }
            _ => (Cow::Borrowed(stored), None),
        },
        DEFLATED => {
            let (data, error) = inflate(stored, entry.size_bytes, bytes_max);
            (Cow::Owned(data), error)
        }
        method => return nothing(DataError::Method(method)),
    };
    let error = error.or_else(|| (!is_as_described(entry, &data)).then_some(DataError::Differ));
    Reading { data, error }
}

fn inflate(stored: &[u8], size_bytes: u64, bytes_max: usize) -> (Vec<u8>, Option<DataError>) {
    let possible = (stored.len() as u64).saturating_mul(DEFLATE_RATIO_MAX);
    let likely = size_bytes.min(possible).min(bytes_max as u64);
    let mut data = Vec::with_capacity(usize::try_from(likely).unwrap_or_default());
    // One byte more than allowed tells an entry that is exactly as large from a larger one.
    let limit = (bytes_max as u64).saturating_add(1);
    let result = DeflateDecoder::new(stored).take(limit).read_to_end(&mut data);
    let error = if data.len() > bytes_max {
        data.truncate(bytes_max);
        Some(DataError::TooLarge(bytes_max))
    } else {
        result.is_err().then_some(DataError::Inflate)
    };
    (data, error)
}

fn is_as_described(entry: &Entry<'_>, data: &[u8]) -> bool {
    let mut crc = Crc::new();
    crc.update(data);
    entry.size_bytes == data.len() as u64 && entry.crc32 == crc.sum()
}
