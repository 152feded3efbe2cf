//! Turns the reports of the collector into the pages that are published.
//!
//! Owns when a page is rendered, and from which fleet: the pods once, when a sweep has ended or the list of an earlier run was
//! restored, and the lines about the service itself with each report and every few seconds. During a sweep the previous list
//! stays published, because half a sweep would look like a fleet of half the size. Must not: answer requests.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

use super::moved::NewsTag;
use super::pods::{KeptPart, ServedList};
use super::published::{Currency, Published};
use super::requests::RequestCounts;
use crate::clock::Clock;
use crate::collector::{Reply, SyncStatus};
use crate::fleet::Fleet;
use crate::fleet::list_age::ListAgeLimit;
use crate::health::Vitals;
use crate::hss::Error;
use crate::hss::error::ErrorKind;
use crate::metrics::{FleetGroups, MetricsPage, RenderedMetrics, SeriesLimits, ServiceFacts};

/// Why nothing is kept any more.
#[derive(Debug)]
pub enum KeeperEnd {
    /// HSS refused the credential before it answered once: nothing would ever come.
    Refused(Box<Error>),
    /// The collector ended.
    Lost,
}

/// What is known, and what of it is rendered.
#[derive(Debug)]
pub struct PictureKeeper {
    limits: SeriesLimits,
    list_age_limit: ListAgeLimit,
    counts: Arc<RequestCounts>,
    clock: Clock,
    started_at: Timestamp,
    status: SyncStatus,
    /// The newest picture.
    latest: Fleet,
    /// The picture that is rendered.
    rendered_of: Option<Fleet>,
    rendered: Arc<RenderedMetrics>,
    kept: Arc<KeptPart>,
    list: Option<Arc<ServedList>>,
    /// When HSS last answered that the list is as it is: at the end of its sweep, or to a probe after it.
    confirmed_at: Option<Timestamp>,
    /// How many lists were published.
    lists: u64,
    /// The mark of the list that waiting clients were told last.
    told: ListMark,
    moved: watch::Sender<NewsTag>,
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

impl PictureKeeper {
    /// Knows nothing yet.
    pub fn new(
        limits: SeriesLimits,
        list_age_limit: ListAgeLimit,
        kept: KeptPart,
        counts: Arc<RequestCounts>,
        moved: watch::Sender<NewsTag>,
        clock: Clock,
    ) -> Self {
        Self {
            lists: 0,
            told: ListMark::default(),
            moved,
            limits,
            list_age_limit,
            counts,
            started_at: clock.now(),
            clock,
            status: SyncStatus::default(),
            latest: Fleet::default(),
            rendered_of: None,
            rendered: Arc::default(),
            kept: Arc::new(kept),
            list: None,
            confirmed_at: None,
        }
    }

    /// Publishes, until the collector ends or will never have anything to tell.
    pub async fn run(
        mut self,
        mut replies: mpsc::Receiver<Reply>,
        mut vitals: watch::Receiver<Vitals>,
        publish: watch::Sender<Published>,
    ) -> KeeperEnd {
        loop {
            let now = *vitals.borrow_and_update();
            let published = self.published(now);
            let mark = (self.lists, self.confirmed_at, published.currency.state.word());
            publish.send_replace(published);
            // After the list is there, so that whoever is woken finds it.
            let before = std::mem::replace(&mut self.told, mark);
            if before != mark {
                self.moved.send_modify(|moved| {
                    moved.list += u64::from(before.0 != mark.0);
                    moved.currency += 1;
                });
            }
            tokio::select! {
                reply = replies.recv() => {
                    let Some(reply) = reply else {
                        return KeeperEnd::Lost;
                    };
                    let Some((status, fleet)) = reply.into_list() else {
                        continue;
                    };
                    if let Some(error) = refused(&status) {
                        return KeeperEnd::Refused(Box::new(error));
                    }
                    self.take(status, fleet).await;
                }
                changed = vitals.changed() => if changed.is_err() {
                    return KeeperEnd::Lost;
                },
            }
        }
    }

    async fn take(&mut self, status: SyncStatus, fleet: Option<Fleet>) {
        self.status = status;
        self.latest = fleet.unwrap_or_else(|| self.latest.clone());
        self.learn_project();
        if !is_whole_picture(&self.status) {
            return;
        }
        if self.status.complete {
            self.confirmed_at = self.status.asked_at;
        }
        let is_rendered = self.rendered_of.as_ref().is_some_and(|of| of.is(&self.latest));
        let is_served = self
            .list
            .as_ref()
            .is_some_and(|list| list.is_of(self.status.snapshot_at));
        if is_rendered && (is_served || !self.status.complete) {
            return;
        }
        let (fleet, limits, now) = (self.latest.clone(), self.limits, self.clock.now());
        let (is_complete, snapshot_at) = (self.status.complete, self.status.snapshot_at);
        let picture = spawn_blocking(move || RenderedPicture {
            metrics: RenderedMetrics::of_pods(&FleetGroups::of(&fleet, limits, now)),
            list: is_complete.then(|| ServedList::of(fleet.clone(), snapshot_at)),
            fleet,
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

    /// All of it, made before anybody can see it: whoever reads it waits for a pointer at most.
    pub fn published(&self, vitals: Vitals) -> Published {
        let state = self.status.state_within(self.clock.now(), self.list_age_limit);
        let facts = ServiceFacts {
            state,
            status: self.status.clone(),
            vitals,
            started_at: self.started_at,
            requests: self.counts.rows(),
            calls_saved: self.counts.pages(),
        };
        let page = MetricsPage::of(&facts, &self.rendered);
        let mut published = Published::of_metrics(page);
        published.kept = Arc::clone(&self.kept);
        published.list.clone_from(&self.list);
        published.changes = self.latest.changes().clone();
        published.currency = Currency::of(&self.status, state, self.confirmed_at);
        published
    }
}

/// Whether the newest picture is of a list as a whole: a sweep has ended, or an earlier run's list was restored and nothing
/// came yet.
fn is_whole_picture(status: &SyncStatus) -> bool {
    status.asked_at.is_some() && (status.restored || !status.loading)
}

/// Why HSS will not answer, if it never did.
fn refused(status: &SyncStatus) -> Option<Error> {
    let problem = status.problem.as_ref()?;
    let is_refused = matches!(
        problem.error.kind(),
        ErrorKind::SignIn | ErrorKind::KeyRefused | ErrorKind::Denied
    );
    let has_answered = status.asked_at.is_some() && !status.restored;
    (is_refused && !has_answered).then(|| problem.error.clone())
}
