//! Colours by role, in one table for each background.
//!
//! A role says what a thing means; a palette says how that looks. Only the terminal's own sixteen colours are used, so a
//! palette for colour-vision deficiency stays one. They are made for one background, so a light one has a table of its own.
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
/// Their names, after "must be".
pub const NAMES_ALLOWED: &str = "dark or light";

impl Palette {
    /// The palette of this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(it, _)| *it == name)
            .map(|(_, palette)| *palette)
    }

    /// The palette for what a terminal says in `COLORFGBG`, `foreground;background` by number; `None` where it does not say
    /// that it is light.
    pub fn for_background(told: &str) -> Option<Self> {
        let background: u8 = told.rsplit(';').next()?.trim().parse().ok()?;
        matches!(background, 7 | 9..=15).then_some(Self::Light)
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

const DARK: [Row; 13] = [
    (Role::Text, None, Modifier::empty()),
    (Role::Muted, None, Modifier::DIM),
    (Role::Label, Some(Color::Cyan), Modifier::empty()),
    (Role::Title, Some(Color::Cyan), Modifier::BOLD),
    (Role::Good, Some(Color::Green), Modifier::empty()),
    (Role::Warn, Some(Color::Yellow), Modifier::empty()),
    (Role::Bad, Some(Color::LightRed), Modifier::BOLD),
    (Role::Doubt, Some(Color::Magenta), Modifier::empty()),
    (Role::Busy, Some(Color::LightBlue), Modifier::empty()),
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
}

impl Theme {
    /// A theme that uses `palette`, and all signs.
    pub fn new(palette: Palette) -> Self {
        Self {
            palette,
            signs: SignSet::Utf8,
        }
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
        match (self.palette, color) {
            (Palette::Sixteen | Palette::Light, Some(color)) => style.fg(*color),
            (Palette::None, _) | (_, None) => style,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_there_are_none() {
        let theme = Theme::new(Palette::None);
        for (role, ..) in DARK {
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

    #[test]
    fn no_text_depends_on_the_grey_that_some_palettes_do_not_show() {
        for (role, color, _) in DARK.iter().chain(&LIGHT) {
            assert!(!matches!(color, Some(Color::DarkGray | Color::Gray)), "{role:?}");
        }
        for table in [DARK, LIGHT] {
            let roles = |table: [Row; 13]| table.map(|(role, ..)| role);
            assert_eq!(roles(table), roles(DARK), "every role has its row");
        }
    }

    #[test]
    fn a_terminal_that_tells_a_light_background_is_believed() {
        for (told, palette) in [
            ("0;15", Some(Palette::Light)),
            ("0;default;15", Some(Palette::Light)),
            ("0;7", Some(Palette::Light)),
            ("15;0", None),
            ("7;8", None),
            ("12;default", None),
            ("", None),
            ("0;300", None),
        ] {
            assert_eq!(Palette::for_background(told), palette, "{told}");
        }
        let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.join(" or "), NAMES_ALLOWED);
    }

    /// Name, background, red, blue and magenta of a terminal; and the contrast that its own palette gives them at least.
    type Paper = (&'static str, [u32; 4], f64);

    /// What is read needs 4.5; a sign beside a word 3, which is what the palettes with their own taste give.
    const PAPERS: [Paper; 8] = [
        ("xterm", [0x00ff_ffff, 0x00cd_0000, 0x0000_00ee, 0x00cd_00cd], 4.5),
        ("urxvt", [0x00ff_ffff, 0x00cd_0000, 0x0000_00cd, 0x00cd_00cd], 4.5),
        ("GNOME", [0x00ff_ffff, 0x00cc_0000, 0x0034_65a4, 0x0075_507b], 4.5),
        (
            "Konsole",
            [0x00ff_ffff, 0x00b2_1818, 0x0018_18b2, 0x00b2_18b2],
            4.5,
        ),
        (
            "VS Code",
            [0x00ff_ffff, 0x00cd_3131, 0x0004_51a5, 0x00bc_05bc],
            4.5,
        ),
        ("macOS", [0x00ff_ffff, 0x0099_0000, 0x0000_00b2, 0x00b2_00b2], 4.5),
        (
            "One Half",
            [0x00fa_fafa, 0x00e4_5649, 0x0001_84bc, 0x00a6_26a4],
            3.0,
        ),
        (
            "Solarized",
            [0x00fd_f6e3, 0x00dc_322f, 0x0026_8bd2, 0x00d3_3682],
            3.0,
        ),
    ];

    /// As WCAG 2 defines it.
    fn luminance(colour: u32) -> f64 {
        let [_, channels @ ..] = colour.to_be_bytes();
        let linear = channels.map(|channel| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn every_colour_for_a_light_background_can_be_read_there() {
        for (name, [paper, red, blue, magenta], least) in PAPERS {
            for (role, colour, modifier) in LIGHT {
                let ink = match colour {
                    None => continue,
                    Some(Color::Red) => red,
                    Some(Color::Blue) => blue,
                    Some(Color::Magenta) => magenta,
                    Some(other) => panic!("{role:?} is {other} on white"),
                };
                let contrast = (luminance(paper) + 0.05) / (luminance(ink) + 0.05);
                assert!(contrast >= least, "{role:?} on {name}: {contrast:.2}");
                // Bold is bright in some of them.
                assert!(!modifier.contains(Modifier::BOLD), "{role:?}");
            }
        }
    }
}
