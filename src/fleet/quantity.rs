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

/// Most digits of a quantity that is taken apart, with the point: ten to their number is far from the end of `u64`.
const MOST_DIGITS: usize = 16;

/// The place of a suffix in [`SUFFIXES`], found without comparing it with all of them.
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
    /// Takes `text` apart, if it is written in the plainest way: `250m`, `1.5Gi`; not `0250m` or `.5`.
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

    fn scale(self) -> Option<&'static Scale> {
        SCALES.get(usize::from(self.suffix))
    }

    /// The amount of a whole number of units, which is nearly every quantity: exact, and without a long division.
    fn product(self, measure: Measure) -> Option<u64> {
        let scale = self.scale().filter(|_| self.fraction == 0)?;
        let exponent = match measure {
            Measure::Cpu => scale.ten + 9,
            Measure::Memory => scale.ten,
        };
        let factor = 10_u64.checked_pow(u32::try_from(exponent).ok()?)?;
        let factor = factor.checked_mul(1_u64.checked_shl(scale.two)?)?;
        self.mantissa.checked_mul(factor)
    }

    /// What the mantissa is to be multiplied by for the amount, where that is a whole number.
    pub(super) fn factor(self, measure: Measure) -> Option<u64> {
        let scale = self.scale()?;
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
        if let Some(amount) = self.product(measure) {
            return Some(amount);
        }
        let scale = self.scale()?;
        scaled(self.mantissa.into(), self.fraction.into(), scale, measure)
    }
}

/// What a suffix multiplies by: `10^ten * 2^two`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scale {
    ten: i32,
    two: u32,
}

/// By place in [`SUFFIXES`].
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

impl Scale {
    fn of(suffix: &str) -> Option<Self> {
        if let Some(known) = SUFFIXES.iter().position(|known| *known == suffix) {
            return SCALES.get(known).copied();
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
mod tests;
