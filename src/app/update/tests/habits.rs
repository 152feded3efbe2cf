//! What k9s, htop and less users try: each key and command does something, or says once what to use instead.

use super::*;
use crate::app::changes_view::muting::Muting;
use crate::app::command::find;
use crate::app::focus::Overlay;
use crate::fleet::changes::{Change, ChangeKind};
use crate::keys::table::BINDINGS;
use crate::keys::{Action, Key, habits};

/// From the key tables of k9s, htop and less.
const KEYS: &str = "0 1 2 3 4 5 9 ? : / d y e l s p u a c n f o x h H v w z m t i F T U K M P I S N A R C & ' = ! # < > * - + \
    Space Tab Enter Esc Del F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 Ctrl-a Ctrl-d Ctrl-e Ctrl-g Ctrl-k Ctrl-s Ctrl-w Ctrl-z Ctrl-r Ctrl-c \
    Ctrl-Space Ctrl-f Ctrl-b Ctrl-u PgDn PgUp Home End G g j k [ ] q Q Right Left";

/// From the resources and commands of k9s, and from vi.
const COMMANDS: &str = "pods po pod ns namespace namespaces ctx context clusters nodes no deploy dp sts ds jobs cj cm svc secrets ing \
    pv events ev pulses pu xray popeye alias aliases help h ? q q! quit exit wq dir sd screendump theme skin columns view sort filter \
    refresh save export copy mask changes health overview sync top logs describe delete shell";

/// A model in each mode, and the keys that lead there.
const WAYS: [(Mode, &str); Mode::ALL.len()] = [
    (Mode::Table, "j"),
    (Mode::Detail, "j Enter"),
    (Mode::Overview, "2"),
    (Mode::Filter, "/"),
    (Mode::Command, ":"),
    (Mode::Sort, "s"),
    (Mode::Columns, ": c o l s Enter"),
    (Mode::Export, "e"),
    (Mode::Help, "?"),
    (Mode::Confirm, ": s y n c Enter"),
    (Mode::Health, "4"),
    (Mode::Changes, "3"),
    (Mode::Decisions, "3 L"),
    (Mode::Mute, "3"),
    (Mode::Themes, "t"),
    (Mode::RowMenu, "o"),
    (Mode::Compare, "Space j ="),
    (Mode::Views, "V"),
    (Mode::Alerts, "B"),
    (Mode::HelpSearch, "? /"),
];

fn model_in(mode: Mode) -> Model {
    let mut model = model(100);
    model.has_shell = true;
    let (_, keys) = WAYS.iter().find(|(it, _)| *it == mode).unwrap();
    press(&mut model, keys);
    if mode == Mode::Mute {
        // Its key needs a change to mute.
        let change = Change::of(&node("a").build(), ChangeKind::Appeared);
        model.focus.open(Overlay::Mute(Box::new(Muting::of(&change))));
    }
    model.notice = None;
    assert_eq!(model.mode(), mode);
    model
}

fn press_key(model: &mut Model, key: Key) -> Vec<Effect> {
    update(model, Event::Input(Input::Key(key.event())))
}

#[test]
fn every_key_of_the_table_and_of_the_habits_means_something_in_every_mode_or_says_once_that_it_does_not() {
    let of_table = BINDINGS.iter().flat_map(|binding| binding.keys).copied();
    let of_habits = habits::KEY_HABITS.iter().flat_map(|habit| habit.keys);
    let keys: Vec<Key> = of_table
        .chain(of_habits.map(|key| Key::named(key).unwrap()))
        .collect();
    for (mode, _) in WAYS {
        for key in &keys {
            let mut model = model_in(mode);
            let is_bound = model.keys.action(mode, *key).is_some();
            let effects = press_key(&mut model, *key);
            if is_bound || matches!(mode, Mode::Filter | Mode::Command | Mode::HelpSearch) {
                continue;
            }
            let label = key.label();
            let notice = model
                .shown_notice()
                .unwrap_or_else(|| panic!("{mode:?} {label} says nothing"))
                .text
                .clone();
            assert!(
                notice.starts_with(&format!("{label} means nothing here; ")),
                "{mode:?} {label}: {notice}"
            );
            assert_eq!((effects, model.mode()), (vec![], mode), "{label}");
            model.notice = None;
            press_key(&mut model, *key);
            assert_eq!(model.notice, None, "{mode:?} {label} is told once");
        }
    }
}

#[test]
fn each_key_of_k9s_htop_and_less_is_bound_or_has_an_instead() {
    for name in KEYS.split_whitespace() {
        let key = Key::named(name).unwrap_or_else(|| panic!("{name}"));
        let model = model_in(Mode::Table);
        let is_bound = model.keys.action(Mode::Table, key).is_some();
        assert!(is_bound || habits::of(&key.label()).is_some(), "{name}");
    }
    assert!(KEYS.split_whitespace().count() >= 59);
}

#[test]
fn each_key_of_k9s_htop_and_less_does_something_or_says_why_not() {
    let mut silent = Vec::new();
    for name in KEYS.split_whitespace() {
        let mut model = model(100);
        model.has_shell = true;
        // In the middle of everything, so that every direction is free.
        press(&mut model, "Space PgDn PgDn l");
        model.notice = None;
        let before = format!("{model:?}");
        let effects = press_key(&mut model, Key::named(name).unwrap());
        if effects.is_empty() && format!("{model:?}") == before {
            silent.push(name);
        }
    }
    // The pods are on the screen, and nothing is open.
    assert_eq!(silent, ["1", "Esc"]);
}

#[test]
fn each_command_of_k9s_is_one_or_has_an_instead() {
    for name in COMMANDS.split_whitespace() {
        let known = find(name).map(|_| ());
        let instead = command::habits::of(name);
        assert!(known.is_ok() || instead.is_some(), "{name}");
    }
    assert!(COMMANDS.split_whitespace().count() >= 48);
}

#[test]
fn a_command_of_another_program_says_what_to_use_instead() {
    let mut model = model_in(Mode::Command);
    type_text(&mut model, "nodes");
    press(&mut model, "Enter");
    let notice = model.shown_notice().unwrap().text.clone();
    assert!(notice.starts_with("no command nodes; /node:NAME"), "{notice}");
}

#[test]
fn a_filter_can_be_given_by_a_command() {
    let mut model = model_in(Mode::Command);
    type_text(&mut model, "filter cpu%>=x");
    assert_eq!(press(&mut model, "Enter"), []);
    assert!(
        model
            .shown_notice()
            .unwrap()
            .text
            .starts_with("filter cpu%>=x: expected")
    );
    press(&mut model, ":");
    type_text(&mut model, "filter 0007");
    assert_eq!(press(&mut model, "Enter"), [Effect::View]);
    refresh(&mut model);
    assert_eq!(model.view.len(), 1);
    press(&mut model, ":");
    type_text(&mut model, "filter");
    press(&mut model, "Enter");
    refresh(&mut model);
    assert_eq!(model.view.len(), 100);
}

#[test]
fn a_rebound_key_is_not_called_meaningless() {
    let mut model = model_in(Mode::Table);
    Arc::make_mut(&mut model.keys).bind("l", "health").unwrap();
    press(&mut model, "l");
    assert_eq!((model.mode(), model.notice.is_none()), (Mode::Health, true));
    assert_eq!(
        model
            .keys
            .action(Mode::Table, Key::named("l").unwrap())
            .map(Action::name),
        Some("health")
    );
}

#[test]
fn a_hint_names_the_key_of_the_details_only_where_it_shows_them() {
    let habits = habits::KEY_HABITS.iter().flat_map(|habit| habit.keys);
    let keys: Vec<Key> = habits.map(|key| Key::named(key).unwrap()).collect();
    let mut named = 0;
    for mode in [
        Mode::Table,
        Mode::Detail,
        Mode::Overview,
        Mode::Changes,
        Mode::Health,
    ] {
        for key in &keys {
            let mut model = model_in(mode);
            if model.keys.action(mode, *key).is_some() {
                continue;
            }
            press_key(&mut model, *key);
            let hint = model.notice.as_ref().unwrap().text.clone();
            let leads_there =
                model.keys.action(mode, Key::named("Enter").unwrap()) == Some(Action::OpenDetail);
            if hint.contains("Enter") {
                assert!(leads_there, "{mode:?}: {hint}");
                named += 1;
            }
        }
    }
    assert!(named > 0);
}
