//! A place in one line of the screen, filled from the left: a cell of the table, a figure of the detail.
//!
//! Its background is blank, so blanks, which are most of a screen, need not be written. Nearly all text is
//! ASCII, which has one cell per byte and needs no search for character boundaries.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::format::{fit, width};

/// A place; writing into it makes it smaller and never goes beyond it.
#[derive(Debug)]
pub struct Slot<'b> {
    buffer: &'b mut Buffer,
    x: u16,
    y: u16,
    width: usize,
}

impl<'b> Slot<'b> {
    /// `width` cells from `x`, `y` on; fewer at the edge of the buffer, none outside of it.
    pub fn new(buffer: &'b mut Buffer, x: u16, y: u16, width: usize) -> Self {
        let inside = buffer.area.contains((x, y).into());
        let room = usize::from(buffer.area.right().saturating_sub(x));
        Self {
            width: if inside { width.min(room) } else { 0 },
            buffer,
            x,
            y,
        }
    }

    /// The cells that are left.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Splits off the first cells as a separate place.
    pub fn part(&mut self, cells: usize) -> Slot<'_> {
        let (x, width) = (self.x, cells.min(self.width));
        self.skip(cells);
        Slot {
            buffer: self.buffer,
            x,
            y: self.y,
            width,
        }
    }

    /// Leaves this many cells blank.
    pub fn skip(&mut self, cells: usize) {
        let cells = cells.min(self.width);
        self.x = self.x.saturating_add(u16::try_from(cells).unwrap_or(u16::MAX));
        self.width -= cells;
    }

    /// Writes `text`; one that is too long loses its middle.
    pub fn left(&mut self, text: &str, style: Style) {
        if width(text) <= self.width {
            self.put(text, style);
        } else {
            self.put(&fit(text, self.width), style);
        }
    }

    /// Writes `text` at the right edge, and fills the place with it.
    pub fn right(&mut self, text: &str, style: Style) {
        self.skip(self.width.saturating_sub(width(text)));
        self.left(text, style);
    }

    /// Writes the one-cell `symbol` this many times.
    pub fn fill(&mut self, symbol: &str, cells: usize, style: Style) {
        let cells = cells.min(self.width);
        for cell in self.cells().iter_mut().take(cells) {
            cell.set_symbol(symbol).set_style(style);
        }
        self.skip(cells);
    }

    fn put(&mut self, text: &str, style: Style) {
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            for (cell, byte) in self.cells().iter_mut().zip(text.bytes()) {
                cell.set_char(char::from(byte)).set_style(style);
            }
            self.skip(text.len());
        } else if self.width > 0 {
            let (end, _) = self.buffer.set_stringn(self.x, self.y, text, self.width, style);
            self.skip(usize::from(end.saturating_sub(self.x)));
        }
    }

    fn cells(&mut self) -> &mut [ratatui::buffer::Cell] {
        if self.width == 0 {
            return &mut [];
        }
        let first = self.buffer.index_of(self.x, self.y);
        let cells = self.buffer.content.get_mut(first..first + self.width);
        cells.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::Color;

    /// The line after `write` has written to its middle ten cells.
    fn line(write: impl FnOnce(&mut Slot<'_>)) -> String {
        let mut buffer = Buffer::filled(Rect::new(0, 0, 14, 1), ratatui::buffer::Cell::new("·"));
        write(&mut Slot::new(&mut buffer, 2, 0, 10));
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn it_is_filled_from_the_left_or_to_the_right() {
        let plain = Style::new();
        assert_eq!(line(|slot| slot.left("abc", plain)), "··abc·········");
        assert_eq!(line(|slot| slot.right("abc", plain)), "·········abc··");
        assert_eq!(line(|slot| slot.left("payment-api-1", plain)), "··payme…pi-1··");
        let parts = line(|slot| {
            slot.fill("█", 3, plain);
            slot.skip(1);
            slot.left("●", plain);
            slot.right("9%", plain);
        });
        assert_eq!(parts, "··███·●···9%··");
        let twice = line(|slot| {
            slot.left("0123456789", plain);
            slot.left("more", plain);
            slot.fill("█", 3, plain);
        });
        assert_eq!(twice, "··0123456789··");
    }

    #[test]
    fn beyond_the_buffer_there_is_no_room() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        for (x, y) in [(4, 0), (0, 1), (u16::MAX, u16::MAX)] {
            let mut slot = Slot::new(&mut buffer, x, y, 3);
            assert_eq!(slot.width(), 0);
            slot.left("abc", Style::new());
            slot.left("生", Style::new());
        }
        assert_eq!(Slot::new(&mut buffer, 2, 0, 9).width(), 2);
        assert_eq!(buffer, Buffer::empty(Rect::new(0, 0, 4, 1)));
    }

    proptest! {
        /// The fast path for ASCII gives the same result as ratatui.
        #[test]
        fn it_writes_what_ratatui_would(text in "[ -~\\x00-\\x1f●生]{0,12}") {
            let area = Rect::new(0, 0, 12, 1);
            let style = Style::new().fg(Color::Red);
            let (mut ours, mut theirs) = (Buffer::empty(area), Buffer::empty(area));
            if width(&text) <= 12 {
                Slot::new(&mut ours, 0, 0, 12).left(&text, style);
                theirs.set_stringn(0, 0, &text, 12, style);
            }
            prop_assert_eq!(ours, theirs);
        }
    }
}
