//! Amounts of CPU and memory in words: `0.599 of 2`, `162Mi of 256Mi`, `270Mi, no limit`.
//!
//! HSS sends them as Kubernetes wrote them, `598735562n` and `166723Ki`, which are hard to compare by eye. So
//! an amount is shown in a suitable unit, fractions of cores in millicores; next to a limit in the unit of that limit, because
//! two units in one line have to be converted in the head. An unreadable text is not changed, nor is a limit that is easy to
//! read, because the operator knows it from the manifest.

use super::format::{bytes, cores};
use super::signs::{ABSENT, UNREADABLE};
use super::theme::Role;
use crate::fleet::Field;
use crate::fleet::quantity::{MOST, Measure, Quantity};

/// A text with so few characters is shown unchanged, and so is a limit with so few digits.
const SHORT: usize = 4;

/// The unit of a limit, as the limit is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmountUnit {
    suffix: &'static str,
    /// Nanocores or bytes.
    amount: u64,
}

/// The units of amounts, each with its nanocores or bytes.
const CPU_UNITS: &[AmountUnit] = &[unit("", 1_000_000_000), unit("m", THOUSANDTH)];
const MEMORY_UNITS: &[AmountUnit] = &[
    unit("", 1),
    unit("k", 1000),
    unit("M", 1_000_000),
    unit("G", 1_000_000_000),
    unit("T", 1_000_000_000_000),
    unit("Ki", 1 << 10),
    unit("Mi", 1 << 20),
    unit("Gi", 1 << 30),
    unit("Ti", 1 << 40),
];

/// A thousandth of a core, the smallest amount of CPU that is shown.
const THOUSANDTH: u64 = 1_000_000;

const fn unit(suffix: &'static str, amount: u64) -> AmountUnit {
    AmountUnit { suffix, amount }
}

impl AmountUnit {
    /// The unit of a limit; `None` if it has no amount or an unusual unit.
    pub fn of(limit: &Field<Quantity>, measure: Measure) -> Option<Self> {
        let limit = limit.value()?;
        limit.amount.filter(|amount| (1..MOST).contains(amount))?;
        Self::of_words(&told_limit(limit, measure), measure)
    }

    /// The unit of an amount in words.
    pub(super) fn of_words(words: &str, measure: Measure) -> Option<Self> {
        let suffix = words.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.' || it == '+');
        let units = match measure {
            Measure::Cpu => CPU_UNITS,
            Measure::Memory => MEMORY_UNITS,
        };
        units.iter().find(|unit| unit.suffix == suffix).copied()
    }

    /// An amount in this unit, cut after three digits: rounded, it could look like a limit that it does not reach. `None` if so
    /// little has no digits in this unit.
    fn words(self, amount: u64, measure: Measure) -> Option<String> {
        let amount = match measure {
            // As kubectl shows them.
            Measure::Cpu => amount.div_ceil(THOUSANDTH).checked_mul(THOUSANDTH)?,
            Measure::Memory => amount,
        };
        let thousandths = u128::from(amount) * 1000 / u128::from(self.amount);
        let step = match thousandths {
            0 if amount > 0 => return None,
            ..1000 => 1,
            1000..10_000 => 10,
            10_000..100_000 => 100,
            _ => 1000,
        };
        let (whole, part) = (thousandths / 1000, thousandths % 1000 / step * step);
        let digits = format!("{whole}.{part:03}");
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        let suffix = if amount == 0 { "" } else { self.suffix };
        Some(format!("{digits}{suffix}"))
    }
}

/// The used amount and the limit.
pub fn usage(used: &Field<Quantity>, limit: &Field<Quantity>, measure: Measure) -> String {
    let unit = AmountUnit::of(limit, measure);
    let used = match used {
        Field::Absent => ABSENT.to_owned(),
        Field::Unreadable => UNREADABLE.to_owned(),
        Field::Value(used) => match (used.amount, unit) {
            (Some(known), Some(_)) if known != MOST => in_unit(known, measure, unit),
            _ if used.text.raw().len() <= SHORT && !is_fraction(used, measure) => {
                used.text.shown().to_owned()
            }
            _ => told(used, measure),
        },
    };
    match limit {
        // It may have a limit that HSS does not report.
        Field::Absent => format!("{used}, limit unknown"),
        Field::Value(Quantity { amount: Some(0), .. }) => format!("{used}, no limit"),
        Field::Unreadable => format!("{used} of {UNREADABLE}"),
        Field::Value(limit) => format!("{used} of {}", told_limit(limit, measure)),
    }
}

/// An amount next to a limit in this unit; without one in the unit that suits it.
pub fn in_unit(known: u64, measure: Measure, unit: Option<AmountUnit>) -> String {
    let unit = unit.filter(|_| known != MOST);
    unit.and_then(|unit| unit.words(known, measure))
        .unwrap_or_else(|| amount(known, measure))
}

/// A limit: as it is in the manifest, if that is easy to read.
fn told_limit(limit: &Quantity, measure: Measure) -> String {
    if is_plain(limit.text.raw(), measure) && !is_fraction(limit, measure) {
        return limit.text.shown().to_owned();
    }
    told(limit, measure)
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
    fn cpu_is_told_in_the_unit_of_its_limit() {
        check(
            Measure::Cpu,
            &[
                ("598735562n", "2", "0.599 of 2"),
                ("1814m", "2", "1.81 of 2"),
                ("7392m", "8", "7.39 of 8"),
                ("37m", "2", "0.037 of 2"),
                ("1999999999n", "2", "2 of 2"),
                ("1999m", "2", "1.99 of 2"),
                ("2001m", "2", "2 of 2"),
                ("100n", "2", "0.001 of 2"),
                ("0", "2", "0 of 2"),
                ("12500m", "500m", "12500m of 500m"),
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
                ("+250m", "+1", "0.25 of +1"),
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
    fn an_amount_next_to_no_limit_has_the_unit_that_suits_it() {
        let unit = |text, measure| AmountUnit::of(&field(text, measure), measure);
        let cores = unit("2", Measure::Cpu);
        assert_eq!(in_unit(996_000_000, Measure::Cpu, cores), "0.996");
        assert_eq!(in_unit(996_000_000, Measure::Cpu, None), "996m");
        assert_eq!(
            in_unit(523 << 20, Measure::Memory, unit("1Gi", Measure::Memory)),
            "0.51Gi"
        );
        assert_eq!(in_unit(MOST, Measure::Cpu, cores), amount(MOST, Measure::Cpu));
        for (limit, measure) in [
            ("0", Measure::Cpu),
            ("", Measure::Cpu),
            ("1Gi", Measure::Cpu),
            ("9999999E", Measure::Memory),
        ] {
            assert_eq!(unit(limit, measure), None, "{limit}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_below_its_limit_never_looks_like_it(limit in 1_u32..64, used in 0_u32..64_000) {
            let used = used.min(limit * 1000 - 1);
            let words = in_unit(u64::from(used) * THOUSANDTH, Measure::Cpu, CPU_UNITS.first().copied());
            let (shown, cores): (f64, f64) = (words.parse().unwrap(), f64::from(used) / 1000.0);
            proptest::prop_assert!(shown < f64::from(limit), "{words}");
            proptest::prop_assert!(shown <= cores && cores - shown < shown / 100.0 + 1e-9, "{words}");
        }
    }

    #[test]
    fn memory_is_told_in_the_unit_of_its_limit() {
        check(
            Measure::Memory,
            &[
                ("166723Ki", "256Mi", "162Mi of 256Mi"),
                ("524288000", "1073741824", "0.488Gi of 1Gi"),
                ("503Mi", "1Gi", "0.491Gi of 1Gi"),
                ("600Ki", "1Gi", "600Ki of 1Gi"),
                ("0", "1Gi", "0 of 1Gi"),
                ("1610612736", "2048Mi", "1536Mi of 2048Mi"),
                ("64Mi", "262144Ki", "64Mi of 256Mi"),
                ("1G", "1.5G", "1G of 1.5G"),
                ("1000000k", "1.5G", "1G of 1.5G"),
                ("", "256Mi", "– of 256Mi"),
                ("500Mi", "", "500Mi, limit unknown"),
                ("500Mi", "0", "500Mi, no limit"),
                ("a\u{202e}b", "1Ei", "a\\u{202e}b of 1Ei"),
            ],
        );
    }
}
