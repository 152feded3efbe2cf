//! The picture of one source: its pods, and what of them is rendered.
//!
//! The pods are rendered once, when a sweep has ended or an earlier run's list was restored. While a sweep is under way the
//! previous picture is served, because half of a sweep would look like a fleet of half the size. Must not: publish.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::moved::NewsTag;
use super::pods::{KeptPart, ServedList};
use super::published::{Currency, PublishedSource};
use crate::collector::{SyncState, SyncStatus};
use crate::fleet::list_age::ListAgeLimit;
use crate::fleet::{Fleet, SourceId};
use crate::health::allocator;
use crate::hss::Error;
use crate::hss::error::ErrorKind;
use crate::metrics::{FleetGroups, RenderedMetrics, SeriesLimits};

/// What does not change of a source.
#[derive(Debug, Clone)]
pub struct KeptSource {
    /// Its number.
    pub id: SourceId,
    /// The name of its profile; `None` if it is the only source.
    pub profile: Option<String>,
    /// The same as a label of metrics; empty if it is the only source.
    pub labels: Arc<str>,
    /// Its region, or host and port.
    pub place: String,
    /// Which pods are kept.
    pub kept: KeptPart,
    /// From which age its list is old.
    pub list_age_limit: ListAgeLimit,
    /// Whom to notify when its list changes.
    pub moved: watch::Sender<NewsTag>,
}

/// The state of a source, and what of it is rendered.
#[derive(Debug)]
pub struct SourcePicture {
    /// What does not change.
    pub source: KeptSource,
    /// How current its list is.
    pub status: SyncStatus,
    /// Its state word, which depends on the time.
    pub state: SyncState,
    /// The metrics of its pods.
    pub rendered: Arc<RenderedMetrics>,
    /// The newest picture.
    latest: Fleet,
    /// The picture that is rendered.
    rendered_of: Option<Fleet>,
    kept: Arc<KeptPart>,
    list: Option<Arc<ServedList>>,
    /// When HSS last answered that the list is as it is: at the end of its sweep, or to a probe after it.
    confirmed_at: Option<Timestamp>,
    /// How many lists were published.
    lists: u64,
    /// What waiting clients last learned of the list.
    told: ListMark,
}

/// What a client sees of the list: which one, when it was confirmed, and its state word.
type ListMark = (u64, Option<Timestamp>, &'static str);

/// What is made of a picture, beside the event loop.
#[derive(Debug)]
struct RenderedPicture {
    fleet: Fleet,
    metrics: RenderedMetrics,
    /// The list, if the picture is of every pod.
    list: Option<ServedList>,
}

impl SourcePicture {
    /// Knows nothing yet.
    pub fn new(source: KeptSource) -> Self {
        Self {
            kept: Arc::new(source.kept.clone()),
            source,
            status: SyncStatus::default(),
            state: SyncState::Loading { met: 0, total: None },
            latest: Fleet::default(),
            rendered_of: None,
            rendered: Arc::default(),
            list: None,
            confirmed_at: None,
            lists: 0,
            told: ListMark::default(),
        }
    }

    /// Takes a report of the source; renders its pods if they are another list.
    pub async fn take(
        &mut self,
        status: SyncStatus,
        fleet: Option<Fleet>,
        limits: SeriesLimits,
        now: Timestamp,
    ) {
        if status.state_trouble != self.status.state_trouble {
            let profile = self.source.profile.as_deref();
            if let Some(why) = &status.state_trouble {
                tracing::warn!(profile, why, "the list and the changes are not saved");
            } else {
                tracing::info!(profile, "the list and the changes are saved again");
            }
        }
        self.status = status;
        self.latest = fleet.unwrap_or_else(|| self.latest.clone());
        self.learn_project();
        if !is_whole_picture(&self.status) {
            return;
        }
        if self.status.complete {
            self.confirmed_at = self.status.asked_at;
        }
        // An answer that brings nothing new is a new picture of the same pods.
        let is_of = |of: &Fleet| of.has_pods_of(&self.latest);
        let is_rendered = self.rendered_of.as_ref().is_some_and(is_of);
        let is_served = self
            .list
            .as_ref()
            .is_some_and(|list| list.is_of(self.status.snapshot_at));
        if is_rendered && (is_served || !self.status.complete) {
            return;
        }
        let (fleet, labels) = (self.latest.clone(), Arc::clone(&self.source.labels));
        let (is_complete, snapshot_at) = (self.status.complete, self.status.snapshot_at);
        let picture = spawn_blocking(move || {
            // What the sweep needed is not needed for this.
            allocator::give_back();
            RenderedPicture {
                metrics: RenderedMetrics::of_pods(&FleetGroups::of(&fleet, limits, now), &labels),
                list: is_complete.then(|| ServedList::of(fleet.clone(), snapshot_at)),
                fleet,
            }
        });
        if let Ok(picture) = picture.await {
            self.rendered = Arc::new(picture.metrics);
            self.rendered_of = Some(picture.fleet);
            self.lists += u64::from(picture.list.is_some());
            // A list that lacks pods does not replace one that had all.
            self.list = picture.list.map(Arc::new).or_else(|| self.list.take());
        }
    }

    /// The project may be found only when HSS is first called.
    fn learn_project(&mut self) {
        if self.kept.project.is_none()
            && let Some(project) = &self.status.project
        {
            let project = Some(project.as_str().to_owned());
            self.kept = Arc::new(KeptPart {
                project,
                ..KeptPart::clone(&self.kept)
            });
        }
    }

    /// The project, once it is known.
    pub fn project(&self) -> Option<&str> {
        self.kept.project.as_deref()
    }

    /// What requests are answered from, now.
    pub fn published(&mut self, now: Timestamp) -> PublishedSource {
        self.state = self.status.state_within(now, self.source.list_age_limit);
        PublishedSource {
            profile: Arc::clone(&self.source.labels),
            kept: Arc::clone(&self.kept),
            list: self.list.clone(),
            currency: Currency::of(&self.status, self.state, self.confirmed_at),
            changes: self.latest.changes().clone(),
        }
    }

    /// Tells clients that wait, if what was published differs for them. To be called when it is there, so that
    /// whoever is woken finds it. Returns whether it was another list.
    pub fn tell(&mut self) -> bool {
        let mark = (self.lists, self.confirmed_at, self.state.word());
        let before = std::mem::replace(&mut self.told, mark);
        if before.2 != mark.2 {
            self.log_state(before.2);
        }
        if before != mark {
            self.source.moved.send_modify(|moved| {
                moved.list += u64::from(before.0 != mark.0);
                moved.state += u64::from(before.2 != mark.2);
                moved.confirmed += u64::from(before.1 != mark.1);
            });
        }
        before.0 != mark.0
    }

    /// Logs the new state word, with its cause.
    fn log_state(&self, before: &str) {
        let cause = self
            .status
            .problem
            .as_ref()
            .map(|problem| problem.error.to_string());
        tracing::info!(
            profile = self.source.profile.as_deref(),
            before,
            state = self.state.word(),
            cause,
            next_call = self.status.next_at.map(|at| at.to_string()),
            confirmed_at = self.confirmed_at.map(|at| at.to_string()),
            "the state of the list changed"
        );
    }

    /// Why HSS will not answer, if it never did.
    pub fn refused(&self) -> Option<Error> {
        let problem = self.status.problem.as_ref()?;
        let is_refused = matches!(
            problem.error.kind(),
            ErrorKind::SignIn | ErrorKind::KeyRefused | ErrorKind::Denied
        );
        let has_answered = self.status.asked_at.is_some() && !self.status.restored;
        (is_refused && !has_answered).then(|| problem.error.clone())
    }
}

/// Whether the newest picture is of a list as a whole: a sweep has ended, or an earlier run's list was restored and nothing
/// came yet.
fn is_whole_picture(status: &SyncStatus) -> bool {
    status.asked_at.is_some() && (status.restored || !status.loading)
}
