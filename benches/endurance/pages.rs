//! Synthetic pages as HSS writes them, a pure function of their number and of the cycle.
//!
//! Owns what the pods look like: of each page nine in ten are on nodes. In every cycle a tenth of the pods has been replaced
//! by others, so that ten cycles replace them all. Must not: remember anything.

use std::fmt::Write as _;

/// Pods of a page.
pub const PAGE: u64 = 200;
/// Of each page, those on nodes.
const ON_NODES: u64 = 180;
/// In how many cycles every pod is replaced once.
const LIFETIME: u64 = 10;

/// The page of this number, of a fleet of `pods`.
pub fn page(number: u64, pods: u64, cycle: u64) -> String {
    let mut page = format!(
        r#"{{"total_num":{pods},"last_update_time":{}"#,
        1_753_498_970_618 + cycle * 600_000
    );
    for (list, range) in [("data_list", 0..ON_NODES), ("pod_info_list", ON_NODES..PAGE)] {
        // Writing to a String cannot fail.
        let _ = write!(page, r#","{list}":["#);
        for (count, at) in range.enumerate() {
            page.push_str(if count == 0 { "{" } else { ",{" });
            pod(&mut page, number * PAGE + at, at < ON_NODES, cycle);
            page.push('}');
        }
        page.push(']');
    }
    page.push('}');
    page
}

/// Spreads the bits of a number (SplitMix64).
fn hash(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

fn pod(page: &mut String, place: u64, on_node: bool, cycle: u64) {
    // The pod that is in this place now: the places take turns.
    let generation = (cycle + place % LIFETIME) / LIFETIME;
    let own = hash(place + generation * 0x1_0000_0000);
    let other = hash(own);
    let usage = hash(own ^ (cycle << 1));
    let node = hash(place) % 66_000;
    let (cluster, namespace) = (own % 400, (own >> 10) % 300);
    if on_node {
        let _ = write!(
            page,
            r#""id":"{:08x}-{:04x}-{:04x}-{:04x}-{:012x}","node_name":"192.168.{}.{}","node_ip":"192.168.{}.{}","cluster_id":"{cluster:08x}-450b-11f0-a624-0255ac1001b7","cluster_type":"cce","region_id":"cn-north-4","#,
            own >> 32,
            (own >> 16) & 0xffff,
            own & 0xffff,
            other >> 48,
            other & 0xffff_ffff_ffff,
            node / 256,
            node % 256,
            node / 256,
            node % 256,
        );
    }
    let status = ["Running", "Running", "Running", "Pending", "Failed"];
    let status = status
        .iter()
        .cycle()
        .nth(usize::try_from(other % 5).unwrap_or(0))
        .unwrap_or(&"Running");
    let _ = write!(
        page,
        r#""pod_name":"service-{:03}-deployment-{:09x}-{:05x}","namespace_name":"namespace-{namespace:03}","cluster_name":"cluster-{cluster:03}","pod_ip":"10.{}.{}.{}","status":"{status}","create_time":{},"cpu":"{}m","memory":"{}Mi","cpu_limit":"1","memory_limit":"4Gi""#,
        own % 900,
        own >> 28,
        other & 0xf_ffff,
        own % 250,
        (own >> 8) % 250,
        (own >> 16) % 250,
        1_700_000_000_000 + other % 50_000_000_000,
        usage % 1000,
        (usage >> 16) % 4096,
    );
    if !on_node {
        page.push_str(r#","protect_status":"opened","detect_result":"clean""#);
    }
}
