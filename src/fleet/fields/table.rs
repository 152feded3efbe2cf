//! The rows of the table of fields.
//!
//! The sections are the kinds of fields: the pod's name, another text that HSS sends, a derived text, a derived
//! number, a quantity that HSS sends, the date that HSS sends. The enums and the columns of the store are made
//! from the rows, so that no list of fields can miss one. Must not: contain anything but rows.

use super::enums::pod_fields;
use super::{ExportForm, FieldKind, FieldRow, LATE, Lists, Sent, SentTitle, Wording, step};
use crate::fleet::pseudonym::NameKind;
use crate::fleet::query::Unit;
use crate::fleet::raw::List;
use crate::fleet::words::{CLUSTER_TYPES, Detection, Protection, Status};

pod_fields! {
    sent name {
        /// The pod's name.
        Name("pod_name", Lists::Both, Wording::Names(NameKind::Pod)) => FieldRow {
            name: "pod",
            aliases: &["name"],
            title: "POD",
            widths: &[step(21, 10), step(32, 20), step(63, 27)],
            label: "Pod",
            is_searched: true,
            exports: &[("pod_name", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
    }
    sent texts {
        /// The namespace's name.
        Namespace("namespace_name", Lists::Both, Wording::Names(NameKind::Namespace)) => FieldRow {
            name: "ns",
            aliases: &["namespace"],
            title: "NAMESPACE",
            widths: &[step(9, 11), step(14, 22), step(24, 28), step(40, 73)],
            label: "Namespace",
            is_searched: true,
            exports: &[("namespace_name", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// The cluster's name.
        Cluster("cluster_name", Lists::Both, Wording::Names(NameKind::Cluster)) => FieldRow {
            name: "cluster",
            title: "CLUSTER",
            widths: &[step(16, 24), step(24, 46), step(36, 72)],
            label: "Cluster",
            is_searched: true,
            exports: &[("cluster_name", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// The node's name.
        Node("node_name", Lists::Node, Wording::Names(NameKind::Node)) => FieldRow {
            name: "node",
            title: "NODE",
            widths: &[step(14, 26), step(20, 47), step(36, 71)],
            label: "Node",
            is_searched: true,
            exports: &[("node_name", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// The pod's own address.
        PodIp("pod_ip", Lists::Both, Wording::Names(NameKind::Address)) => FieldRow {
            name: "podip",
            title: "POD IP",
            widths: &[step(15, 48)],
            label: "Pod IP",
            is_searched: true,
            exports: &[("pod_ip", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// The node's address.
        NodeIp("node_ip", Lists::Node, Wording::Names(NameKind::Address)) => FieldRow {
            name: "nodeip",
            title: "NODE IP",
            widths: &[step(15, 49)],
            label: "Node IP",
            is_searched: true,
            exports: &[("node_ip", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// The phase, as of the snapshot.
        Status("status", Lists::Both, Wording::Closed(Status::LISTED)) => FieldRow {
            name: "status",
            title: "STATUS",
            widths: &[step(7, 12), step(9, 25), step(11, 43)],
            label: "Status",
            is_searched: true,
            exports: &[("status", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// Whether HSS protects it.
        Protection("protect_status", Lists::Serverless, Wording::Closed(Protection::LISTED)) => FieldRow {
            name: "protect",
            aliases: &["protection"],
            title: "PROTECT",
            widths: &[step(8, 13)],
            as_sent: Some(SentTitle { title: "PROTECT_STATUS", cells: 20 }),
            label: "Protection",
            is_searched: true,
            exports: &[("protect_status", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// What HSS found.
        Detection("detect_result", Lists::Serverless, Wording::Closed(Detection::LISTED)) => FieldRow {
            name: "detect",
            aliases: &["detection", "scan"],
            title: "DETECT",
            widths: &[step(11, 14), step(13, 21)],
            as_sent: Some(SentTitle { title: "DETECT_RESULT", cells: 14 }),
            label: "Detection",
            is_searched: true,
            exports: &[("detect_result", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// The region, as the answer names it: free text.
        Region("region_id", Lists::Node, Wording::Names(NameKind::Place)) => FieldRow {
            name: "region",
            title: "REGION",
            label: "Region",
            exports: &[("region_id", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// What kind of cluster it is in.
        ClusterType("cluster_type", Lists::Node, Wording::Closed(CLUSTER_TYPES)) => FieldRow {
            name: "type",
            title: "TYPE",
            label: "Cluster type",
            is_searched: true,
            exports: &[("cluster_type", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// The cluster's id.
        ClusterId("cluster_id", Lists::Node, Wording::Names(NameKind::Id)) => FieldRow {
            name: "clusterid",
            title: "CLUSTER ID",
            widths: &[step(36, LATE)],
            label: "Cluster id",
            exports: &[("cluster_id", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
        /// The record's id: its identity across pages.
        Id("id", Lists::Node, Wording::Names(NameKind::Id)) => FieldRow {
            name: "id",
            title: "ID",
            widths: &[step(36, LATE)],
            label: "Id",
            exports: &[("id", ExportForm::AsSent)],
            ..FieldRow::EMPTY
        },
    }
    derived texts {
        /// The addresses of the pod and of its node.
        Ip(Wording::Names(NameKind::Address)) => FieldRow {
            name: "ip",
            title: "IP",
            label: "Addresses",
            ..FieldRow::EMPTY
        },
        /// The lists that it is in: on nodes, serverless.
        Kind(Wording::Closed(List::WORDS)) => FieldRow {
            name: "kind",
            aliases: &["list"],
            title: "KIND",
            widths: &[step(16, LATE)],
            label: "Kind",
            ..FieldRow::EMPTY
        },
    }
    derived numbers {
        /// CPU used, of its limit.
        CpuPercent(Unit::Percent) => FieldRow {
            name: "cpu%",
            title: "CPU",
            widths: &[step(4, 15), step(9, 30), step(10, 31), step(11, 32), step(12, 33), step(13, 34), step(14, 35)],
            label: "CPU",
            starts_largest: true,
            exports: &[("cpu_percent", ExportForm::Percent)],
            ..FieldRow::EMPTY
        },
        /// Memory used, of its limit.
        MemoryPercent(Unit::Percent) => FieldRow {
            name: "mem%",
            aliases: &["memory%"],
            title: "MEMORY",
            short_title: "MEM",
            widths: &[step(4, 16), step(9, 30), step(10, 31), step(11, 32), step(12, 33), step(13, 34), step(14, 35)],
            label: "Memory",
            starts_largest: true,
            exports: &[("memory_percent", ExportForm::Percent)],
            ..FieldRow::EMPTY
        },
        /// The risk score.
        Risk(Unit::Points) => FieldRow {
            name: "risk",
            aliases: &["score"],
            title: "RISK",
            widths: &[step(5, 10), step(9, 29)],
            label: "Risk",
            starts_largest: true,
            exports: &[("risk", ExportForm::Score)],
            ..FieldRow::EMPTY
        },
    }
    sent quantities {
        /// CPU used.
        Cpu("cpu", Lists::Both, Unit::Cores) => FieldRow {
            name: "cpu",
            title: "CPU USED",
            widths: &[step(9, LATE)],
            label: "CPU used",
            starts_largest: true,
            exports: &[("cpu", ExportForm::AsSent), ("cpu_cores", ExportForm::Cores)],
            ..FieldRow::EMPTY
        },
        /// Memory used.
        Memory("memory", Lists::Both, Unit::Bytes) => FieldRow {
            name: "mem",
            title: "MEM USED",
            widths: &[step(9, LATE)],
            label: "Memory used",
            starts_largest: true,
            exports: &[("memory", ExportForm::AsSent), ("memory_bytes", ExportForm::Bytes)],
            ..FieldRow::EMPTY
        },
        /// CPU allowed.
        CpuLimit("cpu_limit", Lists::Both, Unit::Cores) => FieldRow {
            name: "cpulimit",
            title: "CPU LIMIT",
            widths: &[step(10, LATE)],
            label: "CPU limit",
            starts_largest: true,
            exports: &[("cpu_limit", ExportForm::AsSent), ("cpu_limit_cores", ExportForm::Cores)],
            ..FieldRow::EMPTY
        },
        /// Memory allowed.
        MemoryLimit("memory_limit", Lists::Both, Unit::Bytes) => FieldRow {
            name: "memlimit",
            aliases: &["memorylimit"],
            title: "MEM LIMIT",
            widths: &[step(10, LATE)],
            label: "Memory limit",
            starts_largest: true,
            exports: &[("memory_limit", ExportForm::AsSent), ("memory_limit_bytes", ExportForm::Bytes)],
            ..FieldRow::EMPTY
        },
    }
    sent dates {
        /// How old the pod is.
        Age("create_time", Lists::Both, Unit::Age) => FieldRow {
            name: "age",
            title: "AGE",
            widths: &[step(5, 23), step(6, 44)],
            as_sent: Some(SentTitle { title: "CREATED", cells: 19 }),
            label: "Created",
            exports: &[("create_time", ExportForm::Date), ("create_time_ms", ExportForm::Milliseconds)],
            ..FieldRow::EMPTY
        },
    }
}
