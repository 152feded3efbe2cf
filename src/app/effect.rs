//! What `update` asks the event loop to do.

use super::own_files::OwnEntry;
use crate::report::ExportRequest;
use crate::report::shift::ReportRequest;
use crate::sinks::AlertOrder;
use crate::state::LogbookEntry;
use crate::terminal::OnceOutput;

/// One request. Each is a send that never waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send the current requests to the fetch task.
    Want,
    /// Recompute the view.
    View,
    /// Write the pods shown to a file.
    Export(ExportRequest),
    /// Write this to the state file. Two of the same are one.
    Logbook(LogbookEntry),
    /// Save this between runs.
    Own(OwnEntry),
    /// Write the report of a shift to a file.
    Report(ReportRequest),
    /// Load the earlier usage of the pod in the detail.
    History,
    /// Load the requested snapshot, or cancel the request.
    Past,
    /// Draw everything, whatever the terminal shows.
    Redraw,
    /// Write this to the terminal once. Two of the same are two.
    Once(OnceOutput),
    /// Give the terminal back and stop until continued.
    Suspend,
    /// Turn mouse reports of the terminal on or off, from the next full frame on.
    Mouse(bool),
    /// Let the alert engine look at the source.
    AlertLook,
    /// Tell the alert engine what the operator did.
    AlertOrder(AlertOrder),
    /// Write a line about the program's own health into the log.
    LogHealth,
    /// End the program.
    Quit,
}
