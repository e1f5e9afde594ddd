//! The server killed at random moments of pushes and scans, and on a disk that is full: what was
//! acknowledged is whole, and nothing sticks.
//!
//! `PLIMSOLL_CRASHES` says how often (25, unless said), `PLIMSOLL_CRASH_SEED` repeats a run.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use plimsoll_core::Timestamp;
use plimsoll_store::{JobState, Options, Store, check_sqlite};
use plimsoll_testkit::{Blob, Image, digest_of};
use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::serve::{GIVEN, Server};

const LOGIN: &str = "Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZQ==\r\n";
const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
/// Enough for a server in a debug build to have a push and its scan under way, and to end one.
const LIFE_MILLISECONDS_MAX: u64 = 1_500;
const PUSHERS: u64 = 3;

/// What the server has acknowledged: the path under which it is, and its digest.
type Acknowledged = Arc<Mutex<BTreeMap<String, String>>>;

#[test]
fn a_server_killed_at_any_moment_has_all_that_it_acknowledged_and_goes_on() {
    let crashes = number("PLIMSOLL_CRASHES").unwrap_or(25);
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |it| it.as_secs());
    let mut random = Random(number("PLIMSOLL_CRASH_SEED").unwrap_or_else(clock));
    eprintln!("{crashes} crashes, PLIMSOLL_CRASH_SEED={}", random.0);
    let sandbox = Sandbox::new().with_database();
    let acknowledged = Acknowledged::default();
    for round in 0..crashes {
        let server = Server::start(&sandbox, GIVEN, &[]);
        let life = Duration::from_millis(random.next() % LIFE_MILLISECONDS_MAX);
        push_until_killed(server, round, life, &acknowledged);
    }
    all_is_there(&sandbox, Server::start(&sandbox, GIVEN, &[]), &acknowledged);
}

#[test]
fn a_full_disk_loses_nothing_and_no_scan_sticks() {
    let sandbox = Sandbox::new().with_database();
    let data = sandbox.path("data");
    let Some(_disk) = SmallDisk::at(&data) else { return };
    let server = Server::start(&sandbox, GIVEN, &[]);
    let ballast = data.join("ballast");
    std::fs::write(&ballast, vec![0; 8_000_000]).unwrap();
    let (acknowledged, mut refused) = (Acknowledged::default(), 0);
    for number in 0_u64..200 {
        refused += u32::from(!fits(&server.address, number, &acknowledged));
        if refused == 5 {
            break;
        }
    }
    assert_eq!(refused, 5, "the disk was never full");
    std::fs::remove_file(ballast).unwrap();
    all_is_there(&sandbox, server, &acknowledged);
}

/// A disk of 40 MB in memory; gone with the value.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn at(folder: &'a Path) -> Option<SmallDisk<'a>> {
        std::fs::create_dir_all(folder).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=40m,mode=700", "tmpfs"]).arg(folder);
        if mount.output().is_ok_and(|it| it.status.success()) {
            return Some(SmallDisk(folder));
        }
        eprintln!("SKIPPED: a small disk can be mounted by root alone");
        None
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

/// Pushes an image of a megabyte, if there is room for it.
fn fits(address: &str, number: u64, acknowledged: &Acknowledged) -> bool {
    let mut random = Random(number);
    let padding: String = (0..100_000).map(|_| format!("{:08x} ", random.next())).collect();
    let image = Image::from_text(&format!(
        "//- layer FROM debian:12\n//- /etc/os-release\nID=debian\nVERSION_ID=\"12\"\n//- /padding\n{padding}\n"
    ));
    for blob in image.layers.iter().map(|it| &it.stored).chain([&image.config]) {
        let path = format!("/v2/team/app/blobs/uploads/?digest={}", blob.digest);
        if !is_kept(request(address, "POST", &path, "", &blob.bytes)) {
            return false;
        }
        note(acknowledged, format!("/v2/team/app/blobs/{}", blob.digest), &blob.digest.to_string());
    }
    let manifest = image.manifest();
    let path = format!("/v2/team/app/manifests/v{number}");
    let head = format!("Content-Type: {OCI}\r\n");
    if !is_kept(request(address, "PUT", &path, &head, &manifest.bytes)) {
        return false;
    }
    let path = format!("/v2/team/app/manifests/{}", manifest.digest);
    note(acknowledged, path, &manifest.digest.to_string());
    true
}

/// Whether something was kept. Who is refused before all was sent may find the connection closed.
fn is_kept(answered: io::Result<(u16, Vec<u8>)>) -> bool {
    match answered {
        Ok((201, _)) => true,
        Ok((507, _)) | Err(_) => false,
        Ok((status, answer)) => panic!("{status} {}", String::from_utf8_lossy(&answer)),
    }
}

/// All that was acknowledged can be read, no scan is on its way any more, and the database is whole.
fn all_is_there(sandbox: &Sandbox, server: Server, acknowledged: &Acknowledged) {
    all_scans_end(&server);
    let acknowledged = acknowledged.lock().unwrap().clone();
    eprintln!("{} acknowledged", acknowledged.len());
    assert!(!acknowledged.is_empty(), "the server never lived long enough to answer anything");
    for (path, digest) in &acknowledged {
        let (status, body) = request(&server.address, "GET", path, "", b"").unwrap();
        assert_eq!(status, 200, "{path}");
        assert_eq!(digest_of(&body).to_string(), *digest, "{path}");
    }
    assert_eq!(server.end().0, 0);
    is_whole(&sandbox.path("data"));
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|it| it.parse().unwrap())
}

/// Steps of a linear congruence: good enough for moments, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

/// Pushes by several clients until the server's life is over.
fn push_until_killed(server: Server, round: u64, life: Duration, acknowledged: &Acknowledged) {
    let dead = Arc::new(AtomicBool::new(false));
    let pushers: Vec<_> = (0..PUSHERS)
        .map(|pusher| {
            let (address, dead) = (server.address.clone(), Arc::clone(&dead));
            let acknowledged = Arc::clone(acknowledged);
            std::thread::spawn(move || {
                for number in 0_u64.. {
                    let pushed = push(&address, (round, pusher, number), &acknowledged);
                    match (pushed, dead.load(Ordering::Relaxed)) {
                        (Ok(()), false) => (),
                        (_, true) => return,
                        (Err(error), false) => panic!("the server failed before it was killed: {error}"),
                    }
                }
            })
        })
        .collect();
    std::thread::sleep(life);
    dead.store(true, Ordering::Relaxed);
    server.kill();
    pushers.into_iter().for_each(|it| it.join().unwrap());
}

/// Pushes one image; an error where the server is gone. Every second one shares its first layer, and
/// every pusher has a repository and moves a tag of its own.
fn push(
    address: &str,
    (round, pusher, number): (u64, u64, u64),
    acknowledged: &Acknowledged,
) -> io::Result<()> {
    let base = if number % 2 == 0 { 0 } else { round };
    let padding = "x".repeat(usize::try_from((number % 5) * 40_000).unwrap());
    let image = Image::from_text(&format!(
        "//- layer FROM debian:12\n//- /etc/os-release\nID=debian\nVERSION_ID=\"12\"\n//- /base\n{base}\n\
         //- /var/lib/dpkg/status\nPackage: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.{number}-1\n\
         //- layer RUN make\n//- /app/build\n{round} {pusher} {number} {padding}\n"
    ));
    let name = format!("team/app{pusher}");
    for blob in image.layers.iter().map(|it| &it.stored).chain([&image.config]) {
        send_blob(address, &name, blob, number % 3 == 0)?;
        note(acknowledged, format!("/v2/{name}/blobs/{}", blob.digest), &blob.digest.to_string());
    }
    let manifest = image.manifest();
    let path = format!("/v2/{name}/manifests/latest");
    accept(request(address, "PUT", &path, &format!("Content-Type: {OCI}\r\n"), &manifest.bytes)?, 201)?;
    note(acknowledged, format!("/v2/{name}/manifests/{}", manifest.digest), &manifest.digest.to_string());
    Ok(())
}

/// In one request, or as most clients do it.
fn send_blob(address: &str, name: &str, blob: &Blob, at_once: bool) -> io::Result<()> {
    let digest = blob.digest;
    if at_once {
        let path = format!("/v2/{name}/blobs/uploads/?digest={digest}");
        return accept(request(address, "POST", &path, "", &blob.bytes)?, 201).map(drop);
    }
    let begun = request(address, "POST", &format!("/v2/{name}/blobs/uploads/"), "", b"")?;
    let head = accept(begun, 202)?;
    let place = head.lines().find_map(|it| it.strip_prefix("location: ")).unwrap_or_default().trim();
    let place = place.find("/v2/").map_or(place, |at| &place[at..]);
    accept(request(address, "PATCH", place, "", &blob.bytes)?, 202)?;
    accept(request(address, "PUT", &format!("{place}?digest={digest}"), "", b"")?, 201).map(drop)
}

fn note(acknowledged: &Acknowledged, path: String, digest: &str) {
    acknowledged.lock().unwrap().insert(path, digest.to_owned());
}

/// The head of an answer with this status. Any other is a fault of the server, and not its end.
fn accept((status, answer): (u16, Vec<u8>), wanted: u16) -> io::Result<String> {
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert_eq!(status, wanted, "{text}");
    Ok(text)
}

/// One request over a connection of its own; the head of the answer where it is none of `GET`.
fn request(address: &str, method: &str, path: &str, head: &str, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{LOGIN}{head}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let text = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let status = text.split(' ').nth(1).and_then(|it| it.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    let content = if method == "GET" { answer.split_off(end + 4) } else { text.into_bytes() };
    Ok((status, content))
}

/// Waits until nothing is queued or being scanned any more.
fn all_scans_end(server: &Server) {
    let begun = Instant::now();
    loop {
        let busy: usize = ["queued", "scanning"]
            .iter()
            .map(|state| {
                let path = format!("/api/v1/artifacts?limit=10&state={state}");
                let (status, body) = server.get(&path, Some("admin:correct horse"));
                let page: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(status, 200, "{body}");
                page["items"].as_array().unwrap().len()
            })
            .sum();
        if busy == 0 {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(300), "{busy} or more scans stick");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// What the database says when nobody uses it any more.
fn is_whole(data: &Path) {
    let database = data.join("plimsoll.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        assert_eq!(check_sqlite(&database).await.unwrap(), Vec::<String>::new());
        let options = Options { connections_max: 1, patience: Duration::from_secs(30) };
        let address = format!("sqlite:{}", database.display());
        let store = Store::open(&address, &options, Timestamp(1_790_000_000)).await.unwrap();
        let counts = store.job_counts(&store.authoriser().system()).await.unwrap();
        store.close().await;
        let ended = [JobState::Done, JobState::Failed, JobState::Stopped];
        assert!(counts.iter().all(|it| ended.contains(&it.1)), "{counts:?}");
        eprintln!("{counts:?}");
    });
}
