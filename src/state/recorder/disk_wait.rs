//! Waiting for the disk, for commands that ask once and end.
//!
//! A program that stays never waits for the disk: a later sweep brings what was dropped. A command that ends has no later sweep,
//! so it waits before it takes the next page, and at its end, as long as the disk writes. Must not: wait for a disk that does
//! nothing, or where the reason why nothing is saved is known.

use std::path::Path;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::{NOTES, Recorder};

/// The most notes between two looks at the room for them: those of a page, and of saved data that arrives meanwhile.
pub(super) const AT_ONCE: usize = 8;
const _: () = assert!(AT_ONCE < NOTES);
/// How long the disk may write nothing. Longer than SQLite waits for another program.
const STUCK: Duration = Duration::from_secs(10);

/// Whether whoever saves waits for the disk.
#[derive(Debug, Clone, Default)]
pub enum DiskWait {
    /// Never: what finds no room is dropped, and a later sweep brings it again.
    #[default]
    Never,
    /// As long as the disk writes. The receiver is told how far it is.
    WhileItWrites(watch::Sender<SavingState>),
}

/// How far a command is with saving.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SavingState {
    /// More may come.
    #[default]
    Collecting,
    /// Nothing comes any more, and the rest is written.
    Writing,
    /// It is over.
    Over {
        /// Why not all of it is saved, in a sentence.
        unsaved: Option<String>,
    },
}

impl Recorder {
    /// Whether there is room for the notes of a page, or waiting for it is useless, because the disk is stuck or nothing is saved
    /// anyway. What then finds no room is dropped.
    pub fn has_room(&self) -> bool {
        self.is_stuck || self.notes.capacity() >= AT_ONCE || self.trouble().is_some()
    }

    /// Waits for that. Nothing is lost if the wait is cancelled.
    pub async fn room(&mut self) {
        if self.has_room() {
            return;
        }
        let mut trouble = self.reports.trouble.clone();
        tokio::select! {
            biased;
            // With the room, or because the thread has ended.
            _ = self.notes.reserve_many(AT_ONCE) => {}
            _ = trouble.wait_for(Option::is_some) => {}
            () = sleep(STUCK) => self.is_stuck = true,
        }
    }

    /// Ends the thread when everything is written, or when the disk is stuck; returns why not all of it is saved.
    pub async fn finish_while_it_writes(self) -> Option<String> {
        let Self {
            notes,
            reports,
            mut done,
            path,
            is_stuck,
            ..
        } = self;
        drop(notes);
        let mut written = reports.written;
        // It was waited for once.
        let mut is_stuck = is_stuck;
        while !is_stuck {
            tokio::select! {
                biased;
                _ = &mut done => break,
                Ok(()) = written.changed() => {}
                () = sleep(STUCK) => is_stuck = true,
            }
        }
        let trouble = reports.trouble.borrow().clone();
        trouble.or_else(|| is_stuck.then(|| stuck(&path)))
    }
}

/// The sentence for a disk that does nothing.
fn stuck(path: &Path) -> String {
    let seconds = STUCK.as_secs();
    format!(
        "the list is not saved: the disk wrote nothing for {seconds} s ({})",
        path.display()
    )
}
