//! Rounds to Alertmanager: all that is open, again each minute while something is.
//!
//! Owns when the next one is, and what was refused: an alert that Alertmanager refuses is reported once, left out of later
//! rounds, and never tried again as it is. Nothing has to wait here: a round always holds what is true then, and the ends of the
//! last day ([`EndedAlerts`]).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::alertmanager::{AlertLabels, Alertmanager, EVERY, RoundResult};
use super::ends::{EndedAlert, EndedAlerts};
use super::needs::SinkNeeds;
use super::news::SinkTrouble;
use super::receipt::{AlertReceipt, ReceiptResult};
use crate::alerts::ToldAlert;

/// The pause after the first failure; it doubles up to that of a round.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The pause after an answer that says that the configuration is wrong.
const CONFIGURATION_PAUSE: Duration = Duration::from_mins(15);
/// Receipts that wait for a round.
const MOST_UNSETTLED: usize = 1000;

/// The rounds to one Alertmanager.
#[derive(Debug)]
pub(super) struct Rounds {
    target: Arc<Alertmanager>,
    under_way: JoinSet<RoundResult>,
    next_at: Option<Instant>,
    failures: u32,
    refused: HashSet<AlertLabels>,
    /// The labels of the last round.
    known: HashSet<AlertLabels>,
    /// The ends that are repeated.
    ended: EndedAlerts,
    trouble: Option<String>,
    /// What it needs and is not there, as a sentence.
    unready: Option<String>,
    /// Receipts of what the next round tells.
    unsettled: Vec<AlertReceipt>,
    /// How many of these the round under way tells.
    told: usize,
}

impl Rounds {
    /// Rounds to this one, from now on: an earlier run may have left something open, and `ended` is what it repeated.
    pub fn new(target: Alertmanager, ended: Vec<EndedAlert>) -> Self {
        Self {
            target: Arc::new(target),
            under_way: JoinSet::new(),
            next_at: Some(Instant::now()),
            failures: 0,
            refused: HashSet::new(),
            known: HashSet::new(),
            ended: EndedAlerts::restored(ended),
            trouble: None,
            unready: None,
            unsettled: Vec::new(),
            told: 0,
        }
    }

    /// Something is new: the next round is now, unless the last one failed.
    pub fn give(&mut self, receipt: AlertReceipt) {
        if self.unsettled.len() < MOST_UNSETTLED {
            self.unsettled.push(receipt);
        }
        if self.failures == 0 {
            self.next_at = Some(Instant::now());
        }
    }

    /// Whether alerts of this rule wait, because the server does not take them.
    pub fn holds_up(&self, rule: &str) -> bool {
        self.trouble().is_some() && self.unsettled.iter().any(|receipt| receipt.rule == rule)
    }

    /// When the next round is.
    pub fn next_at(&self) -> Option<Instant> {
        self.next_at.filter(|_| self.under_way.is_empty())
    }

    /// The ends that are repeated, to be stored.
    pub fn ended(&self) -> Vec<EndedAlert> {
        self.ended.kept()
    }

    /// Begins a round if it is time. Returns whether other ends are repeated than before.
    pub fn set_out(&mut self, told: impl FnOnce() -> Vec<ToldAlert>, now: Timestamp) -> bool {
        if self.next_at().is_none_or(|at| at > Instant::now()) {
            return false;
        }
        let known = std::mem::take(&mut self.known);
        let mut alerts = self.target.alerts(&told(), now, |labels| known.contains(labels));
        // One that was refused and is over is no trouble any more.
        self.refused
            .retain(|labels| alerts.iter().any(|alert| alert.labels == *labels));
        self.known = alerts.iter().map(|alert| alert.labels.clone()).collect();
        let is_changed = self.ended.follow(&mut alerts, &self.refused, now);
        if alerts.is_empty() {
            self.next_at = None;
            if self.failures == 0 {
                self.trouble = None;
            }
            return is_changed;
        }
        self.told = self.unsettled.len();
        let (target, refused) = (Arc::clone(&self.target), self.refused.clone());
        self.under_way
            .spawn(async move { target.send(alerts, &refused).await });
        is_changed
    }

    /// Waits for the round under way to end; forever while there is none.
    pub async fn next(&mut self) -> RoundResult {
        loop {
            match self.under_way.join_next().await {
                Some(Ok(result)) => return result,
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Takes the result of a round. Returns receipts of what was told in it.
    pub fn settle(&mut self, result: RoundResult, now: Timestamp) -> Vec<AlertReceipt> {
        let every = Duration::try_from(EVERY).unwrap_or_default();
        let mut refused: HashMap<String, String> = HashMap::new();
        let (pause, trouble) = match result {
            RoundResult::Taken(bad) => {
                (self.failures, self.unready) = (0, None);
                let words = bad.first().map(|(labels, why)| {
                    let name = labels.get("rule").cloned().unwrap_or_default();
                    self.target.http.refuses(&format!("an alert of rule {name}"), why)
                });
                for (labels, why) in bad {
                    let rule = labels.get("rule").cloned().unwrap_or_default();
                    refused.insert(rule, why);
                    self.refused.insert(labels);
                }
                (every, words)
            }
            RoundResult::Misconfigured(why) => {
                self.failures += 1;
                (CONFIGURATION_PAUSE, Some(why))
            }
            RoundResult::Failed(why) => {
                let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10)).min(every);
                self.failures += 1;
                (pause, Some(why))
            }
        };
        self.next_at = Instant::now().checked_add(pause);
        if let Some(why) = &trouble {
            tracing::warn!(sink = "alertmanager", "{why}");
        }
        let is_delivered = self.failures == 0;
        // A refused alert stays a mark until one of them is taken.
        if trouble.is_some() || self.refused.is_empty() {
            self.trouble = trouble;
        }
        if !is_delivered {
            return Vec::new();
        }
        let told = self.told.min(self.unsettled.len());
        let settled = self.unsettled.drain(..told).map(|receipt| {
            let why = refused.get(&receipt.rule).cloned();
            let result = if why.is_some() {
                ReceiptResult::Refused
            } else {
                ReceiptResult::Delivered
            };
            AlertReceipt {
                at: now,
                result,
                why,
                ..receipt
            }
        });
        settled.collect()
    }

    /// What it needs.
    pub fn needs(&self) -> SinkNeeds {
        SinkNeeds::Server(self.target.http.setup())
    }

    /// Takes what of that is missing. Once nothing is, the next round is now.
    pub fn know_needs(&mut self, missing: Option<String>) {
        let was_unready = self.unready.is_some();
        self.unready = missing;
        if was_unready && self.unready.is_none() {
            (self.failures, self.trouble) = (0, None);
            self.next_at = Some(Instant::now());
        }
    }

    /// What is wrong, if something is.
    pub fn trouble(&self) -> Option<SinkTrouble> {
        Some(SinkTrouble {
            sink: "alertmanager".to_owned(),
            why: self.unready.as_ref().or(self.trouble.as_ref())?.clone(),
            waiting: self.unsettled.len(),
        })
    }
}

#[cfg(test)]
mod tests;
