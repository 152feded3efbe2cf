//! Reads from the file.
//!
//! Owns the decision what is trusted: a record with a wrong checksum was altered by the disk. It is skipped
//! as if it were missing, and counted.

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Row, params};

use super::{Database, Facts, Unusable};
use crate::fleet::changes::Change;
use crate::state::checksum::{self, is_intact};
use crate::state::journal;

/// Records that the disk altered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damaged {
    /// Pages, by offset.
    pages: Vec<i64>,
    /// Facts, by name.
    facts: Vec<String>,
    /// Changes, by number.
    changes: Vec<i64>,
}

impl Damaged {
    /// Combines both.
    #[must_use]
    pub fn and(mut self, mut other: Self) -> Self {
        self.pages.append(&mut other.pages);
        self.facts.append(&mut other.facts);
        self.changes.append(&mut other.changes);
        self
    }

    /// The notice about them; `None` if there are none.
    pub fn told(&self) -> Option<String> {
        let many = |count: usize, one: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {one}s")),
        };
        let facts = usize::from(!self.facts.is_empty());
        let what = [
            many(self.pages.len(), "page"),
            many(self.changes.len(), "change"),
            many(facts, "summary"),
        ];
        let what: Vec<String> = what.into_iter().flatten().collect();
        let reload = if self.pages.len() + facts > 0 {
            "; all pages are requested from HSS again"
        } else {
            ""
        };
        (!what.is_empty()).then(|| {
            let what = what.join(", ");
            format!("saved data was altered on the disk and is not used: {what}{reload}")
        })
    }
}

impl Database {
    /// Reads every page in order. Returns the damaged ones.
    pub fn pages(&self, mut each: impl FnMut(&[u8])) -> Result<Damaged, Unusable> {
        let mut statement = self
            .connection
            .prepare("SELECT offset, body, sum FROM page ORDER BY offset")?;
        let mut rows = statement.query([])?;
        let mut damaged = Damaged::default();
        while let Some(row) = rows.next()? {
            let number = integer(row, 0)?.unwrap_or(-1);
            let body = row.get_ref(1)?.as_bytes().ok();
            let offset = u32::try_from(number).ok();
            let found = body.zip(offset).filter(|(body, offset)| {
                integer(row, 2).is_ok_and(|sum| is_intact(sum, checksum::page(*offset, body)))
            });
            match found {
                Some((body, _)) => each(body),
                None => damaged.pages.push(number),
            }
        }
        Ok(damaged)
    }

    /// How many pages there are, readable or not.
    pub fn page_count(&self) -> Result<u64, Unusable> {
        let query = "SELECT count(*) FROM page";
        let count = self.connection.query_row(query, [], |row| row.get::<_, i64>(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Reads the facts. Returns the damaged ones too.
    pub fn facts(&self) -> Result<(Facts, Damaged), Unusable> {
        let mut damaged = Damaged::default();
        let mut read = |name: &str| -> Result<Option<i64>, rusqlite::Error> {
            let mut statement = self
                .connection
                .prepare("SELECT value, sum FROM fact WHERE name = ?1")?;
            let mut rows = statement.query([name])?;
            let Some(row) = rows.next()? else {
                return Ok(None);
            };
            let value = integer(row, 0)?;
            if is_intact(integer(row, 1)?, checksum::fact(name, value)) {
                return Ok(value);
            }
            damaged.facts.push(name.to_owned());
            Ok(None)
        };
        let time = |ms: Option<i64>| ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let count = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
        let facts = Facts {
            asked_at: time(read("asked_at")?),
            snapshot_at: time(read("snapshot_at")?),
            total: count(read("total")?),
            complete: read("complete")? == Some(1),
            pages: count(read("pages")?),
        };
        // If one of them is wrong, the others no longer describe all pages.
        let complete = facts.complete && damaged.facts.is_empty();
        Ok((Facts { complete, ..facts }, damaged))
    }

    /// Reads the changes, oldest first; an unreadable one is skipped. Returns the damaged ones too.
    pub fn changes(&self) -> Result<(Vec<Change>, Damaged), Unusable> {
        let mut statement = self
            .connection
            .prepare("SELECT number, body, sum, id FROM change ORDER BY number")?;
        let mut rows = statement.query([])?;
        let (mut changes, mut damaged) = (Vec::new(), Damaged::default());
        while let Some(row) = rows.next()? {
            let body = row.get_ref(1)?.as_bytes().unwrap_or_default();
            if is_intact(integer(row, 2)?, checksum::change(body)) {
                let change = str::from_utf8(body).ok().and_then(journal::read);
                // One without an id is the same as another: see the update to version 5.
                let has_id = integer(row, 3)?.is_some();
                changes.extend(change.filter(|_| has_id));
            } else {
                damaged.changes.push(integer(row, 0)?.unwrap_or(-1));
            }
        }
        Ok((changes, damaged))
    }

    /// Removes damaged records, so that they are reported once.
    pub fn forget(&mut self, damaged: &Damaged) -> Result<(), Unusable> {
        self.write(|writing| {
            let each = |query: &str, numbers: &[i64]| {
                let remove = |number| writing.0.execute(query, [number]).map(drop);
                numbers.iter().try_for_each(remove)
            };
            each("DELETE FROM page WHERE offset = ?1", &damaged.pages)?;
            each("DELETE FROM change WHERE number = ?1", &damaged.changes)?;
            let fact = |name| {
                writing
                    .0
                    .execute("DELETE FROM fact WHERE name = ?1", params![name])
            };
            damaged.facts.iter().try_for_each(|name| fact(name).map(drop))
        })
    }
}

/// A number of a row, or `None` if the disk changed its type.
fn integer(row: &Row<'_>, at: usize) -> Result<Option<i64>, rusqlite::Error> {
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(number) => Some(number),
        _ => None,
    })
}
