//! HTTP/1.1 over a connection that is kept, and how long answers took.
//!
//! Plain sockets: a client library would be measured along with the server. Reads what our server and
//! docker-registry answer, and no more of HTTP than that.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::shell::Result;

/// A connection to one server.
pub(crate) struct Client {
    address: String,
    login: &'static str,
    stream: BufReader<TcpStream>,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// Connects; `login` is what stands behind `Basic`, or nothing.
    pub(crate) fn connect(address: &str, login: &'static str) -> Result<Client> {
        let stream = TcpStream::connect(address).map_err(|error| format!("{address}: {error}"))?;
        let prepared = stream.set_nodelay(true);
        let prepared = prepared.and_then(|()| stream.set_read_timeout(Some(Duration::from_secs(120))));
        prepared.map_err(|error| format!("{address}: {error}"))?;
        Ok(Client {
            address: address.to_owned(),
            login,
            stream: BufReader::with_capacity(256 * 1024, stream),
        })
    }

    /// Sends a request and reads all of the answer.
    pub(crate) fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Answer> {
        self.exchange(method, path, kind, body).map_err(|error| format!("{method} {path}: {error}"))
    }

    /// The same, and any other status is an error.
    pub(crate) fn expect(
        &mut self,
        status: u16,
        (method, path): (&str, &str),
        kind: &str,
        body: &[u8],
    ) -> Result<Answer> {
        let answer = self.send(method, path, kind, body)?;
        if answer.status != status {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(format!("{method} {path}: {} {text}", answer.status));
        }
        Ok(answer)
    }

    fn exchange(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> std::io::Result<Answer> {
        let login = if self.login.is_empty() {
            String::new()
        } else {
            format!("Authorization: Basic {}\r\n", self.login)
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{login}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(head.as_bytes())?;
        self.stream.get_mut().write_all(body)?;
        let status = self.line()?.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        let mut answer = Answer { status, location: None, body: Vec::new() };
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap_or(0),
                "transfer-encoding" => is_chunked = value == "chunked",
                "location" => answer.location = Some(value.to_owned()),
                _ => (),
            }
        }
        match (method, status) {
            ("HEAD", _) | (_, 204 | 304) => (),
            _ if is_chunked => self.chunks(&mut answer.body)?,
            _ => {
                answer.body.resize(length, 0);
                self.stream.read_exact(&mut answer.body)?;
            }
        }
        Ok(answer)
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> std::io::Result<()> {
        loop {
            let size = usize::from_str_radix(self.line()?.trim(), 16).unwrap_or(0);
            let begin = body.len();
            body.resize(begin + size, 0);
            self.stream.read_exact(&mut body[begin..])?;
            self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line)? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}

/// How long things took.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn join(&mut self, other: Times) {
        self.0.extend(other.0);
    }

    /// The time within which so many of a thousand were done, in milliseconds.
    pub(crate) fn at(&mut self, thousandths: usize) -> f64 {
        self.0.sort_unstable();
        let place = (self.0.len() * thousandths / 1000).min(self.0.len().saturating_sub(1));
        self.0.get(place).map_or(f64::NAN, |it| it.as_secs_f64() * 1e3)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_times_is_within_a_time() {
        let mut times = Times::default();
        (1..=1000).rev().for_each(|it| times.add(Duration::from_millis(it)));
        assert_eq!((times.at(500), times.at(990), times.at(1000)), (501.0, 991.0, 1000.0));
        assert!(Times::default().at(500).is_nan());
    }
}
