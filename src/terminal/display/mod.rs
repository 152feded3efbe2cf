//! Draws pictures on the terminal, frame by frame, with few bytes.
//!
//! Owns what the terminal shows, as far as known, and the bytes that change it. A frame is collected, wrapped
//! in a synchronized update so that it never appears half drawn, and sent as one write; nothing is sent if
//! nothing changed. It replaces ratatui's terminal and its crossterm backend, which write two fifths more
//! bytes for the same change, write something for no change, and do not redraw the other half of a wide
//! character that is overwritten. Must not: query the terminal, or trust its cursor position after a wide
//! character.

mod pen;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::mem;

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::layout::{Rect, Size};

use super::screen::modes;
use pen::{PLAIN, Pen};

/// Begins a synchronized update.
const BEGIN: &str = "\x1b[?2026h";
/// Ends it: the terminal shows the frame.
const END: &str = "\x1b[?2026l";
/// Resets the style and clears the screen.
const CLEAR: &str = "\x1b[m\x1b[2J";
/// The size in bytes of a frame buffer that is reused.
const USUAL_FRAME: usize = 64 << 10;
/// The size in cells of a screen buffer that is reused.
const USUAL_CELLS: usize = 300 * 80;
/// Up to this many unchanged characters are written again if that is shorter than moving the cursor.
const NEAR: usize = 5;

/// A terminal with the default style and a hidden cursor.
#[derive(Debug)]
pub struct Display<W> {
    out: W,
    /// What the terminal shows.
    shown: Buffer,
    /// Whether that is certain: not before the first frame, nor after [`Self::forget`] or a failed write.
    is_certain: bool,
    /// The buffer for the next picture; until then it holds the last but one.
    canvas: Buffer,
    frame: FrameBytes,
}

impl<W: Write> Display<W> {
    /// A display that writes to the terminal `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            shown: Buffer::default(),
            is_certain: false,
            canvas: Buffer::default(),
            frame: FrameBytes {
                bytes: String::with_capacity(USUAL_FRAME),
                pen: PLAIN,
                line: None,
                column: None,
            },
        }
    }

    /// Makes the next frame redraw everything.
    pub fn forget(&mut self) {
        self.is_certain = false;
    }

    /// Writes bytes that are not part of a frame, and returns whether the terminal accepted all of them.
    /// While hss-top does not have it, it accepts none.
    pub(crate) fn write_once(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        while !bytes.is_empty() {
            match self.out.write(bytes) {
                Ok(0) => return Ok(false),
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.out.flush()?;
        Ok(true)
    }

    /// Shows the picture that `draw` paints on a blank buffer of the terminal's size.
    pub fn draw(&mut self, size: Size, draw: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        let area = Rect::from(size);
        blank(&mut self.canvas, area);
        draw(&mut self.canvas);
        let is_certain = mem::take(&mut self.is_certain);
        if !(is_certain && self.shown.area == area) {
            self.frame.bytes.push_str(&modes());
            self.frame.bytes.push_str(CLEAR);
            blank(&mut self.shown, area);
        }
        let width = usize::from(size.width).max(1);
        let rows = self
            .shown
            .content
            .chunks(width)
            .zip(self.canvas.content.chunks(width));
        for (y, (old, new)) in (0..).zip(rows) {
            self.frame.row(y, old, new);
        }
        mem::swap(&mut self.shown, &mut self.canvas);
        self.is_certain = true;
        self.frame.send(&mut self.out)
    }
}

/// Resets a buffer to a blank one of `area`. The memory of a usual screen is reused: allocating anew for
/// every window size would fragment the heap by megabytes. The memory of a much larger screen is freed.
fn blank(buffer: &mut Buffer, area: Rect) {
    if buffer.content.capacity() > USUAL_CELLS.max(2 * area.area() as usize) {
        *buffer = Buffer::empty(area);
    } else {
        buffer.resize(area);
        buffer.reset();
    }
}

/// The bytes of one frame, while it is collected.
#[derive(Debug)]
struct FrameBytes {
    bytes: String,
    pen: Pen,
    /// The position of the cursor, as far as known.
    line: Option<u16>,
    column: Option<usize>,
}

impl FrameBytes {
    /// Writes the difference between the row `old` and the row `new`.
    fn row(&mut self, y: u16, old: &[Cell], new: &[Cell]) {
        if old.iter().zip(new).all(|(old, new)| looks_like(old, new)) {
            return;
        }
        // Cells before this one differ from `old`, because half of a wide character was overwritten.
        let mut unsure = 0;
        let mut olds = spans(old).peekable();
        for (at, span, cell) in spans(new) {
            while olds.next_if(|(_, old_span, _)| old_span.end <= at).is_some() {}
            let stays = at >= unsure
                && olds
                    .peek()
                    .is_some_and(|(old_at, _, old)| *old_at == at && looks_like(old, cell));
            if stays {
                continue;
            }
            self.go(at, y, new);
            self.write(cell, span.len());
            while let Some((_, old_span, _)) = olds.next_if(|(old_at, ..)| *old_at < span.end) {
                unsure = old_span.end;
            }
        }
    }

    /// Moves the cursor to column `x` of line `y`; the cells before it are already right.
    fn go(&mut self, x: usize, y: u16, row: &[Cell]) {
        if x == 0 && self.line.is_some_and(|line| line + 1 == y) {
            // To the start of the next line: half as long as its position.
            self.bytes.push_str("\x1b[E");
        } else if self.line != Some(y) {
            self.sequence(format_args!("{};{}H", y + 1, x + 1));
        } else if self.column != Some(x) {
            match self.column.and_then(|column| row.get(column..x)) {
                Some(between) if self.is_near(between) => {
                    self.bytes.extend(between.iter().map(Cell::symbol));
                }
                _ => self.sequence(format_args!("{}G", x + 1)),
            }
        }
        (self.line, self.column) = (Some(y), Some(x));
    }

    fn is_near(&self, between: &[Cell]) -> bool {
        between.len() <= NEAR
            && between
                .iter()
                .all(|cell| cell.symbol().len() == 1 && self.suits(cell))
    }

    /// Whether the cell looks right when it is written with the current pen.
    fn suits(&self, cell: &Cell) -> bool {
        let pen = Pen::of(cell);
        pen == self.pen || (cell.symbol() == " " && pen.leaves_like(self.pen))
    }

    fn write(&mut self, cell: &Cell, width: usize) {
        if !self.suits(cell) {
            let pen = Pen::of(cell);
            self.pen.change(pen, &mut self.bytes);
            self.pen = pen;
        }
        self.bytes.push_str(cell.symbol());
        // Terminals do not agree on how wide a wide character is.
        self.column = self.column.filter(|_| width == 1).map(|column| column + 1);
    }

    fn sequence(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.bytes.push_str("\x1b[");
        // Writing to a String does not fail.
        let _ = self.bytes.write_fmt(arguments);
    }

    /// Sends the frame unless it is empty.
    fn send(&mut self, out: &mut impl Write) -> io::Result<()> {
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

/// The bytes that show these cells in a line of text, without moving the cursor; the style is reset at the end.
pub fn line_of_text(cells: &[Cell]) -> String {
    let (mut bytes, mut pen) = (String::new(), PLAIN);
    for (_, _, cell) in spans(cells) {
        let next = Pen::of(cell);
        pen.change(next, &mut bytes);
        pen = next;
        bytes.push_str(cell.symbol());
    }
    pen.change(PLAIN, &mut bytes);
    bytes
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
fn spans(row: &[Cell]) -> impl Iterator<Item = (usize, std::ops::Range<usize>, &Cell)> {
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
