//! The operator's choices in the detail of a pod, which last for this run.

use std::sync::Arc;

use super::Model;
use super::effect::Effect;
use super::layout::RECORD_BESIDE;
use super::record_search::RecordSearch;
use crate::fleet::changes::ChangeId;
use crate::fleet::history::{ChartSpan, HistoryRequest};
use crate::fleet::{History, PodKey, Scope};
use crate::keys::{Mode, ViewKind};

/// The earlier usage of the pod in the detail.
#[derive(Debug, Clone, Default)]
pub struct UsageHistory {
    /// The request, while the detail is open.
    pub wanted: Option<HistoryRequest>,
    /// The newest answer; it belongs to another pod until this pod's answer arrives.
    pub history: Option<Arc<History>>,
    /// Whether more may be stored by now.
    pub is_old: bool,
}

impl UsageHistory {
    /// The earlier usage of this pod, if it is loaded.
    pub fn of(&self, pod: &PodKey) -> Option<&History> {
        self.history.as_deref().filter(|history| history.pod == *pod)
    }
}

/// The state of the detail.
#[derive(Debug, Clone, Default)]
pub struct DetailPane {
    /// The time range of the charts; `None` until somebody chooses one: the shortest range that has a line.
    pub span: Option<ChartSpan>,
    /// Whether the operator reversed the default for showing the record.
    pub turns_record: bool,
    /// Whether the key that opened the detail opened it with the record: one key closes both then.
    pub opened_for_record: bool,
    /// By how many lines the text is scrolled.
    pub scroll: u16,
    /// What is sought in the record.
    pub search: RecordSearch,
    /// The earlier usage of the pod.
    pub usage: UsageHistory,
    /// The pod that was opened last and is still open: its changes were marked as read then.
    read: Option<PodKey>,
}

impl DetailPane {
    /// Whether the record is shown on a screen of this width: beside the rest on a wide one, else instead of
    /// it.
    pub fn shows_record(&self, width: u16) -> bool {
        (width >= RECORD_BESIDE) != self.turns_record
    }
}

impl Model {
    /// How far back the charts go.
    pub fn chart_span(&self) -> ChartSpan {
        self.detail.span.unwrap_or_else(|| {
            let history = self.pod().and_then(|pod| self.detail.usage.of(&pod.key));
            let points = history.map_or(&[][..], |history| {
                // One of the two may have more samples.
                [&history.cpu, &history.memory]
                    .into_iter()
                    .max_by_key(|points| points.len())
                    .map_or(&[][..], Vec::as_slice)
            });
            ChartSpan::fitting(points, self.shown_time())
        })
    }

    /// The pod of the detail, as a scope for the API.
    pub fn looked_at(&self) -> Option<Scope> {
        // HSS is not asked about a pod of the past.
        let is_asked = self.mode() == Mode::Detail && !self.is_elsewhere() && self.absent_pod().is_none();
        let pod = self.real_pod().filter(|_| is_asked)?;
        Some(Scope::of(&pod))
    }

    /// Marks the changes of a pod as read when its detail is opened, whichever key opened it. A pod of the past says nothing of
    /// what changed since then.
    pub(super) fn read_opened_pod(&mut self) -> Vec<Effect> {
        let is_of_now = self.focus.view() == ViewKind::Changes || !self.is_elsewhere();
        let is_open = self.shows(Mode::Detail) && is_of_now;
        let opened = is_open.then(|| self.real_pod()).flatten().map(|pod| pod.key);
        if self.detail.read == opened {
            return vec![];
        }
        self.detail.read.clone_from(&opened);
        let Some(opened) = opened else { return vec![] };
        let changes = self.fleet.changes().recorded();
        let of_pod = changes.filter(|recorded| recorded.change.pod == opened);
        let ids: Vec<ChangeId> = of_pod.map(|recorded| recorded.id).collect();
        self.read_changes(ids)
    }

    /// The pod in the detail, if one is on the screen.
    pub fn detailed(&self) -> Option<PodKey> {
        let beside = || self.areas().is_some_and(|areas| areas.detail.is_some());
        let is_shown = self.shows(Mode::Detail) || (self.shows(Mode::Table) && beside());
        self.pod().filter(|_| is_shown).map(|pod| pod.key)
    }

    /// The pod whose usage is shown, and how far back; everything until a time range is chosen.
    pub fn history_request(&self) -> Option<HistoryRequest> {
        self.detailed().map(|pod| HistoryRequest {
            pod,
            span: self.detail.span.unwrap_or(ChartSpan::NinetyDays),
        })
    }

    /// Shows the record, or hides it again.
    pub fn turn_record(&mut self) {
        self.detail.turns_record = !self.detail.turns_record;
        self.detail.scroll = 0;
    }

    /// Closes what is in front: the record where it is in the place of the rest, or else the detail.
    pub(super) fn close_detail(&mut self) {
        let covers_rest = self.size.width < RECORD_BESIDE && self.detail.shows_record(self.size.width);
        if covers_rest {
            self.turn_record();
        }
        if !covers_rest || self.detail.opened_for_record {
            self.focus.close();
        }
    }

    /// Shows the record, whether it was shown or not.
    pub fn show_record(&mut self) {
        self.detail.opened_for_record = true;
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
