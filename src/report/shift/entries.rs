//! A shift report as records for programs: one record for each line of the Markdown.
//!
//! Must not: choose the lines.

use std::sync::Arc;

use jiff::Timestamp;

use super::ShiftReport;
use super::findings::{self, EndedFinding, OpenFinding};
use crate::fleet::changes::{Change, ChangeId};
use crate::fleet::decisions::{Mute, MuteTarget};
use crate::fleet::watched::gaps_until_now;
use crate::fleet::{Field, Pod, RemoteText};
use crate::report::change_record::{PROJECT, REGION, own, remote, time};
use crate::report::columns::{Content, ExportValue};
use crate::report::listing::INCOMPLETE;
use crate::report::record_table::{RecordMember, RecordTable};

/// The name and the version of the schema.
pub const REPORT: &str = "hss-top.report/1";

/// The part of the report that a record is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShiftSection {
    /// Something is missing, and why.
    Incomplete,
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
    /// An active mute.
    Mute,
}

impl ShiftSection {
    /// Its word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Incomplete => INCOMPLETE,
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
    who: String,
    source: String,
    project: Arc<str>,
    region: Arc<str>,
}

impl ShiftReport {
    /// Everything that the report lists, section by section.
    pub fn entries(&self) -> Vec<ShiftEntry> {
        let findings = findings::of_shift(self);
        let mut entries: Vec<ShiftEntry> = Vec::new();
        entries.extend(self.missing.iter().map(|why| ShiftEntry {
            what: why.clone(),
            ..self.empty(ShiftSection::Incomplete)
        }));
        entries.extend(
            findings
                .new
                .iter()
                .map(|open| self.of_open(ShiftSection::New, open)),
        );
        entries.extend(findings.ended.iter().map(|ended| self.of_ended(ended)));
        entries.extend(
            findings
                .before
                .iter()
                .map(|open| self.of_open(ShiftSection::Open, open)),
        );
        entries.extend(findings::worst_used(self).into_iter().map(|used| ShiftEntry {
            what: used.of.to_owned(),
            place: place(&used.pod),
            percent: Some(used.percent),
            ..self.empty(ShiftSection::Usage)
        }));
        let gaps = gaps_until_now(&self.book.watched, self.from, self.to, self.least_gap);
        entries.extend(gaps.into_iter().map(|gap| ShiftEntry {
            from: Some(gap.from),
            until: Some(gap.to),
            age: i64::try_from(gap.length().as_secs()).ok(),
            ..self.empty(ShiftSection::Gap)
        }));
        let mutes = self
            .book
            .decisions
            .mutes
            .iter()
            .filter(|mute| mute.holds(self.to));
        entries.extend(mutes.map(|mute| self.of_mute(mute)));
        entries
    }

    fn of_open(&self, section: ShiftSection, open: &OpenFinding<'_>) -> ShiftEntry {
        let since = open.since.and_then(|change| change.after);
        ShiftEntry {
            what: open.what.clone(),
            from: since,
            age: since.map(|since| self.to.duration_since(since).as_secs().max(0)),
            place: place(&open.pod),
            score: Some(open.score),
            who: open
                .since
                .map_or_else(String::new, |change| self.acknowledged_by(change)),
            ..self.empty(section)
        }
    }

    fn of_ended(&self, ended: &EndedFinding<'_>) -> ShiftEntry {
        let since = ended.since.and_then(|change| change.after);
        ShiftEntry {
            what: ended.what.clone(),
            from: since,
            until: ended.ended.after,
            how: ended.how,
            age: since.map(|since| self.to.duration_since(since).as_secs().max(0)),
            place: ended.fields().clone(),
            ..self.empty(ShiftSection::Resolved)
        }
    }

    /// Who acknowledged the finding that a change brought; empty if nobody did.
    fn acknowledged_by(&self, change: &Change) -> String {
        let id = ChangeId::of(change);
        let mut rows = self.book.decisions.acknowledgements.iter();
        let found = rows.find(|row| row.holds(self.to) && row.change() == Some(id));
        found.map_or_else(String::new, |row| row.who.clone())
    }

    fn of_mute(&self, mute: &Mute) -> ShiftEntry {
        let name = |text: &RemoteText| Field::Value(text.clone());
        let (what, place) = match &mute.target {
            MuteTarget::Pod {
                name: pod,
                namespace,
                cluster,
                ..
            } => (String::new(), [name(pod), name(namespace), name(cluster)]),
            MuteTarget::Namespace { namespace, cluster } => {
                (String::new(), [Field::Absent, name(namespace), name(cluster)])
            }
            MuteTarget::Filter(filter) => (filter.clone(), NOWHERE),
        };
        ShiftEntry {
            what,
            from: Some(mute.at),
            place,
            who: mute.who.clone(),
            ..self.empty(ShiftSection::Mute)
        }
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
            who: String::new(),
            source: self.source(),
            project: Arc::clone(&self.project),
            region: Arc::clone(&self.region),
        }
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

const MEMBERS: [RecordMember<ShiftEntry>; 16] = [
    RecordMember {
        name: "schema",
        content: Content::Text,
        meaning: "the name and the version of this schema",
        value: |_| own(REPORT),
    },
    RecordMember {
        name: "source",
        content: Content::Text,
        meaning: "region and project in one text, as the title of the Markdown has them",
        value: |record| own(&record.source),
    },
    RecordMember {
        name: "section",
        content: Content::Text,
        meaning: "new, resolved, open (from before), usage (near a limit now), gap (nobody watched) or mute; INCOMPLETE comes first, if something is missing",
        value: |record| own(record.section.word()),
    },
    RecordMember {
        name: "what",
        content: Content::Text,
        meaning: "the finding; for usage memory or CPU; for a mute its filter; for INCOMPLETE the reason",
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
        meaning: "since when (UTC); empty if hss-top did not see its beginning",
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
        meaning: "its age at the end of the shift; for a gap its length",
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
        meaning: "for usage: percent of the limit",
        value: |record| number(record.percent),
    },
    RecordMember {
        name: "who",
        content: Content::Text,
        meaning: "who acknowledged the finding, or muted",
        value: |record| own(&record.who),
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
