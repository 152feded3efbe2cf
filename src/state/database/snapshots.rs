//! Past snapshots of HSS, each complete or as the difference to an older one.
//!
//! Owns two tables: one row per snapshot that describes it, and its body in parts, since the body of a large fleet exceeds what
//! is written at once. [`crate::fleet::past`] defines what a difference contains. A complete snapshot and the differences after
//! it form a group, which is read and removed as a whole. Later snapshots depend on each body, so each part is stored twice: if
//! the disk damages one copy, the other one is used. The body also has the number of its base, so a damaged row only affects
//! its own snapshot. If both copies of a part are damaged, this snapshot and the later ones of its group are not read.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Database, SourceMark, Unusable, Writing};
use crate::fleet::past::{Moments, PastMoment};
use crate::state::checksum;

/// The bytes of a part.
const PART: usize = 1 << 20;
/// The number of a part's second copy is larger by this.
const COPY: u32 = 1 << 20;
/// How long snapshots are kept: those of a group until its newest is older.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most snapshots that are kept.
const MOST_SNAPSHOTS: usize = 1000;
/// The most bytes that they may have, both copies counted.
const MOST_BYTES: u64 = 256 << 20;

/// What a snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// Whose pods they are.
    pub source: SourceMark,
    /// `last_update_time` of HSS's answers; a source has one snapshot per date.
    pub last_update_time: Timestamp,
    /// The number of the older snapshot that this one is a difference to; `None` if it is complete.
    pub base: Option<i64>,
    /// The length of its body.
    pub bytes: u64,
}

/// The bounds of what is kept. A test has others.
#[derive(Debug, Clone, Copy)]
pub(in crate::state) struct SnapshotBounds {
    pub kept_for: SignedDuration,
    pub snapshots: usize,
    pub bytes: u64,
}

impl Default for SnapshotBounds {
    fn default() -> Self {
        Self {
            kept_for: KEPT_FOR,
            snapshots: MOST_SNAPSHOTS,
            bytes: MOST_BYTES,
        }
    }
}

/// A body that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::state) struct SnapshotBody {
    /// What it is the difference to.
    pub base: Option<i64>,
    /// The difference.
    pub difference: Vec<u8>,
}

impl SnapshotHeader {
    fn numbers(&self) -> [Option<i64>; 4] {
        [
            Some(self.source.number()),
            Some(self.last_update_time.as_millisecond()),
            self.base,
            i64::try_from(self.bytes).ok(),
        ]
    }
}

impl Writing<'_> {
    /// Adds a snapshot with its body. Returns its number.
    pub fn snapshot(&self, header: &SnapshotHeader, difference: &[u8]) -> Result<i64, rusqlite::Error> {
        let [source, time, base, bytes] = header.numbers();
        let query =
            "INSERT INTO snapshot (source, last_update_time, base, bytes, sum) VALUES (?1, ?2, ?3, ?4, ?5)";
        let sum = checksum::record(&header.numbers(), &[]);
        self.0.execute(query, params![source, time, base, bytes, sum])?;
        let number = self.0.last_insert_rowid();
        let query = "INSERT INTO snapshot_part (snapshot, part, body, sum) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.0.prepare(query)?;
        let body = [&header.base.unwrap_or(0).to_le_bytes(), difference].concat();
        for copy in [0, COPY] {
            for (part, body) in (copy..).zip(body.chunks(PART)) {
                statement.execute(params![
                    number,
                    part,
                    body,
                    checksum::part(number, part % COPY, body)
                ])?;
            }
        }
        Ok(number)
    }

    /// Whether the newest snapshot of a source is the one of this number.
    pub(in crate::state) fn is_newest(
        &self,
        source: SourceMark,
        number: Option<i64>,
    ) -> Result<bool, rusqlite::Error> {
        Ok(newest(self.0, source)?.map(|(newest, _)| newest) == number)
    }

    /// Drops the oldest groups that are beyond the bounds, but not the one that `newest` belongs to. Returns how many
    /// snapshots went.
    pub(in crate::state) fn bound_snapshots(
        &self,
        newest: &SnapshotHeader,
        bounds: SnapshotBounds,
    ) -> Result<usize, rusqlite::Error> {
        let query = "SELECT number, last_update_time, base, bytes FROM snapshot WHERE source = ?1
            ORDER BY number";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([newest.source.number()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        let rows = rows.collect::<Result<Vec<(i64, i64, Option<i64>, i64)>, _>>()?;
        let mut count = rows.len();
        let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0).saturating_mul(2);
        let mut bytes: u64 = rows.iter().map(|(.., bytes)| size(*bytes)).sum();
        let since = newest.last_update_time.checked_sub(bounds.kept_for);
        let since = since.map_or(i64::MIN, Timestamp::as_millisecond);
        let mut groups = rows.chunk_by(|_, (_, _, base, _)| base.is_some()).peekable();
        let mut dropped = 0;
        while let Some(group) = groups.next()
            && groups.peek().is_some()
        {
            let is_old = group.iter().all(|(_, time, ..)| *time < since);
            if !(is_old || count > bounds.snapshots || bytes > bounds.bytes) {
                break;
            }
            for (number, _, _, of_it) in group.iter().rev() {
                self.forget_snapshot(*number)?;
                bytes = bytes.saturating_sub(size(*of_it));
            }
            count -= group.len();
            dropped += group.len();
        }
        Ok(dropped)
    }

    /// Removes a snapshot with its body. One that another is the difference to cannot be removed before that.
    pub fn forget_snapshot(&self, number: i64) -> Result<(), rusqlite::Error> {
        self.0
            .execute("DELETE FROM snapshot WHERE number = ?1", [number])
            .map(drop)
    }
}

/// The number and the date of the newest snapshot of a source.
fn newest(connection: &Connection, source: SourceMark) -> Result<Option<(i64, i64)>, rusqlite::Error> {
    let query =
        "SELECT number, last_update_time FROM snapshot WHERE source = ?1 ORDER BY number DESC LIMIT 1";
    let newest = connection.query_row(query, [source.number()], |row| Ok((row.get(0)?, row.get(1)?)));
    newest.optional()
}

/// The snapshots of a source, and how many rows were altered.
pub(in crate::state) fn moments(
    connection: &Connection,
    source: SourceMark,
) -> Result<(Moments, usize), rusqlite::Error> {
    let rows = headers(connection, source, usize::MAX)?;
    let damaged = rows.iter().filter(|row| row.is_none()).count();
    let moments = rows.into_iter().flatten().map(|(number, header)| PastMoment {
        number,
        at: header.last_update_time,
    });
    Ok((moments.collect(), damaged))
}

type NumberedHeader = (i64, SnapshotHeader);

/// The newest `most` rows, the newest first; `None` for one that the disk altered.
fn headers(
    connection: &Connection,
    source: SourceMark,
    most: usize,
) -> Result<Vec<Option<NumberedHeader>>, rusqlite::Error> {
    let query = "SELECT number, last_update_time, base, bytes, sum FROM snapshot
        WHERE source = ?1 ORDER BY number DESC LIMIT ?2";
    let mut statement = connection.prepare(query)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = statement.query_map([source.number(), most], |row| {
        let (ms, bytes): (i64, i64) = (row.get(1)?, row.get(3)?);
        let (Ok(last_update_time), Ok(bytes)) = (Timestamp::from_millisecond(ms), u64::try_from(bytes))
        else {
            return Ok(None);
        };
        let header = SnapshotHeader {
            source,
            last_update_time,
            base: row.get(2)?,
            bytes,
        };
        let is_intact = row.get::<_, i64>(4)? == checksum::record(&header.numbers(), &[]);
        Ok(is_intact.then_some((row.get(0)?, header)))
    })?;
    rows.collect()
}

/// The body of a snapshot; `None` where there is none of that number, or both copies of a part are missing or altered.
pub(in crate::state) fn snapshot_body(
    connection: &Connection,
    number: i64,
) -> Result<Option<SnapshotBody>, rusqlite::Error> {
    let query = "SELECT part, body, sum FROM snapshot_part WHERE snapshot = ?1 ORDER BY part % ?2, part";
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query(params![number, COPY])?;
    let (mut whole, mut read) = (Vec::new(), BTreeSet::new());
    while let Some(row) = rows.next()? {
        let (part, sum): (u32, i64) = (row.get(0)?, row.get(2)?);
        let place = part % COPY;
        let is_next = read.len() == place as usize;
        let body = row.get_ref(1)?.as_bytes().unwrap_or_default();
        if is_next && sum == checksum::part(number, part % COPY, body) {
            whole.extend_from_slice(body);
            read.insert(place);
        } else if !is_next && !read.contains(&place) {
            return Ok(None);
        }
    }
    // A part that is missing at the end is noticed by whoever reads the difference.
    let Some((base, difference)) = whole.split_first_chunk() else {
        return Ok(None);
    };
    let base = i64::from_le_bytes(*base);
    Ok(Some(SnapshotBody {
        base: (base != 0).then_some(base),
        difference: difference.to_vec(),
    }))
}

impl Database {
    /// The newest `most` snapshots of a source, the newest first, with their numbers.
    pub fn snapshots(&self, source: SourceMark, most: usize) -> Result<Vec<NumberedHeader>, Unusable> {
        let rows = headers(&self.connection, source, most)?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// The number and the date of the newest snapshot of a source, whether its row is intact or not.
    pub(in crate::state) fn newest_snapshot(
        &self,
        source: SourceMark,
    ) -> Result<Option<(i64, Timestamp)>, Unusable> {
        let newest = newest(&self.connection, source)?;
        Ok(newest.map(|(number, ms)| (number, Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MIN))))
    }

    /// The connection, for whoever reads snapshots.
    pub(in crate::state) fn reading(&self) -> &Connection {
        &self.connection
    }
}

#[cfg(test)]
mod tests;
