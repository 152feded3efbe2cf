//! The keys: one table, from which come dispatch, hints, help and README; and what the operator bound otherwise.
//!
//! Says which key means what, and where. What an [`Action`] then does is the room [`app`](crate::app)'s; what is drawn
//! with the names of keys is [`views`](crate::views)'.

pub mod action;
pub mod bindings;
mod group;
pub mod habits;
pub mod key;
pub mod mode;
pub mod table;

pub use action::{Action, ColumnEdit, Edit, Motion, MuteChoice};
pub use bindings::{BadBinding, KeyMap, NOTHING};
pub use group::ActionGroup;
pub use key::Key;
pub use mode::{Mode, ViewKind};
