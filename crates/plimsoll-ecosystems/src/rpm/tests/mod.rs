//! Tests of the rpm databases; the writers of the small ones are in `fixtures`.

mod fixtures;
mod formats;
mod headers;
mod hostile;
mod real;

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
