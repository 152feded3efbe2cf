//! The style of written text, and the sequences that change it.
//!
//! Owns the codes, in tables: only codes that every terminal supports; the sixteen colours have codes of
//! their own instead of palette numbers. A sequence only contains what changes, so no colour is sent if no
//! cell has one: `NO_COLOR` needs no further rule here.

use std::fmt::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// The codes that end modifiers. Bold and dim share one.
const OFF: [(Modifier, &str); 7] = [
    (Modifier::BOLD.union(Modifier::DIM), "22"),
    (Modifier::ITALIC, "23"),
    (Modifier::UNDERLINED, "24"),
    (Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK), "25"),
    (Modifier::REVERSED, "27"),
    (Modifier::HIDDEN, "28"),
    (Modifier::CROSSED_OUT, "29"),
];
/// The codes that begin modifiers.
const ON: [(Modifier, &str); 9] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::RAPID_BLINK, "6"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// The modifiers that are visible on a blank.
const ON_BLANKS: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT);

/// The style of the text that is written next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pen {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

/// The default style of a terminal.
pub const PLAIN: Pen = Pen {
    foreground: Color::Reset,
    background: Color::Reset,
    modifier: Modifier::empty(),
};

impl Pen {
    /// The pen for a cell.
    pub fn of(cell: &Cell) -> Self {
        Self {
            foreground: cell.fg,
            background: cell.bg,
            modifier: cell.modifier,
        }
    }

    /// Whether a blank looks the same with both pens: it shows neither its foreground colour nor its weight.
    pub fn leaves_like(self, other: Self) -> bool {
        let is_reversed = self.modifier.contains(Modifier::REVERSED);
        self.background == other.background
            && self.modifier & ON_BLANKS == other.modifier & ON_BLANKS
            && (!is_reversed || self.foreground == other.foreground)
    }

    /// Appends the sequence that changes this pen to `to`: the difference, or a reset and everything,
    /// whichever is shorter.
    pub fn change(self, to: Self, bytes: &mut String) {
        if self == to {
            return;
        }
        bytes.push_str("\x1b[");
        let first = bytes.len();
        self.parameters(to, bytes);
        let second = bytes.len();
        // An empty parameter is a zero, which resets.
        bytes.push(';');
        PLAIN.parameters(to, bytes);
        if bytes.len() == second + 1 {
            bytes.pop();
        }
        if bytes.len() - second < second - first {
            bytes.replace_range(first..second, "");
        } else {
            bytes.truncate(second);
        }
        bytes.push('m');
    }

    /// Appends the parameters of the sequence that changes this pen to `to`.
    fn parameters(self, to: Self, bytes: &mut String) {
        let begin = bytes.len();
        let next = |bytes: &mut String| {
            if bytes.len() > begin {
                bytes.push(';');
            }
        };
        let mut held = self.modifier;
        for (modifiers, code) in OFF {
            if (held - to.modifier).intersects(modifiers) {
                held.remove(modifiers);
                next(bytes);
                bytes.push_str(code);
            }
        }
        for (modifier, code) in ON {
            if (to.modifier - held).contains(modifier) {
                next(bytes);
                bytes.push_str(code);
            }
        }
        for (from, to, base) in [
            (self.foreground, to.foreground, 30),
            (self.background, to.background, 40),
        ] {
            if from != to {
                next(bytes);
                colour(to, base, bytes);
            }
        }
    }
}

/// Appends the parameter of a colour; `base` is 30 for the foreground and 40 for the background.
fn colour(colour: Color, base: u8, bytes: &mut String) {
    let number = match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::Reset => 9,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
        Color::Indexed(_) | Color::Rgb(..) => 8,
    };
    // Writing to a string does not fail.
    let _ = match colour {
        Color::Indexed(index) => write!(bytes, "{};5;{index}", base + number),
        Color::Rgb(red, green, blue) => write!(bytes, "{};2;{red};{green};{blue}", base + number),
        _ => write!(bytes, "{}", base + number),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn pen(style: Style) -> Pen {
        let mut cell = Cell::EMPTY;
        cell.set_style(style);
        Pen::of(&cell)
    }

    fn change(from: Style, to: Style) -> String {
        let mut bytes = String::new();
        pen(from).change(pen(to), &mut bytes);
        bytes.replace('\x1b', "^")
    }

    #[test]
    fn a_change_is_the_difference_or_a_reset_whichever_is_shorter() {
        let (plain, bad) = (Style::new(), Style::new().fg(Color::LightRed).bold());
        assert_eq!(change(plain, plain), "");
        assert_eq!(change(plain, bad), "^[1;91m");
        assert_eq!(change(bad, bad.not_bold()), "^[22m");
        assert_eq!(change(bad, plain), "^[m");
        assert_eq!(change(bad, plain.reversed()), "^[;7m");
        assert_eq!(change(bad, plain.fg(Color::Cyan).bold()), "^[36m");
        assert_eq!(change(plain.bold().dim(), plain.dim()), "^[;2m");
    }

    #[test]
    fn a_blank_shows_only_its_background() {
        let alike = |one: Style, other: Style| pen(one).leaves_like(pen(other));
        let (plain, bad) = (Style::new(), Style::new().fg(Color::LightRed).bold());
        assert!(alike(plain, bad) && alike(plain.reversed(), plain.reversed().bold()));
        assert!(!alike(plain, plain.on_blue()) && !alike(plain, plain.underlined()));
        assert!(
            !alike(plain.reversed(), bad.reversed()),
            "the colour is behind it"
        );
    }

    #[test]
    fn every_kind_of_colour_has_a_code() {
        let plain = Style::new();
        assert_eq!(
            change(plain, plain.fg(Color::Black).bg(Color::White)),
            "^[30;107m"
        );
        assert_eq!(change(plain, plain.fg(Color::Indexed(200))), "^[38;5;200m");
        assert_eq!(change(plain, plain.bg(Color::Rgb(1, 2, 3))), "^[48;2;1;2;3m");
    }
}
