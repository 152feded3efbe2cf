//! The keys: one table for dispatch, hints, help and the manual, and the operator's own bindings.
//!
//! Owns the meaning of each key in each mode. The room [`app`](crate::app) owns the effect of an [`Action`],
//! and [`views`](crate::views) draws the names of keys.

pub mod action;
pub mod bindings;
mod group;
pub mod habits;
pub mod hints;
pub mod key;
pub mod mode;
pub mod table;

pub use action::{Action, ColumnEdit, Edit, Motion, MuteChoice};
pub use bindings::{BadBinding, KeyMap, NOTHING};
pub use group::ActionGroup;
pub use key::Key;
pub use mode::{Mode, ViewKind};
