//! What new databases changed: findings that appeared or went, that became more or less severe, that
//! can be fixed now. The images concerned are those that have the unit when one asks.

use plimsoll_core::{Severity, Timestamp};

use crate::database::{Column, Row, sql};
use crate::visible::visible;
use crate::{Access, Error, InstanceAccess, Read, Store, UnitId, Visible};

/// What happened to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// It was not found before.
    Appeared,
    /// It is no longer found.
    Gone,
    /// It is of another severity.
    SeverityChanged,
    /// There was no fix before.
    FixAvailable,
}

impl EventKind {
    const ALL: [EventKind; 4] =
        [EventKind::Appeared, EventKind::Gone, EventKind::SeverityChanged, EventKind::FixAvailable];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Appeared => "appeared",
            EventKind::Gone => "gone",
            EventKind::SeverityChanged => "severity_changed",
            EventKind::FixAvailable => "fix_available",
        }
    }
}

impl Column for EventKind {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        let name: String = row.get(index)?;
        let found = EventKind::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or(Error::Corrupt { what: "the kind of an event" })
    }
}

/// Something that a new database changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, for the next page.
    pub number: i64,
    /// What happened.
    pub kind: EventKind,
    /// The vulnerability.
    pub vulnerability: String,
    /// The unit that it is in.
    pub unit: UnitId,
    /// The package URL of that unit.
    pub purl: String,
    /// How severe it was.
    pub before: Option<Severity>,
    /// How severe it is.
    pub after: Option<Severity>,
    /// Whether something can be done.
    pub fixable: bool,
    /// When.
    pub at: Timestamp,
}

pub(crate) fn event(row: &Row) -> Result<Event, Error> {
    Ok(Event {
        number: row.get(0)?,
        kind: row.get(1)?,
        vulnerability: row.get(2)?,
        unit: row.get(3)?,
        purl: row.get(4)?,
        before: row.get(5)?,
        after: row.get(6)?,
        fixable: row.get(7)?,
        at: row.get(8)?,
    })
}

impl Store {
    /// The events behind one of them, oldest first: who asks again with the number of the last one
    /// misses none.
    pub async fn events(
        &self,
        _access: &InstanceAccess<Read>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        let statement = sql("SELECT e.id, e.kind, e.vulnerability, e.unit_id, u.purl, e.severity_before,
                e.severity_after, e.fixable, e.at
            FROM events AS e JOIN units AS u ON u.id = e.unit_id WHERE e.id > $1 ORDER BY e.id LIMIT $2")
        .bind(after.unwrap_or(0))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, event).await
    }

    /// The same of those that concern an image of one namespace.
    pub async fn events_in(
        &self,
        access: &Access<Read>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        let statement = sql("SELECT e.id, e.kind, e.vulnerability, e.unit_id, u.purl, e.severity_before,
                e.severity_after, e.fixable, e.at
            FROM events AS e JOIN units AS u ON u.id = e.unit_id
            WHERE e.id > $1 AND EXISTS (SELECT 1 FROM inventory_units AS n
                JOIN results AS s ON s.inventory_id = n.inventory_id
                JOIN artifacts AS a ON a.id = s.artifact_id
                JOIN repositories AS r ON r.id = a.repository_id
                WHERE n.unit_id = e.unit_id AND r.namespace_id = $2)
            ORDER BY e.id LIMIT $3")
        .bind(after.unwrap_or(0))
        .bind(access.namespace())
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, event).await
    }

    /// The events behind one of them that concern an image that is visible, oldest first.
    pub async fn visible_events(
        &self,
        visible: &Visible,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        let statement = visible.bind(sql(visible!(
            "SELECT e.id, e.kind, e.vulnerability, e.unit_id, u.purl, e.severity_before, e.severity_after,
                e.fixable, e.at
            FROM events AS e JOIN units AS u ON u.id = e.unit_id
            WHERE e.id > $4 AND EXISTS (SELECT 1 FROM inventory_units AS i
                JOIN results AS s ON s.inventory_id = i.inventory_id
                JOIN artifacts AS a ON a.id = s.artifact_id
                JOIN repositories AS r ON r.id = a.repository_id
                JOIN namespaces AS n ON n.id = r.namespace_id
                WHERE i.unit_id = e.unit_id AND",
            ") ORDER BY e.id LIMIT $5"
        )));
        let statement = statement.bind(after.unwrap_or(0)).bind(i64::from(limit));
        self.database.read().await?.all(statement, event).await
    }
}
