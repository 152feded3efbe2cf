//! `hss-top mutes`: the mutes of the saved state, for a person or a timer without a screen.
//!
//! Owns how mutes are listed, added and ended, and who did it. A dashboard with the same state sees it within
//! seconds. Only uses the file, and a collector's mutes where one answers ([`team`]). Must not: remove a row, because the file
//! records who muted what.

mod team;

use std::io::{self, Write as _};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::footers;
use super::history::{nothing_saved, saved_file, unusable};
use super::named_pods::other_field;
use super::stdout;
use super::stop::told_to_stop;
use crate::clock::{Clock, local_zone};
use crate::config::Flags;
use crate::exit_codes::{self, ExitReason};
use crate::fleet::decisions::{Mute, MuteEnd, MuteTarget};
use crate::fleet::query::Query;
use crate::fleet::text::RemoteText;
use crate::fleet::{Fleet, View, ViewRequest};
use crate::operator;
use crate::report::mute_record::{self, MuteRecord};
use crate::settings::{Settings, Unready};
use crate::state::Database;
use crate::state::database::{Numbered, Unusable};
use crate::terminal::say;
use crate::ui::format::{count, counted, left, width};
use team::TeamAtHand;

/// What can be done with mutes.
#[derive(Debug, Subcommand)]
pub enum MutesCommand {
    /// List the active mutes
    List(MuteListArgs),
    /// Mute pods
    Add(MuteAddArgs),
    /// End mutes at once
    Expire(MuteExpireArgs),
}

/// Flags of `mutes list`.
#[derive(Debug, Args)]
#[command(after_help = footers::MUTES_LIST)]
pub struct MuteListArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// Also list those that have ended
    #[arg(long)]
    pub all: bool,
    /// The output format
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: MuteOutput,
    /// Print only errors on stderr
    #[arg(long)]
    pub quiet: bool,
}

/// The form of the list of mutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MuteOutput {
    /// A line each, for people
    Text,
    /// One object per line, see `hss-top schema mutes`
    Jsonl,
}

/// Flags of `mutes add`.
#[derive(Debug, Args)]
#[command(after_help = footers::MUTES_ADD)]
pub struct MuteAddArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// Which pods: a filter of cluster, namespace and name, because a change names only these
    #[arg(value_name = "FILTER", value_parser = parse_target)]
    pub pods: String,
    /// Until when: changed, a time such as 2h, a moment such as 18:00, friday 08:00 or 2026-12-31, or worse (until it gets worse)
    #[arg(long, value_name = "WHEN", default_value = "changed")]
    pub until: String,
}

/// Flags of `mutes expire`.
#[derive(Debug, Args)]
#[command(after_help = footers::MUTES_EXPIRE)]
pub struct MuteExpireArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The numbers that `mutes list` shows
    #[arg(value_name = "NUMBER", required = true, value_parser = parse_number)]
    pub numbers: Vec<i64>,
}

impl MutesCommand {
    /// Whether it prints to standard output.
    pub(super) fn prints(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// The configuration's flags.
    pub fn flags(&self) -> &Flags {
        match self {
            Self::List(args) => &args.flags,
            Self::Add(args) => &args.flags,
            Self::Expire(args) => &args.flags,
        }
    }

    /// The same, to change.
    pub fn flags_mut(&mut self) -> &mut Flags {
        match self {
            Self::List(args) => &mut args.flags,
            Self::Add(args) => &mut args.flags,
            Self::Expire(args) => &mut args.flags,
        }
    }
}

/// Reads the filter of a mute: other fields than cluster, namespace and name would never match.
fn parse_target(text: &str) -> Result<String, String> {
    let query = Query::parse(text).map_err(|error| error.at_shell())?;
    if query.is_empty() {
        return Err("an empty filter matches every pod".to_owned());
    }
    match other_field(&query) {
        None => Ok(text.to_owned()),
        Some(field) => Err(format!(
            "a mute can only filter by cluster, ns and pod, but not by {}",
            field.name()
        )),
    }
}

fn parse_number(text: &str) -> Result<i64, &'static str> {
    text.parse()
        .map_err(|_| "it must be the number of a mute, as hss-top mutes list shows it")
}

/// Carries out the command; returns the exit code.
///
/// # Errors
/// Those of standard output.
pub async fn run(command: &MutesCommand, settings: &Settings, clock: &Clock) -> io::Result<u8> {
    let file = match saved_file(settings) {
        Ok(file) => file,
        Err(Unready::Wrong(why)) => {
            say(&format!("hss-top: {why}"));
            return Ok(ExitReason::Configuration.code());
        }
        Err(Unready::Missing(_)) => return Ok(ExitReason::Configuration.code()),
    };
    let mut signal = pin!(told_to_stop()?);
    let met = tokio::select! {
        met = Box::pin(TeamAtHand::meet(settings, &file, clock)) => met,
        number = &mut signal => return Ok(exit_codes::of_signal(number)),
    };
    let team = match met {
        Ok(team) => team,
        Err(why) => return Ok(unusable(&file, &why)),
    };
    let now = clock.now();
    let zone = local_zone().0;
    let done = match command {
        MutesCommand::List(args) if file.exists() => list(args, &file, settings, now, &zone),
        MutesCommand::Expire(args) if file.exists() => expire(args, &file, now),
        MutesCommand::List(_) | MutesCommand::Expire(_) => {
            nothing_saved(&file);
            return Ok(team.without_a_logbook().code());
        }
        MutesCommand::Add(args) => add(args, &file, now, &zone),
    };
    let code = match done {
        Ok(code) => code?,
        Err(why) => return Ok(unusable(&file, &why)),
    };
    let sent = tokio::select! {
        sent = Box::pin(team.send(settings, &file)) => sent.code(),
        number = &mut signal => return Ok(exit_codes::of_signal(number)),
    };
    Ok(if code == ExitReason::Done.code() {
        sent
    } else {
        code
    })
}

fn list(
    args: &MuteListArgs,
    file: &Path,
    settings: &Settings,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<io::Result<u8>, Unusable> {
    let database = Database::open_unmoved(file)?;
    let mutes = database.mutes()?;
    let shown = mutes.into_iter().filter(|mute| args.all || mute.row.holds(now));
    let mut out = Vec::new();
    match args.output {
        MuteOutput::Jsonl => {
            let source = &settings.source;
            let (project, region): (Arc<str>, Arc<str>) =
                (source.project.as_str().into(), source.place.as_str().into());
            let mut shown = shown.peekable();
            if shown.peek().is_none() && !args.quiet {
                say("hss-top: there are no mutes");
            }
            for mute in shown {
                let record = MuteRecord {
                    number: mute.number,
                    holds: mute.row.holds(now),
                    mute: mute.row,
                    project: Arc::clone(&project),
                    region: Arc::clone(&region),
                };
                // A buffer in memory takes everything.
                let _ = mute_record::TABLE.write_json(&record, &mut out);
            }
        }
        MuteOutput::Text => out = table(&shown.collect::<Vec<_>>(), now, zone).into_bytes(),
    }
    let mut writer = io::stdout().lock();
    let written = writer.write_all(&out).and_then(|()| writer.flush());
    Ok(match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let why = stdout::fault(&error);
            say(&format!("hss-top: the mutes cannot be written: {why}"));
            Ok(ExitReason::Output.code())
        }
        _ => Ok(ExitReason::Done.code()),
    })
}

/// What is muted.
fn target_words(target: &MuteTarget) -> String {
    match target {
        MuteTarget::Pod { name, namespace, .. } => {
            format!("pod {} in {}", name.shown(), namespace.shown())
        }
        MuteTarget::Namespace { namespace, cluster } => {
            format!("namespace {} of {}", namespace.shown(), cluster.shown())
        }
        MuteTarget::Filter(filter) => format!("filter {}", RemoteText::message(filter).shown()),
    }
}

/// The mutes as lines in columns.
fn table(mutes: &[Numbered<Mute>], now: Timestamp, zone: &TimeZone) -> String {
    let at = |at: Timestamp| {
        at.to_zoned_datetime(zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    };
    let row = |mute: &Numbered<Mute>| {
        let Mute {
            who,
            at: since,
            target,
            end,
            undone,
        } = &mute.row;
        let what = target_words(target);
        let until = match (undone, end) {
            (Some(undone), _) => format!("ended {}", at(*undone)),
            (None, MuteEnd::Changed) => "until it changes".to_owned(),
            (None, MuteEnd::At(end)) if *end <= now => format!("ended {}", at(*end)),
            (None, MuteEnd::At(end)) => format!("until {}", at(*end)),
            (None, MuteEnd::Never) => end.words(at),
        };
        let who = RemoteText::message(who).shown().to_owned();
        [mute.number.to_string(), at(*since), who, what, until]
    };
    let rows: Vec<[String; 5]> = mutes.iter().map(row).collect();
    if rows.is_empty() {
        return "no mutes\n".to_owned();
    }
    let headings = ["NUMBER", "SINCE", "WHO", "WHAT", "UNTIL"].map(str::to_owned);
    let all: Vec<&[String; 5]> = std::iter::once(&headings).chain(&rows).collect();
    let mut text = String::new();
    for row in &all {
        for (column, cell) in row.iter().enumerate() {
            let widest = all.iter().map(|row| width(&row[column])).max().unwrap_or(0);
            let is_last = column + 1 == row.len();
            text.push_str(&if is_last {
                cell.clone()
            } else {
                left(cell, widest) + "  "
            });
        }
        text.push('\n');
    }
    text
}

fn add(args: &MuteAddArgs, file: &Path, now: Timestamp, zone: &TimeZone) -> Result<io::Result<u8>, Unusable> {
    let Some(end) = MuteEnd::read(&args.until, now, zone) else {
        say(
            "hss-top: --until accepts changed, a time such as 2h or 7d, a future time such as 18:00, friday 08:00 or 2026-12-31, or worse",
        );
        return Ok(Ok(ExitReason::Usage.code()));
    };
    let mute = Mute {
        who: operator::name(),
        at: now,
        target: MuteTarget::Filter(args.pods.clone()),
        end,
        undone: None,
    };
    let mut database = Database::open_unmoved(file)?;
    let mut number = 0;
    database.write(|writing| {
        number = writing.mute(None, &mute)?;
        Ok(())
    })?;
    let matched = matched(&database.saved_pods()?, &args.pods, now);
    say(&format!(
        "hss-top: mute {number} is active: {matched}; hss-top mutes expire {number} ends it"
    ));
    Ok(Ok(ExitReason::Done.code()))
}

/// How many of the saved pods a filter matches. A mute without any may be a slip, or for pods that come later.
fn matched(saved: &Fleet, filter: &str, now: Timestamp) -> String {
    let request = ViewRequest {
        filter: Query::parse(filter).unwrap_or_default(),
        ..ViewRequest::default()
    };
    let matched = View::of(saved, request, now).len();
    match (matched, saved.len()) {
        (_, 0) => "no pods are saved yet, so its matches are unknown".to_owned(),
        (0, all) => format!("it matches none of {}", counted(all, "saved pod")),
        (some, all) => format!("it matches {} of {}", count(some), counted(all, "saved pod")),
    }
}

fn expire(args: &MuteExpireArgs, file: &Path, now: Timestamp) -> Result<io::Result<u8>, Unusable> {
    let mut database = Database::open_unmoved(file)?;
    let mutes = database.mutes()?;
    let mut code = ExitReason::Done.code();
    for number in &args.numbers {
        let found = mutes.iter().find(|mute| mute.number == *number);
        let Some(mute) = found.filter(|mute| mute.row.holds(now)) else {
            say(&format!("hss-top: there is no active mute {number}"));
            code = ExitReason::Failed.code();
            continue;
        };
        let row = Mute {
            undone: Some(now.max(mute.row.at)),
            ..mute.row.clone()
        };
        database.write(|writing| writing.mute(Some(*number), &row).map(drop))?;
        say(&format!(
            "hss-top: mute {number} of {} ended: {}",
            RemoteText::message(&row.who).shown(),
            target_words(&row.target)
        ));
    }
    Ok(Ok(code))
}
