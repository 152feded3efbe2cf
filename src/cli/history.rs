//! `hss-top export`: the saved history for other programs.
//!
//! Owns how samples become records and how records are streamed: one at a time, whatever their number. Only
//! reads the file. Must not: know the members of a record.

mod plan;
mod told;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use tokio::task::spawn_blocking;

use super::change_filter::ChangedPodsOf;
use super::footers;
use super::named_pods::passes;
use super::since::SinceText;
use super::stdout::{self, PieceSink, StdoutPipe};
use super::stop::told_to_stop;
use crate::clock::Clock;
use crate::config::Flags;
use crate::exit_codes::{self, ExitReason};
use crate::fleet::Fleet;
use crate::fleet::changes::Change;
use crate::fleet::pod_names::PodNames;
use crate::fleet::query::Query;
use crate::fleet::query::change_query::ChangeQuery;
use crate::report::change_record::{self, ChangeRecord};
use crate::report::record_table::RecordTable;
use crate::report::usage_record::{self, MeasuredStretch, Stretch, UsageRecord};
use crate::settings::{Settings, Unready};
use crate::state::Database;
use crate::state::database::Unusable;
use crate::state::usage::Sample;
use crate::terminal::say;
use crate::ui::format::count;
use plan::span;
pub(super) use plan::with_filter_of_names;
pub use plan::{ExportPlan, ExportedRecords};
pub(super) use told::{nothing_saved, unusable};

/// How many bytes are written at once.
const PIECE: usize = 64 << 10;

/// What can be exported.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// The usage of each pod by hour or day
    History(HistoryArgs),
    /// The changes of pods, in the records of hss-top watch
    Changes(ExportArgs),
}

/// Flags of `export history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// What both take.
    #[command(flatten)]
    pub all: ExportArgs,
    /// One record for each pod and hour or day (of UTC)
    #[arg(long, value_name = "TIME", default_value = "day")]
    pub by: StretchArg,
}

/// Flags of `export`.
#[derive(Debug, Args)]
#[command(after_help = footers::EXPORT)]
pub struct ExportArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The first time, such as 30d, friday or 2026-11-28 [default: everything that is saved]
    #[arg(long, value_name = "TIME")]
    pub since: Option<SinceText>,
    /// The last time, in the same forms [default: now]
    #[arg(long, value_name = "TIME")]
    pub until: Option<SinceText>,
    /// The output format
    #[arg(long, value_name = "FORM", default_value = "jsonl")]
    pub output: RecordOutput,
    /// Print only errors on stderr
    #[arg(long)]
    pub quiet: bool,
}

/// The form of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RecordOutput {
    /// One object per line
    Jsonl,
    /// With a line of headings
    Csv,
}

/// How long the time of one record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StretchArg {
    /// An hour
    Hour,
    /// A day
    Day,
}

impl From<StretchArg> for Stretch {
    fn from(arg: StretchArg) -> Self {
        match arg {
            StretchArg::Hour => Self::Hour,
            StretchArg::Day => Self::Day,
        }
    }
}

impl ExportCommand {
    /// What both take.
    pub fn args(&self) -> &ExportArgs {
        match self {
            Self::History(args) => &args.all,
            Self::Changes(args) => args,
        }
    }

    /// The same, to change.
    pub fn args_mut(&mut self) -> &mut ExportArgs {
        match self {
            Self::History(args) => &mut args.all,
            Self::Changes(args) => args,
        }
    }
}

/// What is written.
#[derive(Debug)]
struct ExportRun {
    file: PathBuf,
    wanted: ExportedRecords,
    now: Timestamp,
    output: RecordOutput,
    from: Timestamp,
    until: Timestamp,
    project: Arc<str>,
    region: Arc<str>,
}

/// How an export ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExportEnd {
    /// Nothing is saved of this source.
    NoFile,
    /// All is written, or nobody reads.
    Done {
        /// How many samples were left out.
        damaged: u64,
        /// Whether there was nothing to write.
        is_empty: bool,
    },
}

/// The file with the saved state of the source of these settings.
///
/// # Errors
/// Why there is none.
pub(super) fn saved_file(settings: &Settings) -> Result<PathBuf, Unready> {
    let none = || Unready::Wrong("the saved state is turned off (no_state), or has no folder".to_owned());
    settings.state.clone().ok_or_else(none)
}

/// Writes the records; returns the exit code.
///
/// # Errors
/// Those of the system.
pub async fn run(
    args: &ExportArgs,
    settings: Settings,
    wanted: ExportedRecords,
    clock: &Clock,
) -> io::Result<u8> {
    let mut signal = pin!(told_to_stop()?);
    let now = clock.now();
    let refused = |reason: ExitReason, unready: Unready| {
        if let Unready::Wrong(why) = unready {
            say(&format!("hss-top: {why}"));
        }
        Ok(reason.code())
    };
    let file = match saved_file(&settings) {
        Ok(file) => file,
        Err(unready) => return refused(ExitReason::Configuration, unready),
    };
    let [from, until] = match span(args, now) {
        Ok(span) => span,
        Err(unready) => return refused(ExitReason::Usage, unready),
    };
    let work = ExportRun {
        file,
        wanted,
        now,
        output: args.output,
        from,
        until,
        project: settings.source.project.as_str().into(),
        region: settings.source.place.as_str().into(),
    };
    let (file, is_quiet) = (work.file.clone(), args.quiet);
    let none = work.wanted.none(args.since.is_some() || args.until.is_some());
    let pipe = StdoutPipe::start();
    let sink = pipe.sink();
    let written = async {
        let made = spawn_blocking(move || work.write(&sink)).await;
        (made, pipe.finish().await)
    };
    let (made, written) = tokio::select! {
        written = written => written,
        number = &mut signal => return Ok(exit_codes::of_signal(number)),
    };
    if let Err(error) = written {
        let why = stdout::fault(&error);
        say(&format!("hss-top: the records cannot be written: {why}"));
        return Ok(ExitReason::Output.code());
    }
    Ok(end(&file, made.map_err(io::Error::other)?, none, is_quiet))
}

/// Says how it ended, with the words `none` if there was nothing to write; returns the exit code.
fn end(file: &Path, made: Result<ExportEnd, Unusable>, none: &str, is_quiet: bool) -> u8 {
    match made {
        Ok(ExportEnd::NoFile) => {
            nothing_saved(file);
            ExitReason::Failed.code()
        }
        Ok(ExportEnd::Done { damaged, is_empty }) => {
            if is_empty && !is_quiet {
                say(&format!("hss-top: {none}"));
            }
            if damaged > 0 && !is_quiet {
                let damaged = count(damaged);
                say(&format!(
                    "hss-top: {damaged} saved samples were altered on the disk and are left out"
                ));
            }
            ExitReason::Done.code()
        }
        Err(why) => unusable(file, &why),
    }
}

impl ExportRun {
    fn write(self, sink: &PieceSink) -> Result<ExportEnd, Unusable> {
        if !self.file.exists() {
            return Ok(ExportEnd::NoFile);
        }
        let database = Database::open_unmoved(&self.file)?;
        match &self.wanted {
            ExportedRecords::Changes(filter) => self.changes(&database, filter, sink),
            ExportedRecords::Usage(by, pods) => self.usage(&database, *by, pods, sink),
        }
    }

    fn changes(
        &self,
        database: &Database,
        filter: &ChangeQuery,
        sink: &PieceSink,
    ) -> Result<ExportEnd, Unusable> {
        let is_within = |change: &&Change| {
            let at = change.seen_at();
            at.is_none_or(|at| at >= self.from && at < self.until)
        };
        let (changes, _) = database.changes()?;
        let listed = if filter.is_empty() {
            Fleet::default()
        } else {
            database.saved_pods()?
        };
        let pods = ChangedPodsOf::new(&listed, || changes.iter());
        let is_wanted = |change: &&Change| pods.pass(filter, change, self.now);
        let mut out = RecordStream::begin(&change_record::TABLE, self.output, sink);
        for change in changes.iter().filter(is_within).filter(is_wanted) {
            let record = ChangeRecord {
                project: Arc::clone(&self.project),
                region: Arc::clone(&self.region),
                change: change.clone(),
            };
            if !out.write(&record) {
                break;
            }
        }
        Ok(ExportEnd::Done {
            damaged: 0,
            is_empty: out.end(),
        })
    }

    fn usage(
        &self,
        database: &Database,
        by: Stretch,
        pods: &Query,
        sink: &PieceSink,
    ) -> Result<ExportEnd, Unusable> {
        let mut names = database.pod_names()?;
        if !pods.is_empty() {
            names.retain(|_, names| passes(pods, names, self.now));
        }
        let mut out = RecordStream::begin(&usage_record::TABLE, self.output, sink);
        let mut open: Option<UsageRecord> = None;
        let damaged = database.each_sample(self.from, self.until, |sample| {
            // A pod without names passes no filter.
            if !pods.is_empty() && !names.contains_key(&sample.pod) {
                return true;
            }
            let from = by.begin(sample.at);
            let is_same = |record: &UsageRecord| record.pod == sample.pod && record.from == from;
            let mut goes_on = true;
            if !open.as_ref().is_some_and(is_same) {
                let next = self.record(&sample, by, &names);
                goes_on = open.replace(next).is_none_or(|record| out.write(&record));
            }
            if let Some(record) = &mut open {
                record.lists += 1;
                record.cpu.add(sample.cpu);
                record.memory.add(sample.memory);
            }
            goes_on
        })?;
        if let Some(record) = &open {
            out.write(record);
        }
        Ok(ExportEnd::Done {
            damaged,
            is_empty: out.end(),
        })
    }

    /// An empty record of the stretch of this sample.
    fn record(&self, sample: &Sample, by: Stretch, names: &HashMap<i64, Arc<PodNames>>) -> UsageRecord {
        UsageRecord {
            project: Arc::clone(&self.project),
            region: Arc::clone(&self.region),
            pod: sample.pod,
            names: names.get(&sample.pod).map(Arc::clone),
            by,
            from: by.begin(sample.at),
            lists: 0,
            cpu: MeasuredStretch::default(),
            memory: MeasuredStretch::default(),
        }
    }
}

/// Records on their way to standard output.
struct RecordStream<'a, R: 'static> {
    table: &'a RecordTable<R>,
    output: RecordOutput,
    sink: &'a PieceSink,
    piece: Vec<u8>,
    is_empty: bool,
}

impl<'a, R> RecordStream<'a, R> {
    fn begin(table: &'a RecordTable<R>, output: RecordOutput, sink: &'a PieceSink) -> Self {
        let mut piece = Vec::new();
        if output == RecordOutput::Csv {
            // A buffer in memory takes everything.
            let _ = table.write_csv_head(&mut piece);
        }
        Self {
            table,
            output,
            sink,
            piece,
            is_empty: true,
        }
    }

    /// Writes a record. Returns whether somebody still reads.
    fn write(&mut self, record: &R) -> bool {
        self.is_empty = false;
        // A buffer in memory takes everything.
        let _ = match self.output {
            RecordOutput::Jsonl => self.table.write_json(record, &mut self.piece),
            RecordOutput::Csv => self.table.write_csv(record, &mut self.piece),
        };
        self.piece.len() < PIECE || self.sink.write(std::mem::take(&mut self.piece))
    }

    /// Writes what is left. Returns whether there was no record.
    fn end(self) -> bool {
        self.sink.write(self.piece);
        self.is_empty
    }
}
