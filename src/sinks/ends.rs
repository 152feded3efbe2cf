//! The ends of alerts that Alertmanager is told again and again, for a day.
//!
//! Alertmanager tells nobody of an end that arrives while a silence, or another alert, holds the alert back. What it does not hear
//! again after that stays firing in its notes of what it told, so the next alert with the same labels is nothing new to it until
//! `repeat_interval` is over (tried with 0.25, see `findings/`). Silences usually last hours, so an end is repeated for a day, or
//! until the same alert fires anew. What is over at once has no end that anybody waits for.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::alertmanager::{AlertLabels, SentAlert};

/// For how long an end is repeated.
const REPEATED: SignedDuration = SignedDuration::from_hours(24);
/// The most ends that are repeated, the newest: two megabytes.
const MOST_ENDS: usize = 1000;

/// An alert that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedAlert {
    /// As it is sent.
    alert: SentAlert,
    /// When that was first sent.
    told_at: Timestamp,
}

/// The alerts whose end is repeated.
#[derive(Debug, Clone, Default)]
pub(super) struct EndedAlerts {
    by_labels: BTreeMap<AlertLabels, EndedAlert>,
}

impl EndedAlerts {
    /// Those of an earlier run.
    pub fn restored(kept: Vec<EndedAlert>) -> Self {
        let kept = kept.into_iter().take(MOST_ENDS);
        Self {
            by_labels: kept.map(|it| (it.alert.labels.clone(), it)).collect(),
        }
    }

    /// They, to be stored.
    pub fn kept(&self) -> Vec<EndedAlert> {
        self.by_labels.values().cloned().collect()
    }

    /// Takes note of what a round tells, and adds the ends that it does not have. Returns whether others are repeated than before.
    pub fn follow(
        &mut self,
        round: &mut Vec<SentAlert>,
        refused: &HashSet<AlertLabels>,
        now: Timestamp,
    ) -> bool {
        let before = self.by_labels.len();
        // A time in the future is of a clock that was set back since: it is repeated for a day by the clock as it is.
        for ended in self.by_labels.values_mut() {
            ended.told_at = ended.told_at.min(now);
        }
        self.by_labels
            .retain(|_, ended| now.duration_since(ended.told_at) < REPEATED);
        let mut is_changed = self.by_labels.len() != before;
        for alert in round.iter() {
            let known = self.by_labels.get(&alert.labels);
            if !alert.is_over(now) {
                is_changed |= self.by_labels.remove(&alert.labels).is_some();
            } else if !alert.finding.is_momentary()
                && !refused.contains(&alert.labels)
                && known.is_none_or(|known| known.alert.ends < alert.ends)
            {
                let ended = EndedAlert {
                    alert: alert.clone(),
                    told_at: now,
                };
                self.by_labels.insert(alert.labels.clone(), ended);
                is_changed = true;
            }
        }
        self.forget_the_oldest();
        let told: HashSet<&AlertLabels> = round.iter().map(|alert| &alert.labels).collect();
        let untold = self
            .by_labels
            .values()
            .filter(|ended| !told.contains(&ended.alert.labels));
        let untold: Vec<SentAlert> = untold.map(|ended| ended.alert.clone()).collect();
        round.extend(untold);
        is_changed
    }

    /// Makes room for the newest.
    fn forget_the_oldest(&mut self) {
        let Some(more) = self
            .by_labels
            .len()
            .checked_sub(MOST_ENDS)
            .filter(|more| *more > 0)
        else {
            return;
        };
        let by_age = |ended: &EndedAlert| (ended.told_at, ended.alert.ends, ended.alert.labels.clone());
        let mut oldest: Vec<_> = self.by_labels.values().map(by_age).collect();
        oldest.sort_unstable();
        for (.., labels) in oldest.into_iter().take(more) {
            self.by_labels.remove(&labels);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::AlertFinding;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(1_760_000_000 + 3600 * hour).unwrap()
    }

    fn alert(pod: &str, finding: AlertFinding, ends: i64) -> SentAlert {
        SentAlert {
            finding,
            labels: [("pod".into(), pod.to_owned())].into(),
            annotations: [("summary".into(), format!("1 new risk: {pod}"))].into(),
            starts: hour(0),
            ends: hour(ends),
        }
    }

    /// The pods of the round at this hour in which these are told, and whether other ends are repeated.
    fn round(ends: &mut EndedAlerts, at: i64, told: &[SentAlert]) -> (Vec<String>, bool) {
        let mut round = told.to_vec();
        let is_changed = ends.follow(&mut round, &HashSet::new(), hour(at));
        let pods = round.iter().map(|alert| alert.labels["pod"].clone()).collect();
        (pods, is_changed)
    }

    #[test]
    fn an_end_is_repeated_for_a_day_or_until_the_alert_fires_anew_also_after_a_restart() {
        use AlertFinding::{Risk, Vanished};
        let mut ends = EndedAlerts::default();
        let named = |pods: &[&str]| pods.iter().map(|pod| (*pod).to_owned()).collect::<Vec<_>>();
        let lasting = [alert("a", Risk, 9), alert("b", Risk, 9)];
        assert_eq!(round(&mut ends, 1, &lasting), (named(&["a", "b"]), false));
        let over = [
            alert("a", Risk, 2),
            alert("b", Risk, 2),
            alert("gone", Vanished, 2),
        ];
        assert_eq!(round(&mut ends, 2, &over), (named(&["a", "b", "gone"]), true));
        assert_eq!(round(&mut ends, 2, &over), (named(&["a", "b", "gone"]), false));
        // The engine has forgotten them; their texts are as they were.
        assert_eq!(round(&mut ends, 3, &[]), (named(&["a", "b"]), false));
        let stored = serde_json::to_string(&ends.kept()).unwrap();
        let mut ends = EndedAlerts::restored(serde_json::from_str(&stored).unwrap());
        let mut told = Vec::new();
        ends.follow(&mut told, &HashSet::new(), hour(4));
        assert_eq!(told, over[..2]);
        // One fires anew and ends anew: a day from then on.
        let anew = [alert("a", Risk, 99)];
        assert_eq!(round(&mut ends, 5, &anew), (named(&["a", "b"]), true));
        assert_eq!(
            round(&mut ends, 6, &[alert("a", Risk, 6)]),
            (named(&["a", "b"]), true)
        );
        assert_eq!(round(&mut ends, 25, &[]), (named(&["a", "b"]), false));
        assert_eq!(round(&mut ends, 26, &[]), (named(&["a"]), true));
        // The clock was set back by days: it is a day from then on.
        assert_eq!(round(&mut ends, -99, &[]).0, named(&["a"]));
        assert_eq!(round(&mut ends, -75, &[]), (Vec::new(), true));
    }

    #[test]
    fn the_newest_thousand_are_repeated_and_none_that_was_refused() {
        let mut ends = EndedAlerts::default();
        for number in 0..1010 {
            let over = alert(&format!("{number:04}"), AlertFinding::Risk, 0);
            let at = hour(0).checked_add(SignedDuration::from_secs(number)).unwrap();
            ends.follow(&mut vec![over], &HashSet::new(), at);
        }
        let (pods, _) = round(&mut ends, 1, &[]);
        assert_eq!((pods.len(), pods[0].as_str()), (MOST_ENDS, "0010"));
        let mut ends = EndedAlerts::default();
        let refused = alert("a", AlertFinding::Risk, 0);
        let labels = HashSet::from([refused.labels.clone()]);
        assert!(!ends.follow(&mut vec![refused], &labels, hour(1)));
        assert_eq!(round(&mut ends, 1, &[]).0, Vec::<String>::new());
    }
}
