//! A shift report as records for programs: what the Markdown says, a record a line of it.
//!
//! Must not: choose what is worth a line.

use jiff::Timestamp;

use super::ShiftReport;
use super::findings::{self, ShiftFinding};
use crate::fleet::decisions::MuteTarget;
use crate::fleet::watched::gaps;
use crate::fleet::{Field, Pod, RemoteText};
use crate::report::change_record::{own, remote, time};
use crate::report::columns::{Content, ExportValue};
use crate::report::record_table::{RecordMember, RecordTable};

/// The name and the version of the schema.
pub const REPORT: &str = "hss-top.report/1";

/// The part of the report that a record is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShiftSection {
    /// New in this shift, and open.
    New,
    /// Resolved in this shift.
    Resolved,
    /// Open from before.
    Open,
    /// Near a limit now.
    Usage,
    /// A time in which nobody watched.
    Gap,
    /// A mute that holds.
    Mute,
}

impl ShiftSection {
    /// Its word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Resolved => "resolved",
            Self::Open => "open",
            Self::Usage => "usage",
            Self::Gap => "gap",
            Self::Mute => "mute",
        }
    }
}

/// One record.
#[derive(Debug, Clone)]
pub struct ShiftEntry {
    section: ShiftSection,
    what: String,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    how: &'static str,
    age: Option<i64>,
    /// Pod, namespace and cluster.
    place: [Field<RemoteText>; 3],
    score: Option<u32>,
    percent: Option<u32>,
    comebacks: Option<u32>,
    who: String,
    source: String,
}

impl ShiftReport {
    /// Everything that the report lists, section by section.
    pub fn entries(&self) -> Vec<ShiftEntry> {
        let (new, other): (Vec<_>, Vec<_>) = findings::of_shift(self).into_iter().partition(|it| it.is_new);
        let (ended, open): (Vec<_>, Vec<_>) = new.into_iter().partition(|it| it.end.is_some());
        let new = open.iter().map(|it| self.of_finding(ShiftSection::New, it));
        let resolved = ended.iter().chain(&other);
        let resolved = resolved.map(|it| self.of_finding(ShiftSection::Resolved, it));
        let still = findings::still_open(self).into_iter().map(|open| ShiftEntry {
            what: open.what.to_owned(),
            from: open.since,
            age: self.age(open.since),
            place: place(&open.pod),
            score: Some(open.score),
            ..self.empty(ShiftSection::Open)
        });
        let used = findings::worst_used(self).into_iter().map(|used| ShiftEntry {
            what: used.of.to_owned(),
            place: place(&used.pod),
            percent: Some(used.percent),
            ..self.empty(ShiftSection::Usage)
        });
        let gaps = gaps(&self.book.watched, self.from, self.to).into_iter();
        let gaps = gaps.map(|gap| ShiftEntry {
            from: Some(gap.from),
            until: Some(gap.to),
            age: Some(gap.to.duration_since(gap.from).as_secs()),
            ..self.empty(ShiftSection::Gap)
        });
        let mutes = self.book.decisions.mutes.iter();
        let mutes = mutes.filter(|mute| mute.holds(self.to)).map(|mute| {
            let filter = match &mute.target {
                MuteTarget::Filter(filter) => filter.clone(),
                MuteTarget::Pod { .. } | MuteTarget::Namespace { .. } => String::new(),
            };
            let name = |text: &RemoteText| Field::Value(text.clone());
            let place = match &mute.target {
                MuteTarget::Pod {
                    name: pod,
                    namespace,
                    cluster,
                    ..
                } => [name(pod), name(namespace), name(cluster)],
                MuteTarget::Namespace { namespace, cluster } => {
                    [Field::Absent, name(namespace), name(cluster)]
                }
                MuteTarget::Filter(_) => NOWHERE,
            };
            ShiftEntry {
                what: filter,
                from: Some(mute.at),
                place,
                who: mute.who.clone(),
                ..self.empty(ShiftSection::Mute)
            }
        });
        new.chain(resolved)
            .chain(still)
            .chain(used)
            .chain(gaps)
            .chain(mutes)
            .collect()
    }

    fn empty(&self, section: ShiftSection) -> ShiftEntry {
        ShiftEntry {
            section,
            what: String::new(),
            from: None,
            until: None,
            how: "",
            age: None,
            place: NOWHERE,
            score: None,
            percent: None,
            comebacks: None,
            who: String::new(),
            source: self.source.clone(),
        }
    }

    fn of_finding(&self, section: ShiftSection, finding: &ShiftFinding) -> ShiftEntry {
        let acknowledged = self.book.decisions.acknowledgements.iter();
        let mut acknowledged =
            acknowledged.filter(|row| row.holds(self.to) && row.change() == Some(finding.id));
        ShiftEntry {
            what: finding.what.to_owned(),
            from: finding.since,
            until: finding.end.and_then(|end| end.at),
            how: finding.end.map_or("", |end| end.how),
            age: self.age(finding.since),
            place: finding.fields().clone(),
            score: finding.score,
            comebacks: Some(finding.comebacks),
            who: acknowledged.next().map_or_else(String::new, |row| row.who.clone()),
            ..self.empty(section)
        }
    }

    fn age(&self, since: Option<Timestamp>) -> Option<i64> {
        since.map(|since| self.to.duration_since(since).as_secs().max(0))
    }
}

const NOWHERE: [Field<RemoteText>; 3] = [Field::Absent, Field::Absent, Field::Absent];

fn place(pod: &Pod) -> [Field<RemoteText>; 3] {
    [pod.name().clone(), pod.namespace().clone(), pod.cluster().clone()]
}

fn at(record: &ShiftEntry, part: usize) -> ExportValue {
    record.place.get(part).map_or(ExportValue::Absent, remote)
}

fn number<T: Into<i128>>(number: Option<T>) -> ExportValue {
    number.map_or(ExportValue::Absent, |number| ExportValue::Number(number.into()))
}

/// The table of the record.
pub const TABLE: RecordTable<ShiftEntry> = RecordTable {
    schema: REPORT,
    title: "A line of a shift report, as hss-top report --output json and csv write it",
    members: &MEMBERS,
};

const MEMBERS: [RecordMember<ShiftEntry>; 15] = [
    RecordMember {
        name: "schema",
        content: Content::Text,
        meaning: "the name and the version of this schema",
        value: |_| own(REPORT),
    },
    RecordMember {
        name: "source",
        content: Content::Text,
        meaning: "place and project",
        value: |record| own(&record.source),
    },
    RecordMember {
        name: "section",
        content: Content::Text,
        meaning: "new, resolved, open (from before), usage (near a limit now), gap (nobody watched) or mute",
        value: |record| own(record.section.word()),
    },
    RecordMember {
        name: "what",
        content: Content::Text,
        meaning: "the finding; of usage memory or CPU; of a mute its filter",
        value: |record| own(&record.what),
    },
    RecordMember {
        name: "cluster_name",
        content: Content::Text,
        meaning: "the pod's cluster",
        value: |record| at(record, 2),
    },
    RecordMember {
        name: "namespace_name",
        content: Content::Text,
        meaning: "the pod's namespace",
        value: |record| at(record, 1),
    },
    RecordMember {
        name: "pod_name",
        content: Content::Text,
        meaning: "the pod's name",
        value: |record| at(record, 0),
    },
    RecordMember {
        name: "from_at",
        content: Content::Text,
        meaning: "since when (UTC); empty where that was not seen",
        value: |record| time(record.from),
    },
    RecordMember {
        name: "until_at",
        content: Content::Text,
        meaning: "when it ended (UTC)",
        value: |record| time(record.until),
    },
    RecordMember {
        name: "how",
        content: Content::Text,
        meaning: "how it ended: resolved, or pod gone",
        value: |record| own(record.how),
    },
    RecordMember {
        name: "age_seconds",
        content: Content::Count,
        meaning: "how old it is at the end of the shift; of a gap how long it is",
        value: |record| number(record.age),
    },
    RecordMember {
        name: "score",
        content: Content::Count,
        meaning: "the pod's risk score with it",
        value: |record| number(record.score),
    },
    RecordMember {
        name: "percent",
        content: Content::Count,
        meaning: "of usage: percent of the limit",
        value: |record| number(record.percent),
    },
    RecordMember {
        name: "comebacks",
        content: Content::Count,
        meaning: "how often the pod had the same finding before",
        value: |record| number(record.comebacks),
    },
    RecordMember {
        name: "who",
        content: Content::Text,
        meaning: "who acknowledged the finding, or muted",
        value: |record| own(&record.who),
    },
];
