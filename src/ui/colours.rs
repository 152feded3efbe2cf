//! Colours that an operator chooses, as a terminal can show them and as they can be read.
//!
//! A colour is a name, a number of the 256, or `#rrggbb`. Where the terminal is not known to take 24 bits, the nearest of the 256
//! takes its place; the sixteen are the terminal's own and looked up as xterm has them. What cannot be read on the background of the
//! base theme is made lighter or darker until it can, unless it is one of the sixteen.

use ratatui::style::Color;

use super::theme::Palette;
use crate::env::Variables;

/// The contrast with the background that text needs, as WCAG 2 defines both.
const LEAST_CONTRAST: f64 = 4.5;
/// The background that a dark theme is judged on: lighter than black, because many are.
const DARK_PAPER: [u8; 3] = [0x1e; 3];
/// The background that a light theme is judged on.
const LIGHT_PAPER: [u8; 3] = [0xff; 3];
/// In so many steps a colour becomes white or black.
const STEPS: u16 = 16;

/// The sixteen as xterm has them.
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

/// How a chosen colour is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ChosenColour {
    /// As it was chosen, or the nearest that the terminal has.
    Fine(Color),
    /// Made lighter or darker, because it had this contrast.
    Mended(Color, f64),
    /// Not at all: one of the terminal's own that has this contrast.
    Unreadable(f64),
}

/// The colour that `text` names: a name such as `red` or `light-red`, a number of the 256, or `#rrggbb`.
pub fn named(text: &str) -> Option<Color> {
    text.parse().ok().filter(|colour| *colour != Color::Reset)
}

/// Whether the terminal is known to take colours of 24 bits. GNU screen takes them for other attributes.
pub fn has_all_colours(variables: Variables<'_>) -> bool {
    let set = |name: &str| variables(name).filter(|value| !value.is_empty());
    let told = set("COLORTERM").is_some_and(|told| matches!(told.as_str(), "truecolor" | "24bit"));
    told && set("STY").is_none()
}

/// How `colour` is shown on the background of this palette.
pub fn readable(colour: Color, palette: Palette, all_colours: bool) -> ChosenColour {
    let (paper, end) = match palette {
        Palette::Light => (LIGHT_PAPER, 0),
        Palette::None | Palette::Sixteen => (DARK_PAPER, 255),
    };
    let Some(rgb) = rgb(colour) else {
        return ChosenColour::Fine(colour);
    };
    let shown = |rgb| if all_colours { exact(rgb) } else { nearest(rgb) };
    let contrast_of = |colour| self::rgb(colour).map_or(LEAST_CONTRAST, |rgb| contrast(rgb, paper));
    if index(colour).is_some() {
        let found = contrast(rgb, paper);
        return if found >= LEAST_CONTRAST {
            ChosenColour::Fine(colour)
        } else if index(colour).is_some_and(|index| index < 16) {
            ChosenColour::Unreadable(found)
        } else {
            mended(rgb, end, shown, contrast_of, found)
        };
    }
    let first = shown(rgb);
    let found = contrast_of(first);
    if found >= LEAST_CONTRAST {
        ChosenColour::Fine(first)
    } else {
        mended(rgb, end, shown, contrast_of, found)
    }
}

/// The first step towards black, or towards full brightness and then white, that can be read: the hue stays as long as it can.
fn mended(
    rgb: [u8; 3],
    end: u8,
    shown: impl Fn([u8; 3]) -> Color,
    contrast_of: impl Fn(Color) -> f64,
    found: f64,
) -> ChosenColour {
    let brightest = if end == 0 { rgb } else { brightest(rgb) };
    let towards = |from: [u8; 3], to: [u8; 3]| {
        (1..=STEPS).map(move |step| {
            let mut mix = from;
            for (channel, end) in mix.iter_mut().zip(to) {
                *channel = mixed(*channel, end, step);
            }
            mix
        })
    };
    let steps = towards(rgb, brightest).chain(towards(brightest, [end; 3]));
    let colour = steps
        .map(shown)
        .find(|colour| contrast_of(*colour) >= LEAST_CONTRAST);
    let last = || if end == 0 { Color::Black } else { Color::White };
    ChosenColour::Mended(colour.unwrap_or_else(last), found)
}

/// The same hue as bright as it can be.
fn brightest(rgb: [u8; 3]) -> [u8; 3] {
    let most = u16::from(rgb.into_iter().max().unwrap_or(0)).max(1);
    rgb.map(|channel| u8::try_from(u16::from(channel) * 255 / most).unwrap_or(u8::MAX))
}

fn mixed(channel: u8, end: u8, step: u16) -> u8 {
    let mixed = (u16::from(channel) * (STEPS - step) + u16::from(end) * step) / STEPS;
    u8::try_from(mixed).unwrap_or(end)
}

/// The number among the 256, of a colour that has one.
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

fn rgb(colour: Color) -> Option<[u8; 3]> {
    if let Color::Rgb(red, green, blue) = colour {
        return Some([red, green, blue]);
    }
    index(colour).map(rgb_of)
}

fn rgb_of(index: u8) -> [u8; 3] {
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

fn exact([red, green, blue]: [u8; 3]) -> Color {
    Color::Rgb(red, green, blue)
}

/// The nearest of the 256 that are the same in every terminal.
fn nearest(rgb: [u8; 3]) -> Color {
    let distance = |index: &u8| {
        let channels = rgb_of(*index).into_iter().zip(rgb);
        channels
            .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
            .sum::<u32>()
    };
    Color::Indexed((16..=255).min_by_key(distance).unwrap_or(255))
}

/// As WCAG 2 defines it.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// As WCAG 2 defines it.
fn luminance(rgb: [u8; 3]) -> f64 {
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
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_a_name_a_number_or_a_code() {
        for (text, colour) in [
            ("red", Some(Color::Red)),
            ("light-red", Some(Color::LightRed)),
            ("LightRed", Some(Color::LightRed)),
            ("214", Some(Color::Indexed(214))),
            ("#ffaa00", Some(Color::Rgb(255, 170, 0))),
            ("#FFAA00", Some(Color::Rgb(255, 170, 0))),
            ("256", None),
            ("#ffaa0", None),
            ("ffaa00", None),
            ("reset", None),
            ("orangish", None),
            ("", None),
        ] {
            assert_eq!(named(text), colour, "{text}");
        }
    }

    #[test]
    fn a_terminal_that_does_not_tell_of_all_colours_gets_the_nearest_of_the_256() {
        let orange = Color::Rgb(255, 170, 0);
        let shown = |all| readable(orange, Palette::Sixteen, all);
        assert_eq!(shown(true), ChosenColour::Fine(orange));
        assert_eq!(shown(false), ChosenColour::Fine(Color::Indexed(214)));
        let told = |set: &'static [(&str, &str)]| {
            has_all_colours(&|name| {
                let found = set.iter().find(|(it, _)| *it == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(told(&[("COLORTERM", "truecolor")]) && told(&[("COLORTERM", "24bit")]));
        assert!(!told(&[]) && !told(&[("COLORTERM", "truecolor"), ("STY", "1.a")]));
    }

    #[test]
    fn what_cannot_be_read_on_the_background_is_made_lighter_or_darker() {
        for (colour, palette) in [
            (Color::Rgb(0, 0, 128), Palette::Sixteen),
            (Color::Rgb(30, 30, 30), Palette::Sixteen),
            (Color::Indexed(17), Palette::Sixteen),
            (Color::Rgb(255, 255, 0), Palette::Light),
            (Color::Indexed(231), Palette::Light),
        ] {
            for all in [true, false] {
                let ChosenColour::Mended(mended, found) = readable(colour, palette, all) else {
                    panic!("{colour} in {palette:?} is not mended");
                };
                assert!(found < LEAST_CONTRAST);
                assert_eq!(
                    readable(mended, palette, all),
                    ChosenColour::Fine(mended),
                    "{colour}"
                );
            }
        }
    }

    #[test]
    fn a_colour_that_is_made_readable_keeps_its_hue_as_long_as_it_can() {
        for (colour, palette) in [
            (Color::Rgb(64, 0, 0), Palette::Sixteen),
            (Color::Rgb(255, 120, 120), Palette::Light),
        ] {
            let ChosenColour::Mended(Color::Rgb(red, green, blue), _) = readable(colour, palette, true)
            else {
                panic!("{colour} is not mended");
            };
            assert!(red > 2 * green && green == blue, "{red} {green} {blue}");
        }
    }

    #[test]
    fn one_of_the_sixteen_is_the_terminals_own_and_used_or_not() {
        let shown = |colour, palette| readable(colour, palette, true);
        assert_eq!(
            shown(Color::Yellow, Palette::Sixteen),
            ChosenColour::Fine(Color::Yellow)
        );
        assert!(matches!(
            shown(Color::Yellow, Palette::Light),
            ChosenColour::Unreadable(_)
        ));
        assert!(matches!(
            shown(Color::Indexed(0), Palette::Sixteen),
            ChosenColour::Unreadable(_)
        ));
        assert_eq!(
            shown(Color::Blue, Palette::Light),
            ChosenColour::Fine(Color::Blue)
        );
    }

    #[test]
    fn contrast_is_what_the_standard_says() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        assert!((contrast([0x77; 3], [255; 3]) - 4.48).abs() < 0.01);
        assert_eq!(rgb_of(16), [0; 3]);
        assert_eq!(rgb_of(214), [255, 175, 0]);
        assert_eq!(rgb_of(255), [238; 3]);
    }
}
