//! Which columns of the overview there is room for, and how wide they are.
//!
//! The widths come from the window and from the longest names of the fleet, not from the counts: nothing moves while counts
//! change. Each step needs more room than the one before, so a wider window never shows less.

use crate::fleet::overview::OverviewColumn;

/// Cells between two columns.
pub(super) const GAP: usize = 2;
/// Cells of a name that is read even where it is cut.
const SHORT_NAME: usize = 12;
/// From so many cells on a count stands before the number of pods that it is among.
pub(super) const WITH_DENOMINATOR: usize = 13;
/// Cells of most names.
const USUAL_NAME: usize = 24;

/// The cells of a column; 0 where it has no room.
pub(super) type Width = (OverviewColumn, usize);

/// What is given room, one after the other: the column, and the cells that it has then.
fn steps(cluster: usize, namespace: usize) -> [(OverviewColumn, usize); 20] {
    use OverviewColumn as C;
    [
        (C::Worst, 1),
        (C::Namespace, SHORT_NAME),
        (C::Pods, 6),
        (C::Risk, 5),
        (C::Off, 4),
        (C::Broken, 6),
        (C::Cluster, SHORT_NAME),
        (C::Known, 6),
        (C::Failed, 6),
        (C::Namespace, USUAL_NAME.min(namespace)),
        (C::NearLimit, 6),
        (C::NotScanned, 11),
        (C::NoLimit, 8),
        (C::Cluster, USUAL_NAME.min(cluster)),
        (C::Worst, 13),
        (C::Known, 19),
        (C::NearLimit, WITH_DENOMINATOR),
        (C::NoLimit, WITH_DENOMINATOR),
        (C::Namespace, namespace),
        (C::Cluster, cluster),
    ]
}

/// The columns from left to right that have room in `width` cells, where the longest names have so many.
pub(super) fn fitting(width: usize, longest_cluster: usize, longest_namespace: usize) -> Vec<Width> {
    let mut widths = OverviewColumn::ALL.map(|column| (column, 0));
    let mut left = width;
    for (column, wanted) in steps(longest_cluster, longest_namespace) {
        let Some((_, cells)) = widths.iter_mut().find(|(it, _)| *it == column) else {
            continue;
        };
        let gap = if *cells == 0 { GAP } else { 0 };
        let more = wanted.saturating_sub(*cells);
        let is_name = matches!(column, OverviewColumn::Namespace | OverviewColumn::Cluster);
        if more + gap > left {
            // A name takes what there is, and so does the first column of a very narrow window.
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

/// Whether the text of a column stands at its left edge.
pub(super) fn is_left(column: OverviewColumn, width: usize) -> bool {
    match column {
        OverviewColumn::Worst | OverviewColumn::Cluster | OverviewColumn::Namespace => true,
        OverviewColumn::Known => width >= 14,
        // The number stands before what it is among.
        OverviewColumn::NearLimit | OverviewColumn::NoLimit => width >= WITH_DENOMINATOR,
        _ => false,
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
    fn every_heading_fits_its_column() {
        for (column, width) in steps(SHORT_NAME, SHORT_NAME) {
            assert!(title(column, width).len() <= width, "{column:?}");
        }
    }
}
