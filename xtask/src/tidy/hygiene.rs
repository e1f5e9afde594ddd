//! Text that must not be there, and text that must.

use super::{Fault, Source};

/// Words that must not stay, written apart so that this file does not hold them.
const BANNED: &[&str] = &[
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
    concat!("db", "g!("),
    concat!("#[ig", "nore"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("<<<<", "<<< "),
    concat!(">>>>", ">>> "),
];

/// Folders of somebody's machine.
const MACHINES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("/Us", "ers/"),
    concat!("/root", "/."),
    concat!("/tmp/", "corpus"),
    concat!("/tmp/", "brief"),
    concat!("/tmp/", "t/"),
];

/// Files that a stranger expects, and a line that each must hold.
const EXPECTED: &[(&str, &str)] = &[
    ("README.md", "cargo xtask demo"),
    ("README.md", "cargo xtask test"),
    (".ci/run", "cargo xtask test"),
    ("LICENSE", "Apache License"),
    ("ARCHITECTURE.md", "# "),
    ("CONTRIBUTING.md", "# "),
    ("CHANGELOG.md", "## [Unreleased]"),
    ("SECURITY.md", "# "),
    ("deny.toml", "[licenses]"),
    ("docs/index.md", "# "),
];

pub(super) fn check(sources: &[Source]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for source in sources {
        faults.extend(lines(source));
        // `tests.rs` beside the module it tests has its comment there.
        let needs_comment = source.is_rust() && !is_generated(source) && !source.path.ends_with("/tests.rs");
        if needs_comment && !has_module_comment(source) {
            faults.push(Fault::of(&source.path, "begins without a `//!` that says what it is for"));
        }
        if source.is_prose() {
            faults.extend(dead_links(source, sources));
        }
    }
    faults.extend(expected(sources));
    faults
}

fn lines(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |line: usize, what: String| faults.push(Fault::at(&source.path, line, what));
    for (index, line) in source.text.lines().enumerate() {
        if source.is_rust() {
            for word in BANNED.iter().filter(|it| line.contains(*it)) {
                fault(index + 1, format!("`{word}` must not stay"));
            }
        }
        if (source.is_rust() && !is_generated(source)) || source.is_prose() {
            if line.ends_with([' ', '\t']) {
                fault(index + 1, "ends in white space".to_owned());
            }
            if line.starts_with('\t') {
                fault(index + 1, "is indented with a tab".to_owned());
            }
        }
        for folder in MACHINES.iter().filter(|it| names_folder(line, it)) {
            fault(index + 1, format!("`{folder}` is a folder of somebody's machine"));
        }
    }
    faults
}

fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        !line[..at].ends_with(|it: char| it.is_alphanumeric() || matches!(it, '.' | '-' | '_' | '}'))
    })
}

fn is_generated(source: &Source) -> bool {
    ["/fixtures/", "/generated/", "/seeds/"].iter().any(|it| source.path.contains(it))
}

fn has_module_comment(source: &Source) -> bool {
    source.text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//! "))
}

/// Links from one file of prose to another of ours.
fn dead_links(source: &Source, sources: &[Source]) -> Vec<Fault> {
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut faults = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        for link in line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains(':') {
                continue;
            }
            let target = resolve(folder, target);
            let exists =
                sources.iter().any(|it| it.path == target || it.path.starts_with(&format!("{target}/")));
            if !exists {
                faults.push(Fault::at(
                    &source.path,
                    index + 1,
                    format!("links to `{target}`, which is not there"),
                ));
            }
        }
    }
    faults
}

fn resolve(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => (),
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn expected(sources: &[Source]) -> Vec<Fault> {
    let holds = |path: &str, text: &str| sources.iter().any(|it| it.path == path && it.text.contains(text));
    EXPECTED
        .iter()
        .filter(|(path, text)| !holds(path, text))
        .map(|(path, text)| Fault::of(path, format!("is missing, or does not say `{}`", text.trim())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let source = Source::new(path, text);
        let mut actual: Vec<String> = lines(&source).iter().map(Fault::to_string).collect();
        actual.extend(dead_links(&source, &[]).iter().map(Fault::to_string));
        assert_eq!(actual, expected);
    }

    #[test]
    fn words_and_white_space_that_must_not_stay_are_found() {
        check("a.rs", concat!("fn a() { to", "do!() }\n"), &[concat!("a.rs:1: `to", "do!(` must not stay")]);
        check("a.md", "one \n", &["a.md:1: ends in white space"]);
        check("a.txt", "one \n", &[]);
    }

    #[test]
    fn folders_of_a_machine_are_found_and_paths_that_only_look_so_are_not() {
        let line = concat!("see /wo", "rk/main");
        check("a.md", line, &[concat!("a.md:1: `/wo", "rk/` is a folder of somebody's machine")]);
        check("a.md", concat!("https://example.org/wo", "rk/main"), &[]);
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_found() {
        check(
            "docs/a.md",
            "[x](../README.md#top)",
            &["docs/a.md:1: links to `README.md`, which is not there"],
        );
        check("docs/a.md", "[x](https://example.org) [y](#here)", &[]);
    }
}
