//! Where something is: the images that have a package, in which versions, and those that have a
//! vulnerability.
//!
//! Always within namespaces that one may read. Pages go along the index, so that a page costs the
//! same whatever is behind it.

use crate::database::{Row, sql};
use crate::{Access, ArtifactId, Error, InstanceAccess, InventoryId, NamespaceId, Read, Store, UnitId};

/// An image that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedArtifact {
    /// The unit by which; with the two below it is the place behind which the next page begins.
    pub unit: UnitId,
    /// The inventory that has the unit.
    pub inventory: InventoryId,
    /// The image.
    pub artifact: ArtifactId,
    /// Its namespace.
    pub namespace: NamespaceId,
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
type After = (UnitId, InventoryId, ArtifactId);

pub(crate) fn affected(row: &Row) -> Result<AffectedArtifact, Error> {
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
    pub fn place(&self) -> (UnitId, InventoryId, ArtifactId) {
        (self.unit, self.inventory, self.artifact)
    }
}

impl Store {
    /// The images everywhere that have a package of this name.
    pub async fn artifacts_with_package(
        &self,
        _access: &InstanceAccess<Read>,
        name: &str,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        self.with_package(name, None, after, limit).await
    }

    /// The images of one namespace that have a package of this name.
    pub async fn artifacts_with_package_in(
        &self,
        access: &Access<Read>,
        name: &str,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        self.with_package(name, Some(access.namespace()), after, limit).await
    }

    /// The images everywhere that have a vulnerability; one may come several times, once for each
    /// package.
    pub async fn artifacts_with_vulnerability(
        &self,
        _access: &InstanceAccess<Read>,
        id: &str,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        self.with_vulnerability(id, None, after, limit).await
    }

    /// The images of one namespace that have a vulnerability.
    pub async fn artifacts_with_vulnerability_in(
        &self,
        access: &Access<Read>,
        id: &str,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        self.with_vulnerability(id, Some(access.namespace()), after, limit).await
    }

    /// The versions of a package that images everywhere have.
    pub async fn versions_of(
        &self,
        _access: &InstanceAccess<Read>,
        name: &str,
        limit: u32,
    ) -> Result<Vec<PackageVersion>, Error> {
        let statement = sql("SELECT u.kind, u.version, COUNT(DISTINCT s.artifact_id)
            FROM units AS u JOIN inventory_units AS n ON n.unit_id = u.id
            JOIN results AS s ON s.inventory_id = n.inventory_id
            WHERE u.name = $1 GROUP BY u.kind, u.version ORDER BY u.kind, u.version LIMIT $2")
        .bind(name)
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, version).await
    }

    /// The same of one namespace.
    pub async fn versions_of_in(
        &self,
        access: &Access<Read>,
        name: &str,
        limit: u32,
    ) -> Result<Vec<PackageVersion>, Error> {
        let statement = sql("SELECT u.kind, u.version, COUNT(DISTINCT s.artifact_id)
            FROM units AS u JOIN inventory_units AS n ON n.unit_id = u.id
            JOIN results AS s ON s.inventory_id = n.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            WHERE u.name = $1 AND r.namespace_id = $2
            GROUP BY u.kind, u.version ORDER BY u.kind, u.version LIMIT $3")
        .bind(name)
        .bind(access.namespace())
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, version).await
    }

    async fn with_package(
        &self,
        name: &str,
        namespace: Option<NamespaceId>,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        let statement = sql("SELECT u.id, n.inventory_id, s.artifact_id, r.namespace_id, a.digest, r.name,
                u.purl, u.version
            FROM units AS u JOIN inventory_units AS n ON n.unit_id = u.id
            JOIN results AS s ON s.inventory_id = n.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            WHERE u.name = $1 AND ($2 = 0 OR r.namespace_id = $2) AND u.id >= $3
                AND (u.id, n.inventory_id, s.artifact_id) > ($3, $4, $5)
            ORDER BY u.id, n.inventory_id, s.artifact_id LIMIT $6");
        self.page(statement.bind(name), namespace, after, limit).await
    }

    async fn with_vulnerability(
        &self,
        id: &str,
        namespace: Option<NamespaceId>,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        let statement = sql("SELECT f.unit_id, n.inventory_id, s.artifact_id, r.namespace_id, a.digest,
                r.name, u.purl, u.version
            FROM unit_findings AS f JOIN units AS u ON u.id = f.unit_id
            JOIN inventory_units AS n ON n.unit_id = f.unit_id
            JOIN results AS s ON s.inventory_id = n.inventory_id
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            WHERE f.vulnerability = $1 AND ($2 = 0 OR r.namespace_id = $2) AND f.unit_id >= $3
                AND (f.unit_id, n.inventory_id, s.artifact_id) > ($3, $4, $5)
            ORDER BY f.unit_id, n.inventory_id, s.artifact_id LIMIT $6");
        self.page(statement.bind(id), namespace, after, limit).await
    }

    async fn page(
        &self,
        statement: crate::database::Statement,
        namespace: Option<NamespaceId>,
        after: Option<After>,
        limit: u32,
    ) -> Result<Vec<AffectedArtifact>, Error> {
        let (unit, inventory, artifact) =
            after.map_or((0, 0, 0), |(a, b, c)| (a.number(), b.number(), c.number()));
        let statement = statement
            .bind(namespace.map_or(0, NamespaceId::number))
            .bind(unit)
            .bind(inventory)
            .bind(artifact)
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, affected).await
    }
}

pub(crate) fn version(row: &Row) -> Result<PackageVersion, Error> {
    Ok(PackageVersion { kind: row.get(0)?, version: row.get(1)?, artifacts: row.get(2)? })
}
