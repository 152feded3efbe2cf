//! Colours by role, in one table.
//!
//! A role says what a thing means; a palette says how that looks. Only the terminal's own sixteen colours are
//! used, so a light terminal stays light and a palette for colour-vision deficiency stays one. Without colours
//! nothing is lost: every state has a sign and a word too.

use ratatui::style::{Color, Modifier, Style};

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

/// Which colours a terminal gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// None: `NO_COLOR`, or a terminal that has none.
    None,
    /// The terminal's own sixteen.
    Sixteen,
}

/// Role, colour, and modifiers that hold with and without colour.
const TABLE: [(Role, Option<Color>, Modifier); 13] = [
    (Role::Text, None, Modifier::empty()),
    (Role::Muted, Some(Color::DarkGray), Modifier::empty()),
    (Role::Label, Some(Color::Cyan), Modifier::empty()),
    (Role::Title, Some(Color::Cyan), Modifier::BOLD),
    (Role::Good, Some(Color::Green), Modifier::empty()),
    (Role::Warn, Some(Color::Yellow), Modifier::empty()),
    (Role::Bad, Some(Color::LightRed), Modifier::BOLD),
    (Role::Doubt, Some(Color::Magenta), Modifier::empty()),
    (Role::Busy, Some(Color::LightBlue), Modifier::empty()),
    (Role::Key, Some(Color::Cyan), Modifier::BOLD),
    (Role::Selected, None, Modifier::REVERSED),
    (Role::Gone, Some(Color::DarkGray), Modifier::DIM),
    (Role::Rule, Some(Color::DarkGray), Modifier::empty()),
];

/// Roles made styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    palette: Palette,
}

impl Theme {
    /// A theme that uses `palette`.
    pub fn new(palette: Palette) -> Self {
        Self { palette }
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        let Some((_, color, modifier)) = TABLE.iter().find(|(it, ..)| *it == role) else {
            return Style::new();
        };
        let style = Style::new().add_modifier(*modifier);
        match (self.palette, color) {
            (Palette::Sixteen, Some(color)) => style.fg(*color),
            (Palette::None, Some(Color::DarkGray)) => style.add_modifier(Modifier::DIM),
            (Palette::None | Palette::Sixteen, _) => style,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_there_are_none() {
        let theme = Theme::new(Palette::None);
        for (role, ..) in TABLE {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert!(
            theme
                .style(Role::Selected)
                .add_modifier
                .contains(Modifier::REVERSED)
        );
    }
}
