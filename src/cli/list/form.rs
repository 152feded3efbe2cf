//! The forms of a list behind one interface.
//!
//! The forms for programs come from [`crate::report::listing`], those for people from
//! [`table`](super::table). Must not: choose pods.

use std::io;

use clap::ValueEnum;
use jiff::Timestamp;

use super::columns::ColumnNames;
use super::table::{MarkdownTable, PodTable};
use crate::fleet::Fleet;
use crate::fleet::fields::{ChosenColumn, ColumnList, PodColumn};
use crate::report::columns::FileColumn;
use crate::report::listing::{INCOMPLETE, ListEnd, ListForm, ListHead, ListWriter};
use crate::ui::SignSet;

/// The form of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListOutput {
    /// For people; fits the terminal
    Table,
    /// The same with every field, never cut
    Wide,
    /// One object, see `hss-top schema list`
    Json,
    /// One JSON object per line
    Jsonl,
    /// For spreadsheets (RFC 4180)
    Csv,
    /// The same with tabs
    Tsv,
    /// The same as JSON, as YAML
    Yaml,
    /// namespace/pod, one per line
    Name,
    /// A table in Markdown
    Markdown,
}

/// A list in its form.
#[derive(Debug)]
pub(super) enum ListPrinter {
    /// For programs.
    Program(Box<ListWriter>),
    /// For people, on a terminal or in a file.
    Table(PodTable),
    /// For people, in a document.
    Markdown(MarkdownTable),
}

impl ListPrinter {
    pub(super) fn new(
        output: ListOutput,
        columns: Option<&ColumnNames>,
        of_view: Option<&ColumnList>,
        has_headings: bool,
        signs: SignSet,
    ) -> Self {
        let people =
            |usual: &ColumnList| columns.map_or_else(|| usual.columns().to_vec(), ColumnNames::for_people);
        let program = |form| {
            let columns = columns.map_or_else(FileColumn::of_present_pods, ColumnNames::for_programs);
            Self::Program(Box::new(ListWriter::new(form, columns, has_headings)))
        };
        let usual = ColumnList::default();
        // Programs and `wide` have every field, whatever a view shows on the screen.
        let of_screen = of_view.unwrap_or(&usual);
        match output {
            ListOutput::Table => Self::Table(PodTable::new(people(of_screen), has_headings, signs)),
            ListOutput::Wide => {
                let others = PodColumn::all().map(|column| ChosenColumn { column, cells: None });
                let all = usual.columns().iter().copied().chain(others).collect();
                let all = ColumnList::of(all).unwrap_or_default();
                Self::Table(PodTable::new(people(&all), has_headings, signs))
            }
            ListOutput::Markdown => Self::Markdown(MarkdownTable::new(people(of_screen), has_headings)),
            ListOutput::Json => program(ListForm::Json),
            ListOutput::Jsonl => program(ListForm::Jsonl),
            ListOutput::Csv => program(ListForm::Csv),
            ListOutput::Tsv => program(ListForm::Tsv),
            ListOutput::Yaml => program(ListForm::Yaml),
            ListOutput::Name => program(ListForm::Name),
        }
    }

    /// Whether it is for a program, which reads pods in any order and as soon as they are loaded.
    pub(super) fn is_for_programs(&self) -> bool {
        matches!(self, Self::Program(_))
    }

    pub(super) fn begin(&self, head: &ListHead, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Program(writer) => writer.begin(head, out),
            Self::Table(table) => {
                table.begin(out);
                Ok(())
            }
            Self::Markdown(table) => {
                table.begin(out);
                Ok(())
            }
        }
    }

    /// Writes the pod of a row, for people into `lines`. Returns the bytes that say whether it changed: for people there are none.
    /// `None` if the row holds no pod.
    pub(super) fn pod(
        &mut self,
        fleet: &Fleet,
        row: u32,
        now: Timestamp,
        lines: &mut Vec<u8>,
    ) -> io::Result<Option<&[u8]>> {
        match self {
            Self::Program(writer) => return writer.pod(fleet, row),
            Self::Table(_) | Self::Markdown(_) => {}
        }
        let Some(pod) = fleet.pod(row) else {
            return Ok(None);
        };
        match self {
            Self::Table(table) => table.pod(&pod, now, lines),
            Self::Markdown(table) => table.pod(&pod, now, lines),
            Self::Program(_) => {}
        }
        Ok(Some(&[]))
    }

    pub(super) fn end(&self, end: &ListEnd, out: &mut Vec<u8>) -> io::Result<()> {
        match (self, &end.missing) {
            (Self::Program(writer), _) => writer.end(end, out),
            (Self::Table(_), Some(why)) => {
                out.extend_from_slice(format!("{INCOMPLETE}: {why}\n").as_bytes());
                Ok(())
            }
            (Self::Markdown(_), Some(why)) => {
                let why = why.replace('`', "'");
                out.extend_from_slice(format!("\n**{INCOMPLETE}:** `{why}`\n").as_bytes());
                Ok(())
            }
            (Self::Table(_) | Self::Markdown(_), None) => Ok(()),
        }
    }
}
