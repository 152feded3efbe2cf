//! Notes are written, whatever happens to the file.

use super::disk_wait::AT_ONCE;
use super::*;
use crate::fleet::changes::ChangeKind;
use crate::fleet::fixture::node;
use crate::hss::wire::Page;
use crate::state::database::Database;
use crate::state::database::tests::{Folder, damage_inside, damage_usage};
use crate::state::restore::Restored;
use crate::state::{Writing, pods_file, usage};
use tokio::time::Instant;

fn page(name: &str) -> Note {
    page_at(0, name)
}

fn page_at(offset: u32, name: &str) -> Note {
    Note::Page {
        offset,
        body: format!(r#"{{"total_num":1,"data_list":[{{"id":"1","pod_name":"{name}"}}]}}"#).into_bytes(),
    }
}

/// The notes after the last page of a complete sweep.
fn over() -> [Note; 2] {
    let complete = Facts {
        complete: true,
        ..Facts::default()
    };
    let end = Note::End {
        offset: 1_000,
        complete: true,
    };
    [end, Note::Facts(complete)]
}

fn changes(number: i64) -> Vec<Change> {
    let pod = node("a").build();
    vec![Change {
        after: Timestamp::from_second(number).ok(),
        ..Change::of(&pod, ChangeKind::Vanished)
    }]
}

/// A writer without a thread, and its reports.
struct Direct {
    writer: Writer,
    reports: Reports,
}

impl std::ops::Deref for Direct {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl std::ops::DerefMut for Direct {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}

/// A writer on a new file.
fn writer(folder: &Folder) -> Direct {
    let (mut writer, reports) = Writer::new(folder.file());
    writer.write(Vec::new());
    Direct { writer, reports }
}

/// Writes to a full disk; the next attempt finds room.
fn write_in_vain(writer: &mut Direct, mut batch: Vec<Note>) {
    writer.database.as_ref().unwrap().limit_pages(24);
    batch.push(Note::Page {
        offset: 900,
        body: vec![b' '; 1 << 20],
    });
    writer.write(batch);
    assert!(
        writer
            .reports
            .trouble
            .borrow()
            .as_ref()
            .unwrap()
            .contains("disk is full")
    );
    writer.tried = None;
}

/// Whether the saved pages are complete.
fn is_complete(folder: &Folder) -> bool {
    let (database, _) = Database::open(&folder.file()).unwrap();
    let mut pages = 0;
    database.pages(|_| pages += 1).unwrap();
    database.facts().unwrap().0.are_met_by(pages)
}

/// The saved state and its pages.
async fn all(recorder: &mut Recorder) -> (Kept, Vec<Page>) {
    let mut kept = recorder.kept().await;
    let mut pages = Vec::new();
    if let Some(mut coming) = kept.pages.take() {
        while let Some(page) = coming.recv().await {
            pages.push(page);
        }
    }
    (kept, pages)
}

/// How many samples of the pod "a" are saved.
fn samples(folder: &Folder) -> usize {
    let (mut database, _) = Database::open(&folder.file()).unwrap();
    let (key, mut count) = (node("a").build().key, 0);
    let read = |writing: &Writing<'_>| {
        count = usage::read(writing.connection(), usage::pod_number(&key), i64::MIN)?.len();
        Ok(())
    };
    database.write(read).unwrap();
    count
}

/// Ends a recorder and returns the state that is saved then.
async fn end(recorder: Recorder, folder: &Folder) -> (Kept, Vec<Page>) {
    recorder.finish().await;
    all(&mut Recorder::start(folder.file()).unwrap()).await
}

/// The fleet that a sweep over these pods ends with.
fn swept(names: &[&str]) -> Fleet {
    use crate::fleet::store::{Records, SweepKind};
    let mut store = crate::fleet::Store::default();
    store.begin_sweep(SweepKind::Fleet);
    let records = Records {
        node: names.iter().map(|name| node(name).node_record()).collect(),
        ..Records::default()
    };
    store.merge(Some(SweepKind::Fleet), records);
    store.snapshot()
}

#[tokio::test]
async fn the_pods_of_a_complete_list_are_offered_until_a_page_changes() {
    let folder = Folder::new();
    let offered = |folder: &Folder| {
        let mut recorder = Recorder::start(folder.file()).unwrap();
        async move {
            let mut kept = recorder.kept_with_pods().await;
            let offered = kept.pods.take().map(|offered| {
                let _ = offered.taken.send(());
                (offered.pods.len(), offered.pages)
            });
            let mut pages = 0;
            let mut coming = kept.pages.take().unwrap();
            while coming.recv().await.is_some() {
                pages += 1;
            }
            (offered, pages)
        }
    };
    let at = Timestamp::from_second(1_760_000_000).unwrap();
    let complete = |asked: i64| {
        Note::Facts(Facts {
            asked_at: Timestamp::from_second(1_760_000_000 + asked).ok(),
            snapshot_at: Some(at),
            total: Some(2),
            complete: true,
            pages: None,
        })
    };
    let mut recorder = Recorder::start(folder.file()).unwrap();
    all(&mut recorder).await;
    let snapshot = Note::Snapshot {
        fleet: swept(&["a", "b"]),
        at,
        now: at,
    };
    let [end, _] = over();
    for note in [page("a"), end, snapshot, complete(0), complete(60)] {
        recorder.keep(note);
    }
    recorder.finish().await;
    // In place of its pages.
    assert_eq!(offered(&folder).await, (Some((2, 1)), 0));
    let path = folder.file();
    let asked = pods_file::read(&path, |_| true).unwrap().header.facts.asked_at;
    assert_eq!(asked, Timestamp::from_second(1_760_000_060).ok());
    let mut recorder = Recorder::start(path).unwrap();
    all(&mut recorder).await;
    recorder.keep(page("c"));
    recorder.finish().await;
    assert_eq!(offered(&folder).await, (None, 1));
}

#[tokio::test]
async fn the_next_run_restores_what_one_run_noted() {
    let folder = Folder::new();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    assert!(all(&mut recorder).await.1.is_empty());
    recorder.keep(page("a"));
    recorder.keep(Note::Facts(Facts {
        total: Some(1),
        complete: true,
        ..Facts::default()
    }));
    assert_eq!(recorder.notice(), None);
    let (kept, pages) = end(recorder, &folder).await;
    assert_eq!((pages[0].pods.len(), kept.head.facts.total), (1, Some(1)));
}

#[test]
fn a_sweep_without_one_of_its_pages_is_incomplete_and_the_next_one_is_complete() {
    let folder = Folder::new();
    let mut writer = writer(&folder);
    let sweep = |name| {
        [page(name), page_at(200, name)]
            .into_iter()
            .chain(over())
            .collect()
    };
    writer.write(sweep("a"));
    assert!(is_complete(&folder));
    writer.write(vec![page("b")]);
    write_in_vain(&mut writer, vec![page_at(200, "b")]);
    writer.write(over().into());
    assert!(!is_complete(&folder));
    writer.write(over().into_iter().skip(1).collect());
    assert!(!is_complete(&folder), "that nothing changed is no sweep");
    writer.write(sweep("c"));
    assert!(is_complete(&folder));
    // Notes that are given up during the pause are lost as well.
    write_in_vain(&mut writer, vec![page("d")]);
    writer.tried = Some(Instant::now());
    writer.write(vec![page("d")]);
    writer.tried = None;
    writer.write([page_at(200, "d")].into_iter().chain(over()).collect());
    assert!(!is_complete(&folder));
}

#[test]
fn a_complete_sweep_leaves_no_page_of_a_run_with_another_page_size() {
    let folder = Folder::new();
    let sweep = |step: u32| {
        let pages = (0..600 / step).map(|number| page_at(number * step, &format!("{step}-{number}")));
        pages.chain(over()).collect()
    };
    for step in [100, 200, 100] {
        // Another run each time.
        writer(&folder).write(sweep(step));
        let (database, _) = Database::open(&folder.file()).unwrap();
        let (mut kept, of_this_size) = (Vec::new(), format!("\"{step}-").into_bytes());
        database.pages(|body| kept.push(body.to_vec())).unwrap();
        assert_eq!(kept.len(), 600 / step as usize);
        let is_of_this_size = |body: &Vec<u8>| body.windows(5).any(|part| part == of_this_size);
        assert!(kept.iter().all(is_of_this_size), "{step}");
        assert!(is_complete(&folder));
    }
}

#[test]
fn pages_that_an_incomplete_sweep_did_not_see_stay() {
    let folder = Folder::new();
    let mut writer = writer(&folder);
    writer.write(
        [page("a"), page_at(200, "a"), page_at(400, "a")]
            .into_iter()
            .chain(over())
            .collect(),
    );
    let end = Note::End {
        offset: 201,
        complete: false,
    };
    writer.write(vec![page("b"), end]);
    let (database, _) = Database::open(&folder.file()).unwrap();
    let mut pages = 0;
    database.pages(|_| pages += 1).unwrap();
    assert_eq!(pages, 2, "except those after the end");
}

#[test]
fn changes_that_could_not_be_written_are_written_later() {
    let folder = Folder::new();
    let mut writer = writer(&folder);
    write_in_vain(&mut writer, vec![Note::Changes(changes(1))]);
    writer.write(vec![Note::Changes(changes(2))]);
    let (database, _) = Database::open(&folder.file()).unwrap();
    assert_eq!(database.changes().unwrap().0, [changes(1), changes(2)].concat());
    assert!(writer.late.is_empty());
}

/// A recorder with the test in the place of its thread: it takes the notes and tells what was written.
struct Stage {
    recorder: Recorder,
    inbox: mpsc::Receiver<Note>,
    writer: Writer,
    done: oneshot::Sender<()>,
}

impl Stage {
    fn new(room: usize) -> Self {
        let (notes, inbox) = mpsc::channel(room);
        let (writer, reports) = Writer::new("a.sqlite".into());
        let (done, done_out) = oneshot::channel();
        let recorder = Recorder {
            notes,
            reports,
            told: 0,
            lost: false,
            kept: None,
            path: "a.sqlite".into(),
            is_stuck: false,
            done: done_out,
        };
        Self {
            recorder,
            inbox,
            writer,
            done,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_slow_disk_loses_nothing() {
    let Stage {
        mut recorder,
        mut inbox,
        writer,
        done,
    } = Stage::new(NOTES);
    let mut disk = tokio::task::JoinSet::new();
    disk.spawn(async move {
        let mut written = 0;
        while let Some(note) = inbox.recv().await {
            written += usize::from(matches!(note, Note::Page { .. } | Note::Facts(_)));
            // Nearly as slow as a disk that is stuck, for each part of the notes.
            if written % 16 == 0 {
                tokio::time::sleep(Duration::from_secs(9)).await;
                writer.written.send_modify(|written| *written += 1);
            }
        }
        let _ = done.send(());
        written
    });
    for at in 0..500 {
        recorder.room().await;
        assert!(recorder.keep(page_at(at * 200, "a")), "{at}");
    }
    recorder.room().await;
    assert!(over().map(|note| recorder.keep(note)).iter().all(|taken| *taken));
    assert_eq!(recorder.finish_while_it_writes().await, None);
    assert_eq!(disk.join_next().await.unwrap().unwrap(), 501);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_does_nothing_is_waited_for_once_and_reported() {
    let told = Some("the list is not saved: the disk wrote nothing for 10 s (a.sqlite)".to_owned());
    for pages in [1, 10 * NOTES] {
        let mut stage = Stage::new(NOTES);
        let begun = Instant::now();
        for at in 0..pages {
            stage.recorder.room().await;
            stage
                .recorder
                .keep(page_at(u32::try_from(at).unwrap() * 200, "a"));
        }
        assert_eq!(stage.recorder.finish_while_it_writes().await, told);
        assert_eq!(begun.elapsed().as_secs(), 10, "{pages}");
    }
}

#[test]
fn the_usages_of_a_large_fleet_show_that_the_disk_writes() {
    let folder = Folder::new();
    let mut writer = writer(&folder);
    let pods = (0..5000).map(|number| node(&format!("p{number}")).usage("1", "1", "", "").build());
    let at = Timestamp::from_second(1_760_000_000).unwrap();
    let before = *writer.reports.written.borrow();
    writer.write(vec![Note::Snapshot {
        fleet: pods.collect(),
        at,
        now: at,
    }]);
    let told = *writer.reports.written.borrow() - before;
    assert!(told >= 6, "{told}");
}

#[tokio::test(start_paused = true)]
async fn no_room_is_waited_for_where_nothing_is_saved_or_the_thread_is_gone() {
    let begun = Instant::now();
    let mut stage = Stage::new(1);
    stage
        .writer
        .trouble
        .send_replace(Some("nothing is saved".to_owned()));
    stage.recorder.room().await;
    drop(stage.done);
    let unsaved = stage.recorder.finish_while_it_writes().await;
    assert_eq!(unsaved.as_deref(), Some("nothing is saved"));
    let mut stage = Stage::new(AT_ONCE);
    stage.recorder.keep(page("a"));
    drop((stage.inbox, stage.done, stage.writer));
    stage.recorder.room().await;
    assert_eq!(stage.recorder.finish_while_it_writes().await, None);
    assert!(begun.elapsed().is_zero());
}

#[test]
fn a_dropped_note_makes_its_sweep_incomplete() {
    // Its receivers stay with it.
    let Stage {
        mut recorder,
        mut inbox,
        writer: _writer,
        ..
    } = Stage::new(2);
    let is_complete = |note: Note| match note {
        Note::End { complete, .. } | Note::Facts(Facts { complete, .. }) => complete,
        _ => panic!("neither an end nor facts"),
    };
    let mut taken = |inbox: &mut mpsc::Receiver<Note>, pages: u32| {
        let taken: Vec<bool> = (0..pages)
            .map(|at| recorder.keep(page_at(at * 200, "a")))
            .collect();
        while inbox.try_recv().is_ok() {}
        assert!(over().map(|note| recorder.keep(note)).iter().all(|taken| *taken));
        let over = [(); 2].map(|()| is_complete(inbox.try_recv().unwrap()));
        (taken, over)
    };
    assert_eq!(taken(&mut inbox, 2), (vec![true; 2], [true; 2]));
    assert_eq!(taken(&mut inbox, 3), (vec![true, true, false], [false; 2]));
    assert_eq!(taken(&mut inbox, 0), (vec![], [false; 2]), "no sweep");
    assert_eq!(taken(&mut inbox, 1), (vec![true], [true; 2]), "the next sweep");
}

#[tokio::test]
async fn a_file_damaged_inside_is_put_aside_when_it_is_read() {
    let folder = Folder::new();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    all(&mut recorder).await;
    recorder.keep(page("a"));
    recorder.finish().await;
    damage_inside(&folder.file());
    let mut recorder = Recorder::start(folder.file()).unwrap();
    assert!(all(&mut recorder).await.1.is_empty());
    let notice = recorder.notice().unwrap();
    assert!(notice.ends_with(".damaged-1"), "{notice}");
    assert_eq!((recorder.notice(), recorder.trouble()), (None, None));
    recorder.keep(page("b"));
    assert_eq!(end(recorder, &folder).await.1.len(), 1);
}

#[tokio::test]
async fn a_file_damaged_inside_is_put_aside_when_it_is_written() {
    let folder = Folder::new();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    all(&mut recorder).await;
    recorder.finish().await;
    // It is written before it is read.
    damage_usage(&folder.file());
    let mut recorder = Recorder::start(folder.file()).unwrap();
    all(&mut recorder).await;
    assert_eq!(recorder.notice(), None);
    recorder.keep(page("b"));
    recorder.keep(Note::Snapshot {
        fleet: [node("a").usage("1", "1", "", "").build()].into_iter().collect(),
        at: Timestamp::UNIX_EPOCH,
        now: Timestamp::UNIX_EPOCH,
    });
    let notices = recorder.reports.notices.clone();
    recorder.finish().await;
    assert!(notices.borrow().last().unwrap().ends_with(".damaged-1"));
    assert_eq!(samples(&folder), 1, "the batch is written to the new file");
}

#[tokio::test]
async fn neither_a_snapshot_of_the_future_nor_a_wrong_clock_wipes_the_history() {
    let at = |day: i64| Timestamp::from_second(1_760_000_000 + day * 24 * 3600).unwrap();
    let fleet: Fleet = [node("a").usage("1", "1", "", "").build()].into_iter().collect();
    // The day of the snapshot, the day of the clock, and whether the sample is accepted.
    for (name, snapshot, clock, is_accepted) in [
        ("future-snapshot", 365, 0, false),
        ("clock-ahead", 0, 365, true),
        ("both-ahead", 365, 365, true),
        ("clock-behind", 0, -365, false),
    ] {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        for day in 1..=80 {
            database
                .write(|writing| writing.usage(usage::of(&fleet, at(-day))))
                .unwrap();
        }
        let mut recorder = Recorder::start(folder.file()).unwrap();
        all(&mut recorder).await;
        recorder.keep(Note::Snapshot {
            fleet: fleet.clone(),
            at: at(snapshot),
            now: at(clock),
        });
        recorder.finish().await;
        assert_eq!(samples(&folder), 80 + usize::from(is_accepted), "{name}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_reported_and_stops_nothing() {
    let mut recorder = Recorder::start("/proc/self/none/a.sqlite".into()).unwrap();
    assert!(all(&mut recorder).await.1.is_empty());
    for _ in 0..10 * NOTES {
        recorder.keep(page("a"));
    }
    let mut told = recorder.reports.trouble.clone();
    let trouble = told.wait_for(Option::is_some).await.unwrap().clone().unwrap();
    assert!(
        trouble.starts_with("nothing is saved: the file cannot be written"),
        "{trouble}"
    );
}

#[tokio::test]
async fn an_unreadable_page_is_skipped() {
    let folder = Folder::new();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    all(&mut recorder).await;
    recorder.keep(Note::Page {
        offset: 200,
        body: b"{\"data_list\": [nonsense".to_vec(),
    });
    recorder.keep(page("a"));
    assert_eq!(end(recorder, &folder).await.1.len(), 1);
}

/// Restores everything and returns the result.
async fn restored(recorder: &mut Recorder) -> (Facts, usize) {
    let mut restore = recorder.restore().unwrap();
    let (mut facts, mut pages) = (Facts::default(), 0);
    loop {
        match restore.next().await {
            Restored::Head(head) => facts = head.facts,
            Restored::Pods(pods) => drop(pods),
            Restored::Page(_) => pages += 1,
            Restored::End => return (facts, pages),
        }
    }
}

#[tokio::test]
async fn a_page_that_the_disk_altered_is_missing_in_the_next_run_and_reported_once() {
    let folder = Folder::new();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    all(&mut recorder).await;
    recorder.keep(page("a"));
    recorder.keep(page_at(200, "b"));
    for note in over() {
        recorder.keep(note);
    }
    recorder.finish().await;
    // One bit of a name.
    let mut bytes = std::fs::read(folder.file()).unwrap();
    let name = br#""pod_name":"b""#;
    let at = bytes
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    bytes[at + name.len() - 2] ^= 1;
    std::fs::write(folder.file(), bytes).unwrap();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    let (facts, pages) = restored(&mut recorder).await;
    assert!(
        facts.complete && pages == 1 && !facts.are_met_by(1),
        "all pages are requested"
    );
    let notice = recorder.notice().unwrap();
    assert!(
        notice.contains("altered on the disk and is not used: 1 page;"),
        "{notice}"
    );
    assert_eq!(recorder.notice(), None);
    recorder.finish().await;
    let mut recorder = Recorder::start(folder.file()).unwrap();
    assert_eq!(restored(&mut recorder).await.1, 1);
    assert_eq!(recorder.notice(), None, "reported once");
}

#[tokio::test]
async fn a_removed_or_replaced_file_is_created_again_and_reported() {
    for exchange in [false, true] {
        let folder = Folder::new();
        let mut writer = writer(&folder);
        writer.write(vec![page("a")]);
        let moved = folder.path().join("moved");
        std::fs::rename(folder.file(), &moved).unwrap();
        if exchange {
            std::fs::write(folder.file(), "").unwrap();
        }
        writer.write(vec![page_at(200, "b")]);
        writer.write(over().into());
        let notices = writer.reports.notices.borrow().clone();
        assert!(
            notices.len() == 1 && notices[0].contains(if exchange { "replaced" } else { "removed" }),
            "{notices:?}"
        );
        assert!(writer.reports.created.has_changed().unwrap() && writer.database.is_some());
        let (database, _) = Database::open(&folder.file()).unwrap();
        let mut pages = 0;
        database.pages(|_| pages += 1).unwrap();
        assert_eq!(pages, 1, "the pages since then");
        assert!(!is_complete(&folder), "half of the sweep is not in it");
        writer.write(vec![page("a"), page_at(200, "b")]);
        writer.write(over().into());
        assert!(is_complete(&folder), "the next sweep is");
        assert_eq!(writer.reports.notices.borrow().len(), 1);
    }
}

#[tokio::test]
async fn a_file_of_another_source_that_appears_is_put_aside_and_reported() {
    let folder = Folder::new();
    let mut writer = writer(&folder);
    writer.write(vec![page("a")]);
    let other = folder.file().with_file_name("b.sqlite");
    drop(Database::open(&other).unwrap());
    std::fs::rename(&other, folder.file()).unwrap();
    writer.write(vec![page("a"), page_at(200, "b")]);
    writer.write(over().into());
    let told = writer.reports.notices.borrow().join("; ");
    assert!(
        told.contains("another source") && told.contains("replaced"),
        "{told}"
    );
    assert!(is_complete(&folder) && writer.reports.trouble.borrow().is_none());
}

#[tokio::test]
async fn a_file_that_another_program_locks_is_read_when_it_unlocks_it() {
    let folder = Folder::new();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    all(&mut recorder).await;
    recorder.keep(page("a"));
    recorder.finish().await;
    let holder = rusqlite::Connection::open(folder.file()).unwrap();
    holder.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE; COMMIT").unwrap();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    let mut trouble = recorder.reports.trouble.clone();
    let told = trouble.wait_for(Option::is_some).await.unwrap().clone().unwrap();
    assert!(told.contains("another dashboard has locked the file"), "{told}");
    drop(holder);
    assert_eq!(restored(&mut recorder).await.1, 1);
    recorder.finish().await;
    assert_eq!(*trouble.borrow(), None);
}

#[tokio::test]
async fn a_pipe_in_place_of_the_file_is_refused_with_a_sentence() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.file(),
        rustix::fs::FileType::Fifo,
        mode,
        0,
    )
    .unwrap();
    let mut recorder = Recorder::start(folder.file()).unwrap();
    assert_eq!(restored(&mut recorder).await.1, 0);
    let mut trouble = recorder.reports.trouble.clone();
    let told = trouble.wait_for(Option::is_some).await.unwrap().clone().unwrap();
    assert!(
        told.starts_with("nothing is saved: a.sqlite is a named pipe, not a regular file ("),
        "{told}"
    );
}
