//! The messages between the worker and the event loop.

use std::sync::Arc;

use super::receipt::AlertReceipt;
use crate::alerts::{AlertAct, AlertNotice, ListedAlert, ToldAlert};

/// What an operator wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertOrder {
    /// Take note of all alerts that wait, as this act.
    AcknowledgeAll(AlertAct),
    /// Nobody took note in this act after all.
    UndoAct(AlertAct),
}

/// A sink that does not take what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkTrouble {
    /// The way, and for a command the program.
    pub sink: String,
    /// What is wrong, as a sentence.
    pub why: String,
    /// Notices that wait for it.
    pub waiting: usize,
}

impl SinkTrouble {
    /// The sink as people see it: a program without the number that distinguishes its commands.
    pub fn label(&self) -> &str {
        self.sink
            .split_once(" (")
            .map_or(&self.sink, |(program, _)| program)
    }
}

/// What the worker reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertNews {
    /// Notices for the terminal, each once.
    pub notices: Vec<AlertNotice>,
    /// Alerts that were told and wait to be acknowledged, the newest first.
    pub waiting: Arc<[ToldAlert]>,
    /// All alerts that are followed, the newest first.
    pub listed: Arc<[ListedAlert]>,
    /// Sinks in trouble.
    pub troubles: Arc<[SinkTrouble]>,
    /// The newest receipts, the newest first.
    pub receipts: Arc<[AlertReceipt]>,
}
