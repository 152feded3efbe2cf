//! The health of the program: how current the list is and why, what the next call waits for, the last calls, and its own use of
//! resources.
//!
//! ```text
//!  ● FRESH     all pods are loaded, as of HSS's list of 2025-08-15 09:16:15
//!  Next call   in 48s, at 09:31:03: the list is checked every 1m
//!  Calls       4 of 5 left in this minute; 1,234 made since the start, 12 failed
//!  …
//!   TIME      FOR             HTTP  ERROR         REQUEST ID                             MS    BYTES
//! ▌ 09:30:03  page 2 of 6      200  –             5d21f0a3c7e94b6f8a1d2c3b4e5f6071      212   96.3Ki
//! ```

mod calls;
mod facts;

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use crate::app::Model;
use crate::app::health_view::HealthAreas;
use crate::app::layout::Areas;
use crate::ui::format::count;
use crate::ui::theme::Theme;
use crate::views::room::ViewRoom;

/// How the program is.
pub(super) const ROOM: ViewRoom = ViewRoom {
    draw,
    hotspots: |model, areas| calls::hotspots(model, HealthAreas::of(areas.body)),
    restrictions: |_, _| Line::default(),
    place,
    orders: |_| Vec::new(),
    keys_title: "Keys of the health screen",
};

fn draw(model: &Model, theme: &Theme, areas: &Areas, buffer: &mut Buffer) {
    let places = HealthAreas::of(areas.body);
    facts::render(model, theme, places.facts, buffer);
    calls::render(model, theme, places, buffer);
}

/// Which of the last calls the cursor is on.
fn place(model: &Model) -> Vec<String> {
    match model.calls().len() {
        0 => Vec::new(),
        calls => vec![format!(
            "call {} of {}",
            count(model.call_cursor() + 1),
            count(calls)
        )],
    }
}
