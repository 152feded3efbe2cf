//! L1: left open for weeks, in minutes. Two thousand refreshes of a fleet that changes each time, one in ten of them
//! with a fault, and what that costs. Behind `LONG_TESTS=1`.

use std::time::Duration;

use crate::support::fault_case::{is_long_run, tell};
use crate::support::fault_stage::CANARY;
use crate::support::faultd::Faultd;
use crate::support::measure::Meter;
use crate::support::pty::Pty;
use crate::support::run::Folder;
use crate::support::scripted::Step;
use hss_top::collector::retry::Jitter;
use tokio::time::Instant;

const REFRESHES: u32 = 2_000;
/// From here on nothing may grow. Until then the list swings so far that the ring of changes is full.
const WARM: u32 = 120;
/// What may be added all the same, in KiB: 2 MiB were, alone and beside a compiler, and no more after three times as many
/// refreshes.
const GROWTH: u64 = 3 << 10;
const SECOND: Duration = Duration::from_secs(1);
const JSON: &str = "Content-Type: application/json\r\n";

/// What may happen instead of an answer; all of it ends at once, so that there is time for all of them.
fn fault(number: u64) -> Step {
    let page = "{\"total_num\":9,\"data_list\":[";
    let location = "Location: http://127.0.0.1:9/\r\n";
    match number % 11 {
        0 => Step::http("500 Internal Server Error", JSON, ""),
        1 => Step::http("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>"),
        2 => Step::http(
            "400 Bad Request",
            JSON,
            r#"{"error_code":"HSS.0001","error_msg":"no"}"#,
        ),
        3 => Step::http("302 Found", location, ""),
        4 => Step::http("200 OK", JSON, page),
        5 => Step::http("200 OK", "Content-Type: text/html\r\n", "<html>Sign in</html>"),
        6 => Step::http("200 OK", &format!("{JSON}Content-Length: 1000000000000\r\n"), ""),
        7 => Step::Reset(Vec::new()),
        8 => Step::Reset(format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: 90000\r\n\r\n{{").into_bytes()),
        9 => Step::http(
            "401 Unauthorized",
            JSON,
            r#"{"error_code":"APIGW.0301","error_msg":"no"}"#,
        ),
        _ => Step::http("204 No Content", "", ""),
    }
}

/// The figures of the program.
#[derive(Debug, Clone, Copy)]
struct Figures {
    resident: u64,
    descriptors: usize,
    threads: u64,
}

impl Figures {
    fn of(meter: Meter) -> Self {
        Self {
            resident: meter.resident(),
            descriptors: meter.descriptors(),
            threads: meter.threads(),
        }
    }
}

/// The size of the files in a folder, in KiB.
fn size_of_files(folder: &std::path::Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    // Some come and go.
    let sizes = files.map(|file| file.unwrap().metadata().map_or(0, |it| it.len()));
    sizes.sum::<u64>() >> 10
}

/// Has the program see the present snapshot: asks until both pages were sent. Returns whether they were.
fn refresh(pty: &mut Pty, hss: &Faultd) -> bool {
    let since = Instant::now();
    let seen = |_: &str| {
        let calls = hss.calls_since(since);
        calls.iter().any(|call| call.head.contains("offset=200"))
    };
    (0..100).any(|_| {
        pty.keys("\x12");
        pty.within(SECOND / 4, seen).is_ok()
    })
}

#[test]
fn two_thousand_refreshes_leave_nothing_behind() {
    if !is_long_run() {
        tell("L1   waits long; LONG_TESTS=1 plays it");
        return;
    }
    let folder = Folder::new("long-run");
    let (log, state) = (folder.join("log").display().to_string(), folder.path().to_owned());
    let hss = Faultd::start(250);
    let url = hss.url();
    let flags = [
        "--endpoint",
        &url,
        "--project-id",
        "p-1",
        "--interval",
        "1s",
        "--calls-per-minute",
        "1000000",
        "--log-file",
        &log,
        "--log-level",
        "info",
    ];
    let variables = [
        ("HSS_TOP_TOKEN", CANARY),
        ("XDG_STATE_HOME", &state),
        // One heap: else each thread that meets another on a busy machine begins one of its own, which is no leak.
        ("MALLOC_ARENA_MAX", "1"),
    ];
    let mut pty = Pty::start(120, 40, &flags, &variables);
    pty.shows("FRESH");
    let (meter, began) = (Meter::of(pty.pid()), Instant::now());
    let mut chance = Jitter::from_seed(2026);
    let mut warm = None;
    let (mut faults, mut resident, mut stored) = (0, Vec::new(), Vec::new());
    for number in 1..=REFRESHES {
        let pods = match number {
            ..WARM if number.is_multiple_of(2) => 210,
            ..WARM => 390,
            // Some pods come, some go.
            WARM.. => 245 + u32::try_from(chance.roll() % 8).unwrap(),
        };
        hss.renew(pods);
        if chance.roll().is_multiple_of(10) {
            faults += 1;
            hss.break_once([fault(chance.roll())]);
        }
        assert!(refresh(&mut pty, &hss), "never refreshed:\n{}", pty.shows(""));
        hss.forget();
        if number.is_multiple_of(250) {
            resident.push(meter.resident());
            stored.push(size_of_files(&folder.join("hss-top")));
        }
        if number == WARM {
            warm = Some((Figures::of(meter), meter.cpu(), Instant::now()));
        }
    }
    let (before, cpu, since) = warm.unwrap();
    let (spent, took) = (
        meter.cpu().saturating_sub(cpu).as_secs_f64(),
        since.elapsed().as_secs_f64(),
    );
    pty.within(5 * SECOND, |screen| screen.contains("FRESH")).unwrap();
    let idle = meter.cpu();
    let rested = Instant::now();
    while rested.elapsed() < 5 * SECOND {
        std::thread::park_timeout(SECOND);
    }
    let share = (meter.cpu().saturating_sub(idle)).as_secs_f64() / rested.elapsed().as_secs_f64();
    let after = Figures::of(meter);
    tell(&format!(
        "L1   {REFRESHES} refreshes, {faults} faults in {:.0} s: from {before:?} to {after:?}; {:.1} ms of processor a \
         refresh, {:.1} % of one at rest",
        began.elapsed().as_secs_f64(),
        1000.0 * spent / f64::from(REFRESHES - WARM),
        100.0 * share,
    ));
    let log = std::fs::metadata(&log).map_or(0, |it| it.len() >> 10);
    tell(&format!("L1   log {log} KiB, state {stored:?} KiB"));
    tell(&format!(
        "L1   resident after each 250 refreshes: {resident:?} KiB"
    ));
    assert!(faults > 100 && took > 1.0);
    assert!(after.resident <= before.resident + GROWTH, "memory grew");
    assert!(
        after.descriptors.abs_diff(before.descriptors) <= 2,
        "descriptors leak"
    );
    // Blocking threads come and go by load.
    assert!(after.threads <= before.threads + 8, "threads leak");
    assert!(
        share <= 0.05 * 2.0,
        "{share} of a processor at one refresh a second"
    );
    // Past snapshots fill their bound, a thousand, half-way; from then on one goes for each that comes.
    let (half, end) = stored.split_at(stored.len() / 2 + 1);
    let most = half.iter().max().unwrap();
    assert!(
        end.iter().all(|size| size <= &(most + (1 << 10))),
        "the state grows: {stored:?} KiB"
    );
    assert!(*most < 24 << 10, "the state is large: {stored:?} KiB");
    pty.quit();
    assert_eq!(pty.ended().0, 0);
}
