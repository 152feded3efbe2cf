//! The changes that somebody has read, and the times at which hss-top watched HSS.
//!
//! Owns two tables. A read mark outlives its change only for a while. Adjoining times become one period,
//! whichever dashboard watched.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::Writing;
use crate::fleet::changes::{ChangeId, KEPT};
use crate::fleet::watched::WatchedSpan;

/// The most read marks that are stored: twice the number of changes.
const MOST_READ: usize = 2 * KEPT;
/// The most periods that are stored, the newest.
const MOST_SPANS: i64 = 1000;

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

    /// Records that hss-top checked HSS at `at`. A check within `within` after the end of a period extends
    /// the period; a later one begins a new period. A clock that was set back changes nothing.
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
