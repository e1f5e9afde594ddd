//! The command line, as it is documented in `--help`, the manual page and the completions.

pub mod bundle;
pub mod database;
pub mod image;
pub mod remote;
pub mod server;
pub mod shared;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::database::DbArgs;
use self::image::{ConvertArgs, DiffArgs, ExplainArgs, SbomArgs, ScanArgs};
use self::remote::{LoginArgs, LogoutArgs, RemoteArgs};
use self::server::{BackupArgs, ConfigArgs, DemoArgs, RestoreArgs, ServeArgs};

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
    Serve(Box<ServeArgs>),
    Demo(DemoArgs),
    Config(ConfigArgs),
    Backup(Box<BackupArgs>),
    Restore(Box<RestoreArgs>),
    Db(DbArgs),
    Cache(CacheArgs),
    Login(LoginArgs),
    Logout(LogoutArgs),
    Remote(Box<RemoteArgs>),
    Compare(CompareArgs),
    Version(VersionArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
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
