//! When the operator was here before, to show what is new since then.
//!
//! Owns what counts as being away: the dashboard did not run, or nobody pressed a key for [`AWAY_AFTER`]. Must not: read a
//! clock or a file.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::report::shift::ReportedShift;
use crate::state::LogbookEntry;
use crate::ui::moment::moment;

/// Without a key for so long, the operator was away.
const AWAY_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// Whoever reports on so long a time hands it over.
const SHORTEST_SHIFT: SignedDuration = SignedDuration::from_hours(4);
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

    /// A report was written: the next one begins at its end. One of the past hands nothing over, neither does one of a scope,
    /// and neither does a short one that leaves out much of the time since the last one.
    pub(in crate::app) fn report_written(&mut self, shift: ReportedShift) -> Vec<Effect> {
        let length = shift.to.duration_since(shift.from);
        let leaves_out_much = |last: Timestamp| {
            let since_last = shift.to.duration_since(last);
            length < SHORTEST_SHIFT && length.as_secs() < since_last.as_secs() / 4 * 3
        };
        if shift.is_of_past
            || shift.leaves_out_scopes
            || self.changes.book.reported_at.is_some_and(leaves_out_much)
        {
            return vec![];
        }
        self.changes.reported = Some(shift);
        Arc::make_mut(&mut self.changes.book).reported_at = Some(shift.to);
        vec![Effect::Logbook(LogbookEntry::Reported(shift.to))]
    }

    /// The time of a report, for the notice that it was written.
    pub(in crate::app) fn shift_words(&self, shift: ReportedShift) -> String {
        if shift.is_of_past {
            let to = moment(shift.to, self.now, &self.zone);
            format!(" of the {} before {to}", shift.length())
        } else {
            format!(" of the last {}", shift.length())
        }
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
