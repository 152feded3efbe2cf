//! The log: one JSON object per line, in a file that only its owner can read.
//!
//! Owns how much is logged and in which form, and that no line holds a secret. [`queue`] accepts lines and
//! never waits; a separate thread writes them to the file, which [`rotating`] owns. So a full or hanging disk
//! stops only the log.

pub mod queue;
pub mod rotating;

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::clock::Clock;
use crate::secrets;
use queue::{Queue, ROOM};
pub use rotating::LogFault;
use rotating::{LARGEST, Rotating};

/// How long the start waits to learn whether the file is suitable. A hanging disk may take longer; then the
/// program starts without it.
const FIRST_LOOK: Duration = Duration::from_millis(500);

/// The queue of the current log, for [`flush`].
static QUEUE: OnceLock<Arc<Queue>> = OnceLock::new();

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// Lasting failures.
    Error,
    /// All failures.
    Warn,
    /// Every call as well.
    #[default]
    Info,
    /// More detail.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The level of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "error" => Self::Error,
            "warn" => Self::Warn,
            "info" => Self::Info,
            "debug" => Self::Debug,
            "trace" => Self::Trace,
            _ => return None,
        })
    }

    const fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// The current problem of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogTrouble {
    /// Nothing can be written, for this reason.
    Off(LogFault),
    /// The file is too slow; this many lines are lost.
    Behind(u64),
}

impl LogTrouble {
    /// The problem in two words, for the header.
    pub fn mark(&self) -> &'static str {
        match self {
            Self::Off(_) => "log off",
            Self::Behind(_) => "log behind",
        }
    }

    /// The problem in a sentence.
    pub fn why(&self) -> String {
        match self {
            Self::Off(fault) => fault.to_string(),
            Self::Behind(0) => "the file accepts no lines at the moment".to_owned(),
            Self::Behind(1) => "the file accepts no lines at the moment; 1 line lost".to_owned(),
            Self::Behind(lost) => format!("the file accepts no lines at the moment; {lost} lines lost"),
        }
    }
}

/// Starts the log in `path`. Only our own modules log: libraries could print headers. The receiver holds the
/// current problem of the log, which never stops the program. An error is returned only for a file that must
/// not be used as a log.
pub fn start(path: &Path, level: LogLevel, clock: Clock) -> io::Result<watch::Receiver<Option<LogTrouble>>> {
    let (queue, trouble) = Queue::new(ROOM);
    let queue = QUEUE.get_or_init(|| Arc::new(queue));
    let (begun, first) = sync_channel(1);
    let (mut file, writes) = (Rotating::at(path, LARGEST), Arc::clone(queue));
    let thread = thread::Builder::new().name("log".to_owned());
    thread.spawn(move || write(&mut file, &writes, &begun, &clock))?;
    if let Ok(Some(refused)) = first.recv_timeout(FIRST_LOOK) {
        return Err(refused);
    }
    take_lines(queue, level)?;
    Ok(trouble)
}

/// Starts the log on stderr, for a program that runs under a supervisor. A reader that is too slow stops only the log.
///
/// # Errors
/// If no thread can be started, or there is a log already.
pub fn start_on_stderr(level: LogLevel, clock: Clock) -> io::Result<()> {
    let (queue, _) = Queue::new(ROOM);
    let queue = QUEUE.get_or_init(|| Arc::new(queue));
    let writes = Arc::clone(queue);
    let thread = thread::Builder::new().name("log".to_owned());
    thread.spawn(move || {
        let write = |line: &[u8]| {
            io::stderr()
                .write_all(line)
                .map_err(|error| LogFault::from(&error))
        };
        writes.write_all(write, |lost| lost_line(lost, &clock));
    })?;
    take_lines(queue, level)
}

/// Sends the lines of our own modules to the queue.
fn take_lines(queue: &Arc<Queue>, level: LogLevel) -> io::Result<()> {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(Lines(Arc::clone(queue)));
    let ours = Targets::new().with_target("hss_top", level.filter());
    tracing_subscriber::registry()
        .with(lines.with_filter(ours))
        .try_init()
        .map_err(io::Error::other)
}

/// The work of the thread: opens the file and writes the lines.
fn write(file: &mut Rotating, queue: &Queue, begun: &SyncSender<Option<io::Error>>, clock: &Clock) {
    let result = file.begin(Instant::now());
    if let Err(error) = &result {
        queue.tell(Some(LogTrouble::Off(error.into())));
    }
    let refused = result.err().filter(rotating::is_refusal);
    let _ = begun.send(refused);
    let write = |line: &[u8]| {
        #[cfg(feature = "fault-injection")]
        crate::fault_injection::stall("log");
        file.write_line(line, Instant::now())
    };
    queue.write_all(write, |lost| lost_line(lost, clock));
}

/// The line that says how many were lost.
fn lost_line(lost: u64, clock: &Clock) -> Vec<u8> {
    let fields = serde_json::json!({ "message": "lines of the log were lost", "lost": lost });
    let timestamp = clock.now().to_string();
    let line = serde_json::json!({
        "timestamp": timestamp, "level": "WARN", "fields": fields, "target": "hss_top::log",
    });
    format!("{line}\n").into_bytes()
}

/// Called at the end of the program: waits until all lines are written, but not longer than `within`.
pub fn flush(within: Duration) {
    if let Some(queue) = QUEUE.get() {
        queue.flush(within);
    }
}

/// The receiver for a program without a log: it never has a problem.
pub fn none() -> watch::Receiver<Option<LogTrouble>> {
    watch::channel(None).1
}

/// Passes each line to the queue.
struct Lines(Arc<Queue>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = LogLine<'a>;

    fn make_writer(&'a self) -> LogLine<'a> {
        LogLine(&self.0)
    }
}

/// The writer of one line.
struct LogLine<'a>(&'a Queue);

impl io::Write for LogLine<'_> {
    /// Takes a complete line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.offer(&secrets::redact_line(line), Instant::now());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
