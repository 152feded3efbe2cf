//! The saved views: those of the configuration, and those saved from the dashboard.
//!
//! Owns the list, the selected one in the menu, and the one deleted last. [`SavedView`] is the content of a
//! view, and [`own_files`](super::own_files) owns the file. Must not: draw, or touch the disk.

use std::sync::Arc;

use super::model::Model;
use crate::fleet::query::ChangeQuery;
use crate::keys::ViewKind;
use crate::settings::{SavedView, ViewOrigin};

/// The saved views. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedViews {
    configured: Arc<[SavedView]>,
    /// All of them, in the order of their names. A view of the configuration hides a saved one with the same
    /// name.
    all: Arc<[SavedView]>,
    /// The row of the menu that the keys act on.
    pub choice: usize,
    /// The view that was deleted last, until it is restored.
    pub(super) deleted: Option<Box<SavedView>>,
}

impl SavedViews {
    /// Those of the configuration.
    pub fn configured(views: Vec<SavedView>) -> Self {
        let mut these = Self {
            configured: views.into(),
            ..Self::default()
        };
        these.renew(Vec::new());
        these
    }

    /// Takes the views that this or another dashboard saved; the selection in the menu stays on its view.
    pub fn renew(&mut self, saved: Vec<SavedView>) {
        let chosen = self.chosen().map(|view| view.name.clone());
        let is_free = |view: &SavedView| self.configured.iter().all(|it| it.name != view.name);
        let mut all: Vec<SavedView> = saved.into_iter().filter(is_free).collect();
        all.extend(self.configured.iter().cloned());
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let place = all.iter().position(|view| Some(&view.name) == chosen.as_ref());
        self.choice = place.unwrap_or(self.choice).min(all.len().saturating_sub(1));
        self.all = all.into();
    }

    /// All views, in the order of their names.
    pub fn all(&self) -> &[SavedView] {
        &self.all
    }

    /// The view with this name.
    pub fn named(&self, name: &str) -> Option<&SavedView> {
        self.all.iter().find(|view| view.name == name)
    }

    /// The selected view of the menu.
    pub fn chosen(&self) -> Option<&SavedView> {
        self.all.get(self.choice)
    }

    /// Adds a view; it replaces one with the same name.
    pub(super) fn put(&mut self, view: SavedView) {
        let name = view.name.clone();
        self.keep(|it| it.name != name, Some(view));
    }

    /// Removes a view.
    pub(super) fn remove(&mut self, name: &str) {
        self.keep(|it| it.name != name, None);
    }

    fn keep(&mut self, is_kept: impl Fn(&SavedView) -> bool, added: Option<SavedView>) {
        let saved = self.all.iter().filter(|view| view.origin == ViewOrigin::Saved);
        let kept = saved.filter(|view| is_kept(view)).cloned();
        self.renew(kept.chain(added).collect());
    }
}

impl Model {
    /// What the screen shows now, as a view with this name. A view of the changes has their filter.
    pub(super) fn view_now(&self, name: &str) -> SavedView {
        let shown = self.focus.view();
        let (filter, columns) = match shown {
            ViewKind::Changes => (self.changes.filter_text.as_str(), None),
            _ => (self.filter_text.as_str(), self.pods.columns.chosen()),
        };
        let mut view = SavedView {
            name: name.to_owned(),
            view: Some(shown),
            filter: filter.to_owned(),
            columns: columns.cloned(),
            origin: ViewOrigin::Saved,
            ..SavedView::default()
        };
        match shown {
            ViewKind::Overview => view.namespaces = self.namespaces.sort,
            ViewKind::Pods => view.sort = self.sort(),
            _ => {}
        }
        view.problems = self.request.problems && shown != ViewKind::Changes;
        view
    }

    /// Shows a saved view completely; defaults apply to what it does not set. A view of the changes does not
    /// change the pods. A notice names what cannot be used.
    pub fn apply_view(&mut self, view: &SavedView) {
        match view.shown_in() {
            ViewKind::Changes => {
                // It was valid when it was read.
                self.changes.query = ChangeQuery::parse(&view.filter).unwrap_or_default();
                self.changes.filter_text.clone_from(&view.filter);
                self.choose_changes();
            }
            _ => self.apply_to_pods(view),
        }
        self.focus.show(view.shown_in());
        if let [fault, more @ ..] = view.faults.as_slice() {
            let fault = self.masking.sentence(fault);
            let more = if more.is_empty() {
                String::new()
            } else {
                format!(" (and {} more)", more.len())
            };
            self.notify(format!("view {}: {fault}{more}", view.name));
        }
    }

    fn apply_to_pods(&mut self, view: &SavedView) {
        let before = self.masking.typed_again(&self.filter_text).into_owned();
        if let Err(error) = self.filter_by(&view.filter) {
            let why = self.masking.filter_fault(&error);
            self.notify(format!("view {}: {why}", view.name));
            return;
        }
        Arc::make_mut(&mut self.recalls).filters.keep(&before);
        self.request.sort = view.sort;
        self.request.problems = view.problems;
        self.namespaces.sort = view.namespaces;
        self.namespaces.drill = None;
        self.pods.columns.show(view.columns.clone());
        self.select(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, origin: ViewOrigin) -> SavedView {
        SavedView {
            name: name.to_owned(),
            origin,
            ..SavedView::default()
        }
    }

    fn names(views: &SavedViews) -> Vec<&str> {
        views.all().iter().map(|view| view.name.as_str()).collect()
    }

    #[test]
    fn a_view_of_the_configuration_hides_a_saved_one_of_its_name() {
        let mut views = SavedViews::configured(vec![view("hot", ViewOrigin::Configuration)]);
        views.renew(vec![view("hot", ViewOrigin::Saved), view("a", ViewOrigin::Saved)]);
        assert_eq!(names(&views), ["a", "hot"]);
        assert_eq!(views.named("hot").unwrap().origin, ViewOrigin::Configuration);
    }

    #[test]
    fn the_menu_stays_at_its_view_while_another_dashboard_saves_and_deletes() {
        let mut views = SavedViews::default();
        for name in ["b", "d"] {
            views.put(view(name, ViewOrigin::Saved));
        }
        views.choice = 1;
        views.renew(
            ["a", "b", "c", "d"]
                .map(|name| view(name, ViewOrigin::Saved))
                .to_vec(),
        );
        assert_eq!(views.chosen().unwrap().name, "d");
        views.renew(vec![view("a", ViewOrigin::Saved)]);
        assert_eq!(views.chosen().unwrap().name, "a");
        views.remove("a");
        assert_eq!((names(&views).len(), views.chosen()), (0, None));
    }
}
