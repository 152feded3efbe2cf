//! The layout of the screen: a pure function of the terminal's size.
//!
//! ```text
//! ┌ title ────────────────┐   a high screen has the detail below the table,
//! │ counts                │   one wide enough for both has it on the right,
//! │ body: table, detail   │   a small one shows it on Enter
//! └ footer ───────────────┘
//! ```
//!
//! The detail is beside the table only if every column of the table has all the room it needs; otherwise a
//! wider window would show fewer columns than a narrower one, or cut more of the names. Below the table it
//! costs rows, which can be scrolled.

use ratatui::layout::{Rect, Size};

/// The smallest screen that anything can be shown on.
pub const SMALLEST: Size = Size { width: 30, height: 6 };
/// Cells before the first column of the table: the mark of the selected row.
pub const MARGIN: u16 = 2;
/// Cells behind the last column: a gap, and the scroll bar.
pub const EDGE: u16 = 2;
/// From this height on, the counts have a line: what is wrong matters more than the last two rows.
const COUNTS_FROM: u16 = 8;
/// From this height of the body on, the banner of the alerts has a line of its own.
const ALERTS_FROM: u16 = 9;
/// The width of the detail beside the table: the least shows a complete id, and the most a long bar.
const BESIDE: (u16, u16) = (50, 72);
/// From this height on, the detail is below the table.
const HIGH: u16 = 28;
/// Lines of the detail below the table, including its title: the least show the first facts, the most show
/// all.
const BELOW: (u16, u16) = (9, 11);

/// From this width on, the full detail has the pod's record beside it.
pub const RECORD_BESIDE: u16 = 150;

/// The places on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// Source, state and ages.
    pub title: Rect,
    /// Counts over the fleet, if there is room.
    pub counts: Option<Rect>,
    /// Filter, scope and page.
    pub bar: Rect,
    /// The banner that names the moment of the pods, if it is not now.
    pub banner: Option<Rect>,
    /// Everything between bar and footer.
    pub body: Rect,
    /// The pod table, in the body.
    pub table: Rect,
    /// The detail, in the body, if there is room.
    pub detail: Option<Rect>,
    /// The banner of the alerts, if some wait and there is room for it.
    pub alerts: Option<Rect>,
    /// Keys, prompt or notice.
    pub footer: Rect,
}

impl Areas {
    /// How many rows of pods fit into the table.
    pub fn table_rows(&self) -> usize {
        usize::from(self.table.height.saturating_sub(1))
    }

    /// The same with the banner of the alerts in the last line of the body, so that it hides nothing that the footer says. On a
    /// low screen the footer has it.
    #[must_use]
    pub fn with_alerts(self) -> Self {
        if self.body.height < ALERTS_FROM {
            return self;
        }
        let end = self.body.bottom();
        let above = |area: Rect| Rect {
            height: area.height - u16::from(area.bottom() == end),
            ..area
        };
        Self {
            alerts: Some(Rect {
                y: end - 1,
                height: 1,
                ..self.body
            }),
            body: above(self.body),
            table: above(self.table),
            detail: self.detail.map(above),
            ..self
        }
    }

    /// The same with a banner in the first line of the body.
    #[must_use]
    pub fn with_banner(self) -> Self {
        let below = |area: Rect| Rect {
            y: area.y + 1,
            height: area.height.saturating_sub(1),
            ..area
        };
        let beside = |area: Rect| if area.y == self.body.y { below(area) } else { area };
        Self {
            banner: Some(Rect {
                height: 1,
                ..self.body
            }),
            body: below(self.body),
            table: below(self.table),
            detail: self.detail.map(beside),
            ..self
        }
    }
}

/// The layout of a screen of this size without a detail beside the table; `None` if it is too small.
pub fn areas(size: Size) -> Option<Areas> {
    areas_beside(size, usize::MAX)
}

/// The layout of a screen of this size for a table that needs `table_cells`; `None` if it is too small.
pub fn areas_beside(size: Size, table_cells: usize) -> Option<Areas> {
    let Size { width, height } = size;
    if width < SMALLEST.width || height < SMALLEST.height {
        return None;
    }
    let row = |y| Rect::new(0, y, width, 1);
    let has_counts = height >= COUNTS_FROM;
    let bar = if has_counts { 2 } else { 1 };
    let body = Rect::new(0, bar + 1, width, height - bar - 2);
    let table_cells = u16::try_from(table_cells).unwrap_or(u16::MAX);
    let (table, detail) = match width.checked_sub(table_cells.saturating_add(1)) {
        Some(pane) if pane >= BESIDE.0 => {
            let pane = pane.min(BESIDE.1);
            let table = Rect {
                width: width - pane - 1,
                ..body
            };
            let beside = Rect {
                x: width - pane,
                width: pane,
                ..body
            };
            (table, Some(beside))
        }
        _ if height >= HIGH => {
            let lines = (height / 3).clamp(BELOW.0, BELOW.1);
            let table = Rect {
                height: body.height - lines,
                ..body
            };
            let below = Rect {
                y: table.bottom(),
                height: lines,
                ..body
            };
            (table, Some(below))
        }
        _ => (body, None),
    };
    Some(Areas {
        title: row(0),
        counts: has_counts.then(|| row(1)),
        bar: row(bar),
        banner: None,
        alerts: None,
        body,
        table,
        detail,
        footer: row(height - 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_window_has_no_narrower_table_but_where_that_lacks_nothing() {
        for (height, whole) in [24, 40, 60].into_iter().zip([60, 150, 300]) {
            let table = |width| {
                areas_beside(Size::new(width, height), whole.into())
                    .unwrap()
                    .table
            };
            for width in 30..600 {
                let (before, now) = (table(width), table(width + 1));
                assert!(now.width >= before.width.min(whole), "{width}x{height}");
                assert!(now.height >= before.height, "{width}x{height}");
            }
        }
    }

    #[test]
    fn all_places_are_on_the_screen_and_apart() {
        for width in (0..300).step_by(7) {
            for height in 0..90 {
                let size = Size::new(width, height);
                let Some(areas) = areas_beside(size, 90) else {
                    continue;
                };
                let areas = if height % 2 == 0 {
                    areas
                } else {
                    areas.with_alerts()
                };
                let screen = Rect::new(0, 0, width, height);
                let mut places = vec![areas.title, areas.bar, areas.table, areas.footer];
                places.extend(areas.counts);
                places.extend(areas.detail);
                places.extend(areas.alerts);
                for (at, place) in places.iter().enumerate() {
                    assert_eq!(place.intersection(screen), *place, "{size}: {place}");
                    assert!(!place.is_empty(), "{size}: {place}");
                    assert!(
                        places.iter().skip(at + 1).all(|other| !place.intersects(*other)),
                        "{size}"
                    );
                }
            }
        }
    }
}
