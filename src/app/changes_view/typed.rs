//! What is typed after `:` for changes: `:report 12h`, `:report friday 18:00`, `:mute ns 7d`, `:changes`.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

use crate::app::command::CommandFault;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::env;
use crate::fleet::decisions::{MuteEnd, MuteTarget};
use crate::fleet::past::when::{FURTHEST, WhenFault, leading};
use crate::fleet::watched::least_gap;
use crate::keys::ViewKind;
use crate::report::file::at_home;
use crate::report::shift::{ReportRequest, ReportSelection, ReportedShift, ShiftReport};

/// The shortest shift.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// After a younger report, the next one is of the same shift.
const LEAST: SignedDuration = SignedDuration::from_mins(15);

/// The default length of a shift.
const SHIFT: SignedDuration = SignedDuration::from_hours(8);

/// Reads `12h`, `yesterday` or what else [`leading`] reads, and perhaps the path of a file; nothing for the time since the
/// last report. The moment lies before `to`, the end of the report.
pub(in crate::app) fn report_request(
    argument: &str,
    to: Timestamp,
    zone: &TimeZone,
) -> Result<ReportRequest, CommandFault> {
    let (back, path) = match argument.trim() {
        "" => (None, ""),
        argument => {
            let (from, path) = leading(argument, to, zone).map_err(CommandFault::NoShift)?;
            let back = to.duration_since(from);
            if back < SHORTEST {
                return Err(CommandFault::NoShift(WhenFault::NoMoment));
            }
            (Some(back), path)
        }
    };
    let home = env::os("HOME");
    let path: Option<PathBuf> = (!path.is_empty()).then(|| at_home(path, home.as_deref()));
    Ok(ReportRequest { back, path })
}

/// Shows the changes.
pub(in crate::app) fn show_changes(model: &mut Model) -> Vec<Effect> {
    model.focus.show(ViewKind::Changes);
    vec![]
}

/// Mutes the pod under the cursor, or its namespace: `[ns] [2h|18:00|friday 08:00|2026-12-31|worse]`.
pub(in crate::app) fn mute(model: &mut Model, argument: &str) -> Result<Vec<Effect>, CommandFault> {
    let argument = argument.trim();
    let (first, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let is_namespace = matches!(first, "ns" | "namespace");
    let end = match if is_namespace || first == "pod" {
        rest.trim()
    } else {
        argument
    } {
        "" => MuteEnd::Changed,
        end => MuteEnd::read(end, model.now, &model.zone).ok_or(CommandFault::NoMute)?,
    };
    let Some(change) = model.change_of_pod() else {
        model.notify("there is no pod to mute");
        return Ok(vec![]);
    };
    let target = if is_namespace {
        MuteTarget::namespace_of(&change)
    } else {
        MuteTarget::pod_of(&change)
    };
    Ok(model.mute(target, end))
}

impl Model {
    /// The end of a report: the moment of the pods on the screen.
    pub(in crate::app) fn report_end(&self) -> Timestamp {
        self.time.past().map_or(self.now, |past| past.moment.at)
    }

    /// Where the report without a typed time begins: where the last one ended.
    fn report_begin(&self, to: Timestamp) -> Option<Timestamp> {
        let last = self.changes.book.reported_at?;
        let back = to.duration_since(last);
        if back >= LEAST && back < FURTHEST {
            return Some(last);
        }
        // Who writes a second one within minutes wants the shift again, not the minutes.
        let is_last = |shift: &ReportedShift| shift.to.as_millisecond() == last.as_millisecond();
        let again = self.changes.reported.filter(is_last)?;
        (back < LEAST && again.from < to).then_some(again.from)
    }

    /// The pods that a report is about: those in scope, as the changes that are shown are.
    fn report_selection(&self) -> Option<ReportSelection> {
        let scope = &self.request.scope;
        (!scope.is_whole()).then(|| ReportSelection {
            scope: scope.clone(),
            scope_words: self.scope_words(),
            leaves_out_scopes: *scope != self.changes.begun_within,
            ..ReportSelection::default()
        })
    }

    /// The report of the time from `back` before now until now; without that, of the time since the last report, or of the
    /// last eight hours where that is longer ago than a report reaches.
    pub(in crate::app) fn shift_report(&self, back: Option<SignedDuration>) -> ShiftReport {
        let source = self.shown_source();
        // Who looks at the past has the report of then.
        let past = self.time.past().map(|past| past.moment.at);
        let to = self.report_end();
        let since = |back| to.checked_sub(back).unwrap_or(Timestamp::MIN);
        let from = match back {
            Some(back) => since(back),
            None => self.report_begin(to).unwrap_or_else(|| since(SHIFT)),
        };
        ShiftReport {
            project: source.project.as_str().into(),
            region: source.place.as_str().into(),
            from,
            to,
            is_of_past: past.is_some(),
            service_now: self.shown_time(),
            zone: self.zone.clone(),
            fleet: self.shown_fleet().clone(),
            snapshot_at: past.or(self.status.snapshot_at),
            is_complete: past.is_some() || self.status.extent() == crate::collector::Extent::Whole,
            missing: None,
            least_gap: least_gap(self.status.interval),
            book: std::sync::Arc::clone(&self.changes.book),
            selection: self.report_selection(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reaches_back_for_a_time_and_may_have_a_path() {
        let to: Timestamp = "2025-08-15T09:30:00Z".parse().unwrap();
        let read = |text| {
            let request = report_request(text, to, &TimeZone::UTC);
            request.map(|request| (request.back.map(|back| back.as_hours()), request.path))
        };
        assert_eq!(read("12h"), Ok((Some(12), None)));
        assert_eq!(read("2d a b.md"), Ok((Some(48), Some(PathBuf::from("a b.md")))));
        assert_eq!(read(""), Ok((None, None)));
        assert_eq!(
            read("yesterday 18:00 a.md"),
            Ok((Some(15), Some(PathBuf::from("a.md")))),
            "every moment that the time machine understands"
        );
        assert_eq!(read("thursday"), Ok((Some(24), None)));
        for text in ["12", "soon", "0s", "500d", "2030-01-01"] {
            assert!(matches!(read(text), Err(CommandFault::NoShift(_))), "{text}");
        }
    }
}
