//! The search in the record of a pod: the typed text, and the current match.
//!
//! It is typed in the line of the filter and works as it is typed; `n` and `N` go on and back, around the ends. The text stays
//! while the operator looks at other pods. The code that draws the record knows which lines match. Must not: draw.

use super::Model;
use crate::keys::{Action, Key, Mode};

/// Lines of the record above the one that is looked at.
const ABOVE: u16 = 2;

/// What is sought in the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordSearch {
    /// It; nothing is sought while this is empty. Upper and lower case are alike.
    pub text: String,
    /// What was sought before, while something else is typed.
    before: Option<String>,
    /// Which of the lines that hold it is looked at, counted from the first.
    at: usize,
}

impl RecordSearch {
    /// Whether it is being typed.
    pub fn is_typed(&self) -> bool {
        self.before.is_some()
    }

    /// Something else is typed from now on.
    pub(super) fn stop_typing(&mut self) {
        self.before = None;
    }
}

impl Model {
    /// Whether the record can be searched: it is on the screen, and nothing lies on it.
    pub fn has_record_in_front(&self) -> bool {
        self.mode() == Mode::Detail && self.detail.shows_record(self.size.width)
    }

    /// Begins to type what is sought.
    pub(super) fn begin_record_search(&mut self) {
        let search = &mut self.detail.search;
        search.before = Some(std::mem::take(&mut search.text));
        search.at = 0;
    }

    /// Takes what is typed so far, and shows the first line that holds it.
    pub(super) fn type_record_search(&mut self) {
        self.detail.search.text = self.typed_text().to_owned();
        self.detail.search.at = 0;
        self.look_at_match();
    }

    /// Ends the typing: what was typed is sought, or what was before.
    pub(super) fn end_record_search(&mut self, is_kept: bool) {
        let search = &mut self.detail.search;
        let before = search.before.take().unwrap_or_default();
        if !is_kept {
            search.text = before;
        }
        let is_missing = is_kept && !self.detail.search.text.is_empty() && self.matches().is_empty();
        if is_missing {
            self.notify("no match in the record");
        }
    }

    /// Goes to the next line that holds what is sought, or to the one before.
    pub(super) fn turn_to_match(&mut self, is_down: bool) {
        if self.detail.search.text.is_empty() {
            let (record, seek) = (Action::ShowRecord, Action::OpenFilter);
            let key = |action| {
                let key = self.keys.key_of(Mode::Detail, action);
                key.map_or_else(String::new, Key::label)
            };
            let sentence = format!(
                "no search yet: {} shows the record, {} searches it",
                key(record),
                key(seek)
            );
            self.notify(sentence);
            return;
        }
        let matches = self.matches().len();
        if matches == 0 {
            self.notify("no match in the record");
            return;
        }
        let at = self.detail.search.at.min(matches - 1);
        self.detail.search.at = (at + if is_down { 1 } else { matches - 1 }) % matches;
        self.look_at_match();
    }

    fn matches(&self) -> Vec<u16> {
        (self.record_matches)(self, &self.detail.search.text)
    }

    fn look_at_match(&mut self) {
        if let Some(line) = self.matches().get(self.detail.search.at) {
            self.detail.scroll = line.saturating_sub(ABOVE).min((self.last_scroll)(self));
        }
    }
}
