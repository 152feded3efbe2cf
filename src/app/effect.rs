//! What `update` asks the event loop to do.

use super::own_files::OwnEntry;
use crate::report::ExportRequest;
use crate::report::shift::ReportRequest;
use crate::sinks::AlertOrder;
use crate::state::LogbookEntry;
use crate::terminal::OnceOutput;

/// One thing to do. Each is a send that never waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Tell the fetch task what is wanted now.
    Want,
    /// Have the view computed anew.
    View,
    /// Write the pods shown to a file.
    Export(ExportRequest),
    /// Write this to the state file. Two of the same are one.
    Logbook(LogbookEntry),
    /// Keep this between runs.
    Own(OwnEntry),
    /// Write the report of a shift to a file.
    Report(ReportRequest),
    /// Have it read what the pod in the detail used before.
    History,
    /// Have the snapshot looked up that is wanted, or none any more.
    Past,
    /// Draw everything, whatever the terminal shows.
    Redraw,
    /// Write this to the terminal once. Two of the same are two.
    Once(OnceOutput),
    /// Give the terminal back and stop until continued.
    Suspend,
    /// Ask the terminal for mouse reports, or ask for none any more, from the next full frame on.
    Mouse(bool),
    /// Have the engine of the alerts look at the source.
    AlertLook,
    /// Tell it what the operator wants.
    AlertOrder(AlertOrder),
    /// Write a line about the program's own health into the log.
    LogHealth,
    /// End the program.
    Quit,
}
