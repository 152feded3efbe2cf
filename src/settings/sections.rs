//! The meaning of the sections of the file: saved views and keys.
//!
//! Owns the warnings about them. None of them prevents the start, except an error in the chosen view.

use super::nearest_key::nearest_key;
use crate::config::section::StatedName;
use crate::config::{Config, ConfigKey, Set, Wrong, nearest};
use crate::fleet::RemoteText;
use crate::fleet::fields::{ColumnList, names};
use crate::fleet::query::Query;
use crate::keys::Action;
use crate::keys::Key;
use crate::keys::{BadBinding, KeyMap, NOTHING};
use crate::secrets::values::shortened;
use crate::settings::SavedView;

/// The valid saved views, and the invalid ones.
pub(super) struct Views {
    pub views: Vec<SavedView>,
    /// Why, with file and line.
    pub refused: Vec<String>,
}

/// A name or a filter of the file as it may be shown.
fn told(text: &str) -> String {
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

/// File and line of a value.
fn place(config: &Config, line: usize) -> String {
    let file = config.file.as_deref().map(|file| file.display().to_string());
    format!("{} line {line}", file.unwrap_or_default())
}

fn text(set: &Set) -> &str {
    match set {
        Set::Text(text) => text,
        Set::Words(_) => "",
    }
}

pub(super) fn views(config: &Config) -> Views {
    let (mut views, mut refused) = (Vec::new(), Vec::new());
    for (name, section) in &config.sections.views {
        let value = |key: &str| section.get(key).map(|stated| (text(&stated.set), stated.line));
        let is_on = |key: &str| value(key).is_some_and(|(text, _)| text == "true");
        let wrong = |key: &str, line: usize, value: &str, why: &str| {
            let (place, name, value) = (place(config, line), told(name), told(value));
            format!("{place}: views.{name}.{key} is {value}, but must be {why}; the view is not used")
        };
        let filter = value("filter").unwrap_or_default();
        if let Err(error) = Query::parse(filter.0) {
            refused.push(wrong("filter", filter.1, filter.0, &format!("a filter: {error}")));
            continue;
        }
        let sort = match value("sort") {
            None => None,
            Some((text, line)) => {
                let Some(field) = names::sortable(text) else {
                    let meant = names::nearest(text);
                    let meant = meant.map_or_else(String::new, |field| format!("; did you mean {field}?"));
                    refused.push(wrong("sort", line, text, &format!("a field to sort by{meant}")));
                    continue;
                };
                Some(field.first_direction())
            }
        };
        let columns = match value("columns").map(|(text, line)| (text, line, ColumnList::parse(text))) {
            None => None,
            Some((_, _, Ok(list))) => Some(list),
            Some((text, line, Err(fault))) => {
                let fault = fault.told(word);
                refused.push(wrong(
                    "columns",
                    line,
                    text,
                    &format!("a list of columns: {fault}"),
                ));
                continue;
            }
        };
        let sort = sort.unwrap_or_default();
        views.push(SavedView {
            name: name.clone(),
            filter: filter.0.to_owned(),
            sort: if is_on("reversed") { sort.reversed() } else { sort },
            problems: is_on("problems"),
            columns,
        });
    }
    Views { views, refused }
}

/// The view at the start.
pub(super) fn chosen(
    config: &Config,
    views: &[SavedView],
    refused: &[String],
) -> Result<Option<SavedView>, Wrong> {
    let Some(name) = config.text(ConfigKey::View) else {
        return Ok(None);
    };
    if let Some(view) = views.iter().find(|view| view.name == name) {
        return Ok(Some(view.clone()));
    }
    let mark = format!(": views.{}.", told(name));
    if let Some(why) = refused.iter().find(|why| why.contains(&mark)) {
        return Err(Wrong(why.clone()));
    }
    let known: Vec<String> = views.iter().map(|view| told(&view.name)).collect();
    let there = match known.as_slice() {
        [] => "; there is none".to_owned(),
        known => format!("; there are {}", known.join(", ")),
    };
    Err(config.wrong(
        ConfigKey::View,
        &format!("{}{there}", ConfigKey::View.row().allowed),
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
    fn a_view_is_a_filter_an_order_and_whether_only_problems_are_shown() {
        let Views { views, refused } = views(&config(VIEWS, &[]));
        let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["hot", "plain"]);
        let (hot, plain) = (&views[0], &views[1]);
        assert_eq!((hot.filter.as_str(), hot.problems), ("cpu%>=80", true));
        assert!(hot.sort.is_backwards() && hot.sort.key.name() == "cpu%");
        assert_eq!((plain.filter.as_str(), plain.problems), ("", false));
        assert_eq!(refused.len(), 2, "{refused:?}");
        assert!(refused[0].starts_with("F line 8: views.bad.filter is cpu%>=, but must be a filter: "));
        assert!(refused[1].starts_with("F line 10: views.odd.sort is cpuu, but must be a field to sort by"));
        assert!(refused[1].contains("did you mean"), "{}", refused[1]);
    }

    #[test]
    fn the_columns_of_a_view_are_read_and_a_slip_is_told_with_its_line_and_the_nearest_name() {
        let toml = "[views.a]\ncolumns = [\"pod:40\", \"NS\"]\n[views.b]\ncolumns = [\"pod\", \"stauts\"]\n[views.c]\n";
        let Views { views, refused } = views(&config(toml, &[]));
        let columns: Vec<Option<String>> = views
            .iter()
            .map(|view| view.columns.as_ref().map(ToString::to_string))
            .collect();
        assert_eq!(columns, [Some("pod:40,ns".to_owned()), None]);
        assert_eq!(
            refused,
            [
                "F line 4: views.b.columns is pod,stauts, but must be a list of columns: no column stauts; did you mean \
              status?; the view is not used"
            ]
        );
    }

    #[test]
    fn the_view_to_begin_with_is_found_or_it_is_said_why_not() {
        let chosen = |flags: &[&str]| {
            let config = config(VIEWS, flags);
            let Views { views, refused } = views(&config);
            chosen(&config, &views, &refused).map(|view| view.map(|view| view.name))
        };
        assert_eq!(chosen(&[]), Ok(None));
        assert_eq!(chosen(&["--view", "hot"]), Ok(Some("hot".to_owned())));
        let Wrong(why) = chosen(&["--view", "cold"]).unwrap_err();
        assert!(
            why.contains("--view is cold") && why.ends_with("; there are hot, plain"),
            "{why}"
        );
        let Wrong(why) = chosen(&["--view", "bad"]).unwrap_err();
        assert!(why.starts_with("F line 8: views.bad.filter"), "{why}");
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
