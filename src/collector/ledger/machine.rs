//! The machine's uptime, its boot, and its running programs.
//!
//! Owns the readings that the ledger's rules take as arguments. `CLOCK_BOOTTIME` counts while the machine
//! sleeps and cannot be set; the boot id shows whether a reading is from another boot. Must not: decide
//! anything.

use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use ring::digest;
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, uptime};

/// A moment, by all clocks that the ledger uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MachineTime {
    /// Which boot; 0 if the machine does not say.
    pub boot: u64,
    /// Milliseconds since then.
    pub up: i64,
    /// Milliseconds since 1970, by a clock that may be set.
    pub wall: i64,
}

impl MachineTime {
    /// Reads the clocks.
    pub fn read(clock: &Clock) -> Self {
        Self {
            boot: boot(),
            up: i64::try_from(uptime().as_millis()).unwrap_or(i64::MAX),
            wall: clock.now().as_millisecond(),
        }
    }
}

/// The boot id, shortened.
fn boot() -> u64 {
    static BOOT: OnceLock<u64> = OnceLock::new();
    *BOOT.get_or_init(|| {
        let id = fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        if id.is_empty() { 0 } else { fingerprint(&id).max(1) }
    })
}

/// The first eight bytes of a SHA-256.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    let hash = digest::digest(&digest::SHA256, bytes);
    let first = hash.as_ref().first_chunk().copied();
    first.map_or(0, u64::from_be_bytes)
}

/// A user of the ledger: a process, and a number within the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProgramId {
    /// The process id.
    pub pid: u32,
    /// When it was started, in the kernel's ticks, because another process may get the same process id later.
    pub started: u64,
    /// The number within the process.
    pub number: u32,
}

impl ProgramId {
    /// A new one of this process.
    pub fn new() -> Self {
        static NUMBERS: AtomicU32 = AtomicU32::new(0);
        Self {
            pid: std::process::id(),
            started: own_start(),
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Whether its process still runs. A process that cannot be examined counts as running.
    pub fn is_alive(self) -> bool {
        if self.pid == std::process::id() {
            return self.started == own_start();
        }
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let Some(pid) = pid else { return false };
        if test_kill_process(pid) == Err(rustix::io::Errno::SRCH) {
            return false;
        }
        Process::look(self.pid).is_none_or(|process| !process.has_ended && process.started == self.started)
    }
}

/// When this process was started, in the kernel's ticks; 0 if it does not say.
fn own_start() -> u64 {
    static START: OnceLock<u64> = OnceLock::new();
    *START.get_or_init(|| Process::look(std::process::id()).map_or(0, |process| process.started))
}

impl Default for ProgramId {
    fn default() -> Self {
        Self::new()
    }
}

/// What the kernel says of a process.
struct Process {
    /// Whether it has ended and its parent has not collected it yet.
    has_ended: bool,
    started: u64,
}

impl Process {
    fn look(pid: u32) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Reads `/proc/PID/stat`. The second field is a name in parentheses that may hold anything.
    fn read(stat: &str) -> Option<Self> {
        let (_, after) = stat.rsplit_once(')')?;
        let mut fields = after.split_whitespace();
        let state = fields.next()?;
        // The state is field 3, the start is field 22.
        let started = fields.nth(18)?.parse().ok()?;
        Some(Self {
            has_ended: matches!(state, "Z" | "X" | "x"),
            started,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_by_its_number_and_its_start() {
        let own = ProgramId::new();
        assert!(own.is_alive() && own.started > 0);
        assert_ne!(own, ProgramId::new(), "two users of one process");
        let reused = ProgramId {
            started: own.started + 1,
            ..own
        };
        assert!(!reused.is_alive());
        let none = ProgramId { pid: u32::MAX, ..own };
        assert!(!none.is_alive());
    }

    #[test]
    fn a_process_that_was_killed_is_not_alive_before_its_parent_takes_notice() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let of_child = ProgramId {
            pid: child.id(),
            started: Process::look(child.id()).unwrap().started,
            number: 0,
        };
        assert!(of_child.is_alive());
        child.kill().unwrap();
        while Process::look(child.id()).is_some_and(|process| !process.has_ended) {
            std::thread::yield_now();
        }
        assert!(!of_child.is_alive());
        child.wait().unwrap();
        assert!(!of_child.is_alive());
    }

    #[test]
    fn a_name_with_parentheses_and_blanks_is_passed_over() {
        let stat = "42 (a) Z 1 (b) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20";
        let process = Process::read(stat).unwrap();
        assert_eq!((process.has_ended, process.started), (false, 777));
        assert!(Process::read("42 (a) Z 1").is_none());
    }

    #[test]
    fn a_boot_is_told_by_the_kernels_id() {
        // The first bytes of the SHA-256 of "abc" (FIPS 180-4).
        assert_eq!(fingerprint(b"abc"), 0xba78_16bf_8f01_cfea);
        let id = fs::read("/proc/sys/kernel/random/boot_id").unwrap();
        assert_eq!(boot(), fingerprint(&id));
    }

    #[test]
    fn time_is_read_of_this_boot() {
        let clock = Clock::system();
        let (one, two) = (MachineTime::read(&clock), MachineTime::read(&clock));
        assert!(one.boot != 0 && one.boot == two.boot && one.up > 0 && one.up <= two.up);
        assert!((clock.now().as_millisecond() - one.wall).abs() < 60_000);
    }
}
