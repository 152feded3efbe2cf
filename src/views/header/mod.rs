//! Title, counts, and the line of the tabs.
//!
//! ```text
//! hss-top  0a1b… · cn-north-4 · all_granted_eps      ● FRESH  list 14m old · checked 12s ago · next 48s · 4 calls left /
//! 12,310 pods  ▲ 7  risk  ‼ 3  broken  ○ 41 off  │ security data for 140 of 12,310 pods  ✗ 96 failed  …     4 changes
//! 1 Pods   4 Health  ns:payments  / pay risk                                                              row 1 of 5
//! ```

mod bar;
mod clocks;
mod counts;
mod source;
mod state_word;
mod trim;

#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

pub use bar::{restrictions, scope};
pub use counts::pods;
pub use state_word::meaning;
use trim::Trim;

use crate::app::Model;
use crate::app::layout::Areas;
use crate::ui::{Theme, signs};

/// Cells between the halves of the title, so that they do not read as one.
const GAP: usize = 2;

/// Draws all three lines.
pub fn render(model: &Model, theme: &Theme, areas: &Areas, buffer: &mut Buffer) {
    title(model, theme, areas.title, buffer);
    if let Some(area) = areas.counts {
        counts::counts(model, theme, usize::from(area.width)).render(area, buffer);
        // As the rows: what is not of now stands back, and keeps its signs.
        if !model.state().is_current() {
            theme.dim(area, buffer, signs::is_state);
        }
    }
    bar::render(model, theme, areas.bar, buffer);
}

/// The state word alone, for a screen without room for anything else.
pub fn state<'a>(model: &Model, theme: &Theme) -> Line<'a> {
    let (sign, role, word) = state_word::shown(model);
    Line::styled(format!("{sign} {word}"), theme.style(role))
}

fn title(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let (left, right) = title_lines(model, theme, width);
    let right_width = u16::try_from(right.width()).unwrap_or(area.width).min(area.width);
    left.render(
        Rect {
            width: area.width - right_width,
            ..area
        },
        buffer,
    );
    right.render(
        Rect {
            x: area.right() - right_width,
            width: right_width,
            ..area
        },
        buffer,
    );
}

/// Both halves of the title, with as much as fits.
fn title_lines<'a>(model: &Model, theme: &Theme, width: usize) -> (Line<'a>, Line<'a>) {
    let lines = |trim| {
        (
            source::source_line(model, theme, trim),
            clocks::state_line(model, theme, trim),
        )
    };
    Trim::ALL
        .into_iter()
        .map(lines)
        .find(|(left, right)| left.width() + GAP + right.width() <= width)
        .unwrap_or_else(|| lines(Trim::Calls))
}
