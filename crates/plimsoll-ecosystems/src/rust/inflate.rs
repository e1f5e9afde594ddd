//! Inflates one zlib stream as its bytes come, up to a bound.

use flate2::{Decompress, FlushDecompress, Status};

/// Bytes of a list of crates; that of a program of 2,000 crates has some 400 KB.
pub(super) const INFLATED_BYTES_MAX: usize = 8 << 20;

/// How an inflation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// More is to come.
    Running,
    /// The stream has ended well.
    Ended,
    /// It is no zlib stream, or a damaged one.
    Broken,
    /// It is larger than the bound.
    TooLarge,
}

/// A zlib stream being inflated.
pub(super) struct Inflation {
    stream: Decompress,
    inflated: Vec<u8>,
    state: State,
}

impl Inflation {
    pub(super) fn new() -> Inflation {
        Inflation { stream: Decompress::new(true), inflated: Vec::new(), state: State::Running }
    }

    /// The next bytes.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        let mut buffer = [0; 4096];
        while self.state == State::Running && !bytes.is_empty() {
            let (read, written) = (self.stream.total_in(), self.stream.total_out());
            let status = self.stream.decompress(bytes, &mut buffer, FlushDecompress::None);
            let read = crate::binary::index(self.stream.total_in() - read);
            let written = crate::binary::index(self.stream.total_out() - written);
            self.inflated.extend_from_slice(buffer.get(..written).unwrap_or_default());
            bytes = bytes.get(read..).unwrap_or_default();
            self.state = match status {
                Ok(Status::StreamEnd) => State::Ended,
                Err(_) => State::Broken,
                Ok(_) if self.inflated.len() > INFLATED_BYTES_MAX => State::TooLarge,
                Ok(_) if read == 0 && written == 0 => State::Broken,
                Ok(_) => State::Running,
            };
        }
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// What has been inflated.
    pub(super) fn inflated(&self) -> &[u8] {
        &self.inflated
    }

    /// How many bytes the stream has taken.
    pub(super) fn read_bytes(&self) -> u64 {
        self.stream.total_in()
    }
}

/// Tells cheaply what a zlib stream begins with.
pub(super) struct Probe(Decompress);

impl Probe {
    pub(super) fn new() -> Probe {
        Probe(Decompress::new(true))
    }

    /// Whether `bytes` begin a stream whose content begins with `start` (at most 64 bytes).
    pub(super) fn begins(&mut self, bytes: &[u8], start: &[u8]) -> bool {
        let mut buffer = [0; 64];
        self.0.reset(true);
        let status = self.0.decompress(bytes, &mut buffer, FlushDecompress::None);
        status.is_ok() && buffer.starts_with(start)
    }
}
