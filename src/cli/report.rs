//! `hss-top report`: the hand-over of a shift, without a screen.
//!
//! Owns the source of the pods: HSS as for `list`, or the saved list if it is young enough. The report is the
//! same as that of `:report` ([`crate::report::shift`]). Must not: call, or choose the lines.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tokio::task::{JoinSet, spawn_blocking};

use super::empty_scope;
use super::fleet_fetch::{FetchEnd, FleetFetch};
use super::footers;
use super::headless::HeadlessArgs;
use super::progress::ProgressLine;
use super::since::{SinceText, moment};
use super::stdout::{self, StdoutPipe};
use super::stop::told_to_stop;
use crate::clock::{Clock, local_zone};
use crate::env::Variables;
use crate::exit_codes::{self, ExitReason};
use crate::fleet::RemoteText;
use crate::fleet::query::Query;
use crate::fleet::watched::least_gap;
use crate::hss::ProjectId;
use crate::report::shift::{ReportSelection, ShiftReport, entries};
use crate::settings::{Settings, Unready};
use crate::state::{Database, Logbook};
use crate::terminal::{say, say_each};

/// Flags of `report`.
#[derive(Debug, Args)]
#[command(after_help = footers::REPORT)]
pub struct ReportArgs {
    /// What all commands without a screen take.
    #[command(flatten)]
    pub headless: HeadlessArgs,
    /// The beginning of the shift, such as 12h, friday, yesterday 18:00 or 2026-11-28
    #[arg(long, value_name = "TIME", default_value = "12h")]
    pub since: SinceText,
    /// The output format
    #[arg(long, value_name = "FORM", default_value = "markdown")]
    pub output: ReportOutput,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportOutput {
    /// For people and chats
    Markdown,
    /// An array of objects, see `hss-top schema report`
    Json,
    /// The same as a table
    Csv,
}

/// Prints the report; returns the exit code.
///
/// # Errors
/// Those of the system, where no port or signal can be had.
pub async fn run(
    args: &ReportArgs,
    settings: Settings,
    variables: Variables<'_>,
    clock: Clock,
) -> io::Result<u8> {
    let mut signal = pin!(told_to_stop()?);
    let from = match moment("--since", Some(&args.since), clock.now()) {
        Ok(from) => from.unwrap_or_else(|| clock.now()),
        Err(Unready::Wrong(why)) => {
            say(&format!("hss-top: {why}"));
            return Ok(ExitReason::Usage.code());
        }
        Err(Unready::Missing(_)) => return Ok(ExitReason::Configuration.code()),
    };
    let mut servers = JoinSet::new();
    let reached = settings.reach(&clock, &mut servers).await?;
    let lost = lost_state(settings.state.clone()).await?;
    let mut fetch = FleetFetch::start(&settings, reached, args.headless.limits(), &clock);
    let term = variables("TERM");
    let mut progress = ProgressLine::new(args.headless.quiet, term.as_deref(), settings.call.limit());
    let end = loop {
        tokio::select! {
            end = fetch.next() => {
                progress.show(&fetch.status, clock.now());
                if let Some(end) = end {
                    break end;
                }
            }
            number = &mut signal => {
                progress.clear();
                return Ok(exit_codes::of_signal(number));
            }
        }
    };
    progress.clear();
    let now = clock.now();
    let of_collector = fetch.collector_doubt().filter(|_| end.is_complete());
    let trouble = end.trouble(&fetch.status).or(of_collector).or(lost);
    let report = ShiftReport {
        project: project(&settings, &fetch),
        region: settings.source.place.as_str().into(),
        from,
        to: now,
        service_now: fetch.service_now(),
        zone: local_zone().0,
        fleet: fetch.fleet.clone(),
        snapshot_at: fetch.status.snapshot_at,
        is_complete: end.is_complete(),
        missing: trouble.clone(),
        is_of_past: false,
        least_gap: least_gap(settings.interval),
        book: Arc::default(),
        selection: selection(&settings),
    };
    for why in end
        .is_complete()
        .then(|| unmatched(&settings, &fetch))
        .into_iter()
        .flatten()
    {
        say(&format!("hss-top: {why}"));
    }
    say_each(&fetch.notices);
    if fetch.status.through.is_some() && !args.headless.quiet {
        say("hss-top: the pods are a collector's; changes and mutes are those saved on this machine");
    }
    // What it saved is in the file before that is read.
    let unsaved = tokio::select! {
        unsaved = fetch.close() => unsaved,
        number = &mut signal => return Ok(exit_codes::of_signal(number)),
    };
    say_each(unsaved.as_slice());
    let file = settings.state.clone();
    let told = spawn_blocking({
        let output = args.output;
        move || told(report, file.as_deref(), output)
    });
    let told = told.await.map_err(io::Error::other)??;
    print(told, &end, trouble, &mut signal).await
}

/// The project, also if it was found by its region.
fn project(settings: &Settings, fetch: &FleetFetch) -> Arc<str> {
    let found = fetch.status.project.as_ref().map(ProjectId::as_str);
    found.unwrap_or(&settings.source.project).into()
}

/// Which pods the report is about.
fn selection(settings: &Settings) -> Option<ReportSelection> {
    let problems = settings.view.as_ref().is_some_and(|view| view.problems);
    let scope = settings.call.scope();
    let terms: Vec<String> = scope
        .terms()
        .map(|(name, value)| format!("{name}:{}", RemoteText::name(value).shown()))
        .collect();
    (problems || !settings.filter.is_empty() || !scope.is_whole()).then(|| ReportSelection {
        text: settings.filter.clone(),
        // It was parsed before: an invalid filter prevents the start.
        filter: Query::parse(&settings.filter).unwrap_or_default(),
        problems,
        // The saved changes may be of more pods than those that were asked for.
        scope: scope.clone(),
        scope_words: (!terms.is_empty()).then(|| terms.join(" ")),
        leaves_out_scopes: false,
    })
}

/// Why the report can only be empty, which looks like good news.
fn unmatched(settings: &Settings, fetch: &FleetFetch) -> Vec<String> {
    let fleet = &fetch.fleet;
    let unnamed = empty_scope::why(
        settings.call.scope(),
        fleet,
        fetch.status.unproven,
        fetch.service_now(),
    );
    let wrong = Query::parse_among(&settings.filter, fleet).err();
    let wrong = wrong.map(|error| format!("no pod can match: {error}"));
    unnamed.into_iter().chain(wrong).collect()
}

/// Why the state of earlier runs is not in the report, if its file cannot be used. The collector begins a new one.
async fn lost_state(file: Option<PathBuf>) -> io::Result<Option<String>> {
    let Some(file) = file.filter(|file| file.exists()) else {
        return Ok(None);
    };
    let opened = spawn_blocking(move || Database::open_unmoved(&file)).await;
    let unusable = opened.map_err(io::Error::other)?.err();
    let unusable = unusable.filter(|why| why.advice().is_some());
    Ok(unusable.map(|why| format!("the saved changes and decisions cannot be used: {why}")))
}

/// The report in its form.
fn told(mut report: ShiftReport, file: Option<&Path>, output: ReportOutput) -> io::Result<Vec<u8>> {
    report.book = Arc::new(file.map_or_else(Logbook::default, logbook));
    if output == ReportOutput::Markdown {
        return Ok(report.markdown().0.into_bytes());
    }
    let mut out = Vec::new();
    if output == ReportOutput::Csv {
        entries::TABLE.write_csv_head(&mut out)?;
    } else {
        out.extend_from_slice(b"[\n");
    }
    for (at, entry) in report.entries().iter().enumerate() {
        if output == ReportOutput::Csv {
            entries::TABLE.write_csv(entry, &mut out)?;
            continue;
        }
        if at > 0 {
            out.insert(out.len() - 1, b',');
        }
        entries::TABLE.write_json(entry, &mut out)?;
    }
    if output == ReportOutput::Json {
        out.extend_from_slice(b"]\n");
    }
    Ok(out)
}

/// The decisions, and the times when hss-top watched. Without them the report says that they are unknown.
fn logbook(file: &Path) -> Logbook {
    if !file.exists() {
        return Logbook::default();
    }
    let read = Database::open(file).and_then(|(database, _)| database.logbook());
    read.unwrap_or_else(|why| {
        say(&format!(
            "hss-top: the decisions cannot be read: {why} ({})",
            file.display()
        ));
        Logbook::default()
    })
}

/// Writes the report and says what is missing; returns the exit code.
async fn print(
    told: Vec<u8>,
    end: &FetchEnd,
    trouble: Option<String>,
    signal: &mut (impl Future<Output = u8> + Unpin),
) -> io::Result<u8> {
    let pipe = StdoutPipe::start();
    pipe.write(told).await;
    let written = tokio::select! {
        written = pipe.finish() => written,
        number = signal => return Ok(exit_codes::of_signal(number)),
    };
    if let Err(error) = written {
        let why = stdout::fault(&error);
        say(&format!("hss-top: the report cannot be written: {why}"));
        return Ok(ExitReason::Output.code());
    }
    let reason = match (&trouble, end.reason()) {
        (Some(_), ExitReason::Done) => ExitReason::Incomplete,
        (_, reason) => reason,
    };
    if let Some(why) = trouble {
        say(&format!("hss-top: the report is incomplete: {why}"));
    }
    for advice in end.advice() {
        say(&format!("hss-top: → {advice}"));
    }
    Ok(reason.code())
}
