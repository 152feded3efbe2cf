//! Selects the pods to print, and remembers the printed ones.
//!
//! Owns the order, the limit, and two checksums of each pod that was printed before the list was complete,
//! because it may have changed since, for example if its entry in HSS's other list arrived later. Must not:
//! wait.

use std::hash::BuildHasher as _;
use std::io;

use foldhash::fast::FixedState;
use jiff::Timestamp;

use super::ListArgs;
use super::form::{ListOutput, ListPrinter};
use super::helper::{LastProgress, LastRows};
use crate::fleet::order::Orders;
use crate::fleet::piece_writer::PieceWriter;
use crate::fleet::query::Query;
use crate::fleet::view::Unsorted;
use crate::fleet::{Fleet, ViewRequest};
use crate::report::listing::{ListEnd, ListHead, PIECE};
use crate::settings::Settings;
use crate::ui::format::count;

/// Two checksums of a printed row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct PrintedRow {
    /// Of the store's row: as long as it is the same, so is all that was printed.
    stamp: u32,
    /// Of what was printed, which tells whether another row matters. Never 0 for a printed row.
    record: u32,
}

/// A row that was not printed.
const UNPRINTED: PrintedRow = PrintedRow { stamp: 0, record: 0 };

/// The pods while they are written.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug)]
pub(super) struct PodLister {
    printer: ListPrinter,
    /// Lines for people that were not taken yet.
    lines: Vec<u8>,
    request: ViewRequest,
    is_sorted: bool,
    is_cut_to_fit: bool,
    limit: u64,
    /// The checksums of each printed row.
    printed: Vec<PrintedRow>,
    listed: u64,
    is_limited: bool,
    /// The time by which ages are measured: the same for all pods.
    now: Option<Timestamp>,
    /// How many pods changed after they were printed.
    changed: usize,
    left_out: Vec<&'static str>,
    /// Whether the list is complete, so that nothing that is printed can change any more.
    is_over: bool,
    /// How far the last rows are written, if they are on their way.
    last: Option<LastProgress>,
}

impl PodLister {
    pub(super) fn new(args: &ListArgs, settings: &Settings, printer: ListPrinter) -> Self {
        let of_view = settings.view.as_ref().map(|view| view.sort);
        let usual = || (!printer.is_for_programs()).then(Default::default);
        let sort = args.sort.or(of_view).or_else(usual);
        let first = sort.unwrap_or_default();
        let request = ViewRequest {
            scope: settings.call.scope().clone(),
            // It was parsed before: an invalid filter prevents the start.
            filter: Query::parse(&settings.filter).unwrap_or_default(),
            problems: settings.view.as_ref().is_some_and(|view| view.problems),
            sort: if args.reverse { first.reversed() } else { first },
            overview: None,
        };
        Self {
            is_cut_to_fit: args.output == ListOutput::Table,
            printer,
            lines: Vec::new(),
            request,
            is_sorted: sort.is_some() || args.reverse,
            limit: args.limit.unwrap_or(u64::MAX),
            printed: Vec::new(),
            listed: 0,
            is_limited: false,
            now: None,
            changed: 0,
            left_out: Vec::new(),
            is_over: false,
            last: None,
        }
    }

    /// The part before the pods, except for a table, which is not measured yet.
    pub(super) fn begin(&self, head: &ListHead, out: &mut Vec<u8>) -> io::Result<()> {
        match self.printer {
            ListPrinter::Table(_) => Ok(()),
            ListPrinter::Program(_) | ListPrinter::Markdown(_) => self.printer.begin(head, out),
        }
    }

    /// The part before the pods of a table, once it is measured.
    pub(super) fn late_begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        match self.printer {
            ListPrinter::Table(_) => self.printer.begin(&ListHead::default(), out),
            ListPrinter::Program(_) | ListPrinter::Markdown(_) => Ok(()),
        }
    }

    /// The rows that the running sweep has seen and that were not printed; none if they must be sorted.
    pub(super) fn met(&mut self, fleet: &Fleet, now: Timestamp) -> Vec<u32> {
        if self.is_sorted {
            return Vec::new();
        }
        let now = *self.now.get_or_insert(now);
        let chosen = Unsorted::of(fleet, self.request.clone(), now);
        let new = chosen
            .rows()
            .filter(|row| fleet.is_met(*row) && !self.is_printed(*row));
        let rows: Vec<u32> = new.take(self.left()).collect();
        rows
    }

    /// All remaining rows in their order. `only_met` leaves out those that the last sweep did not see.
    pub(super) fn rest(
        &mut self,
        fleet: &Fleet,
        now: Timestamp,
        only_met: bool,
        width: Option<usize>,
    ) -> io::Result<Vec<u32>> {
        let now = *self.now.get_or_insert(now);
        let chosen = Unsorted::of(fleet, self.request.clone(), now);
        let is_wanted = |row: &u32| !only_met || fleet.is_met(*row);
        let mut rows: Vec<u32> = if self.is_sorted {
            let view = chosen.whole(&mut Orders::default());
            let alive = view.len() - view.gone();
            (0..alive)
                .filter_map(|place| view.row(place))
                .filter(is_wanted)
                .collect()
        } else {
            self.changed = self.changed_since(fleet, chosen.rows().filter(is_wanted))?;
            let unprinted = chosen
                .rows()
                .filter(|row| is_wanted(row) && !self.is_printed(*row));
            // A saved list is printed as a whole: its memory need not grow step by step.
            let room = if self.printed.is_empty() { fleet.len() } else { 0 };
            let mut rows = Vec::with_capacity(room);
            rows.extend(unprinted);
            rows
        };
        self.is_over = true;
        self.is_limited = rows.len() > self.left();
        rows.truncate(self.left());
        self.measure(fleet, &rows, now, width);
        Ok(rows)
    }

    fn measure(&mut self, fleet: &Fleet, rows: &[u32], now: Timestamp, width: Option<usize>) {
        let ListPrinter::Table(table) = &mut self.printer else {
            return;
        };
        for pod in rows.iter().filter_map(|row| fleet.pod(*row)) {
            table.measure(&pod, now);
        }
        if let Some(cells) = width.filter(|_| self.is_cut_to_fit) {
            let left_out = table.fit(cells);
            self.left_out = left_out.iter().map(|column| column.name()).collect();
        }
    }

    /// Prints a row; [`Self::take_piece`] has it.
    pub(super) fn print(&mut self, fleet: &Fleet, row: u32) -> io::Result<()> {
        let now = self.now.unwrap_or_default();
        let Some(record) = self.printer.pod(fleet, row, now, &mut self.lines)? else {
            return Ok(());
        };
        self.listed += 1;
        if !self.is_sorted && !self.is_over {
            let printed = PrintedRow {
                stamp: stamp_of(fleet, row),
                record: checksum_of(record),
            };
            let place = row as usize;
            if self.printed.len() <= place {
                // Not twice as many each time: there is one for each pod.
                let more = place + 1 + self.printed.len() / 8;
                self.printed.reserve_exact(more - self.printed.len());
                self.printed.resize(place + 1, UNPRINTED);
            }
            if let Some(known) = self.printed.get_mut(place) {
                *known = printed;
            }
        }
        Ok(())
    }

    /// Whether the printed rows that were not taken yet are a piece.
    pub(super) fn has_piece(&self) -> bool {
        let waiting = match &self.printer {
            ListPrinter::Program(writer) => writer.waiting(),
            ListPrinter::Table(_) | ListPrinter::Markdown(_) => self.lines.len(),
        };
        waiting >= PIECE
    }

    /// The printed rows that were not taken yet. The next ones may be written into `memory`.
    pub(super) fn take_piece(&mut self, memory: PieceWriter) -> PieceWriter {
        match &mut self.printer {
            ListPrinter::Program(writer) => writer.take(memory),
            ListPrinter::Table(_) | ListPrinter::Markdown(_) => std::mem::take(&mut self.lines).into(),
        }
    }

    /// Whether the list is for a program.
    pub(super) fn is_for_programs(&self) -> bool {
        self.printer.is_for_programs()
    }

    /// The rows of a complete list for a program, to be written as a whole. [`Self::end_last`] counts them.
    pub(super) fn last(&mut self, fleet: &Fleet, rows: Vec<u32>) -> Option<LastRows> {
        let ListPrinter::Program(writer) = &self.printer else {
            return None;
        };
        let last = LastRows::new(writer, fleet, rows);
        self.last = Some(last.progress());
        Some(last)
    }

    /// Ends the last rows behind the part that is being written. Returns whether there were any on their way.
    pub(super) fn stop_last(&self) -> bool {
        self.last.as_ref().map(LastProgress::stop).is_some()
    }

    /// Counts the last rows that are written.
    pub(super) fn end_last(&mut self) {
        let pods = self.last.take().map_or(0, |progress| progress.pods());
        self.listed += pods;
        if let ListPrinter::Program(writer) = &mut self.printer {
            writer.go_on_after(writer.written() + pods);
        }
    }

    pub(super) fn end(&self, end: &ListEnd, out: &mut Vec<u8>) -> io::Result<()> {
        self.printer.end(end, out)
    }

    /// How many printed rows have changed since, or are not among `rows` any more.
    fn changed_since(&mut self, fleet: &Fleet, rows: impl Iterator<Item = u32>) -> io::Result<usize> {
        if self.printed.is_empty() {
            return Ok(0);
        }
        let printed = self.printed.iter().filter(|it| **it != UNPRINTED).count();
        let mut same = 0;
        for row in rows {
            let before = self.printed.get(row as usize).copied();
            let Some(before) = before.filter(|it| *it != UNPRINTED) else {
                continue;
            };
            let is_same = before.stamp == stamp_of(fleet, row)
                || match &mut self.printer {
                    ListPrinter::Program(writer) => writer.record(fleet, row, checksum_of)? == before.record,
                    ListPrinter::Table(_) | ListPrinter::Markdown(_) => checksum_of(&[]) == before.record,
                };
            same += usize::from(is_same);
        }
        Ok(printed - same)
    }

    fn is_printed(&self, row: u32) -> bool {
        self.printed
            .get(row as usize)
            .is_some_and(|printed| *printed != UNPRINTED)
    }

    /// How many pods may still be printed.
    fn left(&self) -> usize {
        usize::try_from(self.limit - self.listed).unwrap_or(usize::MAX)
    }

    /// Whether the limit is reached.
    pub(super) fn is_full(&self) -> bool {
        self.is_full_with(0)
    }

    /// Whether the limit is reached with this many more pods.
    pub(super) fn is_full_with(&self, pods: usize) -> bool {
        self.left() <= pods
    }

    /// Whether there are more.
    pub(super) fn is_limited(&self) -> bool {
        self.is_limited
    }

    /// How many pods are printed.
    pub(super) fn listed(&self) -> u64 {
        self.listed
    }

    /// The columns that did not fit.
    pub(super) fn left_out(&self) -> Vec<&'static str> {
        self.left_out.clone()
    }

    /// The problem with the printed pods, although the list is complete.
    pub(super) fn trouble(&self) -> Option<String> {
        let changed = count(self.changed);
        (self.changed > 0).then(|| {
            format!("{changed} pods changed after they were printed, because HSS's list changed; --sort prints a complete list")
        })
    }
}

/// A checksum of printed bytes; never 0.
fn checksum_of(record: &[u8]) -> u32 {
    low(FixedState::default().hash_one(record)).max(1)
}

/// A checksum of the store's row.
fn stamp_of(fleet: &Fleet, row: u32) -> u32 {
    fleet.facts(row).map_or(0, |facts| low(facts.stamp()))
}

/// The low half of a checksum: two of them are enough for the rows of one list.
fn low(checksum: u64) -> u32 {
    u32::try_from(checksum & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}
