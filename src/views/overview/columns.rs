//! The columns of the overview that fit, and their widths.
//!
//! The widths depend on the window and on the fleet's longest names, not on the counts, so nothing moves
//! while counts change. Each step needs more room than the one before, so a wider window never shows less. What is
//! left over makes the gaps wider, and then the bars of the numbers of pods longer.

use crate::fleet::overview::OverviewColumn;

/// The fewest cells between two columns, and the most: further away, a number does not seem to belong to its
/// name.
const GAP: usize = 2;
const WIDEST_GAP: usize = 6;
/// Cells of a name that is readable even if it is cut.
const SHORT_NAME: usize = 12;
/// Cells of the number of pods with known data, which follows a count in a wide column.
const DENOMINATOR: usize = 7;
/// Cells of the number of pods, of the space behind it and of a bar, in a wide column.
const PODS: usize = 6;
const PODS_WITH_BAR: usize = PODS + 2 + 14;
/// By how many cells this bar becomes longer where the gaps are widest.
const LONGER_BAR: usize = 40;
/// Cells of a count, which has its heading above it.
const NEAR_LIMIT: usize = 6;
const NO_LIMIT: usize = 8;
/// Cells of a name beside many counts.
const SHARED_NAME: usize = 16;
/// Cells of most names.
const USUAL_NAME: usize = 24;

/// The cells of a column; 0 if it does not fit.
pub(super) type Width = (OverviewColumn, usize);

/// Cells of a state: its sign, and a short or its usual word.
pub(super) const SHORT_STATE: usize = 9;
const USUAL_STATE: usize = 13;

/// The steps in which room is given: the column, and its new width.
fn steps(cluster: usize, namespace: usize) -> [(OverviewColumn, usize); 28] {
    use OverviewColumn as C;
    [
        (C::Worst, 1),
        (C::Namespace, SHORT_NAME),
        (C::Pods, 4),
        (C::Risk, 4),
        (C::Off, 3),
        (C::Broken, 6),
        (C::Cluster, SHORT_NAME),
        (C::Failed, 6),
        // Some states have no column of their own.
        (C::Worst, SHORT_STATE),
        // The end of a name tells one from the other.
        (C::Namespace, SHARED_NAME.min(namespace)),
        (C::Cluster, SHARED_NAME.min(cluster)),
        (C::Known, 5),
        (C::Pods, 6),
        (C::Known, 6),
        (C::Risk, 5),
        (C::Off, 4),
        (C::Namespace, USUAL_NAME.min(namespace)),
        (C::Cluster, USUAL_NAME.min(cluster)),
        (C::NearLimit, NEAR_LIMIT),
        (C::NotScanned, 11),
        (C::NoLimit, NO_LIMIT),
        (C::Worst, USUAL_STATE),
        (C::Known, 19),
        (C::NearLimit, NEAR_LIMIT + DENOMINATOR),
        (C::NoLimit, NO_LIMIT + DENOMINATOR),
        (C::Namespace, namespace),
        (C::Cluster, cluster),
        (C::Pods, PODS_WITH_BAR),
    ]
}

/// The columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FittedColumns {
    /// From left to right.
    pub(super) widths: Vec<Width>,
    /// Cells between two of them.
    pub(super) gap: usize,
}

/// The columns that fit into `width` cells, with these longest names.
pub(super) fn fitting(width: usize, longest_cluster: usize, longest_namespace: usize) -> FittedColumns {
    let mut widths = OverviewColumn::ALL.map(|column| (column, 0));
    // There is no gap behind the last column.
    let mut left = width + GAP;
    let mut is_whole = true;
    for (column, wanted) in steps(longest_cluster, longest_namespace) {
        let Some((_, cells)) = widths.iter_mut().find(|(it, _)| *it == column) else {
            continue;
        };
        let gap = if *cells == 0 { GAP } else { 0 };
        let more = wanted.saturating_sub(*cells);
        let is_name = matches!(column, OverviewColumn::Namespace | OverviewColumn::Cluster);
        if more + gap > left {
            // A name takes the remaining room, and so does the first column of a very narrow window.
            if is_name && *cells > 0 {
                *cells += left;
            }
            is_whole = false;
            break;
        }
        *cells += more;
        left -= more + gap;
    }
    let mut widths: Vec<Width> = widths.into_iter().filter(|(_, cells)| *cells > 0).collect();
    let spread = if is_whole { left / widths.len().max(1) } else { 0 };
    let gap = WIDEST_GAP.min(GAP + spread);
    if gap == WIDEST_GAP {
        let rest = left - (gap - GAP) * widths.len();
        for (_, cells) in widths
            .iter_mut()
            .filter(|(column, _)| *column == OverviewColumn::Pods)
        {
            *cells += rest.min(LONGER_BAR);
        }
    }
    FittedColumns { widths, gap }
}

/// The cells of a column in which its count ends, and its heading with it. The rest has a bar or a denominator.
pub(super) fn count_cells(column: OverviewColumn, width: usize) -> usize {
    match column {
        OverviewColumn::Pods if width >= PODS_WITH_BAR => PODS,
        OverviewColumn::NearLimit if width > NEAR_LIMIT => NEAR_LIMIT,
        OverviewColumn::NoLimit if width > NO_LIMIT => NO_LIMIT,
        _ => width,
    }
}

/// The heading of a column of this width.
pub(super) fn title(column: OverviewColumn, width: usize) -> &'static str {
    match column {
        OverviewColumn::Worst if width < 5 => "",
        OverviewColumn::Worst => "WORST",
        OverviewColumn::Cluster => "CLUSTER",
        OverviewColumn::Namespace => "NAMESPACE",
        OverviewColumn::Pods => "PODS",
        OverviewColumn::Known if width < 14 => "KNOWN",
        OverviewColumn::Known => "SECURITY KNOWN",
        OverviewColumn::Off => "OFF",
        OverviewColumn::Broken => "BROKEN",
        OverviewColumn::NotScanned => "NOT SCANNED",
        OverviewColumn::Risk => "RISK",
        OverviewColumn::Failed => "FAILED",
        OverviewColumn::NearLimit => ">=90%",
        OverviewColumn::NoLimit => "NO LIMIT",
    }
}

/// Whether the text of a column is at its left edge.
pub(super) fn is_left(column: OverviewColumn, width: usize) -> bool {
    match column {
        OverviewColumn::Worst | OverviewColumn::Cluster | OverviewColumn::Namespace => true,
        OverviewColumn::Known => width >= 14,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_and_a_wider_window_never_shows_less() {
        for (cluster, namespace) in [(3, 3), (13, 18), (60, 60)] {
            let (mut before, mut gap_before): (Vec<Width>, usize) = (Vec::new(), GAP);
            for width in 28..300 {
                let FittedColumns { widths: columns, gap } = fitting(width, cluster, namespace);
                let cells: usize = columns.iter().map(|(_, cells)| cells + gap).sum();
                assert!(cells <= width + gap, "{width}");
                assert!(gap >= gap_before, "{width}");
                gap_before = gap;
                for (column, cells) in &before {
                    let now = columns.iter().find(|(it, _)| it == column);
                    assert!(now.is_some_and(|(_, now)| now >= cells), "{width} {column:?}");
                }
                assert!(columns.iter().any(|(it, _)| *it == OverviewColumn::Namespace));
                before = columns;
            }
            assert_eq!(before.len(), OverviewColumn::ALL.len());
        }
    }

    #[test]
    fn usual_names_are_whole_in_the_usual_terminal() {
        let room = 80 - 4;
        let columns = fitting(room, 16, 14).widths;
        for whole in [(OverviewColumn::Cluster, 16), (OverviewColumn::Namespace, 14)] {
            assert!(columns.contains(&whole), "{columns:?}");
        }
        assert!(
            columns
                .iter()
                .any(|(column, _)| *column == OverviewColumn::Failed)
        );
    }

    #[test]
    fn a_wide_window_is_used() {
        let room = 200 - 4;
        let FittedColumns { widths, gap } = fitting(room, 16, 18);
        let cells: usize = widths.iter().map(|(_, cells)| cells + gap).sum();
        assert!(cells >= room - 16, "{cells} of {room}");
        let FittedColumns { widths, gap } = fitting(280 - 4, 16, 18);
        let cells: usize = widths.iter().map(|(_, cells)| cells + gap).sum();
        assert!(cells >= 280 * 5 / 6, "{cells}");
    }

    #[test]
    fn every_heading_fits_above_its_number() {
        for (column, width) in steps(SHORT_NAME, SHORT_NAME) {
            assert!(
                title(column, width).len() <= count_cells(column, width),
                "{column:?}"
            );
        }
    }
}
