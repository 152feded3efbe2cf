//! Input from terminals, valid and invalid.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;

use super::TerminalColours;
use super::decoder::Decoder;

use std::time::Duration;

const ALT: KeyModifiers = KeyModifiers::ALT;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn plain(code: KeyCode) -> Event {
    key(code, KeyModifiers::NONE)
}

fn character(character: char) -> Event {
    plain(KeyCode::Char(character))
}

/// The events of bytes that arrive in these pieces, and of the silence after them.
fn decoded(pieces: &[&[u8]]) -> Vec<Event> {
    let at_once: Vec<_> = pieces.iter().map(|piece| (*piece, Duration::ZERO)).collect();
    decoded_at_pace(&at_once)
}

/// The events of pieces with the given silence after each, and of a long silence at the end.
fn decoded_at_pace(pieces: &[(&[u8], Duration)]) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    let last = (&b""[..], Duration::from_secs(10));
    for (piece, silence) in pieces.iter().copied().chain([last]) {
        decoder.take(piece, &mut events);
        let mut left = silence;
        while let Some(rest) = decoder.patience().and_then(|patience| left.checked_sub(patience)) {
            decoder.give_up(&mut events);
            left = rest;
        }
    }
    assert_eq!(decoder.patience(), None, "nothing is incomplete after silence");
    events
}

#[test]
fn keys_as_terminals_send_them() {
    for (bytes, expected) in [
        (&b"j"[..], character('j')),
        (b"G", key(KeyCode::Char('G'), SHIFT)),
        ("ß".as_bytes(), character('ß')),
        ("云".as_bytes(), character('云')),
        ("🚀".as_bytes(), character('🚀')),
        (b"\r", plain(KeyCode::Enter)),
        (b"\t", plain(KeyCode::Tab)),
        (b"\x7f", plain(KeyCode::Backspace)),
        (b"\x08", key(KeyCode::Char('h'), CTRL)),
        (b"\n", key(KeyCode::Char('j'), CTRL)),
        (b"\x03", key(KeyCode::Char('c'), CTRL)),
        (b"\x1a", key(KeyCode::Char('z'), CTRL)),
        (b"\x1c", key(KeyCode::Char('4'), CTRL)),
        (b"\0", key(KeyCode::Char(' '), CTRL)),
        (b"\x1b", plain(KeyCode::Esc)),
        (b"\x1b[A", plain(KeyCode::Up)),
        (b"\x1bOB", plain(KeyCode::Down)),
        (b"\x1bOP", plain(KeyCode::F(1))),
        (b"\x1b[[B", plain(KeyCode::F(2))),
        (b"\x1b[15~", plain(KeyCode::F(5))),
        (b"\x1b[17~", plain(KeyCode::F(6))),
        (b"\x1b[24~", plain(KeyCode::F(12))),
        (b"\x1b[5~", plain(KeyCode::PageUp)),
        (b"\x1b[6;5~", key(KeyCode::PageDown, CTRL)),
        (b"\x1b[1;5D", key(KeyCode::Left, CTRL)),
        (b"\x1b[1;2P", key(KeyCode::F(1), SHIFT)),
        (b"\x1b[H", plain(KeyCode::Home)),
        (b"\x1b[4~", plain(KeyCode::End)),
        (b"\x1b[Z", key(KeyCode::BackTab, SHIFT)),
        (b"\x1b[I", Event::FocusGained),
        (
            b"\x1b[200~ab\r\x1b[1\x1b[201~",
            Event::Paste("ab\r\x1b[1".to_owned()),
        ),
    ] {
        let expected = vec![expected];
        assert_eq!(decoded(&[bytes]), expected, "{bytes:?}");
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decoded(&pieces), expected, "{bytes:?} byte by byte");
    }
    assert_eq!(
        decoded(&[b"\x1b\x1b"]),
        [plain(KeyCode::Esc), plain(KeyCode::Esc)]
    );
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn alt_and_a_key_is_a_key_of_its_own() {
    for (bytes, code, modifiers) in [
        (&b"\x1bq"[..], KeyCode::Char('q'), ALT),
        (b"\x1bQ", KeyCode::Char('Q'), ALT | SHIFT),
        ("\x1bß".as_bytes(), KeyCode::Char('ß'), ALT),
        (b"\x1b\r", KeyCode::Enter, ALT),
        (b"\x1b\x7f", KeyCode::Backspace, ALT),
        (b"\x1b\x03", KeyCode::Char('c'), ALT | CTRL),
        (b"\x1b[", KeyCode::Char('['), ALT),
        (b"\x1b]", KeyCode::Char(']'), ALT),
        (b"\x1bP", KeyCode::Char('P'), ALT | SHIFT),
        (b"\x1bO", KeyCode::Char('O'), ALT | SHIFT),
        (b"\x1b[1;3A", KeyCode::Up, ALT),
        (b"\x1b\x1b[A", KeyCode::Up, ALT),
        (b"\x1b\x1bOB", KeyCode::Down, ALT),
        (b"\x1b\x1b[5~", KeyCode::PageUp, ALT),
        (b"\x1b[113;3u", KeyCode::Char('q'), ALT),
    ] {
        assert_eq!(decoded(&[bytes]), [key(code, modifiers)], "{bytes:?}");
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decoded(&pieces), [key(code, modifiers)], "{bytes:?} byte by byte");
    }
    // An ESC that was certainly a key stays one.
    let esc = || plain(KeyCode::Esc);
    assert_eq!(decoded(&[b"\x1b\x1bx"]), [esc(), key(KeyCode::Char('x'), ALT)]);
    assert_eq!(decoded(&[b"\x1b\x1b\x1b[A"]), [esc(), key(KeyCode::Up, ALT)]);
}

#[test]
fn a_key_a_little_after_esc_is_two_keys() {
    for byte in [b"x", b"[", b"]", b"O", b"P", b"\r"] {
        let events = decoded_at_pace(&[(b"\x1b", 30 * MS), (byte, MS)]);
        assert_eq!(events.first(), Some(&plain(KeyCode::Esc)), "{byte:?}");
        assert_eq!(events.get(1..), Some(&decoded(&[byte])[..]), "{byte:?}");
    }
    let held = decoded_at_pace(&[(b"\x1b", 30 * MS), (b"\x1b", 30 * MS), (b"\x1b", 30 * MS)]);
    assert_eq!(held, vec![plain(KeyCode::Esc); 3]);
}

#[test]
fn esc_alone_acts_after_a_tenth_of_a_second() {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    decoder.take(b"\x1b", &mut events);
    let mut waited = Duration::ZERO;
    while let Some(patience) = decoder.patience() {
        waited += patience;
        decoder.give_up(&mut events);
    }
    assert_eq!(events, [plain(KeyCode::Esc)]);
    assert!(waited <= 100 * MS, "{waited:?}");
}

#[test]
fn keys_as_numbers_are_keys() {
    use crossterm::event::KeyEventKind::{Release, Repeat};
    const SUPER: KeyModifiers = KeyModifiers::SUPER;
    let of = |code, modifiers| (code, modifiers);
    for (bytes, (code, modifiers)) in [
        (&b"\x1b[99;5u"[..], of(KeyCode::Char('c'), CTRL)),
        (b"\x1b[27;5;99~", of(KeyCode::Char('c'), CTRL)),
        (b"\x1b[122;5u", of(KeyCode::Char('z'), CTRL)),
        (b"\x1b[99;69u", of(KeyCode::Char('c'), CTRL)), // Caps Lock
        (b"\x1b[99;133u", of(KeyCode::Char('c'), CTRL)), // Num Lock
        (b"\x1b[113u", of(KeyCode::Char('q'), KeyModifiers::NONE)),
        (b"\x1b[113;9u", of(KeyCode::Char('q'), SUPER)),
        (b"\x1b[106;2u", of(KeyCode::Char('J'), SHIFT)),
        (b"\x1b[27;2;74~", of(KeyCode::Char('J'), SHIFT)),
        (b"\x1b[49:33;2u", of(KeyCode::Char('!'), SHIFT)),
        (b"\x1b[223;2u", of(KeyCode::Char('ß'), SHIFT)),
        (b"\x1b[97;;97u", of(KeyCode::Char('a'), KeyModifiers::NONE)),
        (b"\x1b[27u", of(KeyCode::Esc, KeyModifiers::NONE)),
        (b"\x1b[27;1u", of(KeyCode::Esc, KeyModifiers::NONE)),
        (b"\x1b[91;5u", of(KeyCode::Esc, KeyModifiers::NONE)),
        (b"\x1b[13u", of(KeyCode::Enter, KeyModifiers::NONE)),
        (b"\x1b[27;5;13~", of(KeyCode::Enter, CTRL)),
        (b"\x1b[9u", of(KeyCode::Tab, KeyModifiers::NONE)),
        (b"\x1b[9;2u", of(KeyCode::BackTab, SHIFT)),
        (b"\x1b[27;2;9~", of(KeyCode::BackTab, SHIFT)),
        (b"\x1b[127;2u", of(KeyCode::Backspace, SHIFT)),
        (b"\x1b[57414u", of(KeyCode::Enter, KeyModifiers::NONE)),
        (b"\x1b[57400u", of(KeyCode::Char('1'), KeyModifiers::NONE)),
        (b"\x1b[57419u", of(KeyCode::Up, KeyModifiers::NONE)),
        (b"\x1b[5$", of(KeyCode::PageUp, SHIFT)),
        (b"\x1b[5^", of(KeyCode::PageUp, CTRL)),
        (b"\x1b[5@", of(KeyCode::PageUp, CTRL | SHIFT)),
        (b"\x1b[a", of(KeyCode::Up, SHIFT)),
        (b"\x1bOa", of(KeyCode::Up, CTRL)),
        (b"\x1bO5A", of(KeyCode::Up, CTRL)),
        (b"\x1bO1;5A", of(KeyCode::Up, CTRL)),
        (b"\x1bOw", of(KeyCode::Char('7'), KeyModifiers::NONE)),
        (b"\x1b[1;9A", of(KeyCode::Up, SUPER)),
        (b"\x1b[1;5Z", of(KeyCode::BackTab, CTRL | SHIFT)),
    ] {
        assert_eq!(decoded(&[bytes]), [key(code, modifiers)], "{bytes:?}");
    }
    for (bytes, code, kind) in [
        (&b"\x1b[99;5:3u"[..], KeyCode::Char('c'), Release),
        (b"\x1b[106;1:2u", KeyCode::Char('j'), Repeat),
        (b"\x1b[1;1:3A", KeyCode::Up, Release),
    ] {
        let [Event::Key(event)] = decoded(&[bytes])[..] else {
            panic!("{bytes:?}")
        };
        assert_eq!((event.code, event.kind), (code, kind), "{bytes:?}");
    }
    for nothing in [
        &b"\x1b[57441;2u"[..], // Shift alone
        b"\x1b[99;5:9u",
        b"\x1b[99;999u",
        b"\x1b[1114112u",
        b"\x1b[55296u",
        b"\x1b[3u",
        b"\x1b[u",
        b"\x1b[27;5~",
    ] {
        assert_eq!(decoded(&[nothing]), [], "{nothing:?}");
    }
}

/// Sequences of keys, whole.
const SEQUENCES: [&[u8]; 27] = [
    b"\x1b[A",
    b"\x1bOA",
    b"\x1b[1;5D",
    b"\x1bO5A",
    b"\x1bOP",
    b"\x1b[[B",
    b"\x1b[15~",
    b"\x1b[24~",
    b"\x1b[3~",
    b"\x1b[6;5~",
    b"\x1b[H",
    b"\x1b[Z",
    b"\x1b[I",
    b"\x1b[5$",
    b"\x1b[a",
    b"\x1b[99;5u",
    b"\x1b[27;5;99~",
    b"\x1b[1;1:3A",
    b"\x1b[49:33;2u",
    b"\x1b[<0;5;7M",
    b"\x1b[<64;1;1m",
    b"\x1b[M %'",
    b"\x1b[M \xc2\x843",
    b"\x1b[200~ab\x1b[201~",
    "ß".as_bytes(),
    "🚀".as_bytes(),
    b"\x1b",
];

/// Every split in two, with every gap that a line may cause.
#[test]
fn every_split_of_every_sequence_is_the_same_event() {
    for bytes in SEQUENCES {
        let whole = decoded(&[bytes]);
        for at in 1..bytes.len() {
            for gap in [1, 24, 25, 26, 50, 99] {
                let (first, second) = bytes.split_at(at);
                let events = decoded_at_pace(&[(first, gap * MS), (second, MS)]);
                assert_eq!(events, whole, "{bytes:?} at {at}, {gap} ms");
            }
        }
    }
}

#[test]
fn anything_but_a_key_is_dropped_and_the_next_key_counts() {
    for junk in [
        &b"\x1b[3;7R"[..],        // where the cursor is
        b"\x1b]11;rgb:0/0/0\x07", // which colour
        b"\x1bP>|tmux 3.4\x1b\\", // which terminal
        b"\x1b[?62;22c",          // what the terminal is
        b"\x1b[?2026;2$y",        // what a mode is
        b"\x1b[>0;276;0c",        // which version
        b"\x1b[999999999999999~", // no number
        b"\x1b[1;99999999A",      // no modifier
        b"\x1b[5\x18",            // cancelled; the cancelling key is Ctrl-X
        b"\xff\xfe\xc3",          // no UTF-8
        b"\x1b[<0;0;0;0;0Q",      // no mouse report
        b"\x1b[<999;1;1M",
        b"\x1b[4;2$y",    // what another kind of mode is
        b"\x1bO9999999A", // no modifier either
    ] {
        let mut bytes = junk.to_vec();
        bytes.push(b'x');
        let mut events = decoded(&[&bytes]);
        events.retain(|event| *event != key(KeyCode::Char('x'), KeyModifiers::CONTROL));
        assert_eq!(events, [character('x')], "{junk:?}");
    }
    assert_eq!(
        decoded(&[b"\x1b[", &b"1".repeat(100_000), b"~x"]),
        [character('x')]
    );
}

/// The colours that these bytes report, each after this much silence, and the other events.
fn told_at_pace(pieces: &[(&[u8], Duration)]) -> (TerminalColours, Vec<Event>) {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    for (bytes, silence) in pieces {
        decoder.take(bytes, &mut events);
        let mut left = *silence;
        while let Some(patience) = decoder.patience().filter(|patience| *patience <= left) {
            left -= patience;
            decoder.give_up(&mut events);
        }
    }
    (decoder.colours(), events)
}

#[test]
fn what_the_terminal_tells_of_its_colours_is_noted_and_is_no_key_however_it_is_split() {
    for answer in [
        &b"\x1b]11;rgb:fdfd/f6f6/e3e3\x07"[..],
        b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\",
    ] {
        for at in 1..answer.len() {
            // A slow line may keep the rest back for longer than a key would take.
            let gap = if at < 5 { 20 } else { 900 };
            let (first, second) = answer.split_at(at);
            let (colours, events) = told_at_pace(&[(first, gap * MS), (second, MS), (b"x", MS)]);
            assert_eq!(colours.background, Some([0xfd, 0xf6, 0xe3]), "{answer:?} at {at}");
            assert_eq!(events, [character('x')], "{answer:?} at {at}");
        }
    }
    let (colours, events) = told_at_pace(&[(b"\x1b[?997;2nj\x1b[?997;1n\x1b[?997;3n", MS)]);
    assert_eq!((colours.is_light, events), (Some(false), vec![character('j')]));
    assert_eq!(colours.scheme_reports, 2, "a third kind is none");
    let (colours, events) = told_at_pace(&[(b"\x1b[997;2nj", MS)]);
    assert_eq!((colours.is_light, events), (Some(true), vec![character('j')]));
}

#[test]
fn an_answer_that_is_none_changes_nothing_and_one_without_an_end_is_given_up() {
    let long = [b"\x1b]11;rgb:", &b"f".repeat(300)[..], b"\x07"].concat();
    for answer in [
        &b"\x1b]11;rgb:zz/00/00\x07"[..],
        b"\x1b]11;?\x07",
        b"\x1b]11\x07",
        b"\x1b]10;rgb:0/0/0\x07",
        b"\x1bP11;rgb:0/0/0\x1b\\",
        &long,
    ] {
        let (colours, events) = told_at_pace(&[(answer, MS), (b"x", MS)]);
        assert_eq!(
            (colours, events),
            (TerminalColours::default(), vec![character('x')]),
            "{answer:?}"
        );
    }
    let (_, events) = told_at_pace(&[(b"\x1b]11;rgb:00", 2000 * MS), (b"x", MS)]);
    assert_eq!(events, [character('x')]);
}

#[test]
fn a_paste_ends_with_silence_and_is_capped() {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    decoder.take(b"\x1b[200~", &mut events);
    for _ in 0..1000 {
        decoder.take(&[b'q'; 1000], &mut events);
    }
    assert_eq!(events, []);
    assert!(decoder.patience().unwrap() <= std::time::Duration::from_secs(1));
    decoder.give_up(&mut events);
    assert_eq!(events, [Event::Paste("q".repeat(4096))]);
    decoder.take(b"j", &mut events);
    assert_eq!(events.last(), Some(&character('j')));
}

#[test]
fn mouse_reports_with_impossible_places() {
    let mouse = |kind, column, row| {
        Event::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        })
    };
    let down = MouseEventKind::Down(MouseButton::Left);
    for (bytes, expected) in [
        (&b"\x1b[<0;5;7M"[..], mouse(down, 4, 6)),
        (
            b"\x1b[<0;5;7m",
            mouse(MouseEventKind::Up(MouseButton::Left), 4, 6),
        ),
        (b"\x1b[<64;1;1M", mouse(MouseEventKind::ScrollUp, 0, 0)),
        (b"\x1b[<35;2;2M", mouse(MouseEventKind::Moved, 1, 1)),
        (b"\x1b[<0;0;0M", mouse(down, 0, 0)),
        (b"\x1b[<0;65535;65535M", mouse(down, 65534, 65534)),
        (b"\x1b[M \x25\x27", mouse(down, 4, 6)),
        (b"\x1b[M \x00\x20", mouse(down, 0, 0)),
        // The old form beyond column 95, as it is, and as a program sends it that takes it for Latin-1.
        (b"\x1b[M \x843", mouse(down, 99, 18)),
        (b"\x1b[M \xc2\x843", mouse(down, 99, 18)),
        (b"\x1b[M \xc3\xbf\xc2\x80", mouse(down, 222, 95)),
        (b"\x1b[M \xc2A", mouse(down, 161, 32)),
    ] {
        assert_eq!(decoded(&[bytes]), [expected], "{bytes:?}");
    }
    // A last number that could have been the first half of one: the next byte decides.
    assert_eq!(
        decoded(&[b"\x1b[M A\xc2j"]),
        [mouse(down, 32, 161), character('j')]
    );
    assert_eq!(decoded(&[b"\x1b[M A\xc2"]), []);
    assert_eq!(decoded(&[b"\x1b[<0;65536;1M"]), []);
}

proptest! {
    #[test]
    fn a_sequence_is_one_event_however_a_slow_line_splits_it(
        which in 0..SEQUENCES.len(),
        gaps in prop::collection::vec(prop_oneof![Just(0_u32), 1_u32..100], 24),
    ) {
        let bytes = SEQUENCES[which];
        let whole = decoded(&[bytes]);
        prop_assert_eq!(whole.len(), 1);
        let pieces: Vec<(&[u8], Duration)> = bytes.chunks(1).zip(gaps.iter().map(|gap| *gap * MS)).collect();
        prop_assert_eq!(decoded_at_pace(&pieces), whole);
    }

    #[test]
    fn any_bytes_in_any_pieces_are_the_same_events_and_never_a_panic(
        bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(&b"\x1b[<M0123456789;~Om?"[..])], 0..400),
        cut in 0..400_usize,
    ) {
        let (first, second) = bytes.split_at(cut.min(bytes.len()));
        prop_assert_eq!(decoded(&[&bytes]), decoded(&[first, second]));
    }
}
