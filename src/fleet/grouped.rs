//! Numbers as people read them.

/// `12310` as `12,310`; more than a `u64` holds is the largest one.
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        let cases = [
            (0_u64, "0"),
            (999, "999"),
            (1071, "1,071"),
            (2_000_000, "2,000,000"),
        ];
        for (number, text) in cases {
            assert_eq!(count(number), text);
        }
    }
}
