//! Every extractor of the table. The first byte chooses one; then the file, and perhaps a
//! companion.

use plimsoll_core::{Files, ImagePath, Input, Observations, Pattern};
use plimsoll_ecosystems::extractors;

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((chosen, rest)) = input.split_first() else { return };
    let rows: Vec<_> = extractors().collect();
    let extractor = rows[usize::from(*chosen) % rows.len()];
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
    assert!(out.packages.len() <= bytes, "{}: more packages than bytes", extractor.id());
    for problem in &out.problems {
        let _ = problem.to_string();
    }
}

/// A path that the pattern wants.
fn example(pattern: &Pattern) -> ImagePath {
    match pattern {
        Pattern::Path(path) => ImagePath::new(path),
        Pattern::In(directory, ending) => ImagePath::new(&format!("{directory}/some{ending}")),
        Pattern::Name(name) => ImagePath::new(&format!("srv/{name}")),
        Pattern::Ending(ending) => ImagePath::new(&format!("srv/some{ending}")),
    }
}

struct Companions<'a>(Vec<ImagePath>, Option<&'a [u8]>);

impl Files for Companions<'_> {
    fn get(&self, path: &ImagePath) -> Option<&[u8]> {
        if self.0.contains(path) { self.1 } else { None }
    }
}
