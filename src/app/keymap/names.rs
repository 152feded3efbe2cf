//! What keys are called in the configuration and in the last line of the screen.

use crossterm::event::KeyCode;

use super::{Key, key, named};

/// Names of keys that type nothing, as the configuration has them, in small letters.
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
    /// The key that the configuration calls `text`: `x`, `G`, `ctrl-r`, `f5`, `pgdn`; only a character's case counts.
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

    /// The key as the last line of the screen names it: `^r` for `Ctrl-r`.
    pub fn short_label(self) -> String {
        match self.code {
            KeyCode::Char(character) if self.ctrl && character != ' ' => format!("^{character}"),
            _ => self.label(),
        }
    }

    /// The key that a terminal sends for this one, where it cannot tell them apart.
    pub fn alias(self) -> Option<Self> {
        match self.code {
            KeyCode::Char('i') if self.ctrl => Some(named(KeyCode::Tab)),
            KeyCode::Char('m') if self.ctrl => Some(named(KeyCode::Enter)),
            KeyCode::Char('[') if self.ctrl => Some(named(KeyCode::Esc)),
            _ => None,
        }
    }
}
