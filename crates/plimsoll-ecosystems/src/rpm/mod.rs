//! rpm: the package databases of Red Hat's, SUSE's and their relatives' distributions.
//!
//! Three formats, told apart by their first bytes and not by their names: Berkeley DB
//! (`bdb`), rpm's own (`ndb`) and SQLite (`sqlite`, with its write-ahead log, `wal`). All of
//! them hold the same headers (`header`). Written by hand over bytes, so that no C
//! library ever sees a hostile database.
//!
//! Never opens a file, never fails as a whole: what can be read is kept, and what cannot is a
//! problem.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Package, Problem, ProblemKind, Unreadable};

mod bdb;
mod bytes;
mod extractor;
mod header;
mod manifest;
mod ndb;
mod reading;
mod source_epoch;
mod sqlite;
mod wal;

#[cfg(test)]
pub(crate) mod tests;

pub use extractor::{RpmDatabase, RpmFiles, RpmManifest, read_owned_files};
pub(crate) use sqlite::texts as sqlite_texts;

use reading::{Damage, Headers, Visit};

/// The row of the ecosystems' table.
pub static RPM: Rpm = Rpm;

/// What is known of rpm packages.
pub struct Rpm;

impl Ecosystem for Rpm {
    fn purl_type(&self) -> &'static str {
        "rpm"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &[
            "AlmaLinux",
            "Amazon Linux",
            "Azure Linux",
            "CentOS",
            "Fedora",
            "Mageia",
            "openEuler",
            "openSUSE",
            "Oracle Linux",
            "Photon OS",
            "Red Hat",
            "Rocky Linux",
            "SUSE",
        ]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        crate::versions::rpm::compare(left, right)
    }

    fn minor_release(&self, version: &str) -> Option<(u32, u32)> {
        let (major, minor) = crate::versions::rpm::built_for(version)?;
        Some((major, minor?))
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&RpmDatabase, &RpmFiles, &RpmManifest]
    }
}

/// The name under which rpm keeps the keys that it trusts: not a package (rule 46).
const PUBLIC_KEY: &str = "gpg-pubkey";

/// Packages taken from one database; the largest installations have some 10,000.
const PACKAGES_MAX: usize = 200_000;

/// Every package of a database, and every problem with it.
///
/// `file_name` is only asked where the first bytes say nothing; `wal` is the write-ahead log
/// beside an SQLite database.
pub fn read_database(file_name: &str, content: &[u8], wal: Option<&[u8]>) -> (Vec<Package>, Vec<Problem>) {
    let mut packages = Vec::new();
    let mut untaken = 0_usize;
    let mut problems = visit_headers(file_name, content, wal, &mut |header, place, damage| {
        let (package, errors) = match header.package() {
            Ok(read) => read,
            Err(error) => {
                return damage.note(format_args!("rpm database: the header in {place} {}", error.0));
            }
        };
        for error in errors {
            damage
                .note(format_args!("rpm database: the header of `{}` in {place}: {}", package.name, error.0));
        }
        if package.name == PUBLIC_KEY {
            return;
        }
        if packages.len() < PACKAGES_MAX {
            packages.push(package);
        } else {
            untaken += 1;
        }
    });
    if untaken > 0 {
        let what = format!("rpm database: {untaken} packages beyond the first {PACKAGES_MAX} were left out");
        problems.push(Problem::new(ProblemKind::Limit, what));
    }
    source_epoch::tell(&mut packages);
    (packages, problems)
}

/// The formats of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    BerkeleyDb,
    Ndb,
    Sqlite,
}

impl Format {
    /// By the first bytes.
    fn of(content: &[u8]) -> Option<Format> {
        if content.starts_with(&sqlite::MAGIC) {
            Some(Format::Sqlite)
        } else if content.starts_with(&ndb::MAGIC) {
            Some(Format::Ndb)
        } else if bdb::is_database(content) {
            Some(Format::BerkeleyDb)
        } else {
            None
        }
    }

    /// By the name, for what is left of a file that lost its first bytes.
    fn by_name(file_name: &str) -> Format {
        match file_name {
            "rpmdb.sqlite" => Format::Sqlite,
            "Packages.db" => Format::Ndb,
            _ => Format::BerkeleyDb,
        }
    }
}

/// Every header of a database.
fn visit_headers(file_name: &str, content: &[u8], wal: Option<&[u8]>, visit: Visit<'_>) -> Vec<Problem> {
    let wal = wal.filter(|wal| !wal.is_empty());
    let database_bytes = content.len().saturating_add(wal.map_or(0, <[u8]>::len));
    let mut headers = Headers::new(visit, database_bytes);
    let format = Format::of(content);
    // A main file may be empty while all of its pages still lie in the log.
    let is_all_in_log = content.is_empty() && wal.is_some();
    if format.is_none() && !is_all_in_log {
        note_unknown(content, &mut headers.damage);
    }
    match format.unwrap_or_else(|| Format::by_name(file_name)) {
        Format::BerkeleyDb => bdb::read(content, &mut headers),
        Format::Ndb => ndb::read(content, &mut headers),
        Format::Sqlite => sqlite::read(content, wal, &mut headers),
    }
    headers.damage.into_problems()
}

fn note_unknown(content: &[u8], damage: &mut Damage) {
    if content.is_empty() {
        damage.note(format_args!("rpm database: the file is empty"));
    } else {
        damage.note(format_args!("rpm database: neither Berkeley DB nor ndb nor SQLite"));
    }
}
