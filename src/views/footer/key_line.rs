//! A line with keys: what is drawn, and the meaning of a click on it.
//!
//! ```text
//!  [ ] page  ^r ask now
//!  │ │ └ the first key's
//! ```

use std::ops::Range;

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::keys::Action;
use crate::ui::theme::{Role, Theme};

/// Keys and their action.
#[derive(Debug)]
pub(super) struct KeyHint {
    pub(super) keys: Vec<(Action, String)>,
    pub(super) means: &'static str,
}

impl KeyHint {
    /// The keys, each with a cell before it.
    fn keys_shown(&self) -> String {
        self.keys
            .iter()
            .flat_map(|(_, key)| [" ", key.as_str()])
            .collect()
    }

    /// Its width, with a cell before each key, one before the meaning and one after it.
    pub(super) fn width(&self) -> usize {
        let keys = self.keys.iter().map(|(_, key)| 1 + key.width());
        keys.sum::<usize>() + self.means.width() + 2
    }
}

/// A line, and the cells of its keys.
#[derive(Debug, Default)]
pub(super) struct KeyLine<'a> {
    pub(super) line: Line<'a>,
    pub(super) keys: Vec<(Range<usize>, Action)>,
}

impl<'a> From<Line<'a>> for KeyLine<'a> {
    fn from(line: Line<'a>) -> Self {
        Self { line, keys: vec![] }
    }
}

impl<'a> KeyLine<'a> {
    /// Appends the first of these keys, as many as fit.
    pub(super) fn push(&mut self, hints: &[KeyHint], theme: &Theme, width: usize) {
        let mut end = self.line.width();
        for hint in hints {
            let begin = end;
            end += hint.width();
            if end > width {
                break;
            }
            let mut at = begin;
            for (action, key) in &hint.keys {
                let end = at + 1 + key.width();
                self.keys.push((at + 1..end, *action));
                at = end;
            }
            // The text belongs to the first key.
            if let Some((action, _)) = hint.keys.first() {
                self.keys.push((at..end - 1, *action));
            }
            self.line
                .push_span(Span::styled(hint.keys_shown(), theme.style(Role::Key)));
            self.line.push_span(Span::styled(
                format!(" {} ", hint.means),
                theme.style(Role::Muted),
            ));
        }
    }

    /// Appends another line.
    pub(super) fn append(&mut self, other: KeyLine<'a>) {
        let before = self.line.width();
        self.line.extend(other.line.spans);
        let moved =
            |(place, action): (Range<usize>, Action)| (place.start + before..place.end + before, action);
        self.keys.extend(other.keys.into_iter().map(moved));
    }
}
