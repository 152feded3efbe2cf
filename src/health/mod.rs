//! The program's own resource use: a monitor that stays open for months should report it.
//!
//! Owns the figures ([`vitals`], read from the kernel), their history since the start ([`record`], pure and bounded), and the
//! limits of memory that holds no data ([`allocator`]). Must not: know pods or the screen.

pub mod allocator;
pub mod record;
pub mod vitals;

pub use record::{Health, HealthPoint};
pub use vitals::Vitals;
