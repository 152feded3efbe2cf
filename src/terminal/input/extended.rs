//! Keys as numbers: `CSI code ; modifiers u` of kitty's keyboard protocol and `CSI 27 ; modifiers ; code ~`
//! of xterm's `modifyOtherKeys`, and the parameters of all sequences.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The parameters of a sequence: numbers separated by `;`, each perhaps with parts after `:`. An absent
/// number is not 0.
#[derive(Debug)]
pub(super) struct SequenceParameters(Vec<Vec<Option<u32>>>);

impl SequenceParameters {
    /// Parses the parameters; `None` if they contain anything but numbers.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if text.is_empty() {
            return Some(Self(Vec::new()));
        }
        let number = |text: &str| match text {
            "" => Some(None),
            // More than any terminal sends.
            text => text.parse::<u32>().ok().filter(|it| *it <= 0x10_ffff).map(Some),
        };
        let parts = |text: &str| text.split(':').map(number).collect::<Option<Vec<_>>>();
        text.split(';').map(parts).collect::<Option<Vec<_>>>().map(Self)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn part(&self, at: usize, part: usize) -> Option<u32> {
        *self.0.get(at)?.get(part)?
    }

    pub(super) fn number(&self, at: usize) -> Option<u32> {
        self.part(at, 0)
    }

    /// The modifiers in the second number; `None` if it is not a valid set of modifiers.
    pub(super) fn modifiers(&self) -> Option<KeyModifiers> {
        modifiers(self.number(1))
    }

    /// The modifiers in the last number: `ESC O 5 A` and `ESC O 1 ; 5 A` are the same key.
    pub(super) fn modifiers_of_last(&self) -> Option<KeyModifiers> {
        modifiers(self.len().checked_sub(1).and_then(|at| self.number(at)))
    }

    /// Whether the key was pressed, repeated or released.
    pub(super) fn kind(&self) -> Option<KeyEventKind> {
        Some(match self.part(1, 1) {
            None | Some(1) => KeyEventKind::Press,
            Some(2) => KeyEventKind::Repeat,
            Some(3) => KeyEventKind::Release,
            Some(_) => return None,
        })
    }
}

fn modifiers(number: Option<u32>) -> Option<KeyModifiers> {
    let bits = number.unwrap_or(1).saturating_sub(1);
    // The highest two bits are Caps Lock and Num Lock, which are ignored.
    if bits > 0xff {
        return None;
    }
    let mut modifiers = KeyModifiers::NONE;
    for (at, modifier) in [
        KeyModifiers::SHIFT,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL,
        KeyModifiers::SUPER,
        KeyModifiers::HYPER,
        KeyModifiers::META,
    ]
    .into_iter()
    .enumerate()
    {
        modifiers.set(modifier, bits & (1 << at) != 0);
    }
    Some(modifiers)
}

/// The key of a sequence that encodes it as a number; `None` for other sequences.
pub(super) fn key(parameters: &SequenceParameters, last: u8) -> Option<KeyEvent> {
    let code = match (last, parameters.number(0)) {
        (b'u', Some(code)) => code,
        (b'~', Some(27)) if parameters.len() == 3 => parameters.number(2)?,
        _ => return None,
    };
    let modifiers = parameters.modifiers()?;
    let is_shifted = modifiers.contains(KeyModifiers::SHIFT);
    // With Shift, the shifted character of the keyboard layout, if the sequence has it.
    let shifted = parameters.part(0, 1).filter(|_| is_shifted && last == b'u');
    let code = match code {
        9 if is_shifted => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        57399..=57408 => KeyCode::Char(char::from_digit(code - 57399, 10)?),
        57409..=57426 => pad(code)?,
        // Other codes of kitty: media keys, and modifiers alone.
        57344..=63743 => return None,
        code => {
            let character = char::from_u32(shifted.unwrap_or(code)).filter(|it| !it.is_control())?;
            // The same as the byte of the key: Esc.
            if character == '[' && modifiers == KeyModifiers::CONTROL {
                return Some(KeyEvent::new_with_kind(
                    KeyCode::Esc,
                    KeyModifiers::NONE,
                    parameters.kind()?,
                ));
            }
            let capital = Some(character).filter(|_| is_shifted).and_then(capital);
            KeyCode::Char(capital.unwrap_or(character))
        }
    };
    Some(KeyEvent::new_with_kind(code, modifiers, parameters.kind()?))
}

/// The keys of the number pad except its digits.
fn pad(code: u32) -> Option<KeyCode> {
    Some(match code {
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        _ => return None,
    })
}

/// The capital of a letter, if it is one character.
fn capital(letter: char) -> Option<char> {
    let mut capitals = letter.to_uppercase();
    capitals.next().filter(|_| capitals.next().is_none())
}
