//! What is worth telling a person, and when.
//!
//! A [`rule`] names a condition, the pods it is about and the ways to a person. The [`engine`] takes one [`look`] at the
//! source after another, with the time as an argument, and returns [`notice`]s: each alert once when it begins, once when it
//! gets worse after somebody put it away, and once when it is over. What it has to remember for that is the [`book`], which
//! outlives the program.
//!
//! ```text
//!  changes ─┐                ┌ waiting for its `for` ┐
//!  states  ─┼─► judge ─► alert                        ├─► due ─► told ─► over ─► forgotten
//!  pods    ─┘                └───────────────────────┘    │
//!                            quiet hours, a mute, the merge window and a gap hold it back here
//! ```
//!
//! Nothing is told of a first load, because the fleet records no change of it, and nothing of a restart, because the book
//! says what was told. After a gap in which nobody looked, all that happened in it is one summary. Pure: no clock, no I/O.
//! Must not: know how a notice reaches anybody.

mod agenda;
pub mod book;
pub mod condition;
pub mod engine;
mod findings;
mod judge;
mod list;
pub mod look;
pub mod notice;
pub mod quiet;
pub mod rule;
mod tell;
#[cfg(test)]
pub(crate) mod tests;
mod usage;

pub use book::{AlertAct, KeptAlerts};
pub use condition::{AlertCondition, AlertFinding};
pub use engine::AlertEngine;
pub use look::{AlertLook, SourceFacts};
pub use notice::{AlertNotice, HeldAlert, HoldReason, ListedAlert, NoticeKind, ToldAlert};
pub use quiet::QuietHours;
pub use rule::{AlertRule, AlertSeverity, AlertWay};
