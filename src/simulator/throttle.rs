//! The limit on calls per minute.
//!
//! Owns the count of calls per operation, both per token and per address, in windows of a minute that start
//! with a caller's first call. A refused call is not counted, so a caller that waits for the end of the
//! window always gets through. Knows no HTTP and stores only a hash of a token.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::route::Operation;

const WINDOW: Duration = Duration::from_mins(1);

/// The largest number of windows; beyond it the oldest is forgotten.
const MOST_WINDOWS: usize = 4096;

/// What the calls are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Policy {
    User,
    Ip,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Ip => "ip",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ThrottledCaller {
    operation: Operation,
    policy: Policy,
    hash: u64,
}

#[derive(Clone, Copy, Debug)]
struct CallWindow {
    opened: Instant,
    calls: u32,
}

impl CallWindow {
    fn is_open(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.opened) < WINDOW
    }
}

/// How many calls of an operation a caller has left in its windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallsLeft {
    pub(super) limit: u32,
    pub(super) user: u32,
    pub(super) address: u32,
}

/// Counts the calls of each caller.
#[derive(Debug)]
pub(super) struct CallCounter {
    limit: u32,
    hasher: RandomState,
    windows: Mutex<HashMap<ThrottledCaller, CallWindow>>,
}

impl CallCounter {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            hasher: RandomState::new(),
            windows: Mutex::default(),
        }
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// Counts a call, or returns the policy that refuses it.
    pub(super) fn admit(
        &self,
        operation: Operation,
        token: &[u8],
        address: IpAddr,
        now: Instant,
    ) -> Result<(), Policy> {
        let callers = self.callers(operation, token, address);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |caller: &&ThrottledCaller| calls(&windows, caller, now) >= self.limit;
        if let Some(full) = callers.iter().find(is_full) {
            return Err(full.policy);
        }
        for caller in callers {
            count(&mut windows, caller, now);
        }
        Ok(())
    }

    /// Returns the calls that are left. Counts nothing.
    pub(super) fn quota(
        &self,
        operation: Operation,
        token: &[u8],
        address: IpAddr,
        now: Instant,
    ) -> CallsLeft {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let [user, address] = self
            .callers(operation, token, address)
            .map(|caller| self.limit.saturating_sub(calls(&windows, &caller, now)));
        CallsLeft {
            limit: self.limit,
            user,
            address,
        }
    }

    /// The keys under which a call is counted: by user and by address.
    fn callers(&self, operation: Operation, token: &[u8], address: IpAddr) -> [ThrottledCaller; 2] {
        [
            ThrottledCaller {
                operation,
                policy: Policy::User,
                hash: self.hasher.hash_one(token),
            },
            ThrottledCaller {
                operation,
                policy: Policy::Ip,
                hash: self.hasher.hash_one(address),
            },
        ]
    }
}

fn calls(windows: &HashMap<ThrottledCaller, CallWindow>, caller: &ThrottledCaller, now: Instant) -> u32 {
    windows
        .get(caller)
        .filter(|window| window.is_open(now))
        .map_or(0, |window| window.calls)
}

fn count(windows: &mut HashMap<ThrottledCaller, CallWindow>, caller: ThrottledCaller, now: Instant) {
    if windows.len() >= MOST_WINDOWS && !windows.contains_key(&caller) {
        windows.retain(|_, window| window.is_open(now));
        let oldest = windows
            .iter()
            .min_by_key(|(_, window)| window.opened)
            .map(|(caller, _)| *caller);
        if let Some(oldest) = oldest.filter(|_| windows.len() >= MOST_WINDOWS) {
            windows.remove(&oldest);
        }
    }
    let window = windows.entry(caller).or_insert(CallWindow {
        opened: now,
        calls: 0,
    });
    if !window.is_open(now) {
        *window = CallWindow {
            opened: now,
            calls: 0,
        };
    }
    window.calls += 1;
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::BROADCAST);

    #[test]
    fn every_window_allows_the_same_number_of_calls() {
        let throttle = CallCounter::new(3);
        let start = Instant::now();
        let call = |after| {
            throttle.admit(
                Operation::ListPods,
                b"a",
                HERE,
                start + Duration::from_secs(after),
            )
        };
        assert_eq!([call(0), call(1), call(59)], [Ok(()); 3]);
        assert_eq!([call(59), call(59)], [Err(Policy::User); 2]);
        assert_eq!([call(60), call(60), call(60)], [Ok(()); 3]);
        assert_eq!(call(60), Err(Policy::User));
    }

    #[test]
    fn users_with_the_same_address_share_its_limit() {
        let throttle = CallCounter::new(2);
        let now = Instant::now();
        let call = |token: &[u8], address| throttle.admit(Operation::ListPods, token, address, now);
        assert_eq!([call(b"a", HERE), call(b"b", HERE)], [Ok(()); 2]);
        assert_eq!(call(b"c", HERE), Err(Policy::Ip));
        assert_eq!(call(b"c", THERE), Ok(()));
    }

    #[test]
    fn each_operation_has_its_own_count() {
        let throttle = CallCounter::new(1);
        let now = Instant::now();
        assert_eq!(throttle.admit(Operation::ListPods, b"a", HERE, now), Ok(()));
        assert_eq!(throttle.admit(Operation::Synchronise, b"a", HERE, now), Ok(()));
        assert_eq!(
            throttle.admit(Operation::ListPods, b"a", HERE, now),
            Err(Policy::User)
        );
    }

    #[test]
    fn the_quota_is_what_both_windows_have_left_and_reading_it_is_free() {
        let throttle = CallCounter::new(3);
        let start = Instant::now();
        let quota = |token: &[u8], now| {
            let CallsLeft { limit, user, address } = throttle.quota(Operation::ListPods, token, HERE, now);
            (limit, user, address)
        };
        assert_eq!(quota(b"a", start), (3, 3, 3));
        for token in [b"a", b"a", b"b"] {
            assert_eq!(throttle.admit(Operation::ListPods, token, HERE, start), Ok(()));
        }
        assert_eq!(quota(b"a", start), (3, 1, 0));
        assert_eq!(quota(b"b", start), (3, 2, 0));
        assert_eq!(quota(b"a", start + WINDOW), (3, 3, 3));
    }

    #[test]
    fn the_number_of_windows_is_limited() {
        let throttle = CallCounter::new(u32::MAX);
        let now = Instant::now();
        for token in 0..10_000_u32 {
            assert_eq!(
                throttle.admit(Operation::ListPods, &token.to_le_bytes(), HERE, now),
                Ok(())
            );
        }
        assert!(throttle.windows.lock().unwrap().len() <= MOST_WINDOWS);
    }
}
