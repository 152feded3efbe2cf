//! The log: one JSON object a line, to a file that only its owner can read.
//!
//! Owns how much is logged and in which form, and that no line holds a secret; [`rotating`] is the file.

pub mod rotating;

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::secrets;
use rotating::{LARGEST, Rotating};

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

/// Begins to log to `path`. Only our own modules log: libraries could print headers. The receiver tells why nothing is
/// logged at the moment: that never stops the program.
pub fn start(path: &Path, level: LogLevel) -> io::Result<watch::Receiver<Option<String>>> {
    let (mut file, trouble) = Rotating::at(path, LARGEST);
    file.begin(Instant::now());
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(Lines(Mutex::new(file)));
    let ours = Targets::new().with_target("hss_top", level);
    tracing_subscriber::registry()
        .with(lines.with_filter(ours))
        .try_init()
        .map_err(io::Error::other)?;
    Ok(trouble)
}

/// The state of a log that there is not.
pub fn none() -> watch::Receiver<Option<String>> {
    watch::channel(None).1
}

/// Gives each line to the file. A thread that panicked while it did so takes the log from nobody: the line about its panic
/// is still to be written.
struct Lines(Mutex<Rotating>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The way of one line.
struct Line<'a>(MutexGuard<'a, Rotating>);

impl io::Write for Line<'_> {
    /// A line comes whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_line(&secrets::redact_line(line), Instant::now());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
