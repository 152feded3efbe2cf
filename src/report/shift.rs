//! The hand-over of a shift, as Markdown: changes, open findings, and gaps.
//!
//! Owns the words of the report. It is a function of the fleet, its changes and the decisions, so that a
//! command without a screen can make the same one. Its names come from strangers: [`safe`] prevents that they
//! act as Markdown. Must not: read a clock or a file.

pub mod entries;
mod findings;
mod reported;
pub mod safe;
mod selection;
mod text;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::fleet::Fleet;
use crate::fleet::changes::Change;
use crate::fleet::decisions::{Acknowledgement, MutedChanges, muted};
use crate::fleet::grouped::count;
use crate::fleet::pseudonym::NameKind;
use crate::fleet::usage::{CRITICAL_PERCENT, WARN_PERCENT};
use crate::fleet::watched::{gap_of, gaps_until_now};
use crate::report::listing::INCOMPLETE;
use crate::state::Logbook;
use findings::{EndedFinding, OpenFinding, UsedPod};
pub use reported::ReportedShift;
use safe::{code, plain};
pub use selection::ReportSelection;
use text::{MOST_ROWS, age, length, put, section, table};

/// A request to write a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportRequest {
    /// How far it reaches back. `None`: to the last report, or else for the usual time.
    pub back: Option<SignedDuration>,
    /// The path of a new file, or of a folder. `None`: the current folder.
    pub path: Option<PathBuf>,
}

/// Everything that a report is made of.
#[derive(Debug, Clone)]
pub struct ShiftReport {
    /// The project's id; empty until it is known.
    pub project: Arc<str>,
    /// The region, or host and port.
    pub region: Arc<str>,
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
    /// Why something is missing, in a sentence that the report begins with. Without any pod it then counts nothing.
    pub missing: Option<String>,
    /// Whether it is the report of an earlier moment.
    pub is_of_past: bool,
    /// The shortest time without a look that is a gap.
    pub least_gap: Duration,
    /// What was decided, and when we looked.
    pub book: Arc<Logbook>,
    /// Which pods it is about; `None`: all.
    pub selection: Option<ReportSelection>,
}

impl ShiftReport {
    /// Region and project, as far as they are known.
    fn source(&self) -> String {
        let parts = [&*self.region, &*self.project];
        let known = parts.into_iter().filter(|part| !part.is_empty());
        known.collect::<Vec<_>>().join(" · ")
    }

    /// The report, and how many findings it lists.
    pub fn markdown(&self) -> (String, usize) {
        let findings = findings::of_shift(self);
        let used = findings::worst_used(self);
        let counts = [findings.new.len(), findings.ended.len(), findings.before.len()];
        let muted = muted(self.fleet.changes(), &self.book.decisions.mutes, self.to);
        let mut text = String::new();
        self.head(&mut text, counts);
        if !self.knows_nothing() {
            self.open_ones(&mut text, "New in this shift, and open", &findings.new, &muted);
            self.ended_ones(&mut text, &findings.ended);
            self.open_ones(
                &mut text,
                "Still open from before this shift",
                &findings.before,
                &muted,
            );
            Self::usage(&mut text, &used);
        }
        self.watching(&mut text);
        self.decisions(&mut text);
        (text, counts.iter().map(|findings| findings.min(&MOST_ROWS)).sum())
    }

    /// Whether there are no pods because of what is missing: "none at risk" would be an all-clear.
    fn knows_nothing(&self) -> bool {
        self.missing.is_some() && self.fleet.is_empty()
    }

    /// Whether a change was first seen in the shift.
    fn is_within(&self, change: &Change) -> bool {
        change
            .seen_at()
            .is_some_and(|at| at >= self.from && at <= self.to)
    }

    fn at(&self, at: Timestamp) -> String {
        let at = at.to_zoned_datetime(self.zone.clone());
        at.strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// To the second: a gap may be short.
    fn exactly_at(&self, at: Timestamp) -> String {
        let at = at.to_zoned_datetime(self.zone.clone());
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    fn head(&self, text: &mut String, [new, resolved, still]: [usize; 3]) {
        let zone = self
            .to
            .to_zoned_datetime(self.zone.clone())
            .strftime("%:z")
            .to_string();
        let hours = age(self.to.duration_since(self.from).as_secs());
        let summary = self.summary();
        let known = summary.detection_told.max(summary.protection_told);
        let list = self.snapshot_at.map_or_else(
            || "HSS's list has no date".to_owned(),
            |at| format!("HSS's list is dated {}", self.at(at)),
        );
        let partial = if self.is_complete {
            ""
        } else {
            "; not all of its pods are loaded"
        };
        let listed = if [new, resolved, still].iter().any(|all| *all > MOST_ROWS) {
            format!("; at most {} of each are listed", count(MOST_ROWS))
        } else {
            String::new()
        };
        put(text, &format!("# Shift report: {}", plain(&self.source())));
        put(text, "");
        put(
            text,
            &format!(
                "{} to {} ({zone}), {hours}.{}",
                self.at(self.from),
                self.at(self.to),
                self.since_when_watched()
            ),
        );
        if let Some(why) = &self.missing {
            put(text, &format!("\n**{INCOMPLETE}:** {}", plain(why)));
        }
        put(text, "");
        if self.knows_nothing() {
            return put(text, "No pods are loaded, so what is open is unknown.");
        }
        put(
            text,
            &format!(
                "* {} new and open, {} resolved, {} open from before{listed}",
                count(new),
                count(resolved),
                count(still)
            ),
        );
        put(text, &format!("* {list}{partial}"));
        if let Some(selection) = &self.selection {
            put(text, &format!("* {}", selection.words()));
        }
        put(
            text,
            &format!(
                "* {} pods: {} at risk, {} with broken protection, {} without protection, {} failed",
                count(summary.pods),
                count(summary.risk),
                count(summary.exception),
                count(summary.unprotected),
                count(summary.failed)
            ),
        );
        put(
            text,
            &format!(
                "* security data for {} of {} pods{}",
                count(known),
                count(summary.pods),
                if known < summary.pods {
                    "; HSS has none for the others"
                } else {
                    ""
                }
            ),
        );
    }

    /// A sentence where hss-top did not watch from the beginning of the shift on.
    fn since_when_watched(&self) -> String {
        match self.book.watched.first() {
            Some(first) if first.from > self.from => {
                format!(" hss-top has only watched since {}.", self.at(first.from))
            }
            Some(_) => String::new(),
            None => " Watching times are not saved.".to_owned(),
        }
    }

    fn open_ones(&self, text: &mut String, title: &str, findings: &[OpenFinding<'_>], muted: &MutedChanges) {
        section(text, title);
        let heading = [
            "Score",
            "Since",
            "What",
            "Pod",
            "Namespace",
            "Cluster",
            "Acknowledged",
        ];
        let real = self.fleet.masked_by(None);
        table(text, &heading, findings, |finding| {
            let [pod, namespace, cluster] = findings::place_of(&finding.pod);
            let row = real.row_of(&finding.pod.key, None);
            let mute = row
                .and_then(|row| real.pod(row))
                .and_then(|pod| muted.of_pod(&pod, self.to));
            let mute = mute.map(|mute| format!("muted {}", mute.end.words(|at| self.at(at))));
            let decided: Vec<String> = self.acknowledged(finding).into_iter().chain(mute).collect();
            vec![
                finding.score.to_string(),
                self.since(finding.since),
                finding.what.clone(),
                pod,
                namespace,
                cluster,
                decided.join("; "),
            ]
        });
    }

    fn ended_ones(&self, text: &mut String, findings: &[EndedFinding<'_>]) {
        section(text, "Resolved in this shift");
        let heading = ["Since", "Ended", "How", "What", "Pod", "Namespace", "Cluster"];
        table(text, &heading, findings, |finding| {
            let [pod, namespace, cluster] = finding.place();
            vec![
                self.since(finding.since),
                self.when(finding.ended),
                finding.how.to_owned(),
                finding.what.clone(),
                pod,
                namespace,
                cluster,
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
        let begins = self.book.watched.first().map(|span| span.from);
        if let Some(begins) = begins.filter(|begins| *begins > self.from) {
            put(
                text,
                &format!("The time before {} is unknown.\n", self.at(begins)),
            );
        }
        let gaps = gaps_until_now(&self.book.watched, self.from, self.to, self.least_gap);
        table(text, &["From", "To", "Duration"], &gaps, |gap| {
            let seconds = i64::try_from(gap.length().as_secs()).unwrap_or(i64::MAX);
            let to = if gap.to == self.to {
                "now".to_owned()
            } else {
                self.exactly_at(gap.to)
            };
            vec![self.exactly_at(gap.from), to, length(seconds)]
        });
        let least = i64::try_from(self.least_gap.as_secs()).unwrap_or(i64::MAX);
        put(
            text,
            &format!("\nGaps shorter than {} are not listed.", length(least)),
        );
    }

    fn decisions(&self, text: &mut String) {
        // A mute may be of a filter, so none is left out.
        section(
            text,
            if self.selection.is_some() {
                "Muted (all pods)"
            } else {
                "Muted"
            },
        );
        let mutes: Vec<_> = self
            .book
            .decisions
            .mutes
            .iter()
            .filter(|mute| mute.holds(self.to))
            .collect();
        table(text, &["Since", "Who", "What", "Until"], &mutes, |mute| {
            let until = mute.end.words(|at| self.at(at));
            let what = findings::mute_target_words(&self.fleet, mute);
            vec![self.at(mute.at), self.who(&mute.who), what, until]
        });
    }

    /// Since when something is so.
    fn since(&self, change: Option<&Change>) -> String {
        change.map_or_else(|| "before hss-top started".to_owned(), |change| self.when(change))
    }

    /// When a change happened, as far as that is known.
    fn when(&self, change: &Change) -> String {
        match gap_of(change, &self.book.watched) {
            Some(possible) => format!("between {} and {}", self.at(possible.from), self.at(possible.to)),
            None => change
                .after
                .map_or_else(|| "unknown".to_owned(), |at| self.at(at)),
        }
    }

    /// Who acknowledged a change of the pod since the finding began, and when.
    fn acknowledged(&self, finding: &OpenFinding<'_>) -> Option<String> {
        let begin = finding.since.and_then(Change::seen_at).unwrap_or(Timestamp::MIN);
        let holds = |row: &&Acknowledgement| {
            row.holds(self.to) && row.at >= begin && row.pod.as_str() == finding.pod.key.as_str()
        };
        let row = self.book.decisions.acknowledgements.iter().find(holds)?;
        Some(format!("{} {}", self.who(&row.who), self.at(row.at)))
    }

    fn who(&self, name: &str) -> String {
        code(&self.fleet.shown_name(NameKind::Account, name))
    }
}

#[cfg(test)]
mod month;
#[cfg(test)]
mod tests;
