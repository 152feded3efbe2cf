//! The pod whose detail is open on the changes: from HSS's list, from the last stored snapshot with it, or from its changes.
//!
//! Owns where its facts come from, so that the detail does not state more than is known: the changes of a pod that is gone name
//! few of its fields. Must not: read a file; to look up a snapshot is an effect.

use std::sync::Arc;

use jiff::Timestamp;

use crate::app::absent_pod::Absence;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::fleet::Pod;
use crate::fleet::change_log::last_records;
use crate::fleet::changes::ChangeKind;
use crate::keys::ViewKind;
use crate::state::past::{MomentWanted, PastNews};

/// How much is known of the pod in the detail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KnownAs {
    /// All that HSS sent: it is in the picture on the screen.
    #[default]
    Listed,
    /// All that HSS sent at this date of its list, the last one with the pod.
    Stored(Timestamp),
    /// Its names, and what its changes tell.
    Told,
}

impl Model {
    /// How much is known of [`Model::pod`].
    pub fn pod_known_as(&self) -> KnownAs {
        match (self.focus.view(), self.absent_pod().map(|absent| absent.why)) {
            (ViewKind::Changes, _) => self.changes.opened_as,
            (_, Some(Absence::Unlisted(Some(at)))) => KnownAs::Stored(at),
            _ => KnownAs::Listed,
        }
    }

    /// Takes the pod of the change under the cursor into the detail. One that is gone is looked up in the stored snapshots.
    pub(in crate::app) fn open_changed_pod(&mut self) -> Vec<Effect> {
        let found = self.pod_of_change();
        self.changes.opened_as = found.as_ref().map_or(KnownAs::Listed, |(_, known)| *known);
        self.changes.opened = found.map(|(pod, _)| Arc::new(pod));
        self.changes.opened_request = self.last_moment_of_opened().map(MomentWanted::At);
        match self.changes.opened_request {
            Some(_) => vec![Effect::Past],
            None => vec![],
        }
    }

    /// The pod of the change under the cursor with its names: as it is, or else what its changes tell.
    pub(in crate::app) fn pod_of_change(&self) -> Option<(Pod, KnownAs)> {
        let change = self.selected_change()?;
        let fleet = self.fleet.masked_by(None);
        let row = fleet.row_of(&change.pod, None);
        if let Some(pod) = row.and_then(|row| fleet.pod(row)) {
            return Some((pod, KnownAs::Listed));
        }
        let told = last_records(self.fleet.changes().iter(), |key| *key == change.pod).remove(&change.pod);
        told.map(|pod| (pod, KnownAs::Told))
    }

    /// The date of the last list with the opened pod, if the pod is gone.
    fn last_moment_of_opened(&self) -> Option<Timestamp> {
        let opened = self.changes.opened.as_ref()?;
        if self.changes.opened_as == KnownAs::Listed {
            return None;
        }
        let mut changes = self.fleet.changes().iter().rev();
        let last = changes.find(|change| change.pod == opened.key)?;
        if last.kind == ChangeKind::Vanished {
            last.before
        } else {
            last.after
        }
    }

    /// Takes the snapshot that was looked up for the opened pod; `None` if it was looked up for something else.
    pub(in crate::app) fn take_opened(&mut self, news: &PastNews) -> Option<Vec<Effect>> {
        self.changes
            .opened_request
            .take_if(|request| *request == news.which)?;
        let opened = self.changes.opened.as_ref()?;
        if let Ok(picture) = &news.picture {
            let row = picture.fleet.row_of(&opened.key, None);
            if let Some(pod) = row.and_then(|row| picture.fleet.pod(row)) {
                self.changes.opened = Some(Arc::new(pod));
                self.changes.opened_as = KnownAs::Stored(picture.moment.at);
            }
        }
        // The reader goes back to what the time machine shows.
        Some(vec![Effect::Past])
    }

    /// When the pod of [`Model::pod`] vanished, if it did; the date of the list is all that is known of one that is listed no more.
    pub fn pod_gone_since(&self) -> Option<Timestamp> {
        if self.focus.view() != ViewKind::Changes {
            return self.view.fleet.gone_since(self.pod_row()?);
        }
        let key = &self.changes.opened.as_ref()?.key;
        if let Some(row) = self.fleet.row_of(key, None) {
            return self.fleet.gone_since(row);
        }
        let mut changes = self.fleet.changes().iter().rev();
        changes.find(|change| change.pod == *key)?.seen_at()
    }
}
