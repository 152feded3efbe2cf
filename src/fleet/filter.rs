//! The filter over the fleet: words that must all occur.
//!
//! Owns what a typed filter means. Words are joined by space and all of them must occur somewhere in a pod's shown
//! texts, upper and lower case alike. Must not: know the screen, or filter by what is shown nowhere.

use super::pod::Pod;

/// A filter, ready to be applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Lower-case.
    words: Vec<String>,
}

impl Filter {
    /// Reads what was typed. Any text is a filter.
    pub fn parse(text: &str) -> Self {
        Self {
            words: text.split_whitespace().map(str::to_lowercase).collect(),
        }
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether it lets `pod` through.
    pub fn matches(&self, pod: &Pod) -> bool {
        self.words
            .iter()
            .all(|word| pod.texts().any(|text| contains_ignoring_case(text, word)))
    }
}

/// Whether `text` contains `word`, which is lower-case already.
fn contains_ignoring_case(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        text.as_bytes()
            .windows(word.len())
            .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    } else {
        text.to_lowercase().contains(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};

    #[test]
    fn all_words_must_occur_somewhere() {
        let pod = node("payment-api-1").within("prod-a", "payments").build();
        for text in [
            "",
            "  ",
            "pay",
            "PAY prod",
            "payment-api running",
            "192.168.0",
            "default".get(..0).unwrap(),
        ] {
            assert!(Filter::parse(text).matches(&pod), "{text}");
        }
        for text in ["search", "pay search", "payment-api-11", "api pod-b"] {
            assert!(!Filter::parse(text).matches(&pod), "{text}");
        }
    }

    #[test]
    fn security_words_are_found() {
        let pod = serverless("settle-1")
            .security("protection_exception", "risk")
            .build();
        assert!(Filter::parse("risk exception").matches(&pod));
        assert!(!Filter::parse("clean").matches(&pod));
    }

    #[test]
    fn names_beyond_ascii_are_found() {
        let pod = node("p").within("生产-Ü", "n").build();
        assert!(Filter::parse("产-ü").matches(&pod));
    }
}
