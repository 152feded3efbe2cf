//! From changes and states to alerts that begin, get worse and end.
//!
//! Owns what each kind of change means for each finding. A pod is looked up only if a rule needs more than its change
//! contains, by the row that it had in the store, so the cost depends on the changes and not on the fleet.

use std::sync::Arc;

use jiff::Timestamp;

use super::book::{AlertStage, MOST_OPEN, OpenAlert, source_key};
use super::condition::AlertFinding;
use super::engine::{AlertEngine, lasting};
use super::findings::{has, has_failed, is_risk, is_unprotected, still_has};
use super::look::AlertLook;
use super::rule::AlertRule;
use crate::fleet::changes::{Change, ChangeKind, Recorded};
use crate::fleet::pod::NodeRecord;
use crate::fleet::usage::Pressure;
use crate::fleet::{Field, Pod, PodKey, RemoteText};

/// Something found, or no longer.
struct Judged<'a> {
    finding: AlertFinding,
    is_so: bool,
    words: String,
    recorded: &'a Recorded<'a>,
}

impl AlertEngine {
    /// Judges the changes that are new.
    pub(super) fn judge_changes(&mut self, look: &AlertLook) {
        if look.facts.is_restoring {
            return;
        }
        let changes = look.fleet.changes();
        let total = i64::try_from(changes.total()).unwrap_or(i64::MAX);
        let new: Vec<Recorded<'_>> = match self.judged {
            Some(judged) if judged >= total => return,
            Some(judged) => {
                let newest = changes.recorded().rev();
                newest.take_while(|it| it.number >= judged).collect()
            }
            None => {
                // What an earlier run recorded and did not judge before it ended: what comes after the last one that it judged.
                let last = self.book.last_change;
                let last = changes
                    .recorded()
                    .rev()
                    .find(|it| Some(it.id) == last)
                    .map(|it| it.number);
                let until = self.book.seen_until;
                let is_later =
                    |change: &Change| until.is_some_and(|until| change.noticed.is_some_and(|at| at > until));
                // It judged an empty list: all came after that. Times would not tell, where the clock was set back.
                let was_empty = self.book.last_change.is_none() && until.is_some();
                let is_new = |it: &Recorded<'_>| {
                    let is_after = || last.map_or_else(|| is_later(it.change), |last| it.number > last);
                    it.number >= 0 || was_empty || is_after()
                };
                changes.recorded().rev().filter(is_new).collect()
            }
        };
        self.judged = Some(total);
        for recorded in new.iter().rev() {
            self.judge(recorded, look);
        }
        let newest = new.iter().filter_map(|it| it.change.noticed).max();
        self.book.seen_until = newest.or(self.book.seen_until).or(Some(look.now));
        let last = changes.recorded().next_back().map(|it| it.id);
        self.book.last_change = last.or(self.book.last_change);
        self.is_changed = true;
    }

    fn judge(&mut self, recorded: &Recorded<'_>, look: &AlertLook) {
        let change = recorded.change;
        let mut pod = None;
        let words = || {
            let [from, to] = change
                .kind
                .sides()
                .map(|side| side.value().copied().unwrap_or("·").to_owned());
            format!("{from} → {to}")
        };
        let mut is = |engine: &mut Self, finding, is_so, words: &dyn Fn() -> String| {
            let judged = Judged {
                finding,
                is_so,
                // An end needs none.
                words: if is_so { words() } else { String::new() },
                recorded,
            };
            engine.set(&judged, look, &mut pod);
        };
        match &change.kind {
            ChangeKind::Detection(_, to) => {
                is(self, AlertFinding::Risk, is_risk(to), &words);
            }
            ChangeKind::Protection(_, to) => is(self, AlertFinding::Protection, is_unprotected(to), &words),
            ChangeKind::Status(_, to) => is(self, AlertFinding::Failed, has_failed(to), &words),
            ChangeKind::CpuThreshold(_, to) => {
                is(self, AlertFinding::Cpu, *to == Pressure::Critical, &words);
            }
            ChangeKind::MemoryThreshold(_, to) => {
                is(self, AlertFinding::Memory, *to == Pressure::Critical, &words);
            }
            ChangeKind::LimitChanged(..) => {}
            ChangeKind::Appeared => {
                let Some(found) = found_in(recorded, look) else {
                    return;
                };
                for finding in AlertFinding::ALL.into_iter().filter(|it| has(&found, *it)) {
                    is(self, finding, true, &|| "new pod".to_owned());
                }
            }
            ChangeKind::Vanished => {
                let at = began(change, look.now);
                for alert in self.book.open.get_mut(&change.pod).into_iter().flatten() {
                    alert.ended.get_or_insert(at);
                    self.agenda.add(&change.pod);
                }
                is(self, AlertFinding::Vanished, true, &|| "gone".to_owned());
            }
        }
        self.worsen(recorded);
    }

    fn set(&mut self, judged: &Judged<'_>, look: &AlertLook, pod: &mut Option<Pod>) {
        let change = judged.recorded.change;
        let Self {
            rules,
            of_finding,
            book,
            agenda,
            is_changed,
            ..
        } = self;
        // One look for all rules: most changes are of pods without an alert.
        let mut open = book.open.get_mut(&change.pod);
        if open.is_none() && !judged.is_so {
            return;
        }
        let mut beginning = Vec::new();
        for rule in of_finding.get(judged.finding as usize).into_iter().flatten() {
            // Those look at the pods themselves.
            if rules.get(*rule).is_some_and(AlertRule::has_own_threshold) {
                continue;
            }
            let alerts = open.as_deref_mut();
            match (
                alerts.and_then(|alerts| lasting(alerts, *rule, judged.finding)),
                judged.is_so,
            ) {
                (Some(alert), false) => {
                    alert.ended = Some(began(change, look.now).max(alert.began));
                    agenda.add(&change.pod);
                    *is_changed = true;
                }
                (Some(alert), true) => {
                    let score = change.scores.after.unwrap_or(alert.score);
                    if alert.change != Some(judged.recorded.id) && score > alert.score {
                        make_worse(alert, judged.recorded, score);
                        alert.words = judged.words.as_str().into();
                        agenda.add(&change.pod);
                    }
                }
                (None, false) => {}
                (None, true) => beginning.push(*rule),
            }
        }
        self.begin(&beginning, judged, look, pod);
    }

    /// Begins an alert of each of these rules whose filter the pod passes.
    fn begin(&mut self, rules: &[usize], judged: &Judged<'_>, look: &AlertLook, pod: &mut Option<Pod>) {
        let mut passes = |rule: &usize| {
            let filter = self.filters.get(*rule).filter(|filter| !filter.is_empty());
            filter.is_none_or(|filter| {
                // It is made once, and only where a filter has to know it.
                let pod = pod.get_or_insert_with(|| {
                    found_in(judged.recorded, look).unwrap_or_else(|| judged.recorded.change.pod_then())
                });
                filter.matches(pod, look.now)
            })
        };
        let rules: Vec<usize> = rules.iter().copied().filter(|rule| passes(rule)).collect();
        if rules.is_empty() {
            return;
        }
        let change = judged.recorded.change;
        let raw = |field: &Field<RemoteText>| field.value().map_or("", RemoteText::raw).into();
        let (name, namespace, cluster): (Arc<str>, Arc<str>, Arc<str>) =
            (raw(&change.name), raw(&change.namespace), raw(&change.cluster));
        let words: Arc<str> = judged.words.as_str().into();
        let at = began(change, look.now);
        let is_over = judged.finding.is_momentary();
        let alerts = rules.into_iter().map(|rule| OpenAlert {
            rule,
            finding: judged.finding,
            name: Arc::clone(&name),
            namespace: Arc::clone(&namespace),
            cluster: Arc::clone(&cluster),
            words: Arc::clone(&words),
            change: Some(judged.recorded.id),
            began: at,
            seen: look.now,
            score: change.scores.after.unwrap_or(0),
            // What ends at once cannot last any time.
            stage: match self.rules.get(rule) {
                Some(stated) if !is_over && !stated.hold.is_zero() => AlertStage::Waiting,
                _ => AlertStage::Due,
            },
            is_worse: false,
            ended: is_over.then_some(at),
            end_told_at: None,
            is_acknowledged: false,
            act: None,
        });
        let alerts = alerts.collect();
        self.open(&change.pod, alerts, look);
    }

    /// Opens alerts of a pod. Those without room are only counted.
    pub(super) fn open(&mut self, key: &PodKey, mut alerts: Vec<OpenAlert>, look: &AlertLook) {
        self.is_changed = true;
        let room = MOST_OPEN.saturating_sub(self.book.count);
        for alert in alerts.drain(room.min(alerts.len())..) {
            let is_silent = alert
                .change
                .is_some_and(|id| look.muted.contains(&id) || look.acknowledged.contains(&id));
            if let Some(more) = self.book.more.get_mut(alert.rule).filter(|_| !is_silent) {
                *more += 1;
            }
        }
        if alerts.is_empty() {
            return;
        }
        self.book.count += alerts.len();
        self.agenda.add(key);
        match self.book.open.get_mut(key) {
            Some(open) => open.append(&mut alerts),
            None => drop(self.book.open.insert(key.clone(), alerts)),
        }
    }

    /// A pod that gets worse in any way brings back alerts that were put away.
    fn worsen(&mut self, recorded: &Recorded<'_>) {
        let Some(score) = recorded.change.scores.after else {
            return;
        };
        let alerts = self.book.open.get_mut(&recorded.change.pod).into_iter().flatten();
        for alert in alerts.filter(|alert| alert.lasts() && score > alert.score) {
            // What was so before its rule was there, and came with no change, is nobody's decision.
            let is_silent = alert.stage == AlertStage::Silent && alert.change.is_some();
            let is_put_away = alert.is_acknowledged || is_silent;
            if is_put_away && alert.change != Some(recorded.id) {
                make_worse(alert, recorded, score);
                self.agenda.add(&recorded.change.pod);
                self.is_changed = true;
            }
        }
    }

    /// Ends alerts of pods that are well, or not there, by a list that is complete: nobody may have recorded the change.
    pub(super) fn review(&mut self, look: &AlertLook) {
        let placeholder = Pod::on_node(NodeRecord::default());
        let lasting = self
            .book
            .open
            .iter()
            .filter(|(_, alerts)| alerts.iter().any(OpenAlert::lasts));
        let keys = lasting
            .map(|(key, _)| key.clone())
            .filter(|key| *key != source_key());
        let mut pods: std::collections::HashMap<PodKey, Pod> =
            keys.map(|key| (key, placeholder.clone())).collect();
        if pods.is_empty() {
            return;
        }
        look.fleet.fill_in(&mut pods);
        for (key, pod) in pods {
            for alert in self.book.open.get_mut(&key).into_iter().flatten() {
                let rule = self.rules.get(alert.rule);
                let is_elsewhere = rule.is_some_and(AlertRule::has_own_threshold);
                if alert.lasts() && !is_elsewhere && !still_has(&pod, alert.finding) {
                    alert.ended = Some(look.now.max(alert.began));
                    self.agenda.add(&key);
                    self.is_changed = true;
                }
            }
        }
    }
}

fn make_worse(alert: &mut OpenAlert, recorded: &Recorded<'_>, score: u32) {
    alert.change = Some(recorded.id);
    alert.score = score;
    alert.is_acknowledged = false;
    alert.act = None;
    if matches!(alert.stage, AlertStage::Told | AlertStage::Silent) {
        alert.is_worse = true;
        alert.stage = AlertStage::Due;
    }
}

/// When a change was: by HSS's date, which is the same for all who see it.
fn began(change: &Change, now: Timestamp) -> Timestamp {
    change.after.or(change.noticed).unwrap_or(now).min(now)
}

/// The pod of a change as it is.
fn found_in(recorded: &Recorded<'_>, look: &AlertLook) -> Option<Pod> {
    let row = look.fleet.row_of(&recorded.change.pod, recorded.row)?;
    look.fleet.pod(row)
}
