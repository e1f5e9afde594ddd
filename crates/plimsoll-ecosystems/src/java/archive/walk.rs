//! From archive to archive within an archive, within bounds, and what each is.

use std::borrow::Cow;
use std::collections::HashSet;

use plimsoll_core::{Evidence, ImagePath, Observations, Package, Problem, ProblemKind};

use super::contents::{Contents, survey};
use crate::java::manifest::{self, Manifest};
use crate::java::zip::{self, DataError, Directory, DirectoryError, Entry};
use crate::notes::Notes;

/// Archives within archives: an ear holds a war holds a jar; two more for good measure.
const DEPTH_MAX: usize = 5;
/// Bytes of inflated archives within archives that are held at a time.
const HELD_BYTES_MAX: usize = 256 << 20;
/// Bytes of the manifest, of which only the start matters.
const MANIFEST_BYTES_MAX: usize = 256 << 10;
/// Libraries of one file, all archives within it together; the largest honest one seen has 2,000.
pub(super) const LIBRARIES_MAX: usize = 50_000;
/// Bytes of group, artifact, version or title; more is no name.
pub(super) const NAME_BYTES_MAX: usize = 256;
/// How many times more than inflating it costs to make sense of a text.
const PARSING_COST: u64 = 8;
/// Letters of an inner path that are shown.
const SHOWN_LETTERS_MAX: usize = 200;

/// What may be read of one file, all archives within it together.
pub(super) struct Budget {
    /// Entries of directories.
    pub(super) entries_left: u64,
    /// Bytes, compressed and inflated. The compressed ones count because deflated data can be
    /// long and come to nothing.
    pub(super) bytes_left: u64,
}

impl Budget {
    /// Enough for any honest file: the largest one seen has 300,000 entries.
    pub(super) const STANDARD: Budget = Budget { entries_left: 1_000_000, bytes_left: 4 << 30 };
}

/// Reads the archive and all within it.
pub(super) fn walk(path: &ImagePath, content: &[u8], budget: Budget, out: &mut Observations) {
    let name = String::from_utf8_lossy(path.file_name()).into_owned();
    let mut walk =
        Walk { notes: Notes::new(path, out), budget, held_bytes: 0, seen: HashSet::new(), left_out: 0 };
    walk.archive(&name, content, 0);
    if walk.left_out > 0 {
        walk.limit(format!("only {LIBRARIES_MAX} libraries were read, {} were not", walk.left_out));
    }
    walk.notes.finish();
}

/// One file, as far as it was walked through.
pub(super) struct Walk<'n> {
    pub(super) notes: Notes<'n>,
    budget: Budget,
    held_bytes: usize,
    /// Name and version of what was found.
    seen: HashSet<(String, String)>,
    /// Libraries beyond the bound.
    left_out: u64,
}

impl Walk<'_> {
    /// One archive; `label` is where it is, `a.war!/WEB-INF/lib/b.jar`.
    fn archive(&mut self, label: &str, bytes: &[u8], depth: usize) {
        let directory = match Directory::find(bytes) {
            Ok(directory) => directory,
            Err(error) => return self.no_archive(label, bytes, error),
        };
        let contents = survey(&directory, &mut self.budget.entries_left);
        self.faults(label, &contents);
        let components = self.components(label, &directory, &contents);
        let manifest = self.manifest(label, &directory, &contents);
        self.own(label, bytes, &contents, &components, &manifest);
        self.note(label, components, &manifest);
        for entry in &contents.nested {
            self.nested(label, &directory, entry, depth);
        }
        self.sboms(label, &directory, &contents);
    }

    fn no_archive(&mut self, label: &str, bytes: &[u8], error: DirectoryError) {
        let is_java_for_sure = [".jar", ".war"].iter().any(|ending| label.ends_with(ending));
        match error {
            // Java could not read it either. Other programs use some of the other endings.
            DirectoryError::NotZip if bytes.is_empty() || !is_java_for_sure => (),
            DirectoryError::NotZip => self.notes.oddity(format!("`{label}` is no archive: {}", error.what())),
            _ => self.notes.problem(format!("archive `{label}` cannot be read: {}", error.what())),
        }
    }

    fn faults(&mut self, label: &str, contents: &Contents<'_>) {
        let faults = contents.faults;
        if faults.too_many {
            self.limit(format!(
                "not all entries of `{label}` were read: the file has too many, with all archives within it"
            ));
        } else if faults.is_broken {
            self.notes
                .problem(format!("the central directory of `{label}` is broken; entries may be missing"));
        }
        if faults.named_differently > 0 {
            let count = faults.named_differently;
            self.notes.problem(format!("`{label}` has two names for {count} of its entries"));
        }
        if faults.repeated > 0 {
            let count = faults.repeated;
            self.notes.oddity(format!("`{label}` has {count} entries of the name of another; all were read"));
        }
    }

    fn manifest(&mut self, label: &str, directory: &Directory<'_>, contents: &Contents<'_>) -> Manifest {
        let Some(entry) = contents.manifest else { return Manifest::default() };
        let reading = self.read_text(directory, &entry, MANIFEST_BYTES_MAX);
        match &reading.error {
            // The sections about single files may be long; none of them is wanted.
            Some(DataError::TooLarge(_)) if manifest::is_main_section_whole(&reading.data) => (),
            Some(error) => self.unread(&inner(label, entry.name), error),
            None => (),
        }
        manifest::read(&reading.data)
    }

    pub(super) fn package(&mut self, name: String, version: String, evidence: Evidence, license: &str) {
        if self.seen.len() >= LIBRARIES_MAX {
            self.left_out += 1;
        } else if self.seen.insert((name.clone(), version.clone())) {
            let license = (!license.is_empty()).then(|| license.to_owned());
            self.notes.package(Package {
                kind: "maven".to_owned(),
                name,
                version,
                evidence,
                license,
                ..Package::default()
            });
        }
    }

    /// Notes what a document lists, unless it was found itself.
    pub(super) fn listed(&mut self, package: Package) {
        let is_maven = package.kind == "maven";
        if is_maven && self.seen.contains(&(package.name.clone(), package.version.clone())) {
            return;
        }
        self.notes.package(package);
    }

    /// An archive in this one.
    fn nested(&mut self, label: &str, directory: &Directory<'_>, entry: &Entry<'_>, depth: usize) {
        let label = inner(label, entry.name);
        if depth >= DEPTH_MAX {
            return self
                .limit(format!("`{label}` is nested deeper than {DEPTH_MAX} archives and was not read"));
        }
        let bytes_max = HELD_BYTES_MAX.saturating_sub(self.held_bytes);
        if entry.size_bytes > bytes_max as u64 {
            return self.unread(&label, &DataError::TooLarge(bytes_max));
        }
        let reading = self.read(directory, entry, bytes_max);
        if let Some(error) = &reading.error {
            self.unread(&label, error);
            if *error != DataError::Differ {
                return;
            }
        }
        let held_bytes = if matches!(reading.data, Cow::Owned(_)) { reading.data.len() } else { 0 };
        self.held_bytes += held_bytes;
        self.archive(&label, &reading.data, depth + 1);
        self.held_bytes -= held_bytes;
    }

    /// The text of an entry that is wanted whole; `None` after saying why not.
    pub(super) fn text<'a>(
        &mut self,
        label: &str,
        directory: &Directory<'a>,
        entry: &Entry<'a>,
        bytes_max: usize,
    ) -> Option<Cow<'a, [u8]>> {
        let reading = self.read_text(directory, entry, bytes_max);
        match reading.error {
            None => Some(reading.data),
            Some(error) => {
                self.unread(&inner(label, entry.name), &error);
                (error == DataError::Differ).then_some(reading.data)
            }
        }
    }

    /// Reads within what is left for the whole file.
    fn read<'a>(
        &mut self,
        directory: &Directory<'a>,
        entry: &Entry<'a>,
        bytes_max: usize,
    ) -> zip::Reading<'a> {
        let Some(left) = self.budget.bytes_left.checked_sub(directory.stored_bytes(entry)) else {
            self.budget.bytes_left = 0;
            return zip::Reading { data: Cow::Borrowed(&[]), error: Some(DataError::Exhausted) };
        };
        let bytes_max = usize::try_from(left).unwrap_or(usize::MAX).min(bytes_max);
        let reading = zip::read(directory, entry, bytes_max);
        self.budget.bytes_left = left.saturating_sub(reading.data.len() as u64);
        reading
    }

    /// Reads what is then made sense of.
    fn read_text<'a>(
        &mut self,
        directory: &Directory<'a>,
        entry: &Entry<'a>,
        bytes_max: usize,
    ) -> zip::Reading<'a> {
        let reading = self.read(directory, entry, bytes_max);
        let cost = (PARSING_COST - 1).saturating_mul(reading.data.len() as u64);
        self.budget.bytes_left = self.budget.bytes_left.saturating_sub(cost);
        reading
    }

    fn unread(&mut self, label: &str, error: &DataError) {
        let what = format!("`{label}` was not read: {}", error.what());
        match error {
            DataError::TooLarge(_) | DataError::Exhausted => self.limit(what),
            DataError::Encrypted | DataError::Method(_) => self.problem(ProblemKind::Unsupported, what),
            DataError::Differ => self.notes.problem(format!("`{label}` is damaged: {}", error.what())),
            DataError::Outside | DataError::Inflate => self.notes.problem(what),
        }
    }

    pub(super) fn limit(&mut self, what: String) {
        self.problem(ProblemKind::Limit, what);
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, what: String) {
        self.notes.note(Problem::new(kind, what));
    }
}

/// The label of an entry: `a.war!/WEB-INF/lib/b.jar`, its middle cut out where it is very long.
pub(super) fn inner(label: &str, name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let letters = name.chars().count();
    let shown: String = name.chars().skip(letters.saturating_sub(SHOWN_LETTERS_MAX)).collect();
    let cut = if letters > SHOWN_LETTERS_MAX { "…" } else { "" };
    format!("{label}!/{cut}{shown}")
}
