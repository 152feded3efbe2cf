//! Pods as programs store them: as blocks, and as the difference to nothing.

use std::fs;
use std::path::Path;

use hss_top::fleet::blocks::{BlockReader, pod_blocks, words};
use hss_top::fleet::past::{Lineup, Replay, difference};
use hss_top::fleet::store::SweepKind;
use hss_top::fleet::{Fleet, Pod, Scope, SourceId, Store};
use hss_top::hss::wire::read_page;
use jiff::Timestamp;

/// Two pods on nodes, a serverless one, and one that is in both lists.
pub const PAGE: &str = r#"{"total_num":4,"data_list":[
    {"id":"1","pod_name":"api-1","namespace_name":"pay","cluster_name":"c","node_name":"n-1","status":"Running","host_ip":"10.9.0.20"},
    {"id":"2","pod_name":"api-2","namespace_name":"pay","cluster_name":"c","node_name":"n-2","status":"Failed","host_ip":"10.9.0.3"},
    {"pod_name":"both","namespace_name":"cci","cluster_name":"d","status":"Running"}],
    "pod_info_list":[{"pod_name":"settle","namespace_name":"cci","cluster_name":"d","status":"Running","host_ip":"10.8.0.4"},
    {"pod_name":"both","namespace_name":"cci","cluster_name":"d","status":"Running","host_ip":"10.8.0.5"}]}"#;

/// The pods of an answer.
pub fn fleet_of(page: &str) -> Fleet {
    let mut store = Store::default();
    store.begin_sweep(SweepKind::Fleet);
    store.take(Some(SweepKind::Fleet), &read_page(page.as_bytes()).unwrap().pods);
    store.end_sweep(SweepKind::Fleet, &Scope::default(), Timestamp::UNIX_EPOCH);
    store.snapshot()
}

/// Stores the pods in three files.
pub fn write(folder: &Path, fleet: &Fleet) {
    fs::create_dir_all(folder).unwrap();
    let body = difference(&Lineup::default(), &Lineup::of(fleet.clone())).unwrap();
    let block: Vec<u8> = pod_blocks(fleet).flatten().collect();
    for (name, bytes) in [("words", words(fleet)), ("block", block), ("past", body)] {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// The pods of the blocks, and those of the past, each sorted.
pub fn read(folder: &Path) -> [Vec<String>; 2] {
    let bytes = |name: &str| fs::read(folder.join(name)).unwrap();
    let reader = BlockReader::new(&bytes("words")).unwrap();
    let block = reader.read(&bytes("block")).unwrap();
    let blocks = reader
        .together(vec![block])
        .unwrap()
        .into_fleet(SourceId::default());
    let past = Replay::default().then(&bytes("past")).unwrap();
    let past = past.lineup(SourceId::default());
    [sorted(&blocks), sorted(past.fleet())]
}

/// The pods as texts, sorted.
pub fn sorted(fleet: &Fleet) -> Vec<String> {
    let mut pods: Vec<String> = fleet.pods().map(|pod: Pod| format!("{pod:?}")).collect();
    pods.sort();
    pods
}
