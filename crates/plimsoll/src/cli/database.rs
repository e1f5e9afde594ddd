//! The arguments of `db`; those of moving a database are in [`bundle`].

use clap::{Args, Subcommand};
use plimsoll_engine::db::{AsOf, Moved};

use super::bundle;
use crate::surroundings;

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
