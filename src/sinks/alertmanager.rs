//! Alertmanager: what is open, as its API v2 takes it.
//!
//! One request per round has all alerts, because Alertmanager replaces each of its alerts by the newest version. Its behaviour
//! was tried with 0.25 and 0.33 (see `findings/`): an alert without `startsAt` begins at its end; one without `endsAt` ends
//! when Alertmanager decides; annotations that are left out are lost; and if one alert of a batch is bad, the good ones are
//! accepted although the answer is 400. So both times are always sent, the end is some minutes ahead while an alert lasts, an
//! alert that is over is repeated with the same labels and annotations, and a refused batch is halved until the bad alert is
//! found.
//!
//! An alert there is known by its labels, so they hold nothing that changes. Pods of one namespace are one alert with their names
//! in its annotation, unless `pod_label` asks for one each: a thousand alerts at once wake nobody better than one does.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::body::AlertOrigin;
use super::http::{HttpSink, SinkAnswer};
use super::servers::AlertmanagerSetup;
use crate::alerts::{AlertFinding, ToldAlert};
use crate::clock::Clock;

/// How often an alert that lasts is sent again.
pub const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How far ahead its end is: more than three rounds may be lost.
const ENDS_AHEAD: SignedDuration = SignedDuration::from_mins(4);
/// How long an event that is over at once is shown as lasting: one that ended in the past tells nobody.
const MOMENT_LASTS: SignedDuration = SignedDuration::from_mins(5);
/// Names of pods in an annotation.
const MOST_NAMES: usize = 20;

/// Alertmanager, and the texts of each alert.
#[derive(Debug)]
pub struct Alertmanager {
    /// The server.
    pub http: HttpSink,
    /// Whether each pod is an alert of its own.
    pub has_pod_label: bool,
    /// What `generatorURL` is, if it is to be anything.
    pub link: Option<String>,
    /// Where the alerts come from.
    pub origin: AlertOrigin,
}

/// One alert as it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct SentAlert {
    /// What tells it from others.
    pub labels: BTreeMap<&'static str, String>,
    /// Its JSON.
    pub json: Value,
}

/// The result of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundResult {
    /// All alerts were accepted except these, each with the reason.
    Taken(Vec<(BTreeMap<&'static str, String>, String)>),
    /// The server takes nothing of the kind, in words: a fault of the configuration.
    Misconfigured(String),
    /// It failed, in words: the next round may do better.
    Failed(String),
}

impl Alertmanager {
    /// The one that is set up so.
    pub fn of(setup: &AlertmanagerSetup, origin: AlertOrigin, clock: &Clock) -> Self {
        Self {
            http: setup.server.sink(clock),
            has_pod_label: setup.has_pod_label,
            link: setup.link.clone(),
            origin,
        }
    }

    /// The alerts to send at `now`.
    pub fn alerts(&self, told: &[ToldAlert], now: Timestamp) -> Vec<SentAlert> {
        let mut groups: BTreeMap<BTreeMap<&'static str, String>, Vec<&ToldAlert>> = BTreeMap::new();
        for alert in told {
            groups.entry(self.labels(alert)).or_default().push(alert);
        }
        groups
            .into_iter()
            .map(|(labels, alerts)| self.sent(labels, &alerts, now))
            .collect()
    }

    fn labels(&self, alert: &ToldAlert) -> BTreeMap<&'static str, String> {
        let pod = if self.has_pod_label {
            alert.name.as_str()
        } else {
            ""
        };
        [
            ("alertname", name(alert.finding)),
            ("rule", alert.rule.as_str()),
            ("severity", alert.severity.name()),
            ("project", self.origin.project.as_str()),
            ("region", self.origin.region.as_str()),
            ("cluster", alert.cluster.as_str()),
            ("namespace", alert.namespace.as_str()),
            ("pod", pod),
        ]
        .into_iter()
        // Alertmanager drops an empty one, and the identity would be another than the one that was sent.
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| (label, value.to_owned()))
        .collect()
    }

    fn sent(
        &self,
        labels: BTreeMap<&'static str, String>,
        alerts: &[&ToldAlert],
        now: Timestamp,
    ) -> SentAlert {
        let begins = alerts
            .iter()
            .map(|alert| alert.began)
            .min()
            .unwrap_or(now)
            .min(now);
        let lasts = alerts.iter().any(|alert| ended(alert, now).is_none());
        let ends = if lasts {
            now.checked_add(ENDS_AHEAD).unwrap_or(now)
        } else {
            let ends = alerts.iter().filter_map(|alert| ended(alert, now)).max();
            ends.unwrap_or(now).max(begins)
        };
        // What is over is told with what was said of it while it lasted.
        let meant: Vec<&&ToldAlert> = if lasts {
            alerts
                .iter()
                .filter(|alert| ended(alert, now).is_none())
                .collect()
        } else {
            alerts.iter().collect()
        };
        let finding = alerts.first().map_or(AlertFinding::Risk, |alert| alert.finding);
        let [one, many] = finding.words();
        let words = if meant.len() == 1 { one } else { many };
        let count = if finding.condition().is_of_pods() && meant.len() > 1 {
            format!("{} ", meant.len())
        } else {
            String::new()
        };
        let names: Vec<&str> = meant
            .iter()
            .map(|alert| {
                if alert.name.is_empty() {
                    alert.words.as_str()
                } else {
                    alert.name.as_str()
                }
            })
            .take(MOST_NAMES)
            .collect();
        let others = if meant.len() > MOST_NAMES { ", …" } else { "" };
        let names = format!("{}{others}", names.join(", "));
        let changes: Vec<&str> = meant
            .first()
            .map(|alert| alert.words.as_str())
            .into_iter()
            .collect();
        let mut json = json!({
            "labels": labels,
            "annotations": {
                "summary": format!("{count}{words}: {names}"),
                "pods": names,
                "change": changes.concat(),
            },
            "startsAt": begins.to_string(),
            "endsAt": ends.to_string(),
        });
        if let (Value::Object(json), Some(link)) = (&mut json, &self.link) {
            json.insert("generatorURL".to_owned(), link.as_str().into());
        }
        SentAlert { labels, json }
    }

    /// Sends a round. What was refused before, by its labels, is left out.
    pub async fn send(
        &self,
        alerts: Vec<SentAlert>,
        refused: &HashSet<BTreeMap<&'static str, String>>,
    ) -> RoundResult {
        let alerts: Vec<SentAlert> = alerts
            .into_iter()
            .filter(|alert| !refused.contains(&alert.labels))
            .collect();
        let mut bad = Vec::new();
        // Halves that are still to be sent; what is refused as one is halved again.
        let mut batches = vec![alerts];
        while let Some(mut batch) = batches.pop() {
            if batch.is_empty() {
                continue;
            }
            match self.post(&batch).await {
                SinkAnswer::Taken => {}
                SinkAnswer::Refused(StatusCode::BAD_REQUEST, why) => {
                    if let [alert] = batch.as_slice() {
                        bad.push((alert.labels.clone(), why));
                    } else {
                        let second = batch.split_off(batch.len() / 2);
                        batches.extend([second, batch]);
                    }
                }
                SinkAnswer::Refused(status, why) => {
                    return RoundResult::Misconfigured(self.http.refusal(status, &why));
                }
                SinkAnswer::Failed(why) => return RoundResult::Failed(why),
            }
        }
        RoundResult::Taken(bad)
    }

    async fn post(&self, batch: &[SentAlert]) -> SinkAnswer {
        let body = Value::from(
            batch
                .iter()
                .map(|alert| alert.json.clone())
                .collect::<Vec<Value>>(),
        );
        self.http
            .send(Method::POST, "/api/v2/alerts", body.to_string().into_bytes())
            .await
    }
}

/// When an alert is over there.
fn ended(alert: &ToldAlert, now: Timestamp) -> Option<Timestamp> {
    let ended = alert.ended?;
    if !alert.finding.is_momentary() {
        return Some(ended);
    }
    let over = alert.seen.checked_add(MOMENT_LASTS).unwrap_or(alert.seen);
    (over <= now).then_some(over)
}

const fn name(finding: AlertFinding) -> &'static str {
    match finding {
        AlertFinding::Risk => "HssPodRisk",
        AlertFinding::Protection => "HssPodUnprotected",
        AlertFinding::Failed => "HssPodFailed",
        AlertFinding::Cpu => "HssPodCpuHigh",
        AlertFinding::Memory => "HssPodMemoryHigh",
        AlertFinding::Vanished => "HssPodVanished",
        AlertFinding::OldList => "HssListOld",
        AlertFinding::Unreachable => "HssUnreachable",
        AlertFinding::Coverage => "HssCoverageFell",
    }
}
