//! The meaning of the sections of the file: saved views and keys.
//!
//! Owns the sentences about what cannot be used there. None of it prevents the start, except a requested view that is missing.

use std::path::Path;

use super::nearest_key::nearest_key;
use super::saved_view::{SavedView, ViewOrigin};
use crate::config::section::StatedName;
use crate::config::{Config, ConfigKey, Set, Wrong, nearest};
use crate::fleet::RemoteText;
use crate::keys::Action;
use crate::keys::Key;
use crate::keys::{BadBinding, KeyMap, NOTHING};
use crate::secrets::values::shortened;

/// A name or a filter of the file as it may be told.
pub(super) fn told(text: &str) -> String {
    at_most(32, text)
}

/// A word of the file as it may be shown: no valid one is longer, but a secret may be.
pub(super) fn word(text: &str) -> String {
    at_most(16, text)
}

fn at_most(longest: usize, text: &str) -> String {
    let text = if text.chars().count() > longest {
        shortened(text)
    } else {
        text.to_owned()
    };
    RemoteText::name(&text).shown().to_owned()
}

/// Where a value of the file stands.
pub(super) fn place(config: &Config, line: usize) -> String {
    let file = config.file.as_deref().map(|file| file.display().to_string());
    format!("{} line {line}", file.unwrap_or_default())
}

fn text(set: &Set) -> &str {
    match set {
        Set::Text(text) => text,
        Set::Words(_) => "",
    }
}

/// The saved views of the configuration.
pub(super) fn views(config: &Config) -> Vec<SavedView> {
    let path = config.file.as_deref().unwrap_or(Path::new(""));
    let views = config.sections.views.iter();
    views
        .map(|(name, values)| SavedView::read(name, values, ViewOrigin::Configuration, path))
        .collect()
}

/// The view to begin with, among those of the configuration and those that were `saved` from the dashboard.
pub(super) fn chosen(
    config: &Config,
    views: &[SavedView],
    saved: &Result<Vec<SavedView>, String>,
) -> Result<Option<SavedView>, Wrong> {
    let Some(name) = config.text(ConfigKey::View) else {
        return Ok(None);
    };
    let all = || views.iter().chain(saved.iter().flatten());
    if let Some(view) = all().find(|view| view.name == name) {
        return Ok(Some(view.clone()));
    }
    let known: Vec<String> = all().map(|view| told(&view.name)).collect();
    let meant = nearest(name, all().map(|view| view.name.as_str())).map(told);
    let there = match (meant, known.as_slice()) {
        (Some(meant), _) => format!("; did you mean {meant}?"),
        (None, []) => "; there is none".to_owned(),
        (None, known) => format!("; there are {}", known.join(", ")),
    };
    let unread = saved
        .as_ref()
        .err()
        .map_or_else(String::new, |why| format!("; {why}"));
    Err(config.wrong(
        ConfigKey::View,
        &format!("{}{there}{unread}", ConfigKey::View.row().allowed),
    ))
}

/// Whether the filter of the chosen view overrides the key `filter`: it does unless that one has a higher
/// precedence.
pub(super) fn wins_against_filter(config: &Config) -> bool {
    match (config.get(ConfigKey::View), config.get(ConfigKey::Filter)) {
        (Some(view), Some(filter)) => view.origin.wins_against(&filter.origin),
        _ => true,
    }
}

/// The key bindings, and warnings about invalid ones.
pub(super) fn keys(config: &Config) -> (KeyMap, Vec<String>) {
    let (mut keys, mut warnings) = (KeyMap::default(), Vec::new());
    for StatedName { name, stated } in &config.sections.keys {
        let action = text(&stated.set);
        if let Err(why) = keys.bind(name, action) {
            let meant = match why {
                BadBinding::UnknownAction => {
                    nearest(action, Action::names().chain([NOTHING])).map(str::to_owned)
                }
                BadBinding::UnknownKey => nearest_key(name),
                _ => None,
            };
            let meant = meant.map_or_else(String::new, |known| format!("; did you mean {known}?"));
            let (place, name, action) = (place(config, stated.line), word(name), word(action));
            warnings.push(format!("{place}: keys.{name} = {action}: {why}{meant}"));
        }
    }
    for (key, action) in keys.displaced() {
        let mut stated = config.sections.keys.iter();
        let line = stated.find(|it| Key::named(&it.name) == Some(key));
        let place = place(config, line.map_or(0, |it| it.stated.line));
        let (key, action) = (key.label(), action.name());
        warnings.push(format!(
            "{place}: no key is left for {action}: {key} was its only one"
        ));
    }
    (keys, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;
    use crate::keys::Mode;
    use std::fs;

    /// The configuration of a file with this text, which is called `F` in warnings.
    fn config(toml: &str, flags: &[&str]) -> Config {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), toml).unwrap();
        let shown = file.path().display().to_string();
        let flags = [&["--config", &shown], flags].concat();
        let mut config = Config::resolve(&Flags::parse_from(&flags), &|_| None).unwrap();
        config.file = Some("F".into());
        config
    }

    const VIEWS: &str = "[views.hot]\nfilter = \"cpu%>=80\"\nsort = \"cpu%\"\nreversed = true\nproblems = true\n\
        [views.plain]\n[views.bad]\nfilter = \"cpu%>=\"\n[views.odd]\nsort = \"cpuu\"\n";

    #[test]
    fn the_view_to_begin_with_is_found_or_it_is_said_why_not() {
        let saved = SavedView {
            name: "night shift".to_owned(),
            ..SavedView::default()
        };
        let chosen = |flags: &[&str]| {
            let config = config(VIEWS, flags);
            let saved = Ok(vec![saved.clone()]);
            chosen(&config, &views(&config), &saved).map(|view| view.map(|view| view.name))
        };
        assert_eq!(chosen(&[]), Ok(None));
        for name in ["hot", "bad", "night shift"] {
            assert_eq!(chosen(&["--view", name]), Ok(Some(name.to_owned())));
        }
        let Wrong(why) = chosen(&["--view", "zzzz"]).unwrap_err();
        let there = "; there are bad, hot, odd, plain, night shift";
        assert!(why.contains("--view is zzzz") && why.ends_with(there), "{why}");
        let Wrong(why) = chosen(&["--view", "nihgt shift"]).unwrap_err();
        assert!(why.ends_with("; did you mean night shift?"), "{why}");
    }

    #[test]
    fn views_that_could_not_be_read_are_said_where_one_is_missing() {
        let config = config(VIEWS, &["--view", "night"]);
        let unread = Err("S is damaged".to_owned());
        let Wrong(why) = super::chosen(&config, &views(&config), &unread).unwrap_err();
        assert!(why.ends_with("; S is damaged"), "{why}");
    }

    #[test]
    fn a_filter_that_was_set_as_late_as_the_view_goes_before_its_filter() {
        let wins =
            |toml: &str, flags: &[&str]| wins_against_filter(&config(&format!("{toml}\n{VIEWS}"), flags));
        assert!(wins("", &["--view", "hot"]));
        assert!(wins("filter = \"x\"", &["--view", "hot"]));
        assert!(!wins("", &["--view", "hot", "--filter", "x"]));
        assert!(!wins("view = \"hot\"", &["--filter", "x"]));
    }

    #[test]
    fn keys_are_bound_and_what_cannot_be_is_told_with_its_line_and_the_nearest_name() {
        let toml =
            "[keys]\nx = \"refresh\"\ny = \"refesh\"\n\"ctr-r\" = \"quit\"\nesc = \"quit\"\np = \"quit\"\n";
        let (keys, warnings) = keys(&config(toml, &[]));
        assert_eq!(
            keys.action(Mode::Table, Key::named("x").unwrap()),
            Some(Action::AskNow)
        );
        assert_eq!(
            warnings,
            [
                "F line 3: keys.y = refesh: unknown action; did you mean refresh?",
                "F line 4: keys.ctr-r = quit: unknown key name; did you mean ctrl-r?",
                "F line 5: keys.esc = quit: this key always means back",
                "F line 6: no key is left for problems: p was its only one",
            ]
        );
    }
}
