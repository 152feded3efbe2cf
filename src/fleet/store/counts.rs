//! Counts that are updated row by row.
//!
//! Owns the summaries of the fleet, of each cluster and of each namespace: before a row changes, its share is
//! subtracted; afterwards its new share is added. Must not: count a pod that is gone.

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
    /// The summary of the fleet.
    pub fn whole(&self) -> Summary {
        self.whole
    }

    /// The summaries of the clusters, indexed by the code of the cluster's name.
    pub fn by_cluster(&self) -> &[Summary] {
        &self.by_cluster
    }

    /// The summaries of the namespaces, indexed by the code of the namespace's name.
    pub fn by_namespace(&self) -> &[Summary] {
        &self.by_namespace
    }

    /// Replaces the share of an old row by that of the new one.
    pub fn change(&mut self, old: Option<&Codes>, new: Option<&Codes>) {
        let counts =
            |codes: Option<&Codes>| codes.map(|codes| (place(codes), of_row(|col| codes[col as usize])));
        let (old, new) = (counts(old), counts(new));
        // Most changes of rows do not change any count.
        if old == new {
            return;
        }
        if let Some((place, row)) = old {
            self.each(place, |summary| *summary -= row);
        }
        if let Some((place, row)) = new {
            self.each(place, |summary| *summary += row);
        }
    }

    /// Adds the counts over other rows of the same fleet.
    pub fn add(&mut self, other: &Self) {
        self.whole += other.whole;
        for (mine, theirs) in [
            (&mut self.by_cluster, &other.by_cluster),
            (&mut self.by_namespace, &other.by_namespace),
        ] {
            let mine = Arc::make_mut(mine);
            if mine.len() < theirs.len() {
                mine.resize(theirs.len(), Summary::default());
            }
            for (mine, theirs) in mine.iter_mut().zip(theirs.iter()) {
                *mine += *theirs;
            }
        }
    }

    /// Changes the summaries of the fleet, and of the cluster and the namespace with these codes.
    fn each(&mut self, place: [u64; 2], change: impl Fn(&mut Summary)) {
        change(&mut self.whole);
        for (summaries, code) in [&mut self.by_cluster, &mut self.by_namespace]
            .into_iter()
            .zip(place)
        {
            let Ok(at) = usize::try_from(code) else {
                continue;
            };
            let summaries = Arc::make_mut(summaries);
            if summaries.len() <= at {
                summaries.resize(at + 1, Summary::default());
            }
            if let Some(summary) = summaries.get_mut(at) {
                change(summary);
            }
        }
    }
}

/// Rows while they are counted for the first time. Neighbours with the same cluster and namespace are added at once.
#[derive(Debug, Default)]
pub struct CountedRows {
    counts: Counts,
    /// The cluster and the namespace of the last rows, and the counts over these.
    place: [u64; 2],
    last: Summary,
}

impl CountedRows {
    /// Counts a row.
    pub fn add(&mut self, codes: &Codes) {
        let place = place(codes);
        if place != self.place {
            self.add_last();
            self.place = place;
        }
        self.last += of_row(|col| codes[col as usize]);
    }

    /// The counts.
    pub fn all(mut self) -> Counts {
        self.add_last();
        self.counts
    }

    fn add_last(&mut self) {
        let last = std::mem::take(&mut self.last);
        if last != Summary::default() {
            self.counts.each(self.place, |summary| *summary += last);
        }
    }
}

/// The codes of a row's cluster and namespace.
fn place(codes: &Codes) -> [u64; 2] {
    [Col::Cluster, Col::Namespace].map(|col| codes[col as usize])
}

/// The share of one row.
pub fn of_row(code: impl Fn(Col) -> u64) -> Summary {
    // The known words are the first ones of each dictionary, in the order of their tables.
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
        risk: is(Col::Detection, 2) + is(Col::Detection, 3),
        exception: is(Col::Protection, 2),
        unprotected: is(Col::Protection, 0),
        cpu_critical: critical(Col::CpuUsage),
        memory_critical: critical(Col::MemoryUsage),
        detection_told: has(Col::Detection),
        protection_told: has(Col::Protection),
        security_told: has(Col::Detection).max(has(Col::Protection)),
        cpu_told: told(Col::CpuUsage),
        memory_told: told(Col::MemoryUsage),
    }
}
