//! `cargo xtask`: what the project does to itself. One file a command.
//!
//! Nothing of it ships. It starts programs, writes below the target folder and prints.
#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "automation is all effects")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

mod bench;
mod conformance;
mod console;
mod demo;
mod floor;
mod fuzz;
mod screenshots;
mod shell;
mod test;
mod tidy;
mod validators;

use std::process::ExitCode;

/// One command: its name, what it does, how it is called, and the function.
struct Command {
    name: &'static str,
    what: &'static str,
    usage: &'static str,
    run: fn(&[String]) -> shell::Result,
}

/// Every command, in the order of the manual.
static COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        what: "build plimsoll, and see it refuse what must not sail",
        usage: demo::USAGE,
        run: demo::run,
    },
    Command { name: "test", what: "run every test there is", usage: test::USAGE, run: test::run },
    Command {
        name: "console",
        what: "build the web console into the next build of the server",
        usage: console::USAGE,
        run: console::run,
    },
    Command {
        name: "screenshots",
        what: "photograph the console of a real server",
        usage: screenshots::USAGE,
        run: screenshots::run,
    },
    Command {
        name: "conformance",
        what: "run the OCI distribution specification's own tests",
        usage: conformance::USAGE,
        run: conformance::run,
    },
    Command { name: "tidy", what: "check what the compiler does not", usage: tidy::USAGE, run: tidy::run },
    Command { name: "fuzz", what: "fuzz the parsers", usage: fuzz::USAGE, run: fuzz::run },
    Command {
        name: "bench",
        what: "measure against Syft and the physical floor",
        usage: bench::USAGE,
        run: bench::run,
    },
    Command {
        name: "floor",
        what: "inflate the layers of an OCI layout, and nothing else",
        usage: floor::USAGE,
        run: floor::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{}", help());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("`{name}` is no command.\n\n{}", help());
        return ExitCode::from(2);
    };
    if rest.iter().any(|it| it == "--help" || it == "-h") {
        print!("cargo xtask {}: {}\n\n{}", command.name, command.what, command.usage);
        return ExitCode::SUCCESS;
    }
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut help = String::from("cargo xtask COMMAND [OPTIONS]\n\n");
    for command in COMMANDS {
        help += &format!("  {:11} {}\n", command.name, command.what);
    }
    help + "\ncargo xtask COMMAND --help says more of each, with examples.\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_help_with_an_example() {
        for command in COMMANDS {
            assert!(command.usage.contains(&format!("cargo xtask {}", command.name)), "{}", command.name);
            assert!(help().contains(command.what));
        }
    }
}
