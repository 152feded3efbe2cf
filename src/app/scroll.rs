//! Which part of a list is on the screen, and what a place of its scroll bar stands for.
//!
//! ```text
//! │ ┐
//! ┃ ├ thumb: the rows on the screen
//! ┃ ┘
//! │   a line of the bar stands for as many rows as all lines do
//! ```
//!
//! Pure: whoever draws the bar and the mouse that drags it ask here, so that the thumb is where the mouse put it.

use std::ops::Range;

/// A list that is longer than the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrolledRows {
    rows: usize,
    shown: usize,
    top: usize,
}

impl ScrolledRows {
    /// Of `rows` rows those from `top` on are on a screen of `shown`; `None` where all of them are.
    pub fn of(rows: usize, shown: usize, top: usize) -> Option<Self> {
        (shown > 0 && rows > shown).then(|| Self {
            rows,
            shown,
            top: top.min(rows - shown),
        })
    }

    /// The first row on the screen when the last one is.
    fn last_top(self) -> usize {
        self.rows - self.shown
    }

    /// Lines of the bar, which has as many as rows are on the screen.
    pub fn lines(self) -> usize {
        self.shown
    }

    /// The rows that a line of the bar stands for.
    pub fn rows_of(self, line: usize) -> Range<usize> {
        line * self.rows / self.shown..(line + 1) * self.rows / self.shown
    }

    /// The lines of the bar that stand for the screen: at least one, at the end only where the last row is seen, and at the
    /// beginning only where the first is.
    pub fn thumb(self) -> Range<usize> {
        let (cells, free) = self.cells();
        let start = match self.top {
            0 => 0,
            top if top == self.last_top() => free,
            top => (top * free / self.last_top()).clamp(1.min(free), free.saturating_sub(1).max(1.min(free))),
        };
        start..start + cells
    }

    /// Lines of the thumb, and lines that it can move by.
    fn cells(self) -> (usize, usize) {
        let cells = (self.shown * self.shown / self.rows).max(1);
        (cells, self.shown.saturating_sub(cells))
    }

    /// The first row on the screen when the thumb begins at `line`: both ends of the bar are both ends of the list.
    pub fn top_at(self, line: usize) -> usize {
        let (_, free) = self.cells();
        match line {
            0 => 0,
            line if line >= free => self.last_top(),
            // The middle of what this line stands for, so that the thumb is drawn there.
            line => (line * self.last_top() + free / 2)
                .div_ceil(free)
                .clamp(1, self.last_top().saturating_sub(1).max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn thumb(top: usize, height: usize, rows: usize) -> Range<usize> {
        ScrolledRows::of(rows, height, top).unwrap().thumb()
    }

    #[test]
    fn the_ends_of_the_bar_are_the_ends_of_the_rows() {
        assert_eq!(thumb(0, 20, 1_000_000), 0..1);
        assert_eq!(thumb(1, 20, 1_000_000), 1..2);
        assert_eq!(thumb(999_979, 20, 1_000_000), 18..19);
        assert_eq!(thumb(999_980, 20, 1_000_000), 19..20);
        assert_eq!(thumb(0, 20, 40), 0..10);
        assert_eq!(thumb(20, 20, 40), 10..20);
        assert_eq!((thumb(0, 20, 21), thumb(1, 20, 21)), (0..19, 1..20));
        assert_eq!(ScrolledRows::of(20, 20, 0), None);
    }

    proptest! {
        #[test]
        fn the_bar_has_every_row_once_and_the_thumb_is_in_it(height in 1_usize..200, more in 1_usize..3_000_000, top in any::<prop::sample::Index>()) {
            let rows = height + more;
            let scrolled = ScrolledRows::of(rows, height, top.index(more + 1)).unwrap();
            let thumb = scrolled.thumb();
            prop_assert!(!thumb.is_empty() && thumb.end <= height, "{:?}", thumb);
            let mut next = 0;
            for line in 0..height {
                let of_line = scrolled.rows_of(line);
                prop_assert_eq!(of_line.start, next);
                next = of_line.end;
            }
            prop_assert_eq!(next, rows);
        }

        #[test]
        fn the_thumb_is_where_the_mouse_put_it(height in 2_usize..100, more in 1_usize..1_000_000, line in any::<prop::sample::Index>()) {
            let scrolled = ScrolledRows::of(height + more, height, 0).unwrap();
            let free = height - scrolled.thumb().len();
            let line = line.index(free + 1);
            let top = scrolled.top_at(line);
            let moved = ScrolledRows::of(height + more, height, top).unwrap();
            // Of a list that is barely longer than the screen not every line has a row of its own.
            let slack = usize::from(more <= 2 * free) * free;
            prop_assert!(moved.thumb().start.abs_diff(line) <= slack, "{} at {line}", moved.thumb().start);
            prop_assert!(line == 0 || line == free || (top > 0 && top < more) || more == 1);
        }
    }
}
