//! A second thread that writes a part of the last rows.
//!
//! Owns the thread: it is started once for a list, and has its next part while the first thread passes on what is written. Must
//! not: choose rows, or know where they go.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::fleet::Fleet;
use crate::report::listing::ListWriter;

/// Rows to write, and the number of pods in front of them.
struct ListPart {
    rows: Vec<u32>,
    after: u64,
}

/// A written part.
#[derive(Debug)]
pub(super) struct WrittenPart {
    /// Its bytes.
    pub(super) pieces: Vec<Vec<u8>>,
    /// How many pods are written with it.
    pub(super) written: u64,
}

/// The thread.
#[derive(Debug)]
pub(super) struct ListHelper {
    /// Taken when it ends.
    ends: Option<(SyncSender<ListPart>, Receiver<io::Result<WrittenPart>>)>,
    thread: Option<JoinHandle<()>>,
}

impl ListHelper {
    /// Starts it, with a writer of its own.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(super) fn start(mut writer: ListWriter, fleet: Fleet) -> io::Result<Self> {
        let (parts, given) = sync_channel::<ListPart>(1);
        let (done, written) = sync_channel(1);
        let work = move || {
            for part in given {
                writer.go_on_after(part.after);
                let pieces = writer.pods(&fleet, &part.rows);
                let written = writer.written();
                let part = pieces.map(|pieces| WrittenPart { pieces, written });
                if done.send(part).is_err() {
                    break;
                }
            }
        };
        let thread = thread::Builder::new().name("list".to_owned()).spawn(work)?;
        Ok(Self {
            ends: Some((parts, written)),
            thread: Some(thread),
        })
    }

    /// Gives it the next part, which comes after this many pods. It has at most one that was not taken.
    pub(super) fn give(&self, rows: &[u32], after: u64) {
        if let Some((parts, _)) = &self.ends {
            // If it has ended, the next take says so.
            let _ = parts.send(ListPart {
                rows: rows.to_vec(),
                after,
            });
        }
    }

    /// Waits for the part that it has.
    ///
    /// # Errors
    /// That of the writer, or the thread has ended.
    pub(super) fn take(&self) -> io::Result<WrittenPart> {
        let part = self.ends.as_ref().and_then(|(_, written)| written.recv().ok());
        part.unwrap_or_else(|| {
            Err(io::Error::other(
                "a thread that writes pods ended without a reason",
            ))
        })
    }
}

impl Drop for ListHelper {
    fn drop(&mut self) {
        // It sees that nobody gives and takes any more.
        self.ends = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;
    use crate::report::columns::FileColumn;
    use crate::report::listing::ListForm;

    #[test]
    fn what_the_second_thread_prints_is_what_the_first_would_print() {
        let pods = (0..40).map(|number| node(&format!("pod-{number}")).within("c", "ns").build());
        let fleet: Fleet = pods.collect();
        let rows: Vec<u32> = fleet.rows().collect();
        let mut writer = ListWriter::new(ListForm::Json, FileColumn::of_present_pods(), true);
        let expected = writer.pods(&fleet, &rows).unwrap().concat();
        let helper = ListHelper::start(writer.another(), fleet.clone()).unwrap();
        let mut printed = Vec::new();
        for (number, part) in rows.chunks(15).enumerate() {
            helper.give(part, 15 * number as u64);
            let part = helper.take().unwrap();
            assert_eq!(part.written, (15 * (number as u64 + 1)).min(40));
            printed.extend(part.pieces.concat());
        }
        assert_eq!(printed, expected);
    }
}
