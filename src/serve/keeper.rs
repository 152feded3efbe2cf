//! Turns the reports of the collector into the pages that are published.
//!
//! Owns when something is published: with each report, and every few seconds. Each source has its
//! [`SourcePicture`], and all of them share one page of metrics. Must not: answer requests.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::picture::{KeptSource, SourcePicture};
use super::published::Published;
use super::requests::RequestCounts;
use crate::clock::Clock;
use crate::collector::{Reply, SyncStatus};
use crate::fleet::{Fleet, SourceId};
use crate::health::{Vitals, allocator};
use crate::hss::Error;
use crate::metrics::{SeriesLimits, ServiceFacts, SourceMetrics, SourceOrigin};

/// While pages arrive, the memory that they needed is returned no more often than this.
const GIVES_BACK_EVERY: Duration = Duration::from_millis(250);

/// Why nothing is kept any more.
#[derive(Debug)]
pub enum KeeperEnd {
    /// HSS refused the credential of every source before it answered once: nothing would ever come.
    Refused(Vec<RefusedSource>),
    /// The collector ended.
    Lost,
}

/// A source whose credential HSS refuses.
#[derive(Debug, Clone)]
pub struct RefusedSource {
    /// Its profile; `None` if it is the only source.
    pub profile: Option<String>,
    /// What HSS says.
    pub error: Error,
}

/// Publishes the pictures of all sources.
#[derive(Debug)]
pub struct PictureKeeper {
    limits: SeriesLimits,
    counts: Arc<RequestCounts>,
    clock: Clock,
    started_at: Timestamp,
    pictures: Vec<SourcePicture>,
}

impl PictureKeeper {
    /// Knows nothing of these sources yet.
    pub fn new(
        sources: Vec<KeptSource>,
        limits: SeriesLimits,
        counts: Arc<RequestCounts>,
        clock: Clock,
    ) -> Self {
        Self {
            limits,
            counts,
            started_at: clock.now(),
            clock,
            pictures: sources.into_iter().map(SourcePicture::new).collect(),
        }
    }

    /// Publishes, until the collector ends or will never have anything to tell.
    pub async fn run(
        mut self,
        mut replies: mpsc::Receiver<Reply>,
        mut vitals: watch::Receiver<Vitals>,
        publish: watch::Sender<Published>,
    ) -> KeeperEnd {
        let mut given_back = Instant::now();
        loop {
            let now = *vitals.borrow_and_update();
            publish.send_replace(self.published(now));
            let told = self.pictures.iter_mut().map(SourcePicture::tell);
            let is_new = told.fold(false, |any, is_new| any | is_new);
            // After a new list, the one before is gone. In between, each page of a sweep leaves memory that the next one may not
            // use, between blocks that stay.
            if is_new || given_back.elapsed() >= GIVES_BACK_EVERY {
                let _ = spawn_blocking(allocator::give_back).await;
                given_back = Instant::now();
            }
            tokio::select! {
                reply = replies.recv() => {
                    let Some(reply) = reply else {
                        return KeeperEnd::Lost;
                    };
                    let source = reply.source;
                    if let Some((status, fleet)) = reply.into_list()
                        && let Some(refused) = self.take(source, status, fleet).await
                    {
                        return KeeperEnd::Refused(refused);
                    }
                }
                changed = vitals.changed() => if changed.is_err() {
                    return KeeperEnd::Lost;
                },
            }
        }
    }

    /// Takes a report of a source. Returns why no source will ever have pods, if that is so.
    async fn take(
        &mut self,
        source: SourceId,
        status: SyncStatus,
        fleet: Option<Fleet>,
    ) -> Option<Vec<RefusedSource>> {
        let (limits, now) = (self.limits, self.clock.now());
        let mut pictures = self.pictures.iter_mut();
        let picture = pictures.find(|picture| picture.source.id == source)?;
        picture.take(status, fleet, limits, now).await;
        let refused = |picture: &SourcePicture| {
            Some(RefusedSource {
                profile: picture.source.profile.clone(),
                error: picture.refused()?,
            })
        };
        self.pictures.iter().map(refused).collect()
    }

    /// All of it, made before anybody can see it: whoever reads it waits for a pointer at most.
    pub fn published(&mut self, vitals: Vitals) -> Published {
        let now = self.clock.now();
        let pictures = self.pictures.iter_mut();
        let sources = pictures.map(|picture| picture.published(now)).collect();
        Published::new(self.metrics(vitals), sources)
    }

    /// What the metrics of all sources are made of.
    fn metrics(&self, vitals: Vitals) -> Vec<SourceMetrics> {
        let (requests, calls_saved) = (self.counts.rows(), self.counts.pages());
        let facts = |picture: &SourcePicture| ServiceFacts {
            state: picture.state,
            status: picture.status.clone(),
            vitals,
            started_at: self.started_at,
            requests: requests.clone(),
            calls_saved,
            origin: (!picture.source.labels.is_empty()).then(|| SourceOrigin {
                project: picture.project().map(str::to_owned),
                place: picture.source.place.clone(),
            }),
        };
        let of_source = |picture: &SourcePicture| SourceMetrics {
            labels: Arc::clone(&picture.source.labels),
            facts: facts(picture),
            pods: Arc::clone(&picture.rendered),
        };
        self.pictures.iter().map(of_source).collect()
    }
}
