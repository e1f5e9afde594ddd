//! `python/requirements`: what pip is told to install, `requirements.txt` and its like
//! (pip's manual, "Requirements File Format"; PEP 508).
//!
//! A package is what is pinned by `==` or `===`; another requirement names no version and is
//! noted as not pinned. Includes, constraints and markers are not followed.

use std::borrow::Cow;

use plimsoll_core::{Extractor, ImagePath, Input, Observations, Pattern, Problem, ProblemKind};

use crate::locks::{Locked, came_with_a_package};
use crate::notes::excerpt;

/// Reads requirements files.
pub struct Requirements;

impl Extractor for Requirements {
    fn id(&self) -> &'static str {
        "python/requirements"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        &[
            Pattern::Ending("requirements.txt"),
            Pattern::Name("requirements.lock"),
            Pattern::Name("requirements-base.txt"),
            Pattern::Name("requirements-lock.txt"),
            Pattern::Name("requirements-prod.txt"),
            Pattern::Name("requirements-production.txt"),
            Pattern::Name("requirements_base.txt"),
            Pattern::Name("requirements_prod.txt"),
            Pattern::InAny("requirements", ".txt"),
        ]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if !is_of_requirements(input.path) || came_with_a_package(input.path) {
            return;
        }
        if is_for_development(input.path) {
            let what =
                "what these requirements list is left out: they are for development, by the file's name";
            let note = Problem::new(ProblemKind::NotCovered, what).at(input.path).harmless();
            return out.problems.push(note);
        }
        let Some(text) = decoded(input.content) else {
            return out.problem(input.path, "the requirements are neither UTF-8 nor UTF-16");
        };
        let mut locked = Locked::new("pypi", input.path, out);
        for line in logical_lines(&text) {
            take(&line, &mut locked);
        }
        locked.finish();
    }
}

/// Whether the file, or else its folder, is called so; the pattern of folders also takes
/// `x-requirements`.
fn is_of_requirements(path: &ImagePath) -> bool {
    let folder = path.parent().unwrap_or_default();
    memchr::memmem::find(path.file_name(), b"requirements").is_some() || folder.file_name() == b"requirements"
}

/// Whether the file's name says that its packages are for development: `dev-requirements.txt`,
/// `requirements/test.txt`.
fn is_for_development(path: &ImagePath) -> bool {
    let name = String::from_utf8_lossy(path.file_name()).to_ascii_lowercase();
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let marks = ["dev", "develop", "development", "test", "tests", "testing", "lint", "doc", "docs", "ci"];
    words.into_iter().any(|word| marks.contains(&word))
}

/// The text; pip reads files of Windows' editors, too.
fn decoded(content: &[u8]) -> Option<Cow<'_, str>> {
    let wide = |from: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok().map(Cow::Owned)
    };
    match content {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        _ => crate::locks::text(content).ok().map(Cow::Borrowed),
    }
}

/// The lines, those that end in `\` joined with the next, without comments.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for part in text.lines() {
        let is_comment = line.is_empty() && part.trim_start().starts_with('#');
        match part.strip_suffix('\\') {
            Some(part) if !is_comment => {
                line.push_str(part);
                line.push(' ');
            }
            _ => {
                line.push_str(part);
                lines.push(without_comment(&std::mem::take(&mut line)).trim().to_owned());
            }
        }
    }
    lines.push(without_comment(&line).trim().to_owned());
    lines.retain(|line| !line.is_empty());
    lines
}

/// A comment begins with `#` after space. A pin has no `#` in it, so that one glued to a pin
/// begins one as well; an address has.
fn without_comment(line: &str) -> &str {
    let is_address = line.contains("://");
    let start = line.char_indices().find(|(at, character)| {
        let after_space = *at == 0 || line[..*at].ends_with(char::is_whitespace);
        *character == '#' && (after_space || !is_address)
    });
    start.map_or(line, |(at, _)| &line[..at])
}

fn take(line: &str, locked: &mut Locked<'_>) {
    match read(line) {
        Requirement::Pinned(name, version) => locked.package(name, version, None),
        Requirement::Open => {
            locked.oddity(format!("requirement `{}` is not pinned", excerpt(line.as_bytes())));
        }
        Requirement::Option => (),
        Requirement::Elsewhere => {
            locked.oddity(format!(
                "`{}` names another file, which is read on its own if at all",
                excerpt(line.as_bytes())
            ));
        }
        Requirement::None => {
            locked.oddity(format!("`{}` is no requirement", excerpt(line.as_bytes())));
        }
    }
}

/// What one line is.
#[derive(Debug, PartialEq, Eq)]
enum Requirement<'a> {
    /// A name and its only version.
    Pinned(&'a str, &'a str),
    /// A requirement that many versions, or none known, satisfy.
    Open,
    /// An option of pip's that names no package.
    Option,
    /// An option that names a file with more requirements.
    Elsewhere,
    /// None of these.
    None,
}

fn read(line: &str) -> Requirement<'_> {
    if line.starts_with('-') {
        return option(line);
    }
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    let (name, rest) = line.split_at(line.find(|character| !is_name(character)).unwrap_or(line.len()));
    if name.is_empty() {
        // A path, an address, or nothing that pip would take.
        return if line.contains('/') { Requirement::Open } else { Requirement::None };
    }
    let rest = without_extras(rest.trim_start());
    match rest.chars().next() {
        None | Some(';' | '@' | '/' | ':') => Requirement::Open,
        Some('=' | '>' | '<' | '~' | '!' | '(') => pinned(name, rest),
        Some(_) if rest.starts_with("--") => Requirement::Open,
        Some(_) => Requirement::None,
    }
}

fn option(line: &str) -> Requirement<'_> {
    let word = line.split([' ', '=', '\t']).next().unwrap_or_default();
    match word {
        "-r" | "--requirement" | "--requirements" | "-c" | "--constraint" => Requirement::Elsewhere,
        "-e" | "--editable" => Requirement::Open,
        _ => Requirement::Option,
    }
}

/// What follows `[redis, pytest]`.
fn without_extras(rest: &str) -> &str {
    let after = rest.strip_prefix('[').and_then(|inner| inner.split_once(']'));
    after.map_or(rest, |(_, after)| after.trim_start())
}

/// What clauses such as `>=1, ==1.2` say of `name`; a wildcard is no pin.
fn pinned<'a>(name: &'a str, clauses: &'a str) -> Requirement<'a> {
    let clauses = clauses.split(';').next().unwrap_or_default().trim_start_matches('(');
    let mut exact = clauses.split(',').filter_map(|clause| {
        let clause = clause.trim_start();
        clause.strip_prefix("===").or_else(|| clause.strip_prefix("=="))
    });
    let Some(exact) = exact.next() else { return Requirement::Open };
    let version = exact.split_whitespace().next().unwrap_or_default().trim_end_matches(')');
    if version.contains('*') {
        return Requirement::Open;
    }
    // Whether it can be ordered is not asked here: what is pinned is there.
    let is_of_versions = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_' | '+' | '!');
    let is_version = version.starts_with(|first: char| first.is_ascii_alphanumeric())
        && version.chars().all(is_of_versions);
    if is_version { Requirement::Pinned(name, version) } else { Requirement::None }
}
