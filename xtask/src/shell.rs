//! Starting other programs and finding our own folders; errors as sentences.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The error is a sentence for the person at the terminal.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// The repository's root; cargo says at run time where that is, for a target folder may have
/// been filled from another checkout.
pub(crate) fn root() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask).parent().expect("xtask lies in the repository").to_owned()
}

/// Where cargo builds, and where our commands put what they make.
pub(crate) fn target_directory() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}

/// The data and corpus beside the repository, where there are any.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = match std::env::var_os("PLIMSOLL_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => root().join("../shared"),
    };
    folder.canonicalize().ok().filter(|it| it.is_dir())
}

/// A cargo command in the repository's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root());
    command
}

/// A command from words.
pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

/// Runs a command with our own output, said aloud before.
pub(crate) fn run(command: &mut Command) -> Result {
    println!("$ {}", shown(command));
    let status = command.status().map_err(|error| format!("cannot start `{}`: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", shown(command))) }
}

/// Runs a command and gives its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start `{}`: {error}", shown(command)))?;
    if !output.status.success() {
        return Err(format!("`{}` ended with {}", shown(command), output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{}` wrote no UTF-8", shown(command)))
}

/// Whether a program can be started at all.
pub(crate) fn have(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether we may install packages: root, on a system with apt.
pub(crate) fn may_install() -> bool {
    have("apt-get") && output(&mut command("id", &["-u"])).is_ok_and(|id| id.trim() == "0")
}

/// Reads a file of the repository or of what was made; the error names it.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// The value behind `--name`, taken out of the arguments.
pub(crate) fn take_value(arguments: &mut Vec<String>, name: &str) -> Result<Option<String>> {
    let Some(at) = arguments.iter().position(|it| it == name) else { return Ok(None) };
    if at + 1 >= arguments.len() {
        return Err(format!("{name} wants a value"));
    }
    arguments.remove(at);
    Ok(Some(arguments.remove(at)))
}

/// Whether `--name` was given; it is taken out of the arguments.
pub(crate) fn take_flag(arguments: &mut Vec<String>, name: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|it| it != name);
    arguments.len() < before
}

/// Refuses arguments that nobody took.
pub(crate) fn nothing_left(arguments: &[String]) -> Result {
    match arguments.first() {
        None => Ok(()),
        Some(first) => Err(format!("`{first}` is not understood; see --help")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_values_are_taken_out() {
        let mut arguments: Vec<String> = ["a", "--for", "3s", "--all"].map(str::to_owned).to_vec();
        assert_eq!(take_value(&mut arguments, "--for"), Ok(Some("3s".to_owned())));
        assert!(take_flag(&mut arguments, "--all") && !take_flag(&mut arguments, "--all"));
        assert_eq!(arguments, ["a"]);
        assert!(nothing_left(&arguments).is_err());
        assert!(take_value(&mut vec!["--for".to_owned()], "--for").is_err());
    }
}
