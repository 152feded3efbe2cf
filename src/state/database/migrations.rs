//! The schema, and the update of a file of an older version.
//!
//! Owns the version number in the file. All missing steps and the new number are one transaction, so the file
//! has either version, whenever the program is killed. A copy of the old file is kept next to it until the
//! new one is committed and proves intact ([`super::backup`]). A file of a newer version is put aside,
//! because its meaning is unknown here, and a new file is created.

mod adopt;

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::backup;
use super::file::AsideReason;
use super::source::SourceMark;
use super::{Belongs, Unusable};

/// Of the schema that the steps lead to.
pub const VERSION: i64 = 6;

/// The first version whose files contain the mark of their source.
const FIRST_WITH_MARK: i64 = 3;

/// What leads from each version to the next; from nothing to the first one first.
const STEPS: [&str; 6] = [
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
    // Checksums. Existing rows have none.
    "
    ALTER TABLE page ADD COLUMN sum INTEGER;
    ALTER TABLE fact ADD COLUMN sum INTEGER;
    ALTER TABLE usage ADD COLUMN sum INTEGER;
    ALTER TABLE change ADD COLUMN sum INTEGER;
    ",
    // The mark of the source, which is written after the last step. A file without a mark counts as that of
    // its name.
    "",
    // Decisions, and past snapshots. Times are milliseconds since 1970; `pod` is a blob, because a key may
    // contain NUL.
    "
    CREATE TABLE acknowledgement (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        who TEXT NOT NULL CHECK (length(who) BETWEEN 1 AND 256),
        at INTEGER NOT NULL,
        pod BLOB NOT NULL CHECK (length(pod) > 0),
        finding TEXT NOT NULL CHECK (length(finding) BETWEEN 1 AND 256),
        until INTEGER CHECK (until > at),
        undone INTEGER CHECK (undone >= at),
        sum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX acknowledgement_pod ON acknowledgement (pod);
    CREATE TABLE mute (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        who TEXT NOT NULL CHECK (length(who) BETWEEN 1 AND 256),
        at INTEGER NOT NULL,
        filter TEXT NOT NULL CHECK (length(filter) BETWEEN 1 AND 4096),
        until INTEGER NOT NULL CHECK (until > at),
        undone INTEGER CHECK (undone >= at),
        sum INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE snapshot (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        source INTEGER NOT NULL,
        last_update_time INTEGER NOT NULL,
        base INTEGER REFERENCES snapshot (number) CHECK (base < number),
        bytes INTEGER NOT NULL CHECK (bytes >= 0),
        sum INTEGER NOT NULL,
        UNIQUE (source, last_update_time)
    ) STRICT;
    CREATE TABLE snapshot_part (
        snapshot INTEGER NOT NULL REFERENCES snapshot (number) ON DELETE CASCADE,
        part INTEGER NOT NULL CHECK (part >= 0),
        body BLOB NOT NULL,
        sum INTEGER NOT NULL,
        PRIMARY KEY (snapshot, part)
    ) STRICT, WITHOUT ROWID;
    ",
    // The ids of changes, read marks, the times when we watched, and mutes of a pod or a namespace. [`adopt`]
    // adds what SQL cannot.
    "
    ALTER TABLE change ADD COLUMN id INTEGER;
    CREATE UNIQUE INDEX change_id ON change (id);
    CREATE TABLE read_change (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX read_change_at ON read_change (at);
    CREATE TABLE watched (
        began INTEGER PRIMARY KEY,
        ended INTEGER NOT NULL CHECK (ended >= began)
    ) STRICT;
    ALTER TABLE mute RENAME TO mute_of_filter;
    CREATE TABLE mute (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        who TEXT NOT NULL CHECK (length(who) BETWEEN 1 AND 256),
        at INTEGER NOT NULL,
        pod BLOB CHECK (length(pod) > 0),
        name TEXT,
        namespace TEXT,
        cluster TEXT,
        filter TEXT CHECK (length(filter) BETWEEN 1 AND 4096),
        ends TEXT NOT NULL CHECK (ends IN ('changed', 'time', 'never')),
        until INTEGER CHECK (until > at),
        undone INTEGER CHECK (undone >= at),
        sum INTEGER NOT NULL,
        CHECK ((ends = 'time') = (until IS NOT NULL)),
        CHECK ((filter IS NULL) = (namespace IS NOT NULL AND cluster IS NOT NULL)),
        CHECK ((pod IS NULL) = (name IS NULL))
    ) STRICT;
    ",
    // Which pods are scanned again after a scan that found a risk.
    "
    CREATE TABLE rescan (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        pod BLOB NOT NULL UNIQUE CHECK (length(pod) > 0)
    ) STRICT;
    ",
];

/// The version that gave ids to changes, and its last step.
const FIRST_WITH_CHANGE_IDS: i64 = 5;

/// The progress of a migration. A test ends the process there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MigrationPoint {
    /// The copy exists, and nothing has changed.
    Copied,
    /// This step is done (step 1 leads to version 1), and nothing is committed.
    Step(usize),
    /// The new version is committed, and the copy still exists.
    Committed,
}

/// Updates the file at `path` to [`VERSION`]; a file without a mark gets this one.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    mark: SourceMark,
    reached: &mut dyn FnMut(MigrationPoint),
) -> Result<(), Unusable> {
    if version(connection)? == VERSION {
        return backup::settle(connection, path);
    }
    // Immediate, and checked again, because another dashboard may be updating it.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found == VERSION {
        return Ok(());
    }
    let Ok(begin) = usize::try_from(found) else {
        return Err(Unusable::of(AsideReason::Damaged));
    };
    let Some(steps) = STEPS.get(begin..) else {
        return Err(Unusable::of(AsideReason::NewerVersion));
    };
    if found >= FIRST_WITH_MARK && mark.belongs(&transaction)? == Belongs::Elsewhere {
        return Err(Unusable::of(AsideReason::OtherSource));
    }
    if found > 0 {
        backup::make(path)?;
        reached(MigrationPoint::Copied);
    }
    for (number, step) in (begin + 1..).zip(steps) {
        transaction.execute_batch(step)?;
        reached(MigrationPoint::Step(number));
    }
    if found < FIRST_WITH_MARK {
        mark.write(&transaction)?;
    }
    if found < FIRST_WITH_CHANGE_IDS {
        adopt::adopt(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    reached(MigrationPoint::Committed);
    backup::settle(connection, path)
}

fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The statements that created a file of this version.
#[cfg(test)]
pub(super) fn begun_by(version: usize) -> String {
    let steps = STEPS.get(..version).unwrap_or_default().concat();
    format!("{steps} PRAGMA user_version = {version};")
}

#[cfg(test)]
mod tests;
