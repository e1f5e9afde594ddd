//! What new databases changed, as it is to be told to those who want to hear of it, and how far that
//! has come.
//!
//! The cursor moves after an event was put down for everybody; who dies in between tells some of
//! them twice.

use plimsoll_core::{Severity, Timestamp};

use crate::database::{Row, sql};
use crate::{Error, EventKind, InstanceAccess, NamespaceId, Scan, Store};

/// An event, as it concerns one namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The event's number.
    pub number: i64,
    /// The namespace.
    pub namespace: NamespaceId,
    /// The namespace's name.
    pub namespace_name: String,
    /// What happened.
    pub kind: EventKind,
    /// The vulnerability.
    pub vulnerability: String,
    /// The package URL of what it is in.
    pub purl: String,
    /// How severe it was.
    pub before: Option<Severity>,
    /// How severe it is.
    pub after: Option<Severity>,
    /// Whether something can be done.
    pub fixable: bool,
    /// When.
    pub at: Timestamp,
    /// In how many artifacts of the namespace it is.
    pub artifacts: u64,
}

fn telling(row: &Row) -> Result<Telling, Error> {
    Ok(Telling {
        number: row.get(0)?,
        namespace: row.get(1)?,
        namespace_name: row.get(2)?,
        kind: row.get(3)?,
        vulnerability: row.get(4)?,
        purl: row.get(5)?,
        before: row.get(6)?,
        after: row.get(7)?,
        fixable: row.get(8)?,
        at: row.get(9)?,
        artifacts: row.get(10)?,
    })
}

/// How many events are looked at in one go.
const EVENTS_MAX: i64 = 500;

impl Store {
    /// The next events that somebody wants to hear of, each for every namespace that it concerns,
    /// and how far they reach; nothing where all has been told. The first time begins now: nobody
    /// is told what was before there were webhooks.
    pub async fn next_tellings(
        &self,
        access: &InstanceAccess<Scan>,
    ) -> Result<Option<(i64, Vec<Telling>)>, Error> {
        let mut session = self.database.read().await?;
        let newest = sql("SELECT COALESCE(MAX(id), 0) FROM events");
        let newest: i64 = session.one(newest, |row| row.get(0)).await?;
        let told = sql("SELECT event FROM webhook_cursor WHERE id = 1");
        let told: Option<i64> = session.optional(told, |row| row.get(0)).await?;
        let Some(told) = told else {
            drop(session);
            self.told(access, newest).await?;
            return Ok(None);
        };
        if newest <= told {
            return Ok(None);
        }
        let until = newest.min(told.saturating_add(EVENTS_MAX));
        let statement = sql("SELECT e.id, r.namespace_id, m.name, e.kind, e.vulnerability, u.purl,
                e.severity_before, e.severity_after, e.fixable, e.at, COUNT(DISTINCT a.id)
            FROM events AS e JOIN units AS u ON u.id = e.unit_id
            JOIN inventory_units AS n ON n.unit_id = e.unit_id
            JOIN results AS s ON s.inventory_id = n.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespaces AS m ON m.id = r.namespace_id
            WHERE e.id > $1 AND e.id <= $2 AND EXISTS (SELECT 1 FROM webhooks AS w
                WHERE w.enabled = 1 AND (w.namespace_id IS NULL OR w.namespace_id = r.namespace_id))
            GROUP BY e.id, r.namespace_id, m.name, e.kind, e.vulnerability, u.purl, e.severity_before,
                e.severity_after, e.fixable, e.at
            ORDER BY e.id, r.namespace_id");
        let found = session.all(statement.bind(told).bind(until), telling).await?;
        Ok(Some((until, found)))
    }

    /// Notes how far the events have been told.
    pub async fn told(&self, _access: &InstanceAccess<Scan>, event: i64) -> Result<(), Error> {
        let statement = sql("INSERT INTO webhook_cursor (id, event) VALUES (1, $1)
            ON CONFLICT (id) DO UPDATE SET event = excluded.event WHERE webhook_cursor.event < excluded.event");
        let mut transaction = self.database.write().await?;
        transaction.execute(statement.bind(event)).await?;
        transaction.commit().await
    }
}
