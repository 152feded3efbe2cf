//! The page as a scraper reads it.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::page::{MetricKind, MetricRow, SampleSink};
use super::strict::{self, StrictSample};
use super::*;
use crate::collector::{SyncState, SyncStatus};
use crate::fleet::Fleet;
use crate::fleet::fixture::{node, pods, serverless};
use crate::health::Vitals;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn facts(status: SyncStatus) -> ServiceFacts {
    ServiceFacts {
        state: status.state(at(0)),
        status,
        vitals: Vitals {
            cpu: Duration::from_millis(1500),
            resident: Some(12 << 20),
            ..Vitals::default()
        },
        started_at: at(-60),
        requests: vec![RequestCount {
            endpoint: "metrics",
            outcome: "answered",
            count: 3,
        }],
        calls_saved: 7,
        origin: None,
    }
}

/// Both forms of a page, which have the same samples.
fn samples(page: &[SourceMetrics]) -> Vec<StrictSample> {
    let read = |format| strict::read(&page_text(format, page), format).unwrap();
    let [plain, open] = TextFormat::ALL.map(read);
    assert_eq!(plain, open);
    plain
}

fn page_of(fleet: &Fleet, limits: SeriesLimits) -> [SourceMetrics; 1] {
    let groups = FleetGroups::of(fleet, limits, at(0));
    page_with(RenderedMetrics::of_pods(&groups, ""))
}

fn page_with(pods: RenderedMetrics) -> [SourceMetrics; 1] {
    [SourceMetrics {
        labels: "".into(),
        facts: facts(SyncStatus::default()),
        pods: pods.into(),
    }]
}

const BILLION: i128 = 1_000_000_000;

/// The sum of whole numbers: of all samples of this name, or of those with this label.
fn sum(samples: &[StrictSample], name: &str, label: &str, word: &str) -> i128 {
    let is_wanted =
        |sample: &&StrictSample| sample.name == name && (label.is_empty() || sample.label(label) == word);
    let sum: i128 = samples.iter().filter(is_wanted).map(|sample| sample.value).sum();
    assert_eq!(sum % BILLION, 0, "{name}");
    sum / BILLION
}

fn fleet() -> Fleet {
    [
        node("api-1")
            .within("prod-a", "pay")
            .usage("950m", "1", "1Gi", "")
            .build(),
        node("api-2").within("prod-a", "pay").status("Failed").build(),
        serverless("settle")
            .within("cci", "burst")
            .security("opened", "risk")
            .build(),
        serverless("settle-2")
            .within("cci", "burst")
            .security("half", "undetected")
            .build(),
    ]
    .into_iter()
    .collect()
}

#[test]
fn a_page_before_the_first_answer_has_the_service_only() {
    let page = page_with(RenderedMetrics::default());
    let samples = samples(&page);
    let value = |name: &str| {
        samples
            .iter()
            .find(|sample| sample.name == name)
            .map(|found| found.value)
    };
    assert_eq!(value("hss_sweep_complete"), Some(0));
    assert_eq!(
        value("hss_snapshot_timestamp_seconds"),
        None,
        "unknown is no zero"
    );
    assert_eq!(value("process_cpu_seconds_total"), Some(BILLION * 3 / 2));
    assert_eq!(sum(&samples, "hss_sync_state", "state", "loading"), 1);
    assert_eq!(sum(&samples, "hss_sync_state", "", ""), 1);
    assert!(!samples.iter().any(|sample| sample.name.starts_with("hss_pods")));
}

#[test]
fn a_page_in_both_forms() {
    let fleet = fleet();
    let limits = SeriesLimits {
        risky_pods: 10,
        ..SeriesLimits::default()
    };
    let page = page_of(&fleet, limits);
    samples(&page);
    let [plain, open] =
        TextFormat::ALL.map(|format| page_text(format, &page).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    insta::assert_snapshot!("page_in_plain_text", plain);
    insta::assert_snapshot!("page_in_openmetrics", open);
}

#[test]
fn several_sources_share_each_family_and_every_series_of_theirs_has_its_profile() {
    let fleet = fleet();
    let groups = FleetGroups::of(&fleet, SeriesLimits::default(), at(0));
    let sources = ["a", "b\"\\"].map(|profile| {
        let labels = label_text(&[("profile", profile)]);
        let pods = RenderedMetrics::of_pods(&groups, &labels);
        let origin = Some(SourceOrigin {
            project: Some(format!("p-{profile}")),
            place: "cn-north-4".to_owned(),
        });
        let facts = ServiceFacts {
            origin,
            ..facts(SyncStatus::default())
        };
        SourceMetrics {
            labels: labels.into(),
            facts,
            pods: pods.into(),
        }
    });
    let samples = samples(&sources);
    for profile in ["a", "b\"\\"] {
        assert_eq!(sum(&samples, "hss_pods", "profile", profile), 4);
        assert_eq!(sum(&samples, "hss_sync_state", "profile", profile), 1);
        assert_eq!(
            sum(&samples, "hss_profile_info", "project", &format!("p-{profile}")),
            1
        );
    }
    let of_process = |sample: &&StrictSample| !sample.labels.contains_key("profile");
    let process: HashSet<&str> = samples
        .iter()
        .filter(of_process)
        .map(|sample| sample.name.as_str())
        .collect();
    let once = service::TABLE.iter().filter(|row| row.of_process);
    let once: HashSet<String> = once.map(MetricRow::sample_name).collect();
    // The kernel's figures that this test leaves out have no samples.
    assert!(process.iter().all(|name| once.contains(*name)), "{process:?}");
    assert_eq!(sum(&samples, "hss_http_requests_total", "", ""), 3);
}

#[test]
fn every_state_has_a_series() {
    let states = [
        SyncState::Fresh,
        SyncState::Loading { met: 0, total: None },
        SyncState::Partial { met: 0, total: 0 },
        SyncState::Old(at(0)),
        SyncState::Stale(None),
        SyncState::Throttled(None),
        SyncState::Auth,
        SyncState::Offline,
        SyncState::Denied,
    ];
    assert_eq!(
        states.map(|state| state.word().to_ascii_lowercase()),
        service::STATES
    );
}

fn checked<S>(table: &[MetricRow<S>], facts: &S) {
    for row in table {
        let unit_end = row.unit.map(|unit| format!("_{unit}"));
        assert!(
            unit_end.is_none_or(|end| row.name.ends_with(&end)),
            "{}",
            row.name
        );
        for odd in ["percent", "milli", "mib", "_ms", "minutes", "total", "info_"] {
            assert!(!row.name.contains(odd), "{} has {odd}", row.name);
        }
        assert!(
            row.help.ends_with('.') && !row.help.contains(['\\', '\n']),
            "{}",
            row.help
        );
        let mut out = String::new();
        (row.samples)(facts, &mut SampleSink::of(&mut out, row.name));
        let page = format!("# HELP {0} h\n# TYPE {0} gauge\n{out}", row.name);
        if out.is_empty() || row.kind == MetricKind::Counter {
            continue;
        }
        for sample in strict::read(&page, TextFormat::Plain).unwrap() {
            let labels: Vec<&str> = sample.labels.keys().map(String::as_str).collect();
            let mut told = row.labels.to_vec();
            told.sort_unstable();
            assert_eq!(labels, told, "{}", row.name);
        }
    }
}

#[test]
fn the_tables_say_what_their_rows_write() {
    let limits = SeriesLimits {
        risky_pods: 3,
        ..SeriesLimits::default()
    };
    checked(pods::TABLE, &FleetGroups::of(&fleet(), limits, at(0)));
    checked(service::TABLE, &facts(SyncStatus::default()));
}

#[test]
fn a_fleet_with_many_namespaces_keeps_those_at_risk_and_sums_up_the_rest() {
    let big = (0..30).map(|at| node(&format!("pod-{at}")).within("c", "big").build());
    let small = (0..20).map(|at| {
        node(&format!("one-{at}"))
            .within("c", &format!("small-{at}"))
            .build()
    });
    let risky = serverless("r")
        .within("cci", "small-99")
        .security("opened", "risk")
        .build();
    let fleet: Fleet = big.chain(small).chain([risky]).collect();
    let limits = SeriesLimits {
        namespaces: 2,
        risky_pods: 0,
    };
    let samples = samples(&page_of(&fleet, limits));
    let pods = |namespace: &str| sum(&samples, "hss_pods", "namespace", namespace);
    assert_eq!((pods("big"), pods("small-99"), pods("(other)")), (30, 1, 20));
    assert_eq!(sum(&samples, "hss_namespaces", "", ""), 22);
    assert_eq!(sum(&samples, "hss_namespaces_dropped", "", ""), 20);
}

#[test]
fn no_name_makes_a_second_series_of_the_same_labels() {
    let named = |id: &str, namespace: &str| node("x").id(id).within("c", namespace).build();
    let mut nameless = named("7", "n");
    if let Some(record) = &mut nameless.node {
        record.common.namespace = crate::fleet::Field::Absent;
    }
    let fleet: Fleet = [
        named("1", "a\u{1b}b"),
        named("2", "a\\u{1b}b"),
        named("3", "(other)"),
        named("4", "(none)"),
        named("5", "quote\"back\\slash\nline"),
        named("6", "z"),
        nameless,
    ]
    .into_iter()
    .collect();
    for namespaces in [1, 2, 500] {
        let limits = SeriesLimits {
            namespaces,
            risky_pods: 5,
        };
        let samples = samples(&page_of(&fleet, limits));
        assert_eq!(sum(&samples, "hss_pods", "", ""), 7, "{namespaces}");
    }
}

#[test]
fn the_worst_pods_are_listed_up_to_a_limit() {
    let pods = (0..9).map(|at| serverless(&format!("r-{at}")).security("opened", "risk").build());
    let fleet: Fleet = pods.chain([node("calm").build()]).collect();
    let limits = |risky_pods| SeriesLimits {
        risky_pods,
        ..SeriesLimits::default()
    };
    for (most, listed, dropped) in [(0, 0, 0), (4, 4, 5), (9, 9, 0), (99, 9, 0)] {
        let samples = samples(&page_of(&fleet, limits(most)));
        assert_eq!(sum(&samples, "hss_pod_risk_info", "", ""), listed, "{most}");
        assert_eq!(sum(&samples, "hss_pod_risks_dropped", "", ""), dropped, "{most}");
    }
}

proptest! {
    #![proptest_config(crate::long_tests::cases(48, 700))]

    #[test]
    fn what_adds_up_to_all_pods_does_so(
        pods in prop::collection::vec(pods(), 0..40),
        namespaces in 1_usize..6,
        risky_pods in 0_usize..4,
    ) {
        let fleet: Fleet = pods.into_iter().collect();
        let samples = samples(&page_of(&fleet, SeriesLimits { namespaces, risky_pods }));
        let summary = fleet.summary();
        let total = |name| sum(&samples, name, "", "");
        for name in ["hss_pods", "hss_pods_by_status", "hss_pods_by_protection", "hss_pods_by_detection"] {
            prop_assert_eq!(total(name), i128::try_from(summary.pods).unwrap(), "{}", name);
        }
        for (name, label, word, count) in [
            ("hss_pods_by_status", "status", "Failed", summary.failed),
            ("hss_pods_by_status", "status", "Unknown", summary.unknown),
            ("hss_pods_by_protection", "protection", "closed", summary.unprotected),
            ("hss_pods_by_protection", "protection", "exception", summary.exception),
            ("hss_pods_by_detection", "detection", "risk", summary.risk),
            ("hss_pods_near_limit", "resource", "memory", summary.memory_critical),
            ("hss_pods_usage_known", "resource", "cpu", summary.cpu_told),
        ] {
            prop_assert_eq!(sum(&samples, name, label, word), i128::try_from(count).unwrap(), "{} {}", name, word);
        }
    }
}

/// Every name of a metric, as queries write it, with its labels.
fn known_names() -> Vec<(String, Vec<&'static str>)> {
    let pods = pods::TABLE
        .iter()
        .map(|row| (row.sample_name(), row.labels.to_vec()));
    let service = service::TABLE
        .iter()
        .map(|row| (row.sample_name(), row.labels.to_vec()));
    pods.chain(service).collect()
}

#[test]
fn what_is_shipped_for_prometheus_and_grafana_names_metrics_and_labels_that_exist() {
    let known = known_names();
    let name = regex::Regex::new(r"\b(?:hss|process)_[a-z_]+\b").unwrap();
    let matcher = regex::Regex::new(r"\b((?:hss|process)_[a-z_]+)\{([^}]*)\}").unwrap();
    let label = regex::Regex::new(r"([a-z_]+)\s*(?:=|!)").unwrap();
    let others = ["job", "instance", "project", "region", "profile"];
    let mut used = std::collections::BTreeSet::new();
    for text in [
        include_str!("../../assets/grafana/hss-top.json"),
        include_str!("../../assets/prometheus/hss-top.rules.yml"),
        include_str!("../../assets/prometheus/hss-top.test.yml"),
    ] {
        let text = text.replace("\\\"", "\"");
        for found in name.find_iter(&text) {
            assert!(
                known.iter().any(|(name, _)| name == found.as_str()),
                "{}",
                found.as_str()
            );
            used.insert(found.as_str().to_owned());
        }
        for found in matcher.captures_iter(&text) {
            let (_, labels) = known.iter().find(|(name, _)| *name == found[1]).unwrap();
            for found in label.captures_iter(&found[2]) {
                let is_known = labels.contains(&&found[1]) || others.contains(&&found[1]);
                assert!(is_known, "{}", &found[0]);
            }
        }
    }
    assert!(used.len() > 12, "{used:?}");
}

#[test]
fn every_rule_has_a_test() {
    let rules = include_str!("../../assets/prometheus/hss-top.rules.yml");
    let tests = include_str!("../../assets/prometheus/hss-top.test.yml");
    let alerts: Vec<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    assert!(alerts.len() > 5);
    for alert in alerts {
        assert!(tests.contains(&format!("alertname: {alert}\n")), "{alert}");
    }
}
