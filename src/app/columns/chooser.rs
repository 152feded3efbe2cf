//! The list from which the operator chooses columns: all of them, shown or not.
//!
//! Owns the effect of each key on the list. Must not: know the automatic width of a column.

use crate::fleet::fields::columns::COLUMN_CELLS;
use crate::fleet::fields::{ChosenColumn, ColumnList, PodColumn};
use crate::keys::ColumnEdit;

/// The step in cells by which a column gets wider or narrower.
const STEP: u16 = 2;

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChooserRow {
    /// The column.
    pub chosen: ChosenColumn,
    /// Whether the table has it.
    pub is_shown: bool,
}

/// The list, and the line that the keys act on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnChooser {
    rows: Vec<ChooserRow>,
    at: usize,
}

impl ColumnChooser {
    /// The columns that are shown in their order, then all others.
    pub fn of(list: &ColumnList) -> Self {
        let row = |chosen, is_shown| ChooserRow { chosen, is_shown };
        let shown = list.columns().iter().map(|chosen| row(*chosen, true));
        let others = PodColumn::all().filter(|column| !list.has(*column));
        let others = others.map(|column| row(ChosenColumn { column, cells: None }, false));
        Self {
            rows: shown.chain(others).collect(),
            at: 0,
        }
    }

    /// The lines, from the top.
    pub fn rows(&self) -> &[ChooserRow] {
        &self.rows
    }

    /// The line that the keys act on.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Goes to this line, or to the last one.
    pub fn go(&mut self, at: usize) {
        self.at = at.min(self.rows.len().saturating_sub(1));
    }

    /// The column that the keys act on.
    pub fn column(&self) -> Option<PodColumn> {
        self.rows.get(self.at).map(|row| row.chosen.column)
    }

    /// The columns to show after this change; `None` if it is not possible, because a table has at least one
    /// column. `cells` is the column's present width.
    pub fn edit(&mut self, edit: ColumnEdit, cells: u16) -> Option<ColumnList> {
        let before = self.clone();
        let last = self.rows.len().saturating_sub(1);
        let row = self.rows.get_mut(self.at)?;
        let wide = |cells: u16| Some(cells.clamp(*COLUMN_CELLS.start(), *COLUMN_CELLS.end()));
        match edit {
            ColumnEdit::Toggle => row.is_shown = !row.is_shown,
            ColumnEdit::Widen => row.chosen.cells = wide(cells.saturating_add(STEP)),
            ColumnEdit::Narrow => row.chosen.cells = wide(cells.saturating_sub(STEP)),
            ColumnEdit::Suit => row.chosen.cells = None,
            ColumnEdit::Later => self.swap((self.at + 1).min(last)),
            ColumnEdit::Earlier => self.swap(self.at.saturating_sub(1)),
            ColumnEdit::All => self.rows.iter_mut().for_each(|row| row.is_shown = true),
        }
        let shown = self.rows.iter().filter(|row| row.is_shown);
        let chosen = ColumnList::of(shown.map(|row| row.chosen).collect());
        if chosen.is_none() {
            *self = before;
        }
        chosen
    }

    fn swap(&mut self, to: usize) {
        self.rows.swap(self.at, to);
        self.at = to;
    }
}
