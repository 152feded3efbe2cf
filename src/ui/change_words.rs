//! A change of a pod in a sign and a few words: `▲ scan: clean → risk`.

use super::signs;
use super::theme::Role;
use crate::fleet::Field;
use crate::fleet::changes::ChangeKind;
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::usage::{CRITICAL_PERCENT, Pressure, WARN_PERCENT};
use crate::fleet::words::Detection;

/// The sign of the new state, the change in words, and its meaning.
pub fn change_words(kind: &ChangeKind) -> (&'static str, String, Role) {
    match kind {
        ChangeKind::Appeared => (" ", "first seen".to_owned(), Role::Text),
        ChangeKind::Vanished => (signs::GONE, "gone".to_owned(), Role::Gone),
        ChangeKind::Status(from, to) => states("status", &signs::status(from), &signs::status(to)),
        ChangeKind::Protection(from, to) => {
            states("protection", &signs::protection(from), &signs::protection(to))
        }
        ChangeKind::Detection(Field::Value(from), Field::Value(to)) if from.is_risk() && to.is_risk() => {
            let word = |word: &Detection| {
                if *word == Detection::Risk {
                    "risk"
                } else {
                    "risk (scan)"
                }
            };
            let words = format!("scan: {} → {}", word(from), word(to));
            (signs::RISK, words, Role::Text)
        }
        ChangeKind::Detection(from, to) => states("scan", &signs::detection(from), &signs::detection(to)),
        ChangeKind::CpuThreshold(from, to) => threshold("CPU", *from, *to),
        ChangeKind::MemoryThreshold(from, to) => threshold("memory", *from, *to),
        ChangeKind::LimitChanged(measure, from, to) => {
            let name = match measure {
                Measure::Cpu => "CPU limit",
                Measure::Memory => "memory limit",
            };
            (" ", format!("{name} {} → {}", limit(from), limit(to)), Role::Text)
        }
    }
}

fn states(name: &str, from: &signs::Shown<'_>, to: &signs::Shown<'_>) -> (&'static str, String, Role) {
    let sign = if to.sign.is_empty() { " " } else { to.sign };
    (sign, format!("{name}: {} → {}", from.word, to.word), to.role)
}

fn threshold(name: &str, from: Pressure, to: Pressure) -> (&'static str, String, Role) {
    let role = match to {
        Pressure::Critical => Role::Bad,
        Pressure::Warn => Role::Warn,
        Pressure::Calm => Role::Good,
        Pressure::Unknown => Role::Muted,
    };
    (
        signs::USAGE,
        format!("{name} {} → {}", pressure(from), pressure(to)),
        role,
    )
}

fn pressure(pressure: Pressure) -> String {
    match pressure {
        Pressure::Unknown => "unknown".to_owned(),
        Pressure::Calm => format!("below {WARN_PERCENT} %"),
        Pressure::Warn => format!("{WARN_PERCENT} % or more"),
        Pressure::Critical => format!("{CRITICAL_PERCENT} % or more"),
    }
}

fn limit(limit: &Field<Quantity>) -> &str {
    match limit {
        Field::Absent => "unknown",
        Field::Unreadable => signs::UNREADABLE,
        Field::Value(limit) => limit.text.shown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::words::Status;

    #[test]
    fn a_change_says_from_what_to_what_in_the_words_of_the_screen() {
        let risk = ChangeKind::Detection(Detection::Undetected.into(), Detection::Risk.into());
        let words = change_words(&risk);
        assert_eq!(words, ("▲", "scan: not scanned → risk".to_owned(), Role::Bad));
        let memory = ChangeKind::MemoryThreshold(Pressure::Calm, Pressure::Critical);
        assert_eq!(change_words(&memory).1, "memory below 70 % → 90 % or more");
        let limit = ChangeKind::LimitChanged(
            Measure::Memory,
            Field::Absent,
            Quantity::read("1Gi", Measure::Memory).into(),
        );
        assert_eq!(change_words(&limit).1, "memory limit unknown → 1Gi");
        let hostile = ChangeKind::Status(Status::Running.into(), Status::read("a\u{1b}[2J").into());
        assert_eq!(change_words(&hostile).1, "status: Running → a\\u{1b}[2J");
    }
}
