//! How many cases a property is tried with: few at every change, many where `LONG_TESTS` is set.

use proptest::test_runner::Config;

/// `few` cases, or `many` where the variable `LONG_TESTS` is set.
pub fn cases(few: u32, many: u32) -> Config {
    let is_long = std::env::var_os("LONG_TESTS").is_some_and(|value| value != "0");
    Config::with_cases(if is_long { many } else { few })
}

/// `few`, or `many` where the variable is set.
pub fn or_more(few: u64, many: u64) -> u64 {
    let is_long = std::env::var_os("LONG_TESTS").is_some_and(|value| value != "0");
    if is_long { many } else { few }
}
