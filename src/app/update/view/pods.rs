//! The view of the pods: a list with a cursor, and the detail.

use std::ops::Range;

use super::{ViewUpdate, overview};
use crate::app::effect::Effect;
use crate::app::focus::{MenuCursor, Overlay};
use crate::app::model::Model;
use crate::app::prompt::FilterPrompt;
use crate::app::scroll::ScrolledRows;
use crate::app::update::keys::open;
use crate::app::update::travel::stepped;
use crate::app::update::{columns, lacking, row, run};
use crate::fleet::Scope;
use crate::fleet::fields::{IN_TABLE, PodField};
use crate::fleet::risk::HIGH_SCORE;
use crate::fleet::risk_marks::RiskMark;
use crate::keys::{Action, Mode, Motion};

/// Whether the action is about the pod under the cursor.
fn needs_pod(action: Action) -> bool {
    use Action::{OpenCompare, OpenDetail, OpenRowMenu, ShowRecord, ToggleMark};
    matches!(
        action,
        OpenCompare | OpenDetail | OpenRowMenu | ShowRecord | ToggleMark
    )
}

/// The view [`ViewKind::Pods`](crate::keys::ViewKind::Pods).
pub(super) struct PodsUpdate;

impl ViewUpdate for PodsUpdate {
    fn act(&self, model: &mut Model, action: Action) -> Option<Vec<Effect>> {
        if model.mode() == Mode::Filter && model.detail.search.is_typed() {
            return in_record_search(model, action);
        }
        if needs_pod(action)
            && model.mode() == Mode::Table
            && model.view.is_empty()
            && model.absent_pod().is_none()
        {
            model.notify("there is no pod");
            return Some(vec![]);
        }
        Some(match action {
            Action::OpenFilter if model.has_record_in_front() => {
                model.begin_record_search();
                open(model, Overlay::Filter(FilterPrompt::default()))
            }
            Action::OpenFilter => {
                model.detail.search.stop_typing();
                return None;
            }
            Action::NextMatch | Action::PreviousMatch if model.mode() == Mode::Detail => {
                model.turn_to_match(action == Action::NextMatch);
                vec![]
            }
            Action::OpenDetail => {
                if model.pod().is_some() {
                    model.choose();
                    model.focus.open(Overlay::Detail);
                    model.detail.opened_for_record = false;
                    model.detail.scroll = 0;
                }
                vec![]
            }
            Action::LongerHistory => {
                model.detail.span = Some(model.chart_span().longer());
                vec![]
            }
            Action::ShorterHistory => {
                model.detail.span = Some(model.chart_span().shorter());
                vec![]
            }
            Action::ShowRecord => {
                show_record(model);
                vec![]
            }
            Action::OpenSort => {
                let current = model.sort().key;
                let choice = IN_TABLE.iter().position(|key| *key == current).unwrap_or(0);
                open(model, Overlay::Sort(MenuCursor { choice }))
            }
            Action::Choose if model.mode() == Mode::RowMenu => row::choose_in_menu(model),
            Action::Choose => {
                let menu = model.focus.sort().copied();
                model.focus.close();
                let field = menu.and_then(|menu| IN_TABLE.get(menu.choice)).copied();
                field.map_or_else(Vec::new, |field| run::sort(model, field))
            }
            Action::NextRisk => to_risk(model, true),
            Action::PreviousRisk => to_risk(model, false),
            Action::OpenColumns => columns::open(model),
            Action::Column(edit) => columns::edit(model, edit),
            Action::ResetColumns => columns::reset(model),
            Action::ColumnsLeft => columns::scroll(model, false),
            Action::ColumnsRight => columns::scroll(model, true),
            // R writes the report in the changes: pressed here by habit, it must not turn the worst pods out of sight.
            Action::SortBy(PodField::Risk) if model.sort().key == PodField::Risk => {
                let effects = run::sort_by_risk(model);
                model.notify(run::BY_RISK_ALREADY);
                effects
            }
            Action::SortBy(field) => run::sort(model, field),
            Action::InvertSort => run::sort(model, model.sort().key),
            Action::Copy(item) => row::copy(model, item),
            Action::ToggleMark => row::toggle_mark(model),
            Action::ClearMarks => row::clear_marks(model),
            Action::OpenCompare => row::compare(model),
            Action::ToggleAllFields => row::toggle_all_fields(model),
            Action::OpenRowMenu => row::open_menu(model),
            _ => return None,
        })
    }

    fn typed(&self, model: &mut Model) -> Option<Vec<Effect>> {
        if !model.detail.search.is_typed() {
            return None;
        }
        model.type_record_search();
        Some(vec![])
    }

    fn travel(&self, model: &mut Model, motion: Motion) -> Vec<Effect> {
        let (rows, page) = (model.view.len(), model.pods.page_size);
        let cursor = model.pods.cursor;
        let row = match motion {
            Motion::NextPage => {
                let next = (cursor / page + 1) * page;
                if next < rows { next } else { cursor }
            }
            Motion::PreviousPage => {
                let begin = cursor / page * page;
                if cursor > begin {
                    begin
                } else {
                    begin.saturating_sub(page)
                }
            }
            other => stepped(cursor, other, rows, model.rows_shown()),
        };
        let jumps = matches!(motion, Motion::NextPage | Motion::PreviousPage);
        if jumps {
            model.pods.top = row; // a page begins at the top of the screen
        }
        model.select(row);
        lacking(model)
    }

    fn scrolled(&self, model: &Model) -> Option<ScrolledRows> {
        model.scrolled_pods()
    }

    fn scroll_to(&self, model: &mut Model, top: usize) -> Vec<Effect> {
        model.scroll_pods(top);
        lacking(model)
    }

    fn marked(&self, model: &Model, rows: Range<usize>) -> Option<usize> {
        // In the order in which the bar prefers its signs.
        let risen = || model.pods.noted.first_risen(&rows).map(|(row, _)| row);
        let noted = model.pods.noted.first_marked(&rows).or_else(risen);
        if noted.is_some() || model.view.worst(rows.clone()) == RiskMark::None {
            return noted;
        }
        // The row before is not looked at again; the first row of all has none.
        let first = (rows.start == 0)
            .then_some(0)
            .filter(|row| model.view.is_high(*row));
        let next = || model.view.next_risk(rows.start.saturating_sub(1), true);
        first.or_else(next).filter(|row| rows.contains(row))
    }

    fn select(&self, model: &mut Model, row: usize) -> Vec<Effect> {
        model.select(row);
        lacking(model)
    }

    fn back(&self, model: &mut Model) -> Vec<Effect> {
        if model.is_elsewhere() {
            return model.return_to_now();
        }
        if model.notice.is_none()
            && let Some(effects) = overview::back_from_pods(model)
        {
            return effects;
        }
        if let Some(effects) = super::cleared(model) {
            return effects;
        }
        if !model.wanted.scope.is_whole() {
            model.wanted.scope = Scope::default();
            return run::rescoped(model);
        }
        vec![]
    }

    fn resize(&self, model: &mut Model) {
        model.reveal();
    }

    fn sort_choices(&self) -> usize {
        IN_TABLE.len()
    }

    fn tick(&self, model: &mut Model) -> Vec<Effect> {
        if model.come_home() { lacking(model) } else { vec![] }
    }
}

/// What a key means while it is typed what is sought in the record.
fn in_record_search(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Submit | Action::Back => {
            model.focus.close();
            model.end_record_search(action == Action::Submit);
            Some(vec![])
        }
        // There is nothing to complete, and nothing typed before.
        Action::Complete | Action::CompleteBack | Action::Older | Action::Newer => Some(vec![]),
        _ => None,
    }
}

/// In the detail, shows or hides the pod's record; in the table, opens the detail with it.
fn show_record(model: &mut Model) {
    if model.mode() == Mode::Detail {
        model.detail.opened_for_record = false;
        model.turn_record();
    } else if model.pod().is_some() {
        model.choose();
        model.focus.open(Overlay::Detail);
        model.show_record();
    }
}

/// Goes to the next or the previous pod at risk.
fn to_risk(model: &mut Model, is_down: bool) -> Vec<Effect> {
    let Some(row) = model.view.next_risk(model.pods.cursor, is_down) else {
        let way = if is_down { "below" } else { "above" };
        model.notify(format!("no pod with a risk of {HIGH_SCORE} or more {way}"));
        return vec![];
    };
    model.select(row);
    lacking(model)
}
