//! The width of each column of the table: a pure function of the room, the choice and the fleet's longest
//! texts.
//!
//! Cells are given to the columns in steps, in the order of their turns ([`WidthStep`]): each column appears
//! in its turn but never before one on its left, and grows in later turns, up to its longest value. The first
//! step that does not fit ends this. So a wider window never shows less, and neither scrolling nor changing
//! numbers move anything.

use std::borrow::Cow;
use std::iter::Peekable;

use crate::fleet::fields::{ChosenColumn, FieldKind, PodColumn, PodField, PodText, WidthStep, Wording};

/// Cells between two columns.
pub const GAP: usize = 1;
/// The least useful width of the sorted column.
const FEWEST: usize = 4;

/// The names that get free cells, in this order.
const LENT_TO: [PodField; 4] = [
    PodField::Name,
    PodField::Namespace,
    PodField::Node,
    PodField::Cluster,
];

/// The cells of the longest text of a field in the whole fleet; `None` if unknown.
pub type LongestText<'a> = &'a dyn Fn(PodText) -> Option<usize>;

/// The width of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ColumnWidth {
    /// Its cells.
    pub cells: usize,
    /// Additional cells until another column fits: only names have any.
    pub lent: usize,
    /// Whether it fits next to those on its left.
    pub fits: bool,
}

/// A step of a column.
#[derive(Debug, Clone, Copy)]
struct WidthTurn {
    /// Its order: by turn; new columns come before growing ones; then from left to right.
    key: (u8, usize, usize),
    /// Which column.
    at: usize,
    cells: usize,
    is_first: bool,
}

/// The width of each column of `columns` in `room` cells. The sorted one comes before all except the name.
pub fn widths(
    room: usize,
    columns: &[ChosenColumn],
    sorted_by: PodField,
    longest: LongestText<'_>,
) -> Vec<ColumnWidth> {
    let turns = turns(columns, sorted_by, longest);
    let firsts = turns.iter().filter(|turn| turn.is_first);
    let mut own: Vec<(usize, usize)> = firsts.map(|turn| (turn.at, turn.cells)).collect();
    own.sort_unstable();
    let mut shared = CellShare {
        columns,
        sorted_by,
        widths: vec![ColumnWidth::default(); columns.len()],
        // There is no gap behind the last column.
        spare: room + GAP,
    };
    let mut turns = turns.into_iter().peekable();
    while let Some(turn) = turns.next() {
        if !shared.give(turn, &mut turns) {
            if turn.is_first {
                shared.lend(longest);
            }
            break;
        }
    }
    for ((_, cells), width) in own.into_iter().zip(&mut shared.widths) {
        if !width.fits {
            width.cells = cells;
        }
    }
    shared.widths
}

/// The cells of all columns at their largest useful width, with the gaps.
pub fn most_cells(columns: &[ChosenColumn], longest: LongestText<'_>) -> usize {
    let widest = columns.iter().map(|chosen| {
        let steps = steps(*chosen);
        let last = steps.last().map_or(0, |step| usize::from(step.cells));
        own_cells(*chosen, last, longest) + GAP
    });
    widest.sum::<usize>().saturating_sub(GAP)
}

/// The steps of a column. A column with a chosen width has only one.
fn steps(chosen: ChosenColumn) -> Cow<'static, [WidthStep]> {
    let row = chosen.column.field().row();
    let turn = row.widths.first().map_or(u8::MAX, |step| step.turn);
    let one = |cells| vec![WidthStep { cells, turn }].into();
    match (chosen.cells, chosen.column.as_sent()) {
        (Some(cells), _) => one(u8::try_from(cells).unwrap_or(u8::MAX)),
        (None, Some(sent)) => one(sent.cells),
        (None, None) => row.widths.into(),
    }
}

/// The cells of a step, limited to what the column can use.
fn own_cells(chosen: ChosenColumn, cells: usize, longest: LongestText<'_>) -> usize {
    match (chosen.cells, chosen.column) {
        (None, PodColumn::Shown(field)) => cells.min(most(field, longest)),
        (Some(_), _) | (None, PodColumn::Sent(_)) => cells,
    }
}

/// The cells that the column of a field can use.
fn most(field: PodField, longest: LongestText<'_>) -> usize {
    let heading = field.row().title.len() + 1;
    match field.kind() {
        FieldKind::Text(text) if matches!(text.wording(), Wording::Names(_)) => {
            longest(text).map_or(usize::MAX, |cells| cells.max(heading))
        }
        FieldKind::Text(_) | FieldKind::Number(_) => usize::MAX,
    }
}

/// All steps of all columns, in order.
fn turns(columns: &[ChosenColumn], sorted_by: PodField, longest: LongestText<'_>) -> Vec<WidthTurn> {
    let mut turns = Vec::with_capacity(4 * columns.len());
    let mut latest = 0;
    for (at, chosen) in columns.iter().enumerate() {
        let mut own = 0;
        for (number, step) in steps(*chosen).iter().enumerate() {
            let is_first = number == 0;
            own = match (is_first, is_sorted(*chosen, sorted_by)) {
                (true, true) => FIRST,
                (true, false) => step.turn.max(latest),
                (false, _) => step.turn.max(own),
            };
            if is_first && !is_sorted(*chosen, sorted_by) {
                latest = own;
            }
            turns.push(WidthTurn {
                key: (own, number, at),
                at,
                cells: own_cells(*chosen, usize::from(step.cells), longest),
                is_first,
            });
        }
    }
    // Stable: the steps of a column stay in their order.
    turns.sort_by_key(|turn| turn.key);
    turns
}

/// The turn of the first columns: the risk and the name.
const FIRST: u8 = 10;

fn together_with(turn: WidthTurn, other: WidthTurn) -> bool {
    (turn.key.0, turn.key.1) == (other.key.0, other.key.1)
}

fn is_sorted(chosen: ChosenColumn, sorted_by: PodField) -> bool {
    chosen.column == PodColumn::Shown(sorted_by)
}

/// The cells of a line while they are distributed.
struct CellShare<'a> {
    columns: &'a [ChosenColumn],
    sorted_by: PodField,
    widths: Vec<ColumnWidth>,
    /// The free cells.
    spare: usize,
}

impl CellShare<'_> {
    /// Makes the next step, and those that belong together with it. Returns whether all of it fits.
    fn give(&mut self, turn: WidthTurn, turns: &mut Peekable<impl Iterator<Item = WidthTurn>>) -> bool {
        let mut together = vec![turn];
        // Bars can only be compared where they are equally long.
        while self.is_bar(turn)
            && let Some(other) = turns.next_if(|other| together_with(turn, *other) && self.is_bar(*other))
        {
            together.push(other);
        }
        let needed: usize = together.iter().map(|turn| self.needed(*turn)).sum();
        if needed <= self.spare {
            for turn in together {
                self.take(turn, turn.cells);
            }
            return true;
        }
        if let Some(cells) = self.less(turn) {
            self.take(turn, cells);
        }
        false
    }

    fn has(&self, at: usize) -> ColumnWidth {
        self.widths.get(at).copied().unwrap_or_default()
    }

    fn needed(&self, turn: WidthTurn) -> usize {
        let gap = if turn.is_first { GAP } else { 0 };
        turn.cells.saturating_sub(self.has(turn.at).cells) + gap
    }

    fn take(&mut self, turn: WidthTurn, cells: usize) {
        let taken = self.needed(WidthTurn { cells, ..turn });
        self.spare = self.spare.saturating_sub(taken);
        if let Some(width) = self.widths.get_mut(turn.at) {
            width.cells = width.cells.max(cells);
            width.fits = true;
        }
    }

    /// The cells of a column after a step that does not fit completely: a growing text takes the rest,
    /// because every cell shows more of it, and so do the first column, the pod's name and the sorted column.
    fn less(&self, turn: WidthTurn) -> Option<usize> {
        if !turn.is_first {
            return (!self.is_bar(turn)).then(|| self.has(turn.at).cells + self.spare);
        }
        let chosen = *self.columns.get(turn.at)?;
        let cells = self.spare.saturating_sub(GAP);
        let is_name = chosen.column == PodColumn::Shown(PodField::Name);
        let is_first = self.widths.iter().all(|width| !width.fits);
        let takes_less = is_name || is_first || is_sorted(chosen, self.sorted_by);
        (takes_less && cells >= FEWEST).then_some(cells)
    }

    fn is_bar(&self, turn: WidthTurn) -> bool {
        let column = self.columns.get(turn.at).map(|chosen| chosen.column);
        let bars = [PodField::CpuPercent, PodField::MemoryPercent].map(PodColumn::Shown);
        !turn.is_first && column.is_some_and(|column| bars.contains(&column))
    }

    /// Lends the free cells to the names that are cut while the next column does not fit.
    fn lend(&mut self, longest: LongestText<'_>) {
        for name in LENT_TO {
            let at = self
                .columns
                .iter()
                .position(|chosen| chosen.column == PodColumn::Shown(name) && chosen.cells.is_none());
            let width = at
                .and_then(|at| self.widths.get_mut(at))
                .filter(|width| width.fits);
            if let Some(width) = width {
                width.lent = self.spare.min(most(name, longest).saturating_sub(width.cells));
                self.spare -= width.lent;
            }
        }
    }
}
