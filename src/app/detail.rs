//! What the operator chose in the detail of a pod; it stays while the program runs.

use super::Model;
use super::layout::RECORD_BESIDE;
use super::record_search::RecordSearch;
use crate::fleet::history::{ChartSpan, HistoryWish};
use crate::fleet::{PodKey, Scope};
use crate::keys::Mode;

/// How the detail is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetailPane {
    /// For how long back the charts go; `None` until somebody chose it: then as long as they need for a line.
    pub span: Option<ChartSpan>,
    /// Whether the record is shown where it is not by itself, or not shown where it is.
    pub turns_record: bool,
    /// Lines that the text is scrolled by.
    pub scroll: u16,
    /// What is sought in the record.
    pub search: RecordSearch,
}

impl DetailPane {
    /// Whether the record is shown on a screen of this width: beside the rest on a wide one, else in its place.
    pub fn shows_record(&self, width: u16) -> bool {
        (width >= RECORD_BESIDE) != self.turns_record
    }
}

impl Model {
    /// How far back the charts go.
    pub fn chart_span(&self) -> ChartSpan {
        self.detail.span.unwrap_or_else(|| {
            let history = self.pod().and_then(|pod| self.past.of(&pod.key));
            let points = history.map_or(&[][..], |history| {
                // Of one of the two, more may be known.
                [&history.cpu, &history.memory]
                    .into_iter()
                    .max_by_key(|points| points.len())
                    .map_or(&[][..], Vec::as_slice)
            });
            ChartSpan::fitting(points, self.status.service_time(self.now))
        })
    }

    /// The pod that is looked at closely, as what to ask the API for.
    pub fn looked_at(&self) -> Option<Scope> {
        let pod = self.real_pod().filter(|_| self.mode() == Mode::Detail)?;
        Some(Scope::of(&pod))
    }

    /// The pod in the detail, if one is on the screen.
    pub fn detailed(&self) -> Option<PodKey> {
        let beside = || self.areas().is_some_and(|areas| areas.detail.is_some());
        let is_shown = self.shows(Mode::Detail) || (self.shows(Mode::Table) && beside());
        self.pod().filter(|_| is_shown).map(|pod| pod.key)
    }

    /// Whose usage is to be shown, and how far back; all of it while the time is not chosen.
    pub fn history_wish(&self) -> Option<HistoryWish> {
        self.detailed().map(|pod| HistoryWish {
            pod,
            span: self.detail.span.unwrap_or(ChartSpan::NinetyDays),
        })
    }

    /// Shows the record, or hides it again.
    pub fn turn_record(&mut self) {
        self.detail.turns_record = !self.detail.turns_record;
        self.detail.scroll = 0;
    }

    /// Shows the record, whether it was shown or not.
    pub fn show_record(&mut self) {
        if !self.detail.shows_record(self.size.width) {
            self.turn_record();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_is_beside_the_rest_on_a_wide_screen_and_in_its_place_on_request_on_a_narrow_one() {
        let mut pane = DetailPane::default();
        assert!(pane.shows_record(200) && !pane.shows_record(80));
        pane.turns_record = true;
        assert!(!pane.shows_record(200) && pane.shows_record(80));
    }
}
