//! The list of packages in CBL-Mariner's and Azure Linux's distroless images, which have no
//! database: `var/lib/rpmmanifest/container-manifest-2`.
//!
//! One package a line, with tabs between name, version-release, time of installation, time of
//! build, vendor, epoch, size, architecture, epoch as a number and source rpm, as rpm's query
//! format prints them (`(none)` where there is no value). Never guesses at a line with fewer.

use plimsoll_core::Package;

use super::header::{evr, source_package};

/// Columns that are needed; more of them may follow.
const COLUMNS: usize = 10;

/// Reads the list; the numbers are those of lines, from 1, that are no package's.
pub(super) fn read(content: &[u8]) -> (Vec<Package>, Vec<usize>) {
    let text = String::from_utf8_lossy(content);
    let mut packages = Vec::new();
    let mut unreadable = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match package(line) {
            Some(package) if package.name == super::PUBLIC_KEY => (),
            Some(package) => packages.push(package),
            None => unreadable.push(at + 1),
        }
    }
    super::source_epoch::tell(&mut packages);
    (packages, unreadable)
}

fn package(line: &str) -> Option<Package> {
    let columns: Vec<&str> = line.splitn(COLUMNS + 1, '\t').map(str::trim).collect();
    let value = |at: usize| columns.get(at).copied().filter(|it| !it.is_empty() && *it != "(none)");
    let text = |at| value(at).map(str::to_owned);
    if columns.len() < COLUMNS {
        return None;
    }
    let epoch = value(5).or(value(8)).map(str::parse).transpose().ok()?;
    let (version, release) = value(1)?.rsplit_once('-')?;
    Some(Package {
        kind: "rpm".to_owned(),
        name: text(0)?,
        version: evr(epoch, Some(version.to_owned()), Some(release.to_owned())),
        architecture: text(7),
        source: value(9).and_then(source_package),
        source_rpm: text(9),
        vendor: text(4),
        ..Package::default()
    })
}
