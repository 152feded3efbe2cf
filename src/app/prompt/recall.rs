//! Recalls earlier lines of a prompt.
//!
//! ```text
//! /ns:pay   Up   ns:payments cpu%>=80    the newest line that begins with what is typed
//!           Up   ns:payments
//!           Down ns:payments cpu%>=80
//!           Down ns:pay                  what was being typed
//! ```

use std::collections::VecDeque;

use crate::state::typed_lines::MOST_LINES;

/// The lines of one prompt, the newest last, and which of them is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recall {
    lines: VecDeque<String>,
    /// Which line is looked at; `None` while that is what is being typed.
    at: Option<usize>,
    /// What was being typed before one looked back.
    draft: String,
    /// The text in the prompt when it opened: nobody typed it, so lines need not begin with it.
    opened_with: String,
}

impl Recall {
    /// Remembers a line once, as the newest; an empty one is not remembered. Going back starts again.
    pub fn keep(&mut self, line: &str) {
        self.begin("");
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        self.lines.retain(|kept| kept != line);
        self.lines.push_back(line.to_owned());
        if self.lines.len() > MOST_LINES {
            self.lines.pop_front();
        }
    }

    /// Takes the saved lines, from this program and from others. Lines that are not saved yet stay, as the newest. The
    /// position in the history does not change.
    pub fn renew(&mut self, kept: Vec<String>) {
        let looked_at = self.at.and_then(|at| self.lines.get(at)).cloned();
        let own = std::mem::take(&mut self.lines);
        let own = own.into_iter().filter(|line| !kept.contains(line));
        let own: Vec<String> = own.collect();
        self.lines = kept.into_iter().chain(own).collect();
        let surplus = self.lines.len().saturating_sub(MOST_LINES);
        self.lines.drain(..surplus);
        self.at = looked_at.and_then(|line| self.lines.iter().position(|it| *it == line));
    }

    /// A prompt opens with this text: looking back begins at what is being typed.
    pub fn begin(&mut self, text: &str) {
        self.at = None;
        self.draft.clear();
        text.clone_into(&mut self.opened_with);
    }

    /// The previous line that begins with the typed text; `typed` is the text in the prompt. `None` if there
    /// is no older one.
    pub fn older(&mut self, typed: &str) -> Option<&str> {
        self.look_from(typed);
        if self.at.is_none() {
            typed.clone_into(&mut self.draft);
        }
        let end = self.at.unwrap_or(self.lines.len());
        // A line equal to the text in the prompt, such as the filter in force, is skipped.
        let found = (0..end).rev().find(|at| self.is_offered(*at, typed))?;
        self.at = Some(found);
        self.lines.get(found).map(String::as_str)
    }

    /// The next line, and at last the text that was being typed. `typed` is the text in the prompt; `None` if
    /// that is being typed.
    pub fn newer(&mut self, typed: &str) -> Option<&str> {
        self.look_from(typed);
        let at = self.at?;
        self.at = (at + 1..self.lines.len()).find(|at| self.is_offered(*at, ""));
        Some(self.at.and_then(|at| self.lines.get(at)).unwrap_or(&self.draft))
    }

    /// A line that was changed since it was recalled is what is being typed.
    fn look_from(&mut self, typed: &str) {
        let looked_at = self.at.and_then(|at| self.lines.get(at));
        if looked_at.is_some_and(|line| line != typed) {
            self.at = None;
        }
    }

    /// Whether a line begins with the text that was being typed, and differs from the text in the prompt.
    fn is_offered(&self, at: usize, there: &str) -> bool {
        let prefix = if self.draft == self.opened_with {
            ""
        } else {
            self.draft.trim_start()
        };
        let line = self.lines.get(at).map_or("", String::as_str);
        line.starts_with(prefix) && line != there
    }
}

/// What was typed before.
#[derive(Debug, Clone, Default)]
pub struct Recalls {
    /// Filters.
    pub filters: Recall,
    /// Commands, the wrong ones too.
    pub commands: Recall,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_to_what_was_typed_and_forth_to_what_is() {
        let mut recall = Recall::default();
        assert_eq!(recall.older("x"), None);
        assert_eq!(recall.newer(""), None);
        for line in ["a", "b", " ", "a", "c "] {
            recall.keep(line);
        }
        recall.begin("draft");
        assert_eq!(recall.older("draft"), Some("c"));
        assert_eq!(recall.older("c"), Some("a"));
        assert_eq!(recall.older("a"), Some("b"));
        assert_eq!(recall.older("b"), None);
        assert_eq!(recall.newer("b"), Some("a"));
        assert_eq!(recall.newer("a"), Some("c"));
        assert_eq!(recall.newer("c"), Some("draft"));
        assert_eq!(recall.newer("draft"), None);
        recall.begin("c");
        assert_eq!(recall.older("c"), Some("a"), "the newest stands there already");
        recall.begin("");
        assert_eq!(recall.older(""), Some("c"));
    }

    #[test]
    fn lines_that_begin_with_what_was_typed_come_first_and_only() {
        let mut recall = Recall::default();
        for line in ["ns:pay", "status:Failed", "ns:prod cpu%>=80", "ns:payments"] {
            recall.keep(line);
        }
        recall.begin("");
        assert_eq!(recall.older("ns:p"), Some("ns:payments"));
        assert_eq!(recall.older("ns:payments"), Some("ns:prod cpu%>=80"));
        assert_eq!(recall.older("ns:prod cpu%>=80"), Some("ns:pay"));
        assert_eq!(recall.older("ns:pay"), None);
        assert_eq!(recall.newer("ns:pay"), Some("ns:prod cpu%>=80"));
        assert_eq!(recall.newer("ns:prod cpu%>=80"), Some("ns:payments"));
        assert_eq!(recall.newer("ns:payments"), Some("ns:p"));
        assert_eq!(recall.newer("ns:p"), None);
        recall.begin("");
        assert_eq!(recall.older("ns:p"), Some("ns:payments"));
        assert_eq!(recall.older("st"), Some("status:Failed"), "typed since");
        assert_eq!(recall.newer("stat"), None);
        assert_eq!(recall.older("nothing begins so"), None);
        // The filter in force stands in the prompt: nobody typed it.
        recall.begin("ns:payments");
        assert_eq!(recall.older("ns:payments"), Some("ns:prod cpu%>=80"));
        assert_eq!(recall.older("ns:prod cpu%>=80"), Some("status:Failed"));
    }

    #[test]
    fn lines_of_other_runs_are_older_than_those_of_this_one_and_move_nobody() {
        let mut recall = Recall::default();
        for line in ["mine", "both"] {
            recall.keep(line);
        }
        assert_eq!(recall.older(""), Some("both"));
        recall.renew(vec!["theirs".to_owned(), "both".to_owned()]);
        assert_eq!(recall.older("both"), Some("theirs"));
        recall.begin("");
        assert_eq!(recall.older(""), Some("mine"));
        assert_eq!(recall.older("mine"), Some("both"));
    }

    #[test]
    fn the_oldest_goes() {
        let mut recall = Recall::default();
        for line in 0..MOST_LINES + 5 {
            recall.keep(&line.to_string());
        }
        let mut oldest = String::new();
        while let Some(line) = recall.older(&oldest).map(str::to_owned) {
            oldest = line;
        }
        assert_eq!((recall.lines.len(), oldest.as_str()), (MOST_LINES, "5"));
    }
}
