//! Measures the memory after a fleet was replaced many times, and how fast the largest fleet is loaded.
//!
//! `cargo bench --bench endurance [-- CYCLES]`, 500 if not said otherwise.
//!
//! Owns one goal, of memory, and tells one time. Every cycle is a full sweep of 100,000 pods as the program makes one: pages of bytes, decoded and taken
//! into the store, a picture now and then while others still hold the one before. Of each cycle a tenth of the pods is new,
//! in the place of others that are forgotten, and all usages are others. What the kernel counts as resident must then be what
//! it was in the first cycles. How long it takes to decode and hold 10,000 pages, 2,000,000 pods, is told without a limit:
//! there is no floor beside it, and a clock alone says more of the machine than of the program. Pages are written before the
//! clock starts.
//!
//! No criterion or divan bench: a memory that grows over hundreds of cycles is not a time.
//!
//! Must not: depend on anything but the number of cycles.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints what it measured, by the real clock"
)]

#[path = "endurance/pages.rs"]
mod pages;
#[path = "fleet/resident.rs"]
mod resident;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use hss_top::fleet::store::{REMEMBERED, Store, SweepKind};
use hss_top::fleet::{Fleet, Scope};
use hss_top::hss::wire::read_page;
use jiff::Timestamp;

use pages::{PAGE, page};
use resident::Resident;

/// Pods of the fleet that is replaced.
const PODS: u64 = 100_000;
const CYCLES: u64 = 500;
/// The cycles in which the memory finds its size.
const EARLY: std::ops::RangeInclusive<u64> = 10..=50;
/// Of the largest memory in them, what the last cycle may have.
const GROWTH: f64 = 1.1;
/// All pages of the largest fleet.
const ALL_PAGES: u64 = 10_000;
/// Pages that are written at once, between two measured stretches.
const BATCH: u64 = 500;
/// Pages between two pictures.
const PAGES_A_PICTURE: u64 = 100;

fn main() -> ExitCode {
    let asked = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let cycles: u64 = asked.unwrap_or(CYCLES);
    println!("| goal | measured | limit | |\n|---|---|---|---|");
    let held = replaced(cycles);
    all_pages();
    ExitCode::from(u8::from(!held))
}

/// Replaces the fleet `cycles` times; whether the memory is what it was.
fn replaced(cycles: u64) -> bool {
    let mut sweep = Sweep::default();
    let mut early = Vec::new();
    let mut now = Timestamp::from_second(1_760_000_000).unwrap_or_default();
    for cycle in 0..cycles {
        sweep.run(PODS, cycle, now);
        // Long enough for those that vanished to be forgotten before the next cycle needs their places.
        now += REMEMBERED;
        if cycle == *EARLY.start() {
            Resident::forget_peak();
        }
        if EARLY.contains(&cycle) {
            early.push(Resident::now());
        }
    }
    let last = Resident::now();
    let most = early.into_iter().max_by(|a, b| a.mib().total_cmp(&b.mib()));
    let most = most.unwrap_or(last);
    let fleet = sweep.store.snapshot();
    println!(
        "| {cycles} replacements of {PODS} pods: pods at the end, gone ones | {}, {} | | |",
        fleet.len(),
        fleet.gone()
    );
    let title = format!(
        "{cycles} replacements of {PODS} pods: resident at the end ({:.1} MiB), of the most in cycles {}-{} ({:.1} MiB)",
        last.mib(),
        EARLY.start(),
        EARLY.end(),
        most.mib()
    );
    println!(
        "| resident at the most since cycle {}, MiB | {:.1} | | |",
        EARLY.start(),
        Resident::peak().mib()
    );
    let ratio = last.ratio(&most);
    let held = ratio <= GROWTH;
    let word = if held { "held" } else { "MISSED" };
    println!("| {title} | {ratio:.2}× | ≤ {GROWTH}× | {word} |");
    held
}

/// Takes the largest fleet.
fn all_pages() {
    let mut sweep = Sweep::default();
    sweep.run(ALL_PAGES * PAGE, 0, Timestamp::UNIX_EPOCH);
    let held = sweep.store.snapshot().len();
    println!(
        "| {ALL_PAGES} pages decoded and held by one thread: seconds, pods, bytes of the store a pod | {:.2}, {held}, {} | | |",
        sweep.took.as_secs_f64(),
        sweep.store.bytes() / held.max(1)
    );
}

/// The program's part of a sweep.
#[derive(Default)]
struct Sweep {
    store: Store,
    /// The picture that the screen still has.
    shown: Fleet,
    /// How long it took so far, without writing the pages.
    took: Duration,
}

impl Sweep {
    fn run(&mut self, pods: u64, cycle: u64, now: Timestamp) {
        self.store.begin_sweep(SweepKind::Fleet);
        let pages = pods / PAGE;
        for first in (0..pages).step_by(usize::try_from(BATCH).unwrap_or(1)) {
            let numbers = first..pages.min(first + BATCH);
            let bodies: Vec<String> = numbers.map(|number| page(number, pods, cycle)).collect();
            let began = Instant::now();
            for (number, body) in (first..).zip(&bodies) {
                match read_page(body.as_bytes()) {
                    Ok(page) => drop(self.store.take(Some(SweepKind::Fleet), &page.pods)),
                    Err(error) => println!("no page: {error}"),
                }
                if number % PAGES_A_PICTURE == 0 {
                    self.shown = self.store.snapshot();
                }
            }
            self.took += began.elapsed();
        }
        let began = Instant::now();
        self.store.end_sweep(SweepKind::Fleet, &Scope::default(), now);
        self.shown = self.store.snapshot();
        self.took += began.elapsed();
    }
}
