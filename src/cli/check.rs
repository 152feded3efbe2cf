//! `hss-top check`: a single check, for cron, build servers and monitoring systems.
//!
//! Owns what is checked and how the verdict is written; the verdict itself is in [`verdict`]. Must not: call.

mod asked;
mod doubt;
mod masked;
mod told;
mod verdict;

use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::pin::pin;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use told::plugin_fault;
pub use verdict::StaleState;

use super::fleet_fetch::{FetchEnd, FetchLimits, FleetFetch};
use super::footers;
use super::headless::HeadlessArgs;
use super::progress::ProgressLine;
use super::stdout::{self, StdoutPipe, has_room_for, write_now};
use super::stop::{self, LastWord, told_to_stop};
use crate::clock::Clock;
use crate::env::Variables;
use crate::exit_codes::{self, ExitReason, PluginState};
use crate::fleet::fields::PodText;
use crate::fleet::query::{ParseError, Query, Values};
use crate::fleet::view::Unsorted;
use crate::fleet::{Fleet, ViewRequest};
use crate::hss::collector_mark::ASK_WHO_RUNS_IT;
use crate::report::nagios;
use crate::settings::Settings;
use crate::terminal::{say, say_each};
use doubt::doubt;
use verdict::{CheckResult, Doubt, Matches};

/// How long writing the verdict may take after a signal.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Flags of `check`.
#[derive(Debug, Args)]
#[command(after_help = footers::CHECK)]
pub struct CheckArgs {
    /// The flags of all commands without a screen.
    #[command(flatten)]
    pub headless: HeadlessArgs,
    /// Fail if a pod matches this filter
    #[arg(long, value_name = "FILTER", action = ArgAction::Append, value_parser = FilterText::read)]
    pub fail_on: FilterText,
    /// Report pods that match this filter, but do not fail because of them
    #[arg(long, value_name = "FILTER", action = ArgAction::Append, value_parser = FilterText::read)]
    pub warn_on: Option<FilterText>,
    /// The output format
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: CheckOutput,
    /// With nagios: the state if pods are missing or HSS's list is too old
    #[arg(long, value_name = "STATE", default_value = "warning")]
    pub stale: StaleState,
}

/// How long a plug-in runs unless `--timeout` says otherwise: Nagios and Icinga end one after a minute, and report less.
const PLUGIN_TIME: Duration = Duration::from_secs(55);

impl CheckArgs {
    /// How long to try.
    fn limits(&self) -> FetchLimits {
        let limits = self.headless.limits();
        let is_plugin = self.output == CheckOutput::Nagios;
        FetchLimits {
            timeout: limits.timeout.or_else(|| is_plugin.then_some(PLUGIN_TIME)),
            ..limits
        }
    }
}

/// How the verdict is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckOutput {
    /// One line for people
    Text,
    /// One object, see `hss-top schema check`
    Json,
    /// Test results for build servers
    Junit,
    /// One line for Nagios, Icinga and the like, with performance data
    Nagios,
}

/// A filter, and how it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterText {
    text: String,
    query: Query,
}

/// Why a filter cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum CheckFilterFault {
    /// It is not a filter.
    Wrong(ParseError),
    /// It matches every pod.
    Empty,
}

impl fmt::Display for CheckFilterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(error) => f.write_str(&error.at_shell()),
            Self::Empty => f.write_str("an empty filter matches every pod"),
        }
    }
}

impl std::error::Error for CheckFilterFault {}

impl FilterText {
    /// Reads a filter.
    ///
    /// # Errors
    /// The place of the error. An empty filter is an error too, because it would match every pod.
    pub fn read(text: &str) -> Result<Self, CheckFilterFault> {
        let query = Query::parse(text).map_err(CheckFilterFault::Wrong)?;
        if query.is_empty() {
            return Err(CheckFilterFault::Empty);
        }
        let text = text.to_owned();
        Ok(Self { text, query })
    }

    /// Why nothing is proven by no pod matching it: it asks for a word that HSS does not document and no pod has.
    fn doubt(&self, flag: &str, fleet: &Fleet) -> Option<Doubt> {
        let error = Query::parse_among(&self.text, fleet).err()?;
        let word = self.text.get(error.range.clone()).unwrap_or_default();
        Some(Doubt {
            why: format!("{flag}: {error}; if HSS has another word, write it as an expression: /{word}/"),
            reason: ExitReason::Usage,
            is_of_the_question: true,
        })
    }
}

/// No pods: only documented words can be meant.
pub(super) struct NoPods;

impl Values for NoPods {
    fn visit(&self, _: PodText, _: &mut dyn FnMut(&str)) {}
}

/// Whether this command line belongs to a plug-in, even if it is otherwise wrong: its caller reads no other
/// codes and no stderr.
pub fn is_plugin(line: &[OsString]) -> bool {
    let words: Vec<&str> = line.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let is_form = |pair: &[&str]| matches!(pair, ["--output", "nagios"]);
    words.contains(&"check") && (words.contains(&"--output=nagios") || words.windows(2).any(is_form))
}

/// Checks the list of an earlier run and reports the result, where nothing has to be waited for; returns the exit code. `None` if
/// the verdict is too long, or its reader does not take it now: [`run`] waits then, and heeds signals meanwhile.
pub fn at_once(args: &CheckArgs, settings: &Settings, stored: &FleetFetch) -> Option<u8> {
    let end = FetchEnd::Complete { is_stored: true };
    let result = judged(args, settings, stored, &end);
    let told = told::told(args, &result, settings, stored, &end).ok()?;
    if !has_room_for(&told) {
        return None;
    }
    // There is a verdict, and it is the only one.
    stop::heed_no_more();
    Some(code_of(args, &result, write_now(&told)))
}

/// From now on a signal ends the check as it does while the check waits for HSS, with the same word and the same code; before, the
/// system would end it, and a monitoring system would read no state. To be called as soon as the command line says that this is a
/// check. What comes before that, the system's own work to start a program, a signal ends like that of any other program.
///
/// # Errors
/// Those of the system, if it does not deliver signals.
pub fn heed_signals(is_plugin: bool) -> io::Result<()> {
    stop::end_at_once(|number| {
        let why = ended_by(number);
        let (code, text) = if is_plugin {
            (PluginState::Unknown.code(), plugin_fault(&why))
        } else {
            (exit_codes::of_signal(number), format!("hss-top: {why}\n"))
        };
        LastWord {
            code,
            text: text.into_bytes(),
            is_on_stdout: is_plugin,
        }
    })
}

fn ended_by(number: u8) -> String {
    format!("signal {number} ended the check")
}

/// Checks once and reports the result; returns the exit code. `stored` is the list of an earlier run, if that is all that is
/// needed.
///
/// # Errors
/// Those of the system, if a port or signals are not available.
pub async fn run(
    args: &CheckArgs,
    settings: Settings,
    stored: Option<FleetFetch>,
    variables: Variables<'_>,
    clock: Clock,
) -> io::Result<u8> {
    let mut signal = pin!(told_to_stop()?);
    let mut servers = JoinSet::new();
    #[cfg(feature = "fault-injection")]
    crate::fault_injection::start(&mut servers);
    let is_plugin = args.output == CheckOutput::Nagios;
    let is_quiet = args.headless.quiet || is_plugin;
    let limits = args.limits();
    let mut fetch = match stored {
        Some(stored) => stored,
        None => FleetFetch::start(
            &settings,
            settings.reach(&clock, &mut servers).await?,
            limits,
            &clock,
        ),
    };
    let term = variables("TERM");
    let mut progress = ProgressLine::new(is_quiet, term.as_deref(), settings.call.limit());
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
                return stopped(args, number).await;
            }
        }
    };
    progress.clear();
    let result = judged(args, &settings, &fetch, &end);
    let told = told::told(args, &result, &settings, &fetch, &end);
    let of_collector = fetch.collector_doubt().filter(|_| end.is_complete());
    let advice = of_collector.map(|_| ASK_WHO_RUNS_IT).into_iter();
    for advice in end
        .advice()
        .into_iter()
        .chain(advice)
        .filter(|_| args.output != CheckOutput::Nagios)
    {
        say(&format!("hss-top: → {advice}"));
    }
    if !is_plugin {
        say_each(&fetch.notices);
    }
    let pipe = StdoutPipe::start();
    // Whoever waits for the verdict does not wait for the disk.
    pipe.write(told?).await;
    let last = async {
        if is_plugin {
            let unsaved = fetch.close().await;
            pipe.write(nagios::notes(&unsaved).into_bytes()).await;
            return code_of(args, &result, pipe.finish().await);
        }
        let code = code_of(args, &result, pipe.finish().await);
        say_each(fetch.close().await.as_slice());
        code
    };
    tokio::select! {
        code = last => Ok(code),
        number = signal => Ok(of_signal(args, number)),
    }
}

/// The exit code of a verdict that is written, or could not be.
fn code_of(args: &CheckArgs, result: &CheckResult, written: io::Result<()>) -> u8 {
    let is_plugin = args.output == CheckOutput::Nagios;
    if let Err(error) = written {
        let why = stdout::fault(&error);
        say(&format!("hss-top: the verdict cannot be written: {why}"));
        return if is_plugin {
            PluginState::Unknown.code()
        } else {
            ExitReason::Output.code()
        };
    }
    if is_plugin {
        result.state(args.stale.into()).code()
    } else {
        result.reason().code()
    }
}

fn of_signal(args: &CheckArgs, number: u8) -> u8 {
    match args.output {
        CheckOutput::Nagios => PluginState::Unknown.code(),
        _ => exit_codes::of_signal(number),
    }
}

/// Says that a signal ended the check.
async fn stopped(args: &CheckArgs, number: u8) -> io::Result<u8> {
    let why = ended_by(number);
    if args.output == CheckOutput::Nagios {
        let pipe = StdoutPipe::start();
        pipe.write(plugin_fault(&why).into_bytes()).await;
        let _ = timeout(LAST_WORDS, pipe.finish()).await;
    } else {
        say(&format!("hss-top: {why}"));
    }
    Ok(of_signal(args, number))
}

/// What the check found.
fn judged(args: &CheckArgs, settings: &Settings, fetch: &FleetFetch, end: &FetchEnd) -> CheckResult {
    let only_met = !end.is_complete() || fetch.status.unproven;
    let request = |filter: Query| ViewRequest {
        scope: settings.call.scope().clone(),
        filter,
        ..ViewRequest::default()
    };
    let service_now = fetch.service_now();
    let narrowed = Query::parse(&settings.filter).unwrap_or_default();
    let chosen = Unsorted::of(&fetch.fleet, request(narrowed), service_now);
    let is_met = |row: &u32| !only_met || fetch.fleet.is_met(*row);
    let looked_at: HashSet<u32> = chosen.rows().filter(is_met).collect();
    let matches = |filter: &FilterText| {
        let view = Unsorted::of(&fetch.fleet, request(filter.query.clone()), service_now);
        Matches::of(&filter.text, &view, &fetch.fleet, &looked_at)
    };
    let is_empty = looked_at.is_empty();
    let asked = asked::doubt(args, settings, fetch, is_empty).filter(|_| end.is_complete());
    let doubt = asked.or_else(|| doubt(args, settings, fetch, end, is_empty));
    CheckResult {
        findings: matches(&args.fail_on),
        warnings: args.warn_on.as_ref().map(matches),
        checked: looked_at.len(),
        // What nobody could ask says nothing of the pods.
        doubt: doubt.map(|doubt| Doubt {
            is_of_the_question: doubt.is_of_the_question || matches!(end, FetchEnd::Unasked { .. }),
            ..doubt
        }),
        note: asked::unread(args, settings),
    }
}
