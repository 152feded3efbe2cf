//! What a key, or what was typed, does to the model.

use crossterm::event::KeyEvent;

use super::run::{self, ask_now, export, set_interval, submit};
use super::themes;
use super::travel::travel;
use super::view;
use crate::app::command;
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::model::Model;
use crate::app::prompt::Prompt;
use crate::app::quit::QuitQuestion;
use crate::app::snapshot_wish;
use crate::fleet::query::{Query, complete};
use crate::keys::Action;
use crate::keys::Key;
use crate::keys::Mode;
use crate::report::ExportRequest;

pub(super) fn take_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let key = Key::of(key);
    if let Some(action) = model.keys.action(model.mode(), key) {
        return act(model, action);
    }
    model.quit.forget();
    match (model.mode(), key.typed()) {
        (Mode::Filter | Mode::Command, Some(character)) => {
            model.prompt.insert(character.encode_utf8(&mut [0; 4]));
            typed(model)
        }
        // The line in which a notice would stand is typed in.
        (Mode::Filter | Mode::Command, None) => vec![],
        _ => {
            model.explain_unbound(key);
            vec![]
        }
    }
}

/// After the text of a prompt changed: a filter acts as it is typed.
pub(super) fn typed(model: &mut Model) -> Vec<Effect> {
    if model.mode() == Mode::Filter {
        if let Some(effects) = view::of(model.focus.view()).typed(model) {
            return effects;
        }
        let filter = model.masking.meant_filter(model.prompt.text());
        match Query::parse_among(&filter, &model.fleet.masked_by(None)) {
            Ok(query) => {
                model.filter_error = None;
                model.request.filter = query;
                return vec![Effect::View];
            }
            // It fails closed: what passed before is what passes now.
            Err(error) => model.filter_error = Some(error),
        }
    }
    vec![]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action != Action::CloseOrQuit {
        model.quit.forget();
    }
    if model.mode() == Mode::Themes && action == Action::Choose {
        return themes::keep(model);
    }
    if let Some(effects) = view::of(model.focus.view()).act(model, action) {
        return effects;
    }
    match action {
        Action::Move(motion) => travel(model, motion),
        Action::Show(view) => run::show(model, view),
        Action::Back => back(model),
        Action::OpenFilter => {
            model.prompt = Prompt::with(&model.masking.typed_again(&model.filter_text));
            model.filter_error = None;
            let effects = open(model, Overlay::Filter);
            model.recall().begin();
            effects
        }
        Action::OpenCommand => {
            model.prompt = Prompt::default();
            let effects = open(model, Overlay::Command);
            model.recall().begin();
            effects
        }
        Action::OpenExport => open(model, Overlay::Export),
        Action::Export(format) => {
            model.focus.close();
            export(model, ExportRequest { format, path: None })
        }
        Action::OpenThemes => themes::show(model),
        Action::OpenHelp => run::help(model),
        Action::Submit => submit(model),
        Action::Edit(edit) => {
            model.prompt.edit(edit);
            typed(model)
        }
        Action::Complete => {
            if !model.prompt.next_offer(true) {
                let (text, cursor) = (model.prompt.text(), model.prompt.cursor());
                model.prompt.offer(match model.mode() {
                    Mode::Filter => complete(text, cursor, &model.fleet),
                    _ => command::complete(text, cursor, &model.fleet, &model.saved_views, &model.themes),
                });
            }
            typed(model)
        }
        Action::CompleteBack => {
            model.prompt.next_offer(false);
            typed(model)
        }
        Action::Older => {
            let text = model.prompt.text().to_owned();
            if let Some(line) = model.recall().older(&text) {
                model.prompt = Prompt::with(line);
            }
            typed(model)
        }
        Action::Newer => {
            if let Some(line) = model.recall().newer() {
                model.prompt = Prompt::with(line);
            }
            typed(model)
        }
        Action::ToggleProblems => {
            model.request.problems = !model.request.problems;
            vec![Effect::View]
        }
        Action::Acknowledge => model.read_all_changes(),
        Action::Confirm => snapshot_wish::confirmed(model),
        Action::AskNow => ask_now(model),
        Action::Faster => set_interval(model, model.wanted.interval / 2),
        Action::Slower => set_interval(model, model.wanted.interval * 2),
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend if model.has_shell => vec![Effect::Suspend],
        Action::Suspend => {
            model.notify("cannot suspend: not started from a shell");
            vec![]
        }
        Action::CloseOrQuit => close_or_quit(model),
        Action::Quit => vec![Effect::Quit],
        // A view that knows one of these did it above.
        Action::OpenDetail
        | Action::ShowNamespace
        | Action::LongerHistory
        | Action::ShorterHistory
        | Action::ShowRecord
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::OpenSort
        | Action::NextRisk
        | Action::PreviousRisk
        | Action::OpenColumns
        | Action::Column(_)
        | Action::ResetColumns
        | Action::ColumnsLeft
        | Action::ColumnsRight
        | Action::SortBy(_)
        | Action::SortNamespaces(_)
        | Action::InvertSort
        | Action::Choose
        | Action::Copy(_)
        | Action::CopyRequestId
        | Action::ToggleMark
        | Action::ClearMarks
        | Action::OpenCompare
        | Action::ToggleAllFields
        | Action::OpenRowMenu
        | Action::AcknowledgeChange
        | Action::AcknowledgeAll
        | Action::MarkChange
        | Action::UndoDecision
        | Action::OpenMute
        | Action::MuteFor(_)
        | Action::MuteNamespace
        | Action::ToggleMuted
        | Action::ShowDecisions => vec![],
    }
}

/// Closes what is open. Where nothing is, one slip must not end a program that is left open for months: it asks.
fn close_or_quit(model: &mut Model) -> Vec<Effect> {
    if model.mode().is_view() && !model.focus.is_base() {
        model.focus.close();
        return vec![];
    }
    if !model.focus.is_base() {
        return act(model, Action::Back);
    }
    if model.quit.press(model.beat) {
        return vec![Effect::Quit];
    }
    let key = model.keys.key_of(model.mode(), Action::CloseOrQuit);
    let key = key.map_or_else(String::new, |key| format!("{} ", key.label()));
    model.notify_for(QuitQuestion::STAYS, format!("{key}again to quit"));
    vec![]
}

pub(super) fn open(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.focus.open(overlay);
    vec![]
}

fn back(model: &mut Model) -> Vec<Effect> {
    match model.mode() {
        Mode::Filter | Mode::Command if model.prompt.decline() => typed(model),
        Mode::Filter => {
            let typed = std::mem::take(&mut model.prompt);
            model.recall().keep(typed.text());
            model.focus.close();
            model.restore_filter();
            vec![Effect::View]
        }
        Mode::Detail
        | Mode::Command
        | Mode::Sort
        | Mode::Columns
        | Mode::Export
        | Mode::Themes
        | Mode::Help
        | Mode::Confirm
        | Mode::Mute
        | Mode::RowMenu
        | Mode::Compare => {
            model.focus.close();
            vec![]
        }
        Mode::Table | Mode::Overview | Mode::Health | Mode::Changes => {
            view::of(model.focus.view()).back(model)
        }
    }
}
