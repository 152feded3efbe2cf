//! The part of the current sweep that is written.
//!
//! Owns what a note means for the file, and whether the sweep in it is whole. Must not: begin or end a transaction.

use std::collections::BTreeSet;

use tokio::sync::watch;

use super::Note;
use crate::state::database::{Facts, Writing};
use crate::state::usage;

/// The written part of the current sweep.
#[derive(Debug, Clone, Default)]
pub(super) struct WrittenSweep {
    /// The offsets of its pages.
    pub(super) pages: BTreeSet<u32>,
    /// Whether a part of it could not be written; the next sweep may be complete again.
    pub(super) lost: bool,
}

impl WrittenSweep {
    pub(super) fn write(
        &mut self,
        note: &Note,
        writing: &Writing<'_>,
        written: &watch::Sender<u64>,
    ) -> Result<(), rusqlite::Error> {
        if note.begins_sweep() {
            *self = Self::default();
        }
        match note {
            Note::Page { offset, body } => {
                self.pages.insert(*offset);
                writing.page(*offset, body)
            }
            Note::End { complete: true, .. } if !self.lost => writing.swept(&self.pages),
            Note::End { offset, .. } => writing.end_at(*offset),
            Note::Facts(facts) => writing.facts(&Facts {
                complete: facts.complete && !self.lost,
                ..*facts
            }),
            Note::Snapshot { fleet, at, now } if usage::is_credible(*at, *now) => {
                // Those of a large fleet take longer than anybody waits for a disk that does nothing.
                let step = || written.send_modify(|written| *written += 1);
                writing.usage_in_steps(usage::of(fleet, *at), step)
            }
            Note::Snapshot { .. } => Ok(()),
            Note::Changes(changes) => writing.changes(changes),
            Note::Looked { at, within } => writing.watched(*at, *within),
        }
    }
}
