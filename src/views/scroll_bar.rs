//! The scroll bar at the right edge of a list: which part of the rows is on the screen, and where those are that
//! need a look.
//!
//! ```text
//! ┫   on the screen, and a risk is there
//! ┃   on the screen
//! │
//! ┤   a risk is there
//! ◆   a marked pod is there
//! N   a new risk is there
//! ↑   a score that rose is there
//! │
//! ```
//!
//! The marks come with the view, so that no frame looks at more than a mark for each part of the rows. The mouse
//! takes the thumb or a mark; what a place of the bar means is [`scroll`](crate::app::scroll)'s.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::scroll::ScrolledRows;
use crate::fleet::news::ChangeMark;
use crate::fleet::risk_marks::RiskMark;
use crate::ui::signs::{MARKED, SCROLL_HERE, SCROLL_HERE_MARK, SCROLL_MARK, SCROLL_TRACK, change_mark};
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// What is in the rows of a line of the bar.
#[derive(Debug, Clone, Copy, Default)]
pub struct BarMark {
    /// The worst of them.
    pub risk: RiskMark,
    /// Whether one is marked.
    pub is_marked: bool,
    /// Whether one has a new risk, or a score that rose.
    pub risen: Option<ChangeMark>,
}

/// The place of the bar beside these rows, one cell wide.
pub fn edge(rows: Rect) -> Rect {
    Rect {
        x: rows.right().saturating_sub(1),
        width: rows.width.min(1),
        ..rows
    }
}

/// Draws the bar beside `rows`; `mark_of` says what is among some of them. Beside the rows on the screen, which show
/// their marks themselves, it has no sign for a mark. A list that is on the screen whole has no bar.
pub fn render(
    scrolled: Option<ScrolledRows>,
    mark_of: impl Fn(Range<usize>) -> BarMark,
    theme: &Theme,
    rows: Rect,
    buffer: &mut Buffer,
) {
    let Some(scrolled) = scrolled else { return };
    let (area, thumb) = (edge(rows), scrolled.thumb());
    for (line, y) in (area.top()..area.bottom()).enumerate().take(scrolled.lines()) {
        let mark = mark_of(scrolled.rows_of(line));
        let (is_here, has_risk) = (thumb.contains(&line), mark.risk > RiskMark::None);
        let risen = mark.risen.map(change_mark);
        let sign = match (is_here, has_risk) {
            (true, true) => SCROLL_HERE_MARK,
            (true, false) => SCROLL_HERE,
            _ if mark.is_marked => MARKED,
            (false, has_risk) => match risen {
                Some((sign, _, _)) => sign,
                None if has_risk => SCROLL_MARK,
                None => SCROLL_TRACK,
            },
        };
        // The sign tells one thing, so the colour tells the worst.
        let role = match (mark.risk, is_here) {
            (RiskMark::Bad, _) => Role::Bad,
            (RiskMark::High, _) => Role::Warn,
            (RiskMark::None, true) => Role::Label,
            (RiskMark::None, false) if mark.is_marked => Role::Title,
            (RiskMark::None, false) => risen.map_or(Role::Rule, |(_, _, role)| role),
        };
        Slot::new(buffer, area.x, y, 1).left(sign, theme.style(role));
    }
}

/// What the mouse can take hold of.
pub fn hotspot(scrolled: Option<ScrolledRows>, rows: Rect) -> Option<Hotspot> {
    scrolled.map(|_| Hotspot::new(edge(rows), ClickTarget::ScrollBar))
}
