//! The changes in the file, one after the other, for a program that wants each of them once.
//!
//! Owns a place in the log. Whoever records a change, this program or another one, gives it the next number in one
//! transaction, and a change that is there already is not recorded again: so whoever reads on from a number misses none and
//! gets none twice. The number is only good for one file; the change's id is good for all, so a place is found again by it.
//! Reads on a connection of its own, which never waits for a writer. Must not: write.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use super::checksum::{self, is_intact};
use super::database::{Database, Identity, Unusable, identity};
use super::history::open_to_read;
use super::journal;
use crate::fleet::changes::{Change, ChangeId};

/// The most changes that are read at once.
const MOST_AT_ONCE: i64 = 1000;

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedStart {
    /// With the next change.
    Now,
    /// With the oldest one that is kept.
    Oldest,
    /// With the one after this.
    After(ChangeId),
}

/// A place in the log of one file.
#[derive(Debug, Clone, Copy)]
struct FeedPlace {
    /// The number of the last change that was read.
    number: i64,
    /// Its id.
    last: Option<ChangeId>,
}

/// Changes that were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FedChanges {
    /// Oldest first.
    pub changes: Vec<Change>,
    /// The change to go on after was not found, so these begin with the oldest one that is kept.
    pub lost_place: bool,
}

/// The changes of a file, from some place on.
#[derive(Debug)]
pub struct ChangeFeed {
    file: PathBuf,
    start: FeedStart,
    place: Option<FeedPlace>,
    /// Whether the place was lost, and nobody was told yet.
    has_lost: bool,
    /// The connection, and the identity of its file: another file of that name has other numbers.
    connection: Option<(Option<Identity>, Connection)>,
}

impl ChangeFeed {
    /// A feed of this file, which is created or brought to the newest version if need be. The place is found at once, so that
    /// what is recorded from now on is read. The text is a notice about the file, such as that it was put aside.
    ///
    /// # Errors
    /// Why the file cannot be used at the moment; [`Self::read`] tries again.
    pub fn open(file: PathBuf, start: FeedStart) -> (Self, Result<Option<String>, Unusable>) {
        let mut feed = Self {
            file,
            start,
            place: None,
            has_lost: false,
            connection: None,
        };
        let opened = Database::open(&feed.file).map(|(_, notice)| notice);
        let found = opened.and_then(|notice| Ok(feed.find_place().map(|_| notice)?));
        (feed, found)
    }

    /// The next changes, not more than [`MOST_AT_ONCE`]; none if there are no more so far.
    ///
    /// # Errors
    /// Those of the database. The place stays as it was.
    pub fn read(&mut self) -> Result<FedChanges, Unusable> {
        let read = self.next_changes();
        if read.is_err() {
            self.connection = None;
        }
        Ok(read?)
    }

    fn next_changes(&mut self) -> Result<FedChanges, rusqlite::Error> {
        let Some(mut place) = self.find_place()? else {
            return Ok(FedChanges::default());
        };
        let Some((_, connection)) = &self.connection else {
            return Ok(FedChanges::default());
        };
        let mut statement = connection
            .prepare("SELECT number, body, sum, id FROM change WHERE number > ?1 ORDER BY number LIMIT ?2")?;
        let mut rows = statement.query(params![place.number, MOST_AT_ONCE])?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            place.number = row.get(0)?;
            let body = row.get_ref(1)?.as_bytes().unwrap_or_default();
            let (sum, id): (Option<i64>, Option<i64>) = (row.get(2).ok(), row.get(3).unwrap_or(None));
            let change = str::from_utf8(body).ok().and_then(journal::read);
            // One that the disk altered counts as missing, as everywhere.
            if let (true, Some(id), Some(change)) = (is_intact(sum, checksum::change(body)), id, change) {
                place.last = Some(ChangeId::restored(id));
                changes.push(change);
            }
        }
        self.place = Some(place);
        Ok(FedChanges {
            changes,
            lost_place: std::mem::take(&mut self.has_lost),
        })
    }

    /// The place in the file that has the name now. `None` while there is no file.
    fn find_place(&mut self) -> Result<Option<FeedPlace>, rusqlite::Error> {
        let now = identity(&self.file);
        let is_same = matches!(&self.connection, Some((of, _)) if *of == now);
        if !is_same {
            self.connection = open_to_read(&self.file)?.map(|connection| (now, connection));
        }
        let Some((_, connection)) = &self.connection else {
            return Ok(None);
        };
        let (place, lost) = match self.place {
            Some(place) if is_same => (place, false),
            Some(FeedPlace { last: Some(last), .. }) => after(connection, last)?,
            Some(FeedPlace { last: None, .. }) => (BEGINNING, false),
            None => match self.start {
                FeedStart::Now => (newest(connection)?, false),
                FeedStart::Oldest => (BEGINNING, false),
                FeedStart::After(id) => after(connection, id)?,
            },
        };
        self.has_lost |= lost;
        self.place = Some(place);
        Ok(Some(place))
    }
}

const BEGINNING: FeedPlace = FeedPlace {
    number: 0,
    last: None,
};

fn newest(connection: &Connection) -> Result<FeedPlace, rusqlite::Error> {
    let number: Option<i64> = connection.query_row("SELECT max(number) FROM change", [], |row| row.get(0))?;
    Ok(FeedPlace {
        number: number.unwrap_or(0),
        last: None,
    })
}

/// The place of a change, or the beginning and that it was not found.
fn after(connection: &Connection, id: ChangeId) -> Result<(FeedPlace, bool), rusqlite::Error> {
    let mut statement = connection.prepare("SELECT number FROM change WHERE id = ?1")?;
    let mut rows = statement.query([id.number()])?;
    Ok(match rows.next()? {
        None => (BEGINNING, true),
        Some(row) => {
            let place = FeedPlace {
                number: row.get(0)?,
                last: Some(id),
            };
            (place, false)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::ChangeKind;
    use crate::fleet::fixture::node;
    use crate::state::database::tests::Folder;
    use jiff::Timestamp;

    fn change(pod: &str) -> Change {
        Change {
            after: Timestamp::from_second(1_760_000_000).ok(),
            ..Change::of(&node(pod).build(), ChangeKind::Appeared)
        }
    }

    fn id(pod: &str) -> ChangeId {
        ChangeId::of(&change(pod))
    }

    fn record(folder: &Folder, pods: &[&str]) {
        let changes: Vec<Change> = pods.iter().map(|pod| change(pod)).collect();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        database.write(|writing| writing.changes(&changes)).unwrap();
    }

    fn feed(folder: &Folder, start: FeedStart) -> ChangeFeed {
        let (feed, opened) = ChangeFeed::open(folder.file(), start);
        opened.unwrap();
        feed
    }

    /// The pods of the next changes, and whether the place was lost.
    fn next(feed: &mut ChangeFeed) -> (Vec<String>, bool) {
        let batch = feed.read().unwrap();
        let name = |change: &Change| change.name.value().unwrap().raw().to_owned();
        (batch.changes.iter().map(name).collect(), batch.lost_place)
    }

    #[test]
    fn each_change_is_read_once_whoever_records_it() {
        let folder = Folder::new();
        record(&folder, &["a", "b"]);
        let mut feed = feed(&folder, FeedStart::Now);
        assert_eq!(next(&mut feed), (vec![], false), "those were there before");
        record(&folder, &["b", "c"]);
        record(&folder, &["a", "c", "d"]);
        assert_eq!(next(&mut feed).0, ["c", "d"]);
        assert_eq!(next(&mut feed).0, [""; 0]);
    }

    #[test]
    fn a_feed_goes_on_after_the_change_that_is_named() {
        let folder = Folder::new();
        record(&folder, &["a", "b", "c"]);
        let from = |start| next(&mut feed(&folder, start));
        assert_eq!(from(FeedStart::Oldest).0, ["a", "b", "c"]);
        assert_eq!(from(FeedStart::After(id("b"))), (vec!["c".to_owned()], false));
        assert_eq!(from(FeedStart::After(id("c"))).0, [""; 0]);
        let (all, lost) = from(FeedStart::After(id("z")));
        assert_eq!((all.len(), lost), (3, true), "rather twice than never");
    }

    #[test]
    fn in_another_file_of_that_name_the_place_is_found_by_the_change() {
        let folder = Folder::new();
        record(&folder, &["a", "b"]);
        let mut feed = feed(&folder, FeedStart::Oldest);
        assert_eq!(next(&mut feed).0, ["a", "b"]);
        std::fs::remove_file(folder.file()).unwrap();
        assert_eq!(next(&mut feed).0, [""; 0], "there is none");
        record(&folder, &["x", "b", "c"]);
        assert_eq!(next(&mut feed), (vec!["c".to_owned()], false));
        std::fs::remove_file(folder.file()).unwrap();
        record(&folder, &["y"]);
        assert_eq!(next(&mut feed), (vec!["y".to_owned()], true));
    }

    #[test]
    fn more_than_are_read_at_once_come_with_the_next_look() {
        let folder = Folder::new();
        let names: Vec<String> = (0..=MOST_AT_ONCE).map(|at| format!("p{at}")).collect();
        record(&folder, &names.iter().map(String::as_str).collect::<Vec<_>>());
        let mut feed = feed(&folder, FeedStart::Oldest);
        assert_eq!((next(&mut feed).0.len(), next(&mut feed).0.len()), (1000, 1));
    }
}
