//! Several programs of one account on one machine: together they keep the budget.

use std::time::Duration;

use hss_top::clock::Clock;
use hss_top::collector::ledger::{Ledger, LedgerPlace};
use hss_top::fleet::Scope;
use hss_top::hss::{Client, Credential, Endpoint, ListPods, ProjectId, Setup, Token, TransportContext};
use tokio::time::Instant;

use crate::support::fault_case::{is_long_run, tell};
use crate::support::faultd::Faultd;
use crate::support::pty::Pty;
use crate::support::run::{Folder, run};
use crate::support::scripted::Step;
use crate::support::simulate::Simulate;

const SECOND: Duration = Duration::from_secs(1);
/// Pods of a page.
const PAGE: u32 = 200;

fn variables(state: &str) -> [(&str, &str); 3] {
    [
        ("HSS_TOP_TOKEN", "canary-token"),
        ("XDG_STATE_HOME", state),
        ("XDG_RUNTIME_DIR", state),
    ]
}

fn dashboard(url: &str, state: &str, flags: &[&str]) -> Pty {
    let base = ["--endpoint", url, "--project-id", "p"];
    Pty::start(140, 30, &[&base, flags].concat(), &variables(state))
}

/// Three dashboards of a fleet with this many pages, at a gateway that enforces five calls a minute. Returns
/// how long it took until all were fresh.
fn three_get_fresh(name: &str, pages: u32, patience: Duration) -> Duration {
    let folder = Folder::new(name);
    // The last page is not full: the sweep knows that it is the last.
    let pods = (pages * PAGE - 50).to_string();
    let hss = Simulate::start(
        &["--calls-per-minute", "5", "--pods", &pods, "--serverless", "0"],
        &[],
    );
    let began = Instant::now();
    let three = [&["--no-state"][..], &[], &[]].map(|flags| dashboard(&hss.url, folder.path(), flags));
    for pty in &three {
        let left = patience.saturating_sub(began.elapsed());
        pty.within(left, |screen| screen.contains("FRESH")).unwrap();
        assert!(
            !String::from_utf8_lossy(&pty.written()).contains("THROTTLED"),
            "a 429"
        );
    }
    let took = began.elapsed();
    for mut pty in three {
        pty.keys("4");
        let screen = pty.shows("spent by 2 other runs of hss-top on this machine");
        assert!(screen.contains(" 0 failed"), "{screen}");
    }
    took
}

#[test]
fn three_dashboards_share_five_calls_a_minute() {
    let took = three_get_fresh("share-1", 1, 20 * SECOND);
    tell(&format!(
        "three dashboards, a page each: fresh after {:.2} s",
        took.as_secs_f64()
    ));
}

/// Nine calls. Pages leave one call of five free, so the least possible is two minutes.
#[test]
fn three_dashboards_of_three_pages_are_fresh_in_the_least_time() {
    if !is_long_run() {
        return;
    }
    let least = 2 * Duration::from_millis(60_250);
    let took = three_get_fresh("share-3", 3, least + 30 * SECOND);
    tell(&format!(
        "three dashboards, three pages each: fresh after {:.2} s, the least possible is {:.2} s",
        took.as_secs_f64(),
        least.as_secs_f64()
    ));
    assert!(took < least + 6 * SECOND, "{took:?}");
}

#[test]
fn quick_restarts_and_doctors_never_make_more_calls_than_there_are() {
    let folder = Folder::new("share-restarts");
    let hss = Faultd::start(PAGE - 1);
    let began = Instant::now();
    for number in 0..20 {
        let namespace = format!("n{number}");
        let flags = match number % 3 {
            0 => vec!["--namespace", &namespace],
            1 => vec!["--no-state"],
            _ => vec![],
        };
        let pty = dashboard(&hss.url(), folder.path(), &flags);
        pty.until("a screen", |screen| {
            screen.contains("FRESH") || screen.contains("LOADING")
        });
        // In the middle of whatever it does.
        pty.signal("KILL");
    }
    let took = began.elapsed();
    let calls = hss.most_in_a_minute();
    tell(&format!(
        "twenty restarts in {:.2} s made {calls} calls",
        took.as_secs_f64()
    ));
    assert!((1..=5).contains(&calls), "{calls} calls in a minute");
}

/// A call lasts 35 s at most after its claim, and counts for a minute and a quarter of a second from then on. A busy machine
/// gets 5 s more.
const STOPPED_HOLDS: Duration = Duration::from_millis(35_000 + 60_250 + 5_000);

#[test]
fn dashboards_that_are_stopped_during_a_call_do_not_lock_out_the_others() {
    if !is_long_run() {
        return;
    }
    let folder = Folder::new("share-stopped");
    let hss = Faultd::start(PAGE - 1);
    hss.break_once([const { Step::Silence }; 5]);
    let began = Instant::now();
    let stopped = [(); 5].map(|()| {
        let (pty, before) = (
            dashboard(&hss.url(), folder.path(), &["--no-state"]),
            Instant::now(),
        );
        hss.call_after(before, 20 * SECOND).unwrap();
        // Not while it may hold the ledger's lock: this is about calls.
        std::thread::park_timeout(SECOND / 5);
        pty.signal("STOP");
        pty
    });
    let last_claim = Instant::now();
    let sixth = dashboard(&hss.url(), folder.path(), &["--no-state"]);
    sixth.shows(" 0 calls ");
    let screen = sixth.shows("5 of 5 calls are spent by 5 other runs of hss-top on this machine");
    assert!(screen.contains("LOADING"), "{screen}");
    let left = STOPPED_HOLDS.saturating_sub(last_claim.elapsed());
    sixth.within(left, |screen| screen.contains("FRESH")).unwrap();
    tell(&format!(
        "five stopped dashboards: the sixth was fresh after {:.2} s",
        began.elapsed().as_secs_f64()
    ));
    for pty in &stopped {
        pty.signal("CONT");
    }
    for pty in &stopped {
        pty.within(150 * SECOND, |screen| screen.contains("FRESH"))
            .unwrap();
    }
    let most = hss.most_in_a_minute();
    tell(&format!(
        "all were fresh after {:.2} s, with {most} calls in a minute at most",
        began.elapsed().as_secs_f64()
    ));
    assert_eq!(most, 5);
}

#[test]
fn doctor_counts_its_calls() {
    let folder = Folder::new("share-doctor");
    let hss = Faultd::start(PAGE);
    let url = hss.url();
    for left in (0..5).rev() {
        let flags = ["doctor", "--endpoint", &url, "--project-id", "p"];
        let (_, out, _) = run(&flags, &variables(folder.path()));
        assert!(out.contains(&format!("{left} of 5 in this minute")), "{out}");
    }
    assert_eq!(hss.most_in_a_minute(), 5);
    let pty = dashboard(&url, folder.path(), &["--no-state"]);
    let screen = pty.shows(" 0 calls ");
    assert!(screen.contains("LOADING"), "{screen}");
    assert_eq!(hss.most_in_a_minute(), 5, "it waits for a call");
}

#[test]
fn without_a_place_for_the_ledger_the_program_goes_on_and_says_so() {
    let hss = Faultd::start(PAGE - 1);
    let nowhere = [
        ("HSS_TOP_TOKEN", "canary-token"),
        ("XDG_STATE_HOME", "/proc/self"),
        ("XDG_RUNTIME_DIR", "/proc"),
        ("TMPDIR", "/proc"),
    ];
    let mut pty = Pty::start(
        140,
        30,
        &["--endpoint", &hss.url(), "--project-id", "p"],
        &nowhere,
    );
    pty.shows("FRESH");
    pty.keys("4");
    pty.shows("calls of other programs are not counted");
    let flags = ["doctor", "--endpoint", &hss.url(), "--project-id", "p"];
    let (code, out, _) = run(&flags, &nowhere);
    assert!(out.contains("calls of other programs are not counted"), "{out}");
    assert_eq!(code, Some(1));
}

/// What the ledger costs beside a call to the simulator on the same machine. The limit leaves room for other work on it.
#[tokio::test]
async fn the_ledger_costs_little_beside_a_call() {
    const ROUNDS: usize = 150;
    let folder = Folder::new("share-cost");
    let hss = Simulate::start(&["--pods", "200", "--serverless", "0"], &[]);
    let endpoint = Endpoint::parse(&hss.url, false).unwrap();
    let token = Credential::Token(Token::new("t").unwrap());
    let setup = Setup::new(endpoint, ProjectId::new("p").unwrap(), token);
    let client = Client::new(setup, TransportContext::new(Clock::system()));
    let call = ListPods::new("all_granted_eps", 200, Scope::default()).unwrap();
    let place = LedgerPlace {
        folders: vec![folder.dir().to_owned()],
        name: "cost.calls".to_owned(),
    };
    let mut ledger = Ledger::new(place, 1_000_000, Clock::system());
    let (mut calls, mut claims) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        client.list_pods(&call).await.unwrap();
        calls.push(began.elapsed());
        let began = Instant::now();
        ledger.claim(1, true).await.unwrap();
        ledger.settle(0).await.unwrap();
        claims.push(began.elapsed());
    }
    calls.sort_unstable();
    claims.sort_unstable();
    let (call, claim) = (calls[ROUNDS / 2], claims[ROUNDS / 2]);
    let share = claim.as_secs_f64() / call.as_secs_f64();
    tell(&format!(
        "a call takes {} µs, its two entries in the ledger {} µs: {share:.3} of a call",
        call.as_micros(),
        claim.as_micros()
    ));
    assert!(share < 0.5, "{share}");
}
