//! `hss-top alerts`: test the ways to a person, and print what was sent.
//!
//! `test` takes each way of each rule once, with an alert that says that it is a test, and prints the result; so nobody has
//! to wait for a real risk to learn that the pager's URL is wrong. [`log`] prints the receipts. Must not: need an account.

mod log;

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

pub(super) use log::TABLE as LOG_TABLE;
pub use log::log;

use super::footers;
use crate::alerts::{AlertFinding, AlertNotice, AlertRule, AlertSeverity, AlertWay, NoticeKind, ToldAlert};
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::settings::{AlertConfig, Unready};
use crate::sinks::try_out::{self, Tried};
use crate::terminal::{OnceOutput, TerminalTraits};

/// What can be done with alerts.
#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    /// Send a test alert by each way of each rule, and print the results
    Test(AlertTestArgs),
    /// Print the sent alerts with their times, ways and results, as JSON lines
    Log(AlertLogArgs),
}

/// Flags of `alerts log`.
#[derive(Debug, Args)]
#[command(after_help = footers::ALERTS_LOG)]
pub struct AlertLogArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// Print only errors on stderr
    #[arg(long)]
    pub quiet: bool,
}

/// Flags of `alerts test`.
#[derive(Debug, Args)]
#[command(after_help = footers::ALERTS_TEST)]
pub struct AlertTestArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// Only this rule
    #[arg(long, value_name = "NAME")]
    pub rule: Option<String>,
    /// Only this way of delivery
    #[arg(long, value_name = "WAY")]
    pub via: Option<WayArg>,
}

/// A way, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WayArg {
    /// The line on the screen
    Banner,
    /// The terminal's bell
    Bell,
    /// A desktop notification
    Notify,
    /// The rule's program
    Command,
    /// Alertmanager
    Alertmanager,
    /// The webhook
    Webhook,
}

impl WayArg {
    fn way(self) -> AlertWay {
        match self {
            Self::Banner => AlertWay::Banner,
            Self::Bell => AlertWay::Bell,
            Self::Notify => AlertWay::Notify,
            Self::Command => AlertWay::Command,
            Self::Alertmanager => AlertWay::Alertmanager,
            Self::Webhook => AlertWay::Webhook,
        }
    }
}

/// The result of a test.
#[derive(Debug, Default)]
pub struct TestOutcome {
    /// Bytes for the terminal.
    pub bytes: Vec<u8>,
    /// Lines for people.
    pub text: String,
    /// Whether all that was tried was taken.
    pub is_well: bool,
}

impl AlertsCommand {
    /// Its flags of the configuration.
    pub fn flags(&self) -> &Flags {
        match self {
            Self::Test(args) => &args.flags,
            Self::Log(args) => &args.flags,
        }
    }

    /// The same, to add to them.
    pub fn flags_mut(&mut self) -> &mut Flags {
        match self {
            Self::Test(args) => &mut args.flags,
            Self::Log(args) => &mut args.flags,
        }
    }
}

/// Tries the ways.
///
/// # Errors
/// A rule of this name is not there.
pub async fn test(
    args: &AlertTestArgs,
    config: &Config,
    traits: TerminalTraits,
    clock: &Clock,
) -> Result<TestOutcome, Unready> {
    let configured = AlertConfig::of(config);
    let mut outcome = TestOutcome {
        is_well: configured.refused.is_empty() && config.warnings.is_empty(),
        ..TestOutcome::default()
    };
    // A rule whose filter is misspelled tells of all pods.
    for why in config.warnings.iter().chain(&configured.refused) {
        // Writing to a String cannot fail.
        let _ = writeln!(outcome.text, "{why}");
    }
    let is_wanted = |rule: &&AlertRule| args.rule.as_ref().is_none_or(|name| *name == rule.name);
    let rules: Vec<&AlertRule> = configured.rules.iter().filter(is_wanted).collect();
    if let (Some(name), true) = (&args.rule, rules.is_empty()) {
        let known: Vec<&str> = configured.rules.iter().map(|rule| rule.name.as_str()).collect();
        return Err(Unready::Wrong(format!(
            "no alert rule has the name {}; the rules are {}",
            crate::secrets::values::shortened(name),
            known.join(", ")
        )));
    }
    let now = clock.now();
    for rule in rules {
        let wanted = args.via.map(WayArg::way);
        let ways = wanted.map_or_else(|| rule.via.clone(), |way| vec![way]);
        for way in ways {
            let notice = test_notice(rule, now);
            let tried = match way {
                AlertWay::Banner => Tried::Shown("the dashboard shows it above its last line".to_owned()),
                AlertWay::Bell => {
                    outcome.bytes.extend(OnceOutput::Bell.bytes(traits));
                    sent(" to the terminal")
                }
                AlertWay::Notify => {
                    let output = OnceOutput::Notification {
                        id: 0,
                        text: notice.sentence(),
                    };
                    outcome.bytes.extend(output.bytes(traits));
                    sent(traits.notification_note())
                }
                way => try_out::tell(&notice, rule, way, &configured.servers, clock).await,
            };
            outcome.is_well &= tried.is_well();
            let _ = writeln!(outcome.text, "{:<16} {:<13} {tried}", rule.name, way.name());
        }
    }
    Ok(outcome)
}

fn sent(how: &str) -> Tried {
    Tried::Shown(if std::io::stdout().is_terminal() {
        format!("sent{how}")
    } else {
        "not sent: the output is not a terminal".to_owned()
    })
}

fn test_notice(rule: &AlertRule, now: Timestamp) -> AlertNotice {
    let finding = AlertFinding::ALL
        .into_iter()
        .find(|finding| rule.on.includes(*finding));
    let alert = ToldAlert {
        rule: rule.name.clone(),
        finding: finding.unwrap_or(AlertFinding::Risk),
        severity: rule.severity,
        pod: "test".to_owned(),
        name: "this-is-a-test".to_owned(),
        namespace: "hss-top-test".to_owned(),
        cluster: "hss-top-test".to_owned(),
        words: "sent by hss-top alerts test".to_owned(),
        change: None,
        began: now,
        seen: now,
        ended: None,
    };
    AlertNotice {
        rule: rule.name.clone(),
        kind: NoticeKind::Test,
        severity: AlertSeverity::Info,
        via: rule.via.clone(),
        commands: vec![rule.command.clone()],
        at: now,
        between: None,
        alerts: vec![alert],
        more: 0,
    }
}
