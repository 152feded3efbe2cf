//! The thread that writes.
//!
//! Owns the database while the program runs. What is to be kept arrives as notes on a bounded channel and is written in
//! batches, each one transaction; nobody waits for the disk. Where it cannot be written, that is told, notes are dropped,
//! and it is tried again once a minute: a page that was dropped comes again with the next sweep.

use std::io;
use std::path::PathBuf;
use std::thread::Builder;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::database::{Database, Facts, Unusable};
use super::usage;
use crate::fleet::Fleet;
use crate::fleet::changes::Change;
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
    /// The list ends at this offset.
    End(u32),
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
            Writer {
                path,
                database: None,
                trouble: trouble_in,
                notices: notices_in,
                tried: None,
                thinned: None,
            }
            .run(kept_in, inbox);
            // Nobody who waits for the end is no matter.
            let _ = done_in.send(());
        })?;
        Ok(Self {
            notes,
            trouble,
            notices,
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

    /// Keeps `note`, or drops it where the disk is too slow. Never waits.
    pub fn keep(&self, note: Note) {
        if self.notes.try_send(note).is_err() {
            tracing::debug!("a note for the state file was dropped");
        }
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
}

impl Writer {
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
            self.write(&batch);
        }
    }

    /// Hands over what was kept. That nobody takes it is no reason not to keep more.
    fn load(&mut self, kept: oneshot::Sender<Kept>) -> Result<(), Unusable> {
        let (facts, changes) = self.with_database(|database| Ok((database.facts()?, database.changes()?)))?;
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
        self.with_database(|database| {
            database.pages(|body| {
                // What cannot be read any more is not worth a word: a sweep brings it again.
                if let Ok(page) = read_page(body) {
                    let _ = out.blocking_send(page);
                }
            })
        })
    }

    /// Does something with the file; once more with a new one, where it shows that the file is damaged.
    fn with_database<T>(
        &mut self,
        mut what: impl FnMut(&mut Database) -> Result<T, Unusable>,
    ) -> Result<T, Unusable> {
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

    fn write(&mut self, batch: &[Note]) {
        let failed = self.trouble.borrow().is_some();
        if failed && self.tried.is_some_and(|tried| tried.elapsed() < RESTS) {
            return;
        }
        self.tried = Some(Instant::now());
        let thin_out = self
            .thinned
            .is_none_or(|thinned| thinned.elapsed() >= THINNED_EVERY);
        let result = self.with_database(|database| {
            database.write(|writing| {
                for note in batch {
                    match note {
                        Note::Page { offset, body } => writing.page(*offset, body)?,
                        Note::End(offset) => writing.end_at(*offset)?,
                        Note::Facts(facts) => writing.facts(facts)?,
                        Note::Usage { fleet, at, now } => {
                            if usage::is_credible(*at, *now) {
                                writing.usage(usage::of(fleet, *at))?;
                            }
                            if thin_out {
                                writing.thin_out((*at).min(*now).as_second())?;
                            }
                        }
                        Note::Changes(changes) => writing.changes(changes)?,
                    }
                }
                Ok(())
            })
        });
        if thin_out && batch.iter().any(|note| matches!(note, Note::Usage { .. })) {
            self.thinned = Some(Instant::now());
        }
        self.tell(result);
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
    use crate::fleet::fixture::node;
    use crate::state::Writing;
    use crate::state::database::tests::{Folder, damage_inside, damage_usage};

    fn page(name: &str) -> Note {
        Note::Page {
            offset: 0,
            body: format!(r#"{{"total_num":1,"data_list":[{{"id":"1","pod_name":"{name}"}}]}}"#).into_bytes(),
        }
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
        let notice = recorder.notices.wait_for(Option::is_some).await.unwrap().clone();
        assert!(notice.unwrap().ends_with(".damaged-1"));
        end(recorder, &folder).await;
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
