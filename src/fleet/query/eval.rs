//! The meaning of a query: the reference.
//!
//! Decides for one pod whether it passes a query, in the simplest possible manner; changes of pods are filtered by it. The
//! faster code for the columns of a fleet must agree with this. Must not: be clever.

use std::borrow::Borrow;

use jiff::Timestamp;

use super::ast::{Query, Test};
use super::pattern::Matching;
use crate::fleet::fields::values::searched;
use crate::fleet::fields::{FieldKind, PodNumber};
use crate::fleet::quantity::Quantity;
use crate::fleet::risk;
use crate::fleet::usage::Usage;
use crate::fleet::{Field, Pod};

/// Whether `pod` passes `query`.
pub fn matches(query: &Query, pod: &Pod, now: Timestamp) -> bool {
    ReadyQuery::of(query).matches(pod, now)
}

/// A query for many pods: its tests are put together once.
#[derive(Debug)]
pub struct ReadyQuery<T> {
    clauses: Vec<Vec<T>>,
    exclusions: Vec<T>,
}

impl<'a> ReadyQuery<&'a Test> {
    /// The tests of a query.
    pub fn of(query: &'a Query) -> Self {
        Self {
            clauses: query.clauses(),
            exclusions: query.exclusions().collect(),
        }
    }

    /// The same with tests of its own, to be kept.
    pub fn owned(&self) -> ReadyQuery<Test> {
        let owned = |tests: &Vec<&Test>| tests.iter().map(|test| (*test).clone()).collect();
        ReadyQuery {
            clauses: self.clauses.iter().map(owned).collect(),
            exclusions: owned(&self.exclusions),
        }
    }
}

impl<T: Borrow<Test>> ReadyQuery<T> {
    /// Whether every pod passes.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty() && self.exclusions.is_empty()
    }

    /// Whether `pod` passes.
    pub fn matches(&self, pod: &Pod, now: Timestamp) -> bool {
        let passes = |test: &T| holds(test.borrow(), pod, now);
        self.clauses.iter().all(|clause| clause.iter().any(passes)) && !self.exclusions.iter().any(passes)
    }
}

fn holds(test: &Test, pod: &Pod, now: Timestamp) -> bool {
    match test {
        Test::Any(pattern) => searched(pod).any(|text| pattern.matches(text, Matching::Part)),
        Test::Text(column, pattern) => column
            .of(pod)
            .searched()
            .iter()
            .filter_map(Field::value)
            .any(|text| pattern.matches(text, column.matching())),
        Test::Number(column, cmp, amount) => number(*column, pod, now)
            .value()
            .is_some_and(|value| cmp.holds(value.cmp(amount))),
        Test::Absent(FieldKind::Text(column)) => column.of(pod).searched().iter().all(Field::is_absent),
        Test::Absent(FieldKind::Number(column)) => number(*column, pod, now).is_absent(),
    }
}

/// The number of a column, in its unit.
fn number(column: PodNumber, pod: &Pod, now: Timestamp) -> Field<u64> {
    match column {
        PodNumber::CpuPercent => share(pod.cpu_usage(), pod.cpu(), pod.cpu_limit()),
        PodNumber::MemoryPercent => share(pod.memory_usage(), pod.memory(), pod.memory_limit()),
        PodNumber::Cpu => amount(pod.cpu()),
        PodNumber::Memory => amount(pod.memory()),
        PodNumber::CpuLimit => amount(pod.cpu_limit()),
        PodNumber::MemoryLimit => amount(pod.memory_limit()),
        PodNumber::Age => age(pod.created(), now),
        PodNumber::Risk => Field::Value(risk::score(pod).into()),
    }
}

/// The amount in nanocores or bytes.
fn amount(quantity: &Field<Quantity>) -> Field<u64> {
    match quantity {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(quantity) => quantity.amount.map_or(Field::Unreadable, Field::Value),
    }
}

/// The share of the limit in hundredths of a percent, rounded down; absent without usage or without a limit.
fn share(usage: Usage, used: &Field<Quantity>, limit: &Field<Quantity>) -> Field<u64> {
    match (usage, amount(used), amount(limit)) {
        (Usage::NotReported | Usage::NoLimit, ..) => Field::Absent,
        (Usage::Percent(_), Field::Value(used), Field::Value(limit)) => {
            let share = (u128::from(used) * 10_000).checked_div(u128::from(limit));
            share.map_or(Field::Unreadable, |share| {
                Field::Value(u64::try_from(share).unwrap_or(u64::MAX))
            })
        }
        (Usage::Percent(_) | Usage::Unreadable, ..) => Field::Unreadable,
    }
}

/// The age in whole seconds. A pod that seems to be created in the future is new.
fn age(created: Field<Timestamp>, now: Timestamp) -> Field<u64> {
    match created {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(created) => {
            Field::Value(u64::try_from(now.duration_since(created).as_secs()).unwrap_or(0))
        }
    }
}

#[cfg(test)]
mod tests;
