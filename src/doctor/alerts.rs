//! The alerts: whether the files and the programs that they need are there.
//!
//! Unusable values are reported with the configuration. Must not: send anything; `hss-top alerts test` does.

use super::Check;
use crate::alerts::AlertWay;
use crate::config::Config;
use crate::settings::AlertConfig;

const NAME: &str = "alerts";

/// Looks for them.
pub(super) fn check(config: &Config) -> Check {
    let alerts = AlertConfig::of(config);
    let missing = alerts.missing();
    if !missing.is_empty() {
        return Check::problem(
            NAME,
            missing.join("\n"),
            "these alerts reach nobody; fix this, then run hss-top alerts test",
        );
    }
    if alerts.rules.is_empty() {
        return Check::skipped(NAME, "no rules: no alerts are sent");
    }
    let rules = match alerts.rules.len() {
        1 => "1 rule".to_owned(),
        many => format!("{many} rules"),
    };
    let is_used = |way: &&AlertWay| alerts.rules.iter().any(|rule| rule.via.contains(way));
    let ways: Vec<&str> = AlertWay::ALL
        .iter()
        .filter(is_used)
        .map(|way| way.name())
        .collect();
    Check::ok(
        NAME,
        format!(
            "{rules}, by {}; hss-top alerts test tries each way",
            ways.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;
    use crate::doctor::Verdict;

    fn check_of(toml: &str) -> Check {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        let shown = file.path().display().to_string();
        let flags = Flags::parse_from(&["--config", shown.as_str()]);
        let mut config = Config::resolve(&flags, &|_| None).unwrap();
        config.file = Some("F".into());
        check(&config)
    }

    #[test]
    fn what_alerts_need_and_is_missing_is_a_problem_with_its_line_and_a_remedy() {
        let rule = "[[alerts]]\nname = \"a\"\non = \"risk\"\nvia = [\"bell\", \"command\", \"webhook\", \"alertmanager\"]\n\
            command = [\"/nonexistent/page\"]\n";
        let servers = "[webhook]\nurl = \"https://h.example\"\nsecret_file = \"/nonexistent/key\"\n\
            [alertmanager]\nurl = \"https://a.example\"\nca_file = \"/nonexistent/ca.pem\"\n";
        let check = check_of(&format!("{rule}{servers}"));
        assert_eq!(check.verdict, Verdict::Problem);
        let found: Vec<&str> = check.found.lines().collect();
        assert_eq!(
            found,
            [
                "F line 5: alerts.command: there is no program page; install it, or correct its path",
                "F line 11: alertmanager.ca_file: there is no file /nonexistent/ca.pem; create it, or correct the path",
                "F line 8: webhook.secret_file: there is no file /nonexistent/key; create it with mode 0600, or correct the \
                 path",
            ]
        );
        assert!(check.advice.unwrap().contains("hss-top alerts test"));
        let well = check_of("");
        assert_eq!(
            (well.verdict, well.found.as_str()),
            (
                Verdict::Ok,
                "1 rule, by banner, bell; hss-top alerts test tries each way"
            )
        );
        assert_eq!(check_of("alerts = []").verdict, Verdict::Skipped);
    }
}
