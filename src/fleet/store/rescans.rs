//! Risks under a new scan, after a restart.
//!
//! HSS sends the same word for every scan that is under way, and the pages of an earlier run are stored as HSS sent them. So
//! which of these pods had a risk before is restored apart, and marked once all pages are there. Must not: report a change.

use super::Store;
use super::chunk::{Col, flag};
use super::encoding::SCANNING;
use crate::fleet::pod::{Pod, PodKey, ServerlessRecord};
use crate::fleet::words::Detection;

impl Store {
    /// Restores which pods were scanned again when an earlier run ended, after a scan that found a risk in them.
    pub fn restore_rescans(&mut self, pods: Vec<PodKey>) {
        self.rescans = pods.into_iter().map(|pod| pod.within(self.source)).collect();
    }

    /// Marks the restored ones that are still being scanned.
    pub(super) fn mark_rescans(&mut self) {
        let rescans = std::mem::take(&mut self.rescans);
        if rescans.is_empty() {
            return;
        }
        let is_scanning = |number: &u32| {
            let (chunk, at) = self.at(*number);
            chunk.code(Col::Detection, at) == SCANNING && !chunk.has(at, flag::GONE | flag::VACANT)
        };
        let marked: Vec<(u32, Pod)> = self
            .numbers()
            .filter(is_scanning)
            .map(|number| (number, self.pod(number)))
            .filter(|(_, pod)| rescans.contains(&pod.key))
            .collect();
        if marked.is_empty() {
            return;
        }
        self.index_adopted();
        let was_restoring = std::mem::replace(&mut self.restoring, true);
        for (number, pod) in marked {
            let serverless = pod.serverless.map(|record| ServerlessRecord {
                detection: Detection::Rescanning.into(),
                ..record
            });
            self.rewrite(number, &Pod { serverless, ..pod });
        }
        self.restoring = was_restoring;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Records, SweepKind};
    use super::*;
    use crate::fleet::Scope;
    use crate::fleet::changes::ChangeKind;
    use crate::fleet::fixture::serverless;
    use crate::fleet::risk;
    use jiff::Timestamp;

    /// A sweep that finds one pod with this scan result, created at this time.
    fn sweep(store: &mut Store, detection: &str, created_ms: i64) {
        store.begin_sweep(SweepKind::Fleet);
        let pod = serverless("a")
            .security("opened", detection)
            .created_ms(created_ms);
        let records = Records {
            serverless: vec![pod.serverless_record()],
            ..Records::default()
        };
        store.merge(Some(SweepKind::Fleet), records);
        store.end_sweep(SweepKind::Fleet, &Scope::default(), Timestamp::UNIX_EPOCH);
    }

    fn pod(store: &Store) -> Pod {
        store.snapshot().pods().next().unwrap()
    }

    /// The scan results of its changes, in words of the screen.
    fn scans(store: &Store) -> Vec<[String; 2]> {
        let changes = store.changes().iter();
        let scans = changes.filter_map(|change| match &change.kind {
            ChangeKind::Detection(from, to) => {
                Some([from, to].map(|side| side.value().unwrap().shown().to_owned()))
            }
            _ => None,
        });
        scans.collect()
    }

    #[test]
    fn a_risk_counts_while_a_scan_is_under_way_until_that_says_clean() {
        let mut store = Store::default();
        let mut told = Vec::new();
        for detection in [
            "risk", "scanning", "scanning", "risk", "scanning", "clean", "scanning",
        ] {
            sweep(&mut store, detection, 1);
            let pod = pod(&store);
            let summary = store.snapshot().summary();
            told.push((
                risk::score(&pod),
                summary.risk,
                pod.detection().value().unwrap().sent().to_owned(),
            ));
        }
        let scores: Vec<_> = told
            .iter()
            .map(|(score, counted, _)| (*score, *counted))
            .collect();
        assert_eq!(
            scores,
            [(60, 1), (60, 1), (60, 1), (60, 1), (60, 1), (0, 0), (0, 0)]
        );
        let sent: Vec<&str> = told.iter().map(|(.., sent)| sent.as_str()).collect();
        assert_eq!(sent[1], "scanning", "files have the word of HSS");
        assert_eq!(
            scans(&store),
            [
                ["risk", "risk (scan)"],
                ["risk (scan)", "risk"],
                ["risk", "risk (scan)"],
                ["risk (scan)", "clean"],
                ["clean", "scanning"]
            ]
        );
    }

    #[test]
    fn a_pod_created_anew_has_no_risk_of_the_one_before() {
        let mut store = Store::default();
        sweep(&mut store, "risk", 1);
        sweep(&mut store, "scanning", 2);
        assert_eq!(pod(&store).detection().value(), Some(&Detection::Scanning));
    }

    #[test]
    fn a_risk_under_a_new_scan_outlives_a_restart_without_a_change() {
        let mut before = Store::default();
        sweep(&mut before, "risk", 1);
        sweep(&mut before, "scanning", 1);
        let key = pod(&before).key;
        let restart = |rescans: Vec<PodKey>| {
            let mut store = Store::default();
            store.restore_rescans(rescans);
            store.begin_restore();
            let page = Records {
                serverless: vec![
                    serverless("a")
                        .security("opened", "scanning")
                        .created_ms(1)
                        .serverless_record(),
                ],
                ..Records::default()
            };
            store.merge(None, page);
            store.end_restore(Some(&Scope::default()));
            sweep(&mut store, "scanning", 1);
            store
        };
        let store = restart(vec![key]);
        assert_eq!(pod(&store).detection().value(), Some(&Detection::Rescanning));
        assert_eq!((store.changes().total(), store.snapshot().summary().risk), (0, 1));
        let store = restart(vec![PodKey::restored("name\0other")]);
        assert_eq!(pod(&store).detection().value(), Some(&Detection::Scanning));
    }
}
