//! Why this score: the sum of its reasons, each with its points and since when it applies.
//!
//! ```text
//!  Why 99     ▲ risk found              60  since 21:59 (2m)
//!             ✗ failed                  35  since 20:31
//!             % memory at 90 % or more  30
//!             125 points; the score is at most 99
//! ```

use ratatui::text::{Line, Span};

use super::fields::{label_span, moment};
use super::{DetailFacts, LABEL, NOT_SAVED};
use crate::fleet::RemoteText;
use crate::fleet::changes::Change;
use crate::fleet::pseudonym::NameKind;
use crate::fleet::risk::{self, MAX_SCORE, Reason};
use crate::fleet::score_shift::since_which;
use crate::fleet::watched::gap_of;
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
pub fn lines<'a>(facts: DetailFacts<'a>, width: usize) -> Vec<Line<'a>> {
    let DetailFacts { pod, theme, .. } = facts;
    let score = risk::score(pod);
    let reasons = risk::reasons(pod);
    // The score of a pod without a record is what its changes tell, at least.
    let head = if facts.is_told() {
        label_span("Why", theme)
    } else {
        label_span(&format!("Why {score}"), theme)
    };
    if reasons.is_empty() {
        let nothing = if facts.is_told() { NOT_SAVED } else { "no finding" };
        let nothing = Span::styled(nothing, theme.style(Role::Muted));
        let mut lines = vec![Line::from(vec![head, nothing])];
        lines.extend(decided(facts));
        return lines;
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
    if !facts.is_told() {
        let advice = reasons.iter().filter_map(|reason| advice(*reason));
        for (at, words) in advice.enumerate() {
            lines.push(Line::from(vec![
                label_span(if at == 0 { "To do" } else { "" }, theme),
                Span::styled(words, theme.style(Role::Muted)),
            ]));
        }
    }
    lines.extend(decided(facts));
    lines
}

/// What to do about a reason. What to do about protection and scan is told with them.
const fn advice(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::Failed => "kubectl describe pod and kubectl logs say why it failed.",
        Reason::StatusUnknown => {
            "kubectl get node says whether its node is ready: a lost node reports nothing."
        }
        Reason::MemoryCritical => {
            "At its memory limit the kernel kills it: raise the limit, or find what grows."
        }
        Reason::CpuCritical => "At its CPU limit the kernel slows it down: raise the limit, or add pods.",
        Reason::Pending => "kubectl describe pod says what it waits for.",
        _ => return None,
    })
}

/// Who acknowledged what was found, and who muted the pod and until when.
fn decided(facts: DetailFacts<'_>) -> Vec<Line<'_>> {
    let DetailFacts { model, pod, theme } = facts;
    let who = |who: &str| {
        let who = RemoteText::name(&model.masking.name(NameKind::Account, who));
        who.shown().to_owned()
    };
    let acknowledged = model.acknowledgement_of(pod).map(|known| {
        let words = format!("{} {} {}", signs::DONE, who(&known.who), moment(known.at, model));
        ("Ack by", words, Role::Good)
    });
    let muted = model.mute_of(pod, None).map(|mute| {
        let until = mute.end.words(|at| moment(at, model));
        let words = format!("{until}, by {} {}", who(&mute.who), moment(mute.at, model));
        ("Muted", words, Role::Text)
    });
    let line = |(label, words, role)| {
        Line::from(vec![
            label_span(label, theme),
            Span::styled(words, theme.style(role)),
        ])
    };
    acknowledged.into_iter().chain(muted).map(line).collect()
}

/// What the reasons come to.
fn sum(reasons: &[Reason]) -> u32 {
    reasons.iter().map(|reason| reason.weight()).sum()
}

fn reason_line<'a>(facts: DetailFacts<'a>, reason: Reason, label: Span<'a>, width: usize) -> Line<'a> {
    let DetailFacts { model, pod, theme } = facts;
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
    let since = since_which(model.detail_fleet().changes(), &pod.key, reason);
    let since = since.map_or_else(String::new, |change| {
        since_words(facts, change, width >= WITH_AGE)
    });
    Line::from(vec![
        label,
        Span::styled(name, theme.style(role)),
        Span::styled(points, theme.style(Role::Text)),
        Span::styled(since, theme.style(Role::Muted)),
    ])
}

/// Since when a reason applies; after a gap, the two times between which it came.
fn since_words(facts: DetailFacts<'_>, change: &Change, with_age: bool) -> String {
    let model = facts.model;
    if let Some(possible) = gap_of(change, &model.changes.book.watched) {
        return format!(
            "  between {} and {}",
            moment(possible.from, model),
            moment(possible.to, model)
        );
    }
    let Some(at) = change.after else {
        return String::new();
    };
    let ago = elapsed(at, model.detail_time(), CORRECTED).filter(|_| with_age);
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
