//! Counts that are kept current row by row.
//!
//! Owns the summaries of the whole fleet, of each cluster and of each namespace: what a row counts for is taken out
//! before the row changes and put in afterwards. Must not: count a pod that is gone.

use std::sync::Arc;

use super::chunk::{Codes, Col};
use super::dictionary::FIRST;
use super::encoding::{FIRST_PERCENT, usage};
use crate::fleet::summary::Summary;
use crate::fleet::usage::Pressure;

/// The summaries. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    whole: Summary,
    by_cluster: Arc<Vec<Summary>>,
    by_namespace: Arc<Vec<Summary>>,
}

impl Counts {
    /// Of the whole fleet.
    pub fn whole(&self) -> Summary {
        self.whole
    }

    /// By the code of the cluster's name.
    pub fn by_cluster(&self) -> &[Summary] {
        &self.by_cluster
    }

    /// By the code of the namespace's name.
    pub fn by_namespace(&self) -> &[Summary] {
        &self.by_namespace
    }

    /// Takes a row for what it is, instead of what it was.
    pub fn change(&mut self, old: Option<&Codes>, new: Option<&Codes>) {
        let counts =
            |codes: Option<&Codes>| codes.map(|codes| (place(codes), of_row(|col| codes[col as usize])));
        // Most rows that change still count for the same.
        if counts(old) == counts(new) {
            return;
        }
        if let Some(old) = old {
            self.each(old, |summary, row| *summary -= row);
        }
        if let Some(new) = new {
            self.each(new, |summary, row| *summary += row);
        }
    }

    fn each(&mut self, codes: &Codes, change: impl Fn(&mut Summary, Summary)) {
        let row = of_row(|col| codes[col as usize]);
        change(&mut self.whole, row);
        for (summaries, code) in [&mut self.by_cluster, &mut self.by_namespace]
            .into_iter()
            .zip(place(codes))
        {
            let Ok(at) = usize::try_from(code) else {
                continue;
            };
            let summaries = Arc::make_mut(summaries);
            if summaries.len() <= at {
                summaries.resize(at + 1, Summary::default());
            }
            if let Some(summary) = summaries.get_mut(at) {
                change(summary, row);
            }
        }
    }
}

/// Where a row counts: its cluster and its namespace.
fn place(codes: &Codes) -> [u64; 2] {
    [Col::Cluster, Col::Namespace].map(|col| codes[col as usize])
}

/// What one row counts for.
pub fn of_row(code: impl Fn(Col) -> u64) -> Summary {
    // The dictionaries begin with the known words, in the order of their tables.
    let is = |col, known: u64| usize::from(code(col) == FIRST + known);
    let [pending, running, succeeded, failed] = [0, 1, 2, 3].map(|known| is(Col::Status, known));
    let has = |col| usize::from(code(col) >= FIRST);
    let told = |col| usize::from(usage(code(col)).is_told());
    let critical = |col| {
        let code = code(col);
        usize::from(code >= FIRST_PERCENT && usage(code).pressure() == Pressure::Critical)
    };
    Summary {
        pods: 1,
        running,
        pending,
        failed,
        unknown: 1 - pending - running - succeeded - failed,
        succeeded,
        risk: is(Col::Detection, 2),
        exception: is(Col::Protection, 2),
        unprotected: is(Col::Protection, 0),
        cpu_critical: critical(Col::CpuUsage),
        memory_critical: critical(Col::MemoryUsage),
        detection_told: has(Col::Detection),
        protection_told: has(Col::Protection),
        cpu_told: told(Col::CpuUsage),
        memory_told: told(Col::MemoryUsage),
    }
}
