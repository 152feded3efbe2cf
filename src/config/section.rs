//! What the file says beside its keys: `[views.NAME]`, `[keys]` and `[theme]`.
//!
//! Owns what may stand in each section, in tables, and where each value stands. What a value means is for
//! [`crate::settings`].

use std::collections::BTreeMap;

use super::file::Stated;
use super::key::ValueKind;
pub use crate::ui::colours::COLOUR_ALLOWED;
use crate::ui::theme::ROLES;
pub use crate::ui::theme::file::BACKGROUND;

/// The names of the sections, those of the profiles among them.
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
pub const VIEW_ROWS: [SectionRow; 6] = [
    SectionRow {
        name: "view",
        kind: ValueKind::Text,
        allowed: "pods, overview, changes or health",
        about: "The view to show; pods where it is missing",
    },
    SectionRow {
        name: "filter",
        kind: ValueKind::Text,
        allowed: "a text",
        about: "The filter, as it would be typed after / there",
    },
    SectionRow {
        name: "sort",
        kind: ValueKind::Text,
        allowed: "a text: the field to sort by",
        about: "The field to sort by, as after :sort, or a column of the overview; by risk where it is missing",
    },
    SectionRow {
        name: "reversed",
        kind: ValueKind::Switch,
        allowed: "true or false",
        about: "Turn the order round",
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
        about: "The columns, from left to right, as after :columns; those of the start where it is missing",
    },
];

/// The key of `[theme]` that names the theme below the colours.
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
    /// The name, as it stands there.
    pub name: String,
    /// The value.
    pub stated: Stated,
}

/// What a saved view sets, by the names of [`VIEW_ROWS`].
pub type ViewValues = BTreeMap<&'static str, Stated>;

/// The sections, without the profiles.
#[derive(Clone, Default)]
pub struct Sections {
    /// Saved views, by their names.
    pub views: BTreeMap<String, ViewValues>,
    /// Keys and what they are bound to, in the order of the file.
    pub keys: Vec<StatedName>,
    /// Roles and their colours, and the background, in the order of the file.
    pub theme: Vec<StatedName>,
}
