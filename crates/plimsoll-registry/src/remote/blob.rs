//! A blob as it streams, taken up again where a connection broke.
//!
//! Gives exactly as many bytes as the descriptor says or an error; the digest is checked by
//! whoever reads. Holds no more than the network's own buffers.

use std::io::{self, Read};
use std::sync::Arc;

use plimsoll_core::Digest;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_RANGE};

use super::client::Client;
use crate::Error;

/// Reads one blob of a registry.
pub(super) struct BlobReader {
    client: Arc<Client>,
    digest: Digest,
    size_bytes: u64,
    position: u64,
    response: Option<Response>,
    /// Breaks since the last byte that came.
    breaks: u32,
    /// Breaks in all: a registry that sends one byte at a time must not go on for ever.
    breaks_left: u32,
    done: bool,
}

/// Breaks of one download. At the gigabytes of the largest layers, one every few tens of
/// megabytes.
const BREAKS_MAX: u32 = 200;

impl BlobReader {
    /// Asks for a blob; the answer's head has come when this returns.
    pub(super) fn open(client: Arc<Client>, digest: Digest, size_bytes: u64) -> Result<BlobReader, Error> {
        let mut reader = BlobReader {
            client,
            digest,
            size_bytes,
            position: 0,
            response: None,
            breaks: 0,
            breaks_left: BREAKS_MAX,
            done: false,
        };
        reader.response = Some(reader.request()?);
        Ok(reader)
    }

    fn request(&self) -> Result<Response, Error> {
        let response = self.client.blob(&self.digest, self.position)?;
        let encoded = response.headers().get(CONTENT_ENCODING).is_some_and(|it| it != "identity");
        if encoded {
            return Err(self.wrong("comes in an encoding that nobody asked for"));
        }
        match response.status().as_u16() {
            206 => self.check_range(response),
            _ => self.skip(response),
        }
    }

    /// `Content-Range: bytes FROM-TO/SIZE` must be what was asked for.
    fn check_range(&self, response: Response) -> Result<Response, Error> {
        let range = response.headers().get(CONTENT_RANGE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let expected = format!("bytes {}-{}/", self.position, self.size_bytes.saturating_sub(1));
        let size = range.strip_prefix(&expected);
        if size.is_some_and(|it| it == "*" || it.parse() == Ok(self.size_bytes)) {
            return Ok(response);
        }
        Err(self.wrong("continues at another place than was asked for"))
    }

    /// A registry that knows no ranges starts again: what we have is read over.
    fn skip(&self, mut response: Response) -> Result<Response, Error> {
        if response.content_length().is_some_and(|it| it != self.size_bytes) {
            return Err(self.wrong(&format!(
                "has {} bytes, but its descriptor says {}",
                response.content_length().unwrap_or_default(),
                self.size_bytes
            )));
        }
        let skipped = io::copy(&mut response.by_ref().take(self.position), &mut io::sink());
        match skipped {
            Ok(count) if count == self.position => Ok(response),
            Ok(_) => Err(self.wrong("is shorter than before")),
            Err(error) => Err(Error::io(format!("layer {} cannot be read again", self.digest), error)),
        }
    }

    fn wrong(&self, what: &str) -> Error {
        Error::malformed(format!("layer {} from {} {what}", self.digest, self.client.registry()))
    }

    /// Connects again after a break, or gives up.
    fn resume(&mut self, why: &str) -> Result<(), Error> {
        self.response = None;
        self.breaks += 1;
        self.breaks_left = self.breaks_left.saturating_sub(1);
        let transport = self.client.transport();
        if self.breaks > transport.patience.resumes || self.breaks_left == 0 {
            let (position, size) = (self.position, self.size_bytes);
            return Err(self.wrong(&format!("broke off at byte {position} of {size} too often ({why})")));
        }
        std::thread::sleep(transport.delay(self.breaks));
        self.response = Some(self.request()?);
        Ok(())
    }

    /// All bytes are here; one more would make it another blob.
    fn finish(&mut self, response: &mut Response) -> Result<(), Error> {
        self.done = true;
        let mut one_more = [0];
        match response.read(&mut one_more) {
            Ok(0) | Err(_) => Ok(()),
            Ok(_) => {
                Err(self.wrong(&format!("is longer than the {} bytes of its descriptor", self.size_bytes)))
            }
        }
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.done || buffer.is_empty() {
                return Ok(0);
            }
            self.client.transport().check_deadline().map_err(io::Error::other)?;
            let Some(mut response) = self.response.take() else {
                return Err(io::Error::other("the download was given up"));
            };
            let left = usize::try_from(self.size_bytes - self.position).unwrap_or(usize::MAX);
            if left == 0 {
                self.finish(&mut response).map_err(io::Error::other)?;
                return Ok(0);
            }
            let wanted = buffer.len().min(left);
            let why = match response.read(&mut buffer[..wanted]) {
                Ok(0) => "the connection was closed".to_owned(),
                Ok(count) => {
                    self.position += u64::try_from(count).unwrap_or(u64::MAX);
                    self.breaks = 0;
                    self.response = Some(response);
                    return Ok(count);
                }
                Err(error) => crate::error::excerpt(&error.to_string()),
            };
            self.resume(&why).map_err(io::Error::other)?;
        }
    }
}
