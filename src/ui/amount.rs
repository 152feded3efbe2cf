//! Amounts of CPU and memory in words: `599m of 2`, `163Mi of 256Mi`, `270Mi, no limit`.
//!
//! HSS sends them as Kubernetes wrote them, `598735562n` and `166723Ki`, which are hard to compare by eye. So
//! an amount is shown in a suitable unit, fractions of cores in millicores. An unreadable text is not changed, nor is a limit that is easy to
//! read, because the operator knows it from the manifest.

use super::format::{bytes, cores};
use super::signs::{ABSENT, UNREADABLE};
use super::theme::Role;
use crate::fleet::Field;
use crate::fleet::quantity::{MOST, Measure, Quantity};

/// A text with so few characters is shown unchanged, and so is a limit with so few digits.
const SHORT: usize = 4;

/// The used amount and the limit.
pub fn usage(used: &Field<Quantity>, limit: &Field<Quantity>, measure: Measure) -> String {
    let used = match used {
        Field::Absent => ABSENT.to_owned(),
        Field::Unreadable => UNREADABLE.to_owned(),
        Field::Value(used) if used.text.raw().len() <= SHORT && !is_fraction(used, measure) => {
            used.text.shown().to_owned()
        }
        Field::Value(used) => told(used, measure),
    };
    match limit {
        // It may have a limit that HSS does not report.
        Field::Absent => format!("{used}, limit unknown"),
        Field::Value(Quantity { amount: Some(0), .. }) => format!("{used}, no limit"),
        Field::Unreadable => format!("{used} of {UNREADABLE}"),
        Field::Value(limit) if is_plain(limit.text.raw(), measure) && !is_fraction(limit, measure) => {
            format!("{used} of {}", limit.text.shown())
        }
        Field::Value(limit) => format!("{used} of {}", told(limit, measure)),
    }
}

/// One quantity by itself.
pub fn alone(quantity: &Field<Quantity>, measure: Measure) -> (String, Role) {
    match quantity {
        Field::Absent => (ABSENT.to_owned(), Role::Muted),
        Field::Unreadable => (UNREADABLE.to_owned(), Role::Doubt),
        Field::Value(quantity) => (told(quantity, measure), Role::Text),
    }
}

/// An amount in nanocores or bytes. The largest amount also stands for all larger ones.
pub fn amount(amount: u64, measure: Measure) -> String {
    let words = match measure {
        Measure::Cpu => cores(amount),
        Measure::Memory => bytes(amount),
    };
    if amount == MOST {
        format!(">{words}")
    } else {
        words
    }
}

/// A quantity in a suitable unit; an unreadable one unchanged.
fn told(quantity: &Quantity, measure: Measure) -> String {
    match quantity.amount {
        // The largest amount stands for all larger ones; the text shows the real one.
        Some(MOST) => quantity.text.shown().to_owned(),
        Some(known) => amount(known, measure),
        None => quantity.text.shown().to_owned(),
    }
}

/// Whether it is a fraction of cores: `0.5` next to `130m` is hard to compare, `500m` is not.
fn is_fraction(quantity: &Quantity, measure: Measure) -> bool {
    measure == Measure::Cpu && quantity.amount.is_some() && quantity.text.raw().contains('.')
}

/// Whether a limit is easy to read: a few digits and a large enough unit.
fn is_plain(text: &str, measure: Measure) -> bool {
    if text.len() <= SHORT {
        return true;
    }
    let units: &[&str] = match measure {
        Measure::Cpu => &["", "m"],
        Measure::Memory => &["M", "G", "T", "Mi", "Gi", "Ti"],
    };
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let parts = text.split_at_checked(end.unwrap_or(text.len()));
    parts.is_some_and(|(number, unit)| (1..=SHORT).contains(&number.len()) && units.contains(&unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str, measure: Measure) -> Field<Quantity> {
        match text {
            "" => Field::Absent,
            "[]" => Field::Unreadable,
            text => Quantity::read(text, measure).into(),
        }
    }

    #[track_caller]
    fn check(measure: Measure, cases: &[(&str, &str, &str)]) {
        for (used, limit, words) in cases {
            let told = usage(&field(used, measure), &field(limit, measure), measure);
            assert_eq!(&told, words, "{used} {limit}");
        }
    }

    #[test]
    fn cpu_is_told_in_millicores_or_many_cores() {
        check(
            Measure::Cpu,
            &[
                ("598735562n", "2", "599m of 2"),
                ("0.081", "150m", "81m of 150m"),
                ("955m", "1500m", "955m of 1500m"),
                ("1.5", "0.25", "1500m of 250m"),
                ("130m", "0.5", "130m of 500m"),
                ("12345m", "16000m", "12.3 of 16"),
                ("0", "250000u", "0 of 250m"),
                ("100000n", "1e3", "1m of 1e3"),
                ("1Gi", "1Gi", "1Gi of 1Gi"),
                ("", "", "–, limit unknown"),
                ("81m", "0", "81m, no limit"),
                ("12%", "lots", "12% of lots"),
                ("[]", "[]", "? of ?"),
                ("-500m", "-1", "-500m of -1"),
                ("+250m", "1", "250m of 1"),
                ("20000000000", "1", "20000000000 of 1"),
            ],
        );
    }

    #[test]
    fn the_largest_amount_is_told_as_the_least_of_what_it_stands_for() {
        assert_eq!(amount(MOST, Measure::Memory), format!(">{}", bytes(MOST)));
        assert_eq!(amount(MOST, Measure::Cpu), format!(">{}", cores(MOST)));
        assert!(!amount(MOST - 1, Measure::Cpu).contains('>'));
    }

    #[test]
    fn memory_is_told_in_the_unit_that_suits_it() {
        check(
            Measure::Memory,
            &[
                ("166723Ki", "256Mi", "163Mi of 256Mi"),
                ("524288000", "1073741824", "500Mi of 1Gi"),
                ("1610612736", "2048Mi", "1.5Gi of 2048Mi"),
                ("64Mi", "262144Ki", "64Mi of 256Mi"),
                ("1G", "1.5G", "1G of 1.5G"),
                ("1000000k", "1.5G", "954Mi of 1.5G"),
                ("", "256Mi", "– of 256Mi"),
                ("500Mi", "", "500Mi, limit unknown"),
                ("500Mi", "0", "500Mi, no limit"),
                ("a\u{202e}b", "1Ei", "a\\u{202e}b of 1Ei"),
            ],
        );
    }
}
