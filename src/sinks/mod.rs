//! From notices to people and programs: what leaves hss-top, and its result.
//!
//! [`worker`] is a task beside the event loop. It owns the [engine](crate::alerts::AlertEngine), so that nothing of this costs
//! the screen anything, and gives notices for the terminal back to the loop. Notices for programs wait in a [`pending`] queue
//! of bounded size until they are delivered; a sink that fails is tried again, ever more rarely, and blocks nothing. What was
//! sent outlives the program in [`kept`], as do each [`receipt`] and the ends that Alertmanager is told again (`ends`). Files and programs that a sink needs are checked from the
//! start (`needs`), so that a missing one is reported before the first alert.
//!
//! ```text
//!  event loop ──looks──► worker: engine ──► pending ──► command, webhook
//!      ▲                    │    └────────► rounds ───► Alertmanager
//!      │                    │                  └ bounded, then summed up
//!      └──── news ──────────┤
//!                           └──► kept: .alerts.json (the book), .alerts.jsonl (receipts), .alerts.lock
//! ```
//!
//! If several dashboards watch one source, each notifies its own terminal, and the one that holds the lock calls the programs.
//! A demo calls no program: its risks are invented. Must not: wait for a sink, or write a secret.

pub mod alertmanager;
pub mod body;
pub mod command;
mod couriers;
mod ends;
pub mod http;
pub mod kept;
mod needs;
pub mod news;
#[cfg(test)]
mod outage;
pub mod pending;
pub mod receipt;
mod rounds;
pub mod servers;
pub mod stated_file;
pub mod try_out;
pub mod worker;

pub use needs::missing_needs;
pub use news::{AlertNews, AlertOrder, SinkTrouble};
pub use receipt::{AlertReceipt, ReceiptResult};
pub use servers::{AlertServers, AlertmanagerSetup, ServerSetup};
pub use stated_file::StatedFile;
pub use worker::AlertSetup;
