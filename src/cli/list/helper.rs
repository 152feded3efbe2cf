//! The threads that write the last rows, for which nothing is loaded any more.
//!
//! Owns the threads. Each writes every other part of the rows in advance, so that neither waits for the other, and each has a
//! writer of its own. Must not: choose rows, or know where they go.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use crate::cli::stdout::PieceMemory;
use crate::fleet::Fleet;
use crate::fleet::piece_writer::PieceWriter;
use crate::fleet::row_facts::MARKED_ROWS;
use crate::report::listing::ListWriter;

/// The rows of a part: enough that passing it on costs little beside writing it, and few enough that what is written fits the caches
/// of a processor. Neighbours are compared in parts of half as many rows, so no thread compares those of another one.
const PART: usize = 2 * MARKED_ROWS;
/// Fewer rows are not worth two threads and their memory.
pub(super) const FEW: usize = 32 * PART;
/// How many threads there are.
const THREADS: usize = 2;
/// How many parts each has written in advance.
const AHEAD: usize = 2;

/// A written part.
#[derive(Debug)]
pub(super) struct WrittenPart {
    /// Its bytes.
    pub(super) piece: PieceWriter,
    /// How many pods are in it.
    pub(super) pods: u64,
}

/// The threads.
#[derive(Debug)]
pub(super) struct ListHelpers {
    /// What each has written.
    written: Vec<Receiver<io::Result<WrittenPart>>>,
    threads: Vec<JoinHandle<()>>,
    /// The number of the next part, and of all.
    next: usize,
    parts: usize,
}

impl ListHelpers {
    /// Starts them, to write these rows behind what `writer` has written.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(super) fn start(
        writer: &ListWriter,
        fleet: &Fleet,
        rows: Vec<u32>,
        memory: &PieceMemory,
    ) -> io::Result<Self> {
        let mut helpers = Self {
            written: Vec::new(),
            threads: Vec::new(),
            next: 0,
            parts: rows.len().div_ceil(PART),
        };
        let rows = Arc::new(rows);
        for first in 0..THREADS {
            let (done, written) = sync_channel(AHEAD);
            let before = writer.written();
            let mut writer = writer.another();
            let (fleet, rows, memory) = (fleet.clone(), Arc::clone(&rows), memory.clone());
            let work = move || {
                let parts = (before..).step_by(PART).zip(rows.chunks(PART));
                for (before, part) in parts.skip(first).step_by(THREADS) {
                    writer.go_on_after(before);
                    let piece = writer.pods(&fleet, part, memory.take());
                    let pods = writer.written() - before;
                    let part = piece.map(|piece| WrittenPart { piece, pods });
                    if done.send(part).is_err() {
                        // Nobody reads any more.
                        return;
                    }
                }
            };
            helpers.written.push(written);
            let thread = thread::Builder::new().name("list".to_owned()).spawn(work)?;
            helpers.threads.push(thread);
        }
        Ok(helpers)
    }

    /// Waits for the next part; `None` behind the last one.
    ///
    /// # Errors
    /// That of the writer, or a thread has ended.
    pub(super) fn next(&mut self) -> Option<io::Result<WrittenPart>> {
        if self.next == self.parts {
            return None;
        }
        let written = self.written.get(self.next % THREADS);
        self.next += 1;
        let part = written.and_then(|written| written.recv().ok());
        Some(part.unwrap_or_else(|| {
            Err(io::Error::other(
                "a thread that writes pods ended without a reason",
            ))
        }))
    }
}

impl Drop for ListHelpers {
    fn drop(&mut self) {
        // They see that nobody takes anything any more.
        self.written.clear();
        for thread in self.threads.drain(..) {
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
    fn what_the_threads_write_is_what_one_would_write() {
        let pods = (0..3 * PART + 40).map(|number| {
            node(&format!("pod-{number}"))
                .within("c", &format!("ns-{}", number / 7 % 3))
                .build()
        });
        let fleet: Fleet = pods.collect();
        let rows: Vec<u32> = fleet.rows().collect();
        for form in [ListForm::Json, ListForm::Csv] {
            let mut writer = ListWriter::new(form, FileColumn::of_present_pods(), true);
            let (first, others) = rows.split_at(5);
            let written = |piece: io::Result<PieceWriter>| piece.unwrap().written().to_vec();
            let mut expected = written(writer.pods(&fleet, first, PieceWriter::default()));
            let memory = PieceMemory::default();
            let mut helpers = ListHelpers::start(&writer, &fleet, others.to_vec(), &memory).unwrap();
            let mut printed = expected.clone();
            let mut pods = 0;
            while let Some(part) = helpers.next() {
                let part = part.unwrap();
                pods += part.pods;
                printed.extend(part.piece.written());
            }
            assert_eq!(pods, others.len() as u64);
            expected.extend(written(writer.pods(&fleet, others, PieceWriter::default())));
            assert!(printed == expected, "{form:?}");
            // Threads that are ahead end with whoever takes.
            drop(ListHelpers::start(&writer, &fleet, rows.clone(), &memory).unwrap());
        }
    }
}
