//! The changes by snapshot: the newest first, and in each the worst first.
//!
//! ```text
//!  ── HSS's list of 21:59, seen 22:01 (gap: not watched 03:10–05:24) ──────────────────────────────────────────────
//! ▌ ● 21:59 ▲ clean → risk            cci-settle-match-nj6q6x45-wfcrz  settlement  cci-burst-2    score 18→60
//!   ● 21:59 ‼ on → broken             cci-web-api-pg5rfj2rv-2dw7m      burst-web   cci-burst-2    score  0→40
//!  ◆  21:59 ✗ Running → Failed        tax-cache-1                      checkout    prod-north-4a  ✓ ops 22:04
//!     21:59 ↓ memory ≥90 % → <70 %    ledger-5c9f-x2x7p                payments    prod-pay       regressed twice
//! ```
//!
//! `●` is an unread change, `◆` a marked one. The first line is the heading of the changes below it, also when the list is
//! scrolled. All counts are of changes; a row has all changes of a pod in one snapshot.

mod decisions;
mod heading;
mod line;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use crate::app::Model;
use crate::app::changes_view::{ChangesList, ChangesRow};
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::layout::Areas;
use crate::collector::SyncState;
use crate::fleet::RemoteText;
use crate::fleet::fields::PodText;
use crate::keys::{Action, Mode};
use crate::ui::format::{count, counted, wrapped};
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};
use crate::views::header;
use crate::views::pods::detail;
use crate::views::room::ViewRoom;
use crate::views::scroll_bar::{self, BarMark};

/// The changes.
pub(super) const ROOM: ViewRoom = ViewRoom {
    draw,
    hotspots,
    restrictions,
    place,
    orders: |_| Vec::new(),
    keys_title: "Keys of the changes",
};

fn draw(model: &Model, theme: &Theme, areas: &Areas, buffer: &mut Buffer) {
    if model.shows(Mode::Detail) {
        return detail::render(model, theme, areas.body, true, buffer);
    }
    match model.changes.list {
        ChangesList::Changes => changes(model, theme, areas.body, buffer),
        ChangesList::Decisions => decisions::render(model, theme, areas.body, buffer),
    }
}

fn changes(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if model.changes.shown.changes().is_empty() {
        let place = Rect {
            x: area.x + 2,
            width: area.width.saturating_sub(3),
            ..area
        };
        let text = why_empty(model);
        let lines = wrapped(&text, usize::from(place.width).max(1));
        for (line, row) in lines.into_iter().zip(place.rows()) {
            Line::styled(line, theme.style(Role::Muted)).render(row, buffer);
        }
        return;
    }
    // The last cell is the scroll bar's.
    let width = usize::from(area.width.saturating_sub(1));
    let longest = |field| model.fleet.longest(field).unwrap_or_default();
    let longest = line::LongestNames {
        pod: longest(PodText::Name),
        namespace: longest(PodText::Namespace),
        cluster: longest(PodText::Cluster),
    };
    let columns = line::ChangeColumns::of(width, longest);
    let rows = model.changes.on_screen(area.height.into());
    for (y, row) in (area.top()..area.bottom()).zip(rows) {
        let place = Rect { y, height: 1, ..area };
        match row {
            ChangesRow::Heading(group) => {
                heading::line(model, group, theme, width).render(place, buffer);
            }
            ChangesRow::Between(between) => {
                heading::between(model, between, theme, usize::from(area.width)).render(place, buffer);
            }
            ChangesRow::Change(at, logged) => {
                let Some(change) = model.fleet.changes().numbered(logged.number) else {
                    continue;
                };
                let change = model.fleet.shown_change(change);
                line::draw(model, logged, &change, &columns, theme, place, buffer);
                if at == model.changes.cursor {
                    select(place, theme, buffer);
                }
            }
        }
    }
    scroll_bar::render(
        model.scrolled_changes(),
        |_| BarMark::default(),
        theme,
        area,
        buffer,
    );
}

/// A click on a line is a click on its change, or on its decision.
fn hotspots(model: &Model, areas: &Areas) -> Vec<Hotspot> {
    let rows: Vec<Option<usize>> = match model.changes.list {
        ChangesList::Changes => {
            let rows = model.changes.on_screen(areas.body.height.into());
            let place = |row| match row {
                ChangesRow::Change(place, _) => Some(place),
                ChangesRow::Heading(_) | ChangesRow::Between(_) => None,
            };
            rows.map(place).collect()
        }
        ChangesList::Decisions => (model.changes.decision.top..model.decision_rows().len())
            .map(Some)
            .collect(),
    };
    let lines = areas.body.rows().zip(rows);
    let rows = lines.filter_map(|(area, row)| Some(Hotspot::new(area, ClickTarget::Row(row?))));
    let bar = scroll_bar::hotspot(model.scrolled_changes(), areas.body);
    rows.chain(bar).collect()
}

/// Marks the row of the cursor like the table of pods.
fn select(place: Rect, theme: &Theme, buffer: &mut Buffer) {
    Slot::new(buffer, place.x, place.y, 1).left(signs::CURSOR, theme.style(Role::Accent));
    theme.select(place, buffer);
}

/// Why there is no row.
fn why_empty(model: &Model) -> String {
    let changes = &model.changes;
    if changes.hidden > 0 {
        let key = model.keys.key_of(Mode::Changes, Action::ToggleMuted);
        let way = key.map_or_else(String::new, |key| format!("; {} shows them", key.label()));
        return format!("all {} changes are of muted pods{way}", count(changes.hidden));
    }
    if changes.all() > 0 && changes.only_problems && changes.query.is_empty() {
        let key = model.keys.key_of(Mode::Changes, Action::ToggleProblems);
        let way = key.map_or_else(String::new, |key| format!("; {} shows all", key.label()));
        return format!(
            "none of {} changes began or ended a problem{way}",
            count(changes.all())
        );
    }
    if changes.all() > 0 {
        return format!(
            "0 of {} changes match the filter; Esc clears it",
            count(changes.all())
        );
    }
    let elsewhere = model.fleet.changes().recorded().len();
    if elsewhere > 0 && !model.request.scope.is_whole() {
        return format!(
            "no pod in this scope has changed; :all shows the changes of all pods ({})",
            count(elsewhere)
        );
    }
    if model.fleet.is_empty() && matches!(model.state(), SyncState::Loading { .. }) {
        return "HSS's list is not loaded yet".to_owned();
    }
    if model.source.recorded_at.is_some() {
        return "nothing has changed so far: a recording shows changes from its second list on".to_owned();
    }
    "nothing has changed since hss-top first saw this list; HSS renews it once a day".to_owned()
}

/// What is left out: what is not in scope, all but problems, and what does not pass the filter.
fn restrictions(model: &Model, theme: &Theme) -> Line<'static> {
    let changes = &model.changes;
    let mut left = vec![Span::raw(" ")];
    // Decisions are of all pods, and say so.
    if changes.list == ChangesList::Changes {
        left.extend(header::scope(model, theme));
    }
    if changes.list == ChangesList::Changes && changes.only_problems {
        left.push(Span::styled("problems ", theme.style(Role::Warn)));
    }
    let typed = match (model.mode(), model.filter_fault()) {
        (Mode::Filter, None) => model.typed_text(),
        (Mode::Filter, Some(fault)) => &fault.kept,
        _ => &changes.filter_text,
    };
    if !typed.is_empty() {
        let typed = model.masking.filter(typed);
        let typed = RemoteText::name(&typed);
        left.push(Span::styled(
            format!("/ {}", typed.shown()),
            theme.style(Role::Label),
        ));
    }
    if left.len() == 1 {
        Line::default()
    } else {
        Line::from(left)
    }
}

/// The counts of unread and decided changes, the most important first. All are of the changes that are shown.
fn place(model: &Model) -> Vec<String> {
    let changes = &model.changes;
    if changes.list == ChangesList::Decisions {
        let of = if model.request.scope.is_whole() {
            ""
        } else {
            " about all pods"
        };
        return vec![format!(
            "{}{of}",
            counted(model.decision_rows().len(), "decision")
        )];
    }
    let shown = changes.counts(&model.unread);
    let mut parts = vec![format!("{} unread", count(shown.unread))];
    if !changes.marked.is_empty() {
        parts.push(format!("{} marked", count(shown.marked)));
    }
    if changes.hidden > 0 {
        parts.push(format!("{} muted hidden", count(changes.hidden)));
    } else if shown.muted > 0 {
        parts.push(format!("{} muted", count(shown.muted)));
    }
    if shown.acknowledged > 0 {
        parts.push(format!("{} acknowledged", count(shown.acknowledged)));
    }
    if shown.all > 0 {
        parts.push(format!(
            "change {} of {}",
            count(shown.before + 1),
            count(shown.all)
        ));
    }
    if !changes.query.is_empty() || changes.only_problems {
        parts.push(format!("filtered from {}", count(changes.all())));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_of_a_recording_does_not_speak_of_what_hss_will_do() {
        let now = "2025-08-15T09:30:15Z".parse().unwrap();
        let mut model = crate::app::fixture::empty_model(ratatui::layout::Size::new(80, 24), now);
        model.status.asked_at = Some(now);
        assert!(why_empty(&model).ends_with("HSS renews it once a day"));
        model.source.recorded_at = Some(now);
        assert_eq!(
            why_empty(&model),
            "nothing has changed so far: a recording shows changes from its second list on"
        );
    }
}
