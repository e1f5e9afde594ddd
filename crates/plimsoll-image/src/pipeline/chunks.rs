//! The uncompressed bytes as the walk sees them, where they come through a queue.
//!
//! Hashes what passes; knows nothing of archives.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender};

use sha2::{Digest as _, Sha256};

use super::inflating::Raw;
use super::seeking::read_buffered;
use crate::walk::{LayerBytes, SourceStopped, Stop};

/// The raw bytes as they come out of the queue; hashed as they come.
pub(super) struct Chunks {
    queue: Receiver<Raw>,
    back: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    at: usize,
    sha256: Option<Sha256>,
    outcome: Outcome,
    ended: bool,
}

/// What came out of the queue besides bytes, and what the bytes come to.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) size_bytes: u64,
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) damage: Option<String>,
    pub(super) trailing: Option<&'static str>,
    pub(super) stop: Option<Stop>,
}

impl Chunks {
    pub(super) fn new(queue: Receiver<Raw>, back: SyncSender<Vec<u8>>, hash: bool) -> Chunks {
        Chunks {
            queue,
            back,
            current: Vec::new(),
            at: 0,
            sha256: hash.then(Sha256::new),
            outcome: Outcome::default(),
            ended: false,
        }
    }

    /// Makes the next chunk the current one; false at the end.
    fn next_chunk(&mut self) -> bool {
        while !self.ended {
            match self.queue.recv() {
                Ok(Raw::Chunk(chunk)) => {
                    if chunk.is_empty() {
                        continue;
                    }
                    if let Some(hasher) = &mut self.sha256 {
                        hasher.update(&chunk);
                    }
                    self.outcome.size_bytes += chunk.len() as u64;
                    let used = std::mem::replace(&mut self.current, chunk);
                    let _ = self.back.try_send(used);
                    self.at = 0;
                    return true;
                }
                Ok(Raw::Damage(what)) => self.outcome.damage = Some(what),
                Ok(Raw::Trailing(what)) => self.outcome.trailing = Some(what),
                Ok(Raw::Stop(stop)) => {
                    self.outcome.stop = Some(stop);
                    self.ended = true;
                }
                Err(_) => self.ended = true,
            }
        }
        false
    }

    /// Takes what nobody walks, so that it is hashed.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        while self.next_chunk() {}
        Ok(())
    }

    /// What is known at the end.
    pub(super) fn into_outcome(mut self) -> Outcome {
        self.outcome.sha256 = self.sha256.take().map(|hasher| hasher.finalize().into());
        self.outcome
    }
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, buffer)
    }
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.current.len() && !self.next_chunk() {
            self.current.clear();
            self.at = 0;
            if self.outcome.stop.is_some() {
                return Err(io::Error::other(SourceStopped));
            }
        }
        Ok(&self.current[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.current.len());
    }
}

impl LayerBytes for Chunks {
    fn skip(&mut self, wanted: u64) -> io::Result<u64> {
        let mut count = wanted;
        while count > 0 {
            let here = self.fill_buf()?.len();
            if here == 0 {
                break;
            }
            let take = usize::try_from(count).unwrap_or(usize::MAX).min(here);
            self.consume(take);
            count -= take as u64;
        }
        Ok(wanted - count)
    }
}
