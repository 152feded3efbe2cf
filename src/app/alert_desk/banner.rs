//! What the banner says: how many alerts wait, how many of them are over, and the names of the pods that there is room for.
//!
//! Must not: name a pod while names are masked.

use unicode_width::UnicodeWidthStr as _;

use crate::alerts::{AlertFinding, AlertSeverity, ToldAlert};
use crate::app::model::Model;

/// The most names of one kind of finding: the list of the alerts has all.
const MOST_NAMES: usize = 12;

/// Said first in a scope: all else on the screen is about its pods, alerts and their keys are about all.
const OF_ALL: &str = "all pods: ";

/// What the banner says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertBanner {
    /// The most urgent of what waits.
    pub severity: AlertSeverity,
    /// How many wait.
    pub count: usize,
    /// Whether the screen shows a scope, so that the banner has to say that it is about all pods.
    is_beside_scope: bool,
    parts: Vec<FoundAlerts>,
}

/// The alerts of one kind of finding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FoundAlerts {
    finding: AlertFinding,
    count: usize,
    /// Those that are over.
    over: usize,
    /// Names of the pods: those that are not over come first. None while names are masked.
    names: Vec<String>,
}

impl AlertBanner {
    /// The banner of what waits; `None` where nothing does.
    fn of(waiting: &[ToldAlert], is_masked: bool, is_beside_scope: bool) -> Option<Self> {
        let severity = waiting.iter().map(|alert| alert.severity).max()?;
        let parts = AlertFinding::ALL.into_iter().filter_map(|finding| {
            let found = || waiting.iter().filter(move |alert| alert.finding == finding);
            let is_over = |alert: &&ToldAlert| alert.ended.is_some() && !finding.is_momentary();
            let count = found().count();
            let names = found()
                .filter(|alert| !is_over(alert))
                .chain(found().filter(is_over))
                .map(|alert| alert.name.clone())
                .filter(|name| !is_masked && !name.is_empty());
            (count > 0).then(|| FoundAlerts {
                finding,
                count,
                over: found().filter(is_over).count(),
                names: names.take(MOST_NAMES).collect(),
            })
        });
        Some(Self {
            severity,
            count: waiting.len(),
            is_beside_scope,
            parts: parts.collect(),
        })
    }

    /// The sentence, with as many names as this many cells hold; it has one of each kind at least.
    pub fn text(&self, cells: usize) -> String {
        let with = |names: usize| {
            let parts = self.parts.iter().map(|part| part.text(names));
            let about = if self.is_beside_scope { OF_ALL } else { "" };
            format!("{about}{}", parts.collect::<Vec<_>>().join(" · "))
        };
        let fitting = (2..=MOST_NAMES)
            .rev()
            .map(with)
            .find(|text| text.width() <= cells);
        fitting.unwrap_or_else(|| with(1))
    }
}

impl FoundAlerts {
    fn text(&self, names: usize) -> String {
        let [one, many] = self.finding.words();
        let over = match self.over {
            0 => String::new(),
            over if over == self.count && over == 1 => " (over)".to_owned(),
            over if over == self.count => " (all over)".to_owned(),
            over => format!(" ({over} over)"),
        };
        let words = match self.count {
            1 => format!("{one}{over}"),
            count => format!("{count} {many}{over}"),
        };
        let shown: Vec<&str> = self.names.iter().take(names).map(String::as_str).collect();
        if shown.is_empty() {
            return words;
        }
        let more = if self.count > shown.len() { ", …" } else { "" };
        format!("{words}: {}{more}", shown.join(", "))
    }
}

impl Model {
    /// The banner, while something waits to be acknowledged.
    pub fn alert_banner(&self) -> Option<AlertBanner> {
        let is_beside_scope = !self.request.scope.is_whole();
        AlertBanner::of(&self.alerts.waiting, self.masking.is_on(), is_beside_scope)
    }
}
