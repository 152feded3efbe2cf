//! Which pods are being scanned again after a scan that found a risk.
//!
//! Owns one table, a row for each such pod. It follows from the changes and is written with them, and outlives them: of these
//! only the newest are stored. Must not: decide what such a scan means.

use rusqlite::params;

use super::{Database, Unusable, Writing};
use crate::fleet::PodKey;
use crate::fleet::changes::{Change, ChangeKind};
use crate::fleet::words::Detection;

/// The most pods that are stored, the newest.
const MOST_RESCANS: i64 = 100_000;

impl Writing<'_> {
    /// Follows these changes, oldest first.
    pub(super) fn rescans(&self, changes: &[Change]) -> Result<(), rusqlite::Error> {
        let mut has_begun = false;
        for change in changes {
            let pod = change.pod.as_str().as_bytes();
            let is_rescan = match &change.kind {
                ChangeKind::Detection(_, to) => to.value() == Some(&Detection::Rescanning),
                ChangeKind::Vanished => false,
                _ => continue,
            };
            let sql = if is_rescan {
                "INSERT OR REPLACE INTO rescan (pod) VALUES (?1)"
            } else {
                "DELETE FROM rescan WHERE pod = ?1"
            };
            self.0.prepare(sql)?.execute(params![pod])?;
            has_begun |= is_rescan;
        }
        if has_begun {
            let bound = "DELETE FROM rescan WHERE number <= (SELECT max(number) FROM rescan) - ?1";
            self.0.execute(bound, [MOST_RESCANS])?;
        }
        Ok(())
    }
}

impl Database {
    /// The pods that were being scanned again.
    pub fn rescans(&self) -> Result<Vec<PodKey>, Unusable> {
        let mut statement = self
            .connection
            .prepare("SELECT pod FROM rescan ORDER BY number")?;
        let pods = statement.query_map([], |row| {
            let pod = row.get_ref(0)?.as_bytes().unwrap_or_default();
            Ok(str::from_utf8(pod).ok().map(PodKey::restored))
        })?;
        let pods = pods.collect::<Result<Vec<_>, _>>()?;
        Ok(pods.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::serverless;
    use crate::state::database::tests::Folder;

    #[test]
    fn a_pod_is_listed_from_the_beginning_of_a_rescan_to_its_end() {
        let folder = Folder::new();
        let (mut database, _) = Database::open(&folder.file()).unwrap();
        let scan = |name: &str, from: Detection, to: Detection| {
            Change::of(
                &serverless(name).build(),
                ChangeKind::Detection(from.into(), to.into()),
            )
        };
        let begins = |name| scan(name, Detection::Risk, Detection::Rescanning);
        let mut write = |changes: &[Change]| {
            database.write(|writing| writing.changes(changes)).unwrap();
            let pods = database.rescans().unwrap();
            pods.iter()
                .map(|pod| pod.id_or_name().unwrap_err().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(write(&[begins("a"), begins("b"), begins("c")]), ["a", "b", "c"]);
        let gone = Change::of(&serverless("c").build(), ChangeKind::Vanished);
        assert_eq!(
            write(&[scan("a", Detection::Rescanning, Detection::Clean), gone]),
            ["b"]
        );
        assert_eq!(write(&[begins("b"), begins("a")]), ["b", "a"]);
    }
}
