//! What was typed before, to be had again.

use std::collections::VecDeque;

/// The most that is kept.
const MOST: usize = 50;

/// The lines of one prompt, the newest last, and which of them is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recall {
    lines: VecDeque<String>,
    /// How far back, from 1; 0 is what is being typed.
    back: usize,
    /// What was being typed before one looked back.
    draft: String,
}

impl Recall {
    /// Remembers a line once, as the newest; an empty one is not remembered. Going back starts again.
    pub fn keep(&mut self, line: &str) {
        self.begin();
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        self.lines.retain(|kept| kept != line);
        self.lines.push_back(line.to_owned());
        if self.lines.len() > MOST {
            self.lines.pop_front();
        }
    }

    /// Looking back begins at what is being typed.
    pub fn begin(&mut self) {
        self.back = 0;
        self.draft.clear();
    }

    /// The line before the shown one; `typed` is the text in the prompt. `None` if there is no older line.
    pub fn older(&mut self, typed: &str) -> Option<&str> {
        // A line equal to the text in the prompt, such as the filter in force, is skipped.
        let same = usize::from(self.back == 0 && self.lines.back().is_some_and(|newest| newest == typed));
        let back = self.back + 1 + same;
        let at = self.lines.len().checked_sub(back)?;
        if self.back == 0 {
            typed.clone_into(&mut self.draft);
        }
        self.back = back;
        self.lines.get(at).map(String::as_str)
    }

    /// The line after the one that is looked at; at last what was being typed. `None` where that stands there.
    pub fn newer(&mut self) -> Option<&str> {
        self.back = self.back.checked_sub(1)?;
        let at = self.lines.len().saturating_sub(self.back);
        Some(self.lines.get(at).map_or(&self.draft, |line| line))
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
        assert_eq!(recall.newer(), None);
        for line in ["a", "b", " ", "a", "c "] {
            recall.keep(line);
        }
        assert_eq!(recall.older("draft"), Some("c"));
        assert_eq!(recall.older("c"), Some("a"));
        assert_eq!(recall.older("a"), Some("b"));
        assert_eq!(recall.older("b"), None);
        assert_eq!(recall.newer(), Some("a"));
        assert_eq!(recall.newer(), Some("c"));
        assert_eq!(recall.newer(), Some("draft"));
        assert_eq!(recall.newer(), None);
        assert_eq!(recall.older("c"), Some("a"), "the newest stands there already");
        recall.begin();
        assert_eq!(recall.older(""), Some("c"));
    }

    #[test]
    fn the_oldest_goes() {
        let mut recall = Recall::default();
        for line in 0..MOST + 5 {
            recall.keep(&line.to_string());
        }
        let mut oldest = String::new();
        while let Some(line) = recall.older("") {
            line.clone_into(&mut oldest);
        }
        assert_eq!((recall.lines.len(), oldest.as_str()), (MOST, "5"));
    }
}
