//! The fetch task's reports to the screen.
//!
//! Owns how often a picture of the fleet is sent, and the conversion between the two clocks.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Fetcher, Gone};
use crate::collector::source::{News, PodSource, Reply, SweepPictures};
use crate::state::Recorder;

/// During a sweep, a new picture of the fleet is sent at most this often.
const PICTURE_EVERY: Duration = Duration::from_millis(200);

/// Whether enough more records were met since a picture that another one is due: some pages, and a share of all, because each
/// picture takes longer the more there are.
const fn is_much_more(met: u64, pictured: u64) -> bool {
    const SOME_PAGES: u64 = 4096;
    const SHARE: u64 = 16;
    let more = met.saturating_sub(pictured);
    more >= SOME_PAGES && more >= pictured / SHARE
}

/// Records per minute, from the records in that time; `None` for the first moments.
fn pace(met: u64, took: Duration) -> Option<u64> {
    let millis = took.as_millis();
    let a_minute = u128::from(met) * 60_000;
    (met > 0 && millis >= 1000).then(|| u64::try_from(a_minute / millis).unwrap_or(u64::MAX))
}

impl<S: PodSource> Fetcher<S> {
    /// Sends the status and, when it is time, a picture of the fleet.
    pub(super) async fn report(&mut self, picture_now: bool) -> Result<(), Gone> {
        let now = Instant::now();
        let met = self.plan.progress().map(|(_, progress)| progress.met);
        let due = self.last_picture.is_none_or(|last| now - last >= PICTURE_EVERY);
        let grew = self.pictures == SweepPictures::AsItGrows
            && met.is_some_and(|met| is_much_more(met, self.pictured));
        let forgot = self.store.forget(self.clock.now()) > 0;
        let is_shown = self.pictures != SweepPictures::Never || self.status.restored || met.is_none();
        let fleet = (is_shown && (picture_now || forgot || due || grew)).then(|| self.store.snapshot());
        if fleet.is_some() {
            (self.last_picture, self.pictured) = (Some(now), met.unwrap_or(0));
        }
        let (purpose, progress) = match self.plan.progress() {
            Some((purpose, progress)) => (purpose, Some(progress)),
            None => (self.plan.shown(), None),
        };
        let scope = self.wanted.borrow().scope.clone();
        let totals = self.totals.shown(purpose, &scope);
        self.status.met = progress.map_or(totals.met, |it| it.met);
        self.status.total = totals.total;
        self.status.complete = totals.complete;
        self.status.whole = self.totals.is_whole(&scope);
        self.status.loading = progress.is_some();
        self.status.is_scope_awaited = progress.is_some() && purpose == self.plan.shown();
        self.status.is_scope_current = self.plan.is_part_current();
        self.status.done_at = progress.and_then(|it| self.done_at(it.met, it.since));
        // The first calls are a burst that the budget does not allow to continue.
        let a_call = u64::from(self.call.limit());
        let budget = self.budget_at(now);
        let most = budget.a_minute(now).saturating_mul(a_call).max(a_call);
        let pace = progress.and_then(|it| pace(it.met, now - it.since));
        self.status.pace = pace.map(|pace| pace.min(most));
        self.status.unproven = progress.is_none() && totals.unproven;
        self.status.moved = progress.map_or(totals.moved, |it| it.moved);
        self.status.state_trouble = self.recorder.as_ref().and_then(Recorder::trouble);
        self.status.calls = self.source.calls();
        if let Some(end) = self.source.credential_end() {
            self.status.credential_end = end;
        }
        self.status.sign_in_trouble = self.source.sign_in_trouble();
        self.status.calls_left = budget.left(now);
        self.status.held_until = budget.held_until(now).map(|until| self.time_of(until));
        self.status.calls_limit = budget.limit();
        self.show_uncounted();
        // Each once. The recorder finds out on its own thread, perhaps after the last page that comes for a long time.
        if self.status.state_notice.is_none() {
            self.status.state_notice = self.recorder.as_mut().and_then(Recorder::notice);
        }
        let reply = Reply {
            source: self.id,
            news: News::List {
                status: Box::new(self.status.clone()),
                fleet,
            },
        };
        self.status.state_notice = None;
        self.replies.send(reply).await.map_err(|_| Gone)
    }

    /// When a sweep with this progress will end, at its pace so far or at the pace of the budget, whichever
    /// is slower.
    pub(super) fn done_at(&self, met: u64, since: Instant) -> Option<Timestamp> {
        let left = self.status.total?.saturating_sub(met);
        let pages_left = left.div_ceil(u64::from(self.call.limit()).max(1));
        let now = Instant::now();
        let by_budget = self.budget_at(now).time_for(pages_left, now);
        let nanos = (now - since).as_nanos() * u128::from(left) / u128::from(met.max(1));
        let by_pace = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let wait = by_budget.max(by_pace);
        self.clock.now().checked_add(wait).ok()
    }

    pub(super) fn instant_of(&self, at: Timestamp) -> Instant {
        let wait = at.duration_since(self.clock.now());
        Instant::now() + Duration::try_from(wait).unwrap_or_default()
    }

    pub(super) fn time_of(&self, at: Instant) -> Timestamp {
        let wait = at.saturating_duration_since(Instant::now());
        let now = self.clock.now();
        now.checked_add(wait).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_due_when_much_more_was_met_and_not_more_often_the_more_there_are() {
        assert!(!is_much_more(4095, 0) && is_much_more(4096, 0));
        assert!(!is_much_more(100_000, 95_000) && is_much_more(100_000, 94_000));
        assert!(!is_much_more(0, 95_000), "another sweep began");
    }

    #[test]
    fn a_pace_is_records_in_a_minute() {
        assert_eq!(pace(200, Duration::from_secs(12)), Some(1000));
        assert_eq!(pace(200, Duration::from_millis(900)), None, "too early to say");
        assert_eq!(pace(0, Duration::from_mins(1)), None);
    }
}
