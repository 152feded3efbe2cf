//! Colours: their names, how many of them a terminal has, and whether they are readable.
//!
//! A colour is a name, a number of the 256, or `#rrggbb`. If the terminal is not known to support 24 bits,
//! the nearest of the 256 is used; for the terminal's own sixteen, xterm's values are assumed. A colour that
//! is not readable on its background is made lighter or darker until it is, unless it is one of the sixteen.
//! Contrast is that of WCAG 2.

use ratatui::style::Color;

use crate::env::Variables;
use crate::terminal::Multiplexer;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// The contrast with the background that text requires (WCAG 2.2, 1.4.3).
pub const LEAST_CONTRAST: f64 = 4.5;
/// The same for lines and signs next to a word (WCAG 2.2, 1.4.11).
pub const LEAST_CONTRAST_OF_SIGNS: f64 = 3.0;
/// The valid colours, after "must be".
pub const COLOUR_ALLOWED: &str = "a colour: a name such as light-red, a number from 0 to 255, or #rrggbb";
/// The assumed background of a dark terminal that does not report it: lighter than black, because many are.
pub const DARK_PAPER: Rgb = [0x1e; 3];
/// The same for a light theme.
pub const LIGHT_PAPER: Rgb = [0xff; 3];
/// The number of steps in which a colour becomes white or black.
const STEPS: u16 = 16;
/// From this luminance on, a background is light: half way between black and white to the eye (L* of CIELAB
/// above 50).
const LIGHT_FROM: f64 = 0.184;

/// The sixteen colours of xterm.
const XTERM: [u32; 16] = [
    0x0000_0000,
    0x00cd_0000,
    0x0000_cd00,
    0x00cd_cd00,
    0x0000_00ee,
    0x00cd_00cd,
    0x0000_cdcd,
    0x00e5_e5e5,
    0x007f_7f7f,
    0x00ff_0000,
    0x0000_ff00,
    0x00ff_ff00,
    0x005c_5cff,
    0x00ff_00ff,
    0x0000_ffff,
    0x00ff_ffff,
];
/// The steps of each channel in the cube of the 256.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// How many colours a terminal supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColourDepth {
    /// None: `NO_COLOR`.
    None,
    /// The terminal's own sixteen.
    Sixteen,
    /// The 256, of which all but the sixteen are the same in every terminal.
    Indexed,
    /// All of 24 bits.
    All,
}

/// Programs (`TERM_PROGRAM`) that support 24 bits but may not set `COLORTERM`, which not every ssh passes on.
const PROGRAMS: [&str; 5] = ["iTerm.app", "WezTerm", "vscode", "ghostty", "mintty"];
/// Prefixes of `TERM` of terminals that support 24 bits.
const TERMS: [&str; 6] = [
    "xterm-kitty",
    "xterm-ghostty",
    "alacritty",
    "foot",
    "wezterm",
    "contour",
];

impl ColourDepth {
    /// How many colours a terminal with these variables supports. GNU screen interprets a 24-bit colour as
    /// other attributes (version 4.9.0); tmux accepts it and converts it for the outer terminal. dvtm ignores one, and has
    /// 256 colours if its own terminal does, which its `TERM` says. `COLORTERM` says nothing about either: they inherit it.
    pub fn of(variables: Variables<'_>) -> Self {
        let set = |name: &str| variables(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return Self::None;
        }
        let term = set("TERM").unwrap_or_default();
        let is_told = set("COLORTERM").is_some_and(|told| matches!(told.as_str(), "truecolor" | "24bit"));
        let is_known = TERMS.iter().any(|known| term.starts_with(known))
            || set("TERM_PROGRAM").is_some_and(|program| PROGRAMS.contains(&program.as_str()))
            || ["VTE_VERSION", "KONSOLE_VERSION", "WT_SESSION", "TMUX"]
                .into_iter()
                .any(|name| set(name).is_some());
        if term.starts_with("dvtm") {
            return if term.contains("256color") {
                Self::Indexed
            } else {
                Self::Sixteen
            };
        }
        let is_screen = Multiplexer::of(variables).may_be_screen();
        if (is_told || is_known || term.ends_with("-direct")) && !is_screen {
            Self::All
        } else if term.contains("256color") || is_told || is_known {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// A colour as such a terminal shows it; `None` if it cannot.
    pub fn shown(self, colour: Color) -> Option<Color> {
        match self {
            Self::None => None,
            Self::Sixteen => is_terminals(colour).then_some(colour),
            Self::Indexed if index(colour).is_none() => rgb(colour).map(nearest),
            Self::Indexed | Self::All => Some(colour),
        }
    }
}

/// How a colour is shown on a background.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ChosenColour {
    /// Unchanged, or the nearest that the terminal has.
    Fine(Color),
    /// Made lighter or darker, because it only had this contrast.
    Mended(Color, f64),
    /// Not at all: one of the terminal's own with only this contrast, or one that the terminal does not have.
    Unreadable(f64),
}

/// The colour that `text` names: a name such as `red` or `light-red`, a number of the 256, or `#rrggbb`.
pub fn named(text: &str) -> Option<Color> {
    text.parse().ok().filter(|colour| *colour != Color::Reset)
}

/// Whether it is one of the sixteen, whose look the terminal decides.
pub fn is_terminals(colour: Color) -> bool {
    index(colour).is_some_and(|index| index < 16)
}

/// Whether a background of this colour is light.
pub fn is_light(rgb: Rgb) -> bool {
    luminance(rgb) > LIGHT_FROM
}

/// How `colour` is shown if it needs the contrast `least` with each of `papers`.
pub fn readable(colour: Color, papers: &[Rgb], least: f64, depth: ColourDepth) -> ChosenColour {
    let least_of = |colour: Color| {
        let rgb = rgb(colour).unwrap_or_default();
        papers
            .iter()
            .map(|paper| contrast(rgb, *paper))
            .fold(f64::INFINITY, f64::min)
    };
    let Some(shown) = depth.shown(colour) else {
        return ChosenColour::Unreadable(least_of(colour));
    };
    let found = least_of(shown);
    if found >= least {
        return ChosenColour::Fine(shown);
    }
    let Some(rgb) = rgb(colour).filter(|_| !is_terminals(colour)) else {
        return ChosenColour::Unreadable(found);
    };
    let is_light = papers.first().copied().is_some_and(is_light);
    let mut steps = mended(rgb, is_light).filter_map(|rgb| depth.shown(exact(rgb)));
    let extreme = if is_light { Color::Black } else { Color::White };
    let mended = steps.find(|colour| least_of(*colour) >= least);
    ChosenColour::Mended(mended.unwrap_or(extreme), found)
}

/// The steps towards black, or towards full brightness and then white: the hue is kept as long as possible.
fn mended(rgb: Rgb, to_black: bool) -> impl Iterator<Item = Rgb> {
    let (brightest, end) = if to_black {
        (rgb, [0; 3])
    } else {
        (brightest(rgb), [255; 3])
    };
    let towards = |from: Rgb, to: Rgb| (1..=STEPS).map(move |step| mixed(from, to, step));
    towards(rgb, brightest).chain(towards(brightest, end))
}

/// The background of a selected row: a little nearer to the text than `paper`.
pub fn tint(paper: Rgb, ink: Rgb) -> Rgb {
    /// A smaller difference is invisible on many screens.
    const SEEN: f64 = 1.2;
    let mut tints = (1..STEPS).map(|step| mixed(paper, ink, step));
    tints.find(|tint| contrast(*tint, paper) >= SEEN).unwrap_or(ink)
}

/// The same hue as bright as it can be.
fn brightest(rgb: Rgb) -> Rgb {
    let most = u16::from(rgb.into_iter().max().unwrap_or(0)).max(1);
    rgb.map(|channel| u8::try_from(u16::from(channel) * 255 / most).unwrap_or(u8::MAX))
}

/// This many [`STEPS`] of the way from one colour to another.
fn mixed(from: Rgb, to: Rgb, step: u16) -> Rgb {
    let mut mixed = from;
    for (channel, end) in mixed.iter_mut().zip(to) {
        let sum = u16::from(*channel) * (STEPS - step) + u16::from(end) * step;
        *channel = u8::try_from(sum / STEPS).unwrap_or(end);
    }
    mixed
}

/// Its number among the 256, if it has one.
fn index(colour: Color) -> Option<u8> {
    Some(match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(index) => index,
        Color::Reset | Color::Rgb(..) => return None,
    })
}

/// Its red, green and blue; for the sixteen those of xterm.
pub fn rgb(colour: Color) -> Option<Rgb> {
    if let Color::Rgb(red, green, blue) = colour {
        return Some([red, green, blue]);
    }
    index(colour).map(rgb_of)
}

fn rgb_of(index: u8) -> Rgb {
    if let Some(colour) = XTERM.get(usize::from(index)) {
        let [_, rgb @ ..] = colour.to_be_bytes();
        return rgb;
    }
    if index >= 232 {
        return [8 + (index - 232) * 10; 3];
    }
    let cube = index - 16;
    [cube / 36, cube / 6 % 6, cube % 6].map(|at| CUBE.get(usize::from(at)).copied().unwrap_or(255))
}

fn exact([red, green, blue]: Rgb) -> Color {
    Color::Rgb(red, green, blue)
}

/// The nearest of the 256 that are the same in every terminal.
fn nearest(rgb: Rgb) -> Color {
    let distance = |index: &u8| {
        let channels = rgb_of(*index).into_iter().zip(rgb);
        channels
            .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
            .sum::<u32>()
    };
    Color::Indexed((16..=255).min_by_key(distance).unwrap_or(255))
}

/// The contrast of two colours, from 1 to 21, as WCAG 2 defines it.
pub fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// As WCAG 2 defines it.
fn luminance(rgb: Rgb) -> f64 {
    let [red, green, blue] = rgb.map(|channel| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests;
