//! The file of pods beside the pages.
//!
//! Owns when it is removed and written: it never has a pod that the pages do not have.

use super::{Note, Writer};
use crate::state::database::Facts;
use crate::state::pods_file;

impl Writer {
    /// Removes the pods of the pages that this batch changes, before it does.
    pub(super) fn begin_pages(&mut self, batch: &[Note]) {
        if batch.iter().any(Note::is_of_sweep) {
            pods_file::discard(&self.path);
            self.whole = None;
        }
    }

    /// Writes the pods of a complete list beside the pages of a batch that is written, or that they are still the same.
    pub(super) fn keep_pods(&mut self, batch: &[Note]) {
        for note in batch {
            match note {
                Note::Snapshot { fleet, .. } => self.whole = Some(fleet.clone()),
                Note::Facts(facts) if facts.complete && !self.sweep.lost => {
                    let Some(fleet) = self.whole.take() else {
                        pods_file::note_asked(&self.path, facts);
                        continue;
                    };
                    let facts = Facts {
                        pages: u64::try_from(self.sweep.pages.len()).ok(),
                        ..*facts
                    };
                    if let Err(error) = pods_file::write(&self.path, &fleet, &facts) {
                        tracing::debug!(%error, "the file of pods is not written");
                    }
                }
                _ => {}
            }
        }
    }
}
