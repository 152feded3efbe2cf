//! The way to the thread that writes.
//!
//! What is to be kept goes as notes on a bounded channel to [`writer`]; nobody waits for the disk. A note that there is no room
//! for is dropped: a page comes again with the next sweep, and until then what is kept is not called complete.

#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::path::PathBuf;
use std::thread::Builder;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use super::database::Facts;
use super::restore::{Kept, Restore};
use crate::fleet::Fleet;
use crate::fleet::changes::Change;
use writer::Writer;

/// Notes that may wait for the disk; beyond that they are dropped.
const NOTES: usize = 64;

/// Something to keep.
#[derive(Debug)]
pub enum Note {
    /// A page as it came.
    Page {
        /// Where it begins.
        offset: u32,
        /// Its body.
        body: Vec<u8>,
    },
    /// A sweep is over.
    End {
        /// Where the list ends.
        offset: u32,
        /// Whether it met all there is.
        complete: bool,
    },
    /// What is known of the pages as a whole.
    Facts(Facts),
    /// What the pods of the fleet use, as of then.
    Usage {
        /// The fleet.
        fleet: Fleet,
        /// The snapshot's date.
        at: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// What changed, oldest first.
    Changes(Vec<Change>),
}

impl Note {
    /// Whether a sweep begins with it: each one takes the first page once, before all others.
    fn begins_sweep(&self) -> bool {
        matches!(self, Self::Page { offset: 0, .. })
    }

    /// Whether a sweep of which it is lost is not complete.
    fn is_of_sweep(&self) -> bool {
        matches!(self, Self::Page { .. } | Self::End { .. })
    }

    /// The same of a sweep of which something was lost.
    fn not_complete(self) -> Self {
        match self {
            Self::End { offset, .. } => Self::End {
                offset,
                complete: false,
            },
            Self::Facts(facts) => Self::Facts(Facts {
                complete: false,
                ..facts
            }),
            note => note,
        }
    }
}

/// The way to the thread. The thread ends, after what it was given is written, when this is dropped.
#[derive(Debug)]
pub struct Recorder {
    notes: mpsc::Sender<Note>,
    reports: Reports,
    /// How many of the notices were told.
    told: usize,
    /// Whether a note of the sweep under way was dropped; the next one may be complete again.
    lost: bool,
    kept: Option<oneshot::Receiver<Kept>>,
    /// Resolves when the thread has ended.
    done: oneshot::Receiver<()>,
}

/// What the thread says of the file.
#[derive(Debug, Clone)]
struct Reports {
    /// Why nothing is kept at the moment.
    trouble: watch::Receiver<Option<String>>,
    /// What was odd about the file, oldest first.
    notices: watch::Receiver<Vec<String>>,
    /// How often a new file was begun under the program.
    begun: watch::Receiver<u64>,
}

impl Recorder {
    /// Starts the thread on the file at `path`.
    pub fn start(path: PathBuf) -> io::Result<Self> {
        let (notes, inbox) = mpsc::channel(NOTES);
        let (writer, reports) = Writer::new(path);
        let (kept_in, kept) = oneshot::channel();
        let (done_in, done) = oneshot::channel();
        Builder::new().name("state".to_owned()).spawn(move || {
            writer.run(kept_in, inbox);
            // It is fine if nobody waits for the end.
            let _ = done_in.send(());
        })?;
        Ok(Self {
            notes,
            reports,
            told: 0,
            lost: false,
            kept: Some(kept),
            done,
        })
    }

    /// What an earlier run stored, as it is read; `None` the second time.
    pub fn restore(&mut self) -> Option<Restore> {
        self.kept.take().map(Restore::new)
    }

    /// All but the pages of what an earlier run stored.
    #[cfg(test)]
    pub async fn kept(&mut self) -> Kept {
        match self.kept.take() {
            Some(kept) => kept.await.unwrap_or_default(),
            None => Kept::default(),
        }
    }

    /// Keeps `note`, or drops it where the disk is too slow. Never waits. Answers whether the note was taken.
    pub fn keep(&mut self, note: Note) -> bool {
        let note = if self.lost { note.not_complete() } else { note };
        let (begins, is_of_sweep) = (note.begins_sweep(), note.is_of_sweep());
        let is_taken = self.notes.try_send(note).is_ok();
        if !is_taken {
            tracing::debug!("a note for the state file was dropped");
            self.lost |= is_of_sweep;
        } else if begins {
            self.lost = false;
        }
        is_taken
    }

    /// Ends the thread; resolves when everything is written.
    pub async fn finish(self) {
        drop(self.notes);
        // It has ended one way or the other.
        let _ = self.done.await;
    }

    /// Why nothing is kept at the moment.
    pub fn trouble(&self) -> Option<String> {
        self.reports.trouble.borrow().clone()
    }

    /// What is odd about the file, and was not told before.
    pub fn notice(&mut self) -> Option<String> {
        let notices = self.reports.notices.borrow();
        let new = notices.get(self.told..).unwrap_or_default();
        let notice = (!new.is_empty()).then(|| new.join("; "));
        self.told = notices.len();
        notice
    }

    /// Whether a new file was begun under the program, since this was last asked: what the old one held is not in it.
    pub fn began_anew(&mut self) -> bool {
        let begun = &mut self.reports.begun;
        let is_new = begun.has_changed().is_ok_and(|is_new| is_new);
        begun.mark_unchanged();
        is_new
    }
}
