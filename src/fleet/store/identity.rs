//! Whose record it is: from a record's identity to its row.
//!
//! Owns the two ways in which a row is found, by id and by cluster, namespace and name, and what is hashed for them.
//! Must not: change a row.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::chunk::{Chunk, Col, PackedRow, flag};
use super::dictionary::FIRST;
use super::{Store, place};
use crate::fleet::raw::List;

/// The hashes of a record's identity, each made when it is first needed and never twice.
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

/// What the indexes are built on: the rows' identities in the columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identities<'a> {
    pub(super) chunks: &'a [Arc<Chunk>],
    pub(super) hasher: &'a RandomState,
}

impl Identities<'_> {
    fn name_hash(&self, cluster: u64, namespace: u64, name: &str) -> u64 {
        // What is absent and what is unreadable names nothing alike.
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
    /// The row that a record of `list` belongs to; `likely` is looked at first. `node_seen` is what is noted of a row whose node
    /// record came since the record's sweep began.
    pub(super) fn row_of(
        &self,
        row: &PackedRow<'_>,
        list: List,
        node_seen: u8,
        likely: Option<u32>,
        hashes: &mut Hashes,
    ) -> Option<u32> {
        if list == List::Serverless {
            return self.with_name(row, hashes, |number| Some(self.claim(number, node_seen)));
        }
        let has_id = row.codes[Col::Id as usize] >= FIRST;
        let by_id = if has_id {
            self.with_id(row, likely, hashes)
        } else {
            None
        };
        // A pod known from the serverless list alone becomes this one.
        by_id.or_else(|| {
            self.with_name(row, hashes, |number| {
                let (chunk, at) = self.at(number);
                let is_it = !chunk.has(at, flag::NODE) || !has_id && chunk.code(Col::Id, at) < FIRST;
                is_it.then_some(())
            })
        })
    }

    /// How good a claim the row has to a serverless record of its name. A pod that is created anew under its name has two
    /// rows for a while: the record is of the one whose node record came since the sweep began.
    fn claim(&self, number: u32, node_seen: u8) -> RecordClaim {
        let (chunk, at) = self.at(number);
        if chunk.has(at, flag::GONE) {
            RecordClaim::Gone
        } else if !chunk.has(at, flag::NODE) {
            RecordClaim::Alive
        } else if self.has_seen(number, node_seen) {
            RecordClaim::NodeMet
        } else {
            RecordClaim::OnNode
        }
    }

    /// The row that a serverless record is of, where a node record of that name came since its sweep began.
    pub(super) fn heir(&self, row: &PackedRow<'_>, node_seen: u8) -> Option<u32> {
        self.with_name(row, &mut Hashes::default(), |number| {
            (self.claim(number, node_seen) == RecordClaim::NodeMet).then_some(())
        })
    }

    fn with_id(&self, row: &PackedRow<'_>, likely: Option<u32>, hashes: &mut Hashes) -> Option<u32> {
        let code = row.codes[Col::Id as usize];
        let is_it = |number: u32| {
            let (chunk, at) = self.at(number);
            chunk.uuid(at) == row.uuid && chunk.code(Col::Id, at) == code
        };
        // No two rows have one id, and a vacant one has none.
        likely.filter(|number| is_it(*number)).or_else(|| {
            let hash = hashes.id(row, &self.identities());
            self.by_id.find_only(hash, is_it)
        })
    }

    /// The first row of this cluster, namespace and name by `rank`.
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

    /// Makes room in the indexes for so many pods, of which `with_ids` may have an id.
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

    /// Takes a row into the indexes, where its identity is not the one that is there.
    pub(super) fn index(&mut self, number: u32, row: &PackedRow<'_>, keeps: Keeps, mut hashes: Hashes) {
        if !keeps.name {
            let hash = hashes.name(row, &self.identities());
            self.index_name(hash, number, row);
            self.names_version += 1;
        }
        let identities = Identities {
            chunks: &self.chunks,
            hasher: &self.hasher,
        };
        if !keeps.id && row.codes[Col::Id as usize] >= FIRST {
            let hash = hashes.id(row, &identities);
            self.by_id
                .insert(hash, number, |number| identities.id_hash_of(number));
        }
    }

    /// Takes a row out of the indexes, before its identity changes.
    pub(super) fn unindex(&mut self, number: u32, keeps: Keeps) {
        if !keeps.name {
            self.unindex_name(number);
        }
        if !keeps.id {
            let hash = self.identities().id_hash_of(number);
            self.by_id.remove(hash, number);
        }
    }
}

/// A row's claim to a serverless record of its name, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RecordClaim {
    /// Its node record came since the sweep began.
    NodeMet,
    /// It has a node record.
    OnNode,
    /// It has none.
    Alive,
    /// Its pod is gone.
    Gone,
}

/// Which part of its identity a row keeps while it is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keeps {
    pub(super) id: bool,
    pub(super) name: bool,
}
