//! The arguments of the commands that move a database: `db keygen`, `export`, `import`, `publish`
//! and `pull`.

use std::path::PathBuf;

use clap::Args;

use super::shared::RegistryArgs;

/// Makes a pair of keys that sign databases and verify them
#[derive(Debug, Args)]
#[command(after_help = "\
The keys are minisign's; the secret one is not encrypted. For one with a password, make it with
minisign, and sign with minisign (see `docs/air-gap.md`).

Example:
  plimsoll db keygen --output company        writes company.key and company.pub")]
pub struct DbKeygenArgs {
    /// Write NAME.key, for nobody else to read, and NAME.pub; neither may be there
    #[arg(short, long, value_name = "NAME")]
    pub output: PathBuf,
}

/// Writes the snapshot in use to a file, for a place without internet
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll db export --key company.key
  plimsoll db export --since 41 --key company.key --output today.tar
  plimsoll db export --feed alpine --feed osv-pypi")]
pub struct DbExportArgs {
    /// The file [default: plimsoll-db-NUMBER.tar]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub send: SendArgs,
    /// Only what changed since this snapshot, for those who have it
    #[arg(long, value_name = "NUMBER")]
    pub since: Option<u64>,
}

/// What to pass on, and in whose name
#[derive(Debug, Args)]
pub struct SendArgs {
    /// Sign with this secret key
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Only this feed (repeatable)
    #[arg(long, value_name = "ID")]
    pub feed: Vec<String>,
    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
}

/// Whom to believe
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct TrustArgs {
    /// Take it only if it is signed with this public key: a file, or its second line
    #[arg(long, value_name = "PUB", env = "PLIMSOLL_DB_KEY")]
    pub key: Option<String>,
    /// Take it whoever made it
    #[arg(long)]
    pub insecure_no_signature: bool,
}

/// What to take of a database
#[derive(Debug, Args)]
pub struct TakeArgs {
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Take only these feeds (repeatable, or with commas)
    #[arg(long, value_name = "FEED", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Take it even where what is here is newer
    #[arg(long)]
    pub allow_older: bool,
    /// Keep what snapshots were built from for so many days, so that each can be built again
    #[arg(long, value_name = "DAYS", default_value_t = 14)]
    pub keep_days: u32,
}

/// Takes a database from a file that `db export` wrote
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll db import --key company.pub plimsoll-db-42.tar
  plimsoll db import --insecure-no-signature plimsoll-db-42.tar")]
pub struct DbImportArgs {
    /// The file
    pub file: PathBuf,
    #[command(flatten)]
    pub take: TakeArgs,
    /// The recipe's signature, where it is not in the file (one made with minisign, say)
    #[arg(long, value_name = "FILE", conflicts_with = "insecure_no_signature")]
    pub signature: Option<PathBuf>,
}

/// Puts the snapshot in use into a registry
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll db publish --key company.key registry.example/security/plimsoll-db
  plimsoll db publish --since 41 --key company.key registry.example/security/plimsoll-db:latest")]
pub struct DbPublishArgs {
    /// Where to: registry/repository, and a tag [default: latest]
    pub reference: String,
    #[command(flatten)]
    pub send: SendArgs,
    /// Besides all of it, what changed since this snapshot, for those who have it
    #[arg(long, value_name = "NUMBER")]
    pub since: Option<u64>,
    #[command(flatten)]
    pub registry: RegistryArgs,
}

/// Takes a database from a registry: what is not here yet
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plimsoll db pull --key company.pub registry.example/security/plimsoll-db
  plimsoll db pull --key company.pub --only alpine,osv-pypi registry.example/security/plimsoll-db")]
pub struct DbPullArgs {
    /// Where from: registry/repository, and a tag or digest [default: latest]
    pub reference: String,
    #[command(flatten)]
    pub take: TakeArgs,
    #[command(flatten)]
    pub registry: RegistryArgs,
}
