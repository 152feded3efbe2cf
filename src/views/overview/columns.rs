//! The columns of the overview that fit, and their widths.
//!
//! The widths depend on the window and on the fleet's longest names, not on the counts, so nothing moves
//! while counts change. Each step needs more room than the one before, so a wider window never shows less.

use crate::fleet::overview::OverviewColumn;

/// Cells between two columns.
pub(super) const GAP: usize = 2;
/// Cells of a name that is readable even if it is cut.
const SHORT_NAME: usize = 12;
/// From this width on, a count is followed by the number of pods with known data.
pub(super) const WITH_DENOMINATOR: usize = 6 + DENOMINATOR;
/// Cells of that number and its slash.
pub(super) const DENOMINATOR: usize = 7;
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
fn steps(cluster: usize, namespace: usize) -> [(OverviewColumn, usize); 27] {
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
        (C::NearLimit, 6),
        (C::NotScanned, 11),
        (C::NoLimit, 8),
        (C::Worst, USUAL_STATE),
        (C::Known, 19),
        (C::NearLimit, WITH_DENOMINATOR),
        (C::NoLimit, 8 + DENOMINATOR),
        (C::Namespace, namespace),
        (C::Cluster, cluster),
    ]
}

/// The columns from left to right that fit into `width` cells, with these longest names.
pub(super) fn fitting(width: usize, longest_cluster: usize, longest_namespace: usize) -> Vec<Width> {
    let mut widths = OverviewColumn::ALL.map(|column| (column, 0));
    // There is no gap behind the last column.
    let mut left = width + GAP;
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
            break;
        }
        *cells += more;
        left -= more + gap;
    }
    widths.into_iter().filter(|(_, cells)| *cells > 0).collect()
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

/// The cells of a column in which its count ends, and its heading with it.
pub(super) fn count_cells(column: OverviewColumn, width: usize) -> usize {
    match column {
        OverviewColumn::NearLimit | OverviewColumn::NoLimit if width >= WITH_DENOMINATOR => {
            width - DENOMINATOR
        }
        _ => width,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_and_a_wider_window_never_shows_less() {
        for (cluster, namespace) in [(3, 3), (13, 18), (60, 60)] {
            let mut before: Vec<Width> = Vec::new();
            for width in 28..300 {
                let columns = fitting(width, cluster, namespace);
                let cells: usize = columns.iter().map(|(_, cells)| cells + GAP).sum();
                assert!(cells <= width + GAP, "{width}");
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
        let columns = fitting(room, 16, 14);
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
    fn every_heading_fits_its_column() {
        for (column, width) in steps(SHORT_NAME, SHORT_NAME) {
            let room = count_cells(column, width);
            assert!(title(column, width).len() <= room, "{column:?}");
        }
    }
}
