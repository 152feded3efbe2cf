//! When calls were made.
//!
//! A rule that HSS announces may have a window of an hour, and who allows a collector a thousand calls a minute has tens of
//! thousands in it. So the first thousand have a time each; of more than these, those of the same second share the time of the
//! last one. They then count a second longer than they have to, never shorter. Must not: know rules.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::CallAges;

/// How many calls have a time of their own: more than any limit that HSS publishes.
const EXACT: usize = 1024;
/// The calls of this time share an entry.
const GRAIN: Duration = Duration::from_secs(1);

/// When calls were made, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpentCalls {
    entries: VecDeque<CallsAt>,
    count: usize,
}

/// Some calls that count as made at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CallsAt {
    /// When the last one was made.
    at: Instant,
    /// How long before that the first one was made.
    since: Duration,
    count: usize,
}

impl SpentCalls {
    /// How many calls there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a call that was made later than all others.
    pub fn push(&mut self, at: Instant) {
        self.push_some(at, 1);
    }

    fn push_some(&mut self, at: Instant, count: usize) {
        self.count += count;
        let is_coarse = self.entries.len() >= EXACT;
        if let Some(last) = self.entries.back_mut() {
            let since = at.saturating_duration_since(last.at) + last.since;
            if at == last.at || (is_coarse && since < GRAIN) {
                (last.since, last.count) = (since, last.count + count);
                last.at = last.at.max(at);
                return;
            }
        }
        let since = Duration::ZERO;
        self.entries.push_back(CallsAt { at, since, count });
    }

    /// Forgets the oldest calls: all until `at`, and as many as there are more than `most`.
    pub fn trim(&mut self, at: Option<Instant>, most: usize) {
        while let Some(oldest) = self.entries.front_mut() {
            let is_over = at.is_some_and(|at| oldest.at <= at);
            let too_many = self.count.saturating_sub(most);
            let gone = if is_over {
                oldest.count
            } else {
                oldest.count.min(too_many)
            };
            if gone == 0 {
                return;
            }
            self.count -= gone;
            oldest.count -= gone;
            if oldest.count == 0 {
                self.entries.pop_front();
            }
        }
    }

    /// Forgets the calls that were made later.
    pub fn forget_after(&mut self, at: Instant) {
        while let Some(newest) = self.entries.pop_back_if(|newest| newest.at > at) {
            self.count -= newest.count;
        }
    }

    /// Forgets the last call.
    pub fn pop(&mut self) {
        let Some(newest) = self.entries.back_mut() else {
            return;
        };
        self.count -= 1;
        newest.count -= 1;
        if newest.count == 0 {
            self.entries.pop_back();
        }
    }

    /// Adds the calls that were made this long before `now`, all of them later than those that are there.
    pub fn extend(&mut self, ages: &CallAges, now: Instant) {
        for (age, count) in ages.iter() {
            if let Some(at) = now.checked_sub(age) {
                self.push_some(at, count);
            }
        }
    }

    /// How many were made later.
    pub fn count_after(&self, at: Instant) -> usize {
        let later = self.entries.iter().rev().take_while(|calls| calls.at > at);
        later.map(|calls| calls.count).sum()
    }

    /// When the one was made that this many later ones follow.
    pub fn before_last(&self, later: usize) -> Option<Instant> {
        if later >= self.count {
            return None;
        }
        let mut seen = 0;
        let mut newest_first = self.entries.iter().rev();
        let found = newest_first.find(|calls| {
            seen += calls.count;
            seen > later
        });
        found.map(|calls| calls.at)
    }

    /// All of these, and `open` ones that have a time each.
    pub fn merged<'a>(all: impl Iterator<Item = &'a Self>, open: impl Iterator<Item = Instant>) -> Self {
        let mut entries: Vec<(Instant, usize)> = open.map(|at| (at, 1)).collect();
        for times in all {
            entries.extend(times.entries.iter().map(|calls| (calls.at, calls.count)));
        }
        entries.sort_unstable();
        let mut merged = Self::default();
        for (at, count) in entries {
            merged.push_some(at, count);
        }
        merged
    }

    /// Of the two last calls the later one, of the two before them the later one, and so on; what is left of the longer list
    /// comes first.
    #[must_use]
    pub fn later_of(&self, other: &Self) -> Self {
        let (mut own, mut others) = (self.entries.iter().rev(), other.entries.iter().rev());
        let (mut one, mut another) = (own.next().copied(), others.next().copied());
        let mut newest_first: Vec<(Instant, usize)> = Vec::new();
        while let Some(calls) = one.or(another) {
            let pair = one.as_ref().zip(another.as_ref());
            let (at, count) = pair.map_or((calls.at, calls.count), |(one, another)| {
                (one.at.max(another.at), one.count.min(another.count))
            });
            newest_first.push((at, count));
            for (side, rest) in [(&mut one, &mut own), (&mut another, &mut others)] {
                if let Some(calls) = side {
                    calls.count -= count;
                    if calls.count == 0 {
                        *side = rest.next().copied();
                    }
                }
            }
        }
        let mut later = Self::default();
        for (at, count) in newest_first.into_iter().rev() {
            later.push_some(at, count);
        }
        later
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(begin: Instant, milliseconds: &[u64]) -> SpentCalls {
        let mut times = SpentCalls::default();
        for ms in milliseconds {
            times.push(begin + Duration::from_millis(*ms));
        }
        times
    }

    fn all(times: &SpentCalls) -> Vec<Instant> {
        let entries = times.entries.iter();
        entries
            .flat_map(|calls| std::iter::repeat_n(calls.at, calls.count))
            .collect()
    }

    proptest! {
        /// Beside a list with a time for each call.
        #[test]
        fn few_calls_have_their_own_times(
            mut one in prop::collection::vec(0_u64..5000, 0..60),
            mut other in prop::collection::vec(0_u64..5000, 0..60),
            (at, later, most) in (0_u64..5000, 0_usize..60, 0_usize..60),
        ) {
            one.sort_unstable();
            other.sort_unstable();
            let begin = Instant::now();
            let list = |of: &[u64]| of.iter().map(|ms| begin + Duration::from_millis(*ms)).collect::<Vec<_>>();
            let (calls, at) = (times(begin, &one), begin + Duration::from_millis(at));
            prop_assert_eq!(all(&calls), list(&one));
            prop_assert_eq!(calls.count_after(at), list(&one).iter().filter(|call| **call > at).count());
            prop_assert_eq!(calls.before_last(later), list(&one).iter().rev().nth(later).copied());

            let mut trimmed = calls.clone();
            trimmed.trim(Some(at), most);
            let young: Vec<Instant> = list(&one).into_iter().filter(|call| *call > at).collect();
            prop_assert_eq!(all(&trimmed), &young[young.len().saturating_sub(most)..]);
            prop_assert_eq!(trimmed.len(), all(&trimmed).len());
            let mut old = calls.clone();
            old.forget_after(at);
            prop_assert_eq!(old.len() + calls.count_after(at), calls.len());
            prop_assert_eq!(all(&old).len(), old.len());

            let (longer, shorter) = if one.len() < other.len() { (&other, &one) } else { (&one, &other) };
            let mut expected = list(longer);
            for (call, other) in expected.iter_mut().rev().zip(list(shorter).iter().rev()) {
                *call = (*call).max(*other);
            }
            prop_assert_eq!(all(&calls.later_of(&times(begin, &other))), expected);
            let merged = SpentCalls::merged([&calls, &times(begin, &other)].into_iter(), std::iter::once(at));
            let mut expected = [list(&one), list(&other), vec![at]].concat();
            expected.sort_unstable();
            prop_assert_eq!(all(&merged), expected);
        }
    }

    #[test]
    fn very_many_calls_need_little_memory_and_count_for_no_less_than_their_time() {
        let begin = Instant::now();
        let mut times = SpentCalls::default();
        // An hour of 200 calls a second.
        let made: Vec<Instant> = (0..720_000)
            .map(|call| begin + Duration::from_millis(5 * call))
            .collect();
        for at in &made {
            times.push(*at);
        }
        assert!(!times.is_empty() && SpentCalls::default().is_empty());
        assert_eq!(times.len(), made.len());
        assert!(times.entries.len() < EXACT + 3700, "{}", times.entries.len());
        for (counted, made) in all(&times).into_iter().zip(&made) {
            assert!(counted >= *made && counted < *made + GRAIN);
        }
    }
}
