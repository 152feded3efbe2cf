//! The checks as lines, or as JSON.

use std::fmt::Write as _;

use super::{Check, Verdict, all_hold};

/// A line for each check, or more where more is found, and one for what to do.
pub fn text(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.check.len()).max().unwrap_or(0);
    let next_line = format!("\n         {:width$}  ", "");
    let mut text = String::new();
    for check in checks {
        let word = match check.verdict {
            Verdict::Ok => "ok      ",
            Verdict::Problem => "PROBLEM ",
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
    let problems = checks
        .iter()
        .filter(|check| check.verdict == Verdict::Problem)
        .count();
    let last = match problems {
        0 => "All is well: hss-top can show the pods.".to_owned(),
        1 => "1 problem.".to_owned(),
        many => format!("{many} problems."),
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
