//! A bar with eighths: `███████▍░░░`.

use ratatui::style::Modifier;

use super::signs;
use super::slot::Slot;
use super::theme::{Role, Theme};
use crate::fleet::usage::Usage;

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// What is drawn where a bar does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// What it could fill.
    Shown,
    /// Nothing: among many bars the eye finds the long ones, and a terminal is sent less.
    Blank,
}

/// Draws a bar of `width` cells in the colour of what it means. Above 100 % it is full and ends in `▶`. Without a ratio there is
/// no bar.
pub fn bar(usage: Usage, width: usize, track: Track, theme: &Theme, slot: &mut Slot<'_>) {
    let Some(percent) = usage.percent() else {
        return slot.skip(width);
    };
    // What is well has no colour and stands back: the eye falls on what is not.
    let role = match signs::usage(usage) {
        Role::Good => Role::Muted,
        role => role,
    };
    let style = theme
        .style(role)
        .remove_modifier(Modifier::BOLD | Modifier::REVERSED);
    if percent > 100 {
        slot.fill("█", width.saturating_sub(1), style);
        return slot.fill("▶", 1, style);
    }
    let eighths = width * 8 * usize::try_from(percent).unwrap_or(100) / 100;
    let part = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    slot.fill("█", eighths / 8, style);
    slot.fill(part, usize::from(!part.is_empty()), style);
    let rest = width.saturating_sub(eighths.div_ceil(8));
    match track {
        Track::Shown => slot.fill("░", rest, style),
        Track::Blank => slot.skip(rest),
    }
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
        assert_eq!(text(0, 4), "░░░░");
        assert_eq!(text(50, 4), "██░░");
        assert_eq!(drawn(50, 4, Track::Blank), "██");
        assert_eq!(text(100, 4), "████");
        assert_eq!(text(101, 4), "███▶");
        assert_eq!(text(u32::MAX, 4), "███▶");
    }
}
