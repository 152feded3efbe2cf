//! The effects of keys and typed text on the model.

use crossterm::event::KeyEvent;
use jiff::{SignedDuration, Timestamp};

use super::alerts;
use super::run::{self, ask_now, export, set_interval, submit};
use super::saved_views;
use super::themes;
use super::travel::travel;
use super::view;
use crate::app::command;
use crate::app::compare::DatedSide;
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::model::Model;
use crate::app::prompt::{Prompt, TypedFault};
use crate::app::quit::QuitQuestion;
use crate::app::snapshot_request;
use crate::fleet::decisions::MuteEnd;
use crate::fleet::query::{Query, complete, draft};
use crate::keys::Action;
use crate::keys::Key;
use crate::keys::Mode;
use crate::keys::MuteChoice;
use crate::report::ExportRequest;
use crate::report::shift::ReportRequest;

pub(super) fn take_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let key = Key::of(key);
    if let Some(effects) = model.kiosk_key(key) {
        return effects;
    }
    if let Some(action) = model.keys.action(model.mode(), key) {
        let takes_notice = matches!(action, Action::Back | Action::CloseOrQuit);
        return model.answering(takes_notice, |model| act(model, action));
    }
    model.quit.forget();
    match (model.mode(), key.typed()) {
        (Mode::Filter | Mode::Command | Mode::HelpSearch, Some(character)) => {
            if let Some(prompt) = model.focus.prompt_mut() {
                prompt.insert(character.encode_utf8(&mut [0; 4]));
            }
            typed(model)
        }
        // The line in which a notice would stand is typed in.
        (Mode::Filter | Mode::Command | Mode::HelpSearch, None) => vec![],
        _ => {
            let before = model.notice.take();
            model.answering(false, |model| model.explain_unbound(key));
            if model.notice.is_none() {
                model.notice = before;
            }
            vec![]
        }
    }
}

/// After the text of a prompt changed: the complete terms of a filter apply at once.
pub(super) fn typed(model: &mut Model) -> Vec<Effect> {
    if model.mode() == Mode::HelpSearch {
        let text = model.typed_text().to_owned();
        model.search_help(&text);
        return vec![];
    }
    if model.mode() == Mode::Filter {
        if let Some(effects) = view::of(model.focus.view()).typed(model) {
            return effects;
        }
        let filter = model.masking.meant_filter(model.typed_text());
        let known = model.shown_fleet().masked_by(None);
        let draft = draft(&filter, |text| Query::parse_among(text, &known));
        if let Some(filter) = model.focus.filter_mut() {
            filter.fault = TypedFault::of(&draft);
        }
        // While a term is incomplete, the complete ones apply.
        if draft.fault.is_none() || model.request.filter != draft.query {
            model.request.filter = draft.query;
            return vec![Effect::View];
        }
    }
    vec![]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action != Action::CloseOrQuit {
        model.quit.forget();
    }
    if !model.kiosk_allows(action) {
        return vec![];
    }
    if model.mode() == Mode::Themes && action == Action::Choose {
        return themes::keep(model);
    }
    if let Some(effects) = act_in_help(model, action) {
        return effects;
    }
    if model.mode() == Mode::Mute && action == Action::Choose {
        let choice = model.focus.mute().map(|muting| muting.choice);
        return choice.map_or_else(Vec::new, |choice| act(model, choice));
    }
    if model.mode() == Mode::Views
        && let Some(effects) = saved_views::act(model, action)
    {
        return effects;
    }
    if model.mode() == Mode::Alerts
        && let Some(effects) = alerts::act(model, action)
    {
        return effects;
    }
    if let Some(effects) = view::of(model.focus.view()).act(model, action) {
        return effects;
    }
    match action {
        Action::Move(motion) => travel(model, motion),
        Action::Show(view) => run::show(model, view),
        Action::Back => back(model),
        Action::OpenFilter => open_filter(model),
        Action::OpenCommand => {
            let effects = open(model, Overlay::Command(Prompt::default()));
            model.recall().begin("");
            effects
        }
        Action::OpenExport => open(model, Overlay::Export),
        Action::Export(format) => {
            model.focus.close();
            export(model, ExportRequest { format, path: None })
        }
        Action::OpenThemes => themes::show(model),
        Action::OpenViews => saved_views::show_menu(model),
        Action::OpenHelp => run::help(model),
        Action::Submit => submit(model),
        Action::Edit(edit) => {
            if let Some(prompt) = model.focus.prompt_mut() {
                prompt.edit(edit);
            }
            typed(model)
        }
        Action::Complete => {
            complete_prompt(model);
            typed(model)
        }
        Action::CompleteBack => {
            if let Some(prompt) = model.focus.prompt_mut() {
                prompt.next_offer(false);
            }
            typed(model)
        }
        Action::Older => {
            let text = model.typed_text().to_owned();
            let line = model.recall().older(&text).map(Prompt::with);
            retype(model, line)
        }
        Action::Newer => {
            let text = model.typed_text().to_owned();
            let line = model.recall().newer(&text).map(Prompt::with);
            retype(model, line)
        }
        Action::EarlierSnapshot if model.mode() == Mode::Compare => model.step_compared(DatedSide::Left, -1),
        Action::LaterSnapshot if model.mode() == Mode::Compare => model.step_compared(DatedSide::Left, 1),
        Action::EarlierSnapshot => model.step_in_time(-1),
        Action::LaterSnapshot => model.step_in_time(1),
        Action::ComparedEarlier => model.step_compared(DatedSide::Right, -1),
        Action::ComparedLater => model.step_compared(DatedSide::Right, 1),
        Action::Freeze => model.freeze(),
        Action::ToggleProblems => {
            model.request.problems = !model.request.problems;
            vec![Effect::View]
        }
        Action::Acknowledge => model.read_shown_changes(),
        Action::AcknowledgePod => model.acknowledge_pod(),
        Action::UndoDecision => model.undo_decision(),
        Action::WriteReport => vec![Effect::Report(ReportRequest::default())],
        Action::OpenMute => {
            if let Some(muting) = model.about_to_mute() {
                return open(model, Overlay::Mute(Box::new(muting)));
            }
            model.notify("there is no pod to mute");
            vec![]
        }
        Action::MuteFor(choice) => {
            let end = mute_end_of(choice, model.now);
            model.mute_begun(end)
        }
        Action::MuteNamespace => {
            if let Some(muting) = model.focus.mute_mut() {
                muting.is_namespace = !muting.is_namespace;
            }
            vec![]
        }
        Action::AcknowledgeAlerts => model.acknowledge_alerts(),
        Action::OpenAlerts => alerts::show(model),
        Action::Confirm => snapshot_request::confirmed(model),
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
        // A view with one of these actions handled it above.
        Action::OpenDetail
        | Action::ShowNamespace
        | Action::LongerHistory
        | Action::ShorterHistory
        | Action::ShowRecord
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
        | Action::DeleteView
        | Action::SearchHelp
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::AcknowledgeChange
        | Action::AcknowledgeAll
        | Action::MarkChange
        | Action::ToggleMuted
        | Action::ShowDecisions => vec![],
    }
}

/// What a key means in the help alone.
fn act_in_help(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match (model.mode(), action) {
        (Mode::Help, Action::SearchHelp) => {
            let help = model.focus.help_mut()?;
            help.search.came_from = help.scroll;
            Some(open(model, Overlay::HelpSearch(Prompt::default())))
        }
        (Mode::Help, Action::NextMatch | Action::PreviousMatch) => {
            model.step_match(action == Action::NextMatch);
            Some(vec![])
        }
        (Mode::HelpSearch, Action::Back) => {
            model.search_help("");
            model.focus.close();
            Some(vec![])
        }
        _ => None,
    }
}

/// Closes what is open. Where nothing is, one slip must not end a program that is left open for months: it asks.
fn close_or_quit(model: &mut Model) -> Vec<Effect> {
    if model.mode() == Mode::Decisions {
        return act(model, Action::Back);
    }
    if model.mode().is_view() && !model.focus.is_base() {
        model.focus.close();
        return vec![];
    }
    if !model.focus.is_base() || model.is_elsewhere() {
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

/// The end of a mute, by the choice.
fn mute_end_of(choice: MuteChoice, now: Timestamp) -> MuteEnd {
    let after = |hours| {
        now.checked_add(SignedDuration::from_hours(hours))
            .map_or(MuteEnd::Never, MuteEnd::At)
    };
    match choice {
        MuteChoice::UntilChanged => MuteEnd::Changed,
        MuteChoice::Hours => after(2),
        MuteChoice::Days => after(7 * 24),
        MuteChoice::Forever => MuteEnd::Never,
    }
}

/// Opens the prompt for the filter of the pods.
pub(super) fn open_filter(model: &mut Model) -> Vec<Effect> {
    let line = Prompt::with(&model.masking.typed_again(&model.filter_text));
    let text = line.text().to_owned();
    let effects = open(model, Overlay::Filter(line.into()));
    model.recall().begin(&text);
    effects
}

/// Puts an earlier line into the prompt.
fn retype(model: &mut Model, line: Option<Prompt>) -> Vec<Effect> {
    if let (Some(line), Some(prompt)) = (line, model.focus.prompt_mut()) {
        *prompt = line;
    }
    typed(model)
}

/// Takes the next completion, or offers those of what is typed.
fn complete_prompt(model: &mut Model) {
    if model
        .focus
        .prompt_mut()
        .is_some_and(|prompt| prompt.next_offer(true))
    {
        return;
    }
    let Some(prompt) = model.focus.prompt() else {
        return;
    };
    let (text, cursor) = (prompt.text(), prompt.cursor());
    let offers = match model.mode() {
        Mode::Filter => complete(text, cursor, model.shown_fleet()),
        _ => command::complete(
            text,
            cursor,
            model.shown_fleet(),
            model.saved_views.all(),
            &model.themes,
        ),
    };
    if let Some(prompt) = model.focus.prompt_mut() {
        prompt.offer(offers);
    }
}

pub(super) fn open(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.focus.open(overlay);
    vec![]
}

/// Whether a completion was offered, which is declined.
pub(super) fn declines(model: &mut Model) -> bool {
    model.focus.prompt_mut().is_some_and(Prompt::decline)
}

fn back(model: &mut Model) -> Vec<Effect> {
    match model.mode() {
        Mode::Filter | Mode::Command if declines(model) => typed(model),
        Mode::Filter => {
            let typed = model.typed_text().to_owned();
            model.recall().keep(&typed);
            model.focus.close();
            model.restore_filter();
            vec![Effect::View]
        }
        Mode::Detail => {
            model.close_detail();
            vec![]
        }
        Mode::Command
        | Mode::Mute
        | Mode::Sort
        | Mode::Columns
        | Mode::Export
        | Mode::Themes
        | Mode::Help
        | Mode::Confirm
        | Mode::RowMenu
        | Mode::Compare
        | Mode::HelpSearch
        | Mode::Alerts
        | Mode::Views => {
            model.focus.close();
            vec![]
        }
        Mode::Table | Mode::Overview | Mode::Health | Mode::Changes | Mode::Decisions => {
            view::of(model.focus.view()).back(model)
        }
    }
}
