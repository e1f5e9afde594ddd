//! What of an archive's directory matters: one walk over its entries, in which nothing else is kept.

use std::collections::{BTreeMap, HashSet};

use crate::java::zip::{Directory, Entry};

/// Where build tools put an application's SBOM (Spring Boot's reference, "Software Bill of
/// Materials").
const SBOM_FOLDERS: &[&[u8]] =
    &[b"META-INF/sbom", b"BOOT-INF/classes/META-INF/sbom", b"WEB-INF/classes/META-INF/sbom"];

/// The entries that matter.
#[derive(Default)]
pub(super) struct Contents<'a> {
    /// `pom.properties`, wherever they are.
    pub(super) properties: Vec<Entry<'a>>,
    /// `META-INF/maven/GROUP/ARTIFACT/pom.xml`, by the folder they are in.
    pub(super) poms: BTreeMap<&'a [u8], Entry<'a>>,
    /// `META-INF/MANIFEST.MF`; of several the last, as Java does.
    pub(super) manifest: Option<Entry<'a>>,
    /// `META-INF/sbom/*.json`, of the archive itself or of the application in it.
    pub(super) sboms: Vec<Entry<'a>>,
    /// Archives.
    pub(super) nested: Vec<Entry<'a>>,
    /// Whether there are classes of anybody.
    pub(super) has_classes: bool,
    /// Whether it is an application with folders for its own classes and for libraries, rather
    /// than a library.
    pub(super) is_application: bool,
    /// What is wrong with the directory.
    pub(super) faults: Faults,
}

/// What is wrong with a directory, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// Entries that another name stands before in the archive.
    pub(super) named_differently: u64,
    /// Entries that matter and have the name of an earlier one.
    pub(super) repeated: u64,
    /// Whether there are fewer or more entries than the end record counts, or something else
    /// between them.
    pub(super) is_broken: bool,
    /// Whether the allowed number of entries was reached.
    pub(super) too_many: bool,
}

/// Walks the directory and takes each entry from `entries_left`.
pub(super) fn survey<'a>(directory: &Directory<'a>, entries_left: &mut u64) -> Contents<'a> {
    let mut contents = Contents::default();
    let mut names = HashSet::new();
    let mut count = 0_u64;
    let mut entries = directory.entries();
    for entry in entries.by_ref() {
        let Some(left) = entries_left.checked_sub(1) else {
            contents.faults.too_many = true;
            return contents;
        };
        *entries_left = left;
        count += 1;
        contents.faults.named_differently += u64::from(entry.is_named_differently(directory));
        if contents.take(entry) && !names.insert(entry.name) {
            contents.faults.repeated += 1;
        }
    }
    // Without zip64 the count has sixteen bits, and old tools wrote larger archives all the same.
    let is_counted = count == directory.entry_count || count & 0xffff == directory.entry_count;
    contents.faults.is_broken = !entries.is_whole() || !is_counted;
    contents
}

impl<'a> Contents<'a> {
    /// Notes an entry; says whether it matters.
    fn take(&mut self, entry: Entry<'a>) -> bool {
        let name = entry.name;
        self.is_application |= name.starts_with(b"BOOT-INF/") || name.starts_with(b"WEB-INF/");
        if name.ends_with(b".class") {
            self.has_classes |= is_real_class(name);
            return false;
        }
        let (folder, file) = split(name);
        if file == b"pom.properties" {
            self.properties.push(entry);
        } else if file == b"pom.xml" && maven_folder(folder).is_some() {
            self.poms.insert(folder, entry);
        } else if name.eq_ignore_ascii_case(b"META-INF/MANIFEST.MF") {
            self.manifest = Some(entry);
        } else if file.ends_with(b".json") && SBOM_FOLDERS.contains(&folder) {
            self.sboms.push(entry);
        } else if std::str::from_utf8(file).is_ok_and(|file| super::stem(file).is_some()) {
            self.nested.push(entry);
        } else {
            return false;
        }
        true
    }
}

/// Folder and file of an entry's name.
pub(super) fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (&[], name),
    }
}

/// Group and artifact of a folder `META-INF/maven/GROUP/ARTIFACT`, at the top or below
/// (`WEB-INF/classes/META-INF/maven/…`).
pub(super) fn maven_folder(folder: &[u8]) -> Option<(&str, &str)> {
    let mut parts = std::str::from_utf8(folder).ok()?.rsplit('/');
    let (artifact, group) = (parts.next()?, parts.next()?);
    let is_maven = parts.next()? == "maven" && parts.next()? == "META-INF";
    (is_maven && !group.is_empty() && !artifact.is_empty()).then_some((group, artifact))
}

/// Descriptions of modules and packages hold no code.
fn is_real_class(name: &[u8]) -> bool {
    !matches!(split(name).1, b"module-info.class" | b"package-info.class")
}
