//! One pod, all of it.
//!
//! ```text
//! ─ payment-api-667894bc4-nz5xj ─────────────────────────────────────────
//!  CPU        710m of 1      ███████████████████░░░░░░░  71%
//!  Memory     497Mi of 512Mi █████████████████████████▉  97%
//!  CPU trend  ⣀⣀⣠⣤⣶⣿ last 6 h · peak 710m CPU
//!  MEM trend  ⣤⣤⣤⣤⣶⣿ last 6 h · peak 497Mi
//!
//!  Risk 90     = risk found 60 since 21:59 + memory at 90 % or more 30
//!  Protection  ● on (opened)   Namespace  payments
//!  Detection   ▲ risk          Cluster    prod-a (cce)
//! ```
//!
//! A wide pane has the trends beside the bars, a low one has none.

mod fields;

use std::mem;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use fields::{PLACE, STATES, why_line};

use crate::app::Model;
use crate::fleet::fields::PodField;
use crate::fleet::history::Point;
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::usage::{Pressure, Usage};
use crate::fleet::{Field, Pod};
use crate::ui::format::{CORRECTED, age, elapsed, fit, width as width_of, wrapped};
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};
use crate::ui::trend::UsageTrend;
use crate::ui::{amount, gauge, signs, trend};

/// Cells of a field's name.
const LABEL: usize = 12;
/// From this width on the fields stand in two columns.
const TWO_COLUMNS: u16 = 96;
/// From this height on the trends have lines of their own.
const HIGH: u16 = 18;

/// Draws the pod under the cursor; `whole`: the pane has the whole body, so it may scroll, and says
/// where more follows.
pub fn render(model: &Model, theme: &Theme, area: Rect, whole: bool, buffer: &mut Buffer) {
    let title = Rect { height: 1, ..area };
    let inner = below(area, 1);
    let Some(pod) = model.pod() else {
        return rule("no pod selected", Role::Muted, title.width, theme).render(title, buffer);
    };
    let (name, role) = signs::name(pod.name());
    let role = if role == Role::Text { Role::Title } else { role };
    let (name, role) = match model.view.gone_since(model.pods.cursor) {
        Some(since) => {
            let ago = elapsed(since, model.now, CORRECTED);
            let ago = ago.map_or_else(String::new, |seconds| format!(" {} ago", age(seconds)));
            (format!("{name} · gone{ago}").into(), Role::Gone)
        }
        None => (name, role),
    };
    let is_high = inner.height >= HIGH;
    let lines = content(model, &pod, theme, inner, whole, is_high, buffer);
    let last = lines.saturating_sub(inner.height);
    let more = match last {
        _ if !whole || last == 0 => "",
        _ if model.scroll < last => " PgDn",
        _ => " PgUp",
    };
    let room = title
        .width
        .saturating_sub(u16::try_from(width_of(more)).unwrap_or(0));
    let mut heading = rule(&name, role, room, theme);
    heading.push_span(Span::styled(more, theme.style(Role::Key)));
    heading.render(title, buffer);
    if whole && last > 0 && model.scroll > 0 {
        // A sheet as long as it has to be, of which the screen shows a part.
        let mut sheet = Buffer::empty(Rect {
            height: lines,
            ..inner
        });
        content(model, &pod, theme, sheet.area, whole, is_high, &mut sheet);
        show_part(&sheet, model.scroll.min(last), inner, buffer);
    }
}

/// How far the detail can be scrolled where it has the whole body.
pub fn last_scroll(model: &Model) -> u16 {
    let (Some(areas), Some(pod)) = (model.areas(), model.pod()) else {
        return 0;
    };
    let inner = below(areas.body, 1);
    let theme = Theme::new(crate::ui::Palette::None);
    let is_high = inner.height >= HIGH;
    let lines = content(
        model,
        &pod,
        &theme,
        inner,
        true,
        is_high,
        &mut Buffer::empty(inner),
    );
    lines.saturating_sub(inner.height)
}

/// Copies the sheet from its line `first` on to `area`, which is as wide and begins at the same place.
fn show_part(sheet: &Buffer, first: u16, area: Rect, buffer: &mut Buffer) {
    for place in area.positions() {
        let shown = sheet.cell((place.x, place.y + first));
        if let (Some(cell), Some(shown)) = (buffer.cell_mut(place), shown) {
            *cell = shown.clone();
        }
    }
}

/// Draws what is known of the pod; answers how many lines that takes. `is_high`: the screen has room for trends.
fn content(
    model: &Model,
    pod: &Pod,
    theme: &Theme,
    area: Rect,
    whole: bool,
    is_high: bool,
    buffer: &mut Buffer,
) -> u16 {
    let used = resources(model, pod, theme, area, is_high, buffer);
    let rest = below(area, used);
    let gap = u16::from(whole || rest.height > 14);
    let rest = below(rest, gap);
    let lines_of = |fields: &[PodField]| -> Vec<Line<'_>> {
        fields
            .iter()
            .map(|field| fields::line(*field, model, pod, theme))
            .collect()
    };
    let (states, place) = (lines_of(&STATES), lines_of(&PLACE));
    let lines = if area.width >= TWO_COLUMNS {
        let [first, second] = Layout::horizontal([Constraint::Percentage(50); 2]).areas(rest);
        let lines = text(
            [vec![why_line(model, pod, theme)], states].concat(),
            first,
            buffer,
        );
        lines.max(text(place, second, buffer))
    } else {
        let lines = [vec![why_line(model, pod, theme)], states, place].concat();
        text(lines, rest, buffer)
    };
    used + gap + lines
}

/// The place without its first `lines`.
fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect {
        y: area.y + lines,
        height: area.height - lines,
        ..area
    }
}

/// Line under line; a value that is too long goes on under itself. Answers how many lines that takes.
fn text(lines: Vec<Line<'_>>, area: Rect, buffer: &mut Buffer) -> u16 {
    let lines = hung(lines, usize::from(area.width));
    for (line, row) in lines.iter().zip(area.rows()) {
        line.render(row, buffer);
    }
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

/// The lines, none of them longer than `width`. Only where one is they are made anew, which takes its time.
fn hung(lines: Vec<Line<'_>>, width: usize) -> Vec<Line<'_>> {
    if lines.iter().all(|line| line.width() <= width) {
        return lines;
    }
    let mut hung = Vec::new();
    for mut line in lines {
        let Some(value) = line.spans.pop() else { continue };
        let mut label = line;
        for part in wrapped(&value.content, width.saturating_sub(LABEL)) {
            label.push_span(Span::styled(part.to_owned(), value.style));
            hung.push(mem::replace(&mut label, Line::raw(" ".repeat(LABEL))));
        }
    }
    hung
}

fn rule<'a>(title: &str, role: Role, width: u16, theme: &Theme) -> Line<'a> {
    let title = fit(title, usize::from(width).saturating_sub(6));
    let rest = usize::from(width).saturating_sub(width_of(&title) + 4);
    Line::from(vec![
        Span::styled("── ", theme.style(Role::Rule)),
        Span::styled(title, theme.style(role)),
        Span::styled(format!(" {}", "─".repeat(rest)), theme.style(Role::Rule)),
    ])
}

/// How much of a resource a pod uses.
struct Resource<'a> {
    name: &'static str,
    used: &'a Field<Quantity>,
    limit: &'a Field<Quantity>,
    usage: Usage,
    /// What it used before, as far as that is known.
    before: &'a [Point],
    trend: &'static str,
    measure: Measure,
}

impl Resource<'_> {
    fn past(&self) -> UsageTrend<'_> {
        UsageTrend {
            points: self.before,
            measure: self.measure,
            is_reported: !self.used.is_absent(),
        }
    }
}

/// Draws what the pod uses, and used before; answers how many lines that takes, which is the same for every pod.
fn resources(model: &Model, pod: &Pod, theme: &Theme, area: Rect, is_high: bool, buffer: &mut Buffer) -> u16 {
    let past = model.past.of(&pod.key);
    let both = [
        Resource {
            name: PodField::CpuPercent.row().label,
            used: pod.cpu(),
            limit: pod.cpu_limit(),
            usage: pod.cpu_usage(),
            before: past.map_or(&[], |history| &history.cpu),
            trend: "CPU trend",
            measure: Measure::Cpu,
        },
        Resource {
            name: PodField::MemoryPercent.row().label,
            used: pod.memory(),
            limit: pod.memory_limit(),
            usage: pod.memory_usage(),
            before: past.map_or(&[], |history| &history.memory),
            trend: "MEM trend",
            measure: Measure::Memory,
        },
    ];
    // Where nothing is kept there is nothing to leave room for.
    let is_kept = model.places.state.is_some();
    let beside = is_kept && area.width >= TWO_COLUMNS;
    let under = is_kept && !beside && is_high;
    for (resource, at) in both.iter().zip(0..) {
        let mut bar = line(area, at, buffer);
        usage_line(resource, theme, if beside { trend::WIDTH } else { 0 }, &mut bar);
        if beside {
            trend::render(&resource.past(), theme, &mut bar);
        } else if under && (!resource.before.is_empty() || resource.used.is_absent()) {
            let mut own = line(area, at + 2, buffer);
            own.skip(1);
            own.part(LABEL - 1).left(resource.trend, theme.style(Role::Label));
            trend::render(&resource.past(), theme, &mut own);
        }
    }
    if under { 4 } else { 2 }
}

/// The line of this number of an area, from 0.
fn line(area: Rect, number: u16, buffer: &mut Buffer) -> Slot<'_> {
    let width = if number < area.height { area.width } else { 0 };
    Slot::new(buffer, area.x, area.y + number, usize::from(width))
}

/// What is used, of how much, as a bar and in percent; `rest` cells are left.
fn usage_line(resource: &Resource<'_>, theme: &Theme, rest: usize, slot: &mut Slot<'_>) {
    let Resource {
        used, limit, usage, ..
    } = *resource;
    let amount = amount::usage(used, limit, resource.measure);
    let amount_width = 18.min(slot.width() / 3);
    let bar_width = slot
        .width()
        .saturating_sub(LABEL + amount_width + 20 + rest)
        .clamp(4, 40);
    let word = match usage.pressure() {
        Pressure::Critical if usage.percent() > Some(100) => "▲ over",
        Pressure::Critical => "▲ critical",
        Pressure::Warn => "▲ near",
        // A dash before a number is easily missed.
        Pressure::Unknown if [used, limit].into_iter().any(is_negative) => "negative",
        Pressure::Unknown if usage == Usage::Unreadable => "unreadable",
        Pressure::Calm | Pressure::Unknown => "",
    };
    let style = theme.style(signs::usage(usage));
    slot.skip(1);
    slot.part(LABEL - 1).left(resource.name, theme.style(Role::Label));
    slot.part(amount_width).left(&amount, theme.style(Role::Text));
    slot.skip(1);
    gauge::bar(usage, bar_width, gauge::Track::Shown, theme, slot);
    slot.part(6).right(&percent_word(usage), style);
    slot.skip(2);
    slot.part(11).left(word, style);
}

fn is_negative(quantity: &Field<Quantity>) -> bool {
    quantity.value().is_some_and(Quantity::is_negative)
}

fn percent_word(usage: Usage) -> String {
    match usage {
        Usage::NoLimit => String::new(),
        other => signs::usage_word(other),
    }
}

#[cfg(test)]
mod tests;
