//! What is about the source as a whole: it cannot be reached, its list is old, its coverage fell.
//!
//! Owns when each begins and ends. Must not: look at pods.

use std::sync::Arc;

use jiff::SignedDuration;

use super::book::{AlertStage, OpenAlert, source_key};
use super::condition::{AlertCondition, AlertFinding};
use super::engine::{AlertEngine, lasting};
use super::look::AlertLook;

/// How long a share of pods with security data is compared with.
const SHARE_HOLDS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Coverage fell when less than the first number of hundredths of the largest share is left, and is back from
/// the second on.
const SHARE_LEFT: (u32, u32) = (90, 95);

impl AlertEngine {
    /// Judges what is about the source as a whole.
    pub(super) fn judge_source(&mut self, look: &AlertLook) {
        let facts = &look.facts;
        if facts.is_restoring {
            return;
        }
        let settled = !facts.is_loading && facts.asked_at.is_some();
        let unreachable = facts.unreachable;
        self.source(
            AlertFinding::Unreachable,
            Some(unreachable.is_some()),
            unreachable.unwrap_or_default(),
            look,
        );
        let is_old = settled.then_some(facts.old_list.is_some());
        let date = facts.old_list.map_or_else(String::new, |at| {
            format!("of {}", at.strftime("%Y-%m-%d %H:%M UTC"))
        });
        self.source(AlertFinding::OldList, is_old, &date, look);
        if settled && facts.is_complete && facts.unreachable.is_none() {
            self.judge_coverage(look);
            self.is_first_run = false;
        }
    }

    fn judge_coverage(&mut self, look: &AlertLook) {
        let (known, pods) = look.facts.coverage;
        let Some(share) = (known * 1000).checked_div(pods) else {
            return;
        };
        let share = u32::try_from(share).unwrap_or(1000);
        let (most, at) = self.book.share.unwrap_or((share, look.now));
        let key = source_key();
        let is_down = self.book.open.get(&key).is_some_and(|alerts| {
            alerts
                .iter()
                .any(|alert| alert.finding == AlertFinding::Coverage && alert.lasts())
        });
        let bound = if is_down { SHARE_LEFT.1 } else { SHARE_LEFT.0 };
        let is_less = u64::from(share) * 100 < u64::from(most) * u64::from(bound);
        let words = format!("security data for {known} of {pods} pods");
        self.source(AlertFinding::Coverage, Some(is_less), &words, look);
        let is_stale = look.now.duration_since(at) >= SHARE_HOLDS;
        if self.book.share.is_none() || share > most || (is_stale && !is_less) {
            self.book.share = Some((share, look.now));
            self.is_changed = true;
        }
    }

    /// Begins or ends what is about the source; `None` where it is not known.
    fn source(&mut self, finding: AlertFinding, is_so: Option<bool>, words: &str, look: &AlertLook) {
        let Some(is_so) = is_so else { return };
        let key = source_key();
        let places = self.of_finding.get(finding as usize);
        for rule in places.cloned().unwrap_or_default() {
            let alerts = self.book.open.get_mut(&key);
            let open = alerts.and_then(|alerts| lasting(alerts, rule, finding));
            match (open, is_so) {
                (Some(alert), false) => {
                    alert.ended = Some(look.now.max(alert.began));
                    self.agenda.add(&key);
                    self.is_changed = true;
                }
                (None, true) => {
                    // A list that was old when somebody first looked did not become so under the rule's eyes.
                    let was_so = self.is_first_run && finding.condition() == AlertCondition::OldList;
                    let alert = OpenAlert {
                        rule,
                        finding,
                        name: Arc::default(),
                        namespace: Arc::default(),
                        cluster: Arc::default(),
                        words: words.into(),
                        change: None,
                        began: look.now,
                        seen: look.now,
                        score: 0,
                        stage: if was_so {
                            AlertStage::Silent
                        } else {
                            AlertStage::Waiting
                        },
                        is_worse: false,
                        ended: None,
                        end_told_at: None,
                        is_acknowledged: false,
                        act: None,
                    };
                    self.open(&key, vec![alert], look);
                }
                _ => {}
            }
        }
    }
}
