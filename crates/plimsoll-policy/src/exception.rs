//! Exceptions: vulnerabilities that somebody decided to live with, for a reason and a time.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{Escaped, Purl, TextPattern, Timestamp, is_answered};

use crate::question::Place;
use crate::summary::SummaryFinding;

/// One entry of an allowlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The vulnerability's id or any of its aliases, in any case; with `*` or `?` a glob of them.
    pub id: String,
    /// Only in this package: a package URL, of any version if it names none, or a glob of names.
    pub package: Option<String>,
    /// Only in these repositories, a glob of names inside of the namespace.
    pub repository: Option<String>,
    /// Only in images that have such a tag, a glob.
    pub tags: Option<String>,
    /// Only where the package was found in such a file, a glob.
    pub paths: Option<String>,
    /// Why it does not count.
    pub reason: Option<String>,
    /// Who decided it.
    pub owner: Option<String>,
    /// When it ends; from then on it counts again.
    pub ends: Option<Timestamp>,
}

impl Exception {
    /// An exception without conditions, reason, owner or end, as the command line takes them.
    pub fn of(id: &str) -> Exception {
        Exception {
            id: id.to_owned(),
            package: None,
            repository: None,
            tags: None,
            paths: None,
            reason: None,
            owner: None,
            ends: None,
        }
    }

    /// What is wrong with it as somebody wrote it, if anything, and what would be right.
    pub fn fault(&self) -> Option<String> {
        if let Some(fault) = id_fault(&self.id) {
            return Some(fault);
        }
        let conditions = [&self.package, &self.repository, &self.tags, &self.paths];
        if self.id.bytes().all(|it| it == b'*') && conditions.iter().all(|it| it.is_none()) {
            return Some("an exception for everything is a policy that is off: name a package, a repository, tags or paths".to_owned());
        }
        for condition in conditions.into_iter().flatten() {
            if condition.is_empty() || condition.len() > CONDITION_BYTES_MAX {
                return Some(format!(
                    "a condition has 1 to {CONDITION_BYTES_MAX} characters; leave it out for any"
                ));
            }
        }
        match &self.package {
            Some(package) if package.starts_with("pkg:") && Purl::parse(package).is_none() => {
                let package = Escaped(package);
                Some(format!(
                    "`{package}` is no package URL; write pkg:TYPE/NAMESPACE/NAME or a package's name"
                ))
            }
            _ => None,
        }
    }
}

/// The longest condition.
const CONDITION_BYTES_MAX: usize = 512;
/// The longest id or glob of ids.
const ID_BYTES_MAX: usize = 128;
/// The most ids of a list that is pasted.
const PASTED_IDS_MAX: usize = 10_000;

fn id_fault(id: &str) -> Option<String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:*?".contains(&byte);
    if id.is_empty() || id.len() > ID_BYTES_MAX {
        return Some(format!("an id has 1 to {ID_BYTES_MAX} characters"));
    }
    if !id.bytes().all(legal) {
        return Some(format!(
            "`{}` is no id; write CVE-2024-12345, another database's id, or a glob",
            Escaped(id)
        ));
    }
    None
}

/// Why a list of ids cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct PasteError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// Reads a list of ids as people paste them: with commas, semicolons, spaces or line breaks
/// between, some of them twice.
pub fn pasted_ids(text: &str) -> Result<Vec<String>, PasteError> {
    let mut seen = BTreeSet::new();
    let mut ids = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let entries = text.split(|it: char| it == ',' || it == ';' || it.is_whitespace());
        for id in entries.filter(|it| !it.is_empty()) {
            if let Some(what) = id_fault(id) {
                return Err(PasteError { line, what });
            }
            if seen.insert(id.to_ascii_uppercase()) {
                ids.push(id.to_owned());
            }
            if ids.len() > PASTED_IDS_MAX {
                let what = format!("more than {PASTED_IDS_MAX} ids; take a glob or several lists");
                return Err(PasteError { line, what });
            }
        }
    }
    Ok(ids)
}

/// Exceptions, ready to be asked: those for an id are found without looking at the others.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    entries: Vec<Entry>,
    by_id: BTreeMap<String, Vec<usize>>,
    globs: Vec<(TextPattern, usize)>,
}

#[derive(Clone, Debug)]
struct Entry {
    exception: Exception,
    package: Option<Package>,
    repository: Option<TextPattern>,
    tags: Option<TextPattern>,
    paths: Option<TextPattern>,
}

#[derive(Clone, Debug)]
enum Package {
    Url(Purl),
    Name(TextPattern),
    /// What nobody can read excepts nothing.
    Unreadable,
}

impl Exceptions {
    /// Takes exceptions as they stand; one with a fault excepts nothing that it does not say.
    pub fn new(exceptions: Vec<Exception>) -> Exceptions {
        let mut all = Exceptions::default();
        for (at, exception) in exceptions.into_iter().enumerate() {
            let id = exception.id.to_ascii_uppercase();
            if id.contains(['*', '?']) {
                all.globs.push((TextPattern::Glob(id), at));
            } else {
                all.by_id.entry(id).or_default().push(at);
            }
            all.entries.push(Entry::of(exception));
        }
        all
    }

    /// The exceptions in the order in which they were given.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Exception> {
        self.entries.iter().map(|it| &it.exception)
    }

    /// Whether one of them asks for tags, so that a moved tag may change a verdict.
    pub fn ask_for_tags(&self) -> bool {
        self.entries.iter().any(|it| it.tags.is_some())
    }

    /// Those that speak of a finding in such a place, perhaps of one CVE of several, ended or not.
    fn speaking_of<'a>(&'a self, id: &str) -> impl Iterator<Item = usize> + use<'a> {
        let id = id.to_ascii_uppercase();
        let exact = self.by_id.get(&id).into_iter().flatten().copied();
        exact.chain(self.globs.iter().filter(move |(glob, _)| glob.matches(&id)).map(|(_, at)| *at))
    }

    /// Whether they together speak of all that a finding is about; marks those that speak of it.
    pub(crate) fn cover(
        &self,
        finding: &SummaryFinding,
        place: &Place<'_>,
        now: Timestamp,
        used: &mut BTreeSet<usize>,
    ) -> bool {
        if self.entries.is_empty() {
            return false;
        }
        let holding = |id: &str| {
            let fits = move |at: &usize| {
                self.entries.get(*at).is_some_and(|it| it.holds(now) && it.fits(finding, place))
            };
            self.speaking_of(id).filter(fits)
        };
        for id in std::iter::once(&finding.id).chain(&finding.aliases) {
            used.extend(holding(id));
        }
        is_answered(&finding.id, &finding.aliases, |id| holding(id).next().is_some())
    }
}

impl Entry {
    fn of(exception: Exception) -> Entry {
        let glob = |it: &Option<String>| it.clone().map(TextPattern::Glob);
        let package = exception.package.as_ref().map(|it| match Purl::parse(it) {
            Some(purl) => Package::Url(purl),
            None if it.starts_with("pkg:") => Package::Unreadable,
            None => Package::Name(TextPattern::Glob(it.clone())),
        });
        Entry {
            package,
            repository: glob(&exception.repository),
            tags: glob(&exception.tags),
            paths: glob(&exception.paths),
            exception,
        }
    }

    fn holds(&self, now: Timestamp) -> bool {
        self.exception.ends.is_none_or(|ends| now < ends)
    }

    fn fits(&self, finding: &SummaryFinding, place: &Place<'_>) -> bool {
        self.package.as_ref().is_none_or(|it| it.fits(finding))
            && self.repository.as_ref().is_none_or(|it| place.repository.is_some_and(|name| it.matches(name)))
            && self.tags.as_ref().is_none_or(|it| place.tags.iter().any(|tag| it.matches(tag)))
            && self.paths.as_ref().is_none_or(|it| it.matches(&finding.path))
    }
}

impl Package {
    fn fits(&self, finding: &SummaryFinding) -> bool {
        match self {
            Package::Name(name) => name.matches(&finding.package),
            Package::Url(wanted) => Purl::parse(&finding.purl).is_some_and(|it| names(wanted, &it)),
            Package::Unreadable => false,
        }
    }
}

/// Whether a package URL names a package, by all that it says and nothing that it does not.
fn names(wanted: &Purl, package: &Purl) -> bool {
    wanted.kind == package.kind
        && wanted.namespace == package.namespace
        && wanted.name == package.name
        && wanted.version.as_ref().is_none_or(|it| Some(it) == package.version.as_ref())
        && wanted.qualifiers.iter().all(|(key, value)| package.qualifier(key) == Some(value.as_str()))
}
