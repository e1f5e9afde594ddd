//! Namespaces whose images lie in a registry of others: which of them are listed here, and how the last
//! look there went.
//!
//! Such a namespace has manifests and no blobs. A look is taken by one process at a time: whoever takes
//! it moves the time of the next one.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Row, sql};
use crate::registries::{PROBLEM_CHARACTERS_MAX, login};
use crate::{
    Access, Configure, Error, InstanceAccess, NamespaceId, NamespaceName, Noun, OtherRegistryId, Push,
    RegistryLogin, RepositoryName, Scan, Store, quota,
};

/// What an administrator sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSettings {
    /// In which registry.
    pub registry: OtherRegistryId,
    /// Which repositories, as globs of their names there.
    pub repositories: Vec<String>,
    /// Which tags, as globs.
    pub tags: Vec<String>,
    /// How often it is looked what is there.
    pub every_minutes: u64,
}

/// How a look went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// What was wrong.
    pub problem: Option<String>,
    /// How many repositories are listed.
    pub repositories: u64,
    /// How many images stand under their tags.
    pub images: u64,
    /// Whether there were more than are listed.
    pub is_cut: bool,
}

/// Where the images of a namespace lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What was set.
    pub settings: SourceSettings,
    /// What the registry is called here.
    pub registry_name: String,
    /// Its host.
    pub host: String,
    /// When it was last looked, and went well or not.
    pub synced_at: Option<Timestamp>,
    /// When it is looked next.
    pub next_at: Timestamp,
    /// How the last look went.
    pub looked: Looked,
}

/// A look that is due, and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSource {
    /// The namespace.
    pub namespace: NamespaceId,
    /// Its name.
    pub name: NamespaceName,
    /// What was set.
    pub settings: SourceSettings,
    /// How the registry is reached.
    pub login: RegistryLogin,
}

/// An image that lies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// How its registry is reached.
    pub login: RegistryLogin,
    /// Its repository there.
    pub repository: RepositoryName,
}

/// The most globs of a kind.
const GLOBS_MAX: usize = 100;
/// The longest glob.
const GLOB_BYTES_MAX: usize = 255;
/// How often it may be looked at most and at least: each minute, and each day.
const MINUTES: std::ops::RangeInclusive<u64> = 1..=1_440;

impl SourceSettings {
    fn check(&self) -> Result<(), Error> {
        let fit = |globs: &[String]| {
            let each = |it: &String| !it.is_empty() && it.len() <= GLOB_BYTES_MAX;
            !globs.is_empty() && globs.len() <= GLOBS_MAX && globs.iter().all(each)
        };
        if !fit(&self.repositories) || !fit(&self.tags) {
            return Err(Error::Invalid { what: "a source with no repositories or tags, or with too many" });
        }
        if !MINUTES.contains(&self.every_minutes) {
            return Err(Error::Invalid {
                what: "a source that is looked at other than every 1 to 1440 minutes",
            });
        }
        Ok(())
    }
}

fn globs(row: &Row, index: usize) -> Result<Vec<String>, Error> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|_| Error::Corrupt { what: "the globs of a source" })
}

/// Reads registry, repositories, tags, minutes.
fn settings(row: &Row, first: usize) -> Result<SourceSettings, Error> {
    Ok(SourceSettings {
        registry: row.get(first)?,
        repositories: globs(row, first + 1)?,
        tags: globs(row, first + 2)?,
        every_minutes: row.get(first + 3)?,
    })
}

fn source(row: &Row) -> Result<Source, Error> {
    Ok(Source {
        settings: settings(row, 0)?,
        registry_name: row.get(4)?,
        host: row.get(5)?,
        synced_at: row.get(6)?,
        next_at: row.get(7)?,
        looked: Looked {
            problem: row.get(8)?,
            repositories: row.get(9)?,
            images: row.get(10)?,
            is_cut: row.get(11)?,
        },
    })
}

impl Store {
    /// Where the images of a namespace lie, if not here.
    pub async fn source(&self, access: &Access<Configure>) -> Result<Option<Source>, Error> {
        let statement = sql("SELECT s.registry_id, s.repositories, s.tags, s.every_minutes, g.name, g.host,
                s.synced_at, s.next_at, s.problem, s.repositories_seen, s.images_seen, s.is_cut
            FROM namespace_sources AS s JOIN registries AS g ON g.id = s.registry_id
            WHERE s.namespace_id = $1")
        .bind(access.namespace());
        self.database.read().await?.optional(statement, source).await
    }

    /// The host where the images of a namespace lie, if not here; to tell whoever pushes or pulls.
    pub async fn source_host(
        &self,
        _access: &InstanceAccess<Scan>,
        namespace: NamespaceId,
    ) -> Result<Option<String>, Error> {
        let statement = sql("SELECT g.host FROM namespace_sources AS s
            JOIN registries AS g ON g.id = s.registry_id WHERE s.namespace_id = $1");
        self.database.read().await?.optional(statement.bind(namespace), |row| row.get(0)).await
    }

    /// Says where the images of a namespace lie. One that has images of its own keeps them here.
    pub async fn set_source(
        &self,
        _access: &InstanceAccess<Configure>,
        namespace: &NamespaceName,
        settings: &SourceSettings,
        now: Timestamp,
    ) -> Result<(), Error> {
        settings.check()?;
        let namespace_id = self.authoriser().system_in::<Configure>(namespace).await?.namespace();
        let mut transaction = self.database.write().await?;
        quota::lock(&mut transaction, namespace_id).await?;
        let lock = sql("UPDATE registries SET name = name WHERE id = $1").bind(settings.registry);
        if transaction.execute(lock).await? == 0 {
            return Err(Error::unknown(Noun::Registry, settings.registry));
        }
        let own = sql("SELECT 1 FROM repositories AS r WHERE r.namespace_id = $1 AND NOT EXISTS (
            SELECT 1 FROM namespace_sources AS s WHERE s.namespace_id = $1) LIMIT 1");
        if transaction.optional(own.bind(namespace_id), |_| Ok(())).await?.is_some() {
            return Err(Error::InUse { what: Noun::Namespace, name: namespace.to_string() });
        }
        let json = |globs: &[String]| {
            serde_json::to_string(globs).map_err(|_| Error::Invalid { what: "the globs of a source" })
        };
        let put = sql("INSERT INTO namespace_sources
                (namespace_id, registry_id, repositories, tags, every_minutes, next_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (namespace_id) DO UPDATE SET registry_id = excluded.registry_id,
                repositories = excluded.repositories, tags = excluded.tags,
                every_minutes = excluded.every_minutes, next_at = excluded.next_at")
        .bind(namespace_id)
        .bind(settings.registry)
        .bind(json(&settings.repositories)?)
        .bind(json(&settings.tags)?)
        .bind(settings.every_minutes)
        .bind(now);
        transaction.execute(put).await?;
        transaction.commit().await
    }

    /// From now on the images of a namespace lie here; there must be none listed any more.
    pub async fn remove_source(
        &self,
        _access: &InstanceAccess<Configure>,
        namespace: &NamespaceName,
    ) -> Result<(), Error> {
        let namespace_id = self.authoriser().system_in::<Configure>(namespace).await?.namespace();
        let mut transaction = self.database.write().await?;
        quota::lock(&mut transaction, namespace_id).await?;
        let listed = sql("SELECT 1 FROM repositories WHERE namespace_id = $1 LIMIT 1").bind(namespace_id);
        if transaction.optional(listed, |_| Ok(())).await?.is_some() {
            return Err(Error::InUse { what: Noun::Source, name: namespace.to_string() });
        }
        let delete = sql("DELETE FROM namespace_sources WHERE namespace_id = $1").bind(namespace_id);
        if transaction.execute(delete).await? == 0 {
            return Err(Error::unknown(Noun::Source, namespace));
        }
        transaction.commit().await
    }

    /// That it is looked as soon as possible; or, where nothing is listed any more, not again before a time.
    pub async fn look_at_source(&self, access: &Access<Configure>, at: Timestamp) -> Result<(), Error> {
        let statement = sql("UPDATE namespace_sources SET next_at = $2 WHERE namespace_id = $1");
        let mut transaction = self.database.write().await?;
        if transaction.execute(statement.bind(access.namespace()).bind(at)).await? == 0 {
            return Err(Error::unknown(Noun::Source, access.namespace()));
        }
        transaction.commit().await
    }

    /// Takes the look that is due for the longest time; nobody else takes it before `until`.
    pub async fn take_due_source(
        &self,
        _access: &InstanceAccess<Scan>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<DueSource>, Error> {
        let mut transaction = self.database.write().await?;
        let take = sql(if transaction.is_postgres() {
            "UPDATE namespace_sources SET next_at = $1 WHERE namespace_id = (
                SELECT namespace_id FROM namespace_sources WHERE next_at <= $2
                ORDER BY next_at, namespace_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING namespace_id"
        } else {
            "UPDATE namespace_sources SET next_at = $1 WHERE namespace_id = (
                SELECT namespace_id FROM namespace_sources WHERE next_at <= $2
                ORDER BY next_at, namespace_id LIMIT 1) RETURNING namespace_id"
        });
        let taken = transaction.optional(take.bind(until).bind(now), |row| row.get(0)).await?;
        let Some(namespace): Option<NamespaceId> = taken else { return Ok(None) };
        let statement = sql("SELECT s.namespace_id, n.name, s.registry_id, s.repositories, s.tags,
                s.every_minutes, g.name, g.host, g.username, g.insecure, g.password
            FROM namespace_sources AS s JOIN namespaces AS n ON n.id = s.namespace_id
            JOIN registries AS g ON g.id = s.registry_id WHERE s.namespace_id = $1");
        let read = |row: &Row| {
            Ok(DueSource {
                namespace: row.get(0)?,
                name: row.get(1)?,
                settings: settings(row, 2)?,
                login: login(row, 6)?,
            })
        };
        let due = transaction.one(statement.bind(namespace), read).await?;
        transaction.commit().await?;
        Ok(Some(due))
    }

    /// Notes how a look went, and when the next one is due. Where it was asked for meanwhile, that holds.
    pub async fn note_look(
        &self,
        _access: &InstanceAccess<Scan>,
        namespace: NamespaceId,
        looked: &Looked,
        (taken_until, next_at): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<(), Error> {
        let problem: Option<String> =
            looked.problem.as_ref().map(|it| it.chars().take(PROBLEM_CHARACTERS_MAX).collect());
        let statement = sql("UPDATE namespace_sources SET synced_at = $2, problem = $3,
                repositories_seen = $4, images_seen = $5, is_cut = $6,
                next_at = CASE WHEN next_at = $7 THEN $8 ELSE next_at END WHERE namespace_id = $1")
        .bind(namespace)
        .bind(now)
        .bind(problem.as_deref())
        .bind(looked.repositories)
        .bind(looked.images)
        .bind(looked.is_cut)
        .bind(taken_until)
        .bind(next_at);
        let mut transaction = self.database.write().await?;
        transaction.execute(statement).await?;
        transaction.commit().await
    }

    /// Notes that nothing could be seen, and why; what is listed stays.
    pub async fn note_failed_look(
        &self,
        _access: &InstanceAccess<Scan>,
        namespace: NamespaceId,
        problem: &str,
        (taken_until, next_at): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<(), Error> {
        let problem: String = problem.chars().take(PROBLEM_CHARACTERS_MAX).collect();
        let statement = sql("UPDATE namespace_sources SET synced_at = $2, problem = $3,
                next_at = CASE WHEN next_at = $4 THEN $5 ELSE next_at END WHERE namespace_id = $1")
        .bind(namespace)
        .bind(now)
        .bind(problem)
        .bind(taken_until)
        .bind(next_at);
        let mut transaction = self.database.write().await?;
        transaction.execute(statement).await?;
        transaction.commit().await
    }

    /// Where an image lies that is in no repository of this instance's own.
    pub async fn elsewhere(
        &self,
        _access: &InstanceAccess<Scan>,
        digest: &Digest,
    ) -> Result<Option<Elsewhere>, Error> {
        let statement = sql("SELECT r.name, g.name, g.host, g.username, g.insecure, g.password
            FROM artifacts AS a JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespace_sources AS s ON s.namespace_id = r.namespace_id
            JOIN registries AS g ON g.id = s.registry_id
            WHERE a.digest = $1 ORDER BY a.id LIMIT 1");
        let read = |row: &Row| Ok(Elsewhere { repository: row.get(0)?, login: login(row, 1)? });
        self.database.read().await?.optional(statement.bind(digest), read).await
    }

    /// Whether an artifact is listed in a repository, by its digest.
    pub async fn is_listed(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<bool, Error> {
        let statement = sql("SELECT 1 FROM artifacts AS a JOIN repositories AS r ON r.id = a.repository_id
            WHERE r.namespace_id = $1 AND r.name = $2 AND a.digest = $3")
        .bind(access.namespace())
        .bind(repository)
        .bind(digest);
        Ok(self.database.read().await?.optional(statement, |_| Ok(())).await?.is_some())
    }

    /// The artifacts of a repository that no tag points at, no index names and that speak of nothing: of
    /// images that lie elsewhere those that nobody is told of there any more.
    pub async fn unnamed(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        limit: u32,
    ) -> Result<Vec<Digest>, Error> {
        let statement = sql("SELECT a.digest FROM artifacts AS a
            JOIN repositories AS r ON r.id = a.repository_id
            WHERE r.namespace_id = $1 AND r.name = $2 AND a.has_tag = 0 AND a.is_referrer = 0
                AND NOT EXISTS (SELECT 1 FROM artifact_children AS c
                    JOIN artifacts AS p ON p.id = c.parent_id
                    WHERE c.digest = a.digest AND p.repository_id = a.repository_id)
            ORDER BY a.id LIMIT $3")
        .bind(access.namespace())
        .bind(repository)
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, |row| row.get(0)).await
    }
}
