//! The service's snapshots of the clusters.
//!
//! Owns the generation: the fleet computes its pods from a [`Snapshot`], and [`Snapshots`] decides when the
//! next one is due. Neither knows a pod. The lock guards a pointer and a counter and is never held across an
//! await.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::settings::SimulatedPast;
use crate::clock::Clock;

/// How many generations back a snapshot remembers the times: further than any scenario in the fleet looks.
pub(super) const DEPTH: u64 = 40;

/// The assumed interval between the snapshots before the first one.
const ASSUMED_INTERVAL: Duration = Duration::from_mins(9);

/// How old the first snapshot is when the simulator starts.
pub const FIRST_AGE: Duration = Duration::from_mins(14);

/// One generation of the fleet and the times of the last generations, in milliseconds of the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    generation: u64,
    origin: i64,
    /// Newest first, never empty.
    taken: VecDeque<i64>,
}

impl Snapshot {
    /// Generation 0.
    pub fn first(taken_at: i64) -> Self {
        Self {
            generation: 0,
            origin: taken_at,
            taken: VecDeque::from([taken_at]),
        }
    }

    /// The next generation.
    #[must_use]
    pub fn next(&self, taken_at: i64) -> Self {
        let mut next = self.clone();
        next.generation += 1;
        next.taken.push_front(taken_at);
        next.taken.truncate(usize::try_from(DEPTH).unwrap_or(usize::MAX));
        next
    }

    /// All snapshots of a past, the oldest first.
    pub(super) fn all_of(past: &SimulatedPast) -> Vec<Self> {
        let times = past
            .earlier
            .iter()
            .map(|ago| past.first_at.saturating_sub(millis(*ago)));
        let mut all: Vec<Self> = Vec::new();
        for taken_at in times.chain([past.first_at]) {
            let next = all
                .last()
                .map_or_else(|| Self::first(taken_at), |last| last.next(taken_at));
            all.push(next);
        }
        all
    }

    /// How many snapshots were taken before this one.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// When this snapshot was taken.
    pub fn taken_at(&self) -> i64 {
        self.when(0)
    }

    /// When generation 0 was taken.
    pub(super) fn origin(&self) -> i64 {
        self.origin
    }

    /// When the snapshot `ago` generations before this one was taken. Times before the first snapshot are
    /// computed with a constant interval, so that a pod can be older than the first snapshot.
    pub(super) fn when(&self, ago: u64) -> i64 {
        let remembered = usize::try_from(ago).ok().and_then(|ago| self.taken.get(ago));
        remembered.copied().unwrap_or_else(|| {
            let before = i64::try_from(ago.saturating_sub(self.generation)).unwrap_or(i64::MAX);
            self.origin
                .saturating_sub(before.saturating_mul(millis(ASSUMED_INTERVAL)))
        })
    }
}

/// Takes the snapshots: on request and, if the settings say so, at intervals.
#[derive(Debug)]
pub(super) struct Snapshots {
    clock: Clock,
    started: i64,
    every: Option<i64>,
    pages: Mutex<Pages>,
}

#[derive(Debug)]
struct Pages {
    current: Arc<Snapshot>,
    /// How many snapshots were taken because time passed.
    automatic: u64,
}

impl Snapshots {
    pub(super) fn new(clock: Clock, every: Option<Duration>, past: Option<&SimulatedPast>) -> Self {
        let started = clock.now().as_millisecond();
        let first = past
            .and_then(|past| Snapshot::all_of(past).pop())
            .unwrap_or_else(|| Snapshot::first(started.saturating_sub(millis(FIRST_AGE))));
        Self {
            clock,
            started,
            every: every.map(millis).filter(|every| *every > 0),
            pages: Mutex::new(Pages {
                current: Arc::new(first),
                automatic: 0,
            }),
        }
    }

    /// The newest snapshot that is due by now.
    pub(super) fn current(&self) -> Arc<Snapshot> {
        let now = self.clock.now().as_millisecond();
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        self.catch_up(&mut pages, now);
        Arc::clone(&pages.current)
    }

    /// Takes a snapshot now.
    pub(super) fn take(&self) -> Arc<Snapshot> {
        let now = self.clock.now().as_millisecond();
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        self.catch_up(&mut pages, now);
        pages.current = Arc::new(pages.current.next(now));
        Arc::clone(&pages.current)
    }

    /// Takes the snapshots that became due since the last call. After a long pause only those whose times are
    /// still remembered are taken one by one; the others are only counted.
    fn catch_up(&self, pages: &mut Pages, now: i64) {
        let Some(every) = self.every else { return };
        let due = u64::try_from(now.saturating_sub(self.started) / every).unwrap_or(0);
        let missed = due.saturating_sub(pages.automatic);
        if missed == 0 {
            return;
        }
        let mut snapshot = Snapshot::clone(&pages.current);
        snapshot.generation += missed.saturating_sub(DEPTH);
        for number in due - missed.min(DEPTH)..due {
            let number = i64::try_from(number).unwrap_or(i64::MAX).saturating_add(1);
            snapshot = snapshot.next(self.started.saturating_add(every.saturating_mul(number)));
        }
        *pages = Pages {
            current: Arc::new(snapshot),
            automatic: due,
        };
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use jiff::Timestamp;

    use super::*;

    const START: i64 = 1_764_000_000_000;

    fn clock() -> (Arc<AtomicI64>, Clock) {
        let now = Arc::new(AtomicI64::new(START));
        let hand = Arc::clone(&now);
        let clock =
            Clock::from_fn(move || Timestamp::from_millisecond(hand.load(Ordering::Relaxed)).unwrap());
        (now, clock)
    }

    #[test]
    fn without_an_interval_only_a_request_takes_a_snapshot() {
        let (now, clock) = clock();
        let snapshots = Snapshots::new(clock, None, None);
        assert_eq!(snapshots.current().taken_at(), START - 14 * 60_000);
        now.store(START + 86_400_000, Ordering::Relaxed);
        assert_eq!(snapshots.current().generation(), 0);
        let taken = snapshots.take();
        assert_eq!((taken.generation(), taken.taken_at()), (1, START + 86_400_000));
        assert_eq!(snapshots.current(), taken);
    }

    #[test]
    fn with_an_interval_the_snapshot_is_the_last_one_that_is_due() {
        let (now, clock) = clock();
        let snapshots = Snapshots::new(clock, Some(Duration::from_mins(1)), None);
        assert_eq!(snapshots.current().generation(), 0);
        now.store(START + 125_000, Ordering::Relaxed);
        let current = snapshots.current();
        assert_eq!((current.generation(), current.taken_at()), (2, START + 120_000));
        assert_eq!(current.when(1), START + 60_000);
        assert_eq!(snapshots.take().generation(), 3);
        now.store(START + 180_000, Ordering::Relaxed);
        let current = snapshots.current();
        assert_eq!((current.generation(), current.taken_at()), (4, START + 180_000));
    }

    #[test]
    fn a_long_pause_costs_no_more_than_the_remembered_snapshots() {
        let (now, clock) = clock();
        let snapshots = Snapshots::new(clock, Some(Duration::from_millis(1)), None);
        now.store(START + 1_000_000_000, Ordering::Relaxed);
        let current = snapshots.current();
        assert_eq!(
            (current.generation(), current.taken_at()),
            (1_000_000_000, START + 1_000_000_000)
        );
        assert_eq!(current.when(DEPTH - 1), START + 1_000_000_000 - 39);
    }

    #[test]
    fn a_clock_that_goes_back_takes_no_snapshot() {
        let (now, clock) = clock();
        let snapshots = Snapshots::new(clock, Some(Duration::from_mins(1)), None);
        now.store(START - 3_600_000, Ordering::Relaxed);
        assert_eq!(snapshots.current().generation(), 0);
    }

    #[test]
    fn the_time_of_a_generation_never_changes_later() {
        let first = Snapshot::first(START);
        let second = first.next(START + 5000);
        assert_eq!(first.when(0), second.when(1));
        assert_eq!(first.when(3), second.when(4));
        assert!(first.when(1) < first.when(0));
    }
}
