//! Draws pictures on the terminal, frame by frame, with few bytes.
//!
//! Owns what the terminal shows, as far as known, and the bytes that change it. A frame is collected, wrapped
//! in a synchronized update so that it never appears half drawn, and sent as one write; nothing is sent if
//! nothing changed. It replaces ratatui's terminal and its crossterm backend, which write two fifths more
//! bytes for the same change, write something for no change, and do not redraw the other half of a wide
//! character that is overwritten.
//!
//! What the terminal shows may change behind our back: the page of a web terminal that is loaded again, or another terminal
//! behind the same connection, has lost a part of the picture and of the modes, and nothing tells us. So the whole picture is
//! written again from time to time ([`Display::refresh`]): over the old one and without erasing it, because not every terminal
//! shows a frame at once.
//!
//! Must not: query the terminal, or trust its cursor position after a wide character.

mod frame_bytes;
mod pen;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::mem;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Rect, Size};

use super::screen::{ALTERNATE_SCREEN, modes};
use frame_bytes::{FrameBytes, spans};
use pen::{PLAIN, Pen};

/// Resets the style and clears the screen.
const CLEAR: &str = "\x1b[m\x1b[2J";
/// Resets the style.
const PLAIN_STYLE: &str = "\x1b[m";
/// The size in cells of a screen buffer that is reused.
const USUAL_CELLS: usize = 300 * 80;

/// A terminal with the default style and a hidden cursor.
#[derive(Debug)]
pub struct Display<W> {
    out: W,
    /// What the terminal shows.
    shown: Buffer,
    /// Whether that is certain: not before the first frame, nor after [`Self::forget`] or a failed write.
    is_certain: bool,
    /// Whether the next frame is written as a whole, over what is shown.
    is_refresh: bool,
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
            is_refresh: false,
            canvas: Buffer::default(),
            frame: FrameBytes::default(),
        }
    }

    /// Makes the next frame redraw everything.
    pub fn forget(&mut self) {
        self.is_certain = false;
    }

    /// Makes the next frame write the whole picture and its modes again, over what the terminal shows.
    pub fn refresh(&mut self) {
        self.is_refresh = true;
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
        let is_cleared = !(is_certain && self.shown.area == area);
        let is_refresh = mem::take(&mut self.is_refresh) && !is_cleared;
        if is_cleared {
            self.frame.push(&modes());
            self.frame.push(CLEAR);
            blank(&mut self.shown, area);
        } else if is_refresh {
            self.frame.push(ALTERNATE_SCREEN);
            self.frame.push(&modes());
            self.frame.push(PLAIN_STYLE);
        }
        let width = usize::from(size.width).max(1);
        let rows = self
            .shown
            .content
            .chunks(width)
            .zip(self.canvas.content.chunks(width));
        for (y, (old, new)) in (0..).zip(rows) {
            if is_refresh {
                self.frame.whole_row(y, new);
            } else {
                self.frame.row(y, old, new);
            }
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
