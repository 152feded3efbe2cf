//! The task as the event loop sees it.

use super::*;
use crate::alerts::{AlertCondition, SourceFacts};
use crate::fleet::Fleet;
use crate::fleet::changes::{Change, ChangeKind};
use crate::fleet::fixture::serverless;
use crate::fleet::words::Detection;
use jiff::{SignedDuration, Timestamp};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tokio::task::JoinSet;

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + 60 * minute).unwrap()
}

/// A look at this minute, at a fleet in which risks were found in these pods.
fn look(at: i64, pods: &[&str]) -> AlertLook {
    let of = |name: &&str| serverless(name).security("opened", "risk").build();
    let change = |(number, name): (usize, &&str)| Change {
        after: Some(minute(i64::try_from(number).unwrap())),
        noticed: Some(minute(i64::try_from(number).unwrap())),
        ..Change::of(
            &of(name),
            ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into()),
        )
    };
    let fleet: Fleet = pods.iter().map(of).collect();
    AlertLook {
        now: minute(at),
        fleet: fleet.with_changes(pods.iter().enumerate().map(change).collect()),
        facts: SourceFacts {
            asked_at: Some(minute(at)),
            gap_after: SignedDuration::from_mins(10),
            is_complete: true,
            ..SourceFacts::default()
        },
        ..AlertLook::default()
    }
}

struct Running {
    looks: watch::Sender<AlertLook>,
    orders: mpsc::Sender<AlertOrder>,
    news: mpsc::Receiver<AlertNews>,
    tasks: JoinSet<()>,
}

impl Running {
    fn start(rules: Vec<AlertRule>, state: Option<&Path>, is_demo: bool) -> Self {
        let (looks, looks_out) = watch::channel(AlertLook::default());
        let (orders, orders_out) = mpsc::channel(4);
        let (news_in, news) = mpsc::channel(1);
        let setup = AlertSetup {
            rules,
            state: state.map(Path::to_owned),
            origin: AlertOrigin::default(),
            is_demo,
            servers: AlertServers::default(),
            clock: Clock::fixed(minute(0)),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(run(setup, looks_out, orders_out, news_in));
        Self {
            looks,
            orders,
            news,
            tasks,
        }
    }

    async fn until(&mut self, is_it: impl Fn(&AlertNews) -> bool) -> AlertNews {
        self.until_within(20, is_it).await
    }

    async fn until_within(&mut self, seconds: u64, is_it: impl Fn(&AlertNews) -> bool) -> AlertNews {
        loop {
            let news = timeout(Duration::from_secs(seconds), self.news.recv())
                .await
                .unwrap()
                .unwrap();
            if is_it(&news) {
                return news;
            }
        }
    }

    async fn end(mut self) {
        drop((self.looks, self.orders, self.news));
        while self.tasks.join_next().await.is_some() {}
    }
}

fn with_command(script: &str) -> Vec<AlertRule> {
    let mut rule = AlertRule::new("risk", AlertCondition::Risk);
    rule.via = vec![AlertWay::Bell, AlertWay::Banner, AlertWay::Command];
    rule.command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    vec![rule]
}

#[tokio::test]
async fn a_risk_is_told_waits_until_it_is_acknowledged_and_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("s.sqlite");
    let told = folder.path().join("told");
    let rules = with_command(&format!("cat >> {}", told.display()));
    let mut running = Running::start(rules.clone(), Some(&state), false);
    running.looks.send_replace(look(0, &[]));
    running.looks.send_replace(look(1, &["a"]));
    let mut running_news = running.until(|news| !news.notices.is_empty()).await;
    assert_eq!(running_news.notices[0].sentence(), "1 new risk: a");
    running_news.notices.clear();
    let news = running.until(|news| news.receipts.len() == 3).await;
    assert_eq!(news.receipts[0].result, ReceiptResult::Delivered);
    assert_eq!(news.waiting.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&told).unwrap()).unwrap();
    assert_eq!(
        (body["alerts"][0]["pod"].as_str(), body["kind"].as_str()),
        (Some("a"), Some("firing"))
    );
    running.end().await;

    let mut again = Running::start(rules, Some(&state), false);
    again.looks.send_replace(look(2, &["a"]));
    let news = again.until(|news| news.waiting.len() == 1).await;
    assert!(news.notices.is_empty(), "nothing is told of a restart");
    again.orders.send(AlertOrder::AcknowledgeAll(1)).await.unwrap();
    again.until(|news| news.waiting.is_empty()).await;
    again.end().await;
    let receipts = AlertFiles::beside(&state).receipts().unwrap();
    assert_eq!(receipts.len(), 3);
}

#[tokio::test]
async fn the_second_dashboard_of_a_source_leaves_the_programs_to_the_first_and_a_demo_tells_none() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("s.sqlite");
    let held = AlertFiles::beside(&state).lock().unwrap();
    for (is_demo, result) in [(false, ReceiptResult::LeftToAnother), (true, ReceiptResult::Demo)] {
        let mut running = Running::start(with_command("exit 1"), Some(&state), is_demo);
        running.looks.send_replace(look(0, &[]));
        running.looks.send_replace(look(1, &["a"]));
        let news = running.until(|news| news.receipts.len() == 3).await;
        assert_eq!(news.receipts[0].result, result);
        running.end().await;
    }
    drop(held);
}

#[tokio::test]
async fn a_command_that_fails_is_a_mark_and_its_notice_waits() {
    let mut running = Running::start(with_command("exit 7"), None, false);
    running.looks.send_replace(look(0, &[]));
    running.looks.send_replace(look(1, &["a"]));
    let news = running.until(|news| !news.troubles.is_empty()).await;
    assert_eq!(
        (news.troubles[0].why.as_str(), news.troubles[0].waiting),
        ("sh ended with exit status: 7", 1)
    );
    let listed = &news.listed[0];
    assert!(listed.told_by.contains(&AlertWay::Command));
    assert_eq!(listed.waits_by, [AlertWay::Command], "nobody was called");
    running.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_program_is_told_before_the_first_alert_and_until_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page");
    let mut rules = with_command("");
    rules[0].command = vec![page.display().to_string()];
    rules[0].command_at = Some("F line 5: alerts.command".to_owned());
    let mut running = Running::start(rules.clone(), None, false);
    let news = running.until(|news| !news.troubles.is_empty()).await;
    assert_eq!(
        (news.troubles[0].why.as_str(), news.troubles[0].waiting),
        (
            "F line 5: alerts.command: there is no program page; install it, or correct its path",
            0
        )
    );
    std::fs::write(&page, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(&page, std::fs::Permissions::from_mode(0o700)).unwrap();
    running.until(|news| news.troubles.is_empty()).await;
    std::fs::remove_file(&page).unwrap();
    // It is looked at each minute while it is there.
    running.until_within(90, |news| !news.troubles.is_empty()).await;
    running.end().await;
    let mut demo = Running::start(rules, None, true);
    let found = timeout(Duration::from_mins(5), demo.news.recv()).await;
    assert!(found.is_err(), "a demo calls no program: {found:?}");
    demo.end().await;
}
