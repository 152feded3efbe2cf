//! The lines of the detail: every field of the pod, by the table of fields.
//!
//! Must not: know where the lines stand.

use std::borrow::Cow;

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::LABEL;
use crate::app::Model;
use crate::fleet::fields::PodField;
use crate::fleet::news::since_when;
use crate::fleet::quantity::Measure;
use crate::fleet::text::RemoteText;
use crate::fleet::words::{Detection, Protection};
use crate::fleet::{Field, Pod, risk};
use crate::ui::format::{age, date, is_ahead, left, seconds_since};
use crate::ui::theme::{Role, Theme};
use crate::ui::{amount, signs};

/// The states of a pod, line by line.
pub const STATES: [PodField; 4] = [
    PodField::Protection,
    PodField::Detection,
    PodField::Status,
    PodField::Kind,
];

/// Where it is and what it is called, line by line.
pub const PLACE: [PodField; 8] = [
    PodField::Namespace,
    PodField::Cluster,
    PodField::Node,
    PodField::PodIp,
    PodField::Age,
    PodField::Region,
    PodField::ClusterId,
    PodField::Id,
];

/// The line of a field: its label and its value.
pub fn line<'a>(field: PodField, model: &Model, pod: &'a Pod, theme: &Theme) -> Line<'a> {
    let (text, role) = value(field, model, pod);
    // The table has room for the sign only. What came is a list, an object or a switch.
    let text = if text == signs::UNREADABLE {
        format!("{text} not a text").into()
    } else {
        text
    };
    Line::from(vec![
        label_span(field.row().label, theme),
        Span::styled(text, theme.style(role)),
    ])
}

/// The value of a field with what belongs to it: a cluster with its type, a node with its address.
fn value<'a>(field: PodField, model: &Model, pod: &'a Pod) -> (Cow<'a, str>, Role) {
    let owned = |(text, role): (String, Role)| (Cow::Owned(text), role);
    let shown = |shown: signs::Shown<'_>| (Cow::Owned(shown.text()), shown.role);
    let no_security = || ("– for serverless pods only".into(), Role::Muted);
    match field {
        PodField::Protection if pod.serverless.is_none() => no_security(),
        PodField::Detection if pod.serverless.is_none() => no_security(),
        PodField::Protection => {
            let raw = pod.protection().value().map(Protection::raw);
            owned(with_raw(&signs::protection(pod.protection()), raw))
        }
        PodField::Detection => {
            let raw = pod.detection().value().map(Detection::raw);
            owned(with_raw(&signs::detection(pod.detection()), raw))
        }
        PodField::Status => shown(signs::status(pod.status())),
        PodField::Kind => (kind(pod).into(), Role::Text),
        PodField::Name => signs::name(pod.name()),
        PodField::Namespace => signs::namespace(pod.namespace()),
        PodField::Cluster => with(pod.cluster(), pod.cluster_type()),
        PodField::Node => with(pod.node_name(), pod.node_ip()),
        PodField::Ip => with(pod.pod_ip(), pod.node_ip()),
        PodField::PodIp => signs::text(pod.pod_ip()),
        PodField::NodeIp => signs::text(pod.node_ip()),
        PodField::Age => owned(created(model, pod)),
        PodField::Region => signs::text(pod.region()),
        PodField::ClusterId => signs::text(pod.cluster_id()),
        PodField::ClusterType => signs::text(pod.cluster_type()),
        PodField::Id => signs::text(pod.id()),
        PodField::Risk => owned(signs::risk(risk::score(pod))),
        PodField::CpuPercent => owned((signs::usage_word(pod.cpu_usage()), signs::usage(pod.cpu_usage()))),
        PodField::MemoryPercent => owned((
            signs::usage_word(pod.memory_usage()),
            signs::usage(pod.memory_usage()),
        )),
        PodField::Cpu => owned(amount::alone(pod.cpu(), Measure::Cpu)),
        PodField::CpuLimit => owned(amount::alone(pod.cpu_limit(), Measure::Cpu)),
        PodField::Memory => owned(amount::alone(pod.memory(), Measure::Memory)),
        PodField::MemoryLimit => owned(amount::alone(pod.memory_limit(), Measure::Memory)),
    }
}

/// A state, and in brackets the word that HSS has for it, where that is another.
fn with_raw(shown: &signs::Shown<'_>, raw: Option<&str>) -> (String, Role) {
    let text = shown.text();
    let text = match raw.map(RemoteText::name) {
        Some(raw) if raw.shown() != shown.word => format!("{text} ({})", raw.shown()),
        _ => text,
    };
    (text, shown.role)
}

fn kind(pod: &Pod) -> &'static str {
    match (&pod.node, &pod.serverless) {
        (Some(_), Some(_)) => "on a node, and in the serverless list",
        (Some(_), None) => "on a node",
        (None, _) => "serverless",
    }
}

/// A text, and in brackets another that belongs to it.
fn with<'a>(first: &'a Field<RemoteText>, second: &'a Field<RemoteText>) -> (Cow<'a, str>, Role) {
    let (text, role) = signs::text(first);
    match second.value() {
        Some(second) if second.is_altered() => (format!("{text} (! {second})").into(), Role::Doubt),
        Some(second) if second.shown() != text => (format!("{text} ({second})").into(), role),
        _ => (text, role),
    }
}

fn created(model: &Model, pod: &Pod) -> (String, Role) {
    match pod.created() {
        Field::Value(at) => {
            let seconds = seconds_since(at, model.status.service_time(model.now));
            // What has always the same width stands first.
            let date = date(at, &model.zone);
            if is_ahead(seconds) {
                (format!("{date}, which is in {}", age(-seconds)), Role::Doubt)
            } else {
                (format!("{date}, {} ago", age(seconds)), Role::Text)
            }
        }
        Field::Absent => (signs::ABSENT.to_owned(), Role::Muted),
        Field::Unreadable => {
            let raw = pod.create_time().value().map(|raw| format!(": {raw}"));
            let raw = raw.unwrap_or_default();
            (format!("{} not a date{raw}", signs::UNREADABLE), Role::Doubt)
        }
    }
}

fn label_span<'a>(label: &str, theme: &Theme) -> Span<'a> {
    Span::styled(format!(" {}", left(label, LABEL - 1)), theme.style(Role::Label))
}

/// The time of day, with the day where that is another one.
fn moment(at: Timestamp, model: &Model) -> String {
    let at = at.to_zoned_datetime(model.zone.clone());
    let is_today = at.date() == model.now.to_zoned_datetime(model.zone.clone()).date();
    let form = if is_today { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    at.strftime(form).to_string()
}

/// The risk as the sum of its reasons, and since when each holds, where that was seen.
pub fn why_line<'a>(model: &Model, pod: &Pod, theme: &Theme) -> Line<'a> {
    let score = risk::score(pod);
    let (_, role) = signs::risk(score);
    let reasons: Vec<String> = risk::reasons(pod)
        .into_iter()
        .map(|reason| {
            let since = since_when(model.fleet.changes(), &pod.key, reason);
            let since = since.map_or_else(String::new, |at| format!(" since {}", moment(at, model)));
            format!("{} {}{since}", reason.label(), reason.weight())
        })
        .collect();
    let why = if reasons.is_empty() {
        "nothing known against it".to_owned()
    } else {
        format!("= {}", reasons.join(" + "))
    };
    Line::from(vec![
        label_span(&format!("Risk {score}"), theme),
        Span::styled(why, theme.style(if score == 0 { Role::Muted } else { role })),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the heading, the bars, the line of the risk and other lines show.
    const ELSEWHERE: [PodField; 11] = [
        PodField::Name,
        PodField::Risk,
        PodField::Cpu,
        PodField::CpuLimit,
        PodField::CpuPercent,
        PodField::Memory,
        PodField::MemoryLimit,
        PodField::MemoryPercent,
        PodField::ClusterType,
        PodField::NodeIp,
        PodField::Ip,
    ];

    #[test]
    fn every_field_is_in_the_detail_once() {
        for field in PodField::ALL {
            let lines = STATES.iter().chain(&PLACE).chain(&ELSEWHERE);
            assert_eq!(lines.filter(|shown| *shown == field).count(), 1, "{field:?}");
        }
    }

    #[test]
    fn a_label_leaves_a_space_before_the_value() {
        for field in STATES.iter().chain(&PLACE) {
            assert!(field.row().label.len() < LABEL - 1, "{field:?}");
        }
    }
}
