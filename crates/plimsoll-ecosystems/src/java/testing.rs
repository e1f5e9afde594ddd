//! What the tests of all extractors here share.

use std::fmt::Write;

use plimsoll_core::{Extractor, ImagePath, Input, Observations};

/// The only place that knows how an extractor is called: packages, then problems, a line each.
pub(crate) fn observe(extractor: &dyn Extractor, path: &str, content: &[u8]) -> String {
    let (path, mut out) = (ImagePath::new(path), Observations::default());
    extractor.extract(Input { path: &path, content, others: &() }, &mut out);
    let mut text = String::new();
    for package in &out.packages {
        write!(text, "{} {} {}", package.name, package.version, package.evidence.name()).unwrap();
        for (word, value) in [(" by ", &package.vendor), (" under ", &package.license), (" ", &package.purl)]
        {
            if let Some(value) = value {
                write!(text, "{word}{value}").unwrap();
            }
        }
        text.push('\n');
    }
    for problem in &out.problems {
        assert_eq!(problem.path.as_ref(), Some(&path));
        writeln!(text, "{} {}", if problem.hides_findings { "!" } else { "~" }, problem.what).unwrap();
    }
    text
}
