//! The differences of two pods, or the changes of one, line by line.
//!
//! Pure: from pods and changes to texts. Two texts differ if the screen shows them differently, because that
//! is what an operator can act on. Must not: know the places of the lines.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::app::Model;
use crate::app::compare::ComparedPod;
use crate::fleet::changes::{Change, ChangeKind};
use crate::fleet::fields::orders::{listed, with_rest};
use crate::fleet::fields::{FieldKind, PodField, PodNumber, PodText};
use crate::fleet::quantity::Measure;
use crate::fleet::usage::{CRITICAL_PERCENT, Pressure, WARN_PERCENT};
use crate::fleet::{Field, Pod, risk};
use crate::ui::format::date;
use crate::ui::moment::moment;
use crate::ui::theme::Role;
use crate::ui::{amount, signs};

/// A value, and its meaning.
pub type Valued = (String, Role);

/// A line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareRow {
    /// What is compared.
    pub label: &'static str,
    /// The left value and the right one.
    pub values: [Valued; 2],
    /// When it changed, if known.
    pub when: String,
    /// Whether the values differ.
    pub differs: bool,
}

/// The compared fields, in the order of the lines: problems, identity, places, and every other one.
const FIELDS: [PodField; listed(&FIRST, &WITHIN_OTHERS)] = with_rest(&FIRST, &WITHIN_OTHERS);

/// A usage includes amount and limit, so these have no separate line, nor have both addresses together.
const WITHIN_OTHERS: [PodField; 5] = [
    PodField::Cpu,
    PodField::CpuLimit,
    PodField::Memory,
    PodField::MemoryLimit,
    PodField::Ip,
];

const FIRST: [PodField; 18] = [
    PodField::Risk,
    PodField::Status,
    PodField::Protection,
    PodField::Detection,
    PodField::CpuPercent,
    PodField::MemoryPercent,
    PodField::Name,
    PodField::Namespace,
    PodField::Cluster,
    PodField::ClusterType,
    PodField::Node,
    PodField::NodeIp,
    PodField::PodIp,
    PodField::Kind,
    PodField::Age,
    PodField::Region,
    PodField::ClusterId,
    PodField::Id,
];

/// All fields of two pods, side by side.
pub fn of_two(left: &ComparedPod, right: &ComparedPod, model: &Model) -> Vec<CompareRow> {
    let row = |field: PodField| {
        let values = [left, right].map(|side| value(field, side, model));
        CompareRow {
            label: field.row().label,
            differs: values[0].0 != values[1].0,
            values,
            when: String::new(),
        }
    };
    FIELDS.into_iter().map(row).collect()
}

/// The changes of a pod, the newest first; then the fields without a saved change.
pub fn of_past(side: &ComparedPod, model: &Model) -> Vec<CompareRow> {
    let changes = model.shown_fleet().changes().iter().rev();
    let changes = changes.filter(|change| change.pod == side.pod.key);
    let mut rows: Vec<CompareRow> = changes.map(|change| changed(change, model)).collect();
    for field in FIELDS {
        let label = field.row().label;
        if rows.iter().all(|row| row.label != label) {
            rows.push(CompareRow {
                label,
                values: [("·".to_owned(), Role::Muted), value(field, side, model)],
                when: String::new(),
                differs: false,
            });
        }
    }
    rows
}

/// A change as a line: the value before, the value after, and the two lists of HSS between which it happened.
fn changed(change: &Change, model: &Model) -> CompareRow {
    let (label, values) = before_and_after(&change.kind);
    let when = match (change.before, change.after) {
        (Some(before), Some(after)) => between(before, after, model),
        (None, Some(after)) => format!("by {}", date_of(after, model)),
        (Some(before), None) => format!("after {}", date_of(before, model)),
        (None, None) => "unknown".to_owned(),
    };
    CompareRow {
        label,
        values,
        when,
        differs: true,
    }
}

fn before_and_after(kind: &ChangeKind) -> (&'static str, [Valued; 2]) {
    let shown = |shown: signs::Shown<'_>| (shown.text(), shown.role);
    let listed = || ("listed".to_owned(), Role::Text);
    match kind {
        ChangeKind::Appeared => ("Pod", [("not listed".to_owned(), Role::Muted), listed()]),
        ChangeKind::Vanished => ("Pod", [listed(), shown(signs::gone())]),
        ChangeKind::Status(from, to) => (
            PodField::Status.row().label,
            [from, to].map(|word| shown(signs::status(word))),
        ),
        ChangeKind::Protection(from, to) => (
            PodField::Protection.row().label,
            [from, to].map(|word| shown(signs::protection(word))),
        ),
        ChangeKind::Detection(from, to) => (
            PodField::Detection.row().label,
            [from, to].map(|word| shown(signs::detection(word))),
        ),
        ChangeKind::CpuThreshold(from, to) => (PodField::CpuPercent.row().label, [*from, *to].map(pressure)),
        ChangeKind::MemoryThreshold(from, to) => {
            (PodField::MemoryPercent.row().label, [*from, *to].map(pressure))
        }
        ChangeKind::LimitChanged(measure, from, to) => {
            let field = match measure {
                Measure::Cpu => PodField::CpuLimit,
                Measure::Memory => PodField::MemoryLimit,
            };
            let limits = [from, to].map(|limit| amount::alone(limit, *measure));
            (field.row().label, limits)
        }
    }
}

/// How close a usage is to its limit, in words.
fn pressure(pressure: Pressure) -> Valued {
    match pressure {
        Pressure::Unknown => ("unknown".to_owned(), Role::Muted),
        Pressure::Calm => (format!("below {WARN_PERCENT}%"), Role::Text),
        Pressure::Warn => (format!("% from {WARN_PERCENT}%"), Role::Warn),
        Pressure::Critical => (format!("% from {CRITICAL_PERCENT}%"), Role::Bad),
    }
}

/// A pod's value in a field.
fn value(field: PodField, side: &ComparedPod, model: &Model) -> Valued {
    if !side.is_listed {
        return (signs::ABSENT.to_owned(), Role::Muted);
    }
    let pod = &side.pod;
    let owned = |(text, role): (Cow<'_, str>, Role)| (text.into_owned(), role);
    let shown = |shown: signs::Shown<'_>| (shown.text(), shown.role);
    let no_security = || ("– only for serverless pods".to_owned(), Role::Muted);
    match field.kind() {
        FieldKind::Text(PodText::Status) if side.gone_since.is_some() => shown(signs::gone()),
        FieldKind::Text(PodText::Protection | PodText::Detection) if pod.serverless.is_none() => {
            no_security()
        }
        FieldKind::Text(text) => owned(signs::text_field(text, pod)),
        FieldKind::Number(number) => match number {
            PodNumber::Risk => risk_of(pod),
            PodNumber::Cpu | PodNumber::CpuLimit | PodNumber::CpuPercent => usage(pod, Measure::Cpu),
            PodNumber::Memory | PodNumber::MemoryLimit | PodNumber::MemoryPercent => {
                usage(pod, Measure::Memory)
            }
            PodNumber::Age => match pod.created() {
                Field::Value(at) => (date(at, &model.zone), Role::Text),
                Field::Absent => (signs::ABSENT.to_owned(), Role::Muted),
                Field::Unreadable => (signs::UNREADABLE.to_owned(), Role::Doubt),
            },
        },
    }
}

/// The score with its reasons.
fn risk_of(pod: &Pod) -> Valued {
    let (score, role) = signs::risk(risk::score(pod));
    let reasons: Vec<&str> = risk::reasons(pod).into_iter().map(risk::Reason::label).collect();
    if reasons.is_empty() {
        (score, role)
    } else {
        (format!("{score}  {}", reasons.join(", ")), role)
    }
}

/// The used amount, the limit, and the percentage.
fn usage(pod: &Pod, measure: Measure) -> Valued {
    let (used, limit, usage) = match measure {
        Measure::Cpu => (pod.cpu(), pod.cpu_limit(), pod.cpu_usage()),
        Measure::Memory => (pod.memory(), pod.memory_limit(), pod.memory_usage()),
    };
    let amount = amount::usage(used, limit, measure);
    let role = match signs::usage(usage) {
        Role::Good => Role::Text,
        role => role,
    };
    match usage.percent() {
        Some(_) => (format!("{}  {amount}", signs::usage_word(usage)), role),
        None => (amount, role),
    }
}

/// The date of a list of HSS, with the day if it is not today.
fn date_of(at: Timestamp, model: &Model) -> String {
    moment(at, model.now, &model.zone)
}

/// The dates of two lists of HSS; the day is said once if it is the same.
fn between(before: Timestamp, after: Timestamp, model: &Model) -> String {
    let date = |at: Timestamp| at.to_zoned_datetime(model.zone.clone()).date();
    let until = if date(before) == date(after) {
        after
            .to_zoned_datetime(model.zone.clone())
            .strftime("%H:%M")
            .to_string()
    } else {
        date_of(after, model)
    };
    format!("{}–{until}", date_of(before, model))
}

#[cfg(test)]
mod tests;
