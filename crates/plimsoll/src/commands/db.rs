//! `plimsoll db`: updates the vulnerability database, shows its state, lists and chooses snapshots.

use std::io::Write;

use plimsoll_core::{Escaped, Timestamp};
use plimsoll_engine::db::{
    Database, DatabaseError, FeedHealth, Hosts, Outcome, UpdateError, UpdateOptions, update,
};
use plimsoll_vulndb::FEEDS;
use plimsoll_vulndb::snapshot::FeedInfo;

use super::cache::megabytes;
use super::{db_export, db_import, db_keygen, db_publish, db_pull};
use crate::cli::Places;
use crate::cli::database::{DbArgs, DbCommand, DbDiffArgs, DbRebuildArgs, DbStatusArgs, DbUpdateArgs};
use crate::outcome::{Failure, Status};
use crate::progress::UpdateProgress;
use crate::surroundings;

/// Runs one of the `db` commands.
pub fn run(args: DbArgs, places: Places) -> Result<Status, Failure> {
    let database = Database::in_directory(surroundings::database_directory(places.db_dir));
    match args.command {
        DbCommand::Update(args) => run_update(&database, args),
        DbCommand::Status(args) => status(&database, &args),
        DbCommand::List => list(&database),
        DbCommand::Use(args) => {
            database.choose(args.snapshot).map_err(failure)?;
            writeln!(anstream::stdout(), "snapshot {} is in use", args.snapshot)?;
            Ok(Status::Clean)
        }
        DbCommand::Diff(args) => diff(&database, &args),
        DbCommand::Rebuild(args) => rebuild(&database, &args),
        DbCommand::Export(args) => db_export::run(&database, &args),
        DbCommand::Import(args) => db_import::run(&database, &args),
        DbCommand::Publish(args) => db_publish::run(&database, &args),
        DbCommand::Pull(args) => db_pull::run(&database, &args),
        DbCommand::Keygen(args) => db_keygen::run(&args),
    }
}

fn rebuild(database: &Database, args: &DbRebuildArgs) -> Result<Status, Failure> {
    let recipe = database.recipe(args.snapshot).map_err(failure)?;
    let recipe = recipe.ok_or_else(|| {
        Failure::misuse(format!("what snapshot {} was built from is not kept", args.snapshot))
            .hint("`plimsoll db update --keep-days DAYS` says for how long it is")
    })?;
    let bytes = database.rebuild(&recipe, args.from_raw).map_err(failure)?;
    let of = if args.from_raw { "the feeds' own files" } else { "what was read of the feeds" };
    writeln!(
        anstream::stdout(),
        "snapshot {} was built again from {of}: {} bytes, {}, the same",
        args.snapshot,
        bytes.len(),
        recipe.snapshot
    )?;
    Ok(Status::Clean)
}

fn diff(database: &Database, args: &DbDiffArgs) -> Result<Status, Failure> {
    let old = database.open_as_of(args.old).map_err(failure)?;
    let new = database.open_as_of(args.new).map_err(failure)?;
    let packages = plimsoll_vulndb::snapshot::diff(&old.snapshot, &new.snapshot)
        .map_err(|error| Failure::unanswered(format!("a snapshot is damaged: {error}")))?;
    let mut out = anstream::stdout().lock();
    if args.json {
        let packages: Vec<serde_json::Value> = packages
            .iter()
            .map(|package| {
                let vulnerabilities: serde_json::Map<String, serde_json::Value> =
                    package.vulnerabilities.iter().map(|(id, it)| (id.clone(), it.name().into())).collect();
                serde_json::json!({
                    "realm": package.realm, "package": package.package, "vulnerabilities": vulnerabilities,
                })
            })
            .collect();
        let document = serde_json::json!({
            "old": old.info.sequence, "new": new.info.sequence, "packages": packages,
        });
        writeln!(out, "{document:#}")?;
        return Ok(Status::Clean);
    }
    let mut counts = [0_usize; 3];
    for package in &packages {
        for (id, change) in &package.vulnerabilities {
            writeln!(
                out,
                "{:<8} {:<20} {} {}",
                change.name(),
                Escaped(id),
                Escaped(&package.realm),
                Escaped(&package.package)
            )?;
            counts[*change as usize] += 1;
        }
    }
    writeln!(
        out,
        "snapshot {} against {}: {} added, {} changed, {} removed, in {} packages",
        new.info.sequence,
        old.info.sequence,
        counts[0],
        counts[1],
        counts[2],
        packages.len()
    )?;
    Ok(Status::Clean)
}

fn run_update(database: &Database, args: DbUpdateArgs) -> Result<Status, Failure> {
    let progress = UpdateProgress::new(args.quiet);
    let listener = |event| progress.show(&event);
    let options = UpdateOptions {
        mirror: args.mirror,
        hosts: Hosts::new(args.feed_host),
        feeds: args.feed,
        accept_shrunk: args.accept_shrunk,
        keep_days: args.keep_days,
        now: surroundings::now(),
        listener: &listener,
    };
    let summary = update(database, &options);
    progress.clear();
    let summary = summary.map_err(|error| match error {
        UpdateError::UnknownFeed(_) => Failure::misuse(error),
        UpdateError::Nothing { .. } => Failure::unanswered(error)
            .hint("without internet, `--mirror DIR` takes the feeds from a directory"),
        UpdateError::Database(error) => failure(error),
        error => Failure::unanswered(error),
    })?;
    let mut out = anstream::stdout().lock();
    let mut absent = Vec::new();
    for (feed, outcome) in &summary.feeds {
        match outcome {
            Outcome::Updated => writeln!(out, "{feed:<22} updated")?,
            Outcome::Unchanged => writeln!(out, "{feed:<22} unchanged")?,
            Outcome::Refused(why) => writeln!(out, "{feed:<22} REFUSED: {}", Escaped(why))?,
            Outcome::Failed(why) => writeln!(out, "{feed:<22} FAILED: {}", Escaped(why))?,
            Outcome::Absent => absent.push(*feed),
        }
    }
    if !absent.is_empty() {
        writeln!(out, "not in the mirror: {}", absent.join(", "))?;
    }
    for (feed, what) in &summary.notes {
        writeln!(out, "{feed:<22} {}", Escaped(what))?;
    }
    match summary.sequence {
        Some(sequence) => writeln!(out, "snapshot {sequence} is in use, {}", megabytes(summary.size_bytes))?,
        None => writeln!(out, "nothing changed; the snapshot in use stays")?,
    }
    Ok(if summary.troubles() == 0 { Status::Clean } else { Status::Incomplete })
}

fn list(database: &Database) -> Result<Status, Failure> {
    let snapshots = database.list().map_err(failure)?;
    let mut out = anstream::stdout().lock();
    if snapshots.is_empty() {
        writeln!(out, "there is no snapshot yet; run `plimsoll db update`")?;
        return Ok(Status::Clean);
    }
    writeln!(out, "  NUMBER  BUILT                 SIZE      DIGEST")?;
    for file in snapshots {
        let mark = if file.current { '*' } else { ' ' };
        let size = megabytes(file.size_bytes);
        match file.info {
            Ok((built, digest)) => {
                writeln!(out, "{mark} {:<7} {built}  {size:<9} {}", file.sequence, digest.short())?;
            }
            Err(why) => writeln!(out, "{mark} {:<7} cannot be used: {}", file.sequence, Escaped(&why))?,
        }
    }
    Ok(Status::Clean)
}

fn status(database: &Database, args: &DbStatusArgs) -> Result<Status, Failure> {
    let open = database.open().map_err(failure)?;
    let damaged = |error| Failure::unanswered(format!("the snapshot is damaged: {error}"));
    let feeds = open.snapshot.feeds().map_err(damaged)?;
    let now = surroundings::now();
    let mut out = anstream::stdout().lock();
    if args.json {
        return status_json(&mut out, database, &open.info, &feeds);
    }
    if args.licences {
        for feed in &feeds {
            let shared = if feed.redistributable { "" } else { " (not to be redistributed)" };
            writeln!(
                out,
                "{:<22} {}{shared}\n{:<22} {}",
                feed.id,
                Escaped(&feed.licence),
                "",
                Escaped(&feed.attribution)
            )?;
        }
        return Ok(Status::Clean);
    }
    if args.quarantined {
        for feed in &feeds {
            for record in open.snapshot.quarantined(&feed.id).map_err(damaged)? {
                writeln!(out, "{:<22} {}: {}", feed.id, Escaped(&record.record), Escaped(&record.why))?;
            }
        }
        return Ok(Status::Clean);
    }
    let stats = open.snapshot.stats().map_err(damaged)?;
    writeln!(
        out,
        "snapshot {} of {} ({} old), {}",
        open.info.sequence,
        open.info.built,
        age(open.info.built, now),
        megabytes(stats.size_bytes)
    )?;
    writeln!(
        out,
        "{} advisories on {} packages, {} vulnerabilities\n",
        stats.rows, stats.keys, stats.vulnerabilities
    )?;
    writeln!(
        out,
        "{:<22} {:<11} {:<9} {:>8} {:>11} {:>10}  HEALTH",
        "FEED", "DATA OF", "FETCHED", "RECORDS", "QUARANTINED", "ADVISORIES"
    )?;
    let mut bad = false;
    for feed in FEEDS {
        let state = database.feed_state(feed.id()).map_err(failure)?;
        let health = match state.health() {
            FeedHealth::Good if state.kept_realms.is_empty() => "good".to_owned(),
            FeedHealth::Good => {
                format!(
                    "good; of {}, which it has no more, the last word is kept",
                    state.kept_realms.join(", ")
                )
            }
            FeedHealth::Never => "never fetched".to_owned(),
            FeedHealth::Bad(why) => {
                bad = true;
                why
            }
        };
        let fetched = state.accepted().map_or("-".to_owned(), |then| format!("{} ago", age(then, now)));
        let info = feeds.iter().find(|it| it.id == feed.id());
        let date = info.and_then(|it| it.data_date).map_or("-".to_owned(), Timestamp::date_text);
        let (records, quarantined, advisories) =
            info.map_or((0, 0, 0), |it| (it.records_read, it.quarantined, it.advisories));
        writeln!(
            out,
            "{:<22} {date:<11} {fetched:<9} {records:>8} {quarantined:>11} {advisories:>10}  {}",
            feed.id(),
            Escaped(&health)
        )?;
    }
    Ok(if bad { Status::Incomplete } else { Status::Clean })
}

fn status_json(
    out: &mut impl Write,
    database: &Database,
    info: &plimsoll_core::SnapshotInfo,
    feeds: &[FeedInfo],
) -> Result<Status, Failure> {
    let mut list = Vec::new();
    let mut bad = false;
    for feed in FEEDS {
        let state = database.feed_state(feed.id()).map_err(failure)?;
        let known = feeds.iter().find(|it| it.id == feed.id());
        let (health, why) = match state.health() {
            FeedHealth::Good => ("good", None),
            FeedHealth::Never => ("never", None),
            FeedHealth::Bad(why) => {
                bad = true;
                ("bad", Some(why))
            }
        };
        list.push(serde_json::json!({
            "id": feed.id(),
            "title": feed.title(),
            "source": known.map(|it| &it.source),
            "data_date": known.and_then(|it| it.data_date).map(Timestamp::date_text),
            "fetched": state.accepted().map(|it| it.to_string()),
            "records": known.map(|it| it.records_read),
            "quarantined": known.map(|it| it.quarantined),
            "out_of_scope": known.map(|it| it.out_of_scope),
            "advisories": known.map(|it| it.advisories),
            "health": health,
            "why": why,
            "kept_realms": state.kept_realms,
        }));
    }
    let document = serde_json::json!({
        "snapshot": { "sequence": info.sequence, "built": info.built.to_string(), "digest": info.digest.to_string() },
        "feeds": list,
    });
    writeln!(out, "{document:#}")?;
    Ok(if bad { Status::Incomplete } else { Status::Clean })
}

fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = (now.0 - then.0).max(0);
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// How a failure is told.
pub fn failure(error: DatabaseError) -> Failure {
    match error {
        DatabaseError::NoSnapshot(_) | DatabaseError::NoneThen { .. } => Failure::misuse(error),
        error => Failure::unanswered(error),
    }
}
