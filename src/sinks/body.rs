//! A notice as JSON, for a command and for a webhook: one form for both.
//!
//! Owns its names and its bound. Names of pods are as they may be shown: whoever reads this prints it somewhere.

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
    let between = notice.between.map_or(Value::Null, |(from, to)| {
        json!([from.to_string(), to.to_string()])
    });
    json!({
        "version": VERSION,
        "kind": notice.kind.name(),
        "rule": notice.rule,
        "severity": notice.severity.name(),
        "at": notice.at.to_string(),
        "text": notice.sentence(),
        "count": notice.count(),
        "not_watched": between,
        "project": origin.project,
        "region": origin.region,
        "alerts": listed.map(alert).collect::<Vec<Value>>(),
    })
    .to_string()
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
        "starts_at": alert.began.to_string(),
        "ends_at": alert.ended.map(|at| at.to_string()),
    })
}
