use super::*;
use crate::fleet::fixture::{PodFixture, node};
use crate::simulator::Snapshot;
use crate::simulator::fleet::SimulatedFleet;
use crate::state::database::moments;
use crate::state::database::tests::Folder;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_755_000_000 + minutes * 60).unwrap()
}

/// A hundred pods, one of which has another status each minute.
fn fleet(minute: i64) -> Fleet {
    let status = |number: i64| {
        if number == minute % 100 {
            "Failed"
        } else {
            "Running"
        }
    };
    let pods = (0..100).map(|number| node(&format!("pod-{number}")).status(status(number)));
    pods.map(PodFixture::build).collect()
}

/// What a file has: the minute of each snapshot, and whether it is what it was.
fn stored(folder: &Folder) -> Vec<(i64, bool)> {
    let (database, _) = Database::open(&folder.file()).unwrap();
    let source = SourceMark::of(&folder.file());
    let mut all = database.snapshots(source, usize::MAX).unwrap();
    all.reverse();
    let intact = |number| {
        let chain = chain(database.reading(), number).unwrap()?;
        let replay = chain
            .iter()
            .rev()
            .try_fold(Replay::default(), |replay, (_, body)| {
                replay.then(&body.difference)
            });
        Some(replay.ok()?.lineup(SourceId::default()).fleet().clone())
    };
    all.into_iter()
        .map(|(number, header)| {
            let minute = header.last_update_time.duration_since(at(0)).as_mins();
            let names =
                |fleet: &Fleet| -> BTreeSet<String> { fleet.pods().map(|pod| format!("{pod:?}")).collect() };
            let told = intact(number);
            (
                minute,
                told.is_some_and(|told| names(&told) == names(&fleet(minute))),
            )
        })
        .collect()
}

fn store(archive: &mut Archive, database: &mut Database, folder: &Folder, minute: i64) {
    archive
        .store(database, &folder.file(), &fleet(minute), at(minute))
        .unwrap();
}

#[test]
fn each_snapshot_is_there_once_and_a_restart_goes_on_with_differences() {
    let folder = Folder::new();
    for run in 0..3 {
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let mut archive = Archive::default();
        for minute in [run * 3, run * 3 + 1, run * 3 + 1, run * 3 + 2, 0] {
            store(&mut archive, &mut database, &folder, minute);
        }
    }
    let all: Vec<(i64, bool)> = (0..9).map(|minute| (minute, true)).collect();
    assert_eq!(stored(&folder), all);
    let (database, _) = Database::open(&folder.file()).unwrap();
    let headers = database
        .snapshots(SourceMark::of(&folder.file()), usize::MAX)
        .unwrap();
    let whole = headers.iter().filter(|(_, header)| header.base.is_none());
    assert_eq!(whole.count(), 1);
}

#[test]
fn a_group_ends_after_so_many_so_long_or_so_many_bytes() {
    let header = |number: i64, minutes: i64, bytes: u64| {
        let header = SnapshotHeader {
            source: SourceMark::of(Path::new("a")),
            last_update_time: at(minutes),
            base: (number > 1).then(|| number - 1),
            bytes,
        };
        (number, header)
    };
    let group = |length: i64, bytes: u64| -> Vec<(i64, SnapshotHeader)> {
        let differences = (2..=length).rev().map(|number| header(number, number, bytes));
        differences.chain([header(1, 0, 100)]).collect()
    };
    assert!(has_room(&group(1, 0), 1, at(1)));
    assert!(has_room(&group(63, 1), 63, at(100)));
    assert!(!has_room(&group(64, 1), 64, at(100)), "too many");
    assert!(!has_room(&group(2, 0), 2, at(48 * 60 + 1)), "so long");
    assert!(has_room(&group(3, 50), 3, at(4)));
    assert!(!has_room(&group(3, 51), 3, at(4)), "too many bytes");
    assert!(!has_room(&[], 1, at(1)));
}

#[test]
fn after_an_altered_snapshot_the_next_one_is_whole_and_the_others_stay() {
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let mut archive = Archive::default();
    for minute in 0..4 {
        store(&mut archive, &mut database, &folder, minute);
    }
    // Both copies of the third.
    let sql = "UPDATE snapshot_part SET body = x'0011' WHERE snapshot = 3";
    database.reading().execute(sql, []).unwrap();
    store(&mut Archive::default(), &mut database, &folder, 4);
    store(&mut archive, &mut database, &folder, 5);
    let told = stored(&folder);
    let expected = [(0, true), (1, true), (2, false), (3, false), (4, true), (5, true)];
    assert_eq!(told, expected);
}

#[test]
fn a_week_is_kept_and_the_store_is_bounded() {
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let mut archive = Archive::default();
    // Every four hours for three weeks.
    for step in 0..6 * 21 {
        store(&mut archive, &mut database, &folder, step * 240);
    }
    let (kept, damaged) = moments(database.reading(), SourceMark::of(&folder.file())).unwrap();
    let oldest = kept.oldest().unwrap().at;
    let span = at((6 * 21 - 1) * 240).duration_since(oldest).as_hours();
    assert!((7 * 24..=9 * 24 + 4).contains(&span), "{span} h");
    assert_eq!(damaged, 0);
    assert!(stored(&folder).iter().all(|(_, is_intact)| *is_intact));
}

/// The variable that makes [`a_process_of_its_own_stores_until_it_is_killed`] do so: the file.
const STORES: &str = "HSS_TOP_TEST_SNAPSHOTS";
/// How many snapshots each of the next test's processes stores at least.
const SNAPSHOTS: usize = 20;

/// Part of the next test, which starts it in processes of their own; alone it does nothing.
#[test]
fn a_process_of_its_own_stores_until_it_is_killed() {
    let Ok(file) = std::env::var(STORES) else {
        return;
    };
    let path = Path::new(&file);
    let mut archive = Archive::default();
    let (mut database, _) = Database::open(path).unwrap();
    loop {
        // The snapshot after the newest one, as two dashboards that look at the same HSS have it.
        let newest = database.newest_snapshot(SourceMark::of(path)).unwrap();
        let minute = newest.map_or(0, |(_, newest)| newest.duration_since(at(0)).as_mins() + 1);
        if archive
            .store(&mut database, path, &fleet(minute), at(minute))
            .is_ok()
        {
            writeln!(std::io::stdout(), "stored {minute}").unwrap();
        }
    }
}

#[test]
fn two_dashboards_store_each_snapshot_once_and_a_kill_loses_at_most_the_one_being_written() {
    use std::io::{BufRead as _, BufReader};
    let folder = Folder::new();
    drop(Database::open(&folder.file()).unwrap());
    let children = [(), ()].map(|()| {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "state::archive::tests::a_process_of_its_own_stores_until_it_is_killed",
            ])
            .env(STORES, folder.file())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    });
    let mut told = BTreeSet::new();
    for mut child in children {
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let minutes = lines.map_while(Result::ok).filter_map(|line| {
            let minute = line.split("stored ").nth(1)?;
            minute.parse::<i64>().ok()
        });
        told.extend(minutes.take(SNAPSHOTS));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let kept = stored(&folder);
    let last = *told.last().unwrap();
    let expected: Vec<(i64, bool)> = (0..=last).map(|minute| (minute, true)).collect();
    let length = expected.len();
    assert_eq!(
        kept.get(..length),
        Some(expected.as_slice()),
        "each once, in order, as it was"
    );
    assert!(kept.iter().all(|(_, is_intact)| *is_intact));
}

/// The pods of the simulator's round as HSS's pages; 2 % of them are replaced in each round.
fn simulated_pages(simulated: &SimulatedFleet, rounds: &[Snapshot], round: usize) -> Vec<Vec<u8>> {
    let newest = |index: u64| {
        let phase = usize::try_from(index % 50).unwrap();
        let of_it = (0..=round).rev().find(|round| round % 50 == phase);
        &rounds[of_it.unwrap_or(0)]
    };
    let pods: Vec<serde_json::Value> = (0..simulated.pods())
        .filter_map(|index| simulated.node_pod(index, newest(index)))
        .map(|pod| serde_json::to_value(pod).unwrap())
        .collect();
    let page = |pods: &[serde_json::Value]| {
        let total = simulated.pods();
        let time = rounds[round].taken_at();
        serde_json::to_vec(
            &serde_json::json!({"total_num": total, "last_update_time": time, "data_list": pods}),
        )
        .unwrap()
    };
    pods.chunks(200).map(page).collect()
}

/// The pages of a round of this many simulated pods.
pub(in crate::state) fn simulated(pods: u64, round: usize) -> Vec<Vec<u8>> {
    simulated_pages(
        &SimulatedFleet::new(7, pods, 0, 0),
        &simulated_rounds(round + 1),
        round,
    )
}

fn simulated_rounds(count: usize) -> Vec<Snapshot> {
    let first = Snapshot::first(1_755_000_000_000);
    let next = |last: &Snapshot| Some(last.next(last.taken_at() + 600_000));
    std::iter::successors(Some(first), next).take(count).collect()
}

pub(in crate::state) fn fleet_of(pages: &[Vec<u8>]) -> Fleet {
    let mut store = crate::fleet::Store::default();
    for page in pages {
        store.take(None, &crate::hss::wire::read_page(page.as_slice()).unwrap().pods);
    }
    store.snapshot()
}

fn gzipped(page: &[u8]) -> u64 {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(page).unwrap();
    gzip.finish().unwrap().len() as u64
}

/// The size of a snapshot of 10,000 pods with 2 % of them replaced since the one before, including both copies and its share of
/// the complete snapshot of its group.
#[test]
fn a_snapshot_costs_a_twentieth_of_its_gzipped_pages() {
    let simulated = SimulatedFleet::new(7, 10_000, 0, 0);
    let rounds = simulated_rounds(5);
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let mut archive = Archive::default();
    let mut gzip = 0;
    for (round, snapshot) in rounds.iter().enumerate() {
        let pages = simulated_pages(&simulated, &rounds, round);
        gzip = pages.iter().map(|page| gzipped(page)).sum();
        let at = Timestamp::from_millisecond(snapshot.taken_at()).unwrap();
        archive
            .store(&mut database, &folder.file(), &fleet_of(&pages), at)
            .unwrap();
    }
    let stored = database
        .snapshots(SourceMark::of(&folder.file()), usize::MAX)
        .unwrap();
    let (differences, whole): (Vec<_>, Vec<_>) = stored.iter().partition(|(_, header)| header.base.is_some());
    let bytes =
        |headers: &[&(i64, SnapshotHeader)]| -> u64 { headers.iter().map(|(_, header)| header.bytes).sum() };
    let (whole, difference) = (bytes(&whole), bytes(&differences) / differences.len() as u64);
    let group = (1 + whole / difference).min(MOST_IN_GROUP as u64);
    let each = 2 * (whole + (group - 1) * difference) / group;
    let times = gzip / each;
    writeln!(
        std::io::stdout(),
        "gzipped pages {gzip} bytes; a snapshot {each}, 1/{times}: whole {whole}, difference {difference}, {group} in a group"
    )
    .unwrap();
    assert!(each * 20 <= gzip, "{each} of {gzip}");
}
