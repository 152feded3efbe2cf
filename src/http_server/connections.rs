//! Which connections are open, and which one has to make room.
//!
//! Owns the limits on connections. Two kinds of connection can be closed for a new one: one that is idle (it
//! waits for a request, or for its caller to read the answer), and one whose caller has closed its side and
//! may have left. A connection with a running call and a connected caller is never closed. So a caller that
//! opens connections without sending requests only loses its own. It knows no sockets and no clock: age is
//! the order of events.

use std::collections::BTreeMap;
use std::collections::btree_map::Values;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The identity of a caller, by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallerKey {
    /// An IPv4 address, also if it is written as IPv6.
    V4([u8; 4]),
    /// An IPv6 network of 64 bits: whoever has one IPv6 address usually has the full network.
    V6([u8; 8]),
}

impl CallerKey {
    /// The caller at `address`.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let network = address.octets().first_chunk().copied();
                Self::V6(network.unwrap_or_default())
            }
        }
    }
}

#[derive(Debug)]
struct ConnectionEntry {
    caller: CallerKey,
    /// The event since which the connection may be closed; `None` while a handler works on its call.
    idle_since: Option<u64>,
    working: bool,
    end: Arc<Notify>,
}

/// The open connections.
#[derive(Debug)]
pub(super) struct ConnectionTable {
    most: usize,
    most_per_caller: usize,
    events: u64,
    entries: BTreeMap<u64, ConnectionEntry>,
}

impl ConnectionTable {
    pub(super) fn new(most: usize, most_per_caller: usize) -> Self {
        Self {
            most,
            most_per_caller,
            events: 0,
            entries: BTreeMap::new(),
        }
    }

    /// Admits a connection; closes another one if there are too many. `None` if none may be closed.
    pub(super) fn admit(this: &Arc<Mutex<Self>>, address: IpAddr) -> Option<Seat> {
        let (number, end) = lock(this).enter(CallerKey::of(address))?;
        Some(Seat {
            connections: Arc::clone(this),
            number,
            end,
        })
    }

    /// Closes an idle connection, if there is one.
    pub(super) fn relieve(this: &Mutex<Self>) {
        let _ = lock(this).make_room();
    }

    fn enter(&mut self, caller: CallerKey) -> Option<(u64, Arc<Notify>)> {
        if self.count(caller) >= self.most_per_caller {
            self.end_oldest(caller)?;
        } else if self.entries.len() >= self.most {
            self.make_room()?;
        }
        let number = self.next_event();
        let end = Arc::new(Notify::new());
        let entry = ConnectionEntry {
            caller,
            idle_since: Some(number),
            working: false,
            end: Arc::clone(&end),
        };
        self.entries.insert(number, entry);
        Some((number, end))
    }

    /// Closes an idle connection of the caller that has the most connections, among the callers with an idle
    /// one.
    fn make_room(&mut self) -> Option<()> {
        let waiting = self.values().filter(|entry| entry.idle_since.is_some());
        let caller = waiting
            .map(|entry| entry.caller)
            .max_by_key(|caller| self.count(*caller))?;
        self.end_oldest(caller)
    }

    /// Closes the connection of the caller that has been idle longest.
    fn end_oldest(&mut self, caller: CallerKey) -> Option<()> {
        let of_caller = self.entries.iter().filter(|(_, entry)| entry.caller == caller);
        let waiting = of_caller.filter_map(|(number, entry)| Some((entry.idle_since?, *number)));
        let (_, oldest) = waiting.min()?;
        self.entries.remove(&oldest)?.end.notify_one();
        Some(())
    }

    fn values(&self) -> Values<'_, u64, ConnectionEntry> {
        self.entries.values()
    }

    fn count(&self, caller: CallerKey) -> usize {
        self.values().filter(|entry| entry.caller == caller).count()
    }

    fn next_event(&mut self) -> u64 {
        self.events += 1;
        self.events
    }

    /// Marks a connection as working or idle. Returns whether it is still admitted.
    fn set_working(&mut self, number: u64, working: bool) -> bool {
        let event = self.next_event();
        let entry = self.entries.get_mut(&number);
        entry.is_some_and(|entry| {
            entry.working = working;
            entry.idle_since = (!working).then_some(event);
            true
        })
    }

    fn set_half_closed(&mut self, number: u64) {
        let event = self.next_event();
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.idle_since = Some(event);
        }
    }
}

fn lock(connections: &Mutex<ConnectionTable>) -> MutexGuard<'_, ConnectionTable> {
    connections.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The slot of one connection; it becomes free when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    connections: Arc<Mutex<ConnectionTable>>,
    number: u64,
    end: Arc<Notify>,
}

impl Seat {
    /// Resolves when the connection has to make room for another.
    pub(super) async fn ended(&self) {
        self.end.notified().await;
    }

    /// Protects the connection while a handler works on its call. `None` if it already had to make room.
    pub(super) fn work(&self) -> Option<Working<'_>> {
        // Created only if needed, because dropping it takes the lock.
        let is_in = lock(&self.connections).set_working(self.number, true);
        is_in.then(|| Working(self))
    }

    /// Whether a handler works on a call.
    pub(super) fn is_working(&self) -> bool {
        let connections = lock(&self.connections);
        let entry = connections.entries.get(&self.number);
        entry.is_some_and(|entry| entry.working)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.connections).entries.remove(&self.number);
    }
}

/// A call that a handler works on; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Working<'a>(&'a Seat);

impl Working<'_> {
    /// Records that the caller has closed its side: the call continues, but may be ended to make room for a new connection.
    pub(super) fn half_closed(&self) {
        lock(&self.0.connections).set_half_closed(self.0.number);
    }
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        lock(&self.0.connections).set_working(self.0.number, false);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use proptest::prelude::*;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn table(most: usize, most_per_caller: usize) -> Arc<Mutex<ConnectionTable>> {
        Arc::new(Mutex::new(ConnectionTable::new(most, most_per_caller)))
    }

    fn is_ended(seat: &Seat) -> bool {
        seat.ended().now_or_never().is_some()
    }

    #[test]
    fn one_connection_too_many_closes_the_one_that_was_idle_longest() {
        let table = table(10, 2);
        let first = ConnectionTable::admit(&table, address(1)).unwrap();
        let second = ConnectionTable::admit(&table, address(1)).unwrap();
        drop(first.work());
        let _third = ConnectionTable::admit(&table, address(1)).unwrap();
        assert_eq!((is_ended(&first), is_ended(&second)), (false, true));
        assert!(second.work().is_none());
    }

    #[test]
    fn running_calls_are_never_ended_for_a_new_connection() {
        let table = table(10, 2);
        let seats = [1, 1].map(|last| ConnectionTable::admit(&table, address(last)).unwrap());
        let _working: Vec<_> = seats.iter().map(|seat| seat.work().unwrap()).collect();
        assert!(ConnectionTable::admit(&table, address(1)).is_none());
        assert!(ConnectionTable::admit(&table, address(2)).is_some());
    }

    #[test]
    fn a_call_makes_room_if_its_caller_may_have_left() {
        let table = table(10, 2);
        let seats = [1, 1].map(|last| ConnectionTable::admit(&table, address(last)).unwrap());
        let working: Vec<_> = seats.iter().map(|seat| seat.work().unwrap()).collect();
        working[1].half_closed();
        assert!(seats[1].is_working());
        assert!(ConnectionTable::admit(&table, address(1)).is_some());
        assert_eq!(seats.each_ref().map(is_ended), [false, true]);
    }

    #[test]
    fn the_caller_with_the_most_connections_makes_room_for_others() {
        let table = table(4, 3);
        let seats = [2, 1, 1, 1].map(|last| ConnectionTable::admit(&table, address(last)).unwrap());
        let _new = ConnectionTable::admit(&table, address(3)).unwrap();
        assert_eq!(seats.each_ref().map(is_ended), [false, true, false, false]);
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_caller() {
        let of = |text: &str| CallerKey::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    proptest! {
        #[test]
        fn the_limits_hold_and_only_idle_connections_are_closed(
            steps in prop::collection::vec((0_u8..4, 0_u8..5, any::<prop::sample::Index>()), 0..200)
        ) {
            let table = table(8, 3);
            let mut seats: Vec<(u8, bool, Seat)> = Vec::new();
            for (step, last, which) in steps {
                let which = (!seats.is_empty()).then(|| which.index(seats.len()));
                match (step, which) {
                    (0, _) => {
                        let seat = ConnectionTable::admit(&table, address(last));
                        let own = seats.iter().filter(|(of, ..)| *of == last);
                        prop_assert!(seat.is_some()
                            || own.clone().count() == 3 && own.clone().all(|(_, works, _)| *works)
                            || seats.iter().all(|(_, works, _)| *works));
                        let before = seats.len();
                        seats.retain(|(_, works, seat)| *works || !is_ended(seat));
                        prop_assert!(before - seats.len() <= 1);
                        prop_assert!(seats.iter().all(|(.., seat)| !is_ended(seat)));
                        seats.extend(seat.map(|seat| (last, false, seat)));
                    }
                    (1, Some(which)) => drop(seats.remove(which)),
                    (2 | 3, Some(which)) => {
                        let (_, works, seat) = &mut seats[which];
                        *works = step == 2;
                        lock(&table).set_working(seat.number, *works);
                    }
                    _ => {}
                }
                prop_assert_eq!(lock(&table).entries.len(), seats.len());
                prop_assert!(seats.len() <= 8);
                prop_assert!((0..5).all(|last| seats.iter().filter(|(of, ..)| *of == last).count() <= 3));
            }
        }
    }
}
