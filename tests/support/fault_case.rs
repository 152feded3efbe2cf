//! A fault case: a program under test in a pseudo-terminal, a server that breaks, and what must hold meanwhile.
//!
//! A case is a row of a table: its id, the fault in words, and a function over a [`Seat`] that returns what
//! it measured, or why the program fails it ([`super::fault_stage`]). Every surface of [`SURFACES`] plays
//! every row.
//!
//! What a row may claim: the state word is right within a second; rows that were shown stay; keys act within
//! a tenth of a second; a limited number of calls, and never more than the budget in any minute; at most 5 %
//! of a processor (in a long run) and a limited amount of additional memory; it recovers within 65 s by
//! itself and within 5 s after Ctrl-r; it quits within 2 s; it writes no secret and nothing that a terminal
//! would execute.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use super::program::Program;

/// A way in which an operator meets the program.
#[derive(Debug, Clone, Copy)]
pub struct Surface {
    pub columns: u16,
    pub rows: u16,
}

/// All of them. Another one that asks HSS is one more row.
pub const SURFACES: [Surface; 2] = [
    Surface {
        columns: 80,
        rows: 24,
    },
    Surface {
        columns: 200,
        rows: 60,
    },
];

/// Where a case is played.
#[derive(Debug, Clone, Copy)]
pub struct Seat {
    pub program: Program,
    pub surface: Surface,
    /// Whether there is time to look for some seconds at what the program does by itself.
    pub long: bool,
    /// Whether there is time to wait for a minute until it heals by itself, on the default budget; else it heals with
    /// Ctrl-r, on a larger one.
    pub patient: bool,
}

impl Seat {
    /// A seat for a quick look.
    pub fn quick(program: Program) -> Self {
        Self {
            program,
            surface: SURFACES[0],
            long: false,
            patient: false,
        }
    }

    pub fn calls_per_minute(self) -> usize {
        if self.patient { 5 } else { 20 }
    }
}

/// A row of a table of faults.
pub struct Case {
    pub id: &'static str,
    pub fault: &'static str,
    /// Whether it waits long by nature.
    pub slow: bool,
    pub play: Box<dyn Fn(Seat) -> Result<String, String> + Send + Sync>,
}

impl Case {
    pub fn new(
        id: &'static str,
        fault: &'static str,
        play: impl Fn(Seat) -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            id,
            fault,
            slow: false,
            play: Box::new(play),
        }
    }

    /// A case that is played in long runs only.
    pub fn slow(self) -> Self {
        Self { slow: true, ..self }
    }

    /// Plays it; a panic is a failure too.
    pub fn result(&self, seat: Seat) -> Result<String, String> {
        catch_unwind(AssertUnwindSafe(|| (self.play)(seat))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(text.unwrap_or_else(|| "panicked".to_owned()))
        })
    }
}

/// Whether there is time for what waits long by nature.
pub fn is_long_run() -> bool {
    std::env::var_os("LONG_TESTS").is_some_and(|it| it == "1")
}

/// Prints a line of what was measured.
#[expect(clippy::print_stdout, reason = "what a test measured is worth a line")]
pub fn tell(line: &str) {
    println!("{line}");
}

/// Plays all rows, several at a time: on every surface in a long run, else each on one, in turns.
pub fn play_all(cases: &[Case]) {
    let long = is_long_run();
    let mut seats: Vec<(&Case, Seat)> = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        if case.slow && !long {
            tell(&format!(
                "{:4} {}: waits long; LONG_TESTS=1 plays it",
                case.id, case.fault
            ));
            continue;
        }
        for (number, surface) in SURFACES.into_iter().enumerate() {
            let is_first = number == at % SURFACES.len();
            let seat = Seat {
                program: Program::Ours,
                surface,
                long,
                patient: long && is_first,
            };
            if long || is_first {
                seats.push((case, seat));
            }
        }
    }
    // Who waits longest begins.
    seats.sort_by_key(|(case, seat)| (case.slow, seat.patient));
    let (queue, failures) = (Mutex::new(seats), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let next = queue.lock().unwrap().pop();
            let Some((case, seat)) = next else { return };
            let Surface { columns, rows } = seat.surface;
            let place = format!("{:4} {} at {columns}x{rows}", case.id, case.fault);
            match case.result(seat) {
                Ok(measured) => tell(&format!("{place}: {measured}")),
                Err(why) => failures.lock().unwrap().push(format!("{place}: {why}")),
            }
        }
    };
    // They mostly wait.
    std::thread::scope(|scope| {
        for _ in 0..if long { 32 } else { 4 } {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
