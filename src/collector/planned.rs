//! The types between the plan and the task: what to do, and the result.
//!
//! Owns those types and nothing else.

use std::time::Duration;

use tokio::time::Instant;

use crate::fleet::Scope;
use crate::fleet::store::SweepKind;

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallPurpose {
    /// The fleet.
    Fleet,
    /// The part that the screen looks at.
    Part,
    /// One pod, outside all schedules.
    Pod,
}

impl CallPurpose {
    /// The kind of the store's sweep; `None` if it is not a sweep.
    pub fn kind(self) -> Option<SweepKind> {
        match self {
            Self::Fleet => Some(SweepKind::Fleet),
            Self::Part => Some(SweepKind::Part),
            Self::Pod => None,
        }
    }
}

/// A call to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCall {
    /// What it is for.
    pub purpose: CallPurpose,
    /// What to ask for.
    pub scope: Scope,
    /// The page.
    pub offset: u32,
    /// Whether it begins a sweep.
    pub begins: bool,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Make this call now; the budget allows it.
    Ask(PlannedCall),
    /// Nothing before this time.
    Wait(Instant),
}

/// Why the next call is not made before it is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WaitCause {
    /// The list is asked for once an interval.
    #[default]
    Interval,
    /// A call failed: a short pause before it is made again.
    Pause,
    /// Calls failed in a row, or in a way that another attempt soon would not mend: everything rests.
    Rest,
    /// The service named a time, or told a limit of its own.
    Service,
    /// The calls of the budget are spent, by this program and others.
    Calls,
    /// Another program holds the ledger, so it is not known whether a call is free.
    Ledger,
}

/// What an answer means for its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The snapshot is already loaded: nothing more to request.
    Unchanged,
    /// There are more pages.
    More,
    /// HSS renewed the list: the sweep starts again.
    Restarted,
    /// The sweep has ended.
    Over {
        /// Whether it saw as many records as there are.
        complete: bool,
        /// Whether the list moved during the sweep, so that its pages mix two states.
        mixed: bool,
        /// Whether a pod that it did not see is gone.
        proves_gone: bool,
        /// How many records it saw.
        met: u64,
        /// The offset after the last page: the list ends before it.
        end: u32,
        /// How many records there are, according to the pages.
        total: Option<u64>,
    },
}

/// Why a call failed, as far as the plan needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Worth another attempt after this time.
    Passing(Duration),
    /// Nothing can be reached: worth another attempt after this time, but other pages would fail too.
    Unreachable(Duration),
    /// The service says when.
    Throttled(Instant),
    /// Another attempt soon would not help.
    Lasting,
    /// The credential is refused.
    SignIn,
    /// The key pair is refused.
    KeyRefused,
}

impl Fault {
    /// When another attempt is allowed after one that failed at `now`.
    pub fn not_before(self, now: Instant) -> Instant {
        match self {
            Self::Passing(pause) | Self::Unreachable(pause) => now + pause,
            Self::Throttled(until) => until,
            Self::Lasting | Self::SignIn | Self::KeyRefused => now,
        }
    }

    /// Whether the requested list may be the reason, so that another list may succeed.
    pub fn is_of_the_list(self) -> bool {
        match self {
            Self::Passing(_) | Self::Lasting => true,
            Self::Unreachable(_) | Self::Throttled(_) | Self::SignIn | Self::KeyRefused => false,
        }
    }
}

/// The progress of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Records seen.
    pub met: u64,
    /// When the sweep saw its first record.
    pub since: Instant,
    /// Whether the list moved during the sweep.
    pub moved: bool,
}
