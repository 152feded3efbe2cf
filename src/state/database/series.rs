//! What the file keeps of all pods over time, for a command that reads all of it.
//!
//! Owns the order, which is that of the table: pod by pod, so that nothing has to be kept in memory. Must not: know what it is
//! read for.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::decisions::{Numbered, numbered_mutes};
use super::{Database, Unusable, read_changes, reported_at, used_at, watched};
use crate::fleet::decisions::Mute;
use crate::fleet::pod_names::PodNames;
use crate::fleet::{Fleet, SourceId, Store};
use crate::hss::wire::read_page;
use crate::state::Logbook;
use crate::state::checksum::{self, is_intact};
use crate::state::usage::{Sample, pod_number};

impl Database {
    /// Reads the samples of these times, pod by pod and each pod's in the order of time, until `each` wants no more. Returns how
    /// many were left out, because the disk altered them.
    pub fn each_sample(
        &self,
        from: Timestamp,
        until: Timestamp,
        mut each: impl FnMut(Sample) -> bool,
    ) -> Result<u64, Unusable> {
        // The plus keeps the index over the times out of it: its order would have to be sorted.
        let mut statement = self.connection.prepare(
            "SELECT pod, at, cpu, memory, sum FROM usage WHERE +at >= ?1 AND +at < ?2 ORDER BY pod, at",
        )?;
        let mut rows = statement.query([from.as_second(), until.as_second()])?;
        let mut damaged = 0;
        while let Some(row) = rows.next()? {
            let sample = Sample {
                pod: row.get(0)?,
                at: row.get(1)?,
                cpu: row.get(2)?,
                memory: row.get(3)?,
            };
            if !is_intact(row.get(4)?, checksum::usage(&sample)) {
                damaged += 1;
            } else if !each(sample) {
                break;
            }
        }
        Ok(damaged)
    }

    /// How pods are called, by their number in the usage: those of the saved list, and those that a change names.
    pub fn pod_names(&self) -> Result<HashMap<i64, Arc<PodNames>>, Unusable> {
        let mut names = HashMap::new();
        for change in self.changes()?.0 {
            let of = PodNames {
                cluster: change.cluster,
                namespace: change.namespace,
                name: change.name,
            };
            names.insert(pod_number(&change.pod), Arc::new(of));
        }
        let fleet = self.saved_pods()?;
        for pod in fleet.rows().filter_map(|row| fleet.pod(row)) {
            let of = PodNames {
                cluster: pod.cluster().clone(),
                namespace: pod.namespace().clone(),
                name: pod.name().clone(),
            };
            names.insert(pod_number(&pod.key), Arc::new(of));
        }
        Ok(names)
    }

    /// The pods of the saved list. Damaged pages are left out.
    pub fn saved_pods(&self) -> Result<Fleet, Unusable> {
        let mut store = Store::of(SourceId::default());
        self.pages(|body| {
            if let Ok(page) = read_page(body) {
                store.take(None, &page.pods);
            }
        })?;
        Ok(store.snapshot())
    }

    /// What operators decided and read, and when hss-top looked.
    pub fn logbook(&self) -> Result<Logbook, Unusable> {
        Ok(Logbook {
            decisions: self.decisions()?,
            read: read_changes(&self.connection)?,
            watched: watched(&self.connection)?,
            used_at: used_at(&self.connection)?,
            reported_at: reported_at(&self.connection)?,
        })
    }

    /// All mutes with their numbers, oldest first.
    pub fn mutes(&self) -> Result<Vec<Numbered<Mute>>, Unusable> {
        Ok(numbered_mutes(&self.connection)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Fleet;
    use crate::fleet::fixture::node;
    use crate::state::database::tests::Folder;
    use crate::state::usage;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_760_000_000 + second).unwrap()
    }

    #[test]
    fn samples_come_pod_by_pod_within_the_times_that_are_asked_for() {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        for second in [120, 0, 60] {
            let fleet: Fleet = ["a", "b"]
                .map(|name| node(name).usage("1", "1", "5Mi", "1Gi").build())
                .into_iter()
                .collect();
            database
                .write(|writing| writing.usage(usage::of(&fleet, at(second))))
                .unwrap();
        }
        let mut read = Vec::new();
        let damaged = database.each_sample(at(0), at(120), |sample| {
            read.push((sample.pod, sample.at - at(0).as_second()));
            true
        });
        assert_eq!(damaged.unwrap(), 0);
        let seconds: Vec<i64> = read.iter().map(|(_, second)| *second).collect();
        assert_eq!(seconds, [0, 60, 0, 60]);
        assert!(read[0].0 == read[1].0 && read[2].0 == read[3].0 && read[0].0 != read[2].0);
        let mut first = 0;
        database
            .each_sample(at(0), at(120), |_| {
                first += 1;
                false
            })
            .unwrap();
        assert_eq!(first, 1);
    }
}
