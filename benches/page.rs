//! A page of 200 pods: from bytes to the store, against what a plain client does with it.
//!
//! The floor is `serde_json` decoding the same bytes into owned `String`s. Floor and subject take turns in one run and the
//! best round of each counts, because a shared machine is never quiet; what is asserted is their ratio, with [`SLACK`]. That
//! is why this is no criterion or divan bench: they measure one subject at a time and assert nothing.
//!
//! `cargo bench --bench page`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may fail"
)]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hss_top::fleet::Store;
use hss_top::fleet::store::SweepKind;
use hss_top::hss::wire::read_page;
use serde::Deserialize;

/// The share of the floor's time for decode and merge: for a page that is new to the store, and for a known
/// one.
const LIMITS: [f64; 2] = [0.75, 0.75];
/// A ratio may exceed its limit by this factor before the bench fails: the machine is shared.
const SLACK: f64 = 1.3;
const PAGES: u32 = 250;
const ROUNDS: usize = 12;

#[derive(Deserialize)]
#[expect(dead_code, reason = "only decoded")]
struct OwnedPage {
    total_num: i64,
    last_update_time: i64,
    data_list: Vec<OwnedPod>,
    pod_info_list: Vec<OwnedPod>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only decoded")]
struct OwnedPod {
    #[serde(default)]
    id: String,
    pod_name: String,
    namespace_name: String,
    cluster_name: String,
    #[serde(default)]
    node_name: String,
    #[serde(default)]
    cluster_id: String,
    #[serde(default)]
    cluster_type: String,
    #[serde(default)]
    node_ip: String,
    pod_ip: String,
    status: String,
    create_time: i64,
    #[serde(default)]
    region_id: String,
    cpu: String,
    memory: String,
    cpu_limit: String,
    memory_limit: String,
    #[serde(default)]
    protect_status: String,
    #[serde(default)]
    detect_result: String,
}

/// A number that looks like any other, the same in every run.
fn mix(of: u64) -> u64 {
    let mut mixed = of.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// 180 pods on nodes and 20 serverless ones, as the API writes them.
fn page(number: u32) -> String {
    let pod = |at: usize| {
        let index = u64::from(number) * 200 + at as u64;
        let (a, b) = (mix(index), mix(index ^ 0xabcd));
        let common = format!(
            r#""pod_name":"service-{:03}-deployment-{:09x}-{:05x}","namespace_name":"namespace-{:03}","cluster_name":"cluster-{:03}","pod_ip":"10.{}.{}.{}","status":"{}","create_time":{},"cpu":"{}m","memory":"{}Mi","cpu_limit":"{}m","memory_limit":"{}Mi""#,
            a % 900,
            a >> 28,
            b % 0xf_ffff,
            a % 300,
            b % 400,
            a % 250,
            (a >> 8) % 250,
            (a >> 16) % 250,
            ["Running", "Running", "Running", "Pending", "Failed"][usize::try_from(b % 5).unwrap()],
            1_700_000_000_000 + i64::try_from(a % 60_000_000_000).unwrap(),
            b % 1000,
            a % 4096,
            1000,
            4096,
        );
        if at < 180 {
            format!(
                r#"{{"id":"{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",{common},"node_name":"192.168.{}.{}","node_ip":"192.168.{}.{}","cluster_id":"{:08x}-450b-11f0-a624-0255ac1001b7","cluster_type":"cce","region_id":"cn-north-4"}}"#,
                a >> 32,
                a & 0xffff,
                (a >> 16) & 0xffff,
                b & 0xffff,
                b >> 16,
                a % 256,
                b % 256,
                a % 256,
                b % 256,
                b % 400,
            )
        } else {
            format!(r#"{{{common},"protect_status":"opened","detect_result":"clean"}}"#)
        }
    };
    let rows = |range: std::ops::Range<usize>| range.map(pod).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"total_num":{},"last_update_time":1753498970618,"data_list":[{}],"pod_info_list":[{}]}}"#,
        PAGES * 200,
        rows(0..180),
        rows(180..200)
    )
}

/// How long `work` takes for all pages.
fn time(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

/// The same for work that keeps a page's bytes, as a client has them when they have come.
fn time_owned(pages: &[String], mut work: impl FnMut(Vec<u8>)) -> Duration {
    let bodies: Vec<Vec<u8>> = pages.iter().map(|page| page.clone().into_bytes()).collect();
    time(|| bodies.into_iter().for_each(&mut work))
}

fn main() -> ExitCode {
    let pages: Vec<String> = (0..PAGES).map(page).collect();
    let mut best = [Duration::MAX; 4];
    let mut take = |at: usize, took: Duration| best[at] = best[at].min(took);
    for _ in 0..ROUNDS {
        take(
            0,
            time(|| {
                for page in &pages {
                    black_box(serde_json::from_slice::<OwnedPage>(page.as_bytes()).unwrap());
                }
            }),
        );
        take(
            1,
            time_owned(&pages, |body| drop(black_box(read_page(body).unwrap()))),
        );
        let mut store = Store::default();
        for at in [2, 3] {
            // The first sweep finds everything new, the second nothing.
            store.begin_sweep(SweepKind::Fleet);
            take(
                at,
                time_owned(&pages, |body| {
                    store.take(Some(SweepKind::Fleet), &read_page(body).unwrap().pods);
                }),
            );
        }
    }
    let floor = best[0].as_secs_f64();
    let micros = |took: Duration| took.as_secs_f64() * 1e6 / f64::from(PAGES);
    println!(
        "| a page of 200 pods ({} bytes) | µs | of the floor |",
        pages[0].len()
    );
    println!("|---|---|---|");
    for (name, took) in [
        "serde_json into owned strings (the floor)",
        "decode",
        "decode and merge, all new",
        "decode and merge, all known",
    ]
    .iter()
    .zip(best)
    {
        println!(
            "| {name} | {:.0} | {:.2}× |",
            micros(took),
            took.as_secs_f64() / floor
        );
    }
    let mut held = true;
    println!();
    for ((what, limit), took) in ["new", "known"].iter().zip(LIMITS).zip(&best[2..]) {
        println!(
            "limit for a page that is {what}: {limit:.2}×, with slack {:.2}×",
            limit * SLACK
        );
        held &= took.as_secs_f64() / floor <= limit * SLACK;
    }
    ExitCode::from(u8::from(!held))
}
