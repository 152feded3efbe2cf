//! A notice as JSON, for a command and for a webhook: one form for both.
//!
//! Owns its names and its bound. Names of pods are as they may be shown: whoever reads this prints it somewhere.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::alerts::{AlertNotice, ToldAlert};

/// The most alerts that are listed one by one; the others are a number.
pub const MOST_LISTED: usize = 100;
/// The version of the form.
const VERSION: u32 = 1;

/// Where the alerts come from, for whoever gets them from several places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertOrigin {
    /// The project's id.
    pub project: String,
    /// The region or endpoint.
    pub region: String,
}

/// The notice as JSON.
pub fn json(notice: &AlertNotice, origin: &AlertOrigin) -> String {
    let listed = notice.alerts.iter().take(MOST_LISTED);
    let between = notice
        .between
        .map_or(Value::Null, |(from, to)| json!([whole(from), whole(to)]));
    json!({
        "version": VERSION,
        "kind": notice.kind.name(),
        "rule": notice.rule,
        "severity": notice.severity.name(),
        "at": whole(notice.at),
        "text": notice.sentence(),
        "count": notice.count(),
        "not_watched": between,
        "project": origin.project,
        "region": origin.region,
        "alerts": listed.map(alert).collect::<Vec<Value>>(),
    })
    .to_string()
}

/// What tells the alerts of a notice apart: pod, namespace, cluster and begin of each one that its JSON lists.
pub(super) fn alerts_of(body: &str) -> Vec<[String; 4]> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let alerts = body["alerts"].as_array().into_iter().flatten();
    let text = |alert: &Value, name: &str| alert[name].as_str().unwrap_or_default().to_owned();
    alerts
        .map(|alert| ["pod", "namespace", "cluster", "starts_at"].map(|name| text(alert, name)))
        .collect()
}

/// The same of an alert.
pub(super) fn identity(alert: &ToldAlert) -> [String; 4] {
    let began = whole(alert.began);
    [
        alert.name.clone(),
        alert.namespace.clone(),
        alert.cluster.clone(),
        began,
    ]
}

fn alert(alert: &ToldAlert) -> Value {
    json!({
        "rule": alert.rule,
        "finding": alert.finding.name(),
        "severity": alert.severity.name(),
        "status": if alert.ended.is_some() { "resolved" } else { "firing" },
        "pod": alert.name,
        "namespace": alert.namespace,
        "cluster": alert.cluster,
        "change": alert.words,
        "change_id": alert.change,
        "starts_at": whole(alert.began),
        "ends_at": alert.ended.map(whole),
    })
}

/// A time in whole seconds: jq's `fromdate` and others read no fractions.
fn whole(at: Timestamp) -> String {
    in_seconds(at).to_string()
}

/// The same time without the fraction of its second.
pub(super) fn in_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{AlertFinding, AlertSeverity, NoticeKind};

    fn notice() -> AlertNotice {
        let at: Timestamp = "2026-11-30T03:10:05.123456789Z".parse().unwrap();
        AlertNotice {
            rule: "payments".to_owned(),
            kind: NoticeKind::Firing,
            severity: AlertSeverity::Critical,
            via: vec![],
            commands: vec![],
            at,
            between: Some((at, at)),
            alerts: vec![ToldAlert {
                rule: "payments".to_owned(),
                finding: AlertFinding::Risk,
                severity: AlertSeverity::Critical,
                pod: "id".to_owned(),
                name: "settle-1".to_owned(),
                namespace: "payments".to_owned(),
                cluster: "c".to_owned(),
                words: "clean → risk".to_owned(),
                change: None,
                began: at,
                seen: at,
                ended: Some(at),
            }],
            more: 0,
        }
    }

    #[test]
    fn times_have_whole_seconds() {
        let body = json(&notice(), &AlertOrigin::default());
        assert_eq!(body.matches("\"2026-11-30T03:10:05Z\"").count(), 5, "{body}");
        assert!(!body.contains(".123"), "{body}");
    }

    #[test]
    fn the_manual_shows_every_name_of_it() {
        let page = include_str!("../../docs/alerts.md");
        let (_, shown) = page
            .split_once("```json\n{\"version\": 1, \"kind\": \"firing\"")
            .unwrap();
        let (shown, _) = shown.split_once("```").unwrap();
        let shown: Value =
            serde_json::from_str(&format!("{{\"version\": 1, \"kind\": \"firing\"{shown}")).unwrap();
        let sent: Value = serde_json::from_str(&json(&notice(), &AlertOrigin::default())).unwrap();
        let names = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
        assert_eq!(names(&shown), names(&sent));
        assert_eq!(names(&shown["alerts"][0]), names(&sent["alerts"][0]));
    }
}
