//! The pod table.
//!
//! ```text
//!    RISK▼ NAMESPACE   POD                              STATUS    DETECT        MEM%L
//!  ▌  ▲ 98 payments    payment-api-667894bc4-nz5xj      ● Running ▲ risk        █████████ 97%
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span};

use super::columns::{Context, GAP, fitting};
use super::format::count;
use super::theme::{Role, Theme};
use crate::app::Model;
use crate::sync::State;

/// Cells before the first column: the mark of the selected row.
const MARGIN: u16 = 2;

/// Draws heading and rows.
pub fn render(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let columns = fitting(usize::from(area.width.saturating_sub(MARGIN)));
    let sort = model.view.wish.sort;
    let mut heading = Line::from(" ".repeat(usize::from(MARGIN)));
    for (column, width) in &columns {
        let role = if column.key == sort.key {
            Role::Title
        } else {
            Role::Label
        };
        heading.push_span(Span::styled(column.heading(sort, *width), theme.style(role)));
        heading.push_span(Span::raw(" ".repeat(GAP)));
    }
    frame.render_widget(heading, Rect { height: 1, ..area });
    let rows = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    if model.view.is_empty() {
        frame.render_widget(
            Line::styled(nothing(model), theme.style(Role::Muted)),
            first_line(rows),
        );
        return;
    }
    for (at, y) in (model.top..model.view.len()).zip(rows.top()..rows.bottom()) {
        let selected = at == model.cursor;
        // A row that is not sorted in yet comes with the next view.
        let Some(pod) = model.view.pod(at) else { continue };
        let gone = model.view.gone_since(at);
        let place = Rect { y, height: 1, ..area };
        if selected {
            frame
                .buffer_mut()
                .set_stringn(area.x, y, "▌", 1, theme.style(Role::Title));
        }
        let mut x = area.x + MARGIN;
        for (column, width) in &columns {
            let context = Context {
                pod: &pod,
                gone,
                now: model.now,
                theme,
            };
            write_cell(
                frame.buffer_mut(),
                x,
                y,
                column.cell(context, *width),
                area.right(),
            );
            x = x.saturating_add(u16::try_from(*width + GAP).unwrap_or(u16::MAX));
        }
        if gone.is_some() {
            frame.buffer_mut().set_style(place, theme.style(Role::Gone));
        }
        if selected {
            // One calm bar: the signs and words say what the colours said.
            frame
                .buffer_mut()
                .set_style(place, theme.style(Role::Selected).fg(Color::Reset));
        }
    }
}

/// Writes a cell's spans. The buffer is blank already, so that blanks need not be written: they are most of a table.
fn write_cell(buffer: &mut Buffer, mut x: u16, y: u16, spans: Vec<Span<'_>>, end: u16) {
    for span in spans {
        let text = span.content.trim_start_matches(' ');
        let blanks = u16::try_from(span.content.len() - text.len()).unwrap_or(u16::MAX);
        let from = x.saturating_add(blanks);
        let room = usize::from(end.saturating_sub(from));
        buffer.set_stringn(from, y, text.trim_end_matches(' '), room, span.style);
        x = x.saturating_add(u16::try_from(span.width()).unwrap_or(u16::MAX));
    }
}

fn first_line(area: Rect) -> Rect {
    Rect {
        height: area.height.min(1),
        ..area
    }
}

/// Why there is no row.
fn nothing(model: &Model) -> String {
    let known = model.fleet.len();
    let text = match model.status.state(model.now) {
        State::Loading { .. } if known == 0 => "asking HSS for the first pods …".to_owned(),
        State::Fresh | State::Partial { .. } if known == 0 && model.wish.scope.is_whole() => {
            "HSS knows no pods here. Has the cluster been synchronised, and is the enterprise project right?"
                .to_owned()
        }
        _ if !model.wish.filter.is_empty() => {
            format!(
                "no pod of {} matches the filter; Esc clears it",
                count(model.view.summary.pods)
            )
        }
        _ if model.wish.problems => format!(
            "no pod of {} is a problem; p shows all",
            count(model.view.summary.pods)
        ),
        _ if !model.wish.scope.is_whole() => "no pod of this name is known; :all asks for all".to_owned(),
        _ => "no pod is known yet".to_owned(),
    };
    format!("  {text}")
}
