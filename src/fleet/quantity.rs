//! Kubernetes quantities: `250m`, `1.5Gi`, `1e3`.
//!
//! Owns how much CPU and memory a text means. A quantity keeps the text it came as, because that is what the
//! operator knows it by, and beside it the exact amount where the text can be read. Amounts are integers
//! (nanocores, bytes), so that 70 % is 70 % and not 69.999. Must not: guess. What cannot be read has no amount.

use super::text::RemoteText;

/// What a quantity counts; this decides its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// CPU: amounts are nanocores.
    Cpu,
    /// Memory: amounts are bytes.
    Memory,
}

/// An amount of CPU or memory: the text as it came, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The text of the API, to be shown verbatim where there is no amount.
    pub text: RemoteText,
    /// Nanocores or bytes, by the [`Measure`] it was read with; `None` where the text is no quantity.
    pub amount: Option<u64>,
}

impl Quantity {
    /// Reads the API's text. An unreadable one keeps its text and has no amount.
    pub fn read(text: &str, measure: Measure) -> Self {
        Self {
            text: RemoteText::name(text),
            amount: amount(text, measure),
        }
    }
}

impl Measure {
    /// How many of its units a quantity of 1 is.
    fn per_unit(self) -> u128 {
        match self {
            Self::Cpu => 1_000_000_000,
            Self::Memory => 1,
        }
    }
}

/// `text` in the units of `measure`, rounded up as Kubernetes does; `None` if it is no quantity or does not fit.
fn amount(text: &str, measure: Measure) -> Option<u64> {
    let digits_end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at_checked(digits_end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let digits = format!("{whole}{fraction}").trim_start_matches('0').to_owned();
    let mantissa: u128 = if digits.is_empty() {
        0
    } else {
        digits.parse().ok()?
    };
    scaled(mantissa, fraction.len(), &Scale::of(suffix)?, measure)
}

/// The amount of `mantissa`, whose last `fraction` digits stand after the point, times `scale`.
fn scaled(mantissa: u128, fraction: usize, scale: &Scale, measure: Measure) -> Option<u64> {
    let exponent = scale.ten.checked_sub(i32::try_from(fraction).ok()?)?;
    if mantissa == 0 {
        return Some(0);
    }
    let scaled = mantissa
        .checked_mul(measure.per_unit())?
        .checked_mul(1_u128.checked_shl(scale.two)?)?;
    let power = 10_u128.checked_pow(exponent.unsigned_abs());
    let amount = if exponent >= 0 {
        scaled.checked_mul(power?)?
    } else {
        // A divisor beyond u128 is larger than any amount: what is left rounds up to one unit.
        power.map_or(1, |power| scaled.div_ceil(power))
    };
    u64::try_from(amount).ok()
}

/// A quantity taken apart: `mantissa`, whose last `fraction` digits stand after the point, and a suffix of
/// [`SUFFIXES`]. Only a text that these three give back to the letter can be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) mantissa: u64,
    pub(super) fraction: u8,
    /// The place in [`SUFFIXES`].
    pub(super) suffix: u8,
}

/// Every suffix but exponents.
pub(super) const SUFFIXES: [&str; 16] = [
    "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
];

impl Parts {
    /// Takes `text` apart, if it is written in the plainest way: `250m`, `1.5Gi`; not `0250m` or `.5`.
    pub(super) fn of(text: &str) -> Option<Self> {
        let digits_end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, suffix) = text.split_at_checked(digits_end)?;
        let suffix = SUFFIXES.iter().position(|known| *known == suffix)?;
        let (whole, fraction) = match number.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (number, ""),
        };
        let padded = whole.len() > 1 && whole.starts_with('0');
        if padded || whole.is_empty() || fraction.contains('.') || number.len() > 16 {
            return None;
        }
        let digits = |text: &str| {
            text.bytes()
                .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
        };
        Some(Self {
            mantissa: digits(whole) * 10_u64.pow(u32::try_from(fraction.len()).ok()?) + digits(fraction),
            fraction: u8::try_from(fraction.len()).ok()?,
            suffix: u8::try_from(suffix).ok()?,
        })
    }

    /// The text that was taken apart.
    pub(super) fn text(self) -> String {
        let suffix = SUFFIXES
            .get(usize::from(self.suffix))
            .copied()
            .unwrap_or_default();
        let width = usize::from(self.fraction);
        if width == 0 {
            return format!("{}{suffix}", self.mantissa);
        }
        let unit = 10_u64.pow(self.fraction.into());
        format!(
            "{}.{:0width$}{suffix}",
            self.mantissa / unit,
            self.mantissa % unit
        )
    }

    /// What the mantissa is to be multiplied by for the amount, where that is a whole number.
    pub(super) fn factor(self, measure: Measure) -> Option<u64> {
        let scale = Scale::of(SUFFIXES.get(usize::from(self.suffix))?)?;
        let exponent = scale.ten - i32::from(self.fraction);
        let unit = measure.per_unit().checked_mul(1_u128.checked_shl(scale.two)?)?;
        let power = 10_u128.checked_pow(exponent.unsigned_abs())?;
        let factor = if exponent >= 0 {
            unit.checked_mul(power)?
        } else {
            unit.is_multiple_of(power).then(|| unit / power)?
        };
        u64::try_from(factor).ok()
    }

    /// What [`Quantity::read`] reads in the text.
    pub(super) fn amount(self, measure: Measure) -> Option<u64> {
        let scale = Scale::of(SUFFIXES.get(usize::from(self.suffix))?)?;
        scaled(self.mantissa.into(), self.fraction.into(), &scale, measure)
    }
}

/// What a suffix multiplies by: `10^ten * 2^two`.
struct Scale {
    ten: i32,
    two: u32,
}

impl Scale {
    fn of(suffix: &str) -> Option<Self> {
        const DECIMAL: [(&str, i32); 10] = [
            ("n", -9),
            ("u", -6),
            ("m", -3),
            ("", 0),
            ("k", 3),
            ("M", 6),
            ("G", 9),
            ("T", 12),
            ("P", 15),
            ("E", 18),
        ];
        const BINARY: [(&str, u32); 6] = [
            ("Ki", 10),
            ("Mi", 20),
            ("Gi", 30),
            ("Ti", 40),
            ("Pi", 50),
            ("Ei", 60),
        ];
        if let Some((_, ten)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
            return Some(Self { ten: *ten, two: 0 });
        }
        if let Some((_, two)) = BINARY.iter().find(|(name, _)| *name == suffix) {
            return Some(Self { ten: 0, two: *two });
        }
        let exponent = suffix.strip_prefix(['e', 'E'])?;
        let plain = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let well_formed = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
        let ten = if well_formed {
            exponent.parse().ok()?
        } else {
            return None;
        };
        Some(Self { ten, two: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CORE: u64 = 1_000_000_000;
    const MIB: u64 = 1 << 20;

    fn cpu(text: &str) -> Option<u64> {
        Quantity::read(text, Measure::Cpu).amount
    }

    fn memory(text: &str) -> Option<u64> {
        Quantity::read(text, Measure::Memory).amount
    }

    #[test]
    fn cores_are_read() {
        let cases = [
            ("250m", CORE / 4),
            ("0.5", CORE / 2),
            ("2", 2 * CORE),
            ("1500u", 1_500_000),
            ("100n", 100),
            ("1e3", 1000 * CORE),
            ("1E-3", CORE / 1000),
            (".5", CORE / 2),
            ("5.", 5 * CORE),
            ("0", 0),
            ("0.0", 0),
            ("1k", 1000 * CORE),
        ];
        for (text, nanocores) in cases {
            assert_eq!(cpu(text), Some(nanocores), "{text}");
        }
    }

    #[test]
    fn bytes_are_read() {
        let cases = [
            ("512Mi", 512 * MIB),
            ("1Gi", 1024 * MIB),
            ("1.5Gi", 1536 * MIB),
            ("500M", 500_000_000),
            ("128974848", 128_974_848),
            ("1e3", 1000),
            ("1E", 1_000_000_000_000_000_000),
            ("1500m", 2), // Kubernetes rounds up
            ("100n", 1),
            ("1e-400", 1),
            ("2Ki", 2048),
        ];
        for (text, bytes) in cases {
            assert_eq!(memory(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn anything_else_has_no_amount_and_keeps_its_text() {
        for text in [
            "",
            "-",
            ".",
            "12%",
            "1.5 cores",
            "-5",
            "+5",
            "∞",
            "1e400",
            "1e",
            "1e+",
            "1.2.3",
            "Mi",
            "1mi",
            "1KI",
            "0x10",
            "1_000",
            " 1",
            "1 ",
            "99999999999999999999Ei",
            "１",
        ] {
            let quantity = Quantity::read(text, Measure::Memory);
            assert_eq!(quantity.amount, None, "{text}");
            assert_eq!(quantity.text.raw(), text);
            assert_eq!(cpu(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = (cpu(&text), memory(&text));
        }

        #[test]
        fn a_text_that_can_be_taken_apart_is_given_back_with_its_amount(
            text in prop_oneof!["[0-9]{0,9}(\\.[0-9]{0,8})?(m|n|u|k|M|G|Ki|Mi|Gi|Ei)?", any::<String>()],
        ) {
            if let Some(parts) = Parts::of(&text) {
                prop_assert_eq!(&parts.text(), &text);
                let product = parts.factor(Measure::Memory).and_then(|factor| parts.mantissa.checked_mul(factor));
                prop_assert!(product.is_none() || product == memory(&text));
                prop_assert_eq!(parts.amount(Measure::Cpu), cpu(&text));
                prop_assert_eq!(parts.amount(Measure::Memory), memory(&text));
            }
        }

        #[test]
        fn whole_millicores_are_exact(milli in 0_u64..10_000_000) {
            prop_assert_eq!(cpu(&format!("{milli}m")), Some(milli * 1_000_000));
        }

        #[test]
        fn a_fraction_and_its_suffix_agree(milli in 0_u64..10_000_000) {
            let decimal = format!("{}.{:03}", milli / 1000, milli % 1000);
            prop_assert_eq!(cpu(&decimal), cpu(&format!("{milli}m")));
        }
    }
}
