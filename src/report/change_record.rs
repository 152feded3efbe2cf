//! A change of a pod as a record for programs: one line of JSON, or one of CSV.
//!
//! ```text
//! {"schema":"hss-top.watch/1","id":"dd23e1be204952fe","seen_at":"2026-11-28T23:00:41Z","change":"detection","from":"clean",…}
//! ```
//!
//! Owns the members, their meaning and their types, in one table. Every record has every member, and each member one type; a
//! text that is unknown is empty, a number that is unknown is `null`, times are in UTC with whole seconds. Must not: know where
//! changes come from.

use std::sync::Arc;

use jiff::Timestamp;

use super::columns::{Content, ExportValue};
use super::record_table::{RecordMember, RecordTable};
use crate::fleet::Field;
use crate::fleet::change_log::gravity;
use crate::fleet::changes::{Change, ChangeId};
use crate::fleet::text::RemoteText;

/// The name and the version of the schema.
pub const WATCH: &str = "hss-top.watch/1";

/// The meaning of the member `project`, which the records of all commands have.
pub(super) const PROJECT: &str = "the project's id; empty until it is found";
/// The meaning of their member `region`.
pub(super) const REGION: &str = "the region, or host and port of the endpoint";

/// A change and its source.
#[derive(Debug, Clone)]
pub struct ChangeRecord {
    /// The project's id; empty until it is known.
    pub project: Arc<str>,
    /// The region, or host and port.
    pub region: Arc<str>,
    /// The change.
    pub change: Change,
}

/// The table of the record.
pub const TABLE: RecordTable<ChangeRecord> = RecordTable {
    schema: WATCH,
    title: "A change, as a line of hss-top watch --output jsonl and of hss-top export changes",
    members: &MEMBERS,
};

/// A text of ours.
pub(super) fn own(text: &str) -> ExportValue {
    ExportValue::Text(RemoteText::name(text))
}

pub(super) fn time(at: Option<Timestamp>) -> ExportValue {
    at.map_or(ExportValue::Absent, ExportValue::time)
}

pub(super) fn remote(field: &Field<RemoteText>) -> ExportValue {
    match field {
        Field::Absent => ExportValue::Absent,
        Field::Unreadable => ExportValue::Unreadable,
        Field::Value(text) => remote_text(text),
    }
}

/// A text of HSS's.
pub(super) fn remote_text(text: &RemoteText) -> ExportValue {
    ExportValue::Text(text.clone())
}

fn side(change: &Change, at: usize) -> ExportValue {
    match change.kind.sides().get(at) {
        Some(Field::Value(text)) => own(text),
        Some(Field::Unreadable) => ExportValue::Unreadable,
        Some(Field::Absent) | None => ExportValue::Absent,
    }
}

fn number(number: Option<u32>) -> ExportValue {
    number.map_or(ExportValue::Absent, |number| ExportValue::Number(number.into()))
}

/// All members, in their order.
const MEMBERS: [RecordMember<ChangeRecord>; 16] = [
    RecordMember {
        name: "schema",
        content: Content::Text,
        meaning: "the name and the version of this schema",
        value: |_| own(WATCH),
    },
    RecordMember {
        name: "id",
        content: Content::Text,
        meaning: "the id of the change: 16 hexadecimal digits, the same in every run and for every program that records it",
        value: |record| own(&ChangeId::of(&record.change).to_string()),
    },
    RecordMember {
        name: "seen_at",
        content: Content::Text,
        meaning: "when hss-top first saw it, by its own clock (UTC)",
        value: |record| time(record.change.noticed),
    },
    RecordMember {
        name: "snapshot_at",
        content: Content::Text,
        meaning: "the date of HSS's first list with it (UTC); it happened before that",
        value: |record| time(record.change.after),
    },
    RecordMember {
        name: "previous_snapshot_at",
        content: Content::Text,
        meaning: "the date of HSS's last list without it (UTC)",
        value: |record| time(record.change.before),
    },
    RecordMember {
        name: "project",
        content: Content::Text,
        meaning: PROJECT,
        value: |record| own(&record.project),
    },
    RecordMember {
        name: "region",
        content: Content::Text,
        meaning: REGION,
        value: |record| own(&record.region),
    },
    RecordMember {
        name: "cluster_name",
        content: Content::Text,
        meaning: "the pod's cluster",
        value: |record| remote(&record.change.cluster),
    },
    RecordMember {
        name: "namespace_name",
        content: Content::Text,
        meaning: "the pod's namespace",
        value: |record| remote(&record.change.namespace),
    },
    RecordMember {
        name: "pod_name",
        content: Content::Text,
        meaning: "the pod's name",
        value: |record| remote(&record.change.name),
    },
    RecordMember {
        name: "change",
        content: Content::Text,
        meaning: "what changed: appeared, vanished, status, protection, detection, cpu, memory (a threshold of usage), cpu limit or memory limit",
        value: |record| own(record.change.kind.name()),
    },
    RecordMember {
        name: "from",
        content: Content::Text,
        meaning: "the value before, as HSS writes it; empty if it was missing, ? if it was unreadable",
        value: |record| side(&record.change, 0),
    },
    RecordMember {
        name: "to",
        content: Content::Text,
        meaning: "the value after",
        value: |record| side(&record.change, 1),
    },
    RecordMember {
        name: "worse_by",
        content: Content::Whole,
        meaning: "by how much it raises the pod's score; below zero if it lowers the score",
        value: |record| ExportValue::Number(gravity(&record.change).into()),
    },
    RecordMember {
        name: "score_before",
        content: Content::Count,
        meaning: "the pod's risk score in the previous list; null if the pod was not there",
        value: |record| number(record.change.scores.before),
    },
    RecordMember {
        name: "score_after",
        content: Content::Count,
        meaning: "the pod's risk score in the list with the change; null if the pod is gone",
        value: |record| number(record.change.scores.after),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::{ChangeKind, ScoreShift};
    use crate::fleet::fixture::node;
    use crate::fleet::words::Detection;
    use serde_json::Value;

    fn written(change: &Change) -> String {
        let record = ChangeRecord {
            project: "p".into(),
            region: "cn-north-4".into(),
            change: change.clone(),
        };
        let mut out = Vec::new();
        TABLE.write_json(&record, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_is_one_line_with_every_member_in_one_type() {
        let pod = node("a\u{1b}[2J\u{202e}").within("c", "pay").build();
        let full = Change {
            before: Timestamp::from_second(1_760_000_000).ok(),
            after: Timestamp::from_millisecond(1_760_003_600_500).ok(),
            noticed: Timestamp::from_second(1_760_003_700).ok(),
            scores: ScoreShift {
                before: Some(0),
                after: Some(60),
            },
            ..Change::of(
                &pod,
                ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into()),
            )
        };
        insta::assert_snapshot!(
            [written(&full), written(&Change::of(&pod, ChangeKind::Vanished))].concat(),
            @r#"
        {"schema":"hss-top.watch/1","id":"0955fe267727fde2","seen_at":"2025-10-09T09:55:00Z","snapshot_at":"2025-10-09T09:53:20Z","previous_snapshot_at":"2025-10-09T08:53:20Z","project":"p","region":"cn-north-4","cluster_name":"c","namespace_name":"pay","pod_name":"a\u001b[2J\u202e","change":"detection","from":"clean","to":"risk","worse_by":60,"score_before":0,"score_after":60}
        {"schema":"hss-top.watch/1","id":"3918edb9f66dce09","seen_at":"","snapshot_at":"","previous_snapshot_at":"","project":"p","region":"cn-north-4","cluster_name":"c","namespace_name":"pay","pod_name":"a\u001b[2J\u202e","change":"vanished","from":"","to":"","worse_by":0,"score_before":null,"score_after":null}
        "#
        );
    }

    #[test]
    fn the_schema_has_every_member_with_a_meaning() {
        let schema = TABLE.json_schema();
        let change = Change::of(&node("a").build(), ChangeKind::Appeared);
        let record: Value = serde_json::from_str(&written(&change)).unwrap();
        let members: Vec<&String> = record.as_object().unwrap().keys().collect();
        assert_eq!(members.len(), MEMBERS.len());
        for name in members {
            let member = &schema["properties"][name];
            assert!(member["const"] == WATCH || member["description"] != "", "{name}");
        }
    }
}
