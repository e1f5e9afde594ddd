//! Where artifacts are, by their names: for those who tell others what happened to them.
//!
//! Only reads, and asks nobody whether they may: whoever tells asks who may hear.

use plimsoll_core::Digest;
use serde_json::json;

use crate::database::{Row, over_list, sql};
use crate::units::lists;
use crate::{
    ArtifactId, Error, InstanceAccess, JobId, NamespaceId, NamespaceName, RepositoryName, Scan, Store,
};

/// Where an artifact is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactPlace {
    /// The artifact.
    pub artifact: ArtifactId,
    /// Its namespace.
    pub namespace: NamespaceId,
    /// The namespace's name.
    pub namespace_name: NamespaceName,
    /// The name of its repository.
    pub repository: RepositoryName,
    /// The digest of its manifest.
    pub digest: Digest,
}

fn place(row: &Row) -> Result<ArtifactPlace, Error> {
    Ok(ArtifactPlace {
        artifact: row.get(0)?,
        namespace: row.get(1)?,
        namespace_name: row.get(2)?,
        repository: row.get(3)?,
        digest: row.get(4)?,
    })
}

/// More artifacts than that wait for no scan.
const WAITING_MAX: i64 = 1000;

impl Store {
    /// Where artifacts are; those that are gone are left out.
    pub async fn places(
        &self,
        _access: &InstanceAccess<Scan>,
        artifacts: &[ArtifactId],
    ) -> Result<Vec<ArtifactPlace>, Error> {
        let mut session = self.database.read().await?;
        let mut found = Vec::with_capacity(artifacts.len());
        for list in lists(artifacts, |it| json!([it.number()])) {
            let statement = over_list!(
                session,
                "SELECT a.id, r.namespace_id, n.name, r.name, a.digest FROM",
                "JOIN artifacts AS a ON a.id = CAST(j.value ->> 0 AS BIGINT)
                JOIN repositories AS r ON r.id = a.repository_id
                JOIN namespaces AS n ON n.id = r.namespace_id"
            );
            found.extend(session.all(statement.bind(list), place).await?);
        }
        Ok(found)
    }

    /// Where the artifacts are that wait for what a job finds, or for which it found nothing.
    pub async fn places_of_job(
        &self,
        _access: &InstanceAccess<Scan>,
        job: JobId,
    ) -> Result<Vec<ArtifactPlace>, Error> {
        let statement = sql("SELECT a.id, r.namespace_id, n.name, r.name, a.digest FROM scans AS s
            JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespaces AS n ON n.id = r.namespace_id
            WHERE s.job_id = $1
                AND (s.outcome IS NULL OR s.outcome = 'not_supported') ORDER BY a.id LIMIT $2")
        .bind(job)
        .bind(WAITING_MAX);
        self.database.read().await?.all(statement, place).await
    }

    /// Whether a job has failed for good.
    pub async fn job_failed(&self, _access: &InstanceAccess<Scan>, id: JobId) -> Result<bool, Error> {
        let statement = sql("SELECT 1 FROM jobs WHERE id = $1 AND state = 'failed'").bind(id);
        Ok(self.database.read().await?.optional(statement, |_| Ok(())).await?.is_some())
    }
}
