//! The two dates of one compared pod: each side steps through the stored snapshots, up to now.
//!
//! A step is looked up like one of the time machine, whose picture stays what it is. Must not: read a file.

use std::sync::Arc;

use super::{Compared, ComparedPod};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::state::past::{MomentWanted, NoPicture, PastNews};

/// A side of a comparison of one pod at two dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatedSide {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// The snapshot that is looked up for a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRequest {
    side: DatedSide,
    /// Which snapshot.
    pub which: MomentWanted,
}

impl Model {
    /// Whether one pod is compared at two dates, not two pods.
    pub fn compares_dates(&self) -> bool {
        self.dated_pods().is_some()
    }

    /// Moves the date of a side of the compared pod by this many stored snapshots, back if the number is negative.
    pub(in crate::app) fn step_compared(&mut self, side: DatedSide, by: i32) -> Vec<Effect> {
        let Some(pods) = self.dated_pods() else {
            self.notify("two pods are compared; = without marks compares one pod at two dates");
            return vec![];
        };
        let of = pod_of(&pods, side);
        let which = match self.focus.comparison().and_then(|it| it.request) {
            // It goes on from what is looked up already.
            Some(DateRequest {
                side: same,
                which: MomentWanted::Steps(from, so_far),
            }) if same == side => MomentWanted::Steps(from, so_far + by),
            _ if of.as_of.is_none() && by > 0 => {
                self.notify("this is the pod as it is now");
                return vec![];
            }
            _ => {
                let now = self.status.service_time(self.now);
                let from = of.as_of.or(self.status.snapshot_at).unwrap_or(now);
                MomentWanted::Steps(from, by)
            }
        };
        if let Some(comparison) = self.focus.comparison_mut() {
            comparison.of = Compared::Two(Arc::new(pods));
            comparison.request = Some(DateRequest { side, which });
        }
        vec![Effect::Past]
    }

    /// The compared pod at both dates; `None` if these are two pods.
    fn dated_pods(&self) -> Option<[ComparedPod; 2]> {
        match &self.focus.comparison()?.of {
            Compared::Two(pods) => {
                let [left, right] = pods.as_ref();
                (left.pod.key == right.pod.key).then(|| pods.as_ref().clone())
            }
            Compared::Past(pod) => {
                let then = pod.as_ref().clone();
                Some([then.clone(), self.compared_now(&then).unwrap_or(then)])
            }
        }
    }

    /// The same pod as it is now, if it is listed.
    fn compared_now(&self, then: &ComparedPod) -> Option<ComparedPod> {
        let row = self.fleet.row_of(&then.pod.key, None)?;
        ComparedPod::of(&self.fleet, row)
    }

    /// Takes the snapshot that was looked up for a side; `None` if it was looked up for something else.
    pub(in crate::app) fn take_compared(&mut self, news: &PastNews) -> Option<Vec<Effect>> {
        let comparison = self.focus.comparison_mut()?;
        let request = comparison.request.filter(|request| request.which == news.which)?;
        comparison.request = None;
        if let Some(mut pods) = self.dated_pods() {
            let before = pod_of(&pods, request.side).clone();
            let dated = match &news.picture {
                Ok(picture) if self.status.snapshot_at == Some(picture.moment.at) => {
                    self.now_or_told(&before)
                }
                Ok(picture) => {
                    let fleet = self.masking.cover(&picture.fleet);
                    let row = fleet.row_of(&before.pod.key, None);
                    let pod = row.and_then(|row| ComparedPod::of(&fleet, row));
                    let pod = pod.unwrap_or_else(|| before.not_listed());
                    Some(pod.at(Some(picture.moment.at)))
                }
                Err(NoPicture::Newest) => self.now_or_told(&before),
                Err(why) => {
                    let sentence = self.no_picture(*why, news.altered);
                    self.notify(sentence);
                    None
                }
            };
            if let Some(dated) = dated {
                let [left, right] = &mut pods;
                match request.side {
                    DatedSide::Left => *left = dated,
                    DatedSide::Right => *right = dated,
                }
                if let Some(comparison) = self.focus.comparison_mut() {
                    comparison.of = Compared::Two(Arc::new(pods));
                    comparison.scroll = 0;
                }
            }
        }
        // The reader goes back to what the time machine shows.
        Some(vec![Effect::Past])
    }

    fn now_or_told(&mut self, then: &ComparedPod) -> Option<ComparedPod> {
        let now = self.compared_now(then);
        if now.is_none() {
            self.notify("HSS does not list this pod now");
        }
        now
    }
}

fn pod_of(pods: &[ComparedPod; 2], side: DatedSide) -> &ComparedPod {
    let [left, right] = pods;
    match side {
        DatedSide::Left => left,
        DatedSide::Right => right,
    }
}
