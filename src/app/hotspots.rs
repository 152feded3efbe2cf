//! The areas of the screen that react to the mouse, and the meaning of a click on each.
//!
//! ```text
//!    RISK▼ NAMESPACE   POD              ◂ Do(SortBy(…)), one for each heading
//!  ▌  ▲ 98 payments    payment-api-…    ◂ Row(0)
//!    ‼ 40 payments    payment-db-…     ◂ Row(1)
//!  ? help  / filter  q quit             ◂ Do(…), one for each hint
//! ```
//!
//! The code that draws a part of the screen also lists its areas, from the same function that places it; the
//! list is computed for each click from the model. There is one list and one hit test, so a place cannot have
//! two meanings. A part on top of another comes later in the list and covers it.

use ratatui::layout::{Position, Rect};

use super::Model;
use crate::keys::Action;

/// The meaning of a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClickTarget {
    /// The same as the key of this action.
    Do(Action),
    /// Selects this row of the list; a second click shows its details.
    Row(usize),
    /// Chooses this row of the menu in front, counted from its first.
    Choice(usize),
    /// Scrolls there, and follows the pointer while the button is held.
    ScrollBar,
    /// Nothing, whatever is below.
    Cover,
}

/// An area, and the meaning of a click on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hotspot {
    /// The cells.
    pub area: Rect,
    /// The meaning of a click on them.
    pub target: ClickTarget,
}

impl Hotspot {
    /// A click on `area` means `target`.
    pub const fn new(area: Rect, target: ClickTarget) -> Self {
        Self { area, target }
    }
}

/// The target at `at`: of several areas the last one, which is on top.
pub fn hit(hotspots: &[Hotspot], at: Position) -> Option<Hotspot> {
    hotspots.iter().rev().find(|spot| spot.area.contains(at)).copied()
}

/// Facts about the screen that only the views know, as functions of the model, because keys and mouse need
/// them too.
#[derive(Debug, Clone, Copy)]
pub struct Drawn {
    /// How far the text in front can be scrolled, in lines.
    pub last_scroll: fn(&Model) -> u16,
    /// What the mouse can be used on.
    pub hotspots: fn(&Model) -> Vec<Hotspot>,
    /// The lines of the help that have what is looked for, in the order in which they are read.
    pub help_matches: fn(&Model) -> Vec<u16>,
    /// The lines of the detail in which the record holds a text, the first first.
    pub record_matches: fn(&Model, &str) -> Vec<u16>,
}

/// A scroll bar while the button is held on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldBar {
    /// Its cells.
    pub area: Rect,
    /// Which line of the thumb the pointer holds: it stays under the pointer.
    pub line: usize,
}

/// The state of the mouse.
#[derive(Debug, Clone)]
pub struct Pointer {
    /// Whether hss-top uses the mouse; otherwise the terminal selects text with it.
    pub is_on: bool,
    clicked: Option<(u64, Position)>,
    dragged: Option<HeldBar>,
}

impl Default for Pointer {
    fn default() -> Self {
        Self {
            is_on: true,
            clicked: None,
            dragged: None,
        }
    }
}

impl Pointer {
    /// A click at this tick. Returns whether it is a double click; ticks are seconds, so the second click may
    /// come up to two seconds after the first.
    pub fn click(&mut self, tick: u64, at: Position) -> bool {
        let before = self.clicked.take();
        let is_second = before.is_some_and(|(then, place)| {
            tick.saturating_sub(then) <= 1 && place.y == at.y && place.x.abs_diff(at.x) <= 1
        });
        if !is_second {
            self.clicked = Some((tick, at));
        }
        is_second
    }

    /// The button was pressed on this scroll bar.
    pub fn grab(&mut self, bar: HeldBar) {
        self.dragged = Some(bar);
    }

    /// The button was released.
    pub fn release(&mut self) {
        self.dragged = None;
    }

    /// The scroll bar that is held.
    pub fn held(&self) -> Option<HeldBar> {
        self.dragged
    }

    /// Nothing was clicked on or held.
    pub fn forget(&mut self) {
        (self.clicked, self.dragged) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_on_top_is_hit() {
        let below = Hotspot::new(Rect::new(0, 0, 10, 10), ClickTarget::Row(0));
        let above = Hotspot::new(Rect::new(2, 2, 3, 3), ClickTarget::Cover);
        let hit = |x, y| hit(&[below, above], Position { x, y }).map(|spot| spot.target);
        assert_eq!(hit(1, 1), Some(ClickTarget::Row(0)));
        assert_eq!(hit(2, 4), Some(ClickTarget::Cover));
        assert_eq!(hit(10, 1), None);
        assert_eq!(hit(u16::MAX, u16::MAX), None);
    }

    #[test]
    fn the_second_of_two_clicks_comes_soon_and_in_the_same_place() {
        let mut pointer = Pointer::default();
        let at = |x, y| Position { x, y };
        assert!(!pointer.click(7, at(5, 5)) && pointer.click(8, at(6, 5)));
        assert!(!pointer.click(8, at(5, 5)), "the third is a first one");
        assert!(!pointer.click(10, at(5, 5)), "too late");
        assert!(!pointer.click(10, at(5, 6)), "another row");
        pointer.forget();
        assert!(!pointer.click(10, at(5, 6)));
    }
}
