//! The checks as lines, or as JSON.

use std::fmt::Write as _;

use super::{Check, Verdict, all_hold};

/// A line for each check, or more if it found more, and one for the advice.
pub fn text(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.check.len()).max().unwrap_or(0);
    let next_line = format!("\n         {:width$}  ", "");
    let mut text = String::new();
    for check in checks {
        let word = match check.verdict {
            Verdict::Ok => "ok      ",
            Verdict::Problem => "PROBLEM ",
            Verdict::Warning => "WARNING ",
            Verdict::Skipped => "skipped ",
        };
        // Writing to a String cannot fail.
        let found = check.found.replace('\n', &next_line);
        let _ = write!(text, "{word} {:width$}  {found}", check.check);
        if let Some(advice) = &check.advice {
            let _ = write!(text, "{next_line}→ {advice}");
        }
        text.push('\n');
    }
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
    format!("{text}\n{last}\n")
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
        let text = text(&checks);
        assert!(text.contains("WARNING  list  4d old"), "{text}");
        assert!(
            text.ends_with("hss-top can show the pods; 1 warning.\n"),
            "{text}"
        );
    }

    #[test]
    fn each_check_has_a_line_and_a_problem_says_what_to_do() {
        let checks = [
            Check::ok("call", "200"),
            Check::problem("clock", "1200 s\nbehind", "set it"),
            Check::skipped("TLS", "plain http"),
        ];
        assert_eq!(
            text(&checks),
            "ok       call   200\nPROBLEM  clock  1200 s\n                behind\n                → set it\nskipped  TLS    plain http\n\n1 problem.\n"
        );
        let json: serde_json::Value = serde_json::from_str(&json(&checks)).unwrap();
        assert_eq!(json["ok"], false);
        assert_eq!(json["checks"][1]["verdict"], "problem");
        assert_eq!(json["checks"][0].get("advice"), None);
        assert!(!all_hold(&checks) && all_hold(&checks[..1]));
    }
}
