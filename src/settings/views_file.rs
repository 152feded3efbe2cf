//! The file with the views that dashboards saved.
//!
//! ```text
//! # hss-top saved views 1
//!
//! [views."night shift"]
//! filter = "risk>50"
//! ```
//!
//! Owns the form of a view in it: the same as in the configuration file, so that it can be moved there. The
//! configuration file itself is never written. Views of other programs and unknown keys stay. Must not: be
//! read or written by the event loop.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::saved_view::{SavedView, ViewOrigin};
use crate::config::key::ValueKind;
use crate::config::section::{VIEW_ROWS, ViewValues};
use crate::config::{File, Set, Wrong};
use crate::state::shared_file::{SharedFile, SharedFileFault};

/// Its name in the folder of the state.
pub const VIEWS_FILE: &str = "views.toml";
/// The most views that are saved.
const MOST_VIEWS: usize = 200;

/// The file.
#[derive(Debug, Clone)]
pub struct ViewsFile(SharedFile);

/// A change to the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewChange {
    /// Saves this view; it replaces one with the same name.
    Save(Box<SavedView>),
    /// The same, where there is known to be one.
    Replace(Box<SavedView>),
    /// Deletes the view with this name.
    Delete(String),
}

/// The content of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FoundViews {
    /// The views, in the order of their names.
    pub views: Vec<SavedView>,
    /// The notice that a file was renamed because it could not be read.
    pub notice: Option<String>,
}

impl ViewsFile {
    /// The file in this folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self(SharedFile::new(folder, VIEWS_FILE, "# hss-top saved views", 1))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The views, without a change to the disk.
    ///
    /// # Errors
    /// The file cannot be read, or not be understood.
    pub fn read(&self) -> Result<Vec<SavedView>, SharedFileFault> {
        let sections = self.sections(&self.0.read()?)?;
        Ok(self.views(&sections))
    }

    /// The views; a file that cannot be understood is put aside.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read_or_put_aside(&self) -> Result<FoundViews, SharedFileFault> {
        let found = self.0.read_or_put_aside(|text| self.sections(text).map(drop))?;
        Ok(FoundViews {
            views: self.views(&self.sections(&found.text)?),
            notice: found.notice,
        })
    }

    /// Makes the change, and returns the views after it.
    ///
    /// # Errors
    /// The file cannot be read or written; then it is as before.
    pub fn change(&self, change: &ViewChange) -> Result<FoundViews, SharedFileFault> {
        let changed = self.0.change(|text| {
            let before = self.sections(text)?;
            let mut sections: BTreeMap<String, String> = before
                .iter()
                .map(|(name, values)| (name.clone(), section(name, &texts(values))))
                .collect();
            match change {
                ViewChange::Save(view) | ViewChange::Replace(view) => {
                    sections.insert(view.name.clone(), section(&view.name, &view.values()));
                }
                ViewChange::Delete(name) => {
                    sections.remove(name);
                }
            }
            if sections.len() > MOST_VIEWS.max(before.len()) {
                let why = format!("{MOST_VIEWS} views are saved already; :view delete NAME makes room");
                return Err(SharedFileFault::System(self.0.path().to_owned(), why));
            }
            Ok(sections.into_values().collect())
        })?;
        Ok(FoundViews {
            views: self.views(&self.sections(&changed.text)?),
            notice: changed.notice,
        })
    }

    fn sections(&self, text: &str) -> Result<BTreeMap<String, ViewValues>, SharedFileFault> {
        // The text lacks the first line of the file, but messages need its line numbers.
        let file = File::parse(self.0.path(), &format!("\n{text}"));
        file.map(|file| file.sections.views)
            .map_err(|Wrong(why)| self.0.damaged(&why))
    }

    fn views(&self, sections: &BTreeMap<String, ViewValues>) -> Vec<SavedView> {
        let views = sections.iter();
        let read = |(name, values): (&String, &ViewValues)| {
            SavedView::read(name, values, ViewOrigin::Saved, self.0.path())
        };
        views.map(read).collect()
    }
}

fn texts(values: &ViewValues) -> BTreeMap<&'static str, String> {
    let text = |set: &Set| match set {
        Set::Text(text) => text.clone(),
        Set::Words(words) => words.join(","),
    };
    values
        .iter()
        .map(|(key, stated)| (*key, text(&stated.set)))
        .collect()
}

/// A section of the file.
fn section(name: &str, values: &BTreeMap<&'static str, String>) -> String {
    let mut text = format!("\n[views.{}]\n", quoted(name));
    for row in VIEW_ROWS {
        let Some(value) = values.get(row.name) else {
            continue;
        };
        let shown = match row.kind {
            ValueKind::Switch => value.clone(),
            ValueKind::Names => {
                let names = value.split(',').map(quoted);
                format!("[{}]", names.collect::<Vec<_>>().join(", "))
            }
            _ => quoted(value),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} = {shown}", row.name);
    }
    text
}

/// A text of TOML: the escapes of JSON, and DEL.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007F")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::ViewKind;
    use proptest::prelude::*;

    fn saved(name: &str, filter: &str) -> SavedView {
        SavedView {
            name: name.to_owned(),
            filter: filter.to_owned(),
            origin: ViewOrigin::Saved,
            ..SavedView::default()
        }
    }

    fn save(file: &ViewsFile, view: &SavedView) -> FoundViews {
        file.change(&ViewChange::Save(Box::new(view.clone()))).unwrap()
    }

    #[test]
    fn views_are_saved_replaced_and_deleted_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = ViewsFile::in_folder(folder.path());
        assert_eq!(file.read().unwrap(), []);
        let (hot, night) = (saved("hot", "cpu%>=80"), saved("night shift", "\"a \\\"b\""));
        save(&file, &hot);
        // Another dashboard, which does not know of the first one's view.
        let other = ViewsFile::in_folder(folder.path());
        assert_eq!(save(&other, &night).views, [hot.clone(), night.clone()]);
        let hotter = SavedView {
            view: Some(ViewKind::Overview),
            ..saved("hot", "cpu%>=90")
        };
        assert_eq!(save(&file, &hotter).views, [hotter, night.clone()]);
        let gone = file.change(&ViewChange::Delete("hot".into())).unwrap();
        assert_eq!(gone.views, std::slice::from_ref(&night));
        assert_eq!(
            file.change(&ViewChange::Delete("hot".into())).unwrap().views,
            [night]
        );
    }

    #[test]
    fn a_view_that_is_not_understood_here_stays_in_the_file_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let file = ViewsFile::in_folder(folder.path());
        let text = "# hss-top saved views 1\n[views.odd]\nsort = \"later\"\nfilter = \"ns:a soon:1\"\n";
        std::fs::write(file.0.path(), text).unwrap();
        save(&file, &saved("hot", ""));
        let views = file.read().unwrap();
        assert_eq!(
            (views[1].name.as_str(), views[1].filter.as_str()),
            ("odd", "ns:a")
        );
        assert_eq!(views[1].faults.len(), 2, "{:?}", views[1].faults);
        assert!(
            views[1].faults[0].contains(" line 6: views.odd.filter is ns:a soon:1"),
            "{:?}",
            views[1].faults
        );
    }

    #[test]
    fn a_damaged_file_is_put_aside_with_a_notice_and_the_view_is_saved() {
        let folder = tempfile::tempdir().unwrap();
        let file = ViewsFile::in_folder(folder.path());
        std::fs::write(file.0.path(), "# hss-top saved views 1\n[views.x\n").unwrap();
        assert!(file.read().is_err());
        let found = save(&file, &saved("hot", "a"));
        assert!(found.notice.unwrap().contains("views.toml.damaged-1"));
        assert_eq!(found.views, [saved("hot", "a")]);
    }

    #[test]
    fn there_is_an_end_to_how_many_are_saved() {
        let folder = tempfile::tempdir().unwrap();
        let file = ViewsFile::in_folder(folder.path());
        let all: String = (0..MOST_VIEWS)
            .map(|at| section(&at.to_string(), &BTreeMap::new()))
            .collect();
        std::fs::write(file.0.path(), format!("# hss-top saved views 1\n{all}")).unwrap();
        let refused = file.change(&ViewChange::Save(Box::new(saved("one more", ""))));
        assert!(refused.unwrap_err().to_string().contains("200 views"));
        save(&file, &saved("7", "in the place of one"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_it_was_written(name in any::<String>(), filter in any::<String>()) {
            let filter: String = filter.chars().filter(|it| *it != '\0').collect();
            let text = section(&name, &BTreeMap::from([("filter", filter.clone())]));
            let file = File::parse(Path::new("F"), &text).unwrap();
            let (read, values) = file.sections.views.first_key_value().unwrap();
            prop_assert_eq!(read, &name);
            prop_assert!(matches!(&values["filter"].set, Set::Text(text) if *text == filter));
        }
    }
}
