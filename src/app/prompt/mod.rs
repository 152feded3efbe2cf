//! The line for typing a filter or a command.
//!
//! Owns the text, the cursor and the offered completions; [`recall`] owns the earlier lines, and
//! [`TypedFault`] the error in the text. Must not: know what the text means.

pub mod recall;
mod typed_fault;

use crate::keys::Edit;
pub use typed_fault::TypedFault;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::fleet::query::Completion;

/// The longest text, typed or pasted, in bytes.
const CAP: usize = 1024;

/// The prompt for a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterPrompt {
    /// The typed line.
    pub line: Prompt,
    /// What is wrong or missing in it; its complete terms apply.
    pub fault: Option<TypedFault>,
}

impl From<Prompt> for FilterPrompt {
    fn from(line: Prompt) -> Self {
        Self { line, fault: None }
    }
}

/// The typed text and the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    text: String,
    /// In bytes; always between two visible characters.
    cursor: usize,
    offers: Option<Offers>,
}

/// The offered completions: one of them is in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// The text and the cursor before the completion.
    typed: (String, usize),
    list: Vec<Completion>,
    chosen: usize,
}

impl Offers {
    /// The completions.
    pub fn list(&self) -> &[Completion] {
        &self.list
    }

    /// The index of the one in the text.
    pub fn chosen(&self) -> usize {
        self.chosen
    }
}

impl Prompt {
    /// A prompt with exactly this text: the current filter, or one completed with a value of the API, which
    /// may have control characters. A text beyond the cap is left out, because a part of it would mean
    /// something else.
    pub fn with(text: &str) -> Self {
        let text = if text.len() > CAP { "" } else { text };
        Self {
            text: text.to_owned(),
            cursor: text.len(),
            offers: None,
        }
    }

    /// The typed text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor, at it, and after it.
    pub fn parts(&self) -> (&str, &str, &str) {
        let (before, rest) = self
            .text
            .split_at_checked(self.cursor)
            .unwrap_or((&self.text, ""));
        let at = rest.graphemes(true).next().unwrap_or("");
        (before, at, rest.get(at.len()..).unwrap_or(""))
    }

    /// Where the cursor is, in bytes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The offered completions.
    pub fn offers(&self) -> Option<&Offers> {
        self.offers.as_ref()
    }

    /// Adds text without its control characters at the cursor, up to the cap.
    pub fn insert(&mut self, text: &str) {
        self.offers = None;
        for character in text.chars().filter(|character| !character.is_control()) {
            if self.text.len() + character.len_utf8() > CAP {
                return;
            }
            self.text.insert(self.cursor, character);
            self.cursor += character.len_utf8();
        }
    }

    /// Applies an edit, which accepts the completion in the text.
    pub fn edit(&mut self, edit: Edit) {
        self.offers = None;
        let (before, at, _) = self.parts();
        let one_back = before
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(start, _)| start);
        let mut characters = before.trim_end().char_indices().rev();
        let word = characters
            .find(|(_, character)| character.is_whitespace())
            .map_or(0, |(space, character)| space + character.len_utf8());
        let (here, one_on, end) = (self.cursor, self.cursor + at.len(), self.text.len());
        match edit {
            Edit::Left => self.cursor = one_back,
            Edit::Right => self.cursor = one_on,
            Edit::Start => self.cursor = 0,
            Edit::End => self.cursor = end,
            Edit::DeleteBack => self.delete(one_back..here),
            Edit::DeleteAt => self.delete(here..one_on),
            Edit::DeleteWord => self.delete(word..here),
            Edit::DeleteBefore => self.delete(0..here),
            Edit::DeleteAfter => self.delete(here..end),
        }
    }

    fn delete(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.replace_range(range, "");
    }

    /// Puts the first of these completions into the text, and offers the others.
    pub fn offer(&mut self, mut list: Vec<Completion>) {
        // Completions that are too long for a prompt are left out.
        list.retain(|completion| self.text.len() + completion.text.len() <= CAP + completion.range.len());
        if list.is_empty() {
            return;
        }
        let only = list.len() == 1;
        self.offers = Some(Offers {
            typed: (self.text.clone(), self.cursor),
            chosen: list.len() - 1,
            list,
        });
        self.next_offer(true);
        if only {
            self.offers = None;
        }
    }

    /// Puts the next or the previous completion into the text; returns whether there are any.
    pub fn next_offer(&mut self, forward: bool) -> bool {
        let Some(offers) = &mut self.offers else {
            return false;
        };
        let count = offers.list.len().max(1);
        offers.chosen = (offers.chosen + if forward { 1 } else { count - 1 }) % count;
        if let Some(completion) = offers.list.get(offers.chosen) {
            self.text.clone_from(&offers.typed.0);
            self.text
                .replace_range(completion.range.clone(), &completion.text);
            self.cursor = completion.range.start + completion.text.len();
        }
        true
    }

    /// Accepts the completion in the text.
    pub fn take_offer(&mut self) {
        self.offers = None;
    }

    /// Restores the text before completions were offered; returns whether any were.
    pub fn decline(&mut self) -> bool {
        match self.offers.take() {
            None => false,
            Some(offers) => {
                (self.text, self.cursor) = offers.typed;
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text, with `|` for the cursor.
    fn shown(prompt: &Prompt) -> String {
        let (before, at, after) = prompt.parts();
        format!("{before}|{at}{after}")
    }

    fn edited(prompt: &mut Prompt, edits: &[Edit]) -> String {
        for edit in edits {
            prompt.edit(*edit);
        }
        shown(prompt)
    }

    #[test]
    fn typing_and_deleting() {
        let mut prompt = Prompt::with("ns pay");
        prompt.insert("m\x1b\n\u{7f}e");
        assert_eq!(shown(&prompt), "ns payme|");
        assert_eq!(edited(&mut prompt, &[Edit::DeleteBack, Edit::DeleteWord]), "ns |");
        prompt.insert("e\u{301}");
        assert_eq!(edited(&mut prompt, &[Edit::DeleteBack]), "ns |");
        prompt.insert(&"x".repeat(5000));
        assert_eq!(prompt.text().len(), CAP);
        let rest = [Edit::DeleteBefore, Edit::DeleteBack, Edit::DeleteWord];
        assert_eq!(edited(&mut prompt, &rest), "|");
    }

    #[test]
    fn a_word_in_the_middle_is_mended() {
        let mut prompt = Prompt::with("ns:pay status:Failed");
        for _ in 0..="status:Failed".len() {
            prompt.edit(Edit::Left);
        }
        prompt.insert("ments");
        assert_eq!(shown(&prompt), "ns:payments| status:Failed");
        assert_eq!(edited(&mut prompt, &[Edit::DeleteWord]), "| status:Failed");
        assert_eq!(
            edited(&mut prompt, &[Edit::DeleteAt, Edit::Right]),
            "s|tatus:Failed"
        );
        assert_eq!(edited(&mut prompt, &[Edit::DeleteAfter]), "s|");
        assert_eq!(edited(&mut prompt, &[Edit::Start, Edit::Left]), "|s");
        assert_eq!(edited(&mut prompt, &[Edit::End, Edit::Right]), "s|");
        let mut prompt = Prompt::with("a\u{3000}b");
        assert_eq!(edited(&mut prompt, &[Edit::DeleteWord]), "a\u{3000}|");
    }

    fn completions(texts: &[&str]) -> Vec<Completion> {
        let completion = |text: &&str| Completion {
            range: 3..6,
            text: (*text).to_owned(),
        };
        texts.iter().map(completion).collect()
    }

    #[test]
    fn completions_are_gone_through_both_ways_and_declined() {
        let mut prompt = Prompt::with("ns:pay x");
        prompt.edit(Edit::Left);
        prompt.edit(Edit::Left);
        prompt.offer(completions(&["payments", "payroll", "prepay"]));
        assert_eq!(shown(&prompt), "ns:payments| x");
        assert!(prompt.next_offer(true));
        assert_eq!(shown(&prompt), "ns:payroll| x");
        prompt.next_offer(true);
        prompt.next_offer(true);
        assert_eq!(shown(&prompt), "ns:payments| x");
        prompt.next_offer(false);
        assert_eq!(
            (shown(&prompt), prompt.offers().unwrap().chosen()),
            ("ns:prepay| x".into(), 2)
        );
        assert!(prompt.decline());
        assert_eq!(shown(&prompt), "ns:pay| x");
        assert!(!prompt.decline() && !prompt.next_offer(true));
    }

    #[test]
    fn one_completion_is_taken_and_typing_takes_one() {
        let mut prompt = Prompt::with("ns:pay");
        prompt.offer(completions(&["payments"]));
        assert_eq!((shown(&prompt), prompt.offers()), ("ns:payments|".into(), None));
        let mut prompt = Prompt::with("ns:pay");
        prompt.offer(completions(&["payments", "payroll"]));
        prompt.insert(",a");
        assert_eq!(
            (shown(&prompt), prompt.decline()),
            ("ns:payments,a|".into(), false)
        );
        let long = "x".repeat(CAP);
        let mut prompt = Prompt::with("ns:pay");
        prompt.offer(completions(&[&long]));
        assert_eq!(shown(&prompt), "ns:pay|", "too long for a prompt");
    }

    proptest! {
        #[test]
        fn the_cursor_is_between_two_characters(
            text in any::<String>(),
            edits in prop::collection::vec(prop::sample::select(vec![
                Edit::Left, Edit::Right, Edit::Start, Edit::End, Edit::DeleteBack,
                Edit::DeleteAt, Edit::DeleteWord, Edit::DeleteBefore, Edit::DeleteAfter,
            ]), 0..20),
            more in "[a é\u{301}👍🏽]{0,3}",
        ) {
            let mut prompt = Prompt::with(&text);
            for edit in edits {
                prompt.edit(edit);
                prompt.insert(&more);
                let (before, at, after) = prompt.parts();
                prop_assert_eq!(format!("{before}{at}{after}"), prompt.text());
                prop_assert_eq!(before.len(), prompt.cursor());
            }
        }
    }
}
