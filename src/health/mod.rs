//! What the program itself costs: a monitor that is left open for months says so about itself.
//!
//! Owns the figures ([`vitals`], read from the kernel by a thin shell) and their course since the start ([`record`], pure and
//! bounded). Must not: know pods or the screen.

pub mod record;
pub mod vitals;

pub use record::Health;
pub use vitals::Vitals;
