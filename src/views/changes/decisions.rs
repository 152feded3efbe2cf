//! The decisions in force, the newest first, as in every other list: the one that was just made is the one to undo.
//!
//! ```text
//! ▌  2h  ann    acknowledged             ▲ clean → risk  cci-settle-match-nj6q6x45-wfcrz
//!    3d  ops    muted until it changes   pod tax-cache-1 · applies to 1 pod
//! ```
//!
//! The pods of acknowledgements are in one column. Without room for both, the change is cut, and the pod's name stays.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

use super::select;
use crate::app::Model;
use crate::app::changes_view::acts::DecisionRow;
use crate::fleet::RemoteText;
use crate::fleet::changes::ChangeId;
use crate::fleet::decisions::{Acknowledgement, Mute};
use crate::fleet::pseudonym::NameKind;
use crate::fleet::risk::Reason;
use crate::ui::change_line::change_line;
use crate::ui::format::{age, count, fit, left, seconds_since, width as width_of};
use crate::ui::moment::moment;
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Cells of the age, and the most for the person and for the subject.
const CELLS: [usize; 3] = [7, 14, 40];
/// Cells between columns.
const GAP: usize = 2;
/// Of a change with fewer cells nothing can be read.
const LEAST_CHANGE: usize = 8;

/// Draws the list.
pub(super) fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let rows = model.decision_rows();
    if rows.is_empty() {
        let text = "  nothing is acknowledged or muted";
        return Line::styled(text, theme.style(Role::Muted)).render(area, buffer);
    }
    let (cursor, top) = (model.changes.decision.line, model.changes.decision.top);
    let [age_cells, most_who, most_what] = CELLS;
    let texts: Vec<[String; 2]> = rows.iter().map(|row| who_and_what(model, row)).collect();
    // As wide as the longest, so that the rest has room for what is decided.
    let longest = |at: usize| {
        let texts = texts.iter().filter_map(|texts| texts.get(at));
        GAP + texts.map(|text| width_of(text)).max().unwrap_or(0)
    };
    let (who_cells, what_cells) = (longest(0).min(most_who), longest(1).min(most_what));
    let changes: Vec<Option<[String; 2]>> = rows.iter().map(|row| one_change(model, row)).collect();
    let change_cells = changes.iter().flatten().map(|[change, _]| width_of(change));
    let change_cells = change_cells.max().unwrap_or(0);
    for (y, (at, row)) in (area.top()..area.bottom()).zip(rows.iter().enumerate().skip(top)) {
        let place = Rect { y, height: 1, ..area };
        let mut slot = Slot::new(buffer, area.x, y, usize::from(area.width));
        slot.skip(2);
        let since = age(seconds_since(row.at(), model.now));
        slot.part(age_cells).left(&since, theme.style(Role::Label));
        let [who, what] = texts.get(at).cloned().unwrap_or_default();
        slot.part(who_cells - GAP).left(&who, theme.style(Role::Text));
        slot.skip(GAP);
        slot.part(what_cells - GAP).left(&what, theme.style(Role::Muted));
        slot.skip(GAP);
        let of = match (row, changes.get(at)) {
            (_, Some(Some([change, pod]))) => beside(change, pod, change_cells, slot.width()),
            (DecisionRow::Acknowledged(rows), _) => model.acknowledged_words(rows),
            (DecisionRow::Muted(place, row), _) => muted(model, *place, row, slot.width()),
        };
        slot.left(&of, theme.style(Role::Text));
        if at == cursor {
            select(place, theme, buffer);
        }
    }
}

/// Who decided, and what.
fn who_and_what(model: &Model, row: &DecisionRow<'_>) -> [String; 2] {
    let (who, what) = match row {
        DecisionRow::Acknowledged(rows) => {
            let who = rows.first().map_or("", |row| row.who.as_str());
            (who, "acknowledged".to_owned())
        }
        DecisionRow::Muted(_, row) => {
            let until = row.end.words(|at| moment(at, model.now, &model.zone));
            (row.who.as_str(), format!("muted {until}"))
        }
    };
    let who = RemoteText::name(&model.masking.name(NameKind::Account, who));
    [who.shown().to_owned(), what]
}

/// What is muted, and whether that has any effect, if this many cells hold both.
fn muted(model: &Model, at: usize, mute: &Mute, room: usize) -> String {
    let pods = model.changes.muted_pods().get(at).copied().unwrap_or(0);
    let holds = match pods {
        0 => "applies to no pod any more".to_owned(),
        1 => "applies to 1 pod".to_owned(),
        pods => format!("applies to {} pods", count(pods)),
    };
    let target = model.target_words(&mute.target);
    let both = format!("{target} · {holds}");
    if width_of(&both) <= room {
        both
    } else {
        model.target_in(&mute.target, room)
    }
}

/// The change and the pod of an entry that is about one change.
fn one_change(model: &Model, row: &DecisionRow<'_>) -> Option<[String; 2]> {
    match row {
        DecisionRow::Acknowledged(rows) => match rows.as_slice() {
            [row] => Some(acknowledged(model, row)),
            _ => None,
        },
        DecisionRow::Muted(..) => None,
    }
}

/// A change in `cells`, and its pod, in `room` cells together.
fn beside(change: &str, pod: &str, cells: usize, room: usize) -> String {
    let left_over = room.saturating_sub(width_of(pod) + GAP);
    if left_over < LEAST_CHANGE.min(cells) {
        return fit(pod, room);
    }
    format!("{}{}{pod}", left(change, cells.min(left_over)), " ".repeat(GAP))
}

/// The acknowledged change and its pod; one that is no longer listed only has its id.
fn acknowledged(model: &Model, row: &Acknowledgement) -> [String; 2] {
    if let Some(reason) = Reason::named(&row.finding) {
        let key = row.pod.clone().within(model.fleet.source());
        let pod = model
            .fleet
            .row_of(&key, None)
            .and_then(|row| model.fleet.pod(row));
        let name = pod.map_or_else(
            || "a pod that is gone".to_owned(),
            |pod| signs::name(pod.name()).0.into_owned(),
        );
        return [reason.label().to_owned(), name];
    }
    let id = ChangeId::read(&row.finding);
    let mut changes = model.fleet.changes().recorded();
    let found = changes.find(|recorded| Some(recorded.id) == id);
    found.map_or_else(
        || {
            let id = model.masking.name(NameKind::Id, &row.finding);
            [String::new(), format!("change {}", RemoteText::name(&id).shown())]
        },
        |recorded| {
            let change = model.fleet.shown_change(recorded.change);
            let (name, _) = signs::name(&change.name);
            [change_line(&change).line(), name.into_owned()]
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_pod_stays_whole_where_the_change_is_cut() {
        let pod = "cci-settle-match-nj6q6x45-wfcrz";
        assert_eq!(
            beside("▲ clean → risk", pod, 18, 60),
            format!("▲ clean → risk      {pod}"),
            "the pods are in one column"
        );
        let cut = beside("▲ clean → risk", pod, 14, 43);
        assert!(cut.ends_with(&format!("  {pod}")) && cut.contains('…'), "{cut}");
        assert_eq!(beside("▲ clean → risk", pod, 14, 33), pod);
        assert_eq!(beside("", "change 12", 14, 33).trim_start(), "change 12");
    }
}
