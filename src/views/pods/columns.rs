//! The columns of the pod table: which of them, how wide, and their headings.
//!
//! A column is a field; its title comes from the table of fields. Which are shown, and how wide, depends on the width of the
//! screen, on the field that the table is sorted by and on the longest words of the fleet, so nothing jumps when another row
//! is shown or a number changes. Must not: draw a value; that is the work of [`cells`](super::cells).

use crate::fleet::Fleet;
use crate::fleet::fields::{FieldKind, IN_TABLE, PodField, PodText};
use crate::fleet::sort::Sort;
use crate::ui::format::{left, right};
use crate::ui::signs;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The field that it shows and sorts by.
    pub key: PodField,
}

/// Cells between two columns.
pub const GAP: usize = 1;

/// Width shares in order of priority: what a pod is at risk of before where it is, numbers before their bars, a name that
/// can be read before a column more, words cut short before a column less. Protection is the last of the states: few pods
/// tell it, and where it is in trouble the sign of the risk says so. A column that is named again becomes wider; those that
/// are named together become so together.
const SHARES: [(&[PodField], usize); 24] = [
    (&[PodField::Name], 23),
    (&[PodField::Risk], 5),
    (&[PodField::Status], 9),
    (&[PodField::Namespace], 10),
    (&[PodField::Detection], 8),
    // As wide as its heading.
    (&[PodField::MemoryPercent], 7),
    (&[PodField::CpuPercent], 6),
    (&[PodField::Name], READABLE_NAME),
    (&[PodField::Protection], 8),
    // `○ not scanned`, whole; `‼ broken` is.
    (&[PodField::Detection], 13),
    (&[PodField::Age], 5),
    (&[PodField::Cluster], 10),
    (&[PodField::Namespace], 14),
    // With what changed behind the score.
    (&[PodField::Risk], MARKED_RISK),
    (&[PodField::Name], 40),
    (&[PodField::Cluster], 16),
    (&[PodField::Status], 11),
    (&[PodField::Namespace], 24),
    (&[PodField::Node], 12),
    (&[PodField::Node], 20),
    // A bar of three cells, which has 24 steps.
    (&[PodField::MemoryPercent, PodField::CpuPercent], 9),
    (&[PodField::Cluster], 24),
    (&[PodField::Age], 6),
    (&[PodField::Name], LONGEST_NAME),
];

/// From this width on the column of the score has room for `NEW` behind it.
pub const MARKED_RISK: usize = 9;
/// A pod's name in as many cells says which pod it is: most names whole, of the others both ends. With fewer it grows before
/// protection, age, cluster and node appear, and they take none of them away.
const READABLE_NAME: usize = 32;
/// Kubernetes cuts the names that it makes for pods at 63 characters (`maxNameLength` of its `names` package).
const LONGEST_NAME: usize = 63;

/// The characters of the longest words of the fleet, which no column has to be wider than. They have nothing to do with
/// the rows on the screen, so nothing jumps when these are scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Longest {
    /// Of the namespaces.
    pub namespace: usize,
    /// Of the clusters.
    pub cluster: usize,
    /// Of the nodes.
    pub node: usize,
}

impl Longest {
    /// Those of `fleet`.
    pub fn of(fleet: &Fleet) -> Self {
        Self {
            namespace: fleet.longest(PodText::Namespace),
            cluster: fleet.longest(PodText::Cluster),
            node: fleet.longest(PodText::Node),
        }
    }

    /// The cells that a column can use.
    fn most(self, column: &Column) -> usize {
        let heading = column.title().len() + 1;
        match column.key {
            PodField::Namespace => self.namespace.max(heading),
            PodField::Cluster => self.cluster.max(heading),
            PodField::Node => self.node.max(heading),
            _ => usize::MAX,
        }
    }
}

/// The columns that fit into `width`, each with its width. The one that the table is sorted by comes before all but the
/// name.
///
/// In a wider place every column stays and none is narrower, but for the name: until another column fits it has the cells
/// that are left over on loan.
///
/// A field that has no place in the table gets a column of its own behind the others while the table is sorted by it.
pub fn fitting(width: usize, sorted_by: PodField, longest: Longest) -> Vec<(Column, usize)> {
    let sorted_by = sorted_by.sorted_by();
    let extra = [sorted_by];
    let extra = if IN_TABLE.contains(&sorted_by) {
        &[][..]
    } else {
        &extra[..]
    };
    let columns = IN_TABLE.iter().chain(extra).map(|key| (Column { key: *key }, 0));
    let mut room = Room {
        columns: columns.collect(),
        // There is no gap behind the last column.
        spare: width + GAP,
        longest,
    };
    let own = sorted_by
        .row()
        .widths
        .last()
        .map_or(0, |step| usize::from(step.cells));
    let own = own.max(sorted_by.row().title.len() + 1);
    let sorted = SHARES.into_iter().find(|(keys, _)| keys.contains(&sorted_by));
    let sorted = sorted.or((!extra.is_empty()).then_some((extra, own)));
    let [first, others @ ..] = SHARES;
    for (keys, share) in [first].into_iter().chain(sorted).chain(others) {
        // What comes later must not have what a share before it lacks: it would go when the window gets wider.
        if !room.give(keys, share) {
            if !room.has(keys) {
                room.give(&[PodField::Name], LONGEST_NAME);
            }
            break;
        }
    }
    room.columns.retain(|(_, size)| *size > 0);
    room.columns
}

/// The cells of a line that is being shared out.
struct Room {
    /// The columns, and what each has.
    columns: Vec<(Column, usize)>,
    /// What no column has.
    spare: usize,
    longest: Longest,
}

impl Room {
    /// Makes these columns `share` cells wide, if there is room for that. One that grows takes less, for each cell tells more,
    /// and so does a pod's name, which is always there; a bar and a new column need all of their cells. Returns whether
    /// there was room.
    fn give(&mut self, keys: &[PodField], share: usize) -> bool {
        let wanted: Vec<(usize, usize, usize)> = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, (column, _))| keys.contains(&column.key))
            .map(|(at, (column, has))| {
                let has = *has;
                let more = share.min(self.longest.most(column)).saturating_sub(has);
                let is_text = !matches!(column.key, PodField::CpuPercent | PodField::MemoryPercent);
                let is_extra = !IN_TABLE.contains(&column.key);
                let takes_less = column.key == PodField::Name || is_extra || has > 0 && is_text;
                let gap = if has == 0 { GAP } else { 0 };
                let room = self.spare.saturating_sub(gap);
                (at, if takes_less { more.min(room) } else { more }, gap)
            })
            .collect();
        let cells: usize = wanted.iter().map(|(_, more, gap)| more + gap).sum();
        let is_name = keys.contains(&PodField::Name);
        if cells > self.spare && !is_name {
            return false;
        }
        for (at, more, _) in wanted {
            if let Some((_, width)) = self.columns.get_mut(at) {
                *width += more;
            }
        }
        self.spare = self.spare.saturating_sub(cells);
        true
    }

    /// Whether these columns are there already.
    fn has(&self, keys: &[PodField]) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|(column, width)| keys.contains(&column.key) && *width > 0)
    }
}

impl Column {
    /// Its title.
    pub fn title(self) -> &'static str {
        self.key.row().title
    }

    /// The title with an arrow where the table is sorted by it, in exactly `width` cells; over numbers it stands to the right.
    pub fn heading(self, sort: Sort, width: usize) -> String {
        let arrow = match (sort.key == self.key, sort.descending) {
            (false, _) => "",
            (true, true) => signs::DESCENDING,
            (true, false) => signs::ASCENDING,
        };
        let title = format!("{}{arrow}", self.title());
        match self.key.kind() {
            FieldKind::Number(_) => right(&title, width),
            FieldKind::Text(_) => left(&title, width),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::layout::MOST_CELLS;

    const WORDS: Longest = Longest {
        namespace: 13,
        cluster: 16,
        node: 14,
    };

    fn all_columns() -> impl Iterator<Item = Column> {
        IN_TABLE.iter().map(|key| Column { key: *key })
    }

    /// The columns of a screen of this width and their widths; two cells are the margin.
    fn on_screen(width: usize, sorted_by: PodField, longest: Longest) -> Vec<(&'static str, usize)> {
        let columns = fitting(width - 2, sorted_by, longest);
        columns
            .into_iter()
            .map(|(column, size)| (column.title(), size))
            .collect()
    }

    #[test]
    fn columns_fit_and_the_name_is_always_there() {
        for width in 1..300 {
            for column in all_columns() {
                let columns = fitting(width, column.key, WORDS);
                let used: usize = columns.iter().map(|(_, size)| size + GAP).sum();
                assert!(used - GAP <= width, "{width}");
                assert!(
                    columns.iter().any(|(column, _)| column.key == PodField::Name),
                    "{width}"
                );
            }
        }
        assert_eq!(fitting(200, PodField::Risk, WORDS).len(), IN_TABLE.len());
    }

    #[test]
    fn states_and_usages_outlive_cluster_age_and_bars() {
        for width in 80..300 {
            for sorted_by in [PodField::Risk, PodField::Name, PodField::Status] {
                let shown = on_screen(width, sorted_by, WORDS);
                let size = |title| shown.iter().find(|it| it.0 == title).map(|it| it.1);
                let (protection, detection) = (size("PROTECT"), size("DETECT"));
                for title in ["STATUS", "DETECT", "CPU", "MEMORY"] {
                    assert!(size(title) >= Some(6), "{width}: {shown:?}");
                }
                assert!(protection >= Some(8) || width < 94, "{width}: {shown:?}");
                let whole = protection == Some(8) && detection == Some(13);
                let others = [size("CLUSTER"), size("AGE"), size("MEMORY").filter(|it| *it > 8)];
                assert!(whole || others.iter().all(Option::is_none), "{width}: {shown:?}");
            }
        }
    }

    /// Fleets whose words are short, usual, long and longer than any column.
    const FLEETS: [Longest; 6] = [
        WORDS,
        Longest {
            namespace: 0,
            cluster: 0,
            node: 0,
        },
        Longest {
            namespace: 40,
            cluster: 9,
            node: 30,
        },
        Longest {
            namespace: 11,
            cluster: 40,
            node: 5,
        },
        Longest {
            namespace: 18,
            cluster: 20,
            node: 18,
        },
        Longest {
            namespace: 256,
            cluster: 256,
            node: 256,
        },
    ];

    #[test]
    fn a_wider_window_never_shows_less() {
        for (longest, sorted) in FLEETS
            .into_iter()
            .flat_map(|fleet| all_columns().map(move |column| (fleet, column)))
        {
            // The widths are those of windows, whatever stands beside the table.
            let shown = |width: u16| {
                let areas = crate::app::layout::areas((width, 40).into())?;
                Some(on_screen(usize::from(areas.table.width), sorted.key, longest))
            };
            let mut before: Option<Vec<(&'static str, usize)>> = None;
            for width in 20..=400 {
                let Some(now) = shown(width) else { continue };
                let size = |title| now.iter().find(|it| it.0 == title).map(|it| it.1);
                for (title, had) in before.iter().flatten() {
                    let has = size(*title).unwrap_or_else(|| panic!("{title} goes at {width}: {now:?}"));
                    if *title == "POD" {
                        let is_joined = before.as_ref().is_some_and(|before| before.len() < now.len());
                        // What the first columns leave; behind them a name that can be read.
                        let firsts = ["RISK", "STATUS", "NAMESPACE", "DETECT", "CPU", "MEMORY"];
                        let joins = |it: &&(&str, usize)| {
                            before.iter().flatten().all(|had| had.0 != it.0) && !firsts.contains(&it.0)
                        };
                        let is_late = now.iter().find(joins).is_some_and(|it| it.0 != sorted.title());
                        let kept = if is_late { READABLE_NAME } else { 23 };
                        assert!(
                            has >= *had || is_joined && has >= kept,
                            "{width}: {had} -> {now:?}"
                        );
                    } else {
                        assert!(has >= *had, "{title} at {width}: {had} -> {now:?}");
                    }
                }
                let order = all_columns().filter(|column| size(column.title()).is_some());
                assert!(order.map(Column::title).eq(now.iter().map(|it| it.0)));
                before = Some(now);
            }
        }
    }

    #[test]
    fn the_most_cells_are_those_of_all_shares() {
        let all = fitting(
            1000,
            PodField::Risk,
            Longest {
                namespace: 256,
                cluster: 256,
                node: 256,
            },
        );
        let cells: usize = all.iter().map(|(_, size)| size + GAP).sum();
        assert_eq!(cells - GAP, MOST_CELLS);
        assert_eq!(all.len(), IN_TABLE.len());
    }

    #[test]
    fn what_the_table_is_sorted_by_is_always_shown() {
        for width in 80..300 {
            for column in all_columns() {
                let shown = on_screen(width, column.key, WORDS);
                for title in [column.title(), "STATUS", "DETECT"] {
                    assert!(shown.iter().any(|it| it.0 == title), "{width}: {shown:?}");
                }
            }
        }
    }

    #[test]
    fn a_namespace_is_shown_whole_before_a_cluster_gets_more_than_it_needs() {
        let namespace = |width, namespace| {
            let shown = on_screen(width, PodField::Risk, Longest { namespace, ..WORDS });
            shown.iter().find(|it| it.0 == "NAMESPACE").unwrap().1
        };
        assert_eq!((namespace(120, 13), namespace(200, 13)), (13, 13));
        assert_eq!(namespace(200, 4), 10, "the title is whole");
        assert_eq!(namespace(200, 60), 24, "one that is very long is cut");
        assert!(namespace(80, 60) < 14, "a narrow screen has no room for it");
    }

    #[test]
    fn a_field_without_a_place_in_the_table_is_shown_while_the_table_is_sorted_by_it() {
        for field in PodField::ALL {
            for width in [40, 60, 80, 120, 200, 300] {
                let shown = fitting(width, *field, WORDS);
                let sorted = shown.iter().find(|(column, _)| column.key == field.sorted_by());
                assert!(
                    sorted.is_some_and(|(_, cells)| *cells > 3),
                    "{field:?} at {width}: {shown:?}"
                );
                let used: usize = shown.iter().map(|(_, size)| size + GAP).sum();
                assert!(used <= width + GAP, "{field:?} at {width}: {shown:?}");
            }
        }
    }

    #[test]
    fn every_field_of_the_table_has_its_shares() {
        for field in IN_TABLE {
            assert!(SHARES.iter().any(|(keys, _)| keys.contains(field)), "{field:?}");
        }
    }
}
