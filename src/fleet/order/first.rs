//! Finds the first rows by name in one pass over all names.
//!
//! Owns the first screen of a sort by name, in either direction. Names often have equal beginnings, so
//! counting by their bytes takes a pass over all names for every few bytes. Here each name is compared with
//! the last one of the rows found so far, and most are discarded. Must not: look further than the first rows.

use std::cmp::Ordering;
use std::ops::Range;

use super::fixed::Ties;
use super::names::{self, piece};
use super::part::ChunkRange;
use crate::fleet::store::chunk::{Col, flag};

/// A name and its row.
type Named<'a> = (&'a [u8], u32);

/// The rows at `places` of the order by name. `None` if these places are not among the first, if they hold
/// rows without a name, or if counting is faster because many names are equal.
pub fn first(
    part: ChunkRange<'_>,
    ties: &Ties<'_>,
    is_backwards: bool,
    places: Range<usize>,
) -> Option<Vec<u32>> {
    let count = part.count();
    let first = First {
        ties,
        is_backwards,
        wanted: places.end,
        most: count / 8 + 4 * places.end,
    };
    let [one, other] = part.halves(count, |part| first.of(part));
    let mut rows = [one?, other?].concat();
    first.keep(&mut rows);
    rows.sort_unstable_by(|a, b| first.compare(a, b));
    let rows = rows.get(places)?;
    Some(rows.iter().map(|(_, row)| *row).collect())
}

struct First<'a> {
    ties: &'a Ties<'a>,
    is_backwards: bool,
    /// How many rows are requested.
    wanted: usize,
    /// The largest number of rows that may be compared.
    most: usize,
}

impl First<'_> {
    /// A superset of the first rows of a part that have a name.
    fn of<'p>(&self, part: ChunkRange<'p>) -> Option<Vec<Named<'p>>> {
        let mut kept = Vec::with_capacity(self.wanted * 2);
        let (mut last, mut looked_at): (Option<&[u8]>, _) = (None, 0);
        for (first, chunk, mask) in part.numbered() {
            let flags = chunk.column(Col::Flags);
            names::each(chunk, |at, name| {
                if last.is_some_and(|last| self.is_behind(name, last))
                    || !mask.has(at)
                    || flags.get(at) & flag::NAMELESS != 0
                {
                    return;
                }
                looked_at += 1;
                kept.push((name, first + u32::try_from(at).unwrap_or(0)));
                if kept.len() >= self.wanted * 2 {
                    last = self.keep(&mut kept);
                }
            });
            if looked_at > self.most {
                return None;
            }
        }
        Some(kept)
    }

    /// Whether `name` sorts after `last`.
    fn is_behind(&self, name: &[u8], last: &[u8]) -> bool {
        let by_piece = piece(name, 0).cmp(&piece(last, 0));
        let order = by_piece.then_with(|| name.cmp(last));
        order
            == if self.is_backwards {
                Ordering::Less
            } else {
                Ordering::Greater
            }
    }

    /// Discards all but the requested number of rows; returns the last remaining name if there are that many.
    fn keep<'p>(&self, rows: &mut Vec<Named<'p>>) -> Option<&'p [u8]> {
        let last = self.wanted.checked_sub(1).filter(|last| *last < rows.len())?;
        let (_, (name, _), _) = rows.select_nth_unstable_by(last, |a, b| self.compare(a, b));
        let name = *name;
        rows.truncate(self.wanted);
        Some(name)
    }

    fn compare(&self, a: &Named<'_>, b: &Named<'_>) -> Ordering {
        let order = a.0.cmp(b.0).then_with(|| self.ties.compare(a.1, b.1));
        if self.is_backwards { order.reverse() } else { order }
    }
}
