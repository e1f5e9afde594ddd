//! The cache of layer facts: a file that something damaged, or that somebody else wrote.

use plimsoll_engine::facts::{decode, decode_owned, encode};
use plimsoll_image::index::HashKey;

/// Runs the target.
pub fn run(input: &[u8]) {
    decode_and_encode(input);
    // The same with its checksum put right, or a fuzzer would never get beyond it.
    if let Some((content, _)) = input.split_last_chunk::<8>() {
        let mut mended = content.to_vec();
        mended.extend_from_slice(&HashKey([0; 16]).hash(content).to_le_bytes());
        decode_and_encode(&mended);
    }
}

fn decode_and_encode(bytes: &[u8]) {
    if let Some(facts) = decode(bytes, &|_, _| true) {
        let again = decode(&encode(&facts), &|_, _| true);
        assert_eq!(again.as_ref(), Some(&facts), "facts that change when they are written again");
    }
    let _ = decode_owned(bytes);
    let _ = decode(bytes, &|id, version| id.len() % 2 == 0 && version > 0);
}
