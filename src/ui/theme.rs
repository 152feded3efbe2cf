//! The roles of things on the screen, and their styles.
//!
//! A [`Role`] is the meaning of a thing; a [`Theme`] has a style for each. The styles come from a theme's
//! [`mod@file`], adapted to the terminal by [`fit`]; [`shipped`] has the five that come with the program.
//! [`super::themes`] owns which one is on the screen. Without colours nothing is lost, because every state
//! also has a sign and a word. A theme also knows the terminal's signs.

pub mod file;
pub mod fit;
pub mod shipped;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::colours::{ColourDepth, LEAST_CONTRAST_OF_SIGNS};
use super::signs::{CURSOR, SignSet};

/// What a thing on the screen means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Plain text.
    #[default]
    Text,
    /// Secondary text.
    Muted,
    /// Names of columns and fields.
    Label,
    /// The name of the program and of panes.
    Title,
    /// Good, and known to be.
    Good,
    /// Needs attention.
    Warn,
    /// A problem.
    Bad,
    /// Unknown or not understood.
    Doubt,
    /// In progress.
    Busy,
    /// A key.
    Key,
    /// The sign of the selected row, and other marks of the position.
    Accent,
    /// The background of the selected row.
    Selected,
    /// The place of the next letter in a prompt.
    Caret,
    /// A pod that vanished.
    Gone,
    /// The line between panes.
    Rule,
}

/// The name of each role in a theme's file and in `[theme]` of the configuration, in the order of [`Role`].
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
    /// The contrast that it needs if text needs `text`.
    pub fn least_contrast(self, text: f64) -> f64 {
        match self {
            // Lines and signs need less, unless the theme requires more than usual.
            Self::Rule | Self::Accent if text <= super::colours::LEAST_CONTRAST => LEAST_CONTRAST_OF_SIGNS,
            _ => text,
        }
    }
}

/// The themes that only need the sixteen colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// None: `NO_COLOR`.
    None,
    /// The terminal's own sixteen, on a dark background.
    Sixteen,
    /// The same, on a light background.
    Light,
}

/// Without colours: secondary text is dim, important text is bold, and the selected row is reversed.
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

/// A style for each role, and the set of signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    signs: SignSet,
    /// Whether there are colours at all.
    is_coloured: bool,
    /// The background of the screen.
    background: Option<Color>,
    /// In the order of [`ROLES`].
    styles: [Style; ROLES.len()],
}

impl Theme {
    /// The theme for an unknown terminal, with all signs.
    pub fn new(palette: Palette) -> Self {
        let theme = |is_light| shipped::sixteen(is_light).map(|side| fit::plain(side, ColourDepth::Sixteen));
        let theme = match palette {
            Palette::None => None,
            Palette::Sixteen => theme(false),
            Palette::Light => theme(true),
        };
        theme.unwrap_or_else(Self::without_colours)
    }

    /// The theme for a terminal without colours.
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

    /// The same with this colour for `role`, if there are colours: the background for the selected row, else
    /// the text.
    #[must_use]
    pub fn with_colour(mut self, role: Role, colour: Color) -> Self {
        if self.is_coloured {
            let style = self.style(role);
            let style = match role {
                Role::Selected => Style {
                    add_modifier: style.add_modifier - Modifier::UNDERLINED - Modifier::REVERSED,
                    ..style.bg(colour)
                },
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

    /// Its signs.
    pub fn signs(&self) -> SignSet {
        self.signs
    }

    /// Whether it has colours.
    pub fn is_coloured(&self) -> bool {
        self.is_coloured
    }

    /// The background of the screen; `None` if the terminal's own stays.
    pub fn background(&self) -> Option<Color> {
        self.background
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// Shows what is drawn at `place` as selected. On a background of its own the text keeps its colours. A reversed row has
    /// one colour, but for what was loud: a row of many colours cannot be read. In a theme that underlines, only words are
    /// underlined: a line across the row is too loud.
    pub fn select(&self, place: Rect, buffer: &mut Buffer) {
        let style = self.style(Role::Selected);
        if style.add_modifier.contains(Modifier::REVERSED) {
            let bad = self.style(Role::Bad);
            let weight = Modifier::BOLD | Modifier::DIM;
            for position in place.intersection(buffer.area).positions() {
                // The mark of the selected row is not part of it.
                if let Some(cell) = buffer.cell_mut(position)
                    && !(self.is_coloured && cell.symbol() == CURSOR)
                {
                    let is_loud = self.is_coloured && bad.fg == Some(cell.fg);
                    let style = if is_loud { style } else { style.fg(Color::Reset) };
                    cell.set_style(style.remove_modifier(weight));
                }
            }
            return;
        }
        if !style.add_modifier.contains(Modifier::UNDERLINED) {
            return buffer.set_style(place, style);
        }
        for position in place.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position)
                && is_of_word(cell.symbol())
            {
                cell.set_style(style);
            }
        }
    }

    /// Shows what is drawn at `place` as not current. Signs that `keeps` selects do not change, so that
    /// problems are still visible.
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

    /// Paints the theme's own background and text colour wherever no other is set: the last step of a
    /// picture.
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

/// Whether a symbol is part of a word or of a name, and no sign or line.
fn is_of_word(symbol: &str) -> bool {
    symbol
        .chars()
        .any(|letter| letter.is_alphanumeric() || letter.is_ascii_graphic() || letter == '…')
}

/// Whether `COLORFGBG` reports a light background; `None` if it does not say.
///
/// The form is `foreground;background` by number, in rxvt with a third part between them. The background may
/// be `default`, a colour without a number: then it is light if the text is black.
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
