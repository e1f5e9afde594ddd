//! The arguments of the commands that speak to a server: `login`, `logout` and `remote`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use plimsoll_core::Severity;

/// Signs in at a server, and keeps a token for it
#[derive(Debug, Args)]
#[command(after_help = "\
The token is kept for nobody else to read, in plimsoll/servers.json in the user's configuration directory.
`plimsoll logout` ends it. PLIMSOLL_SERVER and PLIMSOLL_TOKEN do without.

Examples:
  plimsoll login https://plimsoll.example --username anna --password-stdin < password
  echo \"$TOKEN\" | plimsoll login https://plimsoll.example --token-stdin")]
pub struct LoginArgs {
    /// The address of the server
    #[arg(value_name = "URL")]
    pub server: String,
    /// The name to sign in with
    #[arg(short, long, value_name = "NAME", requires = "password_stdin")]
    pub username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username", required_unless_present = "token_stdin")]
    pub password_stdin: bool,
    /// Read a token from standard input, and keep that
    #[arg(long, conflicts_with = "password_stdin")]
    pub token_stdin: bool,
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Forgets the token of a server, and ends it there
#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// The address of the server [default: the one signed in at last]
    #[arg(value_name = "URL")]
    pub server: Option<String>,
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Whom to trust
#[derive(Clone, Debug, Default, Args)]
pub struct TrustArgs {
    /// Trust the certificate authorities in this PEM file, too (repeatable)
    #[arg(long, value_name = "FILE", global = true)]
    pub ca_file: Vec<PathBuf>,
    /// Send the token over plain HTTP to another machine
    #[arg(long, global = true)]
    pub plain_http: bool,
}

/// Drives a server: everything that its console shows
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Images are NAMESPACE/REPOSITORY, with :TAG (`latest` where none is named) or @DIGEST.

Examples:
  plimsoll remote artifacts team --severity high --sort severity
  plimsoll remote scan team/app:1.2 --fail-on critical
  plimsoll remote scan-all team --never-scanned
  plimsoll remote report team/app:1.2 --form sarif --output app.sarif
  plimsoll remote exceptions team --add CVE-2024-1,CVE-2024-2 --reason \"not reachable\"
  plimsoll remote --format json findings team/app

Exit status: 0 nothing reached the level asked for, 1 something did, 2 misuse,
3 the answer is not complete or there is none."
)]
pub struct RemoteArgs {
    /// The address of the server [default: the one signed in at last]
    #[arg(long, global = true, env = "PLIMSOLL_SERVER", value_name = "URL", hide_env_values = true)]
    pub server: Option<String>,
    /// How to write the answer
    #[arg(long, global = true, default_value = "table", value_name = "FORMAT")]
    pub format: RemoteFormat,
    #[command(flatten)]
    pub trust: TrustArgs,
    #[command(subcommand)]
    pub command: RemoteCommand,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RemoteFormat {
    Table,
    Json,
}

/// What to do with a server.
#[derive(Debug, Subcommand)]
pub enum RemoteCommand {
    Namespaces(NamespacesArgs),
    Artifacts(ArtifactsArgs),
    /// Shows how far the scan of an image is, what was found and whether it may be pulled
    Status(ImageArgs),
    Scan(RemoteScanArgs),
    ScanAll(ScanAllArgs),
    /// Stops the scan of an image, of an index those of its images
    Stop(ImageArgs),
    Report(RemoteReportArgs),
    Findings(FindingsArgs),
    Policy(PolicyArgs),
    Exceptions(ExceptionsArgs),
    Tokens(TokensArgs),
    Users(UsersArgs),
    Registries(RegistriesArgs),
    Source(SourceArgs),
}

/// Lists namespaces, makes and deletes them
#[derive(Debug, Args)]
pub struct NamespacesArgs {
    /// Make this namespace
    #[arg(long, value_name = "NAME", conflicts_with = "delete")]
    pub create: Option<String>,
    /// Let everybody read and pull
    #[arg(long, requires = "create")]
    pub public: bool,
    /// Do not scan what is pushed without asking
    #[arg(long, requires = "create")]
    pub no_auto_scan: bool,
    /// Have its images judged by this engine [default: plimsoll]
    #[arg(long, value_name = "ID", requires = "create")]
    pub engine: Option<String>,
    /// Delete this namespace, which has no repository any more
    #[arg(long, value_name = "NAME")]
    pub delete: Option<String>,
}

/// Lists artifacts with their state, their findings counted, and their verdict
#[derive(Debug, Args)]
pub struct ArtifactsArgs {
    /// NAMESPACE or NAMESPACE/REPOSITORY [default: everything one may read]
    pub place: Option<String>,
    /// Those with a tag that fits this glob
    #[arg(long, value_name = "GLOB")]
    pub tag: Option<String>,
    /// Those in this state: not_scanned, queued, scanning, failed, complete, stopped, not_supported
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Those with a finding of this severity or a worse one
    #[arg(long, value_name = "LEVEL")]
    pub severity: Option<Severity>,
    /// Those with this verdict: allow, warn, deny
    #[arg(long, value_name = "ANSWER")]
    pub verdict: Option<String>,
    /// The order: pushed, oldest, pulled, severity
    #[arg(long, default_value = "pushed", value_name = "ORDER")]
    pub sort: String,
    /// As many at most
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    pub limit: usize,
}

#[derive(Debug, Args)]
pub struct ImageArgs {
    /// NAMESPACE/REPOSITORY[:TAG|@DIGEST]
    pub image: String,
}

/// Has an image scanned, and waits for the result
#[derive(Debug, Args)]
pub struct RemoteScanArgs {
    /// NAMESPACE/REPOSITORY[:TAG|@DIGEST]
    pub image: String,
    /// Do not wait
    #[arg(long, conflicts_with_all = ["fail_on", "fail_on_denied"])]
    pub no_wait: bool,
    /// Exit with 1 if a finding is of this severity or worse: critical, high, medium, low
    #[arg(long, value_name = "LEVEL")]
    pub fail_on: Option<Severity>,
    /// Exit with 1 if the image may not be pulled
    #[arg(long)]
    pub fail_on_denied: bool,
    /// Give up waiting after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1800)]
    pub timeout: u64,
    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
}

/// Has many images of a namespace scanned
#[derive(Debug, Args)]
pub struct ScanAllArgs {
    /// NAMESPACE or NAMESPACE/REPOSITORY
    pub place: String,
    /// Those with a tag that fits this glob
    #[arg(long, value_name = "GLOB")]
    pub tag: Option<String>,
    /// Those that were never scanned
    #[arg(long)]
    pub never_scanned: bool,
    /// Those scanned before this time, or never
    #[arg(long, value_name = "TIME")]
    pub scanned_before: Option<String>,
    /// Those pulled since this time
    #[arg(long, value_name = "TIME")]
    pub pulled_since: Option<String>,
    /// Count them, and ask for nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Writes the report on an image in any form
#[derive(Debug, Args)]
pub struct RemoteReportArgs {
    /// NAMESPACE/REPOSITORY[:TAG|@DIGEST]
    pub image: String,
    /// The form of the report, as `plimsoll scan --format` has them
    #[arg(long, default_value = "table", value_name = "FORM")]
    pub form: String,
    /// Write the report to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Lists the findings of an image
#[derive(Debug, Args)]
pub struct FindingsArgs {
    /// NAMESPACE/REPOSITORY[:TAG|@DIGEST]
    pub image: String,
    /// Those of this severity or a worse one
    #[arg(long, value_name = "LEVEL")]
    pub severity: Option<Severity>,
    /// Those with a fix
    #[arg(long)]
    pub only_fixable: bool,
    /// Those that do not count, with the reasons
    #[arg(long)]
    pub suppressed: bool,
    /// As many at most
    #[arg(long, default_value_t = 500, value_name = "NUMBER")]
    pub limit: usize,
}

/// Shows the policy of a namespace, and changes it
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// The namespace
    pub namespace: String,
    /// Set the policy of this JSON file; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "remove")]
    pub set: Option<PathBuf>,
    /// Take the namespace its policy
    #[arg(long)]
    pub remove: bool,
}

/// Lists the exceptions of a namespace, makes and ends them
#[derive(Debug, Args)]
pub struct ExceptionsArgs {
    /// The namespace
    pub namespace: String,
    /// Make exceptions for these ids or globs of ids, with commas between them
    #[arg(long, value_name = "IDS", requires = "reason", conflicts_with = "remove")]
    pub add: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", requires = "add")]
    pub reason: Option<String>,
    /// When they end, 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME", requires = "add")]
    pub expires: Option<String>,
    /// End the exception of this number
    #[arg(long, value_name = "NUMBER")]
    pub remove: Option<i64>,
}

/// Lists one's own tokens, makes and ends them
#[derive(Debug, Args)]
pub struct TokensArgs {
    /// Make a token of this name; a password is needed, since no token makes another
    #[arg(long, value_name = "NAME", requires_all = ["permission", "username"], conflicts_with = "remove")]
    pub create: Option<String>,
    /// What it may: read, pull, push, scan, configure, administer (repeatable)
    #[arg(long, value_name = "PERMISSION", requires = "create")]
    pub permission: Vec<String>,
    /// The only namespace it is for
    #[arg(long, value_name = "NAMESPACE", requires = "create")]
    pub namespace: Option<String>,
    /// When it ends, 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME", requires = "create")]
    pub expires: Option<String>,
    /// The name to sign in with; the password is read from standard input
    #[arg(long, value_name = "NAME", requires = "create")]
    pub username: Option<String>,
    /// End the token of this number
    #[arg(long, value_name = "NUMBER")]
    pub remove: Option<i64>,
}

/// Lists the registries of others that are known, makes them known, asks how they are, forgets them
#[derive(Debug, Args)]
pub struct RegistriesArgs {
    /// Make a registry known under this name
    #[arg(long, value_name = "NAME", requires = "host", group = "change")]
    pub create: Option<String>,
    /// Where it is: registry.example, 10.0.0.7:5000
    #[arg(long, value_name = "HOST", requires = "create")]
    pub host: Option<String>,
    /// The account by which it is asked; the password is read from standard input
    #[arg(long, value_name = "NAME", requires = "create")]
    pub username: Option<String>,
    /// Plain HTTP will do, and certificates that nobody vouches for
    #[arg(long, requires = "create")]
    pub insecure: bool,
    /// Ask whether this registry answers and takes the login, and what it is
    #[arg(long, value_name = "NAME", group = "change")]
    pub check: Option<String>,
    /// Forget this registry, in which no namespace has its images
    #[arg(long, value_name = "NAME", group = "change")]
    pub delete: Option<String>,
}

/// Shows where the images of a namespace lie, if not on this server, and says so
///
/// Images that lie in a registry of others are listed, scanned and judged here, and copied nowhere.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// The namespace
    pub namespace: String,
    /// Its images lie in this registry
    #[arg(long, value_name = "NAME", requires = "repository", group = "change")]
    pub registry: Option<String>,
    /// List repositories of this name, or whose names fit this glob: library/*, team/** (repeatable)
    #[arg(long, value_name = "GLOB", requires = "registry")]
    pub repository: Vec<String>,
    /// List tags that fit this glob (repeatable) [default: all]
    #[arg(long, value_name = "GLOB", requires = "registry")]
    pub tag: Vec<String>,
    /// Look so often what is there, from 1 to 1440 minutes [default: 15]
    #[arg(long, value_name = "MINUTES", requires = "registry")]
    pub every: Option<u64>,
    /// Look as soon as possible
    #[arg(long, group = "change")]
    pub sync: bool,
    /// Forget what is listed; from then on the namespace's images lie here
    #[arg(long, group = "change")]
    pub remove: bool,
}

/// Lists the users, makes, changes and deletes them
#[derive(Debug, Args)]
pub struct UsersArgs {
    /// Make this user; the password is read from standard input
    #[arg(long, value_name = "NAME", group = "change")]
    pub create: Option<String>,
    /// Let this user do nothing for now
    #[arg(long, value_name = "NAME", group = "change")]
    pub disable: Option<String>,
    /// Let this user do something again
    #[arg(long, value_name = "NAME", group = "change")]
    pub enable: Option<String>,
    /// Delete this user
    #[arg(long, value_name = "NAME", group = "change")]
    pub delete: Option<String>,
}
