//! The columns on the screen and their places: all that fit, or those in view while they are scrolled
//! sideways.
//!
//! ```text
//!    RISK▼ POD              ‹ CPU  MEM  AGE   CLUSTER      3›
//!    └ stay where they are ┘ └ 2 before these are scrolled away, 3 behind have no room
//! ```

use super::widths::{ColumnWidth, GAP, LongestText, widths};
use crate::fleet::fields::{ChosenColumn, PodColumn, PodField};

/// The least cells for other columns next to fixed ones; with less room no column is fixed.
const ROOM: usize = 10;

/// A column on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedColumn {
    /// Its content.
    pub column: PodColumn,
    /// Its first cell, counted from that of the first column.
    pub x: usize,
    /// Its cells.
    pub cells: usize,
}

/// The columns on the screen, from left to right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrangedColumns {
    /// The columns.
    pub columns: Vec<PlacedColumn>,
    /// How far they are scrolled, in steps of one column.
    pub scrolled: usize,
    /// How many columns are scrolled away.
    pub left: usize,
    /// How many of the others do not fit.
    pub right: usize,
    /// How many columns stay while the others are scrolled.
    pub staying: usize,
    /// How far they can be scrolled: until the last one is complete.
    pub last: usize,
}

impl ArrangedColumns {
    /// The columns of a table that is `room` cells wide and scrolled by this many columns.
    ///
    /// The sorted column is added at the end if it is not among them.
    pub fn of(
        room: usize,
        columns: &[ChosenColumn],
        sorted_by: PodField,
        longest: LongestText<'_>,
        scrolled: usize,
    ) -> Self {
        let sorted_by = sorted_by.sorted_by();
        let mut columns = columns.to_vec();
        if columns.iter().all(|it| it.column.field() != sorted_by) {
            columns.push(sorted_by.into());
        }
        let line = ColumnLine {
            room,
            widths: widths(room, &columns, sorted_by, longest),
            columns,
        };
        let staying = line.staying();
        // On a very narrow screen the sorted column may replace the first one.
        let is_first_shown = line.widths.get(staying).is_some_and(|width| width.fits);
        let ahead = usize::from(!is_first_shown);
        let last = line.last(staying, ahead);
        let scrolled = scrolled.min(last);
        let left = scrolled.saturating_sub(ahead);
        let shown = match scrolled {
            0 => line.fitting(),
            _ => line.from(staying, staying + left),
        };
        Self {
            scrolled,
            left,
            right: line.columns.len() - left - shown.len(),
            columns: shown,
            staying,
            last,
        }
    }
}

/// The columns, each with its width, before they are placed.
struct ColumnLine {
    room: usize,
    columns: Vec<ChosenColumn>,
    widths: Vec<ColumnWidth>,
}

impl ColumnLine {
    fn each(&self) -> impl DoubleEndedIterator<Item = (PodColumn, ColumnWidth)> + ExactSizeIterator {
        let columns = self.columns.iter().map(|chosen| chosen.column);
        columns.zip(self.widths.iter().copied())
    }

    /// Those that fit without scrolling.
    fn fitting(&self) -> Vec<PlacedColumn> {
        let fitting = self.each().filter(|(_, width)| width.fits);
        self.placed(fitting.map(|(column, width)| (column, width.cells + width.lent)))
    }

    /// Those that stay, and those from the one at `from` on.
    fn from(&self, staying: usize, from: usize) -> Vec<PlacedColumn> {
        let of_line = self.each().take(staying).chain(self.each().skip(from));
        self.placed(of_line.map(|(column, width)| (column, width.cells)))
    }

    /// One after the other, as long as they fit; the first one after the fixed columns is cut if it does not
    /// fit.
    fn placed(&self, columns: impl Iterator<Item = (PodColumn, usize)>) -> Vec<PlacedColumn> {
        let staying = self.staying();
        let mut placed = Vec::new();
        let mut x = 0;
        for (column, cells) in columns {
            let left = self.room.saturating_sub(x);
            let is_cut = cells > left;
            if left == 0 || is_cut && placed.len() > staying {
                break;
            }
            let cells = cells.min(left);
            placed.push(PlacedColumn { column, x, cells });
            x += cells + GAP;
        }
        placed
    }

    /// How many of the first columns are fixed: risk and name, if they are first and leave room for others.
    fn staying(&self) -> usize {
        let stays = [PodField::Risk, PodField::Name].map(PodColumn::Shown);
        let first = self.each().take_while(|(column, _)| stays.contains(column));
        let (count, cells) = first.fold((0, 0), |(count, cells), (_, width)| {
            (count + 1, cells + width.cells + GAP)
        });
        if cells + ROOM <= self.room { count } else { 0 }
    }

    /// How far they can be scrolled until the last one is complete; the first `ahead` steps lead to the first
    /// one.
    fn last(&self, staying: usize, ahead: usize) -> usize {
        if self.widths.iter().all(|width| width.fits) {
            return 0;
        }
        let stay: usize = self
            .each()
            .take(staying)
            .map(|(_, width)| width.cells + GAP)
            .sum();
        let mut room = self.room.saturating_sub(stay) + GAP;
        let mut whole = 0;
        for (_, width) in self.each().skip(staying).rev() {
            let Some(rest) = room.checked_sub(width.cells + GAP) else {
                break;
            };
            room = rest;
            whole += 1;
        }
        let others = self.columns.len().saturating_sub(staying);
        // Bars that wait for room may keep a column out of a place that is large enough for it.
        (others.saturating_sub(whole.max(1)) + ahead).max(1)
    }
}
