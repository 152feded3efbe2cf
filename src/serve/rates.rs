//! How many requests each client may send.
//!
//! Owns a rate with a burst for each address: for each client the one moment when its burst will be used up
//! (the generic cell rate algorithm). Time is an argument. Must not: keep more than a bounded number of
//! clients.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::http_server::CallerKey;

/// The cost of one request: 500 a second. A screen sends at most one a second; a script without pauses sends
/// this many.
const EACH: Duration = Duration::from_millis(2);
/// The burst: 1,000 requests, and one more for each page of the list, so that a client reads all of it without a pause.
const BURST: u32 = 1000;
/// The most clients that are remembered. A forgotten one has its full burst again.
const MOST_CLIENTS: usize = 4096;

/// The rates of all clients.
#[derive(Debug, Default)]
pub struct ClientRates(Mutex<BTreeMap<CallerKey, Instant>>);

impl ClientRates {
    /// Counts a request; returns whether its client may send it now, while the list has this many pages.
    pub fn admit(&self, client: CallerKey, pages: u32, now: Instant) -> bool {
        let mut used_until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used_until.len() >= MOST_CLIENTS && !used_until.contains_key(&client) {
            used_until.retain(|_, until| *until > now);
            if used_until.len() >= MOST_CLIENTS {
                used_until.pop_first();
            }
        }
        let until = used_until.entry(client).or_insert(now);
        let next = (*until).max(now) + EACH;
        let is_admitted = next <= now + EACH * BURST.saturating_add(pages);
        if is_admitted {
            *until = next;
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> CallerKey {
        CallerKey::of([192, 0, 2, last].into())
    }

    #[test]
    fn a_client_has_a_burst_and_then_a_rate_and_others_have_theirs() {
        let rates = ClientRates::default();
        let now = Instant::now();
        let admitted = |last, at| (0..3000).filter(|_| rates.admit(client(last), 0, at)).count();
        assert_eq!(admitted(1, now), 1000);
        assert_eq!(admitted(2, now), 1000);
        assert_eq!(admitted(1, now + Duration::from_secs(1)), 500);
        assert_eq!(admitted(1, now + Duration::from_mins(1)), 1000);
        // Two million pods.
        let reads_all = (0..20_000).filter(|_| rates.admit(client(3), 10_000, now));
        assert_eq!(reads_all.count(), 11_000);
    }

    #[test]
    fn the_memory_for_clients_is_bounded() {
        let rates = ClientRates::default();
        let now = Instant::now();
        for number in 0..10_000_u32 {
            assert!(rates.admit(CallerKey::of(number.to_be_bytes().into()), 0, now));
        }
        assert_eq!(rates.0.lock().unwrap().len(), MOST_CLIENTS);
    }
}
