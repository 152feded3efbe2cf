//! `hss-top config show`: every key, with the value in force and its origin.

use std::path::Path;

use serde::Serialize;

use crate::collector::budget::PUBLISHED_LIMIT;
use crate::config::forms::read_switch;
use crate::config::interval::parse_interval;
use crate::config::key::{ConfigKey, KeyRow, TABLE, ValueKind};
use crate::config::{Config, Origin, Set};
use crate::env::Variables;
use crate::fleet::RemoteText;
use crate::fleet::fields::ColumnList;
use crate::fleet::list_age::ListAgeLimit;
use crate::hss::auth::{CredentialSource, chain};
use crate::hss::transport::proxy::ProxyRoute;
use crate::hss::{Endpoint, region};
use crate::log::LogLevel;
use crate::secrets::values;
use crate::settings::views_file::VIEWS_FILE;
use crate::settings::{Api, Settings, Target};
use crate::state;
use crate::ui::themes::ThemeChoice;

mod sections;

/// Replaces a value that is not set and has no default.
const NONE: &str = "–";

/// A line of the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownValue {
    /// The key's name in the file.
    pub key: String,
    /// Its value, if it has one; that of a secret is `(set)`.
    pub value: Option<String>,
    /// Its origin.
    pub origin: String,
}

/// Every key, in the order of the table; then, if the configuration is complete, the derived values.
pub fn lines(config: &Config, settings: Option<&Settings>, variables: Variables<'_>) -> Vec<ShownValue> {
    let mut lines: Vec<ShownValue> = TABLE.iter().map(|row| line(row, config)).collect();
    lines.extend(sections::of_sections(&config.sections));
    lines.extend(sections::of_alerts(&config.sections));
    let Some(settings) = settings else { return lines };
    if let Target::Api(api) = &settings.target {
        for line in &mut lines {
            found_elsewhere(line, api);
        }
        lines.extend(followed(api));
        lines.extend(proxies(api));
    }
    lines.extend(written(config, settings, variables));
    lines
}

/// The line of a key.
fn line(row: &KeyRow, config: &Config) -> ShownValue {
    let (value, origin) = match config.get(row.key) {
        Some(value) => (Some(shown(row, &value.set)), value.origin.to_string()),
        // The demo has another budget, so the table has no default for it.
        None if row.key == ConfigKey::CallsPerMinute => {
            (Some(PUBLISHED_LIMIT.to_string()), Origin::Default.to_string())
        }
        // Its variables are not in the table: the credential has its own line.
        None if row.is_in_file_only() => (None, "not in the file".to_owned()),
        None => (None, "not set".to_owned()),
    };
    ShownValue {
        key: row.name.to_owned(),
        value: value.map(|value| RemoteText::name(&value).shown().to_owned()),
        origin,
    }
}

/// Whether a value has the form of its key. One that has not may be a secret.
fn could_be(row: &KeyRow, text: &str) -> bool {
    match (row.key, row.kind) {
        (ConfigKey::Interval, _) => parse_interval(text).is_ok(),
        (ConfigKey::ListOldAfter, _) => ListAgeLimit::read(text).is_some(),
        (ConfigKey::LogLevel, _) => LogLevel::named(text).is_some(),
        (ConfigKey::Theme, _) => ThemeChoice::read(text).is_some(),
        (ConfigKey::Columns, _) => ColumnList::parse(text).is_ok(),
        (_, ValueKind::Number) => text.parse::<u64>().is_ok(),
        (_, ValueKind::Switch) => read_switch(text).is_some(),
        _ => true,
    }
}

/// A value as it may be shown.
fn shown(row: &KeyRow, set: &Set) -> String {
    match set {
        _ if row.kind == ValueKind::Secret => "(set)".to_owned(),
        Set::Text(text) if row.key == ConfigKey::AccessKey => values::masked(text),
        Set::Text(text)
            if matches!(
                row.key,
                ConfigKey::Endpoint | ConfigKey::IamEndpoint | ConfigKey::StsEndpoint
            ) =>
        {
            values::url(text)
        }
        Set::Text(text) if !could_be(row, text) => values::shortened(text),
        Set::Text(text) if row.key == ConfigKey::Region => region::shown(text),
        Set::Text(text) if row.is_path() => values::path(text),
        Set::Text(text) => values::without_userinfo(text).into_owned(),
        Set::Words(words) => sections::program(words),
    }
}

/// Completes the line of a key that is not set but has a derived value, from the file of the credential or
/// from another value.
fn found_elsewhere(line: &mut ShownValue, api: &Api) {
    if line.value.is_some() {
        return;
    }
    let setup = &api.setup;
    let (value, origin) = match line.key.as_str() {
        "project_id" => match (&setup.project, &setup.region) {
            (Some(project), _) => (Some(project.as_str()), setup.found.name.clone()),
            (None, Some(region)) => (None, format!("found by its name, {region}, at the first call")),
            (None, None) => return,
        },
        "region" => {
            let is_of_file = chain::region_of(&setup.found).is_some_and(|it| Some(it) == setup.region);
            let origin = is_of_file.then(|| setup.found.name.clone());
            (
                setup.region.as_deref(),
                origin.unwrap_or_else(|| "the endpoint".to_owned()),
            )
        }
        _ => return,
    };
    if value.is_some() || line.key == "project_id" {
        line.value = value.map(|value| RemoteText::name(value).shown().to_owned());
        line.origin = origin;
    }
}

/// The derived values: endpoints and credential.
fn followed(api: &Api) -> Vec<ShownValue> {
    let line = |key: &str, value: String, origin: &str| following(key, Some(&value), origin);
    let hss: Vec<String> = api.setup.endpoints.iter().map(ToString::to_string).collect();
    let mut lines = vec![line("→ HSS", hss.join(", "), &api.located_by)];
    if let Some(iam) = &api.setup.iam {
        lines.push(line("→ IAM", iam.to_string(), ""));
    }
    if let (Some(sts), CredentialSource::Agency { .. }) = (&api.setup.sts, &api.setup.found.source) {
        lines.push(line("→ STS", sts.to_string(), ""));
    }
    lines.push(line("→ credential", api.setup.found.name.clone(), ""));
    lines
}

/// The line of a derived value.
fn following(key: &str, value: Option<&str>, origin: impl Into<String>) -> ShownValue {
    ShownValue {
        key: key.to_owned(),
        value: value.map(|value| RemoteText::name(value).shown().to_owned()),
        origin: origin.into(),
    }
}

/// The proxies for HSS and IAM, without users and passwords.
fn proxies(api: &Api) -> Vec<ShownValue> {
    let of = |service: &str, endpoint: &Endpoint| {
        let key = format!("→ proxy to {service}");
        match ProxyRoute::of_process(endpoint) {
            ProxyRoute::Via(proxy) => following(&key, Some(&proxy.shown()), proxy.variable),
            ProxyRoute::Direct(Some(variable)) => following(&key, None, format!("excluded by {variable}")),
            ProxyRoute::Direct(None) => following(&key, None, "not set"),
            ProxyRoute::Unreadable(bad) => following(&key, None, format!("{}: {}", bad.variable, bad.why)),
        }
    };
    let hss = api.setup.endpoints.iter().map(|endpoint| of("HSS", endpoint));
    let mut lines: Vec<ShownValue> = hss
        .chain(api.setup.iam.iter().map(|iam| of("IAM", iam)))
        .collect();
    // Several endpoints usually have the same proxy.
    lines.dedup();
    lines
}

/// The files that hss-top writes, and their origins.
fn written(config: &Config, settings: &Settings, variables: Variables<'_>) -> Vec<ShownValue> {
    let path = |path: &Path| path.display().to_string();
    let set_by = |key: ConfigKey| {
        let value = config.get(key);
        value.map_or_else(|| "not set".to_owned(), |value| value.origin.to_string())
    };
    let (folder, variable) = state::named_folder(variables).unzip();
    let state = match (&settings.state, variable) {
        (Some(file), Some(variable)) => following("→ saved state", Some(&path(file)), variable),
        (_, None) => following("→ saved state", None, "neither XDG_STATE_HOME nor HOME is set"),
        (None, _) => following("→ saved state", None, set_by(ConfigKey::NoState)),
    };
    let own = match (&settings.own_folder, variable) {
        (Some(folder), Some(variable)) => {
            following("→ saved views", Some(&path(&folder.join(VIEWS_FILE))), variable)
        }
        (_, None) => following("→ saved views", None, "neither XDG_STATE_HOME nor HOME is set"),
        (None, _) => following("→ saved views", None, set_by(ConfigKey::NoState)),
    };
    let ledger = settings.ledger.as_ref().and_then(|ledger| {
        let first = ledger.folders.first()?;
        let of_state = variable.filter(|_| folder.as_ref() == Some(first));
        let runtime = variables("XDG_RUNTIME_DIR").map(|runtime| Path::new(&runtime).join("hss-top"));
        let of_runtime = (runtime.as_ref() == Some(first)).then_some("XDG_RUNTIME_DIR");
        let origin = of_runtime.or(of_state).unwrap_or("this login");
        Some(following(
            "→ times of calls",
            Some(&path(&first.join(&ledger.name))),
            origin,
        ))
    });
    let log = settings.log.as_ref().map(|(file, _)| path(file));
    let log = following("→ log", log.as_deref(), set_by(ConfigKey::LogFile));
    [Some(state), Some(own), ledger, Some(log)]
        .into_iter()
        .flatten()
        .collect()
}

/// The same as JSON.
pub fn json(file: Option<&Path>, lines: &[ShownValue]) -> String {
    let shown = serde_json::json!({ "file": file, "values": lines });
    format!("{shown:#}\n")
}

/// The lines as a table under the name of the file.
pub fn table(file: Option<&Path>, lines: &[ShownValue]) -> String {
    let value = |line: &ShownValue| line.value.clone().unwrap_or_else(|| NONE.to_owned());
    let width = |cell: &dyn Fn(&ShownValue) -> String| {
        let widths = lines.iter().map(|line| cell(line).chars().count());
        widths.max().unwrap_or(0)
    };
    let (keys, values) = (width(&|line| line.key.clone()), width(&value).min(60));
    let rows = lines.iter().map(|line| {
        let row = format!("{:keys$}  {:values$}  {}", line.key, value(line), line.origin);
        row.trim_end().to_owned() + "\n"
    });
    let file = file.map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    format!("configuration file: {file}\n\n{}", rows.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[test]
    fn a_token_in_a_key_with_a_form_of_its_own_is_shortened() {
        let keys = TABLE
            .iter()
            .filter(|row| {
                matches!(
                    row.key,
                    ConfigKey::Theme | ConfigKey::LogLevel | ConfigKey::Interval
                )
            })
            .chain(
                TABLE
                    .iter()
                    .filter(|row| matches!(row.kind, ValueKind::Number | ValueKind::Switch)),
            );
        for row in keys {
            let told = shown(row, &Set::Text("MIIGcanary-token".to_owned()));
            assert_eq!(told, "MIIG… (16 characters)", "{}", row.name);
        }
        for theme in ["dark", "light"] {
            assert_eq!(shown(ConfigKey::Theme.row(), &Set::Text(theme.to_owned())), theme);
        }
    }

    #[test]
    fn every_key_is_listed_with_what_holds_whether_it_is_set_or_not() {
        let variable = |name: &str| (name == "HSS_TOP_REGION").then(|| "cn-north-4".to_owned());
        let config = Config::resolve(&Flags::default(), &variable).unwrap();
        let lines = lines(&config, None, &variable);
        let listed: Vec<&str> = lines.iter().map(|line| line.key.as_str()).collect();
        let keys: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
        assert_eq!(listed, keys);
        let told = |key: &str| {
            let line = lines.iter().find(|line| line.key == key).unwrap();
            (line.value.as_deref(), line.origin.as_str())
        };
        assert_eq!(told("region"), (Some("cn-north-4"), "HSS_TOP_REGION"));
        assert_eq!(told("calls_per_minute"), (Some("5"), "default"));
        assert_eq!(told("interval"), (Some("60s"), "default"));
        assert_eq!(told("namespace"), (None, "not set"));
        assert_eq!(told("secret_key"), (None, "not in the file"));
        let table = table(None, &lines);
        let row = table.lines().find(|line| line.starts_with("namespace")).unwrap();
        let words: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(words, ["namespace", "–", "not", "set"]);
    }
}
