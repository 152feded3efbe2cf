//! What HTTP may do to the program, fault by fault, with the binary in a pseudo-terminal.
//!
//! The table is [`cases`]; what every row must fulfil is in `support/fault_stage.rs`. Ten minutes of 429 and the spread
//! of attempts are in `event_loop.rs` and beside the code, where a clock can be paused.

mod ends;
mod errors;
mod limits;
mod shared;
mod sign_in;

use std::time::Duration;

use crate::support::fault_case::{Case, Seat, is_long_run, play_all, tell};
use crate::support::fault_stage::{PODS, Stage};
use crate::support::faultd::Faultd;
use crate::support::program::Program;
use crate::support::scripted::Step;
use ends::{cuts, silence_and_ends};
use errors::{elsewhere, errors, not_the_api};
use limits::{size, throttling};
use sign_in::sign_in;

const SECOND: Duration = Duration::from_secs(1);
const JSON: &str = "Content-Type: application/json\r\n";
const HTML: &str = "Content-Type: text/html\r\n";
const PAGE: &str = include_str!("../../fixtures/page-example.json");

/// A fault that stays until it is mended, and what the screen must say of it.
struct Plain {
    word: &'static str,
    says: &'static [&'static str],
    /// From the call to the word.
    within: Duration,
    /// Calls until it is mended.
    calls: usize,
}

impl Plain {
    fn play(&self, seat: Seat, breaks: impl FnOnce(&Faultd)) -> Result<String, String> {
        let hss = Faultd::start(PODS);
        let mut stage = Stage::start(seat, &hss)?;
        stage.breaks(breaks);
        stage.shows(self.word, self.says, self.within)?;
        if seat.program == Program::Ours {
            stage.obeys_keys()?;
        }
        stage.rests()?;
        stage.asked_at_most(self.calls)?;
        stage.heals(Faultd::mend)?;
        stage.ends()
    }
}

/// A row: each call meets the next of these steps.
fn plain(id: &'static str, fault: &'static str, plain: Plain, steps: fn() -> Vec<Step>) -> Case {
    Case::new(id, fault, move |seat| {
        plain.play(seat, |hss| hss.break_with(steps()))
    })
}

/// Three attempts, and a word within a second.
fn passing(says: &'static [&'static str]) -> Plain {
    Plain {
        word: "STALE",
        says,
        within: SECOND,
        calls: 3,
    }
}

/// One attempt.
fn lasting(word: &'static str, says: &'static [&'static str]) -> Plain {
    Plain {
        word,
        says,
        within: SECOND,
        calls: 1,
    }
}

fn cases() -> Vec<Case> {
    [
        silence_and_ends(),
        errors(),
        throttling(),
        sign_in(),
        elsewhere(),
        size(),
        cuts(),
        not_the_api(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_fault_of_http_is_told_and_outlived() {
    play_all(&cases());
}

/// The cases would prove little if a program that does nothing about these faults passed them.
#[test]
fn the_naive_twin_fails() {
    let seat = Seat::quick(Program::Twin);
    let known = ["H2", "H3", "H10", "H11"];
    let faults = [
        "accepts, never answers",
        "a byte every half second forever",
        "302 to the same host, another port",
        "1 MiB of gzip that is 1 GiB",
        "a body of 1 GiB",
    ];
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|it| faults.contains(&it.fault))
        .collect();
    assert_eq!(cases.len(), faults.len());
    for case in cases.iter().filter(|it| is_long_run() || !it.slow) {
        assert!(known.contains(&case.id));
        let why = case.result(seat).expect_err(case.fault);
        tell(&format!(
            "{:4} {}: the twin fails: {}",
            case.id,
            case.fault,
            why.lines().next().unwrap_or_default()
        ));
    }
}
