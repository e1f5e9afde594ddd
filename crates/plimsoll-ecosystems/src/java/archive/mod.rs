//! `java/archive`: the libraries in jar, war, ear and their kin, however deep they are nested.
//!
//! A library is what a `pom.properties` (or `pom.xml`) says, each of them one (rule 63): a
//! shaded archive has many. An archive without is listed by its file name and the main section
//! of its manifest, and a problem says that nobody knows what it is, with its SHA-1 for those who
//! have a list of published files; its name is never taken for Maven coordinates. Never unpacks to anywhere, never runs anything, never reads class files.

mod components;
mod contents;
mod identity;
mod own;
mod sboms;
mod walk;

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use walk::Budget;

/// Reads archives of Java.
pub struct JavaArchive;

/// The endings of archives; all are zip files. Plug-ins of Jenkins are `hpi` and `jpi`, Liferay's
/// are `lpkg`, NiFi's `nar`, Karaf's `kar`, Android's libraries `aar`, connectors `rar`. A
/// `jmod` is left to the `release` file of its Java runtime.
const ENDINGS: &[Pattern] = &[
    Pattern::Ending(".jar"),
    Pattern::Ending(".war"),
    Pattern::Ending(".ear"),
    Pattern::Ending(".par"),
    Pattern::Ending(".sar"),
    Pattern::Ending(".hpi"),
    Pattern::Ending(".jpi"),
    Pattern::Ending(".nar"),
    Pattern::Ending(".lpkg"),
    Pattern::Ending(".kar"),
    Pattern::Ending(".aar"),
    Pattern::Ending(".rar"),
];

impl Extractor for JavaArchive {
    fn id(&self) -> &'static str {
        "java/archive"
    }

    fn version(&self) -> u32 {
        3
    }

    fn wants(&self) -> &'static [Pattern] {
        ENDINGS
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        walk::walk(input.path, input.content, Budget::STANDARD, out);
    }
}

/// The name of an archive without its ending; `None` of another file.
fn stem(name: &str) -> Option<&str> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let at = file.rfind('.')?;
    let (stem, ending) = file.split_at(at);
    let is_ending = |it: &Pattern| matches!(it, Pattern::Ending(known) if known.eq_ignore_ascii_case(ending));
    (!stem.is_empty() && ENDINGS.iter().any(is_ending)).then_some(stem)
}

#[cfg(test)]
mod tests;
