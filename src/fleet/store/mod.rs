//! The store: all known pods, updated page by page.
//!
//! The fetch task fills the [`Store`]; the screen gets a [`Fleet`], an immutable picture of it. A page
//! updates its own rows at once. A pod vanishes only if a *complete* sweep did not see it; its row then stays
//! for [`REMEMBERED`]. Rows never change their numbers: a new pod gets a vacant row or a new one at the end.
//! Must not: know pages of the API, calls or a clock.

mod adopt;
mod append;
pub mod chunk;
pub mod counts;
pub mod dictionary;
pub mod encoding;
mod identity;
mod intake;
pub mod mask;
mod namesakes;
mod older_pages;
pub mod packed;
pub mod places;
#[cfg(test)]
mod records;
#[cfg(test)]
mod reference;
mod rescans;
pub mod row_index;
mod rows;
pub(in crate::fleet) mod seen;
pub mod stored_columns;
mod sweep_end;
mod sweeps;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;

use jiff::{SignedDuration, Timestamp};

use super::changes::{Change, ChangeKind, Changes};
use super::pod::{Pod, PodKey};
use super::quantity::Measure;
use super::scope::Scope;
use super::snapshot::Fleet;
use super::source_id::SourceId;
use super::usage::Pressure;
use chunk::{CHUNK_ROWS, Chunk};
use counts::Counts;
use encoding::Dictionaries;
use identity::Hashes;
use namesakes::Namesakes;
pub use older_pages::Rows;
#[cfg(test)]
pub use records::Records;
use row_index::RowIndex;
pub use seen::SweepKind;
use sweeps::Sweeps;

/// How long a pod that vanished stays in the fleet.
pub const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// Which store it is, in this process: no two have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StoreId(u64);

impl Default for StoreId {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The fleet being built.
#[derive(Debug, Default)]
pub struct Store {
    id: StoreId,
    /// Where the pods come from.
    source: SourceId,
    chunks: Vec<Arc<Chunk>>,
    dictionaries: Dictionaries,
    /// The rows with an id, by id.
    by_id: RowIndex,
    /// All rows by cluster, namespace and name, which is what the two lists have in common.
    by_name: RowIndex,
    /// Whether the rows are in neither index yet: see [`adopt`].
    is_unindexed: bool,
    /// The rows that the index by name leaves out because it has enough of their name.
    namesakes: Namesakes,
    hasher: RandomState,
    /// What the running sweeps have seen, by row: see [`seen`].
    seen: Vec<u8>,
    vacant: Vec<u32>,
    gone: usize,
    counts: Counts,
    changes: Changes,
    /// How near a limit each pod was said to be last, where that is not calm.
    told: HashMap<(PodKey, Measure), Pressure>,
    /// The pods whose risk was under a new scan when an earlier run ended, until all of its pages are merged.
    rescans: HashSet<PodKey>,
    /// Whether the merged pages are restored from an earlier run.
    restoring: bool,
    /// The completed sweeps: a pod that is new in their scopes is reported as appeared.
    sweeps: Sweeps,
    /// The date of the snapshot that the current page belongs to.
    snapshot_at: Option<Timestamp>,
    /// When the current page was received, by our own clock.
    received_at: Option<Timestamp>,
    /// Increases when a row gets another name or place, or is freed.
    names_version: u64,
    /// The number of words when the store was last rebuilt.
    words_then: usize,
    /// How often it was rebuilt: rows and words have other numbers then.
    rebuilds: u64,
}

/// The chunk of a row, and the row's place in it.
pub(super) const fn place(row: u32) -> (usize, usize) {
    ((row / CHUNK_ROWS) as usize, (row % CHUNK_ROWS) as usize)
}

impl Store {
    /// An empty one for the pods of `source`.
    pub fn of(source: SourceId) -> Self {
        Self {
            source,
            ..Self::default()
        }
    }

    /// Sets the date of the snapshot that the next pages belong to.
    pub fn date(&mut self, snapshot_at: Option<Timestamp>) {
        self.snapshot_at = snapshot_at;
    }

    /// Sets the time at which the next pages were received, by our own clock.
    pub fn received(&mut self, at: Timestamp) {
        self.received_at = Some(at);
    }

    /// Restores the changes that an earlier run recorded: they are older than all others.
    pub fn restore_changes(&mut self, mut changes: Vec<Change>) {
        for change in &mut changes {
            change.pod = change.pod.clone().within(self.source);
        }
        // Pages that came first may have told newer ones.
        let is_first = self.told.is_empty();
        for change in changes.iter().filter(|_| is_first) {
            if let Some((measure, _)) = change.kind.pressure() {
                self.tell((change.pod.clone(), measure), &change.kind);
            } else if change.kind == ChangeKind::Vanished {
                self.forget_told(&change.pod);
            }
        }
        self.changes.restore(changes);
    }

    /// Adds changes that a collector saw while this program did not run. They are not news.
    pub fn add_changes(&mut self, mut changes: Vec<Change>) {
        for change in &mut changes {
            change.pod = change.pod.clone().within(self.source);
        }
        self.changes.add_earlier(changes);
    }

    /// Starts restoring pages of an earlier run: they may belong to several snapshots, so their differences
    /// are not reported.
    pub fn begin_restore(&mut self) {
        self.restoring = true;
    }

    /// Ends restoring. If the pages are `all_of` a scope, a pod that is not among them has appeared since.
    pub fn end_restore(&mut self, all_of: Option<&Scope>) {
        self.mark_rescans();
        self.restoring = false;
        if let Some(scope) = all_of {
            self.learn(scope, u8::MAX);
            self.sweeps.ended(scope, self.snapshot_at);
        }
    }

    /// The changes so far.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The fleet at this moment.
    pub fn snapshot(&self) -> Fleet {
        Fleet::of(
            self.source,
            self.chunks.clone(),
            self.dictionaries.book(),
            self.counts.clone(),
            self.changes.clone(),
            self.gone,
            self.names_version,
        )
        .with_seen(&self.seen, self.id, self.rebuilds)
    }

    /// The bytes of memory that it uses, without odd fields.
    pub fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        let indexes = self.by_id.bytes() + self.by_name.bytes() + self.namesakes.bytes();
        chunks + self.dictionaries.bytes() + indexes + self.seen.capacity()
    }

    /// Adds a pod without looking for its row.
    pub(super) fn add(&mut self, pod: &Pod) {
        self.index_adopted();
        let row = self.dictionaries.encode(pod);
        self.push(row, encoding::twin(pod), Hashes::default());
    }

    /// The numbers of all rows, including vacant ones.
    fn numbers(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.seen.len()).unwrap_or(u32::MAX)
    }

    fn at(&self, number: u32) -> (&Chunk, usize) {
        let (chunk, at) = place(number);
        (&self.chunks[chunk], at)
    }

    fn pod(&self, number: u32) -> Pod {
        let (chunk, at) = self.at(number);
        self.dictionaries.book().pod(chunk, at).within(self.source)
    }
}
