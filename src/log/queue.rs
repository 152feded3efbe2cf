//! The way of a line from whoever logs it to the file, over a thread of its own.
//!
//! Owns the lines that wait, how many there may be, and how many were lost. Whoever logs never waits: not for a full disk, not
//! for a network file system that hangs. Where there is no room a line is dropped and counted; the count goes into the file
//! once there is room again, and the screen shows a mark until then.
//!
//! Why not `tracing-appender`: its non-blocking writer drops lines as well, but writes no count into the log, tells nobody
//! that it does, and loses what waits when the process exits. Its blocking variant is what must not be. And why not a bounded
//! channel of `std`: it counts lines and not bytes, and cannot be waited for with a limit until it is empty.
//!
//! Must not: open files, or know what a line says.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{LogFault, LogTrouble};

/// Bytes that may wait: some thousand lines, which is what an hour of trouble writes.
pub const ROOM: usize = 1 << 20;
/// A line that takes longer to be written is worth a mark.
const SLOW: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
struct QueuedLines {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Since when the file is busy with a line.
    busy_since: Option<Instant>,
    /// Lines that were dropped, and that no line of the file tells of yet.
    lost: u64,
}

impl QueuedLines {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.busy_since.is_none()
    }
}

/// The lines that wait.
#[derive(Debug)]
pub struct Queue {
    waiting: Mutex<QueuedLines>,
    changed: Condvar,
    room: usize,
    trouble: watch::Sender<Option<LogTrouble>>,
}

impl Queue {
    /// One with room for so many bytes. The receiver has what is wrong with the log at the moment.
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

    /// Takes a line, or drops it where there is no room. Never waits.
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

    /// Writes the lines as they come, for ever. `write` may wait as long as it likes; `count` makes the line that tells how
    /// many were lost.
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

    /// Tells what is wrong with the log, if that changes.
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

    /// A line was written, or could not be. Returns how many were lost, if it is the time to say so.
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

    /// A disk that writes one line each time it is told how.
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
    fn a_disk_that_hangs_holds_nobody_and_what_was_lost_is_counted_in_the_file() {
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
    fn what_cannot_be_written_is_lost_and_said_as_soon_as_a_line_can_be() {
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
        // Not even that can be written: it is said another time.
        disk.writes(Err(ErrorKind::StorageFull));
        queue.offer(b"tri", Instant::now());
        assert_eq!(disk.next(), "tri");
        disk.writes(Ok(()));
        assert_eq!(disk.next(), "lost 1");
        disk.writes(Ok(()));
    }
}
