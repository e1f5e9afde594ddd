//! Layers end to end: archives made here are read, verified, walked and laid over one another.

mod engines;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use plimsoll_core::{Digest, ImagePath, Limits, Problem};
use sha2::{Digest as _, Sha256};

use crate::index::{HashKey, LayerIndex};
use crate::pipeline::{Expected, LayerBlob, LayerError, LayerRead, Meter, ReadAt, read_layer};
use crate::squash::{Node, View};
use crate::walk::{FileSink, Stop};

const KEY: HashKey = HashKey([5; 16]);

/// One entry of an archive, in the order of writing.
enum Entry<'a> {
    File(&'a str, &'a [u8]),
    Directory(&'a str),
    Symbolic(&'a str, &'a str),
    Hard(&'a str, &'a str),
}
use Entry::{Directory, File, Hard, Symbolic};

fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        let (kind, name, content, target) = match entry {
            File(name, content) => (tar::EntryType::Regular, *name, *content, None),
            Directory(name) => (tar::EntryType::Directory, *name, &[][..], None),
            Symbolic(name, target) => (tar::EntryType::Symlink, *name, &[][..], Some(*target)),
            Hard(name, target) => (tar::EntryType::Link, *name, &[][..], Some(*target)),
        };
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        match target {
            Some(target) => builder.append_link(&mut header, name, target).unwrap(),
            None => builder.append_data(&mut header, name, content).unwrap(),
        }
    }
    builder.into_inner().unwrap()
}

/// Wants every file whose name begins with `want`.
#[derive(Default)]
struct Sink {
    files: BTreeMap<String, Vec<u8>>,
    problems: Vec<Problem>,
}

impl FileSink for Sink {
    fn wants(&self, path: &ImagePath) -> bool {
        path.file_name().starts_with(b"want")
    }
    fn file(&mut self, path: &ImagePath, content: &[u8]) {
        self.files.insert(path.to_string(), content.to_vec());
    }
    fn replaced(&mut self, path: &ImagePath) {
        self.files.remove(&path.to_string());
    }
    fn directory_replaced(&mut self, path: &ImagePath) {
        self.files.retain(|name, _| !ImagePath::new(name).is_within(path));
    }
    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

struct NoMeter;

impl Meter for NoMeter {
    fn advance(&self, _: u64, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

struct Bytes(Vec<u8>);

impl ReadAt for Bytes {
    fn size_bytes(&self) -> u64 {
        self.0.len() as u64
    }
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.0.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

fn read_with(blob: LayerBlob, expected: &Expected, limits: &Limits) -> (Result<LayerRead, LayerError>, Sink) {
    let mut sink = Sink::default();
    let read = read_layer(blob, expected, KEY, limits, &NoMeter, &mut sink);
    (read, sink)
}

fn read(blob: &[u8]) -> (Result<LayerRead, LayerError>, Sink) {
    read_with(
        LayerBlob::Stream(Box::new(io::Cursor::new(blob.to_vec()))),
        &Expected::default(),
        &Limits::standard(),
    )
}

fn index(entries: &[Entry<'_>]) -> LayerIndex {
    read(&archive(entries)).0.unwrap().index
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn sha256(bytes: &[u8]) -> Digest {
    Digest::sha256(Sha256::digest(bytes).into())
}

fn big() -> Vec<u8> {
    (0..700_000u32).flat_map(|number| (number / 3).to_le_bytes()).collect()
}

#[test]
fn every_compression_gives_the_same_files_and_digest() {
    let big = big();
    let raw = archive(&[File("a/want", b"hello"), File("skip", &big), File("b/want-big", &big)]);
    let (left, right) = raw.split_at(raw.len() / 2);
    let members = [gzip(left), gzip(right)].concat();
    let blobs = [raw.clone(), gzip(&raw), members, zstd::bulk::compress(&raw, 1).unwrap()];
    for blob in blobs {
        let expected = Expected {
            digest: Some(sha256(&blob)),
            size_bytes: Some(blob.len() as u64),
            diff_id: Some(sha256(&raw)),
            // Ignored, since a digest of the stored bytes is expected.
            unhashed: true,
        };
        let stream = LayerBlob::Stream(Box::new(io::Cursor::new(blob.clone())));
        for blob in [stream, LayerBlob::At(Arc::new(Bytes(blob)))] {
            let (read, sink) = read_with(blob, &expected, &Limits::standard());
            assert_eq!(read.unwrap().diff_id, Some(sha256(&raw)));
            assert_eq!(sink.files["a/want"], b"hello");
            assert_eq!(sink.files["b/want-big"], big);
            assert_eq!(sink.files.len(), 2);
            assert_eq!(sink.problems, []);
        }
    }
}

#[test]
fn bytes_that_are_not_what_they_claim_are_refused() {
    let raw = archive(&[File("want", b"x")]);
    let wrong = Some(Digest::sha256([0; 32]));
    let blob = || LayerBlob::Stream(Box::new(io::Cursor::new(gzip(&raw))));
    let check = |expected: Expected| read_with(blob(), &expected, &Limits::standard()).0;
    assert!(matches!(
        check(Expected { digest: wrong, ..Expected::default() }),
        Err(LayerError::Digest { .. })
    ));
    assert!(matches!(
        check(Expected { diff_id: wrong, ..Expected::default() }),
        Err(LayerError::DiffId { .. })
    ));
    assert!(matches!(
        check(Expected { size_bytes: Some(7), ..Expected::default() }),
        Err(LayerError::Size { .. })
    ));
}

#[test]
fn a_layer_in_a_file_may_go_unhashed_and_gives_the_same_files() {
    let raw = archive(&[File("skip", &big()), File("a/want", b"hello")]);
    let claim = Digest::sha256([0; 32]);
    let expected = Expected { diff_id: Some(claim), unhashed: true, ..Expected::default() };
    let (read, sink) = read_with(LayerBlob::At(Arc::new(Bytes(raw))), &expected, &Limits::standard());
    let read = read.unwrap();
    assert_eq!((read.diff_id, read.stopped), (None, None));
    assert_eq!(sink.files["a/want"], b"hello");
    let zipped = LayerBlob::At(Arc::new(Bytes(gzip(&archive(&[File("want", b"x")])))));
    let (read, _) = read_with(zipped, &expected, &Limits::standard());
    assert!(matches!(read, Err(LayerError::DiffId { .. })), "inflated bytes are hashed all the same");
}

/// Reads in flight what begins with `!`.
#[derive(Default)]
struct Flight {
    open: Option<Vec<u8>>,
    seen: Vec<(String, usize, bool)>,
    asked: Vec<(String, u64)>,
}

impl FileSink for Flight {
    fn wants(&self, _: &ImagePath) -> bool {
        false
    }
    fn file(&mut self, path: &ImagePath, _: &[u8]) {
        unreachable!("{path} was wanted by nobody");
    }
    fn head_bytes(&self) -> usize {
        16
    }
    fn begin(&mut self, path: &ImagePath, head: &[u8], size_bytes: u64) -> bool {
        assert!(head.len() <= 16);
        self.asked.push((path.to_string(), size_bytes));
        self.open = head.starts_with(b"!").then(Vec::new);
        self.open.is_some()
    }
    fn chunk(&mut self, bytes: &[u8]) {
        self.open.as_mut().unwrap().extend_from_slice(bytes);
    }
    fn end(&mut self, path: &ImagePath, whole: bool) {
        let content = self.open.take().unwrap();
        assert!(content.starts_with(b"!"));
        self.seen.push((path.to_string(), content.len(), whole));
    }
    fn replaced(&mut self, _: &ImagePath) {}
    fn directory_replaced(&mut self, _: &ImagePath) {}
    fn problem(&mut self, _: Problem) {}
}

#[test]
fn files_are_read_in_flight_by_their_first_bytes() {
    let large = [&b"!"[..], &big()].concat();
    let raw = archive(&[File("a", b"!x"), File("b", b"other"), File("c", &large), File("d", b"")]);
    for blob in [
        LayerBlob::Stream(Box::new(io::Cursor::new(gzip(&raw)))),
        LayerBlob::At(Arc::new(Bytes(raw.clone()))),
    ] {
        let mut sink = Flight::default();
        read_layer(blob, &Expected::default(), KEY, &Limits::standard(), &NoMeter, &mut sink).unwrap();
        assert_eq!(sink.asked.len(), 4, "everybody is asked, the empty file too");
        assert_eq!(sink.seen, [("a".to_owned(), 2, true), ("c".to_owned(), large.len(), true)]);
    }
    let mut sink = Flight::default();
    let cut = LayerBlob::At(Arc::new(Bytes(raw[..5000].to_vec())));
    read_layer(cut, &Expected::default(), KEY, &Limits::standard(), &NoMeter, &mut sink).unwrap();
    assert!(!sink.seen[1].2, "a file that was cut off is not whole");
}

#[test]
fn a_damaged_stream_is_never_whole() {
    let raw = archive(&[File("want", b"x"), File("rest", &big())]);
    let packed = gzip(&raw);
    for blob in [&packed[..packed.len() / 2], &packed[..packed.len() - 4]] {
        let (read, sink) = read(blob);
        assert_eq!(read.unwrap().diff_id, None);
        assert!(sink.problems.iter().any(|problem| problem.hides_findings));
        assert_eq!(sink.files["want"], b"x");
    }
}

#[test]
fn rubbish_behind_the_stream_is_said() {
    let raw = archive(&[File("want", b"x")]);
    let (read, sink) = read(&[gzip(&raw), b"rubbish".to_vec()].concat());
    assert_eq!(read.unwrap().diff_id, Some(sha256(&raw)));
    assert_eq!(sink.problems.len(), 1);
}

#[test]
fn an_archive_cut_off_in_a_file_is_said() {
    let raw = archive(&[File("want", b"x"), File("rest", &big())]);
    let cut = raw[..20_000].to_vec();
    let at = LayerBlob::At(Arc::new(Bytes(cut.clone())));
    for blob in [LayerBlob::Stream(Box::new(io::Cursor::new(cut))), at] {
        let (_, sink) = read_with(blob, &Expected::default(), &Limits::standard());
        assert!(sink.problems.iter().any(|problem| problem.what.contains("cut off")));
    }
}

#[test]
fn what_is_no_archive_is_said() {
    let (_, sink) = read(&[b'x'; 3000]);
    assert!(sink.problems[0].what.contains("no tar archive"));
}

#[test]
fn the_last_entry_of_a_path_counts() {
    let (_, sink) = read(&archive(&[File("want", b"old"), File("./want", b"new")]));
    assert_eq!(sink.files["want"], b"new");
    let (_, sink) = read(&archive(&[Directory("d"), File("d/want", b"x"), Symbolic("d", "e")]));
    assert_eq!(sink.files.len(), 0);
}

#[test]
fn a_file_that_a_link_took_the_place_of_does_not_hide_it() {
    let layer = index(&[File("lib/db", b""), Symbolic("lib/db", "/opt/db"), File("opt/db", b"")]);
    check_view(&[layer], "lib/db", Some((0, "opt/db")));
}

#[test]
fn a_path_or_target_of_too_many_parts_is_a_problem() {
    let path = |parts: usize| vec!["a"; parts - 1].join("/") + "/want";
    let (_, sink) = read(&archive(&[File(&path(512), b"x"), File(&path(513), b"y")]));
    assert_eq!(sink.files.len(), 1);
    assert_eq!(sink.problems[0].what, "a path has 513 parts, more than 512; the entry was passed over");
    let (read, sink) = read(&archive(&[Symbolic("l", &path(513))]));
    assert_eq!((read.unwrap().index.links.len(), sink.problems.len()), (0, 1));
}

#[test]
fn a_layer_hides_by_any_directory_above_a_deep_path() {
    let deep = |top: &str| format!("{top}{}", "/d".repeat(400));
    let layers = [
        index(&[File(&deep("a"), b""), File(&deep("b"), b""), File(&deep("c"), b"")]),
        index(&[File(".wh.a", b""), File("b/d/.wh..wh..opq", b""), Symbolic("c/d/d", "e")]),
    ];
    for top in ["a", "b", "c"] {
        check_view(&layers[..1], &deep(top), Some((0, &deep(top))));
        check_view(&layers, &deep(top), None);
    }
}

#[test]
fn a_layer_with_too_many_directories_is_not_read_on() {
    let limits = Limits { layer_entries: 2, ..Limits::standard() };
    let raw = archive(&[File("a/b/c/want", b"x")]);
    let (read, _) =
        read_with(LayerBlob::Stream(Box::new(io::Cursor::new(raw))), &Expected::default(), &limits);
    assert!(matches!(read.unwrap().stopped, Some(Stop::Limit(_))));
}

#[test]
fn a_layer_with_too_many_entries_is_not_read_on() {
    let limits = Limits { layer_entries: 1, ..Limits::standard() };
    let raw = archive(&[File("want", b"x"), File("want2", b"y")]);
    let (read, _) =
        read_with(LayerBlob::Stream(Box::new(io::Cursor::new(raw))), &Expected::default(), &limits);
    assert!(matches!(read.unwrap().stopped, Some(Stop::Limit(_))));
}

#[test]
fn a_wanted_file_over_the_limit_is_a_problem() {
    let limits = Limits { wanted_file_bytes: 3, ..Limits::standard() };
    let raw = archive(&[File("want", b"long"), File("want2", b"ok")]);
    let (_, sink) =
        read_with(LayerBlob::Stream(Box::new(io::Cursor::new(raw))), &Expected::default(), &limits);
    assert_eq!(sink.files.keys().collect::<Vec<_>>(), ["want2"]);
    assert!(sink.problems[0].hides_findings);
}

#[track_caller]
fn check_view(layers: &[LayerIndex], path: &str, expected: Option<(usize, &str)>) {
    let view = View::new(layers.iter().collect(), &Limits::standard());
    let file = view.file(&ImagePath::new(path), layers.len()).unwrap();
    assert_eq!(file, expected.map(|(layer, path)| (layer, ImagePath::new(path))), "{path}");
}

#[test]
fn whiteouts_speak_of_the_layers_below_only() {
    let layers = [
        index(&[File("a/x", b""), File("a/y", b""), File("b/z", b"")]),
        index(&[File("a/.wh.x", b""), File("b/new", b""), File("b/.wh..wh..opq", b"")]),
        index(&[File("a/x", b"")]),
    ];
    check_view(&layers[..2], "a/x", None);
    check_view(&layers[..2], "a/y", Some((0, "a/y")));
    check_view(&layers[..2], "b/z", None);
    check_view(&layers[..2], "b/new", Some((1, "b/new")));
    check_view(&layers, "a/x", Some((2, "a/x")));
}

#[test]
fn a_file_in_the_place_of_a_directory_hides_what_was_in_it() {
    let layers =
        [index(&[File("d/x", b"")]), index(&[File("d", b"")]), index(&[Directory("d"), File("d/y", b"")])];
    check_view(&layers[..1], "d/x", Some((0, "d/x")));
    check_view(&layers[..2], "d/x", None);
    check_view(&layers, "d/x", None);
    check_view(&layers, "d/y", Some((2, "d/y")));
}

#[test]
fn links_are_followed_inside_the_image() {
    let layers = [
        index(&[File("usr/lib/db", b""), Symbolic("lib", "usr/lib"), Symbolic("out", "../../../usr/lib/db")]),
        index(&[Hard("hard", "usr/lib/db"), Symbolic("gone", "/nowhere")]),
    ];
    check_view(&layers, "lib/db", Some((0, "usr/lib/db")));
    check_view(&layers, "out", Some((0, "usr/lib/db")));
    check_view(&layers, "hard", Some((0, "usr/lib/db")));
    check_view(&layers, "gone", None);
}

#[test]
fn circles_and_long_chains_of_links_end() {
    let names: Vec<String> = (0..100).map(|number| format!("l{number}")).collect();
    let chain: Vec<_> = names.windows(2).map(|pair| Symbolic(&pair[0], &pair[1])).collect();
    for layer in [index(&[Symbolic("l0", "b"), Symbolic("b", "l0")]), index(&chain)] {
        let view = View::new(vec![&layer], &Limits::standard());
        assert!(view.file(&ImagePath::new("l0"), 1).is_err());
    }
}

#[test]
fn a_layer_may_write_through_a_link_of_a_lower_one() {
    let layers = [index(&[Symbolic("lib", "usr/lib"), Directory("usr/lib")]), index(&[File("lib/db", b"")])];
    let mut view = View::new(layers.iter().collect(), &Limits::standard());
    assert_eq!(view.place(1, &ImagePath::new("lib/db")), ImagePath::new("usr/lib/db"));
    assert_eq!(view.node(&ImagePath::new("usr/lib/db"), 2), Node::Regular(1));
    assert_eq!(view.node(&ImagePath::new("usr/lib/db"), 1), Node::Absent);
}

#[test]
fn versions_of_a_file_go_back_to_where_it_was_added() {
    let layers = [
        index(&[File("db", b"0")]),
        index(&[File(".wh.db", b"")]),
        index(&[File("db", b"2")]),
        index(&[File("other", b"")]),
        index(&[File("db", b"4")]),
    ];
    let view = View::new(layers.iter().collect(), &Limits::standard());
    let versions: Vec<usize> =
        view.versions(&ImagePath::new("db")).into_iter().map(|(layer, _)| layer).collect();
    assert_eq!(versions, [4, 2]);
}

#[test]
fn any_bytes_are_read_without_panic() {
    let raw =
        archive(&[File("want", &[7; 5000]), Symbolic("s", "want"), Directory("d"), File("d/.wh.x", b"")]);
    let mut seed = 1u64;
    for _ in 0..300 {
        let mut damaged = raw.clone();
        for _ in 0..4 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(seed >> 33).unwrap() % damaged.len();
            damaged[at] = (seed >> 20) as u8;
        }
        let _ = read(&damaged);
    }
}
