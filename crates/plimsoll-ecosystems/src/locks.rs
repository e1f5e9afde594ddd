//! What readers of lock files have in common: packages noted once, and which of them are there
//! for development only.
//!
//! A lock file says what a tool would install, and not what it did; its packages are marked so.
//! Left out are packages that the format itself marks as needed for development only: nothing else.

use std::collections::HashSet;
use std::fmt::Display;

use plimsoll_core::{Evidence, ImagePath, Observations, Package};
use serde::de::DeserializeOwned;

use crate::notes::{Notes, excerpt};

/// The packages of one lock file, each once.
pub(crate) struct Locked<'a> {
    kind: &'static str,
    notes: Notes<'a>,
    seen: HashSet<(String, String)>,
}

impl<'a> Locked<'a> {
    /// The packages of purl type `kind` that the file at `path` locks; call
    /// [`Locked::finish`] at its end.
    pub(crate) fn new(kind: &'static str, path: &'a ImagePath, out: &'a mut Observations) -> Locked<'a> {
        Locked { kind, notes: Notes::new(path, out), seen: HashSet::new() }
    }

    /// Notes a package; an empty version where the file says none.
    pub(crate) fn package(&mut self, name: &str, version: &str, license: Option<String>) {
        if name.is_empty() {
            return self.notes.problem("a package has no name".to_owned());
        }
        if !self.seen.insert((name.to_owned(), version.to_owned())) {
            return;
        }
        self.notes.package(Package {
            kind: self.kind.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            license,
            evidence: Evidence::LockFile,
            ..Package::default()
        });
    }

    /// Notes something that could not be read, so that packages may be missing.
    pub(crate) fn problem(&mut self, what: String) {
        self.notes.problem(what);
    }

    /// Notes something odd that cannot hide a finding.
    pub(crate) fn oddity(&mut self, what: String) {
        self.notes.oddity(what);
    }

    /// Says what was left out beyond the bounds.
    pub(crate) fn finish(self) {
        self.notes.finish();
    }
}

/// What a parser says of a file it could not read, in one short line.
pub(crate) fn why(error: &dyn Display) -> String {
    excerpt(error.to_string().lines().next().unwrap_or_default().as_bytes())
}

/// The text of a file, without a byte-order mark.
pub(crate) fn text(content: &[u8]) -> Result<&str, std::str::Utf8Error> {
    std::str::from_utf8(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content))
}

/// Reads a lock file in TOML, or says in one short line why it cannot be read.
pub(crate) fn toml<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    let text = text(content).map_err(|error| why(&error))?;
    ::toml::from_str(text).map_err(|error| why(&error.message()))
}

/// Reads a lock file in JSON, or says in one short line why it cannot be read.
pub(crate) fn json<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    let text = text(content).map_err(|error| why(&error))?;
    serde_json::from_str(text).map_err(|error| why(&error))
}

/// Whether a lock file lies, however deep, in a folder where packages are installed.
///
/// Such a file came with a package and says how that package is developed (JupyterLab, say,
/// brings the lock file of its JavaScript along), and nothing of what is installed here.
pub(crate) fn came_with_a_package(path: &ImagePath) -> bool {
    const INSTALLED: [&[u8]; 3] = [b"node_modules", b"site-packages", b"dist-packages"];
    let mut parts = path.as_bytes().rsplit(|byte| *byte == b'/').skip(1);
    parts.any(|part| INSTALLED.contains(&part))
}

/// Who needs whom in a lock file, by index.
#[derive(Default)]
pub(crate) struct Needs {
    /// What each package needs.
    pub packages: Vec<Vec<usize>>,
    /// What the project itself needs to run.
    pub production: Vec<usize>,
    /// What it needs to be developed.
    pub development: Vec<usize>,
}

impl Needs {
    /// For each package whether development needs it and nothing else does. What nobody is seen
    /// to need is not marked: we may have misread who needs it.
    pub(crate) fn only_for_development(&self) -> Vec<bool> {
        let production = self.reached_from(&self.production);
        let development = self.reached_from(&self.development);
        production.iter().zip(development).map(|(needed, developing)| !needed && developing).collect()
    }

    fn reached_from(&self, roots: &[usize]) -> Vec<bool> {
        let mut reached = vec![false; self.packages.len()];
        let mut waiting = roots.to_vec();
        while let Some(index) = waiting.pop() {
            let (Some(seen), Some(needs)) = (reached.get_mut(index), self.packages.get(index)) else {
                continue;
            };
            if !std::mem::replace(seen, true) {
                waiting.extend(needs);
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_production_needs_too_is_not_only_for_development() {
        let needs = Needs {
            packages: vec![vec![1], vec![0], vec![1, 3], vec![99], vec![]],
            production: vec![0],
            development: vec![2],
        };
        assert_eq!(needs.only_for_development(), [false, false, true, true, false]);
    }

    #[test]
    fn files_of_installed_packages_are_told_by_their_folders() {
        for (path, expected) in [
            ("app/node_modules/x/yarn.lock", true),
            ("usr/lib/python3/site-packages/jupyterlab/staging/yarn.lock", true),
            ("app/node_modules", false),
            ("app/yarn.lock", false),
        ] {
            assert_eq!(came_with_a_package(&ImagePath::new(path)), expected, "{path}");
        }
    }
}
