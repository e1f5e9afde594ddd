//! Opening, migrating, refusing.

use super::*;
use crate::database::{Database, Transaction, sql};

#[test]
fn a_store_that_was_opened_before_opens_again() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let again = migrate::migrate(&t.store.database, scripts(t), later(1)).await;
        again.unwrap();
        assert_eq!(t.store.namespace(&t.access("team").await).await.unwrap().name, namespace("team"));
        t.store.ping().await.unwrap();
    });
}

#[test]
fn a_schema_later_than_ours_is_refused_and_left_alone() {
    on_both(async |t| {
        let mut transaction = t.store.database.write().await.unwrap();
        let later = sql("INSERT INTO schema_versions (version, applied_at) VALUES (999, 0)");
        transaction.execute(later).await.unwrap();
        transaction.commit().await.unwrap();
        let error = migrate::migrate(&t.store.database, scripts(t), NOW).await.unwrap_err();
        assert!(matches!(error, Error::Newer { found: 999, .. }), "{error}");
    });
}

#[test]
fn a_transaction_without_a_commit_changed_nothing() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let mut transaction = t.store.database.write().await.unwrap();
        transaction.execute(sql("DELETE FROM namespaces")).await.unwrap();
        drop(transaction);
        t.store.namespace(&t.access("team").await).await.unwrap();
    });
}

#[test]
fn an_address_of_no_kind_that_we_know_is_refused_without_its_password() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let opened = async { Store::open("mysql://anna:secret@db/plimsoll", &options(), NOW).await };
    let error = runtime.block_on(opened).err().unwrap();
    assert_eq!(error.to_string(), "`mysql` is no kind of database; write `sqlite:PATH` or `postgres://…`");
}

#[test]
fn a_text_with_a_zero_byte_is_refused_by_both() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.upload(("team", "app"), "layer").await;
        let mut bad = manifest("image", &["layer"]);
        bad.media_type = "a\0b".to_owned();
        let error = t.try_put(("team", "app"), None, &bad, NOW).await.unwrap_err();
        assert_eq!(error.to_string(), "a text with a zero byte cannot be stored");
    });
}

#[test]
fn both_databases_have_the_same_schema() {
    assert_eq!(migrate::SQLITE.len(), migrate::POSTGRES.len());
    for (sqlite, postgres) in migrate::SQLITE.iter().zip(migrate::POSTGRES) {
        let same = postgres
            .replace("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
            .replace("TEXT COLLATE \"C\"", "TEXT")
            .replace("BIGINT", "INTEGER")
            .replace("BYTEA", "BLOB")
            .replace("\n);", "\n) STRICT;");
        // Where a table's rows lie is SQLite's affair alone.
        let sqlite = sqlite.replace(") STRICT, WITHOUT ROWID;", ") STRICT;");
        for (sqlite, postgres) in sqlite.lines().zip(same.lines()) {
            assert_eq!(sqlite, postgres);
        }
        assert_eq!(sqlite.lines().count(), same.lines().count());
    }
}

fn scripts(t: &Fixture) -> &'static [&'static str] {
    match *t.store.database {
        Database::Sqlite { .. } => migrate::SQLITE,
        Database::Postgres(_) => migrate::POSTGRES,
    }
}

#[test]
fn who_gave_way_to_somebody_else_may_try_again() {
    on_both(async |t| {
        for name in ["one", "two"] {
            t.namespace(name, &settings()).await;
        }
        // One after the other they write with SQLite.
        if !t.store.database.write().await.unwrap().is_postgres() {
            return;
        }
        let touch = |name: &str| sql("UPDATE namespaces SET public = public WHERE name = $1").bind(name);
        let mut left = t.store.database.write().await.unwrap();
        let mut right = t.store.database.write().await.unwrap();
        left.execute(touch("one")).await.unwrap();
        right.execute(touch("two")).await.unwrap();
        let crossed = async |mut transaction: Transaction, name: &str| {
            let done = transaction.execute(touch(name)).await;
            // Whoever is left goes on only when the other is gone.
            drop(transaction);
            done
        };
        let ends = tokio::join!(crossed(left, "two"), crossed(right, "one"));
        let gave_way = [ends.0, ends.1].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert!(matches!(gave_way.as_slice(), [error] if error.gave_way()), "{gave_way:?}");
        assert!(!Error::Denied.gave_way());
    });
}
