//! The search in the help.
//!
//! Owns the typed text and the current match. The code that draws the help knows which lines match; the model has that as
//! a function. Must not: draw.

use super::model::Model;

/// The open help.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HelpPane {
    /// How many lines it is scrolled.
    pub scroll: u16,
    /// What is looked for in it.
    pub search: HelpSearch,
}

/// What is looked for, and the place in front.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HelpSearch {
    /// What is looked for, as it was typed; upper and lower case are alike. Empty while nothing is.
    pub text: String,
    /// Which of the matches is in front, from 0.
    pub at: usize,
    /// Where the help was scrolled to before somebody began to type.
    pub(super) came_from: u16,
}

impl Model {
    /// The place of the match in front, from 1, and how many there are; `None` while nothing is looked for.
    pub fn help_match(&self) -> Option<(usize, usize)> {
        let search = &self.focus.help()?.search;
        if search.text.is_empty() {
            return None;
        }
        let count = (self.help_matches)(self).len();
        Some(((search.at + 1).min(count), count))
    }

    /// Looks for this text from where the help was scrolled to.
    pub(super) fn search_help(&mut self, text: &str) {
        let Some(help) = self.focus.help_mut() else { return };
        text.trim().clone_into(&mut help.search.text);
        help.search.at = 0;
        let from = help.search.came_from;
        let matches = (self.help_matches)(self);
        let at = matches.iter().position(|row| *row >= from).unwrap_or(0);
        self.reveal_match(&matches, at);
    }

    /// Goes to the next match, or to the one before; behind the last one comes the first.
    pub(super) fn step_match(&mut self, is_forward: bool) {
        let matches = (self.help_matches)(self);
        let Some(search) = self.focus.help().map(|help| &help.search) else {
            return;
        };
        let count = matches.len();
        if count == 0 {
            self.notify(if search.text.is_empty() {
                "no search yet; / searches the help"
            } else {
                "no match"
            });
            return;
        }
        let step = if is_forward { 1 } else { count - 1 };
        let at = (search.at + step) % count;
        self.reveal_match(&matches, at);
    }

    /// Scrolls as little as the line of the match needs to be seen, with a line around it.
    fn reveal_match(&mut self, matches: &[u16], at: usize) {
        let last = (self.last_scroll)(self);
        let shown = u16::try_from(self.lines_shown()).unwrap_or(u16::MAX);
        let Some(help) = self.focus.help_mut() else { return };
        help.search.at = at;
        let Some(row) = matches.get(at).copied() else {
            help.scroll = help.search.came_from.min(last);
            return;
        };
        let lowest = (row + 2).saturating_sub(shown);
        help.scroll = help
            .scroll
            .clamp(lowest, row.saturating_sub(1).max(lowest))
            .min(last);
    }
}
