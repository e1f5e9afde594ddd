//! From archive to archive within an archive, within bounds, and what each is.

use std::borrow::Cow;
use std::collections::HashSet;

use plimsoll_core::{Evidence, ImagePath, Observations, Package, Problem, ProblemKind};

use super::contents::{Contents, maven_folder, split, survey};
use super::identity::{self, Identity};
use super::stem;
use crate::java::manifest::{self, Manifest};
use crate::java::pom;
use crate::java::properties;
use crate::java::zip::{self, DataError, Directory, DirectoryError, Entry};
use crate::notes::Notes;

/// Archives within archives: an ear holds a war holds a jar; two more for good measure.
const DEPTH_MAX: usize = 5;
/// Entries of one file, all archives within it together; the largest honest one seen has 300,000.
const ENTRIES_MAX: u64 = 4_000_000;
/// Bytes read out of one file, all archives within it together.
const READ_BYTES_MAX: u64 = 2 << 30;
/// Bytes of inflated archives within archives that are held at a time.
const HELD_BYTES_MAX: usize = 256 << 20;
/// Bytes of one `pom.properties`; honest ones have some 120.
const PROPERTIES_BYTES_MAX: usize = 64 << 10;
/// Bytes of one `pom.xml`; the largest honest one seen has 200 KB.
const POM_BYTES_MAX: usize = 2 << 20;
/// Bytes of the manifest, of which only the start matters.
const MANIFEST_BYTES_MAX: usize = 1 << 20;
/// Letters of an inner path that are shown.
const SHOWN_LETTERS_MAX: usize = 200;
/// Bytes of group, artifact or version; more is no name.
const NAME_BYTES_MAX: usize = 512;

/// Reads the archive and all within it.
pub(super) fn walk(path: &ImagePath, content: &[u8], out: &mut Observations) {
    let name = String::from_utf8_lossy(path.file_name()).into_owned();
    let mut walk = Walk {
        notes: Notes::new(path, out),
        entries_left: ENTRIES_MAX,
        bytes_left: READ_BYTES_MAX,
        held_bytes: 0,
        seen: HashSet::new(),
    };
    walk.archive(&name, content, 0);
    walk.notes.finish();
}

struct Walk<'n> {
    notes: Notes<'n>,
    entries_left: u64,
    bytes_left: u64,
    held_bytes: usize,
    /// Name and version of what was found.
    seen: HashSet<(String, String)>,
}

/// Coordinates by a `pom`.
#[derive(Default)]
struct Component {
    group: String,
    artifact: String,
    version: String,
}

impl Walk<'_> {
    /// One archive; `label` is where it is, `a.war!/WEB-INF/lib/b.jar`.
    fn archive(&mut self, label: &str, bytes: &[u8], depth: usize) {
        let directory = match Directory::find(bytes) {
            Ok(directory) => directory,
            Err(error) => return self.no_archive(label, bytes, error),
        };
        let contents = survey(&directory, &mut self.entries_left);
        self.faults(label, &contents);
        let components = self.components(label, &directory, &contents);
        let manifest = self.manifest(label, &directory, &contents);
        self.own(label, &contents, &components, &manifest);
        self.note(label, components, &manifest);
        for entry in &contents.nested {
            self.nested(label, &directory, entry, depth);
        }
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
            self.limit(format!("`{label}`: more than {ENTRIES_MAX} entries; the rest was not read"));
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

    /// What the `pom`s say, each once.
    fn components(
        &mut self,
        label: &str,
        directory: &Directory<'_>,
        contents: &Contents<'_>,
    ) -> Vec<Component> {
        let mut components = Vec::new();
        let mut folders = HashSet::new();
        for entry in &contents.properties {
            let folder = split(entry.name).0;
            folders.insert(folder);
            let Some(data) = self.data(label, directory, entry, PROPERTIES_BYTES_MAX) else { continue };
            let stated = properties::read(&data);
            let mut component =
                Component { group: stated.group, artifact: stated.artifact, version: stated.version };
            component.clear_placeholders();
            if component.is_whole() {
                components.push(component);
            } else if let Some(place) = maven_folder(folder) {
                component.fill_from(self.pom(label, directory, contents.poms.get(folder)));
                component.fill_from(Some(Component::of_folder(place)));
                components.push(component);
            }
        }
        for (folder, entry) in contents.poms.iter().filter(|(folder, _)| !folders.contains(**folder)) {
            let mut component = self.pom(label, directory, Some(entry)).unwrap_or_default();
            component.fill_from(maven_folder(folder).map(Component::of_folder));
            components.push(component);
        }
        components
    }

    fn pom(
        &mut self,
        label: &str,
        directory: &Directory<'_>,
        entry: Option<&Entry<'_>>,
    ) -> Option<Component> {
        let entry = entry?;
        let data = self.data(label, directory, entry, POM_BYTES_MAX)?;
        let it = pom::read(&data)?.coordinates();
        Some(Component { group: it.group, artifact: it.artifact, version: it.version })
    }

    fn manifest(&mut self, label: &str, directory: &Directory<'_>, contents: &Contents<'_>) -> Manifest {
        let Some(entry) = contents.manifest else { return Manifest::default() };
        let reading = self.read(directory, &entry, MANIFEST_BYTES_MAX);
        match &reading.error {
            // The sections about single files may be long; none of them is wanted.
            Some(DataError::TooLarge(_)) if manifest::is_main_section_whole(&reading.data) => (),
            Some(error) => self.unread(&inner(label, entry.name), error),
            None => (),
        }
        manifest::read(&reading.data)
    }

    /// The archive itself, where no `pom` is its own.
    fn own(&mut self, label: &str, contents: &Contents<'_>, components: &[Component], manifest: &Manifest) {
        let Some(stem) = stem(label) else { return };
        let own = identity::identify(stem, manifest);
        let is_known = match components {
            [] => false,
            [only] if own.version.is_empty() || only.version == own.version => true,
            _ => components
                .iter()
                .any(|it| identity::is_named_after(stem, &it.artifact) || own.artifact == it.artifact),
        };
        if is_known {
            return;
        }
        if own.group.is_empty() && contents.has_classes {
            self.unknown(label, contents, components, &own);
        }
        if own.version.is_empty() && !contents.has_classes {
            return;
        }
        let name =
            if own.group.is_empty() { own.artifact } else { format!("{}:{}", own.group, own.artifact) };
        self.package(name, own.version, Evidence::Binary, &manifest.license);
    }

    /// Says that nobody knows what an archive is.
    fn unknown(&mut self, label: &str, contents: &Contents<'_>, components: &[Component], own: &Identity) {
        if let Some(other) = &own.other_version {
            let version = &own.version;
            self.notes
                .oddity(format!("`{label}` has version {version} by its name and {other} by its manifest"));
        }
        if !components.is_empty() {
            let what = format!("`{label}` holds libraries with a pom and has none of its own");
            self.notes.oddity(what);
        } else if contents.is_application {
            // Classes of an application are somebody's own, as any program's are.
            self.notes.oddity(format!("`{label}` is an application that says no Maven coordinates"));
        } else {
            let what = format!("nobody says what `{label}` is: it has classes and no Maven coordinates");
            self.problem(ProblemKind::NotCovered, what);
        }
    }

    fn note(&mut self, label: &str, components: Vec<Component>, manifest: &Manifest) {
        let license = if components.len() == 1 { &*manifest.license } else { "" };
        for component in components {
            let Component { group, artifact, version } = component;
            if [&group, &artifact, &version].into_iter().any(|it| it.len() > NAME_BYTES_MAX) {
                self.notes.problem(format!("a pom in `{label}` has longer names than are read"));
                continue;
            }
            let name = format!("{group}:{artifact}");
            if version.is_empty() {
                self.notes.problem(format!("nothing in `{label}` says which version of `{name}` it is"));
            }
            self.package(name, version, Evidence::Installed, license);
        }
    }

    fn package(&mut self, name: String, version: String, evidence: Evidence, license: &str) {
        if self.seen.insert((name.clone(), version.clone())) {
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

    /// An archive in this one.
    fn nested(&mut self, label: &str, directory: &Directory<'_>, entry: &Entry<'_>, depth: usize) {
        let label = inner(label, entry.name);
        if depth >= DEPTH_MAX {
            return self
                .limit(format!("`{label}` is nested deeper than {DEPTH_MAX} archives and was not read"));
        }
        let bytes_max = HELD_BYTES_MAX.saturating_sub(self.held_bytes);
        let reading = self.read(directory, entry, bytes_max);
        match &reading.error {
            None => (),
            Some(error) => {
                self.unread(&label, error);
                if *error != DataError::Differ {
                    return;
                }
            }
        }
        let held_bytes = if matches!(reading.data, Cow::Owned(_)) { reading.data.len() } else { 0 };
        self.held_bytes += held_bytes;
        self.archive(&label, &reading.data, depth + 1);
        self.held_bytes -= held_bytes;
    }

    /// The data of an entry that is wanted whole; `None` after saying why not.
    fn data<'a>(
        &mut self,
        label: &str,
        directory: &Directory<'a>,
        entry: &Entry<'a>,
        bytes_max: usize,
    ) -> Option<Cow<'a, [u8]>> {
        let reading = self.read(directory, entry, bytes_max);
        match reading.error {
            None => return Some(reading.data),
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
        let bytes_max = usize::try_from(self.bytes_left).unwrap_or(usize::MAX).min(bytes_max);
        let reading = zip::read(directory, entry, bytes_max);
        self.bytes_left = self.bytes_left.saturating_sub(reading.data.len() as u64);
        reading
    }

    fn unread(&mut self, label: &str, error: &DataError) {
        let what = format!("`{label}` was not read: {}", error.what());
        match error {
            DataError::TooLarge(_) => self.limit(what),
            DataError::Encrypted | DataError::Method(_) => self.problem(ProblemKind::Unsupported, what),
            DataError::Differ => self.notes.problem(format!("`{label}` is damaged: {}", error.what())),
            DataError::Outside | DataError::Inflate => self.notes.problem(what),
        }
    }

    fn limit(&mut self, what: String) {
        self.problem(ProblemKind::Limit, what);
    }

    fn problem(&mut self, kind: ProblemKind, what: String) {
        self.notes.note(Problem::new(kind, what));
    }
}

impl Component {
    fn of_folder((group, artifact): (&str, &str)) -> Component {
        Component { group: group.to_owned(), artifact: artifact.to_owned(), version: String::new() }
    }

    fn fields(&mut self) -> [&mut String; 3] {
        [&mut self.group, &mut self.artifact, &mut self.version]
    }

    fn is_whole(&self) -> bool {
        !self.group.is_empty() && !self.artifact.is_empty() && !self.version.is_empty()
    }

    /// Some builds leave `${project.version}` where the version should be.
    fn clear_placeholders(&mut self) {
        self.fields().into_iter().filter(|it| it.contains("${")).for_each(String::clear);
    }

    fn fill_from(&mut self, other: Option<Component>) {
        let Some(mut other) = other else { return };
        for (field, value) in self.fields().into_iter().zip(other.fields()) {
            if field.is_empty() {
                *field = std::mem::take(value);
            }
        }
    }
}

/// The label of an entry: `a.war!/WEB-INF/lib/b.jar`, its middle cut out where it is very long.
fn inner(label: &str, name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let letters = name.chars().count();
    let shown: String = name.chars().skip(letters.saturating_sub(SHOWN_LETTERS_MAX)).collect();
    let cut = if letters > SHOWN_LETTERS_MAX { "…" } else { "" };
    format!("{label}!/{cut}{shown}")
}
