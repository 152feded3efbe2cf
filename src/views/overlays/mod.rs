//! The place of an overlay: a menu, the help, a line above the prompt.
//!
//! Owns the edge. A character of the view that is two cells wide may begin left of the place and end inside
//! it. A terminal draws such a character completely or not at all, so a character over its second half would
//! be lost.

pub mod alerts;
pub mod columns;
pub mod confirm;
pub mod help;
pub mod menu;
pub mod mute;
pub mod prompt;
pub mod row_menu;
pub mod saved_views;
pub mod themes;

use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget as _};

/// Clears the place, and wide characters that reach into it from the left.
pub fn clear(area: Rect, buffer: &mut Buffer) {
    Clear.render(area, buffer);
    let Some(left) = area.x.checked_sub(1) else { return };
    for y in area.intersection(buffer.area).rows() {
        if let Some(cell) = buffer.cell_mut((left, y.y)).filter(|cell| cell.cell_width() > 1) {
            cell.set_symbol(" ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Display;
    use ratatui::layout::Size;
    use ratatui::style::Style;
    use ratatui::widgets::Block;

    /// What a terminal shows of a box over lines of wide characters that begin in column `from`.
    fn shown(from: u16, left: u16) -> Vec<String> {
        let size = Size::new(24, 5);
        let mut bytes = Vec::new();
        let mut display = Display::new(&mut bytes);
        let wide = |buffer: &mut Buffer| {
            for y in 0..size.height {
                buffer.set_string(from, y, "\u{751f}".repeat(11), Style::new());
            }
        };
        display.draw(size, wide).unwrap();
        let place = Rect::new(left, 1, 8, 3);
        let boxed = |buffer: &mut Buffer| {
            wide(buffer);
            clear(place, buffer);
            Block::bordered().render(place, buffer);
        };
        display.draw(size, boxed).unwrap();
        let mut terminal =
            vt100::Parser::new(size.height.try_into().unwrap(), size.width.try_into().unwrap(), 0);
        terminal.process(&bytes);
        terminal.screen().rows(0, size.width).collect()
    }

    #[test]
    fn a_box_has_its_left_edge_over_either_half_of_a_wide_character() {
        for from in [0, 1] {
            for left in 0..16 {
                let rows = shown(from, left);
                let middle: Vec<char> = rows[2].chars().collect();
                let edges = rows[2].matches('\u{2502}').count();
                assert_eq!(edges, 2, "{from} {left} {middle:?}");
                assert_eq!(rows[1].matches(['\u{250c}', '\u{2510}']).count(), 2, "{rows:?}");
                assert_eq!(rows[3].matches(['\u{2514}', '\u{2518}']).count(), 2, "{rows:?}");
                assert!(!rows[0].contains(' ') || from == 1, "{rows:?}");
            }
        }
    }
}
