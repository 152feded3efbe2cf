//! The rows of pods that are known by their keys.
//!
//! A key is searched by its id or its name, which all rows are compared with; then it is compared as a whole. Must not: find a
//! pod of another source.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::Fleet;
use crate::fleet::field::Field;
use crate::fleet::pod::{Pod, PodKey};
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, Col, flag};
use crate::fleet::store::dictionary::FIRST;
use crate::fleet::store::encoding::{IS_UUID, uuid};

impl Fleet {
    /// The row of a pod; `hint` is its last known row.
    pub fn row_of(&self, key: &PodKey, hint: Option<u32>) -> Option<u32> {
        if key.source() != self.0.source {
            return None;
        }
        let is_it = |row: &u32| self.named_pod(*row).is_some_and(|pod| pod.key == *key);
        let by_hint = hint.filter(|row| self.holds(*row, key));
        by_hint.or_else(|| match key.id_or_name() {
            Ok(id) => {
                let (code, uuid) = self.0.words.id_code(id)?;
                self.rows_where(|chunk, at| chunk.code(Col::Id, at) == code && chunk.uuid(at) == uuid)
                    .find(is_it)
            }
            Err(name) => self.rows_where(|chunk, at| chunk.name(at) == name).find(is_it),
        })
    }

    /// Updates those of `pods` that are in the fleet to their present state, with their names, in one pass
    /// over the rows.
    pub fn fill_in<S: BuildHasher>(&self, pods: &mut HashMap<PodKey, Pod, S>) {
        let rows = self.rows_with(pods.keys()).into_iter();
        for pod in rows.filter_map(|row| self.named_pod(row)) {
            if let Some(known) = pods.get_mut(&pod.key) {
                *known = pod;
            }
        }
    }

    /// Whether a row holds the pod with this key.
    pub(in crate::fleet) fn holds(&self, row: u32, key: &PodKey) -> bool {
        let words = &self.0.words;
        let Some((chunk, at)) = self.at(row).filter(|_| key.source() == self.0.source) else {
            return false;
        };
        match key.id_or_name() {
            Ok(id) => match uuid(id) {
                Some(uuid) => chunk.code(Col::Id, at) == IS_UUID && chunk.uuid(at) == uuid,
                None => words.id(chunk, at) == Field::Value(id.to_owned()),
            },
            Err(name) if chunk.name(at) != name => false,
            // A pod in both lists may have two names; else the key has the words of the row.
            Err(_) if u16::try_from(at).is_ok_and(|at| chunk.twins.contains_key(&at)) => {
                self.named_pod(row).is_some_and(|pod| pod.key == *key)
            }
            Err(_) => {
                let word = |col| words.of(col).get(chunk.code(col, at)).value().copied();
                let own = [Col::Cluster, Col::Namespace].map(|col| word(col).unwrap_or_default());
                let has_id = chunk.has(at, flag::NODE) && chunk.code(Col::Id, at) >= FIRST;
                !has_id && key.as_str().split('\0').skip(1).take(2).eq(own)
            }
        }
    }

    /// The rows of those of the pods that have one, in one pass over the rows.
    pub(in crate::fleet) fn rows_of<S: BuildHasher>(&self, keys: &HashSet<&PodKey, S>) -> Vec<(PodKey, u32)> {
        let rows = self.rows_with(keys.iter().copied()).into_iter();
        let keyed = rows.filter_map(|row| Some((self.named_pod(row)?.key, row)));
        keyed.filter(|(key, _)| keys.contains(&key)).collect()
    }

    /// The rows whose ids or names are those of such keys.
    pub(in crate::fleet) fn rows_with<'a>(&self, keys: impl Iterator<Item = &'a PodKey>) -> Vec<u32> {
        let mut ids: HashSet<(u64, u128), RandomState> = HashSet::default();
        let mut names: HashSet<String, RandomState> = HashSet::default();
        for key in keys.filter(|key| key.source() == self.0.source) {
            match key.id_or_name() {
                Ok(id) => ids.extend(self.0.words.id_code(id)),
                Err(name) => drop(names.insert(name.to_owned())),
            }
        }
        let may_be_it = |chunk: &Chunk, at: usize| {
            ids.contains(&(chunk.code(Col::Id, at), chunk.uuid(at)))
                || (!names.is_empty() && names.contains(chunk.name(at)))
        };
        self.rows_where(&may_be_it).collect()
    }

    fn rows_where(&self, is_it: impl Fn(&Chunk, usize) -> bool + Copy) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.0.chunks).flat_map(move |(number, chunk)| {
            let first = number.saturating_mul(CHUNK_ROWS);
            let rows = (0..chunk.len()).filter(move |at| is_it(chunk, *at));
            rows.map(move |at| first + u32::try_from(at).unwrap_or(0))
        })
    }
}
