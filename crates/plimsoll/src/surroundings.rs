//! What the process finds around it: directories, the terminal, the time.

use std::io::IsTerminal;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use plimsoll_core::Timestamp;
use plimsoll_engine::db::AsOf;

use crate::cli::Places;
use crate::outcome::Failure;

/// Where the vulnerability database lies: as asked for, or in the user's data directory.
pub fn database_directory(asked: Option<PathBuf>) -> PathBuf {
    asked.unwrap_or_else(|| base(DATA).join("plimsoll").join("db"))
}

/// Where layer facts are kept: as asked for, or in the user's cache directory.
pub fn cache_directory(asked: Option<PathBuf>) -> PathBuf {
    asked.unwrap_or_else(|| base(CACHE).join("plimsoll"))
}

/// Where the user's settings of this program are.
pub fn configuration_directory() -> PathBuf {
    base(CONFIGURATION).join("plimsoll")
}

/// A variable that names a directory, and where it is below the user's home without one.
type Base = (&'static str, &'static str);

const DATA: Base = ("XDG_DATA_HOME", ".local/share");
const CONFIGURATION: Base = ("XDG_CONFIG_HOME", ".config");
const CACHE: Base = ("XDG_CACHE_HOME", ".cache");

/// Sees to it that what is kept without a home is ours: anybody may make a directory of that name, and
/// put a database into it that knows of no vulnerability.
pub fn guard(places: &Places) -> Result<(), Failure> {
    let unasked = [(&places.db_dir, DATA), (&places.cache_dir, CACHE)];
    let without_home = without_home();
    if unasked.into_iter().any(|(asked, of)| asked.is_none() && base(of) == without_home) {
        make_private(&without_home).map_err(|error| {
            let what = format!("{} is not used: {error}", without_home.display());
            Failure::unanswered(what).hint("set HOME, or PLIMSOLL_DB_DIR and PLIMSOLL_CACHE_DIR")
        })?;
    }
    Ok(())
}

fn make_private(directory: &Path) -> std::io::Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
        _ => (),
    }
    // Not through a link, which would be somebody else's.
    let found = std::fs::symlink_metadata(directory)?;
    let others_may_write = found.mode() & 0o022 != 0;
    if !found.is_dir() || found.uid() != rustix::process::getuid().as_raw() || others_may_write {
        return Err(std::io::Error::other("it is somebody else's, or others may write to it"));
    }
    Ok(())
}

fn without_home() -> PathBuf {
    std::env::temp_dir().join(format!("plimsoll-{}", rustix::process::getuid().as_raw()))
}

fn base((variable, below_home): Base) -> PathBuf {
    let absolute = |path: &PathBuf| path.is_absolute();
    if let Some(directory) = std::env::var_os(variable).map(PathBuf::from).filter(absolute) {
        return directory;
    }
    match std::env::var_os("HOME").map(PathBuf::from).filter(absolute) {
        Some(home) => home.join(below_home),
        // A process without a home, in a build container say.
        None => without_home(),
    }
}

/// The time.
pub fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// The width to write tables for: the terminal's, or a wide one where there is none.
pub fn width_columns() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    match terminal_size::terminal_size() {
        Some((width, _)) if std::io::stdout().is_terminal() => asked.unwrap_or(usize::from(width.0)),
        _ => asked.unwrap_or(140),
    }
}

/// Whether to write colours: to a terminal that wants them (`NO_COLOR`, `CLICOLOR`, `TERM`).
pub fn color() -> bool {
    use anstream::{AutoStream, ColorChoice};
    AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
}

/// The arguments, where the program is called as `trivy` (by a link of this name, say).
pub fn called_as_trivy() -> Option<Vec<String>> {
    let mut arguments = std::env::args_os().map(|it| it.to_string_lossy().into_owned());
    let called = PathBuf::from(arguments.next()?);
    (called.file_name()? == "trivy").then(|| arguments.collect())
}

/// A variable of the environment that is set to something.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

/// The commit that a build server's job works on, from GitHub's variables.
pub fn commit() -> Option<plimsoll_report::Commit> {
    let of = |name| variable(name).unwrap_or_default();
    let sha = variable("GITHUB_SHA")?;
    let (server, repository, job_id) =
        (of("GITHUB_SERVER_URL"), of("GITHUB_REPOSITORY"), of("GITHUB_RUN_ID"));
    let job_url = match (server.as_str(), repository.as_str(), job_id.as_str()) {
        ("", ..) | (_, "", _) | (.., "") => String::new(),
        _ => format!("{server}/{repository}/actions/runs/{job_id}"),
    };
    let correlator = format!("{} {}", of("GITHUB_WORKFLOW"), of("GITHUB_JOB")).trim().to_owned();
    Some(plimsoll_report::Commit { sha, reference: of("GITHUB_REF"), job_id, correlator, job_url })
}

/// Where things are kept by the variables of the environment alone.
pub fn places() -> Places {
    let directory = |name| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    Places { db_dir: directory("PLIMSOLL_DB_DIR"), cache_dir: directory("PLIMSOLL_CACHE_DIR") }
}

/// A snapshot by its number, or by a day (all of it) or a time.
pub fn as_of(text: &str) -> Result<AsOf, String> {
    if let Ok(sequence) = text.parse() {
        return Ok(AsOf::Sequence(sequence));
    }
    const LAST_SECOND_OF_DAY: i64 = 86_399;
    let wrong = || "neither a number nor a date such as 2026-11-22 or 2026-11-22T10:00:00Z".to_owned();
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.splitn(3, '-').map(str::parse::<u32>);
    let mut next = || parts.next().and_then(Result::ok).ok_or_else(wrong);
    let day = Timestamp::from_date(i64::from(next()?), next()?, next()?).ok_or_else(wrong)?;
    let seconds = match time {
        None => LAST_SECOND_OF_DAY,
        Some(time) => seconds_of_day(time).ok_or_else(wrong)?,
    };
    Ok(AsOf::Time(Timestamp(day.0 + seconds)))
}

/// A time such as `10:00:00Z` or `10:00`. With another zone than UTC it is none: which snapshot
/// counts must not rest on a zone that somebody overlooked.
fn seconds_of_day(text: &str) -> Option<i64> {
    let number = |text: &str, below: i64| {
        let digits = text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
        text.parse().ok().filter(|it| digits && *it < below)
    };
    let mut parts = text.strip_suffix('Z').unwrap_or(text).split(':');
    let (hours, minutes) = (number(parts.next()?, 24)?, number(parts.next()?, 60)?);
    let seconds = parts.next().map_or(Some(0), |it| number(it, 60))?;
    parts.next().is_none().then_some(hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_others_may_write_to_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (private, link) = (folder.path().join("private"), folder.path().join("link"));
        make_private(&private).unwrap();
        assert_eq!(std::fs::metadata(&private).unwrap().mode() & 0o777, 0o700);
        make_private(&private).unwrap();
        std::os::unix::fs::symlink(&private, &link).unwrap();
        assert!(make_private(&link).is_err());
        std::fs::set_permissions(&private, PermissionsExt::from_mode(0o777)).unwrap();
        assert!(make_private(&private).is_err());
    }

    #[test]
    fn a_snapshot_is_named_by_number_day_or_time() {
        let at = |text: &str| match as_of(text).unwrap() {
            AsOf::Time(time) => time.to_string(),
            AsOf::Sequence(sequence) => sequence.to_string(),
        };
        assert_eq!(at("41"), "41");
        assert_eq!(at("2026-11-22"), "2026-11-22T23:59:59Z");
        assert_eq!(at("2026-11-22T10:05:00Z"), "2026-11-22T10:05:00Z");
        assert_eq!(at("2026-11-22T10:05"), "2026-11-22T10:05:00Z");
        for wrong in ["", "yesterday", "2026-13-01", "2026-11-22T", "2026-11-22T99:99"] {
            assert!(as_of(wrong).is_err(), "{wrong}");
        }
        for time in
            ["25:00", "10", "10:00:xx", "10:00:60", "1:0", "10:00:00+02:00", "10:00:00ZZ", "10:00:00.5"]
        {
            assert!(as_of(&format!("2026-11-22T{time}")).is_err(), "{time}");
        }
    }
}
