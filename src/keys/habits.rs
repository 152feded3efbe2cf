//! Keys of k9s, htop and less that hss-top does not have: what to use instead.
//!
//! A row is only shown where the key has no binding, so a new binding needs no change here. Must not: name a
//! key that does not exist; a test presses each.

/// What to use instead of some keys.
#[derive(Debug, Clone, Copy)]
pub struct KeyHabit {
    /// The keys, by their labels.
    pub keys: &'static [&'static str],
    /// What to use instead, after "means nothing here;". Empty if that is only the details.
    pub instead: &'static str,
    /// Whether that is true in the pod table only, whose keys it names.
    pub of_table: bool,
    /// Whether the details of a pod help too. Which key shows them, if one does, is the key map's.
    pub wants_details: bool,
}

const fn instead(keys: &'static [&'static str], instead: &'static str) -> KeyHabit {
    KeyHabit {
        keys,
        instead,
        of_table: false,
        wants_details: false,
    }
}

/// The same for what is true in the pod table only.
const fn in_table(keys: &'static [&'static str], words: &'static str) -> KeyHabit {
    KeyHabit {
        of_table: true,
        ..instead(keys, words)
    }
}

/// The same where the details help too, or alone.
const fn details(keys: &'static [&'static str], words: &'static str) -> KeyHabit {
    KeyHabit {
        wants_details: true,
        ..instead(keys, words)
    }
}

/// The habits. If a key means different things in two programs, the row names both.
pub const KEY_HABITS: &[KeyHabit] = &[
    // k9s
    instead(&["0"], ":all loads all namespaces, 1 shows the pods"),
    instead(
        &["2", "3", "5", "6", "7", "8", "9"],
        "1 shows the pods, :ns NAME a namespace",
    ),
    details(&["d", "y"], ""),
    instead(&["l"], "HSS has no logs; kubectl logs has them"),
    in_table(
        &["n"],
        "/ filters: only what matches is shown, j goes to the next",
    ),
    in_table(&["f"], "Ctrl-f or PgDn goes a screen down"),
    in_table(&["b"], "Ctrl-b or PgUp goes a screen up"),
    in_table(
        &["o"],
        "/node:NAME shows the pods of a node, :sort node sorts by it",
    ),
    details(&["x", "v", "r", "E", "D"], "hss-top changes no cluster"),
    in_table(&["z", "Z"], "p shows only problems"),
    in_table(&["O", "T"], "s sorts by a column, A by age"),
    in_table(&["X"], ":sort cpulimit sorts by the limit, C by the share used"),
    instead(&["Ctrl-a"], "? lists the commands and their aliases"),
    in_table(
        &["Ctrl-d"],
        "Ctrl-d is half a screen down; nothing is deleted here",
    ),
    instead(
        &["Ctrl-e", "Ctrl-g"],
        "a taller window shows more lines above the table",
    ),
    instead(&["Ctrl-k"], "hss-top deletes no pods; kubectl delete pod does"),
    in_table(&["Ctrl-s"], "e writes the pods shown to a file"),
    in_table(&["Ctrl-w"], "w chooses the columns"),
    details(&["Ctrl-Space", "Space"], ""),
    // htop
    instead(&["F2"], "hss-top config init writes a configuration file"),
    in_table(&["F3", "F4", "\\"], "/ filters"),
    in_table(&["F6", "<", ">", "."], "s sorts by a column, I reverses"),
    in_table(&["F7", "F8"], "+ and - change how often HSS is asked"),
    instead(&["F9"], "hss-top deletes no pods; kubectl delete pod does"),
    in_table(&["F10", "Q"], "q pressed twice quits"),
    instead(&["F11", "F12"], "? shows the keys"),
    details(&["h", "Left", "Right"], "? is the help"),
    instead(&["t"], ":theme chooses a theme"),
    in_table(&["u", "U"], "/ns:NAME shows only a namespace"),
    in_table(&["H", "L", "K", "J"], "g goes to the first row, G to the last"),
    details(&["i", "c", "m", "w"], ""),
    in_table(&["F"], "the list is always live; p shows only problems"),
    in_table(&["#", "*", "=", "%", "@", "_", "^", "$"], "/ filters, s sorts"),
    // less and vi
    in_table(&["&"], "/ shows only what matches"),
    in_table(&["'", "`", "\""], "/ finds a pod by a part of its name"),
    instead(&["!", "|"], "Ctrl-z suspends hss-top, fg resumes it"),
    in_table(&["B", "W"], "Ctrl-f and Ctrl-b: a screen down and up"),
    in_table(
        &["{", "}", "(", ")", ",", ";"],
        "j and k move, [ and ] turn pages",
    ),
    details(&["Tab", "Shift-Tab"], "1 to 4 show the views"),
    instead(
        &["Backspace", "Del", "Insert"],
        "Esc goes back; nothing is deleted here",
    ),
];

/// What to use instead of the key of this label.
pub fn of(label: &str) -> Option<&'static KeyHabit> {
    KEY_HABITS.iter().find(|habit| habit.keys.contains(&label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;

    #[test]
    fn every_habit_is_of_a_key_and_a_key_has_one() {
        let mut seen = Vec::new();
        for key in KEY_HABITS.iter().flat_map(|habit| habit.keys) {
            assert_eq!(Key::named(key).map(Key::label).as_deref(), Some(*key));
            assert!(!seen.contains(key), "{key} twice");
            seen.push(key);
        }
    }
}
