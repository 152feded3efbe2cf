//! The collector: the engine without a screen, which works for one or more sources.
//!
//! [`handle`] starts them and is the only place that builds a client, a recorder or a task that calls. A
//! source is a task of its own, which owns its client and the fleet being built, and answers with [`Reply`]s
//! on one bounded channel for all. A request to it is a value in a `watch`: a new one replaces the old one.
//! [`plan`] chooses the next call, [`sweep`] goes over the pages, [`budget`] and [`retry`] decide when; all
//! of these are pure, and [`planned`] has their types. [`budgets`] counts the calls of all sources together,
//! [`ledger`] those of all programs. Only [`task`] waits and calls for the list, [`synchronise`] requests a
//! new snapshot from HSS, `follow` is for a collector that answers in its place, and [`counted`] is for callers that make one call at a time. Knows no screen.

pub mod budget;
pub mod budgets;
mod clocks;
pub mod counted;
pub mod dates;
mod follow;
pub mod handle;
pub mod ledger;
pub mod plan;
pub mod planned;
pub mod retry;
mod schedule;
#[cfg(test)]
mod simulation;
pub mod source;
pub mod status;
pub mod sweep;
pub mod synchronise;
pub mod task;

pub use budgets::Budgets;
pub use counted::CountedClient;
pub use follow::{TeamDoor, TeamMutes};
pub use handle::{Collector, CollectorSettings, Handle, Requests, SourceSetup};
pub use source::{FetchRequest, News, PAGES_AHEAD, PodSource, Reply, SweepPictures, SyncSettings};
pub use status::{Extent, SyncState, SyncStatus};
pub use synchronise::SnapshotNews;
