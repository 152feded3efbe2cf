//! A column of numbers that uses as few bytes as its largest number needs.
//!
//! Owns the width: one, two, four or eight bytes per number, always enough for the numbers that were stored.
//! Must not: know what the numbers mean.

use std::ops::RangeInclusive;

/// A list of numbers of equal width.
#[derive(Debug, Clone)]
pub enum Packed {
    /// One byte each.
    One(Vec<u8>),
    /// Two bytes each.
    Two(Vec<u16>),
    /// Four bytes each.
    Four(Vec<u32>),
    /// Eight bytes each.
    Eight(Vec<u64>),
}

/// Runs the same code on the numbers, whatever their width.
macro_rules! each_width {
    ($packed:expr, $numbers:ident => $do:expr) => {
        match $packed {
            Packed::One($numbers) => $do,
            Packed::Two($numbers) => $do,
            Packed::Four($numbers) => $do,
            Packed::Eight($numbers) => $do,
        }
    };
}

impl Default for Packed {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

impl Packed {
    /// The number at `at`; 0 beyond the end.
    #[inline]
    pub fn get(&self, at: usize) -> u64 {
        each_width!(self, numbers => numbers.get(at).copied().map_or(0, u64::from))
    }

    /// Reads the numbers at these places, which are in ascending order; 0 beyond the end.
    pub fn read(&self, places: &[usize], into: &mut [u64]) {
        each_width!(self, numbers => read(numbers, places, into));
    }

    /// Writes `mark` for each place whose number is another one than that of the place before it. The first has none before it.
    pub fn mark_new(&self, places: &[usize], mark: u8, marks: &mut [u8]) {
        each_width!(self, numbers => mark_new(numbers, places, mark, marks));
    }

    /// Appends `number`.
    pub fn push(&mut self, number: u64) {
        let fits = match self {
            Self::One(numbers) => push(numbers, number),
            Self::Two(numbers) => push(numbers, number),
            Self::Four(numbers) => push(numbers, number),
            Self::Eight(numbers) => push(numbers, number),
        };
        if !fits {
            self.widen();
            self.push(number);
        }
    }

    /// Appends `numbers`.
    pub fn extend(&mut self, numbers: impl Iterator<Item = u64> + Clone) {
        let most = numbers.clone().fold(0, u64::max);
        while !self.fits(most) {
            self.widen();
        }
        match self {
            Self::One(column) => extend(column, numbers),
            Self::Two(column) => extend(column, numbers),
            Self::Four(column) => extend(column, numbers),
            Self::Eight(column) => column.extend(numbers),
        }
    }

    fn fits(&self, number: u64) -> bool {
        match self {
            Self::One(_) => u8::try_from(number).is_ok(),
            Self::Two(_) => u16::try_from(number).is_ok(),
            Self::Four(_) => u32::try_from(number).is_ok(),
            Self::Eight(_) => true,
        }
    }

    /// Writes `number` at `at`, which is at most the number of numbers.
    pub fn set(&mut self, at: usize, number: u64) {
        let fits = match self {
            Self::One(numbers) => put(numbers, at, number),
            Self::Two(numbers) => put(numbers, at, number),
            Self::Four(numbers) => put(numbers, at, number),
            Self::Eight(numbers) => put(numbers, at, number),
        };
        if !fits {
            self.widen();
            self.set(at, number);
        }
    }

    fn widen(&mut self) {
        *self = match self {
            Self::One(numbers) => Self::Two(numbers.iter().map(|number| (*number).into()).collect()),
            Self::Two(numbers) => Self::Four(numbers.iter().map(|number| (*number).into()).collect()),
            Self::Four(numbers) => Self::Eight(numbers.iter().map(|number| (*number).into()).collect()),
            Self::Eight(numbers) => Self::Eight(std::mem::take(numbers)),
        };
    }

    /// Calls `visit` with each number and its place.
    #[inline]
    pub fn for_each(&self, mut visit: impl FnMut(usize, u64)) {
        match self {
            Self::One(numbers) => (0..)
                .zip(numbers)
                .for_each(|(at, number)| visit(at, (*number).into())),
            Self::Two(numbers) => (0..)
                .zip(numbers)
                .for_each(|(at, number)| visit(at, (*number).into())),
            Self::Four(numbers) => (0..)
                .zip(numbers)
                .for_each(|(at, number)| visit(at, (*number).into())),
            Self::Eight(numbers) => (0..).zip(numbers).for_each(|(at, number)| visit(at, *number)),
        }
    }

    /// Sets a bit of the mark of each number that is another one than the number before it. The marks are those of the numbers from
    /// `first` on. The first of all has none before it.
    pub fn mark_changes(&self, first: usize, bit: u32, marks: &mut [u32]) {
        each_width!(self, numbers => mark_changes(numbers, first, bit, marks));
    }

    /// One word per 64 numbers, with a bit set for each number that `is_it` accepts.
    pub fn bits(&self, is_it: impl FnMut(u64) -> bool, words: &mut [u64]) {
        each_width!(self, numbers => asked(numbers, is_it, words));
    }

    /// The same for the numbers in `range`; much faster than a closure for each number.
    pub fn bits_within(&self, range: &RangeInclusive<u64>, words: &mut [u64]) {
        match self {
            Self::One(numbers) => within(numbers, range, u8::MAX, words),
            Self::Two(numbers) => within(numbers, range, u16::MAX, words),
            Self::Four(numbers) => within(numbers, range, u32::MAX, words),
            Self::Eight(numbers) => within(numbers, range, u64::MAX, words),
        }
    }

    /// Writes each number that is below `most` to its place, and `most` for all others.
    pub fn capped(&self, most: u8, into: &mut [u8]) {
        each_width!(self, numbers => capped(numbers, most, into));
    }

    /// Adds each number times `factor` to its place; the numbers have at most 32 bits.
    pub fn add_to(&self, into: &mut [u32], factor: u32) {
        each_width!(self, numbers => add_to(numbers, factor, into));
    }

    /// The largest number; 0 if there is none.
    pub fn most(&self) -> u64 {
        each_width!(self, numbers => numbers.iter().copied().max().map_or(0, u64::from))
    }

    /// Releases unused memory.
    pub fn shrink(&mut self) {
        each_width!(self, numbers => numbers.shrink_to_fit());
    }

    /// The bytes of memory that it uses.
    pub fn bytes(&self) -> usize {
        each_width!(self, numbers => numbers.capacity() * numbers.first().map_or(0, size_of_val))
    }
}

/// See [`Packed::read`].
fn read<T: Copy + Into<u64>>(numbers: &[T], places: &[usize], into: &mut [u64]) {
    if let Some(run) = run(numbers, places) {
        // Without a jump to each number, many are read at once.
        for (to, number) in into.iter_mut().zip(run) {
            *to = (*number).into();
        }
        return;
    }
    for (to, at) in into.iter_mut().zip(places) {
        *to = numbers.get(*at).map_or(0, |number| (*number).into());
    }
}

/// See [`Packed::mark_new`].
fn mark_new<T: Copy + PartialEq>(numbers: &[T], places: &[usize], mark: u8, marks: &mut [u8]) {
    let marks = marks.get_mut(1..).unwrap_or_default();
    if let Some(run) = run(numbers, places) {
        for ((is_new, number), before) in marks.iter_mut().zip(run.get(1..).unwrap_or_default()).zip(run) {
            // As a choice of two values, the compiler makes many of them at once.
            *is_new = if number == before { *is_new } else { mark };
        }
        return;
    }
    for (is_new, pair) in marks.iter_mut().zip(places.windows(2)) {
        if let [before, at] = pair
            && numbers.get(*before) != numbers.get(*at)
        {
            *is_new = mark;
        }
    }
}

/// The numbers at these places, if each comes right after the one before it.
#[inline]
fn run<'a, T>(numbers: &'a [T], places: &[usize]) -> Option<&'a [T]> {
    let (first, last) = (*places.first()?, *places.last()?);
    let run = numbers.get(first..last.checked_add(1)?)?;
    (run.len() == places.len()).then_some(run)
}

fn bits<T: Copy>(numbers: &[T], mut is_it: impl FnMut(T) -> bool, words: &mut [u64]) {
    for (word, numbers) in words.iter_mut().zip(numbers.chunks(64)) {
        // In two steps: the processor does the first one for many numbers at once.
        let mut answers = [0_u8; 64];
        for (answer, number) in answers.iter_mut().zip(numbers) {
            *answer = is_it(*number).into();
        }
        let eights = answers.as_chunks::<8>().0.iter().zip((0..).step_by(8));
        *word = eights.fold(0, |word, (eight, at)| {
            word | gathered(u64::from_le_bytes(*eight)) << at
        });
    }
}

/// Collects the lowest bits of eight bytes, whose other bits are 0, in one byte. (The highest byte of the
/// product contains each of them once, at the right position; nothing carries over.)
const fn gathered(eight: u64) -> u64 {
    eight.wrapping_mul(0x0102_0408_1020_4080) >> 56
}

fn asked<T: Copy + Into<u64>>(numbers: &[T], mut is_it: impl FnMut(u64) -> bool, words: &mut [u64]) {
    bits(numbers, |number| is_it(number.into()), words);
}

fn within<T: Copy + PartialOrd + TryFrom<u64>>(
    numbers: &[T],
    range: &RangeInclusive<u64>,
    most: T,
    words: &mut [u64],
) {
    if let Ok(low) = T::try_from(*range.start()) {
        let high = T::try_from(*range.end()).unwrap_or(most);
        bits(numbers, |number| low <= number && number <= high, words);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most `most`")]
fn capped<T: Copy + PartialOrd + From<u8> + Into<u64>>(numbers: &[T], most: u8, into: &mut [u8]) {
    let limit = T::from(most);
    for (into, number) in into.iter_mut().zip(numbers) {
        let number = if *number < limit { *number } else { limit };
        *into = number.into() as u8;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "they have at most 32 bits")]
fn add_to<T: Copy + Into<u64>>(numbers: &[T], factor: u32, into: &mut [u32]) {
    for (into, number) in into.iter_mut().zip(numbers) {
        *into = into.wrapping_add(((*number).into() as u32).wrapping_mul(factor));
    }
}

fn mark_changes<N: Copy + PartialEq>(numbers: &[N], first: usize, bit: u32, marks: &mut [u32]) {
    // Plain slices, so that many numbers are compared at once.
    let has_none_before = usize::from(first == 0);
    let before = numbers.get(first.saturating_sub(1)..).unwrap_or_default();
    let numbers = before.get(1..).unwrap_or_default();
    let marks = marks.get_mut(has_none_before..).unwrap_or_default();
    for ((mark, before), number) in marks.iter_mut().zip(before).zip(numbers) {
        *mark |= u32::from(before != number) << bit;
    }
}

/// Appends a number; returns whether it fits.
fn push<T: TryFrom<u64>>(numbers: &mut Vec<T>, number: u64) -> bool {
    let fits = T::try_from(number).map(|number| numbers.push(number));
    fits.is_ok()
}

/// Appends numbers that fit.
fn extend<T: TryFrom<u64>>(column: &mut Vec<T>, numbers: impl Iterator<Item = u64>) {
    column.extend(numbers.filter_map(|number| T::try_from(number).ok()));
}

/// Writes a number at `at`, or appends it; returns whether it fits.
fn put<T: TryFrom<u64>>(numbers: &mut Vec<T>, at: usize, number: u64) -> bool {
    let Ok(number) = T::try_from(number) else {
        return false;
    };
    match numbers.get_mut(at) {
        Some(place) => *place = number,
        None => numbers.push(number),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(numbers in prop::collection::vec((0_usize..40, any::<u64>(), 0_u32..64), 0..80)) {
            let (mut packed, mut plain) = (Packed::default(), Vec::new());
            for (at, number, shift) in numbers {
                let number = number >> shift;
                let at = at.min(plain.len());
                match (at == plain.len(), number % 3) {
                    (true, 0) => packed.push(number),
                    (true, 1) => packed.extend([number].into_iter()),
                    _ => packed.set(at, number),
                }
                if at == plain.len() { plain.push(number) } else { plain[at] = number }
            }
            for count in 0..3 {
                let more = plain.iter().copied().take(count).collect::<Vec<u64>>();
                packed.extend(more.iter().copied());
                plain.extend(more);
            }
            packed.shrink();
            let mut all = Vec::new();
            packed.for_each(|at, number| {
                assert_eq!(packed.get(at), number);
                all.push(number);
            });
            for (low, high) in plain.iter().zip(plain.iter().rev()) {
                let (mut asked, mut within) = ([0; 2], [0; 2]);
                packed.bits(|number| (low..=high).contains(&&number), &mut asked);
                packed.bits_within(&(*low..=*high), &mut within);
                prop_assert_eq!(asked, within);
                let bit = |at: usize| asked[at / 64] >> (at % 64) & 1 == 1;
                prop_assert!((0..128).all(|at| bit(at) == plain.get(at).is_some_and(|it| low <= it && it <= high)));
            }
            let (mut capped, mut added) = (vec![0; plain.len()], vec![1; plain.len()]);
            packed.capped(200, &mut capped);
            prop_assert!(capped.iter().zip(&plain).all(|(capped, number)| u64::from(*capped) == *number.min(&200)));
            packed.add_to(&mut added, 3);
            let sum = |number: &u64| 1 + 3 * number;
            let small = added.iter().zip(&plain).filter(|(_, number)| **number < 1 << 30);
            prop_assert!(small.into_iter().all(|(added, number)| u64::from(*added) == sum(number)));
            for places in [(0..plain.len()).collect::<Vec<_>>(), (0..plain.len()).step_by(3).collect()] {
                let (mut read, mut marks) = (vec![7; places.len()], vec![7; places.len()]);
                packed.read(&places, &mut read);
                packed.mark_new(&places, 9, &mut marks);
                let at = |place: usize| plain[places[place]];
                let is_new = |place: usize| place > 0 && at(place) != at(place - 1);
                let expected = (0..places.len()).map(|place| (at(place), 7 + 2 * u8::from(is_new(place))));
                prop_assert_eq!(read.into_iter().zip(marks).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
            }
            prop_assert_eq!(packed.most(), plain.iter().copied().max().unwrap_or(0));
            prop_assert_eq!(all, plain);
        }
    }
}
