use super::*;
use std::fs;
use tempfile::TempDir;

/// A folder with a configuration file.
fn folder_with(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("hss-top")).unwrap();
    fs::write(folder.path().join("hss-top/config.toml"), text).unwrap();
    folder
}

fn resolve(folder: &TempDir, flags: &[&str], set: &[(&str, &str)]) -> Result<Config, Wrong> {
    let home = folder.path().display().to_string();
    let variables = |name: &str| {
        let set = set.iter().copied().chain([("XDG_CONFIG_HOME", home.as_str())]);
        set.into_iter()
            .find(|(it, _)| *it == name)
            .map(|(_, value)| value.to_owned())
    };
    Config::resolve(&Flags::parse_from(flags), &variables)
}

const TEXT: &str = "interval = \"10s\"\nregion = \"of-file\"\n\n[profiles.a]\nregion = \"of-profile\"\n";

fn region(config: &Config) -> (String, String) {
    let value = config.get(ConfigKey::Region).unwrap();
    (
        config.text(ConfigKey::Region).unwrap().to_owned(),
        value.origin.to_string(),
    )
}

#[test]
fn flag_before_variable_before_profile_before_file_before_default() {
    let folder = folder_with(TEXT);
    let config = |flags: &[&str], set: &[(&str, &str)]| resolve(&folder, flags, set).unwrap();
    let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    let all = ["--region", "of-flag", "--profile", "a"];
    let variable = [("HSS_TOP_REGION", "of-variable")];
    assert_eq!(region(&config(&all, &variable)), pair("of-flag", "--region"));
    assert_eq!(
        region(&config(&all[2..], &variable)),
        pair("of-variable", "HSS_TOP_REGION")
    );
    assert_eq!(
        region(&config(&all[2..], &[])),
        pair("of-profile", "profile a line 5")
    );
    assert_eq!(region(&config(&[], &[])), pair("of-file", "file line 2"));
    assert_eq!(
        region(&config(
            &[],
            &[("HSS_TOP_REGION", " "), ("HW_REGION_NAME", "terraform")]
        )),
        pair("terraform", "HW_REGION_NAME")
    );
    let config = config(&[], &[("HSS_TOP_PROFILE", "a")]);
    assert_eq!(region(&config), pair("of-profile", "profile a line 5"));
    assert_eq!(config.text(ConfigKey::Interval), Some("10s"));
    assert_eq!(config.text(ConfigKey::PageSize), Some("200"));
    assert_eq!(config.get(ConfigKey::PageSize).unwrap().origin, Origin::Default);
}

#[test]
fn a_profile_that_is_not_there_is_told_with_those_that_are() {
    let folder = folder_with(TEXT);
    let sentence = resolve(&folder, &["--profile", "b"], &[])
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        sentence.starts_with("there is no profile b; ") && sentence.ends_with(" has a"),
        "{sentence}"
    );
    let none = resolve(&folder, &["--config", "/nonexistent.toml"], &[])
        .map(|_| ())
        .unwrap_err();
    assert!(none.to_string().starts_with("/nonexistent.toml: "), "{none}");
}

#[test]
fn a_bad_value_is_told_with_its_origin() {
    let folder = folder_with("[profiles.a]\ninterval = \"soon\"\n");
    let sentence = |flags: &[&str], set: &[(&str, &str)]| {
        let config = resolve(&folder, flags, set).unwrap();
        let wrong = config
            .parse(ConfigKey::Interval, |_| None::<()>)
            .unwrap_err()
            .to_string();
        wrong.replace(&folder.path().display().to_string(), "~")
    };
    let allowed = "but must be a time from 1s to 1day, such as 60s or 5m";
    assert_eq!(
        sentence(&["--interval", "x"], &[]),
        format!("--interval is x, {allowed}")
    );
    assert_eq!(
        sentence(&[], &[("HSS_TOP_INTERVAL", "y")]),
        format!("HSS_TOP_INTERVAL is y, {allowed}")
    );
    assert_eq!(
        sentence(&["--profile", "a"], &[]),
        format!("~/hss-top/config.toml line 2: profiles.a.interval is soon, {allowed}")
    );
}
