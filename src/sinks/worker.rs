//! The task that owns the engine and everything that leaves it.
//!
//! Looks come as the newest value, because each holds all that the ones before held; nothing that is to be told is lost when the
//! event loop is faster than this task. Files are written on a thread for that, one write at a time, and never waited for but at
//! the end. Where nothing was kept, the first look is what everything later is compared with.

mod told;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until, timeout};

use super::alertmanager::{Alertmanager, RoundResult};
use super::body::{self, AlertOrigin};
use super::command::courier_name;
use super::couriers::{Couriers, Delivery, SinkTarget, Undelivered};
use super::kept::{AlertFiles, AlertLock, KeptState};
use super::needs::NeedsLooks;
use super::news::{AlertNews, AlertOrder};
use super::pending::PendingNotice;
use super::receipt::{AlertReceipt, ReceiptResult};
use super::rounds::Rounds;
use super::servers::AlertServers;
use crate::alerts::{AlertEngine, AlertLook, AlertNotice, AlertRule, AlertWay};
use crate::clock::Clock;

/// How long to wait for the files of an earlier run.
const READ_WAITS: Duration = Duration::from_secs(2);
/// How often to try for the lock that another dashboard holds.
const LOCK_EVERY: Duration = Duration::from_mins(1);
/// Receipts that are shown.
const SHOWN_RECEIPTS: usize = 50;
/// Receipts that may wait for a disk that takes none.
const MOST_UNWRITTEN: usize = 1000;
/// The name of the rounds among the sinks.
const ROUNDS: &str = "alertmanager";

/// What the task works with.
#[derive(Debug, Clone)]
pub struct AlertSetup {
    /// The rules.
    pub rules: Vec<AlertRule>,
    /// The state file of the source, beside which the files of the alerts are; `None` where nothing is kept.
    pub state: Option<PathBuf>,
    /// Where the alerts come from.
    pub origin: AlertOrigin,
    /// Whether the source is a demo, so that no program is told.
    pub is_demo: bool,
    /// The servers that are told.
    pub servers: AlertServers,
    /// The clock.
    pub clock: Clock,
}

/// Works until the event loop is gone, then stores what is left.
pub async fn run(
    setup: AlertSetup,
    mut looks: watch::Receiver<AlertLook>,
    mut orders: mpsc::Receiver<AlertOrder>,
    news: mpsc::Sender<AlertNews>,
) {
    let mut desk = AlertWorker::start(setup).await;
    let mut told = AlertNews::default();
    loop {
        let wakes = desk.wakes_at();
        let mut notices = Vec::new();
        tokio::select! {
            changed = looks.changed() => {
                if changed.is_err() {
                    break;
                }
                let look = looks.borrow_and_update().clone();
                notices = desk.engine.look(&look);
                desk.take(&notices);
            }
            order = orders.recv() => match order {
                Some(AlertOrder::AcknowledgeAll(act)) => desk.engine.acknowledge_all(act),
                Some(AlertOrder::UndoAct(act)) => desk.engine.undo_act(act),
                None => break,
            },
            delivery = desk.couriers.next() => desk.settle(&delivery),
            result = next_round(&mut desk.rounds) => desk.settle_round(result),
            found = desk.looks.next() => desk.know_needs(found),
            () = sleep_until(wakes) => {}
        }
        desk.set_out();
        desk.is_changed |= desk.engine.take_changed();
        // Most looks change nothing, and thousands of open alerts are not listed each second.
        let is_news = desk.is_changed || desk.is_news;
        desk.is_news = false;
        desk.store().await;
        if !is_news {
            continue;
        }
        let mut now = desk.news();
        now.notices = notices;
        now.notices
            .retain(|notice| notice.via.iter().any(|way| way.is_of_screen()));
        if now != told {
            told = AlertNews {
                notices: Vec::new(),
                ..now.clone()
            };
            if news.send(now).await.is_err() {
                break;
            }
        }
    }
    desk.finish().await;
}

/// Waits for a round to end; forever where there are none.
async fn next_round(rounds: &mut Option<Rounds>) -> RoundResult {
    match rounds {
        Some(rounds) => rounds.next().await,
        None => std::future::pending().await,
    }
}

struct AlertWorker {
    setup: AlertSetup,
    engine: AlertEngine,
    couriers: Couriers,
    rounds: Option<Rounds>,
    looks: NeedsLooks,
    files: Option<AlertFiles>,
    lock: Option<AlertLock>,
    lock_at: Instant,
    /// Newest first.
    receipts: VecDeque<AlertReceipt>,
    unwritten: Vec<AlertReceipt>,
    /// Whether there is something to store.
    is_changed: bool,
    /// Whether there is something for the screen beside that.
    is_news: bool,
    writing: Option<JoinHandle<std::io::Result<()>>>,
    trouble: Option<String>,
}

/// Takes the lock and reads what is kept.
async fn read(files: &AlertFiles) -> (Option<AlertLock>, Option<KeptState>) {
    let of_thread = files.clone();
    let reading = spawn_blocking(move || (of_thread.lock().unwrap_or_default(), of_thread.read()));
    match timeout(READ_WAITS, reading).await {
        Ok(Ok(read)) => read,
        _ => (None, None),
    }
}

impl AlertWorker {
    async fn start(setup: AlertSetup) -> Self {
        let files = setup.state.as_deref().map(AlertFiles::beside);
        let (lock, kept) = match &files {
            Some(files) => read(files).await,
            None => (None, None),
        };
        let kept = kept.map(|kept| (kept.book, kept.pending, kept.ended));
        let (book, pending, ended) = kept.map_or_else(Default::default, |(book, pending, ended)| {
            (Some(book), Some(pending), ended)
        });
        // What waits is delivered by whoever holds the lock.
        let pending = pending.filter(|_| lock.is_some());
        let mut couriers = Couriers::default();
        for rule in setup
            .rules
            .iter()
            .filter(|rule| rule.via.contains(&AlertWay::Command))
        {
            let name = courier_name(&rule.command);
            let target = SinkTarget::Command(rule.command.clone(), rule.command_at.clone());
            couriers.add(name, AlertWay::Command, target);
        }
        if let Some(webhook) = &setup.servers.webhook {
            let name = AlertWay::Webhook.name().to_owned();
            let target = SinkTarget::Webhook(Arc::new(webhook.sink(&setup.clock)));
            couriers.add(name, AlertWay::Webhook, target);
        }
        for (name, queue) in pending.into_iter().flatten() {
            couriers.restore(&name, queue);
        }
        let alertmanager = setup.servers.alertmanager.as_ref();
        let rounds = alertmanager.map(|it| {
            let target = Alertmanager::of(it, setup.origin.clone(), &setup.clock);
            Rounds::new(target, ended)
        });
        Self {
            engine: AlertEngine::new(setup.rules.clone(), book),
            setup,
            couriers,
            rounds,
            looks: NeedsLooks::new(),
            files,
            lock,
            lock_at: Instant::now() + LOCK_EVERY,
            receipts: VecDeque::new(),
            unwritten: Vec::new(),
            is_changed: false,
            is_news: true,
            writing: None,
            trouble: None,
        }
    }

    /// Whether this dashboard tells the programs.
    fn tells_programs(&self) -> ReceiptResult {
        if self.setup.is_demo {
            ReceiptResult::Demo
        } else if self.files.is_some() && self.lock.is_none() {
            ReceiptResult::LeftToAnother
        } else {
            ReceiptResult::Delivered
        }
    }

    fn wakes_at(&self) -> Instant {
        let lock = (self.files.is_some() && self.lock.is_none()).then_some(self.lock_at);
        let far = Instant::now() + Duration::from_hours(1);
        // Where another one tells the programs, nothing is due here.
        let tells = self.tells_programs() == ReceiptResult::Delivered;
        let round = self.rounds.as_ref().and_then(Rounds::next_at).filter(|_| tells);
        let courier = self.couriers.next_due().filter(|_| tells);
        let needs = self.looks.next_at().filter(|_| tells);
        [courier, round, needs, lock]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(far)
    }

    /// Gives notices to the couriers, and notes what the terminal gets.
    fn take(&mut self, notices: &[AlertNotice]) {
        let now = self.setup.clock.now();
        for notice in notices {
            tracing::info!(
                rule = notice.rule,
                kind = notice.kind.name(),
                "{}",
                notice.sentence()
            );
            for way in &notice.via {
                if way.is_of_screen() {
                    self.note(AlertReceipt::of(notice, *way, ReceiptResult::Sent, now));
                    continue;
                }
                let result = self.tells_programs();
                if result != ReceiptResult::Delivered {
                    self.note(AlertReceipt::of(notice, *way, result, now));
                    continue;
                }
                if *way == AlertWay::Alertmanager
                    && let Some(rounds) = &mut self.rounds
                {
                    rounds.give(AlertReceipt::of(notice, *way, ReceiptResult::Waits, now));
                }
                for name in self.couriers_for(notice, *way) {
                    let mut notice = notice.clone();
                    // What gave way counts with this one, so that it is counted again if this one gives way too.
                    notice.more += self.couriers.take_summed_up(&name);
                    let receipt = AlertReceipt::of(&notice, *way, ReceiptResult::Waits, now);
                    let body = body::json(&notice, &self.setup.origin);
                    self.couriers.give(&name, PendingNotice { body, receipt });
                    self.is_changed = true;
                }
            }
        }
    }

    fn couriers_for(&self, notice: &AlertNotice, way: AlertWay) -> Vec<String> {
        match way {
            AlertWay::Command => notice
                .commands
                .iter()
                .map(|command| courier_name(command))
                .collect(),
            way => self.couriers.names(way),
        }
    }

    /// Begins all that is due.
    fn set_out(&mut self) {
        if self.tells_programs() != ReceiptResult::Delivered {
            return;
        }
        self.looks.set_out(|| {
            let of_rounds = self
                .rounds
                .as_ref()
                .map(|rounds| (ROUNDS.to_owned(), rounds.needs()));
            self.couriers.needs().into_iter().chain(of_rounds).collect()
        });
        self.couriers.set_out(Instant::now());
        if let Some(rounds) = &mut self.rounds {
            let engine = &self.engine;
            let now = self.setup.clock.now();
            self.is_changed |= rounds.set_out(|| engine.told_by(AlertWay::Alertmanager, now), now);
        }
    }

    fn settle_round(&mut self, result: RoundResult) {
        let now = self.setup.clock.now();
        self.is_news = true;
        let receipts = self.rounds.as_mut().map(|rounds| rounds.settle(result, now));
        for receipt in receipts.into_iter().flatten() {
            self.note(receipt);
        }
    }

    fn settle(&mut self, delivery: &Delivery) {
        if let Err(Undelivered::Failed(why) | Undelivered::Refused(why)) = &delivery.result {
            tracing::warn!(sink = delivery.name, "not delivered: {why}");
        }
        self.is_news = true;
        let Some(notice) = self.couriers.settle(delivery, Instant::now()) else {
            return;
        };
        let (result, why) = match &delivery.result {
            Err(Undelivered::Refused(why)) => (ReceiptResult::Refused, Some(why.clone())),
            _ => (ReceiptResult::Delivered, None),
        };
        self.note(AlertReceipt {
            at: self.setup.clock.now(),
            result,
            why,
            ..notice.receipt
        });
        self.is_changed = true;
    }

    fn note(&mut self, receipt: AlertReceipt) {
        self.is_news = true;
        self.receipts.push_front(receipt.clone());
        self.receipts.truncate(SHOWN_RECEIPTS);
        if self.files.is_some() && self.unwritten.len() < MOST_UNWRITTEN {
            self.unwritten.push(receipt);
        }
    }

    /// Begins to store what is new, unless a write is still under way.
    async fn store(&mut self) {
        if let Some(writing) = self.writing.take_if(|writing| writing.is_finished()) {
            let written = writing.await.map_err(std::io::Error::other).flatten();
            self.is_news = true;
            self.trouble = written
                .err()
                .map(|error| format!("the alerts that were sent are not saved: {error}"));
        }
        if self.lock.is_none() && self.lock_at <= Instant::now() {
            self.lock_at = Instant::now() + LOCK_EVERY;
            if let Some(files) = self.files.clone()
                && let Ok(lock) = spawn_blocking(move || files.lock()).await
            {
                self.lock = lock.unwrap_or_default();
            }
        }
        self.begin_write();
    }

    fn begin_write(&mut self) {
        let (Some(files), Some(_)) = (&self.files, &self.lock) else {
            self.is_changed = false;
            return;
        };
        if self.writing.is_some() {
            return;
        }
        if !self.is_changed && self.unwritten.is_empty() {
            return;
        }
        let state = KeptState {
            book: self.engine.book(),
            pending: self.couriers.pending(),
            ended: self.rounds.as_ref().map(Rounds::ended).unwrap_or_default(),
        };
        self.is_changed = false;
        let (files, receipts) = (files.clone(), std::mem::take(&mut self.unwritten));
        self.writing = Some(spawn_blocking(move || {
            files.write(&state)?;
            files.append(&receipts)
        }));
    }

    async fn finish(mut self) {
        if let Some(writing) = self.writing.take() {
            let _ = writing.await;
        }
        self.begin_write();
        if let Some(writing) = self.writing.take() {
            let _ = writing.await;
        }
    }
}

#[cfg(test)]
mod tests;
