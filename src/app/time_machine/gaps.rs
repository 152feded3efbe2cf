//! When hss-top did not watch, as far as that is about the snapshot on the screen.

use jiff::Timestamp;

use crate::app::Model;
use crate::fleet::watched::{WatchedSpan, gaps, gaps_ended_by};
use crate::state::past::PastPicture;

impl Model {
    /// The times without a watcher that ended with the snapshot on the screen.
    pub fn gaps_before(&self, past: &PastPicture) -> Vec<WatchedSpan> {
        let Some(before) = past.before else {
            return vec![];
        };
        gaps_ended_by(&self.changes.book.watched, before, past.moment.at)
    }

    /// The moment that was typed, if nothing is stored of it, and when hss-top did not watch: the snapshot on the screen is the
    /// last one before that.
    pub fn asked_in_gap(&self, past: &PastPicture) -> Option<(Timestamp, WatchedSpan)> {
        let asked = self.time.asked.filter(|asked| *asked > past.moment.at)?;
        let gaps = gaps(&self.changes.book.watched, past.moment.at, Timestamp::MAX);
        let gap = gaps.into_iter().find(|gap| gap.from < asked && asked < gap.to)?;
        Some((asked, gap))
    }
}
