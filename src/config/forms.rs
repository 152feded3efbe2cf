//! The form of each key's value, checked before the value is used.
//!
//! Owns the allowed values of flags, variables and keys of the file. A flag of the wrong form is refused with
//! the command line, and all values of the wrong form can be reported at once. Must not: read a file, or
//! check whether one exists.

use crate::config::interval::parse_interval;
use crate::config::{Config, ConfigKey, Wrong};
use crate::fleet::Scope;
use crate::fleet::fields::ColumnList;
use crate::fleet::list_age::ListAgeLimit;
use crate::fleet::query::Query;
use crate::hss::request::{ALL_ENTERPRISE_PROJECTS, LIMIT};
use crate::hss::{Endpoint, ListPods, ProjectId, region};
use crate::log::LogLevel;
use crate::secrets::values::shortened;
use crate::ui::themes::ThemeChoice;

/// What the value of `key` must be, if `text` does not have that form.
pub fn fault(key: ConfigKey, text: &str) -> Option<String> {
    let allowed = |is_right: bool| (!is_right).then(|| key.row().allowed.to_owned());
    match key {
        ConfigKey::Interval => allowed(parse_interval(text).is_ok()),
        ConfigKey::ListOldAfter => allowed(ListAgeLimit::read(text).is_some()),
        ConfigKey::PageSize => allowed(page_size(text).is_some()),
        ConfigKey::CallsPerMinute => allowed(calls_per_minute(text).is_some()),
        ConfigKey::LogLevel => allowed(LogLevel::named(text).is_some()),
        ConfigKey::Theme => allowed(ThemeChoice::read(text).is_some()),
        ConfigKey::AllowHttp
        | ConfigKey::NoState
        | ConfigKey::Ascii
        | ConfigKey::NoMouse
        | ConfigKey::Mask
        | ConfigKey::NoBom => allowed(read_switch(text).is_some()),
        ConfigKey::ProjectId => allowed(ProjectId::new(text).is_ok()),
        ConfigKey::EnterpriseProjectId => {
            allowed(ListPods::new(text, *LIMIT.start(), Scope::default()).is_ok())
        }
        ConfigKey::Pod | ConfigKey::Namespace | ConfigKey::Cluster => allowed(is_in_range(key, text)),
        ConfigKey::Columns => {
            let fault = ColumnList::parse(text).err()?;
            Some(format!("a list of columns: {}", fault.told(told)))
        }
        ConfigKey::Filter => match Query::parse(text) {
            Ok(_) => None,
            Err(error) => Some(format!("a filter: {}", error.at_shell())),
        },
        ConfigKey::Endpoint => text.split(',').find_map(of_endpoint),
        ConfigKey::IamEndpoint | ConfigKey::StsEndpoint => of_endpoint(&region::with_scheme(text)),
        _ => None,
    }
}

/// A name as it may be shown: no valid one is longer, but a secret may be.
fn told(name: &str) -> String {
    if name.chars().count() > 16 {
        shortened(name)
    } else {
        name.to_owned()
    }
}

/// Every value that does not have its key's form, in the order of the table. Endpoints are checked where they
/// are read, together with everything else that determines them.
pub fn wrong_values(config: &Config) -> Vec<(ConfigKey, Wrong)> {
    let keys = crate::config::key::TABLE.iter().map(|row| row.key);
    let is_endpoint = |key: &ConfigKey| {
        matches!(
            key,
            ConfigKey::Endpoint | ConfigKey::IamEndpoint | ConfigKey::StsEndpoint
        )
    };
    keys.filter(|key| !is_endpoint(key))
        .filter_map(|key| {
            let must = fault(key, config.text(key)?)?;
            Some((key, config.wrong(key, &must)))
        })
        .collect()
}

/// Plain http is checked later, because another flag may allow it.
fn of_endpoint(text: &str) -> Option<String> {
    Endpoint::parse(text, true)
        .err()
        .map(|error| format!("a URL: {error}"))
}

fn is_in_range(key: ConfigKey, text: &str) -> bool {
    let text = Some(text.to_owned());
    let mut scope = Scope::default();
    match key {
        ConfigKey::Pod => scope.pod = text,
        ConfigKey::Namespace => scope.namespace = text,
        _ => scope.cluster = text,
    }
    ListPods::new(ALL_ENTERPRISE_PROJECTS, *LIMIT.start(), scope).is_ok()
}

/// Pods per page.
pub fn page_size(text: &str) -> Option<u32> {
    text.parse().ok().filter(|size| LIMIT.contains(size))
}

/// Calls per minute.
pub fn calls_per_minute(text: &str) -> Option<u32> {
    text.parse().ok().filter(|calls| *calls > 0)
}

/// `true`, `false`, and other words for them.
pub fn read_switch(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_with_a_form_takes_what_has_it_and_tells_what_else_must_have() {
        let long = "x".repeat(257);
        for (key, right, wrong) in [
            (ConfigKey::Interval, "5m", "soon"),
            (ConfigKey::ListOldAfter, "26h", "a day"),
            (ConfigKey::PageSize, "10", "9"),
            (ConfigKey::PageSize, "200", "many"),
            (ConfigKey::CallsPerMinute, "1", "0"),
            (ConfigKey::LogLevel, "debug", "loud"),
            (ConfigKey::Theme, "dark", "dark:a"),
            (ConfigKey::NoState, "off", "maybe"),
            (ConfigKey::Ascii, "1", "2"),
            (ConfigKey::ProjectId, "p-1", "../p"),
            (ConfigKey::EnterpriseProjectId, "0", long.as_str()),
            (ConfigKey::Namespace, "kube-system", long.as_str()),
            (ConfigKey::Filter, "status:Running", "cpu>x"),
            (ConfigKey::Columns, "risk,pod:40", "risk,pdo,pod"),
            (
                ConfigKey::Endpoint,
                "https://a.example, http://b.example",
                "https://a.example,b",
            ),
            (ConfigKey::IamEndpoint, "iam.example.com", "ftp://iam.example.com"),
            (ConfigKey::StsEndpoint, "sts.example.com", "ftp://sts.example.com"),
        ] {
            assert_eq!(fault(key, right), None, "{key:?} {right}");
            assert!(fault(key, wrong).is_some(), "{key:?} {wrong}");
        }
        assert_eq!(
            fault(ConfigKey::PageSize, "9").as_deref(),
            Some("a number from 10 to 200")
        );
        for text in ["", "anything", &long] {
            assert_eq!(fault(ConfigKey::CaFile, text), None);
        }
    }

    #[test]
    fn all_wrong_values_are_told_each_with_its_origin() {
        let set = |name: &str| match name {
            "HSS_TOP_INTERVAL" => Some("soon".to_owned()),
            "HSS_TOP_THEME" => Some("Blue".to_owned()),
            "HSS_TOP_PAGE_SIZE" => Some("50".to_owned()),
            _ => None,
        };
        let config = Config::resolve(&crate::config::Flags::default(), &set).unwrap();
        let told: Vec<String> = wrong_values(&config)
            .into_iter()
            .map(|(_, wrong)| wrong.0)
            .collect();
        assert_eq!(
            told,
            [
                "HSS_TOP_INTERVAL is soon, but must be a time from 1s to 1day, such as 60s or 5m",
                "HSS_TOP_THEME is Blue, but must be auto, the name of a theme (hss-top themes lists them), or dark:NAME,light:NAME",
            ]
        );
    }
}
