//! Alerts on the screen: what waits to be acknowledged, and what the terminal is told.
//!
//! Owns what the engine sees of the model, and what a notice becomes here: a bell, a notification, a [`banner`]. The
//! [engine](crate::alerts) decides whether and when something is sent. While names are masked nothing here names a pod: a
//! notification is on the screen that somebody else looks at. Must not: wait, or tell a program.

pub mod banner;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use super::effect::Effect;
use super::model::Model;
use crate::alerts::{AlertAct, AlertLook, AlertNotice, AlertWay, ListedAlert, SourceFacts, ToldAlert};
use crate::collector::SyncState;
use crate::fleet::changes::ChangeId;
use crate::fleet::decisions::MutedChanges;
use crate::fleet::list_age::ListCurrency;
use crate::sinks::{AlertNews, AlertOrder, AlertReceipt, SinkTrouble};
use crate::terminal::OnceOutput;

/// A shorter time without an answer is not a gap, for any interval.
const GAP_AFTER: Duration = Duration::from_mins(10);
/// How long to wait for the decisions of earlier runs: a mute must be known before an alert of its pod is sent.
const DECISIONS_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// How often mutes and acknowledgements are looked at whose time may have passed, in ticks.
const WEIGHED_EVERY: u64 = 60;

/// What the screen has of alerts.
#[derive(Debug, Clone, Default)]
pub struct AlertDesk {
    /// Alerts that were told and wait to be acknowledged, the newest first.
    pub waiting: Arc<[ToldAlert]>,
    /// All alerts that are followed, the newest first.
    pub listed: Arc<[ListedAlert]>,
    /// Sinks in trouble.
    pub troubles: Arc<[SinkTrouble]>,
    /// What was told, when, by which way, with what result: the newest first.
    pub receipts: Arc<[AlertReceipt]>,
    muted: Arc<HashSet<ChangeId>>,
    mutes: Arc<MutedChanges>,
    /// The last act of this run that took note of all alerts.
    act: AlertAct,
    acknowledged: Arc<HashSet<ChangeId>>,
}

impl AlertDesk {
    /// How many last and are held back.
    fn held_back(&self) -> usize {
        let is_held = |listed: &&ListedAlert| listed.held.is_some() && listed.alert.ended.is_none();
        self.listed.iter().filter(is_held).count()
    }

    /// Takes what operators decided.
    pub(super) fn know_decisions(
        &mut self,
        muted: Arc<HashSet<ChangeId>>,
        of_pods: Arc<MutedChanges>,
        acknowledged: HashSet<ChangeId>,
    ) {
        self.muted = muted;
        self.mutes = of_pods;
        if *self.acknowledged != acknowledged {
            self.acknowledged = Arc::new(acknowledged);
        }
    }
}

impl Model {
    /// The source as the engine sees it.
    pub fn alert_look(&self) -> AlertLook {
        let status = &self.status;
        let interval =
            SignedDuration::try_from(status.interval.saturating_mul(3)).unwrap_or(SignedDuration::MAX);
        let least = SignedDuration::try_from(GAP_AFTER).unwrap_or(SignedDuration::MAX);
        let fails = status.problem.is_some() || status.overdue(self.now).is_some();
        let state = self.state();
        let summary = self.fleet.summary();
        AlertLook {
            now: self.now,
            fleet: self.fleet.masked_by(None),
            facts: SourceFacts {
                asked_at: status.asked_at,
                gap_after: interval.max(least),
                is_restoring: status.restoring,
                is_loading: status.loading,
                is_complete: status.complete,
                old_list: status
                    .snapshot_at
                    .filter(|_| self.list_currency() != ListCurrency::Current),
                unreachable: match state {
                    SyncState::Offline | SyncState::Auth | SyncState::Denied => Some(state.word()),
                    SyncState::Stale(_) if fails => Some(state.word()),
                    _ => None,
                },
                coverage: (summary.security_told, summary.pods),
            },
            muted: Arc::clone(&self.alerts.muted),
            mutes: Arc::clone(&self.alerts.mutes),
            acknowledged: Arc::clone(&self.alerts.acknowledged),
        }
    }

    /// What a tick means for alerts.
    pub(super) fn alert_tick(&mut self) -> Vec<Effect> {
        if self.beat.is_multiple_of(WEIGHED_EVERY) && !self.changes.book.decisions.mutes.is_empty() {
            self.weigh_changes();
        }
        let knows_decisions = self.places.state.is_none() || self.unread.knows_earlier();
        let waits = !knows_decisions && self.now.duration_since(self.started_at).abs() < DECISIONS_WAIT;
        if waits { vec![] } else { vec![Effect::AlertLook] }
    }

    /// Takes what the worker has to tell.
    pub(super) fn take_alerts(&mut self, news: AlertNews) -> Vec<Effect> {
        self.alerts.waiting = news.waiting;
        self.alerts.listed = news.listed;
        let last = self.alerts.listed.len().saturating_sub(1);
        if let Some(menu) = self.focus.alerts_mut() {
            menu.choice = menu.choice.min(last);
        }
        self.know_troubles(news.troubles);
        self.alerts.receipts = news.receipts;
        let mut effects = Vec::new();
        for notice in &news.notices {
            if notice.via.contains(&AlertWay::Notify) {
                effects.push(Effect::Once(OnceOutput::Notification {
                    id: notification_id(&notice.rule),
                    text: self.told(notice),
                }));
            }
        }
        // However many rules tell at once: it rings once. A notification rings by itself.
        if effects.is_empty() && news.notices.iter().any(rings) {
            effects.push(Effect::Once(OnceOutput::Bell));
        }
        effects
    }

    /// Takes which sinks are in trouble. A new trouble is told once, unless the line has something else to say: it also stays as a
    /// mark there.
    fn know_troubles(&mut self, troubles: Arc<[SinkTrouble]>) {
        let is_known = |trouble: &&SinkTrouble| {
            let mut before = self.alerts.troubles.iter();
            before.any(|it| it.sink == trouble.sink && it.why == trouble.why)
        };
        let fresh = troubles.iter().find(|trouble| !is_known(trouble));
        let fresh = fresh.map(|trouble| self.masking.sentence(&trouble.why).into_owned());
        self.alerts.troubles = troubles;
        if let Some(why) = fresh.filter(|_| self.notice.is_none()) {
            self.notify(why);
        }
    }

    fn told(&self, notice: &AlertNotice) -> String {
        if self.masking.is_on() {
            notice.counts()
        } else {
            notice.sentence()
        }
    }

    /// Takes note of all alerts that wait. Their changes count as acknowledged too, so that everybody who looks at this source
    /// sees by whom.
    pub(super) fn acknowledge_alerts(&mut self) -> Vec<Effect> {
        if self.alerts.waiting.is_empty() {
            let none = "no alert to acknowledge";
            match self.alerts.held_back() {
                0 => self.notify(none),
                held => self.notify(format!("{none}; {held} held back")),
            }
            return vec![];
        }
        let waiting = std::mem::take(&mut self.alerts.waiting);
        // The worker will say the same.
        for listed in Arc::make_mut(&mut self.alerts.listed) {
            listed.is_acknowledged |= !listed.told_by.is_empty();
        }
        let ids: Vec<ChangeId> = waiting
            .iter()
            .filter_map(|alert| ChangeId::read(alert.change.as_deref()?))
            .filter(|id| self.changes.acknowledgement(*id).is_none())
            .collect();
        let mut effects = self.acknowledge_changes(&ids);
        self.alerts.act += 1;
        let act = self.alerts.act;
        self.keep_undo_of_alerts(act, !effects.is_empty());
        // On a wall that key does nothing.
        let undo = if self.kiosk.is_on() { "" } else { "; u undoes it" };
        let held = match self.alerts.held_back() {
            0 => String::new(),
            held => format!("; {held} held back, sent later"),
        };
        let about = if self.request.scope.is_whole() {
            ""
        } else {
            " of all pods"
        };
        self.notify(match waiting.len() {
            1 => format!("1 alert{about} acknowledged{held}{undo}"),
            many => format!("{many} alerts{about} acknowledged{held}{undo}"),
        });
        effects.push(Effect::AlertOrder(AlertOrder::AcknowledgeAll(act)));
        effects
    }
}

fn rings(notice: &AlertNotice) -> bool {
    notice.via.contains(&AlertWay::Bell) && notice.kind != crate::alerts::NoticeKind::Resolved
}

/// The id by which a terminal replaces an older notification of the same rule.
fn notification_id(rule: &str) -> u32 {
    crc32fast::hash(rule.as_bytes())
}

#[cfg(test)]
mod tests;
