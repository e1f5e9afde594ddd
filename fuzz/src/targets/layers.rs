//! Archives of up to three layers, walked and laid over one another.

use std::io::{self, BufRead, Read};

use plimsoll_core::{ImagePath, Limits, Problem};
use plimsoll_image::index::{HashKey, LayerIndex};
use plimsoll_image::squash::View;
use plimsoll_image::walk::{FileSink, LayerBytes, walk};

/// Runs the target.
pub fn run(input: &[u8]) {
    let limits = super::small_limits();
    let mut sink = Kept::default();
    let indexes: Vec<LayerIndex> =
        super::parts(input, 3).into_iter().map(|part| walk_one(part, &limits, &mut sink)).collect();
    look_around(&indexes, &limits, &sink.paths);
}

fn walk_one(bytes: &[u8], limits: &Limits, sink: &mut Kept) -> LayerIndex {
    let mut bytes = InMemory(bytes);
    walk(&mut bytes, HashKey([7; 16]), limits, sink).expect("memory can always be read").0
}

/// Asks the merged view everything the engine asks it.
fn look_around(indexes: &[LayerIndex], limits: &Limits, paths: &[ImagePath]) {
    let mut view = View::new(indexes.iter().collect(), limits);
    for (index, path) in paths.iter().take(200).enumerate() {
        let _ = view.place(index % indexes.len(), path);
    }
    let fixed = ["etc/os-release", "var/lib/dpkg/status", "lib/apk/db/installed", ""].map(ImagePath::new);
    for path in fixed.iter().chain(paths.iter().take(200)) {
        for count in 0..=indexes.len() {
            let _ = view.node(path, count);
            let _ = view.file(path, count);
            let _ = view.resolve(path, count, true);
        }
        for (layer, _) in view.versions(path) {
            assert!(layer < indexes.len());
        }
    }
}

/// Wants every file whose path has an even length, so that both ways are walked.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) paths: Vec<ImagePath>,
    pub(super) bytes: usize,
    pub(super) problems: usize,
}

impl FileSink for Kept {
    fn wants(&self, path: &ImagePath) -> bool {
        path.as_bytes().len() % 2 == 0
    }

    fn file(&mut self, path: &ImagePath, content: &[u8]) {
        assert!(self.wants(path), "{path} was not wanted");
        self.paths.push(path.clone());
        self.bytes += content.len();
    }

    fn replaced(&mut self, _path: &ImagePath) {}

    fn directory_replaced(&mut self, _path: &ImagePath) {}

    fn problem(&mut self, problem: Problem) {
        let _ = (problem.to_string(), problem.kind.name());
        self.problems += 1;
    }
}

struct InMemory<'a>(&'a [u8]);

impl Read for InMemory<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl BufRead for InMemory<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.0)
    }

    fn consume(&mut self, count: usize) {
        self.0 = &self.0[count..];
    }
}

impl LayerBytes for InMemory<'_> {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(self.0.len());
        self.0 = &self.0[count..];
        Ok(count as u64)
    }
}
