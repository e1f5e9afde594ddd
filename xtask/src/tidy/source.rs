//! The repository's text files, read once.

use std::fs;
use std::path::Path;

use crate::shell::Result;

/// A text file of the repository.
pub(crate) struct Source {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Whether it is compiled for tests only.
    test_only: bool,
}

/// What nobody wrote. `.git` is a file in a second working tree, the others are folders.
const NOT_OURS: &[&str] = &["target", ".git", "node_modules", "artifacts", "corpus.local", "dist", "shots"];

/// Every UTF-8 file below `root`, ordered by path. A file that is not UTF-8 is a fixture and
/// none of our business.
pub(crate) fn all(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    collect(root, "", &mut sources).map_err(|error| format!("cannot read the repository: {error}"))?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    mark_tests(&mut sources);
    Ok(sources)
}

/// Marks the modules that are declared behind `#[cfg(test)]`, and those below them.
fn mark_tests(sources: &mut [Source]) {
    loop {
        let found: Vec<usize> = (0..sources.len())
            .filter(|&index| !sources[index].test_only && sources[index].is_rust())
            .filter(|&index| {
                let parents = parents(&sources[index].path).unwrap_or_default();
                let module = stem(&sources[index].path);
                let mut declaring = sources.iter().filter(|it| parents.contains(&it.path));
                declaring.any(|it| it.test_only || it.declares_for_tests(module))
            })
            .collect();
        if found.is_empty() {
            return;
        }
        for index in found {
            sources[index].test_only = true;
        }
    }
}

fn collect(directory: &Path, prefix: &str, sources: &mut Vec<Source>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let is_folder = entry.file_type()?.is_dir();
        if NOT_OURS.contains(&name.as_str()) && (is_folder || name == ".git") {
            continue;
        }
        if is_folder {
            collect(&entry.path(), &format!("{path}/"), sources)?;
        } else {
            // Of what is no text (a picture) it matters that it is there: prose links to it.
            let text = String::from_utf8(fs::read(entry.path())?).unwrap_or_default();
            sources.push(Source::new(&path, &text));
        }
    }
    Ok(())
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Source {
        let name = path.rsplit('/').next().unwrap_or_default();
        let test_only = path.contains("/tests/") || name == "tests.rs";
        Source { path: path.to_owned(), text: text.to_owned(), test_only }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether this is prose for people.
    pub(crate) fn is_prose(&self) -> bool {
        self.path.ends_with(".md")
    }

    /// The numbered lines that ship: without comments, and without what follows the first
    /// `#[cfg(test)]` that stands before a `mod` with a body (by convention the last item).
    pub(crate) fn shipped_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let end = tests_begin(&lines).unwrap_or(lines.len());
        let end = if self.test_only { 0 } else { end };
        lines
            .into_iter()
            .enumerate()
            .take(end)
            .map(|(index, line)| (index + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether this file declares `mod module;`.
    pub(crate) fn declares(&self, module: &str) -> bool {
        self.declaration(module).is_some()
    }

    /// Whether it does so behind `#[cfg(test)]`.
    fn declares_for_tests(&self, module: &str) -> bool {
        let lines: Vec<&str> = self.text.lines().collect();
        self.declaration(module).is_some_and(|at| {
            let attributes = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
            attributes.into_iter().any(|line| *line == "#[cfg(test)]")
        })
    }

    /// The line of `mod module;`, counted from 0.
    fn declaration(&self, module: &str) -> Option<usize> {
        let wanted = format!("mod {module};");
        self.text.lines().position(|line| {
            let before = line.trim().strip_suffix(wanted.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with(' '))
        })
    }
}

/// The files that may declare the module at `path`; `None` for the roots of crates and for the
/// tests that are one file.
pub(crate) fn parents(path: &str) -> Option<Vec<String>> {
    let (crate_folder, inside) = path
        .split_once("/src/")
        .map(|(folder, inside)| (format!("{folder}/src"), inside))
        .or_else(|| test_binary(path))?;
    let mut parts: Vec<&str> = inside.split('/').collect();
    let mut file = parts.pop()?;
    if parts.is_empty() && matches!(file, "lib.rs" | "main.rs") || parts.first() == Some(&"bin") {
        return None;
    }
    if file == "mod.rs" {
        file = parts.pop()?;
    }
    debug_assert!(!file.is_empty());
    if parts.is_empty() {
        return Some(vec![format!("{crate_folder}/lib.rs"), format!("{crate_folder}/main.rs")]);
    }
    let folder = format!("{crate_folder}/{}", parts.join("/"));
    Some(vec![format!("{folder}.rs"), format!("{folder}/mod.rs")])
}

/// `crates/a/tests/it/x.rs` is `x.rs` in `crates/a/tests/it`, a test binary of several files.
fn test_binary(path: &str) -> Option<(String, &str)> {
    let (folder, inside) = path.split_once("/tests/")?;
    let (binary, inside) = inside.split_once('/')?;
    Some((format!("{folder}/tests/{binary}"), inside))
}

/// The module's name: the file's, or for `mod.rs` the folder's.
pub(crate) fn stem(path: &str) -> &str {
    let path = path.strip_suffix("/mod.rs").unwrap_or(path.strip_suffix(".rs").unwrap_or(path));
    path.rsplit('/').next().unwrap_or(path)
}

fn tests_begin(lines: &[&str]) -> Option<usize> {
    (0..lines.len()).find(|&index| {
        lines[index].trim() == "#[cfg(test)]"
            && lines[index + 1..]
                .iter()
                .find(|line| !line.trim_start().starts_with("#["))
                .is_some_and(|line| line.contains("mod ") && line.ends_with('{'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_do_not_ship() {
        let text = "//! doc\nfn a() {}\n#[cfg(test)]\nmod out;\nfn b() {}\n#[cfg(test)]\nmod tests {\n}\n";
        let source = Source::new("src/a.rs", text);
        let lines: Vec<_> = source.shipped_lines().map(|(line, _)| line).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
        assert!(source.declares("out") && !source.declares("tests"));
    }

    #[test]
    fn modules_below_a_module_of_the_tests_belong_to_the_tests() {
        let mut sources = [
            Source::new("crates/a/src/lib.rs", "#[cfg(test)]\n#[expect(dead_code)]\nmod spec;\nmod b;"),
            Source::new("crates/a/src/b.rs", ""),
            Source::new("crates/a/src/spec.rs", "mod parse;"),
            Source::new("crates/a/src/spec/parse.rs", "fn f() {}"),
        ];
        mark_tests(&mut sources);
        assert_eq!(sources.map(|it| it.test_only), [false, false, true, true]);
    }
}
