//! From stored chunks to uncompressed ones: the stage between reading and walking.
//!
//! Damage and what follows the stream are passed on as they are found; nothing is repaired.

use std::sync::mpsc::{Receiver, SyncSender};

use plimsoll_core::Limits;

use super::Meter;
use crate::compression::Inflater;
use crate::walk::Stop;

/// Uncompressed bytes come so many at a time.
pub(super) const RAW_CHUNK_BYTES: usize = 256 << 10;

/// What comes out of the inflating stage.
pub(super) enum Raw {
    Chunk(Vec<u8>),
    Damage(String),
    Trailing(&'static str),
    Stop(Stop),
}

/// Inflates chunk by chunk; ends where nobody walks any more.
pub(super) fn inflate(
    inflater: &mut Inflater,
    stored: &Receiver<Vec<u8>>,
    stored_back: &SyncSender<Vec<u8>>,
    to_walk: &SyncSender<Raw>,
    spare: &Receiver<Vec<u8>>,
    limits: &Limits,
    meter: &dyn Meter,
) {
    let mut total = 0u64;
    let mut output = Vec::new();
    let mut filled = 0;
    let mut damaged = false;
    for chunk in stored {
        let mut input = &chunk[..];
        let mut counted = chunk.len() as u64;
        while !input.is_empty() && !damaged {
            if output.is_empty() {
                output = spare.try_recv().unwrap_or_default();
                output.resize(RAW_CHUNK_BYTES, 0);
                filled = 0;
            }
            let step = match inflater.step(input, &mut output[filled..]) {
                Ok(step) => step,
                Err(what) => {
                    damaged = true;
                    flush(&mut output, filled, to_walk);
                    let _ = to_walk.send(Raw::Damage(what));
                    break;
                }
            };
            if step.trailing {
                damaged = true;
                flush(&mut output, filled, to_walk);
                let _ = to_walk
                    .send(Raw::Trailing("something that is no part of it follows the compressed stream"));
                break;
            }
            input = &input[step.consumed..];
            filled += step.produced;
            total += step.produced as u64;
            let went_on = meter.advance(std::mem::take(&mut counted), step.produced as u64).and_then(|()| {
                if total > limits.layer_bytes {
                    return Err(Stop::Limit(format!(
                        "the layer has more than {} bytes uncompressed",
                        limits.layer_bytes
                    )));
                }
                Ok(())
            });
            if let Err(stop) = went_on {
                let _ = to_walk.send(Raw::Stop(stop));
                return;
            }
            if filled == output.len() && to_walk.send(Raw::Chunk(std::mem::take(&mut output))).is_err() {
                return;
            }
        }
        let _ = stored_back.try_send(chunk);
    }
    flush(&mut output, filled, to_walk);
    if !damaged && !inflater.may_end() {
        let _ = to_walk.send(Raw::Damage("the compressed stream is cut off before its end".to_owned()));
    }
}

fn flush(output: &mut Vec<u8>, filled: usize, to_walk: &SyncSender<Raw>) {
    if !output.is_empty() {
        output.truncate(filled);
        let _ = to_walk.send(Raw::Chunk(std::mem::take(output)));
    }
}

/// The stage in place of inflating where there is nothing to inflate.
pub(super) fn pass_through(
    stored: &Receiver<Vec<u8>>,
    stored_back: &SyncSender<Vec<u8>>,
    to_walk: &SyncSender<Raw>,
    spare: &Receiver<Vec<u8>>,
    limits: &Limits,
    meter: &dyn Meter,
) {
    let mut total = 0;
    for chunk in stored {
        let length = chunk.len() as u64;
        total += length;
        if let Err(stop) = meter.advance(length, length) {
            let _ = to_walk.send(Raw::Stop(stop));
            return;
        }
        if total > limits.layer_bytes {
            let what = format!("the layer has more than {} bytes", limits.layer_bytes);
            let _ = to_walk.send(Raw::Stop(Stop::Limit(what)));
            return;
        }
        if to_walk.send(Raw::Chunk(chunk)).is_err() {
            return;
        }
        if let Ok(used) = spare.try_recv() {
            let _ = stored_back.try_send(used);
        }
    }
}
