//! The present usage, the limits, and the earlier usage: as bars with a trend, or as two charts.
//!
//! ```text
//!  Memory     497Mi of 512Mi         ━━━━━━━━━━━━━━━━━━━━   97%  ▲ critical   6 h · peak 497Mi
//! ```

use ratatui::text::{Line, Span};

use super::fields::label_span;
use super::{DetailFacts, LABEL, NOT_SAVED};
use crate::fleet::Field;
use crate::fleet::fields::PodField;
use crate::fleet::history::Point;
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::usage::{Pressure, Usage};
use crate::fleet::words::Status;
use crate::ui::amount::AmountUnit;
use crate::ui::chart::{ChartFigures, ChartSize, UsageChart};
use crate::ui::format::{age, left, right, seconds_since};
use crate::ui::theme::Role;
use crate::ui::thin_bar::thin_bar_spans;
use crate::ui::trend::{self, UsageTrend};
use crate::ui::{amount, signs};

/// Cells of the amount: `497Mi of 512Mi`, and at most `1024Mi, limit unknown`.
const AMOUNT: (usize, usize) = (14, 22);
/// Cells of the percentage, and of its word.
const SHARE: usize = 6;
const WORD: usize = 12;
/// Cells of a bar.
const BAR: (usize, usize) = (4, 40);

/// The usage of a resource.
struct Resource<'a> {
    name: &'static str,
    used: &'a Field<Quantity>,
    limit: &'a Field<Quantity>,
    usage: Usage,
    /// The earlier usage, as far as it is known.
    before: Option<&'a [Point]>,
    measure: Measure,
}

fn resources(facts: DetailFacts<'_>) -> [Resource<'_>; 2] {
    let DetailFacts { model, pod, .. } = facts;
    let past = model.detail.usage.of(&pod.key);
    [
        Resource {
            name: PodField::CpuPercent.row().label,
            used: pod.cpu(),
            limit: pod.cpu_limit(),
            usage: pod.cpu_usage(),
            before: past.map(|history| history.cpu.as_slice()),
            measure: Measure::Cpu,
        },
        Resource {
            name: PodField::MemoryPercent.row().label,
            used: pod.memory(),
            limit: pod.memory_limit(),
            usage: pod.memory_usage(),
            before: past.map(|history| history.memory.as_slice()),
            measure: Measure::Memory,
        },
    ]
}

/// One line each: amount, bar, percentage and, if there is room, the trend.
pub fn bars<'a>(facts: DetailFacts<'a>, width: usize) -> Vec<Line<'a>> {
    // If nothing is saved, the trend needs no room.
    let is_kept = facts.model.places.state.is_some();
    let has_trend = is_kept && width >= LABEL + AMOUNT.1 + SHARE + WORD + 16 + trend::WIDTH;
    let room = if has_trend {
        width - trend::WIDTH - 1
    } else {
        width
    };
    let line = |resource: &Resource<'a>| {
        let mut line = head(facts, resource, room, BAR.1);
        if has_trend {
            let used = line.width();
            line.push_span(" ".repeat(room.saturating_sub(used) + 1));
            let past = UsageTrend {
                points: resource.before.unwrap_or_default(),
                measure: resource.measure,
                limit: limit_amount(resource.limit),
                unit: AmountUnit::of(resource.limit, resource.measure),
                is_reported: !resource.used.is_absent(),
            };
            line.extend(trend::spans(&past, trend::WIDTH, facts.theme));
        }
        line
    };
    resources(facts).iter().map(line).collect()
}

/// How many charts have something to show. While the earlier usage is being read, that is both, so that nothing moves when it
/// comes.
pub fn charts_shown(facts: DetailFacts<'_>) -> usize {
    let shown = |resource: &Resource<'_>| {
        facts.model.places.state.is_some()
            && (resource.before.is_none() || figures(facts, resource).samples > 0)
    };
    resources(facts).iter().filter(|it| shown(it)).count()
}

/// Charts with this many lines each, below amount, bar and percentage; a chart without a sample is one line that says so.
pub fn charts(facts: DetailFacts<'_>, width: usize, rows: usize) -> Vec<Line<'_>> {
    if facts.model.places.state.is_none() {
        let mut lines = bars(facts, width);
        let why = "no charts: this run saves no usage";
        lines.push(Line::from(vec![
            Span::raw(" ".repeat(LABEL)),
            Span::styled(why, facts.theme.style(Role::Muted)),
        ]));
        return lines;
    }
    let [cpu, memory] = resources(facts);
    let mut lines = chart(facts, &cpu, width, rows);
    let memory = chart(facts, &memory, width, rows);
    // Two lines without a picture are one group.
    if lines.len() + memory.len() > 2 {
        lines.push(Line::default());
    }
    lines.extend(memory);
    lines
}

/// The chart of a resource, for the time range that is chosen.
fn usage_chart<'a>(facts: DetailFacts<'a>, resource: &Resource<'a>) -> UsageChart<'a> {
    let model = facts.model;
    UsageChart {
        points: resource.before.unwrap_or_default(),
        measure: resource.measure,
        limit: limit_amount(resource.limit),
        seconds: model.chart_span().seconds(),
        now: model.detail_time(),
        zone: &model.zone,
        watched: &model.changes.book.watched,
        created: facts.pod.created().value().copied(),
        has_ended: matches!(
            facts.pod.status().value(),
            Some(Status::Failed | Status::Succeeded)
        ),
    }
}

fn figures(facts: DetailFacts<'_>, resource: &Resource<'_>) -> ChartFigures {
    usage_chart(facts, resource).figures()
}

fn chart<'a>(facts: DetailFacts<'a>, resource: &Resource<'a>, width: usize, rows: usize) -> Vec<Line<'a>> {
    let theme = facts.theme;
    let span = facts.model.chart_span();
    let chart = usage_chart(facts, resource);
    let figures = chart.figures();
    let said = match (figures.peak, resource.before, figures.newest) {
        (Some(peak), ..) => format!(
            "{} · peak {}",
            span.words(),
            amount::in_unit(
                peak,
                resource.measure,
                AmountUnit::of(resource.limit, resource.measure)
            )
        ),
        // It is being read.
        (None, None, _) => span.words().to_owned(),
        (None, Some(_), None) => "no usage saved yet".to_owned(),
        (None, Some(_), Some(newest)) => {
            let ago = age(seconds_since(newest, chart.now));
            format!("nothing in {}; the last sample is {ago} old", span.words())
        }
    };
    let mut first = head(facts, resource, width.saturating_sub(said.len() + 2), BAR.1 / 2);
    let blank = width.saturating_sub(first.width() + said.len() + 1);
    if blank > 0 {
        first.push_span(" ".repeat(blank));
        first.push_span(Span::styled(said, theme.style(Role::Muted)));
    }
    let mut lines = vec![first];
    if figures.samples == 0 && resource.before.is_some() {
        return lines;
    }
    let size = ChartSize {
        width: width.saturating_sub(1),
        rows,
    };
    lines.extend(chart.lines(size, theme));
    lines
}

/// The limit, if HSS reports a readable one.
fn limit_amount(limit: &Field<Quantity>) -> Option<u64> {
    let amount = limit.value().and_then(|limit| limit.amount);
    amount.filter(|amount| *amount > 0)
}

/// The used amount, the limit, a bar and the percentage in `width` cells; without a bar if it does not fit.
fn head<'a>(facts: DetailFacts<'a>, resource: &Resource<'a>, width: usize, longest: usize) -> Line<'a> {
    let theme = facts.theme;
    let Resource {
        used, limit, usage, ..
    } = *resource;
    let amount = if facts.is_told() && used.is_absent() && limit.is_absent() {
        NOT_SAVED.to_owned()
    } else {
        amount::usage(used, limit, resource.measure)
    };
    let share = usage
        .percent()
        .map_or_else(std::borrow::Cow::default, |_| signs::usage_word(usage));
    let word = pressure_word(used, limit, usage);
    // Healthy values have no colour.
    let style = theme.style(match signs::usage(usage) {
        Role::Good => Role::Text,
        role => role,
    });
    let mut line = Line::from(label_span(resource.name, theme));
    let others = LABEL + 1 + BAR.0 + SHARE + 1 + WORD;
    if width < others + AMOUNT.0 {
        // A single value, so that a long one continues below itself.
        let said = [amount.as_str(), &share, word].join(" ");
        line.push_span(Span::styled(said.trim_end().to_owned(), style));
        return line;
    }
    let amount_width = (width - others).clamp(AMOUNT.0, AMOUNT.1);
    let bar_width = (width + BAR.0 - others - amount_width).clamp(BAR.0, longest);
    line.push_span(Span::styled(
        format!("{} ", left(&amount, amount_width)),
        theme.style(Role::Text),
    ));
    line.extend(thin_bar_spans(usage, bar_width, theme));
    line.push_span(Span::styled(right(&share, SHARE), style));
    if !word.is_empty() {
        line.push_span(Span::styled(format!(" {word}"), style));
    }
    line
}

/// The meaning of a usage in a word.
fn pressure_word(used: &Field<Quantity>, limit: &Field<Quantity>, usage: Usage) -> &'static str {
    let is_negative = |field: &Field<Quantity>| field.value().is_some_and(Quantity::is_negative);
    match usage.pressure() {
        Pressure::Critical if usage.percent() > Some(100) => "▲ over limit",
        Pressure::Critical => "▲ critical",
        Pressure::Warn => "▲ near",
        // A word, because a dash before a number is easily overlooked.
        Pressure::Unknown if [used, limit].into_iter().any(is_negative) => "? negative",
        Pressure::Unknown if usage == Usage::Unreadable => "? unreadable",
        Pressure::Calm | Pressure::Unknown => "",
    }
}
