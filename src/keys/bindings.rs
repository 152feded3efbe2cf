//! The key bindings: the table of keys, changed by `[keys]` of the configuration.
//!
//! A new binding applies wherever its action is available; elsewhere the key keeps its meaning. Dispatch,
//! help and the last line all use this. Esc and Ctrl-c cannot be bound to anything else, so there is always a
//! way out.

use std::fmt;

use super::action::Action;
use super::key::Key;
use super::mode::Mode;
use super::table::{self, BINDINGS, Binding};

/// The name of the binding that unbinds a key.
pub const NOTHING: &str = "none";

/// Modes in which a key with a character types text.
const PROMPTS: [Mode; 3] = [Mode::Filter, Mode::Command, Mode::HelpSearch];

/// Why a binding is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadBinding {
    /// No key has this name.
    UnknownKey,
    /// No action has this name.
    UnknownAction,
    /// The key was bound before.
    Twice,
    /// The key always means this.
    Reserved(&'static str),
    /// Terminals send this key instead.
    SameAs(Key),
    /// The action belongs to a prompt, where the key types a character.
    Types,
}

impl fmt::Display for BadBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey => f.write_str("unknown key name"),
            Self::UnknownAction => f.write_str("unknown action"),
            Self::Twice => f.write_str("the key is bound above; this line is not used"),
            Self::Reserved(action) => write!(f, "this key always means {action}"),
            Self::SameAs(key) => write!(
                f,
                "terminals cannot distinguish it from {}; bind that one",
                key.label()
            ),
            Self::Types => f.write_str("the key types a character there; use one with ctrl-"),
        }
    }
}

/// A changed binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rebinding {
    key: Key,
    action: Option<Action>,
}

impl Rebinding {
    fn holds_in(&self, mode: Mode) -> bool {
        let Some(action) = self.action else { return true };
        let can_be_done = BINDINGS
            .iter()
            .any(|binding| binding.action == action && binding.modes.contains(&mode));
        can_be_done && (self.key.typed().is_none() || !PROMPTS.contains(&mode))
    }
}

/// All key bindings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyMap {
    rebindings: Vec<Rebinding>,
}

impl KeyMap {
    /// Binds the key of this name to the action of that name, or to nothing.
    ///
    /// # Errors
    /// Why the binding is invalid; nothing changes then.
    pub fn bind(&mut self, key: &str, action: &str) -> Result<(), BadBinding> {
        let key = Key::named(key).ok_or(BadBinding::UnknownKey)?;
        if let Some(sent) = key.alias() {
            return Err(BadBinding::SameAs(sent));
        }
        if let Some(fixed) = reserved(key) {
            return Err(BadBinding::Reserved(fixed));
        }
        if self.rebindings.iter().any(|it| it.key == key) {
            return Err(BadBinding::Twice);
        }
        let action = match action {
            NOTHING => None,
            name => Some(Action::named(name).ok_or(BadBinding::UnknownAction)?),
        };
        let rebinding = Rebinding { key, action };
        if !Mode::ALL.iter().any(|mode| rebinding.holds_in(*mode)) {
            return Err(BadBinding::Types);
        }
        self.rebindings.push(rebinding);
        Ok(())
    }

    /// The action of `key` in `mode`.
    pub fn action(&self, mode: Mode, key: Key) -> Option<Action> {
        match self.rebindings.iter().find(|it| it.key == key) {
            Some(rebinding) if rebinding.holds_in(mode) => rebinding.action,
            _ => table::action(mode, key),
        }
    }

    /// The keys of a line of the table in `mode`, the default ones first.
    fn keys_of(&self, binding: &Binding, mode: Mode) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for key in self.each_key_of(binding, mode) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// The same; a key may come twice.
    fn each_key_of(&self, binding: &Binding, mode: Mode) -> impl Iterator<Item = Key> {
        // If an action has several lines, additional keys are shown in the first.
        let is_first = || {
            BINDINGS
                .iter()
                .find(|it| it.action == binding.action && it.modes.contains(&mode))
                .is_some_and(|it| it.keys == binding.keys)
        };
        let has_more = !self.rebindings.is_empty() && is_first();
        let added = self.rebindings.iter().filter(move |_| has_more).map(|it| it.key);
        let keys = binding.keys.iter().copied().chain(added);
        keys.filter(move |key| self.action(mode, *key) == Some(binding.action))
    }

    /// The actions available in `mode`, with their keys as text.
    pub fn of_mode(&self, mode: Mode) -> impl Iterator<Item = (String, &'static str)> {
        self.actions_of(mode).map(|(_, keys, help)| (keys, help))
    }

    /// The same, each with its action.
    pub fn actions_of(&self, mode: Mode) -> impl Iterator<Item = (Action, String, &'static str)> {
        let bindings = BINDINGS.iter().filter(move |it| it.modes.contains(&mode));
        bindings.filter_map(move |binding| {
            let keys = self.keys_of(binding, mode);
            let keys: Vec<String> = keys.into_iter().map(Key::label).collect();
            (!keys.is_empty()).then(|| (binding.action, keys.join(" "), binding.help))
        })
    }

    /// The help for `key` in `mode`.
    pub fn help_of(&self, mode: Mode, key: Key) -> Option<&'static str> {
        let action = self.action(mode, key)?;
        let rows = || {
            BINDINGS
                .iter()
                .filter(|it| it.action == action && it.modes.contains(&mode))
        };
        let own = rows().find(|it| it.keys.contains(&key)).or_else(|| rows().next());
        own.map(|binding| binding.help)
    }

    /// The first key of `action` in `mode`.
    pub fn key_of(&self, mode: Mode, action: Action) -> Option<Key> {
        let mut bindings = BINDINGS
            .iter()
            .filter(|it| it.action == action && it.modes.contains(&mode));
        bindings.find_map(|binding| self.each_key_of(binding, mode).next())
    }

    /// The actions that lost their last key to another action in some mode. Actions whose keys were unbound
    /// do not count, because the operator wanted that.
    pub fn displaced(&self) -> Vec<(Key, Action)> {
        let mut displaced: Vec<(Key, Action)> = Vec::new();
        for rebinding in self.rebindings.iter().filter(|it| it.action.is_some()) {
            for mode in Mode::ALL {
                let before = table::action(mode, rebinding.key);
                let Some(before) = before.filter(|it| Some(*it) != self.action(mode, rebinding.key)) else {
                    continue;
                };
                let is_told = displaced.iter().any(|(_, action)| *action == before);
                if self.key_of(mode, before).is_none() && !is_told {
                    displaced.push((rebinding.key, before));
                }
            }
        }
        displaced
    }
}

/// The meaning of a key that cannot be changed.
fn reserved(key: Key) -> Option<&'static str> {
    let fixed = [("esc", Action::Back), ("ctrl-c", Action::Quit)];
    let mut fixed = fixed.into_iter();
    fixed
        .find(|(name, _)| Key::named(name) == Some(key))
        .map(|(_, action)| action.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(pairs: &[(&str, &str)]) -> KeyMap {
        let mut keys = KeyMap::default();
        for (key, action) in pairs {
            assert_eq!(keys.bind(key, action), Ok(()), "{key} {action}");
        }
        keys
    }

    fn action_of(keys: &KeyMap, mode: Mode, key: &str) -> Option<Action> {
        keys.action(mode, Key::named(key).unwrap())
    }

    #[test]
    fn every_action_that_a_key_is_bound_to_has_a_name_and_each_name_an_action() {
        for binding in BINDINGS.iter() {
            let name = binding.action.name();
            assert!(!name.is_empty(), "{:?}", binding.action);
            assert_eq!(Action::named(name), Some(binding.action));
        }
        for name in Action::names() {
            let action = Action::named(name).unwrap();
            assert!(BINDINGS.iter().any(|it| it.action == action), "{name}");
            assert_eq!(action.name(), name, "a name is used once");
        }
    }

    #[test]
    fn every_key_of_the_table_can_be_named_by_its_label() {
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert_eq!(Key::named(&key.label()), Some(*key), "{}", key.label());
        }
        for (text, label) in [
            ("CTRL-R", "Ctrl-r"),
            ("G", "G"),
            ("F5", "F5"),
            ("PageDown", "PgDn"),
            ("ctrl-space", "Ctrl-Space"),
            ("ctrl--", "Ctrl--"),
        ] {
            assert_eq!(Key::named(text).map(Key::label).as_deref(), Some(label), "{text}");
        }
        for text in [
            "",
            "alt-x",
            "ctrl-",
            "ctrl-ctrl-x",
            "f0",
            "f21",
            "xy",
            " ",
            "\u{1b}",
        ] {
            assert_eq!(Key::named(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_key_does_what_it_is_bound_to_where_that_can_be_done_and_what_it_did_before_elsewhere() {
        let keys = bound(&[("j", "refresh"), ("f5", "refresh"), ("p", "none")]);
        for mode in [Mode::Table, Mode::Detail, Mode::Health] {
            assert_eq!(action_of(&keys, mode, "j"), Some(Action::AskNow), "{mode:?}");
            assert_eq!(action_of(&keys, mode, "f5"), Some(Action::AskNow), "{mode:?}");
            assert_eq!(action_of(&keys, mode, "ctrl-r"), Some(Action::AskNow), "{mode:?}");
        }
        assert_eq!(
            action_of(&keys, Mode::Help, "j"),
            table::action(Mode::Help, Key::named("j").unwrap())
        );
        assert_eq!(action_of(&keys, Mode::Table, "p"), None);
        for mode in PROMPTS {
            assert_eq!(action_of(&keys, mode, "j"), None, "it types a letter");
        }
    }

    #[test]
    fn help_and_last_line_tell_the_keys_in_force() {
        let keys = bound(&[
            ("ctrl-r", "none"),
            ("f5", "none"),
            ("x", "refresh"),
            ("p", "quit"),
            ("f1", "back"),
        ]);
        let told: Vec<(String, &str)> = keys.of_mode(Mode::Table).collect();
        let find = |help: &str| {
            let row = told.iter().find(|(_, it)| *it == help);
            row.map(|(keys, _)| keys.as_str())
        };
        assert_eq!(find("ask HSS now"), Some("x"));
        assert_eq!(find("only problems"), None);
        assert_eq!(find("down"), Some("j Down"));
        let quit: Vec<&str> = told
            .iter()
            .filter(|(_, it)| *it == "quit at once")
            .map(|(keys, _)| keys.as_str())
            .collect();
        assert_eq!(quit.concat().matches('p').count(), 1, "{quit:?}");
        let key = |action| keys.key_of(Mode::Table, action).map(Key::short_label);
        assert_eq!(key(Action::AskNow).as_deref(), Some("x"));
        assert_eq!(key(Action::ToggleProblems), None);
        let plain = KeyMap::default();
        assert_eq!(
            plain
                .key_of(Mode::Table, Action::AskNow)
                .map(Key::short_label)
                .as_deref(),
            Some("^r")
        );
    }

    #[test]
    fn what_cannot_be_bound_says_why_and_changes_nothing() {
        let mut keys = bound(&[("x", "refresh")]);
        let before = keys.clone();
        let tab = Key::named("tab").unwrap();
        for (key, action, why) in [
            ("ctlr-r", "refresh", BadBinding::UnknownKey),
            ("y", "refesh", BadBinding::UnknownAction),
            ("x", "quit", BadBinding::Twice),
            ("Esc", "quit", BadBinding::Reserved("back")),
            ("ctrl-c", "none", BadBinding::Reserved("quit")),
            ("ctrl-i", "quit", BadBinding::SameAs(tab)),
            ("z", "delete-word", BadBinding::Types),
        ] {
            assert_eq!(keys.bind(key, action), Err(why), "{key}");
        }
        assert_eq!(keys, before);
        assert_eq!(keys.bind("f2", "delete-word"), Ok(()));
    }

    #[test]
    fn an_action_that_loses_its_last_key_to_another_is_told() {
        let told = |pairs: &[(&str, &str)]| {
            let displaced = bound(pairs).displaced();
            displaced
                .into_iter()
                .map(|(key, action)| format!("{} {}", key.label(), action.name()))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&[("p", "refresh")]), ["p problems"]);
        assert_eq!(told(&[("p", "refresh"), ("P", "problems")]), ["P sort-namespace"]);
        assert!(told(&[("j", "refresh")]).is_empty(), "Down is left");
        assert!(told(&[("p", "none")]).is_empty(), "it was wanted so");
    }
}
