//! What things mean on the screen, and what that looks like.
//!
//! A [`Role`] says what a thing means; a [`Theme`] has a style for each. Where the styles come from: a theme's [`mod@file`], made
//! fit for one terminal by [`fit`]; [`shipped`] has the five that come with the program. [`super::themes`] owns which one is on
//! the screen. Without colours nothing is lost: every state has a sign and a word too. A theme also knows the terminal's signs.

pub mod file;
pub mod fit;
pub mod shipped;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::colours::{ColourDepth, LEAST_CONTRAST_OF_SIGNS};
use super::signs::SignSet;

/// What a thing on the screen means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Plain text.
    #[default]
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
    /// The sign of the selected row, and what else shows where one is.
    Accent,
    /// The selected row: what lies behind it.
    Selected,
    /// The place of the next letter in a prompt.
    Caret,
    /// A pod that vanished.
    Gone,
    /// The line between panes.
    Rule,
}

/// What an operator calls each role in a theme's file and in `[theme]` of the configuration, in the order of [`Role`].
pub const ROLES: [(&str, Role); 15] = [
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
    ("accent", Role::Accent),
    ("selected", Role::Selected),
    ("caret", Role::Caret),
    ("gone", Role::Gone),
    ("rule", Role::Rule),
];

impl Role {
    /// The contrast that it needs where text needs `text`.
    pub fn least_contrast(self, text: f64) -> f64 {
        match self {
            // Lines and signs are judged as such, unless the theme asks for more than usual.
            Self::Rule | Self::Accent if text <= super::colours::LEAST_CONTRAST => LEAST_CONTRAST_OF_SIGNS,
            _ => text,
        }
    }
}

/// Which of the themes that need nothing but the sixteen colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// None: `NO_COLOR`.
    None,
    /// The terminal's own sixteen, on a dark background.
    Sixteen,
    /// The same, on a light background.
    Light,
}

/// Without colours: what may be overlooked is dim, what matters is bold, and the selected row is reversed.
const WITHOUT_COLOURS: [(Role, Modifier); 9] = [
    (Role::Muted, Modifier::DIM),
    (Role::Title, Modifier::BOLD),
    (Role::Bad, Modifier::BOLD),
    (Role::Key, Modifier::BOLD),
    (Role::Accent, Modifier::BOLD),
    (Role::Selected, Modifier::REVERSED),
    (Role::Caret, Modifier::REVERSED),
    (Role::Gone, Modifier::DIM),
    (Role::Rule, Modifier::DIM),
];

/// Roles made styles, and signs made cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    signs: SignSet,
    /// Whether there are colours at all.
    is_coloured: bool,
    /// What is painted behind everything.
    background: Option<Color>,
    /// In the order of [`ROLES`].
    styles: [Style; ROLES.len()],
}

impl Theme {
    /// A theme of a terminal that tells nothing of itself, with all signs.
    pub fn new(palette: Palette) -> Self {
        let theme = |is_light| shipped::sixteen(is_light).map(|side| fit::plain(side, ColourDepth::Sixteen));
        let theme = match palette {
            Palette::None => None,
            Palette::Sixteen => theme(false),
            Palette::Light => theme(true),
        };
        theme.unwrap_or_else(Self::without_colours)
    }

    /// The theme of a terminal without colours.
    fn without_colours() -> Self {
        let mut theme = Self::of_styles(None, [Style::new(); ROLES.len()]);
        theme.is_coloured = false;
        for (role, modifier) in WITHOUT_COLOURS {
            theme.set(role, Style::new().add_modifier(modifier));
        }
        theme
    }

    /// A theme of these styles, in the order of [`ROLES`].
    fn of_styles(background: Option<Color>, styles: [Style; ROLES.len()]) -> Self {
        Self {
            signs: SignSet::Utf8,
            is_coloured: true,
            background,
            styles,
        }
    }

    fn set(&mut self, role: Role, style: Style) {
        if let Some(place) = self.styles.get_mut(role as usize) {
            *place = style;
        }
    }

    /// The same with this colour for `role`, where there are colours at all: behind the selected row, elsewhere of the text.
    #[must_use]
    pub fn with_colour(mut self, role: Role, colour: Color) -> Self {
        if self.is_coloured {
            let style = self.style(role);
            let style = match role {
                Role::Selected => style.bg(colour).remove_modifier(Modifier::UNDERLINED),
                _ => style.fg(colour),
            };
            self.set(role, style);
        }
        self
    }

    /// The same with these signs.
    #[must_use]
    pub fn with_signs(self, signs: SignSet) -> Self {
        Self { signs, ..self }
    }

    /// The signs that it uses.
    pub fn signs(&self) -> SignSet {
        self.signs
    }

    /// Whether it has colours.
    pub fn is_coloured(&self) -> bool {
        self.is_coloured
    }

    /// What is painted behind everything; `None` where the terminal's own background stays.
    pub fn background(&self) -> Option<Color> {
        self.background
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// Shows what is drawn at `place` as selected. What it says keeps its colours; without any it is one calm bar. Where there is no
    /// colour to lie behind it, a line is under its words alone: across the whole row it would be the loudest thing on the screen.
    pub fn select(&self, place: Rect, buffer: &mut Buffer) {
        let style = self.style(Role::Selected);
        if style.add_modifier.contains(Modifier::REVERSED) {
            let weight = Modifier::BOLD | Modifier::DIM;
            return buffer.set_style(place, style.fg(Color::Reset).remove_modifier(weight));
        }
        if !style.add_modifier.contains(Modifier::UNDERLINED) {
            return buffer.set_style(place, style);
        }
        for position in place.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position)
                && cell.symbol().chars().any(char::is_alphanumeric)
            {
                cell.set_style(style);
            }
        }
    }

    /// Shows what is drawn at `place` as not of now. Signs that `keeps` names stay as they are, so that what was wrong is
    /// still found.
    pub fn dim(&self, place: Rect, buffer: &mut Buffer, keeps: impl Fn(&str) -> bool) {
        let loud = Modifier::BOLD | Modifier::REVERSED;
        let style = self.style(Role::Gone).remove_modifier(loud);
        let style = Style {
            fg: style.fg.or(Some(Color::Reset)),
            ..style
        };
        for position in place.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position)
                && !keeps(cell.symbol())
            {
                cell.set_style(style);
            }
        }
    }

    /// Paints the theme's own background and text colour wherever nothing else has one: the last step of a picture.
    pub fn paint(&self, buffer: &mut Buffer) {
        let Some(background) = self.background else { return };
        let text = self.style(Role::Text).fg;
        for cell in &mut buffer.content {
            if cell.bg == Color::Reset {
                cell.bg = background;
            }
            if cell.fg == Color::Reset {
                cell.fg = text.unwrap_or(Color::Reset);
            }
        }
    }
}

/// Whether a terminal tells a light background in `COLORFGBG`; `None` where that says nothing of it.
///
/// The form is `foreground;background` by number, in rxvt with a third part between them. The background may be `default`,
/// which is a colour outside of the numbered ones: then it is light where the text is black.
pub fn told_light(told: &str) -> Option<bool> {
    let told = told.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let (before, background) = told.rsplit_once(';')?;
    let foreground = before.split(';').next().unwrap_or_default().trim();
    match background.trim() {
        "default" => match foreground {
            "0" => Some(true),
            number => number.parse::<u8>().ok().map(|_| false),
        },
        number => match number.parse::<u8>() {
            Ok(7 | 9..=15) => Some(true),
            Ok(0..=8) => Some(false),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests;
