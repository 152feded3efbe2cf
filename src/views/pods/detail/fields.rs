//! The places and names of the pod: the fields that no other part of the detail shows.
//!
//! A field that HSS never reports for this kind of pod is left out. Must not: know the places of the lines.

use std::borrow::Cow;

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::{DetailFacts, LABEL};
use crate::app::Model;
use crate::fleet::fields::orders::{listed, with_rest};
use crate::fleet::fields::{FieldKind, Lists, PodField, PodNumber, PodText};
use crate::fleet::text::RemoteText;
use crate::fleet::{Field, Pod};
use crate::ui::format::{age, date, is_ahead, left, seconds_since};
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};

/// The fields, line by line: these, then every other one that is nowhere else in the detail.
const WHERE: [PodField; listed(&FIRST, &ELSEWHERE)] = with_rest(&FIRST, &ELSEWHERE);

const FIRST: [PodField; 10] = [
    PodField::Status,
    PodField::Kind,
    PodField::Namespace,
    PodField::Cluster,
    PodField::Node,
    PodField::PodIp,
    PodField::Age,
    PodField::Region,
    PodField::ClusterId,
    PodField::Id,
];

/// The fields that the heading and the other parts show.
const ELSEWHERE: [PodField; 13] = [
    PodField::Name,
    PodField::Risk,
    PodField::Protection,
    PodField::Detection,
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

/// The lines of the fields that HSS can report for this pod.
pub fn where_it_is(facts: DetailFacts<'_>) -> Vec<Line<'_>> {
    let DetailFacts { model, pod, theme } = facts;
    if facts.is_told() {
        // The names are all that its changes tell; a status that never changed is unknown.
        let told = WHERE.into_iter().filter(|field| is_told(*field, pod));
        return told.map(|field| line(field, model, pod, theme)).collect();
    }
    let fields = WHERE.into_iter().filter(|field| is_ever_said(*field, pod));
    fields.map(|field| line(field, model, pod, theme)).collect()
}

/// Whether the list that has the pod has this field.
fn is_ever_said(field: PodField, pod: &Pod) -> bool {
    match field.sent().map(|sent| sent.lists) {
        Some(Lists::Node) => pod.node.is_some(),
        Some(Lists::Serverless) => pod.serverless.is_some(),
        Some(Lists::Both) | None => true,
    }
}

/// Whether the changes of a pod told this field.
fn is_told(field: PodField, pod: &Pod) -> bool {
    match field {
        PodField::Status => !pod.status().is_absent(),
        PodField::Namespace | PodField::Cluster => true,
        _ => false,
    }
}

/// The line of a field: its label and its value.
fn line<'a>(field: PodField, model: &Model, pod: &'a Pod, theme: &Theme) -> Line<'a> {
    let (text, role) = value(field, model, pod);
    // The table only has room for the sign. HSS sent a list, an object or a switch.
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

/// The value of a field with a related one: a cluster with its type, a node with its address.
fn value<'a>(field: PodField, model: &Model, pod: &'a Pod) -> (Cow<'a, str>, Role) {
    match field.kind() {
        FieldKind::Text(PodText::Kind) => (kind(pod).into(), Role::Text),
        FieldKind::Text(PodText::Cluster) => with(pod.cluster(), pod.cluster_type()),
        FieldKind::Text(PodText::Node) => with(pod.node_name(), pod.node_ip()),
        FieldKind::Text(text) => signs::text_field(text, pod),
        FieldKind::Number(PodNumber::Age) => {
            let (text, role) = created(model, pod);
            (text.into(), role)
        }
        // Other parts of the detail show these.
        FieldKind::Number(
            PodNumber::Risk
            | PodNumber::Cpu
            | PodNumber::CpuLimit
            | PodNumber::CpuPercent
            | PodNumber::Memory
            | PodNumber::MemoryLimit
            | PodNumber::MemoryPercent,
        ) => ("".into(), Role::Text),
    }
}

/// A state, with HSS's word in brackets if it differs.
pub fn with_raw(shown: &signs::Shown<'_>, raw: Option<&str>) -> (String, Role) {
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

/// A text, with a related one in brackets.
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
            let seconds = seconds_since(at, model.detail_time());
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
            let raw = pod.create_time().value().map(|raw| format!(": {}", raw.shown()));
            let raw = raw.unwrap_or_default();
            (format!("{} not a date{raw}", signs::UNREADABLE), Role::Doubt)
        }
    }
}

pub fn label_span<'a>(label: &str, theme: &Theme) -> Span<'a> {
    Span::styled(format!(" {}", left(label, LABEL - 1)), theme.style(Role::Label))
}

/// The time of day, with the day if it is not today, and with the year if it is not this year.
pub fn moment(at: Timestamp, model: &Model) -> String {
    let at = at.to_zoned_datetime(model.zone.clone());
    let now = model.now.to_zoned_datetime(model.zone.clone());
    let form = if at.date() == now.date() {
        "%H:%M"
    } else if at.year() == now.year() {
        "%b %-d %H:%M"
    } else {
        "%b %-d %Y"
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};

    #[test]
    fn every_field_is_in_the_detail_once() {
        for field in PodField::ALL {
            let lines = WHERE.iter().chain(&ELSEWHERE);
            assert_eq!(lines.filter(|shown| *shown == field).count(), 1, "{field:?}");
        }
    }

    #[test]
    fn a_label_leaves_a_space_before_the_value() {
        for field in WHERE {
            assert!(field.row().label.len() < LABEL - 1, "{field:?}");
        }
    }

    #[test]
    fn a_field_that_the_list_of_the_pod_does_not_have_is_left_out() {
        let says = |pod: &Pod| {
            WHERE
                .into_iter()
                .filter(|field| is_ever_said(*field, pod))
                .count()
        };
        assert_eq!(says(&node("a").build()), WHERE.len());
        let is_of_node =
            |field: &PodField| field.sent().is_some_and(|sent| matches!(sent.lists, Lists::Node));
        let of_node = WHERE.iter().filter(|field| is_of_node(field)).count();
        assert!(of_node >= 4, "node, region and ids");
        assert_eq!(says(&serverless("a").build()), WHERE.len() - of_node);
    }
}
