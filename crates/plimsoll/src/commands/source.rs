//! What the commands that look at an image have in common: options, cache, progress, errors.

use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use plimsoll_core::Limits;
use plimsoll_engine::ScanError;
use plimsoll_engine::cache::FactCache;
use plimsoll_engine::db::{AsOf, Database, DatabaseError, OpenSnapshot};
use plimsoll_engine::scan::{Scan, ScanOptions, scan};
use plimsoll_registry::{Login, Options, PlatformChoice, Secret, locate};

use super::foreign;
use crate::cli::Places;
use crate::cli::shared::{RegistryArgs, SourceArgs};
use crate::outcome::Failure;
use crate::progress::ScanProgress;
use crate::surroundings;

/// The longest password that is read.
const PASSWORD_BYTES_MAX: u64 = 64 << 10;

/// Scans an image as the options say.
pub fn scan_image(image: &str, args: &SourceArgs, cache_dir: Option<PathBuf>) -> Result<Scan, Failure> {
    scan_with_login(image, args, None, cache_dir)
}

/// The same with a login that was not read from standard input.
pub fn scan_with_login(
    image: &str,
    args: &SourceArgs,
    login: Option<Login>,
    cache_dir: Option<PathBuf>,
) -> Result<Scan, Failure> {
    if let Some(scan) = foreign::scan(image)? {
        return Ok(scan);
    }
    let location = locate(image).map_err(Failure::misuse)?;
    let mut limits = Limits::standard();
    if let Some(seconds) = args.timeout {
        limits.seconds = seconds;
    }
    let cache = if args.no_cache {
        FactCache::off()
    } else {
        FactCache::in_directory(surroundings::cache_directory(cache_dir))
    };
    let mut source = source_options(args)?;
    source.login = login.or(source.login);
    let progress = ScanProgress::new(args.quiet);
    let listener = |event| progress.show(&event);
    let cancelled = AtomicBool::new(false);
    let options = ScanOptions {
        source,
        limits,
        cache,
        listener: &listener,
        cancelled: &cancelled,
        verify_layers: args.verify_layers,
    };
    let scanned = scan(image, &location, &options);
    progress.clear();
    scanned.map_err(|error| failure(&error))
}

/// Opens the database as the options say.
pub fn open_database(places: &Places, as_of: Option<AsOf>) -> Result<OpenSnapshot, DatabaseError> {
    let database = Database::in_directory(surroundings::database_directory(places.db_dir.clone()));
    match as_of {
        Some(as_of) => database.open_as_of(as_of),
        None => database.open(),
    }
}

fn source_options(args: &SourceArgs) -> Result<Options, Failure> {
    let platforms = match args.platform.as_deref() {
        None => None,
        Some("all") => Some(PlatformChoice::All),
        Some(platform) => Some(PlatformChoice::One(platform.parse().map_err(Failure::misuse)?)),
    };
    let mut options = registry_options(&args.registry)?;
    if let Some(platforms) = platforms {
        options.platforms = platforms;
    }
    Ok(options)
}

/// How a registry is spoken to.
pub fn registry_options(args: &RegistryArgs) -> Result<Options, Failure> {
    let mut options = Options::from_environment();
    if let Some(username) = &args.username {
        options.login = Some(Login { username: username.clone(), password: read_password()? });
    }
    options.certificate_authorities.clone_from(&args.ca_file);
    options.insecure_hosts.clone_from(&args.insecure);
    Ok(options)
}

/// The password on standard input.
fn read_password() -> Result<Secret, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().take(PASSWORD_BYTES_MAX).read_to_string(&mut text).map_err(|error| {
        Failure::misuse(format!("the password could not be read from standard input: {error}"))
    })?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::misuse("standard input has no password"));
    }
    Ok(Secret::new(password.to_owned()))
}

fn failure(error: &ScanError) -> Failure {
    match error {
        ScanError::Source(error) if error.is_usage() => Failure::misuse(error.with_causes()),
        ScanError::Source(error) => Failure::unanswered(error.with_causes()),
        error => Failure::unanswered(error),
    }
}
