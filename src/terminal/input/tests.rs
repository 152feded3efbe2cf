//! What a terminal sends, and what nobody should send.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;

use super::decoder::Decoder;

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn plain(code: KeyCode) -> Event {
    key(code, KeyModifiers::NONE)
}

fn character(character: char) -> Event {
    plain(KeyCode::Char(character))
}

/// The events of bytes that come in these pieces, and of the silence after them.
fn decoded(pieces: &[&[u8]]) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    for piece in pieces {
        decoder.take(piece, &mut events);
    }
    decoder.give_up(&mut events);
    assert_eq!(decoder.patience(), None, "nothing is half done after silence");
    events
}

#[test]
fn keys_as_terminals_send_them() {
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
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
    assert_eq!(
        decoded(&[b"\x1b\x1b[A"]),
        [plain(KeyCode::Esc), plain(KeyCode::Up)]
    );
}

#[test]
fn a_key_right_after_esc_is_that_key() {
    for (bytes, second) in [
        (&b"\x1bx"[..], character('x')),
        ("\x1bß".as_bytes(), character('ß')),
        (b"\x1b[", character('[')),
        (b"\x1b]", character(']')),
        (b"\x1bO", key(KeyCode::Char('O'), KeyModifiers::SHIFT)),
    ] {
        assert_eq!(decoded(&[bytes]), [plain(KeyCode::Esc), second], "{bytes:?}");
    }
}

#[test]
fn what_is_no_key_is_dropped_and_the_next_key_counts() {
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
fn mouse_reports_with_places_that_there_are_not() {
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
    ] {
        assert_eq!(decoded(&[bytes]), [expected], "{bytes:?}");
    }
    assert_eq!(decoded(&[b"\x1b[<0;65536;1M"]), []);
}

proptest! {
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
