//! The collector: the sources at work, without a screen.
//!
//! [`handle`] starts them and is the only place that builds a client, a recorder or a task that calls. A source is a task of its
//! own, which owns its client and the fleet being built, and answers with [`Reply`]s on one bounded channel for all. What is
//! wanted of it is a value in a `watch`: a new request replaces the old one. [`plan`] says which call is next, [`sweep`] leads
//! over the pages, [`budget`] and [`retry`] say when: all pure; [`planned`] has their words. [`budgets`] counts the calls of all
//! sources together, [`ledger`] those of all programs. [`task`] alone waits and calls for the list, [`synchronise`] asks HSS
//! for a new snapshot, and [`counted`] is for who makes one call at a time. Knows no screen.

pub mod budget;
pub mod budgets;
mod clocks;
pub mod counted;
pub mod dates;
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
pub use handle::{Collector, CollectorSettings, Handle, Requests, SourceSetup};
pub use source::{FetchRequest, News, PodSource, Reply, SyncSettings};
pub use status::{Extent, SyncState, SyncStatus};
pub use synchronise::SnapshotNews;
