//! The view of the changes: a list with a cursor, the detail of a pod above it, and the list of decisions
//! instead of it.
//!
//! Owns the effects of its keys. A change is read when its pod is opened, when it is acknowledged or muted,
//! and when those that are shown are marked as read. Moving over it does not count: scrolling is not reading.

use super::ViewUpdate;
use crate::app::changes_view::ChangesList;
use crate::app::changes_view::decide::ChangesQuestion;
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::model::Model;
use crate::app::prompt::Prompt;
use crate::app::scroll::ScrolledRows;
use crate::app::update::keys::{declines, open, typed};
use crate::app::update::run::{self, refuse};
use crate::app::update::travel::stepped;
use crate::fleet::change_log::LoggedChange;
use crate::fleet::query::{Completion, complete, complete_change};
use crate::keys::{Action, Mode, Motion};
use crate::state::typed_lines::LineKind;

/// How often the list follows the time, in ticks of a second.
const FOLLOWS_TIME: u64 = 10;

/// The view [`ViewKind::Changes`](crate::keys::ViewKind::Changes).
pub(super) struct ChangesUpdate;

impl ViewUpdate for ChangesUpdate {
    fn act(&self, model: &mut Model, action: Action) -> Option<Vec<Effect>> {
        if model.mode() == Mode::Filter {
            return in_filter(model, action);
        }
        if model.mode() == Mode::Detail {
            return in_detail(model, action);
        }
        Some(match action {
            Action::OpenDetail => open_detail(model),
            Action::OpenFilter => {
                let line = Prompt::with(&model.masking.typed_again(&model.changes.filter_text));
                let text = line.text().to_owned();
                let effects = open(model, Overlay::Filter(line.into()));
                model.recall().begin(&text);
                effects
            }
            Action::Acknowledge => model.read_shown_changes(),
            Action::AcknowledgeChange => model.acknowledge_meant(),
            Action::AcknowledgeAll => {
                if model.ask_to_acknowledge_all() {
                    open(model, Overlay::Confirm)
                } else {
                    vec![]
                }
            }
            Action::Confirm if model.changes.question.is_some() => {
                let question = model.changes.question.take();
                model.focus.close();
                match question {
                    Some(ChangesQuestion::AcknowledgeAll(..)) => model.acknowledge_all(),
                    Some(ChangesQuestion::Undo(decision)) => model.take_back(*decision),
                    None => vec![],
                }
            }
            Action::Back if model.mode() == Mode::Confirm => {
                model.changes.question = None;
                model.focus.close();
                vec![]
            }
            Action::MarkChange => {
                model.mark_change();
                vec![]
            }
            Action::ToggleMuted => {
                model.changes.shows_muted = !model.changes.shows_muted;
                model.choose_changes();
                vec![]
            }
            Action::ToggleProblems => {
                model.changes.only_problems = !model.changes.only_problems;
                model.choose_changes();
                vec![]
            }
            Action::NextRisk => to_found_risk(model, true),
            Action::PreviousRisk => to_found_risk(model, false),
            Action::ShowDecisions => {
                model.changes.list = match model.changes.list {
                    ChangesList::Changes => ChangesList::Decisions,
                    ChangesList::Decisions => ChangesList::Changes,
                };
                model.select_decision(0);
                vec![]
            }
            _ => return None,
        })
    }

    fn typed(&self, model: &mut Model) -> Option<Vec<Effect>> {
        let text = model.masking.meant_filter(model.typed_text()).into_owned();
        model.draft_changes_filter(&text);
        Some(vec![])
    }

    fn travel(&self, model: &mut Model, motion: Motion) -> Vec<Effect> {
        let screen = model.change_rows();
        if model.changes.list == ChangesList::Decisions {
            let rows = model.decision_rows().len();
            model.follow_decision();
            let line = stepped(model.changes.decision.line, motion, rows, screen);
            model.select_decision(line);
            return vec![];
        }
        let place = stepped(
            model.changes.cursor,
            motion,
            model.changes.shown.changes().len(),
            screen,
        );
        if place == model.changes.cursor {
            return vec![];
        }
        model.select_change(place);
        if model.mode() != Mode::Detail {
            return vec![];
        }
        model.detail.scroll = 0;
        model.open_changed_pod()
    }

    fn scrolled(&self, model: &Model) -> Option<ScrolledRows> {
        model.scrolled_changes()
    }

    fn scroll_to(&self, model: &mut Model, top: usize) -> Vec<Effect> {
        model.scroll_changes(top);
        vec![]
    }

    fn select(&self, model: &mut Model, row: usize) -> Vec<Effect> {
        if model.changes.list == ChangesList::Changes {
            model.select_change(row);
        } else if row < model.decision_rows().len() {
            model.select_decision(row);
        }
        vec![]
    }

    fn back(&self, model: &mut Model) -> Vec<Effect> {
        let changes = &mut model.changes;
        if changes.list == ChangesList::Decisions {
            changes.list = ChangesList::Changes;
        } else if !changes.marked.is_empty() {
            changes.marked.clear();
        } else if !changes.filter_text.is_empty() {
            let text = std::mem::take(&mut changes.filter_text);
            changes.query = crate::fleet::query::ChangeQuery::default();
            let typed = model.masking.typed_again(&text);
            std::sync::Arc::make_mut(&mut model.recalls).filters.keep(&typed);
            model.choose_changes();
        } else {
            model.focus.close();
        }
        vec![]
    }

    fn resize(&self, model: &mut Model) {
        model.select_change(model.changes.cursor);
    }

    fn tick(&self, model: &mut Model) -> Vec<Effect> {
        if model.beat.is_multiple_of(FOLLOWS_TIME) {
            model.weigh_changes();
        }
        if model.changes.list == ChangesList::Decisions {
            model.follow_decision();
        }
        vec![]
    }
}

/// Goes to the next or the previous change in which HSS found a risk.
fn to_found_risk(model: &mut Model, is_down: bool) -> Vec<Effect> {
    let changes = &model.changes;
    let has_risk = |place: &usize| {
        let first = changes.shown.changes().get(*place);
        first.is_some_and(|first| changes.in_row(first).any(LoggedChange::found_risk))
    };
    let found = if is_down {
        (changes.cursor + 1..changes.shown.changes().len()).find(has_risk)
    } else {
        (0..changes.cursor).rev().find(has_risk)
    };
    if let Some(place) = found {
        model.select_change(place);
    } else {
        let way = if is_down { "below" } else { "above" };
        model.notify(format!("no risk found by HSS {way}"));
    }
    vec![]
}

/// The keys of the detail that mean the same on the table; those of its filter, marks and moments need the table beneath.
fn in_detail(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::LongerHistory | Action::ShorterHistory | Action::ShowRecord | Action::Copy(_) => {
            super::pods::PodsUpdate.act(model, action)
        }
        Action::OpenCompare
        | Action::OpenRowMenu
        | Action::OpenFilter
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::EarlierSnapshot
        | Action::LaterSnapshot
        | Action::Freeze => {
            model.notify("this key works on a pod of the table; 1 shows the table");
            Some(vec![])
        }
        _ => None,
    }
}

fn open_detail(model: &mut Model) -> Vec<Effect> {
    // A second click on a decision opens nothing.
    if model.changes.list == ChangesList::Decisions {
        return vec![];
    }
    let effects = model.open_changed_pod();
    if model.changes.opened.is_some() {
        model.focus.open(Overlay::Detail);
        model.detail.opened_for_record = false;
        model.detail.scroll = 0;
    }
    effects
}

/// The effects of a key while the filter of the changes is typed.
fn in_filter(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Submit => {
            let typed = model.typed_text().trim().to_owned();
            let text = model.masking.meant_filter(&typed).into_owned();
            if model.filter_changes(&text).is_err() {
                if let Some(prompt) = model.focus.prompt_mut() {
                    prompt.take_offer();
                }
                model.draft_changes_filter(&text);
                refuse(model);
                return Some(vec![]);
            }
            let kept = run::kept(model, LineKind::Filter);
            model.recall().keep(&typed);
            model.changes.filter_text = text;
            close_filter(model);
            Some(kept)
        }
        Action::Back if !declines(model) => {
            let text = model.changes.filter_text.clone();
            let typed = model.typed_text().to_owned();
            model.recall().keep(&typed);
            // It was valid when it was applied; if it depends on pods that are gone, everything is shown.
            if model.filter_changes(&text).is_err() {
                model.changes.query = crate::fleet::query::ChangeQuery::default();
                model.choose_changes();
            }
            Some(close_filter(model))
        }
        Action::Back => Some(typed(model)),
        Action::Complete => {
            let prompt = model.focus.prompt_mut()?;
            if !prompt.next_offer(true) {
                let (text, cursor) = (prompt.text(), prompt.cursor());
                let mut offers = of_changes(text, cursor);
                offers.extend(complete(text, cursor, &model.fleet));
                prompt.offer(offers);
            }
            Some(typed(model))
        }
        _ => None,
    }
}

fn close_filter(model: &mut Model) -> Vec<Effect> {
    model.focus.close();
    vec![]
}

/// The completions for the columns of changes.
fn of_changes(text: &str, cursor: usize) -> Vec<Completion> {
    let before = text.get(..cursor).unwrap_or(text);
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let word = before.get(start..).unwrap_or_default();
    let word_start = start + (word.len() - word.trim_start_matches('!').len());
    let typed = before.get(word_start..).unwrap_or_default();
    let completion = |text| Completion {
        range: word_start..before.len(),
        text,
    };
    complete_change(typed).into_iter().map(completion).collect()
}
