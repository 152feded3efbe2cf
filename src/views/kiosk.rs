//! The wall: the state and three counts in letters that are read from three metres, above the views.
//!
//! ```text
//!  ███ ██  ███ ███ █ █      ███      █       ███
//!  █   █ █ █   █   █ █        █     ██       █ █
//!  ██  ██  ██  ███ ███      ███      █       ███
//!  █   █ █ █     █ █ █      █        █       █ █
//!  █   █ █ ███ ███ █ █      ███     ███      ███
//!                           at risk  broken   failed
//!  2026-11-30 14:03:27 CST /
//! ```
//!
//! While an alert waits, `ALERT` and the state have the same place in turns: the banner at the bottom is not read from three
//! metres.
//!
//! The letters grow with the screen: a wall of 70 rows is read from as far as one of 24. There the words of the counts and the
//! clock are in big letters too. A dot of a letter is reversed blanks, which every terminal can show, so it needs no font and no
//! sign. Letters of our own: thirty of them do, and a library of big text would bring more code than this file has.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::Widget as _;
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::app::kiosk::LETTER_ROWS;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::views::alert_banner;
use crate::views::header::meaning;

/// Dots of a letter in a row, and the gap behind it.
const DOTS: u16 = 3;
/// How many counts are shown.
const COUNTS: u16 = 3;
/// Letters that every number has room for, so that a count that grows to hundreds moves nothing.
const FEWEST_LETTERS: u16 = 3;
/// The word for an alert that waits.
const ALERT: &str = "ALERT";
/// How long it and the state are shown in turns, in ticks.
const TURN: u64 = 4;
/// The number of a count that no pod reports.
const UNKNOWN: &str = "-";
/// The largest number that is shown as it is.
const LARGEST: usize = 9999;

/// A letter: the dots of each row, the leftmost in the highest bit.
const LETTERS: [(char, [u8; 5]); 32] = [
    ('-', [0b000, 0b000, 0b111, 0b000, 0b000]),
    ('0', [0b111, 0b101, 0b101, 0b101, 0b111]),
    ('1', [0b010, 0b110, 0b010, 0b010, 0b111]),
    ('2', [0b111, 0b001, 0b111, 0b100, 0b111]),
    ('3', [0b111, 0b001, 0b111, 0b001, 0b111]),
    ('4', [0b101, 0b101, 0b111, 0b001, 0b001]),
    ('5', [0b111, 0b100, 0b111, 0b001, 0b111]),
    ('6', [0b111, 0b100, 0b111, 0b101, 0b111]),
    ('7', [0b111, 0b001, 0b010, 0b010, 0b010]),
    ('8', [0b111, 0b101, 0b111, 0b101, 0b111]),
    ('9', [0b111, 0b101, 0b111, 0b001, 0b111]),
    (':', [0b000, 0b010, 0b000, 0b010, 0b000]),
    ('A', [0b010, 0b101, 0b111, 0b101, 0b101]),
    ('B', [0b110, 0b101, 0b110, 0b101, 0b110]),
    ('C', [0b111, 0b100, 0b100, 0b100, 0b111]),
    ('D', [0b110, 0b101, 0b101, 0b101, 0b110]),
    ('E', [0b111, 0b100, 0b110, 0b100, 0b111]),
    ('F', [0b111, 0b100, 0b110, 0b100, 0b100]),
    ('G', [0b111, 0b100, 0b101, 0b101, 0b111]),
    ('H', [0b101, 0b101, 0b111, 0b101, 0b101]),
    ('I', [0b111, 0b010, 0b010, 0b010, 0b111]),
    ('K', [0b101, 0b101, 0b110, 0b101, 0b101]),
    ('L', [0b100, 0b100, 0b100, 0b100, 0b111]),
    ('M', [0b101, 0b111, 0b111, 0b101, 0b101]),
    ('N', [0b110, 0b101, 0b101, 0b101, 0b101]),
    ('O', [0b111, 0b101, 0b101, 0b101, 0b111]),
    ('P', [0b111, 0b101, 0b111, 0b100, 0b100]),
    ('R', [0b110, 0b101, 0b110, 0b101, 0b101]),
    ('S', [0b111, 0b100, 0b111, 0b001, 0b111]),
    ('T', [0b111, 0b010, 0b010, 0b010, 0b010]),
    ('U', [0b101, 0b101, 0b101, 0b101, 0b111]),
    ('Y', [0b101, 0b101, 0b010, 0b010, 0b010]),
];

/// Draws the wall: `inside` draws the views on a buffer of their own size.
pub fn draw(model: &Model, theme: &Theme, buffer: &mut Buffer, inside: impl FnOnce(&mut Buffer)) {
    let area = buffer.area;
    let origin = model.kiosk.origin(model.beat);
    let bar = model.kiosk.bar();
    let mut views = Buffer::empty(Rect::from((Position::ORIGIN, model.size)));
    inside(&mut views);
    let at = |x: u16, y: u16| (x + origin.x, y + origin.y + bar);
    for y in 0..model.size.height {
        for x in 0..model.size.width {
            if let (Some(from), Some(to)) = (views.cell((x, y)), buffer.cell_mut(at(x, y))) {
                *to = from.clone();
            }
        }
    }
    if bar > 0 {
        let width = area.width.saturating_sub(origin.x);
        let place = Rect::new(origin.x, origin.y, width, bar).intersection(area);
        words(model, theme, place, buffer);
    }
}

/// Makes everything darker: at night the wall is the brightest thing in the room.
pub fn dim(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        cell.modifier.remove(Modifier::BOLD);
        cell.modifier.insert(Modifier::DIM);
    }
}

fn words(model: &Model, theme: &Theme, place: Rect, buffer: &mut Buffer) {
    let summary = model.fleet.summary();
    // Nothing is known of no pod: a large zero would be read as the all-clear.
    let counted = |number: usize, told: usize| (told > 0).then_some(number);
    let counts = [
        (counted(summary.risk, summary.detection_told), "at risk"),
        (counted(summary.exception, summary.protection_told), "broken"),
        (counted(summary.failed, summary.pods), "failed"),
    ];
    let numbers: Vec<String> = counts
        .iter()
        .map(|(count, _)| count.map_or_else(|| UNKNOWN.to_owned(), number))
        .collect();
    let word = model.state().word();
    let longest = numbers.iter().map(String::len).max().unwrap_or(0);
    let letters = u16::try_from(longest).unwrap_or(0).max(FEWEST_LETTERS);
    let rows = model.kiosk.dot_rows();
    let (cells_of_word, cells_of_number) = dots(word, letters, rows, place.width);
    let dot = |cells: u16| Dot { cells, rows };
    // The colours of the header: the same word in another one would be another message.
    let (_, role) = meaning(model.state());
    let top = place.y;
    // The numbers have the same place beside either word.
    let left = place
        .width
        .saturating_sub(COUNTS * column(letters, cells_of_number));
    let of_alert = alert_shown(model).and_then(|role| Some((ALERT, word_dot(ALERT, rows, left)?, role)));
    let (word, cells, role) = of_alert.unwrap_or((word, cells_of_word, role));
    big(word, (place.x + 1, top), dot(cells), theme.style(role), buffer);
    // From the right, so that a number that gets longer moves nothing but itself.
    let column = column(letters, cells_of_number.max(1));
    for (from_right, ((count, label), number)) in (0_u16..).zip(counts.iter().zip(&numbers).rev()) {
        if cells_of_number == 0 {
            break;
        }
        let left = place
            .right()
            .saturating_sub(column * from_right)
            .saturating_sub(column);
        let role = if count.unwrap_or(0) == 0 {
            Role::Muted
        } else {
            Role::Bad
        };
        let style = theme.style(role);
        let at = |width: u16| left + column.saturating_sub(width + 1);
        let place = (at(big_width(number, cells_of_number)), top);
        big(number, place, dot(cells_of_number), style, buffer);
        let below = top + LETTER_ROWS * rows;
        if rows > 1 {
            let label = label.to_uppercase();
            let cells = label_dot(&label, column);
            let place = (at(big_width(&label, cells)), below + 1);
            big(&label, place, Dot { cells, rows: 1 }, style, buffer);
        } else {
            let cells = u16::try_from(label.width()).unwrap_or(0);
            buffer.set_string(at(cells), below, label, style);
        }
    }
    let time = model.now.to_zoned_datetime(model.zone.clone());
    let clock = time.strftime("%H:%M").to_string();
    let cells = label_dot(&clock, place.width.saturating_sub(COUNTS * column));
    if rows > 1 && cells_of_number > 0 && cells > 0 {
        let below = top + LETTER_ROWS * rows + 1;
        let dot = Dot { cells, rows: 1 };
        big(
            &clock,
            (place.x + 1, below),
            dot,
            theme.style(Role::Title),
            buffer,
        );
    }
    let [even, odd] = signs::HEARTBEAT;
    let heart = if model.beat.is_multiple_of(2) { even } else { odd };
    let mut line = format!(" {} {heart}", time.strftime("%Y-%m-%d %H:%M:%S %Z"));
    if cells_of_number == 0 {
        // The counts that had no room above.
        for ((_, label), number) in counts.iter().zip(&numbers) {
            line = format!("{line}  {number} {label}");
        }
    }
    let at = Rect {
        y: (top + model.kiosk.bar()).saturating_sub(2),
        height: 1,
        ..place
    };
    Line::styled(line, theme.style(Role::Title)).render(at, buffer);
}

/// A number in at most four letters.
fn number(count: usize) -> String {
    match count {
        0..=LARGEST => count.to_string(),
        _ if count / 1000 <= 999 => format!("{}K", count / 1000),
        _ => format!("{}M", count / 1_000_000),
    }
}

/// A dot of a letter, in cells and rows.
#[derive(Debug, Clone, Copy)]
struct Dot {
    cells: u16,
    rows: u16,
}

/// The cells of a dot of the word and of the numbers with this many letters, where a dot has this many rows: the largest for
/// which there is room. Without room for the numbers these have none.
fn dots(word: &str, letters: u16, rows: u16, width: u16) -> (u16, u16) {
    // A cell is about twice as high as wide. The numbers are what is read first.
    let sizes = (1..=2 * rows).rev();
    let pairs = sizes.flat_map(|of_number| [of_number, of_number - 1].map(|of_word| (of_word, of_number)));
    let mut pairs = pairs.filter(|(of_word, _)| *of_word > 0);
    let fitting = pairs.find(|(of_word, of_number)| {
        let needed = 2 + big_width(word, *of_word) + COUNTS * column(letters, *of_number);
        needed <= width
    });
    fitting.unwrap_or((1, 0))
}

/// The colour of the alert, if one waits and it is its turn.
fn alert_shown(model: &Model) -> Option<Role> {
    let banner = model.alert_banner()?;
    let (_, role) = alert_banner::meaning(banner.severity);
    (model.beat / TURN).is_multiple_of(2).then_some(role)
}

/// The cells of a dot of a word with dots of this many rows; `None` where it has no room.
fn word_dot(word: &str, rows: u16, width: u16) -> Option<u16> {
    let fits = |cells: &u16| big_width(word, *cells) + 2 <= width;
    (1..=2 * rows).rev().find(fits)
}

/// The cells of a dot of a text in small letters, of which the largest are two cells wide; 0 where it has no room.
fn label_dot(text: &str, width: u16) -> u16 {
    let fits = |cells: &u16| big_width(text, *cells) + 2 <= width;
    [2, 1].into_iter().find(fits).unwrap_or(0)
}

/// The cells of every number: this many letters and a gap.
fn column(letters: u16, dot: u16) -> u16 {
    letters * (DOTS + 1) * dot + 1
}

fn big_width(text: &str, dot: u16) -> u16 {
    let letters = u16::try_from(text.chars().count()).unwrap_or(0);
    (letters * (DOTS + 1)).saturating_sub(1) * dot
}

fn big(text: &str, at: (u16, u16), dot: Dot, style: Style, buffer: &mut Buffer) {
    let style = style.add_modifier(Modifier::REVERSED);
    for (number, letter) in (0_u16..).zip(text.chars()) {
        let rows = LETTERS
            .iter()
            .find(|(it, _)| *it == letter)
            .map(|(_, rows)| *rows);
        let left = at.0 + number * (DOTS + 1) * dot.cells;
        for (row, bits) in (0_u16..).zip(rows.unwrap_or_default()) {
            for column in (0..DOTS).filter(|column| bits & (0b100 >> column) != 0) {
                let dot = Rect::new(
                    left + column * dot.cells,
                    at.1 + row * dot.rows,
                    dot.cells,
                    dot.rows,
                );
                for place in dot.intersection(buffer.area).positions() {
                    if let Some(cell) = buffer.cell_mut(place) {
                        cell.set_symbol(" ").set_style(style);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::SyncState;
    use jiff::Timestamp;

    #[test]
    fn every_state_word_and_number_has_its_letters() {
        let states = [
            SyncState::Fresh,
            SyncState::Recorded,
            SyncState::Loading { met: 0, total: None },
            SyncState::Partial { met: 0, total: 0 },
            SyncState::Old(Timestamp::UNIX_EPOCH),
            SyncState::Stale(None),
            SyncState::Throttled(None),
            SyncState::Auth,
            SyncState::Offline,
            SyncState::Denied,
        ];
        let words = states.map(|state| state.word().to_owned()).into_iter();
        let numbers = [0, 9999, 10_000, 999_999, 2_000_000, 123_456_789].map(number);
        let labels = ["AT RISK", "BROKEN", "FAILED", "23:59"].map(|label| label.replace(' ', ""));
        let others = [UNKNOWN, ALERT].map(str::to_owned);
        for text in words.chain(numbers).chain(others).chain(labels) {
            assert!(
                text.chars()
                    .all(|letter| LETTERS.iter().any(|(it, _)| *it == letter)),
                "{text}"
            );
            assert!(text.len() <= 9);
        }
        assert_eq!([10_000, 1_999_999].map(number), ["10K", "1M"]);
    }

    #[test]
    fn the_longest_word_and_the_longest_numbers_have_room_on_an_ordinary_screen() {
        assert_eq!(dots("THROTTLED", 4, 1, 90), (1, 1));
        assert_eq!(dots("FRESH", 4, 1, 200), (2, 2));
        assert_eq!(dots("FRESH", 4, 1, 50), (1, 0));
        // The smallest screen of all: 80 columns, of which the picture may move by two.
        assert_eq!(dots("THROTTLED", 3, 1, 78), (1, 1));
        assert_eq!(dots("FRESH", 4, 1, 78), (1, 1));
        // A wall of many cells: the letters grow with them.
        assert_eq!(dots("FRESH", 3, 3, 278), (4, 5));
        assert_eq!(dots("THROTTLED", 3, 3, 278), (3, 4));
        assert_eq!(dots("FRESH", 3, 2, 198), (3, 3));
    }
}
