//! A bar with eighths: `███████▍░░░`.

use ratatui::style::Style;
use ratatui::text::Span;

use super::signs;
use super::theme::{Role, Theme};
use crate::fleet::usage::Usage;

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar of `width` cells. Above 100 % it is full and ends in `▶`. Without a ratio there is no bar.
pub fn bar<'a>(usage: Usage, width: usize, theme: &Theme) -> Vec<Span<'a>> {
    let Some(percent) = usage.percent() else {
        return vec![Span::raw(" ".repeat(width))];
    };
    let style = theme
        .style(signs::usage(usage))
        .remove_modifier(ratatui::style::Modifier::BOLD);
    if percent > 100 {
        return vec![Span::styled(
            format!("{}▶", "█".repeat(width.saturating_sub(1))),
            style,
        )];
    }
    let eighths = width * 8 * usize::try_from(percent).unwrap_or(100) / 100;
    let part = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    let filled = format!("{}{part}", "█".repeat(eighths / 8));
    let rest = width.saturating_sub(eighths.div_ceil(8));
    vec![Span::styled(filled, style), empty(rest, theme.style(Role::Rule))]
}

fn empty<'a>(width: usize, style: Style) -> Span<'a> {
    Span::styled("░".repeat(width), style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Palette;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn a_bar_has_its_width_at_any_percentage() {
        let theme = Theme::new(Palette::None);
        let text = |percent, width| -> String {
            bar(Usage::Percent(percent), width, &theme)
                .iter()
                .map(|span| span.content.to_string())
                .collect()
        };
        for percent in 0..140 {
            for width in 1..30 {
                assert_eq!(text(percent, width).width(), width, "{percent} % of {width}");
            }
        }
        assert_eq!(text(0, 4), "░░░░");
        assert_eq!(text(50, 4), "██░░");
        assert_eq!(text(100, 4), "████");
        assert_eq!(text(101, 4), "███▶");
        assert_eq!(text(u32::MAX, 4), "███▶");
    }
}
