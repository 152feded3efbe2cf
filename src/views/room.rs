//! The parts of each view around its body, in one list: a new view adds a room.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::{changes, health, overview, pods};
use crate::app::Model;
use crate::app::hotspots::Hotspot;
use crate::app::layout::Areas;
use crate::keys::ViewKind;
use crate::ui::Theme;

/// An entry of a menu of orders: its name, and whether it descends, if the view is sorted by it.
pub type SortChoice = (&'static str, Option<bool>);

/// How a view is drawn, and its texts in the lines around it.
#[derive(Debug)]
pub struct ViewRoom {
    /// Draws the body, including overlays that are part of the view.
    pub draw: fn(&Model, &Theme, &Areas, &mut Buffer),
    /// The areas of the body that react to the mouse.
    pub hotspots: fn(&Model, &Areas) -> Vec<Hotspot>,
    /// Next to the tabs, at the left: the restrictions of the list.
    pub restrictions: fn(&Model, &Theme) -> Line<'static>,
    /// At the right: the cursor's position, the most important part first.
    pub place: fn(&Model) -> Vec<String>,
    /// Its menu of orders, each with its direction if the view is sorted by it.
    pub orders: fn(&Model) -> Vec<SortChoice>,
    /// The title of its keys in the help.
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
