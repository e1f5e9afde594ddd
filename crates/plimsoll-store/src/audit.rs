//! The audit log: who did what, and which pulls were refused. Lines are added and read, never
//! changed.

use plimsoll_core::Timestamp;

use crate::database::{Row, Statement, composed, sql};
use crate::wanted::Wanted;
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
        mut before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, Error> {
        let texts = Texts::of(filter);
        let batch = if texts.are_patterns_enough() { limit } else { limit.max(BATCH_OF_LINES) };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut session = self.database.read().await?;
        let mut found = Vec::new();
        loop {
            let statement = selected(namespace, filter, &texts).bind(before.unwrap_or(i64::MAX));
            let lines = session.all(statement.bind(i64::from(batch)), entry).await?;
            before = lines.last().map(|it| it.number);
            let is_last = lines.len() < usize::try_from(batch).unwrap_or(usize::MAX);
            found.extend(lines.into_iter().filter(|it| texts.fit(it)));
            if is_last || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }
}

/// So many lines are read at a time where the database alone cannot say which are wanted.
const BATCH_OF_LINES: u32 = 1_000;

/// The texts of a filter.
struct Texts {
    actor: Option<Wanted>,
    action: Option<Wanted>,
    anywhere: Option<Wanted>,
    /// The same as the name of an action, which has no spaces.
    as_action: Option<Wanted>,
}

impl Texts {
    fn of(filter: &AuditFilter<'_>) -> Texts {
        Texts {
            actor: filter.actor.map(Wanted::new),
            action: filter.action.map(Wanted::new),
            anywhere: filter.containing.map(Wanted::new),
            as_action: filter.containing.map(|it| Wanted::new(&it.replace(' ', ""))),
        }
    }

    fn are_patterns_enough(&self) -> bool {
        let mut all = [&self.actor, &self.action, &self.anywhere].into_iter().flatten();
        all.all(Wanted::is_pattern_enough)
    }

    /// What the statement of [`selected`] asks, with the case of every letter.
    fn fit(&self, entry: &AuditEntry) -> bool {
        let is_in = |wanted: &Option<Wanted>, text: &str| wanted.as_ref().is_none_or(|it| it.is_in(text));
        let AuditEntry { actor, action, target, address, detail, .. } = entry;
        let (address, detail) =
            (address.as_deref().unwrap_or_default(), detail.as_deref().unwrap_or_default());
        is_in(&self.actor, actor)
            && is_in(&self.action, action)
            && (is_in(&self.as_action, action)
                || is_in(&self.anywhere, &format!("{actor} {target} {address} {detail}")))
    }
}

/// The statement that reads lines; its last two parameters are before which, and how many.
fn selected(namespace: Option<NamespaceId>, filter: &AuditFilter<'_>, texts: &Texts) -> Statement {
    // Two statements, since each is read along another index.
    let place = if namespace.is_some() { "namespace_id = $1" } else { "$1 = 0" };
    let pattern = |wanted: &Option<Wanted>| wanted.as_ref().map(|it| it.pattern().to_owned());
    composed(&[
        "SELECT id, at, actor, action, namespace_id, target, allowed, address, detail
        FROM audit_log WHERE ",
        place,
        " AND (CAST($2 AS TEXT) IS NULL OR LOWER(actor) LIKE $2 ESCAPE '!')
            AND (CAST($3 AS TEXT) IS NULL OR LOWER(action) LIKE $3 ESCAPE '!')
            AND (CAST($4 AS TEXT) IS NULL OR LOWER(action) LIKE $5 ESCAPE '!'
                OR LOWER(actor || ' ' || target || ' ' || COALESCE(address, '') || ' '
                    || COALESCE(detail, '')) LIKE $4 ESCAPE '!')
            AND ($6 = -1 OR allowed = $6)
            AND at >= $7 AND at < $8
            AND id < $9
        ORDER BY id DESC LIMIT $10",
    ])
    .bind(namespace.map_or(0, NamespaceId::number))
    .bind(pattern(&texts.actor).as_deref())
    .bind(pattern(&texts.action).as_deref())
    .bind(pattern(&texts.anywhere).as_deref())
    .bind(pattern(&texts.as_action).as_deref())
    .bind(filter.is_allowed.map_or(-1, i64::from))
    .bind(filter.since.map_or(0, |it| it.0))
    .bind(filter.until.map_or(i64::MAX, |it| it.0))
}
