//! The notice about a key without a meaning here: once per key, with the nearest useful key.
//!
//! Owns the keys with such a notice. Must not: repeat a notice, because a key that is held down would fill
//! the line.

use std::collections::VecDeque;

use super::Model;
use crate::keys::{Action, Key, KeyMap, Mode, habits};

/// The most keys that are remembered: more than a keyboard has.
const MOST: usize = 256;

/// The keys whose notice was shown already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnboundKeys {
    told: VecDeque<(Mode, Key)>,
}

impl UnboundKeys {
    /// Returns whether this is the first time.
    fn is_first(&mut self, mode: Mode, key: Key) -> bool {
        if self.told.contains(&(mode, key)) {
            return false;
        }
        if self.told.len() == MOST {
            self.told.pop_front();
        }
        self.told.push_back((mode, key));
        true
    }
}

impl Model {
    /// Shows the notice about a key without a meaning, the first time.
    pub fn explain_unbound(&mut self, key: Key) {
        let mode = self.mode();
        if self.unbound.is_first(mode, key) {
            let hint = hint(&self.keys, mode, key);
            self.notify(format!("{} means nothing here{hint}", key.label()));
        }
    }
}

/// The nearest useful key, with the words that join it to the sentence.
fn hint(keys: &KeyMap, mode: Mode, key: Key) -> String {
    let is_reading = mode.is_view() || matches!(mode, Mode::Detail | Mode::Decisions);
    // The list of decisions lies on the changes, whose keys do nothing there.
    let in_changes = || {
        let help = keys
            .help_of(Mode::Changes, key)
            .filter(|_| mode == Mode::Decisions)?;
        let back = keys.key_of(mode, Action::Back)?;
        Some(format!(
            "; in the changes, to which {} returns: {help}",
            back.label()
        ))
    };
    // If only the pods view has the action, the notice says so.
    let in_table = || {
        let help = keys.help_of(Mode::Table, key).filter(|_| mode != Mode::Table)?;
        Some(format!("; in the pod table: {help}"))
    };
    let habit = || of_habit(keys, mode, key).map(|instead| format!("; {instead}"));
    let other_case = || {
        let other = key.in_other_case()?;
        Some(format!("; {}: {}", other.label(), keys.help_of(mode, other)?))
    };
    let of_reader = || in_changes().or_else(in_table).or_else(habit).or_else(other_case);
    let hint = if is_reading { of_reader() } else { None };
    hint.unwrap_or_else(|| way_on(keys, mode))
}

/// What to use instead of a key of another program, as far as that is true in this mode.
fn of_habit(keys: &KeyMap, mode: Mode, key: Key) -> Option<String> {
    let habit = habits::of(&key.label())?;
    let details = keys.key_of(mode, Action::OpenDetail);
    let details = details.filter(|_| habit.wants_details);
    let details = details.map(|key| format!("{} shows the details", key.label()));
    let is_elsewhere = habit.of_table && mode != Mode::Table;
    let place = if is_elsewhere { "in the pod table: " } else { "" };
    let words = (!habit.instead.is_empty()).then(|| format!("{place}{}", habit.instead));
    match (words, details) {
        (Some(words), Some(details)) => Some(format!("{words}; {details}")),
        (words, details) => words.or(details),
    }
}

/// The keys that work in every mode.
fn way_on(keys: &KeyMap, mode: Mode) -> String {
    let ways = [
        (Action::OpenHelp, "shows the keys"),
        (Action::Confirm, "confirms"),
        (Action::Choose, "chooses"),
        (Action::Back, "closes"),
    ];
    let mut ways = ways.into_iter().filter_map(|(action, does)| {
        let key = keys.key_of(mode, action)?;
        Some(format!("; {} {does}", key.label()))
    });
    ways.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_once_in_each_mode_and_not_all_are_remembered() {
        let mut keys = UnboundKeys::default();
        let x = Key::named("x").unwrap();
        assert!(keys.is_first(Mode::Table, x) && !keys.is_first(Mode::Table, x));
        assert!(keys.is_first(Mode::Detail, x));
        for letter in ('\u{4e00}'..).take(2 * MOST) {
            keys.is_first(Mode::Table, Key::named(&letter.to_string()).unwrap());
        }
        assert_eq!(keys.told.len(), MOST);
    }

    #[test]
    fn what_to_use_instead_fits_a_narrow_screen() {
        let keys = KeyMap::default();
        for label in habits::KEY_HABITS.iter().flat_map(|habit| habit.keys) {
            let Some(key) = Key::named(label).filter(|key| keys.help_of(Mode::Table, *key).is_none()) else {
                continue;
            };
            let said = format!(
                " {} means nothing here{}",
                key.label(),
                hint(&keys, Mode::Table, key)
            );
            assert!(crate::ui::format::width(&said) <= 80, "{said}");
        }
    }

    #[test]
    fn the_nearest_useful_thing_is_named() {
        let hint = |mode, name: &str| hint(&KeyMap::default(), mode, Key::named(name).unwrap());
        for (mode, key, said) in [
            (Mode::Detail, "s", "; in the pod table: sort by a column"),
            (Mode::Table, "F10", "; q pressed twice quits"),
            (Mode::Health, "F10", "; in the pod table: q pressed twice quits"),
            (Mode::Table, "d", "; Enter shows the details"),
            (
                Mode::Table,
                "x",
                "; hss-top changes no cluster; Enter shows the details",
            ),
            (Mode::Detail, "x", "; hss-top changes no cluster"),
            (Mode::Detail, "d", "; ? shows the keys"),
            (Mode::Overview, "i", "; I: reverse the order"),
            (Mode::Table, "Ins", "; Esc goes back; nothing is deleted here"),
            (Mode::Health, "F20", "; ? shows the keys"),
            (Mode::Sort, "x", "; ? shows the keys"),
            (Mode::Export, "x", "; Esc closes"),
            (Mode::Confirm, "x", "; y confirms"),
            (
                Mode::Decisions,
                "r",
                "; in the changes, to which Esc returns: mark all listed changes as read",
            ),
        ] {
            assert_eq!(hint(mode, key), said, "{mode:?} {key}");
        }
    }
}
