//! Where something is: the images that have a package, in which versions, and those that have a
//! vulnerability.
//!
//! Always within namespaces that one may read. Pages go along the index, so that a page costs the
//! same whatever is behind it.

use crate::database::{Row, Statement, sql};
use crate::visible::visible;
use crate::{ArtifactId, Error, InventoryId, Store, UnitId, Visible};

/// An image that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedArtifact {
    /// The unit by which; with the two below it is the place behind which the next page begins.
    pub unit: UnitId,
    /// The inventory that has the unit.
    pub inventory: InventoryId,
    /// The image.
    pub artifact: ArtifactId,
    /// Its namespace's name.
    pub namespace: String,
    /// Its digest.
    pub digest: plimsoll_core::Digest,
    /// Its repository's name, without the namespace.
    pub repository: String,
    /// The package URL.
    pub purl: String,
    /// The package's version.
    pub version: String,
}

/// A version of a package, and how many images have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageVersion {
    /// The kind of package.
    pub kind: String,
    /// The version.
    pub version: String,
    /// How many images.
    pub artifacts: u64,
}

/// The place behind which a page begins.
pub type After = (UnitId, InventoryId, ArtifactId);

fn affected(row: &Row) -> Result<AffectedArtifact, Error> {
    Ok(AffectedArtifact {
        unit: row.get(0)?,
        inventory: row.get(1)?,
        artifact: row.get(2)?,
        namespace: row.get(3)?,
        digest: row.get(4)?,
        repository: row.get(5)?,
        purl: row.get(6)?,
        version: row.get(7)?,
    })
}

impl AffectedArtifact {
    /// The place behind which the next page begins.
    pub fn place(&self) -> After {
        (self.unit, self.inventory, self.artifact)
    }
}

/// The versions of a package. Whoever may see everything need not look at the images.
const EVERYWHERE: &str = "SELECT u.kind, u.version, COUNT(DISTINCT s.artifact_id)
    FROM units AS u JOIN inventory_units AS i ON i.unit_id = u.id
    JOIN results AS s ON s.inventory_id = i.inventory_id
    WHERE $1 = $1 AND $2 = $2 AND $3 = $3 AND u.name = $4
    GROUP BY u.kind, u.version ORDER BY u.kind, u.version LIMIT $5";

/// The same of the images that somebody may see.
const VISIBLE: &str = visible!(
    "SELECT u.kind, u.version, COUNT(DISTINCT s.artifact_id)
    FROM units AS u JOIN inventory_units AS i ON i.unit_id = u.id
    JOIN results AS s ON s.inventory_id = i.inventory_id
    JOIN artifacts AS a ON a.id = s.artifact_id
    WHERE u.name = $4 AND a.namespace_id IN (SELECT n.id FROM namespaces AS n WHERE",
    ") GROUP BY u.kind, u.version ORDER BY u.kind, u.version LIMIT $5"
);

impl Store {
    /// The images with a package of this name.
    pub async fn visible_with_package(
        &self,
        visible: &Visible,
        name: &str,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        let statement = sql(visible!(
            "SELECT u.id, i.inventory_id, s.artifact_id, n.name, a.digest, r.name, u.purl, u.version
            FROM units AS u JOIN inventory_units AS i ON i.unit_id = u.id
            JOIN results AS s ON s.inventory_id = i.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespaces AS n ON n.id = r.namespace_id
            WHERE u.name = $4 AND u.id >= $5 AND (u.id, i.inventory_id, s.artifact_id) > ($5, $6, $7) AND",
            "ORDER BY u.id, i.inventory_id, s.artifact_id LIMIT $8"
        ));
        self.affected_page(visible.bind(statement).bind(name), after, limit).await
    }

    /// The images with a vulnerability; one may come several times, once for each package.
    pub async fn visible_with_vulnerability(
        &self,
        visible: &Visible,
        id: &str,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        let statement = sql(visible!(
            "SELECT f.unit_id, i.inventory_id, s.artifact_id, n.name, a.digest, r.name, u.purl,
                u.version
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
        self.affected_page(visible.bind(statement).bind(id), after, limit).await
    }

    async fn affected_page(
        &self,
        statement: Statement,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        let (unit, inventory, artifact) =
            after.map_or((0, 0, 0), |(a, b, c)| (a.number(), b.number(), c.number()));
        let statement = statement.bind(unit).bind(inventory).bind(artifact).bind(i64::from(limit));
        self.database.read().await?.all(statement, affected).await
    }

    /// The versions of a package, and how many images have each.
    pub async fn visible_versions(
        &self,
        visible: &Visible,
        name: &str,
        limit: u32,
    ) -> Result<Vec<PackageVersion>, Error> {
        let statement = if visible.is_everything() { EVERYWHERE } else { VISIBLE };
        let statement = visible.bind(sql(statement));
        let statement = statement.bind(name).bind(i64::from(limit));
        self.database.read().await?.all(statement, version).await
    }
}

fn version(row: &Row) -> Result<PackageVersion, Error> {
    Ok(PackageVersion { kind: row.get(0)?, version: row.get(1)?, artifacts: row.get(2)? })
}
