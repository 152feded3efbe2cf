//! The pod in the detail while the rows of the screen do not have it: the picture is of a time without it, or the filter
//! excludes it now.
//!
//! Owns its record, so that a step in time keeps the pod. Must not: keep it when the detail is closed or another
//! pod is selected.

use std::sync::Arc;

use jiff::Timestamp;

use super::Model;
use crate::fleet::changes::ChangeKind;
use crate::fleet::{Pod, PodKey, View};
use crate::keys::{Mode, ViewKind};

/// Why a pod has no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The filter excludes it.
    Filtered,
    /// It is in the picture, but its row is not known yet.
    Unread,
    /// HSS's list did not have it: the record is of the list of this date, if that has one.
    Unlisted(Option<Timestamp>),
}

/// A pod without a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentPod {
    /// Its last record, with its real names.
    pub(super) pod: Arc<Pod>,
    /// Why it has no row.
    pub why: Absence,
}

impl Model {
    /// The pod in the open detail, if the rows of the screen do not have it.
    pub fn absent_pod(&self) -> Option<&AbsentPod> {
        let is_shown = self.focus.view() != ViewKind::Changes && self.shows(Mode::Detail);
        self.pods.absent.as_ref().filter(|_| is_shown)
    }

    /// The row of [`Model::pod`] in the picture on the screen, if it has the pod.
    pub(super) fn pod_row(&self) -> Option<u32> {
        match self.absent_pod() {
            Some(absent) => self.view.fleet.row_of(&absent.pod.key, None),
            None => self.view.row(self.pods.cursor),
        }
    }

    /// What is kept of the pod in the open detail, which has no row in a new view. The old view is of HSS's list of the date
    /// `as_of`.
    pub(super) fn absence(&self, key: &PodKey, view: &View, as_of: Option<Timestamp>) -> Option<AbsentPod> {
        if self.focus.view() == ViewKind::Changes || !self.shows(Mode::Detail) {
            return None;
        }
        let fleet = view.fleet.masked_by(None);
        if let Some(pod) = fleet.row_of(key, None).and_then(|row| fleet.pod(row)) {
            let why = if view.knows(0..view.len()) {
                Absence::Filtered
            } else {
                Absence::Unread
            };
            return Some(AbsentPod { pod: pod.into(), why });
        }
        match self.absent_pod() {
            Some(absent) if matches!(absent.why, Absence::Unlisted(_)) => Some(absent.clone()),
            _ => {
                let pod = self.real_pod().filter(|pod| pod.key == *key)?;
                let why = Absence::Unlisted(as_of);
                Some(AbsentPod { pod: pod.into(), why })
            }
        }
    }

    /// What the heading of the detail adds for a pod without a row, with dates written by `moment`.
    pub fn absence_words(&self, moment: impl Fn(Timestamp) -> String) -> Option<String> {
        let AbsentPod { pod, why } = self.absent_pod()?;
        let as_of = match why {
            Absence::Filtered => return Some("does not match the filter".to_owned()),
            Absence::Unread => return None,
            Absence::Unlisted(as_of) => *as_of,
        };
        let record = as_of.map_or_else(
            || "its last record".to_owned(),
            |at| format!("as of HSS's list of {}", moment(at)),
        );
        let shown = self.list_date();
        if shown.is_some() && as_of > shown {
            return Some(format!("not listed yet · {record}"));
        }
        let mut changes = self.fleet.changes().iter().rev();
        let vanished = changes.find(|change| {
            change.pod == pod.key
                && change.kind == ChangeKind::Vanished
                && change.after > as_of
                && change.after <= shown
        });
        let since = vanished.and_then(|change| change.after);
        let since = since.map_or_else(String::new, |at| format!(" since {}", moment(at)));
        Some(format!("gone{since} · {record}"))
    }
}
