//! What is in front: a view, and the overlays on it.
//!
//! The view does not change while overlays open and close. Only one prompt, menu, question or help is open at
//! a time: the next one replaces it. The detail is an overlay below the others, so it reappears when they
//! close.

use crate::keys::{Mode, ViewKind};

/// An overlay on a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// One pod with all its facts.
    Detail,
    /// The prompt for a filter.
    Filter,
    /// The prompt for a command.
    Command,
    /// The sort menu.
    Sort,
    /// The choice of the table's columns.
    Columns,
    /// The export menu.
    Export,
    /// The help.
    Help,
    /// The list of themes.
    Themes,
    /// A confirmation before an action that one key alone must not start.
    Confirm,
    /// The menu of mutes.
    Mute,
    /// The menu of the selected pod.
    RowMenu,
    /// Two pods side by side, or one pod before and after.
    Compare,
    /// The menu of the saved views.
    Views,
    /// The list of the alerts.
    Alerts,
    /// The keys, while what to look for in them is typed.
    HelpSearch,
}

/// The view in front, and the overlays on it from the lowest to the highest.
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
    /// The view, whatever overlays it has.
    pub fn view(&self) -> ViewKind {
        self.view
    }

    /// The highest overlay.
    pub fn top(&self) -> Option<Overlay> {
        self.overlays.last().copied()
    }

    /// Whether nothing is open: the pods are in front, without an overlay.
    pub fn is_base(&self) -> bool {
        self.view == ViewKind::Pods && self.overlays.is_empty()
    }

    /// Shows a view without overlays.
    pub fn show(&mut self, view: ViewKind) {
        self.view = view;
        self.overlays.clear();
    }

    /// Opens `overlay`. It replaces any other overlay except the detail.
    pub fn open(&mut self, overlay: Overlay) {
        self.overlays
            .retain(|it| *it == Overlay::Detail && overlay != *it);
        self.overlays.push(overlay);
    }

    /// Closes the highest overlay; without one it returns to the pods.
    pub fn close(&mut self) {
        if self.overlays.pop().is_none() {
            self.view = ViewKind::Pods;
        }
    }

    /// The current context of the keys.
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
            (Some(Overlay::Alerts), _) => Mode::Alerts,
            (Some(Overlay::HelpSearch), _) => Mode::HelpSearch,
            (None, view) => view.mode(),
        }
    }

    /// The context of the keys after the open prompt, menu or help closes.
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
