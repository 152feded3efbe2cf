//! A thin bar: `━━━━━╸────`.
//!
//! It stands beside its number and must not shout: it has a colour from the first threshold on, and what it does not fill
//! is dim.

use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use super::signs;
use super::slot::Slot;
use super::theme::{Role, Theme};
use crate::fleet::usage::Usage;

/// What is drawn where a bar does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// What it could fill.
    Shown,
    /// Nothing: among many bars the eye finds the long ones, and a terminal is sent less.
    Blank,
}

/// A symbol of one cell, how often it stands there, and in which style.
type Part = (&'static str, usize, Style);

/// What a bar of `width` cells is made of. Above 100 % it is full and ends in `▶`. Without a ratio there is no bar.
fn parts(usage: Usage, width: usize, track: Track, theme: &Theme) -> [Part; 3] {
    let rest = match track {
        Track::Shown => "─",
        Track::Blank => " ",
    };
    let dim = theme.style(Role::Rule);
    let Some(percent) = usage.percent() else {
        return [(" ", width, Style::new()), ("", 0, dim), ("", 0, dim)];
    };
    // What is well has no colour: the eye falls on what is not.
    let role = match signs::usage(usage) {
        Role::Good => Role::Text,
        role => role,
    };
    let style = theme
        .style(role)
        .remove_modifier(Modifier::BOLD | Modifier::REVERSED);
    if percent > 100 {
        return [
            ("━", width.saturating_sub(1), style),
            ("▶", width.min(1), style),
            (rest, 0, dim),
        ];
    }
    let halves = width * 2 * usize::try_from(percent).unwrap_or(100) / 100;
    let left = width - halves.div_ceil(2);
    [
        ("━", halves / 2, style),
        ("╸", halves % 2, style),
        (rest, left, dim),
    ]
}

/// Draws a bar of `width` cells in the colour of what it means.
pub fn bar(usage: Usage, width: usize, track: Track, theme: &Theme, slot: &mut Slot<'_>) {
    for (symbol, cells, style) in parts(usage, width, track, theme) {
        if symbol == " " {
            // What is blank is left out: it is most of a screen.
            slot.skip(cells);
        } else {
            slot.fill(symbol, cells, style);
        }
    }
}

/// The same as parts of a line.
pub fn spans<'a>(usage: Usage, width: usize, track: Track, theme: &Theme) -> Vec<Span<'a>> {
    parts(usage, width, track, theme)
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

    /// A bar of `width` cells in a place that is a cell wider.
    fn drawn(percent: u32, width: u16, track: Track) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width + 1, 1));
        let mut slot = Slot::new(&mut buffer, 0, 0, usize::from(width) + 1);
        let theme = Theme::new(Palette::None);
        bar(
            Usage::Percent(percent),
            usize::from(width),
            track,
            &theme,
            &mut slot,
        );
        assert_eq!(slot.width(), 1, "{percent} % of {width}");
        let text: String = buffer.content.iter().map(Cell::symbol).collect();
        text.trim_end().to_owned()
    }

    fn text(percent: u32, width: u16) -> String {
        drawn(percent, width, Track::Shown)
    }

    #[test]
    fn a_bar_has_its_width_at_any_percentage() {
        for percent in 0..140 {
            for width in 1..30 {
                assert_eq!(text(percent, width).chars().count(), usize::from(width));
            }
        }
        assert_eq!(text(0, 4), "────");
        assert_eq!(text(50, 4), "━━──");
        assert_eq!(text(38, 4), "━╸──");
        assert_eq!(drawn(50, 4, Track::Blank), "━━");
        assert_eq!(text(100, 4), "━━━━");
        assert_eq!(text(101, 4), "━━━▶");
        assert_eq!(text(u32::MAX, 4), "━━━▶");
    }

    #[test]
    fn parts_of_a_line_are_the_bar() {
        let theme = Theme::new(Palette::None);
        for percent in [0, 13, 50, 100, 250] {
            let spans = spans(Usage::Percent(percent), 9, Track::Shown, &theme);
            let line: String = spans.iter().map(|span| span.content.as_ref()).collect();
            assert_eq!(line, text(percent, 9));
        }
        let spans = spans(Usage::NoLimit, 9, Track::Shown, &theme);
        assert_eq!(spans.iter().map(Span::width).sum::<usize>(), 9, "its place stays");
    }
}
