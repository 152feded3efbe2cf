//! The strip of cells: the places of each cluster's name and cells.
//!
//! ```text
//!  cci-burst-1 ▲‼○–  cci-burst-2 ‼––  edge-idc-02 %–––  prod-north-4a ✗––◐–––––  +3 clusters
//! ```
//!
//! A cell is a namespace, in the order of names, so it keeps its place while the counts change; where not all clusters have room,
//! the worst ones are there. Drawing and clicks need the places.

use unicode_width::UnicodeWidthStr as _;

use crate::fleet::overview::{ClusterCells, Overview};
use crate::fleet::{Field, RemoteText};
use crate::ui::signs;

/// Cells of the longest name that is shown completely.
const LONGEST_NAME: u16 = 24;
/// Cells between two clusters.
const GAP: u16 = 2;
/// Cells for the number of omitted namespaces: `+12,345`.
const MORE: u16 = 7;
/// Cells for the number of omitted clusters: ` +12 clusters `.
const NOTE: u16 = 15;
/// The explanation of a cell.
pub const LEGEND: &str = "1 cell = 1 namespace ";

/// The place of a cluster, in cells from the strip's corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StripCluster {
    /// Its place among the clusters.
    pub cluster: usize,
    /// The line.
    pub line: u16,
    /// The first cell of the name.
    pub x: u16,
    /// Cells of the name.
    pub name: u16,
    /// How many namespaces have a cell.
    pub cells: usize,
}

impl StripCluster {
    /// The first cell of the namespaces.
    pub fn first_cell(&self) -> u16 {
        self.x + self.name + 1
    }
}

/// The places of everything that fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strip {
    /// The clusters.
    pub clusters: Vec<StripCluster>,
    /// How many clusters do not fit.
    pub left_out: usize,
    /// The lines in use.
    pub lines: u16,
}

/// How many lines a strip may have in a body of this height; few, because the rows below are more useful.
pub fn most_lines(body: u16) -> u16 {
    if body < 10 { 0 } else { (body / 6).clamp(2, 8) }
}

/// The name of a cluster or namespace as it is shown.
pub fn shown(name: &Field<RemoteText>) -> &str {
    match name {
        Field::Absent => signs::ABSENT,
        Field::Unreadable => signs::UNREADABLE,
        Field::Value(name) => name.shown(),
    }
}

/// The places in a strip of this width. Where there is no room for all clusters, the worst ones have it: what waits must not be
/// behind a number.
pub fn strip(overview: &Overview, width: u16, most_lines: u16) -> Strip {
    let clusters = overview.clusters().len();
    let all: Vec<usize> = (0..clusters).collect();
    let mut strip = placed(overview, &all, width, most_lines);
    if strip.left_out > 0 && strip.left_out < clusters {
        // Names of other lengths may leave room for fewer.
        let mut worst = overview.worst_clusters().to_vec();
        worst.truncate(strip.clusters.len());
        worst.sort_unstable();
        strip = placed(overview, &worst, width, most_lines);
        strip.left_out = clusters - strip.clusters.len();
    }
    strip
}

/// The places of these clusters, in their order.
fn placed(overview: &Overview, wanted: &[usize], width: u16, most_lines: u16) -> Strip {
    let mut strip = Strip::default();
    if most_lines == 0 {
        return strip;
    }
    let clusters = overview.clusters().len();
    let (mut x, mut line) = (1_u16, 0);
    for (at, place) in wanted.iter().copied().enumerate() {
        let Some(cluster) = overview.cluster(place) else {
            continue;
        };
        let name = name_cells(&cluster, width);
        let cells = u16::try_from(cluster.len()).unwrap_or(u16::MAX);
        if x > 1 && x.saturating_add(name + 1).saturating_add(cells) > width {
            (x, line) = (1, line + 1);
        }
        if line == most_lines {
            strip.left_out = clusters - at;
            break;
        }
        let room = width.saturating_sub(x + name + 1);
        // Where the number of omitted clusters may stand, no cell does: a row that is cut reads like a whole one.
        let is_last = line + 1 == most_lines && at + 1 < clusters;
        let room = room.saturating_sub(if is_last { NOTE } else { 0 });
        if is_last && cells > room && x > 1 {
            strip.left_out = clusters - at;
            break;
        }
        let cells = if cells > room {
            room.saturating_sub(MORE)
        } else {
            cells
        };
        strip.clusters.push(StripCluster {
            cluster: place,
            line,
            x,
            name,
            cells: cells.into(),
        });
        strip.lines = line + 1;
        x = x
            .saturating_add(name + 1)
            .saturating_add(cells)
            .saturating_add(GAP);
    }
    if x.saturating_add(legend_cells()) > width
        && strip.left_out == 0
        && wanted.len() == clusters
        && strip.lines < most_lines
    {
        make_room_for_legend(&mut strip);
    }
    strip
}

fn legend_cells() -> u16 {
    u16::try_from(LEGEND.len()).unwrap_or(u16::MAX)
}

/// Begins another line: with the last cluster, unless it has a line for itself.
fn make_room_for_legend(strip: &mut Strip) {
    if let Some(last) = strip.clusters.last_mut().filter(|last| last.x > 1) {
        (last.x, last.line) = (1, strip.lines);
    }
    strip.lines += 1;
}

fn name_cells(cluster: &ClusterCells<'_>, width: u16) -> u16 {
    let name = u16::try_from(shown(&cluster.cluster()).width()).unwrap_or(u16::MAX);
    name.clamp(1, LONGEST_NAME.min(width / 3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;
    use crate::fleet::overview::OverviewSort;
    use crate::fleet::{Fleet, View, ViewRequest};

    fn overview(clusters: usize, namespaces: usize) -> Overview {
        let pods = (0..clusters).flat_map(|cluster| {
            (0..namespaces).map(move |namespace| {
                node("a")
                    .id(&format!("{cluster}-{namespace}"))
                    .within(&format!("cluster-{cluster}"), &format!("ns-{namespace}"))
                    .build()
            })
        });
        let fleet: Fleet = pods.collect();
        let request = ViewRequest {
            overview: Some(OverviewSort::default()),
            ..ViewRequest::default()
        };
        let view = View::of(&fleet, request, jiff::Timestamp::UNIX_EPOCH);
        view.overview.as_deref().unwrap().clone()
    }

    #[test]
    fn clusters_are_on_the_strip_and_apart_and_the_rest_is_counted() {
        for (clusters, namespaces) in [(0, 0), (1, 1), (5, 20), (30, 3), (2, 400)] {
            let overview = overview(clusters, namespaces);
            for width in 30..220 {
                let strip = strip(&overview, width, 3);
                let mut ends = [0; 3];
                for cluster in &strip.clusters {
                    let end = &mut ends[usize::from(cluster.line)];
                    assert!(cluster.x > *end, "{width}");
                    *end = cluster.first_cell() + u16::try_from(cluster.cells).unwrap();
                    assert!(*end <= width, "{width}");
                }
                assert_eq!(strip.clusters.len() + strip.left_out, overview.clusters().len());
                assert!(strip.lines <= 3);
            }
        }
    }

    #[test]
    fn where_not_all_clusters_have_room_the_worst_ones_have_it() {
        let pod = |cluster: usize| {
            let pod = node("a")
                .id(&format!("{cluster}"))
                .within(&format!("cluster-{cluster:02}"), "ns");
            if cluster == 47 { pod.status("Failed") } else { pod }
        };
        let fleet: Fleet = (0..48).map(|cluster| pod(cluster).build()).collect();
        let request = ViewRequest {
            overview: Some(OverviewSort::default()),
            ..ViewRequest::default()
        };
        let view = View::of(&fleet, request, jiff::Timestamp::UNIX_EPOCH);
        let overview = view.overview.as_deref().unwrap();
        let strip = strip(overview, 80, 2);
        let last = strip.clusters.last().unwrap();
        assert_eq!((last.cluster, strip.clusters.len() + strip.left_out), (47, 48));
        assert!(strip.clusters.is_sorted_by_key(|place| place.cluster));
    }

    #[test]
    fn a_wider_strip_never_shows_fewer_cells() {
        let overview = overview(9, 17);
        let cells = |width| -> usize {
            let strip = strip(&overview, width, 3);
            strip.clusters.iter().map(|cluster| cluster.cells).sum()
        };
        for width in 60..220 {
            assert!(cells(width + 1) >= cells(width), "{width}");
        }
    }

    #[test]
    fn a_strip_that_shows_all_clusters_has_room_for_its_legend_unless_its_lines_are_used_up() {
        for (clusters, namespaces) in [(1, 1), (1, 200), (7, 9), (9, 17)] {
            let overview = overview(clusters, namespaces);
            for width in 40..220 {
                let strip = strip(&overview, width, 3);
                let last = strip.clusters.iter().filter(|it| it.line + 1 == strip.lines);
                let end = last
                    .map(|it| it.first_cell() + u16::try_from(it.cells).unwrap())
                    .max();
                let is_free = end.unwrap_or(0) + GAP + legend_cells() <= width;
                assert!(
                    strip.left_out > 0 || strip.lines == 3 || is_free,
                    "{clusters} {width}"
                );
            }
        }
    }

    #[test]
    fn a_row_of_cells_is_whole_or_says_how_many_are_missing_and_the_note_covers_none() {
        for (clusters, namespaces) in [(8, 12), (3, 30), (20, 4)] {
            let overview = overview(clusters, namespaces);
            for width in 30..160 {
                let strip = strip(&overview, width, 2);
                for place in &strip.clusters {
                    let end = place.first_cell() + u16::try_from(place.cells).unwrap();
                    let is_whole = place.cells == namespaces;
                    assert!(is_whole || end + MORE <= width, "{width}: {place:?}");
                    let note = if strip.left_out > 0 && place.line + 1 == strip.lines {
                        NOTE
                    } else {
                        0
                    };
                    let more = if is_whole { 0 } else { MORE };
                    assert!(
                        end + more + note <= width.max(NOTE + MORE + place.first_cell()),
                        "{width}: {place:?}"
                    );
                }
            }
        }
    }
}
