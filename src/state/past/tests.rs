use super::*;
use crate::fleet::fixture::{PodFixture, node};
use crate::state::archive::Archive;
use crate::state::database::Database;
use crate::state::database::tests::Folder;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_755_000_000 + hour * 3600).unwrap()
}

fn fleet(hour: i64) -> Fleet {
    let names = [format!("at-{hour}"), "always".to_owned()];
    names
        .iter()
        .map(|name| node(name).status(if hour % 2 == 0 { "Running" } else { "Failed" }))
        .map(PodFixture::build)
        .collect()
}

fn stored(hours: std::ops::Range<i64>) -> Folder {
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let mut archive = Archive::default();
    for hour in hours {
        archive
            .store(&mut database, &folder.file(), &fleet(hour), at(hour))
            .unwrap();
    }
    folder
}

/// A worker that reads this file.
struct Worker {
    wanted: watch::Sender<Option<PastRequest>>,
    news: mpsc::Receiver<PastNews>,
    _task: tokio::task::JoinSet<()>,
}

impl Worker {
    fn start(file: Option<PathBuf>) -> Self {
        let (wanted, wanted_out) = watch::channel(None);
        let (news_in, news) = mpsc::channel(1);
        let mut task = tokio::task::JoinSet::new();
        task.spawn(run(file, wanted_out, news_in));
        Self {
            wanted,
            news,
            _task: task,
        }
    }

    /// The first name of the picture, and its place.
    async fn look(&mut self, which: MomentWanted) -> Result<(String, (usize, usize)), NoPicture> {
        let now = fleet(9);
        self.wanted.send_replace(Some(PastRequest { which, now }));
        let picture = self.news.recv().await.unwrap().picture?;
        let names = picture
            .fleet
            .pods()
            .map(|pod| pod.name().value().unwrap().shown().to_owned());
        let name = names
            .filter(|name| name.starts_with("at-"))
            .collect::<Vec<_>>()
            .concat();
        assert_eq!((picture.counts.gone, picture.counts.came), (1, 1));
        Ok((name, picture.place))
    }
}

#[tokio::test]
async fn every_moment_is_found_by_steps_and_by_its_time() {
    use MomentWanted::{At, Steps};
    let folder = stored(0..6);
    let mut worker = Worker::start(Some(folder.file()));
    let told = |hour: usize| Ok((format!("at-{hour}"), (hour + 1, 6)));
    assert_eq!(worker.look(Steps(at(5), -1)).await, told(4));
    assert_eq!(worker.look(Steps(at(4), -1)).await, told(3));
    assert_eq!(worker.look(Steps(at(3), 1)).await, told(4));
    assert_eq!(worker.look(Steps(at(4), -4)).await, told(0));
    assert_eq!(worker.look(Steps(at(0), 0)).await, told(0));
    assert_eq!(
        worker.look(Steps(at(0), -1)).await,
        Err(NoPicture::KeptSince(at(0)))
    );
    assert_eq!(worker.look(Steps(at(5), 1)).await, Err(NoPicture::Newest));
    let half = at(2).checked_add(std::time::Duration::from_mins(30)).unwrap();
    assert_eq!(worker.look(At(half)).await, told(2));
    assert_eq!(worker.look(At(at(-1))).await, Err(NoPicture::KeptSince(at(0))));
    worker.wanted.send_replace(None);
    assert_eq!(worker.look(At(at(90))).await, told(5));
}

#[tokio::test]
async fn an_altered_snapshot_is_told_and_the_others_are_read() {
    let folder = stored(0..4);
    let (database, _) = Database::open(&folder.file()).unwrap();
    let sql = "UPDATE snapshot_part SET body = x'0011' WHERE snapshot = 4";
    database.reading().execute(sql, []).unwrap();
    let mut worker = Worker::start(Some(folder.file()));
    let told = worker.look(MomentWanted::At(at(3))).await;
    assert_eq!(told, Err(NoPicture::Altered(at(3))));
    assert_eq!(worker.look(MomentWanted::At(at(2))).await.unwrap().0, "at-2");
}

#[tokio::test]
async fn without_a_file_or_a_snapshot_there_is_nothing_to_see() {
    let empty = stored(0..0);
    for file in [None, Some(PathBuf::from("/proc/self/none")), Some(empty.file())] {
        let told = Worker::start(file).look(MomentWanted::At(at(0))).await;
        assert_eq!(told, Err(NoPicture::Nothing));
    }
}

/// Showing the pods of a snapshot, as a first look that reads a whole group and as a step to its neighbour, against showing
/// the same pods when the program starts: a ratio of one run. `LONG_TESTS` asks for 100,000 pods.
#[test]
#[expect(clippy::disallowed_methods, reason = "a ratio of real times")]
fn a_step_takes_half_the_time_of_a_restart() {
    use std::io::Write as _;
    use std::time::{Duration, Instant};
    let pods = if std::env::var_os("LONG_TESTS").is_some() {
        100_000
    } else {
        10_000
    };
    let folder = Folder::new();
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let mut archive = Archive::default();
    let mut fleet = Fleet::default();
    for round in 0..4 {
        let pages = crate::state::archive::tests::simulated(pods, round);
        fleet = crate::state::archive::tests::fleet_of(&pages);
        archive
            .store(
                &mut database,
                &folder.file(),
                &fleet,
                at(i64::try_from(round).unwrap()),
            )
            .unwrap();
        let offsets = (0_u32..).step_by(200);
        database
            .write(|writing| {
                offsets
                    .zip(&pages)
                    .try_for_each(|(offset, page)| writing.page(offset, page))
            })
            .unwrap();
    }
    let shown =
        |fleet: &Fleet| crate::fleet::View::of(fleet, crate::fleet::ViewRequest::default(), at(4)).len();
    let restart = || {
        let begin = Instant::now();
        let mut store = crate::fleet::Store::default();
        store.begin_restore();
        database
            .pages(|page| {
                store.take(None, &crate::hss::wire::read_page(page).unwrap().pods);
            })
            .unwrap();
        assert_eq!(shown(&store.snapshot()), fleet.len());
        begin.elapsed()
    };
    let mut reader = PastReader {
        file: Some(folder.file()),
        identity: None,
        replays: Vec::new(),
        now: Some(Lineup::of(fleet.clone())),
    };
    let mut look = |hour: i64| {
        let begin = Instant::now();
        let request = PastRequest {
            which: MomentWanted::At(at(hour)),
            now: fleet.clone(),
        };
        let picture = reader.look(&request).picture.unwrap();
        assert_eq!(shown(&picture.fleet), fleet.len());
        begin.elapsed()
    };
    let best = |times: &mut dyn FnMut() -> Duration| (0..3).map(|_| times()).min().unwrap();
    let restart = best(&mut { restart });
    let first = look(3);
    let mut hours = [1, 2, 3].into_iter().cycle();
    let step = best(&mut || look(hours.next().unwrap()));
    let ratio = |time: Duration| time.as_secs_f64() / restart.as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{pods} pods: restart {restart:?}; first look {:.2} of it, a step {:.2}",
        ratio(first),
        ratio(step)
    )
    .unwrap();
    assert!(ratio(step) <= 0.5, "{step:?} of {restart:?}");
}
