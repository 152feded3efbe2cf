//! The last calls, the newest first.
//!
//! ```text
//!   TIME      FOR             HTTP  ERROR         REQUEST ID                             MS    BYTES
//! ▌ 21:59:03  page 2 of 6      200  –             5d21f0a3c7e94b6f8a1d2c3b4e5f6071      212   96.3Ki
//!   21:59:02  sign-in          401  IAM.0101      9a0c5e1f7b2d4c3a8e6f0d1b2c3a4958       88     312
//!   21:58:02  page 1 of 6        –  timed out     –                                  30,000        –
//! ```
//!
//! Where a column is too narrow for the error or the id of the call under the cursor, these are below the table.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use crate::app::Model;
use crate::app::health_view::HealthAreas;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::layout::{EDGE, MARGIN};
use crate::fleet::RemoteText;
use crate::hss::call_record::{CallRecord, CallSubject};
use crate::ui::format::{bytes, clock, count, fit, head, width};
use crate::ui::moment::moment;
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};
use crate::views::scroll_bar::{self, BarMark};

/// Cells between two columns.
const GAP: usize = 2;
/// Cells of a request's id as HSS makes them.
const WHOLE_ID: usize = 32;
/// The longest id that is shown while names are masked, in characters.
const MOST_ID: usize = 64;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallColumn {
    Time,
    Subject,
    Status,
    Error,
    RequestId,
    Millis,
    Bytes,
}

impl CallColumn {
    fn title(self) -> &'static str {
        match self {
            Self::Time => "TIME",
            Self::Subject => "FOR",
            Self::Status => "HTTP",
            Self::Error => "ERROR",
            Self::RequestId => "REQUEST ID",
            Self::Millis => "MS",
            Self::Bytes => "BYTES",
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Status | Self::Millis | Self::Bytes)
    }
}

/// The columns in this many cells, each with its width. The rest belongs to the id; a wider table has
/// everything that a narrower one has.
fn columns(cells: usize) -> Vec<(CallColumn, usize)> {
    let wide = |from: usize, cells: usize, narrow: usize| if from <= cells { narrow + 4 } else { narrow };
    let mut columns = vec![
        (CallColumn::Time, 8),
        (CallColumn::Subject, wide(110, cells, 14)),
        (CallColumn::Status, 4),
        (CallColumn::Error, wide(100, cells, 12)),
        (CallColumn::RequestId, 0),
        (CallColumn::Millis, 6),
        (CallColumn::Bytes, 7),
    ];
    let used = |columns: &[(CallColumn, usize)]| {
        let cells = columns.iter().map(|(_, cells)| cells + GAP);
        cells.sum::<usize>().saturating_sub(GAP)
    };
    for (column, least) in [
        (CallColumn::Bytes, 26),
        (CallColumn::Millis, 12),
        (CallColumn::Error, 8),
        (CallColumn::Status, 6),
    ] {
        if used(&columns) + least > cells {
            columns.retain(|(it, _)| *it != column);
        }
    }
    let left = cells.saturating_sub(used(&columns)).min(WHOLE_ID + 4);
    for (column, cells) in &mut columns {
        if *column == CallColumn::RequestId {
            *cells = left;
        }
    }
    columns
}

/// The cells of the table beside its margins.
fn inner(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(MARGIN + EDGE))
}

/// Draws heading and rows, and below them what is cut in the row under the cursor.
pub(super) fn render(model: &Model, theme: &Theme, places: HealthAreas, buffer: &mut Buffer) {
    let area = places.calls;
    if places.rows() == 0 {
        return;
    }
    let columns = columns(inner(area));
    let mut x = area.x + MARGIN;
    for (column, cells) in &columns {
        let mut slot = Slot::new(buffer, x, area.y, *cells);
        if column.is_number() {
            slot.right(column.title(), theme.style(Role::Label));
        } else {
            slot.left(column.title(), theme.style(Role::Label));
        }
        x = after(x, *cells);
    }
    let (top, cursor) = (model.call_top(), model.call_cursor());
    let rows = model.calls().enumerate().skip(top).take(places.rows());
    for ((at, call), y) in rows.zip(area.top() + 1..area.bottom()) {
        let mut x = area.x + MARGIN;
        for (column, cells) in &columns {
            cell(model, *column, call, Slot::new(buffer, x, y, *cells), theme);
            x = after(x, *cells);
        }
        if at == cursor {
            let place = Rect {
                y,
                height: 1,
                width: area.width.saturating_sub(1),
                ..area
            };
            Slot::new(buffer, area.x, y, 1).left(signs::CURSOR, theme.style(Role::Accent));
            theme.select(place, buffer);
        }
    }
    scroll_bar::render(
        model.scrolled_calls(),
        |_| BarMark::default(),
        theme,
        table_rows(places),
        buffer,
    );
    if model.calls().len() == 0 {
        let text = Line::styled("  no call was made yet", theme.style(Role::Muted));
        let place = Rect {
            y: area.y + 1,
            height: 1,
            ..area
        };
        return text.render(place, buffer);
    }
    below(model, theme, &columns, area, buffer);
}

/// The rows below the heading.
fn table_rows(places: HealthAreas) -> Rect {
    Rect {
        y: places.calls.y + 1,
        height: u16::try_from(places.rows()).unwrap_or(u16::MAX),
        ..places.calls
    }
}

fn after(x: u16, cells: usize) -> u16 {
    x.saturating_add(u16::try_from(cells + GAP).unwrap_or(u16::MAX))
}

/// The error and the id of the call under the cursor, as far as they do not fit into their columns.
fn below(model: &Model, theme: &Theme, columns: &[(CallColumn, usize)], area: Rect, buffer: &mut Buffer) {
    let Some(call) = model.calls().nth(model.call_cursor()) else {
        return;
    };
    let cells = |column| {
        let found = columns.iter().find(|(it, _)| *it == column);
        found.map_or(0, |(_, cells)| *cells)
    };
    let parts = [
        ("error", CallColumn::Error, call.code.as_ref()),
        ("request", CallColumn::RequestId, call.request_id.as_ref()),
    ];
    let parts = parts.into_iter().filter_map(|(name, column, text)| {
        let text = shown(model, text?);
        (width(&text) > cells(column)).then_some((name, text))
    });
    let mut line = Line::default();
    for (name, text) in parts {
        let name = format!("  {name} ");
        let room = usize::from(area.width).saturating_sub(line.width() + name.len() + 1);
        line.push_span(Span::styled(name, theme.style(Role::Label)));
        line.push_span(Span::styled(head(&text, room), theme.style(Role::Text)));
    }
    let place = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    line.render(place, buffer);
}

/// A click on a row selects its call, and the scroll bar can be dragged.
pub(super) fn hotspots(model: &Model, places: HealthAreas) -> Vec<Hotspot> {
    let top = model.call_top();
    let rows = (top..model.calls().len()).take(places.rows());
    let lines = places.calls.rows().skip(1);
    let rows = lines
        .zip(rows)
        .map(|(line, row)| Hotspot::new(line, ClickTarget::Row(row)));
    let bar = scroll_bar::hotspot(model.scrolled_calls(), table_rows(places));
    rows.chain(bar).collect()
}

/// An id or an error code that HSS sent. While names are masked, it is only shown if it cannot be a name.
fn shown<'a>(model: &Model, text: &'a RemoteText) -> Cow<'a, str> {
    let text = text.shown();
    let is_id = text.len() <= MOST_ID
        && text.bytes().any(|it| it.is_ascii_digit())
        && text
            .bytes()
            .all(|it| it.is_ascii_hexdigit() || it == b'-' || it == b'.' || it.is_ascii_uppercase());
    if model.masking.is_on() && !is_id {
        return "hidden".into();
    }
    text.into()
}

fn cell(model: &Model, column: CallColumn, call: &CallRecord, mut slot: Slot<'_>, theme: &Theme) {
    let trouble = if call.is_fine() { Role::Text } else { Role::Bad };
    let absent = || (Cow::Borrowed(signs::ABSENT), Role::Muted);
    let (text, role): (Cow<'_, str>, Role) = match column {
        CallColumn::Time => (time(model, call).into(), Role::Muted),
        CallColumn::Subject => (subject(model, call.subject).into(), Role::Text),
        CallColumn::Status => call
            .status
            .map_or_else(absent, |status| (status.to_string().into(), trouble)),
        CallColumn::Error => match (&call.code, call.fault) {
            (Some(code), _) => (shown(model, code), Role::Bad),
            (None, Some(fault)) => (fault.into(), Role::Bad),
            (None, None) => absent(),
        },
        CallColumn::RequestId => call
            .request_id
            .as_ref()
            .map_or_else(absent, |id| (shown(model, id), Role::Text)),
        CallColumn::Millis => {
            let millis = u64::try_from(call.took.as_millis()).unwrap_or(u64::MAX);
            (count(millis).into(), Role::Text)
        }
        CallColumn::Bytes => call
            .bytes
            .map_or_else(absent, |it| (bytes(it).into(), Role::Text)),
    };
    let text = fit(&text, slot.width());
    if column.is_number() {
        slot.right(&text, theme.style(role));
    } else {
        slot.left(&text, theme.style(role));
    }
}

/// When it was made: to the second today, else with the day.
fn time(model: &Model, call: &CallRecord) -> String {
    let moment = moment(call.at, model.now, &model.zone);
    match moment.rsplit_once(' ') {
        Some((day, _)) => day.trim_start_matches("20").to_owned(),
        None => clock(call.at, &model.zone),
    }
}

/// What it was for, in few words.
fn subject(model: &Model, subject: CallSubject) -> String {
    match subject {
        CallSubject::Page {
            offset,
            limit,
            total,
            is_search,
        } => {
            // What a page that failed was of is known from others, but not what a search has.
            let total = total.or(model.status.total.filter(|_| !is_search));
            let page = offset / limit.max(1) + 1;
            let what = if is_search { "search" } else { "page" };
            match total.map(|total| total.div_ceil(u64::from(limit.max(1))).max(u64::from(page))) {
                Some(pages) => format!("{what} {} of {}", count(page), count(pages)),
                None => format!("{what} {}", count(page)),
            }
        }
        CallSubject::Synchronise => "synchronise".to_owned(),
        CallSubject::SignIn => "sign-in".to_owned(),
        CallSubject::Projects => "projects".to_owned(),
        CallSubject::ServerKey => "server key".to_owned(),
        CallSubject::Team => "team".to_owned(),
        CallSubject::TeamDecision => "decision".to_owned(),
        CallSubject::Other(name) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hss::call::{Call as _, Parameters};
    use crate::hss::calls::{ReadTeam, SendToTeam};

    #[test]
    fn a_wider_table_never_shows_less() {
        let mut before: Vec<(CallColumn, usize)> = Vec::new();
        for cells in 26..300 {
            let now = columns(cells);
            let used: usize = now.iter().map(|(_, cells)| cells + GAP).sum();
            assert!(used <= cells + GAP, "{cells}: {now:?}");
            for (column, _) in &before {
                assert!(now.iter().any(|(it, _)| it == column), "{column:?} at {cells}");
            }
            before = now;
        }
        let id = |cells| {
            columns(cells)
                .into_iter()
                .find(|(it, _)| *it == CallColumn::RequestId)
        };
        assert!(id(80 - 4).unwrap().1 >= 12);
        assert_eq!(id(120 - 4).unwrap().1.min(WHOLE_ID), WHOLE_ID);
    }

    #[test]
    fn what_goes_to_a_collector_has_words_of_its_own() {
        let now = "2025-08-15T09:30:15Z".parse().unwrap();
        let model = crate::app::fixture::empty_model(ratatui::layout::Size::new(80, 24), now);
        let words = |call| subject(&model, call);
        assert_eq!(
            words(
                ReadTeam {
                    path: "/v1/journal",
                    parameters: Parameters::default()
                }
                .subject(None)
            ),
            "team"
        );
        let decision = SendToTeam {
            path: "/v1/decisions",
            project: None,
            body: Vec::new(),
        };
        assert_eq!(words(decision.subject(None)), "decision");
    }
}
