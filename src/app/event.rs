//! Everything that the event loop receives.

use jiff::Timestamp;

use super::own_files::OwnNews;
use crate::collector::Reply;
use crate::fleet::{History, View};
use crate::health::Vitals;
use crate::log::LogTrouble;
use crate::report::worker::Outcome;
use crate::sinks::AlertNews;
use crate::state::LogbookNews;
use crate::state::past::PastNews;
use crate::terminal::TerminalColours;

/// One event.
#[derive(Debug)]
pub enum Event {
    /// A key, a paste, a new size.
    Input(crossterm::event::Event),
    /// The fetch task has news.
    Reply(Box<Reply>),
    /// A view is ready.
    View(Box<View>),
    /// A file of pods was written, or writing failed.
    Exported(Box<Outcome>),
    /// The earlier usage of a pod was loaded.
    History(Box<History>),
    /// A stored snapshot was loaded.
    Past(Box<PastNews>),
    /// The state file has new decisions, or cannot be written.
    Logbook(Box<LogbookNews>),
    /// Alerts were sent or changed.
    Alerts(Box<AlertNews>),
    /// Another program changed the operator's own files.
    Own(Box<OwnNews>),
    /// The time.
    Tick(Timestamp),
    /// The program's own use of resources.
    Vitals(Vitals),
    /// The terminal reported its colours.
    Colours(TerminalColours),
    /// The log has a problem, or works again.
    Log(Option<LogTrouble>),
}
