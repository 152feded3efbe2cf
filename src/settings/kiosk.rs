//! What `[kiosk]` means. What is unusable there is left out and reported with its line.

use std::time::Duration;

use super::SavedView;
use super::sections::{place, told};
use crate::alerts::QuietHours;
use crate::clock::local_zone;
use crate::config::section::KIOSK_ROWS;
use crate::config::{Config, nearest};

/// For how long a wall shows each view, where nothing is said.
const EVERY: Duration = Duration::from_secs(30);
/// The shortest and the longest that it may.
const LIMITS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_hours(24));
/// The views that have a name of their own.
const VIEWS: [&str; 4] = ["pods", "overview", "changes", "health"];

/// Whether the screen is to be a wall, and how it is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KioskChoice {
    /// Whether it is one.
    pub is_on: bool,
    /// The names of the views, in turn; valid ones.
    pub views: Vec<String>,
    /// For how long each is shown.
    pub every: Duration,
    /// When it is dimmed.
    pub dim: Option<QuietHours>,
}

/// What the section says, and what cannot be used of it. Where it is not known which views are `saved`, any name may be one.
pub(super) fn kiosk(config: &Config, saved: Option<&[SavedView]>) -> (KioskChoice, Vec<String>) {
    let mut choice = KioskChoice {
        is_on: false,
        views: Vec::new(),
        every: EVERY,
        dim: None,
    };
    let mut refused = Vec::new();
    let Some(table) = &config.sections.kiosk else {
        return (choice, refused);
    };
    let allowed = |key: &str| {
        KIOSK_ROWS
            .iter()
            .find(|row| row.name == key)
            .map_or("", |row| row.allowed)
    };
    let mut bad = |key: &str, value: &str, line: usize, meant: &str| {
        let (place, value, must) = (place(config, line), told(value), allowed(key));
        let without = if key == "views" {
            "it is left out"
        } else {
            "the default is used"
        };
        refused.push(format!(
            "{place}: kiosk.{key} is {value}, but must be {must}{meant}; {without}"
        ));
    };
    choice.is_on = table.text("enabled").is_some_and(|(text, _)| text == "true");
    if let Some((names, line)) = table.text("views") {
        let names_saved = saved.unwrap_or_default().iter().map(|view| view.name.as_str());
        let known: Vec<&str> = names_saved.chain(VIEWS).collect();
        for name in names.split(',').filter(|name| !name.is_empty()) {
            if saved.is_none() || known.contains(&name) {
                choice.views.push(name.to_owned());
            } else {
                let meant = nearest(name, known.iter().copied());
                let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
                bad("views", name, line, &meant);
            }
        }
    }
    if let Some((text, line)) = table.text("every") {
        let every = humantime::parse_duration(text).ok();
        match every.filter(|every| (LIMITS.0..=LIMITS.1).contains(every)) {
            Some(every) => choice.every = every,
            None => bad("every", text, line, ""),
        }
    }
    if let Some((text, line)) = table.text("dim") {
        choice.dim = QuietHours::read(text, &local_zone().0);
        if choice.dim.is_none() {
            bad("dim", text, line, QuietHours::advice(text));
        }
    }
    (choice, refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[test]
    fn a_wall_shows_views_in_turn_and_what_cannot_be_used_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let toml = "[views.hot]\nfilter = \"cpu%>80\"\n[kiosk]\nenabled = true\nviews = [\"hot\", \"overveiw\", \"changes\"]\n\
            every = \"1s\"\ndim = \"22:00-06:00 UTC\"\n";
        std::fs::write(file.path(), toml).unwrap();
        let shown = file.path().display().to_string();
        let mut config = Config::resolve(&Flags::parse_from(&["--config", &shown]), &|_| None).unwrap();
        config.file = Some("F".into());
        let views = super::super::sections::views(&config);
        let (choice, refused) = kiosk(&config, Some(&views));
        assert_eq!(
            (choice.is_on, choice.views, choice.every),
            (true, vec!["hot".to_owned(), "changes".to_owned()], EVERY)
        );
        assert!(choice.dim.is_some());
        assert_eq!(
            refused,
            [
                "F line 5: kiosk.views is overveiw, but must be a list of views: pods, overview, changes, health, or names of \
                 [views.NAME]; did you mean overview?; it is left out",
                "F line 6: kiosk.every is 1s, but must be a time from 5s to 1day, such as 30s; the default is used",
            ]
        );
    }
}
