//! The vulnerability database of this instance: what it holds, how fresh each feed is, its snapshots
//! and what differs between two, updates, and databases that are brought as a file.

use super::super::ports::{Bundled, Database, NoImport};
use super::prelude::*;

const OLD_AND_NEW: &[Parameter] = &[
    Parameter { name: "from", about: "The number of the older snapshot.", schema: sequence },
    Parameter {
        name: "to",
        about: "The number of the newer one; the one in use, unless said.",
        schema: sequence,
    },
];

const IMPORT: &[Parameter] = &[
    text("key", "The public key that the bundle has to be signed with, as `plimsoll db keygen` writes it."),
    word::<bool>("unsigned", "Take it though nobody has signed it, or whoever did; no, unless said."),
    word::<bool>("older", "Take it though what is here is newer; no, unless said."),
];

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "getDatabase",
        "/database",
        Needs::Somebody,
        "The snapshot that answers, and each feed.",
        |api, call| Box::pin(show(api, call)),
    )
    .gives::<DatabaseStatus>()
    .refuses(&[Kind::NotAvailable]),
    post(
        "updateDatabase",
        "/database/update",
        Needs::Instance(Permission::Configure),
        "Begins an update now.",
        |api, call| Box::pin(update(api, call)),
    )
    .gives::<UpdateBegun>()
    .with_status(202)
    .refuses(&[Kind::NotAvailable]),
    post(
        "importDatabase",
        "/database/import",
        Needs::Instance(Permission::Administer),
        "Takes a bundle that `plimsoll db export` wrote, sent as it is: checks who signed it, and puts what it makes in use. One of `key` and `unsigned` has to be there.",
        |api, call| Box::pin(import(api, call)),
    )
    .query(&[IMPORT])
    .streams("application/octet-stream")
    .gives::<DatabaseImported>()
    .refuses(&[Kind::NotAvailable, Kind::TooLarge, Kind::Busy]),
    get(
        "listSnapshots",
        "/database/snapshots",
        Needs::Somebody,
        "The snapshots that are kept, newest first.",
        |api, call| Box::pin(snapshots(api, call)),
    )
    .gives::<Page<DatabaseSnapshot>>()
    .refuses(&[Kind::NotAvailable]),
    get(
        "compareSnapshots",
        "/database/compare",
        Needs::Somebody,
        "What a snapshot says otherwise than an older one, by package and vulnerability; at most 5000 of them are named.",
        |api, call| Box::pin(compare(api, call)),
    )
    .query(&[OLD_AND_NEW])
    .gives::<SnapshotComparison>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "listQuarantined",
        "/database/feeds/{feed}/quarantined",
        Needs::Somebody,
        "The records of a feed that could not be read and were set aside, with why.",
        |api, call| Box::pin(quarantined(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<QuarantinedRecord>>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
];

fn sequence(_: &mut super::super::schema::Definitions) -> Value {
    json!({ "type": "integer", "format": "int64", "minimum": 0 })
}

words! {
    /// How the last attempt to fetch a feed ended.
    enum FeedHealthWord {
        /// It went well.
        Good = "good",
        /// It did not.
        Bad = "bad",
        /// There was none.
        Never = "never",
    }

    /// What became of what is said about a vulnerability in a package.
    enum SnapshotChange {
        /// It was not there before.
        Added = "added",
        /// It says something else.
        Changed = "changed",
        /// It is no longer there.
        Removed = "removed",
    }
}

wire! {
    /// The vulnerability database.
    struct DatabaseStatus {
        /// Whether there is a snapshot.
        present: bool,
        /// Its number.
        sequence: Option<u64>,
        /// Its digest.
        digest: Option<DigestText>,
        /// When it was built.
        built_at: Option<Time>,
        /// How many bytes it has.
        size_bytes: Option<u64>,
        /// How many advisories on packages.
        advisories: Option<u64>,
        /// On how many packages.
        packages: Option<u64>,
        /// How many vulnerabilities.
        vulnerabilities: Option<u64>,
        /// Whether an update or an import runs.
        updating: bool,
        /// Whether feeds are fetched by themselves as they are due.
        scheduled: bool,
        /// How the last update of this process ended, if that was badly.
        trouble: Option<String>,
        /// The feeds that this program knows and this instance wants.
        feeds: Vec<DatabaseFeed>,
    }

    /// A feed.
    struct DatabaseFeed {
        /// Its id.
        name: String,
        /// Its title.
        title: String,
        /// The newest date in its data.
        newest: Option<Time>,
        /// How the last attempt ended.
        health: FeedHealthWord,
        /// Why that was badly.
        why: Option<String>,
        /// When something of it was taken last.
        accepted_at: Option<Time>,
        /// When it was asked last.
        tried_at: Option<Time>,
        /// When it is asked next; null where nobody keeps the schedule. In the past where it is due.
        next_at: Option<Time>,
        /// Every how many hours it is asked.
        every_hours: u32,
        /// Where it was taken from.
        source: Option<String>,
        /// How many records were read.
        records: u64,
        /// How many of these, or parts of them, were set aside.
        quarantined: u64,
        /// How many say nothing that is of use here.
        out_of_scope: u64,
        /// How many advisories it gave.
        advisories: u64,
        /// Under which licence.
        licence: Option<String>,
        /// Releases that it has no more, and of which its last word is kept.
        kept_realms: Vec<String>,
    }

    /// What came of asking for an update.
    struct UpdateBegun {
        /// Whether one was begun; otherwise one runs already.
        begun: bool,
    }

    /// What came of a bundle.
    struct DatabaseImported {
        /// The number of the new snapshot; null where everything was here already.
        sequence: Option<u64>,
        /// When the bundle was built.
        built_at: Time,
        /// How many feeds were taken.
        taken: u64,
        /// The feeds that were here and stay.
        kept: Vec<String>,
        /// Whether the snapshot is the one that the bundle promises.
        is_the_same: bool,
        /// What was signed besides.
        comment: Option<String>,
    }

    /// A snapshot of the database.
    struct DatabaseSnapshot {
        /// Its number.
        sequence: u64,
        /// Whether it answers.
        current: bool,
        /// How many bytes it has.
        size_bytes: u64,
        /// When it was built.
        built_at: Option<Time>,
        /// Its digest.
        digest: Option<DigestText>,
        /// Why it cannot be used.
        trouble: Option<String>,
    }

    /// What a snapshot says otherwise than an older one.
    struct SnapshotComparison {
        /// The number of the older one.
        from: u64,
        /// The number of the newer one.
        to: u64,
        /// How many advisories on packages were added.
        added: u64,
        /// How many say something else.
        changed: u64,
        /// How many are gone.
        removed: u64,
        /// How many packages these are about.
        packages: u64,
        /// Each of them.
        items: Vec<SnapshotDifference>,
        /// Whether there are more.
        is_cut: bool,
    }

    /// What became of what is said about a vulnerability in a package.
    struct SnapshotDifference {
        /// Of which realm: `deb:debian:12`, `npm`.
        realm: String,
        /// Of which package.
        package: String,
        /// Which vulnerability.
        vulnerability: String,
        /// What became of it.
        change: SnapshotChange,
    }

    /// A record that could not be read.
    struct QuarantinedRecord {
        /// Its id, or its place.
        record: String,
        /// What is wrong with it.
        why: String,
    }
}

fn database(api: &Api) -> Result<&dyn Database, Problem> {
    api.database.as_deref().ok_or_else(|| Problem::not_available("vulnerability database"))
}

fn failed(why: String) -> Problem {
    Problem::internal(&std::io::Error::other(why))
}

/// What the database says, in the form that the document promises.
pub(super) fn typed<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| Problem::internal(&error))
}

async fn show(api: &Api, _call: &Call) -> Answered {
    let status: DatabaseStatus = typed(database(api)?.status().await)?;
    Answer::json(&status)
}

async fn update(api: &Api, _call: &Call) -> Answered {
    let begun = database(api)?.update().await.map_err(failed)?;
    Answer::accepted(&UpdateBegun { begun })
}

async fn import(api: &Api, call: &Call) -> Answered {
    let database = database(api)?;
    let bundled = Bundled {
        key: call.parameter("key").map(str::to_owned),
        is_older_taken: call.flag("older")?.unwrap_or(false),
    };
    match (&bundled.key, call.flag("unsigned")?.unwrap_or(false)) {
        (None, false) => {
            let why = "name the public key that it is signed with, or say `unsigned=true`";
            return Err(Problem::invalid("key", why));
        }
        (Some(_), true) => return Err(Problem::invalid("unsigned", "either this or a key")),
        _ => (),
    }
    let content = call.take_stream().ok_or_else(|| Problem::invalid("", "send the bundle"))?;
    match database.import(content, bundled).await {
        Ok(imported) => {
            let imported: DatabaseImported = typed(imported)?;
            Answer::json(&imported)
        }
        Err(NoImport::Key(why)) => Err(Problem::invalid("key", why)),
        Err(NoImport::Bad(why)) => Err(Problem::invalid("", why)),
        Err(NoImport::TooLarge(bytes_max)) => {
            Err(Problem::new(Kind::TooLarge, format!("at most {bytes_max} bytes are taken")))
        }
        Err(NoImport::Busy) => Err(Problem::new(Kind::Busy, "an update or an import runs; try again")),
        Err(NoImport::Failed(why)) => Err(failed(why)),
    }
}

async fn snapshots(api: &Api, _call: &Call) -> Answered {
    let found = database(api)?.snapshots().await.map_err(failed)?;
    let found: Vec<DatabaseSnapshot> = typed(found)?;
    Answer::page(&Page::whole(found))
}

async fn compare(api: &Api, call: &Call) -> Answered {
    let number = |name: &str| match call.number(name)? {
        None => Ok(None),
        Some(number) => match u64::try_from(number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Problem::invalid(name, "the number of a snapshot")),
        },
    };
    let old = number("from")?.ok_or_else(|| Problem::invalid("from", "the number of a snapshot"))?;
    let found = database(api)?.differences(old, number("to")?).await.map_err(failed)?;
    let no_snapshot = || Problem::new(Kind::NotFound, "one of the snapshots is not kept");
    let found: SnapshotComparison = typed(found.ok_or_else(no_snapshot)?)?;
    Answer::json(&found)
}

async fn quarantined(api: &Api, call: &Call) -> Answered {
    let feed = call.value("feed");
    let paging = Paging::of(call, format!("quarantined of {feed}"))?;
    let found = database(api)?.quarantined(feed).await.map_err(failed)?;
    let found = found.ok_or_else(|| Problem::new(Kind::NotFound, "there is no such feed here"))?;
    let after = paging.number(0).and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
    let page: Vec<(usize, (String, String))> =
        found.into_iter().enumerate().skip(after).take(paging.fetch() as usize).collect();
    // A page begins behind so many.
    Answer::page(&paging.cut(
        page,
        |last| vec![json!(last.0 + 1)],
        |(_, (record, why))| QuarantinedRecord { record, why },
    ))
}
