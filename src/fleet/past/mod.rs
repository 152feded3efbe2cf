//! The pods as they were: how a snapshot of the past is written as the difference to another one, and read again.
//!
//! ```text
//! snapshot 1 ── whole: the difference to nothing ──► body
//! snapshot 2 ── difference to 1 ───────────────────► body        Replay: 1, then 2, then 3 ──► the fleet as it was
//! snapshot 3 ── difference to 2 ───────────────────► body
//! ```
//!
//! A [`Lineup`] puts the present pods of a fleet in one order: by cluster, namespace and name. Two line-ups are merged like
//! two sorted lists ([`lineup`]), which says which pods went, came, or stayed with other values; [`mod@difference`] writes that
//! as columns of numbers and words, compressed. A difference names pods by their place in the line-up before it, so it costs
//! about a byte to say which pod is meant. [`Replay`] applies differences, one after the other, to columns that pictures
//! share; it is never larger than one fleet. [`moments`] is the list of what is stored, and which of it is meant;
//! [`standing`] says what has happened to each pod since, and [`when`](mod@when) reads a moment
//! of the past that somebody types, and [`until`](mod@until) one ahead. Must not: know a file, a clock or the screen.

mod body;
mod bytes;
pub mod difference;
pub mod lineup;
pub mod moments;
mod replay;
pub mod standing;
#[cfg(test)]
mod tests;
mod twins;
pub mod until;
pub mod when;

use std::fmt;

pub use difference::difference;
pub use lineup::Lineup;
pub use moments::{Moments, PastMoment};
pub use replay::Replay;
pub use standing::{StandingCounts, StandingNow, Standings};
pub(in crate::fleet) use twins::{twins_of_bytes, twins_to_bytes};

/// A difference that does not make sense: it is damaged, or the difference to something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadDifference;

impl fmt::Display for BadDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stored snapshot is invalid")
    }
}

impl std::error::Error for BadDifference {}
