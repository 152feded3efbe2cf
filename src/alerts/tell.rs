//! From alerts that are due to notices: what is sent together, and what waits.
//!
//! Owns quiet hours, the merge window, and the summary after a gap. What is held back stays due, so nothing is lost; what is
//! sent is marked in the same step, so nothing is sent twice.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::agenda::VisitedPods;
use super::book::{AlertStage, OpenAlert};
use super::engine::AlertEngine;
use super::list::told_alert;
use super::look::AlertLook;
use super::notice::{AlertNotice, NoticeKind, ToldAlert};
use super::rule::AlertRule;

/// What one rule has to send.
#[derive(Default)]
struct DueAlerts {
    began: Vec<ToldAlert>,
    worse: Vec<ToldAlert>,
    ended: Vec<ToldAlert>,
}

/// Whether a rule tells in a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RuleTurn {
    Tells,
    /// It told just before.
    Waits,
    /// It has its quiet hours.
    Quiet,
}

impl AlertEngine {
    /// What is to be sent now. All of it counts as sent afterwards.
    pub(super) fn tell(&mut self, look: &AlertLook, visited: &VisitedPods) -> Vec<AlertNotice> {
        let now = look.now;
        let is_gap_open = self.is_gap_open(look);
        let gap = self.gap.take_if(|_| !is_gap_open);
        if self.gap.is_some() {
            return Vec::new();
        }
        let due = self.take_due(look, visited, gap.is_some());
        if gap.is_none() && due.is_empty() && self.book.more.iter().all(|more| *more == 0) {
            return Vec::new();
        }
        let mut notices = Vec::new();
        let mut summary = gap.map(|gap| AlertNotice {
            between: Some(gap.between),
            ..notice("summary", NoticeKind::Summary, now)
        });
        for (place, mut due) in due {
            let Some(rule) = self.rules.get(place) else {
                continue;
            };
            let more = self.book.more.get_mut(place).map_or(0, std::mem::take);
            let was_quiet = self.was_quiet.get_mut(place).is_some_and(std::mem::take);
            if let Some(told_at) = self.book.told_at.get_mut(place) {
                *told_at = Some(now);
            }
            self.is_changed = true;
            if let Some(summary) = &mut summary {
                due.began.append(&mut due.worse);
                add(summary, rule, due.began, more);
                // Of what ended in the gap only its end is news; the ways that follow an alert hear of it.
                if !due.ended.is_empty() {
                    notices.push(of_rule(rule, NoticeKind::Resolved, due.ended, 0, now));
                }
                continue;
            }
            let firing = if was_quiet {
                NoticeKind::Summary
            } else {
                NoticeKind::Firing
            };
            for (kind, alerts, more) in [
                (firing, due.began, more),
                (NoticeKind::Worse, due.worse, 0),
                (NoticeKind::Resolved, due.ended, 0),
            ] {
                if !alerts.is_empty() || more > 0 {
                    notices.push(of_rule(rule, kind, alerts, more, now));
                }
            }
        }
        let summary = summary.filter(|summary| summary.count() > 0);
        summary.into_iter().chain(notices).collect()
    }

    /// Takes what each rule may tell now.
    fn take_due(
        &mut self,
        look: &AlertLook,
        visited: &VisitedPods,
        is_summary: bool,
    ) -> BTreeMap<usize, DueAlerts> {
        let now = look.now;
        // Most looks are about none of the rules.
        let mut turns: Vec<Option<RuleTurn>> = vec![None; self.rules.len()];
        let mut turn = |place: usize| {
            let turn = turns.get_mut(place)?;
            Some(*turn.get_or_insert_with(|| {
                if self.rules.get(place).is_some_and(|rule| rule.is_quiet(now)) {
                    RuleTurn::Quiet
                } else if !is_summary && told_lately(&self.rules, &self.book.told_at, place, now) {
                    RuleTurn::Waits
                } else {
                    RuleTurn::Tells
                }
            }))
        };
        let mut due: BTreeMap<usize, DueAlerts> = BTreeMap::new();
        for (place, more) in self.book.more.iter().enumerate() {
            if *more > 0 && turn(place) == Some(RuleTurn::Tells) {
                due.entry(place).or_default();
            }
        }
        for key in visited {
            for alert in self.book.open.get_mut(key).into_iter().flatten() {
                let is_muted = || alert.change.is_some_and(|id| look.muted.contains(&id));
                let begins = alert.stage == AlertStage::Due && !is_muted();
                let ends = alert.stage == AlertStage::Told && !alert.lasts() && alert.end_told_at.is_none();
                let Some(rule) = self.rules.get(alert.rule).filter(|_| begins || ends) else {
                    continue;
                };
                let turn = turn(alert.rule);
                if turn != Some(RuleTurn::Tells) {
                    if let Some(was_quiet) = self.was_quiet.get_mut(alert.rule) {
                        *was_quiet |= begins && turn == Some(RuleTurn::Quiet);
                    }
                    continue;
                }
                let due = due.entry(alert.rule).or_default();
                let told = told_alert(key, alert, rule);
                let place = match (ends, alert.is_worse) {
                    (true, _) => &mut due.ended,
                    (false, true) => &mut due.worse,
                    (false, false) => &mut due.began,
                };
                place.push(told);
                mark_told(alert, now);
            }
        }
        for due in due.values_mut() {
            for alerts in [&mut due.began, &mut due.worse, &mut due.ended] {
                alerts.sort_by(|one, other| {
                    (one.began, &one.cluster, &one.namespace, &one.name).cmp(&(
                        other.began,
                        &other.cluster,
                        &other.namespace,
                        &other.name,
                    ))
                });
            }
        }
        due
    }
}

/// Whether a rule told so lately that it waits. A clock that was set back ends the wait.
fn told_lately(rules: &[AlertRule], told_at: &[Option<Timestamp>], place: usize, now: Timestamp) -> bool {
    let told_at = told_at.get(place).copied().flatten();
    let merge = rules.get(place).map(|rule| rule.merge).unwrap_or_default();
    told_at.is_some_and(|at| {
        let since = now.duration_since(at);
        !since.is_negative() && since < merge
    })
}

fn mark_told(alert: &mut OpenAlert, now: Timestamp) {
    // One that is over by now is told with its end.
    alert.end_told_at = (!alert.lasts()).then_some(now);
    alert.stage = AlertStage::Told;
    alert.is_worse = false;
}

fn notice(rule: &str, kind: NoticeKind, now: Timestamp) -> AlertNotice {
    AlertNotice {
        rule: rule.to_owned(),
        kind,
        severity: super::rule::AlertSeverity::Info,
        via: Vec::new(),
        commands: Vec::new(),
        at: now,
        between: None,
        alerts: Vec::new(),
        more: 0,
    }
}

fn of_rule(
    rule: &AlertRule,
    kind: NoticeKind,
    alerts: Vec<ToldAlert>,
    more: usize,
    now: Timestamp,
) -> AlertNotice {
    let mut notice = notice(&rule.name, kind, now);
    add(&mut notice, rule, alerts, more);
    notice
}

fn add(notice: &mut AlertNotice, rule: &AlertRule, alerts: Vec<ToldAlert>, more: usize) {
    if alerts.is_empty() && more == 0 {
        return;
    }
    notice.severity = notice.severity.max(rule.severity);
    notice.via.extend(rule.via.iter().copied());
    notice.via.sort_unstable();
    notice.via.dedup();
    if !rule.command.is_empty() && !notice.commands.contains(&rule.command) {
        notice.commands.push(rule.command.clone());
    }
    notice.alerts.extend(alerts);
    notice.more += more;
}
