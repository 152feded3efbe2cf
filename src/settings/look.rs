//! How the screen looks: colours, signs, and whether the mouse is ours.
//!
//! Owns the precedence: a flag, variable or key overrides the terminal's own variables. The terminal's
//! answers to queries are the task of [`Themes`].

use std::path::PathBuf;

use super::sections::word;
use super::theme_files::{self, FOLDER, ThemeFault};
use crate::config::forms::read_switch;
use crate::config::section::{BACKGROUND, COLOUR_ALLOWED, StatedName};
use crate::config::{Config, ConfigKey, Set, Wrong, nearest};
use crate::env::Variables;
use crate::ui::colours::{self, ColourDepth};
use crate::ui::theme::file::TERMINALS;
use crate::ui::theme::fit::RoleColour;
use crate::ui::theme::{ROLES, told_light};
use crate::ui::themes::{AUTO, NamedTheme, TerminalLook, ThemeChoice};
use crate::ui::{SignSet, Themes};

/// What the configuration says about the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The theme that somebody chose; it exists.
    pub choice: ThemeChoice,
    /// All themes, if somebody chose one. Otherwise they are read for a screen only.
    all: Option<Vec<NamedTheme>>,
    /// The folder that has more of them.
    folder: Option<PathBuf>,
    /// Whether only ASCII is drawn, if somebody decided that.
    pub ascii: Option<bool>,
    /// Whether the terminal is asked for mouse reports.
    pub mouse: bool,
    /// Colours that somebody chose, with their origin.
    pub colours: Vec<RoleColour>,
    /// Whether the terminal's background stays, whatever the theme.
    pub keeps_background: bool,
    /// Warnings about invalid colours and about the chosen theme's file.
    pub odd: Vec<String>,
    /// Warnings about all other themes, if somebody chose one.
    odd_elsewhere: Vec<String>,
}

impl Look {
    /// The look that the configuration describes, with the themes of its folder.
    ///
    /// # Errors
    /// A chosen theme that cannot be used, or an invalid switch.
    pub fn of(config: &Config) -> Result<Self, Wrong> {
        let mut look = Self {
            choice: config
                .parse(ConfigKey::Theme, ThemeChoice::read)?
                .unwrap_or_default(),
            all: None,
            folder: config.folder.clone(),
            ascii: config.parse(ConfigKey::Ascii, read_switch)?,
            mouse: !config.parse(ConfigKey::NoMouse, read_switch)?.unwrap_or(false),
            colours: Vec::new(),
            keeps_background: false,
            odd: Vec::new(),
            odd_elsewhere: Vec::new(),
        };
        if look.choice.names().is_empty() {
            look.take_colours(config);
            return Ok(look);
        }
        let (all, faults) = theme_files::all(look.folder.as_deref());
        look.check_choice(config, &all, &faults)?;
        let names = look
            .choice
            .names()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        for fault in faults {
            let is_chosen = names.contains(&fault.name);
            let place = if is_chosen {
                &mut look.odd
            } else {
                &mut look.odd_elsewhere
            };
            place.push(fault.sentence);
        }
        look.all = Some(all);
        look.take_colours(config);
        Ok(look)
    }

    /// All themes.
    fn all(&self) -> Vec<NamedTheme> {
        let read = || theme_files::all(self.folder.as_deref()).0;
        self.all.clone().unwrap_or_else(read)
    }

    /// Warnings about the themes that nobody chose.
    pub fn odd_elsewhere(&self) -> Vec<String> {
        if self.all.is_some() {
            return self.odd_elsewhere.clone();
        }
        let (_, faults) = theme_files::all(self.folder.as_deref());
        faults.into_iter().map(|fault| fault.sentence).collect()
    }

    /// Each chosen theme exists, and its file could be read.
    fn check_choice(&self, config: &Config, all: &[NamedTheme], faults: &[ThemeFault]) -> Result<(), Wrong> {
        for name in self.choice.names() {
            let is_there = all.iter().any(|theme| theme.name == name);
            let mut unusable = faults
                .iter()
                .filter(|fault| fault.name == name && !fault.is_usable);
            if let Some(fault) = unusable.next() {
                return Err(Wrong(fault.sentence.clone()));
            }
            if !is_there {
                let names = || {
                    [AUTO]
                        .into_iter()
                        .chain(all.iter().map(|theme| theme.name.as_str()))
                };
                let meant = nearest(name, names());
                let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
                let there = names().collect::<Vec<_>>().join(", ");
                return Err(config.wrong(ConfigKey::Theme, &format!("one of {there}{meant}")));
            }
        }
        Ok(())
    }

    /// The signs for a terminal with these variables.
    pub fn signs(&self, variables: Variables<'_>) -> SignSet {
        match self.ascii {
            Some(true) => SignSet::Ascii,
            Some(false) => SignSet::Utf8,
            None => SignSet::of_terminal(variables),
        }
    }

    /// The themes on a terminal with these variables, and warnings about the chosen colours.
    pub fn themes(&self, variables: Variables<'_>) -> (Themes, Vec<String>) {
        let signs = self.signs(variables);
        let look = TerminalLook {
            depth: ColourDepth::of(variables),
            is_light: variables("COLORFGBG").and_then(|told| told_light(&told)),
            signs,
        };
        let mut themes =
            Themes::new(self.all(), look).with_overrides(self.colours.clone(), self.keeps_background);
        // The theme exists, or the settings would have been refused.
        let _ = themes.choose(self.choice.clone());
        let mut warnings = self.odd.clone();
        if let ThemeChoice::Named(name) = &self.choice
            && look.depth == ColourDepth::Sixteen
            && themes.shown() != name
        {
            warnings.push(format!(
                "theme {name} needs 256 colours, and the terminal (TERM) is not known to have them: 16-colours is used"
            ));
        }
        warnings.extend(themes.repairs().iter().map(ToString::to_string));
        (themes, warnings)
    }

    /// The colours of `[theme]`, and warnings about invalid ones.
    fn take_colours(&mut self, config: &Config) {
        let file = config.file.as_deref().map(|file| file.display().to_string());
        let file = file.unwrap_or_default();
        for StatedName { name, stated } in &config.sections.theme {
            let Set::Text(text) = &stated.set else { continue };
            let place = format!("{file} line {}: theme.{name}", stated.line);
            let role = ROLES.iter().find(|(it, _)| *it == name.as_str());
            let colour = colours::named(text);
            match (role, colour) {
                (Some((_, role)), Some(colour)) => self.colours.push(RoleColour {
                    role: *role,
                    colour,
                    place,
                }),
                (None, _) if name == BACKGROUND && text == TERMINALS => self.keeps_background = true,
                (None, _) if name == BACKGROUND => self.odd.push(format!(
                    "{place} is {}, but must be \"terminal\"; colours belong in a theme: {FOLDER}/NAME.toml",
                    word(text)
                )),
                _ => self
                    .odd
                    .push(format!("{place} is {}, but must be {COLOUR_ALLOWED}", word(text))),
            }
        }
    }
}

#[cfg(test)]
mod tests;
