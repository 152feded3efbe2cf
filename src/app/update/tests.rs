use super::*;
use crate::app::command::{self, CommandArgument};
use crate::app::fixture::empty_model;
use crate::app::own_files::{OwnEntry, OwnNews};
use crate::collector::status::Problem;
use crate::collector::{News, Reply, SnapshotNews, SyncStatus};
use crate::fleet::fields::PodField;
use crate::fleet::fixture::node;
use crate::fleet::history::ChartSpan;
use crate::fleet::query::Query;
use crate::fleet::{Fleet, History, Pod, PodKey, SourceId, View};
use crate::health::Vitals;
use crate::hss::Error;
use crate::state::typed_lines::{LineKind, TypedLines};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

mod columns;
mod habits;
mod home;
mod mouse;
mod overview;
mod record;
mod row;
mod saved_views;
mod time_machine;
mod views;

fn model(pods: usize) -> Model {
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    let mut model = empty_model(Size::new(120, 24), now);
    model.fleet = (0..pods)
        .map(|at| node(&format!("pod-{at:04}")).build())
        .collect();
    model.request.sort = PodField::Name.first_direction();
    refresh(&mut model);
    model.status.calls_left = 5;
    model
}

/// How many lines the help is scrolled.
fn scrolled(model: &Model) -> u16 {
    model.focus.help().map_or(0, |help| help.scroll)
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
    let view = View::of(&model.fleet, model.request.clone(), model.now);
    update(model, Event::View(Box::new(view)));
}

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    keys.split(' ')
        .flat_map(|name| {
            let (code, modifiers) = match name {
                "Enter" => (KeyCode::Enter, KeyModifiers::NONE),
                "Esc" => (KeyCode::Esc, KeyModifiers::NONE),
                "Space" => (KeyCode::Char(' '), KeyModifiers::NONE),
                "Tab" => (KeyCode::Tab, KeyModifiers::NONE),
                "S-Tab" => (KeyCode::BackTab, KeyModifiers::SHIFT),
                "Up" => (KeyCode::Up, KeyModifiers::NONE),
                "Down" => (KeyCode::Down, KeyModifiers::NONE),
                "Left" => (KeyCode::Left, KeyModifiers::NONE),
                "Right" => (KeyCode::Right, KeyModifiers::NONE),
                _ if name.starts_with("C-") => {
                    (KeyCode::Char(name.chars().last().unwrap()), KeyModifiers::CONTROL)
                }
                _ => (KeyCode::Char(name.chars().next().unwrap()), KeyModifiers::NONE),
            };
            update(model, Event::Input(Input::Key(KeyEvent::new(code, modifiers))))
        })
        .filter(|effect| !matches!(effect, Effect::Own(OwnEntry::Typed(..))))
        .collect()
}

/// What Enter keeps of the prompt between runs.
fn enter_and_keep(model: &mut Model) -> Option<(LineKind, String)> {
    let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
    let effects = update(model, Event::Input(Input::Key(enter)));
    effects.into_iter().find_map(|effect| match effect {
        Effect::Own(OwnEntry::Typed(kind, line)) => Some((kind, line)),
        _ => None,
    })
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
    assert_eq!((model.pods.cursor, model.pods.top), (400, 400));
    press(&mut model, "j [");
    assert_eq!(model.pods.cursor, 400, "first to the beginning of this page");
    press(&mut model, "[ [ [");
    assert_eq!(model.page(), Some((1, 6, 1, 200)));
    press(&mut model, "G ]");
    assert_eq!(model.page(), Some((6, 6, 1001, 1071)));
    assert_eq!(model.pods.cursor, 1070);
}

#[test]
fn esc_clears_the_filter_whatever_was_answered_and_keeps_it_while_something_else_is_told() {
    let mut model = model(100);
    press(&mut model, "/ 3 Enter");
    press(&mut model, ": i n t e r v a l Space 3 0 s Enter");
    assert!(model.notice.as_ref().is_some_and(|notice| notice.is_answer));
    press(&mut model, "Esc");
    assert_eq!((model.filter_text.as_str(), &model.notice), ("", &None));
    press(&mut model, "/ 3 Enter");
    model.notify("told by itself");
    press(&mut model, "Esc");
    assert_eq!((model.filter_text.as_str(), &model.notice), ("3", &None));
}

#[test]
fn where_there_is_no_pod_each_key_that_needs_one_says_so() {
    for key in ["Enter", "Space", "o", "y", "="] {
        let mut model = model(0);
        press(&mut model, key);
        let told = model.shown_notice().map(|notice| notice.text.as_str());
        assert_eq!(told, Some("there is no pod"), "{key}");
        assert_eq!(model.mode(), Mode::Table, "{key}");
    }
}

#[test]
fn the_cursor_stays_on_its_pod_through_filter_and_refresh() {
    let mut model = model(100);
    press(&mut model, "j j j");
    assert_eq!(name(&model), "pod-0003");
    press(&mut model, "/ 3 Enter");
    refresh(&mut model);
    assert_eq!((name(&model).as_str(), model.pods.cursor), ("pod-0003", 0));
    press(&mut model, "Esc");
    refresh(&mut model);
    assert_eq!(name(&model), "pod-0003");
    assert!(model.pods.cursor >= model.pods.top && model.pods.cursor < model.pods.top + model.rows_shown());
    model.fleet = model.fleet.pods().skip(4).collect::<Fleet>();
    let row = model.pods.cursor;
    refresh(&mut model);
    assert_eq!(model.pods.cursor, row.min(95), "the pod is gone, the row stays");
}

#[test]
fn a_sort_shows_what_comes_first_wherever_the_cursor_was() {
    for keys in ["I", "C-n", "R", "s g Enter", ": s o r t Space r i s k Enter"] {
        let mut model = model(100);
        assert!(press(&mut model, keys).contains(&Effect::View), "{keys}");
        refresh(&mut model);
        assert_eq!((model.pods.cursor, model.pods.top), (0, 0), "{keys}");
        let first = name(&model);
        press(&mut model, "G k");
        press(&mut model, "I I");
        refresh(&mut model);
        assert_eq!((name(&model), model.pods.cursor), (first, 0), "{keys}");
    }
}

#[test]
fn the_cursor_on_the_first_row_keeps_its_pod_until_nobody_touched_it_for_a_while() {
    let mut model = model(100);
    press(&mut model, "Enter Esc");
    assert_eq!(name(&model), "pod-0000");
    let worse: Vec<Pod> = [node("a-worse").status("Failed").build()]
        .into_iter()
        .chain(model.fleet.pods())
        .collect();
    model.fleet = worse.into_iter().collect();
    refresh(&mut model);
    assert_eq!(
        (name(&model).as_str(), model.pods.cursor, model.pods.top),
        ("pod-0000", 1, 0)
    );
    press(&mut model, "k");
    let later = model.now.checked_add(jiff::SignedDuration::from_mins(2)).unwrap();
    update(&mut model, Event::Tick(later));
    model.fleet = model.fleet.pods().skip(1).collect();
    refresh(&mut model);
    assert_eq!(
        (name(&model).as_str(), model.pods.cursor),
        ("pod-0000", 0),
        "the worst there is"
    );
}

#[test]
fn the_help_is_searched_and_its_matches_are_gone_through() {
    let mut model = model(1);
    for (width, height) in [(80, 24), (200, 30), (30, 6)] {
        model.size = Size::new(width, height);
        press(&mut model, "? /");
        assert_eq!(model.mode(), Mode::HelpSearch);
        type_text(&mut model, "NAMESPACE");
        let (first, count) = model.help_match().unwrap();
        assert!(first == 1 && count > 3, "{width} {count}");
        press(&mut model, "Enter");
        assert_eq!((model.mode(), model.help_match()), (Mode::Help, Some((1, count))));
        for at in (2..=count).chain([1]) {
            press(&mut model, "n");
            assert_eq!(model.help_match(), Some((at, count)));
            let row = usize::from((model.help_matches)(&model)[at - 1]);
            let top = usize::from(scrolled(&model));
            assert!(
                (top..top + model.lines_shown()).contains(&row),
                "{width}: {row} from {top}"
            );
        }
        press(&mut model, "N");
        assert_eq!(model.help_match(), Some((count, count)));
        press(&mut model, "Esc ?");
        assert_eq!(model.help_match(), None, "the next help begins without a search");
        press(&mut model, "Esc");
    }
}

#[test]
fn a_search_that_is_ended_leads_back_to_where_it_began() {
    let mut model = model(1);
    model.size = Size::new(80, 24);
    press(&mut model, "? C-f");
    let before = scrolled(&model);
    press(&mut model, "/");
    type_text(&mut model, "where the pods come from");
    type_text(&mut model, "zzz");
    assert_eq!(model.help_match(), Some((0, 0)));
    press(&mut model, "Esc");
    assert_eq!(
        (model.mode(), scrolled(&model), model.help_match()),
        (Mode::Help, before, None)
    );
    press(&mut model, "n");
    let told = model.notice.as_ref().map_or("", |notice| &notice.text);
    assert!(told.starts_with("no search yet"), "{told}");
}

#[test]
fn every_line_of_the_help_is_seen_when_it_is_paged_through() {
    let mut model = model(1);
    for (width, height) in [(80, 24), (80, 13), (30, 6)] {
        model.size = Size::new(width, height);
        press(&mut model, "?");
        let last = usize::from(crate::views::overlays::help::last_scroll(&model));
        let mut end = 0;
        while usize::from(scrolled(&model)) < last {
            assert!(usize::from(scrolled(&model)) <= end, "a line was passed over");
            end = usize::from(scrolled(&model)) + model.lines_shown();
            press(&mut model, "C-f");
        }
        assert!(last > 0 && last <= end, "{height}");
        press(&mut model, "Esc");
    }
}

#[test]
fn the_first_row_is_no_pod_until_the_operator_moves() {
    let mut model = model(10);
    press(&mut model, "I");
    refresh(&mut model);
    assert_eq!((model.pods.cursor, name(&model).as_str()), (0, "pod-0009"));
}

#[test]
fn a_filter_acts_as_it_is_typed_and_escape_clears_it() {
    let mut model = model(100);
    press(&mut model, "/");
    type_text(&mut model, "0007");
    refresh(&mut model);
    assert_eq!(model.view.len(), 1);
    press(&mut model, "Enter");
    assert_eq!((model.mode(), model.filter_text.as_str()), (Mode::Table, "0007"));
    assert_eq!(press(&mut model, "Esc"), [Effect::View]);
    refresh(&mut model);
    assert_eq!((model.view.len(), model.filter_text.as_str()), (100, ""));
    press(&mut model, "/ x Esc");
    assert_eq!(model.request.filter, Query::default());
    assert_eq!(press(&mut model, "Esc Esc Esc"), [], "Esc never quits");
}

#[test]
fn a_paste_of_several_lines_keeps_its_words_apart() {
    for (pasted, text) in [
        ("ns:payments\nsearch", "ns:payments search"),
        ("\tns:payments \r\n\n\t search\u{b}x\n", "ns:payments search x"),
        ("a  b\u{1b}c", "a  bc"),
        (" a ", " a "),
        ("\r\n\t", ""),
    ] {
        for key in ["/", ":"] {
            let mut model = model(3);
            press(&mut model, key);
            update(&mut model, Event::Input(Input::Paste(pasted.to_owned())));
            assert_eq!(model.typed_text(), text, "{pasted:?}");
        }
    }
}

#[test]
fn a_wrong_filter_is_not_applied_and_says_so() {
    let mut model = model(100);
    press(&mut model, "/");
    type_text(&mut model, "pod:0007");
    refresh(&mut model);
    type_text(&mut model, " \"a");
    refresh(&mut model);
    assert_eq!(model.view.len(), 1, "the finished term acts");
    assert_eq!(model.filter_fault().map(|fault| fault.error.range.start), Some(9));
    assert_eq!(press(&mut model, "Enter"), []);
    let refused = model.filter_fault().map(|fault| fault.is_refused);
    assert_eq!(refused, Some(true), "it says so");
    assert_eq!(model.mode(), Mode::Filter, "it is not kept");
    press(&mut model, "C-w Enter");
    assert_eq!(
        (model.mode(), model.filter_text.as_str()),
        (Mode::Table, "pod:0007")
    );
    press(&mut model, "/ Space \" x Esc");
    assert_eq!(
        (model.filter_fault().cloned(), model.filter_text.as_str()),
        (None, "pod:0007"),
        "what was kept is in force again"
    );
    assert_eq!(model.request.filter, Query::parse("pod:0007").unwrap());
    press(&mut model, "Esc");
    assert_eq!(
        (&model.request.filter, model.filter_text.as_str()),
        (&Query::default(), "")
    );
}

#[test]
fn what_was_understood_is_kept_between_runs_and_what_may_be_secret_or_masked_is_not() {
    let mut model = model(10);
    let mut enter = |keys: &str, text: &str| {
        press(&mut model, keys);
        type_text(&mut model, text);
        let kept = enter_and_keep(&mut model);
        press(&mut model, "Esc Esc Esc");
        kept
    };
    let filter = |text: &str| Some((LineKind::Filter, text.to_owned()));
    let command = |text: &str| Some((LineKind::Command, text.to_owned()));
    assert_eq!(enter("/", "ns:a "), filter("ns:a"));
    assert_eq!(enter("3 /", "changed:gone"), filter("changed:gone"));
    assert_eq!(enter("1 :", "sort age"), command("sort age"));
    assert_eq!(enter("/", "cpu%>"), None, "no filter");
    for text in ["srot age", " sort age", "ns AKIAIOSFODNN7EXAMPLE9"] {
        assert_eq!(enter(":", text), None, "{text}");
    }
    assert_eq!(enter(":", "mask"), command("mask"));
    assert_eq!(enter(":", "ns a"), None, "names are masked");
}

#[test]
fn lines_of_earlier_runs_are_offered_but_not_while_names_are_masked() {
    let mut model = model(10);
    let news = |filter: &str| {
        let lines = TypedLines {
            filters: vec![filter.to_owned()],
            commands: vec!["sort age".to_owned()],
        };
        Event::Own(Box::new(OwnNews {
            lines: Some(lines),
            ..OwnNews::default()
        }))
    };
    update(&mut model, news("ns:payments"));
    press(&mut model, "/ n Up");
    assert_eq!(model.typed_text(), "ns:payments");
    press(&mut model, "Down");
    assert_eq!(model.typed_text(), "n");
    press(&mut model, "Esc : s Up");
    assert_eq!(model.typed_text(), "sort age");
    press(&mut model, "Esc");
    model.mask(true);
    update(&mut model, news("ns:secret"));
    press(&mut model, "/ Up");
    assert_eq!(model.typed_text(), "");
    press(&mut model, "Esc");
    model.mask(false);
    press(&mut model, "/ n s : s Up");
    assert_eq!(model.typed_text(), "ns:secret");
}

#[test]
fn while_a_term_is_half_typed_the_finished_ones_act() {
    let mut model = model(100);
    press(&mut model, "/");
    for (typed, rows, unfinished) in [
        ("pod:0007", 1, None),
        (" cpu%", 1, Some(true)),
        (">", 1, Some(true)),
        ("lots", 1, Some(false)),
        (" !pod:0008", 1, Some(false)),
    ] {
        type_text(&mut model, typed);
        refresh(&mut model);
        let fault = model.filter_fault();
        assert_eq!(
            (model.view.len(), fault.map(|it| it.is_unfinished)),
            (rows, unfinished),
            "{typed}"
        );
    }
    press(&mut model, "C-u");
    type_text(&mut model, "cpu%>");
    refresh(&mut model);
    assert_eq!(model.view.len(), 100, "no term is finished");
    assert_eq!(press(&mut model, "Enter"), []);
    assert_eq!(
        (model.mode(), model.filter_text.as_str()),
        (Mode::Filter, ""),
        "and it is not applied"
    );
    press(&mut model, "Esc");
    assert_eq!((model.mode(), model.filter_fault()), (Mode::Table, None));
}

#[test]
fn a_filter_is_completed_from_what_is_there() {
    let mut model = model(10);
    press(&mut model, "/ c l Tab p Tab");
    assert_eq!(model.typed_text(), "cluster:prod-a");
    assert_eq!(model.request.filter, Query::parse("cluster:prod-a").unwrap());
}

#[test]
fn several_completions_are_gone_through_and_left_step_by_step() {
    let mut model = model(10);
    press(&mut model, "/ c p u Tab Tab");
    assert_eq!(model.typed_text(), "cpu");
    press(&mut model, "Tab");
    assert_eq!(model.typed_text(), "cpulimit");
    press(&mut model, "S-Tab S-Tab");
    assert_eq!((model.typed_text(), model.mode()), ("cpu%", Mode::Filter));
    assert_eq!(press(&mut model, "Enter"), [], "no filter yet, which it says");
    assert!(
        model
            .focus
            .prompt()
            .is_none_or(|prompt| prompt.offers().is_none())
            && model.filter_fault().is_some()
    );
    press(&mut model, "C-u c p u Tab Esc");
    assert_eq!((model.typed_text(), model.mode()), ("cpu", Mode::Filter));
    press(&mut model, "Esc");
    assert_eq!((model.typed_text(), model.mode()), ("", Mode::Table));
    press(&mut model, ": s o Tab n Tab Tab");
    assert_eq!(model.typed_text(), "sort node");
    press(&mut model, "Enter");
    assert_eq!(model.sort().key, PodField::Node);
    press(&mut model, ": c t x Space Tab");
    assert_eq!(model.typed_text(), "ctx prod-a");
}

#[test]
fn what_was_typed_before_is_had_again() {
    let mut model = model(10);
    for filter in ["0007", "0008"] {
        press(&mut model, "/ C-u");
        type_text(&mut model, filter);
        press(&mut model, "Enter");
    }
    press(&mut model, "/ Up");
    assert_eq!(
        model.typed_text(),
        "0007",
        "the one in force stands there already"
    );
    assert_eq!(model.request.filter, Query::parse("0007").unwrap(), "as if typed");
    press(&mut model, "Down Down");
    assert_eq!(model.typed_text(), "0008");
    press(&mut model, "Left Left x Esc");
    assert_eq!(model.filter_text, "0008");
    press(&mut model, "/ Up");
    assert_eq!(model.typed_text(), "00x08", "what Esc left");
    press(&mut model, "Esc Esc / Up");
    assert_eq!(
        (model.filter_text.as_str(), model.typed_text()),
        ("", "0008"),
        "what Esc cleared"
    );
    press(&mut model, "Esc : z z Enter : Up");
    assert_eq!(
        model.typed_text(),
        "zz",
        "commands for themselves, wrong ones too"
    );
    press(&mut model, "Up Down Down");
    assert_eq!(model.typed_text(), "");
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
    let unsorted = crate::fleet::view::Unsorted::of(&model.fleet, model.request.clone(), model.now);
    let window = unsorted.window(model.window());
    assert_eq!(update(&mut model, Event::View(Box::new(window))), []);
    assert_eq!(press(&mut model, "j C-f"), []);
    assert_eq!(press(&mut model, "G"), [Effect::View]);
    assert_eq!((model.pods.cursor, model.pod()), (4999, None));
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
    assert_eq!(model.request.scope, model.wanted.scope);
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
fn asking_now_names_the_time_until_which_hss_asked_us_to_wait() {
    let mut model = model(10);
    (model.status.calls_left, model.status.calls_limit) = (598, 600);
    model.status.held_until = Some(model.now + Duration::from_secs(290));
    assert_eq!((press(&mut model, "C-r"), model.wanted.asks), (vec![], 0));
    let said = &model.notice.as_ref().unwrap().text;
    assert_eq!(said, "HSS asked us to wait until 09:35:05");
    let later = model.now + Duration::from_secs(290);
    update(&mut model, Event::Tick(later));
    assert_eq!(press(&mut model, "C-r"), [Effect::Want]);
}

#[test]
fn what_came_of_asking_replaces_the_notice_that_it_is_asked() {
    let mut model = model(10);
    press(&mut model, "C-r");
    assert_eq!(model.notice.as_ref().unwrap().text, ASKING[0]);
    let problem = Problem {
        error: Error::Incomplete,
        until: None,
    };
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(SyncStatus {
                problem: Some(problem),
                loading: true,
                ..model.status.clone()
            }),
            fleet: None,
        },
    };
    update(&mut model, Event::Reply(Box::new(reply)));
    assert_eq!(model.notice, None, "so that the footer has room for the cause");
    assert_eq!(press(&mut model, "C-r"), [Effect::Want], "in mid-sweep too");
}

#[test]
fn an_answer_replaces_the_notice_that_it_is_asked_as_soon_as_it_is_there() {
    let at = |second: i64| Timestamp::from_second(1_755_000_000 + second).ok();
    let reply = |model: &mut Model, change: fn(&mut SyncStatus)| {
        let mut status = model.status.clone();
        change(&mut status);
        let reply = Reply {
            source: SourceId::default(),
            news: News::List {
                status: Box::new(status),
                fleet: None,
            },
        };
        update(model, Event::Reply(Box::new(reply)));
        model.notice.as_ref().map(|notice| notice.text.clone())
    };
    let asked = || {
        let mut model = model(10);
        (model.status.asked_at, model.status.snapshot_at) = (at(0), at(-900));
        model.status.loading = false;
        press(&mut model, "C-r");
        model
    };
    let mut model = asked();
    let still = reply(&mut model, |status| status.calls_made += 1);
    assert_eq!(still.as_deref(), Some(ASKING[0]), "nothing came yet");
    let answered = |status: &mut SyncStatus| status.asked_at = Timestamp::from_second(1_755_000_060).ok();
    let said = reply(&mut model, answered);
    assert_eq!(said.as_deref(), Some("HSS answered: the snapshot is unchanged"));
    let said = reply(&mut asked(), |status| {
        status.asked_at = Timestamp::from_second(1_755_000_060).ok();
        status.snapshot_at = Timestamp::from_second(1_755_000_050).ok();
    });
    assert_eq!(said.as_deref(), Some("HSS answered: a new snapshot"));
    let said = reply(&mut asked(), |status| {
        status.asked_at = Timestamp::from_second(1_755_000_060).ok();
        status.snapshot_at = None;
    });
    assert_eq!(said.as_deref(), Some("HSS answered"));
    let said = reply(&mut asked(), |status| {
        status.asked_at = Timestamp::from_second(1_755_000_060).ok();
        status.loading = true;
    });
    assert_eq!(said, None, "the state tells how far the sweep is");
    let mut sweeping = asked();
    sweeping.status.loading = true;
    press(&mut sweeping, "C-r");
    assert_eq!(sweeping.notice.as_ref().unwrap().text, ASKING[1]);
    assert_eq!(reply(&mut sweeping, answered), None);
}

#[test]
fn another_scope_is_awaited_from_the_key_on() {
    let mut model = model(10);
    model.status.loading = false;
    press(&mut model, ": n s Space s l o w Enter");
    assert!(
        model.status.loading,
        "what was said of the whole list is not said of this namespace"
    );
    model.status.loading = false;
    press(&mut model, "Esc Esc");
    assert!(model.status.loading && model.wanted.scope.is_whole());
}

#[test]
fn the_sort_menu_and_the_detail() {
    let mut model = model(10);
    press(&mut model, "s g Enter");
    assert_eq!((model.mode(), model.sort().key), (Mode::Table, PodField::Risk));
    press(&mut model, "Enter");
    assert_eq!(model.mode(), Mode::Detail);
    press(&mut model, "j ? q");
    assert_eq!((model.mode(), model.pods.cursor), (Mode::Detail, 1));
    press(&mut model, "Esc");
    assert_eq!(model.mode(), Mode::Table);
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
    assert_eq!(
        model.detail.usage.wanted.as_ref().map(|request| &request.pod),
        Some(&first)
    );
    update(&mut model, history(&first));
    assert!(model.detail.usage.of(&first).is_some());
    assert!(press(&mut model, "j").contains(&Effect::History));
    let second = model.pod().unwrap().key;
    assert!(
        model.detail.usage.of(&second).is_none(),
        "not that of another pod"
    );
    update(&mut model, history(&first));
    update(&mut model, history(&second));
    update(&mut model, history(&first));
    assert!(
        model.detail.usage.of(&second).is_some(),
        "a stale answer changes nothing"
    );
    assert!(press(&mut model, "Esc").contains(&Effect::History));
    assert_eq!(model.detail.usage.wanted, None);
    model.size = Size::new(200, 60);
    assert_eq!(
        press(&mut model, "k"),
        [Effect::History],
        "a pane beside the table"
    );
}

#[test]
fn the_charts_get_a_longer_or_shorter_time_that_is_remembered_and_no_more_is_read_than_it_shows() {
    let mut model = model(10);
    press(&mut model, "Enter");
    let span = |model: &Model| model.detail.usage.wanted.as_ref().map(|request| request.span);
    assert_eq!(span(&model), Some(ChartSpan::NinetyDays), "until it is chosen");
    assert_eq!(model.chart_span(), ChartSpan::Day, "nothing is known");
    assert_eq!(press(&mut model, "]"), [Effect::History]);
    assert_eq!(span(&model), Some(ChartSpan::Week));
    assert_eq!(
        press(&mut model, "] ]"),
        [Effect::History],
        "it ends with the longest"
    );
    press(&mut model, "[ [ [ [ [ [");
    assert_eq!(span(&model), Some(ChartSpan::QuarterHour));
    press(&mut model, "Esc j Enter");
    assert_eq!(span(&model), Some(ChartSpan::QuarterHour));
    assert_eq!(model.pods.cursor, 1, "no page was turned");
}

#[test]
fn the_record_of_a_pod_is_one_key_from_the_table_and_one_back() {
    let mut model = model(10);
    press(&mut model, "y");
    assert_eq!(model.mode(), Mode::Detail);
    assert!(model.detail.shows_record(model.size.width));
    press(&mut model, "y");
    assert_eq!(model.mode(), Mode::Detail);
    assert!(!model.detail.shows_record(model.size.width));
    model.size = Size::new(200, 60);
    press(&mut model, "Esc y");
    assert!(
        model.detail.shows_record(200),
        "there it is beside the charts anyway"
    );
}

#[test]
fn one_esc_closes_one_thing_the_record_before_the_details() {
    let mut model = model(10);
    press(&mut model, "Enter y");
    assert!(model.detail.shows_record(model.size.width));
    press(&mut model, "Esc");
    assert_eq!(
        (model.mode(), model.detail.shows_record(model.size.width)),
        (Mode::Detail, false)
    );
    press(&mut model, "Esc");
    assert_eq!(model.mode(), Mode::Table);
    press(&mut model, "y Esc");
    assert_eq!(model.mode(), Mode::Table, "one key opened both");
    press(&mut model, "Enter");
    assert!(
        !model.detail.shows_record(model.size.width),
        "Enter shows the details"
    );
    model.size = Size::new(200, 60);
    press(&mut model, "Esc");
    assert_eq!(model.mode(), Mode::Table, "there the record lies on nothing");
}

#[test]
fn a_key_that_acts_takes_the_answer_to_the_key_before_it_away() {
    let mut model = model(10);
    press(&mut model, "x");
    assert!(model.shown_notice().is_some());
    press(&mut model, "j");
    assert_eq!(model.notice, None);
    press(&mut model, "Enter z Esc j Enter");
    assert_eq!(model.notice, None, "not even where it was told");
    press(&mut model, "Esc v");
    press(&mut model, "v");
    assert!(
        model.notice.is_some(),
        "a key without a meaning takes nothing away"
    );
    press(&mut model, "Esc");
    assert_eq!((model.mode(), &model.notice), (Mode::Table, &None));
    model.notify("wrote 10 pods to pods.csv");
    press(&mut model, "j");
    assert!(model.notice.is_some(), "no key asked for that just now");
}

#[test]
fn after_a_reply_with_pods_the_history_is_asked_for_again_and_once() {
    let mut model = model(10);
    press(&mut model, "Enter");
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(model.status.clone()),
            fleet: Some(model.fleet.clone()),
        },
    };
    assert_eq!(update(&mut model, Event::Reply(Box::new(reply))), [Effect::View]);
    let tick = |model: &mut Model| update(model, Event::Tick(model.now));
    assert_eq!(tick(&mut model), [Effect::AlertLook, Effect::History]);
    assert_eq!(tick(&mut model), [Effect::AlertLook]);
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
    assert_eq!((empty.mode(), empty.page()), (Mode::Table, None));
}

fn news(news: SnapshotNews) -> Event {
    Event::Reply(Box::new(Reply {
        source: SourceId::default(),
        news: News::Snapshot(news),
    }))
}

/// A list dated this many seconds later than the first one.
fn dated(model: &Model, seconds: i64) -> Event {
    let first: jiff::Timestamp = "2025-08-15T09:00:00Z".parse().unwrap();
    Event::Reply(Box::new(Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(SyncStatus {
                snapshot_at: first.checked_add(jiff::SignedDuration::from_secs(seconds)).ok(),
                calls_left: 3,
                ..model.status.clone()
            }),
            fleet: None,
        },
    }))
}

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn a_new_snapshot_is_asked_for_after_a_yes_and_once() {
    let mut model = model(10);
    let event = dated(&model, 0);
    update(&mut model, event);
    assert_eq!(press(&mut model, ": s y n c Enter"), []);
    assert_eq!(
        (model.mode(), model.wanted.syncs),
        (Mode::Confirm, 0),
        "it asks first"
    );
    for key in ["Esc", "n"] {
        assert_eq!(press(&mut model, key), []);
        assert_eq!((model.mode(), model.wanted.syncs), (Mode::Table, 0));
        press(&mut model, ": s y n c Enter");
    }
    assert_eq!(press(&mut model, "y"), [Effect::Want]);
    assert_eq!((model.mode(), model.wanted.syncs), (Mode::Table, 1));
    assert_eq!(said(&model), "asking HSS for a new snapshot");
    press(&mut model, ": s y n c Enter");
    assert_eq!(
        (model.mode(), said(&model)),
        (Mode::Table, "already asking HSS for a new snapshot")
    );
    // HSS took it: the list is asked for at once, and another request has to wait.
    let at = model.now;
    assert_eq!(
        update(&mut model, news(SnapshotNews::Accepted(at))),
        [Effect::Want]
    );
    assert_eq!(model.wanted.asks, 1);
    assert!(said(&model).starts_with("HSS is taking a new snapshot"));
    press(&mut model, ": s y n c Enter");
    assert_eq!(model.mode(), Mode::Table);
    assert!(
        said(&model).contains("ask again after 09:40:15"),
        "{}",
        said(&model)
    );
    let event = dated(&model, 0);
    update(&mut model, event);
    assert!(said(&model).contains("ask again"), "the same list is not new");
    let event = dated(&model, 1850);
    update(&mut model, event);
    assert_eq!(said(&model), "the new snapshot is ready, as of 09:30:50");
    press(&mut model, ": s y n c Enter");
    assert_eq!(model.mode(), Mode::Confirm);
}

#[test]
fn the_result_of_a_requested_snapshot_is_reported() {
    let denied = Error::from(crate::hss::error::ServiceError {
        status: 403,
        ..Default::default()
    });
    for (error, begins) in [
        (denied, "your role cannot request snapshots: "),
        (Error::Incomplete, "HSS may or may not be taking a new snapshot: "),
        (Error::HeadTooLarge, "no new snapshot: "),
    ] {
        let mut model = model(10);
        press(&mut model, ": s y n c Enter y");
        assert_eq!(update(&mut model, news(SnapshotNews::Failed(error))), []);
        assert!(said(&model).starts_with(begins), "{}", said(&model));
        press(&mut model, ": s y n c Enter");
        assert_eq!(model.mode(), Mode::Confirm, "it may be tried again");
    }
    let mut model = model(10);
    press(&mut model, ": s y n c Enter y");
    let now = model.now;
    update(&mut model, news(SnapshotNews::Waits(now)));
    assert!(said(&model).contains("no call is left") && said(&model).contains("09:30:15"));
    update(&mut model, news(SnapshotNews::Accepted(now)));
    let later = |minutes| now.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
    update(&mut model, Event::Tick(later(14)));
    assert_eq!(model.notice, None);
    update(&mut model, Event::Tick(later(15)));
    assert_eq!(
        said(&model),
        "HSS has not published the snapshot that was requested at 09:30:15"
    );
    update(&mut model, Event::Tick(later(16)));
    update(&mut model, Event::Tick(later(17)));
    assert_eq!(model.notice, None, "once");
}

#[test]
fn news_of_another_source_does_not_touch_the_one_that_is_shown() {
    let mut model = model(10);
    let reply = Reply {
        source: SourceId::new(1),
        news: News::List {
            status: Box::new(SyncStatus::default()),
            fleet: Some(Fleet::default()),
        },
    };
    assert_eq!(update(&mut model, Event::Reply(Box::new(reply))), []);
    assert_eq!(model.fleet.len(), 10);
}

#[test]
fn every_command_does_something() {
    for row in command::COMMANDS {
        let mut model = model(10);
        if row.name == "pods" {
            press(&mut model, "4");
        }
        let before = (
            model.clone().wanted,
            model.sort(),
            model.mode(),
            model.pods.columns.clone(),
        );
        let argument = match row.argument {
            CommandArgument::Nothing => "",
            CommandArgument::Namespace | CommandArgument::Cluster | CommandArgument::Pod => "x",
            CommandArgument::Field => "age",
            CommandArgument::View => "",
            CommandArgument::File => "csv",
            CommandArgument::Time => "5m",
            CommandArgument::Shift | CommandArgument::Moment => "12h",
            CommandArgument::Mute => "2h",
            CommandArgument::Theme => "light",
            CommandArgument::CopyItem => "ip",
            CommandArgument::Columns => "pod,ns",
            CommandArgument::Switch => "off",
            CommandArgument::Filter => "pod-1",
        };
        let effects = (row.run)(&mut model, argument).unwrap();
        let after = (
            model.wanted.clone(),
            model.sort(),
            model.mode(),
            model.pods.columns.clone(),
        );
        let is_told = model.notice.is_some();
        assert!(!effects.is_empty() || before != after || is_told, "{}", row.name);
        assert_eq!(
            effects.contains(&Effect::Quit),
            row.name == "quit",
            "{}",
            row.name
        );
    }
}

#[test]
fn a_key_that_is_bound_anew_does_what_it_is_bound_to() {
    use crate::keys::KeyMap;
    let mut model = model(10);
    let mut keys = KeyMap::default();
    assert_eq!(
        (keys.bind("x", "problems"), keys.bind("p", "none")),
        (Ok(()), Ok(()))
    );
    model.keys = Arc::new(keys);
    assert_eq!(press(&mut model, "p"), []);
    assert_eq!(press(&mut model, "x"), [Effect::View]);
    assert!(model.request.problems);
    press(&mut model, "/ x");
    assert_eq!(model.typed_text(), "x");
}

#[test]
fn a_name_is_copied_as_it_is_shown_so_that_what_is_pasted_obeys_nobody() {
    use crate::terminal::OnceOutput;
    let mut model = model(0);
    assert_eq!(press(&mut model, "c"), []);
    model.fleet = [node("a\n\u{1b}]52;c;cm0=\u{7}\u{202e}rm -rf").build()]
        .into_iter()
        .collect();
    refresh(&mut model);
    let effects = press(&mut model, "c");
    let [Effect::Once(OnceOutput::Copy(text))] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert!(
        text.contains("rm -rf") && !text.contains(|letter: char| letter.is_control()),
        "{text:?}"
    );
    assert!(!text.contains('\u{202e}'), "{text:?}");
}

#[test]
fn q_closes_what_is_open_and_quits_only_where_nothing_is() {
    let mut model = model(10);
    for opens in ["s", "e", "?", "Enter", "4"] {
        press(&mut model, opens);
        assert_ne!(model.mode(), Mode::Table, "{opens}");
        assert!(!press(&mut model, "q").contains(&Effect::Quit), "{opens}");
        assert_eq!(model.mode(), Mode::Table, "{opens}");
    }
    assert_eq!(press(&mut model, "q"), []);
    assert_eq!(model.shown_notice().unwrap().text, "q again to quit");
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn another_key_or_a_few_seconds_take_back_the_first_q() {
    let mut model = model(10);
    assert_eq!(press(&mut model, "q j q"), []);
    for second in 1..=3 {
        let later = model.now + SignedDuration::from_secs(1);
        assert!(model.shown_notice().is_some(), "{second}");
        update(&mut model, Event::Tick(later));
    }
    assert_eq!(model.shown_notice(), None);
    assert_eq!(press(&mut model, "q"), []);
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn a_notice_does_not_hide_the_hints_of_what_opens_next() {
    let mut model = model(10);
    for opens in ["s", "?", "Enter"] {
        model.notify("a sentence");
        press(&mut model, opens);
        assert_eq!(model.shown_notice(), None, "{opens}");
        press(&mut model, "q");
        assert!(model.shown_notice().is_some(), "{opens}: it is shown again");
    }
    model.notify("a sentence about the pods");
    press(&mut model, "4");
    assert_eq!(model.notice, None, "it is of another view");
    press(&mut model, "q ?");
    model.notify("told in the help");
    assert!(model.shown_notice().is_some());
    press(&mut model, "q");
    assert!(model.shown_notice().is_some());
}

#[test]
fn an_order_can_be_typed_with_its_direction() {
    let mut model = model(10);
    for (text, descending) in [
        ("sort age desc", true),
        ("sort age desc", true),
        ("sort age asc", false),
    ] {
        press(&mut model, ":");
        type_text(&mut model, text);
        press(&mut model, "Enter");
        let sort = model.sort();
        assert_eq!((sort.key, sort.descending), (PodField::Age, descending), "{text}");
    }
    press(&mut model, ":");
    type_text(&mut model, "sort age down");
    press(&mut model, "Enter");
    let told = &model.notice.as_ref().unwrap().text;
    assert!(told.contains("asc, desc"), "{told}");
}

#[test]
fn a_namespace_that_no_pod_has_names_the_one_that_was_probably_meant() {
    let mut model = model(10);
    let ns = model
        .fleet
        .pods()
        .next()
        .unwrap()
        .namespace()
        .value()
        .unwrap()
        .raw()
        .to_owned();
    let mut typed = ns.clone();
    typed.push('x');
    press(&mut model, ":");
    type_text(&mut model, &format!("ns {typed}"));
    press(&mut model, "Enter");
    assert_eq!(
        model.notice.as_ref().map(|notice| notice.text.as_str()),
        Some(&*format!("asking HSS for {typed}; did you mean {ns}?"))
    );
    assert_eq!(
        model.wanted.scope.namespace,
        Some(typed),
        "it may be one that is not loaded"
    );
}
