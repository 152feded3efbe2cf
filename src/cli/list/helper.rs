//! Two threads that write the last rows of a list.
//!
//! When nothing is loaded any more, the processor is free for them. The thread that writes to standard output makes parts of the list
//! itself, and a helper makes others in advance: whoever is free takes the next part. So both are busy until the end, whatever the
//! reader of the list takes, hardly a part waits for a thread to wake up, and there is memory for a few parts only, which is used again
//! and again. Must not: choose rows, or wait for anybody but the reader.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::fleet::Fleet;
use crate::fleet::piece_writer::PieceWriter;
use crate::fleet::row_facts::MARKED_ROWS;
use crate::report::listing::ListWriter;

/// The rows of a part. Neighbours are compared in parts of as many rows, so no thread compares those of another one, and what is
/// written of them fits the caches of a processor.
const PART: usize = MARKED_ROWS;
/// Fewer rows are not worth two threads and their memory.
pub(super) const FEW: usize = 64 * PART;
/// How many parts the helper has made in advance.
const AHEAD: usize = 2;

/// Why a list ends that misses a part.
const LOST: &str = "a thread that writes pods ended without a reason";

/// How far the last rows are written, for whoever waits for them.
#[derive(Debug, Clone, Default)]
pub(super) struct LastProgress(Arc<LastState>);

#[derive(Debug, Default)]
struct LastState {
    is_stopped: AtomicBool,
    pods: AtomicU64,
}

impl LastProgress {
    /// Ends them behind the part that is being written.
    pub(super) fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
    }

    /// How many pods are written.
    pub(super) fn pods(&self) -> u64 {
        self.0.pods.load(Ordering::Relaxed)
    }

    fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Relaxed)
    }
}

/// The last rows of a list.
#[derive(Debug)]
pub(super) struct LastRows {
    writer: ListWriter,
    fleet: Fleet,
    rows: Vec<u32>,
    progress: LastProgress,
}

/// A part that is ready to be written.
#[derive(Debug)]
struct MadePart {
    piece: PieceWriter,
    pods: u64,
}

/// The parts, and which of them is made next.
struct LastParts<'a> {
    rows: &'a [u32],
    fleet: &'a Fleet,
    next: AtomicUsize,
    /// How many pods are in front of all of them.
    before: u64,
    progress: &'a LastProgress,
}

impl LastParts<'_> {
    /// The number of the next part that nobody makes yet.
    fn claim(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes a part in this memory; `None` behind the last one, or if nobody wants it any more.
    fn make(
        &self,
        number: usize,
        writer: &mut ListWriter,
        memory: PieceWriter,
    ) -> Option<io::Result<MadePart>> {
        let begin = number.saturating_mul(PART);
        let rows = self.rows.get(begin..)?;
        let rows = rows.get(..PART).unwrap_or(rows);
        if rows.is_empty() || self.progress.is_stopped() {
            return None;
        }
        let before = self.before + begin as u64;
        writer.go_on_after(before);
        let piece = writer.pods(self.fleet, rows, memory);
        let pods = writer.written() - before;
        Some(piece.map(|piece| MadePart { piece, pods }))
    }

    /// Makes every part that it is the first to claim, in memory that is written and free again.
    fn help(
        &self,
        mut writer: ListWriter,
        made: &SyncSender<io::Result<MadePart>>,
        free: &Receiver<PieceWriter>,
    ) {
        while let Some(part) = self.make(self.claim(), &mut writer, free.try_recv().unwrap_or_default()) {
            if made.send(part).is_err() {
                // Nobody reads any more.
                return;
            }
        }
    }

    /// Writes a part; returns its memory.
    fn write(&self, part: MadePart, out: &mut dyn Write) -> io::Result<PieceWriter> {
        let MadePart { mut piece, pods } = part;
        out.write_all(piece.written())?;
        self.progress.0.pods.fetch_add(pods, Ordering::Relaxed);
        piece.truncate(0);
        Ok(piece)
    }
}

impl LastRows {
    /// These rows, behind what `writer` has written.
    pub(super) fn new(writer: &ListWriter, fleet: &Fleet, rows: Vec<u32>) -> Self {
        let mut another = writer.another();
        another.go_on_after(writer.written());
        Self {
            writer: another,
            fleet: fleet.clone(),
            rows,
            progress: LastProgress::default(),
        }
    }

    /// How far they are written.
    pub(super) fn progress(&self) -> LastProgress {
        self.progress.clone()
    }

    /// Writes them, up to the end or until it is stopped.
    ///
    /// # Errors
    /// Those of `out`, or the system starts no thread.
    pub(super) fn write(self, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            mut writer,
            fleet,
            rows,
            progress,
        } = self;
        let parts = &LastParts {
            rows: &rows,
            fleet: &fleet,
            next: AtomicUsize::new(0),
            before: writer.written(),
            progress: &progress,
        };
        thread::scope(|threads| {
            let (done, made) = sync_channel(AHEAD);
            let (give_back, free) = sync_channel(AHEAD + 2);
            let helper = writer.another();
            let help = move || parts.help(helper, &done, &free);
            thread::Builder::new()
                .name("list".to_owned())
                .spawn_scoped(threads, help)?;
            let mut memory = PieceWriter::default();
            let mut next = 0;
            loop {
                let number = parts.claim();
                let own = parts.make(number, &mut writer, memory).transpose()?;
                // The helper makes those in between; behind the last part, it ends.
                while own.is_none() || next < number {
                    let part = made.recv();
                    if progress.is_stopped() {
                        return Ok(());
                    }
                    match (part, &own) {
                        // It may have ended meanwhile.
                        (Ok(part), _) => drop(give_back.try_send(parts.write(part?, out)?)),
                        (Err(_), None) => return Ok(()),
                        (Err(_), Some(_)) => return Err(io::Error::other(LOST)),
                    }
                    next += 1;
                }
                if progress.is_stopped() {
                    return Ok(());
                }
                let Some(own) = own else {
                    return Ok(());
                };
                memory = parts.write(own, out)?;
                next += 1;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;
    use crate::report::columns::FileColumn;
    use crate::report::listing::ListForm;

    fn fleet(pods: usize) -> Fleet {
        let pods = (0..pods).map(|number| {
            node(&format!("pod-{number}"))
                .within("c", &format!("ns-{}", number / 7 % 3))
                .build()
        });
        pods.collect()
    }

    /// A reader that stops the list after some pieces.
    struct StoppingReader {
        progress: LastProgress,
        pieces: usize,
        taken: Vec<u8>,
    }

    impl Write for StoppingReader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.taken.extend_from_slice(bytes);
            self.pieces = self.pieces.saturating_sub(1);
            if self.pieces == 0 {
                self.progress.stop();
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_two_threads_write_is_what_one_would_write() {
        let fleet = fleet(9 * PART + 40);
        let rows: Vec<u32> = fleet.rows().collect();
        for form in [ListForm::Json, ListForm::Jsonl, ListForm::Csv] {
            let mut writer = ListWriter::new(form, FileColumn::of_present_pods(), true);
            let (first, others) = rows.split_at(5);
            let written = |piece: io::Result<PieceWriter>| piece.unwrap().written().to_vec();
            let mut expected = written(writer.pods(&fleet, first, PieceWriter::default()));
            let mut printed = expected.clone();
            let last = LastRows::new(&writer, &fleet, others.to_vec());
            let progress = last.progress();
            last.write(&mut printed).unwrap();
            assert_eq!(progress.pods(), others.len() as u64);
            expected.extend(written(writer.pods(&fleet, others, PieceWriter::default())));
            assert!(printed == expected, "{form:?}");
        }
    }

    #[test]
    fn a_list_that_is_stopped_ends_behind_a_whole_part_and_counts_what_is_written() {
        let fleet = fleet(30 * PART);
        let rows: Vec<u32> = fleet.rows().collect();
        let writer = ListWriter::new(ListForm::Jsonl, FileColumn::of_present_pods(), true);
        for pieces in [1, 2, 7] {
            let last = LastRows::new(&writer, &fleet, rows.clone());
            let mut reader = StoppingReader {
                progress: last.progress(),
                pieces,
                taken: Vec::new(),
            };
            last.write(&mut reader).unwrap();
            let lines = reader.taken.split_inclusive(|byte| *byte == b'\n');
            let pods = lines.filter(|line| line.ends_with(b"}\n")).count();
            assert_eq!(reader.progress.pods(), pods as u64);
            assert!(
                pods >= pieces * PART && pods <= (pieces + AHEAD + 1) * PART,
                "{pods}"
            );
            assert_eq!(pods % PART, 0);
            let mut whole = writer.another();
            let whole = whole.pods(&fleet, &rows, PieceWriter::default()).unwrap();
            assert!(whole.written().starts_with(&reader.taken));
        }
    }

    #[test]
    fn a_reader_that_left_ends_both_threads() {
        struct NoReader;
        impl Write for NoReader {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let fleet = fleet(30 * PART);
        let writer = ListWriter::new(ListForm::Jsonl, FileColumn::of_present_pods(), true);
        let last = LastRows::new(&writer, &fleet, fleet.rows().collect());
        let error = last.write(&mut NoReader).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
