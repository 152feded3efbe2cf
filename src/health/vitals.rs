//! The kernel's figures for this process.
//!
//! CPU time comes from the process clock, the rest from `/proc/self`; on systems without it the rest is
//! unknown.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
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
    /// Bytes of the file that keeps what is known between runs, its log of writes included.
    pub state_bytes: Option<u64>,
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
            state_bytes: None,
        }
    }
}

/// The size of a file, asked beside everything else: its disk may hang, and is asked again only once it answered.
#[derive(Debug)]
struct FileSize {
    path: Option<PathBuf>,
    asked: Option<JoinHandle<Option<u64>>>,
    last: Option<u64>,
}

impl FileSize {
    fn of(path: Option<PathBuf>) -> Self {
        Self {
            path,
            asked: None,
            last: None,
        }
    }

    /// The size as of the last answer; the next question is on its way.
    async fn look(&mut self) -> Option<u64> {
        let path = self.path.clone()?;
        if let Some(asked) = self.asked.take_if(|asked| asked.is_finished()) {
            self.last = asked.await.ok().flatten();
        }
        self.asked
            .get_or_insert_with(|| spawn_blocking(move || size(&path)));
        self.last
    }
}

/// Bytes of a database: the file, and what is not in it yet.
fn size(path: &Path) -> Option<u64> {
    let file = fs::metadata(path).ok()?.len();
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Some(file + fs::metadata(log).map_or(0, |log| log.len()))
}

/// Reads the figures until the receiver is gone, and the size of the file `state`. The latest value wins.
pub async fn watch(out: watch::Sender<Vitals>, start: Instant, state: Option<PathBuf>) {
    let mut state = FileSize::of(state);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = out.closed() => return,
            _ = ticks.tick() => {
                let state_bytes = state.look().await;
                // Nobody listens any more: the next turn ends it.
                let _ = out.send(Vitals { state_bytes, ..Vitals::read(start) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_as_large_as_its_file_and_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite");
        assert_eq!(size(&path), None);
        fs::write(&path, [0; 100]).unwrap();
        assert_eq!(size(&path), Some(100));
        fs::write(folder.path().join("state.sqlite-wal"), [0; 20]).unwrap();
        assert_eq!(size(&path), Some(120));
    }

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
