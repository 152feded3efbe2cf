//! Adds what SQL cannot add to a file of version 4 or older: ids of changes, and checksums of mutes.
//!
//! Changes that were recorded before read marks existed count as read, because they were news in an earlier
//! run. Mutes by a filter are copied to the new table unchanged.

use rusqlite::{Transaction, params};

use crate::fleet::changes::ChangeId;
use crate::state::checksum::{self, is_intact};
use crate::state::database::decisions::{read_mute_of_filter, write_mute};
use crate::state::journal;

/// Updates the rows of an older file to version 5.
pub(super) fn adopt(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    changes(transaction)?;
    mutes(transaction)?;
    transaction.execute_batch("DROP TABLE mute_of_filter")
}

fn changes(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    let mut rows = transaction.prepare("SELECT number, body, sum FROM change ORDER BY number")?;
    let rows = rows.query_map([], |row| {
        let (number, body, sum): (i64, String, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let is_intact = is_intact(sum, checksum::change(body.as_bytes()));
        let change = Some(body)
            .filter(|_| is_intact)
            .and_then(|body| journal::read(&body));
        Ok(change.map(|change| (number, ChangeId::of(&change))))
    })?;
    let known = rows.flatten().flatten().collect::<Vec<_>>();
    // Two dashboards may have recorded the same change with different earlier dates: the older row gets the
    // id.
    let mut named = transaction.prepare("UPDATE OR IGNORE change SET id = ?2 WHERE number = ?1")?;
    let mut read = transaction.prepare("INSERT OR IGNORE INTO read_change (id, at) VALUES (?1, 0)")?;
    for (number, id) in known {
        named.execute(params![number, id.number()])?;
        read.execute([id.number()])?;
    }
    Ok(())
}

fn mutes(transaction: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    let query = "SELECT number, who, at, filter, until, undone, sum FROM mute_of_filter ORDER BY number";
    let mut rows = transaction.prepare(query)?;
    let rows = rows.query_map([], read_mute_of_filter)?;
    for mute in rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
        write_mute(transaction, Some(mute.number), &mute.row)?;
    }
    Ok(())
}
