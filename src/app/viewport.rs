//! Which rows the screen shows, and on which of them the cursor is.
//!
//! Owns how cursor and screen move when a view comes or nobody touches them. Must not: read a clock; the time is in the model.

use jiff::SignedDuration;

use super::{Model, layout};
use crate::fleet::View;
use crate::fleet::fields::PodField;
use crate::keys::Mode;

/// So long after the last key the screen shows the worst pods again: long enough to read a page, short enough that no wall
/// monitor stays where somebody left it.
const COMES_HOME_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// Rows beyond the screen that are asked for while not all are sorted yet.
const WINDOW_AROUND: usize = 200;

impl Model {
    /// The places of the rows that are worth knowing: those on the screen, and some around them.
    pub fn window(&self) -> std::ops::Range<usize> {
        let rows = self.rows_shown();
        let middle = self.top.saturating_sub(WINDOW_AROUND);
        middle..self.top + rows + WINDOW_AROUND
    }

    /// Whether a row on the screen is not known yet.
    pub fn lacks_rows(&self) -> bool {
        !self.view.knows(self.top..self.top + self.rows_shown())
    }

    /// Rows of the table that the screen has room for.
    pub fn rows_shown(&self) -> usize {
        layout::areas(self.size).map_or(1, |areas| areas.table_rows().max(1))
    }

    /// The page under the cursor: its number from 1, how many there are, and its first and last row from 1.
    pub fn page(&self) -> Option<(usize, usize, usize, usize)> {
        let rows = self.view.len();
        let page = self.cursor / self.page_size;
        let first = page * self.page_size + 1;
        let last = (first + self.page_size - 1).min(rows);
        (rows > 0).then(|| (page + 1, rows.div_ceil(self.page_size), first, last))
    }

    /// Puts the cursor on `row` and pins it to the pod there.
    pub fn select(&mut self, row: usize) {
        self.cursor = row.min(self.view.len().saturating_sub(1));
        self.is_home = false;
        self.pin();
        self.detail.scroll = 0;
        self.reveal();
    }

    /// Pins the cursor to the pod under it, unless that is the first row or is not known yet.
    fn pin(&mut self) {
        if self.cursor > 0 {
            self.choose();
        } else {
            self.selected = None;
        }
    }

    /// Pins the cursor to the pod under it, on the first row too: somebody looks at it closely.
    pub fn choose(&mut self) {
        let row = self.view.row(self.cursor);
        self.selected = row.and_then(|row| Some((self.view.fleet.pod(row)?.key, row)));
    }

    /// Takes a new view: the cursor stays on its pod, or on its row where the pod is gone.
    pub fn show(&mut self, view: View) {
        let row = match &self.selected {
            None => self.cursor,
            Some((key, row)) => view.position(key, Some(*row)).unwrap_or(self.cursor),
        };
        let lines_above = self.cursor.saturating_sub(self.top);
        self.view = view;
        self.cursor = row.min(self.view.len().saturating_sub(1));
        self.top = self.cursor.saturating_sub(lines_above);
        if self.selected.is_none() {
            self.pin();
        }
        self.reveal();
    }

    /// Brings the screen back to the first rows once nobody touched it for a minute and these are the worst; the cursor stays
    /// on its pod. Returns whether the screen moved. Who reads a prompt, a menu, the help or all of a pod is not disturbed.
    pub fn come_home(&mut self) -> bool {
        let sort = self.view.request.sort;
        let is_worst_first = sort.key == PodField::Risk && sort.descending;
        let is_left = self.now.duration_since(self.touched_at) >= COMES_HOME_AFTER;
        let comes = self.mode() == Mode::Table && is_worst_first && is_left && self.top > 0;
        if comes {
            self.is_home = true;
            self.top = 0;
        }
        comes
    }

    /// The cursor's row from 1, where it is not on the screen.
    pub fn row_beyond(&self) -> Option<usize> {
        let is_beyond = self.is_home && self.cursor >= self.rows_shown();
        is_beyond.then_some(self.cursor + 1)
    }

    /// Scrolls so that the cursor is on the screen, and the screen is full where it can be; not where it came home.
    pub fn reveal(&mut self) {
        if self.is_home {
            self.top = 0;
            return;
        }
        let rows = self.rows_shown();
        let last_top = self.view.len().saturating_sub(rows);
        self.top = self
            .top
            .clamp((self.cursor + 1).saturating_sub(rows), self.cursor)
            .min(last_top);
    }
}
