//! The pod table.
//!
//! ```text
//!    RISK▼ POD                          NAMESPACE  STATUS    DETECT        MEMORY
//!  ▌  ▲ 98 payment-api-667894bc4-nz5xj  payments   ● Running ▲ risk         97% ━━━━━━━━
//! ```

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget as _, Wrap};

use super::cells::{self, Context};
use super::columns;
use crate::app::Model;
use crate::app::columns::PlacedColumn;
use crate::app::health_view::story::StateStory;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::layout::MARGIN;
use crate::app::time_machine::ShownPicture;
use crate::collector::SyncState;
use crate::fleet::fields::{FieldKind, PodColumn, PodField};
use crate::fleet::past::StandingNow;
use crate::fleet::{Pod, RemoteText, Scope};
use crate::keys::Action;
use crate::keys::Mode;
use crate::ui::format::{NameCut, count};
use crate::ui::signs::{self, RowMark};
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};
use crate::views::scroll_bar::{self, BarMark};

/// Draws heading and rows.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let arranged = model.arranged_columns(area.width);
    columns::heading(&arranged, model.view.request.sort, theme, area, buffer);
    let rows = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    if model.view.is_empty() {
        return nothing(model, theme, rows, buffer);
    }
    let (is_current, now) = (
        !model.time.is_live() || model.state().is_current(),
        model.shown_time(),
    );
    // Where the column of the score is narrow, what changed stands in the margin.
    let is_marked = |placed: &PlacedColumn| {
        placed.column == PodColumn::Shown(PodField::Risk) && placed.cells >= columns::MARKED_RISK
    };
    let has_marks = arranged.columns.iter().any(is_marked);
    // A row that is not sorted yet is in the next view.
    let end = model.pods.top.saturating_add(usize::from(rows.height));
    let pods = model.view.on_screen(model.pods.top..end.min(model.view.len()));
    let cuts = cuts(model, &arranged.columns, &pods);
    for (at, pod) in pods {
        let Some(y) = u16::try_from(at - model.pods.top)
            .ok()
            .and_then(|below| rows.y.checked_add(below))
        else {
            break;
        };
        let gone = model.view.gone_since(at);
        let context = Context {
            pod: &pod,
            gone: gone.map(|at| model.status.service_time(at)),
            now,
            mark: row_mark(model, at, &pod),
            loud: cells::loud(&pod, |field| {
                let mut columns = arranged.columns.iter();
                columns.any(|placed| placed.column == PodColumn::Shown(field))
            }),
            zone: &model.zone,
            cuts: &cuts,
            theme,
        };
        for placed in &arranged.columns {
            let x = columns::at(area, placed.x);
            cells::draw(placed.column, context, Slot::new(buffer, x, y, placed.cells));
        }
        if let Some(mark) = context.mark.filter(|_| !has_marks) {
            let (letter, _, role) = signs::row_mark(mark);
            Slot::new(buffer, area.x + 1, y, 1).left(letter, theme.style(role));
        }
        let place = Rect {
            y,
            height: 1,
            width: area.width.saturating_sub(1),
            ..area
        };
        if gone.is_some() || !is_current {
            // A gone pod's problems are over. Other problems may remain: their signs stay.
            theme.dim(place, buffer, |symbol| gone.is_none() && signs::is_state(symbol));
        }
        if model.pods.marks.has(&pod.key) {
            Slot::new(buffer, area.x + 1, y, 1).left(signs::MARKED, theme.style(Role::Title));
        }
        if at == model.pods.cursor {
            Slot::new(buffer, area.x, y, 1).left(signs::CURSOR, theme.style(Role::Accent));
            theme.select(place, buffer);
        }
    }
    let mark_of = |rows: Range<usize>| BarMark {
        is_marked: model.pods.noted.first_marked(&rows).is_some(),
        risen: model.pods.noted.first_risen(&rows).map(|(_, mark)| mark),
        risk: model.view.worst(rows),
    };
    scroll_bar::render(model.scrolled_pods(), mark_of, theme, rows, buffer);
}

/// Where the names on the screen are cut, in the columns that are narrower than the longest name of the fleet.
fn cuts(model: &Model, columns: &[PlacedColumn], pods: &[(usize, Arc<Pod>)]) -> Vec<(PodField, NameCut)> {
    let cut = |placed: &PlacedColumn| {
        let PodColumn::Shown(field) = placed.column else {
            return None;
        };
        let FieldKind::Text(text) = field.kind() else {
            return None;
        };
        model
            .view
            .fleet
            .longest(text)
            .filter(|longest| *longest > placed.cells)?;
        let names = pods.iter().map(|(_, pod)| cells::name(field, pod));
        let names: Vec<Cow<'_, str>> = names.map(|it| it.map(|(name, _)| name)).collect::<Option<_>>()?;
        Some((
            field,
            NameCut::apart(names.iter().map(AsRef::as_ref), placed.cells),
        ))
    };
    columns.iter().filter_map(cut).collect()
}

/// What marks the row: what changed of the pod lately, or since the moment that the table shows.
fn row_mark(model: &Model, at: usize, pod: &Pod) -> Option<RowMark> {
    match model.time.viewed() {
        ShownPicture::Past(_) => model
            .view
            .row(at)
            .and_then(|row| model.time.standing(row))
            .map(RowMark::Since),
        ShownPicture::Held(_) if model.is_gone_now(&pod.key) => Some(RowMark::Since(StandingNow::Gone)),
        ShownPicture::Live | ShownPicture::Held(_) => {
            model.row_mark(pod, model.view.row(at)).map(RowMark::Lately)
        }
    }
}

/// What a click on a heading does: it sorts by the column, or reverses that order.
fn sorting(model: &Model, field: PodField) -> Action {
    if field == PodField::Risk && model.sort().key == field {
        // Its key alone does not.
        Action::InvertSort
    } else {
        Action::SortBy(field)
    }
}

/// A click on a heading sorts by its column, one on a row selects it, one on the scroll bar goes there.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let line = |x, y, width| Rect {
        x,
        y,
        width,
        height: 1,
    };
    let headings = model
        .arranged_columns(area.width)
        .columns
        .into_iter()
        .map(|placed| {
            let width = u16::try_from(placed.cells).unwrap_or(area.width);
            Hotspot::new(
                line(columns::at(area, placed.x), area.y, width),
                ClickTarget::Do(sorting(model, placed.column.field())),
            )
        });
    let rows = (model.pods.top..model.view.len()).zip(area.y + 1..area.bottom());
    let rows = rows.map(|(row, y)| Hotspot::new(line(area.x, y, area.width), ClickTarget::Row(row)));
    let all = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let bar = scroll_bar::hotspot(model.scrolled_pods(), all);
    headings.chain(rows).chain(bar).collect()
}

/// Says why there is no row.
pub fn nothing(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let area = Rect {
        x: area.x + MARGIN,
        width: area.width.saturating_sub(2 * MARGIN),
        ..area
    };
    let lines = match &model.status.problem {
        Some(problem) if model.shown_fleet().is_empty() => {
            let sentence = problem.error.to_string();
            let text = RemoteText::message(&model.masking.sentence(&sentence));
            let next = format!("Next call: {}", StateStory::of(model).next);
            vec![
                Line::styled(text.shown().to_owned(), theme.style(Role::Bad)),
                Line::default(),
                Line::styled(next, theme.style(Role::Text)),
                Line::default(),
                Line::styled(DOCTOR, theme.style(Role::Muted)),
            ]
        }
        _ => vec![Line::styled(why_empty(model), theme.style(Role::Muted))],
    };
    Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .render(area, buffer);
}

/// The advice that finds out more about a problem.
const DOCTOR: &str = "For more, run hss-top doctor with the same flags: it checks every step between this machine and the pods.";

/// The key for the next step and its effect, if one is bound.
fn way_on(model: &Model, action: Action, does: &str) -> String {
    let key = model.keys.key_of(Mode::Table, action);
    key.map_or_else(String::new, |key| format!("; {} {does}", key.label()))
}

/// Why there is no row, without a problem.
fn why_empty(model: &Model) -> String {
    let known = model.shown_fleet().len();
    match model.state() {
        SyncState::Loading { .. } if known == 0 && model.status.restoring && model.status.calls_made == 0 => {
            "reading the pods that an earlier run saved".to_owned()
        }
        SyncState::Loading { .. } if known == 0 => "asking HSS for the first pods".to_owned(),
        SyncState::Partial { total, .. } if known == 0 => format!(
            "HSS counts {} pod{} here, but its list is empty{}",
            count(total),
            if total == 1 { "" } else { "s" },
            way_on(model, Action::AskNow, "asks again")
        ),
        SyncState::Fresh | SyncState::Recorded if known == 0 && model.request.scope.is_whole() => {
            "HSS lists no pods here. Has the cluster been synchronised, and is the enterprise project right?"
                .to_owned()
        }
        _ if model.status.is_scope_awaited
            && model.view.summary.pods == 0
            && !model.request.scope.is_whole() =>
        {
            awaited(&model.request.scope)
        }
        _ if !model.request.filter.is_empty() => {
            // In the past, Esc first returns to now.
            let way = if model.has_banner() {
                way_on(model, Action::OpenFilter, "changes it")
            } else {
                way_on(model, Action::Back, "clears it")
            };
            format!(
                "0 of {} pods match the filter{way}",
                count(model.view.summary.pods)
            )
        }
        _ if model.request.problems => format!(
            "none of {} pods has a problem{}",
            count(model.view.summary.pods),
            way_on(model, Action::ToggleProblems, "shows all")
        ),
        _ if !model.request.scope.is_whole() => nothing_in(&model.request.scope),
        _ => "no pod is loaded yet".to_owned(),
    }
}

/// The sentence if HSS lists nothing in a part of the fleet; it names what was searched for.
fn nothing_in(scope: &Scope) -> String {
    format!("no {} was found; :all loads all", noun(scope))
}

/// The sentence while HSS has not answered for a part of the fleet yet.
fn awaited(scope: &Scope) -> String {
    format!(
        "waiting for HSS's answer about the {}; :all loads all",
        noun(scope)
    )
}

/// What the names of a scope refer to.
fn noun(scope: &Scope) -> &'static str {
    match (&scope.pod, &scope.namespace, &scope.cluster) {
        (Some(_), None, None) => "pod of this name",
        (None, Some(_), None) => "namespace of this name",
        (None, None, Some(_)) => "cluster of this name",
        // Unknown: which of several names is the wrong one.
        _ => "pod of these names",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_of_what_was_asked_for() {
        let some = || Some("x".to_owned());
        for (pod, namespace, cluster, noun) in [
            (some(), None, None, "pod of this name"),
            (None, some(), None, "namespace of this name"),
            (None, None, some(), "cluster of this name"),
            (None, some(), some(), "pod of these names"),
        ] {
            let scope = Scope {
                pod,
                namespace,
                cluster,
            };
            assert_eq!(nothing_in(&scope), format!("no {noun} was found; :all loads all"));
            let waits = format!("waiting for HSS's answer about the {noun}; :all loads all");
            assert_eq!(awaited(&scope), waits);
        }
    }

    #[test]
    fn a_part_that_hss_said_is_empty_is_not_awaited_while_the_fleet_is_still_read() {
        let now = "2025-08-15T09:30:15Z".parse().unwrap();
        let mut model = crate::app::fixture::empty_model(ratatui::layout::Size::new(80, 24), now);
        model.fleet = [crate::fleet::fixture::node("a").within("c", "pay").build()]
            .into_iter()
            .collect();
        model.request.scope.namespace = Some("absent".to_owned());
        let view = crate::fleet::View::of(&model.fleet, model.request.clone(), model.now);
        model.show(view);
        model.status.asked_at = Some(model.now);
        model.status.loading = true;
        assert_eq!(why_empty(&model), nothing_in(&model.request.scope));
        model.status.is_scope_awaited = true;
        assert_eq!(why_empty(&model), awaited(&model.request.scope));
    }
}
