//! What a whole escape sequence means. The numbers are those of xterm ("XTerm Control Sequences", PC-Style Function
//! Keys and Mouse Tracking), which other terminals follow.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// The modifiers that are part of a key itself: shift of a capital letter.
pub(super) fn modifiers_of(code: KeyCode) -> KeyModifiers {
    match code {
        KeyCode::Char(character) if character.is_uppercase() => KeyModifiers::SHIFT,
        KeyCode::BackTab => KeyModifiers::SHIFT,
        _ => KeyModifiers::NONE,
    }
}

/// The key of `ESC O` and this byte.
pub(super) fn function(byte: u8) -> Option<KeyCode> {
    Some(match byte {
        b'P'..=b'S' => KeyCode::F(1 + byte - b'P'),
        b'M' => KeyCode::Enter,
        _ => return cursor(byte),
    })
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
fn numbered(number: u8) -> Option<KeyCode> {
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

/// What `ESC [`, these parameters and this final byte mean.
pub(super) fn event(parameters: &[u8], last: u8) -> Option<Event> {
    if let Some(report) = parameters.strip_prefix(b"<") {
        return mouse(report, last);
    }
    let text = std::str::from_utf8(parameters).ok()?;
    let mut numbers = text.split(';').map(str::parse::<u16>);
    let first = numbers.next().and_then(Result::ok);
    // Absent means no modifier; what is no number means that this is no key.
    let modifiers = match numbers.next() {
        None => KeyModifiers::NONE,
        Some(number) => modifiers(number.ok()?),
    };
    let code = match (last, text) {
        (b'I', "") => return Some(Event::FocusGained),
        (b'O', "") => return Some(Event::FocusLost),
        (b'Z', "") => KeyCode::BackTab,
        (b'~', _) => numbered(u8::try_from(first?).ok()?)?,
        // Alone R is the answer to where the cursor is.
        (b'P' | b'Q' | b'S', _) if first.unwrap_or(1) == 1 => KeyCode::F(1 + last - b'P'),
        _ if text.is_empty() || first == Some(1) => cursor(last)?,
        _ => return None,
    };
    Some(Event::Key(KeyEvent::new(code, modifiers | modifiers_of(code))))
}

fn modifiers(number: u16) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, bits & 1 != 0);
    modifiers.set(KeyModifiers::ALT, bits & 2 != 0);
    modifiers.set(KeyModifiers::CONTROL, bits & 4 != 0);
    modifiers
}

/// A mouse report: button, column and row, counted from 1; `m` tells that the button was let go.
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

/// A mouse report in the old form: each number with 32 added.
pub(super) fn old_mouse(button: u8, column: u8, row: u8) -> Option<Event> {
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
        // The old form does not tell which.
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
    // Counted from 1, if the terminal is honest; who draws still has to see whether the place is on the screen.
    let from_zero = |place: u16| place.saturating_sub(1);
    Some(MouseEvent {
        kind,
        column: from_zero(column),
        row: from_zero(row),
        modifiers,
    })
}
