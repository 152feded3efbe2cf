//! The usage of a pod in a stretch of time, as a record for programs.
//!
//! ```text
//! {"schema":"hss-top.usage/1","from_at":"2026-11-28T00:00:00Z","by":"day",…,"memory_bytes_max":283115520}
//! ```
//!
//! Owns the members and how samples become stretches. A stretch is an hour or a day in UTC, whatever the zone
//! of the reader, so that stretches of several machines fit together. Must not: read the file.

use std::sync::Arc;

use jiff::Timestamp;

use super::change_record::{own, remote, time};
use super::columns::{Content, ExportValue};
use super::record_table::{RecordMember, RecordTable};
use crate::fleet::Field;
use crate::fleet::pod_names::PodNames;
use crate::fleet::text::RemoteText;

/// The name and the version of the schema.
pub const USAGE: &str = "hss-top.usage/1";

/// How long a stretch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
}

impl Stretch {
    const fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3600,
            Self::Day => 86_400,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The beginning of the stretch that this second is in.
    pub const fn begin(self, second: i64) -> i64 {
        second - second.rem_euclid(self.seconds())
    }
}

/// The samples of one measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MeasuredStretch {
    sum: u128,
    most: u64,
    count: u64,
}

impl MeasuredStretch {
    /// Takes a sample; an unknown one does not count.
    pub fn add(&mut self, amount: Option<i64>) {
        let Some(amount) = amount.and_then(|amount| u64::try_from(amount).ok()) else {
            return;
        };
        self.sum += u128::from(amount);
        self.most = self.most.max(amount);
        self.count += 1;
    }

    fn mean(&self) -> Option<u64> {
        let mean = self.sum.checked_div(self.count.into())?;
        u64::try_from(mean).ok()
    }

    fn most(&self) -> Option<u64> {
        (self.count > 0).then_some(self.most)
    }
}

/// The usage of a pod in a stretch.
#[derive(Debug, Clone)]
pub struct UsageRecord {
    /// The project's id; empty if it is found by the region.
    pub project: Arc<str>,
    /// The region, or host and port.
    pub region: Arc<str>,
    /// The pod's number in the saved usage.
    pub pod: i64,
    /// Its names; `None` if no saved data has them.
    pub names: Option<Arc<PodNames>>,
    /// The length of the stretch.
    pub by: Stretch,
    /// Its beginning in seconds since 1970.
    pub from: i64,
    /// The dates of HSS's lists in it.
    pub lists: u64,
    /// CPU in billionths of a core.
    pub cpu: MeasuredStretch,
    /// Memory in bytes.
    pub memory: MeasuredStretch,
}

impl UsageRecord {
    fn named(&self, of: fn(&PodNames) -> &Field<RemoteText>) -> ExportValue {
        let names = self.names.as_deref();
        names.map_or(ExportValue::Absent, |names| remote(of(names)))
    }
}

fn cores(amount: Option<u64>) -> ExportValue {
    amount.map_or(ExportValue::Absent, ExportValue::Billionths)
}

fn bytes(amount: Option<u64>) -> ExportValue {
    amount.map_or(ExportValue::Absent, |bytes| ExportValue::Number(bytes.into()))
}

/// The table of the record.
pub const TABLE: RecordTable<UsageRecord> = RecordTable {
    schema: USAGE,
    title: "The usage of a pod in an hour or a day, as a line of hss-top export history",
    members: &MEMBERS,
};

const MEMBERS: [RecordMember<UsageRecord>; 14] = [
    RecordMember {
        name: "schema",
        content: Content::Text,
        meaning: "the name and the version of this schema",
        value: |_| own(USAGE),
    },
    RecordMember {
        name: "from_at",
        content: Content::Text,
        meaning: "the beginning of the hour or day (UTC)",
        value: |record| time(Timestamp::from_second(record.from).ok()),
    },
    RecordMember {
        name: "by",
        content: Content::Text,
        meaning: "hour or day",
        value: |record| own(record.by.word()),
    },
    RecordMember {
        name: "project",
        content: Content::Text,
        meaning: "the project's id; empty if it is found by the region",
        value: |record| own(&record.project),
    },
    RecordMember {
        name: "region",
        content: Content::Text,
        meaning: "the region, or host and port of the endpoint",
        value: |record| own(&record.region),
    },
    RecordMember {
        name: "cluster_name",
        content: Content::Text,
        meaning: "the pod's cluster; empty if no saved list and no saved change names the pod",
        value: |record| record.named(|names| &names.cluster),
    },
    RecordMember {
        name: "namespace_name",
        content: Content::Text,
        meaning: "the pod's namespace",
        value: |record| record.named(|names| &names.namespace),
    },
    RecordMember {
        name: "pod_name",
        content: Content::Text,
        meaning: "the pod's name",
        value: |record| record.named(|names| &names.name),
    },
    RecordMember {
        name: "pod_number",
        content: Content::Text,
        meaning: "16 hexadecimal digits that are the same for the same pod in every export",
        value: |record| own(&format!("{:016x}", record.pod.cast_unsigned())),
    },
    RecordMember {
        name: "lists",
        content: Content::Count,
        meaning: "how many of HSS's lists in that time have its usage",
        value: |record| ExportValue::Number(record.lists.into()),
    },
    RecordMember {
        name: "cpu_cores_mean",
        content: Content::Decimal,
        meaning: "the mean of its CPU in these lists; null if it is unknown",
        value: |record| cores(record.cpu.mean()),
    },
    RecordMember {
        name: "cpu_cores_max",
        content: Content::Decimal,
        meaning: "the maximum of its CPU in these lists",
        value: |record| cores(record.cpu.most()),
    },
    RecordMember {
        name: "memory_bytes_mean",
        content: Content::Count,
        meaning: "the mean of its memory in these lists; null if it is unknown",
        value: |record| bytes(record.memory.mean()),
    },
    RecordMember {
        name: "memory_bytes_max",
        content: Content::Count,
        meaning: "the maximum of its memory in these lists",
        value: |record| bytes(record.memory.most()),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_an_hour_or_a_day_of_utc() {
        for (by, second, begin) in [
            (Stretch::Hour, 1_760_003_599, 1_760_000_400),
            (Stretch::Hour, 1_760_000_400, 1_760_000_400),
            (Stretch::Day, 1_760_003_599, 1_759_968_000),
            (Stretch::Day, -1, -86_400),
        ] {
            assert_eq!(by.begin(second), begin, "{by:?} {second}");
        }
    }

    #[test]
    fn a_record_has_mean_and_most_and_null_for_what_nobody_told() {
        let mut record = UsageRecord {
            project: "p".into(),
            region: "r".into(),
            pod: -2,
            names: None,
            by: Stretch::Day,
            from: 1_759_968_000,
            lists: 3,
            cpu: MeasuredStretch::default(),
            memory: MeasuredStretch::default(),
        };
        for amount in [Some(100), None, Some(300)] {
            record.memory.add(amount);
        }
        let mut out = Vec::new();
        TABLE.write_json(&record, &mut out).unwrap();
        record.cpu.add(Some(92_000_000));
        TABLE.write_csv_head(&mut out).unwrap();
        TABLE.write_csv(&record, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap().replace('\r', ""), @r#"
        {"schema":"hss-top.usage/1","from_at":"2025-10-09T00:00:00Z","by":"day","project":"p","region":"r","cluster_name":"","namespace_name":"","pod_name":"","pod_number":"fffffffffffffffe","lists":3,"cpu_cores_mean":null,"cpu_cores_max":null,"memory_bytes_mean":200,"memory_bytes_max":300}
        schema,from_at,by,project,region,cluster_name,namespace_name,pod_name,pod_number,lists,cpu_cores_mean,cpu_cores_max,memory_bytes_mean,memory_bytes_max
        hss-top.usage/1,2025-10-09T00:00:00Z,day,p,r,,,,fffffffffffffffe,3,0.092,0.092,200,300
        "#);
    }
}
