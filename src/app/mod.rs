//! The event loop and what it owns.
//!
//! An [`event::Event`] reaches [`update::update`], a plain function that changes the [`model::Model`] and answers
//! with [`effect::Effect`]s; [`event_loop`] waits, carries them out and publishes the model. [`view_worker`] and
//! [`render`] are its two other tasks. Nothing in `update` does I/O, reads a clock or waits.

pub mod action;
pub mod bindings;
pub mod command;
pub mod effect;
pub mod event;
pub mod event_loop;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod outbox;
pub mod prompt;
pub mod render;
pub mod title;
pub mod unread;
pub mod update;
pub mod view_worker;

pub use event_loop::Ended;
pub use model::{Mode, Model};
