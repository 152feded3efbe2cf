//! A few rows of the order, without sorting the others.
//!
//! Owns picking them: counting says which numbers the wanted places have, and only rows of these are compared.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use super::WORTH_TWO_THREADS;
use super::fixed::Ties;
use super::keys::{Keys, name};
use crate::fleet::snapshot::Fleet;
use crate::fleet::sort::{Sort, SortKey};
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, Mask};

/// Below so many different numbers they are counted.
const MOST_COUNTED: u64 = 1 << 17;

/// The chosen rows at these places of the order.
pub fn window(fleet: &Fleet, masks: &[Mask], sort: Sort, places: Range<usize>) -> Vec<u32> {
    let keys = Keys::of(fleet, sort);
    let ties = Ties::of(fleet);
    let (before, numbers) = numbers_at(fleet, masks, &keys, &places);
    let places = places.start.saturating_sub(before)..places.end.saturating_sub(before);
    let backwards = sort.is_backwards();
    let compare = |a: &(u64, u32), b: &(u64, u32)| {
        let by_name = || match (sort.key, name(fleet, a.1).value(), name(fleet, b.1).value()) {
            (SortKey::Name, Some(a), Some(b)) if sort.descending => b.cmp(a),
            (SortKey::Name, Some(a), Some(b)) => a.cmp(b),
            _ => Ordering::Equal,
        };
        let tie = || {
            let fixed = ties.compare(a.1, b.1);
            if backwards && a.0 < keys.none() {
                fixed.reverse()
            } else {
                fixed
            }
        };
        a.0.cmp(&b.0).then_with(by_name).then_with(tie)
    };
    // All rows behind the last of these are of no interest.
    let wanted = places.end;
    let best_of = |part: Part<'_>| {
        let mut best: Vec<(u64, u32)> = Vec::new();
        let mut cutoff: Option<(u64, u32)> = None;
        let mut consider = |candidate: (u64, u32)| {
            if cutoff
                .as_ref()
                .is_some_and(|cutoff| compare(&candidate, cutoff).is_ge())
            {
                return;
            }
            best.push(candidate);
            if best.len() >= wanted.saturating_mul(2).max(1024) && wanted > 0 {
                let (_, last, _) = best.select_nth_unstable_by(wanted - 1, compare);
                cutoff = Some(*last);
                best.truncate(wanted);
            }
        };
        for ((chunk, mask), first) in part.chunks.iter().zip(part.masks).zip(part.first_rows()) {
            keys.each(chunk, |at, number| {
                if numbers.contains(&number) && mask.has(at) {
                    consider((number, first + u32::try_from(at).unwrap_or(0)));
                }
            });
        }
        best
    };
    let (mut best, others) = Part::all(fleet, masks).halves(best_of);
    best.extend(others);
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

/// Some chunks.
#[derive(Clone, Copy)]
struct Part<'a> {
    /// The number of the first.
    start: u32,
    chunks: &'a [Arc<Chunk>],
    masks: &'a [Mask],
}

impl<'a> Part<'a> {
    fn all(fleet: &'a Fleet, masks: &'a [Mask]) -> Self {
        Self {
            start: 0,
            chunks: fleet.chunks(),
            masks,
        }
    }

    /// Does `work` for each half, on two threads where that is worth it.
    fn halves<T: Send>(self, work: impl Fn(Self) -> T + Sync) -> (T, T) {
        let middle = self.chunks.len().min(self.masks.len()) / 2;
        let (first, second) = self.chunks.split_at(middle);
        let (first_masks, second_masks) = self.masks.split_at(middle);
        let first = Self {
            chunks: first,
            masks: first_masks,
            ..self
        };
        let second = Self {
            start: self.start + u32::try_from(middle).unwrap_or(0),
            chunks: second,
            masks: second_masks,
        };
        if self.chunks.len() < WORTH_TWO_THREADS / CHUNK_ROWS as usize {
            return (work(first), work(second));
        }
        thread::scope(|scope| {
            let other = scope.spawn(|| work(second));
            let done = work(first);
            (done, other.join().unwrap_or_else(|_| work(second)))
        })
    }

    /// The number of each chunk's first row.
    fn first_rows(self) -> impl Iterator<Item = u32> {
        (self.start..).map(|number| number.saturating_mul(CHUNK_ROWS))
    }
}

/// The numbers of the rows at these places, and how many rows have smaller ones.
fn numbers_at(fleet: &Fleet, masks: &[Mask], keys: &Keys, places: &Range<usize>) -> (usize, Range<u64>) {
    if keys.none() >= MOST_COUNTED {
        return (0, 0..u64::MAX);
    }
    let counts_of = |part: Part<'_>| {
        let mut counts = vec![0_usize; usize::try_from(keys.none()).unwrap_or(0) + 1];
        for (chunk, mask) in part.chunks.iter().zip(part.masks) {
            keys.each(chunk, |at, number| {
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                if let Some(count) = counts.get_mut(number) {
                    *count += usize::from(mask.has(at));
                }
            });
        }
        counts
    };
    let (counts, others) = Part::all(fleet, masks).halves(counts_of);
    let counts = counts.into_iter().zip(others).map(|(one, other)| one + other);
    let (mut sum, mut before, mut first) = (0, 0, None);
    for (number, count) in (0..).zip(counts) {
        if first.is_none() && sum + count > places.start {
            (before, first) = (sum, Some(number));
        }
        sum += count;
        if sum >= places.end {
            return (before, first.unwrap_or(number)..number + 1);
        }
    }
    (before, first.unwrap_or(0)..u64::MAX)
}
