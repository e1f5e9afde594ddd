//! Everything judged anew by a new database: what is found of units changes, and with it the counts
//! of the images that have them. In one transaction, so that nobody sees half of it.

use std::collections::BTreeSet;

use plimsoll_core::{Digest, Severity, Timestamp};
use serde_json::json;

use crate::database::{Row, Transaction, over_list, sql};
use crate::events::EventKind;
use crate::listed;
use crate::units::{finding_row, lists, number_of, unpack};
use crate::{ArtifactId, Counts, Error, InstanceAccess, InventoryId, Scan, Store, UnitFinding, UnitId};

/// A database by which everything was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The digest of its snapshot.
    pub snapshot: Digest,
    /// The digest of the matcher.
    pub matcher: Digest,
    /// When.
    pub judged_at: Timestamp,
}

/// What becomes of what is found of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitChange {
    /// The unit.
    pub unit: UnitId,
    /// What is no longer found.
    pub gone: Vec<String>,
    /// What is new, or other than it was.
    pub found: Vec<UnitFinding>,
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventKind,
    /// To which unit.
    pub unit: UnitId,
    /// By which vulnerability.
    pub vulnerability: String,
    /// How severe it was.
    pub before: Option<Severity>,
    /// How severe it is.
    pub after: Option<Severity>,
    /// Whether something can be done.
    pub fixable: bool,
}

/// An inventory that has one of some units, with all of its units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitsOfInventory {
    /// The inventory.
    pub inventory: InventoryId,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its units, ascending.
    pub units: Vec<UnitId>,
}

/// The findings of an inventory, counted anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recount {
    /// The inventory.
    pub inventory: InventoryId,
    /// The counts.
    pub counts: Counts,
    /// What stands for its report from now on.
    pub report: Digest,
}

impl Store {
    /// The newest judgement.
    pub async fn judgement(&self, _access: &InstanceAccess<Scan>) -> Result<Option<Judgement>, Error> {
        let statement = sql("SELECT snapshot_digest, matcher_digest, judged_at FROM judgements
            ORDER BY id DESC LIMIT 1");
        let read =
            |row: &Row| Ok(Judgement { snapshot: row.get(0)?, matcher: row.get(1)?, judged_at: row.get(2)? });
        self.database.read().await?.optional(statement, read).await
    }

    /// The inventories that have one of these units, each once.
    pub async fn inventories_with(
        &self,
        _access: &InstanceAccess<Scan>,
        units: &[UnitId],
    ) -> Result<Vec<UnitsOfInventory>, Error> {
        let mut session = self.database.read().await?;
        let mut ids: BTreeSet<InventoryId> = BTreeSet::new();
        for list in lists(units, |unit| json!([unit.number()])) {
            let statement = over_list!(
                session,
                "SELECT DISTINCT n.inventory_id FROM",
                "JOIN inventory_units AS n ON n.unit_id = CAST(j.value ->> 0 AS BIGINT)"
            );
            ids.extend(session.all(statement.bind(list), |row| row.get::<InventoryId>(0)).await?);
        }
        let ids: Vec<InventoryId> = ids.into_iter().collect();
        let mut found = Vec::with_capacity(ids.len());
        for list in lists(&ids, |id| json!([id.number()])) {
            let statement = over_list!(
                session,
                "SELECT i.id, i.digest, i.units FROM",
                "JOIN inventories AS i ON i.id = CAST(j.value ->> 0 AS BIGINT)"
            );
            let read = |row: &Row| {
                let units = unpack(&row.get::<Vec<u8>>(2)?)?;
                Ok(UnitsOfInventory { inventory: row.get(0)?, digest: row.get(1)?, units })
            };
            found.extend(session.all(statement.bind(list), read).await?);
        }
        Ok(found)
    }

    /// Keeps a judgement and all that it changes.
    pub async fn judge(
        &self,
        _access: &InstanceAccess<Scan>,
        judgement: &Judgement,
        (changes, events): (&[UnitChange], &[NewEvent]),
        recounts: &[Recount],
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        let now = judgement.judged_at;
        let insert = sql("INSERT INTO judgements (snapshot_digest, matcher_digest, judged_at)
            VALUES ($1, $2, $3) RETURNING id")
        .bind(&judgement.snapshot)
        .bind(&judgement.matcher)
        .bind(now);
        let id: i64 = transaction.one(insert, |row| row.get(0)).await?;
        change_findings(&mut transaction, changes, now).await?;
        keep_events(&mut transaction, id, events, now).await?;
        recount(&mut transaction, recounts).await?;
        transaction.commit().await
    }

    /// The artifacts whose newest result is of one of these inventories.
    pub async fn artifacts_of(
        &self,
        _access: &InstanceAccess<Scan>,
        inventories: &[InventoryId],
    ) -> Result<Vec<ArtifactId>, Error> {
        let mut session = self.database.read().await?;
        let mut found = Vec::new();
        for list in lists(inventories, |it| json!([it.number()])) {
            let statement = over_list!(
                session,
                "SELECT s.artifact_id FROM",
                "JOIN results AS s ON s.inventory_id = CAST(j.value ->> 0 AS BIGINT)"
            );
            found.extend(session.all(statement.bind(list), |row| row.get::<ArtifactId>(0)).await?);
        }
        Ok(found)
    }
}

async fn change_findings(
    transaction: &mut Transaction,
    changes: &[UnitChange],
    now: Timestamp,
) -> Result<(), Error> {
    let gone: Vec<(UnitId, &str)> =
        changes.iter().flat_map(|it| it.gone.iter().map(|id| (it.unit, id.as_str()))).collect();
    for list in lists(&gone, |(unit, id)| json!([unit.number(), id])) {
        let delete = over_list!(
            transaction,
            "DELETE FROM unit_findings WHERE (unit_id, vulnerability) IN (
                SELECT CAST(j.value ->> 0 AS BIGINT), j.value ->> 1 FROM",
            ")"
        );
        transaction.execute(delete.bind(list)).await?;
    }
    let found: Vec<(UnitId, &UnitFinding)> =
        changes.iter().flat_map(|it| it.found.iter().map(|finding| (it.unit, finding))).collect();
    for list in lists(&found, |(unit, finding)| finding_row(&json!(unit.number()), finding)) {
        let insert = over_list!(
            transaction,
            "INSERT INTO unit_findings (unit_id, vulnerability, severity, class, counts, fixable,
                fixed_version, fix_seen_at, exploited, seen_at)
            SELECT CAST(j.value ->> 0 AS BIGINT), j.value ->> 1, CAST(j.value ->> 2 AS BIGINT),
                j.value ->> 3, CAST(j.value ->> 4 AS BIGINT), CAST(j.value ->> 5 AS BIGINT),
                j.value ->> 6, CAST(j.value ->> 7 AS BIGINT), CAST(j.value ->> 8 AS BIGINT),
                CAST($2 AS BIGINT)
            FROM",
            "WHERE 1 = 1 ON CONFLICT (unit_id, vulnerability) DO UPDATE SET severity = excluded.severity,
                class = excluded.class, counts = excluded.counts, fixable = excluded.fixable,
                fixed_version = excluded.fixed_version, fix_seen_at = excluded.fix_seen_at,
                exploited = excluded.exploited"
        );
        transaction.execute(insert.bind(list).bind(now)).await?;
    }
    Ok(())
}

async fn keep_events(
    transaction: &mut Transaction,
    judgement: i64,
    events: &[NewEvent],
    now: Timestamp,
) -> Result<(), Error> {
    let row = |it: &NewEvent| {
        let number = |severity: Option<Severity>| severity.map(number_of);
        let fixable = i64::from(it.fixable);
        let unit = it.unit.number();
        json!([it.kind.name(), unit, it.vulnerability, number(it.before), number(it.after), fixable])
    };
    for list in lists(events, row) {
        let insert = over_list!(
            transaction,
            "INSERT INTO events (kind, unit_id, vulnerability, severity_before, severity_after, fixable,
                judgement_id, at)
            SELECT j.value ->> 0, CAST(j.value ->> 1 AS BIGINT), j.value ->> 2,
                CAST(j.value ->> 3 AS BIGINT), CAST(j.value ->> 4 AS BIGINT),
                CAST(j.value ->> 5 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT)
            FROM",
            ""
        );
        transaction.execute(insert.bind(list).bind(judgement).bind(now)).await?;
    }
    Ok(())
}

async fn recount(transaction: &mut Transaction, recounts: &[Recount]) -> Result<(), Error> {
    let row = |it: &Recount| {
        let Counts { critical, high, medium, low, other, fixable } = it.counts;
        let report = it.report.to_string();
        json!([it.inventory.number(), critical, high, medium, low, other, fixable, report])
    };
    for list in lists(recounts, row) {
        let update = over_list!(
            transaction,
            "UPDATE results SET critical = n.critical, high = n.high, medium = n.medium, low = n.low,
                other = n.other, fixable = n.fixable, report_digest = n.report_digest
            FROM (SELECT CAST(j.value ->> 0 AS BIGINT) AS inventory_id,
                CAST(j.value ->> 1 AS BIGINT) AS critical, CAST(j.value ->> 2 AS BIGINT) AS high,
                CAST(j.value ->> 3 AS BIGINT) AS medium, CAST(j.value ->> 4 AS BIGINT) AS low,
                CAST(j.value ->> 5 AS BIGINT) AS other, CAST(j.value ->> 6 AS BIGINT) AS fixable,
                j.value ->> 7 AS report_digest FROM",
            ") AS n WHERE results.inventory_id = n.inventory_id"
        );
        transaction.execute(update.bind(list.as_str())).await?;
        listed::results_changed(transaction, &list).await?;
    }
    Ok(())
}
