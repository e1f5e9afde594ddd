//! What a request for the console is answered with: a function of the files and the request.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};

use super::file::{File, INDEX};
use super::protection;

/// Beginnings of addresses that belong to other parts, whether they answer them or not. A program
/// that asks for what is not there must not be told a page.
const OTHERS: &[&str] = &["api", "v1", "v2", "service", "healthz", "readyz", "metrics", "assets"];

/// What is looked at of a request.
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) headers: &'a HeaderMap,
}

impl<'a> Asked<'a> {
    pub(super) fn of(request: &'a Request) -> Asked<'a> {
        Asked { method: request.method(), path: request.uri().path(), headers: request.headers() }
    }

    /// A header's values as one text; one that is not readable says nothing.
    fn header(&self, name: header::HeaderName) -> String {
        let values: Vec<_> = self.headers.get_all(name).iter().filter_map(|it| it.to_str().ok()).collect();
        values.join(",")
    }

    fn wants_page(&self) -> bool {
        self.path == "/" || self.header(header::ACCEPT).contains("text/html")
    }

    fn is_for_others(&self) -> bool {
        let first = self.path.trim_start_matches('/').split('/').next().unwrap_or_default();
        OTHERS.contains(&first)
    }

    fn takes_gzip(&self) -> bool {
        let header = self.header(header::ACCEPT_ENCODING);
        header.split(',').any(|it| {
            let (name, quality) = it.split_once(';').unwrap_or((it, ""));
            let refused = quality.trim().strip_prefix("q=").is_some_and(|it| it.parse() == Ok(0.0));
            name.trim().eq_ignore_ascii_case("gzip") && !refused
        })
    }

    fn has(&self, entity_tag: &str) -> bool {
        let header = self.header(header::IF_NONE_MATCH);
        header.split(',').map(str::trim).any(|it| it == "*" || it.trim_start_matches("W/") == entity_tag)
    }
}

/// The answer.
pub(super) fn answer(files: &[File], asked: &Asked<'_>) -> Response<Body> {
    if !matches!(*asked.method, Method::GET | Method::HEAD) {
        return empty(StatusCode::NOT_FOUND);
    }
    let name = asked.path.trim_start_matches('/');
    if let Some(file) = files.iter().find(|it| it.path == name) {
        return send(file, asked);
    }
    if asked.is_for_others() || !asked.wants_page() {
        return empty(StatusCode::NOT_FOUND);
    }
    match files.iter().find(|it| it.path == INDEX) {
        Some(index) => send(index, asked),
        None => absent(),
    }
}

fn send(file: &File, asked: &Asked<'_>) -> Response<Body> {
    let packed = file.gzip.filter(|_| asked.takes_gzip());
    let tag = file.entity_tag(packed.is_some());
    let is_known = asked.has(&tag);
    let content = packed.unwrap_or(file.plain);
    let mut answer = begin(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK })
        .header(header::ETAG, tag)
        .header(header::CACHE_CONTROL, file.cache_control())
        .header(header::VARY, "accept-encoding");
    if is_known {
        return finish(answer, Body::empty());
    }
    if packed.is_some() {
        answer = answer.header(header::CONTENT_ENCODING, "gzip");
    }
    let answer =
        answer.header(header::CONTENT_TYPE, file.media_type()).header(header::CONTENT_LENGTH, content.len());
    finish(answer, if asked.method == Method::HEAD { Body::empty() } else { Body::from(content) })
}

/// In place of a console that was not built.
fn absent() -> Response<Body> {
    let answer = begin(StatusCode::NOT_FOUND)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store");
    finish(answer, Body::from(include_str!("absent.html")))
}

fn empty(status: StatusCode) -> Response<Body> {
    finish(begin(status), Body::empty())
}

fn begin(status: StatusCode) -> axum::http::response::Builder {
    protection::HEADERS
        .iter()
        .fold(Response::builder().status(status), |answer, (name, value)| answer.header(*name, *value))
}

fn finish(answer: axum::http::response::Builder, body: Body) -> Response<Body> {
    answer.body(body).expect("all headers are texts of this module")
}
