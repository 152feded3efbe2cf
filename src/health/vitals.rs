//! The kernel's figures for this process.
//!
//! CPU time comes from the process clock, the rest from `/proc/self`; on systems without it the rest is
//! unknown.

use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often the figures are read.
pub const EVERY: Duration = Duration::from_secs(5);

/// The figures at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vitals {
    /// The time since the program started, without the time in which the machine slept.
    pub uptime: Duration,
    /// CPU time of all threads.
    pub cpu: Duration,
    /// Resident memory in bytes.
    pub resident: Option<u64>,
    /// The peak of resident memory in bytes.
    pub peak: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
    /// Open files, sockets included.
    pub descriptors: Option<u64>,
}

impl Vitals {
    /// The current figures of a program that started at `start`.
    pub fn read(start: Instant) -> Self {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let number = |name: &str| -> Option<u64> {
            let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
            rest.split_whitespace().next()?.parse().ok()
        };
        let kibibytes = |name: &str| Some(number(name)? << 10);
        let descriptors = fs::read_dir("/proc/self/fd").ok();
        Self {
            uptime: start.elapsed(),
            cpu: Duration::try_from(cpu).unwrap_or_default(),
            resident: kibibytes("VmRSS:"),
            peak: kibibytes("VmHWM:"),
            threads: number("Threads:"),
            // The folder that is being read is itself open.
            descriptors: descriptors.map(|all| (all.count() as u64).saturating_sub(1)),
        }
    }
}

/// Reads the figures until the receiver is gone. The latest value wins.
pub async fn watch(out: watch::Sender<Vitals>, start: Instant) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = out.closed() => return,
            _ = ticks.tick() => drop(out.send(Vitals::read(start))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_knows_this_process() {
        let start = Instant::now();
        let before = Vitals::read(start);
        let room = vec![1_u8; 64 << 20];
        let after = Vitals::read(start);
        assert!(room.iter().all(|byte| *byte == 1));
        assert!(after.resident.unwrap() > before.resident.unwrap() + (32 << 20));
        assert!(after.peak >= after.resident && after.threads >= Some(1));
        assert!(after.descriptors >= Some(3), "{after:?}");
        assert!(Vitals::read(start).cpu > before.cpu && after.uptime >= before.uptime);
    }
}
