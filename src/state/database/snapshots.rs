//! Past snapshots of HSS, each complete or as the difference to an older one.
//!
//! Owns two tables: one describes each snapshot, the other has its body in parts, because two million pods
//! are too many for one write. The writer decides the form of a difference. A snapshot with a missing or
//! altered part is not read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::{Database, SourceMark, Unusable, Writing};
use crate::state::checksum;

/// The description of a snapshot.
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
    pub fn snapshot(&self, header: &SnapshotHeader, parts: &[&[u8]]) -> Result<i64, rusqlite::Error> {
        let [source, time, base, bytes] = header.numbers();
        let query =
            "INSERT INTO snapshot (source, last_update_time, base, bytes, sum) VALUES (?1, ?2, ?3, ?4, ?5)";
        let sum = checksum::record(&header.numbers(), &[]);
        self.0.execute(query, params![source, time, base, bytes, sum])?;
        let number = self.0.last_insert_rowid();
        let query = "INSERT INTO snapshot_part (snapshot, part, body, sum) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.0.prepare(query)?;
        for (part, body) in (0_u32..).zip(parts) {
            statement.execute(params![number, part, body, checksum::page(part, body)])?;
        }
        Ok(number)
    }

    /// Removes a snapshot with its body. One that another snapshot is a difference to cannot be removed
    /// before that.
    pub fn forget_snapshot(&self, number: i64) -> Result<(), rusqlite::Error> {
        self.0
            .execute("DELETE FROM snapshot WHERE number = ?1", [number])
            .map(drop)
    }
}

impl Database {
    /// The snapshots of a source, the newest first, with their numbers.
    pub fn snapshots(&self, source: SourceMark) -> Result<Vec<(i64, SnapshotHeader)>, Unusable> {
        let query = "SELECT number, last_update_time, base, bytes, sum FROM snapshot
            WHERE source = ?1 ORDER BY last_update_time DESC";
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([source.number()], |row| {
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
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// The body of a snapshot; `None` if the snapshot or a part of it is missing or altered.
    pub fn snapshot_body(&self, number: i64) -> Result<Option<Vec<u8>>, Unusable> {
        let length = self
            .connection
            .query_row("SELECT bytes FROM snapshot WHERE number = ?1", [number], |row| {
                row.get::<_, i64>(0)
            })
            .optional()?;
        let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else {
            return Ok(None);
        };
        let query = "SELECT part, body, sum FROM snapshot_part WHERE snapshot = ?1 ORDER BY part";
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([number])?;
        let mut whole = Vec::new();
        while let Some(row) = rows.next()? {
            let (part, sum): (u32, i64) = (row.get(0)?, row.get(2)?);
            let body = row.get_ref(1)?.as_bytes().unwrap_or_default();
            if sum != checksum::page(part, body) {
                return Ok(None);
            }
            whole.extend_from_slice(body);
        }
        Ok((whole.len() == length).then_some(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::database::tests::Folder;
    use std::path::Path;

    fn header(hour: i64, base: Option<i64>) -> SnapshotHeader {
        SnapshotHeader {
            source: SourceMark::of(Path::new("a.sqlite")),
            last_update_time: Timestamp::from_second(hour * 3600).unwrap(),
            base,
            bytes: 6,
        }
    }

    fn add(database: &mut Database, header: SnapshotHeader) -> Result<i64, Unusable> {
        let mut number = 0;
        database.write(|writing| {
            number = writing.snapshot(&header, &[b"abc", b"def"])?;
            Ok(())
        })?;
        Ok(number)
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written_whole_or_as_a_difference() {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let (whole, other) = (header(1, None), SourceMark::of(Path::new("b.sqlite")));
        let first = add(&mut database, whole).unwrap();
        let difference = header(2, Some(first));
        let second = add(&mut database, difference).unwrap();
        let listed = database.snapshots(whole.source).unwrap();
        assert_eq!(listed, [(second, difference), (first, whole)]);
        assert_eq!(database.snapshots(other), Ok(vec![]));
        assert_eq!(database.snapshot_body(second), Ok(Some(b"abcdef".to_vec())));
        assert_eq!(database.snapshot_body(99), Ok(None));
    }

    #[test]
    fn one_of_each_date_and_none_without_its_base() {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let first = add(&mut database, header(1, None)).unwrap();
        assert!(add(&mut database, header(1, None)).is_err(), "the same again");
        assert!(
            add(&mut database, header(2, Some(99))).is_err(),
            "a base that is not there"
        );
        let second = add(&mut database, header(3, Some(first))).unwrap();
        let mut forget = |number| database.write(|writing| writing.forget_snapshot(number));
        assert!(forget(first).is_err(), "another one needs it");
        assert_eq!((forget(second), forget(first)), (Ok(()), Ok(())));
        let parts: i64 = database
            .connection
            .query_row("SELECT count(*) FROM snapshot_part", [], |row| row.get(0))
            .unwrap();
        assert_eq!(parts, 0, "its body goes with it");
    }

    #[test]
    fn a_snapshot_that_lacks_a_part_or_was_altered_is_not_read() {
        for sql in [
            "DELETE FROM snapshot_part WHERE part = 1",
            "UPDATE snapshot_part SET body = x'616264' WHERE part = 0",
        ] {
            let folder = Folder::new();
            let (mut database, _) = Database::open(&folder.file()).unwrap();
            let number = add(&mut database, header(1, None)).unwrap();
            assert_eq!(database.connection.execute(sql, []), Ok(1));
            assert_eq!(database.snapshot_body(number), Ok(None), "{sql}");
        }
    }
}
