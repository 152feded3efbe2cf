//! A bare word in the filter of the changes: it finds what a row shows, not only the pod's names.
//!
//! ```text
//! gone            changes whose pod is gone, and the pods with it in a name
//! night-shift     what night-shift acknowledged
//! regressed       findings that came back
//! ```
//!
//! Must not: take a word out of quotes, or one that excludes; those are about the pod.

use super::ast::Query;
use super::change_sides::sides;
use super::eval::matches;
use crate::fleet::Pod;
use crate::fleet::change_log::FindingStory;
use crate::fleet::changes::{Change, ChangeKind};

/// A word, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeWord {
    word: String,
    pods: Query,
}

impl ChangeWord {
    /// The word, if it is one without any sign that means something in a filter.
    pub(super) fn read(text: &str) -> Option<Self> {
        let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '@');
        let begins_well = text.starts_with(char::is_alphanumeric);
        if !begins_well || !text.chars().all(is_plain) {
            return None;
        }
        Some(Self {
            word: text.to_lowercase(),
            pods: Query::parse(text).ok()?,
        })
    }

    /// The filter of the pods that have the word.
    pub fn pods(&self) -> &Query {
        &self.pods
    }

    /// Whether a change of `pod` passes.
    pub(super) fn passes(&self, change: &Change, pod: &Pod, now: jiff::Timestamp) -> bool {
        self.is_in_change(change) || matches(&self.pods, pod, now)
    }

    /// Whether the change itself has the word: what it is, and its values before and after.
    pub fn is_in_change(&self, change: &Change) -> bool {
        let kind = match &change.kind {
            ChangeKind::Appeared => "appeared",
            ChangeKind::Vanished => "gone",
            ChangeKind::CpuThreshold(..) => "cpu",
            ChangeKind::MemoryThreshold(..) => "memory",
            ChangeKind::LimitChanged(..) => "limit",
            ChangeKind::Status(..) | ChangeKind::Protection(..) | ChangeKind::Detection(..) => "",
        };
        self.is_in(kind) || sides(&change.kind).any(|form| self.is_in(form))
    }

    /// Whether the course of its finding has the word.
    pub fn is_in_story(&self, story: &FindingStory) -> bool {
        let regressed = story.brought.is_some() && story.comebacks > 0 && self.is_in("regressed");
        regressed || (story.end.is_some() && self.is_in("resolved"))
    }

    /// Whether a text has the word.
    pub fn is_in(&self, text: &str) -> bool {
        text.len() >= self.word.len() && text.to_lowercase().contains(&self.word)
    }
}
