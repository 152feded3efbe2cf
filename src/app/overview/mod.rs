//! The overview: the namespaces on the screen, the cursor, and the way to a namespace's pods and back.
//!
//! Owns how cursor and screen move after a new view or without input. Must not: count; the counts are part of
//! the view.

pub mod drill;
pub mod strip;

use jiff::SignedDuration;

use super::Model;
use super::layout::Areas;
use super::scroll::ScrolledRows;
use crate::fleet::overview::{NamespaceKey, NamespaceRow, Overview, OverviewColumn, OverviewSort};
use crate::fleet::summary::Summary;
use crate::keys::{Mode, ViewKind};
use crate::report::ExportSubject;
use drill::Drill;
use ratatui::layout::Rect;

/// The same as in the pods view: long enough to read a page.
const COMES_HOME_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// From this height of the body on, a blank line separates strip and table.
const HIGH: u16 = 30;

/// The overview's own state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverviewView {
    /// The namespace under the cursor; `None` while the cursor stays on the first row, whichever namespace
    /// that is.
    pub selected: Option<NamespaceKey>,
    /// The cursor's row.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Whether the screen shows the first rows, wherever the cursor is, because there was no input for a
    /// while.
    pub is_home: bool,
    /// The requested order.
    pub sort: OverviewSort,
    /// The way back from the pods of a namespace.
    pub drill: Option<Drill>,
}

/// The places in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewAreas {
    /// The strip of cells; without height if there is no room.
    pub strip: Rect,
    /// Heading and rows.
    pub table: Rect,
}

impl Model {
    /// The namespaces of the newest view, once they are counted.
    pub fn overview(&self) -> Option<&Overview> {
        self.view.overview.as_deref()
    }

    /// The namespace under the cursor.
    pub fn namespace(&self) -> Option<NamespaceRow> {
        self.overview()?.row(self.namespaces.cursor)
    }

    /// The content of an export.
    pub fn export_subject(&self) -> ExportSubject {
        match self.focus.view() {
            ViewKind::Overview => ExportSubject::Namespaces,
            ViewKind::Pods | ViewKind::Changes | ViewKind::Health => ExportSubject::Pods,
        }
    }

    /// How many rows an export has.
    pub fn rows_to_export(&self) -> usize {
        match self.export_subject() {
            ExportSubject::Pods => self.view.len(),
            ExportSubject::Namespaces => self.namespace_count(),
        }
    }

    /// The pods that the line of counts covers: the pods in scope, in every view and whatever is filtered. A filter must not make a
    /// risk look as if it were gone; what is filtered is counted at the place of the cursor.
    pub fn counted(&self) -> &Summary {
        &self.view.summary
    }

    /// The places in the body of the overview.
    pub fn overview_areas(&self, areas: &Areas) -> OverviewAreas {
        let body = areas.body;
        let lines = self.overview().map_or(0, |overview| {
            strip::strip(overview, body.width, strip::most_lines(body.height)).lines
        });
        let strip = Rect {
            height: lines,
            ..body
        };
        // A high screen has a blank line between the two.
        let used = lines + u16::from(lines > 0 && body.height >= HIGH);
        let table = Rect {
            y: body.y + used,
            height: body.height - used,
            ..body
        };
        OverviewAreas { strip, table }
    }

    /// How many rows of the overview fit on the screen.
    pub fn namespaces_shown(&self) -> usize {
        let height = self
            .areas()
            .map_or(2, |areas| self.overview_areas(&areas).table.height);
        usize::from(height.saturating_sub(1)).max(1)
    }

    /// Which part of the namespaces is on the screen, where that is not all.
    pub fn scrolled_namespaces(&self) -> Option<ScrolledRows> {
        ScrolledRows::of(
            self.namespace_count(),
            self.namespaces_shown(),
            self.namespaces.top,
        )
    }

    /// Puts a row first on the screen; the cursor stays on its row, or on the nearest that is on the screen.
    pub(super) fn scroll_namespaces(&mut self, top: usize) {
        let last = top + self.namespaces_shown().saturating_sub(1);
        let cursor = self.namespaces.cursor.clamp(top, last);
        self.namespaces.top = top;
        self.select_namespace(cursor);
    }

    /// How many namespaces there are.
    pub fn namespace_count(&self) -> usize {
        self.overview().map_or(0, Overview::len)
    }

    /// Puts the cursor on `row` and pins it to the namespace there.
    pub fn select_namespace(&mut self, row: usize) {
        self.namespaces.cursor = row.min(self.namespace_count().saturating_sub(1));
        self.namespaces.is_home = false;
        self.namespaces.selected = self
            .namespace()
            .filter(|_| self.namespaces.cursor > 0)
            .map(|row| row.key);
        self.reveal_namespace();
    }

    /// After a new view: the cursor stays on its namespace, or on its row if that is gone.
    pub fn namespaces_came(&mut self) {
        let Some(overview) = self.view.overview.clone() else {
            return;
        };
        let state = &mut self.namespaces;
        let lines_above = state.cursor.saturating_sub(state.top);
        let row = match &state.selected {
            None => 0,
            Some(key) => overview.position(key).unwrap_or(state.cursor),
        };
        state.cursor = row.min(overview.len().saturating_sub(1));
        state.top = state.cursor.saturating_sub(lines_above);
        self.reveal_namespace();
    }

    /// Returns the screen to the first rows after a minute without input, if these are the worst.
    pub fn overview_comes_home(&mut self) {
        let is_left = self.now.duration_since(self.touched_at) >= COMES_HOME_AFTER;
        let is_worst_first = self.namespaces.sort == OverviewSort::default();
        if self.mode() == Mode::Overview && is_left && is_worst_first && self.namespaces.top > 0 {
            self.namespaces.is_home = true;
            self.namespaces.top = 0;
        }
    }

    /// Scrolls so that the cursor is on the screen, and the screen is full if possible; not after a return to
    /// the first rows.
    pub fn reveal_namespace(&mut self) {
        let (rows, count) = (self.namespaces_shown(), self.namespace_count());
        let state = &mut self.namespaces;
        if state.is_home {
            state.top = 0;
            return;
        }
        let top = state
            .top
            .clamp((state.cursor + 1).saturating_sub(rows), state.cursor);
        state.top = top.min(count.saturating_sub(rows));
    }

    /// Sorts by `column`; by the same again reverses. The cursor stays on its namespace, or on the first row.
    pub fn sort_namespaces(&mut self, column: OverviewColumn) {
        self.namespaces.is_home = false;
        self.namespaces.sort = if self.namespaces.sort.column == column {
            self.namespaces.sort.reversed()
        } else {
            column.first_direction()
        };
    }
}
