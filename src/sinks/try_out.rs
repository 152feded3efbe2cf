//! One delivery, now, with its result: `hss-top alerts test`.

use std::fmt;

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};

use super::alertmanager::Alertmanager;
use super::body::{self, AlertOrigin};
use super::command;
use super::http::SinkAnswer;
use super::servers::AlertServers;
use crate::alerts::{AlertNotice, AlertRule, AlertWay};
use crate::clock::Clock;

/// The result of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// The terminal got it, or will.
    Shown(String),
    /// It was taken.
    Delivered(String),
    /// It was not, and why.
    Failed(String),
}

impl Tried {
    /// Whether nothing is wrong.
    pub const fn is_well(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shown(what) => f.write_str(what),
            Self::Delivered(to) => write!(f, "delivered to {to}"),
            Self::Failed(why) => write!(f, "FAILED: {why}"),
        }
    }
}

/// Tells a program or a server, once.
pub async fn tell(
    notice: &AlertNotice,
    rule: &AlertRule,
    way: AlertWay,
    servers: &AlertServers,
    clock: &Clock,
) -> Tried {
    let origin = AlertOrigin::default();
    match way {
        AlertWay::Banner | AlertWay::Bell | AlertWay::Notify => {
            Tried::Shown("the terminal shows it".to_owned())
        }
        AlertWay::Command => {
            let program = rule
                .command
                .first()
                .map(|program| command::name(program))
                .unwrap_or_default();
            let body = body::json(notice, &origin);
            let (told, said) = command::try_out(&rule.command, rule.command_at.as_deref(), &body).await;
            let said = remark("it said", &said);
            match told {
                Ok(()) => Tried::Delivered(program + &said),
                Err(why) => Tried::Failed(why + &said),
            }
        }
        AlertWay::Webhook => {
            let Some(webhook) = &servers.webhook else {
                return Tried::Failed("there is no [webhook] that can be used".to_owned());
            };
            let sink = webhook.sink(clock);
            match sink
                .send(Method::POST, "", body::json(notice, &origin).into_bytes())
                .await
            {
                SinkAnswer::Taken(said) => Tried::Delivered(format!("{}{}", sink.place(), answered(&said))),
                SinkAnswer::Refused(status, why) => Tried::Failed(sink.refusal(status, &why)),
                SinkAnswer::Failed(why) => Tried::Failed(why),
            }
        }
        AlertWay::Alertmanager => {
            let Some(setup) = &servers.alertmanager else {
                return Tried::Failed("there is no [alertmanager] that can be used".to_owned());
            };
            let target = Alertmanager::of(setup, origin, clock);
            let alerts = target.alerts(&notice.alerts, notice.at, |_| false);
            let place = target.http.place();
            match target.post(&alerts).await {
                SinkAnswer::Taken(said) => {
                    let (clock, said) = (clock_remark(target.http.ahead()), answered(&said));
                    Tried::Delivered(format!("{place}; it ends in 4 minutes{clock}{said}"))
                }
                SinkAnswer::Refused(StatusCode::BAD_REQUEST, why) => {
                    Tried::Failed(target.http.refuses("it", &why))
                }
                SinkAnswer::Refused(status, why) => Tried::Failed(target.http.refusal(status, &why)),
                SinkAnswer::Failed(why) => Tried::Failed(why),
            }
        }
    }
}

/// What a server said that took it: some take what they then do nothing about.
fn answered(said: &str) -> String {
    remark("it answered", said)
}

/// Another clock than ours: whoever reads the times there should know.
fn clock_remark(ahead: SignedDuration) -> String {
    let (by, which) = (
        ahead.abs(),
        if ahead.is_negative() { "behind" } else { "ahead of" },
    );
    if ahead.is_zero() {
        return String::new();
    }
    format!("; its clock is {by:#} {which} this machine's, and the alert is dated by it")
}

fn remark(who: &str, said: &str) -> String {
    if said.is_empty() {
        String::new()
    } else {
        format!("; {who}: {said}")
    }
}
