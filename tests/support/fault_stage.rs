//! The stage of a fault case: the program, the server, and each thing that a case may claim of them.

use std::time::Duration;

use tokio::time::Instant;

use super::fault_case::{Seat, Surface};
use super::faultd::{Faultd, Request};
use super::measure::Meter;
use super::program::Program;
use super::pty::Pty;
use super::run::Folder;

/// Granted on top of each limit of time: two cores are shared with other tests.
const NOISE: Duration = Duration::from_secs(1);
/// By this much more than before the fault may memory grow.
const MEMORY_KIB: u64 = 16 << 10;
const SECOND: Duration = Duration::from_secs(1);
/// Pods of the fleet: two pages.
pub const PODS: u32 = 250;
/// The credential; it must never be seen again.
pub const CANARY: &str = "canary-token-77";

/// A program that runs against a server.
pub struct Stage<'a> {
    pub pty: Pty,
    pub seat: Seat,
    pub meter: Meter,
    hss: &'a Faultd,
    /// Where the program logs.
    folder: Folder,
    resident: u64,
    /// When the fault was set.
    broke: Instant,
    measured: Vec<String>,
    /// What must not be on the screen nor written.
    never: Vec<&'static str>,
}

impl<'a> Stage<'a> {
    /// Starts the program and waits until it shows the whole fleet.
    pub fn start(seat: Seat, hss: &'a Faultd) -> Result<Self, String> {
        Self::start_with(
            seat,
            hss,
            &["--endpoint", &hss.url()],
            &[("HSS_TOP_TOKEN", CANARY)],
        )
    }

    /// The same with these flags and variables that lead there.
    pub fn start_with(
        seat: Seat,
        hss: &'a Faultd,
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Self, String> {
        let calls = seat.calls_per_minute().to_string();
        let folder = Folder::new("fault");
        let log = folder.join("log").display().to_string();
        let base = [
            "--project-id",
            "p-1",
            "--calls-per-minute",
            &calls,
            "--log-file",
            &log,
            "--log-level",
            "trace",
        ];
        let url = format!("{}/v5/p-1/kubernetes/pods?limit=200", hss.url());
        let twin = [("NAIVE_TWIN_URL", url.as_str()), ("TZ", "UTC")];
        let flags = match seat.program {
            Program::Ours => [flags, &base].concat(),
            Program::Twin => Vec::new(),
        };
        let variables = [variables, &twin].concat();
        let Surface { columns, rows } = seat.surface;
        let pty = Pty::start_program(seat.program, columns, rows, &flags, &variables);
        let ready = |screen: &str| is_fresh(screen) && has_rows(screen);
        pty.within(30 * SECOND, ready)
            .map_err(|screen| format!("never got ready:\n{}", brief(&screen)))?;
        let meter = Meter::of(pty.pid());
        Ok(Self {
            resident: meter.resident(),
            meter,
            pty,
            seat,
            hss,
            folder,
            broke: Instant::now(),
            measured: Vec::new(),
            never: vec!["canary", "\u{202e}", "<html"],
        })
    }

    /// Breaks the server, asks, and waits for the call that meets the fault; a server that is not there gets none.
    pub fn breaks(&mut self, how: impl FnOnce(&Faultd)) -> Option<Request> {
        how(self.hss);
        self.asks();
        self.hss.call_after(self.broke, SECOND)
    }

    /// The fault begins now.
    pub fn marks(&mut self) {
        self.broke = Instant::now();
    }

    /// Asks now, by key.
    pub fn asks(&mut self) {
        self.marks();
        if self.seat.program == Program::Ours {
            self.pty.keys("\x12");
        }
    }

    /// When the fault was set.
    pub fn broke(&self) -> Instant {
        self.broke
    }

    /// The state word and all these words show in time, while memory stays within its limit, and the rows stay.
    pub fn shows(&mut self, word: &str, says: &[&str], within: Duration) -> Result<String, String> {
        let holds =
            |screen: &str| state_of(screen).contains(word) && says.iter().all(|it| screen.contains(it));
        let deadline = Instant::now() + within + NOISE;
        let screen = loop {
            let result = self.pty.within(Duration::from_millis(50), holds);
            let more = self.meter.peak().saturating_sub(self.resident);
            if more > MEMORY_KIB {
                return Err(format!("memory grew by {more} KiB"));
            }
            match result {
                Ok(screen) => break screen,
                Err(screen) if Instant::now() >= deadline => {
                    return Err(format!(
                        "{word} {says:?} did not show within {within:?}:\n{}",
                        brief(&screen)
                    ));
                }
                Err(_) => {}
            }
        };
        if !has_rows(&screen) {
            return Err(format!("the rows are gone:\n{}", brief(&screen)));
        }
        if let Some(never) = self.never.iter().find(|never| screen.contains(**never)) {
            return Err(format!("{never:?} is on the screen:\n{}", brief(&screen)));
        }
        self.notes(word, self.broke.elapsed());
        Ok(screen)
    }

    /// Notes what was measured.
    pub fn notes(&mut self, what: &str, took: Duration) {
        self.measured
            .push(format!("{what} after {:.2} s", took.as_secs_f64()));
    }

    /// Keys act at once: the best of some is within a tenth of a second.
    pub fn obeys_keys(&mut self) -> Result<(), String> {
        let mut best = SECOND;
        for _ in 0..8 {
            for (key, shown) in [("?", true), ("\x1b", false)] {
                let pressed = Instant::now();
                self.pty.keys(key);
                let wanted = |screen: &str| screen.contains("Keys of the table") == shown;
                self.pty
                    .within(2 * SECOND, wanted)
                    .map_err(|screen| format!("{key:?} does nothing:\n{}", brief(&screen)))?;
                best = best.min(pressed.elapsed());
            }
            if best <= SECOND / 10 {
                self.measured.push(format!("key {} ms", best.as_millis()));
                return Ok(());
            }
        }
        Err(format!("the fastest key took {best:?}"))
    }

    /// In a long run: over five seconds of the fault, no more than a twentieth of a processor.
    pub fn rests(&mut self) -> Result<(), String> {
        if !self.seat.long {
            return Ok(());
        }
        let (began, before) = (Instant::now(), self.meter.cpu());
        while began.elapsed() < 5 * SECOND {
            std::thread::park_timeout((5 * SECOND).saturating_sub(began.elapsed()));
        }
        let share = (self.meter.cpu().saturating_sub(before)).as_secs_f64() / began.elapsed().as_secs_f64();
        self.measured.push(format!("processor {:.1} %", share * 100.0));
        if share > 0.05 {
            return Err(format!("{:.1} % of a processor", share * 100.0));
        }
        Ok(())
    }

    /// By itself it makes this many calls since the fault, within some seconds.
    pub fn tries(&mut self, calls: usize) -> Result<(), String> {
        let tried = |_: &str| self.hss.calls_since(self.broke).len() >= calls;
        for _ in 0..40 {
            if self.pty.within(SECOND / 10, tried).is_ok() {
                return Ok(());
            }
        }
        Err(format!(
            "it made no {calls} calls: {:?}",
            self.hss.calls_since(self.broke)
        ))
    }

    /// At most this many calls since the fault.
    pub fn asked_at_most(&mut self, most: usize) -> Result<(), String> {
        let calls = self.hss.calls_since(self.broke);
        self.measured.push(format!("{} calls", calls.len()));
        if calls.len() > most {
            return Err(format!("{} calls, not {most}: {calls:?}", calls.len()));
        }
        Ok(())
    }

    /// The server is well again: the program is too, by itself where there is time, else with Ctrl-r.
    pub fn heals(&mut self, how: impl FnOnce(&Faultd)) -> Result<(), String> {
        how(self.hss);
        let well = Instant::now();
        let within = if self.seat.patient {
            65 * SECOND
        } else {
            5 * SECOND
        };
        if !self.seat.patient {
            self.asks();
        }
        self.gets_fresh(well, within)
    }

    /// Fresh again within so long of `since`.
    pub fn gets_fresh(&mut self, since: Instant, within: Duration) -> Result<(), String> {
        let ready = |screen: &str| is_fresh(screen) && has_rows(screen);
        let left = (since + within + NOISE).saturating_duration_since(Instant::now());
        self.pty
            .within(left, ready)
            .map_err(|screen| format!("not well {within:?} after the fault:\n{}", brief(&screen)))?;
        self.notes("FRESH", since.elapsed());
        Ok(())
    }

    /// The end: in time, with nothing written that must not be, and the budget held. Answers what was measured.
    pub fn ends(mut self) -> Result<String, String> {
        let more = self.meter.peak().saturating_sub(self.resident);
        if more > MEMORY_KIB {
            return Err(format!("memory grew by {more} KiB"));
        }
        let most = self.hss.most_in_a_minute();
        if most > self.seat.calls_per_minute() {
            return Err(format!("{most} calls in a minute"));
        }
        let quit = Instant::now();
        self.pty.quit();
        let (code, raw, _) = self.pty.ended();
        let took = quit.elapsed();
        if code != 0 || took > 2 * SECOND + NOISE {
            return Err(format!("ended with {code} after {took:?}"));
        }
        let log = std::fs::read(self.folder.join("log")).unwrap_or_default();
        for (bytes, place) in [(raw, "to the terminal"), (log, "to the log")] {
            let text = String::from_utf8_lossy(&bytes);
            if let Some(never) = self.never.iter().find(|never| text.contains(**never)) {
                return Err(format!("{never:?} was written {place}"));
            }
        }
        let rest = [
            format!("peak +{more} KiB"),
            format!("at most {most} calls a minute"),
            format!("quit {} ms", took.as_millis()),
        ];
        self.measured.extend(rest);
        Ok(self.measured.join(", "))
    }
}

/// The title, the first rows and the last line.
pub fn brief(screen: &str) -> String {
    let lines: Vec<&str> = screen.lines().collect();
    let last = lines.last().copied().unwrap_or_default();
    format!(
        "{}\n…\n{last}",
        lines.get(..5.min(lines.len())).unwrap_or_default().join("\n")
    )
}

fn state_of(screen: &str) -> &str {
    screen.lines().next().unwrap_or_default()
}

fn is_fresh(screen: &str) -> bool {
    state_of(screen).contains("FRESH")
}

/// Rows of pods, and with hss-top's bar all of them are counted.
fn has_rows(screen: &str) -> bool {
    screen.contains("pod-000")
}
