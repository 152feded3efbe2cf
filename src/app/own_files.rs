//! What one operator keeps between runs, and who writes it: the saved views.
//!
//! Owns a task beside the event loop, which never waits for the disk. It writes what is saved, in order, and reads the files when
//! another hss-top changed them: what that one saved is here [`LOOKED_EVERY`] later. Without a folder everything lasts as long as
//! the program. Must not: keep a secret.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::settings::SavedView;
use crate::settings::views_file::{FoundViews, ViewChange, ViewsFile};

/// How often the files are looked at: at their dates alone, unless these moved.
pub const LOOKED_EVERY: Duration = Duration::from_secs(2);

/// Something to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnEntry {
    /// A view is saved or deleted.
    View(ViewChange),
}

/// What the task has to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnNews {
    /// The views of the file; `None` where they are as before.
    pub views: Option<Vec<SavedView>>,
    /// A sentence for the operator.
    pub told: Option<String>,
}

/// Which file it was that was read last.
type FileStamp = Option<(u64, SystemTime)>;

fn stamp(path: &Path) -> FileStamp {
    let found = fs::metadata(path).ok()?;
    Some((found.ino(), found.modified().ok()?))
}

/// The files, between two turns.
struct OwnFiles {
    views: ViewsFile,
    of_views: FileStamp,
}

impl OwnFiles {
    /// Reads what another program changed.
    fn look(&mut self) -> OwnNews {
        let now = stamp(self.views.path());
        if now == self.of_views {
            return OwnNews::default();
        }
        self.of_views = now;
        match self.views.read_or_put_aside() {
            Ok(found) => self.news(found, None),
            Err(fault) => OwnNews {
                views: None,
                told: Some(format!("saved views cannot be read: {fault}")),
            },
        }
    }

    fn write(&mut self, entry: &OwnEntry) -> OwnNews {
        let OwnEntry::View(change) = entry;
        match self.views.change(change) {
            Ok(found) => self.news(found, Some(done(change))),
            Err(fault) => OwnNews {
                views: None,
                told: Some(format!("{} for this run only: {fault}", done(change))),
            },
        }
    }

    fn news(&mut self, found: FoundViews, done: Option<String>) -> OwnNews {
        self.of_views = stamp(self.views.path());
        OwnNews {
            views: Some(found.views),
            told: found.notice.or(done),
        }
    }
}

/// What was done, as a sentence.
fn done(change: &ViewChange) -> String {
    match change {
        ViewChange::Save(view) => format!("view {} is saved", view.name),
        ViewChange::Delete(name) => format!("view {name} is deleted; u in the menu of views brings it back"),
    }
}

/// Writes what is kept and tells what the files have, until the event loop is gone and all of it is written.
pub async fn run(
    folder: Option<PathBuf>,
    mut entries: mpsc::Receiver<OwnEntry>,
    news: mpsc::Sender<OwnNews>,
) {
    let Some(folder) = folder else {
        while let Some(OwnEntry::View(change)) = entries.recv().await {
            let told = Some(format!(
                "{} for this run only: nothing is kept on disk",
                done(&change)
            ));
            // Without an event loop there is nobody to tell.
            let _ = news.send(OwnNews { views: None, told }).await;
        }
        return;
    };
    let mut files = OwnFiles {
        views: ViewsFile::in_folder(&folder),
        of_views: None,
    };
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
            let told = match entry {
                Some(entry) => files.write(&entry),
                None => files.look(),
            };
            (files, told)
        });
        let Ok((same, told)) = turn.await else { return };
        files = same;
        if told != OwnNews::default() {
            let _ = news.send(told).await;
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
        let OwnEntry::View(change) = save("two");
        ViewsFile::in_folder(folder.path()).change(&change).unwrap();
        let told = news.recv().await.unwrap();
        assert_eq!((names(&told), &told.told), (vec!["one", "two"], &None));
        // What was sent is written although the event loop is gone.
        entries.send(save("three")).await.unwrap();
        drop((entries, news));
        task.join_next().await.unwrap().unwrap();
        assert_eq!(ViewsFile::in_folder(folder.path()).read().unwrap().len(), 3);
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
