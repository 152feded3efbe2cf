//! What a shift hands over: Markdown of what changed, what is open, and what nobody watched.
//!
//! Owns the words of the report. It is a function of the fleet, its changes and what was decided, so that a command without a
//! screen can make the same one. Names in it come from strangers: [`safe`] keeps them from being Markdown. Must not: read a
//! clock or a file.

pub mod entries;
mod findings;
pub mod safe;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::fleet::Fleet;
use crate::fleet::pseudonym::NameKind;
use crate::fleet::query::Unit;
use crate::fleet::usage::{CRITICAL_PERCENT, WARN_PERCENT};
use crate::fleet::watched::gaps;
use crate::state::Logbook;
use findings::{OpenFinding, ShiftFinding, UsedPod};
use safe::{code, plain};

/// The most rows of a table.
const MOST_ROWS: usize = 100;

/// A request to write a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRequest {
    /// How far it reaches back.
    pub back: SignedDuration,
    /// The path of a new file, or of a folder. `None`: the current folder.
    pub path: Option<PathBuf>,
}

/// Everything that a report is made of.
#[derive(Debug, Clone)]
pub struct ShiftReport {
    /// Which project, and where.
    pub source: String,
    /// The beginning of the shift.
    pub from: Timestamp,
    /// Its end, by our own clock.
    pub to: Timestamp,
    /// The time by the service's clock at that moment.
    pub service_now: Timestamp,
    /// The zone in which times are written.
    pub zone: TimeZone,
    /// The pods, and what changed.
    pub fleet: Fleet,
    /// The date of HSS's list.
    pub snapshot_at: Option<Timestamp>,
    /// Whether the list is complete.
    pub is_complete: bool,
    /// What was decided, and when we looked.
    pub book: Arc<Logbook>,
}

impl ShiftReport {
    /// The report, and how many findings are in it.
    pub fn markdown(&self) -> (String, usize) {
        let all = findings::of_shift(self);
        let (new, other): (Vec<_>, Vec<_>) = all.into_iter().partition(|finding| finding.is_new);
        let (ended, open): (Vec<_>, Vec<_>) = new.into_iter().partition(|finding| finding.end.is_some());
        let resolved: Vec<ShiftFinding> = ended.into_iter().chain(other).collect();
        let still = findings::still_open(self);
        let used = findings::worst_used(self);
        let findings = open.len() + resolved.len() + still.len();
        let mut text = String::new();
        self.head(&mut text, [open.len(), resolved.len(), still.len()]);
        self.new_ones(&mut text, &open);
        self.resolved(&mut text, &resolved);
        self.still_open(&mut text, &still);
        Self::usage(&mut text, &used);
        self.watching(&mut text);
        self.decisions(&mut text);
        (text, findings)
    }

    fn at(&self, at: Timestamp) -> String {
        let at = at.to_zoned_datetime(self.zone.clone());
        at.strftime("%Y-%m-%d %H:%M").to_string()
    }

    fn head(&self, text: &mut String, [new, resolved, still]: [usize; 3]) {
        let zone = self
            .to
            .to_zoned_datetime(self.zone.clone())
            .strftime("%:z")
            .to_string();
        let hours = age(self.to.duration_since(self.from).as_secs());
        let summary = self.fleet.summary();
        let known = summary.detection_told.max(summary.protection_told);
        let list = self.snapshot_at.map_or_else(
            || "HSS dates no list".to_owned(),
            |at| format!("HSS's list is of {}", self.at(at)),
        );
        let partial = if self.is_complete {
            ""
        } else {
            "; not all pods of it are known"
        };
        put(text, &format!("# Shift report: {}", plain(&self.source)));
        put(text, "");
        put(
            text,
            &format!(
                "{} to {} ({zone}), {hours}.",
                self.at(self.from),
                self.at(self.to)
            ),
        );
        put(text, "");
        put(
            text,
            &format!("* {new} new and open, {resolved} resolved, {still} open from before"),
        );
        put(text, &format!("* {list}{partial}"));
        put(
            text,
            &format!(
                "* {} pods: {} at risk, {} with broken protection, {} without protection, {} failed",
                summary.pods, summary.risk, summary.exception, summary.unprotected, summary.failed
            ),
        );
        put(
            text,
            &format!(
                "* security known of {} of {} pods: HSS gives no security data for the others",
                known, summary.pods
            ),
        );
    }

    fn new_ones(&self, text: &mut String, findings: &[ShiftFinding]) {
        section(text, "New in this shift, and open");
        let heading = [
            "Since",
            "What",
            "Pod",
            "Namespace",
            "Cluster",
            "Score",
            "Acknowledged",
        ];
        table(text, &heading, findings, |finding| {
            let comebacks = match finding.comebacks {
                0 => String::new(),
                1 => " (regressed)".to_owned(),
                times => format!(" (regressed {times} times)"),
            };
            let [pod, namespace, cluster] = finding.place();
            vec![
                self.moment(finding.since),
                format!("{}{comebacks}", finding.what),
                pod,
                namespace,
                cluster,
                finding.score.map_or_else(String::new, |score| score.to_string()),
                self.acknowledged(finding),
            ]
        });
    }

    fn resolved(&self, text: &mut String, findings: &[ShiftFinding]) {
        section(text, "Resolved in this shift");
        let heading = ["Since", "Ended", "How", "What", "Pod", "Namespace", "Cluster"];
        table(text, &heading, findings, |finding| {
            let [pod, namespace, cluster] = finding.place();
            let (ended, how) = finding.end.map_or((None, ""), |end| (end.at, end.how));
            vec![
                self.moment(finding.since),
                self.moment(ended),
                how.to_owned(),
                finding.what.to_owned(),
                pod,
                namespace,
                cluster,
            ]
        });
    }

    fn still_open(&self, text: &mut String, findings: &[OpenFinding]) {
        section(text, "Still open from before this shift");
        let heading = ["Age", "What", "Pod", "Namespace", "Cluster", "Score"];
        table(text, &heading, findings, |open| {
            let [pod, namespace, cluster] = findings::place_of(&open.pod);
            let since = open.since.map_or_else(
                || "unknown".to_owned(),
                |since| age(self.to.duration_since(since).as_secs().max(0)),
            );
            vec![
                since,
                open.what.to_owned(),
                pod,
                namespace,
                cluster,
                open.score.to_string(),
            ]
        });
    }

    fn usage(text: &mut String, used: &[UsedPod]) {
        section(
            text,
            &format!("Highest usage now, from {WARN_PERCENT} % of a limit"),
        );
        let heading = ["Usage", "Of", "Pod", "Namespace", "Cluster"];
        table(text, &heading, used, |used| {
            let [pod, namespace, cluster] = findings::place_of(&used.pod);
            let mark = if used.percent >= CRITICAL_PERCENT {
                " (critical)"
            } else {
                ""
            };
            vec![
                format!("{} %{mark}", used.percent),
                used.of.to_owned(),
                pod,
                namespace,
                cluster,
            ]
        });
    }

    fn watching(&self, text: &mut String) {
        section(text, "When hss-top did not watch");
        let gaps = gaps(&self.book.watched, self.from, self.to);
        let begins = self.book.watched.first().map(|span| span.from);
        if begins.is_none_or(|begins| begins > self.from) {
            let begins = begins.map_or_else(
                || "not kept".to_owned(),
                |at| format!("kept since {}", self.at(at)),
            );
            put(
                text,
                &format!("When hss-top looked is {begins}; before that nothing is known."),
            );
            put(text, "");
        }
        table(text, &["From", "To", "For"], &gaps, |gap| {
            let seconds = gap.to.duration_since(gap.from).as_secs();
            vec![self.at(gap.from), self.at(gap.to), age(seconds)]
        });
    }

    fn decisions(&self, text: &mut String) {
        section(text, "Muted");
        let mutes: Vec<_> = self
            .book
            .decisions
            .mutes
            .iter()
            .filter(|mute| mute.holds(self.to))
            .collect();
        table(text, &["Since", "Who", "What", "Until"], &mutes, |mute| {
            let (what, until) = findings::mute_words(&self.fleet, mute, |at| self.at(at));
            vec![self.at(mute.at), self.who(&mute.who), what, until]
        });
    }

    fn moment(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| "unknown".to_owned(), |at| self.at(at))
    }

    fn acknowledged(&self, finding: &ShiftFinding) -> String {
        let rows = self.book.decisions.acknowledgements.iter();
        let mut of_it = rows.filter(|row| row.holds(self.to) && row.change() == Some(finding.id));
        of_it.next().map_or_else(String::new, |row| {
            format!("{} {}", self.who(&row.who), self.at(row.at))
        })
    }

    fn who(&self, name: &str) -> String {
        code(&self.fleet.shown_name(NameKind::Account, name))
    }
}

/// A stretch of time in the units that matter: `12h`, `1d12h`, `5m`.
fn age(seconds: i64) -> String {
    const DAY: u64 = 86_400;
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let unit = if seconds >= DAY { 3600 } else { 60 };
    Unit::Age.write(seconds - seconds % unit)
}

fn put(text: &mut String, line: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(text, "{line}");
}

fn section(text: &mut String, title: &str) {
    put(text, &format!("\n## {title}\n"));
}

/// A table of at most [`MOST_ROWS`] rows; what is left out is counted.
fn table<T>(text: &mut String, heading: &[&str], rows: &[T], cells: impl Fn(&T) -> Vec<String>) {
    if rows.is_empty() {
        return put(text, "None.");
    }
    put(text, &format!("| {} |", heading.join(" | ")));
    put(text, &format!("|{}", "---|".repeat(heading.len())));
    for row in rows.iter().take(MOST_ROWS) {
        put(text, &format!("| {} |", cells(row).join(" | ")));
    }
    if rows.len() > MOST_ROWS {
        put(text, &format!("\nand {} more.", rows.len() - MOST_ROWS));
    }
}

#[cfg(test)]
mod tests;
