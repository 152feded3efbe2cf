//! A synthetic fleet, a pure function of a pod's index and of the round.
//!
//! Owns what the pods look like: names of 36 bytes in the mean, 400 clusters, 300 namespaces, 66,000 nodes, UUIDs, and
//! neighbours on a page that have nothing in common. A round changes usages only. Must not: remember anything.

use hss_top::fleet::pod::{CommonFields, NodeRecord};
use hss_top::fleet::quantity::{Measure, Quantity};
use hss_top::fleet::store::Records;
use hss_top::fleet::words::Status;
use hss_top::fleet::{Field, RemoteText};

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

/// The records of a page.
pub fn page(number: u64, pods: u64, round: u64) -> Records {
    let indexes = number * PAGE..pods.min((number + 1) * PAGE);
    Records {
        node: indexes.map(|index| record(index, round)).collect(),
        serverless: Vec::new(),
    }
}

/// Spreads the bits of a number (SplitMix64).
fn hash(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

fn text(text: &str) -> Field<RemoteText> {
    RemoteText::name(text).into()
}

fn one_of<'a>(words: &[&'a str], number: u64) -> &'a str {
    let at = usize::try_from(number % words.len() as u64).unwrap_or(0);
    words.get(at).copied().unwrap_or_default()
}

fn record(index: u64, round: u64) -> NodeRecord {
    let own = hash(index);
    let suffix = hash(own);
    let fate = hash(suffix);
    let usage = hash(fate.wrapping_add(round * 7919));
    let node = own % NODES;
    let [cluster, namespace] = [(own >> 42) % CLUSTERS, (own >> 32) % NAMESPACES];
    let quantity = |text: &str, measure| -> Field<Quantity> { Quantity::read(text, measure).into() };
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
    NodeRecord {
        common: CommonFields {
            name: text(&name),
            namespace: text(&format!("ns-{namespace:03}")),
            cluster: text(&format!("cluster-{cluster:03}")),
            pod_ip: text(&format!(
                "10.{}.{}.{}",
                (index >> 16) & 255,
                (index >> 8) & 255,
                index & 255
            )),
            status: Status::read(one_of(&STATUSES, fate)).into(),
            create_time: Field::Value(
                i64::try_from(1_700_000_000_000 + (fate >> 20) % 50_000_000_000)
                    .unwrap_or(0)
                    .into(),
            ),
            cpu: quantity(&format!("{}m", usage % 1000), Measure::Cpu),
            memory: quantity(&format!("{}Mi", (usage >> 16) % 1024), Measure::Memory),
            cpu_limit: quantity("1", Measure::Cpu),
            memory_limit: quantity("1Gi", Measure::Memory),
        },
        id: text(&id),
        node: text(&address),
        node_ip: text(&address),
        cluster_id: text(&format!("c{cluster:03}")),
        cluster_type: text("cce"),
        region: text("cn-north-4"),
    }
}
