//! Why this score: the sum of its reasons, each with its points and since when it applies.
//!
//! ```text
//!  Why 99     ▲ risk found              60  since 21:59 (2m)
//!             ✗ failed                  35  since 20:31
//!             % memory at 90 % or more  30
//!             125 points; the score is at most 99
//! ```

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::fields::{label_span, moment};
use super::{LABEL, PodFacts};
use crate::fleet::news::since_when;
use crate::fleet::risk::{self, MAX_SCORE, Reason};
use crate::ui::format::{CORRECTED, age, elapsed, left};
use crate::ui::signs;
use crate::ui::theme::Role;

/// Cells of a reason, including its sign: `% memory at 90 % or more`.
const REASON: usize = 25;
/// From this width on, the reasons have columns.
const IN_COLUMNS: usize = LABEL + REASON + 22;
/// From this width on, the time since a reason applies is shown too.
const WITH_AGE: usize = IN_COLUMNS + 9;

/// The reasons, line by line.
pub fn lines<'a>(facts: PodFacts<'a>, width: usize) -> Vec<Line<'a>> {
    let PodFacts { pod, theme, .. } = facts;
    let score = risk::score(pod);
    let reasons = risk::reasons(pod);
    let head = label_span(&format!("Why {score}"), theme);
    if reasons.is_empty() {
        let nothing = Span::styled("no problem found", theme.style(Role::Muted));
        return vec![Line::from(vec![head, nothing])];
    }
    let mut head = Some(head);
    let mut label = || head.take().unwrap_or_else(|| label_span("", theme));
    let mut lines: Vec<Line<'a>> = reasons
        .iter()
        .map(|reason| reason_line(facts, *reason, label(), width))
        .collect();
    let sum = sum(&reasons);
    if sum > MAX_SCORE {
        let words = format!("{sum} points; the score is at most {MAX_SCORE}");
        lines.push(Line::from(vec![
            label(),
            Span::styled(words, theme.style(Role::Muted)),
        ]));
    }
    lines
}

/// The sum of the reasons.
fn sum(reasons: &[Reason]) -> u32 {
    reasons.iter().map(|reason| reason.weight()).sum()
}

fn reason_line<'a>(facts: PodFacts<'a>, reason: Reason, label: Span<'a>, width: usize) -> Line<'a> {
    let PodFacts { model, pod, theme } = facts;
    let (sign, role) = signs::reason(reason);
    let label_words = match reason {
        // It may have a limit that HSS does not report.
        Reason::NoMemoryLimit if pod.memory_limit().is_absent() => "memory limit unknown",
        other => other.label(),
    };
    let name = format!("{sign} {label_words}");
    let name = if width >= IN_COLUMNS {
        left(&name, REASON)
    } else {
        format!("{name} ")
    };
    let points = format!("{:>2}", reason.weight());
    let since = since_when(model.fleet.changes(), &pod.key, reason);
    let since = since.map_or_else(String::new, |at| since_words(facts, at, width >= WITH_AGE));
    Line::from(vec![
        label,
        Span::styled(name, theme.style(role)),
        Span::styled(points, theme.style(Role::Text)),
        Span::styled(since, theme.style(Role::Muted)),
    ])
}

fn since_words(facts: PodFacts<'_>, at: Timestamp, with_age: bool) -> String {
    let model = facts.model;
    let ago = elapsed(at, model.status.service_time(model.now), CORRECTED).filter(|_| with_age);
    let ago = ago.map_or_else(String::new, |seconds| format!(" ({})", age(seconds)));
    format!("  since {}{ago}", moment(at, model))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::pods;
    use proptest::prelude::*;

    proptest! {
        /// The points add up to the score, or to more than the maximum.
        #[test]
        fn the_points_add_up_to_the_score(pod in pods()) {
            let reasons = risk::reasons(&pod);
            prop_assert_eq!(sum(&reasons).min(MAX_SCORE), risk::score(&pod));
            let longest = reasons.iter().map(|reason| reason.label().chars().count()).max();
            prop_assert!(longest.unwrap_or(0) + 3 <= REASON, "a reason fits its column");
        }
    }
}
