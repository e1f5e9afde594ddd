//! The audit log: who did what, and which pulls were refused. Lines are added and read, never
//! changed.

use plimsoll_core::Timestamp;

use crate::database::{Row, composed, sql};
use crate::visible::containing_pattern;
use crate::{Access, Actor, Administer, Error, InstanceAccess, NamespaceId, Store};

/// What is to be noted.
#[derive(Clone, Debug)]
pub struct NewAuditEntry<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// What, as a word: `pull`, `namespace.change`.
    pub action: &'a str,
    /// Where.
    pub namespace: Option<NamespaceId>,
    /// To what, by the name it has now.
    pub target: &'a str,
    /// Whether it was allowed.
    pub allowed: bool,
    /// From which network address.
    pub address: Option<&'a str>,
    /// What else is worth knowing.
    pub detail: Option<&'a str>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, for the next page.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// Where.
    pub namespace: Option<NamespaceId>,
    /// To what.
    pub target: String,
    /// Whether it was allowed.
    pub allowed: bool,
    /// From which network address.
    pub address: Option<String>,
    /// What else is worth knowing.
    pub detail: Option<String>,
}

/// Which lines are wanted; of what is not said, all. Texts are looked for within, in either case.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter<'a> {
    /// Of somebody: `user/anna`.
    pub actor: Option<&'a str>,
    /// Of an action.
    pub action: Option<&'a str>,
    /// With this in whom, what, about what, from which address or what else is known; an action may be
    /// named in words, `create robot token`.
    pub containing: Option<&'a str>,
    /// Of what was allowed, or refused.
    pub is_allowed: Option<bool>,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// What strangers send gets into the log, so a line has an end.
const TEXT_CHARACTERS_MAX: usize = 2048;

/// A text as it can be kept: without zero bytes, and not too long. A line is never refused.
pub(crate) fn keepable(text: &str) -> String {
    text.chars().take(TEXT_CHARACTERS_MAX).map(|it| if it == '\0' { '\u{fffd}' } else { it }).collect()
}

fn entry(row: &Row) -> Result<AuditEntry, Error> {
    let namespace: Option<i64> = row.get(4)?;
    Ok(AuditEntry {
        number: row.get(0)?,
        at: row.get(1)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        namespace: namespace.map(NamespaceId::from_number),
        target: row.get(5)?,
        allowed: row.get(6)?,
        address: row.get(7)?,
        detail: row.get(8)?,
    })
}

impl Store {
    /// Adds lines.
    pub async fn audit(&self, entries: &[NewAuditEntry<'_>], now: Timestamp) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        for entry in entries {
            let statement = sql("INSERT INTO audit_log
                    (at, actor, action, namespace_id, target, allowed, address, detail)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(now)
            .bind(entry.actor)
            .bind(keepable(entry.action))
            .bind(entry.namespace.map(NamespaceId::number))
            .bind(keepable(entry.target))
            .bind(entry.allowed)
            .bind(entry.address.map(keepable).as_deref())
            .bind(entry.detail.map(keepable).as_deref());
            transaction.execute(statement).await?;
        }
        transaction.commit().await
    }

    /// What was done, newest first, before a line.
    pub async fn audit_log(
        &self,
        _access: &InstanceAccess<Administer>,
        filter: &AuditFilter<'_>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, Error> {
        self.lines(None, filter, before, limit).await
    }

    /// What was done in a namespace, newest first, before a line.
    pub async fn namespace_audit_log(
        &self,
        access: &Access<Administer>,
        filter: &AuditFilter<'_>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, Error> {
        self.lines(Some(access.namespace()), filter, before, limit).await
    }

    async fn lines(
        &self,
        namespace: Option<NamespaceId>,
        filter: &AuditFilter<'_>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, Error> {
        // Two statements, since each is read along another index.
        let place = if namespace.is_some() { "namespace_id = $1" } else { "$1 = 0" };
        let pattern = |text: Option<&str>| text.map(|it| containing_pattern(&it.to_lowercase()));
        let statement = composed(&[
            "SELECT id, at, actor, action, namespace_id, target, allowed, address, detail
            FROM audit_log WHERE ",
            place,
            " AND id < $2
                AND (CAST($3 AS TEXT) IS NULL OR LOWER(actor) LIKE $3 ESCAPE '!')
                AND (CAST($4 AS TEXT) IS NULL OR LOWER(action) LIKE $4 ESCAPE '!')
                AND (CAST($5 AS TEXT) IS NULL OR LOWER(action) LIKE $6 ESCAPE '!'
                    OR LOWER(actor || ' ' || target || ' ' || COALESCE(address, '') || ' '
                        || COALESCE(detail, '')) LIKE $5 ESCAPE '!')
                AND ($7 = -1 OR allowed = $7)
                AND at >= $8 AND at < $9
            ORDER BY id DESC LIMIT $10",
        ])
        .bind(namespace.map_or(0, NamespaceId::number))
        .bind(before.unwrap_or(i64::MAX))
        .bind(pattern(filter.actor).as_deref())
        .bind(pattern(filter.action).as_deref())
        .bind(pattern(filter.containing).as_deref())
        .bind(pattern(filter.containing.map(|it| it.replace(' ', "")).as_deref()).as_deref())
        .bind(filter.is_allowed.map_or(-1, i64::from))
        .bind(filter.since.map_or(0, |it| it.0))
        .bind(filter.until.map_or(i64::MAX, |it| it.0))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, entry).await
    }
}
