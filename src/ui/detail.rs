//! One pod, all of it.
//!
//! ```text
//! ─ payment-api-667894bc4-nz5xj ─────────────────────────────────────────
//!  CPU     710m of 1      ███████████████████░░░░░░░  71%
//!  Memory  497Mi of 512Mi █████████████████████████▉  97%
//!  Protection  ● opened        Namespace  payments
//!  Detection   ▲ risk          Cluster    prod-a (cce)
//!  Risk 90     risk detected 60, memory ≥ 90 % 30
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Wrap};
use unicode_width::UnicodeWidthStr as _;

use super::format::{age, bytes, date, fit, left, right, seconds_since};
use super::theme::{Role, Theme};
use super::{gauge, signs};
use crate::app::Model;
use crate::fleet::quantity::Quantity;
use crate::fleet::text::RemoteText;
use crate::fleet::usage::{Pressure, Usage};
use crate::fleet::{Field, Pod, risk};

/// Cells of a field's name.
const LABEL: usize = 12;
/// From this width on the fields stand in two columns.
const TWO_COLUMNS: u16 = 96;

/// Draws the pod under the cursor; `whole`: the pane has the whole body, so it may scroll.
pub fn render(model: &Model, theme: &Theme, area: Rect, whole: bool, frame: &mut Frame) {
    frame.render_widget(Clear, area);
    let title = Rect { height: 1, ..area };
    let inner = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let Some(pod) = model.pod() else {
        frame.render_widget(rule("no pod selected", Role::Muted, title.width, theme), title);
        return;
    };
    let (name, role) = signs::name(pod.name());
    let role = if role == Role::Text { Role::Title } else { role };
    let (name, role) = match model.view.gone_since(model.cursor) {
        Some(since) => {
            let ago = age(seconds_since(since, model.now));
            (format!("{name} · gone {ago} ago"), Role::Gone)
        }
        None => (name, role),
    };
    frame.render_widget(rule(&name, role, title.width, theme), title);
    let pod = &pod;
    let two = inner.width >= TWO_COLUMNS;
    let gauges = Rect {
        height: inner.height.min(2),
        ..inner
    };
    frame.render_widget(Paragraph::new(usage_lines(pod, theme, inner.width)), gauges);
    let rest = Rect {
        y: inner.y + gauges.height,
        height: inner.height - gauges.height,
        ..inner
    };
    let blank = u16::from(whole || rest.height > 14);
    let rest = Rect {
        y: rest.y + blank.min(rest.height),
        height: rest.height.saturating_sub(blank),
        ..rest
    };
    let (security, place) = (security_lines(pod, theme), place_lines(model, pod, theme));
    if two {
        let [first, second] = Layout::horizontal([Constraint::Percentage(50); 2]).areas(rest);
        let why = why_line(pod, theme);
        frame.render_widget(
            Paragraph::new([vec![why], security].concat()).wrap(Wrap { trim: false }),
            first,
        );
        frame.render_widget(Paragraph::new(place), second);
    } else {
        let lines = [vec![why_line(pod, theme)], security, place].concat();
        frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), rest);
    }
}

fn rule<'a>(title: &str, role: Role, width: u16, theme: &Theme) -> Line<'a> {
    let title = fit(title, usize::from(width).saturating_sub(6));
    let rest = usize::from(width).saturating_sub(title.width() + 4);
    Line::from(vec![
        Span::styled("── ", theme.style(Role::Rule)),
        Span::styled(title, theme.style(role)),
        Span::styled(format!(" {}", "─".repeat(rest)), theme.style(Role::Rule)),
    ])
}

fn usage_lines<'a>(pod: &Pod, theme: &Theme, width: u16) -> Vec<Line<'a>> {
    [
        ("CPU", pod.cpu(), pod.cpu_limit(), pod.cpu_usage(), false),
        (
            "Memory",
            pod.memory(),
            pod.memory_limit(),
            pod.memory_usage(),
            true,
        ),
    ]
    .into_iter()
    .map(|(label, used, limit, usage, is_memory)| {
        let amount = format!(
            "{} of {}",
            quantity(used, "n/a", is_memory),
            quantity(limit, "no limit", is_memory)
        );
        let amount_width = 20.min(usize::from(width) / 3);
        let word = match usage.pressure() {
            Pressure::Critical if usage.percent() > Some(100) => "▲ over",
            Pressure::Critical => "▲ critical",
            Pressure::Warn => "▲ near",
            Pressure::Calm | Pressure::Unknown => "",
        };
        let style = theme.style(signs::usage(usage));
        let bar_width = usize::from(width)
            .saturating_sub(LABEL + amount_width + 20)
            .clamp(4, 40);
        let mut line = Line::from(label_span(label, theme));
        line.push_span(Span::raw(left(&amount, amount_width)));
        line.push_span(Span::raw(" "));
        line.spans.extend(gauge::bar(usage, bar_width, theme));
        line.push_span(Span::styled(right(&percent_word(usage), 6), style));
        line.push_span(Span::styled(format!("  {word}"), style));
        line
    })
    .collect()
}

fn percent_word(usage: Usage) -> String {
    match usage {
        Usage::NoLimit => String::new(),
        other => signs::usage_word(other),
    }
}

/// A quantity as it came; bytes without a unit in one that can be read.
fn quantity(field: &Field<Quantity>, absent: &str, is_memory: bool) -> String {
    match field {
        Field::Absent => absent.to_owned(),
        Field::Unreadable => signs::UNREADABLE.to_owned(),
        Field::Value(Quantity { text, amount }) => match amount {
            Some(0) if absent == "no limit" => "no limit".to_owned(),
            Some(amount) if is_memory && text.raw().bytes().all(|byte| byte.is_ascii_digit()) => {
                bytes(*amount)
            }
            _ => text.shown().to_owned(),
        },
    }
}

fn label_span<'a>(label: &str, theme: &Theme) -> Span<'a> {
    Span::styled(format!(" {}", left(label, LABEL - 1)), theme.style(Role::Label))
}

fn field_line<'a>(label: &str, (text, role): (String, Role), theme: &Theme) -> Line<'a> {
    Line::from(vec![
        label_span(label, theme),
        Span::styled(text, theme.style(role)),
    ])
}

fn why_line<'a>(pod: &Pod, theme: &Theme) -> Line<'a> {
    let score = risk::score(pod);
    let (_, role) = signs::risk(score);
    let reasons: Vec<String> = risk::reasons(pod)
        .into_iter()
        .map(|reason| format!("{} {}", reason.label(), reason.weight()))
        .collect();
    let why = if reasons.is_empty() {
        "nothing known against it".to_owned()
    } else {
        reasons.join(", ")
    };
    Line::from(vec![
        label_span(&format!("Risk {score}"), theme),
        Span::styled(why, theme.style(if score == 0 { Role::Muted } else { role })),
    ])
}

fn security_lines<'a>(pod: &Pod, theme: &Theme) -> Vec<Line<'a>> {
    let shown = |shown: signs::Shown| (shown.text(), shown.role);
    let none = |text: &str| (text.to_owned(), Role::Muted);
    let (protection, detection) = if pod.serverless.is_some() {
        (
            shown(signs::protection(pod.protection())),
            shown(signs::detection(pod.detection())),
        )
    } else {
        (
            none("– HSS reports it for serverless pods only"),
            none("– HSS reports it for serverless pods only"),
        )
    };
    let kind = match (&pod.node, &pod.serverless) {
        (Some(_), Some(_)) => "on a node, and in the serverless list",
        (Some(_), None) => "on a node",
        (None, _) => "serverless",
    };
    vec![
        field_line("Protection", protection, theme),
        field_line("Detection", detection, theme),
        field_line("Status", shown(signs::status(pod.status())), theme),
        field_line("Kind", (kind.to_owned(), Role::Text), theme),
    ]
}

fn place_lines<'a>(model: &Model, pod: &Pod, theme: &Theme) -> Vec<Line<'a>> {
    let with = |first: &Field<RemoteText>, second: &Field<RemoteText>| {
        let (text, role) = signs::text(first);
        match second.value() {
            Some(second) if second.is_altered() => (format!("{text} (! {second})"), Role::Doubt),
            Some(second) if second.shown() != text => (format!("{text} ({second})"), role),
            _ => (text, role),
        }
    };
    let created = match pod.created() {
        Field::Value(at) => (
            format!(
                "{} ago, {}",
                age(seconds_since(at, model.now)),
                date(at, &model.zone)
            ),
            Role::Text,
        ),
        Field::Absent => (signs::ABSENT.to_owned(), Role::Muted),
        Field::Unreadable => (format!("{} not a date", signs::UNREADABLE), Role::Doubt),
    };
    vec![
        field_line("Namespace", signs::namespace(pod.namespace()), theme),
        field_line("Cluster", with(pod.cluster(), pod.cluster_type()), theme),
        field_line("Node", with(pod.node_name(), pod.node_ip()), theme),
        field_line("Pod IP", signs::text(pod.pod_ip()), theme),
        field_line("Created", created, theme),
        field_line("Region", signs::text(pod.region()), theme),
        field_line("Cluster id", signs::text(pod.cluster_id()), theme),
        field_line("Id", signs::text(pod.id()), theme),
    ]
}
