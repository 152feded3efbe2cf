//! What a terminal shows after the bytes, with vt100 as the oracle.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr as _;

use super::frame_bytes::{BEGIN, END};
use super::*;

const WIDTH: u16 = 24;
const HEIGHT: u16 = 4;

/// Records the writes that reached the terminal.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<Vec<Vec<u8>>>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// In the order of their codes.
const SIXTEEN: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// A piece of text that is drawn somewhere.
#[derive(Debug, Clone)]
struct Piece {
    x: u16,
    y: u16,
    text: String,
    style: Style,
}

fn draw(buffer: &mut Buffer, pieces: &[Piece]) {
    for piece in pieces {
        let room = usize::from(WIDTH - piece.x);
        buffer.set_stringn(piece.x, piece.y, &piece.text, room, piece.style);
    }
}

/// The final bytes of the sequences (CSI) in these bytes that not every terminal knows. mosh drops E and F, and so does Emacs.
/// minicom ignores the number of G, and Emacs counts it from 0.
fn unusual_sequences(bytes: &[u8]) -> Vec<char> {
    let text = String::from_utf8_lossy(bytes);
    let last = |sequence: &str| {
        let last = sequence.chars().find(|it| ('@'..='~').contains(it))?;
        let is_usual = "BCDHJKhlm".contains(last) || sequence.starts_with('G');
        (!is_usual).then_some(last)
    };
    text.split("\x1b[").skip(1).filter_map(last).collect()
}

/// Draws the frames one after another; returns the last picture and everything that was written.
fn drawn(frames: &[Vec<Piece>]) -> (Buffer, Vec<Vec<u8>>) {
    let wire = Wire::default();
    let mut screen = Display::new(wire.clone());
    for pieces in frames {
        screen
            .draw(Size::new(WIDTH, HEIGHT), |buffer| draw(buffer, pieces))
            .unwrap();
    }
    let writes = wire.0.borrow().clone();
    (screen.shown, writes)
}

fn shown(colour: Color) -> vt100::Color {
    let index = match colour {
        Color::Reset => return vt100::Color::Default,
        Color::Rgb(red, green, blue) => return vt100::Color::Rgb(red, green, blue),
        Color::Indexed(index) => index,
        sixteen => {
            let index = SIXTEEN.iter().position(|it| *it == sixteen).unwrap();
            u8::try_from(index).unwrap()
        }
    };
    vt100::Color::Idx(index)
}

/// Checks that every cell of the terminal is as drawn.
fn assert_same(picture: &Buffer, terminal: &vt100::Screen) {
    for y in 0..HEIGHT {
        let mut x = 0;
        while x < WIDTH {
            let (drawn, seen) = (&picture[(x, y)], terminal.cell(y, x).unwrap());
            let text = if seen.has_contents() { seen.contents() } else { " " };
            assert_eq!(text, drawn.symbol(), "text at {x},{y}");
            let has = |modifier| drawn.modifier.contains(modifier);
            assert_eq!(seen.bgcolor(), shown(drawn.bg), "background at {x},{y}");
            assert_eq!(
                seen.underline(),
                has(Modifier::UNDERLINED),
                "underline at {x},{y}"
            );
            assert_eq!(seen.inverse(), has(Modifier::REVERSED), "reverse at {x},{y}");
            x += u16::try_from(drawn.symbol().width()).unwrap();
            // The foreground colour and the weight of a blank are invisible, unless it is reversed.
            if text == " " {
                assert!(
                    !seen.inverse() || seen.fgcolor() == shown(drawn.fg),
                    "before {x},{y}"
                );
                continue;
            }
            assert_eq!(seen.fgcolor(), shown(drawn.fg), "foreground before {x},{y}");
            // vt100 supports only one of bold and dim at a time.
            assert!(!seen.bold() || has(Modifier::BOLD), "bold before {x},{y}");
            assert!(!seen.dim() || has(Modifier::DIM), "dim before {x},{y}");
            assert_eq!(
                seen.bold() || seen.dim(),
                has(Modifier::BOLD) || has(Modifier::DIM),
                "weight before {x},{y}"
            );
            assert_eq!(seen.italic(), has(Modifier::ITALIC), "italic before {x},{y}");
        }
    }
}

fn colours() -> impl Strategy<Value = Option<Color>> {
    prop_oneof![
        3 => Just(None),
        3 => proptest::sample::select(&SIXTEEN[..]).prop_map(Some),
        1 => any::<u8>().prop_map(|index| Some(Color::Indexed(index))),
        1 => any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Some(Color::Rgb(r, g, b))),
    ]
}

fn modifiers() -> impl Strategy<Value = Modifier> {
    proptest::sample::subsequence(
        vec![
            Modifier::BOLD,
            Modifier::DIM,
            Modifier::ITALIC,
            Modifier::UNDERLINED,
            Modifier::REVERSED,
        ],
        0..=3,
    )
    .prop_map(|chosen| chosen.into_iter().collect())
}

fn piece() -> impl Strategy<Value = Piece> {
    let text = proptest::collection::vec(
        prop_oneof![
            6 => Just("a"), 2 => Just("b"), 3 => Just(" "), 1 => Just("█"), 1 => Just("●"), 1 => Just("…"),
            2 => Just("生"), 2 => Just("产"), 1 => Just("e\u{301}"), 1 => Just("ﾊ"),
        ],
        1..20,
    );
    (0..WIDTH, 0..HEIGHT, text, colours(), colours(), modifiers()).prop_map(
        |(x, y, text, fg, bg, modifier)| Piece {
            x,
            y,
            text: text.concat(),
            style: Style {
                fg,
                bg,
                ..Style::new().add_modifier(modifier)
            },
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_terminal_shows_what_was_drawn(
        frames in proptest::collection::vec(proptest::collection::vec(piece(), 0..9), 1..5)
    ) {
        let (picture, writes) = drawn(&frames);
        let mut terminal = vt100::Parser::new(HEIGHT.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
        for write in &writes {
            terminal.process(write);
            prop_assert_eq!(unusual_sequences(write), Vec::<char>::new(), "known to every terminal");
        }
        assert_same(&picture, terminal.screen());
        prop_assert!(writes.len() <= frames.len(), "a frame is one write at most");
    }

    /// A web terminal was loaded again, or lost a part of its state: whatever it shows, in whatever modes.
    #[test]
    fn a_refresh_restores_the_picture_and_the_modes_of_any_terminal(
        old in proptest::collection::vec(piece(), 0..9),
        garbage in proptest::collection::vec(piece(), 0..9),
        new in proptest::collection::vec(piece(), 0..9),
    ) {
        let (_, other) = drawn(&[garbage]);
        let wire = Wire::default();
        let mut screen = Display::new(wire.clone());
        let size = Size::new(WIDTH, HEIGHT);
        screen.draw(size, |buffer| draw(buffer, &old)).unwrap();
        let before = wire.0.take();
        screen.refresh();
        screen.draw(size, |buffer| draw(buffer, &new)).unwrap();
        let refreshed = wire.0.take();
        prop_assert_eq!(refreshed.len(), 1);
        prop_assert_eq!(unusual_sequences(&refreshed[0]), Vec::<char>::new());
        let text = String::from_utf8(refreshed[0].clone()).unwrap();
        prop_assert!(!text.contains("\x1b[2J") && !text.contains("\x1b[1K"), "no text is erased");
        for earlier in [&before, &other, &vec![]] {
            let mut terminal = vt100::Parser::new(HEIGHT.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
            for write in earlier {
                terminal.process(write);
            }
            // The end of a frame is lost, and its modes.
            terminal.process(b"\x1b[?25h\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[1;31;44m\x1b[2;3H");
            terminal.process(&refreshed[0]);
            let seen = terminal.screen();
            assert_same(&screen.shown, seen);
            prop_assert!(seen.alternate_screen() && seen.hide_cursor() && seen.bracketed_paste());
            prop_assert_eq!(seen.mouse_protocol_encoding(), vt100::MouseProtocolEncoding::Sgr);
            prop_assert_ne!(seen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        }
        // It is one frame, and the next one is a difference again.
        screen.draw(size, |buffer| draw(buffer, &new)).unwrap();
        prop_assert!(wire.0.take().is_empty());
    }
}

fn piece_at(x: u16, text: &str, style: Style) -> Piece {
    Piece {
        x,
        y: 0,
        text: text.to_owned(),
        style,
    }
}

/// The last frame, without the synchronized update around it.
fn last(frames: &[Vec<Piece>]) -> String {
    let (_, writes) = drawn(frames);
    let text = String::from_utf8(writes.last().unwrap().clone()).unwrap();
    let inner = text.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    inner.unwrap().replace('\x1b', "^")
}

#[test]
fn a_row_that_only_changes_its_style_is_one_run() {
    let row = |style| vec![piece_at(3, "payment-api", style)];
    assert_eq!(
        last(&[row(Style::new())]),
        "^[?25l^[?2004h^[?1000h^[?1002h^[?1006h^[m^[2J^[1;4Hpayment-api"
    );
    let bytes = last(&[row(Style::new()), row(Style::new().reversed())]);
    assert_eq!(bytes, "^[1;4H^[7mpayment-api^[m");
}

#[test]
fn a_short_unchanged_stretch_is_written_again_and_a_long_one_is_skipped() {
    let row = |text| vec![piece_at(0, text, Style::new())];
    let bytes = last(&[row("a1234b123456c"), row("A1234B123456C")]);
    assert_eq!(bytes, "^[HA1234B^[6CC");
}

#[test]
fn a_row_that_loses_its_style_is_erased_first_if_that_is_shorter() {
    let row = |style| vec![piece_at(0, "a           b       ", style)];
    let (reversed, plain) = (row(Style::new().reversed()), row(Style::new()));
    assert_eq!(last(&[reversed.clone(), plain.clone()]), "^[H^[Ka^[11Cb");
    // The end of the row stays.
    let edge = piece_at(20, "edge", Style::new().fg(Color::Red));
    let with_edge = |row: &[Piece]| [row, std::slice::from_ref(&edge)].concat();
    assert_eq!(
        last(&[with_edge(&reversed), with_edge(&plain)]),
        "^[1;20H^[1K ^[Ga^[11Cb"
    );
}

#[test]
fn blanks_at_the_end_of_a_line_are_erased_only_in_the_default_background() {
    let row = |text: &str, style| vec![piece_at(0, text, style)];
    let plain = Style::new();
    assert_eq!(last(&[row("abcdef", plain), row("ab", plain)]), "^[1;3H^[K");
    assert_eq!(last(&[row("abcde", plain), row("abc", plain)]), "^[1;4H  ");
    let blue = Style::new().on_blue();
    let wide = |text: &str| row(&format!("{text:24}"), blue);
    let (long, short) = (wide("abcdefghijkl"), wide("ab"));
    assert_eq!(last(&[long, short]), "^[1;3H^[44m          ^[m");
}

#[test]
fn behind_a_sign_that_may_be_wide_the_column_is_absolute() {
    let row = |text| vec![piece_at(0, text, Style::new())];
    assert_eq!(
        last(&[row("0123456789a1234567b"), row("0123456789A1234567B")]),
        "^[1;11HA^[7CB"
    );
    assert_eq!(
        last(&[row("0123456789▲1234567b"), row("0123456789●1234567B")]),
        "^[1;11H●^[1;19HB"
    );
}

#[test]
fn the_next_line_is_reached_by_the_shorter_way() {
    let at = |y, x, text: &str| Piece {
        y,
        ..piece_at(x, text, Style::new())
    };
    let frames = |text: &str, next| vec![at(1, 12, text), at(2, next, text)];
    assert_eq!(last(&[vec![], frames("a", 14)]), "^[2;13Ha^[B^[Ca");
    assert_eq!(last(&[vec![], frames("a", 13)]), "^[2;13Ha^[Ba");
    assert_eq!(last(&[vec![], frames("a", 12)]), "^[2;13Ha^[B^[Da");
    assert_eq!(last(&[vec![], frames("a", 0)]), "^[2;13Ha^[3Ha");
    assert_eq!(last(&[vec![], frames("▲", 12)]), "^[2;13H▲^[3;13H▲");
    // Behind the last column the cursor is nowhere certain.
    let edge = vec![at(1, 23, "a"), at(2, 22, "a")];
    assert_eq!(last(&[vec![], edge]), "^[2;24Ha^[3;23Ha");
}

#[test]
fn blanks_between_coloured_words_change_no_colour() {
    let red = Style::new().fg(Color::Red);
    let row = vec![
        piece_at(0, "a", red),
        piece_at(1, "  ", Style::new()),
        piece_at(3, "b", red),
    ];
    assert_eq!(last(&[vec![piece_at(1, "xx", red)], row]), "^[H^[31ma  b^[m");
}

#[test]
fn the_cursor_is_positioned_again_after_a_wide_character() {
    let row = |text| vec![piece_at(0, text, Style::new())];
    assert_eq!(last(&[row("aaa"), row("生b")]), "^[H生^[1;3Hb");
}

#[test]
fn the_rest_of_a_wide_character_is_redrawn() {
    let row = |text| vec![piece_at(0, text, Style::new())];
    assert_eq!(last(&[row("a生"), row("生 ")]), "^[H生^[1;3H ");
    assert_eq!(last(&[row("生b"), row("a b")]), "^[Ha ");
}

#[test]
fn an_unchanged_picture_writes_nothing_and_an_uncertain_one_everything() {
    let wire = Wire::default();
    let mut screen = Display::new(wire.clone());
    let mut write = |forget: bool, width| {
        if forget {
            screen.forget();
        }
        let size = Size::new(width, HEIGHT);
        let pieces = [piece_at(0, "a", Style::new().bold().dim())];
        screen.draw(size, |buffer| draw(buffer, &pieces)).unwrap();
        wire.0
            .take()
            .into_iter()
            .map(|bytes| String::from_utf8(bytes).unwrap().replace('\x1b', "^"))
            .collect::<Vec<_>>()
    };
    let all = ["^[?2026h^[?25l^[?2004h^[?1000h^[?1002h^[?1006h^[m^[2J^[H^[1;2ma^[m^[?2026l"];
    assert_eq!(write(false, WIDTH), all);
    assert!(write(false, WIDTH).is_empty());
    assert_eq!(write(true, WIDTH), all);
    assert_eq!(write(false, WIDTH + 1), all, "another size");
}

/// A terminal that accepts a number of bytes, three at a time, and is then left.
struct Leaving(usize, Vec<u8>);

impl Write for Leaving {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(3).min(self.0);
        self.0 -= count;
        self.1.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_terminal_that_was_left_is_distinguished_from_one_that_accepted_everything() {
    let mut display = Display::new(Leaving(10, Vec::new()));
    assert!(display.write_once(b"seven b").unwrap());
    assert!(!display.write_once(b"four").unwrap());
    assert!(!display.write_once(b"four").unwrap());
    assert_eq!(display.out.1, b"seven bfou");
}
