//! A server of files over HTTP with the manners of the vendors' hosts: validators, ranges, pauses,
//! redirects, broken connections, wrong lengths.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How one request is answered otherwise than well.
#[derive(Clone, Debug)]
pub enum Manner {
    /// With this status and these headers, and no file.
    Status(u16, &'static str),
    /// The length of the file, of which only so many bytes come.
    Cut(usize),
    /// So much less or more than the file's length is announced.
    WrongLength(i64),
    /// Without a length; the connection ends where the file does.
    NoLength,
    /// One byte at a time, with this pause in between.
    Slowly(Duration),
    /// A range other than the one that was asked for.
    OtherRange,
    /// Squeezed on the way (`Content-Encoding: gzip`).
    Gzip,
    /// Zeros without end, squeezed on the way.
    Bomb(usize),
    /// Go there.
    Redirect(String),
}

/// A file, and how the next requests for it are answered.
#[derive(Clone, Debug, Default)]
struct Page {
    body: Vec<u8>,
    etag: Option<String>,
    modified: Option<String>,
    manners: VecDeque<Manner>,
}

#[derive(Default)]
struct State {
    pages: HashMap<String, Page>,
    log: Vec<Request>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    headers: HashMap<String, String>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// The server; it ends with the test's process.
pub struct Server {
    address: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // Whoever asked may be gone.
                std::thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Server { address, state }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Serves a file without any validator.
    pub fn put(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.page(path, body.into(), None, None);
    }

    /// Serves a file with an `ETag`.
    pub fn put_tagged(&self, path: &str, body: impl Into<Vec<u8>>, etag: &str) {
        self.page(path, body.into(), Some(etag.to_owned()), None);
    }

    /// Serves a file with a `Last-Modified`.
    pub fn put_dated(&self, path: &str, body: impl Into<Vec<u8>>, modified: &str) {
        self.page(path, body.into(), None, Some(modified.to_owned()));
    }

    fn page(&self, path: &str, body: Vec<u8>, etag: Option<String>, modified: Option<String>) {
        let page = Page { body, etag, modified, manners: VecDeque::new() };
        self.state.lock().unwrap().pages.insert(path.to_owned(), page);
    }

    /// Takes a file away.
    pub fn remove(&self, path: &str) {
        self.state.lock().unwrap().pages.remove(path);
    }

    /// How the next requests for a file are answered, one each; then well again.
    pub fn behave(&self, path: &str, manners: impl IntoIterator<Item = Manner>) {
        let mut state = self.state.lock().unwrap();
        state.pages.entry(path.to_owned()).or_default().manners.extend(manners);
    }

    /// The requests since the last time.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }

    /// The paths that were asked for since the last time.
    pub fn paths(&self) -> Vec<String> {
        self.requests().into_iter().map(|it| it.path).collect()
    }
}

fn read_request(stream: &TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? <= 2 {
            return Ok(Request { path, headers });
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let request = read_request(&stream)?;
    let (page, manner) = {
        let mut state = state.lock().unwrap();
        state.log.push(request.clone());
        let page = state.pages.get_mut(&request.path);
        let manner = page.as_ref().and_then(|it| it.manners.front().cloned());
        let page = page.map(|page| {
            page.manners.pop_front();
            page.clone()
        });
        (page, manner)
    };
    match page {
        Some(page) => answer(stream, &request, &page, manner),
        None => send(stream, "404 Not Found", "", b""),
    }
}

fn send(mut stream: TcpStream, status: &str, headers: &str, body: &[u8]) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

/// Whether what the asker has is what there is.
fn is_known(request: &Request, page: &Page) -> bool {
    let same = |name, value: &Option<String>| value.is_some() && request.header(name) == value.as_deref();
    same("if-none-match", &page.etag) || same("if-modified-since", &page.modified)
}

/// Where the asker wants to go on, if it is the same file still.
fn resumed(request: &Request, page: &Page) -> Option<usize> {
    let from = request.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
    let validator = request.header("if-range");
    let is_same =
        validator.is_none_or(|it| [&page.etag, &page.modified].iter().any(|own| own.as_deref() == Some(it)));
    is_same.then_some(from)
}

fn answer(
    mut stream: TcpStream,
    request: &Request,
    page: &Page,
    manner: Option<Manner>,
) -> std::io::Result<()> {
    let mut headers = String::new();
    if let Some(etag) = &page.etag {
        headers += &format!("ETag: {etag}\r\n");
    }
    if let Some(modified) = &page.modified {
        headers += &format!("Last-Modified: {modified}\r\n");
    }
    match manner {
        Some(Manner::Status(status, more)) => return send(stream, &format!("{status} Said So"), more, b""),
        Some(Manner::Redirect(to)) => {
            return send(stream, "302 Found", &format!("Location: {to}\r\n"), b"");
        }
        None if is_known(request, page) => return send(stream, "304 Not Modified", &headers, b""),
        _ => (),
    }
    let mut body = page.body.as_slice();
    let mut status = "200 OK";
    if let Some(from) = resumed(request, page) {
        if from >= body.len() {
            let range = format!("Content-Range: bytes */{}\r\n", body.len());
            return send(stream, "416 Range Not Satisfiable", &range, b"");
        }
        let said = if matches!(manner, Some(Manner::OtherRange)) { 0 } else { from };
        headers += &format!("Content-Range: bytes {said}-{}/{}\r\n", body.len() - 1, body.len());
        body = &body[from..];
        status = "206 Partial Content";
    }
    let length = body.len();
    let head = |length: i64| {
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n")
    };
    let length_signed = i64::try_from(length).unwrap();
    match manner {
        Some(Manner::Cut(at)) => {
            stream.write_all(head(length_signed).as_bytes())?;
            stream.write_all(&body[..at.min(length)])
        }
        Some(Manner::WrongLength(more)) => {
            stream.write_all(head(length_signed + more).as_bytes())?;
            stream.write_all(body)
        }
        Some(Manner::NoLength) => {
            write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n")?;
            stream.write_all(body)
        }
        Some(Manner::Slowly(pause)) => {
            stream.write_all(head(length_signed).as_bytes())?;
            for byte in body {
                stream.write_all(&[*byte])?;
                std::thread::sleep(pause);
            }
            Ok(())
        }
        Some(Manner::Gzip) => {
            let packed = gzip(body);
            send(stream, status, &format!("Content-Encoding: gzip\r\n{headers}"), &packed)
        }
        Some(Manner::Bomb(bytes)) => {
            let mut packed = Vec::new();
            let zeros = std::io::repeat(0).take(bytes as u64);
            flate2::read::GzEncoder::new(zeros, flate2::Compression::fast()).read_to_end(&mut packed)?;
            send(stream, status, &format!("Content-Encoding: gzip\r\n{headers}"), &packed)
        }
        _ => send(stream, status, &headers, body),
    }
}

/// As gzip packs it.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::default()).read_to_end(&mut packed).unwrap();
    packed
}
