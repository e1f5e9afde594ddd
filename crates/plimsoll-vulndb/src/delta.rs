//! The difference between two versions of the same bytes: what somebody who has the one needs to
//! make the other. zstd's own patches, with the old bytes as the window's beginning.
//!
//! Never trusts a patch: what comes out is bounded, and compared by digest where it is used.

use std::io::{self, Read, Write};

use zstd::zstd_safe::CParameter;

/// Matches are looked for in this much of the old bytes at most, as a power of two: 128 MB, what
/// every decoder takes without being asked to.
const WINDOW_LOG_MAX: u32 = 27;
/// Bytes before this many, as a power of two, are not worth another window.
const WINDOW_LOG_MIN: u32 = 20;

/// Advisories are rarely packed to less than a sixty-fourth.
const LIKELY_RATIO_MAX: usize = 64;

/// A window that holds both versions.
fn window_log(old_bytes: usize, new_bytes: usize) -> u32 {
    let both = old_bytes.saturating_add(new_bytes).max(1);
    both.next_power_of_two().ilog2().clamp(WINDOW_LOG_MIN, WINDOW_LOG_MAX)
}

/// The patch that makes `new` from `old`; with an empty `old`, `new` compressed.
///
/// # Errors
/// Where zstd fails, which means that there is too little memory.
pub fn diff(old: &[u8], new: &[u8], level: i32) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = zstd::stream::write::Encoder::with_ref_prefix(&mut out, level, old)?;
    encoder.set_parameter(CParameter::WindowLog(window_log(old.len(), new.len())))?;
    encoder.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
    encoder.include_checksum(true)?;
    encoder.set_pledged_src_size(Some(new.len() as u64))?;
    encoder.write_all(new)?;
    encoder.finish()?;
    Ok(out)
}

/// Applies a patch to the bytes that it was made from.
///
/// # Errors
/// Where the patch is damaged or belongs to other bytes, or more than `size_bytes_max` come out.
pub fn patch(old: &[u8], patch: &[u8], size_bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_ref_prefix(patch, old)?;
    decoder.window_log_max(WINDOW_LOG_MAX)?;
    let mut new = Vec::new();
    // What is promised is asked for at once, unless it is more than such a patch could make; where
    // there is no room for it, reading says so.
    let promised = zstd::zstd_safe::get_frame_content_size(patch).ok().flatten().unwrap_or(0);
    let likely_max = old.len().saturating_add(patch.len().saturating_mul(LIKELY_RATIO_MAX));
    let _ = new.try_reserve_exact(usize::try_from(promised).map_or(likely_max, |it| it.min(likely_max)));
    decoder.take(size_bytes_max.saturating_add(1)).read_to_end(&mut new)?;
    if new.len() as u64 > size_bytes_max {
        return Err(io::Error::other(format!("more than {size_bytes_max} bytes come out")));
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(count: usize) -> Vec<u8> {
        (0..count).flat_map(|it| format!("advisory {it} {}\n", it * 7919 % 10007).into_bytes()).collect()
    }

    #[test]
    fn a_small_change_makes_a_small_patch() {
        let old = texts(50_000);
        let mut new = old.clone();
        new.splice(400_000..400_010, *b"an edit of some length");
        let small = diff(&old, &new, 9).unwrap();
        assert!(small.len() < 1000, "{}", small.len());
        assert_eq!(patch(&old, &small, 10 << 20).unwrap(), new);
    }

    #[test]
    fn without_old_bytes_it_is_compression() {
        let new = texts(1000);
        let packed = diff(&[], &new, 9).unwrap();
        assert!(packed.len() < new.len());
        assert_eq!(patch(&[], &packed, 10 << 20).unwrap(), new);
        assert_eq!(zstd::decode_all(packed.as_slice()).unwrap(), new);
    }

    #[test]
    fn a_patch_for_other_bytes_is_an_error_or_gives_no_more_than_is_allowed() {
        let (old, new) = (texts(1000), texts(1001));
        let small = diff(&old, &new, 9).unwrap();
        assert!(patch(&texts(10), &small, 10 << 20).is_err());
        assert!(patch(&old, &small[..small.len() - 3], 10 << 20).is_err());
        assert!(patch(&old, &small, 100).is_err());
    }
}
