use super::*;
use crate::config::Flags;
use std::fs;

fn read(toml: &str) -> AlertConfig {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), toml).unwrap();
    let shown = file.path().display().to_string();
    let flags = Flags::parse_from(&["--config", shown.as_str()]);
    let mut config = Config::resolve(&flags, &|_| None).unwrap();
    config.file = Some("F".into());
    alerts(&config)
}

#[test]
fn without_a_list_a_new_risk_is_told_and_an_empty_list_tells_nothing() {
    assert_eq!(read("").rules, AlertRule::defaults());
    let none = read("alerts = []");
    assert_eq!((none.rules, none.refused), (vec![], Vec::<String>::new()));
}

#[test]
fn a_server_needs_a_url_and_a_rule_without_its_server_goes_without_it() {
    let rule = "[[alerts]]\nname = \"a\"\non = \"risk\"\nvia = [\"bell\", \"alertmanager\", \"webhook\"]\n";
    let without = read(rule);
    assert_eq!(without.rules[0].via, [AlertWay::Bell]);
    assert_eq!(
        without.refused,
        [
            "F line 4: alerts.via has alertmanager, but there is no [alertmanager] that can be used; the rule is used \
             without it",
            "F line 4: alerts.via has webhook, but there is no [webhook] that can be used; the rule is used without it"
        ]
    );
    let unused = read("[webhook]\nurl = \"https://h.example/x\"\n");
    assert_eq!(
        unused.refused,
        ["F line 1: no rule of alerts has via = [\"webhook\"]; nothing is sent to [webhook]"]
    );
    assert_eq!(unused.rules, AlertRule::defaults());
    let with = read(&format!(
        "{rule}[alertmanager]\nurl = \"http://10.0.0.1:9093\"\n[webhook]\nurl = \"https://h.example/x\"\n"
    ));
    assert_eq!((with.rules[0].via.len(), with.refused), (3, Vec::<String>::new()));
    for (section, told) in [
        (
            "[webhook]",
            "F line 5: [webhook] has no url; nothing is sent there",
        ),
        (
            "[webhook]\nurl = \"https://h.example/?token=abcdefghijklmnop\"",
            "but must be a URL such as https://alerts.example.com: it must have no user name, password, ? or #; nothing is \
             sent there",
        ),
        (
            "[alertmanager]\nurl = \"http://10.0.0.1\"\ntoken_file = \"/t\"",
            "http:// would send the token in plain text to 10.0.0.1; use https:// or --allow-http; nothing is sent there",
        ),
        (
            "[webhook]\nurl = \"https://h.example\"\nca_file = \"/nonexistent\"",
            "/nonexistent: ",
        ),
    ] {
        let read = read(&format!("{rule}{section}\n"));
        assert!(read.refused[0].contains(told), "{:?}", read.refused);
    }
}

#[test]
fn a_rule_says_what_of_which_pods_how_urgently_and_by_which_ways() {
    let toml = "[[alerts]]\nname = \"pay\"\non = \"usage\"\nfilter = \"ns:pay\"\nseverity = \"info\"\nfor = \"5m\"\n\
        quiet = \"22:00-07:00 UTC\"\nmerge = \"10m\"\nvia = [\"bell\", \"command\"]\ncommand = [\"/bin/page\", \"x\"]\n";
    let read = read(toml);
    assert_eq!(read.refused, Vec::<String>::new());
    let [rule] = read.rules.as_slice() else {
        panic!("{:?}", read.rules)
    };
    assert_eq!(
        (rule.name.as_str(), rule.on, rule.severity),
        ("pay", AlertCondition::Usage, AlertSeverity::Info)
    );
    assert_eq!((rule.hold.as_mins(), rule.merge.as_mins()), (5, 10));
    assert_eq!(rule.filter, Query::parse("ns:pay").unwrap());
    assert!(rule.quiet.is_some());
    assert_eq!(rule.via, [AlertWay::Bell, AlertWay::Command]);
    assert_eq!(rule.command, ["/bin/page", "x"]);
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_the_other_rules_hold() {
    let good = "[[alerts]]\nname = \"good\"\non = \"risk\"\n";
    for (toml, told) in [
        (
            "on = \"risk\"",
            "F line 1: a rule of alerts has no name; the rule is not used",
        ),
        (
            "name = \"a\"",
            "F line 1: a rule of alerts has no on; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"rsik\"",
            "F line 3: alerts.on is rsik, but must be one of risk, protection, failed, usage, cpu, memory, vanished, \
             old-list, unreachable, coverage; did you mean risk?; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"risk\"\nfilter = \"ns:\"",
            "F line 4: alerts.filter is ns:, but must be a filter: a value is missing after ns:; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"unreachable\"\nfilter = \"ns:x\"",
            "F line 4: alerts.filter is ns:x, but must be left out: unreachable is not about single pods; the rule is \
             not used",
        ),
        (
            "name = \"a\"\non = \"risk\"\nvia = [\"bell\", \"comand\"]",
            "F line 4: alerts.via has comand, but the ways are banner, bell, notify, command, alertmanager, webhook; did \
             you mean command?; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"risk\"\nvia = [\"command\"]",
            "F line 1: alerts.via has command, but the rule names none: command = [\"/path/of/program\"]; the rule is \
             not used",
        ),
        (
            "name = \"a\"\non = \"risk\"\nfor = \"8days\"",
            "F line 4: alerts.for is 8days, but must be a time from 0s to 7days, such as 5m; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"risk\"\nquiet = \"at night\"",
            "F line 4: alerts.quiet is at night, but must be hours of the day, such as 22:00-07:00 or 22:00-07:00 \
             Europe/Berlin; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"risk\"\nquiet = \"22:00-07:00 Mars/North\"",
            "F line 4: alerts.quiet is 22:00-07:00 Mars/North, but must be hours of the day, such as 22:00-07:00 or \
             22:00-07:00 Europe/Berlin; there is no such time zone; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"cpu\"\nthreshold = \"80\"",
            "F line 4: alerts.threshold is 80, but must be a percentage from 1% to 100%, such as 80%; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"risk\"\nthreshold = \"80%\"",
            "F line 4: alerts.threshold is 80%, but must be left out: risk is not about usage; the rule is not used",
        ),
        (
            "name = \"a\"\non = \"usage\"\nfilter = \"cpu%>80\"",
            "F line 4: alerts.filter is cpu%>80, but must be without cpu% and mem%: threshold = \"80%\" says from where \
             on; the rule is not used",
        ),
        ("name = \"good\"\non = \"risk\"", ""),
    ] {
        let read = read(&format!("[[alerts]]\n{toml}\n{good}"));
        let names: Vec<&str> = read.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["good"], "{toml}");
        assert_eq!(read.refused.len(), 1, "{toml}");
        if told.is_empty() {
            assert_eq!(
                read.refused[0],
                "F line 4: two alerts have the name good; the second one is not used"
            );
        } else {
            assert_eq!(read.refused[0], told);
        }
    }
}
