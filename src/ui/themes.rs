//! Which theme is on the screen: what was chosen, what the terminal tells of its background, and what that comes to.
//!
//! By itself (`auto`) the screen begins in the sixteen colours on the terminal's own background, which can be read on any.
//! When the terminal tells its background, the theme `dark` or `light` takes their place, made readable on that very colour,
//! which stays. A theme that somebody names paints its own background instead, so that it looks the same everywhere.
//!
//! Pure: no file is read and the terminal is not asked here. What is chosen holds for the run; nothing writes it down.

use std::fmt;
use std::sync::Arc;

use super::SignSet;
use super::colours::{self, ColourDepth};
use super::theme::file::{ThemeFile, ThemeSide};
use super::theme::fit::{ContrastRepair, Paper, RoleColour, fitted};
use super::theme::{Theme, shipped};
use crate::terminal::TerminalColours;

/// What a choice of a theme may be, after "must be".
pub const CHOICE_ALLOWED: &str =
    "auto, the name of a theme (hss-top themes lists them), or dark:NAME,light:NAME";
/// The choice that follows the terminal.
pub const AUTO: &str = "auto";
/// The longest name of a theme, in characters.
const LONGEST_NAME: usize = 40;

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedTheme {
    /// What it is called.
    pub name: String,
    /// What it looks like.
    pub file: ThemeFile,
    /// Where it comes from, if it is not shipped.
    pub path: Option<String>,
}

/// What somebody chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// What suits the terminal.
    #[default]
    Auto,
    /// This one.
    Named(String),
    /// One for each kind of background.
    ByBackground {
        /// On a dark one.
        dark: String,
        /// On a light one.
        light: String,
    },
}

impl ThemeChoice {
    /// Reads a choice; whether there are such themes is another question. `None` where it can be none.
    pub fn read(text: &str) -> Option<Self> {
        let name = |text: &str| is_name(text).then(|| text.to_owned());
        let text = text.trim();
        let Some((first, second)) = text.split_once(',') else {
            return if text == AUTO {
                Some(Self::Auto)
            } else {
                name(text).map(Self::Named)
            };
        };
        let (first, second) = (first.trim().split_once(':')?, second.trim().split_once(':')?);
        let ((("dark", dark), ("light", light)) | (("light", light), ("dark", dark))) = (first, second)
        else {
            return None;
        };
        Some(Self::ByBackground {
            dark: name(dark)?,
            light: name(light)?,
        })
    }

    /// The themes that it names.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Auto => vec![],
            Self::Named(name) => vec![name],
            Self::ByBackground { dark, light } => vec![dark, light],
        }
    }
}

impl fmt::Display for ThemeChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(AUTO),
            Self::Named(name) => f.write_str(name),
            Self::ByBackground { dark, light } => write!(f, "dark:{dark},light:{light}"),
        }
    }
}

/// Whether a theme can be called so: what a file's name may be on every system, and what no secret looks like.
pub fn is_name(text: &str) -> bool {
    let is_good = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-' | '_');
    !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(is_good)
}

/// What is known of the terminal, without asking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalLook {
    /// How many colours it takes.
    pub depth: ColourDepth,
    /// Whether its background is light, as its variables say.
    pub is_light: Option<bool>,
    /// The signs that it can show.
    pub signs: SignSet,
}

impl Default for TerminalLook {
    fn default() -> Self {
        Self {
            depth: ColourDepth::Sixteen,
            is_light: None,
            signs: SignSet::Utf8,
        }
    }
}

/// A name that no theme has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTheme(pub String);

impl fmt::Display for UnknownTheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no theme is named {}", self.0)
    }
}

impl std::error::Error for UnknownTheme {}

/// The themes that there are, and the one on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Themes {
    all: Arc<[NamedTheme]>,
    look: TerminalLook,
    chosen: ThemeChoice,
    /// The place in the list that is looked at without being chosen yet.
    preview: Option<usize>,
    /// Colours of single roles.
    overrides: Arc<[RoleColour]>,
    /// Whether the terminal's background stays whatever the theme says.
    keeps_background: bool,
    told: TerminalColours,
    /// The name of the theme on the screen.
    shown: String,
    theme: Theme,
    repairs: Arc<[ContrastRepair]>,
}

impl Default for Themes {
    fn default() -> Self {
        Self::new(shipped_themes(), TerminalLook::default())
    }
}

/// The themes that come with the program.
pub fn shipped_themes() -> Vec<NamedTheme> {
    let named = |(name, file): &(&str, ThemeFile)| NamedTheme {
        name: (*name).to_owned(),
        file: file.clone(),
        path: None,
    };
    shipped::files().iter().map(named).collect()
}

impl Themes {
    /// These themes on such a terminal, of which the one that suits it is on the screen.
    pub fn new(all: Vec<NamedTheme>, look: TerminalLook) -> Self {
        let mut themes = Self {
            all: all.into(),
            look,
            chosen: ThemeChoice::Auto,
            preview: None,
            overrides: Arc::default(),
            keeps_background: false,
            told: TerminalColours::default(),
            shown: String::new(),
            theme: Theme::new(super::Palette::None),
            repairs: Arc::default(),
        };
        themes.renew();
        themes
    }

    /// The same with colours of single roles; and whether the terminal's background stays in any case.
    #[must_use]
    pub fn with_overrides(mut self, overrides: Vec<RoleColour>, keeps_background: bool) -> Self {
        self.overrides = overrides.into();
        self.keeps_background = keeps_background;
        self.renew();
        self
    }

    /// The theme on the screen.
    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    /// Its name.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// What had to be made readable in it.
    pub fn repairs(&self) -> &[ContrastRepair] {
        &self.repairs
    }

    /// All themes, in the order of the list.
    pub fn all(&self) -> &[NamedTheme] {
        &self.all
    }

    /// What is chosen.
    pub fn chosen(&self) -> &ThemeChoice {
        &self.chosen
    }

    /// Whether what the terminal tells of its colours makes a difference. Without colours it never does.
    pub fn follows_terminal(&self) -> bool {
        let has_both = |name: &str| {
            let file = self.named(name).map(|theme| &theme.file);
            file.is_some_and(|file| file.dark.is_some() && file.light.is_some())
        };
        let follows = match &self.chosen {
            ThemeChoice::Auto | ThemeChoice::ByBackground { .. } => true,
            ThemeChoice::Named(name) => self.keeps_background || has_both(name),
        };
        self.theme.is_coloured() && follows
    }

    /// Whether the terminal should be asked for its background before the list is shown, since it was not at the start.
    pub fn is_untold(&self) -> bool {
        self.theme.is_coloured() && self.told == TerminalColours::default()
    }

    /// The names of the list: what follows the terminal, then each theme.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [AUTO]
            .into_iter()
            .chain(self.all.iter().map(|theme| theme.name.as_str()))
    }

    /// One sentence about a place of the list.
    pub fn about(&self, at: usize) -> &str {
        match at.checked_sub(1) {
            None => "dark or light, as the terminal is",
            Some(at) => self.all.get(at).map_or("", |theme| theme.file.about.as_str()),
        }
    }

    /// The place in the list of what is on the screen.
    pub fn place(&self) -> usize {
        let of_chosen = || {
            let ThemeChoice::Named(name) = &self.chosen else {
                return 0;
            };
            self.names().position(|it| it == name).unwrap_or(0)
        };
        self.preview.unwrap_or_else(of_chosen)
    }

    /// Whether a theme is on the screen that is only looked at.
    pub fn is_previewed(&self) -> bool {
        self.preview.is_some()
    }

    /// Shows the theme at this place of the list without choosing it.
    pub fn look_at(&mut self, at: usize) {
        self.preview = Some(at.min(self.all.len()));
        self.renew();
    }

    /// Chooses what is looked at.
    pub fn keep(&mut self) {
        if let Some(choice) = self.preview.take().and_then(|at| self.at(at)) {
            self.chosen = choice;
        }
        self.renew();
    }

    /// Shows what was chosen before the look.
    pub fn restore(&mut self) {
        self.preview = None;
        self.renew();
    }

    /// Chooses.
    ///
    /// # Errors
    /// Where no theme has one of its names; all stays as it is then.
    pub fn choose(&mut self, choice: ThemeChoice) -> Result<(), UnknownTheme> {
        let is_unknown = |name: &&str| !self.all.iter().any(|theme| theme.name == *name);
        if let Some(name) = choice.names().into_iter().find(is_unknown) {
            return Err(UnknownTheme(name.to_owned()));
        }
        self.preview = None;
        self.chosen = choice;
        self.renew();
        Ok(())
    }

    /// Takes in what the terminal tells. Returns whether it should be asked for its background.
    pub fn hear(&mut self, told: TerminalColours) -> bool {
        let before = std::mem::replace(&mut self.told, told);
        self.renew();
        told.background.is_none() && before.is_light != told.is_light
    }

    fn at(&self, at: usize) -> Option<ThemeChoice> {
        match at.checked_sub(1) {
            None => Some(ThemeChoice::Auto),
            Some(at) => Some(ThemeChoice::Named(self.all.get(at)?.name.clone())),
        }
    }

    /// Whether the background is light, as far as is known.
    fn is_light(&self) -> Option<bool> {
        let of_background = self.told.background.map(colours::is_light);
        of_background.or(self.told.is_light).or(self.look.is_light)
    }

    /// The theme of this name.
    fn named(&self, name: &str) -> Option<&NamedTheme> {
        self.all.iter().find(|theme| theme.name == name)
    }

    /// Computes the theme on the screen.
    fn renew(&mut self) {
        let choice = self.preview.and_then(|at| self.at(at));
        let choice = choice.as_ref().unwrap_or(&self.chosen);
        let is_light = self.is_light();
        let kind = is_light.unwrap_or(false);
        let own = match self.told.background {
            Some(rgb) => Paper::Known(rgb),
            None => Paper::Guessed(kind),
        };
        let has_many = self.look.depth > ColourDepth::Sixteen;
        let (name, paper) = match choice {
            _ if !has_many => (shipped::SIXTEEN, own),
            ThemeChoice::Auto if self.told.background.is_none() && self.told.is_light.is_none() => {
                (shipped::SIXTEEN, own)
            }
            ThemeChoice::Auto if kind => (shipped::LIGHT, own),
            ThemeChoice::Auto => (shipped::DARK, own),
            ThemeChoice::Named(name) => (name.as_str(), Paper::Own),
            ThemeChoice::ByBackground { light, .. } if kind => (light.as_str(), Paper::Own),
            ThemeChoice::ByBackground { dark, .. } => (dark.as_str(), Paper::Own),
        };
        let found = self.named(name).or_else(|| self.named(shipped::SIXTEEN));
        let Some((found, side)) = found.and_then(|theme| Some((theme, side_of(&theme.file, kind)?))) else {
            return;
        };
        let (shown, file) = (found.name.clone(), &found.file);
        let keeps = self.keeps_background || side.background.is_none();
        let paper = if keeps { own } else { paper };
        let (theme, repairs) = fitted(side, paper, self.look.depth, file.contrast, &self.overrides);
        self.shown = shown;
        self.theme = theme.with_signs(self.look.signs);
        self.repairs = repairs.into();
    }
}

/// The side for this kind of background, or the one that there is.
fn side_of(file: &ThemeFile, is_light: bool) -> Option<&ThemeSide> {
    let (first, second) = if is_light {
        (&file.light, &file.dark)
    } else {
        (&file.dark, &file.light)
    };
    first.as_ref().or(second.as_ref())
}

#[cfg(test)]
mod tests;
