//! T10: sizes change a hundred times a second while a filter is typed.

use std::time::Duration;

use crate::subject::{Subject, Verdict, ensure, passes, passes_in_three};
use crate::support::fault_case::is_long_run;
use crate::support::measure::Meter;
use crate::support::mishap::pass;
use crate::support::program::Program;
use crate::support::pty::Pty;

/// Numbers that look random and are the same each time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

const FILTER: &str = "status:Running";

fn storm(program: Program, last: (u16, u16), seed: u64) -> Verdict {
    let subject = Subject::new(program, &format!("storm-{}", last.0)).size(last);
    let mut pty = subject.start_ready()?;
    let mut numbers = Numbers(seed);
    pty.keys("jj/");
    let mut typed = FILTER.chars();
    for at in 0..300 {
        let (columns, rows) = match at % 10 {
            0 => (0, 0),
            3 => (1, 1),
            6 => (500, 200),
            _ => (1 + numbers.next(250), 1 + numbers.next(80)),
        };
        pty.resize_only(u16::try_from(columns).unwrap(), u16::try_from(rows).unwrap());
        if at % 20 == 0 {
            pty.keys(&typed.by_ref().take(1).collect::<String>());
        }
        pass(Duration::from_millis(10));
    }
    pty.resize_only(20, 4);
    pty.keys(&typed.collect::<String>());
    pass(Duration::from_millis(500));
    pty.resize(20, 4);
    pty.comes(Duration::from_secs(1), "too small", |screen| {
        screen.contents().contains("too small")
    })?;
    pty.resize(last.0, last.1);
    let prompt = format!("/{FILTER}");
    let time = pty.comes(Duration::from_secs(1), "the layout of the last size", |screen| {
        let text = screen.contents();
        let lines: Vec<&str> = text.lines().collect();
        lines.len() == usize::from(last.1)
            && lines
                .last()
                .is_some_and(|line| line.trim_start().replace("/ ", "/").starts_with(&prompt))
            && text.contains("POD")
            && text.contains("FRESH")
    })?;
    ensure(time <= Duration::from_millis(100), || {
        format!("after {} ms", time.as_millis())
    })?;
    pty.keys("\r");
    pty.comes(Duration::from_secs(1), "the filter", |screen| {
        screen.contents().contains("filtered from 310")
    })?;
    pty.quit();
    let (code, _) = pty.ends(Duration::from_secs(2))?;
    ensure(code == Ok(0), || format!("exit {code:?}"))?;
    Ok(format!(
        "300 sizes, the last one drawn in {} ms",
        time.as_millis()
    ))
}

/// T20: sizes that no screen has, at once and as a window that is resized to them and back.
fn beyond_any_screen(program: Program) -> Verdict {
    let subject = Subject::new(program, "beyond");
    let mut pty = subject.start_ready()?;
    let meter = Meter::of(pty.pid());
    let before = meter.resident();
    for (columns, rows) in [
        (10_000, 10_000),
        (u16::MAX, u16::MAX),
        (u16::MAX, 1),
        (1, u16::MAX),
        (4000, 24),
        (0, u16::MAX),
    ] {
        pty.resize_only(columns, rows);
        pty.keys("j");
        pass(Duration::from_millis(300));
    }
    let most = meter.peak().saturating_sub(before);
    ensure(most <= 96 << 10, || format!("{most} KiB more at most"))?;
    pty.resize(81, 24);
    pty.comes(Duration::from_secs(2), "the usual picture", |screen| {
        screen.contents().contains("FRESH") && screen.contents().contains("? help")
    })?;
    let kept = meter.resident().saturating_sub(before);
    ensure(kept <= 32 << 10, || format!("{kept} KiB more are kept"))?;
    pty.quit();
    let (code, _) = pty.ends(Duration::from_secs(2))?;
    ensure(code == Ok(0), || format!("exit {code:?}"))?;
    Ok(format!("{most} KiB more at most, {kept} KiB kept"))
}

/// T22: 10,000 sizes one after the other, of which every tenth is a huge one (500 where the run is short).
fn many_sizes(program: Program) -> Verdict {
    /// What may be left of it, in KiB, however many sizes there were. The largest pictures have two blocks of 4 MiB, and glibc
    /// keeps what it was given back up to twice that; with `MALLOC_MMAP_THRESHOLD_=131072` it keeps nothing.
    const MORE: u64 = 16 << 10;
    let times = if is_long_run() { 10_000 } else { 500 };
    let subject = Subject::new(program, "many-sizes");
    let mut pty = subject.start_ready()?;
    let meter = Meter::of(pty.pid());
    let mut numbers = Numbers(9);
    let mut resize = |pty: &mut Pty, times: u32| {
        for at in 0..times {
            let (columns, rows) = match at % 10 {
                6 => (500, 200),
                _ => (1 + numbers.next(250), 1 + numbers.next(80)),
            };
            pty.resize_only(u16::try_from(columns).unwrap(), u16::try_from(rows).unwrap());
            pass(Duration::from_millis(11));
        }
        pty.resize(80, 24);
        pass(Duration::from_millis(1500));
        meter.resident()
    };
    // Whatever is made once is there.
    let before = resize(&mut pty, 50);
    let after = resize(&mut pty, times);
    let more = after.saturating_sub(before);
    ensure(more <= MORE, || {
        format!("{more} KiB more than {before} after {times} sizes")
    })?;
    pty.quit();
    let (code, _) = pty.ends(Duration::from_secs(2))?;
    ensure(code == Ok(0), || format!("exit {code:?}"))?;
    Ok(format!("{times} sizes: {before} KiB, then {after}"))
}

#[test]
fn t22_ten_thousand_sizes_need_no_more_memory_than_a_few() {
    passes("T22", many_sizes);
}

#[test]
fn t20_sizes_beyond_any_screen_cost_little() {
    passes_in_three("T20", beyond_any_screen);
}

#[test]
fn t10_storm() {
    for (seed, last) in [(7, (80, 24)), (8, (200, 60))] {
        passes_in_three(&format!("T10 to {last:?}"), |program| storm(program, last, seed));
    }
}

/// `su ACCOUNT -c` starts programs this way: the kernel sends no SIGWINCH to one without a controlling terminal.
#[test]
fn a_size_that_no_signal_tells_is_seen_all_the_same() {
    let subject = Subject::new(Program::Ours, "no-controlling-terminal").size((80, 20));
    let mut pty = subject.launch(&[], false);
    pty.shows("? help");
    for (columns, rows) in [(110, 26), (60, 15)] {
        pty.resize(columns, rows);
        pty.until("a picture of the new size", |screen| {
            let lines: Vec<&str> = screen.lines().collect();
            let hints = lines.iter().rposition(|line| line.contains("? help"));
            hints == Some(usize::from(rows) - 1)
        });
    }
    pty.signal("TERM");
    assert_eq!(pty.ended().0, 143);
}
