//! Arguments of `serve` and `config`: one flag for each row of the server's table of settings.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Subcommand};
use plimsoll_server::settings::{SETTINGS, Setting};

/// Runs the server: a registry that scans what is pushed to it
#[derive(Debug, Args)]
#[command(after_help = "\
Passwords and tokens have no flag, since other users see a command line: they stand in the
configuration file or the environment. docs/configuration.md has every setting.

Examples:
  plimsoll serve --data-dir ./plimsoll-data
  plimsoll serve --config /etc/plimsoll/plimsoll.toml")]
pub struct ServeArgs {
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// Shows a server at work: pushes sample images to it and tries to pull them again
#[derive(Debug, Args)]
#[command(after_help = "\
Needs no network and no other program. Everything lies in a temporary folder, which goes with it.

Examples:
  plimsoll demo          stays up until Ctrl-C, to try things with
  plimsoll demo --exit   ends by itself, as it does where no terminal is")]
pub struct DemoArgs {
    /// End when all was shown
    #[arg(long)]
    pub exit: bool,
    /// Stay up until a signal ends it, also where no terminal is
    #[arg(long, conflicts_with = "exit")]
    pub stay: bool,
    /// Where to listen; a free port of this machine, unless said
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub listen: String,
}

/// Saves a server's data directory, also while the server runs
#[derive(Debug, Args)]
#[command(after_help = "\
The file holds all that was pushed, the accounts (passwords as hashes) and the key that signs tokens.

Examples:
  plimsoll backup --data-dir /var/lib/plimsoll /backup/plimsoll.tar
  plimsoll backup --data-dir /var/lib/plimsoll - | zstd > plimsoll.tar.zst")]
pub struct BackupArgs {
    /// Where to write it, or `-` for standard output
    pub file: PathBuf,
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// Restores a backup into a data directory that is empty or not there
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  plimsoll restore --data-dir /var/lib/plimsoll /backup/plimsoll.tar")]
pub struct RestoreArgs {
    /// The backup, or `-` for standard input
    pub file: PathBuf,
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// Checks or shows what the server would be told
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Names every mistake with its place; ends with 2 where there is one
    Check(SettingsArgs),
    /// Writes every value and who said it; never a secret one
    Show(SettingsArgs),
}

/// What the command line says of settings.
#[derive(Debug, Default)]
pub struct SettingsArgs {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// Names and values.
    pub flags: Vec<(&'static str, String)>,
}

/// The two that every command has, as `Places` knows them.
pub const GLOBAL: [&str; 2] = ["db_dir", "cache_dir"];

fn with_flags() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|it| !it.secret && !GLOBAL.contains(&it.name))
}

fn help(setting: &Setting) -> String {
    let about: Vec<&str> = setting.about.lines().map(str::trim).collect();
    let about = about.join(" ").replace('`', "").trim().trim_end_matches('.').to_owned();
    match setting.default {
        "" => about,
        default => format!("{about} [default: {default}]"),
    }
}

impl Args for SettingsArgs {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .env("PLIMSOLL_CONFIG")
            .hide_env_values(true)
            .value_parser(clap::value_parser!(PathBuf))
            .help("The configuration file (TOML)");
        with_flags().fold(command.arg(config), |command, setting| {
            let arg = Arg::new(setting.name).long(setting.flag()).value_name(setting.form);
            command.arg(arg.help(help(setting)).next_line_help(false))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        SettingsArgs::augment_args(command)
    }
}

impl FromArgMatches for SettingsArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let said = |it: &'static Setting| Some((it.name, matches.get_one::<String>(it.name)?.clone()));
        let flags = with_flags().filter_map(said).collect();
        Ok(SettingsArgs { config: matches.get_one::<PathBuf>("config").cloned(), flags })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = SettingsArgs::from_arg_matches(matches)?;
        Ok(())
    }
}
