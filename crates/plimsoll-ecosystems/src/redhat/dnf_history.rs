//! `os/dnf-history`: the repositories from which dnf installed something, by its own history
//! (`/var/lib/dnf/history.sqlite`, table `repo`).
//!
//! Says what an image has besides other things, never all that it has: the base was often made
//! without dnf, and ids are what a machine's configuration calls its repositories. So they are
//! marked ([`DNF`]), and whoever reads them adds and takes nothing away.

use plimsoll_core::{Distro, Extractor, ImagePath, Input, Observations, Pattern};

use super::DNF;
use crate::notes::keep_some;
use crate::rpm::sqlite_texts;

const HISTORY: &str = "var/lib/dnf/history.sqlite";
const LOG: &[u8] = b"history.sqlite-wal";

/// The column of `repo (id INTEGER PRIMARY KEY, repoid TEXT NOT NULL)`.
///
/// Source: libdnf's `SQLite3` schema, which has been so since its version 1.1.
const REPOSITORY_COLUMN: usize = 1;

/// Repositories that are kept; real histories have up to ten.
const REPOSITORIES_MAX: usize = 1000;

/// The longest id of a repository.
const ID_BYTES_MAX: usize = 256;

/// The extractor.
pub struct DnfHistory;

impl Extractor for DnfHistory {
    fn id(&self) -> &'static str {
        "os/dnf-history"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Path(HISTORY)]
    }

    fn companions(&self, path: &ImagePath) -> Vec<ImagePath> {
        path.parent().map(|folder| folder.join(LOG)).into_iter().collect()
    }

    fn finds_packages(&self) -> bool {
        false
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let log = input.path.parent().map(|folder| folder.join(LOG)).and_then(|path| input.others.get(&path));
        let mut found = sqlite_texts(input.content, log, b"repo", REPOSITORY_COLUMN);
        found.retain(|id| is_id(id));
        keep_some(&mut found, REPOSITORIES_MAX, input.path, out);
        if !found.is_empty() {
            let repositories = found.into_iter().map(|id| format!("{DNF}{id}")).collect();
            out.distro = Some(Distro { repositories, ..Distro::default() });
        }
    }
}

/// Whether this may be a repository's id; `@System` and `@commandline` are dnf's own.
fn is_id(text: &str) -> bool {
    let length = 1..=ID_BYTES_MAX;
    length.contains(&text.len()) && !text.starts_with('@') && text.bytes().all(|it| it.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpm::tests::table_of_texts;

    fn repositories(content: &[u8]) -> Vec<String> {
        let (path, mut out) = (ImagePath::new(HISTORY), Observations::default());
        DnfHistory.extract(Input { path: &path, content, others: &() }, &mut out);
        assert!(out.problems.is_empty());
        out.distro.map(|it| it.repositories).unwrap_or_default()
    }

    #[test]
    fn repositories_that_something_came_from_are_read() {
        let history = table_of_texts(
            "repo",
            &["ubi-9-baseos-rpms", "@System", "a b", "ubi-9-appstream-rpms", "ubi-9-baseos-rpms"],
        );
        assert_eq!(repositories(&history), ["dnf:ubi-9-appstream-rpms", "dnf:ubi-9-baseos-rpms"]);
    }

    #[test]
    fn what_is_no_history_says_nothing() {
        let other = table_of_texts("trans", &["ubi-9-baseos-rpms"]);
        let mut cut = table_of_texts("repo", &["ubi-9-baseos-rpms"]);
        cut.truncate(5000);
        for content in [&b""[..], b"SQLite format 3\0", &other, &cut] {
            assert_eq!(repositories(content), [""; 0]);
        }
    }
}
