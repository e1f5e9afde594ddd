//! The tables: what is written and has no row, and what must not be known outside its table.

use std::collections::BTreeMap;

use super::source::{parents, stem};
use super::{Fault, Source};

/// A trait whose implementations are rows: (crate folder, trait, the table's file, the table).
const TABLES: &[(&str, &str, &str, &str)] = &[
    ("crates/plimsoll-ecosystems/src/", "Ecosystem", "crates/plimsoll-ecosystems/src/", "ECOSYSTEMS"),
    ("crates/plimsoll-vulndb/src/", "Feed", "crates/plimsoll-vulndb/src/feeds/", "FEEDS"),
    ("crates/plimsoll-report/src/", "Format", "crates/plimsoll-report/src/", "FORMATS"),
    ("crates/plimsoll-policy/src/", "Rule", "crates/plimsoll-policy/src/", "RULES"),
    ("crates/plimsoll-registry/src/", "RegistryKind", "crates/plimsoll-registry/src/", "REGISTRIES"),
];

/// Crates that know every row and no name.
const NAMELESS: &[&str] =
    &["crates/plimsoll-match/src/", "crates/plimsoll-policy/src/", "crates/plimsoll-report/src/"];

/// The one file name in them that may say names: the words of another program's format.
const VOCABULARY: &str = "/vocabulary.rs";

/// Names of ecosystems, distributions, feeds and registries, as whole words in any case.
const NAMES: &[&str] = &[
    "debian",
    "ubuntu",
    "alpine",
    "wolfi",
    "chainguard",
    "redhat",
    "rhel",
    "centos",
    "fedora",
    "rocky",
    "almalinux",
    "suse",
    "opensuse",
    "amazonlinux",
    "photon",
    "dpkg",
    "apk",
    "deb",
    "rpm",
    "npm",
    "pypi",
    "maven",
    "golang",
    "rubygems",
    "nuget",
    "osv",
    "ghsa",
    "nvd",
    "dockerhub",
    "ghcr",
    "quay",
    "harbor",
];

pub(super) fn check(sources: &[Source]) -> Vec<Fault> {
    let mut faults = forgotten_rows(sources);
    faults.extend(forgotten_modules(sources));
    faults.extend(known_names(sources));
    faults
}

/// An implementation whose name (or whose file's name) the table does not say.
fn forgotten_rows(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (folder, name, table_folder, table) in TABLES {
        let rows: String = sources
            .iter()
            .filter(|it| it.is_rust() && it.path.starts_with(table_folder))
            .filter_map(|it| table_text(&it.text, table))
            .collect();
        for source in sources.iter().filter(|it| it.is_rust() && it.path.starts_with(folder)) {
            for (line, text) in source.shipped_lines() {
                let Some(implementer) = implements(text, name) else { continue };
                if !has_word(&rows, implementer) && !has_word(&rows, stem(&source.path)) {
                    faults.push(Fault::at(
                        &source.path,
                        line,
                        format!("`{implementer}` has no row in {table}"),
                    ));
                }
            }
        }
    }
    faults
}

/// The text of `static TABLE: … = &[ … ];`.
fn table_text<'a>(text: &'a str, table: &str) -> Option<&'a str> {
    let start = text.find(&format!("static {table}:"))?;
    let rest = &text[start..];
    Some(&rest[..rest.find("];").unwrap_or(rest.len())])
}

/// `impl Feed for Debian {` gives `Debian`.
fn implements<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    if !line.starts_with("impl") {
        return None;
    }
    let (before, after) = line.split_once(" for ")?;
    let implemented = before.rsplit([' ', ':']).next()?;
    (implemented == name)
        .then(|| after.split(|it: char| !it.is_alphanumeric() && it != '_').next().unwrap_or(after))
}

/// A file that no `mod` names is compiled by nobody, and its tests run never.
fn forgotten_modules(sources: &[Source]) -> Vec<Fault> {
    let by_path: BTreeMap<&str, &Source> = sources.iter().map(|it| (it.path.as_str(), it)).collect();
    let mut faults = Vec::new();
    for source in sources.iter().filter(|it| it.is_rust()) {
        let Some(parents) = parents(&source.path) else { continue };
        let declared = parents
            .iter()
            .filter_map(|it| by_path.get(it.as_str()))
            .any(|it| it.declares(stem(&source.path)));
        if !declared {
            let parents = parents.join(" or ");
            faults.push(Fault::of(&source.path, format!("no `mod {};` in {parents}", stem(&source.path))));
        }
    }
    faults
}

fn known_names(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let nameless = |path: &str| NAMELESS.iter().any(|it| path.starts_with(it)) && !path.ends_with(VOCABULARY);
    for source in sources.iter().filter(|it| it.is_rust() && nameless(&it.path)) {
        for (line, text) in source.shipped_lines() {
            // The one field of `core` whose name has such a word in it.
            let text = text.to_ascii_lowercase().replace("source_rpm", "");
            for name in NAMES.iter().filter(|it| has_word(&text, it)) {
                faults.push(Fault::at(
                    &source.path,
                    line,
                    format!("`{name}` is known by name; the table, the snapshot or the caller should say it"),
                ));
            }
        }
    }
    faults
}

/// Whether `word` stands in `text` with no letter or digit on either side.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let sources: Vec<Source> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        let actual: Vec<_> = super::check(&sources).iter().map(Fault::to_string).collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_row_that_is_missing_is_found() {
        let table = "pub mod kev;\npub mod epss;\npub static FEEDS: &[&dyn Feed] = &[&kev::Kev];\n";
        check(
            &[
                ("crates/plimsoll-vulndb/src/lib.rs", "mod feeds;"),
                ("crates/plimsoll-vulndb/src/feeds/mod.rs", table),
                ("crates/plimsoll-vulndb/src/feeds/kev.rs", "impl Feed for Kev {"),
                ("crates/plimsoll-vulndb/src/feeds/epss.rs", "impl Feed for Scores {"),
            ],
            &["crates/plimsoll-vulndb/src/feeds/epss.rs:1: `Scores` has no row in FEEDS"],
        );
    }

    #[test]
    fn a_file_that_nobody_declares_is_found() {
        check(
            &[
                ("crates/a/src/lib.rs", "mod b;"),
                ("crates/a/src/b.rs", "pub(crate) mod c;"),
                ("crates/a/src/b/c.rs", ""),
                ("crates/a/src/d.rs", ""),
                ("crates/a/tests/it/main.rs", "mod x;"),
                ("crates/a/tests/it/x.rs", ""),
                ("crates/a/tests/it/y/mod.rs", ""),
                ("crates/a/tests/real/main.rs", "mod y;"),
                ("crates/a/tests/real/z.rs", ""),
                ("crates/a/tests/alone.rs", ""),
            ],
            &[
                "crates/a/src/d.rs: no `mod d;` in crates/a/src/lib.rs or crates/a/src/main.rs",
                "crates/a/tests/it/y/mod.rs: no `mod y;` in crates/a/tests/it/lib.rs or crates/a/tests/it/main.rs",
                "crates/a/tests/real/z.rs: no `mod z;` in crates/a/tests/real/lib.rs or crates/a/tests/real/main.rs",
            ],
        );
    }

    #[test]
    fn a_name_that_the_matcher_must_not_know_is_found() {
        check(
            &[(
                "crates/plimsoll-match/src/lib.rs",
                "// debian may stand in a comment\nif is_debian() {}\nlet debianesque = 1;\n#[cfg(test)]\nmod tests {\n\"debian\"\n}",
            )],
            &[
                "crates/plimsoll-match/src/lib.rs:2: `debian` is known by name; the table, the snapshot or the caller should say it",
            ],
        );
    }
}
