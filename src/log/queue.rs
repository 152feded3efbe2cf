//! The queue of log lines between their callers and the thread that writes the file.
//!
//! Owns the waiting lines, their limit, and the count of lost lines. Logging never blocks: not on a full
//! disk, not on a hanging network file system. If there is no room, a line is dropped and counted; the count
//! goes into the file once there is room again, and the screen shows a mark until then.
//!
//! Why not `tracing-appender`: its non-blocking writer drops lines as well, but does not write or report
//! their number, and loses waiting lines when the process exits; its other writer blocks. Why not a bounded
//! channel of `std`: it counts lines instead of bytes, and has no wait with a time limit until it is empty.
//!
//! Must not: open files, or know what a line says.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{LogFault, LogTrouble};

/// The most bytes that may wait: some thousand lines, as much as an hour of failures writes.
pub const ROOM: usize = 1 << 20;
/// If writing a line takes longer, the screen shows a mark.
const SLOW: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
struct QueuedLines {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Since when a line is being written.
    busy_since: Option<Instant>,
    /// How many lines were dropped and not yet reported in the file.
    lost: u64,
}

impl QueuedLines {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.busy_since.is_none()
    }
}

/// The queue of lines.
#[derive(Debug)]
pub struct Queue {
    waiting: Mutex<QueuedLines>,
    changed: Condvar,
    room: usize,
    trouble: watch::Sender<Option<LogTrouble>>,
}

impl Queue {
    /// A queue with room for this many bytes. The receiver holds the current problem of the log.
    pub fn new(room: usize) -> (Self, watch::Receiver<Option<LogTrouble>>) {
        let (trouble, told) = watch::channel(None);
        let queue = Self {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            room,
            trouble,
        };
        (queue, told)
    }

    /// Queues a line, or drops it if there is no room. Never waits.
    pub fn offer(&self, line: &[u8], now: Instant) {
        let mut waiting = self.waiting();
        if waiting.bytes + line.len() > self.room {
            waiting.lost += 1;
        } else {
            waiting.bytes += line.len();
            waiting.lines.push_back(line.to_vec());
        }
        let is_slow = waiting.busy_since.is_some_and(|since| now - since > SLOW);
        let lost = waiting.lost;
        drop(waiting);
        self.changed.notify_all();
        if is_slow {
            self.tell(Some(LogTrouble::Behind(lost)));
        }
    }

    /// Writes the lines as they arrive and never returns. `write` may block for any time; `count` makes the
    /// line that says how many were lost.
    pub fn write_all(
        &self,
        mut write: impl FnMut(&[u8]) -> Result<(), LogFault>,
        count: impl Fn(u64) -> Vec<u8>,
    ) {
        loop {
            let line = self.take();
            let result = write(&line);
            let lost = self.end(result);
            if lost > 0 && write(&count(lost)).is_ok() {
                self.waiting().lost -= lost;
            }
        }
    }

    /// Waits until nothing is left to write, or `within` is over. Returns whether nothing is left.
    pub fn flush(&self, within: Duration) -> bool {
        let waiting = self.waiting();
        let waited = self
            .changed
            .wait_timeout_while(waiting, within, |waiting| !waiting.is_empty());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_empty()
    }

    /// Publishes the problem of the log if it changed.
    pub fn tell(&self, trouble: Option<LogTrouble>) {
        self.trouble.send_if_modified(|told| {
            let changes = *told != trouble;
            *told = trouble;
            changes
        });
    }

    /// Waits for a line.
    fn take(&self) -> Vec<u8> {
        let waiting = self.waiting();
        let waited = self
            .changed
            .wait_while(waiting, |waiting| waiting.lines.is_empty());
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner);
        waiting.busy_since = Some(Instant::now());
        let line = waiting.lines.pop_front().unwrap_or_default();
        waiting.bytes -= line.len();
        line
    }

    /// Notes whether a line was written. Returns how many lines were lost if that should be reported now.
    fn end(&self, result: Result<(), LogFault>) -> u64 {
        let mut waiting = self.waiting();
        waiting.busy_since = None;
        let (trouble, told) = match result {
            Ok(()) => (None, waiting.lost),
            Err(fault) => {
                waiting.lost += 1;
                (Some(LogTrouble::Off(fault)), 0)
            }
        };
        drop(waiting);
        self.changed.notify_all();
        self.tell(trouble);
        told
    }

    fn waiting(&self) -> MutexGuard<'_, QueuedLines> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::thread;

    /// A disk that writes one line each time the test says how.
    struct Disk {
        how: SyncSender<Result<(), LogFault>>,
        begun: Receiver<String>,
    }

    impl Disk {
        fn under(queue: &Arc<Queue>) -> Self {
            let (how, told) = sync_channel::<Result<(), LogFault>>(64);
            let (begins, begun) = sync_channel(64);
            let queue = Arc::clone(queue);
            thread::spawn(move || {
                let write = |line: &[u8]| {
                    begins.send(String::from_utf8(line.to_vec()).unwrap()).unwrap();
                    told.recv().unwrap_or(Ok(()))
                };
                queue.write_all(write, |lost| format!("lost {lost}").into_bytes());
            });
            Self { how, begun }
        }

        fn writes(&self, how: Result<(), ErrorKind>) {
            self.how.send(how.map_err(LogFault::Failed)).unwrap();
        }

        fn next(&self) -> String {
            self.begun.recv_timeout(Duration::from_secs(10)).unwrap()
        }
    }

    fn queue(room: usize) -> (Arc<Queue>, watch::Receiver<Option<LogTrouble>>) {
        let (queue, told) = Queue::new(room);
        (Arc::new(queue), told)
    }

    #[test]
    fn a_hanging_disk_blocks_nobody_and_lost_lines_are_counted_in_the_file() {
        let (queue, told) = queue(8);
        let disk = Disk::under(&queue);
        let start = Instant::now();
        queue.offer(b"one.", start);
        assert_eq!(disk.next(), "one.");
        // The disk is busy with it; two more may wait, and the rest is dropped.
        for line in [b"two.", b"tri.", b"for.", b"fiv.", b"six."] {
            queue.offer(line, start);
        }
        assert_eq!(*told.borrow(), None, "nothing is slow yet");
        queue.offer(b"sev.", Instant::now() + SLOW + Duration::from_secs(1));
        assert_eq!(*told.borrow(), Some(LogTrouble::Behind(4)));
        assert!(
            !queue.flush(Duration::from_millis(10)),
            "the end does not wait for it"
        );
        disk.writes(Ok(()));
        assert_eq!(disk.next(), "lost 4", "as soon as there is room");
        disk.writes(Ok(()));
        assert_eq!(disk.next(), "two.");
        disk.writes(Ok(()));
        assert_eq!(disk.next(), "tri.");
        disk.writes(Ok(()));
        assert!(queue.flush(Duration::from_secs(10)));
        assert_eq!(*told.borrow(), None, "the mark goes");
        assert_eq!(queue.waiting().lost, 0);
    }

    #[test]
    fn a_line_that_cannot_be_written_is_lost_and_reported_later() {
        let (queue, told) = queue(64);
        let disk = Disk::under(&queue);
        queue.offer(b"one", Instant::now());
        disk.writes(Err(ErrorKind::StorageFull));
        assert_eq!(disk.next(), "one");
        assert!(queue.flush(Duration::from_secs(10)));
        queue.offer(b"two", Instant::now());
        assert_eq!(disk.next(), "two");
        let full = LogFault::Failed(ErrorKind::StorageFull);
        assert_eq!(*told.borrow(), Some(LogTrouble::Off(full)));
        disk.writes(Ok(()));
        assert_eq!(disk.next(), "lost 1");
        // Not even the report can be written: it is repeated later.
        disk.writes(Err(ErrorKind::StorageFull));
        queue.offer(b"tri", Instant::now());
        assert_eq!(disk.next(), "tri");
        disk.writes(Ok(()));
        assert_eq!(disk.next(), "lost 1");
        disk.writes(Ok(()));
    }
}
