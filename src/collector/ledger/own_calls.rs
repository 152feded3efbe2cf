//! The calls of this program as the record has them.
//!
//! Owns which of them are in progress, have ended since the record was written, or were claimed in advance and not sent. Pure; time
//! is an argument. Must not: know the record.

use std::collections::VecDeque;
use std::time::Duration;

/// How long a call that was claimed in advance may wait until it is sent. Other programs cannot have it meanwhile.
const WAITS: Duration = Duration::from_secs(1);

/// The calls, each with the time of its claim by `CLOCK_BOOTTIME`, the oldest first.
#[derive(Debug, Default)]
pub(super) struct OwnCalls {
    in_progress: VecDeque<Duration>,
    ended: Vec<Duration>,
    unsent: Vec<Duration>,
}

/// What the next turn writes to the record: which calls have ended, and which are not sent.
#[derive(Debug, Default)]
pub(super) struct CallNews {
    ended: Vec<Duration>,
    unsent: Vec<Duration>,
}

impl CallNews {
    /// How many calls have ended, and how many are not sent. A call that was claimed `lasts` ago, because this program was stopped,
    /// counts already; the record has seen to that.
    pub(super) fn counts(&self, now: Duration, lasts: Duration) -> (usize, usize) {
        let young = |calls: &[Duration]| calls.iter().filter(|at| now < **at + lasts).count();
        (young(&self.ended), young(&self.unsent))
    }
}

impl OwnCalls {
    /// A call was granted at this time, and as many in advance.
    pub(super) fn granted(&mut self, at: Duration, more: usize) {
        self.in_progress.push_back(at);
        self.unsent.extend(std::iter::repeat_n(at, more));
    }

    /// Takes a call that was claimed in advance. Returns whether there is one.
    pub(super) fn take_unsent(&mut self, now: Duration) -> bool {
        let taken = self.unsent.pop_if(|at| now < *at + WAITS);
        self.in_progress.extend(taken);
        taken.is_some()
    }

    /// When the newest call in progress was claimed.
    pub(super) fn newest(&self) -> Option<Duration> {
        self.in_progress.back().copied()
    }

    /// How many are in progress.
    pub(super) fn in_progress(&self) -> usize {
        self.in_progress.len()
    }

    /// All but this many, the newest, have ended. Returns how many ended just now.
    pub(super) fn end_all_but(&mut self, in_progress: usize) -> usize {
        let over = self.in_progress.len().saturating_sub(in_progress);
        self.ended.extend(self.in_progress.drain(..over));
        over
    }

    /// All but this many, the newest, are not sent either. Returns how many were withdrawn just now.
    pub(super) fn withdraw_all_but(&mut self, in_progress: usize) -> usize {
        let over = self.in_progress.len().saturating_sub(in_progress);
        self.unsent.extend(self.in_progress.drain(..over));
        over
    }

    /// Whether there is anything to write.
    pub(super) fn has_news(&self) -> bool {
        !self.ended.is_empty() || !self.unsent.is_empty()
    }

    /// Takes what is to be written.
    pub(super) fn take_news(&mut self) -> CallNews {
        CallNews {
            ended: std::mem::take(&mut self.ended),
            unsent: std::mem::take(&mut self.unsent),
        }
    }

    /// How many are not sent.
    pub(super) fn unsent(&self) -> usize {
        self.unsent.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTS: Duration = Duration::from_secs(35);

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn calls_that_were_claimed_in_advance_are_sent_within_a_second_or_given_back() {
        let mut calls = OwnCalls::default();
        assert!(!calls.take_unsent(at(0)) && !calls.has_news());
        calls.granted(at(100), 3);
        assert!(calls.take_unsent(at(1099)) && !calls.take_unsent(at(1100)));
        assert_eq!(
            (calls.in_progress(), calls.unsent(), calls.newest()),
            (2, 2, Some(at(100)))
        );
        assert_eq!(calls.take_news().counts(at(1100), LASTS), (0, 2));
        assert!(!calls.take_unsent(at(101)) && !calls.has_news());
    }

    #[test]
    fn calls_end_the_oldest_first_and_those_of_a_program_that_was_stopped_are_not_told_again() {
        let mut calls = OwnCalls::default();
        calls.granted(at(0), 0);
        calls.granted(at(10), 0);
        calls.granted(at(20), 0);
        assert_eq!(
            (calls.end_all_but(2), calls.end_all_but(2), calls.in_progress()),
            (1, 0, 2)
        );
        assert_eq!((calls.withdraw_all_but(1), calls.newest()), (1, Some(at(20))));
        assert_eq!(calls.end_all_but(0), 1);
        assert_eq!(calls.end_all_but(0), 0);
        let news = calls.take_news();
        assert_eq!(news.counts(at(30), LASTS), (2, 1));
        assert_eq!(news.counts(LASTS + at(5), LASTS), (1, 1));
        assert!(!calls.has_news());
    }
}
