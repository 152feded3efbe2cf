//! The order of rows.
//!
//! Owns two methods. The *complete* order is based on the fixed order by cluster, namespace and name, which
//! is valid until a row gets another name. All other fields are numbers; a stable sort by them leaves equal
//! rows in the fixed order. It is only made in the column's first direction: the other is read backwards. A
//! *window* of the order is selected from all rows without sorting the rest. Must not: give another order
//! than [`Sort::compare`](super::sort::Sort::compare).

mod buckets;
mod counting_sort;
mod first;
mod fixed;
mod keys;
mod names;
mod part;
mod ranked;
mod window;

pub use window::window;

use super::fields::PodField;
use super::snapshot::Fleet;
use super::store::mask::Mask;
use super::store::places::sorted_words;
use counting_sort::SortInput;
use fixed::by_name;
pub(in crate::fleet) use fixed::fixed;
use keys::{Keys, KnownKeys};

/// With fewer rows, one thread is as fast as two.
pub(in crate::fleet) const WORTH_TWO_THREADS: usize = 50_000;

fn is_chosen(masks: &[Mask], row: u32) -> bool {
    let (chunk, at) = super::store::place(row);
    masks.get(chunk).is_some_and(|mask| mask.has(at))
}

/// Rows in a column's first direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// The row numbers.
    pub rows: Vec<u32>,
    /// How many of them have a value; rows without one come last.
    pub valued: usize,
}

/// Orders that are valid until a row gets another name.
#[derive(Debug, Default)]
pub struct Orders {
    version: Option<u64>,
    /// All rows by cluster, namespace and name.
    fixed: Vec<u32>,
    by_name: Option<Sorted>,
    /// The sort numbers of the last column of words that was sorted by.
    known: Option<KnownKeys>,
}

impl Orders {
    /// Whether the cached order is valid for this fleet and for sorting by `key`.
    pub fn know(&self, fleet: &Fleet, key: PodField) -> bool {
        self.version == Some(fleet.names_version()) && (key != PodField::Name || self.by_name.is_some())
    }

    /// The chosen rows, in the first direction of `key`.
    pub fn sorted(&mut self, fleet: &Fleet, masks: &[Mask], key: PodField) -> Sorted {
        if self.version != Some(fleet.names_version()) {
            *self = Self {
                version: Some(fleet.names_version()),
                fixed: fixed(fleet),
                ..Self::default()
            };
        }
        let count = masks.iter().map(Mask::count).sum();
        if key == PodField::Name {
            let fixed = &self.fixed;
            let all = self.by_name.get_or_insert_with(|| by_name(fleet, fixed));
            return all.chosen(masks, count);
        }
        // This order is large and can be made again, so it is not stored for later.
        self.by_name = None;
        let sort = key.first_direction();
        let input = |keys: &Keys, fixed: &[u32]| {
            let input = SortInput {
                fleet,
                masks,
                count,
                keys,
                fixed,
            };
            input.sorted()
        };
        if let Some(col) = sorted_words(key) {
            let known = KnownKeys::or_new(self.known.take(), fleet, sort, col);
            let sorted = input(known.keys(), &self.fixed);
            self.known = Some(known);
            sorted
        } else {
            input(&Keys::of(fleet, sort), &self.fixed)
        }
    }
}

impl Sorted {
    /// Only the chosen rows.
    fn chosen(&self, masks: &[Mask], count: usize) -> Self {
        let (with, without) = self.rows.split_at_checked(self.valued).unwrap_or_default();
        let mut rows = Vec::with_capacity(count);
        rows.extend(with.iter().copied().filter(|row| is_chosen(masks, *row)));
        let valued = rows.len();
        rows.extend(without.iter().copied().filter(|row| is_chosen(masks, *row)));
        Self { rows, valued }
    }
}

#[cfg(test)]
mod tests {
    use super::window::picked;
    use super::*;
    use crate::fleet::Pod;
    use crate::fleet::filter::in_scope;
    use crate::fleet::fixture::{node, pods};
    use crate::fleet::query::Query;
    use crate::fleet::scope::Scope;
    use crate::fleet::store::chunk::CHUNK_ROWS;
    use crate::fleet::view::{Unsorted, ViewRequest};
    use jiff::Timestamp;
    use proptest::prelude::*;

    proptest! {
        /// Both methods agree with comparing pod by pod. Of equal pods, the one with the lower row number
        /// comes first, or last if the order is read backwards.
        #[test]
        fn rows_have_the_order_of_their_pods(
            pods in prop::collection::vec(pods(), 0..14),
            start in 0_usize..14,
            length in 0_usize..14,
            few in prop::sample::select(vec![1, 4, 512]),
        ) {
            let fleet: Fleet = pods.iter().cloned().collect();
            let masks = in_scope(&fleet, &Scope::default());
            let mut orders = Orders::default();
            for first in PodField::ALL.iter().map(|field| field.first_direction()) {
                for sort in [first, first.reversed()] {
                    let mut expected: Vec<(u32, &Pod)> = (0..).zip(&pods).collect();
                    expected.sort_by(|a, b| {
                        let met = a.0.cmp(&b.0);
                        let met = if sort.reads_backwards(a.1) { met.reverse() } else { met };
                        sort.compare(a.1, b.1).then(met)
                    });
                    let expected: Vec<u32> = expected.into_iter().map(|(row, _)| row).collect();
                    let request = ViewRequest { sort, filter: Query::default(), ..ViewRequest::default() };
                    let view = Unsorted::of(&fleet, request, Timestamp::UNIX_EPOCH).whole(&mut orders);
                    let whole: Vec<u32> = (0..view.len()).filter_map(|place| view.row(place)).collect();
                    prop_assert_eq!(&whole, &expected, "{:?}", sort);
                    let places = start.min(whole.len())..(start + length).min(whole.len());
                    let part = picked(&fleet, &masks, sort, start..start + length, few);
                    prop_assert_eq!(&part[..], &whole[places], "{:?}", sort);
                }
            }
        }
    }

    #[test]
    fn rows_of_several_chunks_have_the_order_of_their_pods() {
        let pod = |number: u32| {
            let spread = number.wrapping_mul(2_654_435_761) >> 8;
            node(&format!(
                "{}-{number}",
                ["api", "web", "worker-of-all"][number as usize % 3]
            ))
            .within(["prod-a", "prod-b"][spread as usize % 2], "payments")
            .usage(&format!("{}m", spread % 7), "10m", "", "")
            .created_ms(1_700_000_000_000 + i64::from(spread % 3000) * 1_000_000)
            .build()
        };
        let pods: Vec<Pod> = (0..CHUNK_ROWS + 900).map(pod).collect();
        let fleet: Fleet = pods.iter().cloned().collect();
        let masks = in_scope(&fleet, &Scope::default());
        let mut orders = Orders::default();
        for key in [PodField::Age, PodField::CpuPercent, PodField::Name] {
            let sort = key.first_direction();
            let mut expected: Vec<u32> = fleet.rows().collect();
            expected.sort_by(|a, b| sort.compare(&pods[*a as usize], &pods[*b as usize]));
            let sorted = orders.sorted(&fleet, &masks, key);
            assert_eq!((sorted.valued, &sorted.rows), (pods.len(), &expected), "{key:?}");
            for start in [0, 2000, pods.len() - 20] {
                let places = start..(start + 60).min(pods.len());
                assert_eq!(
                    window(&fleet, &masks, sort, start..start + 60),
                    expected[places],
                    "{key:?}"
                );
            }
            let mut backwards = window(&fleet, &masks, sort.reversed(), 100..160);
            backwards.reverse();
            assert_eq!(backwards, expected[pods.len() - 160..pods.len() - 100], "{key:?}");
        }
    }
}
