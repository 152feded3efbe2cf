//! Tests of `eval`.

use super::*;
use crate::fleet::Fleet;
use crate::fleet::fixture::{PodFixture, node, serverless};
use crate::fleet::query::ast::{Cmp, Term, strategy};
use proptest::prelude::*;

const BORN_MS: i64 = 1_753_000_000_000;

/// An hour and a half after [`BORN_MS`].
fn now() -> Timestamp {
    Timestamp::from_millisecond(BORN_MS + 90 * 60 * 1000).unwrap()
}

fn lets_through(text: &str, pod: &Pod) -> bool {
    matches(&Query::parse(text).unwrap(), pod, now())
}

#[track_caller]
fn check(pod: PodFixture, pass: &[&str], fail: &[&str]) {
    let pod = pod.build();
    for text in pass {
        assert!(lets_through(text, &pod), "should pass: {text}");
    }
    for text in fail {
        assert!(!lets_through(text, &pod), "should not pass: {text}");
    }
}

fn busy() -> PodFixture {
    node("payment-api-1")
        .within("prod-a", "payments")
        .usage("955m", "1", "500Mi", "1Gi")
        .created_ms(BORN_MS)
}

#[test]
fn terms_are_joined_by_and_and_values_of_a_column_by_or() {
    check(
        busy(),
        &[
            "",
            "pay PROD",
            "ns:payments pod:api",
            "ns:search ns:payments",
            "ns:search,pay cluster:prod*",
            "status:Failed,running",
            "cpu%>90 cpu%<96",
            "cpu%=none cpu%=95.5 cpu%>90",
            "!ns:search",
            "!detect:risk",
        ],
        &[
            "pay search",
            "ns:payments pod:web",
            "ns:pay*s !pod:api",
            "cluster:prod?",
            "!ns:search,payments",
            "!ns:search !ns:payments",
            "\"payment api\"",
            "cpu%<10 cpu%>90",
            "cpu%>90 cpu%<96 cpu%!=95.5",
            "cpu%=95.5 cpu%>96",
        ],
    );
}

#[test]
fn a_name_matches_anywhere_and_a_word_from_its_beginning() {
    check(
        busy().security("protection_exception", "undetected"),
        &[
            "ns:ment",
            "status:RUNNING",
            "protect:exception",
            "protect:except",
            "status:run",
            "status:run*",
            "status:/^run/",
            "detect",
            "detect:un",
            "detect:\"undetected\"",
        ],
        &[
            "status:unning",
            "status:runningx",
            "protect:on",
            "detect:detected",
            "ns:ment*",
            "status:/^Ing/",
        ],
    );
}

#[test]
fn what_follows_an_equals_sign_is_the_whole_text() {
    check(
        busy().security("protection_exception", "undetected"),
        &[
            "ns=payments",
            "ns=PAYMENTS",
            "ns=pay,\"payments\"",
            "ns=pay*",
            "ns=/^pay/",
            "ns!=pay",
            "!ns=ment",
            "status=running",
            "protect=broken",
            "protect=protection_exception",
            "detect=not-scanned",
        ],
        &[
            "ns=pay",
            "ns=payment",
            "ns=ayments",
            "ns!=payments",
            "pod=payment-api-",
            "ns=\"pay*\"",
            "ns=none",
        ],
    );
    assert!(
        Query::parse_among("status=fail", &Fleet::default()).is_err(),
        "no pod can have it"
    );
}

#[test]
fn numbers_are_compared_exactly() {
    check(
        busy(),
        &[
            "cpu%>=95.5",
            "cpu%=95.5",
            "cpu%<=95.5%",
            "cpu%!=95",
            "cpu=955m",
            "cpu>0.95",
            "cpulimit<=1",
            "mem<1Gi",
            "mem%<48.83",
            "memlimit>=512Mi",
            "age=1h30m",
            "age<2h",
            "!age<1h",
            "risk>=30",
            "cpu%>=90 cpu%<96",
        ],
        &[
            "cpu%>95.5",
            "cpu%=95",
            "cpulimit<1",
            "age>90m",
            "risk>50",
            "mem>=500.5Mi",
        ],
    );
}

#[test]
fn an_absent_value_passes_no_comparison_and_is_never_excluded() {
    check(
        node("bare"),
        &[
            "!cpu%>80",
            "!cpu%<=80",
            "!detect:clean",
            "!detect:*",
            "cpu%=none",
            "mem=none memlimit=none",
            "detect:none",
            "ip:none",
            "protect:opened,none",
            "age=none",
        ],
        &[
            "cpu%>80",
            "cpu%<=80",
            "cpu%!=80",
            "mem>=0",
            "age>=0s",
            "detect:*",
            "detect:/.*/",
            "node:none",
            "!detect:none",
            "risk=none",
        ],
    );
}

#[test]
fn an_unreadable_value_is_neither_a_number_nor_absent() {
    check(
        node("odd").usage("12%", "1", "1Gi", "lots").created_ms(0),
        &["!cpu>0", "!cpu=none", "mem=1Gi"],
        &[
            "cpu>=0",
            "cpu!=0",
            "cpu=none",
            "cpu%=none",
            "memlimit=none",
            "mem%=none",
            "age=none",
        ],
    );
}

#[test]
fn a_limit_of_zero_is_a_value_but_not_a_limit() {
    check(
        node("free").usage("1", "0", "1Gi", ""),
        &[
            "cpulimit=0",
            "!cpulimit=none",
            "cpu%=none",
            "memlimit=none",
            "mem%=none",
        ],
        &["cpulimit=none", "cpu%>0", "memlimit=0"],
    );
}

#[test]
fn a_pod_from_the_future_is_new() {
    check(node("soon").created_ms(BORN_MS * 2), &["age=0s"], &["age>0s"]);
}

#[test]
fn the_value_none_is_found_with_quotes() {
    check(
        node("none").within("none", "n"),
        &["pod:\"none\"", "cluster:\"NONE\"", "none"],
        &["pod:none", "cluster:none"],
    );
}

fn pods() -> impl Strategy<Value = Pod> {
    proptest::sample::select(vec![
        busy().build(),
        node("a").build(),
        node("b9").status("Evicted").usage("12%", "1", "1Gi", "0").build(),
        serverless("c")
            .security("closed", "risk")
            .created_ms(BORN_MS)
            .build(),
    ])
}

proptest! {
    #[test]
    fn an_excluded_term_removes_exactly_what_the_term_selects(
        query in strategy::query(),
        pod in pods(),
    ) {
        for Term { test, .. } in query.terms() {
            let alone = |excluded| Query::from_iter([Term { excluded, joined: false, test: test.clone() }]);
            prop_assert_ne!(matches(&alone(false), &pod, now()), matches(&alone(true), &pod, now()));
        }
    }

    #[test]
    fn the_order_of_terms_changes_nothing(query in strategy::query(), pod in pods()) {
        let mut groups: Vec<&[Term]> = query.groups().collect();
        groups.reverse();
        let reversed: Query = groups.into_iter().flatten().cloned().collect();
        prop_assert_eq!(matches(&query, &pod, now()), matches(&reversed, &pod, now()));
    }

    #[test]
    fn a_value_is_either_compared_or_absent(pod in pods(), amount in any::<u64>()) {
        for column in PodNumber::ALL.iter().copied() {
            let compared = [Cmp::Less, Cmp::AtLeast]
                .into_iter()
                .filter(|cmp| holds(&Test::Number(column, *cmp, amount), &pod, now()))
                .count();
            let absent = usize::from(holds(&Test::Absent(FieldKind::Number(column)), &pod, now()));
            prop_assert!(compared + absent <= 1);
        }
    }
}
