//! Where names that are too long lose their middle, so that those on the screen stay different.
//!
//! ```text
//!  ip-10-21-0-12.internal   ip-10-21-0-15.internal
//!  ip-10-21…nternal         ip-10-21…nternal           cut in the middle: the same text for two names
//!  ip-10…2.internal         ip-10…5.internal           the cut of this module
//! ```
//!
//! Most names differ at both ends, and are cut in the middle. Must not: look at names that are not on the screen; the cut would
//! depend on what nobody sees.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{end, head, start, width};

/// The fewest cells that are kept of each end.
const LEAST: usize = 2;

/// The cells that a name keeps of its beginning; the rest of the place has its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameCut {
    cells: usize,
    before: usize,
}

impl NameCut {
    /// The cut in the middle of a place of this many cells.
    pub fn middle(cells: usize) -> Self {
        Self {
            cells,
            before: cells.saturating_sub(1).div_ceil(2),
        }
    }

    /// The cut nearest to the middle of a place that leaves the most of these names different.
    pub fn apart<'a>(names: impl IntoIterator<Item = &'a str>, cells: usize) -> Self {
        let names: HashSet<&str> = names.into_iter().filter(|name| width(name) > cells).collect();
        let middle = Self::middle(cells);
        if names.len() < 2 {
            return middle;
        }
        let shown = |cut: Self| {
            names
                .iter()
                .map(|name| cut.of(name))
                .collect::<HashSet<_>>()
                .len()
        };
        let mut best = (shown(middle), middle);
        for step in 1..cells {
            for before in [middle.before + step, middle.before.saturating_sub(step)] {
                if best.0 == names.len() {
                    return best.1;
                }
                if before < LEAST || before + 1 + LEAST > cells {
                    continue;
                }
                let cut = Self { cells, before };
                let different = shown(cut);
                if different > best.0 {
                    best = (different, cut);
                }
            }
        }
        best.1
    }

    /// `name` in the place.
    pub fn of(self, name: &str) -> Cow<'_, str> {
        if width(name) <= self.cells {
            return name.into();
        }
        let Some(after) = self.cells.checked_sub(self.before + 1) else {
            return head(name, self.cells).into();
        };
        format!("{}…{}", start(name, self.before), end(name, after)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_differ_in_the_middle_stay_different() {
        for (names, cells, shown) in [
            (
                ["ip-10-21-0-12.internal", "ip-10-21-0-15.internal"],
                16,
                ["ip-10…2.internal", "ip-10…5.internal"],
            ),
            (
                ["team-a-payments-prod", "team-b-payments-prod"],
                9,
                ["team-a…od", "team-b…od"],
            ),
            (
                ["payment-api-x1", "payment-web-x2"],
                9,
                ["paym…i-x1", "paym…b-x2"],
            ),
            (["payment-api", "short"], 9, ["paym…-api", "short"]),
        ] {
            let cut = NameCut::apart(names, cells);
            assert_eq!(names.map(|name| cut.of(name)), shown);
        }
    }

    #[test]
    fn names_that_no_cut_keeps_apart_are_cut_in_the_middle() {
        let names = ["aaaaaaaaaa1aaaaaaaaaa", "aaaaaaaaaa2aaaaaaaaaa"];
        assert_eq!(NameCut::apart(names, 8), NameCut::middle(8));
    }

    proptest! {
        #[test]
        fn a_cut_name_fits_and_the_middle_is_that_of_fit(names in prop::collection::vec("\\PC{0,30}", 1..6), cells in 0_usize..24) {
            let cut = NameCut::apart(names.iter().map(String::as_str), cells);
            for name in &names {
                prop_assert!(width(&cut.of(name)) <= cells);
                if name.is_ascii() {
                    prop_assert_eq!(NameCut::middle(cells).of(name), super::super::fit(name, cells));
                }
            }
        }
    }
}
