//! Writes to the file.

use std::collections::BTreeSet;

use jiff::Timestamp;
#[cfg(test)]
use rusqlite::Connection;
use rusqlite::{Transaction, params};

use super::Facts;
use crate::fleet::changes::{Change, ChangeId, KEPT};
use crate::state::usage::{self, Sample};
use crate::state::{checksum, journal};

/// The most bytes of pages that are stored.
const MOST_PAGE_BYTES: u64 = 1 << 30;

/// How many samples are sorted at a time. In the order of the table one row follows the other; in that of the list, each row would
/// be on another page of the file, and most pages would be read, changed and written many times.
const SORTED: usize = 1 << 17;
/// How many samples are a step.
const STEP: usize = 1024;

/// A write in progress.
pub struct Writing<'c>(pub(super) &'c Transaction<'c>);

impl Writing<'_> {
    #[cfg(test)]
    pub(in crate::state) fn connection(&self) -> &Connection {
        self.0
    }

    /// Stores the page that begins at `offset`.
    pub fn page(&self, offset: u32, body: &[u8]) -> Result<(), rusqlite::Error> {
        // Pages beyond the limit are not stored; a sweep reads them again.
        if u64::from(offset).saturating_mul(512) > MOST_PAGE_BYTES {
            return Ok(());
        }
        let mut statement = self
            .0
            .prepare("INSERT OR REPLACE INTO page (offset, body, sum) VALUES (?1, ?2, ?3)")?;
        let sum = checksum::page(offset, body);
        statement.execute(params![offset, body, sum]).map(drop)
    }

    /// Deletes the pages from `offset` on, because the list ends there.
    pub fn end_at(&self, offset: u32) -> Result<(), rusqlite::Error> {
        self.0
            .execute("DELETE FROM page WHERE offset >= ?1", [offset])
            .map(drop)
    }

    /// Deletes every page that a complete sweep did not write, after the list's end or from a run with
    /// another page size, and stores the number of pages.
    pub fn swept(&self, offsets: &BTreeSet<u32>) -> Result<(), rusqlite::Error> {
        let mut statement = self.0.prepare("SELECT offset FROM page")?;
        let held = statement.query_map([], |row| row.get(0))?;
        let held = held.collect::<Result<BTreeSet<u32>, _>>()?;
        let mut statement = self.0.prepare("DELETE FROM page WHERE offset = ?1")?;
        for offset in held.difference(offsets) {
            statement.execute([offset])?;
        }
        self.fact("pages", i64::try_from(offsets.len()).ok())
    }

    /// Stores the facts, except the number of pages.
    pub fn facts(&self, facts: &Facts) -> Result<(), rusqlite::Error> {
        let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        let values = [
            ("asked_at", ms(facts.asked_at)),
            ("snapshot_at", ms(facts.snapshot_at)),
            ("total", facts.total.and_then(|total| i64::try_from(total).ok())),
            ("complete", Some(i64::from(facts.complete))),
        ];
        values
            .iter()
            .try_for_each(|(name, value)| self.fact(name, *value))
    }

    pub(super) fn fact(&self, name: &str, value: Option<i64>) -> Result<(), rusqlite::Error> {
        let mut statement = self
            .0
            .prepare("INSERT OR REPLACE INTO fact (name, value, sum) VALUES (?1, ?2, ?3)")?;
        let sum = checksum::fact(name, value);
        statement.execute(params![name, value, sum]).map(drop)
    }

    /// Adds samples; a newer sample of the same snapshot replaces an older one.
    pub fn usage(&self, samples: impl IntoIterator<Item = Sample>) -> Result<(), rusqlite::Error> {
        self.usage_in_steps(samples, || ())
    }

    /// The same, and calls `step` whenever a part of them is written: those of a large fleet take long.
    pub fn usage_in_steps(
        &self,
        samples: impl IntoIterator<Item = Sample>,
        step: impl Fn(),
    ) -> Result<(), rusqlite::Error> {
        let mut statement = self.0.prepare(
            "INSERT OR REPLACE INTO usage (pod, at, cpu, memory, sum) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let mut samples = samples.into_iter();
        let mut sorted: Vec<Sample> = Vec::new();
        loop {
            sorted.extend(samples.by_ref().take(SORTED));
            if sorted.is_empty() {
                return Ok(());
            }
            // Stable: of two samples of the same pod and snapshot, the later one stays.
            sorted.sort_by_key(|sample| (sample.pod, sample.at));
            for rows in sorted.chunks(STEP) {
                for sample in rows {
                    let sum = checksum::usage(sample);
                    statement.execute(params![sample.pod, sample.at, sample.cpu, sample.memory, sum])?;
                }
                step();
            }
            sorted.clear();
        }
    }

    /// Adds changes; one that another dashboard stored already stays. The oldest are deleted.
    pub fn changes(&self, changes: &[Change]) -> Result<(), rusqlite::Error> {
        let mut statement = self
            .0
            .prepare("INSERT OR IGNORE INTO change (body, sum, id) VALUES (?1, ?2, ?3)")?;
        for change in changes {
            let body = journal::write(change);
            let sum = checksum::change(body.as_bytes());
            statement.execute(params![body, sum, ChangeId::of(change).number()])?;
        }
        self.rescans(changes)?;
        let bound = "DELETE FROM change WHERE number <= (SELECT max(number) FROM change) - ?1";
        self.0
            .execute(bound, [i64::try_from(KEPT).unwrap_or(i64::MAX)])
            .map(drop)
    }

    /// Thins the history out, as of `now` in seconds.
    pub fn thin_out(&self, now: i64) -> Result<(), rusqlite::Error> {
        usage::thin_out(self.0, now)
    }
}
