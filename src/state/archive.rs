//! Stores the pods of each snapshot, on the recorder's thread.
//!
//! Owns when a snapshot is whole: if there is no previous one, and from time to time, so that a reader
//! never replays more than a group. A snapshot is one transaction, which looks again at what is there: a killed process
//! loses the one that it was writing, and of two dashboards that have the same one, the first stores it. Must not: keep the
//! pods of a large fleet in memory; their line-up is read again when the next snapshot comes.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::database::{
    Database, SnapshotBody, SnapshotBounds, SnapshotHeader, SourceMark, Unusable, Writing, snapshot_body,
};
use crate::fleet::past::{Lineup, Replay, difference};
use crate::fleet::{Fleet, SourceId};

/// The most pods of a snapshot that is stored.
const MOST_PODS: usize = 500_000;
/// The most snapshots of a group.
const MOST_IN_GROUP: usize = 64;
/// The longest time between the first and the last snapshot of a group: it goes as one.
const LONGEST_GROUP: SignedDuration = SignedDuration::from_hours(48);
/// The line-up of this many pods is kept in memory until the next snapshot.
const KEPT_PODS: usize = 20_000;

/// What was stored last.
#[derive(Debug, Default)]
pub(super) struct Archive {
    /// The number of the newest snapshot that this program knows, and its pods where these are few.
    last: Option<(i64, Lineup)>,
    pub(super) bounds: SnapshotBounds,
}

/// What a snapshot is the difference to.
struct Base {
    number: i64,
    lineup: Lineup,
}

impl Archive {
    /// Stores the pods of `fleet` as those of the snapshot of `at`, unless it is there or older than what is there.
    pub(super) fn store(
        &mut self,
        database: &mut Database,
        path: &Path,
        fleet: &Fleet,
        at: Timestamp,
    ) -> Result<(), Unusable> {
        let source = SourceMark::of(path);
        let newest = database.newest_snapshot(source)?;
        if newest.is_some_and(|(_, newest)| newest >= at) {
            return Ok(());
        }
        if fleet.len() > MOST_PODS {
            tracing::info!(
                pods = fleet.len(),
                most = MOST_PODS,
                "too many pods to store the past"
            );
            return Ok(());
        }
        let newest = newest.map(|(number, _)| number);
        let base = match newest {
            Some(number) => self.base(database, source, number, at)?,
            None => None,
        };
        let lineup = Lineup::of(fleet.clone());
        let nothing = Lineup::default();
        let before = base.as_ref().map_or(&nothing, |base| &base.lineup);
        let Ok(body) = difference(before, &lineup) else {
            tracing::info!(pods = fleet.len(), "a snapshot is too large to be stored");
            return Ok(());
        };
        let header = SnapshotHeader {
            source,
            last_update_time: at,
            base: base.map(|base| base.number),
            bytes: body.len() as u64,
        };
        let mut stored = None;
        let bounds = self.bounds;
        database.write(|writing| {
            // Another dashboard may have stored it, or the one before it.
            if writing.is_newest(source, newest)? {
                let number = writing.snapshot(&header, &body)?;
                writing.bound_snapshots(&header, bounds)?;
                stored = Some(number);
            }
            Ok(())
        })?;
        tracing::debug!(stored, bytes = body.len(), base = header.base, "snapshot");
        self.last = stored
            .filter(|_| lineup.len() <= KEPT_PODS)
            .map(|number| (number, lineup));
        Ok(())
    }

    /// The newest snapshot, if the next one may be the difference to it.
    fn base(
        &mut self,
        database: &Database,
        source: SourceMark,
        number: i64,
        at: Timestamp,
    ) -> Result<Option<Base>, Unusable> {
        if !has_room(&database.snapshots(source, MOST_IN_GROUP)?, number, at) {
            return Ok(None);
        }
        if let Some((known, lineup)) = self.last.take()
            && known == number
        {
            return Ok(Some(Base { number, lineup }));
        }
        let Some(chain) = chain(database.reading(), number)? else {
            return Ok(None);
        };
        let bodies = chain.iter().rev();
        let replay = bodies
            .map(|(_, body)| body)
            .try_fold(Replay::default(), |replay, body| replay.then(&body.difference));
        // One that cannot be read is no base: the next one is whole.
        Ok(replay.ok().map(|replay| Base {
            number,
            lineup: replay.lineup(SourceId::default()),
        }))
    }
}

/// Stores snapshots one after the other in one transaction, for a file that nobody else writes: the past of a demo.
#[derive(Debug)]
pub struct SnapshotSeries {
    source: SourceMark,
    /// The number of the newest snapshot, its pods, and since when its group has lasted.
    last: Option<(i64, Lineup, Timestamp)>,
}

impl SnapshotSeries {
    /// A series for the file at `path`.
    pub fn new(path: &Path) -> Self {
        Self {
            source: SourceMark::of(path),
            last: None,
        }
    }

    /// Stores the pods of `fleet` as those of the snapshot of `at`, which is newer than those before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn store(
        &mut self,
        writing: &Writing<'_>,
        fleet: &Fleet,
        at: Timestamp,
    ) -> Result<(), rusqlite::Error> {
        let base = self
            .last
            .take()
            .filter(|(.., since)| at.duration_since(*since) <= LONGEST_GROUP);
        let lineup = Lineup::of(fleet.clone());
        let nothing = Lineup::default();
        let Ok(body) = difference(base.as_ref().map_or(&nothing, |(_, before, _)| before), &lineup) else {
            return Ok(());
        };
        let header = SnapshotHeader {
            source: self.source,
            last_update_time: at,
            base: base.as_ref().map(|(number, ..)| *number),
            bytes: body.len() as u64,
        };
        let number = writing.snapshot(&header, &body)?;
        self.last = Some((number, lineup, base.map_or(at, |(.., since)| since)));
        Ok(())
    }
}

/// Whether the group of the snapshot of this number has room for another one, dated `at`.
fn has_room(newest_first: &[(i64, SnapshotHeader)], number: i64, at: Timestamp) -> bool {
    let rows = newest_first.iter().skip_while(|(known, _)| *known != number);
    let (mut differences, mut bytes) = (0, 0_u64);
    for (_, header) in rows {
        if header.base.is_none() {
            let is_short = at.duration_since(header.last_update_time) <= LONGEST_GROUP;
            return is_short && differences < MOST_IN_GROUP - 1 && bytes <= header.bytes;
        }
        differences += 1;
        bytes = bytes.saturating_add(header.bytes);
    }
    false
}

/// The bodies from that of the snapshot of this number back to the whole one; `None` where one of them cannot be read.
pub(super) fn chain(
    connection: &Connection,
    number: i64,
) -> Result<Option<Vec<(i64, SnapshotBody)>>, rusqlite::Error> {
    let mut chain = Vec::new();
    let mut next = Some(number);
    while let Some(number) = next {
        let Some(body) = snapshot_body(connection, number)? else {
            return Ok(None);
        };
        // A base is always older, so the way ends.
        next = body.base.filter(|base| *base < number);
        chain.push((number, body));
    }
    Ok(Some(chain))
}

#[cfg(test)]
pub(super) mod tests;
