//! The line that filter and command are typed in.

use unicode_segmentation::UnicodeSegmentation as _;

/// The most that is taken, typed or pasted, in bytes.
const CAP: usize = 1024;

/// What was typed; the cursor is at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    text: String,
}

impl Prompt {
    /// A prompt that holds `text` to the letter: a filter that is in force, or one that was completed with a value of the
    /// API, which may have control characters. One beyond the cap holds nothing, rather than something else.
    pub fn with(text: &str) -> Self {
        let text = if text.len() > CAP { "" } else { text };
        Self {
            text: text.to_owned(),
        }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds text, less its control characters, up to the cap.
    pub fn insert(&mut self, text: &str) {
        for character in text.chars().filter(|character| !character.is_control()) {
            if self.text.len() + character.len_utf8() > CAP {
                return;
            }
            self.text.push(character);
        }
    }

    /// Deletes the last character, as the eye counts them.
    pub fn delete_back(&mut self) {
        if let Some((at, _)) = self.text.grapheme_indices(true).next_back() {
            self.text.truncate(at);
        }
    }

    /// Deletes the last word and the space before it.
    pub fn delete_word(&mut self) {
        let kept = self.text.trim_end();
        let kept = kept.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        self.text.truncate(kept);
    }

    /// Deletes everything.
    pub fn clear(&mut self) {
        self.text.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_and_deleting() {
        let mut prompt = Prompt::with("ns pay");
        prompt.insert("m\x1b\n\u{7f}e");
        assert_eq!(prompt.text(), "ns payme");
        prompt.delete_back();
        prompt.delete_word();
        assert_eq!(prompt.text(), "ns ");
        prompt.insert("e\u{301}");
        prompt.delete_back();
        assert_eq!(prompt.text(), "ns ");
        prompt.insert(&"x".repeat(5000));
        assert_eq!(prompt.text().len(), CAP);
        prompt.clear();
        prompt.delete_back();
        prompt.delete_word();
        assert_eq!(prompt.text(), "");
    }
}
