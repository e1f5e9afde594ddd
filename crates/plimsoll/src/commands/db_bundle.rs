//! What the commands that move a database have in common: keys, logins, errors, the last line.

use std::io::{Read, Write};
use std::path::Path;

use plimsoll_core::{Escaped, Reference};
use plimsoll_engine::db::{
    Bundle, BundleError, BundleSource, Database, ImportOptions, ImportSummary, PublicKey, SecretKey, Trust,
    import,
};

use super::cache::megabytes;
use crate::cli::bundle::TakeArgs;
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// A key's or signature's file is at most so large.
const KEY_BYTES_MAX: u64 = 64 << 10;

/// Reads a small text: a key or a signature.
pub fn small_file(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(KEY_BYTES_MAX).read_to_string(&mut text))
        .map_err(|error| Failure::misuse(format!("{}: {error}", path.display())))?;
    Ok(text)
}

/// The secret key of a file.
pub fn secret_key(path: Option<&Path>) -> Result<Option<SecretKey>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let key = SecretKey::parse(&small_file(path)?);
    key.map(Some).map_err(|error| Failure::misuse(format!("{}: {error}", path.display())))
}

/// A public key: the text of one, or a file.
fn public_key(text: &str) -> Result<PublicKey, Failure> {
    if let Ok(key) = PublicKey::parse(text) {
        return Ok(key);
    }
    PublicKey::parse(&small_file(Path::new(text))?)
        .map_err(|error| Failure::misuse(format!("{text}: {error}")))
}

/// Takes a bundle and says what came of it.
pub fn take(
    database: &Database,
    source: &dyn BundleSource,
    args: &TakeArgs,
    signature: Option<String>,
) -> Result<Status, Failure> {
    let key = args.trust.key.as_deref().map(public_key).transpose()?;
    let trust = key.as_ref().map_or(Trust::Anyone, Trust::Key);
    let options = ImportOptions {
        trust,
        signature,
        only: &args.only,
        allow_older: args.allow_older,
        keep_days: args.keep_days,
        now: surroundings::now(),
    };
    let summary = import(database, source, &options).map_err(failure)?;
    say(&summary, key.as_ref())?;
    Ok(Status::Clean)
}

fn say(summary: &ImportSummary, key: Option<&PublicKey>) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    if let (Some(comment), Some(key)) = (&summary.comment, key) {
        writeln!(out, "signed with {}: {}", key.id_text(), Escaped(comment))?;
    }
    let Some(sequence) = summary.sequence else {
        writeln!(out, "nothing changed; the snapshot in use stays")?;
        return Ok(());
    };
    writeln!(
        out,
        "{} feeds of {}, of which {} had to be moved",
        summary.taken,
        summary.built,
        megabytes(summary.moved_bytes)
    )?;
    if !summary.kept.is_empty() {
        writeln!(out, "kept as they were here: {}", summary.kept.join(", "))?;
    }
    let same = if summary.is_the_same { ", the same as there" } else { ", put together here" };
    writeln!(out, "snapshot {sequence} is in use: {}{same}", summary.snapshot)?;
    Ok(())
}

/// Says what is in a bundle that was written or sent.
pub fn describe(out: &mut impl Write, bundle: &Bundle, key: Option<&SecretKey>) -> Result<(), Failure> {
    let recipe = &bundle.recipe;
    if !bundle.left_out.is_empty() {
        let left_out = bundle.left_out.join(", ");
        writeln!(out, "left out, since their licences do not allow to pass them on: {left_out}")?;
    }
    writeln!(
        out,
        "snapshot {}: {} feeds, at the other end {}",
        recipe.sequence,
        recipe.feeds.len(),
        recipe.snapshot
    )?;
    match key {
        Some(key) => writeln!(out, "signed with {}", key.public().id_text())?,
        None => writeln!(out, "NOT signed; `--key FILE` signs it, `plimsoll db keygen` makes a key")?,
    }
    Ok(())
}

/// What names a place in a registry.
pub fn reference(text: &str) -> Result<Reference, Failure> {
    text.parse().map_err(Failure::misuse)
}

/// How a failure is told.
pub fn failure(error: BundleError) -> Failure {
    match error {
        BundleError::Database(error) => super::db::failure(error),
        BundleError::UnknownFeed(_) | BundleError::Nothing => Failure::misuse(error),
        BundleError::NoRecipe(_) => {
            Failure::misuse(error).hint("`plimsoll db update --keep-days DAYS` says for how long it is kept")
        }
        BundleError::NotSigned(_) => Failure::unanswered(error)
            .hint("`--insecure-no-signature` in place of `--key` takes it nevertheless"),
        BundleError::Older { .. } => Failure::unanswered(error).hint("`--allow-older` takes it nevertheless"),
        BundleError::NoBase { .. } => {
            Failure::unanswered(error).hint("without `--since`, `plimsoll db export` writes everything")
        }
        error => Failure::unanswered(error),
    }
}
