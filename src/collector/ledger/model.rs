//! A model: several programs with one record, in a world where anything may happen to them and to the clocks.
//!
//! It asserts that the gateway never counts more calls than the limit in any minute of true time. `sharing`
//! asserts the other promise.

use std::time::Duration;

use proptest::prelude::*;

use super::coding;
use super::machine::{MachineTime, ProgramId};
use super::record::{CLAIM_HOLDS, COUNTS, CallClaim, ClaimAnswer, LASTS, LedgerRecord};
use crate::hss::transport::LONGEST_CALL;

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap()
}

/// What a program does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// The call is recorded and not sent yet.
    Claimed,
    /// The request has begun, at this time; the gateway has not counted it yet.
    Begun(i64),
    Counted,
}

#[derive(Debug, Clone, Copy)]
struct Program {
    id: ProgramId,
    runs: bool,
    /// Stopped: it does nothing until it is continued.
    is_stopped: bool,
    doing: Doing,
    /// When its last call was claimed.
    claimed: i64,
}

impl Program {
    fn may_act(&self) -> bool {
        self.runs && !self.is_stopped
    }
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
    /// All records that it ever contained, and the last record of each program.
    written: Vec<Vec<u8>>,
    known: Vec<Option<LedgerRecord>>,
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
            is_stopped: false,
            doing: Doing::Nothing,
            claimed: 0,
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
        if !program.may_act() || program.doing != Doing::Nothing {
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
            (self.programs[at].doing, self.programs[at].claimed) = (Doing::Claimed, self.time);
        }
        Some(answer)
    }

    /// The request begins, unless its claim expired: then the claim is returned.
    fn send(&mut self, at: usize) {
        let program = self.programs[at];
        if !program.may_act() || program.doing != Doing::Claimed {
            return;
        }
        if self.time - program.claimed <= millis(CLAIM_HOLDS) {
            self.programs[at].doing = Doing::Begun(self.time);
            return;
        }
        let mut record = self.record(at);
        record.withdraw(program.id, 1);
        self.write(at, record);
        self.programs[at].doing = Doing::Nothing;
    }

    /// The request gets through, unless it took too long.
    fn arrive(&mut self, at: usize) {
        let program = self.programs[at];
        if let Doing::Begun(begun) = program.doing
            && program.may_act()
        {
            if self.time - begun < millis(LONGEST_CALL) {
                self.counted.push(self.time);
            }
            self.programs[at].doing = Doing::Counted;
        }
    }

    /// The call has ended. The gateway may have counted it at the last moment.
    fn end(&mut self, at: usize) {
        self.arrive(at);
        let program = self.programs[at];
        if program.may_act() && program.doing != Doing::Nothing {
            let mut record = self.record(at);
            if self.time - program.claimed < LASTS {
                record.end(program.id, 1);
            }
            self.write(at, record);
            self.programs[at].doing = Doing::Nothing;
        }
    }

    fn set_stopped(&mut self, at: usize, is_stopped: bool) {
        self.programs[at].is_stopped = is_stopped;
    }

    fn kill(&mut self, at: usize) {
        (self.programs[at].runs, self.programs[at].doing) = (false, Doing::Nothing);
        self.programs[at].is_stopped = false;
        self.known[at] = None;
    }

    fn stall(&mut self, at: usize, millis: i64) {
        if self.claim(at, 1, true) == Some(ClaimAnswer::Go) {
            self.pass(millis);
            self.send(at);
            self.arrive(at);
            self.kill(at);
        }
    }

    /// Killed while the file is written, after this many of the new bytes.
    fn kill_in_a_write(&mut self, at: usize, written: usize) {
        let before = self.file.clone();
        if self.claim(at, 1, true).is_some() && !before.is_empty() {
            let written = written % self.file.len();
            let rest = before.get(written..).unwrap_or_default();
            self.file = [&self.file[..written], rest].concat();
        }
        self.kill(at);
    }

    fn pass(&mut self, millis: i64) {
        self.time += millis;
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
        }
    }

    fn empty(&mut self) {
        self.file.clear();
    }

    /// An earlier file is restored, and a program that has written since reads it. No other program could
    /// notice.
    fn put_back(&mut self, at: usize, version: usize) {
        let may_look = self.programs[at].may_act() && !self.written.is_empty();
        let Some(known) = self.known[at].as_ref().filter(|_| may_look) else {
            return;
        };
        let file = self.written[version % self.written.len()].clone();
        if coding::read(&file).is_some_and(|record| record.is_before(known)) {
            self.file = file;
            let record = self.record(at);
            self.write(at, record);
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
    Arrive(usize),
    End(usize),
    Stop(usize),
    Continue(usize),
    Call(usize),
    /// Claims, is stopped for a time, continues, and is killed.
    Stall(usize, i64),
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
        2 => (20_000_i64..70_000).prop_map(LedgerStep::Pass),
        8 => (who(), 1_u32..3, any::<bool>()).prop_map(|(at, need, urgent)| LedgerStep::Claim(at, need, urgent)),
        6 => who().prop_map(LedgerStep::Send),
        6 => who().prop_map(LedgerStep::Arrive),
        6 => who().prop_map(LedgerStep::End),
        3 => who().prop_map(LedgerStep::Stop),
        3 => who().prop_map(LedgerStep::Continue),
        9 => who().prop_map(LedgerStep::Call),
        3 => (who(), 20_000_i64..100_000).prop_map(|(at, millis)| LedgerStep::Stall(at, millis)),
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

    /// Programs are started, stopped, continued, killed (even between the record of a call and the call) and
    /// started again; clocks are set, the machine boots, the file is damaged, emptied or replaced by an older
    /// one. The gateway never counts more than the limit in any minute.
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
                LedgerStep::Arrive(at) => world.arrive(at),
                LedgerStep::End(at) => world.end(at),
                LedgerStep::Stop(at) => world.set_stopped(at, true),
                LedgerStep::Continue(at) => world.set_stopped(at, false),
                LedgerStep::Call(at) => {
                    if world.claim(at, 1, true) == Some(ClaimAnswer::Go) {
                        world.send(at);
                        world.end(at);
                    }
                }
                LedgerStep::Stall(at, millis) => world.stall(at, millis),
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

mod sharing;
