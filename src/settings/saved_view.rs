//! A saved view: a name for a view with its filter, order and columns.
//!
//! Owns the meaning of each key of `[views.NAME]`, in the configuration and in the file of the dashboard. A
//! part that cannot be used becomes a sentence with file, line and reason; the rest of the view applies. Must
//! not: read files.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::sections::{told, word};
use crate::config::section::ViewValues;
use crate::config::{Set, nearest};
use crate::fleet::RemoteText;
use crate::fleet::fields::{ColumnFault, ColumnList, names};
use crate::fleet::overview::{OverviewColumn, OverviewSort};
use crate::fleet::query::{ChangeQuery, Draft, Query, draft};
use crate::fleet::sort::Sort;
use crate::keys::{Action, ViewKind};

/// The longest name of a view that is saved from the dashboard, in characters.
pub const LONGEST_NAME: usize = 40;

/// The words after `:view` that cannot be names.
pub const VIEW_WORDS: [&str; 2] = ["save", "delete"];

/// Who saved a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ViewOrigin {
    /// It is a `[views.NAME]` of the configuration file, which hss-top never changes.
    #[default]
    Configuration,
    /// It was saved from the dashboard.
    Saved,
}

/// A saved view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// The view to show; the pods by default.
    pub view: Option<ViewKind>,
    /// The filter as typed in that view; always valid.
    pub filter: String,
    /// The order of the pods.
    pub sort: Sort,
    /// The order of the namespaces, in the overview.
    pub namespaces: OverviewSort,
    /// Whether only problems are shown.
    pub problems: bool,
    /// The columns; if empty, those of the start.
    pub columns: Option<ColumnList>,
    /// Who saved it.
    pub origin: ViewOrigin,
    /// The parts that cannot be used, with file, line and reason.
    pub faults: Vec<String>,
}

impl SavedView {
    /// The view of a section in the file at `path`.
    pub fn read(name: &str, values: &ViewValues, origin: ViewOrigin, path: &Path) -> Self {
        let mut reader = ViewReader {
            name,
            values,
            path,
            faults: Vec::new(),
        };
        let view = reader.view();
        let filter = reader.filter(view);
        let is_reversed = reader.is_on("reversed");
        let turned = |sort: Sort| if is_reversed { sort.reversed() } else { sort };
        let (mut sort, mut namespaces) = (Sort::default(), OverviewSort::default());
        if view == Some(ViewKind::Overview) {
            let chosen = reader.namespaces();
            namespaces = if is_reversed { chosen.reversed() } else { chosen };
        } else {
            sort = turned(reader.sort());
        }
        Self {
            name: name.to_owned(),
            view,
            filter,
            sort,
            namespaces,
            problems: reader.is_on("problems"),
            columns: reader.columns(),
            origin,
            faults: reader.faults,
        }
    }

    /// The same for the file: only values that differ from the defaults.
    pub fn values(&self) -> BTreeMap<&'static str, String> {
        let mut values = BTreeMap::new();
        let view = self.shown_in();
        if view != ViewKind::Pods {
            values.insert("view", Action::Show(view).name().to_owned());
        }
        if !self.filter.is_empty() {
            values.insert("filter", self.filter.clone());
        }
        let (sort, is_reversed) = self.order();
        if let Some(sort) = sort {
            values.insert("sort", sort.to_owned());
        }
        for (key, is_on) in [("reversed", is_reversed), ("problems", self.problems)] {
            if is_on {
                values.insert(key, "true".to_owned());
            }
        }
        if let Some(columns) = &self.columns {
            values.insert("columns", columns.to_string());
        }
        values
    }

    /// The view that it shows.
    pub fn shown_in(&self) -> ViewKind {
        self.view.unwrap_or(ViewKind::Pods)
    }

    /// The order, if it differs from the default, and whether it is reversed.
    pub fn order(&self) -> (Option<&'static str>, bool) {
        if self.shown_in() == ViewKind::Overview {
            let first = self.namespaces.column.first_direction();
            let is_first = self.namespaces.column == OverviewSort::default().column;
            let name = (!is_first).then(|| self.namespaces.column.name());
            return (name, first != self.namespaces);
        }
        let is_first = self.sort.key == Sort::default().key;
        let name = (!is_first).then(|| self.sort.key.name());
        (name, self.sort.is_backwards())
    }

    /// The filter of the pods; empty if the view has another filter.
    pub fn filter_of_pods(&self) -> &str {
        match self.shown_in() {
            ViewKind::Changes => "",
            _ => &self.filter,
        }
    }
}

/// Reads a section, and notes the parts that cannot be used.
struct ViewReader<'a> {
    name: &'a str,
    values: &'a ViewValues,
    path: &'a Path,
    faults: Vec<String>,
}

impl<'a> ViewReader<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        match self.values.get(key).map(|stated| &stated.set) {
            Some(Set::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn is_on(&self, key: &str) -> bool {
        self.text(key) == Some("true")
    }

    fn note(&mut self, key: &str, why: &str) {
        let line = self.values.get(key).map_or(0, |stated| stated.line);
        let (name, value) = (told(self.name), told(self.text(key).unwrap_or_default()));
        let path = self.path.display();
        self.faults.push(format!(
            "{path} line {line}: views.{name}.{key} is {value}, but must be {why}; the rest of the view applies"
        ));
    }

    fn view(&mut self) -> Option<ViewKind> {
        let text = self.text("view")?;
        let found = ViewKind::ALL
            .into_iter()
            .find(|view| Action::Show(*view).name() == text);
        if found.is_none() {
            let names = ViewKind::ALL.map(|view| Action::Show(view).name());
            let meant = nearest(text, names.into_iter());
            let meant = meant.map_or_else(String::new, |name| format!("; did you mean {name}?"));
            self.note("view", &format!("one of {}{meant}", names.join(", ")));
        }
        found
    }

    fn filter(&mut self, view: Option<ViewKind>) -> String {
        let text = self.text("filter").unwrap_or_default();
        let (kept, fault) = if view == Some(ViewKind::Changes) {
            let Draft { kept, fault, .. } = draft(text, ChangeQuery::parse);
            (kept, fault)
        } else {
            let Draft { kept, fault, .. } = draft(text, Query::parse);
            (kept, fault)
        };
        if let Some(fault) = fault {
            self.note("filter", &format!("a filter: {}", fault.error));
        }
        kept.trim().to_owned()
    }

    fn sort(&mut self) -> Sort {
        let Some(text) = self.text("sort") else {
            return Sort::default();
        };
        if let Some(field) = names::sortable(text) {
            return field.first_direction();
        }
        let meant = names::nearest(text);
        let meant = meant.map_or_else(String::new, |field| format!("; did you mean {field}?"));
        self.note("sort", &format!("a field to sort by{meant}"));
        Sort::default()
    }

    fn namespaces(&mut self) -> OverviewSort {
        let Some(text) = self.text("sort") else {
            return OverviewSort::default();
        };
        let mut columns = OverviewColumn::ALL.into_iter();
        if let Some(column) = columns.find(|column| column.name().eq_ignore_ascii_case(text)) {
            return column.first_direction();
        }
        let names = OverviewColumn::ALL.map(OverviewColumn::name);
        let meant = nearest(text, names.into_iter());
        let meant = meant.map_or_else(
            || format!(": {}", names.join(", ")),
            |name| format!("; did you mean {name}?"),
        );
        self.note("sort", &format!("a column of the overview{meant}"));
        OverviewSort::default()
    }

    /// The columns that exist; the others are noted.
    fn columns(&mut self) -> Option<ColumnList> {
        let mut text = self.text("columns")?.to_owned();
        loop {
            let fault = match ColumnList::parse(&text) {
                Ok(list) => return Some(list),
                Err(fault) => fault,
            };
            self.note(
                "columns",
                &format!("a list of columns: {}", fault.clone().told(word)),
            );
            let is_wrong = |word: &str| match &fault {
                ColumnFault::Empty => true,
                ColumnFault::Unknown(name) => word.split([':', '=']).next() == Some(name),
                ColumnFault::Twice(_) | ColumnFault::Width(_) => ColumnList::parse(word).is_err(),
            };
            let words: Vec<&str> = text.split(',').map(str::trim).collect();
            let rest: Vec<&str> = words.iter().copied().filter(|word| !is_wrong(word)).collect();
            // A repeated column is left out.
            if rest.len() == words.len() || rest.is_empty() {
                let each = words.iter().filter_map(|word| ColumnList::parse(word).ok());
                return ColumnList::of(each.flat_map(|list| list.columns().to_vec()).collect());
            }
            text = rest.join(",");
        }
    }
}

/// Why a view cannot have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadViewName {
    /// There is none.
    Empty,
    /// It has more than [`LONGEST_NAME`] characters.
    Long,
    /// `:view` gives the word another meaning.
    Command,
    /// A character of it cannot be shown.
    Unshown,
}

impl fmt::Display for BadViewName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [save, delete] = VIEW_WORDS;
        match self {
            Self::Empty => write!(f, "a view needs a name: :view {save} NAME"),
            Self::Long => write!(f, "the name of a view has at most {LONGEST_NAME} characters"),
            Self::Command => write!(f, "a view cannot have the name {save} or {delete}"),
            Self::Unshown => f.write_str("the name of a view has only characters that can be shown"),
        }
    }
}

impl std::error::Error for BadViewName {}

/// The name, if a dashboard may save a view with it.
///
/// # Errors
/// Why it cannot.
pub fn checked_name(name: &str) -> Result<&str, BadViewName> {
    let name = name.trim();
    if name.is_empty() {
        return Err(BadViewName::Empty);
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(BadViewName::Long);
    }
    let first = name.split_whitespace().next().unwrap_or_default();
    if VIEW_WORDS.contains(&first) {
        return Err(BadViewName::Command);
    }
    if RemoteText::name(name).shown() != name || name.chars().any(char::is_control) {
        return Err(BadViewName::Unshown);
    }
    Ok(name)
}

#[cfg(test)]
mod tests;
