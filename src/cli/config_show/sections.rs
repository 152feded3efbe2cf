//! The sections of the file in `config show`: views, keys, colours, alert rules, servers, the wall.
//!
//! Must not: show what may be a secret.

use super::ShownValue;
use crate::config::file::{Stated, key_shown};
use crate::config::section::{ALERTMANAGER, ALERTS, KIOSK, WEBHOOK};
use crate::config::{Origin, Sections, Set};
use crate::fleet::RemoteText;
use crate::hss::Endpoint;
use crate::keys::Action;
use crate::keys::Key;
use crate::keys::NOTHING;
use crate::secrets::values;
use crate::ui::colours;
use crate::ui::theme::file::TERMINALS;

/// The lines of the sections. An invalid value may be a secret, so it is shortened.
pub(super) fn of_sections(sections: &Sections) -> Vec<ShownValue> {
    let line = |key: String, stated: &Stated, is_meant: &dyn Fn(&str) -> bool| {
        let value = match &stated.set {
            Set::Text(text) if is_meant(text) => values::without_userinfo(text).into_owned(),
            Set::Text(text) => values::shortened(text),
            Set::Words(_) => String::new(),
        };
        ShownValue {
            key: RemoteText::name(&key).shown().to_owned(),
            value: Some(RemoteText::name(&value).shown().to_owned()),
            origin: Origin::File(stated.line).to_string(),
        }
    };
    let key_name = |name: &str| match Key::named(name) {
        Some(_) => name.to_owned(),
        None => values::shortened(name),
    };
    let views = sections.views.iter().flat_map(|(name, section)| {
        let name = key_shown(name);
        let values = section.iter();
        values.map(move |(key, stated)| line(format!("views.{name}.{key}"), stated, &|_| true))
    });
    let is_action = |text: &str| text == NOTHING || Action::named(text).is_some();
    let keys = sections.keys.iter();
    let keys = keys.map(|it| line(format!("keys.{}", key_name(&it.name)), &it.stated, &is_action));
    let is_colour = |text: &str| text == TERMINALS || colours::named(text).is_some();
    let theme = sections.theme.iter();
    let theme = theme.map(|it| line(format!("theme.{}", it.name), &it.stated, &is_colour));
    views.chain(keys).chain(theme).collect()
}

/// The lines of the alert rules, of where alerts go, and of the wall: each table in the order of the file.
pub(super) fn of_alerts(sections: &Sections) -> Vec<ShownValue> {
    let rules = sections.alerts.iter().flatten();
    let rules = rules.map(|rule| match rule.text("name") {
        Some((name, _)) => (format!("{ALERTS}.{}", key_shown(name)), rule),
        None => (ALERTS.to_owned(), rule),
    });
    let tables = [
        (ALERTMANAGER, &sections.alertmanager),
        (WEBHOOK, &sections.webhook),
        (KIOSK, &sections.kiosk),
    ];
    let tables = tables
        .into_iter()
        .filter_map(|(name, table)| Some((name.to_owned(), table.as_ref()?)));
    let lines = rules.chain(tables).flat_map(|(path, table)| {
        let mut values: Vec<(&&str, &Stated)> = table.values.iter().collect();
        values.sort_by_key(|(_, stated)| stated.line);
        values.into_iter().map(move |(key, stated)| ShownValue {
            key: RemoteText::name(&format!("{path}.{key}")).shown().to_owned(),
            value: Some(
                RemoteText::name(&alert_value(key, &stated.set))
                    .shown()
                    .to_owned(),
            ),
            origin: Origin::File(stated.line).to_string(),
        })
    });
    lines.collect()
}

/// A value there as it may be shown.
fn alert_value(key: &str, set: &Set) -> String {
    match set {
        Set::Words(words) => program(words),
        Set::Text(text) if key == "url" => match Endpoint::parse(text, true) {
            // The path of a webhook is often its secret.
            Ok(_) => text
                .match_indices('/')
                .nth(2)
                .and_then(|(at, _)| text.get(..at))
                .map_or_else(|| text.clone(), |host| format!("{host}/…")),
            Err(_) => values::shortened(text),
        },
        Set::Text(text) if key.ends_with("_file") => values::path(text),
        Set::Text(text) => values::without_userinfo(text).into_owned(),
    }
}

/// A program without its arguments: one may be a secret, against all advice.
pub(super) fn program(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [program] => program.clone(),
        [program, ..] => format!("{program} …"),
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::config_show::lines;
    use crate::config::key::TABLE;
    use crate::config::{Config, Flags};

    #[test]
    fn sections_are_listed_with_their_lines_and_what_cannot_be_meant_is_shortened() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let toml = "[views.hot]\nfilter = \"cpu%>=80\"\n[keys]\nx = \"refresh\"\nMIIGcanary-token = \"MIIGcanary-token\"\n\
            [theme]\nbase = \"light\"\nwarning = \"#ffaa00\"\nbad = \"MIIGcanary-token\"\n";
        std::fs::write(file.path(), toml).unwrap();
        let flags = Flags::parse_from(&["--config", &file.path().display().to_string()]);
        let config = Config::resolve(&flags, &|_| None).unwrap();
        let lines = lines(&config, None, &|_| None);
        let told: Vec<String> = lines[TABLE.len()..]
            .iter()
            .map(|line| format!("{} {} {}", line.key, line.value.as_deref().unwrap(), line.origin))
            .collect();
        assert_eq!(
            told,
            [
                "views.hot.filter cpu%>=80 file line 2",
                "keys.x refresh file line 4",
                "keys.MIIG… (16 characters) MIIG… (16 characters) file line 5",
                "theme.warning #ffaa00 file line 8",
                "theme.bad MIIG… (16 characters) file line 9",
            ]
        );
        let theme = lines.iter().find(|line| line.key == "theme").unwrap();
        assert_eq!(
            (theme.value.as_deref(), theme.origin.as_str()),
            (Some("light"), "file line 7")
        );
    }

    #[test]
    fn alert_rules_servers_and_the_wall_are_listed_without_secrets() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let toml = "[[alerts]]\nname = \"pay\"\non = \"risk\"\nvia = [\"bell\", \"command\"]\n\
            command = [\"/bin/page\", \"canary\"]\n[webhook]\nurl = \"https://h.example/services/canary\"\n\
            secret_file = \"/k\"\n[alertmanager]\nurl = \"https://am:9093\"\n[kiosk]\nevery = \"30s\"\n";
        std::fs::write(file.path(), toml).unwrap();
        let flags = Flags::parse_from(&["--config", &file.path().display().to_string()]);
        let config = Config::resolve(&flags, &|_| None).unwrap();
        let told: Vec<String> = lines(&config, None, &|_| None)[TABLE.len()..]
            .iter()
            .map(|line| format!("{} {} {}", line.key, line.value.as_deref().unwrap(), line.origin))
            .collect();
        assert_eq!(
            told,
            [
                "alerts.pay.name pay file line 2",
                "alerts.pay.on risk file line 3",
                "alerts.pay.via bell,command file line 4",
                "alerts.pay.command /bin/page … file line 5",
                "alertmanager.url https://am:9093 file line 10",
                "webhook.url https://h.example/… file line 7",
                "webhook.secret_file /k file line 8",
                "kiosk.every 30s file line 12",
            ]
        );
    }
}
