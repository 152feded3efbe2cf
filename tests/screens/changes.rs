//! The view of the changes: unread, filtered, empty, with a gap, with mutes, and the list of what was decided.

use std::sync::Arc;

use hss_top::collector::{News, Reply};
use hss_top::fleet::changes::ChangeId;
use hss_top::fleet::decisions::{Acknowledgement, Decisions, Mute, MuteEnd, MuteTarget};
use hss_top::fleet::store::SweepKind;
use hss_top::fleet::watched::WatchedSpan;
use hss_top::fleet::{Scope, SourceId, Store};
use hss_top::hss::wire::read_page;
use hss_top::state::{Logbook, LogbookNews};
use jiff::{SignedDuration, Timestamp};

use super::*;

/// Name, namespace, cluster, status, protection, detection, memory in percent of its limit.
type PodRow = (&'static str, [&'static str; 2], [&'static str; 3], u32);

const MATCH: &str = "cci-settle-match-nj6q6x45-wfcrz";
const WEB: &str = "cci-web-api-pg5rfj2rv-2dw7m";
const LEDGER: &str = "ledger-5c9f-x2x7p";

/// The pods as they are in each of four snapshots.
fn snapshots() -> Vec<(i64, Vec<PodRow>)> {
    let burst = ["settlement", "cci-burst-2"];
    let web = ["burst-web", "cci-burst-2"];
    let pay = ["payments", "prod-pay"];
    let well = ["Running", "opened", "clean"];
    let steady = |status: &'static str| {
        (
            "tax-cache-1",
            ["checkout", "prod-north-4a"],
            [status, "opened", "clean"],
            20,
        )
    };
    vec![
        (
            49,
            vec![
                (MATCH, burst, well, 16),
                (WEB, web, well, 30),
                (LEDGER, pay, well, 97),
                steady("Running"),
            ],
        ),
        (
            37,
            vec![
                (MATCH, burst, ["Running", "opened", "risk"], 16),
                (WEB, web, well, 30),
                (LEDGER, pay, well, 61),
                steady("Running"),
            ],
        ),
        (
            25,
            vec![
                (MATCH, burst, well, 16),
                (WEB, web, ["Running", "closed", "undetected"], 30),
                (LEDGER, pay, well, 97),
                steady("Pending"),
                ("batch-5-kxz", pay, ["Running", "opened", "undetected"], 5),
            ],
        ),
        (
            1,
            vec![
                (MATCH, burst, ["Running", "opened", "risk"], 16),
                (WEB, web, ["Running", "protection_exception", "undetected"], 30),
                (LEDGER, pay, well, 61),
                steady("Failed"),
                ("\u{751f}\u{4ea7}-job", pay, ["Running", "opened", "risk"], 5),
            ],
        ),
    ]
}

fn hours_ago(hours: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_hours(hours)).unwrap()
}

fn page(pods: &[PodRow]) -> String {
    let pods: Vec<String> = pods
        .iter()
        .map(|(name, [namespace, cluster], [status, protection, detection], memory)| {
            format!(
                r#"{{"pod_name":"{name}","namespace_name":"{namespace}","cluster_name":"{cluster}","status":"{status}",
                "protect_status":"{protection}","detect_result":"{detection}","memory":"{memory}Mi",
                "memory_limit":"100Mi"}}"#
            )
        })
        .collect();
    format!(r#"{{"pod_info_list":[{}]}}"#, pods.join(","))
}

/// A dashboard that saw the snapshots, each two minutes after HSS took it.
pub fn changed_model(size: Size) -> Model {
    changed_until(size, snapshots().len())
}

/// The same after the first `count` snapshots.
pub fn changed_until(size: Size, count: usize) -> Model {
    let mut store = Store::default();
    let mut snapshots = snapshots();
    snapshots.truncate(count);
    let newest = snapshots.last().map_or(1, |(hours, _)| *hours);
    for (hours, pods) in snapshots {
        store.date(Some(hours_ago(hours)));
        store.received(hours_ago(hours) + SignedDuration::from_mins(2));
        store.begin_sweep(SweepKind::Fleet);
        let page = read_page(page(&pods).as_bytes()).unwrap();
        store.take(Some(SweepKind::Fleet), &page.pods);
        store.end_sweep(SweepKind::Fleet, &Scope::default(), hours_ago(hours));
    }
    let mut model = empty_model(size);
    let mut status = model.status.clone();
    (status.whole, status.asked_at, status.snapshot_at) = (true, Some(now()), Some(hours_ago(newest)));
    status.calls_left = 4;
    status.calls_limit = 5;
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(status),
            fleet: Some(store.snapshot()),
        },
    };
    feed(&mut model, Event::Reply(Box::new(reply)));
    model.changes.who = "ops".into();
    model
}

/// Tells what the state file has.
fn tell(model: &mut Model, book: Logbook) {
    let news = LogbookNews {
        book: Some(Arc::new(book)),
        ..LogbookNews::default()
    };
    feed(model, Event::Logbook(Box::new(news)));
}

/// The change of the pod with this name in the newest snapshot.
fn newest(model: &Model, name: &str) -> (ChangeId, hss_top::fleet::changes::Change) {
    let changes = model.fleet.changes();
    let is_of_pod = |name_of: &RemoteText| name_of.raw() == name;
    let found = changes
        .recorded()
        .rev()
        .find(|recorded| recorded.change.name.value().is_some_and(is_of_pod))
        .unwrap();
    (found.id, found.change.clone())
}

/// Somebody acknowledged one, somebody muted another; nobody watched for two hours.
pub fn decided_model(size: Size) -> Model {
    let mut model = changed_model(size);
    let ago = |minutes: i64| now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
    let (failed, of_failed) = newest(&model, "tax-cache-1");
    let (_, of_ledger) = newest(&model, LEDGER);
    let book = Logbook {
        used_at: None,
        reported_at: None,
        decisions: Decisions {
            acknowledgements: vec![Acknowledgement {
                who: "ops".into(),
                at: ago(20),
                pod: of_failed.pod.clone(),
                finding: failed.to_string(),
                until: None,
                undone: None,
            }],
            mutes: vec![
                Mute {
                    who: "ann".into(),
                    at: ago(40),
                    target: MuteTarget::pod_of(&of_ledger),
                    end: MuteEnd::Changed,
                    undone: None,
                },
                Mute {
                    who: "bob".into(),
                    at: hours_ago(40),
                    target: MuteTarget::namespace_of(&of_failed),
                    end: MuteEnd::At(now() + SignedDuration::from_hours(100)),
                    undone: None,
                },
            ],
        },
        read: [failed].into(),
        watched: vec![
            WatchedSpan {
                from: hours_ago(60),
                to: hours_ago(7),
            },
            WatchedSpan {
                from: hours_ago(5),
                to: now(),
            },
        ],
    };
    tell(&mut model, book);
    model
}

fn shown(name: &str, model: &Model) -> String {
    let size = model.size;
    let screen = text(&draw(model, coloured()));
    insta::assert_snapshot!(format!("changes_{name}_{}x{}", size.width, size.height), screen);
    screen
}

#[test]
fn changes_at_every_size() {
    for size in [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)] {
        let mut model = changed_model(size);
        press(&mut model, "3");
        let screen = shown("unread", &model);
        let whole = screen.matches(MATCH).count();
        // Beside a long note there is no room at the narrowest.
        let least = if size.width == 80 { 2 } else { 3 };
        assert_eq!(whole, least, "one pod has one name in its rows: {screen}");
        press(&mut model, "/from:clean to:risk");
        shown("typed", &model);
        press(&mut model, "<Enter>");
        shown("filtered", &model);
        press(&mut model, "<Esc>p");
        let screen = shown("problems", &model);
        let bar = screen.lines().nth(2).unwrap();
        assert!(bar.contains(" problems "), "{screen}");
        let mut model = empty_model(size);
        press(&mut model, "3");
        shown("empty", &model);
        let mut model = decided_model(size);
        press(&mut model, "3");
        let screen = shown("gap", &model);
        assert!(screen.contains("ops 09:10"), "{screen}");
        press(&mut model, "M j j");
        shown("muted", &model);
        press(&mut model, "L");
        let screen = shown("decisions", &model);
        assert!(
            screen.contains("namespace checkout"),
            "what is muted is not cut: {screen}"
        );
        press(&mut model, "<Esc>m");
        let screen = shown("mute", &model);
        for choice in [
            "until it changes",
            "2 h",
            "7 d",
            "until it gets worse",
            "namespace instead",
            "Esc",
        ] {
            assert!(screen.contains(choice), "{choice}: {screen}");
        }
        press(&mut model, "<Esc>A");
        shown("acknowledge_all", &model);
    }
}

#[test]
fn the_pod_of_a_change_is_shown_as_its_detail() {
    let mut model = changed_model(Size::new(120, 40));
    press(&mut model, "3/to:gone<Enter><Enter>");
    let screen = text(&draw(&model, coloured()));
    assert!(screen.contains("batch-5-kxz · gone"), "{screen}");
}

#[test]
fn a_narrow_or_small_screen_keeps_what_changed_and_the_pod() {
    for size in [Size::new(40, 10), Size::new(60, 20)] {
        let mut model = decided_model(size);
        press(&mut model, "3");
        let screen = shown("narrow", &model);
        assert!(
            screen.contains("clean → risk") && screen.contains("→ Failed"),
            "{screen}"
        );
        assert!(
            screen.contains("+ ▲ risk") || screen.contains("+ appeared ▲ risk"),
            "{screen}"
        );
    }
}

#[test]
fn in_a_scope_the_changes_and_the_counts_are_of_its_pods_and_the_screen_says_so() {
    for size in [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)] {
        let mut model = changed_model(size);
        press(&mut model, ":cluster cci<Enter>");
        let table = text(&draw(&model, coloured()));
        if size.width > 80 {
            assert!(table.contains("new)") || table.contains(" +"), "{table}");
        }
        press(&mut model, "3");
        let screen = text(&draw(&model, coloured()));
        insta::assert_snapshot!(format!("scope_of_changes_{}x{}", size.width, size.height), screen);
        assert!(
            screen.contains("cluster:cci") && !screen.contains("prod-"),
            "{screen}"
        );
        press(&mut model, "A");
        let screen = text(&draw(&model, coloured()));
        assert!(screen.contains("of cluster:cci"), "{screen}");
        press(&mut model, "nL");
        let screen = text(&draw(&model, coloured()));
        assert!(screen.contains("0 decisions about all pods"), "{screen}");
        press(&mut model, "<Esc>:cluster nowhere<Enter>");
        let screen = text(&draw(&model, coloured()));
        assert!(screen.contains("no pod in this scope has changed"), "{screen}");
    }
}
