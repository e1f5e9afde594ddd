//! Pages of lists of artifacts: which artifacts are on them, found without reading much more.
//!
//! A list is walked along an index in its own order. Where a filter may leave little of it, a glance at
//! its first few hundred entries shows whether it does; if so it is read through, by an index that has
//! all columns a filter asks for. So no filter and no order costs more than reading that index once.
//! Gives numbers only; what else is in a row is looked up for the page alone.

use plimsoll_core::Timestamp;

use crate::database::{Session, Statement, composed};
use crate::visible::{containing_pattern, glob_pattern, visible};
use crate::{Answer, ArtifactId, Error, RepositoryName, Visible, rank};

/// The order of a list of artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactOrder {
    /// The newest first.
    Pushed,
    /// The oldest first.
    OldestPushed,
    /// The last pulled first.
    Pulled,
    /// The worst first.
    Severity,
}

/// Which artifacts are wanted; of what is not said, all.
#[derive(Clone, Debug, Default)]
pub struct ArtifactFilter<'a> {
    /// In this repository.
    pub repository: Option<&'a RepositoryName>,
    /// Whose repository's name has this in it, or whose digest begins with it.
    pub containing: Option<&'a str>,
    /// With a tag that fits this glob.
    pub tags: Option<&'a str>,
    /// With a tag, or without any.
    pub is_tagged: Option<bool>,
    /// In this state, by its word.
    pub state: Option<&'a str>,
    /// With this verdict.
    pub verdict: Option<Answer>,
    /// With a finding of this severity or a worse one: 4 for critical to 1 for low.
    pub severity_at_least: Option<u8>,
    /// With a finding that has a fix.
    pub is_fixable: Option<bool>,
    /// Of which something could not be read when they were last scanned, or nothing.
    pub is_incomplete: Option<bool>,
    /// Whose distribution's support has ended at this time, or has not.
    pub is_unsupported: Option<(bool, Timestamp)>,
    /// Scanned before this time, or never.
    pub scanned_before: Option<Timestamp>,
    /// Pulled since this time.
    pub pulled_since: Option<Timestamp>,
    /// Without what speaks of others: signatures, attestations, bills of materials.
    pub without_referrers: bool,
    /// Without indexes, whose images are in the list as well.
    pub without_indexes: bool,
}

/// Which part of a list of artifacts.
#[derive(Clone, Copy, Debug)]
pub struct ArtifactPage {
    /// The order.
    pub order: ArtifactOrder,
    /// Behind the entry with this sort key and this number.
    pub after: Option<(i64, i64)>,
    /// How many.
    pub limit: u32,
}

/// In one repository; that the namespace may be read, the caller has shown.
macro_rules! in_repository {
    () => {
        "$1 = $1 AND $2 = $2 AND $3 = $3 AND a.repository_id = (
            SELECT o.id FROM repositories AS o WHERE o.namespace_id = $4 AND o.name = $5)"
    };
}

/// In one namespace, the same.
macro_rules! in_namespace {
    () => {
        "$1 = $1 AND $2 = $2 AND $3 = $3 AND a.namespace_id = $4 AND CAST($5 AS TEXT) IS NULL"
    };
}

/// Wherever it is visible, where that is much: along an index, past what is not. The `+` keeps the planner
/// from going namespace by namespace, and then sorting.
macro_rules! walked {
    () => {
        visible!(
            "$4 = 0 AND CAST($5 AS TEXT) IS NULL AND a.namespace_id + 0 IN (
                SELECT n.id FROM namespaces AS n WHERE",
            ")"
        )
    };
}

/// Wherever it is visible, where that is little: all of it, sorted.
macro_rules! visible_ones {
    () => {
        visible!(
            "$4 = 0 AND CAST($5 AS TEXT) IS NULL AND a.namespace_id IN (
                SELECT n.id FROM namespaces AS n WHERE",
            ")"
        )
    };
}

/// Everywhere, for who may read everything.
macro_rules! everywhere {
    () => {
        "$1 = $1 AND $2 = $2 AND $3 = $3 AND $4 = 0 AND CAST($5 AS TEXT) IS NULL"
    };
}

/// What a filter asks for; see [`bound`] for the parameters. It speaks of one table alone, and of columns
/// that are in one index of it; what it needs of other tables is asked once, and only where it is set.
const FILTERS: &str = "
    AND (CAST($6 AS TEXT) IS NULL
        OR a.repository_id IN (SELECT p.id FROM repositories AS p WHERE p.name LIKE $6 ESCAPE '!')
        OR a.id IN (SELECT d.id FROM artifacts AS d WHERE d.digest >= $7 AND d.digest < $8))
    AND ($10 = -1 OR a.has_tag = $10)
    AND (CAST($11 AS TEXT) IS NULL OR a.state = $11)
    AND (CAST($12 AS TEXT) IS NULL OR a.verdict = $12)
    AND ($14 = -1 OR a.has_fix = $14)
    AND ($15 = 0 OR a.scanned_at IS NULL OR a.scanned_at < $15)
    AND ($16 = 0 OR a.pulled_at >= $16)
    AND ($17 = 0 OR a.is_referrer = 0)
    AND ($18 = 0 OR a.is_index = 0)
    AND ($19 = -1 OR $19 = CASE WHEN a.id IN (
        SELECT x.artifact_id FROM results AS x WHERE x.incomplete = 1) THEN 1 ELSE 0 END)
    AND ($20 = -1 OR $20 = CASE WHEN a.id IN (
        SELECT x.artifact_id FROM results AS x WHERE x.support_ends <= $21) THEN 1 ELSE 0 END)";

/// With a tag that fits a pattern, or any.
const TAGGED: &str = "(CAST($9 AS TEXT) IS NULL OR EXISTS (
    SELECT 1 FROM tags AS t WHERE t.artifact_id = a.id AND t.name LIKE $9 ESCAPE '!'))";

/// One of some thousand at most; the parameter is a list of their numbers.
const NUMBERED_SQLITE: &str = "a.id IN (SELECT j.value FROM json_each($9) AS j)";
const NUMBERED_POSTGRES: &str =
    "a.id IN (SELECT CAST(j.value AS BIGINT) FROM json_array_elements_text(CAST($9 AS JSON)) AS j(value))";

/// So many are sorted sooner than others are walked past.
const MANY: i64 = 2_000;

/// Binds the parameters behind what is visible, but for the last entry and the limit.
fn bound(statement: Statement, namespace: i64, filter: &ArtifactFilter<'_>, tags: Option<&str>) -> Statement {
    let flag = |flag: Option<bool>| flag.map_or(-1, i64::from);
    let containing = filter.containing.map(str::to_lowercase);
    let digests = containing.as_deref().and_then(digests_that_begin_with).unwrap_or_default();
    statement
        .bind(namespace)
        .bind(filter.repository.map(RepositoryName::as_str))
        .bind(containing.as_deref().map(containing_pattern).as_deref())
        .bind(digests.0)
        .bind(digests.1)
        .bind(tags)
        .bind(flag(filter.is_tagged))
        .bind(filter.state)
        .bind(filter.verdict.map(Answer::name))
        .bind(rank::at_least(filter.severity_at_least))
        .bind(flag(filter.is_fixable))
        .bind(filter.scanned_before.map_or(0, |it| it.0))
        .bind(filter.pulled_since.map_or(0, |it| it.0))
        .bind(filter.without_referrers)
        .bind(filter.without_indexes)
        .bind(flag(filter.is_incomplete))
        .bind(flag(filter.is_unsupported.map(|it| it.0)))
        .bind(filter.is_unsupported.map_or(0, |it| it.1.0))
}

/// The digests from the first of these to before the second begin with a text, with `sha256:` or
/// without it; none where no digest can begin so.
fn digests_that_begin_with(text: &str) -> Option<(String, String)> {
    let hexadecimal = text.strip_prefix("sha256:").unwrap_or(text);
    let fits =
        !hexadecimal.is_empty() && hexadecimal.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    fits.then(|| (format!("sha256:{hexadecimal}"), format!("sha256:{hexadecimal}g")))
}

/// Where a list is read, which decides by which index.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Repository,
    Namespace,
    Visible,
    Walked,
    Everywhere,
}

impl Scope {
    fn condition(self) -> &'static str {
        match self {
            Scope::Repository => in_repository!(),
            Scope::Namespace => in_namespace!(),
            Scope::Visible => visible_ones!(),
            Scope::Walked => walked!(),
            Scope::Everywhere => everywhere!(),
        }
    }
}

/// An order as statements say it: `$22` and `$23` are the last entry before the page.
struct Ordered {
    behind: &'static str,
    order: &'static str,
    /// What stands before every entry.
    beginning: (i64, i64),
}

const LAST: (i64, i64) = (i64::MAX, i64::MAX);

/// Along an index that has this order. The `+ 0` keeps the planner from an index by rank where that is a
/// filter only.
fn along(order: ArtifactOrder) -> Ordered {
    let (behind, order, beginning) = match order {
        ArtifactOrder::Pushed => ("a.rank + 0 >= $13 AND $22 = $22 AND a.id < $23", "a.id DESC", LAST),
        ArtifactOrder::OldestPushed => ("a.rank + 0 >= $13 AND $22 = $22 AND a.id > $23", "a.id", (0, 0)),
        ArtifactOrder::Pulled => (
            "a.rank + 0 >= $13 AND COALESCE(a.pulled_at, -1) <= $22
                AND (COALESCE(a.pulled_at, -1) < $22 OR a.id < $23)",
            "COALESCE(a.pulled_at, -1) DESC, a.id DESC",
            LAST,
        ),
        ArtifactOrder::Severity => {
            let behind = "a.rank >= $13 AND a.rank <= $22 AND (a.rank < $22 OR a.id < $23)";
            (behind, "a.rank DESC, a.id DESC", LAST)
        }
    };
    Ordered { behind, order, beginning }
}

/// The same for what is read through and then sorted: no index has these expressions.
fn sorted(order: ArtifactOrder) -> Ordered {
    let (behind, order, beginning) = match order {
        ArtifactOrder::Pushed => {
            ("a.rank + 0 >= $13 AND $22 = $22 AND a.id + 0 < $23", "a.id + 0 DESC", LAST)
        }
        ArtifactOrder::OldestPushed => {
            ("a.rank + 0 >= $13 AND $22 = $22 AND a.id + 0 > $23", "a.id + 0", (0, 0))
        }
        ArtifactOrder::Pulled => (
            "a.rank + 0 >= $13 AND COALESCE(a.pulled_at + 0, -1) <= $22
                AND (COALESCE(a.pulled_at + 0, -1) < $22 OR a.id + 0 < $23)",
            "COALESCE(a.pulled_at + 0, -1) DESC, a.id + 0 DESC",
            LAST,
        ),
        ArtifactOrder::Severity => (
            "a.rank + 0 >= $13 AND a.rank + 0 <= $22 AND (a.rank + 0 < $22 OR a.id + 0 < $23)",
            "a.rank + 0 DESC, a.id + 0 DESC",
            LAST,
        ),
    };
    Ordered { behind, order, beginning }
}

/// Whether a filter may leave so little that a walk along an index finds a page only at its end.
fn leaves_little(filter: &ArtifactFilter<'_>, order: ArtifactOrder) -> bool {
    // Tags that are few are found first, and those that are many leave much.
    filter.containing.is_some()
        || filter.is_tagged.is_some()
        || filter.state.is_some()
        || filter.verdict.is_some()
        || filter.is_fixable.is_some()
        || filter.is_incomplete.is_some()
        || filter.is_unsupported.is_some()
        || filter.scanned_before.is_some()
        || (filter.severity_at_least.is_some() && order != ArtifactOrder::Severity)
        || (filter.pulled_since.is_some() && order != ArtifactOrder::Pulled)
}

/// The artifacts of a page, in its order.
pub(crate) async fn find(
    session: &mut Session,
    visible: &Visible,
    namespace: i64,
    filter: &ArtifactFilter<'_>,
    page: ArtifactPage,
) -> Result<Vec<ArtifactId>, Error> {
    let scope = match (namespace, filter.repository) {
        (0, _) if visible.is_everything() => Scope::Everywhere,
        (0, _) if sees_much(session, visible).await? => Scope::Walked,
        (0, _) => Scope::Visible,
        (_, None) => Scope::Namespace,
        (_, Some(_)) => Scope::Repository,
    };
    let few = match filter.tags {
        Some(glob) => tagged(session, namespace, glob).await?,
        None => None,
    };
    let is_by_number = matches!(page.order, ArtifactOrder::Pushed | ArtifactOrder::OldestPushed);
    // The index that has all columns begins with the namespace, and then has the numbers.
    let is_within = matches!(scope, Scope::Namespace | Scope::Repository);
    let pattern = filter.tags.map(glob_pattern);
    let (tagged, tags) = match (&few, session.is_postgres()) {
        (None, _) => (TAGGED, pattern.as_deref()),
        (Some(few), true) => (NUMBERED_POSTGRES, Some(few.as_str())),
        (Some(few), false) => (NUMBERED_SQLITE, Some(few.as_str())),
    };
    let (along, sorted) = (along(page.order), sorted(page.order));
    let ways = if few.is_some() {
        vec![read(scope, tagged, &sorted)]
    } else if (is_within && is_by_number) || !leaves_little(filter, page.order) {
        vec![read(scope, tagged, &along)]
    } else {
        vec![glanced(scope, tagged, &along), read(scope, tagged, &sorted)]
    };
    let after = page.after.unwrap_or(along.beginning);
    let mut found = Vec::new();
    for way in ways {
        let statement = bound(visible.bind(way), namespace, filter, tags)
            .bind(after.0)
            .bind(after.1)
            .bind(i64::from(page.limit));
        found = session.all(statement, |row| row.get(0)).await?;
        if found.len() as u64 >= u64::from(page.limit) {
            break;
        }
    }
    Ok(found)
}

/// All that fits, in an order.
fn read(scope: Scope, tagged: &'static str, ordered: &Ordered) -> Statement {
    composed(&[
        "SELECT a.id FROM artifacts AS a WHERE ",
        scope.condition(),
        " AND ",
        ordered.behind,
        " AND ",
        tagged,
        FILTERS,
        " ORDER BY ",
        ordered.order,
        " LIMIT $24",
    ])
}

/// What fits of the first few hundred: a whole page, where much fits.
fn glanced(scope: Scope, tagged: &'static str, ordered: &Ordered) -> Statement {
    composed(&[
        "SELECT a.id FROM (SELECT a.* FROM artifacts AS a WHERE ",
        scope.condition(),
        " AND ",
        ordered.behind,
        " ORDER BY ",
        ordered.order,
        " LIMIT 500) AS a WHERE ",
        tagged,
        FILTERS,
        " ORDER BY ",
        ordered.order,
        " LIMIT $24",
    ])
}

/// Visible artifacts whose digests begin with a text, in the order of these.
pub(crate) async fn by_digest(
    session: &mut Session,
    visible: &Visible,
    beginning: &str,
    limit: u32,
) -> Result<Vec<ArtifactId>, Error> {
    let Some((first, last)) = digests_that_begin_with(beginning) else { return Ok(Vec::new()) };
    let statement = composed(&[
        "SELECT a.id FROM artifacts AS a WHERE ",
        if visible.is_everything() { everywhere!() } else { walked!() },
        " AND a.digest >= $6 AND a.digest < $7 ORDER BY a.digest, a.id LIMIT $8",
    ]);
    let statement = visible.bind(statement).bind(0_i64).bind(None::<&str>).bind(first).bind(last);
    session.all(statement.bind(i64::from(limit)), |row| row.get(0)).await
}

/// Whether so many artifacts are visible that sorting them all takes longer than walking past the
/// others.
async fn sees_much(session: &mut Session, visible: &Visible) -> Result<bool, Error> {
    let statement = visible.bind(composed(&[visible!(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM artifacts AS a WHERE a.namespace_id IN (
            SELECT n.id FROM namespaces AS n WHERE",
        ") LIMIT $4) AS counted"
    )]));
    let count: i64 = session.one(statement.bind(MANY), |row| row.get(0)).await?;
    Ok(count >= MANY)
}

/// The artifacts with a tag that fits a glob, as a list; none where these are many, so that a walk soon
/// comes to one.
async fn tagged(session: &mut Session, namespace: i64, glob: &str) -> Result<Option<String>, Error> {
    let beginning = glob.split(['*', '?']).next().unwrap_or_default();
    let statement = composed(&["SELECT t.artifact_id FROM tags AS t
        WHERE t.name >= $1 AND t.name <= $2 AND t.name LIKE $3 ESCAPE '!'
            AND ($4 = 0 OR t.repository_id IN (SELECT r.id FROM repositories AS r WHERE r.namespace_id = $4))
        LIMIT $5"])
    .bind(beginning)
    // Behind every character of a tag.
    .bind(format!("{beginning}~"))
    .bind(glob_pattern(glob))
    .bind(namespace)
    .bind(MANY);
    let found: Vec<i64> = session.all(statement, |row| row.get(0)).await?;
    let is_many = i64::try_from(found.len()).is_ok_and(|it| it >= MANY);
    Ok((!is_many).then(|| serde_json::Value::from(found).to_string()))
}
