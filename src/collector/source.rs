//! The requests to the fetch task, and its replies.
//!
//! Owns those types, and a trait for the origin of pages, so that a test can replace the client.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::budgets::BudgetShare;
use super::ledger::Ledger;
use super::status::SyncStatus;
use super::synchronise::SnapshotNews;
use super::task::CollectorPort;
use crate::fleet::{Fleet, Scope, SourceId};
use crate::hss::call_record::CallRecords;
use crate::hss::{Answer, Client, Error, ListPods, SendBy};
use crate::state::{DiskWait, Recorder};

/// The origin of pages: the client, or a test's replacement.
pub trait PodSource: Send + Sync + 'static {
    /// Requests one page, unless the claim has expired.
    fn list_pods(&self, by: SendBy, call: &ListPods) -> impl Future<Output = Result<Answer, Error>> + Send;

    /// Corrects the cause of a failed call, so that another attempt may succeed; or returns the error to
    /// report.
    fn mend(&self, error: Error) -> impl Future<Output = Result<(), Error>> + Send;

    /// Why a refused password could not be saved for other programs and for the next start.
    fn sign_in_trouble(&self) -> Option<String> {
        None
    }

    /// The last calls, the oldest first.
    fn calls(&self) -> CallRecords {
        CallRecords::default()
    }

    /// When the credential expires, if known; the outer `None` while one is being fetched.
    fn credential_end(&self) -> Option<Option<Timestamp>> {
        None
    }
}

impl PodSource for Client {
    fn list_pods(&self, by: SendBy, call: &ListPods) -> impl Future<Output = Result<Answer, Error>> + Send {
        self.call(by, call)
    }

    fn mend(&self, error: Error) -> impl Future<Output = Result<(), Error>> + Send {
        Self::mend(self, error)
    }

    fn sign_in_trouble(&self) -> Option<String> {
        self.credentials().trouble()
    }

    fn calls(&self) -> CallRecords {
        Self::calls(self)
    }

    fn credential_end(&self) -> Option<Option<Timestamp>> {
        self.credentials().expires_at_now()
    }
}

impl<S: PodSource> PodSource for Arc<S> {
    fn list_pods(&self, by: SendBy, call: &ListPods) -> impl Future<Output = Result<Answer, Error>> + Send {
        S::list_pods(self, by, call)
    }

    fn mend(&self, error: Error) -> impl Future<Output = Result<(), Error>> + Send {
        S::mend(self, error)
    }

    fn sign_in_trouble(&self) -> Option<String> {
        S::sign_in_trouble(self)
    }

    fn calls(&self) -> CallRecords {
        S::calls(self)
    }

    fn credential_end(&self) -> Option<Option<Timestamp>> {
        S::credential_end(self)
    }
}

/// What the screen wants from the API. Latest wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// The part of the fleet.
    pub scope: Scope,
    /// The pod whose details are shown.
    pub pod: Option<Scope>,
    /// Grows with each "ask now".
    pub asks: u64,
    /// Grows with each request for a new snapshot.
    pub syncs: u64,
    /// How often to ask.
    pub interval: Duration,
}

/// What a source reports.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The source.
    pub source: SourceId,
    /// The report.
    pub news: News,
}

/// News of a source.
#[derive(Debug, Clone)]
pub enum News {
    /// Of its list.
    List {
        /// How current the fleet is.
        status: Box<SyncStatus>,
        /// The fleet, where it may have changed.
        fleet: Option<Fleet>,
    },
    /// Of a new snapshot that was asked for.
    Snapshot(SnapshotNews),
}

impl Reply {
    /// The status and the pods in this reply, if it has any.
    pub fn into_list(self) -> Option<(SyncStatus, Option<Fleet>)> {
        match self.news {
            News::List { status, fleet } => Some((*status, fleet)),
            News::Snapshot(_) => None,
        }
    }
}

/// The settings that do not change while the task runs.
#[derive(Debug, Clone)]
pub struct SyncSettings {
    /// The call for the first page of the whole fleet.
    pub call: ListPods,
    /// Calls allowed in a minute.
    pub calls_per_minute: u32,
}

/// Which pictures of the fleet are sent while a sweep is running. Each one that is kept costs a copy of what is written to the
/// store after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SweepPictures {
    /// None.
    Never,
    /// A few each second, for a screen.
    #[default]
    Timely,
    /// The same, and one as soon as there is so much more that whoever prints the pods has something to do meanwhile.
    AsItGrows,
}

/// How many pages are requested while one is merged, for programs that stay: a second one would cost them memory and gain nothing.
pub const PAGES_AHEAD: usize = 1;

/// What a task gets in addition to its source.
#[derive(Debug)]
pub struct FetchSupport {
    /// The source's number.
    pub id: SourceId,
    /// How its calls are counted within the program.
    pub budget: BudgetShare,
    /// The ledger shared with other programs; without it, this program only counts its own calls.
    pub ledger: Option<Ledger>,
    /// Saves data between runs.
    pub recorder: Option<Recorder>,
    /// Whether it waits for the disk.
    pub disk: DiskWait,
    /// The age up to which a complete list of an earlier run is used without a call.
    pub accepted_age: Option<Duration>,
    /// How many pages are requested while one is merged, where calls are not scarce: one keeps both sides busy for the least memory.
    pub pages_ahead: usize,
    /// Which pictures are sent while a sweep is running.
    pub pictures: SweepPictures,
    /// The task that follows a collector, if one may answer in the place of HSS.
    pub collector: Option<CollectorPort>,
}
