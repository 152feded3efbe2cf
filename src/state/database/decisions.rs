//! What operators decided: findings that they know of, and pods that they do not want to hear of for a while.
//!
//! Owns two tables. A row is never removed by what undoes it: who did what, and until when it held, is the point of keeping it.
//! A row that is not as it was written is passed over.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::{Database, Unusable, Writing};
use crate::fleet::PodKey;
use crate::state::checksum;

/// Somebody knows of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Who: 1 to 256 characters.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// The pod.
    pub pod: PodKey,
    /// The finding's name: 1 to 256 characters.
    pub finding: String,
    /// Until when it holds, later than `at`; `None` as long as there is the finding.
    pub until: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub undone: Option<Timestamp>,
}

/// Somebody does not want to hear of some pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// Who: 1 to 256 characters.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Which pods: a filter, as it would be typed after `/`; 1 to 4096 characters.
    pub filter: String,
    /// Until when, later than `at`: no mute is for ever.
    pub until: Timestamp,
    /// When it was taken back, if it was.
    pub undone: Option<Timestamp>,
}

/// A row and its number, by which it is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered<T> {
    /// The number.
    pub number: i64,
    /// The row.
    pub row: T,
}

fn ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millisecond)
}

fn time(row: &Row<'_>, at: usize) -> Result<Option<Timestamp>, rusqlite::Error> {
    let ms: Option<i64> = row.get(at)?;
    Ok(ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
}

impl Acknowledgement {
    fn sum(&self) -> i64 {
        let times = [Some(self.at.as_millisecond()), ms(self.until), ms(self.undone)];
        checksum::record(&times, &[&self.who, self.pod.as_str(), &self.finding])
    }

    fn read(row: &Row<'_>) -> Result<Option<Numbered<Self>>, rusqlite::Error> {
        let pod: Vec<u8> = row.get(3)?;
        let (Some(at), Ok(pod)) = (time(row, 2)?, String::from_utf8(pod)) else {
            return Ok(None);
        };
        let read = Self {
            who: row.get(1)?,
            at,
            pod: PodKey::restored(&pod),
            finding: row.get(4)?,
            until: time(row, 5)?,
            undone: time(row, 6)?,
        };
        let is_intact = row.get::<_, i64>(7)? == read.sum();
        Ok(is_intact.then_some(Numbered {
            number: row.get(0)?,
            row: read,
        }))
    }
}

impl Mute {
    fn sum(&self) -> i64 {
        let times = [
            Some(self.at.as_millisecond()),
            Some(self.until.as_millisecond()),
            ms(self.undone),
        ];
        checksum::record(&times, &[&self.who, &self.filter])
    }

    fn read(row: &Row<'_>) -> Result<Option<Numbered<Self>>, rusqlite::Error> {
        let (Some(at), Some(until)) = (time(row, 2)?, time(row, 4)?) else {
            return Ok(None);
        };
        let read = Self {
            who: row.get(1)?,
            at,
            filter: row.get(3)?,
            until,
            undone: time(row, 5)?,
        };
        let is_intact = row.get::<_, i64>(6)? == read.sum();
        Ok(is_intact.then_some(Numbered {
            number: row.get(0)?,
            row: read,
        }))
    }
}

impl Writing<'_> {
    /// Adds an acknowledgement, or changes the one of this number: that is how one is taken back. Returns its number.
    pub fn acknowledgement(
        &self,
        number: Option<i64>,
        row: &Acknowledgement,
    ) -> Result<i64, rusqlite::Error> {
        let query =
            "INSERT OR REPLACE INTO acknowledgement (number, who, at, pod, finding, until, undone, sum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let at = row.at.as_millisecond();
        let (until, undone) = (ms(row.until), ms(row.undone));
        let pod = row.pod.as_str().as_bytes();
        self.0.execute(
            query,
            params![number, row.who, at, pod, row.finding, until, undone, row.sum()],
        )?;
        Ok(self.0.last_insert_rowid())
    }

    /// Adds a mute, or changes the one of this number. Returns its number.
    pub fn mute(&self, number: Option<i64>, row: &Mute) -> Result<i64, rusqlite::Error> {
        let query = "INSERT OR REPLACE INTO mute (number, who, at, filter, until, undone, sum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (at, until) = (row.at.as_millisecond(), row.until.as_millisecond());
        self.0.execute(
            query,
            params![number, row.who, at, row.filter, until, ms(row.undone), row.sum()],
        )?;
        Ok(self.0.last_insert_rowid())
    }
}

impl Database {
    /// The acknowledgements of one pod, oldest first.
    pub fn acknowledgements(&self, pod: &PodKey) -> Result<Vec<Numbered<Acknowledgement>>, Unusable> {
        let query = "SELECT number, who, at, pod, finding, until, undone, sum FROM acknowledgement
            WHERE pod = ?1 ORDER BY number";
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([pod.as_str().as_bytes()], Acknowledgement::read)?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// The mutes, oldest first.
    pub fn mutes(&self) -> Result<Vec<Numbered<Mute>>, Unusable> {
        let query = "SELECT number, who, at, filter, until, undone, sum FROM mute ORDER BY number";
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map([], Mute::read)?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(rows.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;
    use crate::state::database::tests::Folder;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn acknowledgement() -> Acknowledgement {
        Acknowledgement {
            who: "ops".into(),
            at: at(10),
            pod: node("a").build().key,
            finding: "risk".into(),
            until: Some(at(20)),
            undone: None,
        }
    }

    fn mute() -> Mute {
        Mute {
            who: "ops".into(),
            at: at(10),
            filter: "ns:test-*".into(),
            until: at(20),
            undone: None,
        }
    }

    fn open(folder: &Folder) -> Database {
        Database::open(&folder.file()).unwrap().0
    }

    fn written<T>(
        database: &mut Database,
        write: impl Fn(&Writing<'_>) -> Result<T, rusqlite::Error>,
    ) -> Option<T> {
        let mut result = None;
        let done = database.write(|writing| {
            result = Some(write(writing)?);
            Ok(())
        });
        result.filter(|_| done.is_ok())
    }

    #[test]
    fn an_acknowledgement_is_read_as_it_was_written_and_is_taken_back_by_its_number() {
        let folder = Folder::new();
        let mut database = open(&folder);
        let row = acknowledgement();
        let number = written(&mut database, |writing| writing.acknowledgement(None, &row)).unwrap();
        let other = Acknowledgement {
            pod: node("b").build().key,
            until: None,
            ..row.clone()
        };
        written(&mut database, |writing| writing.acknowledgement(None, &other)).unwrap();
        let read = |database: &Database| database.acknowledgements(&row.pod).unwrap();
        assert_eq!(
            read(&database),
            [Numbered {
                number,
                row: row.clone()
            }]
        );
        let undone = Acknowledgement {
            undone: Some(at(15)),
            ..row.clone()
        };
        written(&mut database, |writing| {
            writing.acknowledgement(Some(number), &undone)
        })
        .unwrap();
        assert_eq!(read(&database), [Numbered { number, row: undone }]);
        assert_eq!(database.acknowledgements(&other.pod).unwrap()[0].row, other);
        drop(database);
        assert_eq!(read(&open(&folder)).len(), 1, "also after a restart");
    }

    #[test]
    fn a_mute_is_read_as_it_was_written() {
        let folder = Folder::new();
        let mut database = open(&folder);
        let number = written(&mut database, |writing| writing.mute(None, &mute())).unwrap();
        assert_eq!(database.mutes().unwrap(), [Numbered { number, row: mute() }]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_the_file() {
        let folder = Folder::new();
        let mut database = open(&folder);
        for wrong in [
            Acknowledgement {
                who: String::new(),
                ..acknowledgement()
            },
            Acknowledgement {
                finding: "x".repeat(257),
                ..acknowledgement()
            },
            Acknowledgement {
                until: Some(at(10)),
                ..acknowledgement()
            },
            Acknowledgement {
                undone: Some(at(9)),
                ..acknowledgement()
            },
        ] {
            assert_eq!(
                written(&mut database, |writing| writing.acknowledgement(None, &wrong)),
                None
            );
        }
        for wrong in [
            Mute {
                filter: String::new(),
                ..mute()
            },
            Mute {
                until: at(10),
                ..mute()
            },
            Mute {
                undone: Some(at(9)),
                ..mute()
            },
        ] {
            assert_eq!(written(&mut database, |writing| writing.mute(None, &wrong)), None);
        }
        assert_eq!(database.mutes(), Ok(vec![]));
    }

    #[test]
    fn a_row_that_the_disk_altered_is_passed_over() {
        let folder = Folder::new();
        let mut database = open(&folder);
        let row = acknowledgement();
        written(&mut database, |writing| writing.acknowledgement(None, &row)).unwrap();
        written(&mut database, |writing| writing.mute(None, &mute())).unwrap();
        for sql in [
            "UPDATE acknowledgement SET until = until + 1",
            "UPDATE mute SET who = 'opt'",
        ] {
            assert_eq!(database.connection.execute(sql, []), Ok(1));
        }
        assert_eq!(database.acknowledgements(&row.pod), Ok(vec![]));
        assert_eq!(database.mutes(), Ok(vec![]));
    }
}
