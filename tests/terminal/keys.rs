//! P10: how long a key takes to the screen.

use std::fmt;
use std::time::Duration;

use crate::subject::{Pods, SIZES, START, Subject, Verdict, ensure, passes};
use crate::support::program::Program;
use crate::support::pty::Pty;
use crate::support::scripted::{Scripted, Step};

/// How long keys took.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    pub median: Duration,
    /// What 99 of a hundred keys keep.
    pub p99: Duration,
}

impl fmt::Display for Latency {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, p99) = (self.median.as_secs_f64() * 1e3, self.p99.as_secs_f64() * 1e3);
        write!(
            text,
            "half of the keys within {median:.1} ms, 99 of 100 within {p99:.1} ms"
        )
    }
}

/// Opens and closes the help this many times.
fn latency(pty: &mut Pty, times: usize) -> Result<Latency, String> {
    let limit = Duration::from_secs(2);
    let mut taken = Vec::new();
    for _ in 0..times {
        for (key, there) in [("?", true), ("?", false)] {
            pty.keys(key);
            taken.push(pty.comes(limit, "what a key does", |screen| {
                screen.contents().contains("Keys of the table") == there
            })?);
        }
    }
    taken.sort_unstable();
    let of_hundred = |share: usize| taken[(taken.len() * share).div_ceil(100) - 1];
    Ok(Latency {
        median: of_hundred(50),
        p99: of_hundred(99),
    })
}

/// Whether keys act within a tenth of a second: in one round of five, for a machine that is busy with something else
/// has its pauses too. Half of the keys must, in every round.
pub fn quick(pty: &mut Pty) -> Result<Latency, String> {
    let limit = Duration::from_millis(100);
    let mut said = String::new();
    for _ in 0..5 {
        let round = latency(pty, 50)?;
        if round.p99 <= limit {
            return Ok(round);
        }
        said = round.to_string();
        ensure(round.median <= limit, || said.clone())?;
    }
    Err(said)
}

fn keys_act(program: Program, pods: Pods<'_>, sign: &str, size: (u16, u16)) -> Verdict {
    let subject = Subject::new(program, &format!("keys-{}", size.0))
        .size(size)
        .pods(pods);
    let mut pty = subject.start();
    pty.comes_text(START, sign)?;
    let latency = quick(&mut pty)?;
    pty.quit();
    let (code, _) = pty.ends(Duration::from_secs(2))?;
    ensure(code == Ok(0), || format!("exit {code:?}"))?;
    Ok(latency.to_string())
}

#[test]
fn p10_keys() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let silent = runtime.block_on(Scripted::start(vec![Step::Silence]));
    let url = silent.url();
    for size in SIZES {
        for (name, pods, sign) in [
            ("all fresh", Pods::Simulated, "FRESH"),
            ("a call waits", Pods::Server(&url), "LOADING"),
        ] {
            passes(&format!("P10 {name}, at {size:?}"), |program| {
                keys_act(program, pods, sign, size)
            });
        }
    }
}
