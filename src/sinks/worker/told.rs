//! What the worker knows of its sinks, and what the event loop gets of it.

use super::super::body;
use super::super::needs::FoundNeeds;
use super::super::news::{AlertNews, SinkTrouble};
use super::super::rounds::Rounds;
use super::{AlertWorker, ROUNDS};
use crate::alerts::AlertWay;

/// The most alerts that the screen has: those of the banner, and those of the list.
const MOST_WAITING: usize = 1000;

impl AlertWorker {
    /// Takes what the sinks need and is there, and tells what changed.
    pub(super) fn know_needs(&mut self, found: FoundNeeds) {
        let before = self.troubles();
        for (name, found) in found {
            let missing = found.err();
            match &mut self.rounds {
                Some(rounds) if name == ROUNDS => rounds.know_needs(missing),
                _ => self.couriers.know_needs(&name, missing),
            }
        }
        let now = self.troubles();
        for trouble in now.iter().filter(|trouble| !before.contains(trouble)) {
            tracing::warn!(sink = trouble.sink, "{}", trouble.why);
        }
        for trouble in &before {
            if now.iter().all(|it| it.sink != trouble.sink) {
                tracing::info!(sink = trouble.sink, "what it needs is there now");
            }
        }
        self.is_news |= now != before;
    }

    /// What the event loop gets.
    pub(super) fn news(&self) -> AlertNews {
        let mut waiting = self.engine.waiting();
        waiting.truncate(MOST_WAITING);
        let mut listed = self.engine.list();
        listed.truncate(MOST_WAITING);
        let held_up = self.couriers.held_up();
        for listed in &mut listed {
            let (alert, rule) = (body::identity(&listed.alert), &listed.alert.rule);
            let waits = |way: &AlertWay| match way {
                AlertWay::Alertmanager => self.rounds.as_ref().is_some_and(|rounds| rounds.holds_up(rule)),
                way => held_up.contains(&(*way, rule.clone(), alert.clone())),
            };
            listed.waits_by = listed.told_by.iter().copied().filter(waits).collect();
        }
        AlertNews {
            notices: Vec::new(),
            waiting: waiting.into(),
            listed: listed.into(),
            troubles: self.troubles().into(),
            receipts: self.receipts.iter().cloned().collect(),
        }
    }

    fn troubles(&self) -> Vec<SinkTrouble> {
        let mut troubles = self.couriers.troubles();
        troubles.extend(self.rounds.as_ref().and_then(Rounds::trouble));
        troubles.extend(self.trouble.clone().map(|why| SinkTrouble {
            sink: "alerts".to_owned(),
            why,
            waiting: 0,
        }));
        troubles
    }
}
