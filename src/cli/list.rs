//! `hss-top list`: the pods without a screen.
//!
//! Owns which pods are printed, in which order and when. Without a requested order, a pod is printed as soon
//! as the sweep has seen it, and only its checksum is stored: at the end every printed pod is compared with
//! its final state. Must not: call, or know the forms.

mod cells;
mod columns;
mod ending;
mod form;
mod helper;
mod picture_rows;
mod pods;
mod remarks;
mod table;

use std::io;
use std::pin::pin;
use std::task::Poll;

use clap::Args;
use tokio::task::JoinSet;

pub use columns::ColumnNames;
pub use form::ListOutput;

use super::fleet_fetch::{FetchEnd, FleetFetch};
use super::footers;
use super::headless::HeadlessArgs;
use super::progress::ProgressLine;
use super::stdout::StdoutPipe;
use super::stop::told_to_stop;
use crate::clock::Clock;
use crate::env::Variables;
use crate::fleet::Scope;
use crate::fleet::fields::names;
use crate::fleet::list_age::ListAgeLimit;
use crate::fleet::sort::Sort;
use crate::report::listing::ListHead;
use crate::settings::Settings;
use crate::terminal::stdout_width;
use form::ListPrinter;
use helper::FEW;
use picture_rows::PictureRows;
use pods::PodLister;

/// Flags of `list`.
#[derive(Debug, Args)]
#[command(after_help = footers::LIST)]
pub struct ListArgs {
    /// The flags of all commands without a screen.
    #[command(flatten)]
    pub headless: HeadlessArgs,
    /// The output format
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub output: ListOutput,
    /// Print only these columns, such as ns,pod,risk, by their names in the filter, the API or exported files
    #[arg(long, value_name = "NAMES", value_parser = ColumnNames::read)]
    pub columns: Option<ColumnNames>,
    /// The field to sort by [default: risk for table, wide and markdown; others print in HSS's order]
    #[arg(long, value_name = "FIELD", value_parser = parse_sort)]
    pub sort: Option<Sort>,
    /// Reverse the order
    #[arg(long)]
    pub reverse: bool,
    /// Print at most this many pods; without an order, only the pages that they need are requested
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Omit the line of headings
    #[arg(long)]
    pub no_headers: bool,
}

fn parse_sort(text: &str) -> Result<Sort, String> {
    let meant = || match names::nearest(text) {
        Some(field) => format!("did you mean {field}?"),
        None => "hss-top fields lists them".to_owned(),
    };
    let field = names::sortable(text).ok_or_else(|| format!("unknown field; {}", meant()))?;
    Ok(field.first_direction())
}

/// A list while it is written to standard output.
struct ListRun {
    fetch: FleetFetch,
    lister: PodLister,
    pipe: StdoutPipe,
    progress: ProgressLine,
    clock: Clock,
    /// The filter, as it was typed.
    filter: String,
    /// The names that were asked for.
    scope: Scope,
    /// The age of HSS's list that is worth a note.
    list_age_limit: ListAgeLimit,
}

/// How a list ended.
enum ListStop {
    /// The list is complete.
    Fetched(FetchEnd),
    /// The limit was reached.
    Full,
    /// The reader left, or writing failed.
    Unwritten,
    /// This signal ended it.
    Signal(u8),
}

/// Prints the list; returns the exit code. `stored` is the list of an earlier run, if that is all that is needed.
///
/// # Errors
/// Those of the system, if a port or signals are not available.
pub async fn run(
    args: &ListArgs,
    settings: Settings,
    stored: Option<FleetFetch>,
    variables: Variables<'_>,
    clock: Clock,
) -> io::Result<u8> {
    let mut signal = pin!(told_to_stop()?);
    let mut servers = JoinSet::new();
    let limits = args.headless.limits();
    let fetch = match stored {
        Some(stored) => stored,
        None => FleetFetch::start(
            &settings,
            settings.reach(&clock, &mut servers).await?,
            limits,
            &clock,
        ),
    };
    let of_view = settings.view.as_ref().and_then(|view| view.columns.as_ref());
    let printer = ListPrinter::new(
        args.output,
        args.columns.as_ref(),
        of_view,
        !args.no_headers,
        settings.look.signs(variables),
    );
    let mut run = ListRun {
        fetch,
        lister: PodLister::new(args, &settings, printer),
        pipe: StdoutPipe::start(),
        progress: ProgressLine::new(
            args.headless.quiet,
            variables("TERM").as_deref(),
            settings.call.limit(),
        ),
        clock,
        filter: settings.filter.clone(),
        scope: settings.call.scope().clone(),
        list_age_limit: settings.list_age_limit,
    };
    let stop = {
        let mut work = pin!(run.print(&settings));
        tokio::select! {
            stop = &mut work => stop?,
            number = &mut signal => ListStop::Signal(number),
        }
    };
    run.finish(stop, args, signal).await
}

impl ListRun {
    /// Prints the pods, up to the end of the list.
    async fn print(&mut self, settings: &Settings) -> io::Result<ListStop> {
        let mut piece = Vec::new();
        self.lister.begin(&head(settings), &mut piece)?;
        if !self.pipe.write(piece).await {
            return Ok(ListStop::Unwritten);
        }
        // Rows of one picture that are being written. Meanwhile the next pages are merged.
        let mut batch: Option<PictureRows> = None;
        let end = loop {
            let is_idle = batch.is_none() && !self.fetch.has_new_picture();
            let news = if is_idle {
                Poll::Ready(self.fetch.next().await)
            } else {
                self.fetch.next_waiting()
            };
            if let Poll::Ready(end) = news {
                self.progress.show(&self.fetch.status, self.clock.now());
                if let Some(end) = end {
                    break end;
                }
            }
            // Without a new picture there are no other rows, and each look reads all of them.
            if batch.is_none()
                && let Some(fleet) = self.fetch.new_picture()
            {
                let rows = self.lister.met(&fleet, self.fetch.service_now());
                self.make_room_for(&rows);
                batch = Some(PictureRows::new(fleet, rows));
            }
            if let Some(mut rows) = batch.take() {
                if !self.write_next(&mut rows).await? {
                    return Ok(ListStop::Unwritten);
                }
                if self.lister.is_full() {
                    return Ok(ListStop::Full);
                }
                batch = Some(rows).filter(|rows| !rows.is_empty());
            }
        };
        let only_met = !end.is_complete() || self.fetch.status.unproven;
        let rows = self.lister.rest(
            &self.fetch.fleet,
            self.fetch.service_now(),
            only_met,
            stdout_width(),
        )?;
        self.progress.clear();
        let mut piece = Vec::new();
        self.lister.late_begin(&mut piece)?;
        if !self.pipe.write(piece).await || !self.write_last(rows).await? {
            return Ok(ListStop::Unwritten);
        }
        Ok(ListStop::Fetched(end))
    }

    /// Writes the next of these rows, a piece of them; all that complete the list to its limit, so that nothing more is requested.
    /// Returns whether more are useful.
    async fn write_next(&mut self, rows: &mut PictureRows) -> io::Result<bool> {
        let is_last = self.lister.is_full_with(rows.len());
        loop {
            while !self.lister.has_piece()
                && let Some(row) = rows.next()
            {
                self.lister.print(rows.fleet(), row)?;
            }
            let piece = self.lister.take_piece(self.pipe.memory().take());
            if !self.pipe.write(piece).await {
                return Ok(false);
            }
            if rows.is_empty() || !is_last {
                return Ok(true);
            }
        }
    }

    /// Removes the progress from a terminal that gets these rows: it would appear among the pods.
    fn make_room_for(&mut self, rows: &[u32]) {
        if !rows.is_empty() && stdout_width().is_some() {
            self.progress.stop();
        }
    }

    /// Writes the last rows: nothing is loaded any more, so there is time for more than one thread.
    async fn write_last(&mut self, rows: Vec<u32>) -> io::Result<bool> {
        self.make_room_for(&rows);
        if !self.lister.is_for_programs() || rows.len() <= FEW {
            let mut rows = PictureRows::new(self.fetch.fleet.clone(), rows);
            while !rows.is_empty() {
                if !self.write_next(&mut rows).await? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let Some(last) = self.lister.last(&self.fetch.fleet, rows) else {
            return Ok(true);
        };
        let is_useful = self.pipe.write_by(move |out| last.write(out)).await;
        self.lister.end_last();
        Ok(is_useful)
    }
}

fn head(settings: &Settings) -> ListHead {
    ListHead {
        project: settings.source.project.clone(),
        region: settings.source.place.clone(),
        enterprise_project: settings.source.enterprise_project.clone(),
        filter: settings.filter.clone(),
    }
}
