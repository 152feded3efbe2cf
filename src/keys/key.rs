//! A key, as a terminal reports it and as the help names it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Modifiers to which no key is bound.
const UNBOUND: KeyModifiers = KeyModifiers::ALT
    .union(KeyModifiers::SUPER)
    .union(KeyModifiers::HYPER)
    .union(KeyModifiers::META);

/// A key with its modifiers. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub(super) code: KeyCode,
    pub(super) ctrl: bool,
    /// With Alt or another modifier to which nothing is bound: such a key is not the plain one.
    other: bool,
}

pub(super) const fn key(character: char) -> Key {
    Key {
        code: KeyCode::Char(character),
        ctrl: false,
        other: false,
    }
}

pub(super) const fn ctrl(character: char) -> Key {
    Key {
        code: KeyCode::Char(character),
        ctrl: true,
        other: false,
    }
}

pub(super) const fn named(code: KeyCode) -> Key {
    Key {
        code,
        ctrl: false,
        other: false,
    }
}

impl Key {
    /// The key of an event.
    pub fn of(event: &KeyEvent) -> Self {
        Self {
            code: event.code,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
            other: event.modifiers.intersects(UNBOUND),
        }
    }

    /// The character that the key types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(character) if !self.ctrl && !self.other => Some(character),
            _ => None,
        }
    }

    /// The key as the help names it.
    pub fn label(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Char(character) => character.to_string(),
            KeyCode::Up => "Up".to_owned(),
            KeyCode::Down => "Down".to_owned(),
            KeyCode::Left => "Left".to_owned(),
            KeyCode::Right => "Right".to_owned(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            KeyCode::Delete => "Del".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::Enter => "Enter".to_owned(),
            other => other.to_string(),
        };
        if self.ctrl { format!("Ctrl-{name}") } else { name }
    }
}
