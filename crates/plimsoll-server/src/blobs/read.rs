//! Reading a part of a file in pieces, the next one while the last is being sent.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::task::JoinHandle;

use super::Outgoing;

/// How much is read at once. Larger pieces bring no more throughput, and each reader holds two.
const PIECE_BYTES: u64 = 256 * 1024;

/// What is left to be sent, and the piece that is on its way.
struct Rest {
    file: Arc<File>,
    next: u64,
    end: u64,
    ahead: Option<JoinHandle<io::Result<Bytes>>>,
}

/// The bytes of `file` from `first` on, `length` of them. A file that is shorter is an error at
/// its end, never a short answer.
pub(super) fn stream(file: File, first: u64, length: u64) -> Outgoing {
    let rest = Rest { file: Arc::new(file), next: first, end: first.saturating_add(length), ahead: None };
    stream::try_unfold(rest, step).boxed()
}

async fn step(mut rest: Rest) -> io::Result<Option<(Bytes, Rest)>> {
    let Some(current) = rest.ahead.take().or_else(|| rest.begin()) else {
        return Ok(None);
    };
    rest.ahead = rest.begin();
    let piece = current.await.map_err(io::Error::other)??;
    Ok(Some((piece, rest)))
}

impl Rest {
    fn begin(&mut self) -> Option<JoinHandle<io::Result<Bytes>>> {
        let length = self.end.saturating_sub(self.next).min(PIECE_BYTES);
        if length == 0 {
            return None;
        }
        let (file, offset) = (Arc::clone(&self.file), self.next);
        self.next += length;
        Some(tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; usize::try_from(length).map_err(io::Error::other)?];
            file.read_exact_at(&mut piece, offset)?;
            Ok(piece.into())
        }))
    }
}
