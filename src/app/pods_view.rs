//! The pods view: the rows on the screen, and the cursor.
//!
//! Owns how cursor and screen move after a new view or without input. Must not: read a clock; the time is in
//! the model.

use jiff::SignedDuration;

use super::Model;
use super::absent_pod::AbsentPod;
use super::columns::TableColumns;
use super::marks::Marks;
use super::noted_places::NotedPlaces;
use super::scroll::ScrolledRows;
use crate::fleet::fields::PodField;
use crate::fleet::sort::Sort;
use crate::fleet::{PodKey, View};
use crate::keys::Mode;

/// After this time without a key the screen shows the worst pods again: long enough to read a page, and short
/// enough that a wall monitor does not stay where somebody left it.
const COMES_HOME_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// Additional rows around the screen that are requested while not all are sorted.
const WINDOW_AROUND: usize = 200;

/// The pods view's own state.
#[derive(Debug, Clone)]
pub struct PodsView {
    /// The pod under the cursor, and its row in the fleet; `None` while the cursor stays on the first row,
    /// whatever pod that is: after a sort, and after a while without a key.
    pub selected: Option<(PodKey, u32)>,
    /// The cursor's row in the view.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Whether the screen shows the first rows, wherever the cursor is, because there was no input for a
    /// while.
    pub is_home: bool,
    /// Rows of a page.
    pub page_size: usize,
    /// The columns of the table.
    pub columns: TableColumns,
    /// The pods that the operator marked.
    pub marks: Marks,
    /// Where these and the risks that lately rose are among the rows.
    pub noted: NotedPlaces,
    /// Whether a comparison shows the equal fields too.
    pub compares_all: bool,
    /// The pod of the open detail, if it has no row.
    pub(super) absent: Option<AbsentPod>,
}

impl PodsView {
    /// At the first row, with pages of this size.
    pub(super) fn new(page_size: usize) -> Self {
        Self {
            selected: None,
            cursor: 0,
            top: 0,
            is_home: false,
            page_size: page_size.max(1),
            columns: TableColumns::default(),
            marks: Marks::default(),
            noted: NotedPlaces::default(),
            compares_all: false,
            absent: None,
        }
    }
}

impl Model {
    /// The places of the needed rows: those on the screen, and some around them.
    pub fn window(&self) -> std::ops::Range<usize> {
        let rows = self.rows_shown();
        let middle = self.pods.top.saturating_sub(WINDOW_AROUND);
        middle..self.pods.top + rows + WINDOW_AROUND
    }

    /// Which part of the pods is on the screen, where that is not all.
    pub fn scrolled_pods(&self) -> Option<ScrolledRows> {
        ScrolledRows::of(self.view.len(), self.rows_shown(), self.pods.top)
    }

    /// Puts a row first on the screen; the cursor stays on its row, or on the nearest that is on the screen.
    pub(super) fn scroll_pods(&mut self, top: usize) {
        let last = top + self.rows_shown().saturating_sub(1);
        let cursor = self.pods.cursor.clamp(top, last);
        self.pods.is_home = false;
        self.pods.top = top;
        self.select(cursor);
    }

    /// Whether a row on the screen is not known yet.
    pub fn lacks_rows(&self) -> bool {
        !self.view.knows(self.pods.top..self.pods.top + self.rows_shown())
    }

    /// How many rows of the table fit on the screen.
    pub fn rows_shown(&self) -> usize {
        self.areas().map_or(1, |areas| areas.table_rows().max(1))
    }

    /// The page under the cursor: its number from 1, how many there are, and its first and last row from 1.
    pub fn page(&self) -> Option<(usize, usize, usize, usize)> {
        let rows = self.view.len();
        let page = self.pods.cursor / self.pods.page_size;
        let first = page * self.pods.page_size + 1;
        let last = (first + self.pods.page_size - 1).min(rows);
        (rows > 0).then(|| (page + 1, rows.div_ceil(self.pods.page_size), first, last))
    }

    /// Puts the cursor on `row` and pins it to the pod there.
    pub fn select(&mut self, row: usize) {
        self.pods.cursor = row.min(self.view.len().saturating_sub(1));
        self.pods.is_home = false;
        self.pods.absent = None;
        self.pin();
        self.detail.scroll = 0;
        self.reveal();
    }

    /// Pins the cursor to the pod under it, unless that is the first row or is not known yet.
    fn pin(&mut self) {
        if self.pods.cursor > 0 {
            self.choose();
        } else {
            self.pods.selected = None;
        }
    }

    /// Pins the cursor to the pod under it, even on the first row, because its details are shown.
    pub fn choose(&mut self) {
        self.pods.absent = None;
        let row = self.view.row(self.pods.cursor);
        self.pods.selected = row.and_then(|row| Some((self.view.fleet.pod(row)?.key, row)));
    }

    /// Sorts by `key`, or reverses the order if it is the same key. The cursor goes to the first row, where
    /// the interesting pods are.
    pub fn sort_by(&mut self, key: PodField) {
        self.pods.is_home = false;
        (self.pods.cursor, self.pods.top, self.pods.selected) = (0, 0, None);
        self.request.sort = if self.request.sort.key == key {
            self.request.sort.reversed()
        } else {
            key.first_direction()
        };
    }

    /// The requested order.
    pub fn sort(&self) -> Sort {
        self.request.sort
    }

    /// A key was pressed: from now on the cursor stays on its pod, even if that is the first one. While pods
    /// are being loaded, the first row shows another pod every moment and is not pinned: it is the worst one
    /// so far.
    pub(super) fn hold(&mut self) {
        if self.pods.cursor == 0 && self.pods.selected.is_none() && !self.status.is_scope_growing() {
            self.choose();
        }
    }

    /// Takes a new view: the cursor stays on its pod, or on its row if the pod is gone.
    ///
    /// A view of a picture that is no longer shown is useless; another one is on its way.
    pub fn show(&mut self, view: View) {
        let (before, list_before) = (self.time.as_of(), self.list_date());
        if !self.time.show(&view) {
            return;
        }
        // Pods of another time have another order: who looked at the worst of one looks at the worst of the other.
        if before != self.time.as_of() && self.pods.cursor == 0 && self.mode() == Mode::Table {
            self.pods.selected = None;
        }
        let (row, absent) = match &self.pods.selected {
            None => (self.pods.cursor, None),
            Some((key, row)) => match view.position(key, Some(*row)) {
                Some(row) => (row, None),
                None => (self.pods.cursor, self.absence(key, &view, list_before)),
            },
        };
        self.pods.absent = absent;
        let lines_above = self.pods.cursor.saturating_sub(self.pods.top);
        let was_first = self.pods.cursor == 0;
        self.view = self.masking.cover_view(view.with_marks_of(&self.view));
        self.pods.cursor = row.min(self.view.len().saturating_sub(1));
        self.pods.top = self.pods.cursor.saturating_sub(lines_above);
        // Worse pods are above now, and the screen still begins with the worst.
        if was_first && self.pods.cursor < self.rows_shown() {
            self.pods.top = 0;
        }
        if self.pods.selected.is_none() {
            self.pin();
        }
        self.reveal();
    }

    /// Returns the screen to the first rows after a minute without input, if these are the worst; the cursor
    /// stays on its pod. Returns whether the screen moved. An open prompt, menu, help or detail is not
    /// disturbed.
    pub fn come_home(&mut self) -> bool {
        let sort = self.view.request.sort;
        let is_worst_first = sort.key == PodField::Risk && sort.descending;
        let is_left = self.now.duration_since(self.touched_at) >= COMES_HOME_AFTER;
        if is_left && self.pods.cursor == 0 && self.mode() == Mode::Table {
            self.pods.selected = None;
        }
        let comes = self.mode() == Mode::Table && is_worst_first && is_left && self.pods.top > 0;
        if comes {
            self.pods.is_home = true;
            self.pods.top = 0;
        }
        comes
    }

    /// The cursor's row from 1, if it is not on the screen.
    pub fn row_beyond(&self) -> Option<usize> {
        let is_beyond = self.pods.is_home && self.pods.cursor >= self.rows_shown();
        is_beyond.then_some(self.pods.cursor + 1)
    }

    /// Scrolls so that the cursor is on the screen, and the screen is full if possible; not after a return to
    /// the first rows.
    pub fn reveal(&mut self) {
        if self.pods.is_home {
            self.pods.top = 0;
            return;
        }
        let rows = self.rows_shown();
        let last_top = self.view.len().saturating_sub(rows);
        let at = self.pods.top;
        let at = at.clamp((self.pods.cursor + 1).saturating_sub(rows), self.pods.cursor);
        self.pods.top = at.min(last_top);
    }
}
