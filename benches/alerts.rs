//! What a hundred alert rules cost, against what they are about: taking a snapshot of 100,000 pods in, of which one in a
//! hundred changed.
//!
//! The floor is decoding each page and merging it, as the fetch task does; the subject is the look at the fleet after each
//! page. Both are measured in each round, and the best round counts, because a shared machine is never quiet.
//!
//! Twenty of the rules are about usage, five of them with a threshold of their own, for which they look at the pods themselves.
//! Beside that: what 10,000 notices take that wait for a sink, by the process's own memory.
//!
//! `cargo bench --bench alerts`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may fail"
)]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hss_top::alerts::{AlertCondition, AlertEngine, AlertLook, AlertRule, AlertWay, NoticeKind, SourceFacts};
use hss_top::fleet::query::Query;
use hss_top::fleet::store::SweepKind;
use hss_top::fleet::{Scope, Store};
use hss_top::hss::wire::read_page;
use hss_top::sinks::pending::{PendingNotice, PendingQueue};
use hss_top::sinks::{AlertReceipt, ReceiptResult};
use jiff::{SignedDuration, Timestamp};

const PODS: usize = 100_000;
const PAGE: usize = 200;
const RULES: usize = 100;
const ROUNDS: usize = 10;
/// Notices that wait, and the KiB that they may take.
const WAITING: usize = 10_000;
const WAITING_LIMIT: usize = 1024;
/// The share of the time for taking the snapshot in.
const LIMIT: f64 = 0.05;
/// The ratio may exceed its limit by this factor before the bench fails: the machine is shared.
const SLACK: f64 = 1.3;

/// A page of serverless pods, of which one in a hundred turns bad, or well again, with each round.
fn page(number: usize, round: usize) -> String {
    let mut body = format!(
        "{{\"total_num\":{PODS},\"last_update_time\":{},\"pod_info_list\":[",
        1_760_000_000_000 + round * 6_000_000
    );
    for at in number * PAGE..(number + 1) * PAGE {
        let is_bad = at % 100 == 7 && round % 2 == 1;
        let comma = if at % PAGE == 0 { "" } else { "," };
        write!(
            body,
            "{comma}{{\"pod_name\":\"settlement-core-{at:06}-x7k2p\",\"namespace_name\":\"team-{}\",\
             \"cluster_name\":\"prod-{}\",\"pod_ip\":\"10.1.{}.{}\",\"status\":\"Running\",\"create_time\":1755000000000,\
             \"cpu\":\"136m\",\"memory\":\"164Mi\",\"cpu_limit\":\"500m\",\"memory_limit\":\"1Gi\",\
             \"protect_status\":\"opened\",\"detect_result\":\"{}\"}}",
            at % 400,
            at % 50,
            at / 250 % 250,
            at % 250,
            if is_bad { "risk" } else { "clean" },
        )
        .unwrap();
    }
    body + "]}"
}

/// Rules of every kind: for one team, for a cluster and part of a name, and for all pods.
fn rules() -> Vec<AlertRule> {
    let conditions = [
        AlertCondition::Risk,
        AlertCondition::Protection,
        AlertCondition::Failed,
        AlertCondition::Usage,
        AlertCondition::Vanished,
    ];
    (0..RULES)
        .map(|number| {
            let filter = match number / conditions.len() % 4 {
                0 => String::new(),
                1 => format!("ns:team-{number}"),
                2 => format!("cluster:prod-{} pod:core-0", number % 50),
                _ => format!("!ns:team-{number} pod:settlement"),
            };
            AlertRule {
                filter: Query::parse(&filter).unwrap(),
                threshold: if number % 20 == 3 { 80 } else { 90 },
                ..AlertRule::new(&format!("r{number}"), conditions[number % conditions.len()])
            }
        })
        .collect()
}

/// The memory that the process has for its data, in KiB: not the pages of its own file.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What the queue of a sink takes that was given 10,000 notices, in KiB: those for which there is no room are a number.
fn waiting_kibibytes() -> usize {
    let receipt = AlertReceipt {
        at: Timestamp::UNIX_EPOCH,
        rule: "risk".to_owned(),
        kind: NoticeKind::Firing,
        way: AlertWay::Webhook,
        count: 1,
        text: "1 new risk: settle-1".to_owned(),
        result: ReceiptResult::Waits,
        why: None,
    };
    let before = resident();
    let mut queue = PendingQueue::default();
    for number in 0..WAITING {
        queue.push(PendingNotice {
            body: format!("{{\"number\":{number},\"filler\":\"{}\"}}", "x".repeat(600)),
            receipt: receipt.clone(),
        });
    }
    let after = resident();
    assert_eq!(queue.len() + queue.take_summed_up(), WAITING);
    after.saturating_sub(before)
}

fn main() -> ExitCode {
    // First: later, the notices would lie in memory that something else has left.
    let waiting = waiting_kibibytes();
    let mut engine = AlertEngine::new(rules(), None);
    let mut store = Store::default();
    let pages = PODS / PAGE;
    let (mut best, mut told) = ((f64::MAX, Duration::ZERO, Duration::ZERO), 0);
    for round in 0..ROUNDS {
        let bodies: Vec<String> = (0..pages).map(|number| page(number, round)).collect();
        let (mut taking, mut looking) = (Duration::ZERO, Duration::ZERO);
        store.begin_sweep(SweepKind::Fleet);
        for (number, body) in bodies.into_iter().enumerate() {
            let is_last = number + 1 == pages;
            // Five calls a minute.
            let seconds = 12 * i64::try_from(round * pages + number).unwrap();
            let now = Timestamp::from_second(1_760_000_000 + seconds).unwrap();
            let began = Instant::now();
            let page = read_page(body).unwrap();
            store.date(page.snapshot_at);
            store.received(now);
            store.take(Some(SweepKind::Fleet), &page.pods);
            if is_last {
                store.end_sweep(SweepKind::Fleet, &Scope::default(), now);
            }
            let fleet = store.snapshot();
            taking += began.elapsed();
            let look = AlertLook {
                now,
                fleet,
                facts: SourceFacts {
                    asked_at: Some(now),
                    gap_after: SignedDuration::from_hours(1),
                    is_loading: !is_last,
                    is_complete: true,
                    ..SourceFacts::default()
                },
                ..AlertLook::default()
            };
            let began = Instant::now();
            told += engine.look(&look).len();
            looking += began.elapsed();
        }
        // The first round is a first load: nothing changed.
        let ratio = looking.as_secs_f64() / taking.as_secs_f64();
        if round > 0 && ratio < best.0 {
            best = (ratio, taking, looking);
        }
    }
    let (ratio, taking, looking) = best;
    println!("| {RULES} alert rules, {PODS} pods of which 1 % changed | measured | limit |\n|---|---|---|");
    println!(
        "| looks, of taking the snapshot in ({:.0} of {:.0} ms) | {ratio:.3} | {LIMIT} |",
        looking.as_secs_f64() * 1000.0,
        taking.as_secs_f64() * 1000.0
    );
    println!("| {WAITING} notices that wait for a sink, KiB | {waiting} | {WAITING_LIMIT} |");
    if told == 0 || ratio > LIMIT * SLACK || waiting > WAITING_LIMIT {
        println!("missed, {told} notices");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
