//! What is in front: a view, and what lies on it.
//!
//! The view stays what it is while overlays come and go. Of prompts, menus, questions and the help one is open at a time: the next
//! takes its place. The detail is an overlay that others lie on, so it is there again when they close.

use crate::keys::{Mode, ViewKind};

/// What lies on a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// One pod, all of it.
    Detail,
    /// A filter is being typed.
    Filter,
    /// A command is being typed.
    Command,
    /// The menu of what to sort by.
    Sort,
    /// The choice of the table's columns.
    Columns,
    /// The choice of what to write to a file.
    Export,
    /// The keys.
    Help,
    /// The list of themes.
    Themes,
    /// A question before something is done that is not one key's.
    Confirm,
    /// The choice of for how long to mute.
    Mute,
    /// The menu of what can be done with the selected pod.
    RowMenu,
    /// Two pods side by side, or one pod before and after.
    Compare,
    /// The menu of the saved views.
    Views,
}

/// The view in front, and what lies on it from the bottom up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    view: ViewKind,
    overlays: Vec<Overlay>,
}

impl Default for Focus {
    fn default() -> Self {
        Self {
            view: ViewKind::Pods,
            overlays: Vec::new(),
        }
    }
}

impl Focus {
    /// The view, whatever lies on it.
    pub fn view(&self) -> ViewKind {
        self.view
    }

    /// What lies on top.
    pub fn top(&self) -> Option<Overlay> {
        self.overlays.last().copied()
    }

    /// Whether nothing is open: the pods are in front, and nothing lies on them.
    pub fn is_base(&self) -> bool {
        self.view == ViewKind::Pods && self.overlays.is_empty()
    }

    /// Shows a view with nothing on it.
    pub fn show(&mut self, view: ViewKind) {
        self.view = view;
        self.overlays.clear();
    }

    /// Lays `overlay` on the view, in the place of another one that is not the detail.
    pub fn open(&mut self, overlay: Overlay) {
        self.overlays
            .retain(|it| *it == Overlay::Detail && overlay != *it);
        self.overlays.push(overlay);
    }

    /// Takes away what lies on top; from a bare view it leads to the pods.
    pub fn close(&mut self) {
        if self.overlays.pop().is_none() {
            self.view = ViewKind::Pods;
        }
    }

    /// What the keys mean.
    pub fn mode(&self) -> Mode {
        match (self.top(), self.view) {
            (Some(Overlay::Detail), _) => Mode::Detail,
            (Some(Overlay::Filter), _) => Mode::Filter,
            (Some(Overlay::Command), _) => Mode::Command,
            (Some(Overlay::Sort), _) => Mode::Sort,
            (Some(Overlay::Columns), _) => Mode::Columns,
            (Some(Overlay::Export), _) => Mode::Export,
            (Some(Overlay::Help), _) => Mode::Help,
            (Some(Overlay::Themes), _) => Mode::Themes,
            (Some(Overlay::Confirm), _) => Mode::Confirm,
            (Some(Overlay::Mute), _) => Mode::Mute,
            (Some(Overlay::RowMenu), _) => Mode::RowMenu,
            (Some(Overlay::Compare), _) => Mode::Compare,
            (Some(Overlay::Views), _) => Mode::Views,
            (None, view) => view.mode(),
        }
    }

    /// What the keys mean when the prompt, menu or help that is open closes: what fills the body.
    pub fn body(&self) -> Mode {
        if self.overlays.contains(&Overlay::Detail) {
            Mode::Detail
        } else {
            self.view.mode()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_closes_uncovers_what_it_lay_on() {
        let mut focus = Focus::default();
        focus.open(Overlay::Detail);
        focus.open(Overlay::Help);
        assert_eq!((focus.mode(), focus.body()), (Mode::Help, Mode::Detail));
        focus.close();
        assert_eq!((focus.mode(), focus.body()), (Mode::Detail, Mode::Detail));
        focus.close();
        focus.open(Overlay::Sort);
        focus.open(Overlay::Help);
        focus.close();
        assert_eq!(focus.mode(), Mode::Table, "the help took the menu's place");
    }

    #[test]
    fn a_view_comes_with_nothing_on_it_and_leads_back_to_the_pods() {
        let mut focus = Focus::default();
        focus.open(Overlay::Detail);
        focus.show(ViewKind::Health);
        assert_eq!(
            (focus.mode(), focus.view(), focus.top()),
            (Mode::Health, ViewKind::Health, None)
        );
        focus.open(Overlay::Command);
        focus.close();
        assert_eq!(focus.mode(), Mode::Health);
        focus.close();
        assert_eq!(focus.mode(), Mode::Table);
    }
}
