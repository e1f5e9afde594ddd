//! Every extractor of the table. The first byte chooses one; then the file, and perhaps a
//! companion.

use plimsoll_core::{Extractor, Files, HEAD_BYTES, ImagePath, Input, Observations, Pattern};
use plimsoll_ecosystems::extractors;

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((chosen, rest)) = input.split_first() else { return };
    let rows: Vec<_> = extractors().collect();
    let extractor = rows[usize::from(*chosen) % rows.len()];
    if extractor.reads_in_flight() {
        return in_flight(extractor, rest);
    }
    let wants = extractor.wants();
    let pattern = &wants[usize::from(*chosen) / rows.len() % wants.len()];
    let parts = super::parts(rest, 2);
    let content = parts[0];
    let path = example(pattern);
    let companions = Companions(extractor.companions(&path), parts.get(1).copied());
    let extract = || {
        let mut out = Observations::default();
        extractor.extract(Input { path: &path, content, others: &companions }, &mut out);
        out
    };
    let out = extract();
    assert_eq!(out, extract(), "{} gives two answers to the same bytes", extractor.id());
    let bytes = content.len() + parts.get(1).map_or(0, |it| it.len());
    let most = bytes.saturating_mul(DEFLATE_RATIO_MAX);
    assert!(out.packages.len() <= most, "{}: more packages than bytes", extractor.id());
    for problem in &out.problems {
        let _ = problem.to_string();
    }
}

/// Bytes that one byte of an archive can stand for.
const DEFLATE_RATIO_MAX: usize = 1_032;

/// A program, in pieces of two sizes: what is seen must not depend on them. Its second byte is
/// the first size, its name comes before the first line feed.
fn in_flight(extractor: &dyn Extractor, input: &[u8]) {
    let Some((size, rest)) = input.split_first() else { return };
    let cut = rest.iter().take(64).position(|byte| *byte == b'\n');
    let (name, content) = cut.map_or((&b"usr/bin/some"[..], rest), |at| (&rest[..at], &rest[at + 1..]));
    let path = ImagePath::root().join(name);
    let pieces = |size: usize| {
        let mut out = Observations::default();
        let head = &content[..content.len().min(HEAD_BYTES)];
        if let Some(mut reading) = extractor.begin(&path, head, content.len() as u64) {
            content.chunks(size).for_each(|piece| reading.feed(piece));
            reading.finish(&path, true, &mut out);
        }
        out
    };
    let whole = pieces(content.len().max(1));
    assert_eq!(whole, pieces(usize::from(*size) + 1), "{} sees other things in pieces", extractor.id());
}

/// A path that the pattern wants.
fn example(pattern: &Pattern) -> ImagePath {
    match pattern {
        Pattern::Path(path) => ImagePath::new(path),
        Pattern::In(directory, ending) => ImagePath::new(&format!("{directory}/some{ending}")),
        Pattern::Name(name) => ImagePath::new(&format!("srv/{name}")),
        Pattern::Ending(ending) => ImagePath::new(&format!("srv/some{ending}")),
        Pattern::InAny(directory, ending) => ImagePath::new(&format!("srv/some{directory}/some{ending}")),
    }
}

struct Companions<'a>(Vec<ImagePath>, Option<&'a [u8]>);

impl Files for Companions<'_> {
    fn get(&self, path: &ImagePath) -> Option<&[u8]> {
        if self.0.contains(path) { self.1 } else { None }
    }
}
