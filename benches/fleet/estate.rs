//! A synthetic fleet, a pure function of a pod's index and of the round.
//!
//! Owns what the pods look like: names of 36 bytes in the mean, 400 clusters, 300 namespaces, 66,000 nodes, UUIDs, and
//! neighbours on a page that have nothing in common. A round changes usages only. Must not: remember anything.

use hss_top::fleet::raw::RawPods;
use hss_top::hss::wire::read_page;

/// Pods of a page.
pub const PAGE: u64 = 200;

const NODES: u64 = 66_000;
const NAMESPACES: u64 = 300;
const CLUSTERS: u64 = 400;
const WORDS: [&str; 20] = [
    "payment", "checkout", "ledger", "order", "search", "gateway", "worker", "consumer", "api", "cache",
    "session", "export", "invoice", "profile", "render", "settle", "match", "query", "index", "voucher",
];
const STATUSES: [&str; 10] = [
    "Running",
    "Running",
    "Running",
    "Running",
    "Running",
    "Running",
    "Running",
    "Pending",
    "Failed",
    "Succeeded",
];

/// A page as HSS would send it, decoded.
///
/// # Panics
/// If it cannot be read, which would be a mistake of this file.
pub fn page(number: u64, pods: u64, round: u64) -> RawPods {
    let indexes = number * PAGE..pods.min((number + 1) * PAGE);
    let records: Vec<String> = indexes.map(|index| record(index, round)).collect();
    let text = format!(r#"{{"data_list":[{}]}}"#, records.join(","));
    read_page(text.into_bytes()).expect("a page of this file").pods
}

/// Spreads the bits of a number (SplitMix64).
fn hash(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

fn one_of<'a>(words: &[&'a str], number: u64) -> &'a str {
    let at = usize::try_from(number % words.len() as u64).unwrap_or(0);
    words.get(at).copied().unwrap_or_default()
}

/// A record of `data_list`.
fn record(index: u64, round: u64) -> String {
    let own = hash(index);
    let suffix = hash(own);
    let fate = hash(suffix);
    let usage = hash(fate.wrapping_add(round * 7919));
    let node = own % NODES;
    let [cluster, namespace] = [(own >> 42) % CLUSTERS, (own >> 32) % NAMESPACES];
    let words = [8, 16, 24].map(|bits| one_of(&WORDS, own >> bits)).join("-");
    let name = format!("{words}-{:09x}-{:05x}", suffix >> 28, suffix & 0xf_ffff);
    let id = format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        own >> 32,
        (own >> 16) & 0xffff,
        own & 0xffff,
        suffix >> 48,
        suffix & 0xffff_ffff_ffff
    );
    let address = format!("192.168.{}.{}", node / 256, node % 256);
    let pod_ip = format!(
        "10.{}.{}.{}",
        (index >> 16) & 255,
        (index >> 8) & 255,
        index & 255
    );
    let status = one_of(&STATUSES, fate);
    let created = 1_700_000_000_000 + (fate >> 20) % 50_000_000_000;
    let [cpu, memory] = [usage % 1000, (usage >> 16) % 1024];
    format!(
        r#"{{"id":"{id}","pod_name":"{name}","namespace_name":"ns-{namespace:03}","cluster_name":"cluster-{cluster:03}","cluster_id":"c{cluster:03}","cluster_type":"cce","node_name":"{address}","node_ip":"{address}","pod_ip":"{pod_ip}","region_id":"cn-north-4","status":"{status}","create_time":{created},"cpu":"{cpu}m","memory":"{memory}Mi","cpu_limit":"1","memory_limit":"1Gi"}}"#
    )
}
