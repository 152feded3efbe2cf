//! What is remembered of alerts: those that are open, and what was sent.
//!
//! Owns the form in which it outlives the program. An alert of a rule that is no longer configured is forgotten.

use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::agenda::NextVisit;
use super::condition::AlertFinding;
use super::rule::AlertRule;
use crate::fleet::PodKey;
use crate::fleet::changes::ChangeId;

/// The most alerts that are followed one by one; further ones are only counted.
pub const MOST_OPEN: usize = 10_000;

/// How long an alert that is over is remembered here; the rounds to Alertmanager repeat its end for longer by themselves.
pub const OVER_KEPT: SignedDuration = SignedDuration::from_mins(15);
/// How long an unacknowledged one is remembered.
const UNSEEN_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One press of the key that takes note of all alerts, by its number in this run.
pub type AlertAct = u32;

/// The pods that were over a rule's own threshold when the rule was first applied: they are no news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageBaseline {
    /// The threshold in percent.
    pub threshold: u32,
    /// Pods over it that are too many to be followed one by one.
    pub beyond: usize,
}

/// How far an alert came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertStage {
    /// It has not lasted long enough.
    Waiting,
    /// It is to be sent.
    Due,
    /// It was sent.
    Told,
    /// It is not sent: somebody knew of it before, or it was so when its rule was first applied.
    Silent,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAlert {
    /// The place of its rule.
    pub rule: usize,
    /// What was found.
    pub finding: AlertFinding,
    /// The pod's name as received. All alerts of a change share its texts.
    pub name: Arc<str>,
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its cluster.
    pub cluster: Arc<str>,
    /// What changed.
    pub words: Arc<str>,
    /// The change that brought it, or made it worse.
    pub change: Option<ChangeId>,
    /// When it began; it stays the same while it lasts.
    pub began: Timestamp,
    /// Since when it is known without a break.
    pub seen: Timestamp,
    /// The pod's score then.
    pub score: u32,
    /// How far it came.
    pub stage: AlertStage,
    /// Whether it got worse after it was put away.
    pub is_worse: bool,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When its end was sent.
    pub end_told_at: Option<Timestamp>,
    /// Whether somebody acknowledged it.
    pub is_acknowledged: bool,
    /// The act of this run that acknowledged it, so that it can be undone.
    pub act: Option<AlertAct>,
}

impl OpenAlert {
    /// Whether it lasts.
    pub const fn lasts(&self) -> bool {
        self.ended.is_none()
    }

    /// When it is forgotten; `None` as long as it lasts or its end is to be sent.
    pub fn forgotten_at(&self, has_banner: bool) -> Option<Timestamp> {
        if self.lasts() {
            return None;
        }
        let kept = match self.stage {
            AlertStage::Waiting | AlertStage::Silent => return Some(Timestamp::MIN),
            AlertStage::Told if self.end_told_at.is_none() => return None,
            AlertStage::Due => UNSEEN_KEPT,
            AlertStage::Told if has_banner && !self.is_acknowledged => UNSEEN_KEPT,
            AlertStage::Told => OVER_KEPT,
        };
        // By our own clock: HSS's date of its end may be a day old when it is seen.
        let over = self.end_told_at.unwrap_or(self.seen);
        Some(over.checked_add(kept).unwrap_or(Timestamp::MAX))
    }

    /// When it is visited next if nothing happens to it; `None` for one that lasts and was sent or put away.
    pub fn next_visit(&self, has_banner: bool) -> Option<NextVisit> {
        let is_going_on = match self.stage {
            AlertStage::Waiting => self.lasts(),
            AlertStage::Due => true,
            AlertStage::Told => !self.lasts() && self.end_told_at.is_none(),
            AlertStage::Silent => false,
        };
        if is_going_on {
            Some(NextVisit::Soon)
        } else {
            self.forgotten_at(has_banner).map(NextVisit::At)
        }
    }
}

/// What is remembered.
#[derive(Debug, Clone, Default)]
pub struct AlertBook {
    /// By pod; those of the source as a whole are under [`source_key`].
    pub open: HashMap<PodKey, Vec<OpenAlert>, RandomState>,
    /// How many these are.
    pub count: usize,
    /// The newest change of the list that was judged last; `None` if that list was empty.
    pub last_change: Option<ChangeId>,
    /// When that was first seen: it may no longer be in the list.
    pub seen_until: Option<Timestamp>,
    /// When HSS last answered.
    pub asked_at: Option<Timestamp>,
    /// The largest share of pods with security data of the last week, in thousandths, and when it was so.
    pub share: Option<(u32, Timestamp)>,
    /// When each rule last sent.
    pub told_at: Vec<Option<Timestamp>>,
    /// Alerts of each rule that are only to be counted.
    pub more: Vec<usize>,
    /// For each rule with a threshold of its own what was so at first; `None` before that was judged.
    pub baselines: Vec<Option<UsageBaseline>>,
}

/// The key of what is about the source as a whole.
pub fn source_key() -> PodKey {
    PodKey::restored("")
}

/// The book as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAlerts {
    alerts: Vec<KeptAlert>,
    last_change: Option<i64>,
    seen_until: Option<Timestamp>,
    asked_at: Option<Timestamp>,
    share: Option<(u32, Timestamp)>,
    told_at: Vec<(String, Timestamp)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    baselines: Vec<(String, UsageBaseline)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptAlert {
    rule: String,
    finding: AlertFinding,
    pod: String,
    name: String,
    namespace: String,
    cluster: String,
    words: String,
    change: Option<i64>,
    began: Timestamp,
    seen: Timestamp,
    score: u32,
    stage: AlertStage,
    is_worse: bool,
    ended: Option<Timestamp>,
    end_told_at: Option<Timestamp>,
    is_acknowledged: bool,
}

impl AlertBook {
    /// The book of an earlier run, for these rules.
    pub fn restored(kept: KeptAlerts, rules: &[AlertRule]) -> Self {
        let place = |name: &str| rules.iter().position(|rule| rule.name == name);
        let mut book = Self {
            last_change: kept.last_change.map(ChangeId::restored),
            seen_until: kept.seen_until,
            asked_at: kept.asked_at,
            share: kept.share,
            told_at: vec![None; rules.len()],
            more: vec![0; rules.len()],
            baselines: vec![None; rules.len()],
            ..Self::default()
        };
        for (name, at) in kept.told_at {
            if let Some(told_at) = place(&name).and_then(|place| book.told_at.get_mut(place)) {
                *told_at = Some(at);
            }
        }
        for (name, baseline) in kept.baselines {
            if let Some(stored) = place(&name).and_then(|place| book.baselines.get_mut(place)) {
                *stored = Some(baseline);
            }
        }
        for alert in kept.alerts.into_iter().take(MOST_OPEN) {
            let Some(rule) = place(&alert.rule) else { continue };
            let key = PodKey::restored(&alert.pod);
            book.count += 1;
            book.open.entry(key).or_default().push(OpenAlert {
                rule,
                finding: alert.finding,
                name: alert.name.into(),
                namespace: alert.namespace.into(),
                cluster: alert.cluster.into(),
                words: alert.words.into(),
                change: alert.change.map(ChangeId::restored),
                began: alert.began,
                seen: alert.seen,
                score: alert.score,
                stage: alert.stage,
                is_worse: alert.is_worse,
                ended: alert.ended,
                end_told_at: alert.end_told_at,
                is_acknowledged: alert.is_acknowledged,
                act: None,
            });
        }
        book
    }

    /// The book as it is stored.
    pub fn kept(&self, rules: &[AlertRule]) -> KeptAlerts {
        let name = |place: usize| rules.get(place).map_or("", |rule| &rule.name).to_owned();
        let alerts = self.open.iter().flat_map(|(pod, alerts)| {
            alerts.iter().map(|alert| KeptAlert {
                rule: name(alert.rule),
                finding: alert.finding,
                pod: pod.as_str().to_owned(),
                name: (*alert.name).to_owned(),
                namespace: (*alert.namespace).to_owned(),
                cluster: (*alert.cluster).to_owned(),
                words: (*alert.words).to_owned(),
                change: alert.change.map(ChangeId::number),
                began: alert.began,
                seen: alert.seen,
                score: alert.score,
                stage: alert.stage,
                is_worse: alert.is_worse,
                ended: alert.ended,
                end_told_at: alert.end_told_at,
                is_acknowledged: alert.is_acknowledged,
            })
        });
        let told_at = self.told_at.iter().enumerate();
        let baselines = self.baselines.iter().enumerate();
        KeptAlerts {
            alerts: alerts.collect(),
            last_change: self.last_change.map(ChangeId::number),
            seen_until: self.seen_until,
            asked_at: self.asked_at,
            share: self.share,
            told_at: told_at
                .filter_map(|(rule, at)| Some((name(rule), (*at)?)))
                .collect(),
            baselines: baselines
                .filter_map(|(rule, baseline)| Some((name(rule), (*baseline)?)))
                .collect(),
        }
    }
}
