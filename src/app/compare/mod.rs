//! What is compared: two pods, one pod then and now, or one pod with its saved changes.
//!
//! Owns the compared pods, which stay the same while the list changes, and [`dates`], by which one pod is compared with itself.
//! The view finds and draws the differences. Must not: know how the pods were chosen.

pub mod dates;

use std::sync::Arc;

use jiff::Timestamp;

use crate::fleet::pod::NodeRecord;
use crate::fleet::{Fleet, Pod};
pub use dates::{DateRequest, DatedSide};

/// A compared pod, in its last known state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedPod {
    /// The pod.
    pub pod: Pod,
    /// Since when it is gone, if it is; HSS's date.
    pub gone_since: Option<Timestamp>,
    /// Its moment, if that is not now.
    pub as_of: Option<Timestamp>,
    /// Whether HSS listed it at that moment; if not, only its key is known.
    pub is_listed: bool,
    row: u32,
}

impl ComparedPod {
    /// The pod in this row of `fleet`.
    pub fn of(fleet: &Fleet, row: u32) -> Option<Self> {
        Some(Self {
            pod: fleet.pod(row)?,
            gone_since: fleet.gone_since(row),
            as_of: None,
            is_listed: true,
            row,
        })
    }

    /// The same at this moment.
    #[must_use]
    pub fn at(self, as_of: Option<Timestamp>) -> Self {
        Self { as_of, ..self }
    }

    /// The same pod at a moment when HSS did not list it.
    #[must_use]
    fn not_listed(&self) -> Self {
        Self {
            pod: Pod {
                key: self.pod.key.clone(),
                ..Pod::on_node(NodeRecord::default())
            },
            gone_since: None,
            as_of: self.as_of,
            is_listed: false,
            row: self.row,
        }
    }

    /// The same pod in `fleet`; unchanged if the fleet has forgotten it.
    fn renewed(&self, fleet: &Fleet) -> Self {
        if self.as_of.is_some() {
            return self.clone();
        }
        let row = fleet.row_of(&self.pod.key, Some(self.row));
        row.and_then(|row| Self::of(fleet, row))
            .unwrap_or_else(|| self.clone())
    }
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// Two pods, side by side; or one at two dates.
    Two(Arc<[ComparedPod; 2]>),
    /// One pod, before and after each saved change.
    Past(Arc<ComparedPod>),
}

/// The open comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What is compared.
    pub of: Compared,
    /// The snapshot that is looked up for one of its sides.
    pub request: Option<DateRequest>,
    /// How many lines it is scrolled.
    pub scroll: u16,
}

impl Comparison {
    /// Compares these, from the first line on.
    pub fn of(of: Compared) -> Self {
        Self {
            of,
            request: None,
            scroll: 0,
        }
    }

    /// Updates the pods from a new picture of the fleet.
    pub fn renew(&mut self, fleet: &Fleet) {
        self.of = match &self.of {
            Compared::Two(pods) => {
                let [left, right] = pods.as_ref();
                Compared::Two(Arc::new([left.renewed(fleet), right.renewed(fleet)]))
            }
            Compared::Past(pod) => Compared::Past(Arc::new(pod.renewed(fleet))),
        };
    }
}
