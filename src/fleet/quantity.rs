//! Kubernetes quantities: `250m`, `1.5Gi`, `1e3`.
//!
//! Owns the amount of CPU and memory that a text stands for. A quantity holds the original text, because
//! operators know it in that form, and the exact amount if the text is valid. Amounts are integers
//! (nanocores, bytes), so that 70 % is 70 % and not 69.999. Every text that Kubernetes accepts is accepted:
//! with a sign, with any number of digits, and capped at the largest amount. Must not: guess. An invalid text
//! has no amount, and neither has a negative quantity, because usage cannot be negative.

use std::str::FromStr as _;

use super::text::RemoteText;

/// The resource that a quantity counts, which decides its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// CPU: amounts are nanocores.
    Cpu,
    /// Memory: amounts are bytes.
    Memory,
}

/// An amount of CPU or memory: the original text and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The text of the API, which is shown if there is no amount.
    pub text: RemoteText,
    /// Nanocores or bytes, depending on the [`Measure`]; `None` if the text is invalid or negative.
    pub amount: Option<u64>,
}

/// The largest amount. Larger amounts are capped to it, as in Kubernetes.
pub const MOST: u64 = u64::MAX;

impl Quantity {
    /// Parses the API's text. An invalid text has no amount.
    pub fn read(text: &str, measure: Measure) -> Self {
        Self {
            text: RemoteText::name(text),
            amount: amount(text, measure),
        }
    }

    /// The text exactly as HSS sent it.
    pub fn sent(&self) -> &str {
        self.text.raw()
    }

    /// Whether it is a quantity below zero.
    pub fn is_negative(&self) -> bool {
        let below_zero = |text: &str| amount(text, Measure::Cpu).is_some_and(|amount| amount > 0);
        self.text.raw().strip_prefix('-').is_some_and(below_zero)
    }
}

impl Measure {
    /// The power of ten of the units in a quantity of 1.
    fn exponent(self) -> i64 {
        match self {
            Self::Cpu => 9,
            Self::Memory => 0,
        }
    }
}

/// The amount of `text` in units of `measure`, rounded up as in Kubernetes; `None` if it is invalid or
/// negative.
fn amount(text: &str, measure: Measure) -> Option<u64> {
    let (is_negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(unsigned) => (text.starts_with('-'), unsigned),
        None => (false, text),
    };
    let digits_end = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at_checked(digits_end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let scale = Scale::of(suffix)?;
    let (mantissa, dropped) = leading_digits(whole.bytes().chain(fraction.bytes()))?;
    let exponent = i64::from(scale.ten) - i64::try_from(fraction.len()).ok()? + dropped;
    let amount = scaled(mantissa, exponent, scale.two, measure);
    (!is_negative || amount == 0).then_some(amount)
}

/// The number of significant digits that are used. A mantissa of this length times the largest suffix fits
/// its type, and further digits could not change an amount except by rounding it up.
const SIGNIFICANT: usize = 20;

/// The number of these digits, and how many digits were left out at the end; rounded up.
fn leading_digits(digits: impl Iterator<Item = u8>) -> Option<(u128, i64)> {
    let mut significant = digits.skip_while(|digit| *digit == b'0');
    let leading = significant.by_ref().take(SIGNIFICANT);
    let mantissa = leading.fold(0, |mantissa, digit| mantissa * 10 + u128::from(digit - b'0'));
    let (dropped, is_exact) = significant.fold((0_usize, true), |(dropped, is_exact), digit| {
        (dropped + 1, is_exact && digit == b'0')
    });
    Some((mantissa + u128::from(!is_exact), i64::try_from(dropped).ok()?))
}

/// The amount of `mantissa` (of [`SIGNIFICANT`] digits) times `10^ten * 2^two`.
fn scaled(mantissa: u128, ten: i64, two: u32, measure: Measure) -> u64 {
    let exponent = ten + measure.exponent();
    let (Some(scaled), true) = (mantissa.checked_mul(1 << two), mantissa > 0) else {
        return if mantissa == 0 { 0 } else { MOST };
    };
    let power = u32::try_from(exponent.unsigned_abs())
        .ok()
        .and_then(|exponent| 10_u128.checked_pow(exponent));
    let amount = match (exponent >= 0, power) {
        (true, power) => power.and_then(|power| scaled.checked_mul(power)),
        (false, Some(power)) => Some(scaled.div_ceil(power)),
        // A divisor beyond u128 is larger than any amount, so the result rounds up to one unit.
        (false, None) => Some(1),
    };
    amount
        .and_then(|amount| u64::try_from(amount).ok())
        .unwrap_or(MOST)
}

/// The parts of a quantity: the `mantissa`, how many of its last digits are the `fraction`, and a suffix from
/// [`SUFFIXES`]. Only a text that these parts restore exactly has parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) mantissa: u64,
    pub(super) fraction: u8,
    /// The place in [`SUFFIXES`].
    pub(super) suffix: u8,
}

/// Every suffix except exponents.
pub(super) const SUFFIXES: [&str; 16] = [
    "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
];

/// The largest number of characters of a quantity with parts, including the point: 10^16 is far below the
/// maximum of `u64`.
const MOST_DIGITS: usize = 16;

/// The place of a suffix in [`SUFFIXES`], found without comparing it with each of them.
fn suffix(text: &[u8]) -> Option<u8> {
    Some(match text {
        [] => 0,
        [b'n'] => 1,
        [b'u'] => 2,
        [b'm'] => 3,
        [b'k'] => 4,
        [b'M'] => 5,
        [b'G'] => 6,
        [b'T'] => 7,
        [b'P'] => 8,
        [b'E'] => 9,
        [b'K', b'i'] => 10,
        [b'M', b'i'] => 11,
        [b'G', b'i'] => 12,
        [b'T', b'i'] => 13,
        [b'P', b'i'] => 14,
        [b'E', b'i'] => 15,
        _ => return None,
    })
}

impl Parts {
    /// Splits `text` into parts if it is in the simplest form: `250m`, `1.5Gi`; not `0250m` or `.5`.
    pub(super) fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (mut mantissa, mut end, mut point) = (0_u64, 0, None);
        for byte in bytes.iter().take(MOST_DIGITS + 1) {
            match byte {
                b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
                b'.' if point.is_none() => point = Some(end),
                b'.' => return None,
                _ => break,
            }
            end += 1;
        }
        let whole = point.unwrap_or(end);
        let fraction = point.map_or(0, |point| end - point - 1);
        let padded = whole > 1 && bytes.starts_with(b"0");
        let ends_in_point = point.is_some() && fraction == 0;
        if end > MOST_DIGITS || whole == 0 || padded || ends_in_point {
            return None;
        }
        Some(Self {
            mantissa,
            fraction: u8::try_from(fraction).ok()?,
            suffix: suffix(bytes.get(end..)?)?,
        })
    }

    /// The text that has these parts.
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

    fn scale(self) -> Option<&'static Scale> {
        SCALES.get(usize::from(self.suffix))
    }

    /// The amount, if it is a whole number of times the mantissa, as of nearly every quantity: exact, and without a slow division.
    #[inline]
    fn product(self, measure: Measure) -> Option<u64> {
        let factors = match measure {
            Measure::Cpu => &CPU_FACTORS,
            Measure::Memory => &MEMORY_FACTORS,
        };
        let whole = *factors.get(usize::from(self.suffix))?;
        let factor = if self.fraction == 0 {
            whole
        } else {
            let parts = *TENS.get(usize::from(self.fraction))?;
            whole.is_multiple_of(parts).then(|| whole / parts)?
        };
        // A missing factor is 0.
        self.mantissa.checked_mul(factor).filter(|_| factor > 0)
    }

    /// The factor from the mantissa to the amount, if it is a whole number.
    pub(super) fn factor(self, measure: Measure) -> Option<u64> {
        let scale = self.scale()?;
        let exponent = i64::from(scale.ten) - i64::from(self.fraction);
        let unit = 10_u128.checked_pow(u32::try_from(measure.exponent()).ok()?)?;
        let unit = unit.checked_mul(1_u128.checked_shl(scale.two)?)?;
        let power = 10_u128.checked_pow(u32::try_from(exponent.unsigned_abs()).ok()?)?;
        let factor = if exponent >= 0 {
            unit.checked_mul(power)?
        } else {
            unit.is_multiple_of(power).then(|| unit / power)?
        };
        u64::try_from(factor).ok()
    }

    /// The amount, equal to that of [`Quantity::read`] for the same text.
    #[inline]
    pub(super) fn amount(self, measure: Measure) -> Option<u64> {
        match self.product(measure) {
            Some(amount) => Some(amount),
            None => self.rounded(measure),
        }
    }

    /// The same for an amount that is rounded or capped.
    #[cold]
    fn rounded(self, measure: Measure) -> Option<u64> {
        let scale = self.scale()?;
        let exponent = i64::from(scale.ten) - i64::from(self.fraction);
        Some(scaled(self.mantissa.into(), exponent, scale.two, measure))
    }
}

/// The factor of a suffix: `10^ten * 2^two`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scale {
    ten: i32,
    two: u32,
}

/// The factors by place in [`SUFFIXES`].
const SCALES: [Scale; SUFFIXES.len()] = {
    const fn decimal(ten: i32) -> Scale {
        Scale { ten, two: 0 }
    }
    const fn binary(two: u32) -> Scale {
        Scale { ten: 0, two }
    }
    [
        decimal(0),
        decimal(-9),
        decimal(-6),
        decimal(-3),
        decimal(3),
        decimal(6),
        decimal(9),
        decimal(12),
        decimal(15),
        decimal(18),
        binary(10),
        binary(20),
        binary(30),
        binary(40),
        binary(50),
        binary(60),
    ]
};

/// The amounts of one of each suffix; 0 where that is no whole number, or too large.
const CPU_FACTORS: [u64; SUFFIXES.len()] = factors(9);
const MEMORY_FACTORS: [u64; SUFFIXES.len()] = factors(0);

/// The powers of ten.
const TENS: [u64; 20] = {
    let mut tens = [1; 20];
    let mut at = 1;
    while at < tens.len() {
        tens[at] = 10 * tens[at - 1];
        at += 1;
    }
    tens
};

/// The factors of a measure with this exponent.
const fn factors(exponent: i32) -> [u64; SUFFIXES.len()] {
    let mut factors = [0; SUFFIXES.len()];
    let mut at = 0;
    while at < factors.len() {
        let Scale { ten, two } = SCALES[at];
        let power = ten + exponent;
        let place = power.unsigned_abs() as usize;
        if power >= 0 && place < TENS.len() {
            let factor = TENS[place];
            // What is shifted out would be missing.
            if factor.leading_zeros() >= two {
                factors[at] = factor << two;
            }
        }
        at += 1;
    }
    factors
}

impl Scale {
    fn of(suffix: &str) -> Option<Self> {
        if let Some(known) = SUFFIXES.iter().position(|known| *known == suffix) {
            return SCALES.get(known).copied();
        }
        let exponent = suffix.strip_prefix(['e', 'E'])?;
        let plain = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let well_formed = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
        // Kubernetes accepts an exponent of 64 bits. A larger one than ours gives an amount that is capped or
        // rounded up anyway.
        let ten = i64::from_str(exponent).ok().filter(|_| well_formed)?;
        let ten = ten.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        Some(Self {
            ten: i32::try_from(ten).ok()?,
            two: 0,
        })
    }
}

#[cfg(test)]
mod tests;
