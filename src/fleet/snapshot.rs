//! An immutable picture of the store.
//!
//! Owns reading: rows by number, and complete pods on request. The store and all pictures share chunks of
//! rows, so a picture of two million pods consists of a few hundred pointers. Must not: search or sort.

use std::sync::Arc;

use jiff::Timestamp;

use super::changes::Changes;
use super::fields::PodText;
use super::pod::Pod;
use super::pseudonym::{NameKind, Pseudonyms};
use super::query::Values;
use super::raw::List;
use super::source_id::SourceId;
use super::store::chunk::{CHUNK_ROWS, Chunk, Col, flag};
use super::store::counts::Counts;
use super::store::dictionary::Dictionary;
use super::store::encoding::Interner;
use super::store::places::words_of;
use super::store::seen::SeenBits;
use super::store::{Store, StoreId, SweepKind, place};
use super::summary::Summary;
use super::words::{Detection, Protection};

mod find;

/// From this number on the versions of names are those of pictures that were read from stored snapshots: an order of rows is
/// valid as long as the version is the same, and theirs are none of a store.
pub(super) const FIRST_REPLAYED: u64 = 1 << 63;

/// All known pods, including those that are gone but still remembered. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Fleet(Arc<Picture>, Option<Arc<Pseudonyms>>);

#[derive(Debug, Default)]
struct Picture {
    source: SourceId,
    chunks: Vec<Arc<Chunk>>,
    words: Interner,
    counts: Counts,
    changes: Changes,
    gone: usize,
    names_version: u64,
    /// What the running or last sweeps have seen, by row; `None` if unknown.
    seen: Option<Box<[u8]>>,
    /// How often the store was rebuilt.
    rebuilds: u64,
    /// Which store it is a picture of, if of one.
    store: Option<StoreId>,
    /// In cells.
    longest_name: usize,
}

impl Fleet {
    pub(super) fn of(
        source: SourceId,
        chunks: Vec<Arc<Chunk>>,
        words: Interner,
        counts: Counts,
        changes: Changes,
        gone: usize,
        names_version: u64,
    ) -> Self {
        let longest_name = chunks.iter().map(|chunk| chunk.longest_name()).max();
        let picture = Arc::new(Picture {
            longest_name: longest_name.unwrap_or(0),
            source,
            chunks,
            words,
            counts,
            changes,
            gone,
            names_version,
            seen: None,
            rebuilds: 0,
            store: None,
        });
        Self(picture, None)
    }

    /// The same picture, with what the sweeps have seen, by row, which store it is of, and how often that was rebuilt.
    #[must_use]
    pub(super) fn with_seen(mut self, seen: &[u8], store: StoreId, rebuilds: u64) -> Self {
        if let Some(picture) = Arc::get_mut(&mut self.0) {
            (picture.seen, picture.rebuilds) = (Some(seen.into()), rebuilds);
            picture.store = Some(store);
        }
        self
    }

    /// How often the store was rebuilt: in pictures with the same number, a row's numbers mean the same.
    pub(super) fn rebuilds(&self) -> u64 {
        self.0.rebuilds
    }

    /// Whether the running sweep over the fleet, or else the last one, has seen the pod of this row. A pod
    /// that it has not seen yet may come from an earlier run.
    pub fn is_met(&self, row: u32) -> bool {
        let by_sweep = SeenBits::of(Some(SweepKind::Fleet)).by_sweep();
        let seen = self.0.seen.as_ref();
        seen.is_none_or(|seen| seen.get(row as usize).is_some_and(|bits| bits & by_sweep != 0))
    }

    /// Whether a row's numbers mean the same in both: they are pictures of one store, which only learned words in between, and
    /// mask nothing.
    pub fn has_keys_of(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.0, &other.0);
        mine.store.is_some()
            && (mine.store, mine.rebuilds) == (theirs.store, theirs.rebuilds)
            && self.1.is_none()
            && other.1.is_none()
    }

    /// Whether both are the same picture.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether both are of one store and have the same pods with the same values. Compares pointers: what the
    /// store wrote anew counts as different.
    pub fn has_pods_of(&self, other: &Self) -> bool {
        let (one, two) = (&self.0, &other.0);
        let mut chunks = one.chunks.iter().zip(&two.chunks);
        (one.source, one.rebuilds, one.chunks.len()) == (two.source, two.rebuilds, two.chunks.len())
            && chunks.all(|(one, two)| Arc::ptr_eq(one, two))
    }

    /// Where the pods come from.
    pub fn source(&self) -> SourceId {
        self.0.source
    }

    /// The number of pods without those that are gone.
    pub fn len(&self) -> usize {
        self.summary().pods
    }

    /// Whether it has no pods.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of rows of gone pods.
    pub fn gone(&self) -> usize {
        self.0.gone
    }

    /// Counts over all pods.
    pub fn summary(&self) -> Summary {
        self.0.counts.whole()
    }

    /// Counts over all pods, and by cluster and namespace.
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// The recorded changes.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// The same picture with those of these changes that a snapshot has seen until `at`.
    #[must_use]
    pub fn with_changes_until(&self, changes: &Changes, at: Timestamp) -> Self {
        let picture = &self.0;
        Self::of(
            picture.source,
            picture.chunks.clone(),
            picture.words.clone(),
            picture.counts.clone(),
            changes.until(at),
            picture.gone,
            picture.names_version,
        )
    }

    /// Whether it was read from stored snapshots, and is none of a store.
    pub fn is_replayed(&self) -> bool {
        self.0.names_version >= FIRST_REPLAYED
    }

    /// The same picture with these changes, oldest first.
    #[cfg(test)]
    #[must_use]
    pub fn with_changes(&self, changes: Vec<super::changes::Change>) -> Self {
        let picture = &self.0;
        let mut all = picture.changes.clone();
        for change in changes {
            all.push(change);
        }
        Self::of(
            picture.source,
            picture.chunks.clone(),
            picture.words.clone(),
            picture.counts.clone(),
            all,
            picture.gone,
            picture.names_version,
        )
    }

    /// The same picture, with its changes marked as those of an earlier run.
    #[cfg(test)]
    #[must_use]
    pub fn as_of_an_earlier_run(&self) -> Self {
        let mut changes = Changes::default();
        changes.restore(self.0.changes.iter().cloned().collect());
        let picture = &self.0;
        Self::of(
            picture.source,
            picture.chunks.clone(),
            picture.words.clone(),
            picture.counts.clone(),
            changes,
            picture.gone,
            picture.names_version,
        )
    }

    /// The cells of the longest text in this field, over all pods ever seen; `None` for addresses and ids,
    /// whose lengths are not recorded. It does not depend on which rows are shown.
    pub fn longest(&self, field: PodText) -> Option<usize> {
        let words = words_of(field).map(|col| self.0.words.of(col));
        if let (Some(_), Some(kind)) = (&self.1, NameKind::of(field)) {
            let rows = || self.0.chunks.iter().map(|chunk| chunk.len()).sum();
            return Some(kind.most_cells(words.map_or_else(rows, Dictionary::len)));
        }
        match field {
            PodText::Name => Some(self.0.longest_name),
            _ => words.map(Dictionary::longest),
        }
    }

    /// The same picture, which returns pods with pseudonyms, or with their names. Rows, orders, filters and
    /// keys do not change.
    #[must_use]
    pub fn masked_by(&self, names: Option<Arc<Pseudonyms>>) -> Self {
        Self(Arc::clone(&self.0), names)
    }

    /// The pseudonyms, if names are masked.
    pub(super) fn pseudonyms(&self) -> Option<&Pseudonyms> {
        self.1.as_deref()
    }

    /// The pod of a row.
    pub fn pod(&self, row: u32) -> Option<Pod> {
        let pod = self.named_pod(row)?;
        Some(match self.pseudonyms() {
            Some(names) => names.pod(pod),
            None => pod,
        })
    }

    /// The pod of a row with its names.
    fn named_pod(&self, row: u32) -> Option<Pod> {
        let (chunk, at) = self.at(row)?;
        Some(self.0.words.pod(chunk, at).within(self.0.source))
    }

    /// The risk score of the pod of a row.
    pub fn score(&self, row: u32) -> Option<u64> {
        let (chunk, at) = self.at(row)?;
        Some(chunk.code(Col::Risk, at))
    }

    /// When the pod of a row vanished, if it did.
    pub fn gone_since(&self, row: u32) -> Option<Timestamp> {
        let (chunk, at) = self.at(row)?;
        let since = chunk.gone_at.get(&u16::try_from(at).ok()?)?;
        Timestamp::from_second(*since).ok()
    }

    /// The numbers of all rows with a pod, present or gone.
    pub fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        (0_u32..).zip(&self.0.chunks).flat_map(|(number, chunk)| {
            let first = number.saturating_mul(CHUNK_ROWS);
            let taken = (0_u32..)
                .take(chunk.len())
                .filter(|at| !chunk.has(*at as usize, flag::VACANT));
            taken.map(move |at| first + at)
        })
    }

    /// All complete pods, present or gone: for tests and exports.
    pub fn pods(&self) -> impl Iterator<Item = Pod> + '_ {
        self.rows().filter_map(|row| self.pod(row))
    }

    /// The rows in chunks of some thousands.
    pub fn chunks(&self) -> &[Arc<Chunk>] {
        &self.0.chunks
    }

    #[inline]
    pub(super) fn words(&self) -> &Interner {
        &self.0.words
    }

    /// Increases when a row gets another name or place, or is freed: an order by names is valid until then.
    pub(super) fn names_version(&self) -> u64 {
        self.0.names_version
    }

    pub(super) fn at(&self, row: u32) -> Option<(&Chunk, usize)> {
        self.at_taken(row)
            .filter(|(chunk, at)| *at < chunk.len() && !chunk.has(*at, flag::VACANT))
    }

    /// The chunk and place of a row that holds a pod; `None` for others.
    pub(super) fn at_taken(&self, row: u32) -> Option<(&Chunk, usize)> {
        let (chunk, at) = place(row);
        Some((self.0.chunks.get(chunk)?, at))
    }
}

impl FromIterator<Pod> for Fleet {
    fn from_iter<I: IntoIterator<Item = Pod>>(pods: I) -> Self {
        let mut store = Store::default();
        pods.into_iter().for_each(|pod| store.add(&pod));
        store.snapshot()
    }
}

impl Values for Fleet {
    /// The words of a closed list as a filter writes them. Names and ids are not offered: nearly every pod has its own.
    fn visit(&self, column: PodText, visit: &mut dyn FnMut(&str)) {
        if column == PodText::Kind {
            for word in List::WORDS {
                visit(word.typed);
            }
        } else if let Some(col) = words_of(column) {
            let words = self.0.words.of(col).iter();
            if let (Some(names), Some(kind)) = (&self.1, NameKind::of(column)) {
                return words.for_each(|word| visit(&names.of(kind, word)));
            }
            match column {
                PodText::Protection => words.for_each(|word| visit(Protection::read(word).typed())),
                PodText::Detection => words.for_each(|word| visit(Detection::read(word).typed())),
                _ => words.for_each(visit),
            }
        }
    }
}
