//! A row of the table by its key or by its name, and what follows from a row.

use super::{ConfigKey, KeyRow, ROW, TABLE};
use crate::config::nearest::nearest;

impl KeyRow {
    /// Whether it has neither a flag nor a variable.
    pub fn is_in_file_only(&self) -> bool {
        !self.has_flag && self.variables.is_empty()
    }

    /// Whether its value is the path of a file.
    pub fn is_path(&self) -> bool {
        self.name.ends_with("_file")
    }

    /// The flag, without its dashes.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
}

impl ConfigKey {
    /// Its row.
    pub fn row(self) -> &'static KeyRow {
        // Every key has a row; a test checks this.
        TABLE.iter().find(|row| row.key == self).unwrap_or(&ROW)
    }

    /// The key of this name in the file.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.key)
    }

    /// The key name nearest to `name`, if one is near.
    pub fn nearest(name: &str) -> Option<&'static str> {
        nearest(name, TABLE.iter().map(|row| row.name))
    }
}
