//! Colours by role, in one table for each background.
//!
//! A role says what a thing means; a palette says how that looks. By themselves both use only the terminal's own sixteen colours,
//! so a palette for colour-vision deficiency stays one; an operator may choose others ([`super::colours`]). They are made for one background, so a light one has a table of its own.
//! Without colours nothing is lost: every state has a sign and a word too. What may be overlooked is dim and has no colour:
//! the grey among the sixteen (8) is the background itself in some palettes. A theme also knows the terminal's signs.

use ratatui::style::{Color, Modifier, Style};

use super::signs::SignSet;

/// What a thing on the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Plain text.
    Text,
    /// What may be overlooked.
    Muted,
    /// Names of columns and fields.
    Label,
    /// The name of the program and of panes.
    Title,
    /// Good, and known to be.
    Good,
    /// Worth a look.
    Warn,
    /// A problem.
    Bad,
    /// Not known, or not understood.
    Doubt,
    /// What is being done.
    Busy,
    /// A key.
    Key,
    /// The selected row.
    Selected,
    /// A pod that vanished.
    Gone,
    /// The line between panes.
    Rule,
}

/// What an operator calls each role in `[theme]` of the configuration.
pub const ROLES: [(&str, Role); 13] = [
    ("text", Role::Text),
    ("muted", Role::Muted),
    ("label", Role::Label),
    ("title", Role::Title),
    ("good", Role::Good),
    ("warning", Role::Warn),
    ("bad", Role::Bad),
    ("doubt", Role::Doubt),
    ("busy", Role::Busy),
    ("key", Role::Key),
    ("selected", Role::Selected),
    ("gone", Role::Gone),
    ("rule", Role::Rule),
];

/// Which colours a terminal gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// None: `NO_COLOR`, or a terminal that has none.
    None,
    /// The terminal's own sixteen, on a dark background.
    Sixteen,
    /// The same, on a light background.
    Light,
}

/// The palettes that can be chosen, by name.
const NAMES: [(&str, Palette); 2] = [("dark", Palette::Sixteen), ("light", Palette::Light)];
/// Their names.
pub const BASES: [&str; NAMES.len()] = [NAMES[0].0, NAMES[1].0];
/// The same, after "must be".
pub const NAMES_ALLOWED: &str = "dark or light";

impl Palette {
    /// The palette of this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(it, _)| *it == name)
            .map(|(_, palette)| *palette)
    }

    /// The palette for what a terminal says in `COLORFGBG`: `foreground;background` by number, in rxvt with a third part
    /// between them; `None` where it does not say that it is light. The background may be `default`, which is a colour
    /// outside of the numbered ones: then it is light where the text is black.
    pub fn for_background(told: &str) -> Option<Self> {
        let told = told.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
        let (before, background) = told.rsplit_once(';')?;
        let foreground = before.split(';').next().unwrap_or_default().trim();
        let is_light = match background.trim() {
            "default" => foreground == "0",
            number => matches!(number.parse::<u8>(), Ok(7 | 9..=15)),
        };
        is_light.then_some(Self::Light)
    }

    fn table(self) -> &'static [Row; 13] {
        match self {
            Self::None | Self::Sixteen => &DARK,
            Self::Light => &LIGHT,
        }
    }
}

/// Role, colour, and modifiers that hold with and without colour.
type Row = (Role, Option<Color>, Modifier);

/// On black the plain red, blue and magenta are too dark to read, and of many palettes so is the bright blue.
const DARK: [Row; 13] = [
    (Role::Text, None, Modifier::empty()),
    (Role::Muted, None, Modifier::DIM),
    (Role::Label, Some(Color::Cyan), Modifier::empty()),
    (Role::Title, Some(Color::Cyan), Modifier::BOLD),
    (Role::Good, Some(Color::Green), Modifier::empty()),
    (Role::Warn, Some(Color::Yellow), Modifier::empty()),
    (Role::Bad, Some(Color::LightRed), Modifier::BOLD),
    (Role::Doubt, Some(Color::LightMagenta), Modifier::empty()),
    (Role::Busy, Some(Color::LightCyan), Modifier::empty()),
    (Role::Key, Some(Color::Cyan), Modifier::BOLD),
    (Role::Selected, None, Modifier::REVERSED),
    (Role::Gone, None, Modifier::DIM),
    (Role::Rule, None, Modifier::DIM),
];

/// On white only red, blue and magenta are dark enough to read. They are never bold: where bold means bright they are not
/// dark enough any more. So a problem is a reversed red, and what is well has no colour.
const LIGHT: [Row; 13] = [
    (Role::Text, None, Modifier::empty()),
    (Role::Muted, None, Modifier::DIM),
    (Role::Label, Some(Color::Blue), Modifier::empty()),
    (Role::Title, None, Modifier::BOLD),
    (Role::Good, None, Modifier::empty()),
    (Role::Warn, Some(Color::Red), Modifier::empty()),
    (Role::Bad, Some(Color::Red), Modifier::REVERSED),
    (Role::Doubt, Some(Color::Magenta), Modifier::empty()),
    (Role::Busy, Some(Color::Blue), Modifier::empty()),
    (Role::Key, None, Modifier::BOLD),
    (Role::Selected, None, Modifier::REVERSED),
    (Role::Gone, None, Modifier::DIM),
    (Role::Rule, None, Modifier::DIM),
];

/// Roles made styles, and signs made cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    palette: Palette,
    signs: SignSet,
    /// Colours in place of the palette's, in the order of [`ROLES`].
    chosen: [Option<Color>; ROLES.len()],
}

impl Theme {
    /// A theme that uses `palette`, and all signs.
    pub fn new(palette: Palette) -> Self {
        Self {
            palette,
            signs: SignSet::Utf8,
            chosen: [None; ROLES.len()],
        }
    }

    /// The same with this colour for `role`, where there are colours at all.
    #[must_use]
    pub fn with_colour(mut self, role: Role, colour: Color) -> Self {
        let chosen = ROLES.iter().zip(&mut self.chosen);
        for (_, place) in chosen.filter(|((_, it), _)| *it == role) {
            *place = Some(colour);
        }
        self
    }

    /// The same with these signs.
    #[must_use]
    pub fn with_signs(self, signs: SignSet) -> Self {
        Self { signs, ..self }
    }

    /// The palette that it uses.
    pub fn palette(&self) -> Palette {
        self.palette
    }

    /// The signs that it uses.
    pub fn signs(&self) -> SignSet {
        self.signs
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        let Some((_, color, modifier)) = self.palette.table().iter().find(|(it, ..)| *it == role) else {
            return Style::new();
        };
        let style = Style::new().add_modifier(*modifier);
        let mut chosen = ROLES.iter().zip(self.chosen);
        let chosen = chosen.find_map(|((_, it), colour)| colour.filter(|_| *it == role));
        match (self.palette, chosen.or(*color)) {
            (Palette::Sixteen | Palette::Light, Some(color)) => style.fg(color),
            (Palette::None, _) | (_, None) => style,
        }
    }
}

#[cfg(test)]
mod tests;
