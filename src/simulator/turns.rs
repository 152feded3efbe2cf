//! Turns: how many tasks of one kind run at once, and whose is next.
//!
//! Owns the queue. The next turn goes to the caller with the fewest running turns and, among equals, to the
//! one whose last turn is longest ago: a caller that asks for twenty at once delays itself, not the others.
//! tokio's semaphore serves in the order of requests, whoever makes them. Must not: know what is done in a
//! turn.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::http_server::CallerKey;

/// The turns of one kind of work.
#[derive(Debug)]
pub(super) struct WorkTurns(Arc<Mutex<TurnTable>>);

#[derive(Debug, Default)]
struct TurnTable {
    free: usize,
    /// Grows with each turn.
    granted: u64,
    /// Callers that have or want a turn.
    callers: BTreeMap<CallerKey, CallerTurns>,
    /// Those who wait, in the order of their requests.
    waiting: Vec<Waiter>,
}

#[derive(Debug, Default)]
struct CallerTurns {
    under_way: usize,
    /// The number of its last turn.
    last: u64,
}

/// A waiting caller, and the channel that delivers its turn.
type Waiter = (CallerKey, oneshot::Sender<WorkTurn>);

/// A turn; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct WorkTurn {
    table: Arc<Mutex<TurnTable>>,
    caller: CallerKey,
}

impl WorkTurns {
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Mutex::new(TurnTable {
            free: most,
            ..TurnTable::default()
        })))
    }

    /// Waits for a turn of `caller`. Never `None` while this value lives.
    pub(super) async fn take(&self, caller: CallerKey) -> Option<WorkTurn> {
        let granted = {
            let mut table = lock(&self.0);
            if table.free > 0 {
                table.grant(caller);
                return Some(WorkTurn {
                    table: Arc::clone(&self.0),
                    caller,
                });
            }
            let (grant, granted) = oneshot::channel();
            table.entry(caller);
            table.waiting.push((caller, grant));
            granted
        };
        granted.await.ok()
    }
}

impl TurnTable {
    fn entry(&mut self, caller: CallerKey) -> &mut CallerTurns {
        self.callers.entry(caller).or_default()
    }

    fn grant(&mut self, caller: CallerKey) {
        self.free -= 1;
        self.granted += 1;
        let number = self.granted;
        let entry = self.entry(caller);
        entry.under_way += 1;
        entry.last = number;
    }

    /// Ends a turn of `caller`; grants the next one if somebody waits.
    fn end(&mut self, caller: CallerKey) -> Option<Waiter> {
        self.free += 1;
        self.entry(caller).under_way -= 1;
        self.waiting.retain(|(_, grant)| !grant.is_closed());
        let waiting = &self.waiting;
        self.callers
            .retain(|caller, turns| turns.under_way > 0 || waiting.iter().any(|(who, _)| who == caller));
        let rank = |(_, (caller, _)): &(usize, &Waiter)| {
            let turns = self.callers.get(caller);
            turns.map(|turns| (turns.under_way, turns.last))
        };
        // min_by_key returns the first of equals: requests of one caller are served in order.
        let (next, _) = self.waiting.iter().enumerate().min_by_key(rank)?;
        let (caller, grant) = self.waiting.remove(next);
        self.grant(caller);
        Some((caller, grant))
    }
}

fn lock(table: &Mutex<TurnTable>) -> MutexGuard<'_, TurnTable> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for WorkTurn {
    fn drop(&mut self) {
        let next = lock(&self.table).end(self.caller);
        if let Some((caller, grant)) = next {
            // If the receiver is gone, the turn is dropped here, which grants it to the next caller.
            let _ = grant.send(Self {
                table: Arc::clone(&self.table),
                caller,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use futures_util::FutureExt as _;

    use super::*;

    fn caller(last: u8) -> CallerKey {
        CallerKey::of(IpAddr::from([192, 0, 2, last]))
    }

    /// The order of turns if these callers ask in this order while one turn is running.
    async fn served(asks: &[u8], most: usize) -> Vec<u8> {
        let turns = WorkTurns::new(most);
        let mut under_way = Vec::new();
        for _ in 0..most {
            under_way.push(turns.take(caller(0)).await.unwrap());
        }
        let mut waits: Vec<_> = asks
            .iter()
            .map(|last| (*last, Box::pin(turns.take(caller(*last)))))
            .collect();
        for (_, wait) in &mut waits {
            assert!(wait.now_or_never().is_none(), "all turns are taken");
        }
        let mut order = Vec::new();
        while !waits.is_empty() {
            drop(under_way.remove(0));
            let mut next = None;
            waits.retain_mut(|(last, wait)| {
                let Some(turn) = wait.now_or_never() else {
                    return true;
                };
                assert!(next.is_none(), "one turn ended, and one begins");
                next = turn;
                order.push(*last);
                false
            });
            under_way.push(next.unwrap());
        }
        order
    }

    #[tokio::test]
    async fn callers_take_turns_no_matter_how_many_one_asks_for() {
        assert_eq!(served(&[1, 1, 1, 1, 2], 1).await, [1, 2, 1, 1, 1]);
        assert_eq!(
            served(&[1, 1, 1, 2, 2, 2, 3, 3, 3], 1).await,
            [1, 2, 3, 1, 2, 3, 1, 2, 3]
        );
        assert_eq!(
            served(&[1, 1, 1, 2, 2, 2, 3, 3, 3], 2).await,
            [1, 2, 3, 1, 2, 3, 1, 2, 3]
        );
    }

    #[tokio::test]
    async fn a_turn_whose_caller_has_left_goes_to_the_next() {
        let turns = WorkTurns::new(1);
        let first = turns.take(caller(1)).await.unwrap();
        let mut gone = Box::pin(turns.take(caller(2)));
        let mut here = Box::pin(turns.take(caller(3)));
        assert!((&mut gone).now_or_never().is_none() && (&mut here).now_or_never().is_none());
        drop(gone);
        drop(first);
        drop(here.now_or_never().unwrap().unwrap());
        assert!(
            turns.take(caller(1)).now_or_never().is_some(),
            "and is free again"
        );
        assert!(lock(&turns.0).callers.is_empty());
    }
}
