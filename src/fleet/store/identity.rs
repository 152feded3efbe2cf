//! Finds the row that a record belongs to.
//!
//! Owns the two ways to find a row (by id, and by cluster, namespace and name) and what is hashed for them.
//! Must not: change a row.

use std::cmp::Ordering;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::chunk::{Chunk, Col, PackedRow, flag};
use super::dictionary::FIRST;
use super::{Store, place};
use crate::fleet::raw::List;

/// The hashes of a record's identity; each is computed on first use and only once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hashes {
    id: Option<u64>,
    name: Option<u64>,
}

impl Hashes {
    /// The hash of the row's id.
    pub(super) fn id(&mut self, row: &PackedRow<'_>, identities: &Identities<'_>) -> u64 {
        *self
            .id
            .get_or_insert_with(|| identities.id_hash(row.codes[Col::Id as usize], row.uuid))
    }

    /// The hash of its cluster, namespace and name.
    pub(super) fn name(&mut self, row: &PackedRow<'_>, identities: &Identities<'_>) -> u64 {
        let [cluster, namespace] = [Col::Cluster, Col::Namespace].map(|col| row.codes[col as usize]);
        *self
            .name
            .get_or_insert_with(|| identities.name_hash(cluster, namespace, row.name))
    }
}

/// The data that the indexes depend on: the rows' identities in the columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identities<'a> {
    pub(super) chunks: &'a [Arc<Chunk>],
    pub(super) hasher: &'a RandomState,
}

impl Identities<'_> {
    fn name_hash(&self, cluster: u64, namespace: u64, name: &str) -> u64 {
        // Absent and unreadable names hash alike: neither identifies a pod.
        let word = |code: u64| if code < FIRST { 0 } else { code };
        self.hasher.hash_one((word(cluster), word(namespace), name))
    }

    pub(super) fn name_hash_of(&self, row: u32) -> u64 {
        let (chunk, at) = place(row);
        self.chunks.get(chunk).map_or(0, |chunk| {
            self.name_hash(
                chunk.code(Col::Cluster, at),
                chunk.code(Col::Namespace, at),
                chunk.name(at),
            )
        })
    }

    fn id_hash(&self, code: u64, uuid: u128) -> u64 {
        self.hasher.hash_one((code, uuid))
    }

    pub(super) fn id_hash_of(&self, row: u32) -> u64 {
        let (chunk, at) = place(row);
        self.chunks
            .get(chunk)
            .map_or(0, |chunk| self.id_hash(chunk.code(Col::Id, at), chunk.uuid(at)))
    }
}

impl Store {
    /// The row that a record of `list` belongs to; `likely` is tried first. `node_seen` are the bits of a row
    /// whose node record was seen since the record's sweep began.
    pub(super) fn row_of(
        &self,
        row: &PackedRow<'_>,
        list: List,
        node_seen: u8,
        likely: Option<u32>,
        hashes: &mut Hashes,
    ) -> Option<u32> {
        if list == List::Serverless {
            return self.with_name(row, hashes, |number| Some(self.claimant(number, node_seen)));
        }
        let has_id = row.codes[Col::Id as usize] >= FIRST;
        let by_id = if has_id {
            self.with_id(row, likely, hashes)
        } else {
            None
        };
        // A pod that was only in the serverless list so far becomes this one.
        by_id.or_else(|| {
            self.with_name(row, hashes, |number| {
                let (chunk, at) = self.at(number);
                let is_it = !chunk.has(at, flag::NODE) || !has_id && chunk.code(Col::Id, at) < FIRST;
                is_it.then_some(())
            })
        })
    }

    /// A row as a claimant of a serverless record of its name. A pod that is created anew under the same name
    /// has two rows for a while: the record belongs to the one whose node record was seen since the sweep
    /// began, or, of two such rows, to the pod that was created later.
    fn claimant(&self, number: u32, node_seen: u8) -> Claimant<'_> {
        Claimant {
            store: self,
            number,
            claim: self.claim(number, node_seen),
        }
    }

    fn claim(&self, number: u32, node_seen: u8) -> RecordClaim {
        let (chunk, at) = self.at(number);
        if chunk.has(at, flag::GONE) {
            RecordClaim::Gone
        } else if !chunk.has(at, flag::NODE) {
            RecordClaim::Alive
        } else if self.has_seen(number, node_seen) {
            RecordClaim::NodeSeen
        } else {
            RecordClaim::OnNode
        }
    }

    /// The row that a serverless record moves to, if a node record with its name was seen since the sweep
    /// began.
    pub(super) fn heir(&self, row: &PackedRow<'_>, node_seen: u8) -> Option<u32> {
        self.with_name(row, &mut Hashes::default(), |number| {
            let claimant = self.claimant(number, node_seen);
            (claimant.claim == RecordClaim::NodeSeen).then_some(claimant)
        })
    }

    fn with_id(&self, row: &PackedRow<'_>, likely: Option<u32>, hashes: &mut Hashes) -> Option<u32> {
        let code = row.codes[Col::Id as usize];
        let is_it = |number: u32| {
            let (chunk, at) = self.at(number);
            chunk.uuid(at) == row.uuid && chunk.code(Col::Id, at) == code
        };
        // No two rows have the same id, and a vacant row has none.
        likely.filter(|number| is_it(*number)).or_else(|| {
            let hash = hashes.id(row, &self.identities());
            self.by_id.find_only(hash, is_it)
        })
    }

    /// The row with this cluster, namespace and name that has the lowest `rank`.
    fn with_name<R: Ord>(
        &self,
        row: &PackedRow<'_>,
        hashes: &mut Hashes,
        rank: impl Fn(u32) -> Option<R>,
    ) -> Option<u32> {
        let [cluster, namespace] = [Col::Cluster, Col::Namespace].map(|col| row.codes[col as usize]);
        let same = |a: u64, b: u64| a == b || a.max(b) < FIRST;
        let hash = hashes.name(row, &self.identities());
        self.by_name.first(hash, |number| {
            let (chunk, at) = self.at(number);
            let is_named = chunk.name(at) == row.name
                && same(chunk.code(Col::Cluster, at), cluster)
                && same(chunk.code(Col::Namespace, at), namespace);
            if is_named { rank(number) } else { None }
        })
    }

    pub(super) fn identities(&self) -> Identities<'_> {
        Identities {
            chunks: &self.chunks,
            hasher: &self.hasher,
        }
    }

    /// Reserves space in the indexes for `pods` pods; at most `with_ids` of them have an id.
    pub(super) fn expect(&mut self, pods: usize, with_ids: usize) {
        let identities = Identities {
            chunks: &self.chunks,
            hasher: &self.hasher,
        };
        self.by_name
            .reserve(pods, |number| identities.name_hash_of(number));
        self.by_id
            .reserve(with_ids, |number| identities.id_hash_of(number));
    }

    /// Adds a row to the indexes, except for the parts of its identity that are unchanged.
    pub(super) fn index(
        &mut self,
        number: u32,
        row: &PackedRow<'_>,
        unchanged: UnchangedParts,
        mut hashes: Hashes,
    ) {
        if !unchanged.name {
            let hash = hashes.name(row, &self.identities());
            self.index_name(hash, number, row);
            self.names_version += 1;
        }
        let identities = Identities {
            chunks: &self.chunks,
            hasher: &self.hasher,
        };
        if !unchanged.id && row.codes[Col::Id as usize] >= FIRST {
            let hash = hashes.id(row, &identities);
            self.by_id
                .insert(hash, number, |number| identities.id_hash_of(number));
        }
    }

    /// Removes a row from the indexes before its identity changes.
    pub(super) fn unindex(&mut self, number: u32, unchanged: UnchangedParts) {
        if !unchanged.name {
            self.unindex_name(number);
        }
        if !unchanged.id {
            let hash = self.identities().id_hash_of(number);
            self.by_id.remove(hash, number);
        }
    }
}

/// The rank of a row for a serverless record of its name, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RecordClaim {
    /// Its node record was seen since the sweep began.
    NodeSeen,
    /// It has a node record, not seen in this sweep.
    OnNode,
    /// It has no node record.
    Alive,
    /// Its pod is gone.
    Gone,
}

/// A row that a serverless record of its name may belong to. Pods are only read where two rows have the same claim, which is
/// rare: the order of rows says nothing, because a row is used again.
struct Claimant<'a> {
    store: &'a Store,
    number: u32,
    claim: RecordClaim,
}

impl Ord for Claimant<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_creation = || {
            let pod = |claimant: &Self| claimant.store.pod(claimant.number);
            match self.claim {
                RecordClaim::NodeSeen | RecordClaim::OnNode => pod(self).by_creation(&pod(other)),
                RecordClaim::Alive | RecordClaim::Gone => Ordering::Equal,
            }
        };
        self.claim.cmp(&other.claim).then_with(by_creation)
    }
}

impl PartialOrd for Claimant<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Claimant<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Claimant<'_> {}

/// The parts of its identity that do not change when a row is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UnchangedParts {
    pub(super) id: bool,
    pub(super) name: bool,
}
