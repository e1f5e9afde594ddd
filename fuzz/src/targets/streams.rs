//! A stored layer from its first byte: compression told by magic, inflated, hashed, walked.

use std::io::Cursor;

use plimsoll_image::index::HashKey;
use plimsoll_image::pipeline::{Expected, LayerBlob, Meter, read_layer};
use plimsoll_image::walk::Stop;

use super::layers::Kept;

/// Runs the target.
pub fn run(input: &[u8]) {
    let limits = super::small_limits();
    let mut sink = Kept::default();
    let blob = LayerBlob::Stream(Box::new(Cursor::new(input.to_vec())));
    match read_layer(blob, &Expected::default(), HashKey([7; 16]), &limits, &Unmetered, &mut sink) {
        Ok(read) => assert!(read.stopped.is_some() || read.diff_id.is_some() || sink.problems > 0),
        Err(error) => drop(error.to_string()),
    }
}

struct Unmetered;

impl Meter for Unmetered {
    fn advance(&self, _stored_bytes: u64, _inflated_bytes: u64) -> Result<(), Stop> {
        Ok(())
    }
}
