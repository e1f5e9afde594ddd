//! `plimsoll man`: writes the manual page of all commands.

use std::io::Write;

use clap::CommandFactory;

use crate::cli::Cli;
use crate::outcome::{Failure, Status};

/// Writes the page to standard output.
pub fn run() -> Result<Status, Failure> {
    let mut command = Cli::command();
    command.build();
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(command.clone());
    page.render(&mut text)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        writeln!(text, ".SH \"PLIMSOLL {}\"", sub.get_name().to_uppercase())?;
        let page = clap_mangen::Man::new(sub.clone());
        page.render_synopsis_section(&mut text)?;
        page.render_description_section(&mut text)?;
        page.render_options_section(&mut text)?;
        page.render_extra_section(&mut text)?;
    }
    std::io::stdout().lock().write_all(&text)?;
    Ok(Status::Clean)
}
