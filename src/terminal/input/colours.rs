//! The terminal's reports about its colours: its background, and whether its scheme is dark or light.
//!
//! The background is requested when the screen is entered. The answer may arrive at any time or never;
//! nothing waits for it.
//!
//! | sent | received | source |
//! |---|---|---|
//! | `OSC 11 ; ? BEL` | `OSC 11 ; rgb:RRRR/GGGG/BBBB` and BEL or `ESC \` | XTerm Control Sequences, "Change VT100 text background color" |
//! | `CSI ? 2031 h` | `CSI ? 997 ; 1 n` dark, `2` light, after each change | Contour, "Dark and light mode detection" |
//! | the same | the same without `?` | Neovim 0.12, `:terminal` |
//!
//! Must not: decide what is light.

/// The terminal's reports about its colours so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerminalColours {
    /// Its background: red, green and blue.
    pub background: Option<[u8; 3]>,
    /// Whether its scheme is a light one.
    pub is_light: Option<bool>,
    /// How often it has reported its scheme; the number wraps. The same scheme again means that other colours
    /// changed: kitty and VTE report each change of the palette.
    pub scheme_reports: u8,
}

/// One report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColourReport {
    Background([u8; 3]),
    IsLight(bool),
}

impl TerminalColours {
    pub(super) fn take(&mut self, report: ColourReport) {
        match report {
            ColourReport::Background(rgb) => self.background = Some(rgb),
            ColourReport::IsLight(is_light) => {
                self.scheme_reports = self.scheme_reports.wrapping_add(1);
                if self.is_light.replace(is_light) != Some(is_light) {
                    // The earlier background belonged to another scheme.
                    self.background = None;
                }
            }
        }
    }
}

/// The report in a string of the terminal (OSC), if it is one.
pub(super) fn of_text(text: &[u8]) -> Option<ColourReport> {
    let text = std::str::from_utf8(text).ok()?.strip_prefix("11;")?;
    colour(text).map(ColourReport::Background)
}

/// The report in `CSI parameters n`, if it is one.
pub(super) fn of_sequence(parameters: &[u8], last: u8) -> Option<ColourReport> {
    match (parameters, last) {
        (b"?997;1" | b"997;1", b'n') => Some(ColourReport::IsLight(false)),
        (b"?997;2" | b"997;2", b'n') => Some(ColourReport::IsLight(true)),
        _ => None,
    }
}

/// A colour as the X server writes it: `rgb:` or `rgba:` and parts of one to four digits, or `#` and parts of
/// equal length.
fn colour(text: &str) -> Option<[u8; 3]> {
    let parts: Vec<&str> = if let Some(digits) = text.strip_prefix('#') {
        let each = digits.len() / 3;
        let part = |at: usize| digits.get(at * each..(at + 1) * each);
        if digits.len() % 3 != 0 {
            return None;
        }
        vec![part(0)?, part(1)?, part(2)?]
    } else if let Some(parts) = text.strip_prefix("rgb:") {
        parts.split('/').collect()
    } else {
        let mut parts: Vec<&str> = text.strip_prefix("rgba:")?.split('/').collect();
        parts.pop();
        parts
    };
    let [red, green, blue] = parts.try_into().ok()?;
    Some([channel(red)?, channel(green)?, channel(blue)?])
}

/// One to four hexadecimal digits, as eight bits.
fn channel(digits: &str) -> Option<u8> {
    if !(1..=4).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let most = (1_u32 << (4 * digits.len())) - 1;
    u8::try_from((value * 255 + most / 2) / most).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_background_is_read_in_every_form_that_terminals_write() {
        for (text, rgb) in [
            ("11;rgb:0000/2b2b/3636", Some([0, 0x2b, 0x36])),
            ("11;rgb:00/2b/36", Some([0, 0x2b, 0x36])),
            ("11;rgb:f/f/f", Some([255; 3])),
            ("11;rgb:fff/000/800", Some([255, 0, 128])),
            ("11;rgba:ffff/ffff/ffff/8000", Some([255; 3])),
            ("11;#002b36", Some([0, 0x2b, 0x36])),
            ("11;#fff", Some([255; 3])),
            ("11;#00002b2b3636", Some([0, 0x2b, 0x36])),
            ("11;rgb:0000/2b2b", None),
            ("11;rgb:0/0/0/0", None),
            ("11;rgb:00000/0/0", None),
            ("11;rgb:+1/0/0", None),
            ("11;rgb:zz/0/0", None),
            ("11;#12345", None),
            ("11;#", None),
            ("11;#\u{e9}\u{e9}\u{e9}", None),
            ("11;?", None),
            ("10;rgb:0/0/0", None),
            ("4;11;rgb:0/0/0", None),
            ("", None),
        ] {
            assert_eq!(
                of_text(text.as_bytes()),
                rgb.map(ColourReport::Background),
                "{text}"
            );
        }
        assert_eq!(of_text(b"11;#\xff\xff\xff"), None);
    }

    #[test]
    fn another_scheme_makes_the_background_unknown_and_the_same_does_not() {
        let mut told = TerminalColours::default();
        told.take(ColourReport::IsLight(false));
        told.take(ColourReport::Background([1; 3]));
        told.take(ColourReport::IsLight(false));
        assert_eq!(told.background, Some([1; 3]));
        told.take(ColourReport::IsLight(true));
        assert_eq!((told.background, told.is_light), (None, Some(true)));
        assert_eq!(told.scheme_reports, 3, "each report counts");
    }
}
