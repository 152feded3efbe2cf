//! The meaning of a complete escape sequence. The numbers are those of xterm ("XTerm Control Sequences",
//! PC-Style Function Keys and Mouse Tracking), which other terminals follow, with the differences of rxvt.
//! `extended` handles keys in the forms of `modifyOtherKeys` and of kitty's protocol: hss-top does not
//! request them, but a killed program may have left the terminal in such a mode.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::extended::{self, SequenceParameters};

/// The modifiers that are part of a key itself: Shift of a capital letter.
fn modifiers_of(code: KeyCode) -> KeyModifiers {
    match code {
        KeyCode::Char(character) if character.is_uppercase() => KeyModifiers::SHIFT,
        KeyCode::BackTab => KeyModifiers::SHIFT,
        _ => KeyModifiers::NONE,
    }
}

/// The event of a pressed key.
pub(super) fn key_event(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers | modifiers_of(code)))
}

/// The key of `ESC O`, an optional number for modifiers, and this byte.
pub(super) fn function(parameters: &[u8], last: u8) -> Option<(KeyCode, KeyModifiers)> {
    let mut modifiers = SequenceParameters::parse(parameters)?.modifiers_of_last()?;
    let code = match last {
        b'P'..=b'S' => KeyCode::F(1 + last - b'P'),
        b'M' => KeyCode::Enter,
        b'I' => KeyCode::Tab,
        b'X' => KeyCode::Char('='),
        // The number pad in application mode.
        b'j'..=b'y' => KeyCode::Char(char::from(last - 0x40)),
        // rxvt: an arrow with Ctrl.
        b'a'..=b'd' => {
            modifiers |= KeyModifiers::CONTROL;
            cursor(last.to_ascii_uppercase())?
        }
        _ => cursor(last)?,
    };
    Some((code, modifiers))
}

/// The key of this final byte.
fn cursor(byte: u8) -> Option<KeyCode> {
    Some(match byte {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        _ => return None,
    })
}

/// The key of a number before `~`. The numbers have gaps where old keyboards had them.
fn numbered(number: u32) -> Option<KeyCode> {
    let number = u8::try_from(number).ok()?;
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23..=26 => KeyCode::F(number - 12),
        28 | 29 => KeyCode::F(number - 13),
        31..=34 => KeyCode::F(number - 14),
        _ => return None,
    })
}

/// The event of `ESC [`, these parameters and this final byte.
pub(super) fn event(parameters: &[u8], last: u8) -> Option<Event> {
    if let Some(report) = parameters.strip_prefix(b"<") {
        return mouse(report, last);
    }
    match (last, parameters) {
        (b'I', []) => return Some(Event::FocusGained),
        (b'O', []) => return Some(Event::FocusLost),
        _ => {}
    }
    let parameters = SequenceParameters::parse(parameters)?;
    if let Some(key) = extended::key(&parameters, last) {
        return Some(Event::Key(key));
    }
    let mut modifiers = parameters.modifiers()?;
    let first = parameters.number(0);
    let code = match last {
        b'~' => numbered(first?)?,
        // rxvt: with Ctrl, Shift, and both.
        b'^' | b'$' | b'@' if parameters.len() == 1 => {
            modifiers.set(KeyModifiers::CONTROL, last != b'$');
            modifiers.set(KeyModifiers::SHIFT, last != b'^');
            numbered(first?)?
        }
        // rxvt: an arrow with Shift.
        b'a'..=b'd' if parameters.is_empty() => {
            modifiers |= KeyModifiers::SHIFT;
            cursor(last.to_ascii_uppercase())?
        }
        b'Z' if first.unwrap_or(1) == 1 => KeyCode::BackTab,
        // Without a modifier, R is the answer to a query for the cursor position.
        b'P' | b'Q' | b'S' if first.unwrap_or(1) == 1 => KeyCode::F(1 + last - b'P'),
        _ if first.unwrap_or(1) == 1 => cursor(last)?,
        _ => return None,
    };
    let modifiers = modifiers | modifiers_of(code);
    Some(Event::Key(KeyEvent::new_with_kind(
        code,
        modifiers,
        parameters.kind()?,
    )))
}

/// A mouse report: button, column and row, counted from 1; `m` means that the button was released.
fn mouse(report: &[u8], last: u8) -> Option<Event> {
    let text = std::str::from_utf8(report).ok()?;
    let mut numbers = text.split(';').map(str::parse::<u16>);
    let mut next = || numbers.next()?.ok();
    let (button, column, row) = (u8::try_from(next()?).ok()?, next()?, next()?);
    let released = match last {
        b'M' => false,
        b'm' => true,
        _ => return None,
    };
    Some(Event::Mouse(mouse_event(button, column, row, released)?))
}

/// A mouse report in the old form, once its three numbers are complete, and whether the last byte belongs to it. A program in
/// between may have taken the bytes for Latin-1 and sent them as UTF-8, two bytes for each number above 127: what is left of such
/// a report would be a key.
pub(super) fn old_mouse(bytes: &[u8]) -> Option<(Option<Event>, bool)> {
    let (mut numbers, mut rest) = ([0; 3], bytes);
    for number in &mut numbers {
        (*number, rest) = match rest {
            [lead @ (0xc2 | 0xc3), next @ 0x80..=0xbf, after @ ..] => ((lead << 6) | (next & 0x3f), after),
            [0xc2 | 0xc3] | [] => return None,
            [number, after @ ..] => (*number, after),
        };
    }
    let [button, column, row] = numbers;
    Some((old_mouse_event(button, column, row), rest.is_empty()))
}

/// A mouse report in the old form: each number with 32 added.
fn old_mouse_event(button: u8, column: u8, row: u8) -> Option<Event> {
    let button = button.checked_sub(32)?;
    let released = button & 0b1100_0011 == 3;
    let place = |byte: u8| u16::from(byte.saturating_sub(32));
    Some(Event::Mouse(mouse_event(
        button,
        place(column),
        place(row),
        released,
    )?))
}

fn mouse_event(button: u8, column: u16, row: u16, released: bool) -> Option<MouseEvent> {
    let moved = button & 0b0010_0000 != 0;
    let which = match button & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (button & 0b1100_0000, which) {
        (0, Some(button)) if moved => MouseEventKind::Drag(button),
        (0, None) if moved => MouseEventKind::Moved,
        (0, Some(button)) if released => MouseEventKind::Up(button),
        (0, Some(button)) => MouseEventKind::Down(button),
        // The old form does not say which.
        (0, None) => MouseEventKind::Up(MouseButton::Left),
        (64, Some(MouseButton::Left)) => MouseEventKind::ScrollUp,
        (64, Some(MouseButton::Middle)) => MouseEventKind::ScrollDown,
        (64, Some(MouseButton::Right)) => MouseEventKind::ScrollLeft,
        (64, None) => MouseEventKind::ScrollRight,
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, button & 4 != 0);
    modifiers.set(KeyModifiers::ALT, button & 8 != 0);
    modifiers.set(KeyModifiers::CONTROL, button & 16 != 0);
    // Counted from 1 by a correct terminal. The place may still be outside the screen, which the caller must
    // check.
    let from_zero = |place: u16| place.saturating_sub(1);
    Some(MouseEvent {
        kind,
        column: from_zero(column),
        row: from_zero(row),
        modifiers,
    })
}
