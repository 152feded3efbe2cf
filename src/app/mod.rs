//! The event loop and what it owns.
//!
//! An [`event::Event`] reaches [`update::update`], a plain function that changes the [`model::Model`] and answers
//! with [`effect::Effect`]s; [`event_loop`] waits, carries them out and publishes the model as a [`Frame`].
//! [`view_worker`] filters and sorts beside it, [`own_files`] writes what the operator keeps. Nothing in `update` does I/O, reads a clock or waits.
//!
//! Draws nothing: the room [`views`](crate::views) reads the model and is above this one. How far a text on the screen
//! can be scrolled, and what lies where, is known to who draws it: the model holds that as functions, [`hotspots::Drawn`],
//! which whoever puts the program together passes in.

pub mod alert_desk;
pub mod changes_view;
pub mod columns;
pub mod command;
pub mod compare;
pub mod detail;
pub mod effect;
pub mod event;
pub mod event_loop;
#[cfg(test)]
pub(crate) mod fixture;
pub mod focus;
pub mod frame;
pub mod health_view;
pub mod hotspots;
pub mod layout;
pub mod marks;
pub mod masking;
pub mod model;
pub mod notice;
pub mod outbox;
pub mod overview;
pub mod own_files;
pub mod pods_view;
pub mod prompt;
pub mod quit;
pub mod record_search;
pub mod row_menu;
pub mod saved_views;
pub mod scroll;
pub mod snapshot_wish;
pub mod tabs;
pub mod time_machine;
pub mod title;
pub mod unbound;
pub mod unread;
pub mod update;
pub mod view_worker;

pub use event_loop::Ended;
pub use frame::Frame;
pub use model::Model;
