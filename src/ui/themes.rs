//! The theme on the screen, from the choice and the terminal's reports.
//!
//! By default (`auto`) the screen begins with the sixteen colours, which are readable on any background. When
//! the terminal reports its background, the theme `dark` or `light` replaces them, made readable on that
//! colour, which stays. A theme that somebody chooses paints its own background instead, so that it looks the
//! same everywhere.
//!
//! Pure: no file is read and the terminal is not queried here. A choice lasts for this run and is not saved.

mod choice;

use std::fmt;
use std::sync::Arc;

use super::SignSet;
use super::colours::{self, ColourDepth};
use super::theme::file::{ThemeFile, ThemeSide};
use super::theme::fit::{ContrastRepair, Paper, RoleColour, fitted};
use super::theme::{Theme, shipped};
use crate::terminal::TerminalColours;
pub use choice::{AUTO, CHOICE_ALLOWED, ThemeChoice, is_name};

/// For this many ticks of the clock after a report of the scheme, a background that contradicts it is not used
/// but asked for again. tmux 3.8 passes the report on before its own terminal has told it the new background,
/// and answers with the old one until then. The first tick may come at once; the second is a second later.
const TICKS_OF_DOUBT: u8 = 3;

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedTheme {
    /// Its name.
    pub name: String,
    /// Its look.
    pub file: ThemeFile,
    /// Its file, if it is not shipped.
    pub path: Option<String>,
}

/// The facts about the terminal that need no query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalLook {
    /// How many colours it supports.
    pub depth: ColourDepth,
    /// Whether its background is light, according to its variables.
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

/// The name of a theme that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTheme(pub String);

impl fmt::Display for UnknownTheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no theme is named {}", self.0)
    }
}

impl std::error::Error for UnknownTheme {}

/// All themes, and the one on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Themes {
    all: Arc<[NamedTheme]>,
    look: TerminalLook,
    chosen: ThemeChoice,
    /// The place in the list that is previewed and not chosen yet.
    preview: Option<usize>,
    /// Colours of single roles.
    overrides: Arc<[RoleColour]>,
    /// Whether the terminal's background stays, whatever the theme.
    keeps_background: bool,
    told: TerminalColours,
    /// How many of [`TICKS_OF_DOUBT`] are left.
    doubt: u8,
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
    /// These themes on such a terminal; the one that matches it is on the screen.
    pub fn new(all: Vec<NamedTheme>, look: TerminalLook) -> Self {
        let mut themes = Self {
            all: all.into(),
            look,
            chosen: ThemeChoice::Auto,
            preview: None,
            overrides: Arc::default(),
            keeps_background: false,
            told: TerminalColours::default(),
            doubt: 0,
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

    /// The repairs of its colours.
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

    /// Whether the terminal's reports matter. Without colours they never do.
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

    /// Whether the terminal should be queried for its background before the list is shown, because it was not
    /// at the start.
    pub fn is_untold(&self) -> bool {
        self.theme.is_coloured() && self.told == TerminalColours::default()
    }

    /// The names in the list: `auto`, then each theme.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [AUTO]
            .into_iter()
            .chain(self.all.iter().map(|theme| theme.name.as_str()))
    }

    /// A sentence about an entry of the list.
    pub fn about(&self, at: usize) -> &str {
        match at.checked_sub(1) {
            None => "dark or light, as the terminal is",
            Some(at) => self.all.get(at).map_or("", |theme| theme.file.about.as_str()),
        }
    }

    /// The place in the list of the theme on the screen.
    pub fn place(&self) -> usize {
        let of_chosen = || {
            let ThemeChoice::Named(name) = &self.chosen else {
                return 0;
            };
            self.names().position(|it| it == name).unwrap_or(0)
        };
        self.preview.unwrap_or_else(of_chosen)
    }

    /// Whether a theme is only previewed.
    pub fn is_previewed(&self) -> bool {
        self.preview.is_some()
    }

    /// Previews the theme at this place of the list.
    pub fn look_at(&mut self, at: usize) {
        self.preview = Some(at.min(self.all.len()));
        self.renew();
    }

    /// Chooses the previewed theme.
    pub fn keep(&mut self) {
        if let Some(choice) = self.preview.take().and_then(|at| self.at(at)) {
            self.chosen = choice;
        }
        self.renew();
    }

    /// Ends the preview.
    pub fn restore(&mut self) {
        self.preview = None;
        self.renew();
    }

    /// Makes a choice.
    ///
    /// # Errors
    /// A theme with one of its names does not exist; nothing changes then.
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

    /// Takes a report of the terminal. Returns whether it should be queried for its background.
    pub fn hear(&mut self, told: TerminalColours) -> bool {
        let before = std::mem::replace(&mut self.told, told);
        let is_scheme = before.scheme_reports != told.scheme_reports;
        if is_scheme {
            self.doubt = TICKS_OF_DOUBT;
        }
        self.renew();
        is_scheme
    }

    /// A second has passed. Returns whether the terminal should be queried again, because its background
    /// contradicts its scheme. If that stays so, the background counts.
    pub fn tick(&mut self) -> bool {
        let was_doubtful = self.is_doubtful();
        self.doubt = self.doubt.saturating_sub(1);
        let is_over = self.doubt == 0;
        if was_doubtful && is_over {
            self.renew();
        }
        was_doubtful && !is_over
    }

    /// Whether the background is likely the one of an earlier scheme.
    fn is_doubtful(&self) -> bool {
        let TerminalColours {
            background, is_light, ..
        } = self.told;
        self.doubt > 0
            && background
                .zip(is_light)
                .is_some_and(|(rgb, is_light)| colours::is_light(rgb) != is_light)
    }

    /// The terminal's background, unless it is doubtful.
    fn background(&self) -> Option<[u8; 3]> {
        self.told.background.filter(|_| !self.is_doubtful())
    }

    fn at(&self, at: usize) -> Option<ThemeChoice> {
        match at.checked_sub(1) {
            None => Some(ThemeChoice::Auto),
            Some(at) => Some(ThemeChoice::Named(self.all.get(at)?.name.clone())),
        }
    }

    /// Whether the background is light, if known.
    fn is_light(&self) -> Option<bool> {
        let of_background = self.background().map(colours::is_light);
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
        let own = match self.background() {
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

/// The side for this kind of background, or else the other.
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
