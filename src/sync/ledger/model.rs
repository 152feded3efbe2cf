//! Several programs over one record, in a world where anything may happen to them and to the clocks.
//!
//! Two promises are asserted: never more calls than the limit in any minute of true time, as the gateway counts them; and
//! programs that share a budget are all done as soon as the budget allows.

use proptest::prelude::*;

use super::coding;
use super::machine::{MachineTime, ProgramId};
use super::record::{COUNTS, CallClaim, ClaimAnswer, LedgerRecord};

/// What a program does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// The call is noted and was not sent yet.
    Claimed,
    Sent,
}

#[derive(Debug, Clone, Copy)]
struct Program {
    id: ProgramId,
    runs: bool,
    doing: Doing,
}

/// The world. Times are milliseconds.
struct LedgerWorld {
    /// True time, which nobody can read.
    time: i64,
    booted: i64,
    boot: u64,
    /// By how much the wall clock is off.
    off: i64,
    file: Vec<u8>,
    /// What was ever in it, and what each program wrote last.
    written: Vec<Vec<u8>>,
    known: Vec<Option<LedgerRecord>>,
    /// When the file was last damaged.
    damaged: i64,
    programs: Vec<Program>,
    starts: u64,
    limit: u32,
    /// When the gateway counted a call.
    counted: Vec<i64>,
}

impl LedgerWorld {
    fn new(programs: usize, limit: u32) -> Self {
        let mut world = Self {
            time: 1_000_000,
            booted: 0,
            boot: 1,
            off: 0,
            file: Vec::new(),
            written: Vec::new(),
            known: vec![None; programs],
            damaged: -COUNTS,
            programs: Vec::new(),
            starts: 0,
            limit,
            counted: Vec::new(),
        };
        world.file = coding::write(&LedgerRecord::empty(world.now())).unwrap();
        for _ in 0..programs {
            let program = world.born();
            world.programs.push(program);
        }
        world
    }

    fn born(&mut self) -> Program {
        self.starts += 1;
        Program {
            id: ProgramId {
                pid: 7,
                started: self.starts,
                number: 0,
            },
            runs: true,
            doing: Doing::Nothing,
        }
    }

    fn now(&self) -> MachineTime {
        MachineTime {
            boot: self.boot,
            up: self.time - self.booted,
            wall: self.time + self.off,
        }
    }

    /// The record as a program finds it.
    fn record(&self, at: usize) -> LedgerRecord {
        let now = self.now();
        let (mut record, _) = coding::found(&self.file, self.known[at].as_ref(), now);
        let runs = |id| {
            self.programs
                .iter()
                .any(|program| program.runs && program.id == id)
        };
        record.advance(now, runs);
        if let Some(known) = &self.known[at] {
            record.recall(known);
        }
        record
    }

    fn write(&mut self, at: usize, record: LedgerRecord) {
        self.file = coding::write(&record).unwrap();
        self.known[at] = Some(record);
        self.written.push(self.file.clone());
    }

    fn claim(&mut self, at: usize, need: u32, urgent: bool) -> Option<ClaimAnswer> {
        let program = self.programs[at];
        if !program.runs || program.doing != Doing::Nothing {
            return None;
        }
        let mut record = self.record(at);
        let answer = record.claim(CallClaim {
            who: program.id,
            limit: self.limit,
            need,
            urgent,
        });
        self.write(at, record);
        if answer == ClaimAnswer::Go {
            self.programs[at].doing = Doing::Claimed;
        }
        Some(answer)
    }

    fn send(&mut self, at: usize) {
        if self.programs[at].doing == Doing::Claimed {
            self.programs[at].doing = Doing::Sent;
            self.counted.push(self.time);
        }
    }

    fn end(&mut self, at: usize) {
        if self.programs[at].doing != Doing::Nothing {
            let mut record = self.record(at);
            record.end(self.programs[at].id);
            self.write(at, record);
            self.programs[at].doing = Doing::Nothing;
        }
    }

    fn kill(&mut self, at: usize) {
        (self.programs[at].runs, self.programs[at].doing) = (false, Doing::Nothing);
        self.known[at] = None;
    }

    /// Killed while the file is written: so many of the new bytes have arrived.
    fn kill_in_a_write(&mut self, at: usize, written: usize) {
        let before = self.file.clone();
        if self.claim(at, 1, true).is_some() && !before.is_empty() {
            let written = written % self.file.len();
            let rest = before.get(written..).unwrap_or_default();
            self.file = [&self.file[..written], rest].concat();
            self.note_damage();
        }
        self.kill(at);
    }

    /// Time passes. A call takes a minute at most; that matters only where the file was damaged under it.
    fn pass(&mut self, millis: i64) {
        self.time += millis;
        if self.time - self.damaged >= 60_000 && self.damaged >= 0 {
            self.damaged = -COUNTS;
            (0..self.programs.len()).for_each(|at| self.end(at));
        }
    }

    fn reboot(&mut self, off: i64) {
        (0..self.programs.len()).for_each(|at| self.kill(at));
        self.time += off;
        (self.boot, self.booted) = (self.boot + 1, self.time);
    }

    fn damage(&mut self, at: usize) {
        if !self.file.is_empty() {
            let at = at % self.file.len();
            self.file[at] ^= 4;
            self.note_damage();
        }
    }

    fn empty(&mut self) {
        self.file.clear();
        self.note_damage();
    }

    /// An earlier file is put back, and a program looks that has written since. Nobody else could know.
    fn put_back(&mut self, at: usize, version: usize) {
        let Some(known) = self.known[at].as_ref().filter(|_| !self.written.is_empty()) else {
            return;
        };
        let file = self.written[version % self.written.len()].clone();
        if coding::read(&file).is_some_and(|record| record.is_before(known)) {
            self.file = file;
            self.note_damage();
            let record = self.record(at);
            self.write(at, record);
        }
    }

    /// Nobody who has a call under way may send it after the minute that this costs.
    fn note_damage(&mut self) {
        if self.damaged < 0 {
            self.damaged = self.time;
        }
    }

    fn most_in_a_minute(&self) -> usize {
        let within = |first: &i64| {
            let window = *first..*first + 60_000;
            self.counted.iter().filter(|at| window.contains(at)).count()
        };
        self.counted.iter().map(within).max().unwrap_or(0)
    }
}

#[derive(Debug, Clone)]
enum LedgerStep {
    Pass(i64),
    Claim(usize, u32, bool),
    Send(usize),
    End(usize),
    Call(usize),
    Kill(usize),
    KillInAWrite(usize, usize),
    Start(usize),
    SetClock(i64),
    Reboot(i64),
    Damage(usize),
    Empty,
    PutBack(usize, usize),
}

fn act() -> impl Strategy<Value = LedgerStep> {
    let who = || 0_usize..4;
    prop_oneof![
        8 => (0_i64..9_000).prop_map(LedgerStep::Pass),
        2 => (50_000_i64..70_000).prop_map(LedgerStep::Pass),
        8 => (who(), 1_u32..3, any::<bool>()).prop_map(|(at, need, urgent)| LedgerStep::Claim(at, need, urgent)),
        6 => who().prop_map(LedgerStep::Send),
        6 => who().prop_map(LedgerStep::End),
        9 => who().prop_map(LedgerStep::Call),
        2 => who().prop_map(LedgerStep::Kill),
        1 => (who(), any::<usize>()).prop_map(|(at, written)| LedgerStep::KillInAWrite(at, written)),
        4 => who().prop_map(LedgerStep::Start),
        1 => (-10_000_000_i64..10_000_000).prop_map(LedgerStep::SetClock),
        1 => (0_i64..90_000).prop_map(LedgerStep::Reboot),
        1 => any::<usize>().prop_map(LedgerStep::Damage),
        1 => Just(LedgerStep::Empty),
        1 => (who(), any::<usize>()).prop_map(|(at, version)| LedgerStep::PutBack(at, version)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    /// Programs are started, killed, also between the note of a call and the call, and started again; clocks are set, the
    /// machine boots, the file is damaged, emptied or put back: the gateway never counts more than the limit in any minute.
    #[test]
    fn no_minute_holds_more_calls_than_the_limit(
        limit in 1_u32..7,
        acts in prop::collection::vec(act(), 1..220),
    ) {
        let mut world = LedgerWorld::new(4, limit);
        for act in acts {
            match act {
                LedgerStep::Pass(millis) => world.pass(millis),
                LedgerStep::Claim(at, need, urgent) => drop(world.claim(at, need, urgent)),
                LedgerStep::Send(at) => world.send(at),
                LedgerStep::End(at) => world.end(at),
                LedgerStep::Call(at) => {
                    if world.claim(at, 1, true) == Some(ClaimAnswer::Go) {
                        world.send(at);
                        world.end(at);
                    }
                }
                LedgerStep::Kill(at) => world.kill(at),
                LedgerStep::KillInAWrite(at, written) => world.kill_in_a_write(at, written),
                LedgerStep::Start(at) => {
                    world.kill(at);
                    world.programs[at] = world.born();
                }
                LedgerStep::SetClock(millis) => world.off += millis,
                LedgerStep::Reboot(off) => world.reboot(off),
                LedgerStep::Damage(at) => world.damage(at),
                LedgerStep::Empty => world.empty(),
                LedgerStep::PutBack(at, version) => world.put_back(at, version),
            }
            prop_assert!(world.most_in_a_minute() <= limit as usize);
        }
    }
}

/// How long an answer takes, and how often a program that waits asks again.
const LATENCY: i64 = 300;
const ASKS_AGAIN: i64 = 1000;

/// Programs that have so many pages each to fetch, one after the other, as the fetch task does. Returns when each was done.
fn share(pages: &[u32], limit: u32) -> Vec<i64> {
    let mut world = LedgerWorld::new(pages.len(), limit);
    let start = world.time;
    let mut left = pages.to_vec();
    let mut next: Vec<i64> = (0_i64..).map(|at| start + 7 * at).take(pages.len()).collect();
    let mut done = vec![0; pages.len()];
    while let Some(at) = (0..pages.len())
        .filter(|at| left[*at] > 0)
        .min_by_key(|at| next[*at])
    {
        world.pass(next[at] - world.time);
        if world.programs[at].doing == Doing::Sent {
            world.end(at);
            left[at] -= 1;
            done[at] = world.time - start;
            continue;
        }
        let is_first = left[at] == pages[at];
        match world.claim(at, if is_first { 1 } else { 2 }, is_first) {
            Some(ClaimAnswer::Go) => {
                world.send(at);
                next[at] = world.time + LATENCY;
            }
            Some(ClaimAnswer::Wait(wait)) => {
                next[at] = world.time + i64::try_from(wait.as_millis()).unwrap().min(ASKS_AGAIN);
            }
            None => unreachable!("it runs and has no call under way"),
        }
    }
    assert!(world.most_in_a_minute() <= limit as usize);
    done
}

#[test]
fn programs_that_share_are_all_done_in_the_least_time_that_the_budget_allows() {
    for (pages, windows) in [
        (vec![1, 1, 1], 0),
        (vec![1, 1, 1, 1, 1], 0),
        (vec![2, 2, 2], 1),
        // A page leaves one call free for what is looked at: four in each minute, and a first probe may be the fifth.
        (vec![3, 3, 3], 2),
        (vec![13, 1, 1], 3),
        (vec![20, 20, 20], 14),
    ] {
        let done = share(&pages, 5);
        let slowest = done.iter().max().copied().unwrap();
        let least = windows * COUNTS;
        assert!(
            (least..=least + windows * 700 + 3000).contains(&slowest),
            "{pages:?}: {slowest} ms, not {least}"
        );
    }
}

#[test]
fn none_of_them_waits_for_another_to_be_done() {
    // The long one does not hold up the short ones, nor they it.
    let done = share(&[40, 4, 4], 5);
    assert!(done[1].max(done[2]) < 4 * COUNTS, "{done:?}");
    let alone = share(&[40], 5)[0];
    assert!(done[0] <= alone + 3 * COUNTS, "{done:?}, alone {alone}");
}

/// Four programs that are fresh probe once a minute; one sweeps.
#[test]
fn probes_of_fresh_programs_do_not_starve_a_sweep() {
    let mut world = LedgerWorld::new(5, 5);
    let end = world.time + 20 * COUNTS;
    let mut next = [0_i64; 5].map(|_| world.time);
    let (mut pages, mut probes) = (0, 0);
    while world.time < end {
        let at = (0..5).min_by_key(|at| next[*at]).unwrap();
        world.pass((next[at] - world.time).max(0));
        let is_sweep = at == 0;
        match world.claim(at, 1 + u32::from(is_sweep), false) {
            Some(ClaimAnswer::Go) => {
                world.send(at);
                world.end(at);
                (pages, probes) = (pages + i32::from(is_sweep), probes + i32::from(!is_sweep));
                next[at] = world.time + if is_sweep { LATENCY } else { 60_000 };
            }
            Some(ClaimAnswer::Wait(wait)) => {
                next[at] = world.time + i64::try_from(wait.as_millis()).unwrap().min(ASKS_AGAIN);
            }
            None => unreachable!("it runs and has no call under way"),
        }
    }
    assert!(
        pages >= 15 && probes >= 55,
        "{pages} pages, {probes} probes in 20 minutes"
    );
    assert!(world.most_in_a_minute() <= 5);
}
