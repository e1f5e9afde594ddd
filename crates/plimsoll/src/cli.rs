//! The command line, as it is documented in `--help`, the manual page and the completions.

pub mod bundle;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use plimsoll_core::Severity;
use plimsoll_engine::db::{AsOf, Moved};

use crate::surroundings;

/// Finds out what is wrong with a container image, where it came from and what to do.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(after_help = "\
Examples:
  plimsoll db update                     build the vulnerability database
  plimsoll scan debian:12                scan an image of a registry
  plimsoll scan --fail-on high app.tar   scan what `docker save` wrote, and fail on severe findings
  plimsoll explain CVE-2023-4911 debian:12

Exit status: 0 nothing reached the level asked for, 1 something did, 2 misuse,
3 the answer is not complete or there is none.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where things are kept.
    #[command(flatten)]
    pub places: Places,
}

/// Where things are kept.
#[derive(Clone, Debug, Args)]
pub struct Places {
    /// The directory of the vulnerability database [default: plimsoll/db in the user's data directory]
    #[arg(long, global = true, env = "PLIMSOLL_DB_DIR", value_name = "DIR", hide_env_values = true)]
    pub db_dir: Option<PathBuf>,
    /// The directory of cached layer facts [default: plimsoll in the user's cache directory]
    #[arg(long, global = true, env = "PLIMSOLL_CACHE_DIR", value_name = "DIR", hide_env_values = true)]
    pub cache_dir: Option<PathBuf>,
}

/// The commands, in the order of the manual.
#[derive(Debug, Subcommand)]
pub enum Command {
    Scan(Box<ScanArgs>),
    Explain(ExplainArgs),
    Sbom(SbomArgs),
    Convert(ConvertArgs),
    Diff(Box<DiffArgs>),
    AsTrivy(AsTrivyArgs),
    Db(DbArgs),
    Cache(CacheArgs),
    Compare(CompareArgs),
    Version(VersionArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Scans an image and reports its vulnerabilities
#[derive(Debug, Args)]
#[command(after_help = "\
Images:
  debian:12, ghcr.io/org/app@sha256:…    in a registry (docker.io where none is named)
  oci:DIR[:tag|@digest]                  an OCI image layout
  oci-archive:FILE[:tag]                 the same in a tar file
  docker-archive:FILE[:name]             what `docker save` writes; `-` for standard input
  docker-daemon:NAME                     an image that the local Docker daemon holds
  dir:PATH                               a root file system
  sbom:FILE                              a CycloneDX, SPDX, Syft or Trivy document; `-` for standard input
  purl:pkg:TYPE/NAME@VERSION             one package
  purls:FILE                             package URLs, one a line
Without a prefix, what lies at a path decides; otherwise it is a registry's image.

Examples:
  plimsoll scan alpine:3.18
  plimsoll scan --platform all ghcr.io/org/app:1.2
  plimsoll scan --format json --output report.json oci:build/image
  docker save app | plimsoll scan docker-archive:-
  plimsoll scan --fail-on critical --only-fixable app:latest
  plimsoll scan --vex vendor.vex.json --ignore-file .trivyignore app:latest
  plimsoll scan sbom:app.cdx.json
  echo \"$TOKEN\" | plimsoll scan --username ci --password-stdin registry.example/app")]
pub struct ScanArgs {
    /// What to scan
    pub image: String,
    #[command(flatten)]
    pub source: SourceArgs,
    /// The form of the report
    #[arg(short, long, default_value = "table", value_name = "FORMAT")]
    pub format: String,
    /// Write the report as this Jinja template says, in place of a format (see `docs/formats.md`)
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub template: Option<PathBuf>,
    /// Write the report to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 1 if a finding is of this severity or worse: critical, high, medium, low, negligible, unknown
    #[arg(long, value_name = "LEVEL")]
    pub fail_on: Option<Severity>,
    /// Let only findings that have a fix count for --fail-on
    #[arg(long, requires = "fail_on")]
    pub only_fixable: bool,
    /// Do not count this vulnerability for --fail-on (repeatable)
    #[arg(long, value_name = "ID", requires = "fail_on")]
    pub ignore: Vec<String>,
    #[command(flatten)]
    pub suppress: SuppressArgs,
    /// List the packages and match nothing; needs no database
    #[arg(long)]
    pub packages: bool,
    /// Show findings in kernel headers, which are kept apart otherwise
    #[arg(long)]
    pub kernel_headers: bool,
    /// Show advisories that are no vulnerabilities, too (unmaintained, unsound); they never count
    #[arg(long)]
    pub informational: bool,
    /// Use the snapshot with this number (see `plimsoll db list`), or the one of this day or time
    #[arg(long, value_name = "NUMBER|DATE", alias = "snapshot", value_parser = surroundings::as_of)]
    pub as_of: Option<AsOf>,
}

/// What others say of findings
#[derive(Debug, Default, Args)]
pub struct SuppressArgs {
    /// Mark findings that this VEX document (OpenVEX, CSAF, CycloneDX) says do not count; `oci`:
    /// those attached to the image, whose signatures are not verified (repeatable)
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<PathBuf>,
    /// Mark findings that this file names: .trivyignore, .trivyignore.yaml or .grype.yaml (repeatable)
    #[arg(long, value_name = "FILE")]
    pub ignore_file: Vec<PathBuf>,
}

/// How to get at an image
#[derive(Debug, Default, Args)]
pub struct SourceArgs {
    /// The platform to take from an index, os/architecture[/variant], or `all` [default: linux on this machine's architecture]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// The user's name for the registry
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    pub username: Option<String>,
    /// Read the password or token from standard input
    #[arg(long, requires = "username")]
    pub password_stdin: bool,
    /// Trust the certificate authorities in this PEM file, too (repeatable)
    #[arg(long, value_name = "FILE")]
    pub ca_file: Vec<PathBuf>,
    /// Do not verify the certificate of this registry, and speak plain HTTP with it if need be (repeatable)
    #[arg(long, value_name = "HOST[:PORT]")]
    pub insecure: Vec<String>,
    /// Hash the layers of a Docker archive, too, and compare them with what the archive claims
    #[arg(long)]
    pub verify_layers: bool,
    /// Read every layer, and keep nothing of it
    #[arg(long)]
    pub no_cache: bool,
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
}

/// Says why a vulnerability does or does not apply to an image
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll explain CVE-2023-4911 debian:12
  plimsoll explain GHSA-jfh8-c2jp-5v3q oci:build/image")]
pub struct ExplainArgs {
    /// The vulnerability: a CVE, or any other id that a feed gives
    pub id: String,
    /// The image, written as for `scan`
    pub image: String,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Use the snapshot with this number (see `plimsoll db list`), or the one of this day or time
    #[arg(long, value_name = "NUMBER|DATE", alias = "snapshot", value_parser = surroundings::as_of)]
    pub as_of: Option<AsOf>,
}

/// Writes down what is in an image, without judging it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll sbom debian:12
  plimsoll sbom --format spdx-json --output app.spdx.json app:latest
  plimsoll sbom --format cyclonedx sbom:app.syft.json    another format of the same")]
pub struct SbomArgs {
    /// The image, written as for `scan`
    pub image: String,
    #[command(flatten)]
    pub source: SourceArgs,
    /// The format
    #[arg(short, long, default_value = "cyclonedx", value_name = "FORMAT")]
    pub format: String,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Writes a report in another format
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll convert report.json --format table
  plimsoll scan --format json app | plimsoll convert - --format sarif")]
pub struct ConvertArgs {
    /// A JSON report of Plimsoll or an SBOM; `-` for standard input
    pub report: PathBuf,
    /// The format
    #[arg(short, long, default_value = "table", value_name = "FORMAT")]
    pub format: String,
    /// Write the report as this Jinja template says, in place of a format (see `docs/formats.md`)
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub template: Option<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Says what is new, gone and changed between two images or reports
#[derive(Debug, Args)]
#[command(after_help = "\
Each side is a JSON report of Plimsoll, or anything that `scan` takes, which is then scanned.

Examples:
  plimsoll diff app:1.0 app:1.1
  plimsoll diff --fail-on-new high yesterday.json today.json
  plimsoll diff --format json sbom:before.json sbom:after.json")]
pub struct DiffArgs {
    /// What was
    pub from: String,
    /// What is
    pub to: String,
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub suppress: SuppressArgs,
    /// `table` or `json`
    #[arg(short, long, default_value = "table", value_name = "FORMAT")]
    pub format: String,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 1 if a new finding is of this severity or worse
    #[arg(long, value_name = "LEVEL")]
    pub fail_on_new: Option<Severity>,
    /// Use the snapshot with this number (see `plimsoll db list`), or the one of this day or time
    #[arg(long, value_name = "NUMBER|DATE", alias = "snapshot", value_parser = surroundings::as_of)]
    pub as_of: Option<AsOf>,
}

/// Understands what scripts written for Trivy say
#[derive(Debug, Args)]
#[command(
    disable_help_flag = true,
    after_help = "\
Sub-commands: image, fs, rootfs, sbom, version. The same happens where the program is called as `trivy`.

Example:
  plimsoll as-trivy image --severity HIGH,CRITICAL --exit-code 1 app:latest"
)]
pub struct AsTrivyArgs {
    /// What one would say to Trivy
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}

/// Looks after the vulnerability database
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct DbArgs {
    #[command(subcommand)]
    pub command: DbCommand,
}

/// What to do with the database.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    Update(DbUpdateArgs),
    Status(DbStatusArgs),
    /// Lists the snapshots that are kept
    List,
    Use(DbUseArgs),
    Diff(DbDiffArgs),
    Rebuild(DbRebuildArgs),
    Export(bundle::DbExportArgs),
    Import(bundle::DbImportArgs),
    Publish(bundle::DbPublishArgs),
    Pull(bundle::DbPullArgs),
    Keygen(bundle::DbKeygenArgs),
}

/// Lists the packages of which two snapshots say something else
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll db diff 41 42
  plimsoll db diff 2026-11-01 2026-11-22      as of two days
  plimsoll db diff --json 41 42               for programs")]
pub struct DbDiffArgs {
    /// The older one: its number, a day or a time
    #[arg(value_name = "NUMBER|DATE", value_parser = surroundings::as_of)]
    pub old: AsOf,
    /// The newer one
    #[arg(value_name = "NUMBER|DATE", value_parser = surroundings::as_of)]
    pub new: AsOf,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Builds a snapshot again and compares it, byte for byte, with what it was
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll db rebuild 41                      from what was read of the feeds then
  plimsoll db rebuild --from-raw 41           from the feeds' own files, as they came then")]
pub struct DbRebuildArgs {
    /// Its number: any whose recipe is kept (see `--keep-days` of `db update`)
    pub snapshot: u64,
    /// Read the feeds' own files again
    #[arg(long)]
    pub from_raw: bool,
}

/// Fetches what changed and builds a new snapshot
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  plimsoll db update                          every feed from its vendor
  plimsoll db update --feed debian --feed kev these two
  plimsoll db update --mirror /srv/feeds      from a directory, without any network
  plimsoll db update --mirror https://mirror.example/feeds")]
pub struct DbUpdateArgs {
    /// Take the feeds from this directory or address instead of their vendors
    #[arg(long, value_name = "DIR|URL", env = "PLIMSOLL_MIRROR")]
    pub mirror: Option<String>,
    /// Ask another address for what lies at a vendor's (repeatable, or with commas in between);
    /// `https://=https://proxy.example/` asks a proxy for everything, by host and path
    #[arg(long, value_name = "OLD=NEW", env = "PLIMSOLL_FEED_HOSTS", value_delimiter = ',', value_parser = Moved::parse)]
    pub feed_host: Vec<Moved>,
    /// Only this feed (repeatable); `plimsoll db status` lists them
    #[arg(long, value_name = "ID")]
    pub feed: Vec<String>,
    /// Take this feed although it lost more than 5 % of its records, or many cannot be read (repeatable)
    #[arg(long, value_name = "ID")]
    pub accept_shrunk: Vec<String>,
    /// Keep what snapshots were built from for so many days, so that each can be built again
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    pub keep_days: u32,
    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
}

/// Shows each feed: where it is from, its age, its records, its health
#[derive(Debug, Args)]
pub struct DbStatusArgs {
    /// Show the feeds' licences and attributions
    #[arg(long, alias = "licenses")]
    pub licences: bool,
    /// List every record that was set aside, with the reason
    #[arg(long)]
    pub quarantined: bool,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Makes a snapshot the one in use
#[derive(Debug, Args)]
pub struct DbUseArgs {
    /// Its number (see `plimsoll db list`)
    pub snapshot: u64,
}

/// Looks after the cache of layer facts
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct CacheArgs {
    #[command(subcommand)]
    pub command: CacheCommand,
}

/// What to do with the cache.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Says where it is and how large
    Info,
    Clean(CacheCleanArgs),
}

/// Removes what is in it
#[derive(Debug, Args)]
pub struct CacheCleanArgs {
    /// Keep the most recently used, up to so many megabytes
    #[arg(long, value_name = "MEGABYTES", default_value_t = 0)]
    pub keep: u64,
}

fn compare_help() -> String {
    let mut ecosystems = String::new();
    for ecosystem in plimsoll_ecosystems::ECOSYSTEMS {
        let purl_type = ecosystem.purl_type();
        let is_other = |alias: &&&str| !alias.eq_ignore_ascii_case(purl_type);
        let others: Vec<&str> = ecosystem.aliases().iter().filter(is_other).copied().collect();
        ecosystems += format!("  {purl_type:10} {}", others.join(", ")).trim_end();
        ecosystems.push('\n');
    }
    format!(
        "\
Prints `<`, `=` or `>`, and `?` with the reason for versions that cannot be read.

Ecosystems, and other names for them (a distribution's name will do, too):
{ecosystems}
Examples:
  plimsoll compare --ecosystem deb 1.0~rc1 1.0
  plimsoll compare --ecosystem maven 1.0-alpha-1 1.0
  plimsoll compare --ecosystem rpm - < pairs.txt    a pair `A B` a line"
    )
}

/// Orders two versions as an ecosystem's own tools do
#[derive(Debug, Args)]
#[command(after_help = compare_help())]
pub struct CompareArgs {
    /// The ecosystem, by its package-url type or another name (debian, alpine, crates.io …)
    #[arg(short, long, value_name = "NAME")]
    pub ecosystem: String,
    /// The first version, or `-` to read pairs from standard input
    #[arg(allow_hyphen_values = true)]
    pub left: String,
    /// The second version
    #[arg(allow_hyphen_values = true)]
    pub right: Option<String>,
}

/// Shows the version of this program and of what its results depend on
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Writes completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  plimsoll completions bash > /etc/bash_completion.d/plimsoll")]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Shells with completions.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// Writes the manual page
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  plimsoll man > /usr/local/share/man/man1/plimsoll.1")]
pub struct ManArgs {}
