//! The thread that writes.
//!
//! Owns the database while the program runs. What is to be kept arrives as notes on a bounded channel and is written in
//! batches, each one transaction; nobody waits for the disk. Where it cannot be written, that is told, notes are dropped,
//! and it is tried again once a minute: a page that was dropped comes again with the next sweep, and until then what is kept
//! is not called complete.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::thread::Builder;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::database::{Database, Facts, Unusable, Writing};
use super::usage;
use crate::fleet::Fleet;
use crate::fleet::changes::{Change, KEPT};
use crate::hss::wire::{Page, read_page};

/// Notes that may wait for the disk; beyond that they are dropped.
const NOTES: usize = 64;
/// Pages of an earlier run that may wait to be merged.
const PAGES: usize = 16;
/// Notes of one transaction.
const BATCH: usize = 32;
/// After a failure the disk is left alone for so long.
const RESTS: Duration = Duration::from_mins(1);
/// How often the history is thinned out.
const THINNED_EVERY: Duration = Duration::from_hours(1);

/// Something to keep.
#[derive(Debug)]
pub enum Note {
    /// A page as it came.
    Page {
        /// Where it begins.
        offset: u32,
        /// Its body.
        body: Vec<u8>,
    },
    /// A sweep is over.
    End {
        /// Where the list ends.
        offset: u32,
        /// Whether it met all there is.
        complete: bool,
    },
    /// What is known of the pages as a whole.
    Facts(Facts),
    /// What the pods of the fleet use, as of then.
    Usage {
        /// The fleet.
        fleet: Fleet,
        /// The snapshot's date.
        at: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// What changed, oldest first.
    Changes(Vec<Change>),
}

impl Note {
    /// Whether a sweep begins with it: each one takes the first page once, before all others.
    fn begins_sweep(&self) -> bool {
        matches!(self, Self::Page { offset: 0, .. })
    }

    /// Whether a sweep of which it is lost is not complete.
    fn is_of_sweep(&self) -> bool {
        matches!(self, Self::Page { .. } | Self::End { .. })
    }

    /// The same of a sweep of which something was lost.
    fn not_complete(self) -> Self {
        match self {
            Self::End { offset, .. } => Self::End {
                offset,
                complete: false,
            },
            Self::Facts(facts) => Self::Facts(Facts {
                complete: false,
                ..facts
            }),
            note => note,
        }
    }
}

/// What was kept by an earlier run. Its pages come one by one, so that they are merged while others are still read.
#[derive(Debug, Default)]
pub struct Kept {
    /// The pages, decoded as answers are.
    pub pages: Option<mpsc::Receiver<Page>>,
    /// What is known of them.
    pub facts: Facts,
    /// What changed, oldest first.
    pub changes: Vec<Change>,
}

/// The way to the thread. The thread ends, after what it was given is written, when this is dropped.
#[derive(Debug)]
pub struct Recorder {
    notes: mpsc::Sender<Note>,
    trouble: watch::Receiver<Option<String>>,
    notices: watch::Receiver<Option<String>>,
    /// Whether a note of the sweep under way was dropped; the next one may be complete again.
    lost: bool,
    kept: Option<oneshot::Receiver<Kept>>,
    /// Resolves when the thread has ended.
    done: oneshot::Receiver<()>,
}

impl Recorder {
    /// Starts the thread on the file at `path`.
    pub fn start(path: PathBuf) -> io::Result<Self> {
        let (notes, inbox) = mpsc::channel(NOTES);
        let (trouble_in, trouble) = watch::channel(None);
        let (notices_in, notices) = watch::channel(None);
        let (kept_in, kept) = oneshot::channel();
        let (done_in, done) = oneshot::channel();
        Builder::new().name("state".to_owned()).spawn(move || {
            Writer::new(path, trouble_in, notices_in).run(kept_in, inbox);
            // Nobody who waits for the end is no matter.
            let _ = done_in.send(());
        })?;
        Ok(Self {
            notes,
            trouble,
            notices,
            lost: false,
            kept: Some(kept),
            done,
        })
    }

    /// What an earlier run kept; nothing the second time.
    pub async fn kept(&mut self) -> Kept {
        match self.kept.take() {
            Some(kept) => kept.await.unwrap_or_default(),
            None => Kept::default(),
        }
    }

    /// Keeps `note`, or drops it where the disk is too slow. Never waits. Answers whether the note was taken.
    pub fn keep(&mut self, note: Note) -> bool {
        let note = if self.lost { note.not_complete() } else { note };
        let (begins, is_of_sweep) = (note.begins_sweep(), note.is_of_sweep());
        let is_taken = self.notes.try_send(note).is_ok();
        if !is_taken {
            tracing::debug!("a note for the state file was dropped");
            self.lost |= is_of_sweep;
        } else if begins {
            self.lost = false;
        }
        is_taken
    }

    /// Ends the thread; resolves when everything is written.
    pub async fn finish(self) {
        drop(self.notes);
        // It has ended one way or the other.
        let _ = self.done.await;
    }

    /// Why nothing is kept at the moment.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.borrow().clone()
    }

    /// What is odd about the file; nothing where that was told before.
    pub fn notice(&mut self) -> Option<String> {
        let is_new = self.notices.has_changed().is_ok_and(|is_new| is_new);
        let notice = self.notices.borrow_and_update();
        notice.clone().filter(|_| is_new)
    }
}

struct Writer {
    path: PathBuf,
    database: Option<Database>,
    trouble: watch::Sender<Option<String>>,
    notices: watch::Sender<Option<String>>,
    tried: Option<Instant>,
    thinned: Option<Instant>,
    sweep: Sweep,
    /// Changes that could not be written yet. Unlike pages they do not come again.
    late: Vec<Change>,
}

/// What was written of the sweep under way.
#[derive(Debug, Clone, Default)]
struct Sweep {
    /// The offsets of its pages.
    pages: BTreeSet<u32>,
    /// Whether a part of it could not be written; the next one may be complete again.
    lost: bool,
}

impl Sweep {
    fn write(&mut self, note: &Note, writing: &Writing<'_>) -> Result<(), rusqlite::Error> {
        if note.begins_sweep() {
            *self = Self::default();
        }
        match note {
            Note::Page { offset, body } => {
                self.pages.insert(*offset);
                writing.page(*offset, body)
            }
            Note::End { complete: true, .. } if !self.lost => writing.swept(&self.pages),
            Note::End { offset, .. } => writing.end_at(*offset),
            Note::Facts(facts) => writing.facts(&Facts {
                complete: facts.complete && !self.lost,
                ..*facts
            }),
            Note::Usage { fleet, at, now } if usage::is_credible(*at, *now) => {
                writing.usage(usage::of(fleet, *at))
            }
            Note::Usage { .. } => Ok(()),
            Note::Changes(changes) => writing.changes(changes),
        }
    }
}

impl Writer {
    fn new(
        path: PathBuf,
        trouble: watch::Sender<Option<String>>,
        notices: watch::Sender<Option<String>>,
    ) -> Self {
        Self {
            path,
            database: None,
            trouble,
            notices,
            tried: None,
            thinned: None,
            sweep: Sweep::default(),
            late: Vec::new(),
        }
    }

    fn run(mut self, kept: oneshot::Sender<Kept>, mut inbox: mpsc::Receiver<Note>) {
        if let Err(why) = self.load(kept) {
            self.tell(Err(why));
        }
        while let Some(first) = inbox.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Ok(note) = inbox.try_recv()
            {
                batch.push(note);
            }
            self.write(batch);
        }
    }

    /// Hands over what was kept. That nobody takes it is no reason not to keep more.
    fn load(&mut self, kept: oneshot::Sender<Kept>) -> Result<(), Unusable> {
        let (facts, changes) = self.read(|database| Ok((database.facts()?, database.changes()?)))?;
        let (out, pages) = mpsc::channel(PAGES);
        let head = Kept {
            pages: Some(pages),
            facts,
            changes,
        };
        if kept.send(head).is_err() {
            return Ok(());
        }
        // The pages end after a notice was given: who has taken the last one knows of it.
        self.read(|database| {
            database.pages(|body| {
                // What cannot be read any more is not worth a word: a sweep brings it again.
                if let Ok(page) = read_page(body) {
                    let _ = out.blocking_send(page);
                }
            })
        })
    }

    /// Reads something of the file; of a new one, where that shows that the file is damaged.
    fn read<T>(&mut self, mut what: impl FnMut(&mut Database) -> Result<T, Unusable>) -> Result<T, Unusable> {
        match self.try_with_database(&mut what) {
            Err(why) if why.is_damage() => self.try_with_database(&mut what),
            result => result,
        }
    }

    fn try_with_database<T>(
        &mut self,
        what: &mut impl FnMut(&mut Database) -> Result<T, Unusable>,
    ) -> Result<T, Unusable> {
        let mut database = match self.database.take() {
            Some(database) => database,
            None => self.open()?,
        };
        let result = what(&mut database);
        match &result {
            Ok(_) => self.database = Some(database),
            Err(why) if why.is_damage() => {
                let notice = database.put_aside(&self.path)?;
                self.notify(notice);
            }
            // A file that was exchanged is looked at anew the next time.
            Err(_) => {}
        }
        result
    }

    fn open(&mut self) -> Result<Database, Unusable> {
        self.tried = Some(Instant::now());
        let (database, notice) = Database::open(&self.path)?;
        self.notify(notice);
        Ok(database)
    }

    fn notify(&self, notice: Option<String>) {
        if let Some(notice) = notice {
            tracing::warn!(notice, "state");
            self.notices.send_replace(Some(notice));
        }
    }

    fn write(&mut self, mut batch: Vec<Note>) {
        if !self.late.is_empty() {
            batch.insert(0, Note::Changes(std::mem::take(&mut self.late)));
        }
        let failed = self.trouble.borrow().is_some();
        if failed && self.tried.is_some_and(|tried| tried.elapsed() < RESTS) {
            self.give_up(batch);
            return;
        }
        self.tried = Some(Instant::now());
        let result = match self.try_write(&batch) {
            Err(why) if why.is_damage() => {
                // The file is a new one.
                self.sweep.lost = true;
                self.try_write(&batch)
            }
            result => result,
        };
        if result.is_err() {
            self.give_up(batch);
        }
        self.tell(result);
    }

    /// Writes all of the batch, or nothing of it.
    fn try_write(&mut self, batch: &[Note]) -> Result<(), Unusable> {
        let thin_out = self
            .thinned
            .is_none_or(|thinned| thinned.elapsed() >= THINNED_EVERY);
        let thin_out = batch.iter().rev().find_map(|note| match note {
            Note::Usage { at, now, .. } if thin_out => Some((*at).min(*now)),
            _ => None,
        });
        let mut sweep = self.sweep.clone();
        self.try_with_database(&mut |database| {
            database.write(|writing| {
                batch.iter().try_for_each(|note| sweep.write(note, writing))?;
                thin_out.map_or(Ok(()), |now| writing.thin_out(now.as_second()))
            })
        })?;
        self.sweep = sweep;
        if thin_out.is_some() {
            self.thinned = Some(Instant::now());
        }
        Ok(())
    }

    /// Goes without what is in the batch, but for the changes.
    fn give_up(&mut self, batch: Vec<Note>) {
        for note in batch {
            self.sweep.lost |= note.is_of_sweep();
            if let Note::Changes(changes) = note {
                self.late.extend(changes);
            }
        }
        let too_many = self.late.len().saturating_sub(KEPT);
        self.late.drain(..too_many);
    }

    /// Says what is wrong with the file, or that nothing is any more.
    fn tell(&mut self, result: Result<(), Unusable>) {
        let trouble = result
            .err()
            .map(|why| format!("nothing is kept: {why} ({})", self.path.display()));
        if let Some(trouble) = &trouble {
            tracing::warn!(trouble, "state");
        }
        self.trouble.send_if_modified(|told| {
            let changes = *told != trouble;
            *told = trouble;
            changes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::ChangeKind;
    use crate::fleet::fixture::node;
    use crate::state::database::tests::{Folder, damage_inside, damage_usage};

    fn page(name: &str) -> Note {
        page_at(0, name)
    }

    fn page_at(offset: u32, name: &str) -> Note {
        Note::Page {
            offset,
            body: format!(r#"{{"total_num":1,"data_list":[{{"id":"1","pod_name":"{name}"}}]}}"#).into_bytes(),
        }
    }

    /// The notes behind the last page of a sweep that met all.
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
            pod: pod.key.clone(),
            name: pod.name().clone(),
            namespace: pod.namespace().clone(),
            cluster: pod.cluster().clone(),
            kind: ChangeKind::Vanished,
            before: None,
            after: Timestamp::from_second(number).ok(),
        }]
    }

    /// A writer that is no thread, on a file that has been begun.
    fn writer(folder: &Folder) -> Writer {
        let mut writer = Writer::new(folder.file(), watch::channel(None).0, watch::channel(None).0);
        writer.write(Vec::new());
        writer
    }

    /// Writes what the disk has no room for; the next attempt finds more of it.
    fn write_in_vain(writer: &mut Writer, mut batch: Vec<Note>) {
        writer.database.as_ref().unwrap().limit_pages(24);
        batch.push(Note::Page {
            offset: 900,
            body: vec![b' '; 1 << 20],
        });
        writer.write(batch);
        assert!(writer.trouble.borrow().as_ref().unwrap().contains("disk is full"));
        writer.tried = None;
    }

    /// Whether what is kept is complete.
    fn is_complete(folder: &Folder) -> bool {
        let (database, _) = Database::open(&folder.file()).unwrap();
        let mut pages = 0;
        database.pages(|_| pages += 1).unwrap();
        database.facts().unwrap().are_met_by(pages)
    }

    /// What is kept, and its pages.
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

    /// How many samples of the pod "a" are kept.
    fn samples(folder: &Folder) -> usize {
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let (key, mut count) = (node("a").build().key, 0);
        let read = |writing: &Writing<'_>| {
            count = usage::read(writing.connection(), usage::pod_number(&key))?.len();
            Ok(())
        };
        database.write(read).unwrap();
        count
    }

    /// Ends a recorder and answers what is kept then.
    async fn end(recorder: Recorder, folder: &Folder) -> (Kept, Vec<Page>) {
        recorder.finish().await;
        all(&mut Recorder::start(folder.file()).unwrap()).await
    }

    #[tokio::test]
    async fn what_one_run_noted_the_next_one_knows() {
        let folder = Folder::new("recorder");
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
        assert_eq!((pages[0].pods.len(), kept.facts.total), (1, Some(1)));
    }

    #[test]
    fn a_sweep_of_which_a_page_was_not_written_is_not_complete_but_the_next_one_is() {
        let folder = Folder::new("lost");
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
        // What is given up while the disk is left alone is lost as well.
        write_in_vain(&mut writer, vec![page("d")]);
        writer.tried = Some(Instant::now());
        writer.write(vec![page("d")]);
        writer.tried = None;
        writer.write([page_at(200, "d")].into_iter().chain(over()).collect());
        assert!(!is_complete(&folder));
    }

    #[test]
    fn a_complete_sweep_leaves_no_page_of_a_run_with_another_page_size() {
        let folder = Folder::new("page-size");
        let sweep = |step: u32| {
            let pages = (0..600 / step).map(|number| page_at(number * step, &format!("{step}-{number}")));
            pages.chain(over()).collect()
        };
        for step in [100, 200, 100] {
            // Each time another run.
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
    fn what_an_incomplete_sweep_did_not_meet_stays() {
        let folder = Folder::new("incomplete");
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
        assert_eq!(pages, 2, "but for what is behind the end");
    }

    #[test]
    fn changes_that_could_not_be_written_are_written_later() {
        let folder = Folder::new("late");
        let mut writer = writer(&folder);
        write_in_vain(&mut writer, vec![Note::Changes(changes(1))]);
        writer.write(vec![Note::Changes(changes(2))]);
        let (database, _) = Database::open(&folder.file()).unwrap();
        assert_eq!(database.changes().unwrap(), [changes(1), changes(2)].concat());
        assert!(writer.late.is_empty());
    }

    #[test]
    fn a_note_that_was_dropped_makes_its_sweep_incomplete() {
        let (notes, mut inbox) = mpsc::channel(2);
        let mut recorder = Recorder {
            notes,
            trouble: watch::channel(None).1,
            notices: watch::channel(None).1,
            lost: false,
            kept: None,
            done: oneshot::channel().1,
        };
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
        let folder = Folder::new("damaged-read");
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
        let folder = Folder::new("damaged-write");
        let mut recorder = Recorder::start(folder.file()).unwrap();
        all(&mut recorder).await;
        recorder.finish().await;
        // It is not read before it is written to.
        damage_usage(&folder.file());
        let mut recorder = Recorder::start(folder.file()).unwrap();
        all(&mut recorder).await;
        assert_eq!(recorder.notice(), None);
        recorder.keep(page("b"));
        recorder.keep(Note::Usage {
            fleet: [node("a").usage("1", "1", "", "").build()].into_iter().collect(),
            at: Timestamp::UNIX_EPOCH,
            now: Timestamp::UNIX_EPOCH,
        });
        let notices = recorder.notices.clone();
        recorder.finish().await;
        assert!(notices.borrow().as_ref().unwrap().ends_with(".damaged-1"));
        assert_eq!(samples(&folder), 1, "the batch is written to the new file");
    }

    #[tokio::test]
    async fn neither_a_snapshot_of_the_future_nor_a_wrong_clock_wipes_the_history() {
        let at = |day: i64| Timestamp::from_second(1_760_000_000 + day * 24 * 3600).unwrap();
        let fleet: Fleet = [node("a").usage("1", "1", "", "").build()].into_iter().collect();
        // The snapshot's day and the clock's; and whether the sample is one.
        for (name, snapshot, clock, is_kept) in [
            ("future-snapshot", 365, 0, false),
            ("clock-ahead", 0, 365, true),
            ("both-ahead", 365, 365, true),
            ("clock-behind", 0, -365, false),
        ] {
            let folder = Folder::new(name);
            let (mut database, _) = Database::open(&folder.file()).unwrap();
            for day in 1..=80 {
                database
                    .write(|writing| writing.usage(usage::of(&fleet, at(-day))))
                    .unwrap();
            }
            let mut recorder = Recorder::start(folder.file()).unwrap();
            all(&mut recorder).await;
            recorder.keep(Note::Usage {
                fleet: fleet.clone(),
                at: at(snapshot),
                now: at(clock),
            });
            recorder.finish().await;
            assert_eq!(samples(&folder), 80 + usize::from(is_kept), "{name}");
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_is_told_and_does_not_stop_anybody() {
        let mut recorder = Recorder::start("/proc/self/none/a.sqlite".into()).unwrap();
        assert!(all(&mut recorder).await.1.is_empty());
        for _ in 0..10 * NOTES {
            recorder.keep(page("a"));
        }
        let mut told = recorder.trouble.clone();
        let trouble = told.wait_for(Option::is_some).await.unwrap().clone().unwrap();
        assert!(
            trouble.starts_with("nothing is kept: the file cannot be written"),
            "{trouble}"
        );
    }

    #[tokio::test]
    async fn a_page_that_cannot_be_read_any_more_is_passed_over() {
        let folder = Folder::new("unreadable");
        let mut recorder = Recorder::start(folder.file()).unwrap();
        all(&mut recorder).await;
        recorder.keep(Note::Page {
            offset: 200,
            body: b"{\"data_list\": [nonsense".to_vec(),
        });
        recorder.keep(page("a"));
        assert_eq!(end(recorder, &folder).await.1.len(), 1);
    }
}
