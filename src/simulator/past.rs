//! The lists of the time before the simulator started.
//!
//! Owns the pages that somebody would have read then. The fleet is computed from the snapshot, so its past is as real as its
//! present: the pods that crash now crashed before. Pure: the settings say when each list was taken.

use serde_json::Error;

use super::fleet::{Filter, SimulatedFleet};
use super::page::PageAnswer;
use super::query::ListQuery;
use super::searches::SearchStop;
use super::settings::SimulatorSettings;
use super::snapshot::Snapshot;

/// Records of a page.
const PAGE: u64 = 200;

/// One list of the past.
#[derive(Debug)]
pub struct PastList {
    /// When it was taken, in milliseconds of the epoch.
    pub taken_at: i64,
    /// Its pages in order, each as the service would have sent it.
    pub pages: Vec<Vec<u8>>,
}

/// The lists that the settings place before the start and that are read, as `is_read` says of the time each was taken, the oldest
/// first. The last one is what the service lists when it starts.
///
/// # Errors
/// A page that cannot be written as JSON: there is none.
pub fn past_lists(
    settings: &SimulatorSettings,
    mut is_read: impl FnMut(i64) -> bool,
) -> impl Iterator<Item = Result<PastList, Error>> {
    let SimulatorSettings {
        seed,
        pods,
        serverless,
        mirrored,
        ..
    } = *settings;
    let fleet = SimulatedFleet::new(seed, pods, serverless, mirrored);
    let lists = settings.lists;
    let snapshots = settings.past.as_ref().map(Snapshot::all_of).unwrap_or_default();
    let read = snapshots
        .into_iter()
        .filter(move |snapshot| is_read(snapshot.taken_at()));
    read.map(move |snapshot| {
        let records = fleet.pods() + fleet.serverless();
        let pages = (0..records.div_ceil(PAGE)).map(|number| {
            let query = ListQuery {
                offset: number * PAGE,
                limit: PAGE,
                filter: Filter::default(),
            };
            let page = PageAnswer::of(&fleet, &snapshot, &query, lists, &SearchStop::default());
            serde_json::to_vec(&page)
        });
        Ok(PastList {
            taken_at: snapshot.taken_at(),
            pages: pages.collect::<Result<_, _>>()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::super::settings::SimulatedPast;
    use super::*;

    #[test]
    fn the_past_ends_with_what_the_service_lists_first() {
        let first_at = 1_764_000_000_000;
        let settings = SimulatorSettings {
            pods: 300,
            serverless: 40,
            past: Some(SimulatedPast {
                first_at,
                earlier: [3600, 1800, 600].map(Duration::from_secs).to_vec(),
            }),
            ..SimulatorSettings::default()
        };
        let lists: Vec<PastList> = past_lists(&settings, |_| true).map(Result::unwrap).collect();
        let times: Vec<i64> = lists
            .iter()
            .map(|list| (first_at - list.taken_at) / 1000)
            .collect();
        assert_eq!(times, [3600, 1800, 600, 0]);
        let status = |list: &PastList| -> Vec<String> {
            let page: Value = serde_json::from_slice(&list.pages[0]).unwrap();
            let pods = page["data_list"].as_array().unwrap().iter();
            pods.map(|pod| pod["status"].to_string()).collect()
        };
        assert!(lists.iter().all(|list| list.pages.len() == 2));
        assert_ne!(status(&lists[0]), status(&lists[3]), "pods live meanwhile");
    }
}
