//! The engine: compares one look at the source with the next, and decides which alerts to send.
//!
//! Owns the order of the steps in a look. Each change is judged once, in whichever run it was recorded; the book has the number
//! of the last one. Open alerts are checked again at the end of each sweep, so that an alert also ends if its end was not
//! recorded. Must not: read a clock.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::agenda::AlertAgenda;
use super::book::{AlertBook, AlertStage, KeptAlerts, OpenAlert};
use super::condition::AlertFinding;
use super::look::AlertLook;
use super::notice::{AlertNotice, ListedAlert, ToldAlert};
use super::rule::{AlertRule, AlertWay};
use crate::fleet::{PodKey, RemoteText};

/// The longest that a summary waits for the end of the sweep after a gap.
const SUMMARY_WAITS: SignedDuration = SignedDuration::from_mins(10);
/// How often it is stored that HSS answered: less often than the shortest gap is long, and not with each answer.
const MARKED_EVERY: SignedDuration = SignedDuration::from_mins(4);

/// A gap in which nobody looked.
#[derive(Debug, Clone, Copy)]
pub(super) struct AwayGap {
    /// From when to when.
    pub between: (Timestamp, Timestamp),
    /// When it was noticed.
    began: Timestamp,
}

/// The rules, and what is remembered.
#[derive(Debug)]
pub struct AlertEngine {
    pub(super) rules: Vec<AlertRule>,
    /// The place of each rule, by condition.
    pub(super) of_condition: [Vec<usize>; 8],
    pub(super) book: AlertBook,
    /// Whether nothing is remembered of an earlier run.
    pub(super) is_first_run: bool,
    /// Changes of this run up to this number were judged; `None` before the first look.
    pub(super) judged: Option<i64>,
    pub(super) gap: Option<AwayGap>,
    was_loading: bool,
    /// Whose alerts the next look has to visit.
    pub(super) agenda: AlertAgenda,
    /// The newest answer of HSS that the stored book includes.
    marked_at: Option<Timestamp>,
    /// Whether each rule held something back for its quiet hours.
    pub(super) was_quiet: Vec<bool>,
    /// Whether the book is another than the stored one.
    pub(super) is_changed: bool,
}

impl AlertEngine {
    /// An engine with these rules, and what an earlier run remembered.
    pub fn new(rules: Vec<AlertRule>, kept: Option<KeptAlerts>) -> Self {
        let mut of_condition: [Vec<usize>; 8] = Default::default();
        for (place, rule) in rules.iter().enumerate() {
            if let Some(places) = of_condition.get_mut(rule.on as usize) {
                places.push(place);
            }
        }
        let is_first_run = kept.is_none();
        let book = AlertBook::restored(kept.unwrap_or_default(), &rules);
        let mut agenda = AlertAgenda::default();
        book.open.keys().for_each(|key| agenda.add(key));
        Self {
            is_first_run,
            book,
            agenda,
            was_quiet: vec![false; rules.len()],
            rules,
            of_condition,
            judged: None,
            gap: None,
            was_loading: false,
            marked_at: None,
            is_changed: false,
        }
    }

    /// The rules.
    pub fn rules(&self) -> &[AlertRule] {
        &self.rules
    }

    /// Takes a look, and returns the notices to send now.
    pub fn look(&mut self, look: &AlertLook) -> Vec<AlertNotice> {
        if self.rules.is_empty() {
            return Vec::new();
        }
        self.follow_gap(look);
        self.judge_changes(look);
        self.judge_source(look);
        let facts = &look.facts;
        if self.was_loading && !facts.is_loading && facts.is_complete {
            self.review(look);
        }
        self.was_loading = facts.is_loading;
        let visited = self.agenda.take(look, self.book.open.keys());
        self.advance(look, &visited);
        let notices = self.tell(look, &visited);
        self.forget(look.now, &visited);
        notices
    }

    /// Whether the book is another than when this was last asked.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.is_changed)
    }

    /// The book to be stored.
    pub fn book(&self) -> KeptAlerts {
        self.book.kept(&self.rules)
    }

    /// The alerts that were told by a banner and that nobody took note of, the newest first.
    pub fn waiting(&self) -> Vec<ToldAlert> {
        self.listed(|alert, rule| {
            alert.stage == AlertStage::Told && !alert.is_acknowledged && rule.via.contains(&AlertWay::Banner)
        })
    }

    /// The alerts that were told by `way` and last, or ended lately.
    pub fn told_by(&self, way: AlertWay) -> Vec<ToldAlert> {
        self.listed(|alert, rule| {
            let was_told = alert.stage == AlertStage::Told || alert.is_worse;
            was_told && rule.via.contains(&way)
        })
    }

    /// All alerts that are followed but those that have not lasted long enough yet, the newest first.
    pub fn list(&self) -> Vec<ListedAlert> {
        let mut list: Vec<ListedAlert> = Vec::new();
        for (key, alerts) in &self.book.open {
            let followed = alerts.iter().filter(|alert| alert.stage != AlertStage::Waiting);
            for alert in followed {
                let Some(rule) = self.rules.get(alert.rule) else {
                    continue;
                };
                let is_told = alert.stage == AlertStage::Told || alert.is_worse;
                list.push(ListedAlert {
                    alert: told_alert(key, alert, rule),
                    key: key.clone(),
                    told_by: if is_told { rule.via.clone() } else { Vec::new() },
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

    /// Takes note of all alerts that were told.
    pub fn acknowledge_all(&mut self) {
        for (key, alerts) in &mut self.book.open {
            for alert in alerts {
                if alert.stage == AlertStage::Told && !alert.is_acknowledged {
                    alert.is_acknowledged = true;
                    self.is_changed = true;
                    // One that is over may be forgotten earlier now.
                    self.agenda.add(key);
                }
            }
        }
    }

    /// Whether HSS did not answer for so long that what happened meanwhile is one summary.
    fn follow_gap(&mut self, look: &AlertLook) {
        let now = look.now;
        if let Some(asked) = look.facts.asked_at
            && self.book.asked_at != Some(asked)
        {
            if let Some(before) = self.book.asked_at
                && asked.duration_since(before) > look.facts.gap_after
            {
                let from = self.gap.map_or(before, |gap| gap.between.0);
                self.gap = Some(AwayGap {
                    between: (from, asked),
                    began: now,
                });
            }
            self.book.asked_at = Some(asked);
            let is_marked = self
                .marked_at
                .is_some_and(|at| asked.duration_since(at).abs() < MARKED_EVERY);
            if !is_marked {
                self.marked_at = Some(asked);
                self.is_changed = true;
            }
        }
    }

    /// Whether the summary of a gap still waits for the sweep after it. A clock that was set back ends that.
    pub(super) fn is_gap_open(&self, look: &AlertLook) -> bool {
        self.gap.is_some_and(|gap| {
            let waited = look.now.duration_since(gap.began);
            let is_patient = (SignedDuration::ZERO..SUMMARY_WAITS).contains(&waited);
            (look.facts.is_loading || look.facts.is_restoring) && is_patient
        })
    }

    /// Counts on how long alerts last, and takes note of what was acknowledged.
    fn advance(&mut self, look: &AlertLook, visited: &HashSet<PodKey>) {
        let Self {
            book,
            rules,
            is_changed,
            ..
        } = self;
        let mut advance = |alert: &mut OpenAlert| {
            let is_known = alert.change.is_some_and(|id| look.acknowledged.contains(&id));
            if is_known && !alert.is_acknowledged {
                alert.is_acknowledged = true;
                *is_changed = true;
            }
            if alert.stage == AlertStage::Waiting && alert.lasts() {
                let hold = rules
                    .get(alert.rule)
                    .map_or(SignedDuration::ZERO, |rule| rule.hold);
                let lasted = look.now.duration_since(alert.seen);
                if lasted.is_negative() {
                    // The clock was set back: for how long it has lasted is not known.
                    alert.seen = look.now;
                }
                if lasted >= hold {
                    alert.stage = AlertStage::Due;
                    *is_changed = true;
                }
            }
            if alert.stage == AlertStage::Due && alert.is_acknowledged {
                alert.stage = AlertStage::Silent;
                *is_changed = true;
            }
        };
        for key in visited {
            book.open
                .get_mut(key)
                .into_iter()
                .flatten()
                .for_each(&mut advance);
        }
    }

    /// Forgets what is over, and plans when the rest of what was visited is visited again.
    fn forget(&mut self, now: Timestamp, visited: &HashSet<PodKey>) {
        for key in visited {
            let Some(alerts) = self.book.open.get_mut(key) else {
                continue;
            };
            let before = alerts.len();
            let has_banner = |alert: &OpenAlert| {
                let rule = self.rules.get(alert.rule);
                rule.is_some_and(|rule| rule.via.contains(&AlertWay::Banner))
            };
            alerts.retain(|alert| alert.forgotten_at(has_banner(alert)).is_none_or(|at| at > now));
            let gone = before - alerts.len();
            self.book.count -= gone;
            self.is_changed |= gone > 0;
            let visits = alerts
                .iter()
                .filter_map(|alert| alert.next_visit(has_banner(alert)));
            let next = visits.min();
            if alerts.is_empty() {
                self.book.open.remove(key);
            } else if let Some(next) = next {
                self.agenda.plan(key, next);
            }
        }
    }
}

/// An alert as it is told.
pub(super) fn told_alert(key: &PodKey, alert: &OpenAlert, rule: &AlertRule) -> ToldAlert {
    let shown = |text: &str| RemoteText::name(text).shown().to_owned();
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

/// The alert of this rule and finding that lasts.
pub(super) fn lasting(
    alerts: &mut [OpenAlert],
    rule: usize,
    finding: AlertFinding,
) -> Option<&mut OpenAlert> {
    alerts
        .iter_mut()
        .find(|alert| alert.rule == rule && alert.finding == finding && alert.lasts())
}
