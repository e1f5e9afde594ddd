//! Inventories that are no artifact's newest any more, and packages that are in none.

use plimsoll_core::Timestamp;
use serde_json::json;

use crate::database::{Row, Transaction, over_list, sql};
use crate::units::{lists, unpack};
use crate::{Error, InstanceAccess, InventoryId, Scan, Store, UnitId};

impl Store {
    /// Forgets so many inventories at most that nobody needs and that were made before a time, and
    /// the packages that only they had; says how many inventories.
    pub async fn forget_inventories(
        &self,
        _access: &InstanceAccess<Scan>,
        before: Timestamp,
        limit: u32,
    ) -> Result<usize, Error> {
        let mut transaction = self.database.write().await?;
        let unused = sql("SELECT i.id, i.units FROM inventories AS i WHERE i.created_at < $1
                AND NOT EXISTS (SELECT 1 FROM results AS s WHERE s.inventory_id = i.id)
            ORDER BY i.id LIMIT $2")
        .bind(before)
        .bind(i64::from(limit));
        let read = |row: &Row| Ok((row.get::<InventoryId>(0)?, row.get::<Vec<u8>>(1)?));
        let unused = transaction.all(unused, read).await?;
        for (inventory, packed) in &unused {
            forget(&mut transaction, *inventory, &unpack(packed)?, before).await?;
        }
        transaction.commit().await?;
        Ok(unused.len())
    }
}

async fn forget(
    transaction: &mut Transaction,
    inventory: InventoryId,
    units: &[UnitId],
    before: Timestamp,
) -> Result<(), Error> {
    for list in lists(units, |unit| json!([unit.number()])) {
        let unlink = over_list!(
            transaction,
            "DELETE FROM inventory_units WHERE inventory_id = $2
                AND unit_id IN (SELECT CAST(j.value ->> 0 AS BIGINT) FROM",
            ")"
        );
        transaction.execute(unlink.bind(list.as_str()).bind(inventory)).await?;
        // One that was just made may be on its way into an inventory.
        let orphans = over_list!(
            transaction,
            "DELETE FROM units WHERE created_at < $2
                AND NOT EXISTS (SELECT 1 FROM inventory_units AS n WHERE n.unit_id = units.id)
                AND id IN (SELECT CAST(j.value ->> 0 AS BIGINT) FROM",
            ")"
        );
        transaction.execute(orphans.bind(list).bind(before)).await?;
    }
    transaction.execute(sql("DELETE FROM inventories WHERE id = $1").bind(inventory)).await?;
    Ok(())
}
