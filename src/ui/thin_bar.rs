//! A thin bar behind a number: `━━━╸────`.
//!
//! Many of them stand under each other, so that they are thin, and only what is worth a look has a colour. Half a cell is the
//! smallest step. Without colours a heavy line on a light one tells the same.

use ratatui::style::Modifier;

use super::signs::{self, BAR_FULL, BAR_HALF, BAR_OVER, BAR_TRACK};
use super::slot::Slot;
use super::theme::{Role, Theme};
use crate::fleet::usage::Usage;

/// Draws a bar of `width` cells. Above 100 % it is full and ends in `▶`; without a ratio there is no bar.
pub fn thin_bar(usage: Usage, width: usize, theme: &Theme, slot: &mut Slot<'_>) {
    let Some(percent) = usage.percent() else {
        return slot.skip(width);
    };
    let style = |role| {
        let style = theme.style(role);
        style.remove_modifier(Modifier::BOLD | Modifier::REVERSED)
    };
    let filled = style(match signs::usage(usage) {
        Role::Good => Role::Text,
        role => role,
    });
    if percent > 100 {
        slot.fill(BAR_FULL, width.saturating_sub(1), filled);
        return slot.fill(BAR_OVER, 1, filled);
    }
    let halves = width * 2 * usize::try_from(percent).unwrap_or(100) / 100;
    slot.fill(BAR_FULL, halves / 2, filled);
    slot.fill(BAR_HALF, halves % 2, filled);
    slot.fill(
        BAR_TRACK,
        width.saturating_sub(halves.div_ceil(2)),
        style(Role::Rule),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Palette;
    use ratatui::buffer::{Buffer, Cell};
    use ratatui::layout::Rect;
    use ratatui::style::Color;

    fn drawn(usage: Usage, width: u16) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width + 1, 1));
        let mut slot = Slot::new(&mut buffer, 0, 0, usize::from(width) + 1);
        thin_bar(
            usage,
            usize::from(width),
            &Theme::new(Palette::Sixteen),
            &mut slot,
        );
        assert_eq!(slot.width(), 1, "{usage:?} of {width}");
        buffer
    }

    fn text(percent: u32, width: u16) -> String {
        let text: String = drawn(Usage::Percent(percent), width)
            .content
            .iter()
            .map(Cell::symbol)
            .collect();
        text.trim_end().to_owned()
    }

    #[test]
    fn a_thin_bar_has_its_width_at_any_percentage_and_says_where_it_is_over() {
        for percent in 0..140 {
            for width in 1..20 {
                assert_eq!(text(percent, width).chars().count(), usize::from(width));
            }
        }
        for (percent, shown) in [
            (0, "────────"),
            (26, "━━──────"),
            (32, "━━╸─────"),
            (100, "━━━━━━━━"),
            (101, "━━━━━━━▶"),
            (u32::MAX, "━━━━━━━▶"),
        ] {
            assert_eq!(text(percent, 8), shown, "{percent}");
        }
    }

    #[test]
    fn a_thin_bar_has_a_colour_from_seventy_percent_on() {
        let colour = |percent| drawn(Usage::Percent(percent), 8).content[0].fg;
        assert_eq!(
            [69, 70, 90, 101].map(|percent| colour(percent) == Color::Reset),
            [true, false, false, false]
        );
        assert_ne!(colour(70), colour(90));
        let blank = drawn(Usage::NoLimit, 8);
        assert!(blank.content.iter().all(|cell| cell.symbol() == " "));
    }
}
