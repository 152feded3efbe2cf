//! The scroll bar at the right edge of the table: the part of the rows on the screen, and the places of the
//! risky ones.
//!
//! ```text
//! ┫   on the screen, and a risk is there
//! ┃   on the screen
//! │
//! ┤   a risk is there
//! │
//! ```
//!
//! The marks are part of the view, so a frame only reads one mark per part of the rows.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::fleet::risk_marks::RiskMark;
use crate::ui::signs::{SCROLL_HERE, SCROLL_HERE_MARK, SCROLL_MARK, SCROLL_TRACK};
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Draws the bar into `area`, one cell wide, beside the rows on the screen. A view that fits on the screen
/// has none.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let (rows, height) = (model.view.len(), usize::from(area.height));
    if rows <= height {
        return;
    }
    let thumb = thumb(model.pods.top, height, rows);
    for (line, y) in (area.top()..area.bottom()).enumerate() {
        let of_line = rows_of(line, height, rows);
        let mark = model.view.worst(of_line);
        let sign = match (thumb.contains(&line), mark > RiskMark::None) {
            (true, true) => SCROLL_HERE_MARK,
            (true, false) => SCROLL_HERE,
            (false, true) => SCROLL_MARK,
            (false, false) => SCROLL_TRACK,
        };
        let role = match (mark, thumb.contains(&line)) {
            (RiskMark::Bad, _) => Role::Bad,
            (RiskMark::High, _) => Role::Warn,
            (RiskMark::None, true) => Role::Label,
            (RiskMark::None, false) => Role::Rule,
        };
        Slot::new(buffer, area.x, y, 1).left(sign, theme.style(role));
    }
}

/// The rows that a line of the bar represents.
fn rows_of(line: usize, height: usize, rows: usize) -> Range<usize> {
    line * rows / height..(line + 1) * rows / height
}

/// The lines of the bar that represent the screen: at least one, at the end only if the last row is visible,
/// and at the beginning only if the first is.
fn thumb(top: usize, height: usize, rows: usize) -> Range<usize> {
    let cells = (height * height / rows).max(1);
    let (free, last_top) = (height.saturating_sub(cells), rows.saturating_sub(height).max(1));
    let top = top.min(last_top);
    let start = match top {
        0 => 0,
        top if top == last_top => free,
        top => (top * free / last_top).clamp(1.min(free), free.saturating_sub(1).max(1.min(free))),
    };
    start..start + cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ends_of_the_bar_are_the_ends_of_the_rows() {
        assert_eq!(thumb(0, 20, 1_000_000), 0..1);
        assert_eq!(thumb(1, 20, 1_000_000), 1..2);
        assert_eq!(thumb(999_979, 20, 1_000_000), 18..19);
        assert_eq!(thumb(999_980, 20, 1_000_000), 19..20);
        assert_eq!(thumb(0, 20, 40), 0..10);
        assert_eq!(thumb(20, 20, 40), 10..20);
        assert_eq!((thumb(0, 20, 21), thumb(1, 20, 21)), (0..19, 1..20));
    }

    proptest! {
        #[test]
        fn the_bar_has_every_row_once_and_the_thumb_is_in_it(height in 1_usize..200, more in 1_usize..3_000_000, top in any::<prop::sample::Index>()) {
            let rows = height + more;
            let thumb = thumb(top.index(more + 1), height, rows);
            prop_assert!(!thumb.is_empty() && thumb.end <= height, "{:?}", thumb);
            let mut next = 0;
            for line in 0..height {
                let of_line = rows_of(line, height, rows);
                prop_assert_eq!(of_line.start, next);
                next = of_line.end;
            }
            prop_assert_eq!(next, rows);
        }
    }
}
