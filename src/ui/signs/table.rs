//! The signs in one table: the meaning of each, and its replacements on terminals that cannot show it.
//!
//! Everything is drawn with the signs of the first column, and [`SignSet::adapt`] is the last step of a
//! picture: it replaces the cells by ASCII for a terminal without UTF-8, and by signs of its fonts for a
//! Linux console. So nothing can bypass the table, and no column moves, because every sign is one cell in
//! every set. Other characters are `?` in ASCII, once per cell.
//!
//! The console's signs are in all of Debian's Latin console fonts (`console-setup-linux`, according to their
//! character tables): these have no half-filled circles, no check mark, no partial blocks and no braille.

use std::borrow::Cow;

use ratatui::buffer::{Buffer, CellWidth as _};

use crate::env::Variables;

/// Healthy: a running pod, protection that is on, a fresh list.
pub const FINE: &str = "●";
/// Off, or not checked.
pub const OFF: &str = "○";
/// In progress.
pub const BUSY: &str = "◌";
/// Waiting, or partial.
pub const PENDING: &str = "◐";
/// Done.
pub const DONE: &str = "✓";
/// Failed.
pub const FAILED: &str = "✗";
/// Protection that does not work.
pub const BROKEN: &str = "‼";
/// A risk, or a warning.
pub const RISK: &str = "▲";
/// A pod that vanished.
pub const GONE: &str = "×";
/// No limit.
pub const UNLIMITED: &str = "∞";
/// Not in the answer.
pub const ABSENT: &str = "–";
/// From what a value was to what it is.
const ARROW: &str = "→";
/// Unknown or not understood.
pub const DOUBT: &str = "?";
/// CPU or memory near its limit, as in the titles of the columns.
pub const USAGE: &str = "%";
/// The largest first.
pub const DESCENDING: &str = "▼";
/// The smallest first.
pub const ASCENDING: &str = "△";
/// Rose.
pub const ROSE: &str = "↑";
/// Fell.
pub const FELL: &str = "↓";
/// A row that the operator marked.
pub const MARKED: &str = "◆";
/// A difference between two pods.
pub const DIFFERS: &str = "≠";
/// Between groups of facts.
pub const BAR: &str = "│";
/// Columns on the left that are scrolled away.
pub const MORE_LEFT: &str = "‹";
/// Columns on the right that do not fit.
pub const MORE_RIGHT: &str = "›";
/// A cell of a thin bar.
pub const BAR_FULL: &str = "━";
/// Half a cell of a thin bar.
pub const BAR_HALF: &str = "╸";
/// The empty part of a thin bar.
pub const BAR_TRACK: &str = "─";
/// The end of a thin bar that is too short for its value.
pub const BAR_OVER: &str = "▶";
/// A line of a scroll bar.
pub const SCROLL_TRACK: &str = "│";
/// A line of a scroll bar where the screen is.
pub const SCROLL_HERE: &str = "┃";
/// A line of a scroll bar with something that needs attention.
pub const SCROLL_MARK: &str = "┤";
/// The same where the screen is.
pub const SCROLL_HERE_MARK: &str = "┫";
/// The row of the cursor.
pub const CURSOR: &str = "▌";
/// The signs of life, which alternate each second. Both are ASCII in every set and mean nothing else, because
/// a multiplexer without UTF-8 shows `_` for everything else, in any locale.
pub const HEARTBEAT: [&str; 2] = ["/", "\\"];

/// A sign, in each set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    utf8: char,
    console: char,
    ascii: char,
}

const fn sign(utf8: char, console: char, ascii: char) -> Sign {
    Sign { utf8, console, ascii }
}

/// The signs with a meaning. They are all different in each set.
pub const STATES: [Sign; 17] = [
    sign('●', '●', '*'),
    sign('○', 'o', 'o'),
    sign('◌', ':', ':'),
    sign('◐', '~', '~'),
    sign('✓', '=', '='),
    sign('✗', '✗', 'x'),
    sign('‼', '#', '#'),
    sign('▲', '▲', '!'),
    sign('×', '×', '.'),
    sign('∞', '&', '&'),
    sign('–', '–', '-'),
    sign('?', '?', '?'),
    sign('%', '%', '%'),
    sign('↑', '↑', '^'),
    sign('↓', '↓', 'v'),
    sign('◆', '+', '+'),
    sign('≠', 'd', 'd'),
];

/// The parts of pictures and sentences: the order in a heading, the cursor, bars, frames, separators, cuts. In a heading `>`
/// and `<` are taken: they tell that there are more columns.
const LINES: [Sign; 38] = [
    sign('▼', '↓', 'v'),
    sign('△', '↑', '^'),
    sign('▌', '│', '|'),
    sign('█', '█', '#'),
    sign('▉', '█', '#'),
    sign('▊', '█', '#'),
    sign('▋', '█', '#'),
    sign('▍', '░', '.'),
    sign('▎', '░', '.'),
    sign('▏', '░', '.'),
    sign('░', '░', '.'),
    sign('▶', '>', '>'),
    sign('▁', '.', '.'),
    sign('▂', '.', '.'),
    sign('▃', ':', ':'),
    sign('▄', ':', ':'),
    sign('▅', '|', '|'),
    sign('▆', '|', '|'),
    sign('▇', '█', '#'),
    sign('┄', '-', '-'),
    sign('┴', '+', '+'),
    sign('─', '─', '-'),
    sign('━', '█', '#'),
    sign('╸', '░', '='),
    sign('│', '│', '|'),
    sign('┃', '█', '#'),
    sign('┤', '┤', '<'),
    sign('┫', '▒', '@'),
    sign('╭', '┌', '+'),
    sign('╮', '┐', '+'),
    sign('╰', '└', '+'),
    sign('╯', '┘', '+'),
    sign('·', '·', '|'),
    sign('…', '…', '+'),
    sign('‹', '<', '<'),
    sign('›', '>', '>'),
    sign('→', '>', '-'),
    sign('≥', '≥', '>'),
];

/// Braille by the height of its highest dot, from the bottom.
const TREND: [Sign; 5] = [
    sign('\u{2800}', ' ', ' '),
    sign('⣀', '.', '.'),
    sign('⣤', ':', ':'),
    sign('⣶', '|', '|'),
    sign('⣿', '█', '#'),
];

/// Whether this is the sign of a state: neither `–` nor ASCII.
pub fn is_state(symbol: &str) -> bool {
    let mut states = STATES.iter().filter(|sign| !sign.utf8.is_ascii());
    symbol != ABSENT && states.any(|sign| symbol.starts_with(sign.utf8))
}

/// The signs that a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignSet {
    /// All.
    #[default]
    Utf8,
    /// Those of a Linux console's fonts.
    Console,
    /// ASCII only.
    Ascii,
}

impl SignSet {
    /// The set of a terminal with these variables. A locale that is not UTF-8 means that the terminal is not
    /// either; without a variable the locale is POSIX, which is ASCII.
    pub fn of_terminal(variables: Variables<'_>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(variables)
            .find(|value| !value.is_empty());
        if !locale.is_some_and(|locale| is_utf8(&locale)) {
            return Self::Ascii;
        }
        let is_console = |term: String| term == "linux" || term.starts_with("linux-");
        if variables("TERM").is_some_and(is_console) {
            Self::Console
        } else {
            Self::Utf8
        }
    }

    /// Replaces the signs in the picture by those of this set.
    pub fn adapt(self, buffer: &mut Buffer) {
        if self == Self::Utf8 {
            return;
        }
        let mut covered = 0;
        let mut is_after_arrow = false;
        for cell in &mut buffer.content {
            let symbol = cell.symbol();
            if std::mem::take(&mut is_after_arrow) && symbol == " " {
                cell.set_char('>');
                continue;
            }
            if self == Self::Ascii && symbol == ARROW {
                // A blank after it has the tip: `87 % > 94 %` would be a comparison.
                is_after_arrow = true;
            }
            if covered > 0 && symbol == " " {
                // The second half of a wide character that was replaced.
                covered -= 1;
                cell.set_char('?');
                continue;
            }
            covered = 0;
            if symbol.is_ascii() {
                continue;
            }
            let width = cell.cell_width();
            match self.of(symbol) {
                Some(character) => drop(cell.set_char(character)),
                None if self == Self::Ascii => {
                    cell.set_char('?');
                    covered = width.saturating_sub(1);
                }
                None => {}
            }
        }
    }

    /// `text` in this set, for a line that is printed.
    pub fn text(self, text: &str) -> Cow<'_, str> {
        if self == Self::Utf8 || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        if self == Self::Ascii && text.contains(ARROW) {
            let text = text.replace(ARROW, "->");
            return Cow::Owned(self.text(&text).into_owned());
        }
        let shown = |character: char| match self.of(character.encode_utf8(&mut [0; 4])) {
            Some(sign) => sign,
            None if self == Self::Ascii && !character.is_ascii() => '?',
            None => character,
        };
        Cow::Owned(text.chars().map(shown).collect())
    }

    /// The sign of this set with the meaning of `symbol`.
    fn of(self, symbol: &str) -> Option<char> {
        let mut characters = symbol.chars();
        let (Some(character), None) = (characters.next(), characters.next()) else {
            return None;
        };
        let sign = match braille_height(character) {
            Some(height) => TREND.get(height),
            None => STATES.iter().chain(&LINES).find(|sign| sign.utf8 == character),
        };
        sign.map(|sign| match self {
            Self::Utf8 => character,
            Self::Console => sign.console,
            Self::Ascii => sign.ascii,
        })
    }
}

/// The height of the highest dot of a braille character, from 1 to 4; 0 without dots.
fn braille_height(character: char) -> Option<usize> {
    /// The dots of a line, from the top.
    const LINES_OF_DOTS: [u32; 4] = [0x09, 0x12, 0x24, 0xc0];
    let dots = u32::from(character)
        .checked_sub(0x2800)
        .filter(|dots| *dots < 0x100)?;
    let top = LINES_OF_DOTS.iter().position(|line| dots & line != 0);
    Some(top.map_or(0, |top| LINES_OF_DOTS.len() - top))
}

/// Whether the characters of a locale are UTF-8: `en_US.UTF-8`, `C.utf8@x`, macOS's bare `UTF-8`.
fn is_utf8(locale: &str) -> bool {
    let locale = locale.split('@').next().unwrap_or_default();
    let characters = locale.rsplit('.').next().unwrap_or_default();
    characters.replace('-', "").eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests;
