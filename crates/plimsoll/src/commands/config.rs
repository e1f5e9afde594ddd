//! `plimsoll config`: what the server would be told, and what is wrong with it.

use std::io::Write;

use plimsoll_server::settings::{Configured, Fault, Layers, Origin, SETTINGS, TomlFile, read};

use crate::cli::Places;
use crate::cli::server::{ConfigArgs, ConfigCommand, SettingsArgs};
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Runs `config check` or `config show`.
pub fn run(args: &ConfigArgs, places: &Places) -> Result<Status, Failure> {
    match &args.command {
        ConfigCommand::Check(args) => {
            let configured = configured(args, places)?;
            let mut out = anstream::stdout().lock();
            for warning in &configured.warnings {
                writeln!(out, "warning: {warning}")?;
            }
            writeln!(out, "the configuration is good")?;
        }
        ConfigCommand::Show(args) => show(&configured(args, places)?)?,
    }
    Ok(Status::Clean)
}

/// Reads all that is said: the file, the environment, the flags.
pub fn configured(args: &SettingsArgs, places: &Places) -> Result<Configured, Failure> {
    let file = match &args.config {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::misuse(format!("{}: {error}", path.display())))?;
            Some(TomlFile { path: path.display().to_string(), text })
        }
    };
    let mut flags = args.flags.clone();
    // Flags or variables: the argument parser has looked at both.
    for (name, place) in [("db_dir", &places.db_dir), ("cache_dir", &places.cache_dir)] {
        flags.extend(place.as_ref().map(|it| (name, it.display().to_string())));
    }
    read(&Layers { file, environment: &surroundings::variable, flags }).map_err(|it| failure(&it))
}

fn failure(faults: &[Fault]) -> Failure {
    let mut faults = faults.iter().map(ToString::to_string);
    let first = faults.next().unwrap_or_default();
    faults.fold(Failure::misuse(first), Failure::also)
}

fn show(configured: &Configured) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    for (setting, origin) in SETTINGS.iter().zip(&configured.origins) {
        let who = match origin {
            Origin::Default => "default".to_owned(),
            Origin::File(line) => format!("file, line {line}"),
            Origin::Environment => setting.variable(),
            Origin::Flag => format!("--{}", setting.flag()),
        };
        let value = setting.shown(&configured.settings);
        writeln!(out, "{:21} {:28} {who}", setting.name, if value.is_empty() { "-" } else { &value })?;
    }
    Ok(())
}
