//! The thread that writes.
//!
//! Owns the database while the program runs. Notes are written in batches, each one transaction. If that
//! fails, the writer reports it, drops the notes and tries again once a minute. Before each batch it checks
//! whether the file is still the one that was opened.

mod keep_pods;
mod written_sweep;

use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::{Note, Reports};
use crate::fleet::Fleet;
use crate::fleet::changes::{Change, KEPT};
use crate::hss::wire::{Page, read_page};
use crate::state::archive::Archive;
use crate::state::database::{Damaged, Database, Standing, Unusable};
use crate::state::pods_file::{self, PodsRead};
use crate::state::restore::{Kept, OfferedPods, RestoredHead};
use crate::state::usage;
use written_sweep::WrittenSweep;

/// The most pages of an earlier run that wait to be merged.
const PAGES: usize = 16;
/// The most notes in one transaction.
const BATCH: usize = 32;
/// The pause after a failure.
const RESTS: Duration = Duration::from_mins(1);
/// How often the history is thinned out.
const THINNED_EVERY: Duration = Duration::from_hours(1);
/// How long to try to read a file that another program locks.
const LOADED_WITHIN: Duration = Duration::from_mins(10);
/// The interval of these attempts.
const LOADED_AGAIN: Duration = Duration::from_millis(250);

/// The state of the thread.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    pub(super) database: Option<Database>,
    pub(super) trouble: watch::Sender<Option<String>>,
    notices: watch::Sender<Vec<String>>,
    created: watch::Sender<u64>,
    pub(super) written: watch::Sender<u64>,
    pub(super) tried: Option<Instant>,
    thinned: Option<Instant>,
    sweep: WrittenSweep,
    /// The snapshots of the past.
    archive: Archive,
    /// The pods of the pages, until the facts about them are written.
    whole: Option<Fleet>,
    /// Changes that could not be written yet. Unlike pages they are not delivered again.
    pub(super) late: Vec<Change>,
}

impl Writer {
    /// A writer to the file at `path`, and the receivers of its reports.
    pub(super) fn new(path: PathBuf) -> (Self, Reports) {
        let (trouble_in, trouble) = watch::channel(None);
        let (notices_in, notices) = watch::channel(Vec::new());
        let (created_sender, created) = watch::channel(0);
        let (written_in, written) = watch::channel(0);
        let writer = Self {
            path,
            database: None,
            trouble: trouble_in,
            notices: notices_in,
            created: created_sender,
            written: written_in,
            tried: None,
            thinned: None,
            sweep: WrittenSweep::default(),
            archive: Archive::default(),
            whole: None,
            late: Vec::new(),
        };
        let reports = Reports {
            trouble,
            notices,
            created,
            written,
        };
        (writer, reports)
    }

    /// Hands over the state of an earlier run, and then writes notes until all senders are gone.
    pub(super) fn run(mut self, kept: oneshot::Sender<Kept>, mut inbox: mpsc::Receiver<Note>) {
        // At the same time as the file, which says whether they are used.
        let path = self.path.clone();
        let pods = thread::Builder::new().name("pods".to_owned());
        let pods = pods.spawn(move || pods_file::read(&path, |_| true)).ok();
        self.load_in_time(kept, pods, &inbox);
        while let Some(first) = inbox.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Ok(note) = inbox.try_recv()
            {
                batch.push(note);
            }
            self.write(batch);
            self.proceed();
        }
    }

    /// Tells whoever waits for the disk that it does something.
    fn proceed(&self) {
        self.written.send_modify(|written| *written += 1);
    }

    /// Hands over the stored state. While another program locks the file, this is tried again: nobody waits
    /// for it, and late data is still useful.
    fn load_in_time(
        &mut self,
        kept: oneshot::Sender<Kept>,
        pods: Option<JoinHandle<Option<PodsRead>>>,
        inbox: &mpsc::Receiver<Note>,
    ) {
        let until = Instant::now() + LOADED_WITHIN;
        loop {
            let head = |database: &mut Database| {
                let ((facts, of_facts), (changes, of_changes)) = (database.facts()?, database.changes()?);
                let rescans = database.rescans()?;
                let head = RestoredHead {
                    facts,
                    changes,
                    rescans,
                };
                let is_whole = facts.are_met_by(database.page_count()?);
                Ok((head, is_whole, of_facts.and(of_changes)))
            };
            match self.read(head) {
                Ok((head, is_whole, damaged)) => {
                    let pods = pods.and_then(|pods| pods.join().ok().flatten());
                    let pods = pods.filter(|pods| is_whole && pods.header.agrees(&head.facts));
                    if pods.is_none() {
                        pods_file::discard(&self.path);
                    }
                    let result = self.hand_over(kept, pods, head, damaged);
                    return self.tell(result);
                }
                Err(why) => {
                    let is_over = !why.is_busy() || kept.is_closed() || inbox.is_closed();
                    self.tell(Err(why));
                    if is_over || Instant::now() >= until {
                        return;
                    }
                }
            }
            std::thread::park_timeout(LOADED_AGAIN);
        }
    }

    /// Hands over the head and then the pages. If nobody receives them, the thread goes on to write.
    fn hand_over(
        &mut self,
        kept: oneshot::Sender<Kept>,
        pods: Option<PodsRead>,
        head: RestoredHead,
        of_head: Damaged,
    ) -> Result<(), Unusable> {
        let (out, pages) = mpsc::channel(PAGES);
        let pages = Some(pages);
        let (taken_in, taken) = oneshot::channel();
        let pods = pods.map(|read| {
            Box::new(OfferedPods {
                pods: read.pods,
                pages: read.header.facts.pages.unwrap_or(0),
                taken: taken_in,
            })
        });
        if kept.send(Kept { pods, pages, head }).is_err() {
            return Ok(());
        }
        let of_pages = if taken.blocking_recv().is_ok() {
            Damaged::default()
        } else {
            self.hand_over_pages(&out)?
        };
        let damaged = of_pages.and(of_head);
        let Some(told) = damaged.told() else {
            return Ok(());
        };
        // Before the pages end, so that it is known once the last page is received.
        self.notify(Some(told));
        self.read(|database| database.forget(&damaged))
    }

    /// Hands over the pages. Returns the damaged ones.
    fn hand_over_pages(&mut self, out: &mpsc::Sender<Page>) -> Result<Damaged, Unusable> {
        self.read(|database| {
            database.pages(|body| {
                // An unreadable page is not reported: a sweep brings it again.
                if let Ok(page) = read_page(body) {
                    let _ = out.blocking_send(page);
                }
            })
        })
    }

    /// Reads from the file, or from a new one if reading shows that the file is damaged.
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
        let mut database = self.current()?;
        let result = what(&mut database);
        match &result {
            Ok(_) => self.database = Some(database),
            Err(why) if why.is_damage() => {
                let notice = database.put_aside(&self.path)?;
                self.notify(notice);
            }
            // A replaced file is checked again the next time.
            Err(_) => {}
        }
        result
    }

    /// The open database of the file that has the name now, even if the one that was opened was removed or
    /// replaced.
    fn current(&mut self) -> Result<Database, Unusable> {
        let Some(database) = self.database.take() else {
            return self.open();
        };
        let what = match database.standing() {
            Standing::Same => return Ok(database),
            Standing::Removed => "the state file was removed; a new one is created",
            Standing::Exchanged => "the state file was replaced by another one, which is used now",
            Standing::LogLost => "the log of the state file was removed; the file is opened again",
        };
        self.sweep.lost |= database.standing() != Standing::LogLost;
        self.archive = Archive::default();
        database.leave();
        let database = self.open()?;
        self.notify(Some(what.to_owned()));
        self.created.send_modify(|created| *created += 1);
        Ok(database)
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
            self.notices.send_modify(|notices| notices.push(notice));
        }
    }

    pub(super) fn write(&mut self, mut batch: Vec<Note>) {
        if !self.late.is_empty() {
            batch.insert(0, Note::Changes(std::mem::take(&mut self.late)));
        }
        let failed = self.trouble.borrow().is_some();
        if failed && self.tried.is_some_and(|tried| tried.elapsed() < RESTS) {
            self.give_up(batch);
            return;
        }
        self.tried = Some(Instant::now());
        self.begin_pages(&batch);
        let result = match self.try_write(&batch) {
            Err(why) if why.is_damage() => {
                // The file is a new one.
                self.sweep.lost = true;
                self.created.send_modify(|created| *created += 1);
                self.try_write(&batch)
            }
            result => result,
        };
        let result = match result {
            Ok(()) => {
                self.proceed();
                self.keep_pods(&batch);
                self.proceed();
                self.archive(&batch)
            }
            Err(why) => {
                self.give_up(batch);
                Err(why)
            }
        };
        self.tell(result);
    }

    /// Stores the pods of the snapshots in a batch that is written. One that cannot be written is not tried again.
    fn archive(&mut self, batch: &[Note]) -> Result<(), Unusable> {
        for note in batch {
            if let Note::Snapshot { fleet, at, now } = note
                && usage::is_credible(*at, *now)
            {
                // What was stored last may be of another file.
                self.database = Some(self.current()?);
                let mut archive = std::mem::take(&mut self.archive);
                let path = self.path.clone();
                self.try_with_database(&mut |database| archive.store(database, &path, fleet, *at))?;
                self.archive = archive;
            }
        }
        Ok(())
    }

    /// Writes the complete batch, or nothing of it.
    fn try_write(&mut self, batch: &[Note]) -> Result<(), Unusable> {
        let thin_out = self
            .thinned
            .is_none_or(|thinned| thinned.elapsed() >= THINNED_EVERY);
        let thin_out = batch.iter().rev().find_map(|note| match note {
            Note::Snapshot { at, now, .. } if thin_out => Some((*at).min(*now)),
            _ => None,
        });
        // If the file was replaced, it lacks the written part of the sweep.
        self.database = Some(self.current()?);
        let (mut sweep, written) = (self.sweep.clone(), self.written.clone());
        self.try_with_database(&mut |database| {
            database.write(|writing| {
                batch
                    .iter()
                    .try_for_each(|note| sweep.write(note, writing, &written))?;
                thin_out.map_or(Ok(()), |now| writing.thin_out(now.as_second()))
            })
        })?;
        self.sweep = sweep;
        if thin_out.is_some() {
            self.thinned = Some(Instant::now());
        }
        Ok(())
    }

    /// Drops the notes of the batch, except the changes.
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

    /// Reports the problem with the file, or that it is over.
    fn tell(&mut self, result: Result<(), Unusable>) {
        let trouble = result
            .err()
            .map(|why| format!("nothing is saved: {why} ({})", self.path.display()));
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
