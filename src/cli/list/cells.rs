//! The values of a pod in the words of the screen.
//!
//! Must not: pad, cut or colour them.

use jiff::Timestamp;

use crate::fleet::fields::{FieldKind, PodColumn, PodField, PodNumber, PodText};
use crate::fleet::quantity::Measure;
use crate::fleet::{Field, Pod, risk};
use crate::ui::format::{age_or_ahead, seconds_since};
use crate::ui::{amount, signs};

/// The value of a column; `now` is the time by the service's clock.
pub(super) fn cell(column: PodColumn, pod: &Pod, now: Timestamp) -> String {
    match (column, column.field().kind()) {
        (PodColumn::Sent(_), FieldKind::Text(text)) => match text.of(pod).sent() {
            Field::Value(text) => text.shown().to_owned(),
            Field::Absent => signs::ABSENT.to_owned(),
            Field::Unreadable => signs::UNREADABLE.to_owned(),
        },
        (PodColumn::Shown(field) | PodColumn::Sent(field), _) => shown(field, pod, now),
    }
}

/// The value of a field in the words of the screen; `now` is the time by the service's clock.
fn shown(field: PodField, pod: &Pod, now: Timestamp) -> String {
    match field.kind() {
        // A state is a word here, without its sign.
        FieldKind::Text(PodText::Status) => signs::status(pod.status()).word.to_owned(),
        FieldKind::Text(PodText::Protection) => signs::protection(pod.protection()).word.to_owned(),
        FieldKind::Text(PodText::Detection) => signs::detection(pod.detection()).word.to_owned(),
        FieldKind::Text(text) => signs::text_field(text, pod).0.into_owned(),
        FieldKind::Number(number) => match number {
            PodNumber::Risk => signs::risk(risk::score(pod)).0,
            PodNumber::CpuPercent => signs::usage_word(pod.cpu_usage()).into_owned(),
            PodNumber::MemoryPercent => signs::usage_word(pod.memory_usage()).into_owned(),
            PodNumber::Age => age(pod, now),
            PodNumber::Cpu => amount::alone(pod.cpu(), Measure::Cpu).0,
            PodNumber::Memory => amount::alone(pod.memory(), Measure::Memory).0,
            PodNumber::CpuLimit => amount::alone(pod.cpu_limit(), Measure::Cpu).0,
            PodNumber::MemoryLimit => amount::alone(pod.memory_limit(), Measure::Memory).0,
        },
    }
}

fn age(pod: &Pod, now: Timestamp) -> String {
    match pod.created() {
        Field::Value(created) => age_or_ahead(seconds_since(created, now)),
        Field::Absent => signs::ABSENT.to_owned(),
        Field::Unreadable => signs::UNREADABLE.to_owned(),
    }
}
