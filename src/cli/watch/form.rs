//! A change in each form.
//!
//! ```text
//! 2026-11-28 23:00:41 ▲ clean → risk · score 18→60 · payments/api-0 of prod-a · dd23e1be204952fe
//! ```
//!
//! Must not: decide which changes are told.

use std::io;

use jiff::tz::TimeZone;

use super::WatchOutput;
use crate::fleet::Field;
use crate::fleet::changes::{Change, ChangeId};
use crate::fleet::text::RemoteText;
use crate::report::change_record::{self, ChangeRecord};
use crate::ui::SignSet;
use crate::ui::change_line::{change_line, score_words};
use crate::ui::signs;

/// Writes changes in one form.
#[derive(Debug)]
pub(super) struct ChangePrinter {
    pub(super) output: WatchOutput,
    pub(super) zone: TimeZone,
    pub(super) signs: SignSet,
}

impl ChangePrinter {
    /// Writes a change.
    pub(super) fn print(&self, record: &ChangeRecord, out: &mut Vec<u8>) -> io::Result<()> {
        match self.output {
            WatchOutput::Jsonl => change_record::TABLE.write_json(record, out),
            WatchOutput::Text => {
                let line = self.line(&record.change);
                out.extend_from_slice(self.signs.text(&line).as_bytes());
                Ok(())
            }
        }
    }

    fn line(&self, change: &Change) -> String {
        let at = change.seen_at().map_or_else(
            || "at an unknown time".to_owned(),
            |at| {
                let at = at.to_zoned_datetime(self.zone.clone());
                at.strftime("%Y-%m-%d %H:%M:%S").to_string()
            },
        );
        let what = change_line(change).line();
        let score = Some(score_words(change)).filter(|words| !words.is_empty());
        let cluster = shown(&change.cluster);
        let place = format!(
            "{}/{} of {cluster}",
            shown(&change.namespace),
            shown(&change.name)
        );
        let id = ChangeId::of(change).to_string();
        let parts = [Some(format!("{at} {what}")), score, Some(place), Some(id)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ") + "\n"
    }
}

fn shown(field: &Field<RemoteText>) -> &str {
    match field {
        Field::Absent => signs::ABSENT,
        Field::Unreadable => signs::UNREADABLE,
        Field::Value(text) => text.shown(),
    }
}
