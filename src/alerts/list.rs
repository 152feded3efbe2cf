//! What the alerts look like from outside: those of the banner, those that a sink follows, and the list.
//!
//! Owns what holds an alert back, and until when. Must not: change anything.

use jiff::Timestamp;

use super::book::{AlertStage, OVER_KEPT, OpenAlert};
use super::engine::AlertEngine;
use super::notice::{HeldAlert, HoldReason, ListedAlert, ToldAlert};
use super::rule::{AlertRule, AlertWay};
use crate::fleet::{PodKey, RemoteText};

impl AlertEngine {
    /// The alerts of the banner that nobody acknowledged, the newest first.
    pub fn waiting(&self) -> Vec<ToldAlert> {
        self.listed(|alert, rule| {
            alert.stage == AlertStage::Told && !alert.is_acknowledged && rule.via.contains(&AlertWay::Banner)
        })
    }

    /// The alerts that were sent by `way` and last at `now`, or whose end was sent lately.
    pub fn told_by(&self, way: AlertWay, now: Timestamp) -> Vec<ToldAlert> {
        // A banner may keep one for days: a sink does not have to hear of it for as long.
        let is_recent = |alert: &OpenAlert| {
            let ended = alert.end_told_at.filter(|_| !alert.lasts());
            ended.is_none_or(|at| now.duration_since(at) < OVER_KEPT)
        };
        self.listed(|alert, rule| {
            let was_told = alert.stage == AlertStage::Told || alert.is_worse;
            was_told && rule.via.contains(&way) && is_recent(alert)
        })
    }

    /// All alerts that are followed, the newest first; without those that were so before their rule was there.
    pub fn list(&self) -> Vec<ListedAlert> {
        let mut list: Vec<ListedAlert> = Vec::new();
        for (key, alerts) in &self.book.open {
            let was_so = |alert: &&OpenAlert| alert.stage == AlertStage::Silent && !alert.is_acknowledged;
            for alert in alerts.iter().filter(|alert| !was_so(alert)) {
                let Some(rule) = self.rules.get(alert.rule) else {
                    continue;
                };
                let is_told = alert.stage == AlertStage::Told || alert.is_worse;
                list.push(ListedAlert {
                    alert: told_alert(key, alert, rule),
                    key: key.clone(),
                    told_by: if is_told { rule.via.clone() } else { Vec::new() },
                    waits_by: Vec::new(),
                    held: self.held(alert, rule),
                    is_acknowledged: alert.is_acknowledged,
                });
            }
        }
        list.sort_by(|one, other| {
            let order = |listed: &ListedAlert| (listed.alert.began, listed.alert.finding);
            (order(other), one.key.as_str()).cmp(&(order(one), other.key.as_str()))
        });
        list
    }

    /// What holds an alert back, as of the last look; `None` where nothing does.
    fn held(&self, alert: &OpenAlert, rule: &AlertRule) -> Option<HeldAlert> {
        if !matches!(alert.stage, AlertStage::Waiting | AlertStage::Due) {
            return None;
        }
        let (now, muted) = &self.looked;
        let without_time = |why| Some(HeldAlert { why, until: None });
        if alert.change.is_some_and(|id| muted.contains(&id)) {
            return without_time(HoldReason::Mute);
        }
        if self.gap.is_some() {
            return without_time(HoldReason::Gap);
        }
        let old_enough = alert.seen.checked_add(rule.hold).ok();
        let old_enough = old_enough.filter(|at| alert.stage == AlertStage::Waiting && at > now);
        let told_at = self.book.told_at.get(alert.rule).copied().flatten();
        // A rule that told in the future was overtaken by the clock.
        let merged = told_at
            .filter(|at| at <= now)
            .and_then(|at| at.checked_add(rule.merge).ok());
        let (mut until, mut why) = (*now, None);
        for (at, reason) in [(old_enough, HoldReason::Young), (merged, HoldReason::Merge)] {
            if let Some(at) = at.filter(|at| *at > until) {
                (until, why) = (at, Some(reason));
            }
        }
        if let Some(quiet) = rule.quiet.as_ref().filter(|quiet| quiet.contains(until)) {
            (until, why) = (quiet.ends_after(until), Some(HoldReason::Quiet));
        }
        why.map(|why| HeldAlert {
            why,
            until: Some(until),
        })
    }

    fn listed(&self, is_wanted: impl Fn(&OpenAlert, &AlertRule) -> bool) -> Vec<ToldAlert> {
        let mut told: Vec<ToldAlert> = Vec::new();
        for (key, alerts) in &self.book.open {
            for alert in alerts {
                if let Some(rule) = self.rules.get(alert.rule)
                    && is_wanted(alert, rule)
                {
                    told.push(told_alert(key, alert, rule));
                }
            }
        }
        told.sort_by(|one, other| {
            (other.began, &one.pod, one.finding).cmp(&(one.began, &other.pod, other.finding))
        });
        told
    }
}

/// An alert as it is told.
pub(super) fn told_alert(key: &PodKey, alert: &OpenAlert, rule: &AlertRule) -> ToldAlert {
    let shown = RemoteText::shown_name;
    ToldAlert {
        rule: rule.name.clone(),
        finding: alert.finding,
        severity: rule.severity,
        pod: shown(&key.as_str().replace('\0', "/")),
        name: shown(&alert.name),
        namespace: shown(&alert.namespace),
        cluster: shown(&alert.cluster),
        words: shown(&alert.words),
        change: alert.change.map(|id| id.to_string()),
        began: alert.began,
        seen: alert.seen,
        ended: alert.ended,
    }
}
