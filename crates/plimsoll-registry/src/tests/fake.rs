//! A registry for tests: HTTP/1.1 by hand on loopback, able to misbehave as real ones do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::*;

/// A request as it came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// An answer. Without `Content-Length` in the headers it is put there.
#[derive(Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The connection is closed after this many bytes of the body.
    pub(crate) cut_at: Option<usize>,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Reply {
        Reply { status, body: body.into(), ..Reply::default() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

type Handler = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// A server on a port of its own. The handler gets each request and its number, from 0.
pub(crate) struct Server {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (handler, log): (Arc<Handler>, _) = (Arc::new(handler), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &*handler, &log));
            }
        });
        Server { address, requests }
    }

    /// What came in: `METHOD path`, and what the request proves itself with.
    pub(crate) fn log(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let line = |it: &Request| match it.header("authorization") {
            "" => format!("{} {}", it.method, it.path),
            authorization => format!("{} {} ({authorization})", it.method, it.path),
        };
        requests.iter().map(line).collect()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, handler: &Handler, log: &Mutex<Vec<Request>>) {
    let Some(request) = read_request(&stream) else {
        return;
    };
    let number = {
        let mut log = log.lock().unwrap();
        log.push(request.clone());
        log.len() - 1
    };
    let reply = handler(&request, number);
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !reply.headers.iter().any(|(name, _)| matches!(name.as_str(), "Content-Length" | "Transfer-Encoding"))
    {
        head += &format!("Content-Length: {}\r\n", reply.body.len());
    }
    let mut stream = stream;
    let body = &reply.body[..reply.cut_at.unwrap_or(reply.body.len())];
    // The client may have hung up; that is its right.
    let _ = stream.write_all(format!("{head}\r\n").as_bytes());
    if request.method != "HEAD" {
        let _ = stream.write_all(body);
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    // TLS begins with 22: somebody tries whether we speak it.
    if reader.fill_buf().ok()?.first() == Some(&22) {
        return None;
    }
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let mut request =
        Request { method: words.next()?.to_owned(), path: words.next()?.to_owned(), ..Request::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        request.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = request.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}

/// What an honest registry answers for these blobs, `latest` being the tag of `tagged`.
pub(crate) fn honest(blobs: &Blobs, tagged: &str, request: &Request) -> Reply {
    let mut parts = request.path.rsplitn(3, '/');
    let (name, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if request.path == "/v2/" {
        return Reply::new(200, "{}");
    }
    let digest = if name == "latest" { Some(digest_in(tagged)) } else { name.parse().ok() };
    let found = digest.and_then(|digest| Some((digest, blobs.0.get(&digest)?)));
    let Some((digest, bytes)) = found else {
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
        return Reply::new(404, body).with("Content-Type", "application/json");
    };
    if kind == "manifests" {
        let media_type = if bytes.windows(11).any(|it| it == b"\"manifests\"") { INDEX } else { MANIFEST };
        let reply = Reply::new(200, bytes.clone()).with("Content-Type", media_type);
        return reply.with("Docker-Content-Digest", &digest.to_string());
    }
    let from = request.header("range").strip_prefix("bytes=").and_then(|it| it.strip_suffix('-'));
    match from.and_then(|it| it.parse::<usize>().ok()) {
        Some(from) => {
            let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
            Reply::new(206, &bytes[from..]).with("Content-Range", &range)
        }
        None => Reply::new(200, bytes.clone()),
    }
}
