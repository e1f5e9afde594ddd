//! `plimsoll db keygen`: a pair of keys.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use plimsoll_engine::db::SecretKey;

use crate::cli::bundle::DbKeygenArgs;
use crate::outcome::{Failure, Status};

/// Runs the command.
pub fn run(args: &DbKeygenArgs) -> Result<Status, Failure> {
    let key = SecretKey::generate().map_err(Failure::unanswered)?;
    let (secret, public) = (with_ending(&args.output, ".key"), with_ending(&args.output, ".pub"));
    if let Some(there) = [&secret, &public].into_iter().find(|it| it.exists()) {
        return Err(Failure::misuse(format!("{} is there already", there.display())));
    }
    write_new(&secret, &key.to_text(), 0o600)?;
    write_new(&public, &key.public().to_text(), 0o644)?;
    let mut out = anstream::stdout().lock();
    writeln!(
        out,
        "{}: the secret key; it is not encrypted, so keep it where only you can read it",
        secret.display()
    )?;
    writeln!(out, "{}: the public key {}", public.display(), key.public().id_text())?;
    Ok(Status::Clean)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Writes a file that must not be there: a lost key cannot be made again.
fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let wrong = |error| Failure::misuse(format!("{}: {error}", path.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(wrong)?;
    file.write_all(text.as_bytes()).map_err(wrong)
}
