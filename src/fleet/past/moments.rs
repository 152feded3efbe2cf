//! The stored snapshots, and which of them is meant.
//!
//! A snapshot holds from its date until that of the next one: the pods "at 03:10" are those of the newest snapshot from before
//! then. Must not: know how a snapshot is stored.

use std::sync::Arc;

use jiff::Timestamp;

/// A stored snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastMoment {
    /// Its number in the store.
    pub number: i64,
    /// The date of HSS's list, by the service's clock.
    pub at: Timestamp,
}

/// The stored snapshots of a source, oldest first. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moments(Arc<[PastMoment]>);

impl Moments {
    /// The oldest one.
    pub fn oldest(&self) -> Option<PastMoment> {
        self.0.first().copied()
    }

    /// The newest one before `at`.
    pub fn before(&self, at: Timestamp) -> Option<PastMoment> {
        self.0.iter().rev().find(|moment| moment.at < at).copied()
    }

    /// The oldest one after `at`.
    pub fn after(&self, at: Timestamp) -> Option<PastMoment> {
        self.0.iter().find(|moment| moment.at > at).copied()
    }

    /// The one that held at `at`.
    pub fn holding(&self, at: Timestamp) -> Option<PastMoment> {
        self.0.iter().rev().find(|moment| moment.at <= at).copied()
    }

    /// The place of a snapshot among them, from 1, and how many there are.
    pub fn place(&self, moment: PastMoment) -> Option<(usize, usize)> {
        let at = self.0.iter().position(|known| known.number == moment.number)?;
        Some((at + 1, self.0.len()))
    }
}

impl FromIterator<PastMoment> for Moments {
    fn from_iter<I: IntoIterator<Item = PastMoment>>(moments: I) -> Self {
        let mut moments: Vec<PastMoment> = moments.into_iter().collect();
        moments.sort_by_key(|moment| moment.at);
        Self(moments.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_holds_until_the_next_one() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let moments: Moments = [(2, 20), (1, 10), (3, 30)]
            .map(|(number, second)| PastMoment {
                number,
                at: at(second),
            })
            .into_iter()
            .collect();
        let number = |moment: Option<PastMoment>| moment.map(|moment| moment.number);
        assert_eq!(number(moments.holding(at(9))), None);
        assert_eq!(number(moments.holding(at(10))), Some(1));
        assert_eq!(number(moments.holding(at(29))), Some(2));
        assert_eq!(number(moments.before(at(20))), Some(1));
        assert_eq!(number(moments.after(at(20))), Some(3));
        assert_eq!(number(moments.before(at(10))), None);
        assert_eq!(number(moments.oldest()), Some(1));
        let last = moments.after(at(25)).unwrap();
        assert_eq!(moments.place(last), Some((3, 3)));
    }
}
