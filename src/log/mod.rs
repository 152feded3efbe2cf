//! The log: one JSON object a line, to a file that only its owner can read.
//!
//! Owns how much is logged and in which form, and that no line holds a secret. [`queue`] takes the lines and never waits; a
//! thread of its own writes them to the file, which is [`rotating`]'s. So a disk that is full or hangs stops the log and
//! nothing else.

pub mod queue;
pub mod rotating;

use std::io;
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

/// How long the start waits to hear whether the file can be a log. A disk that hangs may take longer, and is waited for no
/// more.
const FIRST_LOOK: Duration = Duration::from_millis(500);

/// The queue of the log that there is, for [`flush`].
static QUEUE: OnceLock<Arc<Queue>> = OnceLock::new();

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// What failed for good.
    Error,
    /// What failed.
    Warn,
    /// Every call.
    #[default]
    Info,
    /// More.
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
}

/// What is wrong with the log at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogTrouble {
    /// Nothing can be written, for this reason.
    Off(LogFault),
    /// The file takes lines too slowly; so many are lost.
    Behind(u64),
}

impl LogTrouble {
    /// In two words.
    pub fn mark(&self) -> &'static str {
        match self {
            Self::Off(_) => "log off",
            Self::Behind(_) => "log behind",
        }
    }

    /// In a sentence.
    pub fn why(&self) -> String {
        match self {
            Self::Off(fault) => fault.to_string(),
            Self::Behind(0) => "the file takes no lines at the moment".to_owned(),
            Self::Behind(1) => "the file takes no lines at the moment; 1 line lost".to_owned(),
            Self::Behind(lost) => format!("the file takes no lines at the moment; {lost} lines lost"),
        }
    }
}

/// Begins to log to `path`. Only our own modules log: libraries could print headers. The receiver has what is wrong with the
/// log at the moment: that never stops the program. An error is only a file that must not be a log.
pub fn start(path: &Path, level: LogLevel, clock: Clock) -> io::Result<watch::Receiver<Option<LogTrouble>>> {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let (queue, trouble) = Queue::new(ROOM);
    let queue = QUEUE.get_or_init(|| Arc::new(queue));
    let (begun, first) = sync_channel(1);
    let (mut file, writes) = (Rotating::at(path, LARGEST), Arc::clone(queue));
    let thread = thread::Builder::new().name("log".to_owned());
    thread.spawn(move || write(&mut file, &writes, &begun, &clock))?;
    if let Ok(Some(refused)) = first.recv_timeout(FIRST_LOOK) {
        return Err(refused);
    }
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(Lines(Arc::clone(queue)));
    let ours = Targets::new().with_target("hss_top", level);
    tracing_subscriber::registry()
        .with(lines.with_filter(ours))
        .try_init()
        .map_err(io::Error::other)?;
    Ok(trouble)
}

/// The thread's work: opens the file, and writes what comes.
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
    queue.write_all(write, |lost| {
        let fields = serde_json::json!({ "message": "lines of the log were lost", "lost": lost });
        let timestamp = clock.now().to_string();
        let line = serde_json::json!({
            "timestamp": timestamp, "level": "WARN", "fields": fields, "target": "hss_top::log",
        });
        format!("{line}\n").into_bytes()
    });
}

/// The program ends: waits until all lines are written, but not longer than `within`.
pub fn flush(within: Duration) {
    if let Some(queue) = QUEUE.get() {
        queue.flush(within);
    }
}

/// The state of a log that there is not.
pub fn none() -> watch::Receiver<Option<LogTrouble>> {
    watch::channel(None).1
}

/// Gives each line to the queue.
struct Lines(Arc<Queue>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = LogLine<'a>;

    fn make_writer(&'a self) -> LogLine<'a> {
        LogLine(&self.0)
    }
}

/// The way of one line.
struct LogLine<'a>(&'a Queue);

impl io::Write for LogLine<'_> {
    /// A line comes whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.offer(&secrets::redact_line(line), Instant::now());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
