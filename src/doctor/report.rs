//! The checks as lines, or as JSON.

use super::{Check, Verdict, all_hold};

/// Columns of a check's name: those of the longest, `enterprise project`.
const NAME_COLUMNS: usize = 18;

/// A line for a check, or more if it found more, and one for the advice.
pub fn line(check: &Check) -> String {
    let next_line = format!("\n         {:NAME_COLUMNS$}  ", "");
    let word = match check.verdict {
        Verdict::Ok => "ok      ",
        Verdict::Problem => "PROBLEM ",
        Verdict::Warning => "WARNING ",
        Verdict::Skipped => "skipped ",
    };
    let found = check.found.replace('\n', &next_line);
    let advice = check.advice.as_ref();
    let advice = advice.map_or_else(String::new, |advice| format!("{next_line}→ {advice}"));
    format!("{word} {:NAME_COLUMNS$}  {found}{advice}\n", check.check)
}

/// The last line: what all checks come to, below an empty line.
pub fn sum(checks: &[Check]) -> String {
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    let number = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (problems, warnings) = (count(Verdict::Problem), count(Verdict::Warning));
    let last = match (problems, warnings) {
        (0, 0) => "All is well: hss-top can show the pods.".to_owned(),
        (0, warnings) => format!("hss-top can show the pods; {}.", number(warnings, "warning")),
        (problems, 0) => format!("{}.", number(problems, "problem")),
        (problems, warnings) => format!(
            "{}, {}.",
            number(problems, "problem"),
            number(warnings, "warning")
        ),
    };
    format!("\n{last}\n")
}

/// One object: `ok`, and `checks` in their order.
pub fn json(checks: &[Check]) -> String {
    let report = serde_json::json!({ "ok": all_hold(checks), "checks": checks });
    format!("{report:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_a_warning_not_all_is_well_and_yet_all_holds() {
        let checks = [
            Check::ok("call", "200"),
            Check::warning("list", "4d old", "synchronise"),
        ];
        assert!(all_hold(&checks));
        assert!(line(&checks[1]).starts_with("WARNING  list                4d old\n"));
        assert_eq!(sum(&checks), "\nhss-top can show the pods; 1 warning.\n");
    }

    #[test]
    fn each_check_has_a_line_and_a_problem_says_what_to_do() {
        let checks = [
            Check::ok("call", "200"),
            Check::problem("clock", "1200 s\nbehind", "set it"),
            Check::skipped("TLS", "plain http"),
        ];
        let lines: String = checks.iter().map(line).collect();
        assert_eq!(
            lines + &sum(&checks),
            "ok       call                200\n\
             PROBLEM  clock               1200 s\n                             behind\n                             → set it\n\
             skipped  TLS                 plain http\n\
             \n\
             1 problem.\n"
        );
        let json: serde_json::Value = serde_json::from_str(&json(&checks)).unwrap();
        assert_eq!(json["ok"], false);
        assert_eq!(json["checks"][1]["verdict"], "problem");
        assert_eq!(json["checks"][0].get("advice"), None);
        assert!(!all_hold(&checks) && all_hold(&checks[..1]));
    }
}
