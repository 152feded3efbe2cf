//! Notices that wait for a sink.
//!
//! Owns the bound: a sink that is down for days costs at most [`MOST_BYTES`], however much happens. What does not fit is summed
//! up: the oldest become a number, which is sent with the next one that is delivered.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::receipt::AlertReceipt;

/// The most bytes of notices that wait for one sink.
pub const MOST_BYTES: usize = 512 << 10;

/// A notice that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingNotice {
    /// Its JSON.
    pub body: String,
    /// Its receipt so far.
    pub receipt: AlertReceipt,
}

impl PendingNotice {
    fn bytes(&self) -> usize {
        self.body.len() + self.receipt.text.len() + self.receipt.rule.len() + size_of::<Self>()
    }
}

/// The queue of one sink.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingQueue {
    waiting: VecDeque<PendingNotice>,
    bytes: usize,
    /// Alerts of notices that gave way.
    summed_up: usize,
}

impl PendingQueue {
    /// Adds a notice; the oldest give way if there is no room.
    pub fn push(&mut self, notice: PendingNotice) {
        self.bytes += notice.bytes();
        self.waiting.push_back(notice);
        while self.bytes > MOST_BYTES && self.waiting.len() > 1 {
            if let Some(oldest) = self.waiting.pop_front() {
                self.bytes -= oldest.bytes();
                self.summed_up += oldest.receipt.count;
            }
        }
    }

    /// The one to deliver next.
    pub fn first(&self) -> Option<&PendingNotice> {
        self.waiting.front()
    }

    /// All that wait, the oldest first.
    pub fn all(&self) -> impl Iterator<Item = &PendingNotice> {
        self.waiting.iter()
    }

    /// The first was delivered, or refused.
    pub fn pop(&mut self) -> Option<PendingNotice> {
        let first = self.waiting.pop_front()?;
        self.bytes -= first.bytes();
        Some(first)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What they take, in bytes.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many alerts were summed up since the last time this was asked.
    pub fn take_summed_up(&mut self) -> usize {
        std::mem::take(&mut self.summed_up)
    }

    /// The same, without forgetting it.
    pub const fn summed_up(&self) -> usize {
        self.summed_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{AlertWay, NoticeKind};
    use jiff::Timestamp;

    fn notice(number: usize) -> PendingNotice {
        PendingNotice {
            body: format!("{{\"number\":{number},\"filler\":\"{}\"}}", "x".repeat(400)),
            receipt: AlertReceipt {
                at: Timestamp::UNIX_EPOCH,
                rule: "risk".to_owned(),
                kind: NoticeKind::Firing,
                way: AlertWay::Webhook,
                count: 1,
                text: "1 new risk: settle-1".to_owned(),
                result: super::super::receipt::ReceiptResult::Waits,
                why: None,
            },
        }
    }

    #[test]
    fn ten_thousand_that_wait_take_less_than_a_mebibyte_and_are_delivered_or_counted() {
        let mut queue = PendingQueue::default();
        for number in 0..10_000 {
            queue.push(notice(number));
        }
        let stored = serde_json::to_string(&queue).unwrap().len();
        assert!(
            queue.bytes() <= MOST_BYTES && stored <= 1 << 20,
            "{} {stored}",
            queue.bytes()
        );
        assert_eq!(queue.len() + queue.take_summed_up(), 10_000);
        assert_eq!(queue.take_summed_up(), 0);
        // The newest are whole, in order.
        let first: usize = 10_000 - queue.len();
        assert!(
            queue
                .first()
                .unwrap()
                .body
                .contains(&format!("\"number\":{first},"))
        );
        while queue.pop().is_some() {}
        assert_eq!((queue.bytes(), queue.len()), (0, 0));
    }
}
