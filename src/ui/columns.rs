//! The columns of the pod table, in one table: title, width, importance, cell.
//!
//! Which columns are shown, and how wide, depends on the width of the screen alone, so nothing jumps when a name
//! or a number changes.

use std::borrow::Cow;

use jiff::Timestamp;

use super::format::{age, left, right, seconds_since};
use super::slot::Slot;
use super::theme::{Role, Theme};
use super::{gauge, signs};
use crate::fleet::sort::SortKey;
use crate::fleet::usage::Usage;
use crate::fleet::{Field, Pod, risk};

/// What a cell is made from.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The pod of the row.
    pub pod: &'a Pod,
    /// Since when it is gone, if it is.
    pub gone: Option<Timestamp>,
    /// The time of day.
    pub now: Timestamp,
    /// The colours.
    pub theme: &'a Theme,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What it sorts by; also its identity.
    pub key: SortKey,
    /// Its title.
    pub title: &'static str,
    /// Cells that it needs.
    min: usize,
    /// Cells that it can use.
    max: usize,
    /// A narrow screen drops the largest first.
    importance: u8,
    /// Whether its title stands to the right, over numbers.
    numeric: bool,
    /// Draws the cell into its place.
    cell: fn(Context<'_>, Slot<'_>),
}

const fn column(
    key: SortKey,
    title: &'static str,
    (min, max): (usize, usize),
    importance: u8,
    numeric: bool,
    cell: fn(Context<'_>, Slot<'_>),
) -> Column {
    Column {
        key,
        title,
        min,
        max,
        importance,
        numeric,
        cell,
    }
}

/// Every column, from left to right.
pub const COLUMNS: [Column; 11] = [
    column(SortKey::Risk, "RISK", (5, 5), 1, true, risk_cell),
    column(SortKey::Namespace, "NAMESPACE", (10, 20), 4, false, |it, slot| {
        name(it, signs::namespace(it.pod.namespace()), slot);
    }),
    column(SortKey::Name, "POD", (30, 46), 0, false, |it, slot| {
        name(it, signs::name(it.pod.name()), slot);
    }),
    column(SortKey::Status, "STATUS", (11, 11), 2, false, status_cell),
    column(SortKey::Protection, "PROTECT", (11, 11), 9, false, |it, slot| {
        state(it, signs::protection(it.pod.protection()), slot);
    }),
    column(SortKey::Detection, "DETECT", (12, 12), 6, false, |it, slot| {
        state(it, signs::detection(it.pod.detection()), slot);
    }),
    column(SortKey::Cpu, "CPU%L", (9, 14), 5, true, |it, slot| {
        usage(it, it.pod.cpu_usage(), slot);
    }),
    column(SortKey::Memory, "MEM%L", (9, 14), 3, true, |it, slot| {
        usage(it, it.pod.memory_usage(), slot);
    }),
    column(SortKey::Age, "AGE", (6, 6), 7, true, age_cell),
    column(SortKey::Cluster, "CLUSTER", (16, 22), 8, false, |it, slot| {
        name(it, signs::text(it.pod.cluster()), slot);
    }),
    column(SortKey::Node, "NODE", (12, 18), 10, false, |it, slot| {
        name(it, signs::text(it.pod.node_name()), slot);
    }),
];

/// Cells between two columns.
pub const GAP: usize = 1;

/// The columns that fit into `width`, each with its width.
pub fn fitting(width: usize) -> Vec<(Column, usize)> {
    let mut chosen: Vec<(Column, usize)> = Vec::new();
    let mut by_importance = COLUMNS;
    by_importance.sort_by_key(|column| column.importance);
    let mut used = 0;
    for column in by_importance {
        if used + column.min + GAP > width && !chosen.is_empty() {
            continue;
        }
        used += column.min + GAP;
        chosen.push((column, column.min.min(width)));
    }
    let mut spare = width.saturating_sub(used);
    // What is left goes to those that can use it, the most important first.
    for (column, size) in &mut chosen {
        let more = spare.min(column.max - column.min);
        *size += more;
        spare -= more;
    }
    if let Some((_, size)) = chosen.iter_mut().find(|(column, _)| column.key == SortKey::Name) {
        *size += spare;
    }
    let place = |key: SortKey| COLUMNS.iter().position(|column| column.key == key);
    chosen.sort_by_key(|(column, _)| place(column.key));
    chosen
}

impl Column {
    /// The title with an arrow where the table is sorted by it, in exactly `width` cells.
    pub fn heading(&self, sort: crate::fleet::sort::Sort, width: usize) -> String {
        let arrow = match (sort.key == self.key, sort.descending) {
            (false, _) => "",
            (true, true) => "▼",
            (true, false) => "▲",
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
    slot.left(shown.word, style);
}

fn risk_cell(context: Context<'_>, mut slot: Slot<'_>) {
    let score = risk::score(context.pod);
    let (sign, role) = signs::risk(score);
    let text = match score {
        0 => format!("{sign}  {}", signs::ABSENT),
        score => format!("{sign} {score:>2}"),
    };
    slot.right(&text, context.theme.style(role));
}

/// How old it is; of a pod that is gone, how old it became.
fn age_cell(context: Context<'_>, mut slot: Slot<'_>) {
    let until = context.gone.unwrap_or(context.now);
    let style = |role| context.theme.style(role);
    match context.pod.created() {
        Field::Value(created) => slot.right(&age(seconds_since(created, until)), style(Role::Text)),
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
        gauge::bar(usage, slot.width() - NUMBER, context.theme, &mut slot);
    }
    slot.right(&signs::usage_word(usage), style);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};
    use crate::ui::Palette;
    use ratatui::buffer::{Buffer, Cell};
    use ratatui::layout::Rect;

    #[test]
    fn columns_fit_and_the_name_is_always_there() {
        for width in 1..300 {
            let columns = fitting(width);
            let used: usize = columns.iter().map(|(_, size)| size + GAP).sum();
            assert!(used <= width.max(columns[0].1 + GAP), "{width}");
            assert!(
                columns.iter().any(|(column, _)| column.key == SortKey::Name),
                "{width}"
            );
        }
        assert_eq!(fitting(200).len(), COLUMNS.len());
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
