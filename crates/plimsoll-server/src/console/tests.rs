use std::sync::OnceLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::answer::{Asked, answer};
use super::file::File;

static HASHES: [OnceLock<String>; 3] = [const { OnceLock::new() }; 3];

static BUILT: &[File] = &[
    File { path: "assets/index-1a2b.js", plain: b"plain script", gzip: Some(b"packed"), hash: &HASHES[0] },
    File { path: "favicon.svg", plain: b"<svg/>", gzip: None, hash: &HASHES[1] },
    File { path: "index.html", plain: b"<html>", gzip: None, hash: &HASHES[2] },
];

/// Asks, with headers as `name: value` lines, and gives the status, some headers and the body.
#[track_caller]
fn check(files: &[File], line: &str, headers: &str, expected: &str) {
    let (method, path) = line.split_once(' ').unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut map = HeaderMap::new();
    for (name, value) in headers.lines().filter_map(|it| it.split_once(": ")) {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let answer = answer(files, &Asked { method: &method, path, headers: &map });
    let said = |name: &str| answer.headers().get(name).map_or("-", |it| it.to_str().unwrap()).to_owned();
    assert!(said("content-security-policy").contains("script-src 'self'; style-src 'self'"));
    assert_eq!(said("x-content-type-options"), "nosniff");
    let head = format!(
        "{} {} {} {}",
        answer.status().as_u16(),
        said("content-type"),
        said("content-encoding"),
        said("cache-control")
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let body = runtime.block_on(axum::body::to_bytes(answer.into_body(), 10_000)).unwrap();
    assert_eq!(format!("{head}\n{}", String::from_utf8_lossy(&body)), expected);
}

const PAGE: &str = "accept: text/html,application/xhtml+xml,*/*;q=0.8";
const HTML: &str = "200 text/html; charset=utf-8 - no-cache\n<html>";
const NOTHING: &str = "404 - - -\n";

#[test]
fn every_address_of_a_page_is_the_page() {
    for path in ["/", "/namespaces", "/namespaces/a/repositories/b/c/artifacts/sha256:00", "/x.y"] {
        check(BUILT, &format!("GET {path}"), PAGE, HTML);
    }
    check(BUILT, "GET /", "accept: */*", HTML);
}

#[test]
fn what_belongs_to_others_is_never_a_page() {
    for path in ["/v2/nothing", "/v1/_ping", "/api/v1/nothing", "/service/x", "/metrics/x", "/assets/old.js"]
    {
        check(BUILT, &format!("GET {path}"), PAGE, NOTHING);
    }
    check(BUILT, "POST /namespaces", PAGE, NOTHING);
    // A program that mistyped an address is not told that it is there.
    check(BUILT, "GET /helthz", "accept: */*", NOTHING);
}

#[test]
fn what_is_named_by_its_content_is_kept_for_ever_and_sent_compressed_to_whoever_takes_it() {
    let script = "text/javascript; charset=utf-8";
    let kept = "public, max-age=31536000, immutable";
    let line = "GET /assets/index-1a2b.js";
    check(BUILT, line, "", &format!("200 {script} - {kept}\nplain script"));
    check(BUILT, line, "accept-encoding: br, GZIP", &format!("200 {script} gzip {kept}\npacked"));
    check(BUILT, line, "accept-encoding: gzip;q=0", &format!("200 {script} - {kept}\nplain script"));
    check(BUILT, "HEAD /assets/index-1a2b.js", "", &format!("200 {script} - {kept}\n"));
    check(BUILT, "GET /favicon.svg", "", "200 image/svg+xml - no-cache\n<svg/>");
}

#[test]
fn whoever_has_it_is_told_so() {
    let tag = BUILT[2].entity_tag(false);
    check(BUILT, "GET /", &format!("if-none-match: W/{tag}"), "304 - - no-cache\n");
    check(BUILT, "GET /", &format!("if-none-match: \"x\", {tag}"), "304 - - no-cache\n");
    check(BUILT, "GET /", "if-none-match: \"x\"", HTML);
    let script = &BUILT[0];
    assert_ne!(script.entity_tag(false), script.entity_tag(true));
}

#[test]
fn a_build_without_a_console_says_how_to_get_it() {
    let absent = include_str!("absent.html");
    check(&[], "GET /namespaces", PAGE, &format!("404 text/html; charset=utf-8 - no-store\n{absent}"));
    check(&[], "GET /namespaces", "accept: application/json", NOTHING);
}
