//! The handle of the thread that writes.
//!
//! Data to save goes as notes through a bounded channel to [`writer`], so the caller never waits for the
//! disk. A note without room in the channel is dropped: the next sweep brings the page again, and until then
//! the saved pages do not count as complete. A caller that has no next sweep may wait for room ([`disk_wait`]).

mod disk_wait;
#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::path::PathBuf;
use std::thread::Builder;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use super::database::Facts;
use super::restore::{Kept, Restore};
use crate::fleet::Fleet;
use crate::fleet::changes::Change;
use writer::Writer;

pub use disk_wait::{DiskWait, SavingState};

/// The most notes that wait for the disk; further ones are dropped.
const NOTES: usize = 64;

/// Something to save.
#[derive(Debug)]
pub enum Note {
    /// A page as received.
    Page {
        /// The offset at which it begins.
        offset: u32,
        /// Its body.
        body: Vec<u8>,
    },
    /// A sweep has ended.
    End {
        /// The offset at which the list ends.
        offset: u32,
        /// Whether it saw the complete list.
        complete: bool,
    },
    /// The facts about all pages together.
    Facts(Facts),
    /// The fleet as of a snapshot, all of it: its usages, and the pods for who looks back.
    Snapshot {
        /// The fleet.
        fleet: Fleet,
        /// The snapshot's date.
        at: Timestamp,
        /// The time by the clock.
        now: Timestamp,
    },
    /// Changes, oldest first.
    Changes(Vec<Change>),
    /// HSS answered.
    Looked {
        /// When, by our own clock.
        at: Timestamp,
        /// The longest time between two checks that does not count as a gap.
        within: Duration,
    },
}

impl Note {
    /// Whether it begins a sweep: each sweep reads the first page once, before all others.
    fn begins_sweep(&self) -> bool {
        matches!(self, Self::Page { offset: 0, .. })
    }

    /// Whether its loss makes a sweep incomplete.
    fn is_of_sweep(&self) -> bool {
        matches!(self, Self::Page { .. } | Self::End { .. })
    }

    /// The same note, for a sweep that lost a note.
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

/// The handle of the thread. When it is dropped, the thread writes everything it was given and ends.
#[derive(Debug)]
pub struct Recorder {
    notes: mpsc::Sender<Note>,
    reports: Reports,
    /// How many of the notices were reported.
    told: usize,
    /// Whether a note of the current sweep was dropped; the next sweep may be complete again.
    lost: bool,
    kept: Option<oneshot::Receiver<Kept>>,
    /// The file.
    path: PathBuf,
    /// Whether the disk wrote nothing for so long that it is no longer waited for.
    is_stuck: bool,
    /// Resolves when the thread has ended.
    done: oneshot::Receiver<()>,
}

/// The reports of the thread about the file.
#[derive(Debug, Clone)]
struct Reports {
    /// Why nothing is saved at the moment.
    trouble: watch::Receiver<Option<String>>,
    /// Notices about the file, oldest first.
    notices: watch::Receiver<Vec<String>>,
    /// How often a new file was created while the program ran.
    created: watch::Receiver<u64>,
    /// How often a part of the notes was written, or given up.
    written: watch::Receiver<u64>,
}

impl Recorder {
    /// Starts the thread on the file at `path`.
    pub fn start(path: PathBuf) -> io::Result<Self> {
        let (notes, inbox) = mpsc::channel(NOTES);
        let (writer, reports) = Writer::new(path.clone());
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
            path,
            is_stuck: false,
            done,
        })
    }

    /// The state that an earlier run stored, while it is read; `None` the second time.
    pub fn restore(&mut self) -> Option<Restore> {
        self.kept.take().map(Restore::new)
    }

    /// Everything that an earlier run stored except the pages, which follow.
    #[cfg(test)]
    pub async fn kept(&mut self) -> Kept {
        let mut kept = self.kept_with_pods().await;
        // Whoever does not take the pods gets the pages.
        drop(kept.pods.take());
        kept
    }

    /// Everything that an earlier run stored, the pods included.
    #[cfg(test)]
    pub async fn kept_with_pods(&mut self) -> Kept {
        match self.kept.take() {
            Some(kept) => kept.await.unwrap_or_default(),
            None => Kept::default(),
        }
    }

    /// Saves `note`, or drops it if the disk is too slow. Never waits. Returns whether the note was accepted.
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
        // Either way the thread has ended.
        let _ = self.done.await;
    }

    /// Why nothing is saved at the moment.
    pub fn trouble(&self) -> Option<String> {
        self.reports.trouble.borrow().clone()
    }

    /// The notices about the file that were not reported before.
    pub fn notice(&mut self) -> Option<String> {
        let notices = self.reports.notices.borrow();
        let new = notices.get(self.told..).unwrap_or_default();
        let notice = (!new.is_empty()).then(|| new.join("; "));
        self.told = notices.len();
        notice
    }

    /// Whether a new file was created since the last call. It does not contain the data of the old one.
    pub fn began_anew(&mut self) -> bool {
        let created = &mut self.reports.created;
        let is_new = created.has_changed().is_ok_and(|is_new| is_new);
        created.mark_unchanged();
        is_new
    }
}
