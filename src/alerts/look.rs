//! What the engine gets to see at one time.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::fleet::Fleet;
use crate::fleet::changes::ChangeId;
use crate::fleet::decisions::MutedChanges;

/// The source at one time. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct AlertLook {
    /// When.
    pub now: Timestamp,
    /// The pods, with their names.
    pub fleet: Fleet,
    /// How the source is.
    pub facts: SourceFacts,
    /// Changes of muted pods, which are not sent.
    pub muted: Arc<HashSet<ChangeId>>,
    /// The active mutes, for findings without a change.
    pub mutes: Arc<MutedChanges>,
    /// Changes that somebody acknowledged.
    pub acknowledged: Arc<HashSet<ChangeId>>,
}

/// How the source is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFacts {
    /// When HSS last answered.
    pub asked_at: Option<Timestamp>,
    /// A longer time without an answer is a gap: what happened in it is told as one summary.
    pub gap_after: SignedDuration,
    /// Whether what an earlier run stored is still read.
    pub is_restoring: bool,
    /// Whether a sweep is under way.
    pub is_loading: bool,
    /// Whether the last sweep met everything.
    pub is_complete: bool,
    /// Since when HSS's list is too old: its date.
    pub old_list: Option<Timestamp>,
    /// Why HSS cannot be asked, as the state word.
    pub unreachable: Option<&'static str>,
    /// Pods with security data, and all pods.
    pub coverage: (usize, usize),
}
