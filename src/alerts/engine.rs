//! The engine: compares one look at the source with the next, and decides which alerts to send.
//!
//! Owns the order of the steps in a look. Each change is judged once, in whichever run it was recorded; the book has the number
//! of the last one. Open alerts are checked again at the end of each sweep, so that an alert also ends if its end was not
//! recorded. Must not: read a clock.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::agenda::{AlertAgenda, VisitedPods};
use super::book::{AlertAct, AlertBook, AlertStage, KeptAlerts, OpenAlert};
use super::condition::AlertFinding;
use super::look::AlertLook;
use super::notice::AlertNotice;
use super::rule::{AlertRule, AlertWay};
use crate::fleet::changes::ChangeId;
use crate::fleet::query::{ReadyQuery, Test};

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
    /// The filter of each rule, ready for many pods.
    pub(super) filters: Vec<Arc<ReadyQuery<Test>>>,
    /// The places of the rules that wait for a finding, by finding.
    pub(super) of_finding: [Vec<usize>; AlertFinding::ALL.len()],
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
    /// The answer of HSS whose usage was judged by the rules with a threshold of their own.
    pub(super) usage_judged: Option<Timestamp>,
    /// The time of the last look, and what was muted then.
    pub(super) looked: (Timestamp, Arc<HashSet<ChangeId>>),
    /// Whether the book is another than the stored one.
    pub(super) is_changed: bool,
}

impl AlertEngine {
    /// An engine with these rules, and what an earlier run remembered.
    pub fn new(rules: Vec<AlertRule>, kept: Option<KeptAlerts>) -> Self {
        let of_finding = AlertFinding::ALL.map(|finding| {
            let places = rules.iter().enumerate();
            let places = places.filter(|(_, rule)| rule.on.includes(finding));
            places.map(|(place, _)| place).collect()
        });
        let is_first_run = kept.is_none();
        let book = AlertBook::restored(kept.unwrap_or_default(), &rules);
        let mut agenda = AlertAgenda::default();
        book.open.keys().for_each(|key| agenda.add(key));
        Self {
            is_first_run,
            book,
            agenda,
            was_quiet: vec![false; rules.len()],
            filters: rules
                .iter()
                .map(|rule| Arc::new(ReadyQuery::of(&rule.filter).owned()))
                .collect(),
            rules,
            of_finding,
            judged: None,
            gap: None,
            was_loading: false,
            marked_at: None,
            usage_judged: None,
            looked: Default::default(),
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
        self.looked = (look.now, Arc::clone(&look.muted));
        self.follow_gap(look);
        self.judge_changes(look);
        self.judge_source(look);
        let facts = &look.facts;
        if self.was_loading && !facts.is_loading && facts.is_complete {
            self.review(look);
        }
        self.was_loading = facts.is_loading;
        self.judge_usage(look);
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

    /// Acknowledges all alerts that were sent, in this act.
    pub fn acknowledge_all(&mut self, act: AlertAct) {
        for (key, alerts) in &mut self.book.open {
            for alert in alerts {
                if alert.stage == AlertStage::Told && !alert.is_acknowledged {
                    alert.is_acknowledged = true;
                    alert.act = Some(act);
                    self.is_changed = true;
                    // One that is over may be forgotten earlier now.
                    self.agenda.add(key);
                }
            }
        }
    }

    /// Undoes an act: what it acknowledged is unacknowledged again. What was sent is not sent again.
    pub fn undo_act(&mut self, act: AlertAct) {
        for (key, alerts) in &mut self.book.open {
            for alert in alerts.iter_mut().filter(|alert| alert.act == Some(act)) {
                alert.is_acknowledged = false;
                alert.act = None;
                self.is_changed = true;
                self.agenda.add(key);
            }
        }
    }

    /// Whether HSS did not answer for so long that what happened is sent as one summary.
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
    fn advance(&mut self, look: &AlertLook, visited: &VisitedPods) {
        let Self {
            book,
            rules,
            agenda,
            is_changed,
            ..
        } = self;
        let mut advance = |alert: &mut OpenAlert| {
            if alert.is_acknowledged && alert.change.is_some_and(|id| agenda.withdrawn.contains(&id)) {
                alert.is_acknowledged = false;
                alert.act = None;
                if alert.stage == AlertStage::Silent {
                    alert.stage = AlertStage::Due;
                }
                *is_changed = true;
            }
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
    fn forget(&mut self, now: Timestamp, visited: &VisitedPods) {
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
