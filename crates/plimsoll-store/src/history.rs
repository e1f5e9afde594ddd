//! What new databases changed for one artifact, by its packages.
//!
//! Only reads.

use plimsoll_core::Digest;
use serde_json::json;

use crate::database::{Row, over_list, sql};
use crate::units::{lists, unpack};
use crate::{Access, ArtifactId, Error, Event, Read, Store, events};

/// Something that a new database changed for an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactEvent {
    /// What.
    pub event: Event,
    /// The digest of the database's snapshot.
    pub snapshot: Digest,
}

fn event(row: &Row) -> Result<ArtifactEvent, Error> {
    Ok(ArtifactEvent { event: events::event(row)?, snapshot: row.get(9)? })
}

impl Store {
    /// The last things that new databases changed for the packages that an artifact has, newest first.
    pub async fn artifact_events(
        &self,
        access: &Access<Read>,
        artifact: ArtifactId,
        limit: u32,
    ) -> Result<Vec<ArtifactEvent>, Error> {
        let mut session = self.database.read().await?;
        let units = sql("SELECT i.units FROM results AS s JOIN inventories AS i ON i.id = s.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id WHERE s.artifact_id = $1 AND a.namespace_id = $2")
        .bind(artifact)
        .bind(access.namespace());
        let units: Option<Vec<u8>> = session.optional(units, |row| row.get(0)).await?;
        let mut found = Vec::new();
        for list in lists(&unpack(&units.unwrap_or_default())?, |id| json!([id.number()])) {
            let statement = over_list!(
                session,
                "SELECT e.id, e.kind, e.vulnerability, e.unit_id, u.purl, e.severity_before,
                    e.severity_after, e.fixable, e.at, g.snapshot_digest FROM",
                "JOIN events AS e ON e.unit_id = CAST(j.value ->> 0 AS BIGINT)
                JOIN units AS u ON u.id = e.unit_id JOIN judgements AS g ON g.id = e.judgement_id
                ORDER BY e.id DESC LIMIT $2"
            );
            found.extend(session.all(statement.bind(list).bind(i64::from(limit)), event).await?);
        }
        found.sort_by_key(|it| std::cmp::Reverse(it.event.number));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}
