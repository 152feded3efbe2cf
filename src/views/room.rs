//! What each view has on the screen beside its body, in one list: who adds a view adds a room.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::footer::Hint;
use super::{changes, health, overview, pods};
use crate::app::Model;
use crate::app::hotspots::Hotspot;
use crate::app::layout::Areas;
use crate::keys::ViewKind;
use crate::ui::Theme;

/// What a menu of orders offers: its name, and whether it descends, if the view is sorted by it.
pub type SortChoice = (&'static str, Option<bool>);

/// How a view is drawn, and what the lines around it say of it.
#[derive(Debug)]
pub struct ViewRoom {
    /// Draws the body, with what lies on it as a part of the view.
    pub draw: fn(&Model, &Theme, &Areas, &mut Buffer),
    /// What the mouse can be used on in the body.
    pub hotspots: fn(&Model, &Areas) -> Vec<Hotspot>,
    /// Beside the tabs, at the left: what keeps rows from the list.
    pub restrictions: fn(&Model, &Theme) -> Line<'static>,
    /// At the right: where in the list the cursor is, what matters most first.
    pub place: fn(&Model) -> Vec<String>,
    /// What its menu offers to sort by, each with its direction if it is sorted by it.
    pub orders: fn(&Model) -> Vec<SortChoice>,
    /// What is worth a hint in the last line.
    pub hints: &'static [Hint],
    /// Above its keys in the help.
    pub keys_title: &'static str,
}

/// The room of this view.
pub fn of(view: ViewKind) -> &'static ViewRoom {
    match view {
        ViewKind::Pods => &pods::ROOM,
        ViewKind::Overview => &overview::ROOM,
        ViewKind::Changes => &changes::ROOM,
        ViewKind::Health => &health::ROOM,
    }
}
