//! The columns of the pod table, in one table: title, width, importance, cell.
//!
//! Which columns are shown, and how wide, depends on the width of the screen, on the column that the table is sorted by
//! and on the longest words of the fleet, so nothing jumps when another row is shown or a number changes.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::fleet::fields::{PodField, PodText};
use crate::fleet::usage::Usage;
use crate::fleet::{Field, Fleet, Pod, risk};
use crate::ui::format::{age_or_ahead, head, is_ahead, left, right, seconds_since};
use crate::ui::gauge::{self, Track};
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// What a cell is made from.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The pod of the row.
    pub pod: &'a Pod,
    /// Since when it is gone, if it is, by the service's clock.
    pub gone: Option<Timestamp>,
    /// The time of day by the service's clock, which dates the pods.
    pub now: Timestamp,
    /// The colours.
    pub theme: &'a Theme,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What it sorts by; also its identity.
    pub key: PodField,
    /// Its title.
    pub title: &'static str,
    /// Whether its title stands to the right, over numbers.
    numeric: bool,
    /// Draws the cell into its place.
    cell: fn(Context<'_>, Slot<'_>),
}

const fn column(
    key: PodField,
    title: &'static str,
    numeric: bool,
    cell: fn(Context<'_>, Slot<'_>),
) -> Column {
    Column {
        key,
        title,
        numeric,
        cell,
    }
}

/// Every column, from left to right.
pub const COLUMNS: [Column; 11] = [
    column(PodField::Risk, "RISK", true, risk_cell),
    column(PodField::Namespace, "NAMESPACE", false, |it, slot| {
        name(it, signs::namespace(it.pod.namespace()), slot);
    }),
    column(PodField::Name, "POD", false, |it, slot| {
        name(it, signs::name(it.pod.name()), slot);
    }),
    column(PodField::Status, "STATUS", false, status_cell),
    column(PodField::Protection, "PROTECT", false, |it, slot| {
        state(it, signs::protection(it.pod.protection()), slot);
    }),
    column(PodField::Detection, "DETECT", false, |it, slot| {
        state(it, signs::detection(it.pod.detection()), slot);
    }),
    column(PodField::CpuPercent, "CPU%L", true, |it, slot| {
        usage(it, it.pod.cpu_usage(), slot);
    }),
    column(PodField::MemoryPercent, "MEM%L", true, |it, slot| {
        usage(it, it.pod.memory_usage(), slot);
    }),
    column(PodField::Age, "AGE", true, age_cell),
    column(PodField::Cluster, "CLUSTER", false, |it, slot| {
        name(it, signs::text(it.pod.cluster()), slot);
    }),
    column(PodField::Node, "NODE", false, |it, slot| {
        name(it, signs::text(it.pod.node_name()), slot);
    }),
];

/// Cells between two columns.
pub const GAP: usize = 1;

/// Width shares in order of priority: what a pod is at risk of before where it is, numbers before their bars, a name that
/// can be read before a column more, words cut short before a column less. Protection is the last of the states: few pods
/// tell it, and where it is in trouble the sign of the risk says so. A column that is named again becomes wider; those that
/// are named together become so together.
const SHARES: [(&[PodField], usize); 23] = [
    (&[PodField::Name], 23),
    (&[PodField::Risk], 5),
    (&[PodField::Status], 9),
    (&[PodField::Namespace], 10),
    (&[PodField::Detection], 8),
    (&[PodField::MemoryPercent], 6),
    (&[PodField::CpuPercent], 6),
    (&[PodField::Name], READABLE_NAME),
    (&[PodField::Protection], 8),
    // `○ not scanned`, whole; `‼ broken` is.
    (&[PodField::Detection], 13),
    (&[PodField::Age], 5),
    (&[PodField::Cluster], 10),
    (&[PodField::Namespace], 14),
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
        let heading = column.title.len() + 1;
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
pub fn fitting(width: usize, sorted_by: PodField, longest: Longest) -> Vec<(Column, usize)> {
    let mut room = Room {
        widths: [0; COLUMNS.len()],
        // There is no gap behind the last column.
        spare: width + GAP,
        longest,
    };
    let sorted = SHARES.into_iter().find(|(keys, _)| keys.contains(&sorted_by));
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
    let columns = COLUMNS.into_iter().zip(room.widths);
    columns.filter(|(_, size)| *size > 0).collect()
}

/// The cells of a line that is being shared out.
struct Room {
    /// What each column has.
    widths: [usize; COLUMNS.len()],
    /// What no column has.
    spare: usize,
    longest: Longest,
}

impl Room {
    /// Makes these columns `share` cells wide, if there is room for that. One that grows takes less, for each cell tells more,
    /// and so does a pod's name, which is always there; a bar and a new column need all of their cells. Returns whether
    /// there was room.
    fn give(&mut self, keys: &[PodField], share: usize) -> bool {
        let wanted: Vec<(usize, usize, usize)> = COLUMNS
            .iter()
            .zip(self.widths)
            .enumerate()
            .filter(|(_, (column, _))| keys.contains(&column.key))
            .map(|(at, (column, has))| {
                let more = share.min(self.longest.most(column)).saturating_sub(has);
                let is_text = !matches!(column.key, PodField::CpuPercent | PodField::MemoryPercent);
                let takes_less = column.key == PodField::Name || has > 0 && is_text;
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
            if let Some(width) = self.widths.get_mut(at) {
                *width += more;
            }
        }
        self.spare = self.spare.saturating_sub(cells);
        true
    }

    /// Whether these columns are there already.
    fn has(&self, keys: &[PodField]) -> bool {
        let mut columns = COLUMNS.iter().zip(self.widths);
        columns.any(|(column, width)| keys.contains(&column.key) && width > 0)
    }
}

impl Column {
    /// The title with an arrow where the table is sorted by it, in exactly `width` cells.
    pub fn heading(&self, sort: crate::fleet::sort::Sort, width: usize) -> String {
        let arrow = match (sort.key == self.key, sort.descending) {
            (false, _) => "",
            (true, true) => signs::DESCENDING,
            (true, false) => signs::ASCENDING,
        };
        let title = format!("{}{arrow}", self.title);
        if self.numeric {
            right(&title, width)
        } else {
            left(&title, width)
        }
    }

    /// Draws the cell of a pod.
    pub fn cell(&self, context: Context<'_>, slot: Slot<'_>) {
        (self.cell)(context, slot);
    }
}

fn name(context: Context<'_>, (name, role): (Cow<'_, str>, Role), mut slot: Slot<'_>) {
    slot.left(&name, context.theme.style(role));
}

fn status_cell(context: Context<'_>, slot: Slot<'_>) {
    let shown = match context.gone {
        Some(_) => signs::gone(),
        None => signs::status(context.pod.status()),
    };
    state(context, shown, slot);
}

fn state(context: Context<'_>, shown: signs::Shown<'_>, mut slot: Slot<'_>) {
    let style = context.theme.style(shown.role);
    if !shown.sign.is_empty() {
        slot.left(shown.sign, style);
        slot.left(" ", style);
    }
    // The beginning of a word says most.
    slot.left(&head(shown.word, slot.width()), style);
}

/// The sign of the main reason and the score.
fn risk_cell(context: Context<'_>, mut slot: Slot<'_>) {
    /// Cells of the sign, the highest score and what is between.
    const WIDTH: usize = 4;
    let score = risk::score(context.pod);
    slot.skip(slot.width().saturating_sub(WIDTH));
    if let Some(reason) = risk::reasons(context.pod).first() {
        let (sign, role) = signs::reason(*reason);
        slot.left(sign, context.theme.style(role));
    }
    let (number, role) = signs::risk(score);
    slot.right(&number, context.theme.style(role));
}

/// How old it is; of a pod that is gone, how old it became.
fn age_cell(context: Context<'_>, mut slot: Slot<'_>) {
    let until = context.gone.unwrap_or(context.now);
    let style = |role| context.theme.style(role);
    match context.pod.created() {
        Field::Value(created) => {
            let seconds = seconds_since(created, until);
            let role = if is_ahead(seconds) {
                Role::Doubt
            } else {
                Role::Text
            };
            slot.right(&age_or_ahead(seconds), style(role));
        }
        Field::Absent => slot.right(signs::ABSENT, style(Role::Muted)),
        Field::Unreadable => slot.right(signs::UNREADABLE, style(Role::Doubt)),
    }
}

fn usage(context: Context<'_>, usage: Usage, mut slot: Slot<'_>) {
    /// Cells of `>999%` and a space before it.
    const NUMBER: usize = 6;
    let role = signs::usage(usage);
    let style = context
        .theme
        .style(if role == Role::Good { Role::Text } else { role });
    if usage.percent().is_some() && slot.width() >= NUMBER + 3 {
        gauge::bar(
            usage,
            slot.width() - NUMBER,
            Track::Blank,
            context.theme,
            &mut slot,
        );
    }
    let word = signs::usage_word(usage);
    // As the filter calls it.
    let narrow = if word.len() > slot.width() { "none" } else { &word };
    slot.right(narrow, style);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::layout::MOST_CELLS;
    use crate::fleet::fixture::{node, serverless};
    use crate::ui::Palette;
    use ratatui::buffer::{Buffer, Cell};
    use ratatui::layout::Rect;

    const WORDS: Longest = Longest {
        namespace: 13,
        cluster: 16,
        node: 14,
    };

    /// The columns of a screen of this width and their widths; two cells are the margin.
    fn on_screen(width: usize, sorted_by: PodField, longest: Longest) -> Vec<(&'static str, usize)> {
        let columns = fitting(width - 2, sorted_by, longest);
        columns
            .into_iter()
            .map(|(column, size)| (column.title, size))
            .collect()
    }

    #[test]
    fn columns_fit_and_the_name_is_always_there() {
        for width in 1..300 {
            for column in COLUMNS {
                let columns = fitting(width, column.key, WORDS);
                let used: usize = columns.iter().map(|(_, size)| size + GAP).sum();
                assert!(used - GAP <= width, "{width}");
                assert!(
                    columns.iter().any(|(column, _)| column.key == PodField::Name),
                    "{width}"
                );
            }
        }
        assert_eq!(fitting(200, PodField::Risk, WORDS).len(), COLUMNS.len());
    }

    #[test]
    fn states_and_usages_outlive_cluster_age_and_bars() {
        for width in 80..300 {
            for sorted_by in [PodField::Risk, PodField::Name, PodField::Status] {
                let shown = on_screen(width, sorted_by, WORDS);
                let size = |title| shown.iter().find(|it| it.0 == title).map(|it| it.1);
                let (protection, detection) = (size("PROTECT"), size("DETECT"));
                for title in ["STATUS", "DETECT", "CPU%L", "MEM%L"] {
                    assert!(size(title) >= Some(6), "{width}: {shown:?}");
                }
                assert!(protection >= Some(8) || width < 93, "{width}: {shown:?}");
                let whole = protection == Some(8) && detection == Some(13);
                let others = [size("CLUSTER"), size("AGE"), size("MEM%L").filter(|it| *it > 8)];
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
            .flat_map(|fleet| COLUMNS.map(|column| (fleet, column)))
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
                        let firsts = ["RISK", "STATUS", "NAMESPACE", "DETECT", "CPU%L", "MEM%L"];
                        let joins = |it: &&(&str, usize)| {
                            before.iter().flatten().all(|had| had.0 != it.0) && !firsts.contains(&it.0)
                        };
                        let is_late = now.iter().find(joins).is_some_and(|it| it.0 != sorted.title);
                        let kept = if is_late { READABLE_NAME } else { 23 };
                        assert!(
                            has >= *had || is_joined && has >= kept,
                            "{width}: {had} -> {now:?}"
                        );
                    } else {
                        assert!(has >= *had, "{title} at {width}: {had} -> {now:?}");
                    }
                }
                let order = COLUMNS.iter().filter(|column| size(column.title).is_some());
                assert!(order.map(|column| column.title).eq(now.iter().map(|it| it.0)));
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
        assert_eq!(all.len(), COLUMNS.len());
    }

    #[test]
    fn what_the_table_is_sorted_by_is_always_shown() {
        for width in 80..300 {
            for column in COLUMNS {
                let shown = on_screen(width, column.key, WORDS);
                for title in [column.title, "STATUS", "DETECT"] {
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
    fn the_sign_before_the_score_is_that_of_the_main_reason() {
        let theme = Theme::new(Palette::Sixteen);
        let cell = |pod: &Pod| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 5, 1));
            let context = Context {
                pod,
                gone: None,
                now: "2025-08-15T09:30:15Z".parse().unwrap(),
                theme: &theme,
            };
            risk_cell(context, Slot::new(&mut buffer, 0, 0, 5));
            buffer.content.iter().map(Cell::symbol).collect::<String>()
        };
        let serverless = |protection, detection| serverless("a").security(protection, detection).build();
        let node = |status| node("a").status(status).build();
        let cases = [
            (serverless("opened", "risk"), " ▲ 60"),
            (node("Failed"), " ✗ 35"),
            (serverless("protection_exception", "clean"), " ‼ 40"),
            (node("Evicted"), " ? 30"),
            (node("Pending"), " ◐ 20"),
            (serverless("closed", "clean"), " ○ 20"),
            (serverless("opened", "undetected"), " ○  3"),
            (serverless("opened", "half"), " ?  5"),
            (node("Running"), "    0"),
        ];
        for (pod, shown) in cases {
            assert_eq!(cell(&pod), shown);
        }
        assert_eq!(cell(&used("95m", "10Mi")), " % 30");
        assert_eq!(cell(&used("10m", "75Mi")), " % 10");
    }

    fn used(cpu: &str, memory: &str) -> Pod {
        node("a").usage(cpu, "100m", memory, "100Mi").build()
    }

    #[test]
    fn no_cell_goes_beyond_its_place() {
        let theme = Theme::new(Palette::Sixteen);
        let pods = [
            node("a\u{202e}b")
                .status("Evicted-by-somebody-strange")
                .usage("5", "1", "1", "0")
                .build(),
            serverless(&"x".repeat(300))
                .usage("12%", "1", "", "")
                .security("opened", "half-risky")
                .build(),
            node("生产-网关")
                .usage("1", "3", "1Gi", "1Gi")
                .created_ms(1_700_000_000_000)
                .build(),
        ];
        for pod in &pods {
            for width in [1, 5, 9, 14, 40] {
                for column in COLUMNS {
                    let context = Context {
                        pod,
                        gone: None,
                        now: "2025-08-15T09:30:15Z".parse().unwrap(),
                        theme: &theme,
                    };
                    let blank = Buffer::filled(Rect::new(0, 0, width + 2, 1), Cell::new("·"));
                    let mut buffer = blank.clone();
                    column.cell(context, Slot::new(&mut buffer, 1, 0, usize::from(width)));
                    assert_ne!(buffer, blank, "{} at {width}", column.title);
                    for outside in [0, width + 1] {
                        assert_eq!(buffer[(outside, 0)], blank[(outside, 0)], "{}", column.title);
                    }
                }
            }
        }
    }
}
