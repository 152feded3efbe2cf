//! Where things are: a pure function of the terminal's size.
//!
//! ```text
//! ┌ title ────────────────┐   a wide screen has the detail on the right,
//! │ counts                │   a high one below the table,
//! │ body: table, detail   │   a small one shows it on Enter
//! └ footer ───────────────┘
//! ```

use ratatui::layout::{Rect, Size};

/// The smallest screen that anything can be shown on.
pub const SMALLEST: Size = Size { width: 30, height: 6 };
/// From this width on the detail has a place on the right.
const WIDE: u16 = 150;
/// From this height on (and [`BELOW_WIDTH`]) the detail has a place below.
const HIGH: u16 = 28;
const BELOW_WIDTH: u16 = 100;
/// Lines of the detail below the table, its title included.
const BELOW_LINES: u16 = 9;

/// The places on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// Source, state and ages.
    pub title: Rect,
    /// Counts over the fleet, where there is room.
    pub counts: Option<Rect>,
    /// Filter, scope and page.
    pub bar: Rect,
    /// Everything between bar and footer.
    pub body: Rect,
    /// The pod table, in the body.
    pub table: Rect,
    /// The detail, in the body, where there is room.
    pub detail: Option<Rect>,
    /// Keys, prompt or notice.
    pub footer: Rect,
}

impl Areas {
    /// Rows of pods that the table has room for.
    pub fn table_rows(&self) -> usize {
        usize::from(self.table.height.saturating_sub(1))
    }
}

/// The places on a screen of this size; `None` if it is too small.
pub fn areas(size: Size) -> Option<Areas> {
    let Size { width, height } = size;
    if width < SMALLEST.width || height < SMALLEST.height {
        return None;
    }
    let row = |y| Rect::new(0, y, width, 1);
    let has_counts = height >= 14;
    let bar = if has_counts { 2 } else { 1 };
    let body = Rect::new(0, bar + 1, width, height - bar - 2);
    let (table, detail) = if width >= WIDE {
        let pane = (width / 3).clamp(52, 72);
        let table = Rect {
            width: width - pane - 1,
            ..body
        };
        (
            table,
            Some(Rect {
                x: width - pane,
                width: pane,
                ..body
            }),
        )
    } else if height >= HIGH && width >= BELOW_WIDTH {
        let table = Rect {
            height: body.height - BELOW_LINES,
            ..body
        };
        (
            table,
            Some(Rect {
                y: table.bottom(),
                height: BELOW_LINES,
                ..body
            }),
        )
    } else {
        (body, None)
    };
    Some(Areas {
        title: row(0),
        counts: has_counts.then(|| row(1)),
        bar: row(bar),
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
    fn all_places_are_on_the_screen_and_apart() {
        for width in (0..300).step_by(7) {
            for height in 0..90 {
                let size = Size::new(width, height);
                let Some(areas) = areas(size) else { continue };
                let screen = Rect::new(0, 0, width, height);
                let mut places = vec![areas.title, areas.bar, areas.table, areas.footer];
                places.extend(areas.counts);
                places.extend(areas.detail);
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
