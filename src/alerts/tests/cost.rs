//! What alerts cost, against what they are about: taking in the snapshot, in the same run.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::super::*;
use super::minute;
use crate::fleet::query::Query;
use crate::fleet::store::SweepKind;
use crate::fleet::{Scope, Store};
use crate::hss::wire::read_page;

/// The pods. A tenth of the hundred thousand that the promise is about: both sides follow their number.
const PODS: usize = 10_000;
const PAGE: usize = 200;
const RULES: usize = 100;

/// A page of serverless pods, of which one in a hundred turns bad with each round.
fn page(number: usize, round: usize) -> String {
    let mut body = format!(
        "{{\"total_num\":{PODS},\"last_update_time\":{},\"pod_info_list\":[",
        1_760_000_000_000 + round * 60_000
    );
    for at in number * PAGE..(number + 1) * PAGE {
        let detection = if at % 100 == 7 && round % 2 == 1 {
            "risk"
        } else {
            "clean"
        };
        let comma = if at % PAGE == 0 { "" } else { "," };
        write!(
            body,
            "{comma}{{\"pod_name\":\"settlement-core-{at:06}-x7k2p\",\"namespace_name\":\"team-{}\",\
             \"cluster_name\":\"prod-{}\",\"pod_ip\":\"10.1.{}.{}\",\"status\":\"Running\",\"create_time\":1755000000000,\
             \"cpu\":\"136m\",\"memory\":\"164Mi\",\"cpu_limit\":\"500m\",\"memory_limit\":\"1Gi\",\
             \"protect_status\":\"opened\",\"detect_result\":\"{detection}\"}}",
            at % 40,
            at % 5,
            at / 250 % 250,
            at % 250,
        )
        .unwrap();
    }
    body + "]}"
}

#[test]
fn a_hundred_rules_cost_a_fraction_of_taking_the_snapshot_in() {
    let conditions = [
        AlertCondition::Risk,
        AlertCondition::Protection,
        AlertCondition::Failed,
        AlertCondition::Usage,
        AlertCondition::Vanished,
    ];
    let rules = (0..RULES).map(|number| AlertRule {
        filter: Query::parse(&format!("ns:team cluster:prod-2 pod:core-0{}", number % 2)).unwrap(),
        ..AlertRule::new(&format!("r{number}"), conditions[number % conditions.len()])
    });
    let mut engine = AlertEngine::new(rules.collect(), None);
    let mut store = Store::default();
    let pages = PODS / PAGE;
    let mut best = f64::MAX;
    let mut told = 0;
    for round in 0..6 {
        let bodies: Vec<String> = (0..pages).map(|number| page(number, round)).collect();
        let (mut taking, mut alerting) = (Duration::ZERO, Duration::ZERO);
        store.begin_sweep(SweepKind::Fleet);
        for (number, body) in bodies.into_iter().enumerate() {
            let began = Instant::now();
            let page = read_page(body).unwrap();
            store.date(page.snapshot_at);
            store.received(minute(i64::try_from(round * 10).unwrap()));
            store.take(Some(SweepKind::Fleet), &page.pods);
            if number + 1 == pages {
                store.end_sweep(SweepKind::Fleet, &Scope::default(), minute(0));
            }
            let fleet = store.snapshot();
            taking += began.elapsed();
            let look = AlertLook {
                now: minute(i64::try_from(round * 10).unwrap()),
                fleet,
                facts: SourceFacts {
                    asked_at: Some(minute(i64::try_from(round * 10).unwrap())),
                    gap_after: SignedDuration::from_hours(1),
                    is_loading: number + 1 < pages,
                    is_complete: true,
                    ..SourceFacts::default()
                },
                ..AlertLook::default()
            };
            let began = Instant::now();
            told += engine.look(&look).iter().map(AlertNotice::count).sum::<usize>();
            alerting += began.elapsed();
        }
        if round > 0 {
            best = best.min(alerting.as_secs_f64() / taking.as_secs_f64());
        }
    }
    assert!(told > 50, "{told}");
    // Of an unoptimized build; 0.17 was seen.
    assert!(best <= 0.4, "{best} of the time that taking a snapshot in takes");
}
