//! The packages of all images, each once with what is found of it, and which image has which.
//!
//! What is in a unit and how it is judged the store does not know.

use plimsoll_core::{Severity, Timestamp};
use serde_json::{Value as Json, json};

use crate::database::{Column, Row, Session, Transaction, Value, over_list, sql};
use crate::{Error, InstanceAccess, InventoryId, Scan, Store, UnitId};

/// What is found of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFinding {
    /// The vulnerability's id.
    pub vulnerability: String,
    /// The severity that counts.
    pub severity: Severity,
    /// In which class it is.
    pub class: String,
    /// Whether it counts.
    pub counts: bool,
    /// Whether something can be done.
    pub fixable: bool,
    /// The version that fixes it.
    pub fixed_version: Option<String>,
    /// Since when there is a fix, if that is known.
    pub fix_seen_at: Option<Timestamp>,
    /// Whether it is known to be exploited.
    pub exploited: bool,
}

/// A unit that was not known.
#[derive(Clone, Debug)]
pub struct NewUnit<'a> {
    /// The same for units of which the same is found.
    pub key: &'a str,
    /// The package's kind.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Its package URL.
    pub purl: &'a str,
    /// All of it, as text.
    pub content: &'a str,
    /// What is found of it.
    pub findings: &'a [UnitFinding],
}

/// A unit, to be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUnit {
    /// Its number.
    pub id: UnitId,
    /// All of it, as it was given.
    pub content: String,
}

/// A finding, and of which unit it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFindingOf {
    /// The unit.
    pub unit: UnitId,
    /// The finding.
    pub finding: UnitFinding,
    /// When it was first known here.
    pub seen_at: Timestamp,
}

impl Column for Severity {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        severity_of(row.get(index)?).ok_or(Error::Corrupt { what: "a severity" })
    }
}

impl Column for Option<Severity> {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        let number: Option<i64> = row.get(index)?;
        number.map(|it| severity_of(it).ok_or(Error::Corrupt { what: "a severity" })).transpose()
    }
}

impl From<Severity> for Value {
    fn from(severity: Severity) -> Value {
        Value::from(number_of(severity))
    }
}

fn severity_of(number: i64) -> Option<Severity> {
    // Worst first, so that the number counts from the other end.
    Severity::ALL.into_iter().rev().nth(usize::try_from(number).ok()?)
}

/// A severity's number in the database: 0 unknown to 5 critical.
pub(crate) fn number_of(severity: Severity) -> i64 {
    let place = Severity::ALL.iter().rev().position(|it| *it == severity).unwrap_or(0);
    i64::try_from(place).unwrap_or(0)
}

/// Rows of one statement, so that none holds the others up for long.
const ROWS_MAX: usize = 2_000;

/// PostgreSQL's texts hold no zero byte.
fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Lists as [`over_list`] takes them.
pub(crate) fn lists<T>(items: &[T], row: impl Fn(&T) -> Json) -> impl Iterator<Item = String> {
    items.chunks(ROWS_MAX).map(move |chunk| Json::Array(chunk.iter().map(&row).collect()).to_string())
}

/// Keeps units that are not there yet, and what is found of them.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    units: &[NewUnit<'_>],
    now: Timestamp,
) -> Result<(), Error> {
    let row = |it: &NewUnit<'_>| {
        json!([it.key, text(it.kind), text(it.name), text(it.version), text(it.purl), it.content])
    };
    for list in lists(units, row) {
        let insert = over_list!(
            transaction,
            "INSERT INTO units (key, kind, name, version, purl, content, created_at)
            SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
                CAST($2 AS BIGINT)
            FROM",
            "WHERE 1 = 1 ON CONFLICT (key) DO NOTHING"
        );
        transaction.execute(insert.bind(list).bind(now)).await?;
    }
    let findings: Vec<(&str, &UnitFinding)> =
        units.iter().flat_map(|unit| unit.findings.iter().map(|it| (unit.key, it))).collect();
    for list in lists(&findings, |(key, finding)| finding_row(&json!(key), finding)) {
        let insert = over_list!(
            transaction,
            "INSERT INTO unit_findings (unit_id, vulnerability, severity, class, counts, fixable,
                fixed_version, fix_seen_at, exploited, seen_at)
            SELECT u.id, j.value ->> 1, CAST(j.value ->> 2 AS BIGINT), j.value ->> 3,
                CAST(j.value ->> 4 AS BIGINT), CAST(j.value ->> 5 AS BIGINT), j.value ->> 6,
                CAST(j.value ->> 7 AS BIGINT), CAST(j.value ->> 8 AS BIGINT), CAST($2 AS BIGINT)
            FROM",
            "JOIN units AS u ON u.key = j.value ->> 0
            WHERE 1 = 1 ON CONFLICT (unit_id, vulnerability) DO NOTHING"
        );
        transaction.execute(insert.bind(list).bind(now)).await?;
    }
    Ok(())
}

/// A finding as an element of a list, behind what says of which unit it is.
pub(crate) fn finding_row(unit: &Json, it: &UnitFinding) -> Json {
    json!([
        unit,
        text(&it.vulnerability),
        number_of(it.severity),
        text(&it.class),
        i64::from(it.counts),
        i64::from(it.fixable),
        it.fixed_version.as_deref().map(text),
        it.fix_seen_at.map(|it| it.0),
        i64::from(it.exploited),
    ])
}

/// The numbers of units, by their keys; all of them must be there.
pub(crate) async fn ids(session: &mut Session, keys: &[&str]) -> Result<Vec<UnitId>, Error> {
    let mut ids = Vec::with_capacity(keys.len());
    for list in lists(keys, |key| json!([key])) {
        let find = over_list!(session, "SELECT u.id FROM", "JOIN units AS u ON u.key = j.value ->> 0");
        ids.extend(session.all(find.bind(list), |row| row.get::<UnitId>(0)).await?);
    }
    if ids.len() != keys.len() {
        return Err(Error::Invalid { what: "an inventory whose packages went away meanwhile" });
    }
    ids.sort();
    Ok(ids)
}

/// Says that an inventory has these units.
pub(crate) async fn link(
    transaction: &mut Transaction,
    inventory: InventoryId,
    units: &[UnitId],
) -> Result<(), Error> {
    for list in lists(units, |unit| json!([unit.number()])) {
        let link = over_list!(
            transaction,
            "INSERT INTO inventory_units (unit_id, inventory_id)
            SELECT CAST(j.value ->> 0 AS BIGINT), CAST($2 AS BIGINT) FROM",
            "WHERE 1 = 1 ON CONFLICT (unit_id, inventory_id) DO NOTHING"
        );
        transaction.execute(link.bind(list).bind(inventory)).await?;
    }
    Ok(())
}

/// Numbers in ascending order, as the differences between them, seven bits a byte.
pub(crate) fn pack(ids: &[UnitId]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ids.len() * 2);
    let mut before = 0;
    for id in ids {
        let mut rest = (id.number() - before).unsigned_abs();
        before = id.number();
        while rest > 0x7f {
            bytes.push(u8::try_from(rest & 0x7f).unwrap_or(0) | 0x80);
            rest >>= 7;
        }
        bytes.push(u8::try_from(rest).unwrap_or(0));
    }
    bytes
}

/// What [`pack`] wrote.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<UnitId>, Error> {
    let corrupt = || Error::Corrupt { what: "the list of an inventory's packages" };
    let mut ids = Vec::new();
    let (mut last, mut number, mut shift) = (0_i64, 0_u64, 0_u32);
    for byte in bytes {
        number |= u64::from(byte & 0x7f).checked_shl(shift).ok_or_else(corrupt)?;
        shift += 7;
        if byte & 0x80 == 0 {
            last = i64::try_from(number).ok().and_then(|it| last.checked_add(it)).ok_or_else(corrupt)?;
            ids.push(UnitId::from_number(last));
            (number, shift) = (0, 0);
        }
    }
    if shift == 0 { Ok(ids) } else { Err(corrupt()) }
}

impl Store {
    /// Which of these keys are units that are known.
    pub async fn known_units(
        &self,
        _access: &InstanceAccess<Scan>,
        keys: &[&str],
    ) -> Result<Vec<String>, Error> {
        let mut session = self.database.read().await?;
        let mut known = Vec::new();
        for list in lists(keys, |key| json!([key])) {
            let find = over_list!(session, "SELECT u.key FROM", "JOIN units AS u ON u.key = j.value ->> 0");
            known.extend(session.all(find.bind(list), |row| row.get::<String>(0)).await?);
        }
        Ok(known)
    }

    /// Units behind one of them, in the order of their numbers.
    pub async fn units(
        &self,
        _access: &InstanceAccess<Scan>,
        after: Option<UnitId>,
        limit: u32,
    ) -> Result<Vec<StoredUnit>, Error> {
        let statement = sql("SELECT id, content FROM units WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.map_or(0, UnitId::number))
            .bind(i64::from(limit));
        let read = |row: &Row| Ok(StoredUnit { id: row.get(0)?, content: row.get(1)? });
        self.database.read().await?.all(statement, read).await
    }

    /// What is found of the units from one number to another, in the order of units and ids.
    pub async fn unit_findings(
        &self,
        _access: &InstanceAccess<Scan>,
        (first, last): (UnitId, UnitId),
    ) -> Result<Vec<UnitFindingOf>, Error> {
        let statement = sql("SELECT unit_id, vulnerability, severity, class, counts, fixable, fixed_version,
                fix_seen_at, exploited, seen_at
            FROM unit_findings WHERE unit_id >= $1 AND unit_id <= $2 ORDER BY unit_id, vulnerability")
        .bind(first)
        .bind(last);
        self.database.read().await?.all(statement, finding_of).await
    }

    /// What is found of one inventory's packages: all that a policy has to know, without the
    /// report.
    pub async fn inventory_findings(
        &self,
        _access: &InstanceAccess<Scan>,
        inventory: InventoryId,
    ) -> Result<Vec<UnitFindingOf>, Error> {
        let mut session = self.database.read().await?;
        let units = sql("SELECT units FROM inventories WHERE id = $1").bind(inventory);
        let packed: Option<Vec<u8>> = session.optional(units, |row| row.get(0)).await?;
        let ids = unpack(&packed.unwrap_or_default())?;
        let mut found = Vec::new();
        for list in lists(&ids, |id| json!([id.number()])) {
            let statement = over_list!(
                session,
                "SELECT f.unit_id, f.vulnerability, f.severity, f.class, f.counts, f.fixable,
                    f.fixed_version, f.fix_seen_at, f.exploited, f.seen_at FROM",
                "JOIN unit_findings AS f ON f.unit_id = CAST(j.value ->> 0 AS BIGINT)"
            );
            found.extend(session.all(statement.bind(list), finding_of).await?);
        }
        Ok(found)
    }
}

pub(crate) fn finding_of(row: &Row) -> Result<UnitFindingOf, Error> {
    Ok(UnitFindingOf {
        unit: row.get(0)?,
        finding: UnitFinding {
            vulnerability: row.get(1)?,
            severity: row.get(2)?,
            class: row.get(3)?,
            counts: row.get(4)?,
            fixable: row.get(5)?,
            fixed_version: row.get(6)?,
            fix_seen_at: row.get(7)?,
            exploited: row.get(8)?,
        },
        seen_at: row.get(9)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_list_of_units_is_read_as_it_was_written() {
        for numbers in [vec![], vec![1], vec![1, 2, 130, 131, 70_000, i64::MAX]] {
            let ids: Vec<UnitId> = numbers.into_iter().map(UnitId::from_number).collect();
            assert_eq!(unpack(&pack(&ids)).unwrap(), ids);
        }
        assert!(unpack(&[0x80]).is_err());
        assert!(unpack(&[0xff; 12]).is_err());
    }

    #[test]
    fn severities_have_numbers_in_their_order() {
        for severity in Severity::ALL {
            assert_eq!(severity_of(number_of(severity)), Some(severity));
        }
        assert!(number_of(Severity::Critical) > number_of(Severity::High));
        assert_eq!(severity_of(6), None);
    }
}
