//! Couriers: one for each program that receives alerts, with the alerts that wait for it.
//!
//! Owns when it is tried again: after 5 s, and twice as long after each failure, up to 5 minutes. One delivery at a time goes to
//! each, in order; nobody waits for it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::body;
use super::command;
use super::http::{HttpSink, SinkAnswer};
use super::needs::SinkNeeds;
use super::news::SinkTrouble;
use super::pending::{PendingNotice, PendingQueue};
use crate::alerts::AlertWay;

/// How long to wait after the first failure.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// What a courier delivers to.
#[derive(Debug, Clone)]
pub(super) enum SinkTarget {
    /// A program and its arguments, and where they are configured.
    Command(Vec<String>, Option<String>),
    /// A webhook.
    Webhook(Arc<HttpSink>),
}

/// Why something was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Undelivered {
    /// It is tried again.
    Failed(String),
    /// It will never be taken.
    Refused(String),
}

impl SinkTarget {
    /// What it needs.
    fn needs(&self) -> SinkNeeds {
        match self {
            Self::Command(command, stated_at) => SinkNeeds::Program(command.clone(), stated_at.clone()),
            Self::Webhook(server) => SinkNeeds::Server(server.setup()),
        }
    }

    async fn deliver(self, body: String) -> Result<(), Undelivered> {
        match self {
            Self::Command(command, stated_at) => command::tell(&command, stated_at.as_deref(), &body)
                .await
                .map_err(Undelivered::Failed),
            Self::Webhook(server) => match server.send(Method::POST, "", body.into_bytes()).await {
                SinkAnswer::Taken(_) => Ok(()),
                SinkAnswer::Refused(status, why) => {
                    let why = server.refusal(status, &why);
                    // What is wrong with the URL or the secret is mended by hand, and then it is delivered.
                    Err(if is_of_this_body(status) {
                        Undelivered::Refused(why)
                    } else {
                        Undelivered::Failed(why)
                    })
                }
                SinkAnswer::Failed(why) => Err(Undelivered::Failed(why)),
            },
        }
    }
}

/// Whether a refusal is about what was sent, and not about the way there.
fn is_of_this_body(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY
    )
}

/// A courier.
#[derive(Debug)]
struct Courier {
    way: AlertWay,
    target: SinkTarget,
    queue: PendingQueue,
    is_under_way: bool,
    failures: u32,
    not_before: Option<Instant>,
    trouble: Option<String>,
    /// What it needs and is not there, as a sentence.
    unready: Option<String>,
}

/// The result of a delivery.
#[derive(Debug)]
pub(super) struct Delivery {
    /// Whose it was.
    pub name: String,
    /// Its result.
    pub result: Result<(), Undelivered>,
}

/// All couriers, by the name of their sink.
#[derive(Debug, Default)]
pub(super) struct Couriers {
    by_name: BTreeMap<String, Courier>,
    under_way: JoinSet<Delivery>,
}

impl Couriers {
    /// Adds a courier, unless there is one of this name.
    pub fn add(&mut self, name: String, way: AlertWay, target: SinkTarget) {
        let courier = Courier {
            way,
            target,
            queue: PendingQueue::default(),
            is_under_way: false,
            failures: 0,
            not_before: None,
            trouble: None,
            unready: None,
        };
        self.by_name.entry(name).or_insert(courier);
    }

    /// What an earlier run left for the courier of this name.
    pub fn restore(&mut self, name: &str, queue: PendingQueue) {
        if let Some(courier) = self.by_name.get_mut(name) {
            courier.queue = queue;
        }
    }

    /// Gives a notice to the courier of this name.
    pub fn give(&mut self, name: &str, notice: PendingNotice) {
        if let Some(courier) = self.by_name.get_mut(name) {
            courier.queue.push(notice);
        }
    }

    /// The names of the couriers of a way.
    pub fn names(&self, way: AlertWay) -> Vec<String> {
        let of_way = self.by_name.iter().filter(|(_, courier)| courier.way == way);
        of_way.map(|(name, _)| name.clone()).collect()
    }

    /// Begins what is due.
    pub fn set_out(&mut self, now: Instant) {
        for (name, courier) in &mut self.by_name {
            let is_due = !courier.is_under_way && courier.not_before.is_none_or(|at| at <= now);
            let Some(first) = courier.queue.first().filter(|_| is_due) else {
                continue;
            };
            courier.is_under_way = true;
            let (name, target, body) = (name.clone(), courier.target.clone(), first.body.clone());
            self.under_way.spawn(async move {
                let result = target.deliver(body).await;
                Delivery { name, result }
            });
        }
    }

    /// When something is due that waits for its time.
    pub fn next_due(&self) -> Option<Instant> {
        let waiting = self
            .by_name
            .values()
            .filter(|courier| !courier.is_under_way && !courier.queue.is_empty());
        waiting.filter_map(|courier| courier.not_before).min()
    }

    /// Waits for the next delivery to end; never resolves without one.
    pub async fn next(&mut self) -> Delivery {
        loop {
            match self.under_way.join_next().await {
                Some(Ok(delivery)) => return delivery,
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Takes the result of a delivery. Returns the notice where it is settled, and otherwise why it is not.
    pub fn settle(&mut self, delivery: &Delivery, now: Instant) -> Option<PendingNotice> {
        let courier = self.by_name.get_mut(&delivery.name)?;
        courier.is_under_way = false;
        match &delivery.result {
            Ok(()) => {
                (courier.failures, courier.not_before) = (0, None);
                (courier.trouble, courier.unready) = (None, None);
                courier.queue.pop()
            }
            Err(Undelivered::Refused(why)) => {
                (courier.failures, courier.not_before) = (0, None);
                courier.trouble = Some(why.clone());
                courier.queue.pop()
            }
            Err(Undelivered::Failed(why)) => {
                let pause = FIRST_PAUSE.saturating_mul(1 << courier.failures.min(10));
                courier.failures += 1;
                courier.not_before = now.checked_add(pause.min(LONGEST_PAUSE));
                courier.trouble = Some(why.clone());
                None
            }
        }
    }

    /// What each needs, by its name.
    pub fn needs(&self) -> Vec<(String, SinkNeeds)> {
        let needs = self.by_name.iter();
        needs
            .map(|(name, courier)| (name.clone(), courier.target.needs()))
            .collect()
    }

    /// Takes what the courier of this name needs and is missing. Once nothing is, what waits for it is due.
    pub fn know_needs(&mut self, name: &str, missing: Option<String>) {
        let Some(courier) = self.by_name.get_mut(name) else {
            return;
        };
        let was_unready = courier.unready.is_some();
        courier.unready = missing;
        if was_unready && courier.unready.is_none() {
            (courier.failures, courier.not_before, courier.trouble) = (0, None, None);
        }
    }

    /// Sinks that do not take what they are given.
    pub fn troubles(&self) -> Vec<SinkTrouble> {
        let in_trouble = self.by_name.iter().filter_map(|(name, courier)| {
            Some(SinkTrouble {
                sink: name.clone(),
                why: courier.unready.as_ref().or(courier.trouble.as_ref())?.clone(),
                waiting: courier.queue.len() + courier.queue.summed_up(),
            })
        });
        in_trouble.collect()
    }

    /// The alerts that wait because their sink does not take them: its way, the rule, and what tells them apart.
    pub fn held_up(&self) -> HashSet<(AlertWay, String, [String; 4])> {
        let in_trouble = |courier: &&Courier| courier.unready.is_some() || courier.trouble.is_some();
        let mut held_up = HashSet::new();
        for courier in self.by_name.values().filter(in_trouble) {
            for notice in courier.queue.all() {
                let alerts = body::alerts_of(&notice.body).into_iter();
                held_up.extend(alerts.map(|alert| (courier.way, notice.receipt.rule.clone(), alert)));
            }
        }
        held_up
    }

    /// What waits, to be stored.
    pub fn pending(&self) -> BTreeMap<String, PendingQueue> {
        let waiting = self
            .by_name
            .iter()
            .filter(|(_, courier)| !courier.queue.is_empty());
        waiting
            .map(|(name, courier)| (name.clone(), courier.queue.clone()))
            .collect()
    }

    /// Alerts that were summed up and are to be told with the next notice of this courier.
    pub fn take_summed_up(&mut self, name: &str) -> usize {
        self.by_name
            .get_mut(name)
            .map_or(0, |courier| courier.queue.take_summed_up())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::NoticeKind;
    use crate::sinks::{AlertReceipt, ReceiptResult};

    fn notice(body: &str) -> PendingNotice {
        PendingNotice {
            body: body.to_owned(),
            receipt: AlertReceipt {
                at: jiff::Timestamp::UNIX_EPOCH,
                rule: "r".to_owned(),
                kind: NoticeKind::Firing,
                way: AlertWay::Command,
                count: 1,
                text: String::new(),
                result: ReceiptResult::Waits,
                why: None,
            },
        }
    }

    fn courier(script: &str) -> Couriers {
        let mut couriers = Couriers::default();
        let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        couriers.add(
            "x".to_owned(),
            AlertWay::Command,
            SinkTarget::Command(command, Some("F line 7: alerts.command".to_owned())),
        );
        couriers
    }

    #[tokio::test]
    async fn what_fails_waits_ever_longer_and_what_works_again_is_delivered_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let (works, told) = (folder.path().join("works"), folder.path().join("told"));
        let mut couriers = courier(&format!(
            "test -e {} && cat >> {}",
            works.display(),
            told.display()
        ));
        couriers.give("x", notice("1"));
        couriers.give("x", notice("2"));
        let mut now = Instant::now();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            couriers.set_out(now);
            let delivery = couriers.next().await;
            assert!(couriers.settle(&delivery, now).is_none());
            couriers.set_out(now);
            let due = couriers.next_due().unwrap();
            pauses.push((due - now).as_secs());
            now = due;
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(couriers.troubles()[0].waiting, 2);
        assert_eq!(
            couriers.troubles()[0].why,
            "F line 7: alerts.command: sh ended with exit status: 1"
        );
        std::fs::write(&works, "").unwrap();
        for _ in 0..2 {
            couriers.set_out(now);
            let delivery = couriers.next().await;
            assert!(couriers.settle(&delivery, now).is_some());
        }
        assert_eq!(std::fs::read_to_string(&told).unwrap(), "12");
        assert_eq!((couriers.troubles(), couriers.pending().len()), (vec![], 0));
    }

    #[test]
    fn what_is_refused_does_not_hold_up_the_next() {
        let mut couriers = courier("true");
        couriers.give("x", notice("1"));
        let delivery = Delivery {
            name: "x".to_owned(),
            result: Err(Undelivered::Refused("no".to_owned())),
        };
        assert!(couriers.settle(&delivery, Instant::now()).is_some());
        assert_eq!(couriers.troubles()[0].why, "no");
    }

    #[tokio::test]
    async fn what_waits_for_a_missing_program_is_due_as_soon_as_it_is_there() {
        let mut couriers = courier("exit 1");
        couriers.give("x", notice("1"));
        let now = Instant::now();
        couriers.know_needs("x", Some("F line 7: it is missing".to_owned()));
        couriers.set_out(now);
        let delivery = couriers.next().await;
        couriers.settle(&delivery, now);
        let [trouble] = couriers.troubles().try_into().unwrap();
        assert_eq!(
            (trouble.why.as_str(), trouble.waiting),
            ("F line 7: it is missing", 1)
        );
        assert!(couriers.next_due().unwrap() > now);
        couriers.know_needs("x", None);
        assert_eq!((couriers.next_due(), couriers.troubles()), (None, vec![]));
        couriers.set_out(now);
        assert_eq!(couriers.next_due(), None, "it is under way");
        // That it is there does not hide that it fails.
        let delivery = couriers.next().await;
        couriers.settle(&delivery, now);
        couriers.know_needs("x", None);
        assert!(
            couriers.troubles()[0]
                .why
                .ends_with("sh ended with exit status: 1")
        );
    }
}
