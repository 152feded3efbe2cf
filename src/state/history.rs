//! Reads the usage history of a pod outside the event loop. The newest request wins.
//!
//! Owns a read-only connection to the file, so that it neither waits for the recorder's thread nor puts a
//! damaged file aside before the recorder reports it. If the file cannot be read there is no history; the
//! recorder says why.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

use super::database::{Belongs, FileRefusal, Identity, SourceMark, has_foreign_log, identity, readable};
use super::usage::{self, Sample};
use crate::fleet::History;
use crate::fleet::history::{HistoryOrder, Point};

/// Answers the newest request for a pod's history until the event loop is gone. Without a file every history
/// is empty.
pub async fn run(
    file: Option<PathBuf>,
    mut wanted: watch::Receiver<Option<HistoryOrder>>,
    histories: mpsc::Sender<History>,
) {
    let mut reader = HistoryReader {
        file,
        connection: None,
    };
    while wanted.changed().await.is_ok() {
        let Some(order) = wanted.borrow_and_update().clone() else {
            continue;
        };
        let read = spawn_blocking(move || (reader.history(order), reader)).await;
        let Ok((history, same)) = read else { return };
        reader = same;
        if histories.send(history).await.is_err() {
            return;
        }
    }
}

struct HistoryReader {
    file: Option<PathBuf>,
    /// The connection and the identity of its file: a file that was put aside is no longer used.
    connection: Option<(Option<Identity>, Connection)>,
}

impl HistoryReader {
    fn history(&mut self, order: HistoryOrder) -> History {
        let samples = self.samples(&order).unwrap_or_else(|error| {
            tracing::debug!(%error, "no history");
            // The file may have been replaced by the next time.
            self.connection = None;
            Vec::new()
        });
        let points = |amount: fn(&Sample) -> Option<i64>| {
            let point = |sample: &Sample| {
                Some(Point {
                    at: Timestamp::from_second(sample.at).ok()?,
                    amount: u64::try_from(amount(sample)?).ok()?,
                })
            };
            samples.iter().filter_map(point).collect()
        };
        History {
            pod: order.pod,
            cpu: points(|sample| sample.cpu),
            memory: points(|sample| sample.memory),
        }
    }

    fn samples(&mut self, order: &HistoryOrder) -> Result<Vec<Sample>, rusqlite::Error> {
        let Some(file) = &self.file else {
            return Ok(Vec::new());
        };
        let identity = identity(file);
        let connection = match self.connection.take() {
            Some((known, connection)) if known == identity => connection,
            _ => match open_to_read(file)? {
                Some(connection) => connection,
                None => return Ok(Vec::new()),
            },
        };
        let (_, connection) = self.connection.insert((identity, connection));
        usage::read(connection, usage::pod_number(&order.pod), order.since.as_second())
    }
}

/// Opens the file if it exists, may be used, and belongs to the source of its name.
pub(super) fn open_to_read(file: &Path) -> Result<Option<Connection>, rusqlite::Error> {
    let path = match readable(file) {
        Ok(Some(path)) => path,
        Ok(None) | Err(FileRefusal::Unfit(_) | FileRefusal::Failed(_)) => return Ok(None),
    };
    if has_foreign_log(&path) {
        // The recorder puts the log aside, and says so.
        return Ok(None);
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(&path, flags)?;
    let belongs = SourceMark::of(&path).belongs(&connection)?;
    Ok((belongs == Belongs::Here).then_some(connection))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{PodFixture, node};
    use crate::fleet::{Fleet, PodKey};
    use crate::state::Database;
    use crate::state::database::tests::Folder;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_755_000_000 + second).unwrap()
    }

    /// A worker that reads this file.
    struct Worker {
        wanted: watch::Sender<Option<HistoryOrder>>,
        histories: mpsc::Receiver<History>,
        _task: tokio::task::JoinSet<()>,
    }

    impl Worker {
        fn start(file: Option<PathBuf>) -> Self {
            let (wanted, wanted_out) = watch::channel(None);
            let (histories_in, histories) = mpsc::channel(1);
            let mut task = tokio::task::JoinSet::new();
            task.spawn(run(file, wanted_out, histories_in));
            Self {
                wanted,
                histories,
                _task: task,
            }
        }

        async fn of(&mut self, pod: &PodKey) -> History {
            self.since(pod, Timestamp::MIN).await
        }

        async fn since(&mut self, pod: &PodKey, since: Timestamp) -> History {
            let pod = pod.clone();
            self.wanted.send_replace(Some(HistoryOrder {
                pod: pod.clone(),
                since,
            }));
            loop {
                let history = self.histories.recv().await.unwrap();
                if history.pod == pod {
                    return history;
                }
            }
        }
    }

    #[tokio::test]
    async fn only_the_samples_of_the_pod_are_read_oldest_first() {
        let folder = Folder::new();
        let pods = ["a", "b", "c"].map(|name| node(name).build());
        let fleet = |used: &str| -> Fleet {
            [
                node("a").usage(used, "1", "5Mi", "1Gi"),
                node("b").usage("1", "1", "", ""),
            ]
            .map(PodFixture::build)
            .into_iter()
            .collect()
        };
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let mut note = |used: &str, second| {
            let samples: Vec<Sample> = usage::of(&fleet(used), at(second)).collect();
            database.write(|writing| writing.usage(samples)).unwrap();
        };
        note("300m", 60);
        note("100m", 0);
        let mut worker = Worker::start(Some(folder.file()));
        let history = worker.of(&pods[0].key).await;
        let amounts = |points: &[Point]| -> Vec<(Timestamp, u64)> {
            points.iter().map(|point| (point.at, point.amount)).collect()
        };
        assert_eq!(
            amounts(&history.cpu),
            [(at(0), 100_000_000), (at(60), 300_000_000)]
        );
        assert_eq!(amounts(&history.memory), [(at(0), 5 << 20), (at(60), 5 << 20)]);
        let other = worker.of(&pods[1].key).await;
        assert_eq!((other.cpu.len(), other.memory.len()), (2, 0));
        assert_eq!(worker.of(&pods[2].key).await.cpu, []);
        note("200m", 120);
        assert_eq!(worker.of(&pods[0].key).await.cpu.len(), 3, "asked again");
    }

    #[tokio::test]
    async fn a_file_that_was_put_aside_is_no_longer_read() {
        let folder = Folder::new();
        let pod = node("a").usage("1", "1", "", "").build();
        let fleet: Fleet = [pod.clone()].into_iter().collect();
        let note = |seconds: std::ops::Range<i64>| {
            let (mut database, _) = Database::open(&folder.file()).unwrap();
            let samples: Vec<Sample> = seconds
                .flat_map(|second| usage::of(&fleet, at(second)).collect::<Vec<_>>())
                .collect();
            database.write(|writing| writing.usage(samples)).unwrap();
            database
        };
        let database = note(0..3);
        let mut worker = Worker::start(Some(folder.file()));
        assert_eq!(worker.of(&pod.key).await.cpu.len(), 3);
        database.put_aside(&folder.file()).unwrap();
        note(3..4);
        assert_eq!(worker.of(&pod.key).await.cpu.len(), 1);
    }

    #[tokio::test]
    async fn a_file_of_another_source_has_no_history() {
        let folder = Folder::new();
        let fleet: Fleet = [node("a").usage("1", "1", "", "").build()].into_iter().collect();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        database
            .write(|writing| writing.usage(usage::of(&fleet, at(0))))
            .unwrap();
        drop(database);
        let other = folder.file().with_file_name("b.sqlite");
        std::fs::copy(folder.file(), &other).unwrap();
        let pod = node("a").build();
        assert_eq!(Worker::start(Some(folder.file())).of(&pod.key).await.cpu.len(), 1);
        assert_eq!(Worker::start(Some(other)).of(&pod.key).await.cpu, []);
    }

    #[tokio::test]
    async fn without_a_file_there_is_no_history_until_there_is_one() {
        let folder = Folder::new();
        let pod = node("a").build();
        for file in [None, Some(PathBuf::from("/proc/self/none"))] {
            assert_eq!(Worker::start(file).of(&pod.key).await.cpu, []);
        }
        let mut worker = Worker::start(Some(folder.file()));
        assert_eq!(worker.of(&pod.key).await.cpu, []);
        assert!(!folder.file().exists(), "reading creates no file");
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let fleet: Fleet = [node("a").usage("1", "1", "", "").build()].into_iter().collect();
        database
            .write(|writing| writing.usage(usage::of(&fleet, at(0))))
            .unwrap();
        assert_eq!(worker.of(&pod.key).await.cpu.len(), 1);
    }
}
