//! What can reach the event loop.

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

/// One thing that happened.
#[derive(Debug)]
pub enum Event {
    /// A key, a paste, a new size.
    Input(crossterm::event::Event),
    /// The fetch task has news.
    Reply(Box<Reply>),
    /// A view is ready.
    View(Box<View>),
    /// A file of pods was written, or was not.
    Exported(Box<Outcome>),
    /// What a pod used before was read.
    History(Box<History>),
    /// A stored snapshot was looked up.
    Past(Box<PastNews>),
    /// The state file has decisions, or cannot be written.
    Logbook(Box<LogbookNews>),
    /// Alerts were told, or something about them changed.
    Alerts(Box<AlertNews>),
    /// The operator's own files have news.
    Own(Box<OwnNews>),
    /// It is this late now.
    Tick(Timestamp),
    /// What the program itself costs.
    Vitals(Vitals),
    /// What the terminal tells of its colours.
    Colours(TerminalColours),
    /// What is wrong with the log, or that nothing is any more.
    Log(Option<LogTrouble>),
}
