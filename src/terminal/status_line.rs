//! One line of stderr that replaces itself, for commands without a screen.
//!
//! Owns how a line is replaced: it never wraps, so that it can be removed without a trace. Must not: wait for
//! a terminal that accepts nothing.

use std::io::{self, IsTerminal as _};

use rustix::termios::tcgetwinsize;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::USUAL;
use super::bounded::write_in_time;
use crate::fleet::RemoteText;

/// The line.
#[derive(Debug)]
pub struct StatusLine {
    shown: String,
}

impl StatusLine {
    /// The line on stderr, if that is a terminal that can replace a line. `term` is the variable `TERM`.
    pub fn of_stderr(term: Option<&str>) -> Option<Self> {
        let is_able = term.is_some_and(|term| !matches!(term, "" | "dumb"));
        (is_able && io::stderr().is_terminal()).then(|| Self { shown: String::new() })
    }

    /// Shows `text` in place of the previous text.
    pub fn show(&mut self, text: &str) {
        let told = tcgetwinsize(rustix::stdio::stderr()).map_or(0, |size| size.ws_col);
        let width = if told == 0 { USUAL.width } else { told };
        // The last cell stays free, because some terminals wrap as soon as it is used.
        let text = within(
            RemoteText::message(text).shown(),
            usize::from(width.saturating_sub(1)),
        );
        if text != self.shown {
            write_in_time(rustix::stdio::stderr(), format!("\r\x1b[2K{text}").as_bytes());
            self.shown = text;
        }
    }

    /// Removes the line.
    pub fn clear(&mut self) {
        if !self.shown.is_empty() {
            write_in_time(rustix::stdio::stderr(), b"\r\x1b[2K");
            self.shown.clear();
        }
    }
}

/// The beginning of `text` that fits into this many cells.
fn within(text: &str, cells: usize) -> String {
    let mut used = 0;
    let fits = |grapheme: &&str| {
        used += grapheme.width();
        used <= cells
    };
    text.graphemes(true).take_while(fits).collect()
}

/// How many cells a line of standard output has; `None` if it is not a terminal.
pub fn stdout_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let told = tcgetwinsize(rustix::stdio::stdout()).map_or(0, |size| size.ws_col);
    Some(usize::from(if told == 0 { USUAL.width } else { told }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_never_wraps() {
        assert_eq!(within("asking", 4), "aski");
        assert_eq!(within("生产", 3), "生");
        assert_eq!(within("", 3), "");
    }
}
