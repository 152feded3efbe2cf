//! The id of a change, which is the same in every run and for everyone who records it.
//!
//! The id is computed from the change itself: the pod, the values before and after, and the first snapshot
//! with it. So two dashboards that see the same change, and one that sees it again after a crash, compute the
//! same id, and a read mark or an acknowledgement applies to it after a restart. Facts that differ between
//! observers (the previous snapshot, their clocks) are not included, except that the clock distinguishes
//! changes of snapshots without a date.

use std::fmt;

use jiff::Timestamp;

use super::Change;
use crate::fleet::Field;

/// The id of a change: 16 hexadecimal digits when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeId(i64);

impl ChangeId {
    /// The id of `change`.
    pub fn of(change: &Change) -> Self {
        let mut hash = Fnv::new();
        hash.text(change.pod.as_str());
        hash.text(change.kind.name());
        for side in change.kind.sides() {
            match side {
                Field::Absent => hash.byte(0),
                Field::Unreadable => hash.byte(1),
                Field::Value(text) => {
                    hash.byte(2);
                    hash.text(text);
                }
            }
        }
        match (change.after, change.noticed) {
            (Some(after), _) => hash.time(after),
            (None, Some(noticed)) => {
                hash.byte(0xfe);
                hash.time(noticed);
            }
            (None, None) => hash.byte(0xff),
        }
        Self(hash.0.cast_signed())
    }

    /// The id as a state file stores it.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The id that a state file stores as this number.
    pub const fn restored(number: i64) -> Self {
        Self(number)
    }

    /// Reads a written id.
    pub fn read(text: &str) -> Option<Self> {
        let is_written = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_written.then(|| u64::from_str_radix(text, 16).ok())??;
        Some(Self(number.cast_signed()))
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0.cast_unsigned())
    }
}

/// FNV-1a, which is the same in every run and every version. Whoever may name a pod could make two of its
/// changes collide, but would only gain that they are listed as one.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    /// A text and its length, so that different lists of texts never have the same bytes.
    fn text(&mut self, text: &str) {
        for byte in (text.len() as u64).to_le_bytes().into_iter().chain(text.bytes()) {
            self.byte(byte);
        }
    }

    fn time(&mut self, at: Timestamp) {
        for byte in at.as_millisecond().to_le_bytes() {
            self.byte(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::ChangeKind;
    use crate::fleet::fixture::node;
    use crate::fleet::words::Status;

    fn change(pod: &str, from: Status, to: Status, second: i64) -> Change {
        Change {
            after: Timestamp::from_second(second).ok(),
            ..Change::of(&node(pod).build(), ChangeKind::Status(from.into(), to.into()))
        }
    }

    #[test]
    fn an_id_is_the_same_in_every_version() {
        let id = ChangeId::of(&change("a", Status::Running, Status::Failed, 1_760_000_000));
        assert_eq!(id.to_string(), "dd23e1be204952fe");
        assert_eq!(ChangeId::read(&id.to_string()), Some(id));
        assert_eq!(ChangeId::restored(id.number()), id);
    }

    #[test]
    fn whatever_makes_it_another_change_makes_another_id() {
        let ids = [
            change("a", Status::Running, Status::Failed, 1),
            change("b", Status::Running, Status::Failed, 1),
            change("a", Status::Pending, Status::Failed, 1),
            change("a", Status::Running, Status::Unknown, 1),
            change("a", Status::Running, Status::Failed, 2),
            Change::of(&node("a").build(), ChangeKind::Appeared),
            Change::of(&node("a").build(), ChangeKind::Vanished),
        ]
        .map(|change| ChangeId::of(&change));
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[..at].contains(id), "{at}");
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "1",
            "+123456789abcdef",
            "0123456789abcdeg",
            "0123456789abcdef0",
        ] {
            assert_eq!(ChangeId::read(text), None, "{text}");
        }
    }
}
