//! The columns of a file, in one table: name and value. The names are those of the API where it has one.

use jiff::Timestamp;

use crate::fleet::quantity::Quantity;
use crate::fleet::text::RemoteText;
use crate::fleet::usage::Usage;
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, Pod, risk};

/// What a row is made from.
#[derive(Debug, Clone)]
pub struct Row {
    /// The pod.
    pub pod: Pod,
    /// Since when it is gone, if it is.
    pub gone_since: Option<Timestamp>,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// HSS does not say.
    Absent,
    /// HSS says something that cannot be read.
    Unreadable,
    /// A text, of the API or of ours.
    Text(RemoteText),
    /// A whole number.
    Number(u64),
}

impl Value {
    fn word(raw: &str) -> Self {
        Self::Text(RemoteText::name(raw))
    }

    fn of<T>(field: &Field<T>, value: impl Fn(&T) -> Self) -> Self {
        match field {
            Field::Absent => Self::Absent,
            Field::Unreadable => Self::Unreadable,
            Field::Value(inner) => value(inner),
        }
    }

    fn text(field: &Field<RemoteText>) -> Self {
        Self::of(field, |text| Self::Text(text.clone()))
    }

    fn quantity(field: &Field<Quantity>) -> Self {
        Self::of(field, |quantity| Self::Text(quantity.text.clone()))
    }

    fn percent(usage: Usage) -> Self {
        match usage {
            Usage::Unreadable => Self::Unreadable,
            other => other
                .percent()
                .map_or(Self::Absent, |percent| Self::Number(percent.into())),
        }
    }

    fn time(at: Timestamp) -> Self {
        Self::word(&at.to_string())
    }
}

/// A column: its name, and its value in a row.
pub type Column = (&'static str, fn(&Row) -> Value);

/// Every column, in the order of a file.
pub const COLUMNS: [Column; 22] = [
    ("pod_name", |row| Value::text(row.pod.name())),
    ("namespace_name", |row| Value::text(row.pod.namespace())),
    ("cluster_name", |row| Value::text(row.pod.cluster())),
    ("cluster_id", |row| Value::text(row.pod.cluster_id())),
    ("cluster_type", |row| Value::text(row.pod.cluster_type())),
    ("region_id", |row| Value::text(row.pod.region())),
    ("node_name", |row| Value::text(row.pod.node_name())),
    ("node_ip", |row| Value::text(row.pod.node_ip())),
    ("pod_ip", |row| Value::text(row.pod.pod_ip())),
    ("id", |row| Value::text(row.pod.id())),
    ("status", |row| {
        Value::of(row.pod.status(), |word: &Status| Value::word(word.raw()))
    }),
    ("protect_status", |row| {
        Value::of(row.pod.protection(), |word: &Protection| Value::word(word.raw()))
    }),
    ("detect_result", |row| {
        Value::of(row.pod.detection(), |word: &Detection| Value::word(word.raw()))
    }),
    ("risk", |row| Value::Number(risk::score(&row.pod).into())),
    ("cpu", |row| Value::quantity(row.pod.cpu())),
    ("cpu_limit", |row| Value::quantity(row.pod.cpu_limit())),
    ("cpu_percent", |row| Value::percent(row.pod.cpu_usage())),
    ("memory", |row| Value::quantity(row.pod.memory())),
    ("memory_limit", |row| Value::quantity(row.pod.memory_limit())),
    ("memory_percent", |row| Value::percent(row.pod.memory_usage())),
    ("create_time", |row| {
        Value::of(&row.pod.created(), |at| Value::time(*at))
    }),
    ("gone_since", |row| {
        row.gone_since.map_or(Value::Absent, Value::time)
    }),
];
