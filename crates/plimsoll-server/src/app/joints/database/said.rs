//! What the database says, as the interface has it. Texts in it come from strangers.

use plimsoll_core::{CvssVector, Rating, Timestamp};
use plimsoll_engine::database_view::{self as view, FeedView};
use plimsoll_engine::db::{Database, DatabaseError, FeedHealth, OpenSnapshot};
use serde_json::{Value, json};

/// A time as the interface writes it.
fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|it| it.to_string())
}

/// A `DatabaseStatus`, but for what is known of this process alone.
pub(super) fn status(database: &Database, (only, salt): (&[String], Option<u64>)) -> Result<Value, String> {
    let open = match database.open() {
        Ok(open) => Some(open),
        Err(DatabaseError::Missing(_)) => None,
        Err(error) => return Err(error.to_string()),
    };
    let feeds = view::feeds(database, open.as_ref(), (only, salt.unwrap_or_default()));
    let feeds = feeds.map_err(|error| error.to_string())?;
    let feeds: Vec<Value> = feeds.into_iter().map(|it| feed(it, salt.is_some())).collect();
    let Some(open) = open else { return Ok(json!({ "present": false, "feeds": feeds })) };
    let stats = open.snapshot.stats().map_err(|error| error.to_string())?;
    Ok(json!({
        "present": true,
        "sequence": open.info.sequence,
        "digest": open.info.digest.to_string(),
        "built_at": open.info.built.to_string(),
        "size_bytes": stats.size_bytes,
        "advisories": stats.rows,
        "packages": stats.keys,
        "vulnerabilities": stats.vulnerabilities,
        "feeds": feeds,
    }))
}

fn feed(feed: FeedView, is_scheduled: bool) -> Value {
    let (health, why) = match feed.health {
        FeedHealth::Good => ("good", None),
        FeedHealth::Never => ("never", None),
        FeedHealth::Bad(why) => ("bad", Some(why)),
    };
    let info = feed.info.unwrap_or_default();
    let said = |text: String| Some(text).filter(|it| !it.is_empty());
    json!({
        "name": feed.id,
        "title": feed.title,
        "newest": time(info.data_date),
        "health": health,
        "why": why,
        "accepted_at": time(feed.accepted),
        "tried_at": time(feed.tried),
        // Of what was never asked there is no last time to reckon from: it is due.
        "next_at": is_scheduled.then(|| feed.next.to_string()),
        "every_hours": feed.every_hours,
        "source": said(info.source),
        "records": info.records_read,
        "quarantined": info.quarantined,
        "out_of_scope": info.out_of_scope,
        "advisories": info.advisories,
        "licence": said(info.licence),
        "kept_realms": feed.kept_realms,
    })
}

/// A list of `DatabaseSnapshot`.
pub(super) fn snapshots(database: &Database) -> Result<Value, String> {
    let files = database.list().map_err(|error| error.to_string())?;
    let shown = files.into_iter().map(|file| {
        let (built, digest, trouble) = match file.info {
            Ok((built, digest)) => (Some(built), Some(digest.to_string()), None),
            Err(why) => (None, None, Some(why)),
        };
        json!({
            "sequence": file.sequence,
            "current": file.current,
            "size_bytes": file.size_bytes,
            "built_at": time(built),
            "digest": digest,
            "trouble": trouble,
        })
    });
    Ok(shown.collect())
}

/// A `SnapshotComparison`; none where a snapshot is not kept.
pub(super) fn differences(
    database: &Database,
    (old, new): (u64, Option<u64>),
    items_max: usize,
) -> Result<Option<Value>, String> {
    let opened = |sequence: Option<u64>| {
        let opened = match sequence {
            Some(sequence) => database.open_sequence(sequence),
            None => database.open(),
        };
        match opened {
            Ok(open) => Ok(Some(open)),
            Err(DatabaseError::NoSnapshot(_) | DatabaseError::Missing(_)) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    };
    let (Some(old), Some(new)) = (opened(Some(old))?, opened(new)?) else { return Ok(None) };
    let found = view::differences(&old, &new, items_max)?;
    let items = found.items.into_iter().map(|it| {
        json!({
            "realm": it.realm, "package": it.package, "vulnerability": it.vulnerability, "change": it.change,
        })
    });
    Ok(Some(json!({
        "from": old.info.sequence,
        "to": new.info.sequence,
        "added": found.added,
        "changed": found.changed,
        "removed": found.removed,
        "packages": found.packages,
        "items": items.collect::<Vec<_>>(),
        "is_cut": found.is_cut,
    })))
}

/// What was set aside of a feed, if there is such a feed.
pub(super) fn quarantined(database: &Database, feed: &str) -> Result<Option<Vec<(String, String)>>, String> {
    let open = match database.open() {
        Ok(open) => open,
        Err(DatabaseError::Missing(_)) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if !view::is_feed(feed) {
        return Ok(None);
    }
    Ok(Some(view::set_aside(&open, feed)?.into_iter().map(|it| (it.record, it.why)).collect()))
}

/// A list of `AffectedPackage`, and whether there are more.
pub(super) fn affected(database: &Database, id: &str, items_max: usize) -> Result<Value, String> {
    let open = match database.open() {
        Ok(open) => open,
        Err(DatabaseError::Missing(_)) => return Ok(json!({ "items": [], "is_cut": false })),
        Err(error) => return Err(error.to_string()),
    };
    let found = view::affected(&open, id, items_max)?;
    let shown = found.packages.into_iter().map(|it| {
        json!({
            "realm": it.realm,
            "package": it.package,
            "feed": it.feed,
            "status": it.status,
            "severity": it.severity.map(|it| it.name()),
            "fixed_versions": it.fixed_versions,
            "ranges": it.ranges,
            "channel": it.channel,
            "advisories": it.advisories,
            "note": it.note,
        })
    });
    Ok(json!({ "items": shown.collect::<Vec<_>>(), "is_cut": found.is_cut }))
}

/// A `Vulnerability`.
pub(super) fn vulnerability(open: &OpenSnapshot, id: &str) -> Result<Option<Value>, String> {
    let found =
        plimsoll_engine::judge::vulnerability(id, &open.snapshot).map_err(|error| error.to_string())?;
    let Some(known) = found else { return Ok(None) };
    let text = open.snapshot.text(id).map_err(|error| error.to_string())?.unwrap_or_default();
    let rating = |it: &Rating| json!({ "source": it.source, "severity": it.severity.name() });
    let vector = |it: &CvssVector| {
        json!({
            "source": it.source,
            "version": it.version,
            "vector": it.vector,
            "score": f64::from(it.score_tenths) / 10.0,
        })
    };
    Ok(Some(json!({
        "id": known.id,
        "aliases": known.aliases,
        "summary": text.summary,
        "description": text.details,
        "references": text.references,
        "ratings": known.ratings.iter().map(rating).collect::<Vec<_>>(),
        "cvss": known.cvss.iter().map(vector).collect::<Vec<_>>(),
        "cwes": known.cwes,
        "published_at": time(known.published),
        "modified_at": time(known.modified),
        "epss": known.epss.as_ref().map(|it| f64::from(it.score_millionths) / 1e6),
        "exploited": known.kev.as_ref().map(|it| json!({
            "added": it.added.map(Timestamp::date_text),
            "due": it.due.map(Timestamp::date_text),
            "ransomware": it.ransomware,
        })),
        "informational": known.informational,
        "snapshot": open.info.sequence,
    })))
}
