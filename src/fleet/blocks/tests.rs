use super::*;
use crate::fleet::fixture::{node, node_records, serverless_records};
use crate::fleet::pod::{NodeRecord, ServerlessRecord};
use crate::fleet::store::{Records, SweepKind};
use crate::fleet::{Fleet, Pod, Scope, SourceId, Store};
use jiff::Timestamp;
use proptest::prelude::*;

/// A whole sweep that meets these records.
fn sweep(store: &mut Store, node: &[NodeRecord], serverless: &[ServerlessRecord]) {
    store.begin_sweep(SweepKind::Fleet);
    let (node, serverless) = (node.to_vec(), serverless.to_vec());
    store.merge(Some(SweepKind::Fleet), Records { node, serverless });
    store.end_sweep(SweepKind::Fleet, &Scope::default(), Timestamp::UNIX_EPOCH);
}

fn bytes(fleet: &Fleet) -> (Vec<u8>, Vec<Vec<u8>>) {
    (words(fleet), pod_blocks(fleet).collect())
}

fn read((words, blocks): &(Vec<u8>, Vec<Vec<u8>>)) -> Result<StoredPods, BadBlock> {
    let reader = BlockReader::new(words)?;
    let blocks: Result<Vec<PodBlock>, BadBlock> = blocks.iter().map(|block| reader.read(block)).collect();
    reader.together(blocks?)
}

fn present(fleet: &Fleet) -> Vec<Pod> {
    let rows = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
    rows.filter_map(|row| fleet.pod(row)).collect()
}

/// The pods and their changes, in an order that does not depend on rows.
fn told(store: &Store) -> (Vec<String>, Vec<String>) {
    let fleet = store.snapshot();
    let mut pods: Vec<String> = present(&fleet).iter().map(|pod| format!("{pod:?}")).collect();
    let mut changes: Vec<String> = fleet
        .changes()
        .iter()
        .map(|change| format!("{change:?}"))
        .collect();
    pods.sort();
    changes.sort();
    (pods, changes)
}

proptest! {
    #[test]
    fn pods_that_are_read_are_the_present_ones_that_were_written(
        node in prop::collection::vec(node_records(), 0..12),
        serverless in prop::collection::vec(serverless_records(), 0..12),
        stay in 0..12_usize,
        flipped in any::<prop::sample::Index>(),
        later in prop::collection::vec(node_records(), 0..6),
    ) {
        let mut store = Store::default();
        sweep(&mut store, &node, &serverless);
        let (node, serverless) = (&node[..stay.min(node.len())], &serverless[stay.min(serverless.len())..]);
        sweep(&mut store, node, serverless);
        let fleet = store.snapshot();
        let mut written = bytes(&fleet);
        let pods = read(&written).unwrap();
        prop_assert_eq!((pods.len(), pods.is_empty()), (fleet.len(), fleet.is_empty()));
        let again = pods.into_fleet(SourceId::default());
        prop_assert_eq!(again.pods().collect::<Vec<Pod>>(), present(&fleet));
        prop_assert_eq!(again.summary(), fleet.summary());
        prop_assert_eq!(again.rows().map(|row| again.score(row)).collect::<Vec<_>>(),
            fleet.rows().filter(|row| fleet.gone_since(*row).is_none()).map(|row| fleet.score(row)).collect::<Vec<_>>());
        // What comes after a restart is the same, however the pods came back.
        let restart = |restored: &dyn Fn(&mut Store)| {
            let mut store = Store::default();
            store.begin_restore();
            restored(&mut store);
            store.end_restore(Some(&Scope::default()));
            sweep(&mut store, &later, serverless);
            told(&store)
        };
        let adopted = restart(&|store: &mut Store| assert!(store.adopt(read(&written).unwrap())));
        let merged = restart(&|store: &mut Store| {
            for pod in present(&fleet) {
                let (node, serverless) = (pod.node.into_iter().collect(), pod.serverless.into_iter().collect());
                store.merge(None, Records { node, serverless });
            }
        });
        prop_assert_eq!(adopted, merged);
        // Any other bytes are refused or read without harm.
        let at = flipped.index(written.0.len());
        written.0[at] ^= 0x11;
        let _ = read(&written);
        written.0[at] ^= 0x11;
        if let Some(block) = written.1.first_mut() {
            let at = flipped.index(block.len());
            block[at] ^= 0x11;
            if let Ok(pods) = read(&written) {
                let fleet = pods.into_fleet(SourceId::default());
                prop_assert_eq!(fleet.pods().count(), fleet.len());
            }
        }
    }
}

fn many(count: usize) -> Store {
    let mut store = Store::default();
    let pods: Vec<NodeRecord> = (0..count)
        .map(|number| {
            node(&format!("pod-{number}"))
                .id(&format!("id-{number}"))
                .node_record()
        })
        .collect();
    sweep(&mut store, &pods, &[]);
    store
}

#[test]
fn each_block_but_the_last_is_full_and_none_may_be_missing() {
    let fleet = many(9000).snapshot();
    let written = bytes(&fleet);
    assert_eq!(written.1.len(), 3);
    let pods = read(&written).unwrap();
    let again = pods.into_fleet(SourceId::default());
    assert!(again.pods().eq(fleet.pods()));
    let without = |number: usize| {
        let mut written = written.clone();
        written.1.remove(number);
        written
    };
    let less = read(&without(0)).unwrap().len();
    assert_eq!(
        less,
        9000 - 4096,
        "whoever reads them knows how many there must be"
    );
    let mut other = written.clone();
    other.1.swap(1, 2);
    assert_eq!(read(&other).err(), Some(BadBlock));
}

#[test]
fn pods_are_adopted_by_an_empty_store_only() {
    let written = bytes(&many(3).snapshot());
    let mut store = many(1);
    assert!(!store.adopt(read(&written).unwrap()));
    assert_eq!(store.snapshot().len(), 1);
}

#[test]
fn pods_that_the_last_sweep_has_not_seen_are_not_stored() {
    let mut store = many(3);
    store.begin_sweep(SweepKind::Fleet);
    let records = Records {
        node: vec![node("pod-1").id("id-1").node_record()],
        ..Records::default()
    };
    store.merge(Some(SweepKind::Fleet), records);
    assert_eq!(read(&bytes(&store.snapshot())).unwrap().len(), 1);
}

#[test]
fn a_name_that_is_a_secret_now_is_not_read() {
    let mut store = Store::default();
    let secret = "a-Secret/that+names%a=pod";
    sweep(&mut store, &[node(secret).node_record()], &[]);
    let of_name = bytes(&store.snapshot());
    let mut store = Store::default();
    sweep(&mut store, &[node("a").within(secret, "n").node_record()], &[]);
    let of_word = bytes(&store.snapshot());
    assert!(read(&of_name).is_ok() && read(&of_word).is_ok());
    crate::secrets::protect(secret);
    assert!(read(&of_name).is_err() && read(&of_word).is_err());
}

#[test]
fn the_bytes_of_blocks_change_with_the_number_of_their_form_only() {
    let pod = node("web-0")
        .status("Failed")
        .usage("1", "2Gi", "2", "4Gi")
        .node_record();
    let mut store = Store::default();
    sweep(&mut store, &[pod], &[]);
    let pods = store.snapshot();
    let (words, blocks) = (words(&pods), pod_blocks(&pods).flatten().collect::<Vec<u8>>());
    let told = [words, blocks].map(|bytes| (bytes.len(), crc32fast::hash(&bytes)));
    // Other bytes: raise FORM, and say here what they are now.
    assert_eq!((FORM, told), (1, [(250, 636_565_767), (63, 420_358_237)]));
}
