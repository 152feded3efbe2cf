//! What is in front: a view, and the overlays on it.
//!
//! The view does not change while overlays open and close. Only one prompt, menu, question or help is open at
//! a time: the next one replaces it. The detail is an overlay below the others, so it reappears when they
//! close; so does the help below its search line. Each overlay holds its own state, which goes with it.

use super::changes_view::muting::Muting;
use super::columns::ColumnChooser;
use super::compare::Comparison;
use super::help_search::HelpPane;
use super::prompt::{FilterPrompt, Prompt};
use super::row_menu::RowMenu;
use crate::keys::{Mode, ViewKind};

/// An overlay on a view, with its state.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// One pod with all its facts.
    Detail,
    /// The prompt for a filter.
    Filter(FilterPrompt),
    /// The prompt for a command.
    Command(Prompt),
    /// The sort menu.
    Sort(MenuCursor),
    /// The choice of the table's columns.
    Columns(ColumnChooser),
    /// The export menu.
    Export,
    /// The help.
    Help(HelpPane),
    /// The list of themes.
    Themes,
    /// A confirmation before an action that one key alone must not start.
    Confirm,
    /// The menu of mutes.
    Mute(Box<Muting>),
    /// The menu of the selected pod.
    RowMenu(RowMenu),
    /// Two pods side by side, or one pod before and after.
    Compare(Comparison),
    /// The menu of the saved views.
    Views,
    /// The list of the alerts.
    Alerts(MenuCursor),
    /// The keys, while what to look for in them is typed.
    HelpSearch(Prompt),
}

/// The cursor of a menu.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MenuCursor {
    /// The chosen row.
    pub choice: usize,
}

/// The view in front, and the overlays on it from the lowest to the highest.
#[derive(Debug, Clone)]
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
    pub fn top(&self) -> Option<&Overlay> {
        self.overlays.last()
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

    /// Opens `overlay`. It replaces any other overlay except the detail, and the help if it is searched.
    pub fn open(&mut self, overlay: Overlay) {
        self.overlays.retain(|it| {
            matches!((it, &overlay), (Overlay::Help(_), Overlay::HelpSearch(_)))
                || (matches!(it, Overlay::Detail) && !matches!(overlay, Overlay::Detail))
        });
        self.overlays.push(overlay);
    }

    /// The line of the open prompt.
    pub fn prompt(&self) -> Option<&Prompt> {
        match self.top()? {
            Overlay::Filter(filter) => Some(&filter.line),
            Overlay::Command(line) | Overlay::HelpSearch(line) => Some(line),
            _ => None,
        }
    }

    /// What is about to be muted, if its menu is open.
    pub fn mute(&self) -> Option<&Muting> {
        self.overlays.iter().find_map(|overlay| match overlay {
            Overlay::Mute(muting) => Some(muting.as_ref()),
            _ => None,
        })
    }

    /// What is about to be muted, if its menu is open, to change it.
    pub fn mute_mut(&mut self) -> Option<&mut Muting> {
        self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Mute(muting) => Some(muting.as_mut()),
            _ => None,
        })
    }

    /// The line of the open prompt, to change it.
    pub fn prompt_mut(&mut self) -> Option<&mut Prompt> {
        match self.overlays.last_mut()? {
            Overlay::Filter(filter) => Some(&mut filter.line),
            Overlay::Command(line) | Overlay::HelpSearch(line) => Some(line),
            _ => None,
        }
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
            (Some(Overlay::Filter(_)), _) => Mode::Filter,
            (Some(Overlay::Command(_)), _) => Mode::Command,
            (Some(Overlay::Sort(_)), _) => Mode::Sort,
            (Some(Overlay::Columns(_)), _) => Mode::Columns,
            (Some(Overlay::Export), _) => Mode::Export,
            (Some(Overlay::Help(_)), _) => Mode::Help,
            (Some(Overlay::Themes), _) => Mode::Themes,
            (Some(Overlay::Confirm), _) => Mode::Confirm,
            (Some(Overlay::Mute(_)), _) => Mode::Mute,
            (Some(Overlay::RowMenu(_)), _) => Mode::RowMenu,
            (Some(Overlay::Compare(_)), _) => Mode::Compare,
            (Some(Overlay::Views), _) => Mode::Views,
            (Some(Overlay::Alerts(_)), _) => Mode::Alerts,
            (Some(Overlay::HelpSearch(_)), _) => Mode::HelpSearch,
            (None, view) => view.mode(),
        }
    }

    /// The context of the keys after the open prompt, menu or help closes.
    pub fn body(&self) -> Mode {
        if self.overlays.iter().any(|it| matches!(it, Overlay::Detail)) {
            Mode::Detail
        } else {
            self.view.mode()
        }
    }
}

/// Access to the state of an open overlay.
macro_rules! states {
    ($($(#[$about:meta])* $get:ident, $get_mut:ident: $overlay:ident => $state:ty;)+) => {
        impl Focus {
            $(
                $(#[$about])*
                pub fn $get(&self) -> Option<&$state> {
                    self.overlays.iter().find_map(|overlay| match overlay {
                        Overlay::$overlay(state) => Some(state),
                        _ => None,
                    })
                }

                $(#[$about])*
                pub fn $get_mut(&mut self) -> Option<&mut $state> {
                    self.overlays.iter_mut().find_map(|overlay| match overlay {
                        Overlay::$overlay(state) => Some(state),
                        _ => None,
                    })
                }
            )+
        }
    };
}

states! {
    /// The prompt for a filter, if it is open.
    filter, filter_mut: Filter => FilterPrompt;
    /// The menu of orders, if it is open.
    sort, sort_mut: Sort => MenuCursor;
    /// The list of the alerts, if it is open.
    alerts, alerts_mut: Alerts => MenuCursor;
    /// The choice of the columns, if it is open.
    columns, columns_mut: Columns => ColumnChooser;
    /// The help, if it is open.
    help, help_mut: Help => HelpPane;
    /// The menu of a pod, if it is open.
    row_menu, row_menu_mut: RowMenu => RowMenu;
    /// The comparison, if it is open.
    comparison, comparison_mut: Compare => Comparison;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_closes_uncovers_what_it_lay_on() {
        let mut focus = Focus::default();
        focus.open(Overlay::Detail);
        focus.open(Overlay::Help(HelpPane::default()));
        assert_eq!((focus.mode(), focus.body()), (Mode::Help, Mode::Detail));
        focus.close();
        assert_eq!((focus.mode(), focus.body()), (Mode::Detail, Mode::Detail));
        focus.close();
        focus.open(Overlay::Sort(MenuCursor::default()));
        focus.open(Overlay::Help(HelpPane::default()));
        focus.close();
        assert_eq!(focus.mode(), Mode::Table, "the help took the menu's place");
    }

    #[test]
    fn the_state_of_an_overlay_goes_with_it() {
        let mut focus = Focus::default();
        focus.open(Overlay::Help(HelpPane {
            scroll: 7,
            ..HelpPane::default()
        }));
        focus.open(Overlay::HelpSearch(Prompt::with("sort")));
        assert_eq!(focus.prompt().map(Prompt::text), Some("sort"));
        focus.close();
        assert_eq!(
            (focus.mode(), focus.help().map(|help| help.scroll)),
            (Mode::Help, Some(7)),
            "it lay on the help"
        );
        assert!(focus.prompt().is_none());
        focus.open(Overlay::Sort(MenuCursor { choice: 3 }));
        assert!(focus.help().is_none(), "it took the place of the help");
        focus.open(Overlay::Sort(MenuCursor::default()));
        assert_eq!(focus.sort(), Some(&MenuCursor { choice: 0 }));
    }

    #[test]
    fn a_view_comes_with_nothing_on_it_and_leads_back_to_the_pods() {
        let mut focus = Focus::default();
        focus.open(Overlay::Detail);
        focus.show(ViewKind::Health);
        assert_eq!(
            (focus.mode(), focus.view(), focus.top().is_none()),
            (Mode::Health, ViewKind::Health, true)
        );
        focus.open(Overlay::Command(Prompt::default()));
        focus.close();
        assert_eq!(focus.mode(), Mode::Health);
        focus.close();
        assert_eq!(focus.mode(), Mode::Table);
    }
}
