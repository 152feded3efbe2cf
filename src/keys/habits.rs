//! Keys of k9s, htop and less that hss-top does not have: what to use instead.
//!
//! A row is only shown where the key has no binding, so a new binding needs no change here. Must not: name a
//! key that does not exist; a test presses each.

/// What to use instead of some keys.
#[derive(Debug, Clone, Copy)]
pub struct KeyHabit {
    /// The keys, by their labels.
    pub keys: &'static [&'static str],
    /// What to use instead, after "means nothing here;".
    pub instead: &'static str,
}

const fn instead(keys: &'static [&'static str], instead: &'static str) -> KeyHabit {
    KeyHabit { keys, instead }
}

/// The habits. If a key means different things in two programs, the row names both.
pub const KEY_HABITS: &[KeyHabit] = &[
    // k9s
    instead(&["0"], ":all loads all namespaces, 1 shows the pods"),
    instead(
        &["2", "3", "5", "6", "7", "8", "9"],
        "1 shows the pods, :ns NAME a namespace",
    ),
    instead(&["d", "y"], "Enter shows the details"),
    instead(&["l"], "HSS has no logs; kubectl logs has them"),
    instead(
        &["n"],
        "/ filters: only what matches is shown, j goes to the next",
    ),
    instead(&["f"], "Ctrl-f or PgDn: a screen down"),
    instead(&["b"], "Ctrl-b or PgUp: a screen up"),
    instead(
        &["o"],
        "/node:NAME shows the pods of a node, :sort node sorts by it",
    ),
    instead(
        &["x", "v", "r", "E", "D"],
        "hss-top changes nothing in a cluster; Enter shows the details",
    ),
    instead(&["z", "Z"], "p shows only problems"),
    instead(&["O", "T"], "s sorts by a column, A by age"),
    instead(
        &["X"],
        ":sort cpulimit sorts by the limit, C by the share of it that is used",
    ),
    instead(&["Ctrl-a"], "? lists the commands and their aliases"),
    instead(
        &["Ctrl-d"],
        "Ctrl-d is half a screen down; nothing is deleted here",
    ),
    instead(
        &["Ctrl-e", "Ctrl-g"],
        "a taller window shows more lines above the table",
    ),
    instead(&["Ctrl-k"], "hss-top deletes no pods; kubectl delete pod does"),
    instead(&["Ctrl-s"], "e writes the pods shown to a file"),
    instead(&["Ctrl-w"], "w chooses the columns"),
    instead(&["Ctrl-Space", "Space"], "Enter shows the details"),
    // htop
    instead(&["F2"], "hss-top config init writes a configuration file"),
    instead(&["F3", "F4", "\\"], "/ filters"),
    instead(&["F6", "<", ">", "."], "s sorts by a column, I reverses"),
    instead(&["F7", "F8"], "+ and - change how often HSS is asked"),
    instead(&["F9"], "hss-top deletes no pods; kubectl delete pod does"),
    instead(&["F10", "Q"], "q pressed twice quits"),
    instead(&["F11", "F12"], "? shows the keys"),
    instead(&["h", "Left", "Right"], "? is the help, Enter shows the details"),
    instead(&["t"], ":theme chooses a theme"),
    instead(&["u", "U"], "/ns:NAME shows only a namespace"),
    instead(&["H", "L", "K", "J"], "g and G: first and last row"),
    instead(&["i", "c", "m", "w"], "Enter shows the details"),
    instead(&["F"], "the list is always live; p shows only problems"),
    instead(&["#", "*", "=", "%", "@", "_", "^", "$"], "/ filters, s sorts"),
    // less and vi
    instead(&["&"], "/ shows only what matches"),
    instead(&["'", "`", "\""], "/ finds a pod by a part of its name"),
    instead(&["!", "|"], "Ctrl-z goes to the shell, fg comes back"),
    instead(&["B", "W"], "Ctrl-f and Ctrl-b: a screen down and up"),
    instead(
        &["{", "}", "(", ")", ",", ";"],
        "j and k move, [ and ] turn pages",
    ),
    instead(&["Tab", "Shift-Tab"], "1 to 4 show the views, Enter the details"),
    instead(
        &["Backspace", "Del", "Insert"],
        "Esc goes back; nothing is deleted here",
    ),
];

/// What to use instead of the key of this label.
pub fn of(label: &str) -> Option<&'static str> {
    let habit = KEY_HABITS.iter().find(|habit| habit.keys.contains(&label));
    habit.map(|habit| habit.instead)
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
