//! The files of an operator and the task that writes them: the saved views and the typed lines.
//!
//! Owns a task next to the event loop, which never waits for the disk. It writes all entries in order, and
//! reads the files after another hss-top changed them, at most [`LOOKED_EVERY`] later. Without a folder
//! everything lasts as long as the program. Must not: save a secret.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::settings::SavedView;
use crate::settings::views_file::{FoundViews, ViewChange, ViewsFile};
use crate::state::shared_file::SharedFileFault;
use crate::state::typed_lines::{LineKind, TypedFile, TypedLines};

/// How often the dates of the files are checked; the files are only read if a date changed.
pub const LOOKED_EVERY: Duration = Duration::from_secs(2);

/// Something to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnEntry {
    /// A view is saved or deleted.
    View(ViewChange),
    /// This line was typed.
    Typed(LineKind, String),
}

/// A report of the task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnNews {
    /// The views of the file; `None` if they have not changed.
    pub views: Option<Vec<SavedView>>,
    /// The typed lines; `None` if they have not changed.
    pub lines: Option<TypedLines>,
    /// A sentence for the operator.
    pub told: Option<String>,
}

/// Which version of a file was read last.
type FileStamp = Option<(u64, SystemTime)>;

fn stamp(path: &Path) -> FileStamp {
    let found = fs::metadata(path).ok()?;
    Some((found.ino(), found.modified().ok()?))
}

/// The files, between two turns.
struct OwnFiles {
    views: ViewsFile,
    of_views: FileStamp,
    typed: TypedFile,
    of_typed: FileStamp,
    /// Whether the notice that typed lines are not saved was shown: once is enough.
    said_not_kept: bool,
}

impl OwnFiles {
    fn in_folder(folder: &Path) -> Self {
        Self {
            views: ViewsFile::in_folder(folder),
            of_views: None,
            typed: TypedFile::in_folder(folder),
            of_typed: None,
            said_not_kept: false,
        }
    }

    /// Reads what another program changed.
    fn look(&mut self) -> OwnNews {
        let mut news = OwnNews::default();
        let now = stamp(self.typed.path());
        if now != self.of_typed {
            self.of_typed = now;
            let read = self.typed.read();
            news = self.of_lines(read);
        }
        let now = stamp(self.views.path());
        if now != self.of_views {
            self.of_views = now;
            let of_views = match self.views.read_or_put_aside() {
                Ok(found) => self.of_found(found, None),
                Err(fault) => told(format!("saved views cannot be read: {fault}")),
            };
            news.views = of_views.views;
            news.told = of_views.told.or(news.told);
        }
        news
    }

    fn write(&mut self, entry: &OwnEntry) -> OwnNews {
        match entry {
            OwnEntry::View(change) => match self.views.change(change) {
                Ok(found) => self.of_found(found, Some(done(change))),
                Err(fault) => told(format!("{} for this run only: {fault}", done(change))),
            },
            OwnEntry::Typed(kind, line) => {
                let added = self.typed.add(*kind, line);
                self.of_lines(added)
            }
        }
    }

    fn of_found(&mut self, found: FoundViews, done: Option<String>) -> OwnNews {
        self.of_views = stamp(self.views.path());
        OwnNews {
            views: Some(found.views),
            told: found.notice.or(done),
            ..OwnNews::default()
        }
    }

    fn of_lines(&mut self, read: Result<(TypedLines, Option<String>), SharedFileFault>) -> OwnNews {
        match read {
            Ok((lines, notice)) => {
                self.of_typed = stamp(self.typed.path());
                OwnNews {
                    lines: Some(lines),
                    told: notice,
                    ..OwnNews::default()
                }
            }
            Err(_) if self.said_not_kept => OwnNews::default(),
            Err(fault) => {
                self.said_not_kept = true;
                told(format!("the prompt history is not saved: {fault}"))
            }
        }
    }
}

fn told(sentence: String) -> OwnNews {
    OwnNews {
        told: Some(sentence),
        ..OwnNews::default()
    }
}

/// The result as a sentence.
fn done(change: &ViewChange) -> String {
    match change {
        ViewChange::Save(view) => format!("view {} is saved", view.name),
        ViewChange::Replace(view) => format!("view {} is replaced by what the screen shows", view.name),
        ViewChange::Delete(name) => format!("view {name} is deleted; u in the menu of views restores it"),
    }
}

/// Writes entries and reports the content of the files, until the event loop has ended and everything is
/// written.
pub async fn run(
    folder: Option<PathBuf>,
    mut entries: mpsc::Receiver<OwnEntry>,
    news: mpsc::Sender<OwnNews>,
) {
    let Some(folder) = folder else {
        while let Some(entry) = entries.recv().await {
            if let OwnEntry::View(change) = entry {
                let sentence = format!("{} for this run only: nothing is saved on disk", done(&change));
                // Without an event loop nobody receives the report.
                let _ = news.send(told(sentence)).await;
            }
        }
        return;
    };
    let mut files = OwnFiles::in_folder(&folder);
    let mut looks = interval(LOOKED_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let entry = tokio::select! {
            entry = entries.recv() => match entry {
                Some(entry) => Some(entry),
                None => return,
            },
            _ = looks.tick() => None,
        };
        let turn = spawn_blocking(move || {
            let news = match entry {
                Some(entry) => files.write(&entry),
                None => files.look(),
            };
            (files, news)
        });
        let Ok((same, found)) = turn.await else { return };
        files = same;
        if found != OwnNews::default() {
            let _ = news.send(found).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::JoinSet;

    fn save(name: &str) -> OwnEntry {
        let view = SavedView {
            name: name.to_owned(),
            ..SavedView::default()
        };
        OwnEntry::View(ViewChange::Save(Box::new(view)))
    }

    fn names(news: &OwnNews) -> Vec<&str> {
        let views = news.views.as_deref().unwrap_or_default();
        views.iter().map(|view| view.name.as_str()).collect()
    }

    #[tokio::test]
    async fn what_is_saved_is_told_and_what_another_program_saved_too() {
        let folder = tempfile::tempdir().unwrap();
        let (entries, to_write) = mpsc::channel(4);
        let (news_in, mut news) = mpsc::channel(1);
        let mut task = JoinSet::new();
        task.spawn(run(Some(folder.path().to_owned()), to_write, news_in));
        entries.send(save("one")).await.unwrap();
        let told = news.recv().await.unwrap();
        assert_eq!(
            (names(&told), told.told.as_deref()),
            (vec!["one"], Some("view one is saved"))
        );
        let OwnEntry::View(ViewChange::Save(again)) = save("one") else {
            unreachable!()
        };
        entries
            .send(OwnEntry::View(ViewChange::Replace(again)))
            .await
            .unwrap();
        let told = news.recv().await.unwrap();
        assert_eq!(
            (names(&told), told.told.as_deref()),
            (vec!["one"], Some("view one is replaced by what the screen shows"))
        );
        let OwnEntry::View(change) = save("two") else {
            unreachable!()
        };
        ViewsFile::in_folder(folder.path()).change(&change).unwrap();
        let told = news.recv().await.unwrap();
        assert_eq!((names(&told), &told.told), (vec!["one", "two"], &None));
        // Entries that were sent are written even after the event loop has ended.
        entries.send(save("three")).await.unwrap();
        drop((entries, news));
        task.join_next().await.unwrap().unwrap();
        assert_eq!(ViewsFile::in_folder(folder.path()).read().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn what_is_typed_is_kept_beside_what_another_program_keeps() {
        let folder = tempfile::tempdir().unwrap();
        TypedFile::in_folder(folder.path())
            .add(LineKind::Filter, "ns:theirs")
            .unwrap();
        let mut files = OwnFiles::in_folder(folder.path());
        let lines = files.look().lines.unwrap();
        assert_eq!(lines.filters, ["ns:theirs"]);
        let lines = files
            .write(&OwnEntry::Typed(LineKind::Filter, "ns:mine".to_owned()))
            .lines
            .unwrap();
        assert_eq!(lines.filters, ["ns:theirs", "ns:mine"]);
        assert_eq!(files.look(), OwnNews::default(), "nothing changed since");
    }

    #[test]
    fn that_lines_are_not_kept_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = OwnFiles::in_folder(folder.path());
        std::fs::create_dir(files.typed.path()).unwrap();
        let entry = OwnEntry::Typed(LineKind::Command, "sort age".to_owned());
        assert!(
            files
                .write(&entry)
                .told
                .unwrap()
                .starts_with("the prompt history is not saved: ")
        );
        assert_eq!(files.write(&entry), OwnNews::default());
    }

    #[tokio::test]
    async fn without_a_folder_or_a_writable_one_it_is_said_that_it_lasts_for_this_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        for folder in [None, Some(file.join("state"))] {
            let (entries, to_write) = mpsc::channel(4);
            let (news_in, mut news) = mpsc::channel(1);
            let mut task = JoinSet::new();
            task.spawn(run(folder, to_write, news_in));
            entries.send(save("one")).await.unwrap();
            let told = news.recv().await.unwrap();
            assert!(
                told.told
                    .unwrap()
                    .starts_with("view one is saved for this run only: ")
            );
            drop(entries);
            task.join_next().await.unwrap().unwrap();
        }
    }
}
