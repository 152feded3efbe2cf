//! Goals, and whether they are met.
//!
//! Owns the table that is printed, and measuring a subject in turns with the floor. Must not: know the subjects.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hss_top::fleet::Fleet;

use super::SLACK;

/// Rounds of floor and subject in turns; the best of each counts.
const ROUNDS: usize = 9;

/// One pass over all names.
#[derive(Debug)]
pub struct Floor<'a>(&'a Fleet);

impl<'a> Floor<'a> {
    /// Over the names of `fleet`.
    pub fn of(fleet: &'a Fleet) -> Self {
        Self(fleet)
    }

    /// Adds up every byte, eight at a time.
    fn pass(&self) -> u64 {
        let names = self.0.chunks().iter().map(|chunk| chunk.names().as_bytes());
        let eights = names.flat_map(|names| names.as_chunks::<8>().0);
        eights.fold(0, |sum, eight| sum.wrapping_add(u64::from_ne_bytes(*eight)))
    }
}

/// What was measured so far.
#[derive(Debug)]
pub struct Goals {
    missed: usize,
    /// What the names of those hold that are wanted, if not all are.
    only: Option<String>,
}

impl Goals {
    /// Prints the head of the table.
    pub fn begin(pods: u64, only: Option<String>) -> Self {
        println!("{pods} pods\n\n| goal | floor | subject | ratio | limit | |\n|---|---|---|---|---|---|");
        Self { missed: 0, only }
    }

    /// Whether none is left out.
    pub fn are_all_wanted(&self) -> bool {
        self.only.is_none()
    }

    /// `subject` takes at most `limit` times what the floor takes.
    pub fn against<T>(&mut self, goal: &str, floor: &Floor<'_>, limit: f64, mut subject: impl FnMut() -> T) {
        if self.only.as_ref().is_some_and(|word| !goal.contains(word)) {
            return;
        }
        let (mut least, mut best) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            least = least.min(time(|| floor.pass()));
            best = best.min(time(&mut subject));
        }
        let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
        let ratio = best.as_secs_f64() / least.as_secs_f64().max(f64::MIN_POSITIVE);
        self.row(goal, &ms(least), &ms(best), ratio, limit);
    }

    /// `subject` takes at most `limit` microseconds.
    pub fn absolute(&mut self, goal: &str, limit: f64, mut subject: impl FnMut()) {
        let times = (0..ROUNDS).map(|_| time(&mut subject));
        let best = times.min().unwrap_or_default().as_secs_f64() * 1e6;
        self.number(goal, best, limit);
    }

    /// A number that was counted, not timed.
    pub fn number(&mut self, goal: &str, number: f64, limit: f64) {
        self.row(goal, "", "", number, limit);
    }

    /// A number that is told and has no limit.
    pub fn figure(what: &str, number: f64) {
        println!("| {what} | | {number:.1} | | | |");
    }

    fn row(&mut self, goal: &str, floor: &str, subject: &str, ratio: f64, limit: f64) {
        let word = match ratio / limit {
            ..=1.0 => "held",
            ..=SLACK => "held, with slack",
            _ => "MISSED",
        };
        self.missed += usize::from(word == "MISSED");
        println!("| {goal} | {floor} | {subject} | {ratio:.2} | ≤ {limit} | {word} |");
    }

    /// Whether all are held.
    pub fn end(self) -> ExitCode {
        println!("\n{} missed", self.missed);
        ExitCode::from(u8::from(self.missed > 0))
    }
}

fn time<T>(mut subject: impl FnMut() -> T) -> Duration {
    let began = Instant::now();
    let done = black_box(subject());
    let took = began.elapsed();
    drop(done);
    took
}
