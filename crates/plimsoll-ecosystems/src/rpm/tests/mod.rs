//! Tests of the rpm databases; the writers of the small ones are in `fixtures`.

mod fixtures;
mod formats;
mod headers;
mod hostile;
mod real;

use plimsoll_core::Package;

use super::read_database;

/// Reads a database and compares its packages, and `!` with each problem behind them.
#[track_caller]
fn check(file_name: &str, content: &[u8], wal: Option<&[u8]>, expected: &str) {
    let (packages, problems) = read_database(file_name, content, wal);
    let packages = packages.iter().map(|package| format!("{} {}\n", package.name, package.version));
    let problems = problems.iter().map(|problem| format!("! {problem}\n"));
    let actual: String = packages.chain(problems).collect();
    assert_eq!(actual, expected);
}

/// A database of these packages; what is not in a package's header is not written.
pub(crate) fn database(packages: &[Package]) -> Vec<u8> {
    let headers: Vec<Vec<u8>> = packages.iter().map(|package| header(package).build()).collect();
    fixtures::ndb(&headers)
}

/// An SQLite database of one table of numbered texts.
pub(crate) fn table_of_texts(name: &str, texts: &[&str]) -> Vec<u8> {
    fixtures::Sqlite::of_texts(name, texts).build()
}

fn header(package: &Package) -> fixtures::Header {
    let (epoch, rest) = package.version.split_once(':').unwrap_or(("", &package.version));
    let (version, release) = rest.rsplit_once('-').unwrap_or((rest, ""));
    let mut header =
        fixtures::Header::default().text(1000, &package.name).text(1001, version).text(1002, release);
    if let Ok(epoch) = epoch.parse() {
        header = header.numbers(1003, &[epoch]);
    }
    let texts = [
        (1011, &package.vendor),
        (1022, &package.architecture),
        (1044, &package.source_rpm),
        (5096, &package.module),
    ];
    for (tag, value) in texts {
        if let Some(value) = value {
            header = header.text(tag, value);
        }
    }
    header
}
