//! The fleet in full: it is consistent, its numbers are realistic, and it changes realistically.

use std::collections::{HashMap, HashSet};

use super::*;

const START: i64 = 1_764_000_000_000;
const MINUTE: i64 = 60_000;

fn fleet() -> SimulatedFleet {
    SimulatedFleet::new(7, 1071, 40, 0)
}

/// The snapshot of a generation when one is taken every ten minutes.
fn snapshot(generation: i64) -> Snapshot {
    (1..=generation).fold(Snapshot::first(START), |last, n| {
        last.next(START + n * 10 * MINUTE)
    })
}

fn nodes(fleet: &SimulatedFleet, snapshot: &Snapshot) -> Vec<NodePod> {
    (0..fleet.pods())
        .map(|index| fleet.node_pod(index, snapshot).unwrap())
        .collect()
}

fn serverless(fleet: &SimulatedFleet, snapshot: &Snapshot) -> Vec<ServerlessPod> {
    (0..fleet.serverless())
        .map(|index| fleet.serverless_pod(index, snapshot).unwrap())
        .collect()
}

/// A quantity as a number, for the notations the fleet writes.
fn amount(text: &str) -> f64 {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let factor = match unit {
        "n" => 1e-9,
        "m" => 1e-3,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "M" => 1e6,
        _ => 1.0,
    };
    number.parse::<f64>().unwrap() * factor
}

fn ratio(used: Option<&String>, limit: Option<&String>) -> Option<f64> {
    Some(amount(used?) / amount(limit?))
}

#[test]
fn the_same_seed_gives_the_same_fleet() {
    let snapshot = snapshot(3);
    assert_eq!(nodes(&fleet(), &snapshot), nodes(&fleet(), &snapshot));
    assert_ne!(
        nodes(&fleet(), &snapshot),
        nodes(&SimulatedFleet::new(8, 1071, 40, 0), &snapshot)
    );
}

#[test]
fn there_are_as_many_pods_as_asked_for_and_no_more() {
    let (fleet, snapshot) = (SimulatedFleet::new(7, 1071, 40, 5), snapshot(0));
    assert!(fleet.node_pod(1070, &snapshot).is_some());
    assert!(fleet.node_pod(1071, &snapshot).is_none());
    assert!(fleet.serverless_pod(39, &snapshot).is_some());
    assert!(fleet.serverless_pod(40, &snapshot).is_none());
    let nothing = SimulatedFleet::new(7, 0, 0, 9);
    assert!(nothing.node_pod(0, &snapshot).is_none());
    assert!(nothing.serverless_pod(0, &snapshot).is_none());
}

#[test]
fn no_two_pods_share_an_id_or_a_name_in_their_namespace() {
    let fleet = SimulatedFleet::new(7, 50_000, 5000, 0);
    for generation in [0, 33] {
        let snapshot = snapshot(generation);
        let pods = nodes(&fleet, &snapshot);
        let ids: HashSet<&String> = pods.iter().map(|pod| &pod.id).collect();
        let keys: HashSet<_> = pods
            .iter()
            .map(|pod| (&pod.cluster_name, &pod.namespace_name, &pod.pod_name))
            .collect();
        assert_eq!((ids.len(), keys.len()), (50_000, 50_000));
        let serverless = serverless(&fleet, &snapshot);
        let keys: HashSet<_> = serverless
            .iter()
            .map(|pod| (&pod.cluster_name, &pod.namespace_name, &pod.pod_name))
            .collect();
        assert_eq!(keys.len(), 5000);
    }
}

#[test]
fn names_are_dns_labels() {
    let label = |name: &str| {
        (1..=63).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-')
    };
    for pod in nodes(&SimulatedFleet::new(7, 20_000, 0, 0), &snapshot(0)) {
        assert!(
            label(&pod.pod_name) && label(&pod.namespace_name) && label(&pod.cluster_name),
            "{pod:?}"
        );
    }
}

#[test]
fn mirrored_pods_have_the_names_of_pods_on_nodes() {
    let fleet = SimulatedFleet::new(7, 1071, 40, 25);
    let snapshot = snapshot(4);
    let on_nodes: HashSet<_> = nodes(&fleet, &snapshot)
        .into_iter()
        .map(|pod| (pod.cluster_name, pod.namespace_name, pod.pod_name))
        .collect();
    let shared = serverless(&fleet, &snapshot)
        .into_iter()
        .filter(|pod| {
            let pod = pod.clone();
            on_nodes.contains(&(pod.cluster_name, pod.namespace_name, pod.pod_name))
        })
        .count();
    assert_eq!(shared, 25);
}

#[test]
fn the_shares_of_the_statuses_are_realistic() {
    let fleet = SimulatedFleet::new(7, 40_000, 0, 0);
    for generation in [0, 17] {
        let mut counts: HashMap<Status, u32> = HashMap::new();
        for pod in nodes(&fleet, &snapshot(generation)) {
            *counts.entry(pod.status).or_default() += 1;
        }
        let share = |status| counts.get(&status).copied().unwrap_or(0) * 1000 / 40_000;
        assert!((930..980).contains(&share(Status::Running)), "{counts:?}");
        assert!((10..20).contains(&share(Status::Pending)), "{counts:?}");
        assert!((5..12).contains(&share(Status::Failed)), "{counts:?}");
        assert!((1..4).contains(&share(Status::Unknown)), "{counts:?}");
        assert!((8..40).contains(&share(Status::Succeeded)), "{counts:?}");
    }
}

#[test]
fn most_pods_are_far_below_their_limits_and_some_are_not() {
    let pods = nodes(&SimulatedFleet::new(7, 40_000, 0, 0), &snapshot(0));
    let count = |from: f64, to: f64| {
        let within = |ratio: Option<f64>| ratio.is_some_and(|ratio| (from..to).contains(&ratio));
        pods.iter()
            .map(|pod| &pod.resources)
            .filter(|it| {
                within(ratio(it.cpu.as_ref(), it.cpu_limit.as_ref()))
                    || within(ratio(it.memory.as_ref(), it.memory_limit.as_ref()))
            })
            .count()
    };
    let (near, high, beyond) = (count(0.7, 0.9), count(0.9, 1.0), count(1.001, 9.0));
    assert!((800..4000).contains(&near), "{near}");
    assert!((40..800).contains(&high), "{high}");
    assert!((4..100).contains(&beyond), "{beyond}");
    let silent = pods
        .iter()
        .filter(|pod| pod.resources == Resources::default())
        .count();
    assert!((400..8000).contains(&silent), "{silent}");
}

#[test]
fn a_pod_that_was_not_placed_has_no_address() {
    for pod in nodes(&fleet(), &snapshot(0)) {
        if pod.status == Status::Pending {
            assert_eq!((pod.node_name, pod.node_ip, pod.pod_ip), (None, None, None));
            continue;
        }
        assert!(pod.node_name.is_some() && pod.node_ip.is_some());
        if pod.cluster_type == Some("cce") {
            assert_eq!(pod.node_name, pod.node_ip);
        }
    }
}

#[test]
fn no_pod_is_created_after_the_snapshot_that_shows_it() {
    for generation in [0, 1, 40, 90] {
        let snapshot = snapshot(generation);
        for pod in nodes(&fleet(), &snapshot) {
            let Some(born) = pod.create_time else { continue };
            assert!(born <= snapshot.taken_at(), "{pod:?}");
            assert!(born > START - 366 * 24 * 60 * MINUTE, "{pod:?}");
            assert_eq!(born % 1000, 0);
        }
    }
}

#[test]
fn the_first_snapshot_shows_every_kind_of_trouble() {
    let (fleet, snapshot) = (fleet(), snapshot(0));
    let statuses: HashSet<Status> = nodes(&fleet, &snapshot).iter().map(|pod| pod.status).collect();
    assert_eq!(statuses.len(), 5);
    let serverless = serverless(&fleet, &snapshot);
    let protection: HashSet<ProtectStatus> = serverless.iter().map(|pod| pod.protect_status).collect();
    let detection: HashSet<DetectResult> = serverless.iter().map(|pod| pod.detect_result).collect();
    assert_eq!((protection.len(), detection.len()), (3, 4));
    let opened = serverless
        .iter()
        .filter(|pod| pod.protect_status == ProtectStatus::Opened)
        .count();
    assert!(opened > 25, "{opened}");
}

#[test]
fn each_generation_changes_a_few_pods() {
    let fleet = fleet();
    let mut replaced = 0;
    for generation in 0..40 {
        let (before, after) = (
            nodes(&fleet, &snapshot(generation)),
            nodes(&fleet, &snapshot(generation + 1)),
        );
        let turned = before
            .iter()
            .zip(&after)
            .filter(|(one, other)| one.id != other.id || one.status != other.status);
        let turned: Vec<_> = turned.collect();
        assert!((1..60).contains(&turned.len()), "{}", turned.len());
        replaced += turned.iter().filter(|(one, other)| one.id != other.id).count();
        let same = before
            .iter()
            .zip(&after)
            .filter(|(one, other)| one.id == other.id);
        for (one, other) in same {
            assert_eq!(
                (&one.pod_name, one.create_time),
                (&other.pod_name, other.create_time)
            );
        }
    }
    assert!(replaced > 80, "{replaced}");
}

#[test]
fn a_rollout_replaces_the_pods_of_a_workload_one_after_the_other() {
    let fleet = SimulatedFleet::new(7, 4000, 0, 0);
    let told: Vec<Vec<String>> = (0..12)
        .map(|generation| {
            nodes(&fleet, &snapshot(generation))
                .into_iter()
                .map(|pod| pod.pod_name)
                .collect()
        })
        .collect();
    let template = |name: &str| name.rsplit_once('-').map(|(rest, _)| rest.to_owned());
    let rolled = (0..4000)
        .filter(|&slot: &usize| {
            told.windows(2)
                .any(|pair| template(&pair[0][slot]) != template(&pair[1][slot]))
        })
        .count();
    assert!((20..400).contains(&rolled), "{rolled}");
}

#[test]
fn the_last_pod_of_the_largest_fleet_costs_as_little_as_the_first() {
    let started = tokio::time::Instant::now();
    let fleet = SimulatedFleet::new(7, u64::MAX, u64::MAX, 0);
    let snapshot = Snapshot::first(START);
    assert_eq!((fleet.pods(), fleet.serverless()), (MOST_PODS, MOST_PODS));
    for index in MOST_PODS - 1000..MOST_PODS {
        assert!(fleet.node_pod(index, &snapshot).is_some());
        assert!(fleet.serverless_pod(index, &snapshot).is_some());
    }
    // If each pod needed all pods before it, two thousand pods would take minutes.
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn the_numbers_of_namespaces_and_nodes_fit_the_size_of_the_fleet() {
    let distinct = |pods: &[NodePod]| {
        let namespaces: HashSet<&String> = pods.iter().map(|pod| &pod.namespace_name).collect();
        let nodes: HashSet<_> = pods
            .iter()
            .filter_map(|pod| Some((&pod.cluster_name, pod.node_name.as_ref()?)))
            .collect();
        (namespaces.len(), nodes.len())
    };
    let (namespaces, machines) = distinct(&nodes(&fleet(), &snapshot(0)));
    assert!((12..=15).contains(&namespaces), "{namespaces}");
    assert!((36..=46).contains(&machines), "{machines}");
}
