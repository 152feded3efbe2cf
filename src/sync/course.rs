//! What is kept of the walks over one scope, one after the other.
//!
//! Owns when the next one is due and what the last one saw. Must not: decide between courses.

use jiff::Timestamp;
use tokio::time::Instant;

use super::order::Progress;
use super::walk::Walk;
use crate::fleet::Scope;

/// What a complete walk saw.
pub(super) type Seen = (Option<u64>, Option<Timestamp>);

/// The walks over one scope, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Course {
    pub(super) scope: Scope,
    pub(super) walk: Option<Walk>,
    /// What the last walk saw, if it was complete.
    pub(super) seen: Option<Seen>,
    /// What the newest answer saw.
    pub(super) latest: Option<Seen>,
    /// Whether a walk came to its end at least once.
    pub(super) known: bool,
    pub(super) began: Instant,
    pub(super) due: Instant,
}

impl Course {
    pub(super) fn new(scope: Scope, now: Instant) -> Self {
        Self {
            scope,
            walk: None,
            seen: None,
            latest: None,
            known: false,
            began: now,
            due: now,
        }
    }

    /// The snapshot that is known whole.
    pub(super) fn snapshot(&self) -> Option<Timestamp> {
        self.seen.and_then(|(_, at)| at)
    }

    /// How far its walk has come. A first page is a probe, until it shows that there is more.
    pub(super) fn progress(&self) -> Option<Progress> {
        let walk = self.walk.as_ref();
        let walk = walk.filter(|walk| walk.has_moved() || !walk.is_at_its_first_page())?;
        Some(Progress {
            met: walk.met(),
            since: self.began,
            moved: walk.has_moved(),
        })
    }
}
