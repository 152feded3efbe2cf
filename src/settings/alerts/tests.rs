use super::*;
use crate::config::Flags;
use std::fs;

fn read(toml: &str) -> AlertConfig {
    alerts(&config(toml))
}

/// The configuration of a file with this text, which is called `F`.
fn config(toml: &str) -> Config {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), toml).unwrap();
    let shown = file.path().display().to_string();
    let flags = Flags::parse_from(&["--config", shown.as_str()]);
    let mut config = Config::resolve(&flags, &|_| None).unwrap();
    config.file = Some("F".into());
    for warning in &mut config.warnings {
        *warning = warning.replace(&shown, "F");
    }
    config
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
        ["F line 1: no alert rule has via = [\"webhook\"]; nothing is sent to [webhook]"]
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
            "F line 1: an alert rule has no name; the rule is not used",
        ),
        (
            "name = \"a\"",
            "F line 1: an alert rule has no on; the rule is not used",
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
            "F line 4: alerts.filter is cpu%>80, but must be without cpu% and mem%: threshold = \"80%\" sets the \
             threshold; the rule is not used",
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

/// Mistakes, what is told of each, and whether anything else holds.
const MISTAKES: [(&str, &[&str]); 26] = [
    (
        "alerts = 1",
        &["F line 1: alerts is 1, but must be made of tables: [[alerts]]; the default rule is used"],
    ),
    (
        "[alerts]\nname = \"a\"\non = \"risk\"",
        &[
            "F line 1: alerts is a single table, but must be made of tables: [[alerts]]; the default rule is used",
        ],
    ),
    (
        "alerts = [1]",
        &["F line 1: alerts is 1, but must be made of tables: [[alerts]]; the rule is not used"],
    ),
    (
        "[[alert]]\nname = \"a\"",
        &["F line 1: unknown key alert; did you mean alerts?"],
    ),
    (
        "[[alerts]]\nname = \"a\"\non = \"risk\"\nfiltr = \"ns:pay\"",
        &["F line 4: unknown key alerts.filtr; did you mean filter?"],
    ),
    (
        "[[alerts]]\nname = 3\non = \"risk\"\nvia = \"bell\"",
        &[
            "F line 2: alerts.name is 3, but must be text; the rule is not used",
            "F line 4: alerts.via is \"bell\", but must be a list of banner, bell, notify, command, alertmanager, webhook; the \
             rule is not used",
        ],
    ),
    (
        "[[alerts]]\nname = \"a\"\non = \"risk\"\ncommand = \"/bin/page\"",
        &[
            "F line 4: alerts.command is \"/bi… (11 characters), but must be a program and its arguments, such as \
             [\"/usr/local/bin/page\", \"hss\"]; the rule is not used",
        ],
    ),
    (
        "[[alerts]]\nname = \"a\"\non = \"risk\"\nvia = []",
        &[
            "F line 4: alerts.via is empty, but must be a list of banner, bell, notify, command, alertmanager, webhook; the rule \
             is not used",
        ],
    ),
    (
        "[[alerts]]\nname = \"a\"\non = \"risk\"\ncommand = [\"/bin/page\"]",
        &["F line 4: alerts.command is set, but alerts.via has no command; it is not called"],
    ),
    (
        "alertmanager = \"x\"",
        &["F line 1: alertmanager is \"x\", but must be a table: [alertmanager]; nothing is sent there"],
    ),
    (
        "[[alertmanager]]\nurl = \"x\"",
        &[
            "F line 1: alertmanager is a list of tables, but must be a table: [alertmanager]; nothing is sent there",
        ],
    ),
    (
        "[alertmanger]\nurl = \"x\"",
        &["F line 1: unknown key alertmanger; did you mean alertmanager?"],
    ),
    (
        "[alertmanager]\nurl = 9093",
        &[
            "F line 2: alertmanager.url is 9093, but must be a URL such as https://alerts.example.com; nothing is sent there",
        ],
    ),
    (
        "[alertmanager]\nurl = \"https://a.example\"\npod_label = \"yes\"",
        &["F line 3: alertmanager.pod_label is \"yes\", but must be true or false; the default is used"],
    ),
    (
        "[alertmanager]\nurl = \"https://a.example\"\nlink = true",
        &[
            "F line 3: alertmanager.link is true, but must be a URL such as https://console.example.com/hss; the default is \
             used",
        ],
    ),
    (
        "[alertmanager]\nurl = \"https://a.example\"\ntoken_file = 1",
        &[
            "F line 3: alertmanager.token_file is 1, but must be the path of a private file (mode 0600); nothing is sent there",
        ],
    ),
    (
        "[alertmanager]\nurl = \"https://a.example\"\ntoken_fil = \"/t\"",
        &["F line 3: unknown key alertmanager.token_fil; did you mean token_file?"],
    ),
    (
        "webhook = 1",
        &["F line 1: webhook is 1, but must be a table: [webhook]; nothing is sent there"],
    ),
    (
        "[webhook]\nurl = [\"https://h.example\"]",
        &[
            "F line 2: webhook.url is [\"ht… (21 characters), but must be a URL such as https://alerts.example.com; nothing is \
             sent there",
        ],
    ),
    (
        "[webhook]\nurl = \"https://h.example\"\nsecret_file = false",
        &[
            "F line 3: webhook.secret_file is false, but must be the path of a private file (mode 0600); nothing is sent there",
        ],
    ),
    (
        "[webhook]\nurll = \"https://h.example\"",
        &[
            "F line 2: unknown key webhook.urll; did you mean url?",
            "F line 1: [webhook] has no url; nothing is sent there",
        ],
    ),
    (
        "kiosk = true",
        &["F line 1: kiosk is true, but must be a table: [kiosk]; the default is used"],
    ),
    (
        "[kiosk]\nenabled = \"yes\"\nevery = 30",
        &[
            "F line 2: kiosk.enabled is \"yes\", but must be true or false; the default is used",
            "F line 3: kiosk.every is 30, but must be a time from 5s to 1day, such as 30s; the default is used",
        ],
    ),
    (
        "[kiosk]\nviews = \"pods\"",
        &[
            "F line 2: kiosk.views is \"pods\", but must be a list of views: pods, overview, changes, health, or names of \
             [views.NAME]; the default is used",
        ],
    ),
    (
        "[kiosk]\nevry = \"10s\"",
        &["F line 2: unknown key kiosk.evry; did you mean every?"],
    ),
    (
        "[kiosk]\ndim = \"22:00-06:00 Mars/Dome\"",
        &[
            "F line 2: kiosk.dim is 22:00-06:00 Mars/Dome, but must be hours of the day, such as 22:00-07:00 or \
             22:00-07:00 Europe/Berlin; there is no such time zone; the default is used",
        ],
    ),
];

#[test]
fn a_mistake_is_told_with_its_own_line_and_what_follows_and_nothing_stops() {
    for (toml, told) in MISTAKES {
        let config = config(toml);
        let all = [
            config.warnings.clone(),
            crate::settings::section_warnings(&config, &|_| None),
        ]
        .concat();
        let unused = |why: &String| why.contains("no alert rule has via");
        let all: Vec<String> = all.into_iter().filter(|why| !unused(why)).collect();
        assert_eq!(all, told, "{toml}");
        let demo = crate::settings::Demo {
            seed: 7,
            pods: 1,
            serverless: 1,
        };
        assert!(
            crate::settings::Settings::of_demo(&config, &|_| None, demo).is_ok(),
            "{toml}"
        );
    }
}

#[test]
fn a_rule_whose_server_has_a_wrong_value_goes_without_it_and_says_so() {
    let rule = "[[alerts]]\nname = \"a\"\non = \"risk\"\nvia = [\"bell\", \"alertmanager\"]\n";
    let read = read(&format!("{rule}[alertmanager]\nurl = 9093\n"));
    assert_eq!(read.rules[0].via, [AlertWay::Bell]);
    assert_eq!(
        read.refused,
        [
            "F line 4: alerts.via has alertmanager, but there is no [alertmanager] that can be used; the rule is used \
             without it"
        ]
    );
}

#[test]
fn what_the_ways_need_and_is_missing_is_told_with_the_line_of_the_key_that_names_it() {
    let rule =
        "[[alerts]]\nname = \"a\"\non = \"risk\"\nvia = [\"command\", \"webhook\", \"alertmanager\"]\n";
    for (toml, told) in [
        (
            "command = [\"/nonexistent/page\"]",
            "F line 5: alerts.command: there is no program page; install it, or correct its path",
        ),
        (
            "command = [\"true\"]\n[webhook]\nurl = \"https://h.example\"\nsecret_file = \"/nonexistent/key\"",
            "F line 8: webhook.secret_file: there is no file /nonexistent/key; create it with mode 0600, or correct the path",
        ),
        (
            "command = [\"true\"]\n[webhook]\nca_file = \"/nonexistent/ca.pem\"\nurl = \"https://h.example\"",
            "F line 7: webhook.ca_file: there is no file /nonexistent/ca.pem; create it, or correct the path",
        ),
        (
            "command = [\"true\"]\n[alertmanager]\nurl = \"https://a.example\"\ntoken_file = \"/etc/passwd\"",
            "F line 8: alertmanager.token_file: /etc/passwd: others can read or write it (mode 0644), so its secret is \
             refused: chmod 600",
        ),
    ] {
        assert_eq!(read(&format!("{rule}{toml}\n")).missing(), [told], "{toml}");
    }
}

#[test]
fn a_path_of_a_file_or_a_program_may_begin_with_the_home_folder() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let toml = "[[alerts]]\nname = \"a\"\non = \"risk\"\nvia = [\"command\"]\ncommand = [\"~/bin/page\", \"~/x\"]\n\
        [webhook]\nurl = \"https://h.example\"\nsecret_file = \"~/key\"\n";
    fs::write(file.path(), toml).unwrap();
    let shown = file.path().display().to_string();
    let flags = Flags::parse_from(&["--config", shown.as_str()]);
    let variables = |name: &str| (name == "HOME").then(|| "/home/op".to_owned());
    let read = AlertConfig::of(&Config::resolve(&flags, &variables).unwrap());
    assert_eq!(
        read.rules[0].command,
        ["/home/op/bin/page", "~/x"],
        "an argument is the program's"
    );
    let secret = read.servers.webhook.unwrap().secret.unwrap();
    assert_eq!(secret.file().path.display().to_string(), "/home/op/key");
}
