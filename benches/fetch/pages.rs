//! Answers that are ready to be sent: each page of the fleet, with its head.

use std::fmt::Write as _;

/// Pods of a page.
pub const PODS: usize = 200;
/// Of them, on nodes.
const ON_NODES: usize = 180;

/// The answers, in the order of their offsets.
pub struct Pages(Vec<Vec<u8>>);

impl Pages {
    pub fn new(count: usize) -> Self {
        Self((0..count).map(|number| answer(number, count * PODS)).collect())
    }

    /// The answer to a request of this head.
    pub fn answer(&self, head: &str) -> &[u8] {
        let offset = head.split("offset=").nth(1).unwrap_or("0");
        let end = offset.find(|c: char| !c.is_ascii_digit()).unwrap_or(offset.len());
        let offset: usize = offset.get(..end).unwrap().parse().unwrap();
        self.0.get(offset / PODS).unwrap()
    }
}

fn answer(number: usize, total: usize) -> Vec<u8> {
    let first = number * PODS;
    let mut body = format!(r#"{{"total_num":{total},"last_update_time":1753498970618,"data_list":["#);
    for index in first..first + ON_NODES {
        pod(&mut body, index as u64, true);
    }
    body.pop();
    body.push_str(r#"],"pod_info_list":["#);
    for index in first + ON_NODES..first + PODS {
        pod(&mut body, index as u64, false);
    }
    body.pop();
    body.push_str("]}");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

/// A number that looks like any other, the same in every run.
fn mix(of: u64) -> u64 {
    let mut mixed = of.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A pod as the API writes it, and a comma.
fn pod(body: &mut String, index: u64, on_node: bool) {
    let (a, b) = (mix(index), mix(index ^ 0xabcd));
    if on_node {
        let (node, cluster) = (a % 66_000, b % 400);
        let _ = write!(
            body,
            r#"{{"id":"{:08x}-{:04x}-{:04x}-{:04x}-{:012x}","node_name":"192.168.{}.{}","node_ip":"192.168.{}.{}","cluster_id":"{cluster:08x}-450b-11f0-a624-0255ac1001b7","cluster_type":"cce","region_id":"cn-north-4","#,
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xffff,
            b >> 48,
            b & 0xffff_ffff_ffff,
            node / 256,
            node % 256,
            node / 256,
            node % 256,
        );
    } else {
        body.push_str(r#"{"protect_status":"opened","detect_result":"clean","#);
    }
    let status = ["Running", "Running", "Running", "Pending", "Failed"];
    let _ = write!(
        body,
        r#""pod_name":"service-{:03}-deployment-{:09x}-{:05x}","namespace_name":"namespace-{:03}","cluster_name":"cluster-{:03}","pod_ip":"10.{}.{}.{}","status":"{}","create_time":{},"cpu":"{}m","memory":"{}Mi","cpu_limit":"1","memory_limit":"4Gi"}},"#,
        a % 900,
        a >> 28,
        b & 0xf_ffff,
        a % 300,
        b % 400,
        (index >> 16) & 255,
        (index >> 8) & 255,
        index & 255,
        status.get(usize::try_from(b % 5).unwrap()).unwrap(),
        1_700_000_000_000 + a % 60_000_000_000,
        b % 1000,
        a % 4096,
    );
}
