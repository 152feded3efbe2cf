//! The result of a check, and its meaning.
//!
//! Pure: from the loaded pods to a verdict, and from a verdict to the exit codes of the two kinds of caller.
//! A finding is always reported; but if pods are missing or the list is too old, finding nothing proves
//! nothing. Must not: print, or ask HSS.

use std::collections::HashSet;

use clap::ValueEnum;

use crate::exit_codes::{ExitReason, PluginState};
use crate::fleet::RemoteText;
use crate::fleet::fields::PodText;
use crate::fleet::order::Orders;
use crate::fleet::view::Unsorted;
use crate::fleet::{Field, Fleet, Pod};
use crate::ui::format::{count, fit};

/// The state for a list that is too old or incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StaleState {
    /// State 1
    Warning,
    /// State 2
    Critical,
    /// State 3
    Unknown,
}

impl From<StaleState> for PluginState {
    fn from(state: StaleState) -> Self {
        match state {
            StaleState::Warning => Self::Warning,
            StaleState::Critical => Self::Critical,
            StaleState::Unknown => Self::Unknown,
        }
    }
}

/// The pods that match a filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Matches {
    /// The filter, as typed.
    pub(super) filter: String,
    /// How many there are.
    pub(super) count: usize,
    /// The worst of them, up to [`MOST_NAMED`].
    pub(super) pods: Vec<Pod>,
}

impl Matches {
    /// Those of these rows that match `filter`, which chose them.
    pub(super) fn of(filter: &str, chosen: &Unsorted, fleet: &Fleet, looked_at: &HashSet<u32>) -> Self {
        let view = chosen.whole(&mut Orders::default());
        let rows = (0..view.len() - view.gone()).filter_map(|place| view.row(place));
        let rows: Vec<u32> = rows.filter(|row| looked_at.contains(row)).collect();
        let worst = rows.iter().take(MOST_NAMED);
        Self {
            filter: filter.to_owned(),
            count: rows.len(),
            pods: worst.filter_map(|row| fleet.pod(*row)).collect(),
        }
    }
}

/// The most pods that are named in any form.
pub(super) const MOST_NAMED: usize = 1000;

/// Why a check proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubt {
    /// What is wrong, in a sentence.
    pub(super) why: String,
    /// The exit reason if nothing was found.
    pub(super) reason: ExitReason,
    /// Whether the data is as it should be, but something else was asked for than there is, or nothing could be asked: for a
    /// monitoring system the check itself is wrong, whatever `--stale` says.
    pub(super) is_of_the_question: bool,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct CheckResult {
    /// The findings for `--fail-on`.
    pub(super) findings: Matches,
    /// The findings for `--warn-on`.
    pub(super) warnings: Option<Matches>,
    /// How many pods were checked.
    pub(super) checked: usize,
    /// Why it proves nothing, if so.
    pub(super) doubt: Option<Doubt>,
    /// What the command line asks for in vain, in a sentence.
    pub(super) note: Option<String>,
}

impl CheckResult {
    fn has_warnings(&self) -> bool {
        self.warnings.as_ref().is_some_and(|warnings| warnings.count > 0)
    }

    /// The exit reason.
    pub(super) fn reason(&self) -> ExitReason {
        match &self.doubt {
            _ if self.findings.count > 0 => ExitReason::Failed,
            Some(doubt) => doubt.reason,
            None => ExitReason::Done,
        }
    }

    /// The state for a monitoring system; `stale` is that of a list that is too old or incomplete.
    pub(super) fn state(&self, stale: PluginState) -> PluginState {
        let of_doubt = |doubt: &Doubt| match doubt.reason {
            ExitReason::Incomplete if !doubt.is_of_the_question => stale,
            ExitReason::Unreachable => PluginState::Critical,
            _ => PluginState::Unknown,
        };
        match &self.doubt {
            _ if self.findings.count > 0 => PluginState::Critical,
            Some(doubt) => of_doubt(doubt),
            None if self.has_warnings() => PluginState::Warning,
            None => PluginState::Ok,
        }
    }

    /// The word for it.
    pub(super) fn word(&self) -> &'static str {
        match &self.doubt {
            _ if self.findings.count > 0 => "FINDINGS",
            Some(_) => "UNKNOWN",
            None if self.has_warnings() => "WARNINGS",
            None => "OK",
        }
    }

    /// The result in one line, the most important part first.
    pub(super) fn line(&self, list_age: Option<&str>) -> String {
        let mut parts = Vec::new();
        let shows_findings = self.findings.count > 0 || !self.has_warnings() && self.doubt.is_none();
        if shows_findings {
            parts.push(self.sentence(&self.findings));
        }
        parts.extend(self.doubt.iter().map(|doubt| doubt.why.clone()));
        parts.extend(self.note.clone());
        let warnings = self.warnings.iter().filter(|warnings| warnings.count > 0);
        parts.extend(warnings.map(|warnings| self.sentence(warnings)));
        parts.extend(list_age.map(|age| format!("List collected {age} ago")));
        parts.join(". ")
    }

    /// How many pods match a filter, and which.
    pub(super) fn sentence(&self, matches: &Matches) -> String {
        /// How many pods a line names.
        const NAMED: usize = 3;
        let (checked, filter) = (count(self.checked), RemoteText::message(&matches.filter));
        let names: Vec<String> = matches.pods.iter().take(NAMED).map(short_name).collect();
        let more = matches.count - names.len();
        let names = names.join(", ");
        match (matches.count, more) {
            (0, _) => format!("none of {checked} pods matches {filter}"),
            (1, _) => format!("1 of {checked} pods matches {filter}: {names}"),
            (found, 0) => format!("{} of {checked} pods match {filter}: {names}", count(found)),
            (found, more) => {
                let (found, more) = (count(found), count(more));
                format!("{found} of {checked} pods match {filter}: {names} and {more} more")
            }
        }
    }
}

/// Namespace and name; long ones lose their middle.
fn short_name(pod: &Pod) -> String {
    /// A line stays readable with three of them.
    const CELLS: usize = 48;
    fit(&full_name(pod), CELLS)
}

/// Namespace and name, safe to show.
pub(super) fn full_name(pod: &Pod) -> String {
    let part = |text: PodText| match text.of(pod).sent() {
        Field::Value(text) => text.shown().to_owned(),
        Field::Absent => String::new(),
        Field::Unreadable => "?".to_owned(),
    };
    format!("{}/{}", part(PodText::Namespace), part(PodText::Name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;

    fn matches(count: usize) -> Matches {
        Matches {
            filter: "detect:risk".to_owned(),
            count,
            pods: (0..count).map(|at| node(&format!("api-{at}")).build()).collect(),
        }
    }

    fn result(findings: usize, warnings: usize, doubt: Option<ExitReason>) -> CheckResult {
        CheckResult {
            findings: matches(findings),
            warnings: Some(Matches {
                filter: "risk>30".to_owned(),
                ..matches(warnings)
            }),
            checked: 1111,
            doubt: doubt.map(|reason| Doubt {
                why: "HSS's list is 4d old".to_owned(),
                reason,
                is_of_the_question: false,
            }),
            note: None,
        }
    }

    #[test]
    fn a_finding_stands_whatever_else_is_wrong_and_nothing_is_proven_without_all_pods() {
        use ExitReason::{Configuration, Incomplete, Unreachable};
        for (findings, warnings, doubt, code, state) in [
            (0, 0, None, 0, 0),
            (0, 2, None, 0, 1),
            (1, 2, None, 1, 2),
            (1, 0, Some(Incomplete), 1, 2),
            (0, 2, Some(Incomplete), 4, 1),
            (0, 0, Some(Incomplete), 4, 1),
            (0, 0, Some(Unreachable), 5, 2),
            (0, 0, Some(Configuration), 3, 3),
        ] {
            let result = result(findings, warnings, doubt);
            assert_eq!(result.reason().code(), code, "{result:?}");
            assert_eq!(result.state(PluginState::Warning).code(), state, "{result:?}");
        }
        let stale = result(0, 0, Some(Incomplete));
        assert_eq!(stale.state(StaleState::Critical.into()).code(), 2);
        assert_eq!(stale.state(StaleState::Unknown.into()).code(), 3);
        let mut unasked = stale;
        unasked.doubt.as_mut().unwrap().is_of_the_question = true;
        assert_eq!(unasked.reason().code(), 4);
        assert_eq!(unasked.state(StaleState::Critical.into()).code(), 3);
    }

    #[test]
    fn the_line_says_what_matters_most_first_and_names_three() {
        for (found, line) in [
            (
                result(0, 0, None),
                "none of 1,111 pods matches detect:risk. List collected 3h ago",
            ),
            (
                result(1, 0, None),
                "1 of 1,111 pods matches detect:risk: default/api-0. List collected 3h ago",
            ),
            (
                result(5, 1, Some(ExitReason::Incomplete)),
                "5 of 1,111 pods match detect:risk: default/api-0, default/api-1, default/api-2 and 2 more. HSS's list is 4d \
                 old. 1 of 1,111 pods matches risk>30: default/api-0. List collected 3h ago",
            ),
            (
                result(0, 2, None),
                "2 of 1,111 pods match risk>30: default/api-0, default/api-1. List collected 3h ago",
            ),
        ] {
            assert_eq!(found.line(Some("3h")), line);
        }
    }
}
