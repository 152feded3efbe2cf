//! A receipt: what was sent, when, where to, and with which result.
//!
//! Owns its line of JSON in the log that `hss-top alerts log` prints.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::body::in_seconds;
use crate::alerts::{AlertNotice, AlertWay, NoticeKind};

/// The receipt of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptResult {
    /// The terminal got it. No terminal says what it does with it.
    Sent,
    /// The program or the server took it.
    Delivered,
    /// It could not be delivered and waits.
    Waits,
    /// It was refused, and is not tried again.
    Refused,
    /// Another dashboard of the same source delivers it.
    LeftToAnother,
    /// A demo tells no program.
    Demo,
}

impl ReceiptResult {
    /// Its name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Waits => "waits",
            Self::Refused => "refused",
            Self::LeftToAnother => "left-to-another",
            Self::Demo => "demo",
        }
    }

    /// How it is said.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Waits => "waits",
            Self::Refused => "refused",
            Self::LeftToAnother => "left to another dashboard",
            Self::Demo => "not sent: demo",
        }
    }
}

/// One receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertReceipt {
    /// When.
    pub at: Timestamp,
    /// The rule.
    pub rule: String,
    /// Why it was told.
    pub kind: NoticeKind,
    /// The way.
    pub way: AlertWay,
    /// How many alerts it was about.
    pub count: usize,
    /// What it said.
    pub text: String,
    /// The result.
    pub result: ReceiptResult,
    /// What was wrong, where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl AlertReceipt {
    /// The receipt of a notice.
    pub fn of(notice: &AlertNotice, way: AlertWay, result: ReceiptResult, at: Timestamp) -> Self {
        Self {
            at,
            rule: notice.rule.clone(),
            kind: notice.kind,
            way,
            count: notice.count(),
            text: notice.sentence(),
            result,
            why: None,
        }
    }

    /// The same with a time in whole seconds, as its line has it.
    #[must_use]
    pub fn in_whole_seconds(&self) -> Self {
        Self {
            at: in_seconds(self.at),
            ..self.clone()
        }
    }

    /// Its line, without a line break.
    pub fn line(&self) -> String {
        serde_json::to_string(&self.in_whole_seconds()).unwrap_or_default()
    }
}
