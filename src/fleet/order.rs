//! The order of rows.
//!
//! Owns the two ways to it. The *whole* order is made from the fixed one, by cluster, namespace and name, which holds
//! as long as no row gets another name: whatever else rows are sorted by is a number, and they are dealt out by it, so
//! that equals stay as they were. A *window* of the order is picked from all rows without sorting the rest.
//! Must not: say anything else than [`Sort::compare`](super::sort::Sort::compare).

use std::cmp::Ordering;
use std::ops::Range;
use std::thread;

use super::Field;
use super::pod::CREATION_MS;
use super::snapshot::Fleet;
use super::sort::{Sort, SortKey};
use super::store::chunk::{CHUNK_ROWS, Col, Mask};
use super::store::code::{self, FIRST_PERCENT};
use super::words::{Detection, Protection, Status};

/// Below so many different numbers rows are dealt out into piles; else they are sorted.
const MOST_PILES: u64 = 1 << 22;
/// Below so many rows one thread is as quick as two.
const WORTH_TWO_THREADS: usize = 50_000;

/// The rows that `masks` choose, by number.
pub fn chosen(masks: &[Mask]) -> impl Iterator<Item = u32> + '_ {
    (0_u32..).zip(masks).flat_map(|(number, mask)| {
        let first = number.saturating_mul(CHUNK_ROWS);
        mask.rows().map(move |at| first + u32::try_from(at).unwrap_or(0))
    })
}

fn is_chosen(masks: &[Mask], row: u32) -> bool {
    let (chunk, at) = super::store::place(row);
    masks.get(chunk).is_some_and(|mask| mask.has(at))
}

/// Orders that hold while no row gets another name.
#[derive(Debug, Default)]
pub struct Orders {
    version: Option<u64>,
    /// By cluster, namespace and name.
    fixed: Vec<u32>,
    /// The place of each row's name among all names, by row.
    name_ranks: Option<Vec<u32>>,
}

impl Orders {
    /// Whether the order of this fleet is known as far as sorting by `key` needs it.
    pub fn know(&self, fleet: &Fleet, key: SortKey) -> bool {
        self.version == Some(fleet.names_version()) && (key != SortKey::Name || self.name_ranks.is_some())
    }

    /// The chosen rows in order.
    pub fn sorted(&mut self, fleet: &Fleet, masks: &[Mask], sort: Sort) -> Vec<u32> {
        if self.version != Some(fleet.names_version()) {
            *self = Self {
                version: Some(fleet.names_version()),
                fixed: fixed(fleet),
                name_ranks: None,
            };
        }
        // What is large and can be made again is not kept for later.
        if sort.key != SortKey::Name {
            self.name_ranks = None;
        }
        let mut rows = Vec::with_capacity(masks.iter().map(Mask::count).sum());
        rows.extend(self.fixed.iter().copied().filter(|row| is_chosen(masks, *row)));
        if sort.key == SortKey::Name {
            let fixed = &self.fixed;
            let ranks = self.name_ranks.get_or_insert_with(|| name_ranks(fleet, fixed));
            let rank = |row: u32| ranks.get(row as usize).copied().unwrap_or(u32::MAX);
            let last = self.fixed.len() as u64;
            return dealt(rows, last, |row| match rank(row) {
                u32::MAX => last,
                rank if sort.descending => last - 1 - u64::from(rank),
                rank => rank.into(),
            });
        }
        let keys = Keys::of(fleet, sort);
        dealt(rows, keys.most(), |row| keys.of_row(fleet, row))
    }
}

/// The chosen rows at these places of the order.
pub fn window(fleet: &Fleet, masks: &[Mask], sort: Sort, places: Range<usize>) -> Vec<u32> {
    let keys = Keys::of(fleet, sort);
    let compare = |a: &(u64, u32), b: &(u64, u32)| {
        let by_name = || {
            if sort.key == SortKey::Name {
                directed(&name(fleet, a.1), &name(fleet, b.1), sort.descending)
            } else {
                Ordering::Equal
            }
        };
        a.0.cmp(&b.0)
            .then_with(by_name)
            .then_with(|| keys.compare_fixed(fleet, a.1, b.1))
    };
    // All rows behind the last of these are of no interest.
    let wanted = places.end;
    let mut best: Vec<(u64, u32)> = Vec::new();
    let mut cutoff: Option<(u64, u32)> = None;
    for row in chosen(masks) {
        let candidate = (keys.of_row(fleet, row), row);
        if cutoff
            .as_ref()
            .is_some_and(|cutoff| compare(&candidate, cutoff).is_ge())
        {
            continue;
        }
        best.push(candidate);
        if best.len() >= wanted.saturating_mul(2).max(1024) && wanted > 0 {
            let (_, last, _) = best.select_nth_unstable_by(wanted - 1, compare);
            cutoff = Some(*last);
            best.truncate(wanted);
        }
    }
    let end = wanted.min(best.len());
    let start = places.start.min(end);
    if end < best.len() {
        best.select_nth_unstable_by(end, compare);
        best.truncate(end);
    }
    if start > 0 && start < best.len() {
        best.select_nth_unstable_by(start, compare);
    }
    let mut best = best.split_off(start);
    best.sort_unstable_by(compare);
    best.into_iter().map(|(_, row)| row).collect()
}

fn name(fleet: &Fleet, row: u32) -> Field<&str> {
    fleet
        .at(row)
        .map_or(Field::Absent, |(chunk, at)| fleet.words().name(chunk, at))
}

/// What is absent or unreadable comes last, in either direction.
fn directed(a: &Field<&str>, b: &Field<&str>, descending: bool) -> Ordering {
    match (a.value(), b.value()) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) if descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
    }
}

/// For each code of a column, its place among all; equals have equal places.
fn ranks<T: Ord>(values: Vec<T>) -> Vec<u32> {
    let mut order: Vec<(T, usize)> = values.into_iter().zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    let (mut rank, mut before) = (0, None);
    for (value, code) in &order {
        rank += u32::from(before.is_some_and(|before| before != value));
        before = Some(value);
        if let Some(place) = ranks.get_mut(*code) {
            *place = rank;
        }
    }
    ranks
}

/// What rows are sorted by, as numbers.
struct Keys {
    by: By,
    /// By the code of the cluster's and the namespace's name: what comes first where all else is equal.
    clusters: Vec<u32>,
    namespaces: Vec<u32>,
}

enum By {
    /// Nothing: names are compared as they are.
    Name,
    /// The column's codes mean these numbers.
    Table(Col, Vec<u64>),
    /// Percent; and the most there is.
    Usage(Col, bool, u64),
    /// Milliseconds.
    Created(bool),
}

impl Keys {
    fn of(fleet: &Fleet, sort: Sort) -> Self {
        let words = fleet.words();
        let fixed = |col| ranks(words.of(col).table(|word| word));
        let descending = sort.descending;
        let by = match sort.key {
            SortKey::Name => By::Name,
            SortKey::Risk => {
                let scores = 0..256;
                By::Table(
                    Col::Risk,
                    scores
                        .map(|score| if descending { 255 - score } else { score })
                        .collect(),
                )
            }
            SortKey::Namespace => {
                by_words(Col::Namespace, words.of(Col::Namespace).table(valued), descending)
            }
            SortKey::Cluster => by_words(Col::Cluster, words.of(Col::Cluster).table(valued), descending),
            SortKey::Node => by_words(Col::Node, words.of(Col::Node).table(valued), descending),
            SortKey::Status => {
                let shown =
                    |word: Field<&str>| word.value().map(|word| Status::read(word).shown().to_owned());
                by_words(Col::Status, words.of(Col::Status).table(shown), descending)
            }
            SortKey::Protection => {
                let read = |word: Field<&str>| word.value().map(|word| Protection::read(word));
                by_words(Col::Protection, words.of(Col::Protection).table(read), descending)
            }
            SortKey::Detection => {
                let read = |word: Field<&str>| word.value().map(|word| Detection::read(word));
                by_words(Col::Detection, words.of(Col::Detection).table(read), descending)
            }
            SortKey::Cpu => By::Usage(Col::CpuUsage, descending, most_of(fleet, Col::CpuUsage)),
            SortKey::Memory => By::Usage(Col::MemoryUsage, descending, most_of(fleet, Col::MemoryUsage)),
            SortKey::Age => By::Created(descending),
        };
        Self {
            by,
            clusters: fixed(Col::Cluster),
            namespaces: fixed(Col::Namespace),
        }
    }

    /// The row's number: smaller comes first.
    fn of_row(&self, fleet: &Fleet, row: u32) -> u64 {
        let Some((chunk, at)) = fleet.at_taken(row) else {
            return u64::MAX;
        };
        match &self.by {
            By::Name => 0,
            By::Table(col, numbers) => table_value(numbers, chunk.code(*col, at)),
            By::Usage(col, descending, most) => match chunk.code(*col, at).checked_sub(FIRST_PERCENT) {
                None => most + 1,
                Some(percent) if *descending => most - percent.min(*most),
                Some(percent) => percent,
            },
            By::Created(descending) => {
                let span = creation_span();
                let ms = code::created_ms(chunk.code(Col::Created, at)).filter(|ms| CREATION_MS.contains(ms));
                match ms.map(|ms| ms.abs_diff(CREATION_MS.start)) {
                    None => span,
                    // The youngest has the latest date.
                    Some(since) if *descending => since,
                    Some(since) => span - 1 - since,
                }
            }
        }
    }

    /// The largest number of a row.
    fn most(&self) -> u64 {
        match &self.by {
            By::Name => 0,
            By::Table(_, numbers) => numbers.iter().copied().max().unwrap_or(0),
            By::Usage(_, _, most) => most + 1,
            By::Created(_) => creation_span(),
        }
    }

    /// The order of equals.
    fn compare_fixed(&self, fleet: &Fleet, a: u32, b: u32) -> Ordering {
        let rank = |ranks: &[u32], col, row| {
            let code = fleet.at_taken(row).map_or(0, |(chunk, at)| chunk.code(col, at));
            usize::try_from(code)
                .ok()
                .and_then(|code| ranks.get(code))
                .copied()
        };
        let by = |ranks: &[u32], col| rank(ranks, col, a).cmp(&rank(ranks, col, b));
        by(&self.clusters, Col::Cluster)
            .then_with(|| by(&self.namespaces, Col::Namespace))
            .then_with(|| name(fleet, a).cmp(&name(fleet, b)))
            .then_with(|| a.cmp(&b))
    }
}

/// The milliseconds in which a pod can be created.
fn creation_span() -> u64 {
    CREATION_MS.end.abs_diff(CREATION_MS.start)
}

/// The highest percentage of a column of usages.
fn most_of(fleet: &Fleet, col: Col) -> u64 {
    let mut most = 0;
    for chunk in fleet.chunks() {
        chunk.column(col).for_each(|_, code| most = most.max(code));
    }
    most.saturating_sub(FIRST_PERCENT)
}

fn valued(word: Field<&str>) -> Option<&str> {
    word.value().copied()
}

fn by_words<T: Ord>(col: Col, words: Vec<Option<T>>, descending: bool) -> By {
    let absent: Vec<bool> = words.iter().map(Option::is_none).collect();
    let ranks = ranks(words);
    let last = ranks.iter().copied().max().unwrap_or(0);
    let numbers = ranks
        .into_iter()
        .zip(absent)
        .map(|(rank, absent)| match (absent, descending) {
            (true, _) => u64::from(last) + 1,
            (false, true) => u64::from(last - rank),
            (false, false) => u64::from(rank),
        });
    By::Table(col, numbers.collect())
}

fn table_value(numbers: &[u64], code: u64) -> u64 {
    usize::try_from(code)
        .ok()
        .and_then(|code| numbers.get(code))
        .copied()
        .unwrap_or(u64::MAX)
}

/// `rows` by their numbers, of which `most` is the largest there can be; equals as they were.
fn dealt(mut rows: Vec<u32>, most: u64, number: impl Fn(u32) -> u64) -> Vec<u32> {
    if most < MOST_PILES {
        let pile = |number: u64| usize::try_from(number.min(most)).unwrap_or(0);
        return piled(&rows, pile(most) + 1, |row| pile(number(row)));
    }
    let place_bits = u64::BITS - (rows.len() as u64).leading_zeros();
    if most.leading_zeros() < place_bits {
        rows.sort_by_cached_key(|row| number(*row));
        return rows;
    }
    // Number and place in one word: that sorts fastest.
    let pack = |(place, row): (u64, &u32)| number(*row).min(most) << place_bits | place;
    let mut packed: Vec<u64> = (0..).zip(&rows).map(pack).collect();
    packed.sort_unstable();
    let place = |packed: u64| usize::try_from(packed & ((1 << place_bits) - 1)).ok();
    packed
        .into_iter()
        .filter_map(|packed| rows.get(place(packed)?).copied())
        .collect()
}

/// Deals `rows` out into piles, and puts the piles together.
fn piled(rows: &[u32], piles: usize, pile: impl Fn(u32) -> usize) -> Vec<u32> {
    let mut places = vec![0_u32; piles + 1];
    for row in rows {
        if let Some(place) = places.get_mut(pile(*row) + 1) {
            *place += 1;
        }
    }
    let mut sum = 0;
    for place in &mut places {
        sum += *place;
        *place = sum;
    }
    let mut dealt = vec![0; rows.len()];
    for row in rows {
        if let Some(place) = places.get_mut(pile(*row)) {
            if let Some(to) = dealt.get_mut(*place as usize) {
                *to = *row;
            }
            *place += 1;
        }
    }
    dealt
}

/// All rows by cluster, namespace, name and number.
fn fixed(fleet: &Fleet) -> Vec<u32> {
    let code = |col: Col, row: u32| fleet.at_taken(row).map_or(0, |(chunk, at)| chunk.code(col, at));
    let mut rows: Vec<u32> = fleet.rows().collect();
    for col in [Col::Namespace, Col::Cluster] {
        let ranks = ranks(fleet.words().of(col).table(|word| word));
        rows = dealt(rows, ranks.len() as u64, |row| {
            let rank = usize::try_from(code(col, row))
                .ok()
                .and_then(|code| ranks.get(code));
            rank.copied().unwrap_or(0).into()
        });
    }
    let same_place = |a: u32, b: u32| {
        code(Col::Cluster, a) == code(Col::Cluster, b) && code(Col::Namespace, a) == code(Col::Namespace, b)
    };
    let sort_places = |rows: &mut [u32]| {
        let mut named: Vec<(Field<&str>, u32)> = Vec::new();
        for place in rows.chunk_by_mut(|a, b| same_place(*a, *b)) {
            named.clear();
            named.extend(place.iter().map(|row| (name(fleet, *row), *row)));
            named.sort_unstable();
            for (to, (_, row)) in place.iter_mut().zip(&named) {
                *to = *row;
            }
        }
    };
    let mut middle = rows.len() / 2;
    while middle < rows.len() && middle > 0 && same_place(rows[middle - 1], rows[middle]) {
        middle += 1;
    }
    let (first, second) = rows.split_at_mut(middle);
    if first.len() < WORTH_TWO_THREADS {
        sort_places(first);
        sort_places(second);
    } else {
        thread::scope(|scope| {
            scope.spawn(|| sort_places(second));
            sort_places(first);
        });
    }
    rows
}

/// The place of each row's name among all names, by row; that of a row without a name is the largest number.
fn name_ranks(fleet: &Fleet, rows: &[u32]) -> Vec<u32> {
    // Most names differ within their first bytes, which need no look into the fleet.
    let prefix = |name: &str| {
        let mut first = [0; 8];
        first
            .iter_mut()
            .zip(name.bytes())
            .for_each(|(to, byte)| *to = byte);
        u64::from_be_bytes(first)
    };
    let named = rows
        .iter()
        .filter_map(|row| Some((prefix(name(fleet, *row).value()?), *row)));
    let mut named: Vec<(u64, u32)> = named.collect();
    let compare = |a: &(u64, u32), b: &(u64, u32)| {
        a.0.cmp(&b.0)
            .then_with(|| name(fleet, a.1).cmp(&name(fleet, b.1)))
    };
    let middle = named.len() / 2;
    if middle >= WORTH_TWO_THREADS {
        named.select_nth_unstable_by(middle, compare);
        let (first, second) = named.split_at_mut(middle);
        thread::scope(|scope| {
            scope.spawn(|| second.sort_unstable_by(compare));
            first.sort_unstable_by(compare);
        });
    } else {
        named.sort_unstable_by(compare);
    }
    let size = rows.iter().max().map_or(0, |row| *row as usize + 1);
    let mut ranks = vec![u32::MAX; size];
    let (mut rank, mut before) = (0, None);
    for item in &named {
        rank += u32::from(before.is_some_and(|before| compare(before, item).is_ne()));
        before = Some(item);
        if let Some(place) = ranks.get_mut(item.1 as usize) {
            *place = rank;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Pod;
    use crate::fleet::filter::in_scope;
    use crate::fleet::fixture::pods;
    use crate::fleet::scope::Scope;
    use proptest::prelude::*;

    proptest! {
        /// Both ways agree with comparing pod by pod; of equal pods the one that was met first comes first.
        #[test]
        fn rows_come_in_the_order_of_their_pods(
            pods in prop::collection::vec(pods(), 0..14),
            start in 0_usize..14,
            length in 0_usize..14,
        ) {
            let fleet: Fleet = pods.iter().cloned().collect();
            let masks = in_scope(&fleet, &Scope::default());
            let mut orders = Orders::default();
            for sort in SortKey::ALL.map(SortKey::first_direction) {
                for sort in [sort, sort.reversed()] {
                    let mut expected: Vec<(u32, &Pod)> = (0..).zip(&pods).collect();
                    expected.sort_by(|a, b| sort.compare(a.1, b.1).then(a.0.cmp(&b.0)));
                    let expected: Vec<u32> = expected.into_iter().map(|(row, _)| row).collect();
                    let whole = orders.sorted(&fleet, &masks, sort);
                    prop_assert_eq!(&whole, &expected, "{:?}", sort);
                    let places = start.min(whole.len())..(start + length).min(whole.len());
                    let part = window(&fleet, &masks, sort, start..start + length);
                    prop_assert_eq!(&part[..], &whole[places], "{:?}", sort);
                }
            }
        }
    }
}
