//! The fetch task: keeps the fleet current within the call budget.
//!
//! It owns the client, the budget and the fleet being built, and answers with [`Reply`]s on one bounded channel.
//! What the screen wants is a value in a `watch`: a new request replaces the old one. [`plan`] says which call is next,
//! [`sweep`] leads over the pages, [`budget`] and [`retry`] say when: all pure; [`ledger`] shares the budget with other programs; [`planned`] has their words. [`task`] alone
//! waits and calls. Knows no screen.

pub mod budget;
mod clocks;
pub mod dates;
pub mod ledger;
pub mod list_age;
pub mod plan;
pub mod planned;
pub mod retry;
mod schedule;
#[cfg(test)]
mod simulation;
pub mod source;
pub mod status;
pub mod sweep;
pub mod task;

pub use list_age::{ListAgeLimit, ListCurrency};
pub use source::{FetchRequest, PodSource, Reply, SyncSettings};
pub use status::{Extent, SyncState, SyncStatus};
