//! When the operator was here before, so that what is new since then can be told.
//!
//! Owns what counts as being away: the dashboard did not run, or nobody pressed a key for [`AWAY_AFTER`]. Must not: read a
//! clock or a file.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::state::LogbookEntry;

/// Without a key for so long, the operator was away.
const AWAY_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// While the operator is here, that is written this often.
const WRITTEN_EVERY: Duration = Duration::from_mins(1);

/// When the operator was here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Presence {
    /// When the operator was here before this time; `None` for the first time.
    pub last_here: Option<Timestamp>,
    /// Whether it is known what an earlier run wrote.
    is_known: bool,
    /// When it was last written that the operator is here.
    written: Option<Timestamp>,
}

impl Presence {
    /// Takes what an earlier run wrote; later readings are our own, or of another dashboard.
    pub(super) fn know(&mut self, used_at: Option<Timestamp>) {
        if !self.is_known {
            self.is_known = true;
            self.last_here = self.last_here.or(used_at);
        }
    }
}

impl Model {
    /// A key was pressed. Returns the effects that save this.
    pub(in crate::app) fn operator_is_here(&mut self) -> Vec<Effect> {
        let (before, now) = (self.touched_at, self.now);
        self.touched_at = now;
        if now.duration_since(before) >= AWAY_AFTER {
            self.changes.presence.last_here = Some(before);
            self.choose_changes();
        }
        let is_due = |written: Timestamp| {
            Duration::try_from(now.duration_since(written)).is_ok_and(|past| past >= WRITTEN_EVERY)
        };
        if self.changes.presence.written.is_none_or(is_due) {
            self.write_presence()
        } else {
            vec![]
        }
    }

    /// A report was written: the next one begins here.
    pub(in crate::app) fn report_written(&mut self) -> Vec<Effect> {
        Arc::make_mut(&mut self.changes.book).reported_at = Some(self.now);
        vec![Effect::Logbook(LogbookEntry::Reported(self.now))]
    }

    /// Writes that the operator is here, or was until now. Before it is known what an earlier run wrote, that must stay.
    pub(in crate::app) fn write_presence(&mut self) -> Vec<Effect> {
        if !self.changes.presence.is_known {
            return vec![];
        }
        self.changes.presence.written = Some(self.now);
        vec![Effect::Logbook(LogbookEntry::Used(self.now))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_run_wrote_is_taken_once() {
        let at = |second| Timestamp::from_second(second).ok();
        let mut presence = Presence::default();
        presence.know(at(5));
        presence.know(at(9));
        assert_eq!(presence.last_here, at(5));
    }
}
