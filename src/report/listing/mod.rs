//! Writes pods one after the other, for a program that reads them while others are still loading.
//!
//! Owns the forms for programs: JSON, JSON lines, CSV, TSV, YAML and names. Each pod is written as soon as it
//! is loaded, and nothing of it is stored. An incomplete list says so in the form itself, if the form has a
//! place for that, because a reader may not see the exit code. Must not: write anywhere but to memory.

mod cells;
pub(in crate::report) mod direct;
mod names;
mod own;
pub mod schema;
mod yaml;

use std::io;

use jiff::Timestamp;
use serde::ser::{Serialize, Serializer};

use super::columns::{ExportValue, FileColumn};
use super::{csv, json};
use crate::fleet::piece_writer::PieceWriter;
use crate::fleet::row_facts::RowFacts;
use crate::fleet::{Fleet, RemoteText};
use cells::CellCache;

/// The form of a list for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListForm {
    /// One object: the request, the pods, and how the list ended. Its schema is [`schema::list`].
    Json,
    /// One object a line for each pod; one more without a pod if some are missing.
    Jsonl,
    /// RFC 4180; a text that a spreadsheet could run as a formula begins with an apostrophe.
    Csv,
    /// The same with tabs and line feeds.
    Tsv,
    /// The same as JSON, as block mappings with quoted texts.
    Yaml,
    /// `namespace/pod`, one a line.
    Name,
}

/// A value next to the pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListFact {
    /// A text; empty where it is unknown.
    Text(String),
    /// A number; `None` where it is unknown.
    Count(Option<u64>),
    /// Yes or no.
    Flag(bool),
}

impl Serialize for ListFact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Count(count) => count.serialize(serializer),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}

/// The request, which is written before the pods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListHead {
    /// The project's id; empty where it is found later.
    pub project: String,
    /// The region, or host and port.
    pub region: String,
    /// The enterprise project's id, or the word for all.
    pub enterprise_project: String,
    /// The filter.
    pub filter: String,
}

/// How the list ended, which is written after the pods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEnd {
    /// How many pods were listed.
    pub listed: u64,
    /// How many pods HSS says there are, whatever the filter.
    pub total: Option<u64>,
    /// Why pods may be missing or wrong; `None` if all are there.
    pub missing: Option<String>,
    /// Whether no call was made, because an earlier list was young enough.
    pub is_stored: bool,
    /// When HSS collected the list.
    pub collected_at: Option<Timestamp>,
    /// When HSS was asked last.
    pub asked_at: Option<Timestamp>,
    /// Whether the list changed while it was read, so that it mixes two snapshots.
    pub has_moved: bool,
    /// Whether there are more pods than requested.
    pub is_limited: bool,
    /// The state word of the collector that answered; empty if HSS did.
    pub collector: &'static str,
}

fn date(at: Option<Timestamp>) -> ListFact {
    let text = at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    ListFact::Text(text.unwrap_or_default())
}

impl ListHead {
    /// Its names and values.
    fn facts(&self) -> [(&'static str, ListFact); 5] {
        let text = |text: &str| ListFact::Text(text.to_owned());
        [
            ("schema", text(schema::LIST)),
            ("project", text(&self.project)),
            ("region", text(&self.region)),
            ("enterprise_project", text(&self.enterprise_project)),
            ("filter", text(&self.filter)),
        ]
    }
}

impl ListEnd {
    /// Its names and values.
    fn facts(&self) -> [(&'static str, ListFact); 10] {
        [
            ("listed", ListFact::Count(Some(self.listed))),
            ("total", ListFact::Count(self.total)),
            ("complete", ListFact::Flag(self.missing.is_none())),
            (
                "missing",
                ListFact::Text(self.missing.clone().unwrap_or_default()),
            ),
            ("stored", ListFact::Flag(self.is_stored)),
            ("collected_at", date(self.collected_at)),
            ("asked_at", date(self.asked_at)),
            ("moved", ListFact::Flag(self.has_moved)),
            ("limited", ListFact::Flag(self.is_limited)),
            ("collector", ListFact::Text(self.collector.to_owned())),
        ]
    }
}

/// The bytes of pods that are passed on at once.
pub const PIECE: usize = 64 << 10;
/// The memory of such a piece: the last record in it may be a long one, and is written with room to spare.
const PIECE_ROOM: usize = PIECE + (12 << 10);

/// The mark of an incomplete list, in the place of a pod.
pub const INCOMPLETE: &str = "INCOMPLETE";

/// Writes a list in one form.
#[derive(Debug)]
pub struct ListWriter {
    form: ListForm,
    columns: Vec<FileColumn>,
    has_headings: bool,
    written: u64,
    cells: CellCache,
    /// Pods that are written and were not taken yet.
    piece: PieceWriter,
    /// The bytes of the longest part of [`Self::pods`].
    longest: usize,
}

impl ListWriter {
    /// A writer of these columns. `has_headings` says whether CSV and TSV begin with the names of the columns.
    pub fn new(form: ListForm, columns: Vec<FileColumn>, has_headings: bool) -> Self {
        Self {
            form,
            cells: CellCache::new(form, &columns),
            columns,
            has_headings,
            written: 0,
            piece: PieceWriter::default(),
            longest: 0,
        }
    }

    /// Writes the part before the pods.
    ///
    /// # Errors
    /// None for a buffer in memory.
    pub fn begin(&self, head: &ListHead, out: &mut Vec<u8>) -> io::Result<()> {
        match self.form {
            ListForm::Json => {
                out.push(b'{');
                members(&head.facts(), out)?;
                out.extend_from_slice(b",\n\"pods\":[");
            }
            ListForm::Yaml => {
                yaml::facts(&head.facts(), out)?;
                out.extend_from_slice(b"\"pods\":");
            }
            ListForm::Csv | ListForm::Tsv if self.has_headings => {
                let names = self.columns.iter().map(|column| column.name);
                csv::line(self.form.delimiter(), names, out)?;
            }
            ListForm::Csv | ListForm::Tsv | ListForm::Jsonl | ListForm::Name => {}
        }
        Ok(())
    }

    /// Writes the pod of a row after the earlier ones. Returns its record; `None` if the row holds no pod.
    ///
    /// # Errors
    /// None for a buffer in memory.
    pub fn pod(&mut self, fleet: &Fleet, row: u32) -> io::Result<Option<&[u8]>> {
        let Some(facts) = fleet.facts(row) else {
            return Ok(None);
        };
        let separator: &[u8] = match (self.form, self.written) {
            (ListForm::Json | ListForm::Yaml, 0) => b"\n",
            (ListForm::Json, _) => b",\n",
            _ => b"",
        };
        self.piece.put(separator);
        self.written += 1;
        let begin = self.piece.len();
        self.put(fleet, row, &facts)?;
        Ok(self.piece.written().get(begin..))
    }

    /// How many bytes of pods are written and were not taken yet. They are taken once they are [`PIECE`].
    pub fn waiting(&self) -> usize {
        self.piece.len()
    }

    /// The bytes of pods that were not taken yet. What follows is written into `memory`, in which nothing is written.
    pub fn take(&mut self, mut memory: PieceWriter) -> PieceWriter {
        memory.make_room(PIECE_ROOM);
        self.cells.begin();
        std::mem::replace(&mut self.piece, memory)
    }

    /// The pods of these rows, after the earlier ones, written into `memory`, in which nothing is written.
    ///
    /// # Errors
    /// None for a buffer in memory.
    pub fn pods(&mut self, fleet: &Fleet, rows: &[u32], mut memory: PieceWriter) -> io::Result<PieceWriter> {
        if self.piece.is_empty() {
            // About as much as the parts before needed, so that it seldom grows while it is written.
            memory.make_room(PIECE_ROOM.max(self.longest + self.longest / 8));
            self.cells.begin();
            self.piece = memory;
        }
        for row in rows {
            self.pod(fleet, *row)?;
        }
        self.cells.begin();
        let written = std::mem::take(&mut self.piece);
        self.longest = self.longest.max(written.len());
        Ok(written)
    }

    /// How many pods are written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Another writer of the same form and columns, for a part of the list.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::new(self.form, self.columns.clone(), self.has_headings)
    }

    /// What is written next comes after this many pods.
    pub fn go_on_after(&mut self, written: u64) {
        self.written = written;
    }

    /// Reads the record of a row, which is not added to the list: the same bytes at any position; none if the row holds no pod.
    ///
    /// # Errors
    /// None for a buffer in memory.
    pub fn record<T>(&mut self, fleet: &Fleet, row: u32, read: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let begin = self.piece.len();
        if let Some(facts) = fleet.facts(row) {
            self.put(fleet, row, &facts)?;
        }
        let value = read(self.piece.written().get(begin..).unwrap_or_default());
        self.piece.truncate(begin);
        self.cells.begin();
        Ok(value)
    }

    /// Writes the record of a row.
    fn put(&mut self, fleet: &Fleet, row: u32, facts: &RowFacts<'_>) -> io::Result<()> {
        if self.form == ListForm::Name {
            self.piece.put(names::line(facts).as_bytes());
            return Ok(());
        }
        self.cells.turn_to(fleet);
        self.cells.put(row, facts, &mut self.piece)
    }

    /// Writes the part after the pods.
    ///
    /// # Errors
    /// None for a buffer in memory.
    pub fn end(&self, end: &ListEnd, out: &mut Vec<u8>) -> io::Result<()> {
        match self.form {
            ListForm::Json => {
                out.extend_from_slice(b"\n],\n");
                members(&end.facts(), out)?;
                out.extend_from_slice(b"}\n");
            }
            ListForm::Yaml => {
                out.extend_from_slice(if self.written == 0 { b" []\n" } else { b"" });
                yaml::facts(&end.facts(), out)?;
            }
            ListForm::Jsonl if end.missing.is_some() => {
                out.push(b'{');
                members(&end.facts(), out)?;
                out.extend_from_slice(b"}\n");
            }
            ListForm::Csv | ListForm::Tsv => {
                let Some(why) = &end.missing else {
                    return Ok(());
                };
                let mark = RemoteText::message(&format!("{INCOMPLETE}: {why}"));
                let first = std::iter::once(mark.shown());
                let others = self.columns.iter().skip(1).map(|_| "");
                csv::line(self.form.delimiter(), first.chain(others), out)?;
            }
            ListForm::Jsonl | ListForm::Name => {}
        }
        Ok(())
    }
}

impl ListForm {
    /// The separator of cells.
    fn delimiter(self) -> u8 {
        if self == Self::Tsv { b'\t' } else { b',' }
    }

    /// The bytes before, between and after the cells of a record.
    fn frame(self) -> (&'static [u8], &'static [u8], &'static [u8]) {
        match self {
            Self::Json => (b"{", b",", b"}"),
            Self::Jsonl => (b"{", b",", b"}\n"),
            Self::Csv => (b"", b",", b"\r\n"),
            Self::Tsv => (b"", b"\t", b"\n"),
            Self::Yaml | Self::Name => (b"", b"", b""),
        }
    }

    /// Appends the cell number `at` of a record.
    fn cell(self, at: usize, column: FileColumn, value: &ExportValue, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Json | Self::Jsonl => json::member(column, value, out),
            Self::Csv | Self::Tsv => csv::put(self.delimiter(), &csv::cell(value), out),
            Self::Yaml => yaml::member(at, column, value, out),
            Self::Name => Ok(()),
        }
    }
}

/// The members of a JSON object, without its braces.
fn members(facts: &[(&'static str, ListFact)], out: &mut Vec<u8>) -> io::Result<()> {
    for (at, (name, fact)) in facts.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        json::value(name, &mut *out)?;
        out.push(b':');
        json::value(fact, &mut *out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
