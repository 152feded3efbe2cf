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
    fn a_chosen_colour_takes_the_place_of_the_palettes_and_leaves_the_rest() {
        let colour = Color::Indexed(214);
        let plain = Theme::new(Palette::Sixteen);
        let theme = plain.with_colour(Role::Bad, colour);
        assert_eq!(theme.style(Role::Bad), plain.style(Role::Bad).fg(colour));
        assert_eq!(theme.style(Role::Warn), plain.style(Role::Warn));
        let none = Theme::new(Palette::None).with_colour(Role::Bad, colour);
        assert_eq!(none.style(Role::Bad).fg, None);
    }

    #[test]
    fn no_text_depends_on_the_grey_that_some_palettes_do_not_show() {
        for (role, color, _) in DARK.iter().chain(&LIGHT) {
            assert!(!matches!(color, Some(Color::DarkGray | Color::Gray)), "{role:?}");
        }
        for table in [DARK, LIGHT] {
            let roles = |table: [Row; 13]| table.map(|(role, ..)| role);
            assert_eq!(roles(table), roles(DARK), "every role has its row");
            assert_eq!(ROLES.map(|(_, role)| role), roles(DARK), "and its name");
        }
    }

    #[test]
    fn a_terminal_that_tells_a_light_background_is_believed() {
        for (told, palette) in [
            ("0;15", Some(Palette::Light)),
            ("0;15;", Some(Palette::Light)),
            (" 0 ; 15 ;; ", Some(Palette::Light)),
            ("0;default;15", Some(Palette::Light)),
            ("0;default;15;", Some(Palette::Light)),
            ("default;15", Some(Palette::Light)),
            (";15", Some(Palette::Light)),
            ("0;7", Some(Palette::Light)),
            ("0;default", Some(Palette::Light)),
            ("0;default;default", Some(Palette::Light)),
            ("15;0", None),
            ("15;0;", None),
            ("15;default;0", None),
            ("7;8", None),
            ("15;default", None),
            ("12;default", None),
            ("default;default", None),
            ("", None),
            (";", None),
            (";;;", None),
            ("0", None),
            ("15", None),
            ("default", None),
            ("0;300", None),
            ("0;-1", None),
            ("0;fifteen", None),
            ("0;15x", None),
            ("0;15:7", None),
            ("light", None),
            ("\u{1b}[31m;\u{202e}", None),
        ] {
            assert_eq!(Palette::for_background(told), palette, "{told}");
        }
        let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.join(" or "), NAMES_ALLOWED);
    }

    /// Name, background and colours of a terminal, in the order of the roles' colours; and the contrast that its own palette
    /// gives them at least.
    type Paper<const COLOURS: usize> = (&'static str, u32, [u32; COLOURS], f64);

    /// What the terminals of [`PAPERS`] tell.
    const LIGHT_COLOURS: [Color; 3] = [Color::Red, Color::Blue, Color::Magenta];
    /// What is read needs 4.5; a sign beside a word 3, which is what the palettes with their own taste give.
    const PAPERS: [Paper<3>; 8] = [
        ("xterm", 0x00ff_ffff, [0x00cd_0000, 0x0000_00ee, 0x00cd_00cd], 4.5),
        ("urxvt", 0x00ff_ffff, [0x00cd_0000, 0x0000_00cd, 0x00cd_00cd], 4.5),
        ("GNOME", 0x00ff_ffff, [0x00cc_0000, 0x0034_65a4, 0x0075_507b], 4.5),
        (
            "Konsole",
            0x00ff_ffff,
            [0x00b2_1818, 0x0018_18b2, 0x00b2_18b2],
            4.5,
        ),
        (
            "VS Code",
            0x00ff_ffff,
            [0x00cd_3131, 0x0004_51a5, 0x00bc_05bc],
            4.5,
        ),
        ("macOS", 0x00ff_ffff, [0x0099_0000, 0x0000_00b2, 0x00b2_00b2], 4.5),
        (
            "One Half",
            0x00fa_fafa,
            [0x00e4_5649, 0x0001_84bc, 0x00a6_26a4],
            3.0,
        ),
        (
            "Solarized",
            0x00fd_f6e3,
            [0x00dc_322f, 0x0026_8bd2, 0x00d3_3682],
            3.0,
        ),
    ];

    /// What the terminals of [`SLATES`] tell.
    const DARK_COLOURS: [Color; 6] = [
        Color::Green,
        Color::Yellow,
        Color::Cyan,
        Color::LightRed,
        Color::LightMagenta,
        Color::LightCyan,
    ];
    /// The same for dark backgrounds. Where a palette gives less than 4.5, none of its colours of that name gives more.
    const SLATES: [Paper<6>; 8] = [
        (
            "xterm",
            0,
            [
                0x0000_cd00,
                0x00cd_cd00,
                0x0000_cdcd,
                0x00ff_0000,
                0x00ff_00ff,
                0x0000_ffff,
            ],
            4.5,
        ),
        (
            "Linux console",
            0,
            [
                0x0000_aa00,
                0x00aa_5500,
                0x0000_aaaa,
                0x00ff_5555,
                0x00ff_55ff,
                0x0055_ffff,
            ],
            4.0,
        ),
        (
            "GNOME",
            0x001e_1e1e,
            [
                0x004e_9a06,
                0x00c4_a000,
                0x0006_989a,
                0x00ef_2929,
                0x00ad_7fa8,
                0x0034_e2e2,
            ],
            3.9,
        ),
        (
            "Konsole",
            0x0023_2627,
            [
                0x0011_d116,
                0x00f6_7400,
                0x001a_bc9c,
                0x00c0_392b,
                0x008e_44ad,
                0x0016_a085,
            ],
            2.5,
        ),
        (
            "VS Code",
            0x001e_1e1e,
            [
                0x000d_bc79,
                0x00e5_e510,
                0x0011_a8cd,
                0x00f1_4c4c,
                0x00d6_70d6,
                0x0029_b8db,
            ],
            4.5,
        ),
        (
            "Windows Terminal",
            0x000c_0c0c,
            [
                0x0013_a10e,
                0x00c1_9c00,
                0x003a_96dd,
                0x00e7_4856,
                0x00b4_009e,
                0x0061_d6d6,
            ],
            3.0,
        ),
        (
            "PuTTY",
            0,
            [
                0x0000_bb00,
                0x00bb_bb00,
                0x0000_bbbb,
                0x00ff_5555,
                0x00ff_55ff,
                0x0055_ffff,
            ],
            4.5,
        ),
        (
            "Solarized",
            0x0000_2b36,
            [
                0x0085_9900,
                0x00b5_8900,
                0x002a_a198,
                0x00cb_4b16,
                0x006c_71c4,
                0x0093_a1a1,
            ],
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

    /// As WCAG 2 defines it, whichever of the two is the lighter.
    fn contrast(one: u32, other: u32) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    /// The contrast of every role of a palette on every terminal.
    #[track_caller]
    fn check<const COLOURS: usize>(rows: &[Row], colours: [Color; COLOURS], papers: &[Paper<COLOURS>]) {
        let mut low = Vec::new();
        for (name, paper, inks, least) in papers {
            for (role, colour, _) in rows {
                let Some(colour) = colour else { continue };
                let at = colours.iter().position(|it| it == colour);
                let at = at.unwrap_or_else(|| panic!("{role:?} is {colour}"));
                let contrast = contrast(*paper, inks[at]);
                if contrast < *least {
                    low.push(format!("{role:?} on {name}: {contrast:.2}"));
                }
            }
        }
        assert!(low.is_empty(), "{low:#?}");
    }

    #[test]
    fn every_colour_for_a_light_background_can_be_read_there() {
        check(&LIGHT, LIGHT_COLOURS, &PAPERS);
        for (role, colour, modifier) in LIGHT {
            // Bold is bright in some terminals.
            assert!(colour.is_none() || !modifier.contains(Modifier::BOLD), "{role:?}");
        }
    }

    #[test]
    fn every_colour_for_a_dark_background_can_be_read_there() {
        check(&DARK, DARK_COLOURS, &SLATES);
    }
}
