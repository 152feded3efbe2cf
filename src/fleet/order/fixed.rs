//! The orders by words over all rows.
//!
//! Owns two orders that are expensive to make and stay valid until a row gets another name: the fixed order
//! by cluster, namespace and name, and the order by name. Must not: know which rows are chosen.

use std::cmp::Ordering;
use std::thread;

use super::keys::{Keys, ranks};
use super::names::{name, piece};
use super::{Sorted, WORTH_TWO_THREADS};
use crate::fleet::Field;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::Col;

/// The tie-breaker: the order of two rows that are otherwise equal.
pub struct Ties<'a> {
    fleet: &'a Fleet,
    /// The numbers for the names of cluster and namespace.
    places: [Keys; 2],
}

impl<'a> Ties<'a> {
    /// The tie-breaker for the rows of a fleet.
    pub fn of(fleet: &'a Fleet) -> Self {
        Self {
            fleet,
            places: [Col::Cluster, Col::Namespace].map(|col| Keys::of_words(fleet, col)),
        }
    }

    /// The numbers that are compared before the names.
    pub fn keys(&self) -> &[Keys] {
        &self.places
    }

    /// Compares by cluster, namespace, name and row number.
    pub fn compare(&self, a: u32, b: u32) -> Ordering {
        let number = |keys: &Keys, row| self.fleet.at_taken(row).map(|(chunk, at)| keys.of_row(chunk, at));
        let mut places = self
            .places
            .iter()
            .map(|keys| number(keys, a).cmp(&number(keys, b)));
        places
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
            .then_with(|| name(self.fleet, a).cmp(&name(self.fleet, b)))
            .then_with(|| a.cmp(&b))
    }
}

/// All rows, ordered by cluster, namespace, name and row number.
pub fn fixed(fleet: &Fleet) -> Vec<u32> {
    let code = |col: Col, row: u32| fleet.at_taken(row).map_or(0, |(chunk, at)| chunk.code(col, at));
    let mut rows: Vec<u32> = fleet.rows().collect();
    for col in [Col::Namespace, Col::Cluster] {
        let ranks = ranks(fleet.words().of(col).table(|word| word));
        let rank = |row| {
            let code = usize::try_from(code(col, row)).ok()?;
            ranks.get(code).copied()
        };
        rows = counted(&rows, ranks.len(), |row| rank(row).unwrap_or(0) as usize);
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

/// Distributes `rows` over bins and concatenates the bins.
fn counted(rows: &[u32], bins: usize, bin: impl Fn(u32) -> usize) -> Vec<u32> {
    let mut places = vec![0_u32; bins + 1];
    for row in rows {
        if let Some(place) = places.get_mut(bin(*row) + 1) {
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
        if let Some(place) = places.get_mut(bin(*row)) {
            if let Some(to) = dealt.get_mut(*place as usize) {
                *to = *row;
            }
            *place += 1;
        }
    }
    dealt
}

/// All rows, ordered by name; rows with equal names, and rows without a name at the end, are in the fixed
/// order.
pub fn by_name(fleet: &Fleet, fixed: &[u32]) -> Sorted {
    // The first bytes of most names differ, so most comparisons do not read the fleet.
    let named = fixed.iter().filter_map(|row| {
        let name = name(fleet, *row);
        Some((piece(name.value()?.as_bytes(), 0), *row))
    });
    let mut named: Vec<(u64, u32)> = named.collect();
    let ties = Ties::of(fleet);
    let compare = |a: &(u64, u32), b: &(u64, u32)| {
        a.0.cmp(&b.0)
            .then_with(|| name(fleet, a.1).cmp(&name(fleet, b.1)))
            .then_with(|| ties.compare(a.1, b.1))
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
    let valued = named.len();
    let mut rows = Vec::with_capacity(fixed.len());
    rows.extend(named.into_iter().map(|(_, row)| row));
    if valued < fixed.len() {
        rows.extend(fixed.iter().filter(|row| name(fleet, **row).value().is_none()));
    }
    Sorted { rows, valued }
}
