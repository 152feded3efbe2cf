//! The values of a pod in the words of the screen.
//!
//! Must not: pad, cut or colour them.

use jiff::Timestamp;

use crate::fleet::fields::{FieldKind, PodColumn, PodField};
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
    match field {
        PodField::Risk => signs::risk(risk::score(pod)).0,
        PodField::Namespace => signs::namespace(pod.namespace()).0.into_owned(),
        PodField::Name => signs::name(pod.name()).0.into_owned(),
        PodField::Status => signs::status(pod.status()).word.to_owned(),
        PodField::Protection => signs::protection(pod.protection()).word.to_owned(),
        PodField::Detection => signs::detection(pod.detection()).word.to_owned(),
        PodField::CpuPercent => signs::usage_word(pod.cpu_usage()).into_owned(),
        PodField::MemoryPercent => signs::usage_word(pod.memory_usage()).into_owned(),
        PodField::Age => age(pod, now),
        PodField::Cluster => signs::text(pod.cluster()).0.into_owned(),
        PodField::ClusterId => signs::text(pod.cluster_id()).0.into_owned(),
        PodField::ClusterType => signs::text(pod.cluster_type()).0.into_owned(),
        PodField::Region => signs::text(pod.region()).0.into_owned(),
        PodField::Node => signs::text(pod.node_name()).0.into_owned(),
        PodField::NodeIp => signs::text(pod.node_ip()).0.into_owned(),
        PodField::PodIp | PodField::Ip => signs::text(pod.pod_ip()).0.into_owned(),
        PodField::Id => signs::text(pod.id()).0.into_owned(),
        PodField::Kind => signs::lists(pod).to_owned(),
        PodField::Cpu => amount::alone(pod.cpu(), Measure::Cpu).0,
        PodField::Memory => amount::alone(pod.memory(), Measure::Memory).0,
        PodField::CpuLimit => amount::alone(pod.cpu_limit(), Measure::Cpu).0,
        PodField::MemoryLimit => amount::alone(pod.memory_limit(), Measure::Memory).0,
    }
}

fn age(pod: &Pod, now: Timestamp) -> String {
    match pod.created() {
        Field::Value(created) => age_or_ahead(seconds_since(created, now)),
        Field::Absent => signs::ABSENT.to_owned(),
        Field::Unreadable => signs::UNREADABLE.to_owned(),
    }
}
