//! `hss-top serve` beside a server of prepared answers: pages, metrics, many screens, and memory over time.
//!
//! The service is a process that reads its pods from an upstream in this one, so reader, service and upstream share the
//! machine's cores. Floor and subject take turns, the best round of each counts, and their ratio is asserted. A reader asks
//! from another address of this machine in each round, because the service limits what one address asks for.
//!
//! ```text
//! cargo bench --bench serve                 # pages, metrics, screens
//! cargo bench --bench serve -- pages        # pages alone
//! benches/serve-beside-the-sdk.sh           # pages, beside Huawei's Python SDK
//! cargo bench --bench serve -- memory       # memory, over 40 snapshots: about a minute
//! cargo bench --bench serve -- soak         # memory, over 2,000 snapshots and 200,000 requests: about 40 minutes
//! HSS_TOP=target/release/hss-top cargo bench --bench serve
//! ```

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may fail"
)]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

#[path = "fetch/floor.rs"]
#[expect(dead_code, reason = "another bench uses all of it")]
mod floor;
#[path = "serve/readers.rs"]
mod readers;
#[path = "serve/service.rs"]
mod service;

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::process::{Command, ExitCode};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use service::{PODS, Service, Upstream, prepared};

/// Connections, and calls at once.
const AT_ONCE: usize = 8;
/// Pages of the fleet: 100,000 pods.
const PAGES: usize = 500;
/// Pages of a fleet whose pages the service keeps as they were sent: 5,000 pods.
const FEW_PAGES: usize = 25;
const ROUNDS: u8 = 7;
/// Scrapes of a round.
const SCRAPES: usize = 100;
/// Namespaces with series of their own: about 10,000 series.
const NAMESPACES: &str = "360";
/// Screens that are connected.
const SCREENS: usize = 500;
/// The least pages a second, of the floor's.
const LEAST_PAGES: f64 = 0.6;
/// The least pages a second, of what the SDK alone reads.
const LEAST_OF_SDK: f64 = 20.0;
/// The most time for the metrics, of the time for the same bytes.
const MOST_METRICS: f64 = 2.0;
/// The most time for a page among [`SCREENS`] at the 99th percentile, of its median alone.
const MOST_LATE: f64 = 20.0;
/// The most memory, in MiB, and how much more of it there may be in the end.
const MOST_MEMORY: (f64, f64) = (45.0, 4.0);
const SNAPSHOTS: u64 = 2000;
const REQUESTS: u64 = 200_000;
/// The same for a run of a minute.
const FEW_SNAPSHOTS: (u64, u64) = (40, 4000);
/// The snapshots after which the service has as many changes as it keeps.
const WARM: u64 = 24;

/// The address of a reader in this round.
fn from(kind: u8, round: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, kind, round + 1)
}

/// What is measured, its limit, and whether it holds.
fn row(what: &str, value: f64, limit: f64, is_least: bool) -> bool {
    let (sign, holds) = if is_least {
        ("≥", value >= limit)
    } else {
        ("≤", value <= limit)
    };
    let verdict = if holds { "" } else { "missed" };
    println!("| {what} | {value:.2} | {sign} {limit} | {verdict} |");
    holds
}

/// Pages a second of the first `count` pages, each read once or, if they are few, many times.
async fn pages_a_second(service: &Service, upstream: &Upstream, count: usize, kind: u8) -> bool {
    let (mut floor, mut subject) = (Duration::MAX, Duration::MAX);
    let walk = floor::Walk {
        pages: count,
        reads: PAGES,
    };
    let before = service.processor_time();
    for round in 0..ROUNDS {
        floor = floor.min(floor::library_from(Ipv4Addr::LOCALHOST, upstream.address, walk).await);
        subject = subject.min(floor::library_from(from(kind, round), service.address, walk).await);
    }
    let [own, kernel] = service.processor_time();
    let [own, kernel] = [own.saturating_sub(before[0]), kernel.saturating_sub(before[1])]
        .map(|took| took / (u32::from(ROUNDS) * u32::try_from(PAGES).unwrap()));
    println!(
        "{count} pages: {own:.0?} of the service's processor time for each, and {kernel:.0?} of the kernel's"
    );
    let a_second = |took: Duration| f64::from(u32::try_from(PAGES).unwrap()) / took.as_secs_f64();
    println!(
        "{count} pages, in pages/s: prepared {:.0}, served {:.0}",
        a_second(floor),
        a_second(subject)
    );
    let what = format!("pages a second of {} pods, of prepared ones", count * PODS);
    row(&what, a_second(subject) / a_second(floor), LEAST_PAGES, true)
}

/// Pages a second that this Python's SDK reads from prepared answers, and what readers get from the service.
async fn beside_the_sdk(service: &Service, upstream: &Upstream, python: OsString) -> bool {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/serve/sdk_pages.py");
    let (mut alone, mut subject) = (Duration::MAX, Duration::MAX);
    let walk = floor::Walk {
        pages: PAGES,
        reads: PAGES,
    };
    for round in 0..3 {
        let read = Command::new(&python)
            .args([
                script,
                &format!("http://{}", upstream.address),
                &PAGES.to_string(),
            ])
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&read.stderr);
        assert!(read.status.success(), "{complaint}");
        let seconds = String::from_utf8_lossy(&read.stdout).trim().parse().unwrap();
        alone = alone.min(Duration::from_secs_f64(seconds));
        subject = subject.min(floor::library_from(from(8, round), service.address, walk).await);
    }
    println!("{PAGES} pages: the SDK alone {alone:.2?}, served {subject:.2?}");
    let what = "pages a second of 100000 pods, of those of the SDK alone";
    row(what, alone.div_duration_f64(subject), LEAST_OF_SDK, true)
}

async fn metrics(service: &Service) -> bool {
    let answer = service.get("/metrics");
    let series = answer.lines().filter(|line| line.starts_with("hss_")).count();
    let address = prepared(answer.split_once("\r\n\r\n").unwrap().1);
    let (mut floor, mut subject) = (Duration::MAX, Duration::MAX);
    for round in 0..ROUNDS {
        floor = floor.min(readers::time(from(2, round), address, "/metrics", SCRAPES).await);
        subject = subject.min(readers::time(from(2, round), service.address, "/metrics", SCRAPES).await);
    }
    println!(
        "{series} series, {} bytes: prepared {floor:.2?}, served {subject:.2?} for {SCRAPES}",
        answer.len()
    );
    row(
        "time of /metrics, of the same bytes",
        subject.div_duration_f64(floor),
        MOST_METRICS,
        false,
    )
}

async fn screens(service: &Service, upstream: &Upstream) -> bool {
    let mut alone = readers::latencies(from(3, 1), service.address, 300).await;
    let median = readers::percentile(&mut alone, 50);
    let team = readers::Team::connect(service.address, SCREENS, upstream.date + 1000).await;
    let mut among = team.pages_in_turns(3).await;
    let (among_median, late) = (
        readers::percentile(&mut among, 50),
        readers::percentile(&mut among, 99),
    );
    println!(
        "a page alone: median {median:.2?}; among {SCREENS} screens: median {among_median:.2?}, p99 {late:.2?}"
    );
    let holds = row(
        "p99 of a page among 500 screens, of its median alone",
        late.div_duration_f64(median),
        MOST_LATE,
        false,
    );
    // All at once: each screen waits for news, and reads a page when there is some.
    let calls = upstream.calls.load(Ordering::Relaxed);
    upstream.snapshot.fetch_add(1, Ordering::Relaxed);
    let told = team.told_of_news().await;
    println!(
        "a new snapshot: {} calls to HSS, and the last of {SCREENS} screens has its page {told:.2?} after the first",
        upstream.calls.load(Ordering::Relaxed) - calls
    );
    holds
}

/// Memory over this many snapshots and requests. Figures are printed a few dozen times, and compared once the service has as
/// many changes as it keeps.
async fn soak(snapshots: u64, requests: u64) -> bool {
    let upstream = Upstream::start(PAGES, true);
    let service = Service::start(upstream.address, &["--interval", "1s"]);
    let (begun, mut first, mut asked, mut told) = (Instant::now(), None, 0, 0);
    while upstream.snapshot.load(Ordering::Relaxed) < snapshots || asked < requests {
        let number = u8::try_from(asked / 500 % 250).unwrap();
        readers::latencies(from(4, number), service.address, 100).await;
        asked += 100;
        let snapshot = upstream.snapshot.load(Ordering::Relaxed);
        if first.is_none() && snapshot >= WARM.max(snapshots / 20) {
            first = Some(service.memory().0);
        }
        if snapshot >= told + (snapshots / 40).max(1) {
            told = snapshot;
            service.get("/metrics");
            let (now, most) = service.memory();
            println!(
                "{:.0?}: snapshot {snapshot}, {asked} requests, {now:.1} MiB, at most {most:.1}",
                begun.elapsed()
            );
        }
    }
    let ((last, most), first) = (service.memory(), first.unwrap());
    println!("{first:.1} MiB after the first snapshots, {last:.1} in the end, {most:.1} at most");
    let fits = row("MiB of memory at most, 100,000 pods", most, MOST_MEMORY.0, false);
    row("MiB more in the end", last - first, MOST_MEMORY.1, false) && fits
}

#[tokio::main]
async fn main() -> ExitCode {
    println!(
        "| hss-top serve, {} pods | measured | goal | |\n|---|---|---|---|",
        PAGES * PODS
    );
    let holds = if std::env::args().any(|argument| argument == "soak") {
        soak(SNAPSHOTS, REQUESTS).await
    } else if std::env::args().any(|argument| argument == "memory") {
        soak(FEW_SNAPSHOTS.0, FEW_SNAPSHOTS.1).await
    } else {
        let upstream = Upstream::start(PAGES, false);
        let flags = ["--interval", "1s", "--metrics-namespaces", NAMESPACES];
        let service = Service::start(upstream.address, &flags);
        let (now, most) = service.memory();
        println!("{now:.1} MiB after the first list, {most:.1} at most");
        if std::env::args().any(|argument| argument == "sdk") {
            let python = std::env::var_os("SDK_PYTHON").unwrap();
            let holds = beside_the_sdk(&service, &upstream, python).await;
            return if holds {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            };
        }
        let few = pages_a_second(&service, &upstream, FEW_PAGES, 1).await;
        let pages = pages_a_second(&service, &upstream, PAGES, 7).await && few;
        if std::env::args().any(|argument| argument == "pages") {
            let (now, most) = service.memory();
            println!("{now:.1} MiB after them, {most:.1} at most");
            return if pages {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            };
        }
        let metrics = metrics(&service).await;
        screens(&service, &upstream).await && pages && metrics
    };
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
