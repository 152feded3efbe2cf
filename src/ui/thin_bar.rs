//! A thin bar behind a number: `━━━╸────`.
//!
//! Many of them are below each other, so they are thin, and only values that need attention have a colour.
//! Half a cell is the smallest step. Without colours, a heavy line on a light one shows the same.

use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use super::signs::{self, BAR_FULL, BAR_HALF, BAR_OVER, BAR_TRACK};
use super::slot::Slot;
use super::theme::{Role, Theme};
use crate::fleet::usage::Usage;

/// A symbol of one cell, its number of repetitions, and its style.
type BarPart = (&'static str, usize, Style);

/// The parts of a bar of `width` cells. Above 100 % it is full and ends in `▶`; without a ratio there is no
/// bar.
fn parts(usage: Usage, width: usize, theme: &Theme) -> Option<[BarPart; 3]> {
    let percent = usage.percent()?;
    let style = |role| {
        let style = theme.style(role);
        style.remove_modifier(Modifier::BOLD | Modifier::REVERSED)
    };
    let filled = style(match signs::usage(usage) {
        Role::Good => Role::Text,
        role => role,
    });
    let track = style(Role::Rule);
    if percent > 100 {
        let full = (BAR_FULL, width.saturating_sub(1), filled);
        return Some([full, (BAR_OVER, width.min(1), filled), (BAR_TRACK, 0, track)]);
    }
    let halves = width * 2 * usize::try_from(percent).unwrap_or(100) / 100;
    Some([
        (BAR_FULL, halves / 2, filled),
        (BAR_HALF, halves % 2, filled),
        (BAR_TRACK, width.saturating_sub(halves.div_ceil(2)), track),
    ])
}

/// Draws a bar of `width` cells.
pub fn thin_bar(usage: Usage, width: usize, theme: &Theme, slot: &mut Slot<'_>) {
    let Some(parts) = parts(usage, width, theme) else {
        return slot.skip(width);
    };
    for (symbol, cells, style) in parts {
        slot.fill(symbol, cells, style);
    }
}

/// The same as parts of a line; without a bar its place stays blank.
pub fn thin_bar_spans<'a>(usage: Usage, width: usize, theme: &Theme) -> Vec<Span<'a>> {
    let Some(parts) = parts(usage, width, theme) else {
        return vec![Span::raw(" ".repeat(width))];
    };
    parts
        .into_iter()
        .filter(|(_, cells, _)| *cells > 0)
        .map(|(symbol, cells, style)| Span::styled(symbol.repeat(cells), style))
        .collect()
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
    fn parts_of_a_line_are_the_same_bar() {
        let theme = Theme::new(Palette::None);
        for percent in [0, 13, 50, 100, 250] {
            let spans = thin_bar_spans(Usage::Percent(percent), 9, &theme);
            let line: String = spans.iter().map(|span| span.content.as_ref()).collect();
            assert_eq!(line, text(percent, 9));
        }
        let spans = thin_bar_spans(Usage::NoLimit, 9, &theme);
        assert_eq!(spans.iter().map(Span::width).sum::<usize>(), 9, "its place stays");
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
