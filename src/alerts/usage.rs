//! Usage against a rule's own threshold.
//!
//! Changes are recorded at the fixed thresholds only, so these rules look at the pods themselves: at each answer of HSS, once
//! the list is complete. A pod that was over the threshold when the rule was first applied is no alert, one that
//! goes back and forth across it is not sent each time, and a muted pod begins no alert. Must not: cost
//! anything where no rule has a threshold of its own.

use std::collections::HashMap;
use std::sync::Arc;

use super::book::{AlertStage, MOST_OPEN, OpenAlert, UsageBaseline};
use super::condition::AlertFinding;
use super::engine::{AlertEngine, lasting};
use super::look::AlertLook;
use crate::fleet::query::Query;
use crate::fleet::usage::BELOW_AGAIN;
use crate::fleet::{Field, Pod, PodKey, RemoteText};

/// A pod that is over a threshold, or a little below one.
struct UsingPod {
    pod: Pod,
    percent: u32,
    score: u32,
}

impl AlertEngine {
    /// Judges usage by the rules that have a threshold of their own.
    pub(super) fn judge_usage(&mut self, look: &AlertLook) {
        let facts = &look.facts;
        let is_whole = facts.is_complete && !facts.is_loading && !facts.is_restoring;
        if !is_whole || facts.asked_at.is_none() || self.usage_judged == facts.asked_at {
            return;
        }
        self.usage_judged = facts.asked_at;
        let mut without_room = vec![0; self.rules.len()];
        for finding in [AlertFinding::Cpu, AlertFinding::Memory] {
            let places = self.of_finding.get(finding as usize).cloned().unwrap_or_default();
            let own = |place: &usize| self.rules.get(*place).filter(|rule| rule.has_own_threshold());
            let rules: Vec<usize> = places.into_iter().filter(|place| own(place).is_some()).collect();
            let least = rules.iter().filter_map(own).map(|rule| rule.threshold).min();
            let Some(least) = least else { continue };
            let pods = using(look, finding, least.saturating_sub(BELOW_AGAIN));
            for place in rules {
                self.end_usage(place, finding, &pods, look);
                self.begin_usage(place, finding, &pods, look, &mut without_room);
            }
        }
        self.settle_baselines(&without_room);
    }

    fn end_usage(
        &mut self,
        place: usize,
        finding: AlertFinding,
        pods: &HashMap<PodKey, UsingPod>,
        look: &AlertLook,
    ) {
        let Some(threshold) = self.rules.get(place).map(|rule| rule.threshold) else {
            return;
        };
        let is_below = |key: &PodKey| {
            let percent = pods.get(key).map_or(0, |using| using.percent);
            percent < threshold.saturating_sub(BELOW_AGAIN)
        };
        for (key, alerts) in &mut self.book.open {
            if let Some(alert) = lasting(alerts, place, finding)
                && is_below(key)
            {
                alert.ended = Some(look.now.max(alert.began));
                self.agenda.add(key);
                self.is_changed = true;
            }
        }
    }

    fn begin_usage(
        &mut self,
        place: usize,
        finding: AlertFinding,
        pods: &HashMap<PodKey, UsingPod>,
        look: &AlertLook,
        without_room: &mut [usize],
    ) {
        let Some(rule) = self.rules.get(place) else {
            return;
        };
        let baseline = self.book.baselines.get(place).copied().flatten();
        let is_first = baseline.is_none_or(|it| it.threshold != rule.threshold);
        let stage = match (is_first, rule.hold.is_zero()) {
            (true, _) => AlertStage::Silent,
            (false, true) => AlertStage::Due,
            (false, false) => AlertStage::Waiting,
        };
        let threshold = rule.threshold;
        let filter = self.filters.get(place).map(Arc::clone);
        let is_of_filter = |pod: &Pod| {
            let filter = filter.as_ref().filter(|filter| !filter.is_empty());
            filter.is_none_or(|filter| filter.matches(pod, look.now))
        };
        for (key, using) in pods.iter().filter(|(_, using)| using.percent >= threshold) {
            let is_muted = look.mutes.of_pod(&using.pod, look.now).is_some();
            let open = self.book.open.get_mut(key);
            if let Some(alert) = open.and_then(|alerts| lasting(alerts, place, finding)) {
                if is_muted && matches!(alert.stage, AlertStage::Waiting | AlertStage::Due) {
                    // It is forgotten, and begins again when the mute is over.
                    (alert.stage, alert.ended) = (AlertStage::Waiting, Some(look.now));
                    self.agenda.add(key);
                }
                continue;
            }
            if is_muted || !is_of_filter(&using.pod) {
                continue;
            }
            if self.book.count >= MOST_OPEN {
                if let Some(pods) = without_room.get_mut(place) {
                    *pods += 1;
                }
                continue;
            }
            let alert = OpenAlert {
                words: format!("{} % of its limit", using.percent).into(),
                score: using.score,
                stage,
                ..of_pod(place, finding, &using.pod, look)
            };
            self.open(key, vec![alert], look);
        }
    }

    /// Those for which there was no room are told as a number, as far as they are more than before.
    fn settle_baselines(&mut self, without_room: &[usize]) {
        let rules = self.rules.iter().enumerate();
        for (place, rule) in rules.filter(|(_, rule)| rule.has_own_threshold()) {
            let beyond = without_room.get(place).copied().unwrap_or(0);
            let now = Some(UsageBaseline {
                threshold: rule.threshold,
                beyond,
            });
            let Some(stored) = self.book.baselines.get_mut(place).filter(|it| **it != now) else {
                continue;
            };
            let before = stored.filter(|it| it.threshold == rule.threshold);
            let new = before.map_or(0, |before| beyond.saturating_sub(before.beyond));
            if let Some(more) = self.book.more.get_mut(place) {
                *more += new;
            }
            *stored = now;
            self.is_changed = true;
        }
    }
}

/// The pods that use this share of a limit, or more.
fn using(look: &AlertLook, finding: AlertFinding, percent: u32) -> HashMap<PodKey, UsingPod> {
    let name = if finding == AlertFinding::Cpu {
        "cpu"
    } else {
        "mem"
    };
    let query = Query::parse(&format!("{name}%>={percent}")).unwrap_or_default();
    let rows = look.fleet.rows_matching(&query, look.now);
    let pods = rows.into_iter().filter_map(|row| {
        let pod = look.fleet.pod(row)?;
        let usage = match finding {
            AlertFinding::Cpu => pod.cpu_usage(),
            _ => pod.memory_usage(),
        };
        let score = look.fleet.score(row).and_then(|score| u32::try_from(score).ok());
        let using = UsingPod {
            percent: usage.percent()?,
            score: score.unwrap_or(0),
            pod,
        };
        Some((using.pod.key.clone(), using))
    });
    pods.collect()
}

/// An alert of a pod that no change brought.
fn of_pod(rule: usize, finding: AlertFinding, pod: &Pod, look: &AlertLook) -> OpenAlert {
    let raw = |field: &Field<RemoteText>| field.value().map_or("", RemoteText::raw).into();
    OpenAlert {
        rule,
        finding,
        name: raw(pod.name()),
        namespace: raw(pod.namespace()),
        cluster: raw(pod.cluster()),
        words: Arc::default(),
        change: None,
        began: look.now,
        seen: look.now,
        score: 0,
        stage: AlertStage::Waiting,
        is_worse: false,
        ended: None,
        end_told_at: None,
        is_acknowledged: false,
        act: None,
    }
}
