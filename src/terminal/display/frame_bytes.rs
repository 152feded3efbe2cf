//! The bytes that change one row of the screen into another.
//!
//! Owns the shortest way as far as it is found at little cost: which cells are written, whether a part of a row is erased first,
//! how the cursor gets from one to the next. Must not: write a cell whose place depends on the width that a terminal gives to a
//! sign, or send a move that some terminals do not know. All of them know `CSI` with `H`, `B`, `C` and `D`, and `G` without a number.
//! mosh (1.4.0) and Emacs (ansi-term) drop `CSI E` and `CSI F`, and draw a row that begins with one over the row before. minicom
//! drops the number of `CSI n G`, and Emacs counts it from 0.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use ratatui::buffer::{Cell, CellWidth as _};

use super::pen::{PLAIN, Pen};

/// Begins a synchronized update.
pub(super) const BEGIN: &str = "\x1b[?2026h";
/// Ends it: the terminal shows the frame.
pub(super) const END: &str = "\x1b[?2026l";
/// The size in bytes of a frame buffer that is reused.
const USUAL_FRAME: usize = 64 << 10;
/// Erases from the cursor to the end of the line, and from its start to the cursor, with the background of the pen. Every
/// terminal does; GNU screen uses its default background instead, so only blanks on that one are erased. Emacs spares the
/// cell of the cursor when it erases from the start, so that cell is written.
const ERASE_TO_END: &str = "\x1b[K";
const ERASE_TO_START: &str = "\x1b[1K";
/// A row with fewer new blanks is not worth the search for a shorter way.
const MANY_BLANKS: usize = 8;

/// The bytes of one frame, while it is collected.
#[derive(Debug)]
pub(super) struct FrameBytes {
    bytes: String,
    pen: Pen,
    /// The position of the cursor, as far as known.
    line: Option<u16>,
    column: Option<usize>,
    /// Whether only ASCII was written since the column was last set. Some terminals draw other signs two cells wide: there a
    /// move by a number of cells would shift everything behind it.
    is_exact: bool,
}

/// A row that changes.
#[derive(Debug, Clone)]
struct RowChange<'a> {
    y: u16,
    old: &'a [Cell],
    new: &'a [Cell],
    /// The last cell that differs.
    last: usize,
    /// From this cell on, the new row is blank; its end if that is of no use.
    behind: usize,
    /// Cells that were erased just now: there the old ones are gone.
    erased: Range<usize>,
}

/// A place between the bytes of a frame, with the state of the terminal there.
#[derive(Debug)]
struct FramePlace {
    length: usize,
    pen: Pen,
    line: Option<u16>,
    column: Option<usize>,
    is_exact: bool,
}

impl Default for FrameBytes {
    fn default() -> Self {
        Self {
            bytes: String::with_capacity(USUAL_FRAME),
            pen: PLAIN,
            line: None,
            column: None,
            is_exact: false,
        }
    }
}

impl FrameBytes {
    /// Appends bytes that move no cursor and change no style.
    pub(super) fn push(&mut self, bytes: &str) {
        self.bytes.push_str(bytes);
    }

    /// Writes the difference between the row `old` and the row `new`: cell by cell, or after erasing a part of the row,
    /// whichever is shorter.
    pub(super) fn row(&mut self, y: u16, old: &[Cell], new: &[Cell]) {
        let (mut from, mut to, mut blanks) = (None, 0, 0);
        for (at, (old, new)) in old.iter().zip(new).enumerate() {
            if !looks_like(old, new) {
                from.get_or_insert(at);
                to = at;
                blanks += usize::from(is_blank(new));
            }
        }
        let Some(from) = from else { return };
        let behind = if blanks < ERASE_TO_END.len() {
            new.len()
        } else {
            new.iter()
                .rposition(|cell| !is_blank(cell))
                .map_or(0, |at| at + 1)
        };
        let change = RowChange {
            y,
            old,
            new,
            last: to,
            behind,
            erased: 0..0,
        };
        let before = self.place();
        self.write_row(&change);
        let is_wide = |cell: &Cell| cell.symbol().len() > 1 && cell.cell_width() > 1;
        if blanks < MANY_BLANKS || old.iter().chain(new).any(is_wide) {
            return;
        }
        for erased in [from..new.len(), 0..to + 1] {
            let (best, after) = (self.bytes.split_off(before.length), self.place());
            self.return_to(&before);
            self.erase(&change, erased);
            if self.bytes.len() - before.length >= best.len() {
                self.bytes.truncate(before.length);
                self.bytes.push_str(&best);
                self.return_to(&after);
            }
        }
    }

    /// Erases these cells, which are one end of the row, and writes what the row has there.
    fn erase(&mut self, change: &RowChange<'_>, cells: Range<usize>) {
        let is_end = cells.end == change.new.len();
        let at = if is_end { cells.start } else { cells.end - 1 };
        self.go(at, change.y, change.new);
        self.take_pen_for(&Cell::EMPTY);
        self.bytes
            .push_str(if is_end { ERASE_TO_END } else { ERASE_TO_START });
        let mut last = change.last.max(cells.end - 1);
        if !is_end && let Some(cell) = change.new.get(at) {
            self.write(cell, 1);
            // It is the last one that differs.
            let Some(before) = at.checked_sub(1) else { return };
            last = before;
        }
        self.write_row(&RowChange {
            last,
            erased: cells,
            ..change.clone()
        });
    }

    /// Writes every cell of the row, over whatever the terminal shows there, and erases no text before.
    pub(super) fn whole_row(&mut self, y: u16, new: &[Cell]) {
        let is_not_blank = |cell: &Cell| !is_blank(cell);
        self.write_row(&RowChange {
            y,
            old: &[],
            new,
            last: new.len().saturating_sub(1),
            behind: new.iter().rposition(is_not_blank).map_or(0, |at| at + 1),
            erased: 0..0,
        });
    }

    /// Writes the cells of a row that differ.
    fn write_row(&mut self, change: &RowChange<'_>) {
        let (y, new) = (change.y, change.new);
        // Cells before this one differ from the old ones, because half of a wide character was overwritten.
        let mut unsure = 0;
        let mut olds = spans(change.old).peekable();
        for (at, span, cell) in spans(new) {
            if at > change.last && at >= unsure {
                return;
            }
            while olds.next_if(|(_, old_span, _)| old_span.end <= at).is_some() {}
            let stays = if change.erased.contains(&at) {
                is_blank(cell)
            } else {
                at >= unsure
                    && olds
                        .peek()
                        .is_some_and(|(old_at, _, old)| *old_at == at && looks_like(old, cell))
            };
            if stays {
                continue;
            }
            self.go(at, y, new);
            if at >= change.behind && change.last >= at + ERASE_TO_END.len() {
                self.take_pen_for(cell);
                self.bytes.push_str(ERASE_TO_END);
                return;
            }
            self.write(cell, span.len());
            while let Some((_, old_span, _)) = olds.next_if(|(old_at, ..)| *old_at < span.end) {
                unsure = old_span.end;
            }
        }
    }

    /// Moves the cursor to column `x` of line `y`; the cells before it are already right.
    fn go(&mut self, x: usize, y: u16, row: &[Cell]) {
        // Behind the last column, terminals do not agree on where the cursor is.
        let column = self.column.filter(|column| *column < row.len());
        let exact = column.filter(|_| self.is_exact);
        let is_next = self.line.is_some_and(|line| line + 1 == y);
        if self.line == Some(y) {
            self.go_along(column, x, y, row);
        } else if let Some(column) = exact
            && is_next
            && 3 + length_of_step(column, x) < length_of_place(x, y)
        {
            self.bytes.push_str("\x1b[B");
            self.step(column, x);
        } else {
            self.go_to(x, y);
        }
        (self.line, self.column) = (Some(y), Some(x));
    }

    /// Moves the cursor to a place, wherever it is.
    fn go_to(&mut self, x: usize, y: u16) {
        match (x, y) {
            (0, 0) => self.bytes.push_str("\x1b[H"),
            (0, _) => self.sequence(format_args!("{}H", y + 1)),
            _ => self.sequence(format_args!("{};{}H", y + 1, x + 1)),
        }
        self.is_exact = true;
    }

    /// Moves the cursor to column `x` of its line `y`: over the cells between, by a number of cells, or to the place.
    fn go_along(&mut self, column: Option<usize>, x: usize, y: u16, row: &[Cell]) {
        let by = column.map_or(usize::MAX, |column| length_of_step(column, x));
        let to = length_of_place(x, y);
        match column {
            Some(column) if column == x => {}
            Some(column)
                if row
                    .get(column..x)
                    .is_some_and(|between| between.len() <= by.min(to) && self.is_simple(between)) =>
            {
                let between = row.get(column..x).unwrap_or_default();
                self.bytes.extend(between.iter().map(Cell::symbol));
            }
            // Not a carriage return: that byte may also be one of a name, so no frame has it.
            _ if x == 0 => {
                self.bytes.push_str("\x1b[G");
                self.is_exact = true;
            }
            Some(column) if self.is_exact && by < to => self.step(column, x),
            _ => self.go_to(x, y),
        }
    }

    /// Moves the cursor within its line by a number of cells.
    fn step(&mut self, from: usize, to: usize) {
        let letter = if to < from { 'D' } else { 'C' };
        match from.abs_diff(to) {
            0 => {}
            1 => self.sequence(format_args!("{letter}")),
            cells => self.sequence(format_args!("{cells}{letter}")),
        }
    }

    /// Whether these cells can be written again as they are, with the current pen.
    fn is_simple(&self, cells: &[Cell]) -> bool {
        cells
            .iter()
            .all(|cell| cell.symbol().len() == 1 && self.suits(cell))
    }

    /// Whether the cell looks right when it is written with the current pen.
    fn suits(&self, cell: &Cell) -> bool {
        let pen = Pen::of(cell);
        pen == self.pen || (cell.symbol() == " " && pen.leaves_like(self.pen))
    }

    /// Changes the pen unless the cell looks right with the current one.
    fn take_pen_for(&mut self, cell: &Cell) {
        if !self.suits(cell) {
            let pen = Pen::of(cell);
            self.pen.change(pen, &mut self.bytes);
            self.pen = pen;
        }
    }

    fn write(&mut self, cell: &Cell, width: usize) {
        self.take_pen_for(cell);
        self.bytes.push_str(cell.symbol());
        // Terminals do not agree on how wide a wide character is.
        self.column = self.column.filter(|_| width == 1).map(|column| column + 1);
        self.is_exact &= cell.symbol().len() == 1;
    }

    fn place(&self) -> FramePlace {
        FramePlace {
            length: self.bytes.len(),
            pen: self.pen,
            line: self.line,
            column: self.column,
            is_exact: self.is_exact,
        }
    }

    fn return_to(&mut self, place: &FramePlace) {
        (self.pen, self.line, self.column) = (place.pen, place.line, place.column);
        self.is_exact = place.is_exact;
    }

    fn sequence(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.bytes.push_str("\x1b[");
        // Writing to a String does not fail.
        let _ = self.bytes.write_fmt(arguments);
    }

    /// Sends the frame unless it is empty.
    pub(super) fn send(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.pen.change(PLAIN, &mut self.bytes);
        (self.pen, self.line, self.column) = (PLAIN, None, None);
        if self.bytes.is_empty() {
            return Ok(());
        }
        self.bytes.insert_str(0, BEGIN);
        self.bytes.push_str(END);
        let result = out.write_all(self.bytes.as_bytes());
        self.bytes.clear();
        self.bytes.shrink_to(USUAL_FRAME);
        result?;
        out.flush()
    }
}

/// Whether a cell looks like one that was erased.
fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && Pen::of(cell).leaves_like(PLAIN)
}

/// The bytes of a move within a line by a number of cells.
fn length_of_step(from: usize, to: usize) -> usize {
    match from.abs_diff(to) {
        0 => 0,
        1 => 3,
        cells => 3 + digits(cells),
    }
}

/// The bytes of a move to this place, which is not the first of the screen.
fn length_of_place(x: usize, y: u16) -> usize {
    let line = 3 + digits(usize::from(y) + 1);
    if x == 0 { line } else { line + 1 + digits(x + 1) }
}

/// How many decimal digits the number of a line or a column has.
fn digits(number: usize) -> usize {
    match number {
        0..10 => 1,
        10..100 => 2,
        100..1000 => 3,
        _ => 5,
    }
}

/// Whether two cells look alike.
///
/// Nearly all cells of a frame are compared and found alike, so this is the hottest line of the program. The
/// comparison that ratatui has for them calls into libc for each symbol and compares fields that are not drawn.
#[inline]
fn looks_like(one: &Cell, other: &Cell) -> bool {
    let symbols = match (one.symbol().as_bytes(), other.symbol().as_bytes()) {
        ([one], [other]) => one == other,
        (one, other) => one == other,
    };
    symbols && Pen::of(one) == Pen::of(other)
}

/// The characters of a row: the column, the range of cells, and the first cell of each. A wide character
/// covers the cells after its first.
pub(super) fn spans(row: &[Cell]) -> impl Iterator<Item = (usize, Range<usize>, &Cell)> {
    let mut end = 0;
    row.iter().enumerate().filter_map(move |(at, cell)| {
        let is_covered = at < end;
        if is_covered {
            return None;
        }
        end = at + usize::from(cell.cell_width().max(1));
        Some((at, at..end, cell))
    })
}
