//! A test tool: how far the extractors agree with what another scanner's own tests say must be
//! found in its test files (`data/lang/expected-trivy.json` of the shared test data).
//!
//! Each ecosystem has a test with a table of [`Format`]s: which files, under which path they
//! would lie in an image, how many packages must be agreed upon, and every [`Deviation`] with
//! its reason; `docs/agreement.md` has a row for each. Nothing is copied; without the data the tests say loudly that they were skipped.
//!
//! ```ignore
//! use crate::lang_agreement::{Deviation, Format, check};
//!
//! #[test]
//! fn lock_files_give_what_others_expect() {
//!     check(&[Format {
//!         kind: "npm",
//!         files: "dependency/parser/nodejs/bun/",
//!         ending: ".lock",
//!         path: "app/bun.lock",
//!         cases: 2,
//!         agreed: 10,
//!         deviations: &[],
//!     }]);
//! }
//! ```
#![expect(clippy::disallowed_methods, reason = "the test data are files outside the repository")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Package, Pattern};
use serde::Deserialize;

/// Files of one format, and what comes of them.
pub(crate) struct Format {
    /// The purl type of the packages that are compared; others are not looked at.
    pub kind: &'static str,
    /// How the files' paths begin, below `data/lang/trivy/`.
    pub files: &'static str,
    /// How they end.
    pub ending: &'static str,
    /// The path in an image under which each is shown to the extractors; empty for the path
    /// that it has below `data/lang/trivy/`.
    pub path: &'static str,
    /// How many cases the other scanner's tests have of them.
    pub cases: usize,
    /// How many packages both see, over all cases.
    pub agreed: usize,
    /// Where we differ, and why.
    pub deviations: &'static [Deviation],
}

/// One file where we differ on purpose.
pub(crate) struct Deviation {
    /// How the file's path ends.
    pub file: &'static str,
    /// Packages that the other expects and we do not give.
    pub missing: usize,
    /// Packages that we give and the other does not expect.
    pub extra: usize,
    /// Who is right and why.
    pub why: &'static str,
}

/// Everything that all extractors of the crate see in a file at `path`.
pub(crate) fn extract(path: &str, content: &[u8]) -> Observations {
    let path = ImagePath::new(path);
    let mut out = Observations::default();
    for extractor in crate::extractors() {
        run(extractor, &path, content, &mut out);
    }
    out
}

fn run(extractor: &dyn Extractor, path: &ImagePath, content: &[u8], out: &mut Observations) {
    if extractor.reads_in_flight() {
        let head = &content[..content.len().min(plimsoll_core::HEAD_BYTES)];
        if let Some(mut reader) = extractor.begin(path, head, content.len() as u64) {
            reader.feed(content);
            reader.finish(path, true, out);
        }
    } else if extractor.wants().iter().any(|pattern| is_wanted(pattern, path)) {
        extractor.extract(Input { path, content, others: &() }, out);
    }
}

/// What [`extract`] sees, a line each: packages with `(licence)`, `on` architecture, and `?` where
/// only a lock file says so; `!` problems and `~` oddities.
pub(crate) fn lines_of(path: &str, content: &[u8]) -> String {
    let out = extract(path, content);
    let mut lines = String::new();
    for package in &out.packages {
        let mark = if package.evidence == Evidence::LockFile { "? " } else { "" };
        let Package { kind, name, version, .. } = package;
        let _ = write!(lines, "{mark}{kind} {name} {version}");
        if let Some(license) = &package.license {
            let _ = write!(lines, " ({license})");
        }
        if let Some(architecture) = &package.architecture {
            let _ = write!(lines, " on {architecture}");
        }
        lines.truncate(lines.trim_end_matches(' ').len());
        lines.push('\n');
    }
    for problem in &out.problems {
        let mark = if problem.hides_findings { '!' } else { '~' };
        let _ = writeln!(lines, "{mark} {}", problem.what);
    }
    lines
}

/// Shows the extractors `content` cut off at every byte and with single bytes changed: none may
/// panic.
pub(crate) fn check_mutations(path: &str, content: &str) {
    const STRANGE: &[u8] = b"\0\"'\\{}[]:,#/@=-\n\xff\xe2";
    let content = content.as_bytes();
    for end in 0..content.len() {
        extract(path, &content[..end]);
        let mut changed = content.to_vec();
        changed[end] = STRANGE[end % STRANGE.len()];
        extract(path, &changed);
    }
}

/// What the image crate's compiled matcher decides, one pattern at a time.
fn is_wanted(pattern: &Pattern, path: &ImagePath) -> bool {
    let name = path.file_name();
    let parent = path.parent().unwrap_or_default();
    match *pattern {
        Pattern::Path(wanted) => path.as_bytes() == wanted.as_bytes(),
        Pattern::In(folder, ending) => {
            parent.as_bytes() == folder.as_bytes() && name.ends_with(ending.as_bytes())
        }
        Pattern::Name(wanted) => name == wanted.as_bytes(),
        Pattern::Ending(ending) => name.ends_with(ending.as_bytes()),
        Pattern::InAny(folder, ending) => {
            parent.file_name().ends_with(folder.as_bytes()) && name.ends_with(ending.as_bytes())
        }
    }
}

/// The folder `data/lang` of the shared test data, or a loud word that it is not there.
pub(crate) fn data() -> Option<PathBuf> {
    let shared = std::env::var_os("PLIMSOLL_SHARED").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).to_owned(),
        PathBuf::from,
    );
    let folder = shared.join("data/lang");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no language test data at {}; set PLIMSOLL_SHARED", folder.display());
    None
}

/// Everything that all extractors see in a file of the shared test data (below `data/lang`),
/// shown to them at `path`; `None` where there is no data.
pub(crate) fn extract_data(file: &str, path: &str) -> Option<Observations> {
    let file = data()?.join(file);
    let content = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(extract(path, &content))
}

/// For files below `data/lang` without an expectation: that each, shown at a path, gives as many
/// packages as said, and no problem that hides any.
#[track_caller]
pub(crate) fn check_readable(files: &[(&str, &str, usize)]) {
    let mut wrong = Vec::new();
    for (file, path, packages) in files {
        let Some(seen) = extract_data(file, path) else { return };
        if seen.packages.len() != *packages || seen.problems.iter().any(|it| it.hides_findings) {
            wrong.push(format!("{file}: {} packages, {:?}", seen.packages.len(), seen.problems));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[derive(Deserialize)]
struct Case {
    file: String,
    test: String,
    packages: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    version: String,
}

/// Runs every case of each format, prints a table, and asserts that it is as the formats say.
#[track_caller]
pub(crate) fn check(formats: &[Format]) {
    let Some(data) = data() else { return };
    let table = std::fs::read(data.join("expected-trivy.json")).expect("the table of expectations");
    let cases: Vec<Case> = serde_json::from_slice(&table).expect("JSON");
    let wrong: Vec<String> = formats.iter().flat_map(|format| check_format(format, &data, &cases)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The page of the manual that has a row for each format.
pub(crate) const PAGE: &str = include_str!("../../../docs/agreement.md");

/// Every deviation with its reason, as a cell of that page.
fn reasons(format: &Format) -> String {
    let reasons: Vec<String> = format
        .deviations
        .iter()
        .map(|it| format!("`{}`: {} missing, {} more: {}", it.file, it.missing, it.extra, it.why))
        .collect();
    reasons.join("; ")
}

fn check_format(format: &Format, data: &Path, cases: &[Case]) -> Vec<String> {
    let prefix = format!("lang/trivy/{}", format.files);
    let cases = cases.iter().filter(|it| it.file.starts_with(&prefix) && it.file.ends_with(format.ending));
    let (mut wrong, mut count, mut agreed, mut expected, mut differing) = (Vec::new(), 0, 0, 0, 0);
    for case in cases {
        let compared = compare(format, data, case);
        count += 1;
        agreed += compared.agreed;
        expected += case.packages.len();
        let differs = !compared.missing.is_empty() || !compared.extra.is_empty();
        differing += usize::from(differs);
        let allowed = format.deviations.iter().find(|it| case.file.ends_with(it.file));
        let allowed_counts = allowed.map_or((0, 0), |it| (it.missing, it.extra));
        if (compared.missing.len(), compared.extra.len()) != allowed_counts {
            wrong.push(format!(
                "{} ({}): {} missing {:?}, {} extra {:?}; allowed: {allowed_counts:?}; problems: {:?}",
                case.file,
                case.test,
                compared.missing.len(),
                compared.missing,
                compared.extra.len(),
                compared.extra,
                compared.problems
            ));
        } else if let Some(allowed) = allowed {
            eprintln!("  {}: -{} +{}: {}", case.file, allowed.missing, allowed.extra, allowed.why);
        }
    }
    eprintln!(
        "{:<45} {count:>3} cases, {differing:>2} differ; {agreed:>4} of {expected:>4} packages",
        format!("{}*{}", format.files, format.ending)
    );
    let row = format!(
        "| {} | `{}*{}` | {count} | {agreed} of {expected} | {} |",
        format.kind,
        format.files,
        format.ending,
        reasons(format)
    );
    if !PAGE.contains(&row) {
        wrong.push(format!("docs/agreement.md does not say so:\n{row}"));
    }
    if (count, agreed) != (format.cases, format.agreed) {
        wrong.push(format!(
            "{}*{}: {count} cases with {agreed} packages agreed, and not {} with {}",
            format.files, format.ending, format.cases, format.agreed
        ));
    }
    wrong
}

/// One case, compared.
struct Compared {
    agreed: usize,
    missing: Vec<String>,
    extra: Vec<String>,
    problems: Vec<String>,
}

fn compare(format: &Format, data: &Path, case: &Case) -> Compared {
    let file = case.file.strip_prefix("lang/").unwrap_or(&case.file);
    let content = std::fs::read(data.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let path = if format.path.is_empty() { file } else { format.path };
    let seen = extract(path, &content);
    let ecosystem = crate::by_purl_type(format.kind).expect("a row of the table");
    let text = |name: &str, version: &str| format!("{} {version}", ecosystem.normalize(name));
    let is_compared = |package: &&Package| package.kind == format.kind;
    let ours: BTreeSet<String> =
        seen.packages.iter().filter(is_compared).map(|it| text(&it.name, &it.version)).collect();
    let theirs: BTreeSet<String> = case.packages.iter().map(|it| text(&it.name, &it.version)).collect();
    Compared {
        agreed: ours.intersection(&theirs).count(),
        missing: theirs.difference(&ours).cloned().collect(),
        extra: ours.difference(&theirs).cloned().collect(),
        problems: seen.problems.iter().map(|it| it.what.clone()).collect(),
    }
}

#[test]
fn patterns_choose_files_by_name_and_folder() {
    let wants = |pattern, path| is_wanted(&pattern, &ImagePath::new(path));
    assert!(wants(Pattern::InAny(".dist-info", "METADATA"), "a/x.dist-info/METADATA"));
    assert!(!wants(Pattern::InAny(".dist-info", "METADATA"), "a/x.dist-info/y/METADATA"));
    assert!(wants(Pattern::In("a/b", ".json"), "a/b/x.json"));
    assert!(wants(Pattern::Name("x"), "x"));
    assert!(wants(Pattern::Ending(".jar"), "a/x.jar"));
    assert!(!wants(Pattern::Path("a/x"), "b/a/x"));
}
