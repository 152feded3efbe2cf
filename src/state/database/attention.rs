//! The changes that somebody has read, and the times at which hss-top watched HSS.
//!
//! Owns two tables, and two times. A mark as read outlives its change only for a while; adjacent times become one, whichever
//! dashboard watched.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Writing;
use crate::fleet::changes::{ChangeId, KEPT};
use crate::fleet::watched::WatchedSpan;
use crate::state::checksum::{self, is_intact};

/// The most read marks that are stored: twice the number of changes.
const MOST_READ: usize = 2 * KEPT;
/// The most periods that are stored, the newest.
const MOST_SPANS: i64 = 1000;

/// The names of the facts that hold a time.
const USED: &str = "used_at";
const REPORTED: &str = "reported_at";

impl Writing<'_> {
    /// Marks changes as read at `at`. The oldest marks are deleted.
    pub fn read_changes(&self, ids: &[ChangeId], at: Timestamp) -> Result<(), rusqlite::Error> {
        let mut statement = self
            .0
            .prepare("INSERT OR IGNORE INTO read_change (id, at) VALUES (?1, ?2)")?;
        for id in ids {
            statement.execute(params![id.number(), at.as_millisecond()])?;
        }
        let bound = "DELETE FROM read_change WHERE id IN
            (SELECT id FROM read_change ORDER BY at DESC LIMIT -1 OFFSET ?1)";
        let most = i64::try_from(MOST_READ).unwrap_or(i64::MAX);
        self.0.execute(bound, [most]).map(drop)
    }

    /// Removes read marks.
    pub fn unread_changes(&self, ids: &[ChangeId]) -> Result<(), rusqlite::Error> {
        let mut statement = self.0.prepare("DELETE FROM read_change WHERE id = ?1")?;
        ids.iter()
            .try_for_each(|id| statement.execute([id.number()]).map(drop))
    }

    /// Notes that an operator used a dashboard.
    pub fn used(&self, at: Timestamp) -> Result<(), rusqlite::Error> {
        self.fact(USED, Some(at.as_millisecond()))
    }

    /// Notes that a report was written.
    pub fn reported(&self, at: Timestamp) -> Result<(), rusqlite::Error> {
        self.fact(REPORTED, Some(at.as_millisecond()))
    }

    /// Notes that hss-top looked at HSS at `at`. A look that comes no later than `within` after the end of a stretch of time
    /// makes that longer; a later one begins a new one. A clock that was set back changes nothing.
    pub fn watched(&self, at: Timestamp, within: Duration) -> Result<(), rusqlite::Error> {
        let (at, within) = (
            at.as_millisecond(),
            i64::try_from(within.as_millis()).unwrap_or(i64::MAX),
        );
        let longer = "UPDATE watched SET ended = max(ended, ?1) WHERE began =
            (SELECT began FROM watched WHERE began <= ?1 ORDER BY began DESC LIMIT 1) AND ended >= ?2";
        if self.0.execute(longer, [at, at.saturating_sub(within)])? > 0 {
            return Ok(());
        }
        self.0.execute(
            "INSERT OR IGNORE INTO watched (began, ended) VALUES (?1, ?1)",
            [at],
        )?;
        let bound = "DELETE FROM watched WHERE began IN
            (SELECT began FROM watched ORDER BY began DESC LIMIT -1 OFFSET ?1)";
        self.0.execute(bound, [MOST_SPANS]).map(drop)
    }
}

/// When an operator last used a dashboard.
pub(in crate::state) fn used_at(connection: &Connection) -> Result<Option<Timestamp>, rusqlite::Error> {
    noted(connection, USED)
}

/// When the last report was written.
pub(in crate::state) fn reported_at(connection: &Connection) -> Result<Option<Timestamp>, rusqlite::Error> {
    noted(connection, REPORTED)
}

/// A time that was noted, if it is as it was written.
fn noted(connection: &Connection, name: &str) -> Result<Option<Timestamp>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT value, sum FROM fact WHERE name = ?1")?;
    let row = statement.query_row([name], |row| Ok((row.get(0)?, row.get(1)?)));
    let row: Option<(Option<i64>, Option<i64>)> = row.optional()?;
    let row = row.filter(|(value, sum)| is_intact(*sum, checksum::fact(name, *value)));
    Ok(row.and_then(|(value, _)| Timestamp::from_millisecond(value?).ok()))
}

/// The changes that are marked as read.
pub(in crate::state) fn read_changes(connection: &Connection) -> Result<HashSet<ChangeId>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT id FROM read_change")?;
    let ids = statement.query_map([], |row| Ok(ChangeId::restored(row.get(0)?)))?;
    ids.collect()
}

/// When hss-top watched, oldest first.
pub(in crate::state) fn watched(connection: &Connection) -> Result<Vec<WatchedSpan>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT began, ended FROM watched ORDER BY began")?;
    let spans = statement.query_map([], |row| {
        let time = |at| Ok::<_, rusqlite::Error>(Timestamp::from_millisecond(row.get(at)?).ok());
        Ok(time(0)?.zip(time(1)?).map(|(from, to)| WatchedSpan { from, to }))
    })?;
    let spans = spans.collect::<Result<Vec<_>, _>>()?;
    Ok(spans.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Database;
    use crate::state::database::tests::Folder;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn looks_become_stretches_of_time_whoever_looked() {
        let folder = Folder::new();
        let (mut one, _) = Database::open(&folder.file()).unwrap();
        let (mut other, _) = Database::open(&folder.file()).unwrap();
        let within = Duration::from_mins(1);
        for (number, second) in [0, 30, 60, 45, 200, 230, 10].into_iter().enumerate() {
            let database = if number % 2 == 0 { &mut one } else { &mut other };
            database
                .write(|writing| writing.watched(at(second), within))
                .unwrap();
        }
        let span = |from, to| WatchedSpan {
            from: at(from),
            to: at(to),
        };
        assert_eq!(watched(&one.connection), Ok(vec![span(0, 60), span(200, 230)]));
    }

    #[test]
    fn the_last_use_and_the_last_report_are_kept() {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        assert_eq!(used_at(&database.connection), Ok(None));
        for second in [1, 5] {
            database.write(|writing| writing.used(at(second))).unwrap();
        }
        database.write(|writing| writing.reported(at(3))).unwrap();
        assert_eq!(used_at(&database.connection), Ok(Some(at(5))));
        assert_eq!(reported_at(&database.connection), Ok(Some(at(3))));
    }

    #[test]
    fn marks_as_read_are_kept_and_taken_back_and_bounded() {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let ids: Vec<ChangeId> = (0..5).map(ChangeId::restored).collect();
        database
            .write(|writing| writing.read_changes(&ids, at(1)))
            .unwrap();
        database
            .write(|writing| writing.unread_changes(&ids[..2]))
            .unwrap();
        assert_eq!(
            read_changes(&database.connection).unwrap(),
            ids[2..].iter().copied().collect()
        );
        let many: Vec<ChangeId> = (10..).take(MOST_READ).map(ChangeId::restored).collect();
        database
            .write(|writing| writing.read_changes(&many, at(2)))
            .unwrap();
        let read = read_changes(&database.connection).unwrap();
        assert_eq!(read.len(), MOST_READ);
        assert!(!read.contains(&ids[4]), "the oldest is gone");
    }
}
