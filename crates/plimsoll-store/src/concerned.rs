//! Where something is, and what new databases changed, over all namespaces that somebody may read.
//!
//! The same as of one namespace or of the whole instance, for who may read some of them. Only reads.

use crate::database::{Row, Statement, sql};
use crate::visible::visible;
use crate::{
    AffectedArtifact, ArtifactId, Error, Event, InventoryId, PackageVersion, Store, UnitId, Visible,
};
use crate::{affected, events};

/// An image, and the name of its namespace.
pub type Concerned = (String, AffectedArtifact);

fn concerned(row: &Row) -> Result<Concerned, Error> {
    Ok((row.get(8)?, affected::affected(row)?))
}

impl Store {
    /// The images with a package of this name.
    pub async fn visible_with_package(
        &self,
        visible: &Visible,
        name: &str,
        after: Option<(UnitId, InventoryId, ArtifactId)>,
        limit: u32,
    ) -> Result<Vec<Concerned>, Error> {
        let statement = sql(visible!(
            "SELECT u.id, i.inventory_id, s.artifact_id, r.namespace_id, a.digest, r.name, u.purl, u.version,
                n.name
            FROM units AS u JOIN inventory_units AS i ON i.unit_id = u.id
            JOIN results AS s ON s.inventory_id = i.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespaces AS n ON n.id = r.namespace_id
            WHERE u.name = $4 AND u.id >= $5 AND (u.id, i.inventory_id, s.artifact_id) > ($5, $6, $7) AND",
            "ORDER BY u.id, i.inventory_id, s.artifact_id LIMIT $8"
        ));
        self.concerned_page(visible.bind(statement).bind(name), after, limit).await
    }

    /// The images with a vulnerability; one may come several times, once for each package.
    pub async fn visible_with_vulnerability(
        &self,
        visible: &Visible,
        id: &str,
        after: Option<(UnitId, InventoryId, ArtifactId)>,
        limit: u32,
    ) -> Result<Vec<Concerned>, Error> {
        let statement = sql(visible!(
            "SELECT f.unit_id, i.inventory_id, s.artifact_id, r.namespace_id, a.digest, r.name, u.purl,
                u.version, n.name
            FROM unit_findings AS f JOIN units AS u ON u.id = f.unit_id
            JOIN inventory_units AS i ON i.unit_id = f.unit_id
            JOIN results AS s ON s.inventory_id = i.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespaces AS n ON n.id = r.namespace_id
            WHERE f.vulnerability = $4 AND f.unit_id >= $5
                AND (f.unit_id, i.inventory_id, s.artifact_id) > ($5, $6, $7) AND",
            "ORDER BY f.unit_id, i.inventory_id, s.artifact_id LIMIT $8"
        ));
        self.concerned_page(visible.bind(statement).bind(id), after, limit).await
    }

    async fn concerned_page(
        &self,
        statement: Statement,
        after: Option<(UnitId, InventoryId, ArtifactId)>,
        limit: u32,
    ) -> Result<Vec<Concerned>, Error> {
        let (unit, inventory, artifact) =
            after.map_or((0, 0, 0), |(a, b, c)| (a.number(), b.number(), c.number()));
        let statement = statement.bind(unit).bind(inventory).bind(artifact).bind(i64::from(limit));
        self.database.read().await?.all(statement, concerned).await
    }

    /// The versions of a package, and how many images have each.
    pub async fn visible_versions(
        &self,
        visible: &Visible,
        name: &str,
        limit: u32,
    ) -> Result<Vec<PackageVersion>, Error> {
        let statement = visible.bind(sql(visible!(
            "SELECT u.kind, u.version, COUNT(DISTINCT s.artifact_id)
            FROM units AS u JOIN inventory_units AS i ON i.unit_id = u.id
            JOIN results AS s ON s.inventory_id = i.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespaces AS n ON n.id = r.namespace_id WHERE u.name = $4 AND",
            "GROUP BY u.kind, u.version ORDER BY u.kind, u.version LIMIT $5"
        )));
        let statement = statement.bind(name).bind(i64::from(limit));
        self.database.read().await?.all(statement, affected::version).await
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
        self.database.read().await?.all(statement, events::event).await
    }
}
