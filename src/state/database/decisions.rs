//! The operators' decisions: acknowledgements and mutes.
//!
//! Owns two tables. Undoing a decision does not remove its row, because the tables record who decided what
//! and until when. An altered row is skipped.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, Row, params};

use super::{Database, Unusable, Writing};
use crate::fleet::decisions::{Acknowledgement, Decisions, Mute, MuteEnd, MuteTarget};
use crate::fleet::{PodKey, RemoteText};
use crate::state::checksum;

/// The most rows of each table that are read, the newest.
const MOST_ROWS: i64 = 20_000;

/// A row and its number, with which it can be undone.
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
    Ok(value::<i64>(row, at)?.and_then(|ms| Timestamp::from_millisecond(ms).ok()))
}

/// A value of a row; `None` if it is missing or the disk changed its type.
fn value<T: FromSql>(row: &Row<'_>, at: usize) -> Result<Option<T>, rusqlite::Error> {
    Ok(T::column_result(row.get_ref(at)?).ok())
}

fn key(row: &Row<'_>, at: usize) -> Result<Option<PodKey>, rusqlite::Error> {
    let ValueRef::Blob(bytes) = row.get_ref(at)? else {
        return Ok(None);
    };
    Ok(str::from_utf8(bytes).ok().map(PodKey::restored))
}

fn acknowledgement_sum(row: &Acknowledgement) -> i64 {
    let times = [Some(row.at.as_millisecond()), ms(row.until), ms(row.undone)];
    checksum::record(&times, &[&row.who, row.pod.as_str(), &row.finding])
}

fn read_acknowledgement(row: &Row<'_>) -> Result<Option<Numbered<Acknowledgement>>, rusqlite::Error> {
    let (Some(who), Some(at), Some(pod), Some(finding)) =
        (value(row, 1)?, time(row, 2)?, key(row, 3)?, value(row, 4)?)
    else {
        return Ok(None);
    };
    let read = Acknowledgement {
        who,
        at,
        pod,
        finding,
        until: time(row, 5)?,
        undone: time(row, 6)?,
    };
    let is_intact = value(row, 7)? == Some(acknowledgement_sum(&read));
    Ok(is_intact.then_some(Numbered {
        number: row.get(0)?,
        row: read,
    }))
}

/// The columns of a mute's target: pod, name, namespace, cluster, filter.
fn target_columns(target: &MuteTarget) -> [Option<&str>; 5] {
    match target {
        MuteTarget::Pod {
            key,
            name,
            namespace,
            cluster,
        } => [
            Some(key.as_str()),
            Some(name.raw()),
            Some(namespace.raw()),
            Some(cluster.raw()),
            None,
        ],
        MuteTarget::Namespace { namespace, cluster } => {
            [None, None, Some(namespace.raw()), Some(cluster.raw()), None]
        }
        MuteTarget::Filter(filter) => [None, None, None, None, Some(filter)],
    }
}

/// The columns of a mute's end: the word, and the time.
const fn end_columns(end: MuteEnd) -> (&'static str, Option<Timestamp>) {
    match end {
        MuteEnd::Changed => ("changed", None),
        MuteEnd::At(until) => ("time", Some(until)),
        MuteEnd::Never => ("never", None),
    }
}

fn mute_sum(mute: &Mute) -> i64 {
    let (ends, until) = end_columns(mute.end);
    let columns = target_columns(&mute.target);
    let present = columns.map(|column| column.map(|_| 1));
    let times = [Some(mute.at.as_millisecond()), ms(until), ms(mute.undone)];
    let [pod, name, namespace, cluster, filter] = columns.map(Option::unwrap_or_default);
    let numbers: Vec<Option<i64>> = times.into_iter().chain(present).collect();
    let texts = [mute.who.as_str(), ends, pod, name, namespace, cluster, filter];
    checksum::record(&numbers, &texts)
}

fn read_mute(row: &Row<'_>) -> Result<Option<Numbered<Mute>>, rusqlite::Error> {
    let (Some(who), Some(at)) = (value::<String>(row, 1)?, time(row, 2)?) else {
        return Ok(None);
    };
    let text = |at| Ok::<_, rusqlite::Error>(value::<String>(row, at)?.map(|text| RemoteText::name(&text)));
    let target = match (key(row, 3)?, text(4)?, text(5)?, text(6)?, value(row, 7)?) {
        (Some(key), Some(name), Some(namespace), Some(cluster), None) => MuteTarget::Pod {
            key,
            name,
            namespace,
            cluster,
        },
        (None, None, Some(namespace), Some(cluster), None) => MuteTarget::Namespace { namespace, cluster },
        (None, None, None, None, Some(filter)) => MuteTarget::Filter(filter),
        _ => return Ok(None),
    };
    let end = match (value::<String>(row, 8)?.as_deref(), time(row, 9)?) {
        (Some("changed"), None) => MuteEnd::Changed,
        (Some("time"), Some(until)) => MuteEnd::At(until),
        (Some("never"), None) => MuteEnd::Never,
        _ => return Ok(None),
    };
    let read = Mute {
        who,
        at,
        target,
        end,
        undone: time(row, 10)?,
    };
    let is_intact = value(row, 11)? == Some(mute_sum(&read));
    Ok(is_intact.then_some(Numbered {
        number: row.get(0)?,
        row: read,
    }))
}

/// Reads a mute as version 4 stored it: number, who, at, filter, until, undone, sum.
pub(super) fn read_mute_of_filter(row: &Row<'_>) -> Result<Option<Numbered<Mute>>, rusqlite::Error> {
    let (Some(who), Some(at), Some(filter), Some(until)) = (
        value::<String>(row, 1)?,
        time(row, 2)?,
        value::<String>(row, 3)?,
        time(row, 4)?,
    ) else {
        return Ok(None);
    };
    let undone = time(row, 5)?;
    let times = [
        Some(at.as_millisecond()),
        Some(until.as_millisecond()),
        ms(undone),
    ];
    let is_intact = value(row, 6)? == Some(checksum::record(&times, &[&who, &filter]));
    let mute = Mute {
        who,
        at,
        target: MuteTarget::Filter(filter),
        end: MuteEnd::At(until),
        undone,
    };
    Ok(is_intact.then_some(Numbered {
        number: row.get(0)?,
        row: mute,
    }))
}

/// Adds a mute, or changes the one with this number. Returns its number.
pub(super) fn write_mute(
    connection: &Connection,
    number: Option<i64>,
    row: &Mute,
) -> Result<i64, rusqlite::Error> {
    let query = "INSERT OR REPLACE INTO mute
        (number, who, at, pod, name, namespace, cluster, filter, ends, until, undone, sum)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let [pod, name, namespace, cluster, filter] = target_columns(&row.target);
    let (ends, until) = end_columns(row.end);
    let pod = pod.map(str::as_bytes);
    let (at, until, undone, sum) = (row.at.as_millisecond(), ms(until), ms(row.undone), mute_sum(row));
    let row = params![
        number, row.who, at, pod, name, namespace, cluster, filter, ends, until, undone, sum
    ];
    connection.execute(query, row)?;
    Ok(connection.last_insert_rowid())
}

const ACKNOWLEDGEMENTS: &str = "SELECT number, who, at, pod, finding, until, undone, sum FROM
    (SELECT * FROM acknowledgement ORDER BY number DESC LIMIT ?1) ORDER BY number";
const MUTES: &str =
    "SELECT number, who, at, pod, name, namespace, cluster, filter, ends, until, undone, sum FROM
    (SELECT * FROM mute ORDER BY number DESC LIMIT ?1) ORDER BY number";

/// Reads a table, oldest first.
fn all<T>(
    connection: &Connection,
    query: &str,
    read: fn(&Row<'_>) -> Result<Option<Numbered<T>>, rusqlite::Error>,
) -> Result<Vec<Numbered<T>>, rusqlite::Error> {
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map([MOST_ROWS], read)?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().flatten().collect())
}

/// All decisions.
pub(in crate::state) fn decisions(connection: &Connection) -> Result<Decisions, rusqlite::Error> {
    fn rows<T>(numbered: Vec<Numbered<T>>) -> Vec<T> {
        numbered.into_iter().map(|numbered| numbered.row).collect()
    }
    Ok(Decisions {
        acknowledgements: rows(all(connection, ACKNOWLEDGEMENTS, read_acknowledgement)?),
        mutes: rows(all(connection, MUTES, read_mute)?),
    })
}

/// All mutes with their numbers, oldest first.
pub(super) fn numbered_mutes(connection: &Connection) -> Result<Vec<Numbered<Mute>>, rusqlite::Error> {
    all(connection, MUTES, read_mute)
}

impl Writing<'_> {
    /// Adds an acknowledgement, or changes the one with this number, for example to undo it. Returns its
    /// number.
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
        let sum = acknowledgement_sum(row);
        self.0.execute(
            query,
            params![number, row.who, at, pod, row.finding, until, undone, sum],
        )?;
        Ok(self.0.last_insert_rowid())
    }

    /// Adds a mute, or changes the one with this number. Returns its number.
    pub fn mute(&self, number: Option<i64>, row: &Mute) -> Result<i64, rusqlite::Error> {
        write_mute(self.0, number, row)
    }

    /// Undoes these acknowledgements. One that another dashboard has undone already does not change.
    pub fn withdraw_acknowledgements(&self, rows: &[Acknowledgement]) -> Result<(), rusqlite::Error> {
        let place = |row: &Acknowledgement| (row.pod.as_str().to_owned(), row.finding.clone());
        let wanted: HashMap<(String, String), &Acknowledgement> =
            rows.iter().map(|row| (place(row), row)).collect();
        for numbered in all(self.0, ACKNOWLEDGEMENTS, read_acknowledgement)? {
            let wanted = wanted
                .get(&place(&numbered.row))
                .filter(|row| row.is_same(&numbered.row));
            if let Some(row) = wanted.filter(|_| numbered.row.undone.is_none()) {
                self.acknowledgement(Some(numbered.number), row)?;
            }
        }
        Ok(())
    }

    /// Adds and undoes decisions of other screens, as far as that was not done.
    pub fn share(&self, others: &Decisions) -> Result<(), rusqlite::Error> {
        let (new, undone) = decisions(self.0)?.missing(others);
        for row in &new.acknowledgements {
            self.acknowledgement(None, row)?;
        }
        self.withdraw_acknowledgements(&undone.acknowledgements)?;
        for row in &new.mutes {
            self.mute(None, row)?;
        }
        undone.mutes.iter().try_for_each(|row| self.withdraw_mute(row))
    }

    /// Undoes this mute.
    pub fn withdraw_mute(&self, row: &Mute) -> Result<(), rusqlite::Error> {
        for numbered in all(self.0, MUTES, read_mute)? {
            if numbered.row.is_same(row) && numbered.row.undone.is_none() {
                self.mute(Some(numbered.number), row)?;
            }
        }
        Ok(())
    }
}

impl Database {
    /// All decisions, oldest first.
    pub fn decisions(&self) -> Result<Decisions, Unusable> {
        Ok(decisions(&self.connection)?)
    }

    /// Whether a change is marked as read.
    #[cfg(test)]
    pub fn has_read(&self, id: crate::fleet::changes::ChangeId) -> bool {
        super::attention::read_changes(&self.connection).is_ok_and(|read| read.contains(&id))
    }
}

#[cfg(test)]
mod tests;
