//! A change of a pod in words: `▲ clean → risk`, `↓ memory ≥90 % → <70 %`, `× gone`.

use jiff::Timestamp;

use super::format::{fit, width};
use super::signs::{self, Shown};
use super::theme::Role;
use crate::fleet::Field;
use crate::fleet::change_log::{self, FindingEnd, FindingStory};
use crate::fleet::changes::{Change, ChangeKind, UsedShift};
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::risk::Reason;
use crate::fleet::usage::{CRITICAL_PERCENT, Pressure, WARN_PERCENT};
use crate::fleet::words::Detection;

/// A pod that is listed for the first time, or again.
const APPEARED: &str = "+";

/// A change in the form that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeWords {
    /// One cell, or empty.
    pub sign: &'static str,
    /// The values before and after.
    pub text: String,
    /// The value after, for a narrow screen.
    pub short: String,
    /// Its meaning.
    pub role: Role,
}

impl ChangeWords {
    /// Sign and text; a missing sign is a blank.
    pub fn line(&self) -> String {
        self.signed(&self.text)
    }

    /// The same in at most this many cells: the value before goes first.
    pub fn within(&self, cells: usize) -> String {
        let whole = self.line();
        if width(&whole) <= cells {
            return whole;
        }
        fit(&self.signed(&self.short), cells)
    }

    fn signed(&self, text: &str) -> String {
        let sign = if self.sign.is_empty() { " " } else { self.sign };
        format!("{sign} {text}")
    }
}

/// What changed. The sign shows the new state; an improvement has an arrow down, because the score fell.
pub fn change_line(change: &Change) -> ChangeWords {
    let (text, to) = match &change.kind {
        ChangeKind::Appeared => appeared(change),
        ChangeKind::Vanished => ("gone".to_owned(), (signs::GONE, Role::Gone)),
        ChangeKind::Status(from, to) => of_states(signs::status(from), signs::status(to)),
        ChangeKind::Protection(from, to) => of_states(signs::protection(from), signs::protection(to)),
        ChangeKind::Detection(from, to) => of_scans(from, to),
        ChangeKind::CpuThreshold(from, to) => of_usage("CPU", [*from, *to], change.used),
        ChangeKind::MemoryThreshold(from, to) => of_usage("memory", [*from, *to], change.used),
        ChangeKind::LimitChanged(measure, from, to) => {
            let name = match measure {
                Measure::Cpu => "CPU limit",
                Measure::Memory => "memory limit",
            };
            (
                format!("{name} {} → {}", limit(from), limit(to)),
                ("", Role::Text),
            )
        }
    };
    let (sign, role) = match (change_log::gravity(change), &change.kind) {
        (..0, _) => (signs::FELL, Role::Muted),
        (0, _) if to.0 == signs::FINE => ("", Role::Muted),
        _ => to,
    };
    let short = match text.split_once(" → ") {
        Some((before, after)) => match &change.kind {
            ChangeKind::CpuThreshold(..) => format!("CPU → {after}"),
            ChangeKind::MemoryThreshold(..) => format!("memory → {after}"),
            ChangeKind::LimitChanged(..) => before
                .rsplit_once(' ')
                .map_or_else(|| text.clone(), |(name, _)| format!("{name} → {after}")),
            _ => format!("→ {after}"),
        },
        // What is worst about a new pod stays.
        None => text.strip_prefix("appeared ").unwrap_or(&text).to_owned(),
    };
    ChangeWords {
        sign,
        text,
        short,
        role,
    }
}

/// A pod that appeared, with what is worst about it: its sign and its colour are those of the pod in the table.
fn appeared(change: &Change) -> (String, (&'static str, Role)) {
    match (change.found, change.scores.after.unwrap_or(0)) {
        (Some(reason), _) if !matches!(reason, Reason::Undetected | Reason::NoMemoryLimit) => {
            let (sign, role) = signs::reason(reason);
            (
                format!("appeared {sign} {}", short_reason(reason)),
                (APPEARED, role),
            )
        }
        // A pod that is new is not scanned yet.
        (Some(_), _) | (None, 0) => ("appeared".to_owned(), (APPEARED, Role::Text)),
        // An older build recorded the score alone.
        (None, score) => (
            format!("appeared, score {score}"),
            (APPEARED, signs::risk(score).1),
        ),
    }
}

/// A reason in at most 10 cells, without its sign; those of no weight do not need one.
fn short_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::DetectionRisk => "risk",
        Reason::ProtectionException => "broken",
        Reason::Failed => "failed",
        Reason::StatusUnknown => "unknown",
        Reason::MemoryCritical => "memory ≥90",
        Reason::CpuCritical => "CPU ≥90",
        Reason::Pending => "pending",
        Reason::ProtectionClosed => "off",
        Reason::MemoryWarn => "memory ≥70",
        Reason::CpuWarn => "CPU ≥70",
        Reason::Unreadable => "unreadable",
        Reason::Undetected | Reason::NoMemoryLimit => "",
    }
}

fn of_states(from: Shown<'_>, to: Shown<'_>) -> (String, (&'static str, Role)) {
    (format!("{} → {}", from.word, to.word), (to.sign, to.role))
}

/// A new scan of a pod at risk changes nothing until it is finished.
fn of_scans(from: &Field<Detection>, to: &Field<Detection>) -> (String, (&'static str, Role)) {
    use Detection::{Rescanning, Risk};
    let (text, to_shown) = of_states(signs::detection(from), signs::detection(to));
    match (from.value(), to.value()) {
        (Some(Risk), Some(Rescanning)) => (text, (signs::RISK, Role::Text)),
        _ => (text, to_shown),
    }
}

/// The usage on both sides; of a change that an older build recorded, only the thresholds are known.
fn of_usage(name: &str, [from, to]: [Pressure; 2], used: UsedShift) -> (String, (&'static str, Role)) {
    let share = |pressure, percent: Option<u32>| match (pressure, percent) {
        (_, Some(percent)) => format!("{percent} %"),
        (Pressure::Unknown, _) => "unknown".to_owned(),
        (Pressure::Calm, _) => format!("<{WARN_PERCENT} %"),
        (Pressure::Warn, _) => format!("≥{WARN_PERCENT} %"),
        (Pressure::Critical, _) => format!("≥{CRITICAL_PERCENT} %"),
    };
    let role = match to {
        Pressure::Critical => Role::Bad,
        Pressure::Warn => Role::Warn,
        Pressure::Calm | Pressure::Unknown => Role::Muted,
    };
    (
        format!("{name} {} → {}", share(from, used.before), share(to, used.after)),
        (signs::USAGE, role),
    )
}

fn limit(field: &Field<Quantity>) -> String {
    match field {
        Field::Absent => "none".to_owned(),
        Field::Unreadable => "unreadable".to_owned(),
        Field::Value(quantity) => quantity.text.shown().to_owned(),
    }
}

/// The scores before and after: `score 18 → 60`, `score  – → 60` of a pod that appeared, and `score 40 → –` of one that is gone.
/// Empty if the score did not change.
pub fn score_words(change: &Change) -> String {
    let (before, after) = (change.scores.before, change.scores.after);
    match (before, after) {
        (Some(before), Some(after)) if before != after => format!("score {before:>2} → {after}"),
        (None, Some(after @ 1..)) => format!("score  {} → {after}", signs::ABSENT),
        (Some(before @ 1..), None) => format!("score {before:>2} → {}", signs::ABSENT),
        _ => String::new(),
    }
}

/// The course of the finding that a change brought or ended: `regressed twice`, `resolved 22:10`; empty if
/// there is none.
pub fn story_words(story: &FindingStory, moment: impl Fn(Timestamp) -> String) -> Vec<String> {
    let at = |at: Option<Timestamp>| at.map_or_else(String::new, |at| format!(" {}", moment(at)));
    let end = story.end.map(|end| match end {
        FindingEnd::Resolved(when) => format!("resolved{}", at(when)),
        FindingEnd::PodGone(when) => format!("pod gone{}", at(when)),
    });
    let regressed = match story.comebacks {
        _ if story.brought.is_none() => None,
        0 => None,
        1 => Some("regressed".to_owned()),
        2 => Some("regressed twice".to_owned()),
        times => Some(format!("regressed {times} times")),
    };
    end.into_iter().chain(regressed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::ScoreShift;
    use crate::fleet::fixture::node;
    use crate::fleet::words::{Protection, Status};

    fn of(kind: ChangeKind) -> Change {
        Change::of(&node("a").build(), kind)
    }

    #[test]
    fn a_change_says_what_the_pod_came_to() {
        let amount = |text: &str| Field::Value(Quantity::read(text, Measure::Memory));
        for (kind, line, role) in [
            (
                ChangeKind::Detection(Detection::Undetected.into(), Detection::Risk.into()),
                "▲ not scanned → risk",
                Role::Bad,
            ),
            (
                ChangeKind::Detection(Detection::Risk.into(), Detection::Clean.into()),
                "↓ risk → clean",
                Role::Muted,
            ),
            (
                ChangeKind::Detection(Detection::Risk.into(), Detection::Rescanning.into()),
                "▲ risk → risk (scan)",
                Role::Text,
            ),
            (
                ChangeKind::Detection(Detection::Rescanning.into(), Detection::Risk.into()),
                "▲ risk (scan) → risk",
                Role::Bad,
            ),
            (
                ChangeKind::Detection(Detection::Rescanning.into(), Detection::Clean.into()),
                "↓ risk (scan) → clean",
                Role::Muted,
            ),
            (
                ChangeKind::Protection(Protection::Opened.into(), Protection::Exception.into()),
                "‼ on → broken",
                Role::Bad,
            ),
            (
                ChangeKind::Status(Status::Running.into(), Status::Failed.into()),
                "✗ Running → Failed",
                Role::Bad,
            ),
            (
                ChangeKind::Status(Status::Running.into(), Status::Succeeded.into()),
                "✓ Running → Succeeded",
                Role::Muted,
            ),
            (
                ChangeKind::Status(Field::Absent, Status::Running.into()),
                "  – → Running",
                Role::Muted,
            ),
            (
                ChangeKind::MemoryThreshold(Pressure::Calm, Pressure::Critical),
                "% memory <70 % → ≥90 %",
                Role::Bad,
            ),
            (
                ChangeKind::CpuThreshold(Pressure::Critical, Pressure::Calm),
                "↓ CPU ≥90 % → <70 %",
                Role::Muted,
            ),
            (
                ChangeKind::LimitChanged(Measure::Memory, Field::Absent, amount("512Mi\u{1b}")),
                "  memory limit none → 512Mi\\u{1b}",
                Role::Text,
            ),
            (ChangeKind::Vanished, "× gone", Role::Gone),
            (ChangeKind::Appeared, "+ appeared", Role::Text),
        ] {
            let words = change_line(&of(kind));
            assert_eq!((words.line().as_str(), words.role), (line, role));
        }
    }

    #[test]
    fn a_narrow_screen_shows_what_the_pod_came_to() {
        let of = |kind, cells| change_line(&of(kind)).within(cells);
        let failed = || ChangeKind::Status(Status::Pending.into(), Status::Failed.into());
        assert_eq!(of(failed(), 18), "✗ Pending → Failed");
        assert_eq!(of(failed(), 17), "✗ → Failed");
        assert_eq!(of(failed(), 8), "✗ → …led");
        let memory = ChangeKind::MemoryThreshold(Pressure::Critical, Pressure::Calm);
        assert_eq!(of(memory, 16), "↓ memory → <70 %");
        let amount = Field::Value(Quantity::read("512Mi", Measure::Memory));
        let limit = ChangeKind::LimitChanged(Measure::Memory, Field::Absent, amount);
        assert_eq!(of(limit, 24), "  memory limit → 512Mi");
        let risky = Change {
            found: Some(Reason::DetectionRisk),
            ..Change::of(&node("a").build(), ChangeKind::Appeared)
        };
        assert_eq!(change_line(&risky).within(16), "+ ▲ risk");
    }

    #[test]
    fn a_new_pod_shows_what_is_worst_about_it_in_its_colour() {
        for (found, line, role) in [
            (Reason::ProtectionException, "+ appeared ‼ broken", Role::Bad),
            (Reason::Pending, "+ appeared ◐ pending", Role::Warn),
            (Reason::Unreadable, "+ appeared ? unreadable", Role::Doubt),
            (Reason::NoMemoryLimit, "+ appeared", Role::Text),
        ] {
            let change = Change {
                found: Some(found),
                scores: ScoreShift {
                    before: None,
                    after: Some(found.weight()),
                },
                ..of(ChangeKind::Appeared)
            };
            let words = change_line(&change);
            assert_eq!((words.line().as_str(), words.role), (line, role));
        }
        // As an older build recorded it.
        let risky = Change {
            scores: ScoreShift {
                before: None,
                after: Some(60),
            },
            ..of(ChangeKind::Appeared)
        };
        assert_eq!(change_line(&risky).role, Role::Bad);
        assert_eq!(score_words(&risky), "score  – → 60");
        assert_eq!(score_words(&of(ChangeKind::Appeared)), "");
    }

    #[test]
    fn a_score_is_told_where_it_changed() {
        let shift = |before, after| {
            score_words(&Change {
                scores: ScoreShift { before, after },
                ..of(ChangeKind::Vanished)
            })
        };
        assert_eq!(shift(Some(8), Some(60)), "score  8 → 60");
        assert_eq!(shift(Some(40), None), "score 40 → –");
        for (before, after) in [
            (Some(0), Some(0)),
            (Some(20), Some(20)),
            (Some(0), None),
            (None, None),
        ] {
            assert_eq!(shift(before, after), "", "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_finding_that_came_back_or_ended_is_told() {
        let story = |end, comebacks| FindingStory {
            brought: Some(Reason::DetectionRisk),
            end,
            comebacks,
            ..FindingStory::default()
        };
        let told = |story: FindingStory| story_words(&story, |_| "22:10".to_owned());
        let at = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(told(story(None, 0)), Vec::<String>::new());
        assert_eq!(told(story(None, 2)), ["regressed twice"]);
        assert_eq!(
            told(story(Some(FindingEnd::Resolved(at)), 3)),
            ["resolved 22:10", "regressed 3 times"]
        );
        assert_eq!(told(story(Some(FindingEnd::PodGone(None)), 0)), ["pod gone"]);
    }
}
