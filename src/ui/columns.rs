//! The columns of the pod table, in one table: title, width, importance, cell.
//!
//! Which columns are shown, and how wide, depends on the width of the screen alone, so nothing jumps when a name
//! or a number changes.

use jiff::Timestamp;
use ratatui::text::Span;

use super::format::{age, fit, left, right, seconds_since};
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
    /// The cell, of exactly the width given.
    cell: fn(Context<'_>, usize) -> Vec<Span<'static>>,
}

const fn column(
    key: SortKey,
    title: &'static str,
    (min, max): (usize, usize),
    importance: u8,
    numeric: bool,
    cell: fn(Context<'_>, usize) -> Vec<Span<'static>>,
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
    column(
        SortKey::Namespace,
        "NAMESPACE",
        (10, 20),
        4,
        false,
        |context, width| {
            let (text, role) = signs::namespace(context.pod.namespace());
            plain(context, &text, role, width)
        },
    ),
    column(SortKey::Name, "POD", (30, 46), 0, false, |context, width| {
        let (text, role) = signs::name(context.pod.name());
        plain(context, &text, role, width)
    }),
    column(SortKey::Status, "STATUS", (11, 11), 2, false, |context, width| {
        let shown = match context.gone {
            Some(_) => signs::gone(),
            None => signs::status(context.pod.status()),
        };
        state(context, &shown, width)
    }),
    column(
        SortKey::Protection,
        "PROTECT",
        (11, 11),
        9,
        false,
        |context, width| state(context, &signs::protection(context.pod.protection()), width),
    ),
    column(
        SortKey::Detection,
        "DETECT",
        (12, 12),
        6,
        false,
        |context, width| state(context, &signs::detection(context.pod.detection()), width),
    ),
    column(SortKey::Cpu, "CPU%L", (9, 14), 5, true, |context, width| {
        usage(context, context.pod.cpu_usage(), width)
    }),
    column(SortKey::Memory, "MEM%L", (9, 14), 3, true, |context, width| {
        usage(context, context.pod.memory_usage(), width)
    }),
    column(SortKey::Age, "AGE", (6, 6), 7, true, age_cell),
    column(
        SortKey::Cluster,
        "CLUSTER",
        (16, 22),
        8,
        false,
        |context, width| {
            let (text, role) = signs::text(context.pod.cluster());
            plain(context, &text, role, width)
        },
    ),
    column(SortKey::Node, "NODE", (12, 18), 10, false, |context, width| {
        let (text, role) = signs::text(context.pod.node_name());
        plain(context, &text, role, width)
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

    /// The cell of a pod, of exactly `width` cells.
    pub fn cell(&self, context: Context<'_>, width: usize) -> Vec<Span<'static>> {
        (self.cell)(context, width)
    }
}

fn plain(context: Context<'_>, text: &str, role: Role, width: usize) -> Vec<Span<'static>> {
    vec![Span::styled(left(text, width), context.theme.style(role))]
}

fn state(context: Context<'_>, shown: &signs::Shown, width: usize) -> Vec<Span<'static>> {
    vec![Span::styled(
        left(&shown.text(), width),
        context.theme.style(shown.role),
    )]
}

fn risk_cell(context: Context<'_>, width: usize) -> Vec<Span<'static>> {
    let score = risk::score(context.pod);
    let (sign, role) = signs::risk(score);
    let number = if score == 0 {
        signs::ABSENT.to_owned()
    } else {
        score.to_string()
    };
    vec![Span::styled(
        right(&format!("{sign} {number:>2}"), width),
        context.theme.style(role),
    )]
}

/// How old it is; of a pod that is gone, how old it became.
fn age_cell(context: Context<'_>, width: usize) -> Vec<Span<'static>> {
    let until = context.gone.unwrap_or(context.now);
    let (text, role) = match context.pod.created() {
        Field::Value(created) => (age(seconds_since(created, until)), Role::Text),
        Field::Absent => (signs::ABSENT.to_owned(), Role::Muted),
        Field::Unreadable => (signs::UNREADABLE.to_owned(), Role::Doubt),
    };
    vec![Span::styled(
        right(&fit(&text, width), width),
        context.theme.style(role),
    )]
}

fn usage(context: Context<'_>, usage: Usage, width: usize) -> Vec<Span<'static>> {
    /// Cells of `>999%` and a space before it.
    const NUMBER: usize = 6;
    let role = signs::usage(usage);
    let style = context
        .theme
        .style(if role == Role::Good { Role::Text } else { role });
    let word = signs::usage_word(usage);
    if usage.percent().is_none() || width < NUMBER + 3 {
        return vec![Span::styled(right(&word, width), style)];
    }
    let mut spans = gauge::bar(usage, width - NUMBER, context.theme);
    spans.push(Span::styled(right(&word, NUMBER), style));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};
    use crate::ui::Palette;
    use unicode_width::UnicodeWidthStr as _;

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
    fn every_cell_has_exactly_its_width() {
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
                    let spans = column.cell(context, width);
                    let total: usize = spans.iter().map(|span| span.content.width()).sum();
                    assert_eq!(total, width, "{} at {width}", column.title);
                }
            }
        }
    }
}
