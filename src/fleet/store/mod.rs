//! The fleet being built: every pod that is known, merged page by page.
//!
//! [`Store`] is what the fetch task builds; [`Fleet`] is the picture of it that the screen gets, which
//! never changes. A page updates its own rows at once. A pod vanishes only when a *complete* sweep did not meet it;
//! its row then stays for [`REMEMBERED`]. Rows keep their numbers: a new pod takes a vacant place, or the next one.
//! Must not: know pages, calls or a clock.

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
mod reference;
pub mod row_index;
mod rows;
mod seen;
mod sweep_end;
mod sweeps;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use foldhash::fast::RandomState;

use jiff::{SignedDuration, Timestamp};

use super::changes::{Change, Changes};
use super::pod::{NodeRecord, Pod, ServerlessRecord};
use super::scope::Scope;
use super::snapshot::Fleet;
use chunk::{CHUNK_ROWS, Chunk};
use counts::Counts;
use encoding::Dictionaries;
use identity::Hashes;
use namesakes::Namesakes;
pub use older_pages::Rows;
use row_index::RowIndex;
pub use seen::SweepKind;
use sweeps::Sweeps;

/// How long a pod that vanished stays in the fleet.
pub const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// Both lists of one page.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// `data_list`
    pub node: Vec<NodeRecord>,
    /// `pod_info_list`
    pub serverless: Vec<ServerlessRecord>,
}

impl Records {
    /// How many there are, of both lists.
    pub fn len(&self) -> usize {
        self.node.len() + self.serverless.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The fleet being built.
#[derive(Debug, Default)]
pub struct Store {
    chunks: Vec<Arc<Chunk>>,
    dictionaries: Dictionaries,
    /// By id, the rows that have one.
    by_id: RowIndex,
    /// By cluster, namespace and name: how the two lists find each other.
    by_name: RowIndex,
    /// Rows of a name that the index has enough of.
    namesakes: Namesakes,
    hasher: RandomState,
    /// What the present sweeps met, by row: see [`met`].
    met: Vec<u8>,
    vacant: Vec<u32>,
    gone: usize,
    counts: Counts,
    changes: Changes,
    /// Whether what is merged was known to an earlier run.
    restoring: bool,
    /// The complete sweeps: a pod that is new to them has appeared.
    sweeps: Sweeps,
    /// The date of the snapshot that the present page is of.
    snapshot_at: Option<Timestamp>,
    /// Grows when a row gets another name or place, or goes.
    names_version: u64,
    /// Words that there were when the store was last put in order.
    words_then: usize,
}

/// The chunk of a row, and its place there.
pub(super) const fn place(row: u32) -> (usize, usize) {
    ((row / CHUNK_ROWS) as usize, (row % CHUNK_ROWS) as usize)
}

impl Store {
    /// Takes the date of the snapshot that the next pages are of.
    pub fn date(&mut self, snapshot_at: Option<Timestamp>) {
        self.snapshot_at = snapshot_at;
    }

    /// Takes the changes that an earlier run knew: they are older than all others.
    pub fn restore_changes(&mut self, changes: Vec<Change>) {
        self.changes.restore(changes);
    }

    /// Pages of an earlier run come next: they may be of several snapshots, and how they differ is not reported.
    pub fn begin_restore(&mut self) {
        self.restoring = true;
    }

    /// All pages of an earlier run are merged. Where they are `all_of` a scope, a pod that is not among them has appeared
    /// since.
    pub fn end_restore(&mut self, all_of: Option<&Scope>) {
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

    /// The fleet as it is now.
    pub fn snapshot(&self) -> Fleet {
        Fleet::of(
            self.chunks.clone(),
            self.dictionaries.book(),
            self.counts.clone(),
            self.changes.clone(),
            self.gone,
            self.names_version,
        )
    }

    /// The bytes that it takes, without its odd fields.
    pub fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        let indexes = self.by_id.bytes() + self.by_name.bytes() + self.namesakes.bytes();
        chunks + self.dictionaries.bytes() + indexes + self.met.capacity()
    }

    /// Adds a pod as it is, whatever else is known.
    pub(super) fn add(&mut self, pod: &Pod) {
        let row = self.dictionaries.encode(pod);
        self.push(row, encoding::twin(pod), Hashes::default());
    }

    /// The numbers of all rows, vacant ones included.
    fn numbers(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.met.len()).unwrap_or(u32::MAX)
    }

    fn at(&self, number: u32) -> (&Chunk, usize) {
        let (chunk, at) = place(number);
        (&self.chunks[chunk], at)
    }

    fn pod(&self, number: u32) -> Pod {
        let (chunk, at) = self.at(number);
        self.dictionaries.book().pod(chunk, at)
    }
}
