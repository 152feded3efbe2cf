//! The columns of the pod table: the operator's choice, their widths, and those on the screen.
//!
//! Owns the choice and how far it is scrolled sideways. [`widths`] and [`arranged`] are the pure core: from
//! the room, the choice and the fleet's longest texts to places on the screen. They are here and not in
//! `views` because keys and clicks need the places too. Must not: draw.

pub mod arranged;
pub mod chooser;
#[cfg(test)]
mod tests;
pub mod widths;

pub use arranged::{ArrangedColumns, PlacedColumn};
pub use chooser::ColumnChooser;

use ratatui::layout::Size;

use super::Model;
use super::layout::{self, Areas, EDGE, MARGIN};
use crate::fleet::fields::{ChosenColumn, ColumnList, PodColumn};
use widths::{ColumnWidth, most_cells};

/// The chosen columns, and how far they are scrolled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableColumns {
    list: ColumnList,
    /// Those at the start.
    start: ColumnList,
    /// How far they are scrolled, in steps of one column.
    scrolled: usize,
}

impl TableColumns {
    /// Those at the start, which `reset` restores.
    pub fn starting_with(list: ColumnList) -> Self {
        Self {
            start: list.clone(),
            list,
            ..Self::default()
        }
    }

    /// The columns, from left to right.
    pub fn list(&self) -> &ColumnList {
        &self.list
    }

    /// The columns, where they are others than at the start.
    pub fn chosen(&self) -> Option<&ColumnList> {
        (self.list != self.start).then_some(&self.list)
    }

    /// Shows these columns; without any, those of the start.
    pub fn show(&mut self, list: Option<ColumnList>) {
        self.list = list.unwrap_or_else(|| self.start.clone());
        self.scrolled = 0;
    }

    /// Shows the choice; the scroll position does not change.
    pub fn choose(&mut self, list: ColumnList) {
        self.list = list;
    }
}

impl Model {
    /// The places on the screen; `None` if it is too small.
    pub fn areas(&self) -> Option<Areas> {
        self.areas_on(self.size)
    }

    /// The places on a screen of this size, with the banners that there are now.
    pub fn areas_on(&self, size: Size) -> Option<Areas> {
        let mut areas = layout::areas_beside(size, self.table_cells())?;
        if self.has_banner() {
            areas = areas.with_banner();
        }
        if !self.alerts.waiting.is_empty() {
            areas = areas.with_alerts();
        }
        Some(areas)
    }

    /// The cells that the table can use: if there are more, the detail is beside it.
    pub fn table_cells(&self) -> usize {
        let mut columns = self.pods.columns.list.columns().to_vec();
        let sorted_by = self.view.request.sort.key.sorted_by();
        if columns.iter().all(|it| it.column.field() != sorted_by) {
            columns.push(sorted_by.into());
        }
        let cells = most_cells(&columns, &|text| self.view.fleet.longest(text));
        cells + usize::from(MARGIN + EDGE)
    }

    /// The columns of a table of this width.
    pub fn arranged_columns(&self, width: u16) -> ArrangedColumns {
        ArrangedColumns::of(
            usize::from(width.saturating_sub(MARGIN + EDGE)),
            self.pods.columns.list.columns(),
            self.view.request.sort.key,
            &|text| self.view.fleet.longest(text),
            self.pods.columns.scrolled,
        )
    }

    /// Scrolls the columns by one, to the left or to the right. Returns whether there was one.
    pub fn scroll_columns(&mut self, to_right: bool) -> bool {
        let Some(areas) = self.areas() else { return false };
        let arranged = self.arranged_columns(areas.table.width);
        let scrolled = if to_right {
            (arranged.scrolled + 1).min(arranged.last)
        } else {
            arranged.scrolled.saturating_sub(1)
        };
        self.pods.columns.scrolled = scrolled;
        scrolled != arranged.scrolled
    }

    /// The cells of a column that is shown, or of one that would be.
    pub fn column_cells(&self, column: PodColumn) -> u16 {
        let width = self.areas().map_or(0, |areas| areas.table.width);
        let list = self.pods.columns.list.columns();
        let mut columns = list.to_vec();
        if columns.iter().all(|it| it.column != column) {
            columns.push(ChosenColumn { column, cells: None });
        }
        let widths = widths::widths(
            usize::from(width.saturating_sub(MARGIN + EDGE)),
            &columns,
            self.view.request.sort.key.sorted_by(),
            &|text| self.view.fleet.longest(text),
        );
        let mut of = columns.iter().zip(widths).filter(|(it, _)| it.column == column);
        let ColumnWidth { cells, .. } = of.next().map(|(_, width)| width).unwrap_or_default();
        u16::try_from(cells).unwrap_or(u16::MAX)
    }
}
