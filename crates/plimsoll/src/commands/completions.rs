//! `plimsoll completions`: writes completions for a shell.

use clap::CommandFactory;
use clap_complete::{Shell as Generator, generate};

use crate::cli::{Cli, CompletionsArgs, Shell};
use crate::outcome::{Failure, Status};

/// Writes the completions to standard output.
pub fn run(args: &CompletionsArgs) -> Result<Status, Failure> {
    let generator = match args.shell {
        Shell::Bash => Generator::Bash,
        Shell::Elvish => Generator::Elvish,
        Shell::Fish => Generator::Fish,
        Shell::Powershell => Generator::PowerShell,
        Shell::Zsh => Generator::Zsh,
    };
    let mut text = Vec::new();
    generate(generator, &mut Cli::command(), "plimsoll", &mut text);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &text)?;
    Ok(Status::Clean)
}
