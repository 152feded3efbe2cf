//! A key, and its names in the configuration, in the help and in the last line of the screen.

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
    /// Whether it has Alt or another modifier, with which nothing is bound: such a key differs from the one
    /// without.
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

    /// The event that a terminal sends for it.
    pub fn event(self) -> KeyEvent {
        let ctrl = if self.ctrl {
            KeyModifiers::CONTROL
        } else {
            KeyModifiers::NONE
        };
        let other = if self.other {
            KeyModifiers::ALT
        } else {
            KeyModifiers::NONE
        };
        KeyEvent::new(self.code, ctrl | other)
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
        let ctrl = if self.ctrl { "Ctrl-" } else { "" };
        let other = if self.other { "Alt-" } else { "" };
        format!("{other}{ctrl}{name}")
    }

    /// The key for the same letter in the other case, if this one types a letter.
    pub fn in_other_case(self) -> Option<Self> {
        let letter = self.typed().filter(char::is_ascii_alphabetic)?;
        let is_upper = letter.is_ascii_uppercase();
        let other = if is_upper {
            letter.to_ascii_lowercase()
        } else {
            letter.to_ascii_uppercase()
        };
        Some(key(other))
    }
}

/// Names of keys without a character, as in the configuration, in small letters.
const KEY_NAMES: [(&str, KeyCode); 22] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pageup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("pagedown", KeyCode::PageDown),
    ("del", KeyCode::Delete),
    ("delete", KeyCode::Delete),
    ("ins", KeyCode::Insert),
    ("insert", KeyCode::Insert),
    ("backspace", KeyCode::Backspace),
];

impl Key {
    /// The key with this name in the configuration: `x`, `G`, `ctrl-r`, `f5`, `pgdn`. Case only matters for a
    /// single character.
    pub fn named(text: &str) -> Option<Self> {
        let mut characters = text.chars();
        if let (Some(character), None) = (characters.next(), characters.next()) {
            return (!character.is_control() && character != ' ').then(|| key(character));
        }
        let lower = text.to_lowercase();
        if let Some(rest) = lower.strip_prefix("ctrl-") {
            let plain = Self::named(rest).filter(|key| !key.ctrl)?;
            return Some(Self { ctrl: true, ..plain });
        }
        let code = KEY_NAMES.iter().find(|(name, _)| *name == lower);
        let function = || {
            let number: u8 = lower.strip_prefix('f')?.parse().ok()?;
            (1..=20).contains(&number).then_some(KeyCode::F(number))
        };
        code.map(|(_, code)| *code).or_else(function).map(named)
    }

    /// The names of keys without a character, in small letters.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KEY_NAMES.iter().map(|(name, _)| *name)
    }

    /// The key as the last line of the screen names it: `^r` for `Ctrl-r`.
    pub fn short_label(self) -> String {
        match self.code {
            KeyCode::Char(character) if self.ctrl && character != ' ' => format!("^{character}"),
            _ => self.label(),
        }
    }

    /// The key that a terminal sends for this one, if it cannot distinguish them.
    pub fn alias(self) -> Option<Self> {
        match self.code {
            KeyCode::Char('i') if self.ctrl => Some(named(KeyCode::Tab)),
            KeyCode::Char('m') if self.ctrl => Some(named(KeyCode::Enter)),
            KeyCode::Char('[') if self.ctrl => Some(named(KeyCode::Esc)),
            _ => None,
        }
    }
}
