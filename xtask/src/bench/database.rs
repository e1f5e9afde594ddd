//! The database against its bounds: built from everything, brought up to date after small changes,
//! exported, and asked.
//!
//! Builds databases of its own from the data beside the repository; those of the user are not
//! touched, and nothing is fetched.

mod figure;
mod mirror;

use std::fs;
use std::path::{Path, PathBuf};

use super::folder_bytes;
use super::measure::{Measured, best_of};
use crate::shell::{self, Result};
use figure::{Figure, Unit};
use mirror::{Mirror, STEPS};

/// What can be measured, in the order in which it is.
pub(super) const NAMES: &[&str] =
    &["update", "unchanged", "export", "kev", "secdb", "osv", "queries", "multiplied"];

/// Rows of the multiplied database: what a few years more may bring.
const ROWS: &str = "4000000";

pub(super) struct Bench<'a> {
    pub(super) plimsoll: &'a Path,
    pub(super) profile: &'a str,
    /// Where databases are made.
    pub(super) folder: PathBuf,
    pub(super) feeds: PathBuf,
}

impl Bench<'_> {
    /// Measures what is wanted; a bound that does not hold is said, and is no error: it is one
    /// machine's.
    pub(super) fn run(&self, only: Option<&str>) -> Result {
        let wanted = |name: &str| only.is_none_or(|it| it == name);
        fs::create_dir_all(&self.folder).map_err(|error| format!("{}: {error}", self.folder.display()))?;
        if ["update", "unchanged", "export", "queries", "multiplied"].into_iter().any(wanted) {
            self.whole(&wanted)?;
        }
        if STEPS.iter().any(|step| wanted(step)) {
            self.steps(&wanted)?;
        }
        Ok(())
    }

    /// The database of everything.
    fn whole(&self, wanted: &impl Fn(&str) -> bool) -> Result {
        let database = self.folder.join("whole");
        if wanted("update") {
            self.built(&database)?;
        } else if !database.join("current").is_file() {
            self.update(&database, &self.feeds)?;
        }
        if wanted("unchanged") {
            let took = self.update(&database, &self.feeds)?;
            figure::show("unchanged", &[Figure::new("time", took.seconds, Unit::Seconds).within(2.0)]);
        }
        if wanted("export") {
            let (took, size_bytes) = self.export(&database, &[])?;
            figure::show(
                "export",
                &[
                    Figure::new("time", took.seconds, Unit::Seconds),
                    Figure::new("peak memory", took.peak_bytes as f64, Unit::Bytes),
                    Figure::new("size", size_bytes as f64, Unit::Bytes).within(40e6),
                ],
            );
        }
        if wanted("queries") {
            figure::queries("queries", &self.queries(&database, &[])?);
        }
        if wanted("multiplied") {
            figure::multiplied("multiplied", &self.queries(&database, &["--rows", ROWS])?);
        }
        Ok(())
    }

    fn built(&self, database: &Path) -> Result {
        let _ = fs::remove_dir_all(database);
        let took = self.update(database, &self.feeds)?;
        let (_, snapshot_bytes) = newest_snapshot(database)?;
        figure::show(
            "update",
            &[
                Figure::new("time", took.seconds, Unit::Seconds).within(90.0),
                Figure::new("peak memory", took.peak_bytes as f64, Unit::Bytes).within(1e9),
                Figure::new("snapshot", snapshot_bytes as f64, Unit::Bytes).within(120e6),
                Figure::new("all that is kept", folder_bytes(database) as f64, Unit::Bytes),
            ],
        );
        Ok(())
    }

    /// A database of some time ago, and one step after the other to now.
    fn steps(&self, wanted: &impl Fn(&str) -> bool) -> Result {
        let database = self.folder.join("steps");
        let _ = fs::remove_dir_all(&database);
        let mirror = Mirror::new(&self.feeds, &self.folder.join("mirror"))?;
        println!("== building the database of before");
        self.update(&database, mirror.path())?;
        for step in STEPS.iter().filter(|step| wanted(step)) {
            let (before, _) = newest_snapshot(&database)?;
            mirror.take(step)?;
            let took = self.update(&database, mirror.path())?;
            let (after, _) = newest_snapshot(&database)?;
            if before == after {
                return Err(format!("the step `{step}` changed nothing"));
            }
            let (_, whole_bytes) = self.export(&database, &[])?;
            let (packed, delta_bytes) = self.export(&database, &["--since", &before.to_string()])?;
            let share = delta_bytes as f64 * 100.0 / whole_bytes.max(1) as f64;
            figure::show(
                step,
                &[
                    Figure::new("time", took.seconds, Unit::Seconds).within(2.0),
                    Figure::new("peak memory", took.peak_bytes as f64, Unit::Bytes),
                    Figure::new("delta", delta_bytes as f64, Unit::Bytes),
                    Figure::new("delta of a whole export", share, Unit::PerCent).within(2.0),
                    Figure::new("time to pack the delta", packed.seconds, Unit::Seconds),
                ],
            );
        }
        Ok(())
    }

    fn update(&self, database: &Path, mirror: &Path) -> Result<Measured> {
        let command = || {
            let mut command = shell::command(self.plimsoll, &["db", "update", "--quiet", "--mirror"]);
            command.arg(mirror).env("PLIMSOLL_DB_DIR", database);
            command
        };
        // 3: a feed of the data may be refused; what of it is in the figures is there all the same.
        best_of(1, || (), command, &[0, 3])
    }

    /// How long an export took, and its size.
    fn export(&self, database: &Path, options: &[&str]) -> Result<(Measured, u64)> {
        let file = self.folder.join("export.tar");
        let command = || {
            let mut command = shell::command(self.plimsoll, &["db", "export", "--quiet", "--output"]);
            command.arg(&file).args(options).env("PLIMSOLL_DB_DIR", database);
            command
        };
        let took = best_of(1, || (), command, &[0])?;
        let size_bytes = fs::metadata(&file).map_err(|error| format!("{}: {error}", file.display()))?.len();
        Ok((took, size_bytes))
    }

    /// What the benchmark of the engine says.
    fn queries(&self, database: &Path, options: &[&str]) -> Result<figure::Told> {
        let mut command =
            shell::cargo(&["bench", "--quiet", "--profile", self.profile, "-p", "plimsoll-engine"]);
        command.args(["--bench", "queries", "--"]).arg(database).args(options);
        figure::Told::read(&shell::output(&mut command)?)
    }
}

/// The number of the newest snapshot, and its size.
fn newest_snapshot(database: &Path) -> Result<(u64, u64)> {
    let folder = database.join("snapshots");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let numbered = entries.flatten().filter_map(|entry| {
        let number = entry.file_name().to_str()?.strip_suffix(".snapshot")?.parse().ok()?;
        Some((number, entry.metadata().ok()?.len()))
    });
    numbered.max().ok_or_else(|| format!("there is no snapshot in {}", folder.display()))
}
