//! What new databases found in images that were there before: the vulnerabilities, and how many images
//! each is in.
//!
//! Only reads, and only so much: an overview names a few, whatever happened. What is named is chosen among
//! what whoever asks may read, so that nobody's is hidden behind the worse ones of others.

use std::collections::{BTreeSet, HashMap};

use plimsoll_core::{Severity, Timestamp};
use serde_json::json;

use crate::database::{Row, Session, over_list, sql};
use crate::units::{lists, unpack};
use crate::visible::visible;
use crate::{Access, Error, Read, Store, UnitId, Visible};

/// A vulnerability that a new database found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewlyAffected {
    /// The vulnerability.
    pub vulnerability: String,
    /// How severe it is.
    pub severity: Option<Severity>,
    /// Whether something can be done.
    pub fixable: bool,
    /// When it was found the last time.
    pub at: Timestamp,
    /// In how many images it is; at most [`NEWLY_COUNTED_MAX`].
    pub artifacts: u64,
    /// In how many namespaces these are.
    pub namespaces: u64,
    /// Whether there are more images than these: the others were not counted.
    pub is_more: bool,
}

/// What new databases found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewlyFound {
    /// The worst first.
    pub found: Vec<NewlyAffected>,
    /// Whether there is more, or could be: not everything was looked at.
    pub is_cut: bool,
}

/// Of more images it is said that there are so many.
pub const NEWLY_COUNTED_MAX: u64 = 1000;

/// So many events are looked at for who may read everything, the last ones first.
const EVENTS_MAX: i64 = 20_000;
/// The packages of so many inventories are looked at for anybody else.
const INVENTORIES_MAX: usize = 20_000;
/// So many vulnerabilities are looked at, the worst first: some have gone since.
const CANDIDATES_MAX: usize = 100;

impl Store {
    /// What was found in a namespace since a time, the worst first.
    pub async fn newly_affected(
        &self,
        access: &Access<Read>,
        since: Timestamp,
        limit: usize,
    ) -> Result<NewlyFound, Error> {
        self.newly(&Visible::everything(), access.namespace().number(), since, limit).await
    }

    /// The same of all namespaces that somebody may read.
    pub async fn visible_newly_affected(
        &self,
        visible: &Visible,
        since: Timestamp,
        limit: usize,
    ) -> Result<NewlyFound, Error> {
        self.newly(visible, 0, since, limit).await
    }

    async fn newly(
        &self,
        visible: &Visible,
        namespace: i64,
        since: Timestamp,
        limit: usize,
    ) -> Result<NewlyFound, Error> {
        let mut session = self.database.read().await?;
        let (mut candidates, mut is_cut) = if visible.is_everything() && namespace == 0 {
            everywhere(&mut session, since).await?
        } else {
            let (units, is_cut) = units(&mut session, visible, namespace).await?;
            (of_units(&mut session, &units, since).await?, is_cut)
        };
        candidates.sort_by(|one, other| {
            let key = |it: &NewlyAffected| (it.severity, it.at);
            key(other).cmp(&key(one)).then_with(|| one.vulnerability.cmp(&other.vulnerability))
        });
        let mut found = Vec::new();
        for (place, it) in candidates.into_iter().enumerate() {
            if found.len() >= limit || place >= CANDIDATES_MAX {
                is_cut = true;
                break;
            }
            let counted = counted(&mut session, visible, namespace, it).await?;
            found.extend(Some(counted).filter(|it| it.artifacts > 0));
        }
        Ok(NewlyFound { found, is_cut })
    }
}

/// What was found anywhere.
async fn everywhere(session: &mut Session, since: Timestamp) -> Result<(Vec<NewlyAffected>, bool), Error> {
    let statement = sql("SELECT l.vulnerability, MAX(l.severity_after), MAX(l.fixable), MAX(l.at), COUNT(*)
        FROM (SELECT e.vulnerability, e.severity_after, e.fixable, e.at FROM events AS e
            WHERE e.at >= $1 AND e.kind = 'appeared' ORDER BY e.at DESC, e.id DESC LIMIT $2) AS l
        GROUP BY l.vulnerability")
    .bind(since)
    .bind(EVENTS_MAX);
    let read = |row: &Row| Ok((candidate(row)?, row.get::<i64>(4)?));
    let found = session.all(statement, read).await?;
    let is_cut = found.iter().map(|it| it.1).sum::<i64>() >= EVENTS_MAX;
    Ok((found.into_iter().map(|it| it.0).collect(), is_cut))
}

/// The packages of all images that may be read, and whether there are more.
async fn units(
    session: &mut Session,
    visible: &Visible,
    namespace: i64,
) -> Result<(BTreeSet<UnitId>, bool), Error> {
    // An inventory names its packages itself: the index goes the other way.
    let statement = visible.bind(sql(visible!(
        "SELECT i.units FROM inventories AS i WHERE i.id IN (SELECT x.inventory_id FROM artifacts AS a
            JOIN results AS x ON x.artifact_id = a.id
            WHERE ($4 = 0 OR a.namespace_id = $4)
                AND a.namespace_id IN (SELECT n.id FROM namespaces AS n WHERE",
        ")) ORDER BY i.id DESC LIMIT $5"
    )));
    let limit = i64::try_from(INVENTORIES_MAX).unwrap_or(i64::MAX);
    let packed: Vec<Vec<u8>> = session.all(statement.bind(namespace).bind(limit), |row| row.get(0)).await?;
    let mut units = BTreeSet::new();
    for packed in &packed {
        units.extend(unpack(packed)?);
    }
    Ok((units, packed.len() >= INVENTORIES_MAX))
}

/// What was found in packages.
async fn of_units(
    session: &mut Session,
    units: &BTreeSet<UnitId>,
    since: Timestamp,
) -> Result<Vec<NewlyAffected>, Error> {
    let units: Vec<UnitId> = units.iter().copied().collect();
    let mut found: HashMap<String, NewlyAffected> = HashMap::new();
    for list in lists(&units, |id| json!([id.number()])) {
        let statement = over_list!(
            session,
            "SELECT e.vulnerability, MAX(e.severity_after), MAX(e.fixable), MAX(e.at) FROM",
            "JOIN events AS e ON e.unit_id = CAST(j.value ->> 0 AS BIGINT)
            WHERE e.at >= $2 AND e.kind = 'appeared' GROUP BY e.vulnerability"
        );
        for it in session.all(statement.bind(list).bind(since), candidate).await? {
            match found.get_mut(&it.vulnerability) {
                None => drop(found.insert(it.vulnerability.clone(), it)),
                Some(known) => {
                    known.severity = known.severity.max(it.severity);
                    known.fixable |= it.fixable;
                    known.at = known.at.max(it.at);
                }
            }
        }
    }
    Ok(found.into_values().collect())
}

/// The same with in how many images and namespaces it is now.
async fn counted(
    session: &mut Session,
    visible: &Visible,
    namespace: i64,
    found: NewlyAffected,
) -> Result<NewlyAffected, Error> {
    let count = sql(visible!(
        "SELECT COUNT(DISTINCT c.artifact_id), COUNT(DISTINCT c.namespace_id)
        FROM (SELECT DISTINCT x.artifact_id, a.namespace_id FROM unit_findings AS f
            JOIN inventory_units AS i ON i.unit_id = f.unit_id
            JOIN results AS x ON x.inventory_id = i.inventory_id
            JOIN artifacts AS a ON a.id = x.artifact_id
            WHERE f.vulnerability = $4 AND f.counts = 1 AND ($5 = 0 OR a.namespace_id = $5)
                AND a.namespace_id IN (SELECT n.id FROM namespaces AS n WHERE",
        ") LIMIT $6) AS c"
    ));
    let count = visible.bind(count).bind(found.vulnerability.as_str()).bind(namespace);
    let count = count.bind(NEWLY_COUNTED_MAX + 1);
    let read = |row: &Row| Ok((row.get::<u64>(0)?, row.get::<u64>(1)?));
    let (artifacts, namespaces) = session.one(count, read).await?;
    let is_more = artifacts > NEWLY_COUNTED_MAX;
    Ok(NewlyAffected { artifacts: artifacts.min(NEWLY_COUNTED_MAX), namespaces, is_more, ..found })
}

fn candidate(row: &Row) -> Result<NewlyAffected, Error> {
    Ok(NewlyAffected {
        vulnerability: row.get(0)?,
        severity: row.get(1)?,
        fixable: row.get(2)?,
        at: row.get(3)?,
        artifacts: 0,
        namespaces: 0,
        is_more: false,
    })
}
