//! The rows of the list: a heading for each snapshot with its changes below, and what lies between two snapshots: when hss-top
//! did not watch, and when the operator was last here.

use jiff::Timestamp;

use super::ChangesView;
use crate::fleet::change_log::{ChangeGroup, LoggedChange};
use crate::fleet::watched::WatchedSpan;

/// A list of more lines than this always begins with a heading.
const LEAST_WITH_HEADING: usize = 2;

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangesRow<'a> {
    /// What lies between the snapshots above and below.
    Between(Between),
    /// The heading of a snapshot.
    Heading(&'a ChangeGroup),
    /// A change, and its place among those that are shown.
    Change(usize, &'a LoggedChange),
}

/// What lies between two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// hss-top did not watch: the longest such time, and how many more there were.
    NotWatched(WatchedSpan, usize),
    /// Everything above is new since the operator was here.
    LastHere(Timestamp),
}

/// What lies above each of these groups, the newest first: times without a look, and the last one of the operator.
pub(super) fn between(
    groups: &[ChangeGroup],
    gaps: &[WatchedSpan],
    last_here: Option<Timestamp>,
) -> Vec<Vec<Between>> {
    let mut above: Vec<Vec<Between>> = vec![Vec::new(); groups.len()];
    // The groups are sorted by their snapshots; how we saw them follows that but for a clock that was set.
    let is_seen_since = |group: &ChangeGroup, at: Timestamp| group.seen_at().is_some_and(|seen| seen >= at);
    let place = |at: Timestamp| groups.iter().take_while(|group| is_seen_since(group, at)).count();
    for gap in gaps.iter().rev() {
        let Some(above) = above.get_mut(place(gap.to)) else {
            continue;
        };
        match above.last_mut() {
            Some(Between::NotWatched(longest, more)) => {
                *more += 1;
                if gap.length() > longest.length() {
                    *longest = *gap;
                }
            }
            _ => above.push(Between::NotWatched(*gap, 0)),
        }
    }
    let place = last_here
        .map(|at| (at, place(at)))
        .filter(|(_, place)| *place > 0);
    if let Some((at, place)) = place
        && let Some(above) = above.get_mut(place)
    {
        above.push(Between::LastHere(at));
    }
    above
}

impl ChangesView {
    /// The row with which the block of the group at this place begins: what lies above it, its heading, its changes.
    fn block(&self, at: usize) -> usize {
        let start = self.shown.groups().get(at).map(|group| group.changes.start);
        start.map_or(usize::MAX, |start| start + at + self.lines_above(at))
    }

    /// The lines between groups that lie above the block at this place.
    fn lines_above(&self, at: usize) -> usize {
        self.between.iter().take(at).map(Vec::len).sum()
    }

    fn between_of(&self, at: usize) -> &[Between] {
        self.between.get(at).map_or(&[], Vec::as_slice)
    }

    /// The rows from `first` on.
    pub fn rows_from(&self, first: usize) -> impl Iterator<Item = ChangesRow<'_>> {
        let groups = self.shown.groups();
        let group = (0..groups.len())
            .rev()
            .find(|at| self.block(*at) <= first)
            .unwrap_or(0);
        let skipped = first.saturating_sub(self.block(group));
        let rows = groups.iter().enumerate().skip(group).flat_map(|(at, group)| {
            let between = self.between_of(at).iter().map(|line| ChangesRow::Between(*line));
            let changes = (group.changes.start..).zip(self.shown.of_group(group));
            let changes = changes.map(|(place, logged)| ChangesRow::Change(place, logged));
            between
                .chain(std::iter::once(ChangesRow::Heading(group)))
                .chain(changes)
        });
        rows.skip(skipped)
    }

    /// The rows on a screen of this many lines. Where it begins amid the changes of a snapshot, its heading is in the first line,
    /// in place of a change: which day a time is of is always in sight.
    pub fn on_screen(&self, lines: usize) -> impl Iterator<Item = ChangesRow<'_>> {
        let heading_of = |place: usize| {
            let at = self
                .shown
                .groups()
                .partition_point(|group| group.changes.start <= place);
            self.shown.groups().get(at.checked_sub(1)?)
        };
        let rows = self.rows_from(self.top).take(lines).enumerate();
        rows.map(move |(line, row)| match row {
            ChangesRow::Change(place, _) if line == 0 && lines > LEAST_WITH_HEADING => {
                heading_of(place).map_or(row, ChangesRow::Heading)
            }
            row => row,
        })
    }

    /// The row of the change at this place.
    pub(super) fn row_of(&self, place: usize) -> usize {
        let groups = self.shown.groups();
        let headings = groups.partition_point(|group| group.changes.start <= place);
        place + headings + self.lines_above(headings)
    }

    /// How many rows there are.
    pub(super) fn row_count(&self) -> usize {
        let groups = self.shown.groups().len();
        self.shown.changes().len() + groups + self.lines_above(groups)
    }

    /// Scrolls so that the cursor is within this number of rows on the screen, with the lines above it where that is next to it.
    pub(super) fn reveal(&mut self, rows: usize) {
        let row = self.row_of(self.cursor);
        let groups = self.shown.groups();
        let begun = groups.iter().position(|group| group.changes.start == self.cursor);
        // Above another change is a change, or the heading that covers it.
        let of_heading = usize::from(rows > LEAST_WITH_HEADING);
        let above = begun.map_or(of_heading, |at| 1 + self.between_of(at).len());
        let wanted = row.saturating_sub(above.min(rows.saturating_sub(1)));
        let last_top = self.row_count().saturating_sub(rows);
        let lowest = (row + 1).saturating_sub(rows);
        self.top = self.top.clamp(lowest.min(wanted), wanted).min(last_top);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn group(second: i64) -> ChangeGroup {
        ChangeGroup {
            snapshot: Some(at(second)),
            noticed: Some(at(second)),
            changes: 0..1,
        }
    }

    fn gap(from: i64, to: i64) -> WatchedSpan {
        WatchedSpan {
            from: at(from),
            to: at(to),
        }
    }

    #[test]
    fn a_time_without_a_look_lies_between_what_was_seen_before_and_after() {
        let groups = [group(500), group(300), group(100)];
        let gaps = [
            gap(10, 20),
            gap(110, 300),
            gap(310, 320),
            gap(330, 480),
            gap(510, 900),
        ];
        assert_eq!(
            between(&groups, &gaps, None),
            [
                vec![Between::NotWatched(gap(510, 900), 0)],
                vec![Between::NotWatched(gap(330, 480), 1)],
                vec![Between::NotWatched(gap(110, 300), 0)],
            ]
        );
    }

    #[test]
    fn what_is_new_since_the_operator_was_here_stands_above_a_line() {
        let groups = [group(500), group(300), group(100)];
        let lines = |last| between(&groups, &[gap(310, 480)], Some(at(last)));
        assert_eq!(
            lines(310)[1],
            [Between::NotWatched(gap(310, 480), 0), Between::LastHere(at(310))]
        );
        assert_eq!(lines(600).concat().len(), 1, "nothing is new");
        assert_eq!(lines(50).concat().len(), 1, "everything is");
    }
}
