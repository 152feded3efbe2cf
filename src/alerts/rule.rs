//! A rule: which condition of which pods raises an alert, how urgent it is, and where it is sent.
//!
//! Owns the default rule, which applies if none is configured: a new risk shows a banner and rings the bell. A risk is the one thing
//! that HSS itself calls urgent and that did not exist at the last look; the bell is the one sign that every terminal and
//! multiplexer passes on, and the banner stays until somebody saw it. Failed pods and high usage are daily life in most
//! clusters; whoever was woken by them once would turn everything off.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::condition::AlertCondition;
use super::quiet::QuietHours;
use crate::fleet::query::Query;
use crate::fleet::usage::CRITICAL_PERCENT;

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertSeverity {
    /// For whoever looks.
    Info,
    /// For the working day.
    Warning,
    /// Now.
    Critical,
}

impl AlertSeverity {
    /// Every severity, the least urgent first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Critical];

    /// Its name in the configuration and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The severity with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A way to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum AlertWay {
    /// A line on the screen, and a count in the window's title, until somebody acknowledges it.
    Banner,
    /// The terminal's bell.
    Bell,
    /// A notification of the desktop, through the terminal.
    Notify,
    /// A program with the alerts as JSON on its standard input.
    Command,
    /// Alertmanager.
    Alertmanager,
    /// An HTTP request with the alerts as JSON.
    Webhook,
}

impl AlertWay {
    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::Banner,
        Self::Bell,
        Self::Notify,
        Self::Command,
        Self::Alertmanager,
        Self::Webhook,
    ];

    /// Its name in the configuration and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Bell => "bell",
            Self::Notify => "notify",
            Self::Command => "command",
            Self::Alertmanager => "alertmanager",
            Self::Webhook => "webhook",
        }
    }

    /// The way with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether the terminal is the way, so that each dashboard tells its own operator.
    pub const fn is_of_screen(self) -> bool {
        matches!(self, Self::Banner | Self::Bell | Self::Notify)
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRule {
    /// Its name: it stays the same when the rule is changed, and alerts that are open belong to it.
    pub name: String,
    /// What it waits for.
    pub on: AlertCondition,
    /// The pods that it is about.
    pub filter: Query,
    /// The share of a limit from which usage is an alert, in percent; unused for other conditions.
    pub threshold: u32,
    /// How urgent it is.
    pub severity: AlertSeverity,
    /// How long it has to last before it is told.
    pub hold: SignedDuration,
    /// When nobody is to be told.
    pub quiet: Option<QuietHours>,
    /// How long it waits after a notice: the next one contains everything that happened.
    pub merge: SignedDuration,
    /// The ways to a person.
    pub via: Vec<AlertWay>,
    /// The program of [`AlertWay::Command`] and its arguments.
    pub command: Vec<String>,
    /// File and line of the command, if it is configured: a program that is missing is a mistake there.
    pub command_at: Option<String>,
}

/// The default of [`AlertRule::merge`].
pub const MERGE: SignedDuration = SignedDuration::from_mins(1);

impl AlertRule {
    /// A rule of this name: all pods, at once, by banner and bell.
    pub fn new(name: &str, on: AlertCondition) -> Self {
        let severity = match on {
            AlertCondition::Risk | AlertCondition::Protection => AlertSeverity::Critical,
            AlertCondition::Vanished => AlertSeverity::Info,
            _ => AlertSeverity::Warning,
        };
        // A connection that fails for a moment is no news.
        let hold = match on {
            AlertCondition::Unreachable => SignedDuration::from_mins(5),
            _ => SignedDuration::ZERO,
        };
        Self {
            name: name.to_owned(),
            on,
            filter: Query::default(),
            threshold: CRITICAL_PERCENT,
            severity,
            hold,
            quiet: None,
            merge: MERGE,
            via: vec![AlertWay::Banner, AlertWay::Bell],
            command: Vec::new(),
            command_at: None,
        }
    }

    /// Whether it has a threshold for which no changes are recorded: only the fixed ones have changes.
    pub const fn has_own_threshold(&self) -> bool {
        self.on.is_of_usage() && self.threshold != CRITICAL_PERCENT
    }

    /// Whether nobody is to be told at `now`.
    pub fn is_quiet(&self, now: Timestamp) -> bool {
        self.quiet.as_ref().is_some_and(|quiet| quiet.contains(now))
    }

    /// The rules where none is configured.
    pub fn defaults() -> Vec<Self> {
        vec![Self::new("risk", AlertCondition::Risk)]
    }
}
