//! The list of themes, `:theme`, and the terminal's report of its colours.

use super::keys::open;
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::model::Model;
use crate::config::nearest;
use crate::keys::Mode;
use crate::terminal::{OnceOutput, TerminalColours};
use crate::ui::themes::{CHOICE_ALLOWED, ThemeChoice, Themes, UnknownTheme};

/// Opens the list at the current theme; in the list, previews the next one.
pub(in crate::app) fn show(model: &mut Model) -> Vec<Effect> {
    if model.mode() == Mode::Themes {
        let next = model.themes.place() + 1;
        let count = model.themes.names().count();
        model.themes.look_at(if next < count { next } else { 0 });
        return vec![];
    }
    if !model.themes.theme().is_coloured() {
        model.notify("there are no colours: NO_COLOR is set");
        return vec![];
    }
    open(model, Overlay::Themes);
    asked(&model.themes)
}

/// Keeps the previewed theme for this run.
pub(super) fn keep(model: &mut Model) -> Vec<Effect> {
    model.themes.keep();
    model.focus.close();
    tell(model);
    vec![]
}

/// `:theme`: shows the list, or chooses.
pub(in crate::app) fn choose(model: &mut Model, text: &str) -> Vec<Effect> {
    if text.is_empty() || !model.themes.theme().is_coloured() {
        return show(model);
    }
    let Some(choice) = ThemeChoice::read(text) else {
        model.notify(format!("theme expects {CHOICE_ALLOWED}"));
        return vec![];
    };
    match model.themes.choose(choice) {
        Ok(()) => {
            tell(model);
            asked(&model.themes)
        }
        Err(UnknownTheme(name)) => {
            // The typed text may be a name of another kind.
            let name = if model.masking.is_on() {
                "of this name"
            } else {
                &name
            };
            let sentence = unknown(&model.themes, name);
            model.notify(sentence);
            vec![]
        }
    }
}

/// Says which theme is chosen, and how to keep it for the next run.
fn tell(model: &mut Model) {
    let chosen = model.themes.chosen();
    model.notify(format!(
        "theme {chosen} for this run; to keep it: theme = \"{chosen}\" in the configuration file"
    ));
}

fn unknown(themes: &Themes, name: &str) -> String {
    let names: Vec<&str> = themes.names().collect();
    let meant = nearest(name, names.iter().copied());
    let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
    format!("no theme {name}{meant}; there are {}", names.join(", "))
}

/// The terminal reported its colours.
pub(super) fn hear(model: &mut Model, told: TerminalColours) -> Vec<Effect> {
    if model.themes.hear(told) {
        vec![Effect::Once(OnceOutput::AskForColours)]
    } else {
        vec![]
    }
}

/// A second has passed: the query for a background that contradicts the scheme.
pub(super) fn tick(model: &mut Model) -> Option<Effect> {
    let is_due = model.themes.tick();
    is_due.then_some(Effect::Once(OnceOutput::AskForColours))
}

/// The query for the terminal's colours, if they are unknown: it was not asked at the start, or did not
/// answer.
fn asked(themes: &Themes) -> Vec<Effect> {
    let is_due = themes.is_untold();
    is_due
        .then_some(Effect::Once(OnceOutput::AskForColours))
        .into_iter()
        .collect()
}

/// A preview ends with the list, however the list closes.
pub(super) fn settle(model: &mut Model) {
    if model.mode() != Mode::Themes && model.themes.is_previewed() {
        model.themes.restore();
    }
}
