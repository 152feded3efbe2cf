//! The schema, and how a file of an older version gets it.
//!
//! Owns the number of the version, which stands in the file. Each step is one transaction with its number, so that a file is
//! of the one version or of the next. A file of a newer version is left alone.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::source::SourceMark;

/// Of the schema that the steps lead to.
pub(super) const VERSION: i64 = 3;

/// What leads from each version to the next; from nothing to the first one first.
const STEPS: [&str; 3] = [
    "
    CREATE TABLE page (
        offset INTEGER PRIMARY KEY,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE fact (
        name TEXT PRIMARY KEY,
        value INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE usage (
        pod INTEGER NOT NULL,
        at INTEGER NOT NULL,
        cpu INTEGER,
        memory INTEGER,
        PRIMARY KEY (pod, at)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE change (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX usage_at ON usage (at);
    ",
    // Checksums. What stands there already has none.
    "
    ALTER TABLE page ADD COLUMN sum INTEGER;
    ALTER TABLE fact ADD COLUMN sum INTEGER;
    ALTER TABLE usage ADD COLUMN sum INTEGER;
    ALTER TABLE change ADD COLUMN sum INTEGER;
    ",
    // The mark of the source, which is written after the last step. A file that has none yet is taken for that of its name.
    "",
];

/// Brings the file to [`VERSION`]; an older one is taken over for the source of this mark.
pub(super) fn migrate(connection: &mut Connection, mark: SourceMark) -> Result<(), rusqlite::Error> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    // Immediate, and looked at again: another dashboard may be at it.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    let steps = usize::try_from(found).ok().and_then(|found| STEPS.get(found..));
    let Some(steps) = steps else {
        let cause = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR);
        let text = format!("the state file is of another version of hss-top ({found})");
        return Err(rusqlite::Error::SqliteFailure(cause, Some(text)));
    };
    take(&transaction, steps, mark)?;
    transaction.commit()
}

fn take(transaction: &Transaction<'_>, steps: &[&str], mark: SourceMark) -> Result<(), rusqlite::Error> {
    if steps.is_empty() {
        return Ok(());
    }
    for step in steps {
        transaction.execute_batch(step)?;
    }
    mark.write(transaction)?;
    transaction.pragma_update(None, "user_version", VERSION)
}

fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The statements that made a file of this version.
#[cfg(test)]
pub(super) fn begun_by(version: usize) -> String {
    let steps = STEPS.get(..version).unwrap_or_default().concat();
    format!("{steps} PRAGMA user_version = {version};")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn columns(connection: &Connection) -> i64 {
        let query = "SELECT count(*) FROM sqlite_schema, pragma_table_info(sqlite_schema.name) AS it
            WHERE sqlite_schema.type = 'table' AND it.name = 'sum'";
        connection.query_row(query, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn there_is_a_step_from_each_version_to_the_next() {
        let mark = SourceMark::of(Path::new("a.sqlite"));
        assert_eq!(i64::try_from(STEPS.len()), Ok(VERSION));
        for begun in [String::new(), begun_by(1), begun_by(2)] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(&begun).unwrap();
            for _ in 0..2 {
                migrate(&mut connection, mark).unwrap();
                assert_eq!((version(&connection), columns(&connection)), (Ok(VERSION), 4));
            }
        }
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let mark = SourceMark::of(Path::new("a.sqlite"));
        for newer in [VERSION + 1, 99, -1] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.pragma_update(None, "user_version", newer).unwrap();
            let told = migrate(&mut connection, mark).unwrap_err().to_string();
            assert!(
                told.contains(&format!("another version of hss-top ({newer})")),
                "{told}"
            );
            assert_eq!((version(&connection), columns(&connection)), (Ok(newer), 0));
        }
    }
}
