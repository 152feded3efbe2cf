//! Adds pages without any known pod in one step.
//!
//! Owns the first sweep: two million pods come as ten thousand such pages. Other code handles pages entry by
//! entry; this module handles them column by column and looks up all entries in the indexes together, which
//! saves a third of the time. Must not: give another result than entry by entry; a page that has a known pod
//! is left to the other code.

use std::sync::Arc;

use super::Store;
use super::chunk::{CHUNK_ROWS, Chunk, Col, PackedRow};
use super::dictionary::FIRST;
use super::encoding::NOTHING;
use super::identity::{Hashes, UnchangedParts};
use super::intake::flag_of;
use crate::fleet::raw::{List, RawPod, RawPods};

impl Store {
    /// Adds the entries of a list if all of them are new and no two are the same pod. Returns whether it did.
    pub(super) fn append(&mut self, pods: &RawPods, list: List, bits: u8) -> bool {
        let entries: Vec<&RawPod> = pods.iter().filter(|pod| pod.list == list).collect();
        let probes = [entries.first(), entries.last()];
        let may_be_new = self.vacant.is_empty() && probes.iter().flatten().all(|pod| self.is_new(pods, pod));
        if !may_be_new {
            return entries.is_empty();
        }
        let rows = self.dictionaries.rows(pods, &entries, flag_of(list));
        let Some(hashes) = self.hashes_of_new(&rows, list) else {
            return false;
        };
        let first = self.numbers().end;
        self.extend(&rows);
        self.seen.resize(self.seen.len() + rows.len(), bits);
        for ((number, row), hashes) in (first..).zip(&rows).zip(hashes) {
            self.counts.change(None, Some(&row.codes));
            self.index(number, row, UnchangedParts::default(), hashes);
            self.report_new(number);
        }
        true
    }

    /// Whether an entry has no row yet.
    fn is_new(&mut self, pods: &RawPods, pod: &RawPod) -> bool {
        let text = |field| pods.text(pod, field);
        let row = self.dictionaries.identity(flag_of(pod.list), text, &NOTHING);
        self.row_of(&row, pod.list, 0, None, &mut Hashes::default())
            .is_none()
    }

    /// The hashes of the rows, if each is a pod of its own that the store does not have.
    fn hashes_of_new(&self, rows: &[PackedRow<'_>], list: List) -> Option<Vec<Hashes>> {
        let identities = self.identities();
        let (mut ids, mut names) = (Vec::new(), Vec::new());
        let hashes = rows.iter().map(|row| {
            let mut hashes = Hashes::default();
            names.push(hashes.name(row, &identities));
            if row.codes[Col::Id as usize] >= FIRST {
                ids.push(hashes.id(row, &identities));
            }
            hashes
        });
        let mut hashes: Vec<Hashes> = hashes.collect();
        self.by_id.look_ahead(ids.iter().copied());
        self.by_name.look_ahead(names.iter().copied());
        if list == List::Node {
            // Pods on nodes that have ids are identified by them, whatever their names are.
            let mut has_id = rows.iter().map(|row| row.codes[Col::Id as usize] >= FIRST);
            names.retain(|_| has_id.next() == Some(false));
        }
        let mut found = rows.iter().zip(&mut hashes);
        let all_new = found.all(|(row, hashes)| self.row_of(row, list, 0, None, hashes).is_none());
        (all_new && all_differ(ids) && all_differ(names)).then_some(hashes)
    }

    /// Appends rows.
    fn extend(&mut self, mut rows: &[PackedRow<'_>]) {
        while !rows.is_empty() {
            let room = |chunk: &Arc<Chunk>| CHUNK_ROWS as usize - chunk.len();
            let room = match self.chunks.last().map(room) {
                None | Some(0) => {
                    self.chunks.push(Arc::default());
                    CHUNK_ROWS as usize
                }
                Some(room) => room,
            };
            let (now, later) = rows.split_at(room.min(rows.len()));
            if let Some(chunk) = self.chunks.last_mut() {
                Arc::make_mut(chunk).extend(now);
            }
            rows = later;
        }
    }
}

fn all_differ(mut hashes: Vec<u64>) -> bool {
    hashes.sort_unstable();
    hashes.windows(2).all(|pair| pair[0] != pair[1])
}

#[cfg(test)]
mod tests {
    use super::super::seen::SeenBits;
    use super::super::{REMEMBERED, Records, SweepKind};
    use super::*;
    use crate::fleet::raw::TextField;
    use crate::fleet::{Field, Pod, Scope};
    use jiff::Timestamp;

    /// Entries with these names in both lists; each id equals the name.
    fn page(node: &[&str], serverless: &[&str]) -> RawPods {
        let filled = RawPods::default().fill(|_, filler| {
            for (list, names) in [(List::Node, node), (List::Serverless, serverless)] {
                for name in names {
                    let mut pod = RawPod::of(list);
                    filler.set(&mut pod, TextField::Name, Field::Value(name));
                    if list == List::Node {
                        filler.set(&mut pod, TextField::Id, Field::Value(name));
                    }
                    filler.push(pod);
                }
            }
            Ok::<(), std::fmt::Error>(())
        });
        filled.unwrap()
    }

    fn both(pages: &[RawPods]) -> [(Vec<Pod>, usize); 2] {
        let (mut taken, mut merged) = (Store::default(), Store::default());
        for store in [&mut taken, &mut merged] {
            store.begin_sweep(SweepKind::Fleet);
        }
        let (mut new, mut expected) = (0, 0);
        for pods in pages {
            new += taken.take(Some(SweepKind::Fleet), pods);
            let records: Records = pods.records();
            expected += merged.merge(Some(SweepKind::Fleet), records);
        }
        let pods = |store: &Store| store.snapshot().pods().collect();
        [(pods(&taken), new), (pods(&merged), expected)]
    }

    #[test]
    fn a_page_added_at_once_gives_the_same_as_entry_by_entry() {
        let many: Vec<String> = (0..5000).map(|number| format!("pod-{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let stories: [&[RawPods]; 7] = [
            &[page(&["a", "b", "c"], &["d", "e"])],
            &[page(&["a", "b", "a"], &[])],
            &[page(&[], &["a", "b", "b"])],
            &[page(&["a", "b"], &["b", "c"])],
            &[page(&["a"], &[]), page(&["b", "a", "c"], &[])],
            &[page(&[], &["b"]), page(&["a", "b", "c"], &[])],
            &[page(&many[..4090], &[]), page(&many[4090..], &["x", "y"])],
        ];
        for (number, pages) in stories.into_iter().enumerate() {
            let [taken, merged] = both(pages);
            assert_eq!(taken, merged, "case {number}");
        }
    }

    #[test]
    fn only_a_page_of_new_pods_is_added_at_once() {
        let mut store = Store::default();
        let node = SeenBits::of(Some(SweepKind::Fleet)).node.set;
        assert!(!store.append(&page(&["a", "b", "a"], &[]), List::Node, node));
        assert_eq!(store.snapshot().len(), 0);
        assert!(store.append(&page(&["a", "b", "c"], &[]), List::Node, node));
        for known in [&["c", "x", "y"], &["x", "c", "y"], &["x", "y", "c"]] {
            assert!(!store.append(&page(known, &[]), List::Node, node), "{known:?}");
        }
        let fleet = store.snapshot();
        assert_eq!(fleet.len(), 3);
        // A pod that vanishes leaves a vacant row, which the next new pod uses.
        store.begin_sweep(SweepKind::Fleet);
        assert_eq!(
            store.end_sweep(SweepKind::Fleet, &Scope::default(), Timestamp::UNIX_EPOCH),
            3
        );
        assert_eq!(store.forget(Timestamp::UNIX_EPOCH + REMEMBERED), 3);
        assert!(!store.append(&page(&["d"], &[]), List::Node, node));
        assert_eq!(store.take(Some(SweepKind::Fleet), &page(&["d"], &[])), 1);
        assert_eq!(store.snapshot().len(), 1);
    }
}
