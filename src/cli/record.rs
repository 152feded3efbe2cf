//! `hss-top record`: the answers of HSS in a file that anybody can replay.
//!
//! Owns when a recording ends, and its exit codes. The collector works as for the other commands, with the same
//! credential and the same ledger, so a recording takes no calls that the limit does not have. It uses no saved
//! list: it would avoid calls, and the answers to those are what a recording is for; and nothing is
//! saved, so that no other program waits for the state file. Only refused passwords are remembered as always.
//! Must not: choose what is taken out of an answer; [`crate::recording`] does.

mod output;

use std::io;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::time::Duration;

use clap::Args;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep_until, timeout};

use super::fleet_fetch::{FetchEnd, FetchLimits, FleetFetch};
use super::footers;
use super::headless::{DemoArgs, headless_config, settings_of};
use super::progress::ProgressLine;
use super::stop::told_to_stop;
use super::typed;
use crate::clock::Clock;
use crate::config::Flags;
use crate::env::Variables;
use crate::exit_codes::{self, ExitReason};
use crate::hss::transport::{Carrier, ExchangeListener, HeardExchange};
use crate::recording::{ExchangeCleaner, RecordingHeader, RecordingWriter};
use crate::settings::{Settings, Unready};
use crate::terminal::say;
use crate::ui::format::{bytes, count};
use output::{RecordingFile, RefusedOutput};

/// Exchanges that may wait to be written; then the calls wait.
const WAITING: usize = 16;
/// How long the end of the file may take after a signal.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Flags of `record`.
#[derive(Debug, Args)]
#[command(after_help = footers::RECORD)]
pub struct RecordArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The demo.
    #[command(flatten)]
    pub demo: DemoArgs,
    /// The file, such as hss.jsonl, or hss.jsonl.gz to compress it; - is standard output
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Record for this long, such as 10m, whether calls fail or not
    #[arg(long = "for", value_name = "TIME", value_parser = typed::time, conflicts_with = "sweeps")]
    pub duration: Option<Duration>,
    /// End after the list was loaded, or found unchanged, this many times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub sweeps: u32,
    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,
    /// End when calls have failed for this long; a refused credential ends it at once
    #[arg(long, value_name = "TIME", default_value = "90s", value_parser = typed::time)]
    pub give_up_after: Duration,
    /// Show no progress and no notes on stderr, only errors
    #[arg(long)]
    pub quiet: bool,
}

impl RecordArgs {
    /// Whether it prints to standard output.
    pub(super) fn prints(&self) -> bool {
        output::is_stdout(&self.out)
    }

    /// What it runs with. `unknown` has sentences about unknown variables.
    ///
    /// # Errors
    /// What is missing or wrong in the configuration.
    pub fn settings(&self, variables: Variables<'_>, unknown: Vec<String>) -> Result<Settings, Unready> {
        settings_of(
            &headless_config(&self.flags, variables, unknown)?,
            self.demo,
            variables,
        )
    }
}

/// A recording while it is made.
struct RecordRun<'a> {
    args: &'a RecordArgs,
    fetch: FleetFetch,
    heard: mpsc::Receiver<HeardExchange>,
    orders: mpsc::Sender<WriterOrder>,
    writing: JoinHandle<io::Result<Written>>,
    progress: ProgressLine,
    clock: Clock,
    began: Instant,
}

/// What the thread that writes has to do.
enum WriterOrder {
    Write(Box<HeardExchange>),
    /// The last line.
    End(&'static str),
}

/// What was written.
struct Written {
    exchanges: u64,
    bytes: u64,
}

/// How a recording ended.
enum RecordStop {
    /// The list was loaded as often as requested; how the last sweep ended.
    Swept(FetchEnd),
    /// The time is over.
    TimeIsUp,
    /// Calls fail.
    Failed(FetchEnd),
    /// Writing failed, or the reader left.
    Unwritten,
    /// This signal.
    Signal(u8),
}

impl RecordStop {
    /// The word for it in the last line of the file.
    fn word(&self) -> &'static str {
        match self {
            Self::Swept(_) => "sweeps",
            Self::TimeIsUp => "time",
            Self::Failed(_) | Self::Unwritten => "failed",
            Self::Signal(_) => "signal",
        }
    }
}

/// Records; returns the exit code.
///
/// # Errors
/// Those of the system, if a port, signals or random bytes are not available.
pub async fn run(
    args: &RecordArgs,
    settings: Settings,
    variables: Variables<'_>,
    clock: Clock,
) -> io::Result<u8> {
    let mut signal = pin!(told_to_stop()?);
    let output = match RecordingFile::open(&args.out, args.overwrite) {
        Ok(output) => output,
        Err(refused) => {
            say(&format!("hss-top: {refused}"));
            return Ok(match refused {
                RefusedOutput::Exists(_) => ExitReason::Failed.code(),
                RefusedOutput::Irregular(_) | RefusedOutput::System(..) => ExitReason::Output.code(),
            });
        }
    };
    let began_at = clock.now();
    let cleaner = ExchangeCleaner::new(began_at, settings.mask)
        .ok_or_else(|| io::Error::other("cannot mask: the system provides no random bytes"))?;
    let header = cleaner.header(header(&settings, began_at));
    let (orders, orders_out) = mpsc::channel(WAITING);
    let writing = {
        let (is_gzip, clock) = (output.is_gzip(), clock.clone());
        let begun = move || write(output, is_gzip, &header, &cleaner, orders_out, &clock);
        spawn_blocking(begun)
    };
    let (heard_in, heard) = mpsc::channel(WAITING);
    let mut servers = JoinSet::new();
    let (mut setup, trust) = settings.reach(&clock, &mut servers).await?;
    setup.carrier = Carrier::Heard(ExchangeListener::new(heard_in));
    let mut source = settings.source_setup(setup, trust, settings.request());
    source.state = None;
    let limits = FetchLimits {
        max_age: None,
        give_up_after: args.give_up_after,
        timeout: None,
    };
    let mut run = RecordRun {
        args,
        fetch: FleetFetch::of_source(source, limits, &clock),
        heard,
        orders,
        writing,
        progress: ProgressLine::new(args.quiet, variables("TERM").as_deref(), settings.call.limit()),
        clock,
        began: Instant::now(),
    };
    let stop = run.record(signal.as_mut()).await;
    run.finish(stop, settings.mask).await
}

/// What was asked, for the first line.
fn header(settings: &Settings, began_at: jiff::Timestamp) -> RecordingHeader {
    let scope = settings.call.scope();
    RecordingHeader {
        place: settings.source.place.clone(),
        calls_per_minute: settings.calls_per_minute,
        interval_s: settings.interval.as_secs(),
        page_size: settings.call.limit(),
        enterprise_project_id: settings.call.enterprise_project_id().to_owned(),
        cluster: scope.cluster.clone(),
        namespace: scope.namespace.clone(),
        pod: scope.pod.clone(),
        ..RecordingHeader::begun_at(began_at)
    }
}

/// Writes what it is told, in a thread of its own: compressing a page takes longer than the loop may wait.
fn write(
    output: RecordingFile,
    is_gzip: bool,
    header: &RecordingHeader,
    cleaner: &ExchangeCleaner,
    mut orders: mpsc::Receiver<WriterOrder>,
    clock: &Clock,
) -> io::Result<Written> {
    let mut writer = RecordingWriter::begin(output, is_gzip, header)?;
    while let Some(order) = orders.blocking_recv() {
        match order {
            WriterOrder::Write(exchange) => writer.write(&cleaner.clean(*exchange))?,
            WriterOrder::End(word) => {
                let at = cleaner.since_beginning(clock.now());
                let (exchanges, output) = writer.finish(word, at)?;
                let bytes = output.appear()?;
                return Ok(Written { exchanges, bytes });
            }
        }
    }
    Err(io::Error::other("the recording was aborted"))
}

impl RecordRun<'_> {
    /// Records until there is a reason to end.
    async fn record(&mut self, mut signal: Pin<&mut impl Future<Output = u8>>) -> RecordStop {
        let until = self.args.duration.map(|duration| self.began + duration);
        let (mut sweeps, mut counted) = (0, None);
        loop {
            tokio::select! {
                biased;
                number = &mut signal => return RecordStop::Signal(number),
                Some(exchange) = self.heard.recv() => {
                    let order = self.orders.send(WriterOrder::Write(Box::new(exchange)));
                    tokio::select! {
                        sent = order => if sent.is_err() {
                            return RecordStop::Unwritten;
                        },
                        number = &mut signal => return RecordStop::Signal(number),
                    }
                }
                () = self.orders.closed() => return RecordStop::Unwritten,
                () = sleep_until(until.unwrap_or(self.began)), if until.is_some() => {
                    return RecordStop::TimeIsUp;
                }
                end = self.fetch.next() => {
                    self.progress.show(&self.fetch.status, self.clock.now());
                    match end {
                        None => {}
                        Some(end @ (FetchEnd::Complete { .. } | FetchEnd::Short)) => {
                            let asked_at = self.fetch.status.asked_at;
                            sweeps += u32::from(asked_at != counted);
                            counted = asked_at;
                            if until.is_none() && sweeps >= self.args.sweeps {
                                return RecordStop::Swept(end);
                            }
                        }
                        Some(FetchEnd::Failed(_)) if until.is_some() => {}
                        Some(failed) => return RecordStop::Failed(failed),
                    }
                }
            }
        }
    }

    /// Writes the end of the file, and reports.
    async fn finish(mut self, stop: RecordStop, is_masked: bool) -> io::Result<u8> {
        self.progress.clear();
        let status = self.fetch.status.clone();
        self.fetch.close().await;
        let last = async {
            while let Ok(exchange) = self.heard.try_recv() {
                if self
                    .orders
                    .send(WriterOrder::Write(Box::new(exchange)))
                    .await
                    .is_err()
                {
                    break;
                }
            }
            // If writing failed, the thread has ended already and says why.
            let _ = self.orders.send(WriterOrder::End(stop.word())).await;
            drop(self.orders);
            self.writing.await.map_err(io::Error::other)?
        };
        let written = match stop {
            // After a signal it does not wait for a stuck reader.
            RecordStop::Signal(number) => match timeout(LAST_WORDS, last).await {
                Ok(written) => written,
                Err(_) => return Ok(exit_codes::of_signal(number)),
            },
            _ => last.await,
        };
        let written = match written {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitReason::Done.code()),
            Err(error) => {
                say(&format!("hss-top: the recording cannot be written: {error}"));
                return Ok(ExitReason::Output.code());
            }
        };
        if !self.args.quiet {
            say(&told(&written, &self.args.out, is_masked));
        }
        let end = match stop {
            RecordStop::Signal(number) => return Ok(exit_codes::of_signal(number)),
            RecordStop::TimeIsUp | RecordStop::Unwritten => return Ok(ExitReason::Done.code()),
            RecordStop::Swept(end) | RecordStop::Failed(end) => end,
        };
        if let Some(why) = end.trouble(&status) {
            say(&format!("hss-top: {why}"));
            for advice in end.advice() {
                say(&format!("hss-top: → {advice}"));
            }
        }
        Ok(end.reason().code())
    }
}

/// The note at the end.
fn told(written: &Written, path: &std::path::Path, is_masked: bool) -> String {
    let exchanges = count(written.exchanges);
    let names = if is_masked {
        "names are masked"
    } else {
        "it has real pod names, which --mask replaces"
    };
    let plural = if written.exchanges == 1 { "" } else { "s" };
    if output::is_stdout(path) {
        return format!("hss-top: recorded {exchanges} call{plural}; {names}");
    }
    let size = match written.bytes {
        few @ 0..1024 => format!("{few} bytes"),
        many => bytes(many),
    };
    let path = path.display();
    format!(
        "hss-top: recorded {exchanges} call{plural} in {path} ({size}); {names}; hss-top --replay {path} shows it"
    )
}
