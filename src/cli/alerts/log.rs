//! `hss-top alerts log`: the sent alerts of a source, as JSON lines.
//!
//! Owns the members of a line. Must not: send, or need a credential.

use std::sync::Arc;

use super::AlertLogArgs;
use crate::fleet::text::RemoteText;
use crate::report::columns::{Content, ExportValue};
use crate::report::record_table::{RecordMember, RecordTable};
use crate::settings::{Settings, Unready};
use crate::sinks::AlertReceipt;
use crate::sinks::kept::AlertFiles;
use crate::terminal::say;

/// The name and the version of the schema.
const ALERTS: &str = "hss-top.alerts/1";

/// A receipt with its source, like the records of other commands.
#[derive(Debug)]
pub struct AlertLogRecord {
    receipt: AlertReceipt,
    project: Arc<str>,
    region: Arc<str>,
}

/// The table of the record.
pub(in crate::cli) const TABLE: RecordTable<AlertLogRecord> = RecordTable {
    schema: ALERTS,
    title: "A sent alert, as a line of hss-top alerts log",
    members: &MEMBERS,
};

/// The receipts of the source, as JSON lines.
///
/// # Errors
/// Nothing is saved, or the file cannot be read.
pub fn log(args: &AlertLogArgs, settings: &Settings) -> Result<String, Unready> {
    let Some(state) = &settings.state else {
        return Err(Unready::Wrong(
            "no_state is set: sent alerts are not saved".to_owned(),
        ));
    };
    let receipts = AlertFiles::beside(state).receipts();
    let receipts =
        receipts.map_err(|error| Unready::Wrong(format!("the receipts cannot be read: {error}")))?;
    if receipts.is_empty() && !args.quiet {
        say("hss-top: no alert was sent from this machine for this source");
    }
    let source = &settings.source;
    let (project, region): (Arc<str>, Arc<str>) =
        (source.project.as_str().into(), source.place.as_str().into());
    let mut lines = Vec::new();
    for receipt in receipts {
        let record = AlertLogRecord {
            receipt,
            project: Arc::clone(&project),
            region: Arc::clone(&region),
        };
        // A buffer in memory takes everything.
        let _ = TABLE.write_json(&record, &mut lines);
    }
    Ok(String::from_utf8_lossy(&lines).into_owned())
}

fn text(text: &str) -> ExportValue {
    ExportValue::Text(RemoteText::message(text))
}

const MEMBERS: [RecordMember<AlertLogRecord>; 11] = [
    RecordMember {
        name: "schema",
        content: Content::Text,
        meaning: "the name and the version of this schema",
        value: |_| text(ALERTS),
    },
    RecordMember {
        name: "at",
        content: Content::Text,
        meaning: "when (UTC)",
        value: |record| ExportValue::time(record.receipt.at),
    },
    RecordMember {
        name: "rule",
        content: Content::Text,
        meaning: "the rule",
        value: |record| text(&record.receipt.rule),
    },
    RecordMember {
        name: "kind",
        content: Content::Text,
        meaning: "firing, worse, resolved, summary or test",
        value: |record| text(record.receipt.kind.name()),
    },
    RecordMember {
        name: "way",
        content: Content::Text,
        meaning: "banner, bell, notify, command, alertmanager or webhook",
        value: |record| text(record.receipt.way.name()),
    },
    RecordMember {
        name: "count",
        content: Content::Count,
        meaning: "how many alerts it was about",
        value: |record| ExportValue::Number(i128::try_from(record.receipt.count).unwrap_or(i128::MAX)),
    },
    RecordMember {
        name: "text",
        content: Content::Text,
        meaning: "what it said",
        value: |record| text(&record.receipt.text),
    },
    RecordMember {
        name: "result",
        content: Content::Text,
        meaning: "sent (to a terminal), delivered, waits, refused, left-to-another (dashboard), or demo (not sent)",
        value: |record| text(record.receipt.result.name()),
    },
    RecordMember {
        name: "why",
        content: Content::Text,
        meaning: "what was wrong; empty if nothing was",
        value: |record| text(record.receipt.why.as_deref().unwrap_or_default()),
    },
    RecordMember {
        name: "project",
        content: Content::Text,
        meaning: "the project's id",
        value: |record| text(&record.project),
    },
    RecordMember {
        name: "region",
        content: Content::Text,
        meaning: "the region, or the host and the port",
        value: |record| text(&record.region),
    },
];
