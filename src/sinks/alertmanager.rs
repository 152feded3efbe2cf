//! Alertmanager: what is open, as its API v2 takes it.
//!
//! One request per round has all alerts, because Alertmanager replaces each of its alerts by the newest version. Its behaviour
//! was tried with 0.25 and 0.33 (see `findings/`): an alert without `startsAt` begins at its end; one without `endsAt` ends
//! when Alertmanager decides; annotations that are left out are lost; and if one alert of a batch is bad, the good ones are
//! accepted although the answer is 400. So both times are always sent, the end is some minutes ahead while an alert lasts, an
//! alert that is over is repeated with the same labels and annotations, and a refused batch is halved until the bad alert is
//! found.
//!
//! An alert there is known by its labels, so they hold nothing that changes. Each pod is an alert of its own: Alertmanager tells
//! of new labels, and not of an annotation that names one pod more. `group_by: [alertname, namespace]` makes one message of the
//! pods of a namespace. Beyond [`MOST_OWN`] pods those of a namespace share an alert, as all do where `pod_label` is off.
//!
//! Both times are compared with Alertmanager's own clock, so they are shifted by what its `Date` differs from ours.
//!
//! A message is delayed for `group_wait` from `startsAt` on, to collect what comes together. HSS's date of a change is older than
//! that when it is seen, so `startsAt` is when it was seen, and HSS's date is an annotation.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};
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
/// What the server's clock must differ from what was assumed for a round to be sent again at once.
const WORTH_ANOTHER: SignedDuration = SignedDuration::from_secs(30);
/// Names of pods in an annotation.
const MOST_NAMES: usize = 20;
/// Pods with an alert of their own: a round with all of them is less than a megabyte.
pub const MOST_OWN: usize = 1000;
/// The label with the name of a pod.
const POD: &str = "pod";

/// The labels of an alert.
pub type AlertLabels = BTreeMap<Cow<'static, str>, String>;

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentAlert {
    /// What was found.
    pub finding: AlertFinding,
    /// What tells it from others.
    pub labels: AlertLabels,
    /// Texts about it, which may change.
    pub annotations: AlertLabels,
    /// `startsAt`.
    pub starts: Timestamp,
    /// `endsAt`: ahead while it lasts.
    pub ends: Timestamp,
}

impl SentAlert {
    /// Whether it is told as over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends <= now
    }
}

/// The result of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundResult {
    /// All alerts were accepted except these, each with the reason.
    Taken(Vec<(AlertLabels, String)>),
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

    /// The alerts to send at `now`. Where there are more pods than may have an alert of their own, those keep it whose alert
    /// `is_known`, and then those that were seen first: an alert that is no longer sent would count as over.
    pub fn alerts(
        &self,
        told: &[ToldAlert],
        now: Timestamp,
        is_known: impl Fn(&AlertLabels) -> bool,
    ) -> Vec<SentAlert> {
        let mut groups: BTreeMap<AlertLabels, Vec<&ToldAlert>> = BTreeMap::new();
        for alert in told {
            groups.entry(self.labels(alert)).or_default().push(alert);
        }
        let mut own = Vec::new();
        if groups.len() > MOST_OWN {
            for (labels, alerts) in groups.iter().filter(|(labels, _)| labels.contains_key(POD)) {
                let seen = alerts.iter().map(|alert| alert.seen).min();
                own.push((!is_known(labels), seen, labels.clone()));
            }
            own.sort_unstable();
        }
        for (.., mut labels) in own.drain(MOST_OWN.min(own.len())..) {
            let alerts = groups.remove(&labels).unwrap_or_default();
            labels.remove(POD);
            groups.entry(labels).or_default().extend(alerts);
        }
        groups
            .into_iter()
            .map(|(labels, alerts)| sent(labels, &alerts, now))
            .collect()
    }

    fn labels(&self, alert: &ToldAlert) -> AlertLabels {
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
            (POD, pod),
        ]
        .into_iter()
        // Alertmanager drops an empty one, and the identity would be another than the one that was sent.
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| (label.into(), value.to_owned()))
        .collect()
    }

    /// An alert as it is posted to a server whose clock is `ahead` of ours.
    pub fn json(&self, alert: &SentAlert, ahead: SignedDuration) -> Value {
        let there = |at: Timestamp| at.checked_add(ahead).unwrap_or(at).to_string();
        let mut json = json!({
            "labels": alert.labels,
            "annotations": alert.annotations,
            "startsAt": there(alert.starts),
            "endsAt": there(alert.ends),
        });
        if let (Value::Object(json), Some(link)) = (&mut json, &self.link) {
            json.insert("generatorURL".to_owned(), link.as_str().into());
        }
        json
    }

    /// Sends a round. What was refused before, by its labels, is left out.
    pub async fn send(&self, alerts: Vec<SentAlert>, refused: &HashSet<AlertLabels>) -> RoundResult {
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
                SinkAnswer::Taken(_) => {}
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

    /// Sends these alerts in one request, dated by the server's clock as far as it is known. Only an answer shows it, so the first
    /// alerts are sent once more if it is another: one whose end has passed there would tell nobody.
    pub(super) async fn post(&self, batch: &[SentAlert]) -> SinkAnswer {
        let ahead = self.http.ahead();
        let answer = self.post_dated(batch, ahead).await;
        let known = self.http.ahead();
        if (known - ahead).abs() < WORTH_ANOTHER || !matches!(answer, SinkAnswer::Taken(_)) {
            return answer;
        }
        let (server, ahead) = (self.http.place(), known.as_secs());
        tracing::warn!(
            server,
            ahead,
            "the server's clock differs from ours by seconds; alerts are dated by the server's"
        );
        self.post_dated(batch, known).await
    }

    async fn post_dated(&self, batch: &[SentAlert], ahead: SignedDuration) -> SinkAnswer {
        let body = Value::from(
            batch
                .iter()
                .map(|alert| self.json(alert, ahead))
                .collect::<Vec<Value>>(),
        );
        self.http
            .send(Method::POST, "/api/v2/alerts", body.to_string().into_bytes())
            .await
    }
}

/// The alert with these labels.
fn sent(labels: AlertLabels, alerts: &[&ToldAlert], now: Timestamp) -> SentAlert {
    let seen = alerts.iter().map(|alert| alert.seen).min();
    let starts = seen.unwrap_or(now).min(now);
    let lasts = alerts.iter().any(|alert| ended(alert, now).is_none());
    let ends = if lasts {
        now.checked_add(ENDS_AHEAD).unwrap_or(now)
    } else {
        let ends = alerts.iter().filter_map(|alert| ended(alert, now)).max();
        // HSS's date of the end may be before the beginning was seen.
        ends.unwrap_or(now).max(starts)
    };
    // What is over is told with the text that it had while it lasted.
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
    let change = meant.first().map(|alert| alert.words.clone());
    let began = meant.iter().map(|alert| alert.began).min();
    let annotations = [
        ("summary", format!("{count}{words}: {names}")),
        ("pods", names),
        ("change", change.unwrap_or_default()),
        ("began", began.unwrap_or(now).to_string()),
    ];
    SentAlert {
        finding,
        labels,
        annotations: annotations.map(|(name, text)| (name.into(), text)).into(),
        starts,
        ends,
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
