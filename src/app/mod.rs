//! The event loop and its model.
//!
//! An [`event::Event`] reaches [`update::update`], a plain function that changes the [`model::Model`] and
//! returns [`effect::Effect`]s; [`event_loop`] waits for events, carries out the effects and publishes the
//! model as a [`Frame`]. Beside it, [`view_worker`] filters and sorts, and [`own_files`] writes the
//! operator's own files. Nothing in `update` does I/O, reads a clock or waits.
//!
//! Draws nothing: the room [`views`](crate::views) reads the model and is above this one. Only the views know
//! how far a text can be scrolled and where everything is, so the model has functions for that,
//! [`hotspots::Drawn`], which `main` passes in.

pub mod absent_pod;
pub mod alert_desk;
pub mod changes_view;
pub mod columns;
pub mod command;
pub mod compare;
pub mod currency;
pub mod detail;
pub mod effect;
pub mod event;
pub mod event_loop;
#[cfg(test)]
pub(crate) mod fixture;
pub mod focus;
pub mod frame;
pub mod health_view;
pub mod help_search;
pub mod hotspots;
pub mod kiosk;
pub mod layout;
pub mod marks;
pub mod masking;
pub mod model;
pub mod noted_places;
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
pub mod snapshot_request;
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
