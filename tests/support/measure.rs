//! What a running program costs, as the kernel accounts for it.

use std::fs;
use std::time::Duration;

/// The figures of one process.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    pid: u32,
}

impl Meter {
    pub fn of(pid: u32) -> Self {
        Self { pid }
    }

    /// Processor time of all threads that live.
    pub fn cpu(self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid));
        let nanoseconds = tasks.into_iter().flatten().flatten().filter_map(|task| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// Resident memory in KiB.
    pub fn resident(self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most resident memory so far, in KiB.
    pub fn peak(self) -> u64 {
        self.status("VmHWM:")
    }

    /// Memory that is mapped, resident or not, in KiB.
    pub fn mapped(self) -> u64 {
        self.status("VmSize:")
    }

    pub fn threads(self) -> u64 {
        self.status("Threads:")
    }

    /// Open file descriptors.
    pub fn descriptors(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid)).map_or(0, Iterator::count)
    }

    /// The state letter: `S` sleeps, `T` is stopped, `Z` has ended.
    pub fn state(self) -> Option<char> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        text.rsplit_once(") ")?.1.chars().next()
    }

    fn status(self, name: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}
