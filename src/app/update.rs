//! From an event to a changed model: plain, synchronous and total.

use std::mem;
use std::sync::Arc;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use jiff::Timestamp;
use ratatui::layout::Size;

use super::action::{Action, Motion};
use super::command::{self, Command, LONGEST_INTERVAL, SHORTEST_INTERVAL, ScopeTerm};
use super::effect::Effect;
use super::event::Event;
use super::keymap::{self, Key};
use super::model::{Mode, Model, Notice};
use super::prompt::Prompt;
use crate::fleet::query::{Query, complete};
use crate::fleet::sort::SortKey;
use crate::report::{Wish, Written};
use crate::ui::format::count;

/// Said from the key until an answer, or why there is none.
const ASKING: &str = "asking HSS now";

/// Takes one event in; answers what is to be done.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let mut effects = take(model, event);
    let looked_at = model.looked_at();
    if model.wanted.pod != looked_at {
        model.wanted.pod = looked_at;
        effects.push(Effect::Want);
    }
    let detailed = model.detailed();
    if model.past.wanted != detailed {
        model.past.wanted = detailed;
        effects.push(Effect::History);
    }
    effects
}

fn take(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Input(input) => take_input(model, input),
        Event::Reply(reply) => {
            if let Some(notice) = &reply.status.state_notice {
                model.notify(notice);
            }
            // What came of asking is news; that it is asked is not any more.
            let is_asking = |notice: &Notice| notice.text == ASKING;
            if reply.status.problem.is_some() && model.notice.as_ref().is_some_and(is_asking) {
                model.notice = None;
            }
            model.status = reply.status;
            match reply.fleet {
                Some(fleet) => {
                    model.fleet = fleet;
                    model.past.is_old = true;
                    vec![Effect::View]
                }
                None => vec![],
            }
        }
        Event::View(view) => {
            model.show(*view);
            lacking(model)
        }
        Event::Exported(outcome) => {
            match *outcome {
                Ok(Written { path, rows }) => {
                    let noun = if rows == 1 { "pod" } else { "pods" };
                    model.notify(format!("wrote {} {noun} to {}", count(rows), path.display()));
                }
                Err(why) => model.notify(why),
            }
            vec![]
        }
        Event::Vitals(vitals) => {
            let is_due = Arc::make_mut(&mut model.health).take(vitals);
            is_due.then_some(Effect::LogHealth).into_iter().collect()
        }
        Event::Log(trouble) => {
            model.log_trouble = trouble;
            vec![]
        }
        Event::History(history) => {
            // One of a pod that is no longer looked at is of no use.
            if model.past.wanted.as_ref() == Some(&history.pod) {
                model.past.history = Some(Arc::from(history));
            }
            vec![]
        }
        Event::Tick(now) => take_tick(model, now),
    }
}

fn take_tick(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    model.beat = model.beat.wrapping_add(1);
    if model.notice.as_ref().is_some_and(|notice| notice.until <= now) {
        model.notice = None;
    }
    // By now what came with the last reply has been written.
    if mem::take(&mut model.past.is_old) && model.past.wanted.is_some() {
        return vec![Effect::History];
    }
    vec![]
}

fn take_input(model: &mut Model, input: Input) -> Vec<Effect> {
    match input {
        Input::Key(key) if key.kind != KeyEventKind::Release => take_key(model, &key),
        Input::Paste(text) if matches!(model.mode, Mode::Filter | Mode::Command) => {
            model.prompt.insert(&text);
            typed(model)
        }
        Input::Resize(width, height) => {
            model.size = Size::new(width, height);
            model.reveal();
            vec![Effect::Redraw]
        }
        Input::Key(_) | Input::Paste(_) | Input::FocusGained | Input::FocusLost | Input::Mouse(_) => vec![],
    }
}

/// Where the screen has come to rows that are not known yet, they are asked for.
fn lacking(model: &Model) -> Vec<Effect> {
    if model.lacks_rows() {
        vec![Effect::View]
    } else {
        vec![]
    }
}

fn take_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if let Some(action) = keymap::action(model.mode, Key::of(key)) {
        return act(model, action);
    }
    let plain = !key
        .modifiers
        .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match (model.mode, key.code) {
        (Mode::Filter | Mode::Command, KeyCode::Char(character)) if plain => {
            model.prompt.insert(character.encode_utf8(&mut [0; 4]));
            typed(model)
        }
        _ => vec![],
    }
}

/// After the text of a prompt changed: a filter acts as it is typed.
fn typed(model: &mut Model) -> Vec<Effect> {
    if model.mode == Mode::Filter {
        match Query::parse(model.prompt.text()) {
            Ok(query) => {
                model.filter_error = None;
                model.wish.filter = query;
                return vec![Effect::View];
            }
            // It fails closed: what passed before is what passes now.
            Err(error) => model.filter_error = Some(error),
        }
    }
    vec![]
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Move(motion) => {
            travel(model, motion);
            lacking(model)
        }
        Action::ShowPods => {
            model.mode = Mode::Table;
            vec![]
        }
        Action::ShowHealth => {
            model.mode = Mode::Health;
            vec![]
        }
        Action::OpenDetail => {
            if model.pod().is_some() {
                model.mode = Mode::Detail;
                model.scroll = 0;
            }
            vec![]
        }
        Action::Back => back(model),
        Action::OpenFilter => {
            model.prompt = Prompt::with(&model.filter_text);
            model.filter_error = None;
            open(model, Mode::Filter)
        }
        Action::OpenCommand => {
            model.prompt = Prompt::default();
            open(model, Mode::Command)
        }
        Action::OpenSort => {
            let current = model.sort().key;
            model.sort_choice = SortKey::ALL.iter().position(|key| *key == current).unwrap_or(0);
            open(model, Mode::Sort)
        }
        Action::OpenExport => open(model, Mode::Export),
        Action::Export(format) => {
            model.mode = model.beneath;
            export(model, Wish { format, path: None })
        }
        Action::OpenHelp => {
            model.scroll = 0;
            open(model, Mode::Help)
        }
        Action::SortBy(key) => {
            model.sort_by(key);
            vec![Effect::View]
        }
        Action::InvertSort => {
            model.wish.sort = model.sort().reversed();
            vec![Effect::View]
        }
        Action::Choose => {
            model.mode = model.beneath;
            SortKey::ALL
                .get(model.sort_choice)
                .copied()
                .map_or_else(Vec::new, |key| {
                    model.sort_by(key);
                    vec![Effect::View]
                })
        }
        Action::Submit => submit(model),
        Action::DeleteBack => {
            model.prompt.delete_back();
            typed(model)
        }
        Action::DeleteWord => {
            model.prompt.delete_word();
            typed(model)
        }
        Action::DeleteAll => {
            model.prompt.clear();
            typed(model)
        }
        Action::Complete if model.mode == Mode::Filter => {
            let typed_text = model.prompt.text().to_owned();
            let first = complete(&typed_text, typed_text.len(), &model.fleet)
                .into_iter()
                .next();
            if let Some(completion) = first {
                let mut text = typed_text;
                text.replace_range(completion.range, &completion.text);
                // One that is too long for a prompt is none.
                let completed = Prompt::with(&text);
                if !completed.text().is_empty() {
                    model.prompt = completed;
                }
            }
            typed(model)
        }
        Action::Complete => {
            if let Some(text) = command::complete(model.prompt.text()) {
                model.prompt = Prompt::with(&text);
            }
            vec![]
        }
        Action::ToggleProblems => {
            model.wish.problems = !model.wish.problems;
            vec![Effect::View]
        }
        Action::AskNow => ask_now(model),
        Action::Faster => set_interval(model, model.wanted.interval / 2),
        Action::Slower => set_interval(model, model.wanted.interval * 2),
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend if model.has_shell => vec![Effect::Suspend],
        Action::Suspend => {
            model.notify("no shell would bring hss-top back");
            vec![]
        }
        Action::Quit => vec![Effect::Quit],
    }
}

fn open(model: &mut Model, mode: Mode) -> Vec<Effect> {
    if matches!(model.mode, Mode::Table | Mode::Detail | Mode::Health) {
        model.beneath = model.mode;
    }
    model.mode = mode;
    vec![]
}

fn back(model: &mut Model) -> Vec<Effect> {
    match model.mode {
        Mode::Filter => {
            model.mode = model.beneath;
            model.clear_filter();
            vec![Effect::View]
        }
        Mode::Command | Mode::Sort | Mode::Export | Mode::Help => {
            model.mode = model.beneath;
            vec![]
        }
        Mode::Detail | Mode::Health => {
            model.mode = Mode::Table;
            vec![]
        }
        Mode::Table if model.notice.is_some() => {
            model.notice = None;
            vec![]
        }
        Mode::Table if !model.filter_text.is_empty() => {
            model.clear_filter();
            vec![Effect::View]
        }
        Mode::Table if model.wish.problems => {
            model.wish.problems = false;
            vec![Effect::View]
        }
        Mode::Table if !model.wanted.scope.is_whole() => {
            model.wanted.scope = crate::fleet::Scope::default();
            rescoped(model)
        }
        Mode::Table => {
            model.changes_seen = model.fleet.changes().total();
            vec![]
        }
    }
}

fn submit(model: &mut Model) -> Vec<Effect> {
    let mode = model.mode;
    if mode == Mode::Filter {
        let text = model.prompt.text().trim().to_owned();
        match model.filter_by(&text) {
            Ok(()) => model.mode = model.beneath,
            Err(_) => return typed(model), // the prompt stays, and says why
        }
        model.prompt = Prompt::default();
        return vec![Effect::View];
    }
    model.mode = model.beneath;
    let text = std::mem::take(&mut model.prompt);
    match command::parse(text.text()) {
        Ok(None) => vec![],
        Ok(Some(command)) => run(model, command),
        Err(expected) => {
            model.notify(expected);
            vec![]
        }
    }
}

fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Scope(term, value) => {
            if value.as_ref().is_some_and(|value| value.chars().count() > 256) {
                model.notify("a name to ask HSS for has at most 256 characters");
                return vec![];
            }
            let scope = &mut model.wanted.scope;
            match term {
                ScopeTerm::Namespace => scope.namespace = value,
                ScopeTerm::Cluster => scope.cluster = value,
                ScopeTerm::Pod => scope.pod = value,
            }
            rescoped(model)
        }
        Command::All => {
            model.wanted.scope = crate::fleet::Scope::default();
            rescoped(model)
        }
        Command::Sort(key) => {
            model.sort_by(key);
            vec![Effect::View]
        }
        Command::Export(wish) => export(model, wish),
        Command::Interval(interval) => set_interval(model, interval),
        Command::Help => {
            model.scroll = 0;
            open(model, Mode::Help)
        }
        Command::Quit => vec![Effect::Quit],
    }
}

/// After the scope changed: what is known of it shows at once, and HSS is asked for it.
fn rescoped(model: &mut Model) -> Vec<Effect> {
    model.wish.scope = model.wanted.scope.clone();
    model.select(0);
    vec![Effect::View, Effect::Want]
}

fn export(model: &mut Model, wish: Wish) -> Vec<Effect> {
    if model.view.is_empty() {
        model.notify("there is no pod to write to a file");
        return vec![];
    }
    model.notify("writing the file");
    vec![Effect::Export(wish)]
}

fn ask_now(model: &mut Model) -> Vec<Effect> {
    if model.status.calls_left == 0 {
        let wait = model.status.next_at.map_or_else(String::new, |at| {
            format!(
                "; the next is due in {} s",
                at.duration_since(model.now).as_secs().max(0)
            )
        });
        model.notify(format!(
            "no call left: {} a minute are allowed{wait}",
            model.status.calls_limit
        ));
        return vec![];
    }
    // A sweep under way goes on; but a call of it that hangs, or a rest after one that failed, ends.
    let is_under_way = model.status.loading && model.status.problem.is_none();
    model.wanted.asks = model.wanted.asks.wrapping_add(1);
    model.notify(if is_under_way { "already asking" } else { ASKING });
    vec![Effect::Want]
}

fn set_interval(model: &mut Model, interval: std::time::Duration) -> Vec<Effect> {
    let interval = interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL);
    let interval = std::time::Duration::from_secs(interval.as_secs());
    model.wanted.interval = interval;
    model.notify(format!("asking every {}", humantime::format_duration(interval)));
    vec![Effect::Want]
}

fn travel(model: &mut Model, motion: Motion) {
    match model.mode {
        Mode::Table | Mode::Detail => travel_table(model, motion),
        Mode::Sort => model.sort_choice = stepped(model.sort_choice, motion, SortKey::ALL.len(), 1),
        Mode::Help => {
            let lines = usize::from(u16::MAX);
            let step = usize::from(model.size.height);
            let scroll = stepped(usize::from(model.scroll), motion, lines, step);
            model.scroll = u16::try_from(scroll)
                .unwrap_or(u16::MAX)
                .min(crate::ui::help::last_scroll(model));
        }
        Mode::Filter | Mode::Command | Mode::Export | Mode::Health => {}
    }
}

fn travel_table(model: &mut Model, motion: Motion) {
    let (rows, page) = (model.view.len(), model.page_size);
    let row = match motion {
        Motion::NextPage => {
            let next = (model.cursor / page + 1) * page;
            if next < rows { next } else { model.cursor }
        }
        Motion::PreviousPage => {
            let begin = model.cursor / page * page;
            if model.cursor > begin {
                begin
            } else {
                begin.saturating_sub(page)
            }
        }
        other => stepped(model.cursor, other, rows, model.rows_shown()),
    };
    let jumps = matches!(motion, Motion::NextPage | Motion::PreviousPage);
    if jumps {
        model.top = row; // a page begins at the top of the screen
    }
    model.select(row);
}

/// The place after a motion among `count`, of which `screen` are seen at once.
fn stepped(at: usize, motion: Motion, count: usize, screen: usize) -> usize {
    let last = count.saturating_sub(1);
    let half = (screen / 2).max(1);
    let to = match motion {
        Motion::Down => at.saturating_add(1),
        Motion::Up => at.saturating_sub(1),
        Motion::ScreenDown | Motion::NextPage => at.saturating_add(screen),
        Motion::ScreenUp | Motion::PreviousPage => at.saturating_sub(screen),
        Motion::HalfDown => at.saturating_add(half),
        Motion::HalfUp => at.saturating_sub(half),
        Motion::First => 0,
        Motion::Last => last,
    };
    to.min(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::model::Source;
    use crate::fleet::fixture::node;
    use crate::fleet::{Fleet, History, PodKey, Scope, View};
    use crate::health::Vitals;
    use crate::hss::Error;
    use crate::sync::status::Problem;
    use crate::sync::{Reply, SyncStatus, Wanted};
    use std::time::Duration;

    fn model(pods: usize) -> Model {
        let source = Source {
            project: "p".into(),
            enterprise_project: "all_granted_eps".into(),
            place: "test".into(),
            demo: false,
            plain_text: false,
            signed_in_by: String::new(),
        };
        let wanted = Wanted {
            scope: Scope::default(),
            pod: None,
            asks: 0,
            interval: Duration::from_mins(1),
        };
        let now = "2025-08-15T09:30:15Z".parse().unwrap();
        let mut model = Model::new(source, wanted, 200, Size::new(120, 24), now);
        model.fleet = (0..pods)
            .map(|at| node(&format!("pod-{at:04}")).build())
            .collect();
        model.wish.sort = SortKey::Name.first_direction();
        refresh(&mut model);
        model.status.calls_left = 5;
        model
    }

    #[test]
    fn once_a_day_a_line_about_the_programs_health_is_due() {
        let mut model = model(1);
        let lines: usize = (0..49)
            .map(|hour| {
                let vitals = Vitals {
                    uptime: Duration::from_hours(hour),
                    ..Vitals::default()
                };
                let effects = update(&mut model, Event::Vitals(vitals));
                effects
                    .iter()
                    .filter(|effect| **effect == Effect::LogHealth)
                    .count()
            })
            .sum();
        assert_eq!(lines, 2);
        assert_eq!(
            model.health.vitals().map(|it| it.uptime),
            Some(Duration::from_hours(48))
        );
    }

    fn refresh(model: &mut Model) {
        let view = View::of(&model.fleet, model.wish.clone(), model.now);
        update(model, Event::View(Box::new(view)));
    }

    fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
        keys.split(' ')
            .flat_map(|name| {
                let (code, modifiers) = match name {
                    "Enter" => (KeyCode::Enter, KeyModifiers::NONE),
                    "Esc" => (KeyCode::Esc, KeyModifiers::NONE),
                    "Tab" => (KeyCode::Tab, KeyModifiers::NONE),
                    _ if name.starts_with("C-") => {
                        (KeyCode::Char(name.chars().last().unwrap()), KeyModifiers::CONTROL)
                    }
                    _ => (KeyCode::Char(name.chars().next().unwrap()), KeyModifiers::NONE),
                };
                update(model, Event::Input(Input::Key(KeyEvent::new(code, modifiers))))
            })
            .collect()
    }

    fn type_text(model: &mut Model, text: &str) {
        for character in text.chars() {
            let key = KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE);
            update(model, Event::Input(Input::Key(key)));
        }
    }

    fn name(model: &Model) -> String {
        model.pod().unwrap().name().value().unwrap().raw().to_owned()
    }

    #[test]
    fn pages_are_windows_over_the_whole_list() {
        let mut model = model(1071);
        assert_eq!(model.page(), Some((1, 6, 1, 200)));
        press(&mut model, "] ]");
        assert_eq!(model.page(), Some((3, 6, 401, 600)));
        assert_eq!((model.cursor, model.top), (400, 400));
        press(&mut model, "j [");
        assert_eq!(model.cursor, 400, "first to the beginning of this page");
        press(&mut model, "[ [ [");
        assert_eq!(model.page(), Some((1, 6, 1, 200)));
        press(&mut model, "G ]");
        assert_eq!(model.page(), Some((6, 6, 1001, 1071)));
        assert_eq!(model.cursor, 1070);
    }

    #[test]
    fn the_cursor_stays_on_its_pod_through_sort_and_refresh() {
        let mut model = model(100);
        press(&mut model, "j j j");
        assert_eq!(name(&model), "pod-0003");
        assert_eq!(press(&mut model, "I"), [Effect::View]);
        refresh(&mut model);
        assert_eq!(name(&model), "pod-0003");
        assert!(model.cursor >= model.top && model.cursor < model.top + model.rows_shown());
        model.fleet = model.fleet.pods().skip(4).collect::<Fleet>();
        let row = model.cursor;
        refresh(&mut model);
        assert_eq!(model.cursor, row.min(95), "the pod is gone, the row stays");
    }

    #[test]
    fn the_first_row_is_no_pod_until_the_operator_moves() {
        let mut model = model(10);
        press(&mut model, "I");
        refresh(&mut model);
        assert_eq!((model.cursor, name(&model).as_str()), (0, "pod-0009"));
    }

    #[test]
    fn a_filter_acts_as_it_is_typed_and_escape_clears_it() {
        let mut model = model(100);
        press(&mut model, "/");
        type_text(&mut model, "0007");
        refresh(&mut model);
        assert_eq!(model.view.len(), 1);
        press(&mut model, "Enter");
        assert_eq!((model.mode, model.filter_text.as_str()), (Mode::Table, "0007"));
        assert_eq!(press(&mut model, "Esc"), [Effect::View]);
        refresh(&mut model);
        assert_eq!((model.view.len(), model.filter_text.as_str()), (100, ""));
        press(&mut model, "/ x Esc");
        assert_eq!(model.wish.filter, Query::default());
        assert_eq!(press(&mut model, "Esc Esc Esc"), [], "Esc never quits");
    }

    #[test]
    fn a_wrong_filter_fails_closed_and_says_so() {
        let mut model = model(100);
        press(&mut model, "/");
        type_text(&mut model, "pod:0007");
        refresh(&mut model);
        type_text(&mut model, " \"a");
        refresh(&mut model);
        assert_eq!(model.view.len(), 1, "the last good filter stays");
        assert_eq!(
            model.filter_error.as_ref().map(|error| error.range.start),
            Some(9)
        );
        assert_eq!(press(&mut model, "Enter"), []);
        assert_eq!(model.mode, Mode::Filter, "it is not kept");
        press(&mut model, "C-w Enter");
        assert_eq!(
            (model.mode, model.filter_text.as_str()),
            (Mode::Table, "pod:0007")
        );
        press(&mut model, "/ x Esc");
        assert_eq!(
            (model.filter_error.clone(), model.filter_text.as_str()),
            (None, "")
        );
    }

    #[test]
    fn a_filter_is_completed_from_what_is_there() {
        let mut model = model(10);
        press(&mut model, "/ c l Tab p Tab");
        assert_eq!(model.prompt.text(), "cluster:prod-a");
        assert_eq!(model.wish.filter, Query::parse("cluster:prod-a").unwrap());
    }

    #[test]
    fn only_problems_until_asked_again() {
        let mut model = model(10);
        assert_eq!(press(&mut model, "p"), [Effect::View]);
        refresh(&mut model);
        assert!(model.view.is_empty());
        assert_eq!(press(&mut model, "Esc"), [Effect::View]);
        refresh(&mut model);
        assert_eq!(model.view.len(), 10);
    }

    #[test]
    fn rows_that_are_not_sorted_in_yet_are_asked_for_when_the_screen_gets_there() {
        let mut model = model(5000);
        let unsorted = crate::fleet::view::Unsorted::of(&model.fleet, model.wish.clone(), model.now);
        let window = unsorted.window(model.window());
        assert_eq!(update(&mut model, Event::View(Box::new(window))), []);
        assert_eq!(press(&mut model, "j C-f"), []);
        assert_eq!(press(&mut model, "G"), [Effect::View]);
        assert_eq!((model.cursor, model.pod()), (4999, None));
        let window = unsorted.window(model.window());
        assert_eq!(update(&mut model, Event::View(Box::new(window))), []);
        assert_eq!(name(&model), "pod-4999");
    }

    #[test]
    fn a_scope_command_asks_the_api_and_filters_what_is_known() {
        let mut model = model(10);
        press(&mut model, ":");
        type_text(&mut model, "ns payments");
        assert_eq!(press(&mut model, "Enter"), [Effect::View, Effect::Want]);
        assert_eq!(model.wanted.scope.namespace.as_deref(), Some("payments"));
        assert_eq!(model.wish.scope, model.wanted.scope);
        assert_eq!(press(&mut model, "Esc"), [Effect::View, Effect::Want]);
        assert!(model.wanted.scope.is_whole());
    }

    #[test]
    fn a_wrong_command_is_explained_and_changes_nothing() {
        let mut model = model(10);
        press(&mut model, ":");
        type_text(&mut model, "frobnicate");
        assert_eq!(press(&mut model, "Enter"), []);
        assert!(
            model
                .notice
                .as_ref()
                .unwrap()
                .text
                .contains("no command frobnicate")
        );
        let later = model.now.checked_add(Duration::from_secs(6)).unwrap();
        update(&mut model, Event::Tick(later));
        assert_eq!(model.notice, None);
    }

    #[test]
    fn asking_now_needs_a_call_left() {
        let mut model = model(10);
        assert_eq!(press(&mut model, "C-r"), [Effect::Want]);
        assert_eq!(model.wanted.asks, 1);
        model.status.calls_left = 0;
        model.status.calls_limit = 5;
        assert_eq!(press(&mut model, "C-r"), []);
        assert!(model.notice.as_ref().unwrap().text.contains("5 a minute"));
    }

    #[test]
    fn what_came_of_asking_replaces_the_notice_that_it_is_asked() {
        let mut model = model(10);
        press(&mut model, "C-r");
        assert_eq!(model.notice.as_ref().unwrap().text, ASKING);
        let problem = Problem {
            error: Error::Incomplete,
            until: None,
        };
        let reply = Reply {
            status: SyncStatus {
                problem: Some(problem),
                loading: true,
                ..model.status.clone()
            },
            fleet: None,
        };
        update(&mut model, Event::Reply(Box::new(reply)));
        assert_eq!(model.notice, None, "so that the footer has room for the cause");
        assert_eq!(press(&mut model, "C-r"), [Effect::Want], "in mid-sweep too");
    }

    #[test]
    fn the_sort_menu_and_the_detail() {
        let mut model = model(10);
        press(&mut model, "s g Enter");
        assert_eq!((model.mode, model.sort().key), (Mode::Table, SortKey::Risk));
        press(&mut model, "Enter");
        assert_eq!(model.mode, Mode::Detail);
        press(&mut model, "j ? q");
        assert_eq!((model.mode, model.cursor), (Mode::Detail, 1));
        press(&mut model, "Esc");
        assert_eq!(model.mode, Mode::Table);
        assert_eq!(press(&mut model, "q"), [Effect::Quit]);
        press(&mut model, "/");
        assert_eq!(press(&mut model, "C-c"), [Effect::Quit]);
    }

    #[test]
    fn what_a_pod_used_before_is_asked_for_while_it_is_looked_at() {
        let mut model = model(10);
        let history = |pod: &PodKey| {
            Event::History(Box::new(History {
                pod: pod.clone(),
                cpu: vec![],
                memory: vec![],
            }))
        };
        assert_eq!(press(&mut model, "j"), [], "no detail, no history");
        let first = model.pod().unwrap().key;
        assert!(press(&mut model, "Enter").contains(&Effect::History));
        assert_eq!(model.past.wanted.as_ref(), Some(&first));
        update(&mut model, history(&first));
        assert!(model.past.of(&first).is_some());
        assert!(press(&mut model, "j").contains(&Effect::History));
        let second = model.pod().unwrap().key;
        assert!(model.past.of(&second).is_none(), "not that of another pod");
        update(&mut model, history(&first));
        update(&mut model, history(&second));
        update(&mut model, history(&first));
        assert!(model.past.of(&second).is_some(), "a stale answer changes nothing");
        assert!(press(&mut model, "Esc").contains(&Effect::History));
        assert_eq!(model.past.wanted, None);
        model.size = Size::new(200, 60);
        assert_eq!(
            press(&mut model, "k"),
            [Effect::History],
            "a pane beside the table"
        );
    }

    #[test]
    fn after_a_reply_with_pods_the_history_is_asked_for_again_and_once() {
        let mut model = model(10);
        press(&mut model, "Enter");
        let reply = Reply {
            status: model.status.clone(),
            fleet: Some(model.fleet.clone()),
        };
        assert_eq!(update(&mut model, Event::Reply(Box::new(reply))), [Effect::View]);
        let now = model.now;
        assert_eq!(update(&mut model, Event::Tick(now)), [Effect::History]);
        assert_eq!(update(&mut model, Event::Tick(now)), []);
    }

    #[test]
    fn releases_and_odd_sizes_do_nothing() {
        let mut model = model(10);
        let mut release = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        release.kind = KeyEventKind::Release;
        assert_eq!(update(&mut model, Event::Input(Input::Key(release))), []);
        for (width, height) in [(0, 0), (1, 1), (500, 200)] {
            update(&mut model, Event::Input(Input::Resize(width, height)));
            press(&mut model, "j C-f G C-b g ] [");
        }
        let mut empty = self::model(0);
        press(&mut empty, "j C-f G ] [ Enter");
        assert_eq!((empty.mode, empty.page()), (Mode::Table, None));
    }
}
