//! The sections of the file: `[views.NAME]`, `[keys]` and `[theme]`.
//!
//! Owns the tables of what each section may contain, and the line of each value. What a value means is for
//! [`crate::settings`].

use std::collections::BTreeMap;

use super::file::Stated;
use super::key::ValueKind;
pub use crate::ui::colours::COLOUR_ALLOWED;
use crate::ui::theme::ROLES;
pub use crate::ui::theme::file::BACKGROUND;

/// The names of the sections, including the profiles.
pub const SECTIONS: [&str; 4] = ["profiles", "views", "keys", "theme"];

/// A key of a section.
#[derive(Debug, Clone, Copy)]
pub struct SectionRow {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: ValueKind,
    /// What it may be, after "must be".
    pub allowed: &'static str,
    /// What it is for.
    pub about: &'static str,
}

/// What a saved view says.
pub const VIEW_ROWS: [SectionRow; 5] = [
    SectionRow {
        name: "filter",
        kind: ValueKind::Text,
        allowed: "a text",
        about: "The filter, as typed after /",
    },
    SectionRow {
        name: "sort",
        kind: ValueKind::Text,
        allowed: "a text: the field to sort by",
        about: "The field to sort by, as for :sort; the default is risk",
    },
    SectionRow {
        name: "reversed",
        kind: ValueKind::Switch,
        allowed: "true or false",
        about: "Reverse the order",
    },
    SectionRow {
        name: "problems",
        kind: ValueKind::Switch,
        allowed: "true or false",
        about: "Show only problems",
    },
    SectionRow {
        name: "columns",
        kind: ValueKind::Names,
        allowed: "a list of columns, such as [\"risk\", \"pod:40\", \"ns\"]",
        about: "The columns, from left to right, as for :columns; the default is the columns of the start",
    },
];

/// The key of `[theme]` that names the theme to which the colours are applied.
pub const BASE: &str = "base";

/// The names of all keys of `[theme]`.
pub fn theme_names() -> impl Iterator<Item = &'static str> {
    [BASE, BACKGROUND]
        .into_iter()
        .chain(ROLES.iter().map(|(name, _)| *name))
}

/// A name and what it was set to.
#[derive(Clone, PartialEq, Eq)]
pub struct StatedName {
    /// The name, as written.
    pub name: String,
    /// The value.
    pub stated: Stated,
}

/// The sections, without the profiles.
#[derive(Clone, Default)]
pub struct Sections {
    /// Saved views: the values that each sets, by the names of [`VIEW_ROWS`].
    pub views: BTreeMap<String, BTreeMap<&'static str, Stated>>,
    /// Keys and their actions, in the order of the file.
    pub keys: Vec<StatedName>,
    /// Roles and their colours, and the background, in the order of the file.
    pub theme: Vec<StatedName>,
}
