//! A mute as a record for programs.
//!
//! Must not: decide whether it holds.

use std::sync::Arc;

use super::change_record::{PROJECT, REGION, own, remote_text, time};
use super::columns::{Content, ExportValue};
use super::record_table::{RecordMember, RecordTable};
use crate::fleet::decisions::{Mute, MuteEnd, MuteTarget};

/// The name and the version of the schema.
pub const MUTES: &str = "hss-top.mutes/1";

/// A mute, its number, and whether it holds.
#[derive(Debug, Clone)]
pub struct MuteRecord {
    /// Its number in the saved state.
    pub number: i64,
    /// Whether it holds now.
    pub holds: bool,
    /// The mute.
    pub mute: Mute,
    /// The project's id; empty until it is known.
    pub project: Arc<str>,
    /// The region, or host and port.
    pub region: Arc<str>,
}

/// The table of the record.
pub const TABLE: RecordTable<MuteRecord> = RecordTable {
    schema: MUTES,
    title: "A mute, as a line of hss-top mutes list --output jsonl",
    members: &MEMBERS,
};

/// Pod, namespace, cluster and filter of a mute.
fn target(record: &MuteRecord) -> [ExportValue; 4] {
    const NONE: ExportValue = ExportValue::Absent;
    match &record.mute.target {
        MuteTarget::Pod {
            name,
            namespace,
            cluster,
            ..
        } => [
            remote_text(name),
            remote_text(namespace),
            remote_text(cluster),
            NONE,
        ],
        MuteTarget::Namespace { namespace, cluster } => {
            [NONE, remote_text(namespace), remote_text(cluster), NONE]
        }
        MuteTarget::Filter(filter) => [NONE, NONE, NONE, own(filter)],
    }
}

const MEMBERS: [RecordMember<MuteRecord>; 14] = [
    RecordMember {
        name: "schema",
        content: Content::Text,
        meaning: "the name and the version of this schema",
        value: |_| own(MUTES),
    },
    RecordMember {
        name: "number",
        content: Content::Count,
        meaning: "its number, for hss-top mutes expire",
        value: |record| ExportValue::Number(record.number.into()),
    },
    RecordMember {
        name: "state",
        content: Content::Text,
        meaning: "active, or ended",
        value: |record| own(if record.holds { "active" } else { "ended" }),
    },
    RecordMember {
        name: "muted_at",
        content: Content::Text,
        meaning: "since when (UTC)",
        value: |record| time(Some(record.mute.at)),
    },
    RecordMember {
        name: "who",
        content: Content::Text,
        meaning: "the user who muted",
        value: |record| own(&record.mute.who),
    },
    RecordMember {
        name: "pod_name",
        content: Content::Text,
        meaning: "the pod; empty if several are muted",
        value: |record| {
            let [pod, ..] = target(record);
            pod
        },
    },
    RecordMember {
        name: "namespace_name",
        content: Content::Text,
        meaning: "the namespace of the pod or the pods",
        value: |record| {
            let [_, namespace, ..] = target(record);
            namespace
        },
    },
    RecordMember {
        name: "cluster_name",
        content: Content::Text,
        meaning: "the cluster of the pod or the pods",
        value: |record| {
            let [_, _, cluster, _] = target(record);
            cluster
        },
    },
    RecordMember {
        name: "filter",
        content: Content::Text,
        meaning: "the filter of the muted pods, if the mute has one",
        value: |record| {
            let [.., filter] = target(record);
            filter
        },
    },
    RecordMember {
        name: "until",
        content: Content::Text,
        meaning: "changed, time or worse",
        value: |record| {
            own(match record.mute.end {
                MuteEnd::Changed => "changed",
                MuteEnd::At(_) => "time",
                MuteEnd::Never => "worse",
            })
        },
    },
    RecordMember {
        name: "until_at",
        content: Content::Text,
        meaning: "the end, if it is a time (UTC)",
        value: |record| match record.mute.end {
            MuteEnd::At(end) => time(Some(end)),
            MuteEnd::Changed | MuteEnd::Never => ExportValue::Absent,
        },
    },
    RecordMember {
        name: "ended_at",
        content: Content::Text,
        meaning: "when somebody ended it early (UTC)",
        value: |record| time(record.mute.undone),
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
];
