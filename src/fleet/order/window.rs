//! Selects a window of the order without sorting all rows.
//!
//! Owns the selection. Rows are counted by the first bits of their numbers; the counts show which bits the
//! rows at the requested places have. Only these rows are counted by the next bits, and so on until few
//! remain, which are sorted. Must not: handle the opposite direction, except by reading this one backwards.

use std::cmp::Ordering;
use std::ops::{Range, RangeInclusive};

use super::first::first;
use super::fixed::Ties;
use super::keys::Keys;
use super::names::{PIECE, name};
use super::part::ChunkRange;
use crate::fleet::fields::PodField;
use crate::fleet::snapshot::Fleet;
use crate::fleet::sort::Sort;
use crate::fleet::store::mask::Mask;

/// Up to this many rows are sorted; more are counted first.
const FEW: usize = 512;
/// The largest number of bits that rows are counted by at a time.
const BITS: u32 = 12;
/// The bytes at the beginning of names by which rows are counted.
const NAME_BYTES: usize = 24;

/// The chosen rows at these places of the order.
pub fn window(fleet: &Fleet, masks: &[Mask], sort: Sort, places: Range<usize>) -> Vec<u32> {
    picked(fleet, masks, sort, places, FEW)
}

/// The same; up to `few` rows are sorted instead of counted.
pub(super) fn picked(
    fleet: &Fleet,
    masks: &[Mask],
    sort: Sort,
    places: Range<usize>,
    few: usize,
) -> Vec<u32> {
    let keys = Keys::of(fleet, sort.key.first_direction());
    let ties = Ties::of(fleet);
    let pieces: Vec<Keys> = (0..NAME_BYTES).step_by(PIECE).map(Keys::of_piece).collect();
    let by_name = sort.key == PodField::Name;
    let numbers: Vec<&Keys> = if by_name {
        let further = pieces.iter().skip(1);
        [&keys].into_iter().chain(further).chain(ties.keys()).collect()
    } else {
        [&keys].into_iter().chain(ties.keys()).chain(&pieces).collect()
    };
    let picker = Picker {
        fleet,
        by_name,
        keys: &keys,
        ties: &ties,
        levels: numbers.into_iter().flat_map(Level::all).collect(),
        few,
    };
    picker.window(masks, sort.is_backwards(), places)
}

/// Some bits of the sort numbers; earlier levels hold the more significant bits.
#[derive(Debug)]
struct Level<'a> {
    keys: &'a Keys,
    shift: u32,
}

impl<'a> Level<'a> {
    /// The levels that cover all bits of these numbers.
    fn all(keys: &'a Keys) -> impl Iterator<Item = Self> {
        let mut left = u64::BITS - keys.none().leading_zeros();
        std::iter::from_fn(move || {
            let shift = left.checked_sub(1)?.saturating_sub(BITS - 1);
            left = shift;
            Some(Self { keys, shift })
        })
    }

    fn bits(&self, number: u64) -> usize {
        usize::try_from(number >> self.shift & ((1 << BITS) - 1)).unwrap_or(0)
    }

    /// Counts the rows by these bits. `rows` is the number of rows in `part`.
    fn counts(&self, part: ChunkRange<'_>, rows: usize) -> Vec<usize> {
        let last = (self.keys.none() >> self.shift).min((1 << BITS) - 1);
        let size = usize::try_from(last).unwrap_or(0) + 1;
        let [counts, others] = part.halves(rows, |part| {
            let mut counts = vec![0_u32; size];
            part.each(self.keys, |_, number| {
                if let Some(count) = counts.get_mut(self.bits(number)) {
                    *count += 1;
                }
            });
            counts
        });
        let both = counts.into_iter().zip(others);
        both.map(|(one, other)| one as usize + other as usize).collect()
    }

    /// The rows with these bits. `rows` is the number of rows in `part`.
    fn having(&self, part: ChunkRange<'_>, rows: usize, bits: &RangeInclusive<usize>) -> Vec<Mask> {
        let has = |number| bits.contains(&self.bits(number));
        // On the first level, these bits are a range of numbers.
        let is_first = self.keys.none() >> self.shift < 1 << BITS;
        let bound = |bits: usize| (bits as u64) << self.shift;
        let range = bound(*bits.start())..=bound(bits.end() + 1) - 1;
        let masks = part.halves(rows, |part| -> Vec<Mask> {
            let masks = part.chunks();
            masks
                .map(|(chunk, mask)| {
                    if is_first {
                        self.keys.mask_within(chunk, mask, &range)
                    } else {
                        self.keys.mask_of(chunk, mask, has)
                    }
                })
                .collect()
        });
        masks.concat()
    }
}

/// Rows whose bits form a range.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    bits: RangeInclusive<usize>,
    /// The places of the rows.
    places: Range<usize>,
}

/// The groups that contain `places`. The first and the last bits may have many more rows than are requested;
/// the bits between do not, so they form one group.
fn groups(counts: &[usize], places: &Range<usize>, few: usize) -> Vec<Group> {
    let is_wanted = |group: &Group| places.start <= group.places.start && group.places.end <= places.end;
    let mut groups: Vec<Group> = Vec::new();
    let mut end = 0;
    for (bits, count) in counts.iter().enumerate() {
        let group = Group {
            bits: bits..=bits,
            places: end..end + count,
        };
        end += count;
        if group.places.is_empty() || group.places.end <= places.start || group.places.start >= places.end {
            continue;
        }
        match groups.last_mut() {
            Some(last) if is_wanted(last) && is_wanted(&group) => last.join(&group),
            _ => groups.push(group),
        }
    }
    if let [first, .., last] = &*groups
        && last.places.end - first.places.start <= few
    {
        let mut all = first.clone();
        all.join(last);
        return vec![all];
    }
    groups
}

impl Group {
    fn join(&mut self, next: &Self) {
        self.bits = *self.bits.start()..=*next.bits.end();
        self.places.end = next.places.end;
    }
}

/// Selects rows in the column's first direction.
struct Picker<'a> {
    fleet: &'a Fleet,
    by_name: bool,
    keys: &'a Keys,
    ties: &'a Ties<'a>,
    levels: Vec<Level<'a>>,
    few: usize,
}

impl Picker<'_> {
    /// The window in either direction: only rows with a value are read backwards.
    fn window(&self, masks: &[Mask], is_backwards: bool, places: Range<usize>) -> Vec<u32> {
        let part = ChunkRange::all(self.fleet, masks);
        let count = part.count();
        let is_first = self.by_name && !places.is_empty() && places.end <= self.few;
        if is_first && let Some(rows) = first(part, self.ties, is_backwards, places.clone()) {
            return rows;
        }
        if !is_backwards {
            return self.pick(part, count, 0, places);
        }
        let valued = part.halves(count, |part| {
            let mut valued = 0;
            part.each(self.keys, |_, number| {
                valued += usize::from(number < self.keys.none());
            });
            valued
        });
        let valued = valued.iter().sum::<usize>();
        let turned = |place: usize| valued - place.min(valued);
        let mut rows = self.pick(part, count, 0, turned(places.end)..turned(places.start));
        rows.reverse();
        let without = places.start.max(valued)..places.end.max(valued);
        rows.extend(self.pick(part, count, 0, without));
        rows
    }

    /// The rows at `places` among these `count` rows, whose bits are equal down to `level`.
    fn pick(&self, part: ChunkRange<'_>, count: usize, level: usize, places: Range<usize>) -> Vec<u32> {
        if places.is_empty() {
            return Vec::new();
        }
        let Some(by) = self.levels.get(level).filter(|_| count > self.few) else {
            return self.compared(part, &places);
        };
        let groups = groups(&by.counts(part, count), &places, self.few);
        let of_group = |group: Group| {
            let Range { start, end } = group.places;
            let are_alike = group.bits.start() == group.bits.end();
            let next = if are_alike { level + 1 } else { usize::MAX };
            let places = places.start.max(start) - start..places.end.min(end) - start;
            if end - start == count {
                return self.pick(part, count, next, places);
            }
            let masks = by.having(part, count, &group.bits);
            self.pick(ChunkRange::all(self.fleet, &masks), end - start, next, places)
        };
        groups.into_iter().flat_map(of_group).collect()
    }

    /// The same by sorting.
    fn compared(&self, part: ChunkRange<'_>, places: &Range<usize>) -> Vec<u32> {
        let compare = |a: &(u64, u32), b: &(u64, u32)| self.compare(*a, *b);
        let mut rows = Vec::new();
        part.each(self.keys, |row, number| rows.push((number, row)));
        if places.end < rows.len() {
            rows.select_nth_unstable_by(places.end, compare);
            rows.truncate(places.end);
        }
        if places.start > 0 && places.start < rows.len() {
            rows.select_nth_unstable_by(places.start, compare);
        }
        let mut rows = rows.split_off(places.start.min(rows.len()));
        rows.sort_unstable_by(compare);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn compare(&self, a: (u64, u32), b: (u64, u32)) -> Ordering {
        let by_name = || {
            // Rows without a value are equal here.
            let name = |row| name(self.fleet, row).value().copied().filter(|_| self.by_name);
            name(a.1).cmp(&name(b.1))
        };
        a.0.cmp(&b.0)
            .then_with(by_name)
            .then_with(|| self.ties.compare(a.1, b.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_ends_of_a_window_are_counted_further() {
        let counts = [900, 0, 3, 4, 5, 700, 800];
        let group = |bits, places| Group { bits, places };
        let of = |places: Range<usize>| groups(&counts, &places, 10);
        assert_eq!(of(0..60), [group(0..=0, 0..900)]);
        assert_eq!(of(901..905), [group(2..=3, 900..907)], "few at once");
        let across = [
            group(0..=0, 0..900),
            group(2..=4, 900..912),
            group(5..=5, 912..1612),
        ];
        assert_eq!(of(880..950), across);
        assert_eq!(of(2_500..2_600), []);
    }
}
