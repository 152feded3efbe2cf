//! What is worth telling a person, and when.
//!
//! A [`rule`] names a condition, the pods it applies to and the ways to reach a person. The [`engine`] takes one [`look`] at the
//! source after another, with the time as an argument, and returns [`notice`]s: one when an alert begins, one if it gets worse
//! after it was acknowledged, and one when it is over. It remembers this in the [`book`], which is saved between runs.
//!
//! ```text
//!  changes ─┐                ┌ waiting for its `for` ┐
//!  states  ─┼─► judge ─► alert                        ├─► due ─► told ─► over ─► forgotten
//!  pods    ─┘                └───────────────────────┘    │
//!                            quiet hours, a mute, the merge window and a gap hold it back here
//! ```
//!
//! A first load sends nothing, because the fleet records no changes for it. A restart sends nothing, because the book has what
//! was sent. After a gap without answers, everything that happened in it is one summary. Pure: no clock, no I/O.
//! Must not: know how a notice reaches a person.

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
mod source;
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
