//! The `yarn.lock` of yarn 1: a header of patterns, and indented fields below it.
//!
//! Reads the first pattern's name and the field `version`. A pattern `alias@npm:name@range` is a
//! package of that name; one of the protocol `link:` is a folder of the project.

use super::split_at_sign;
use crate::locks::Locked;
use crate::notes::excerpt;

/// Notes every package of the file.
pub(super) fn take(text: &str, locked: &mut Locked<'_>) {
    let mut entry = Entry::default();
    for line in text.lines() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            std::mem::take(&mut entry).report(locked);
            entry = Entry { patterns: Some(line), version: None };
        } else if let Some(version) = version_of(line) {
            match entry.version {
                None => entry.version = Some(version),
                Some(_) => locked.problem(format!(
                    "`{}` has two versions; the first counts",
                    excerpt(entry.patterns.unwrap_or_default().as_bytes())
                )),
            }
        }
    }
    entry.report(locked);
}

#[derive(Default)]
struct Entry<'a> {
    patterns: Option<&'a str>,
    version: Option<&'a str>,
}

impl Entry<'_> {
    fn report(self, locked: &mut Locked<'_>) {
        let Some(patterns) = self.patterns else { return };
        let Some((asked, range)) = first_pattern(patterns) else {
            return locked.problem(format!("`{}` is no entry of a lock file", excerpt(patterns.as_bytes())));
        };
        if range.starts_with("link:") {
            return;
        }
        let alias = range.strip_prefix("npm:").map(|of| split_at_sign(of).map_or(of, |(name, _)| name));
        // `name@npm:^1` is a range of the registry's, and no alias.
        let name = alias.filter(|of| of.starts_with(|it: char| it == '@' || it.is_ascii_alphabetic()));
        let name = name.unwrap_or(asked);
        match self.version {
            Some(version) => locked.package(name, version, None),
            None => locked.problem(format!("package `{}` has no version", excerpt(name.as_bytes()))),
        }
    }
}

/// Name and range of `a@^1, a@^1.2:`.
fn first_pattern(patterns: &str) -> Option<(&str, &str)> {
    let patterns = patterns.trim_end().strip_suffix(':')?;
    let first = match patterns.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => patterns.split(',').next()?,
    };
    split_at_sign(first.trim()).filter(|(name, _)| !name.contains(' '))
}

/// The value of a field `version "1.2.3"` directly below a header.
fn version_of(line: &str) -> Option<&str> {
    let field = line.strip_prefix("  ").filter(|field| !field.starts_with(' '))?;
    let (key, value) = field.split_once(' ')?;
    (key.trim_matches('"') == "version").then(|| value.trim().trim_matches('"'))
}
