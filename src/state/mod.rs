//! The state saved on disk between runs: the last known pages, and the usage of each pod over time.
//!
//! One SQLite database per source (endpoint, project, enterprise project and part of the fleet) under
//! `$XDG_STATE_HOME/hss-top`, mode 0600. [`database`] is the file, [`recorder`] the thread that writes it,
//! [`restore`] hands it to the next run, [`journal`] is the stored form of a change, [`usage`] thins the
//! history out, [`history`] reads it, `archive` stores the pods of each snapshot and [`past`] reads them, [`logbook`]
//! has what operators decided and read, [`shared_record`] is how a collector and its screens exchange decisions, [`shared_file`] is a small text
//! file beside the databases, [`typed_lines`] one of them: what was typed. Pages are stored as received and decoded again when they are read, so
//! that nothing in the file is trusted more than an answer; each record has a checksum, since a disk may
//! alter data. Any problem with the file is a sentence for the screen and never a reason to stop or to wait.
//! Must not: hold a secret; pages contain none.

mod archive;
pub mod change_feed;
mod checksum;
pub mod database;
pub mod history;
pub mod journal;
pub mod logbook;
pub mod past;
pub mod pods_file;
pub mod recorder;
pub mod restore;
pub mod shared_file;
pub mod shared_record;
pub mod typed_lines;
pub mod usage;

use std::path::{Path, PathBuf};

use ring::digest;

use crate::env::Variables;

pub use archive::SnapshotSeries;
pub use change_feed::{ChangeFeed, FeedStart};
pub use database::{Database, Facts, Writing};
pub use logbook::{Logbook, LogbookEntry, LogbookNews};
pub use recorder::{DiskWait, Note, Recorder, SavingState};
pub use restore::{OfferedPods, Restore, Restored, RestoredHead};

/// The folder of the saved state.
pub fn folder(variables: Variables<'_>) -> Option<PathBuf> {
    named_folder(variables).map(|(folder, _)| folder)
}

/// The folder of the saved state, and the variable that names it.
pub fn named_folder(variables: Variables<'_>) -> Option<(PathBuf, &'static str)> {
    let set = |name: &'static str| {
        let value = variables(name).filter(|value| !value.is_empty())?;
        Some((PathBuf::from(value), name))
    };
    let state = set("XDG_STATE_HOME").filter(|(path, _)| path.is_absolute());
    let home = || set("HOME").map(|(home, name)| (home.join(".local/state"), name));
    let (state, name) = state.or_else(home)?;
    Some((state.join("hss-top"), name))
}

/// The file of a source. All of `identity` distinguishes sources; `name` only helps people who look into the
/// folder.
pub fn file(folder: &Path, name: &str, identity: &[&str]) -> PathBuf {
    let readable: String = name
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'))
        .take(48)
        .collect();
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in identity {
        hash.update(&part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    let hash = hash.finish();
    let hash = hash.as_ref().first_chunk().copied().map_or(0, u64::from_be_bytes);
    folder.join(format!("{}-{hash:016x}.sqlite", readable.trim_start_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_a_file_of_its_own_with_a_harmless_name() {
        let file =
            |name: &str, identity: &[&str]| file(Path::new("/s"), name, identity).display().to_string();
        let one = file("cn-north-4", &["hss.example", "p1"]);
        assert!(
            one.starts_with("/s/cn-north-4-") && one.ends_with(".sqlite"),
            "{one}"
        );
        assert_ne!(one, file("cn-north-4", &["hss.example", "p2"]));
        assert_ne!(file("x", &["ab", "c"]), file("x", &["a", "bc"]));
        let odd = file("../../etc/[::1]:80\u{1b}", &[]);
        assert!(odd.starts_with("/s/etc180-") || odd.starts_with("/s/"), "{odd}");
        assert_eq!(Path::new(&odd).parent(), Some(Path::new("/s")));
    }
}
