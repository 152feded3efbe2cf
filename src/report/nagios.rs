//! One line for a monitoring system that runs plug-ins, its performance data, and notes in lines of their own.
//!
//! Owns the rules of Nagios and Icinga for such a line: the first `|` ends the text, Nagios turns `;` into
//! `:`, and Icinga makes a metric of a text after `|` in a name. The mails of both evaluate each `\` of a text, and end at one
//! that they do not understand (see `findings/`). So the text contains none of these, labels are
//! from a fixed list, the only unit is `s`, thresholds are plain numbers, and unknown values are left out
//! (measured with Nagios 4.5 and Icinga 2.16). What is no part of the verdict comes in further lines, which are shown on the page
//! of the service: on stderr it would be all that `check_by_ssh` reports. Must not: have a stranger's name in a label.

use std::fmt::Write as _;

use crate::exit_codes::PluginState;
use crate::fleet::RemoteText;

/// The longest text, in characters, which pagers and tables still show.
const LONGEST: usize = 200;

/// A value that is stored and drawn by the monitoring system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerformanceValue {
    /// Its name.
    pub label: &'static str,
    /// The value.
    pub value: u64,
    /// `s` for seconds, or nothing.
    pub unit: &'static str,
    /// The thresholds of the states warning and critical.
    pub beyond: [Option<u64>; 2],
}

/// The line, with its line feed.
pub fn line(state: PluginState, text: &str, values: &[PerformanceValue]) -> String {
    let mut line = format!("HSS {}: {}", state.word(), safe(text));
    for (at, value) in values.iter().enumerate() {
        let [warning, critical] = value
            .beyond
            .map(|beyond| beyond.map_or_else(String::new, |it| it.to_string()));
        let PerformanceValue {
            label, value, unit, ..
        } = value;
        let mark = if at == 0 { " |" } else { "" };
        // Writing to a text cannot fail.
        let _ = write!(line, "{mark} '{label}'={value}{unit};{warning};{critical};0;");
    }
    line.push('\n');
    line
}

/// What else there is to say, in the lines after that one.
pub fn notes<'a>(notes: impl IntoIterator<Item = &'a String>) -> String {
    let lines = notes.into_iter().map(|note| format!("note: {}\n", safe(note)));
    lines.collect()
}

/// A text without what has a meaning in a line, in a mail or in a terminal, and not too long.
fn safe(text: &str) -> String {
    let text = RemoteText::message(text);
    let safe = text
        .shown()
        .replace('|', "¦")
        .replace('\\', "∖")
        .replace(';', ",")
        .replace(",,", ",");
    if safe.chars().count() > LONGEST {
        safe.chars().take(LONGEST - 1).chain(['…']).collect()
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_ends_neither_the_line_nor_its_text() {
        let values = [
            PerformanceValue {
                label: "findings",
                value: 3,
                unit: "",
                beyond: [None, Some(0)],
            },
            PerformanceValue {
                label: "list_age",
                value: 840,
                unit: "s",
                beyond: [None, None],
            },
        ];
        assert_eq!(
            line(PluginState::Critical, "a|b;c\nd\u{1b}[31m", &values),
            "HSS CRITICAL: a¦b,c∖nd∖u{1b}[31m | 'findings'=3;;0;0; 'list_age'=840s;;;0;\n"
        );
        assert_eq!(line(PluginState::Ok, "a;, b", &[]), "HSS OK: a, b\n");
        let filter = line(PluginState::Ok, r"none of 3 pods matches pod:/\bapi\b/", &[]);
        assert_eq!(filter, "HSS OK: none of 3 pods matches pod:/∖bapi∖b/\n");
        let more = notes(&["a|b\n\\c".to_owned(), "d".to_owned()]);
        assert_eq!(more, "note: a¦b∖n∖c\nnote: d\n");
        let long = line(PluginState::Ok, &"x".repeat(999), &[]);
        assert_eq!(long.chars().count(), "HSS OK: \n".len() + LONGEST);
    }
}
