//! The fetch task: keeps the fleet current within the call budget.
//!
//! It owns the client, the budget and the fleet being built, and answers with [`Reply`]s on one bounded channel.
//! What the screen wants is a value in a `watch`: a new wish replaces the old one. [`plan`] says which call is next,
//! [`walk`] leads over the pages, [`budget`] and [`retry`] say when: all pure; [`ledger`] shares the budget with other programs; [`order`] has their words. [`task`] alone
//! waits and calls. Knows no screen.

pub mod budget;
mod clocks;
mod course;
pub mod dates;
pub mod ledger;
pub mod order;
pub mod plan;
pub mod retry;
#[cfg(test)]
mod simulation;
pub mod source;
pub mod status;
pub mod task;
pub mod walk;

pub use source::{PodSource, Reply, Settings, Wanted};
pub use status::{Extent, State, SyncStatus};
