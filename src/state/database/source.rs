//! The mark of the source to which a file belongs.
//!
//! A file that was copied or swapped under the name of another source is intact and its checksums are right,
//! so only the file itself can say whose pods it has. The name of a file depends on everything that
//! distinguishes sources ([`crate::state::file`]), so the mark is a digest of the name: it stays valid in
//! another folder, and reveals nothing that the name does not.

use std::path::Path;

use ring::digest;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::state::checksum::{self, is_intact};

/// The fact that holds the mark.
const FACT: &str = "source";

/// The mark of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceMark(i64);

/// The source to which a file belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::state) enum Belongs {
    /// It belongs to the source of its name.
    Here,
    /// It belongs to another source.
    Elsewhere,
    /// The mark is missing or altered.
    Unknown,
}

impl SourceMark {
    /// The mark of the source of a file with this name.
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default();
        let hash = digest::digest(&digest::SHA256, name.as_encoded_bytes());
        let first = hash.as_ref().first_chunk().copied();
        Self(first.map_or(0, i64::from_be_bytes))
    }

    /// The mark of this stored form.
    pub(in crate::state) fn of_number(number: i64) -> Self {
        Self(number)
    }

    /// The stored form of the mark.
    pub(in crate::state) fn number(self) -> i64 {
        self.0
    }

    /// Writes the mark into a file of the newest version.
    pub(super) fn write(self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let sum = checksum::fact(FACT, Some(self.0));
        let query = "INSERT OR REPLACE INTO fact (name, value, sum) VALUES (?1, ?2, ?3)";
        connection.execute(query, params![FACT, self.0, sum]).map(drop)
    }

    /// Compares the mark of the file with this one.
    pub(in crate::state) fn belongs(self, connection: &Connection) -> Result<Belongs, rusqlite::Error> {
        let query = "SELECT value, sum FROM fact WHERE name = ?1";
        let found = connection.query_row(query, [FACT], |row| {
            let number = |at| match row.get_ref(at)? {
                ValueRef::Integer(number) => Ok(Some(number)),
                _ => Ok::<_, rusqlite::Error>(None),
            };
            Ok((number(0)?, number(1)?))
        });
        let intact = found
            .optional()?
            .filter(|(value, sum)| sum.is_some() && is_intact(*sum, checksum::fact(FACT, *value)));
        Ok(match intact {
            Some((Some(value), _)) if value == self.0 => Belongs::Here,
            Some((Some(_), _)) => Belongs::Elsewhere,
            Some((None, _)) | None => Belongs::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_depends_on_the_name_and_not_on_the_folder() {
        let mark = |path: &str| SourceMark::of(Path::new(path));
        assert_eq!(mark("/a/x-1.sqlite"), mark("/b/x-1.sqlite"));
        assert_ne!(mark("/a/x-1.sqlite"), mark("/a/x-2.sqlite"));
    }
}
