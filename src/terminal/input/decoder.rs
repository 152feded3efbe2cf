//! From bytes to events: a pure state machine, bounded in what it keeps.
//!
//! Nothing is bound to Alt, which terminals send as an ESC before the key: so a key that comes right after Esc is that key,
//! however fast it was typed. What is no key, paste, mouse report or change of focus is dropped whole: the answers of a terminal to questions
//! that others asked, for one.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::sequence;

/// After this much silence an ESC was the key, and half a sequence is none. The rest of one that a terminal sent comes
/// sooner, over any network that one would type over.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(25);
/// After this much silence a paste is at its end, whether that was marked or not.
const PASTE_PATIENCE: Duration = Duration::from_millis(500);
/// Bytes of a sequence; of a longer one nothing is kept.
const LONGEST_SEQUENCE: usize = 64;
/// Bytes of a paste; the rest is dropped.
const LONGEST_PASTE: usize = 4096;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Where in the bytes we are.
#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    /// Between two keys.
    #[default]
    Ground,
    /// In a character of more than one byte.
    Character,
    /// After ESC.
    Escape,
    /// After `ESC O`.
    Function,
    /// After `ESC [`: parameters up to a final byte.
    Sequence,
    /// After `ESC [ [`: a function key of the Linux console.
    Console,
    /// After `ESC [ M`: three bytes of a mouse report in the old form.
    Mouse,
    /// After `ESC ]` and its like: a text up to its end, such as the colours that somebody asked for.
    Text,
    /// After ESC in such a text: perhaps its end.
    TextEnd,
    /// Between the marks of a paste.
    Paste,
}

/// Collects bytes until they are an event.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    /// The bytes of the character, the parameters of the sequence, or the text of the paste.
    bytes: Vec<u8>,
    /// How many bytes of [`PASTE_END`] came last.
    end_seen: usize,
}

impl Decoder {
    /// How long to wait for more bytes; for ever where nothing is half done.
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Ground => None,
            State::Paste => Some(PASTE_PATIENCE),
            _ => Some(SEQUENCE_PATIENCE),
        }
    }

    /// Takes bytes; adds what they are to `events`.
    pub fn take(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        for byte in bytes {
            self.take_byte(*byte, events);
        }
    }

    /// There is nothing more to come: makes of what is half done what can be made of it.
    pub fn give_up(&mut self, events: &mut Vec<Event>) {
        match self.state {
            State::Escape => events.push(key(KeyCode::Esc)),
            State::Paste => events.push(self.paste()),
            // Esc, and the key that begins a sequence.
            State::Function => events.extend([key(KeyCode::Esc), key(KeyCode::Char('O'))]),
            State::Sequence if self.bytes.is_empty() => {
                events.extend([key(KeyCode::Esc), key(KeyCode::Char('['))]);
            }
            State::Text => {
                let typed = self
                    .bytes
                    .first()
                    .map(|byte| key(KeyCode::Char(char::from(*byte))));
                events.extend(typed.into_iter().flat_map(|typed| [key(KeyCode::Esc), typed]));
            }
            State::TextEnd => events.push(key(KeyCode::Esc)),
            State::Ground | State::Character | State::Sequence | State::Console | State::Mouse => {}
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.state = State::Ground;
        self.bytes.clear();
        self.end_seen = 0;
    }

    fn take_byte(&mut self, byte: u8, events: &mut Vec<Event>) {
        match self.state {
            State::Ground => self.begin(byte, events),
            State::Character => self.take_character(byte, events),
            State::Escape => match byte {
                b'[' => self.state = State::Sequence,
                b'O' => self.state = State::Function,
                b']' | b'P' | b'X' | b'^' | b'_' => {
                    self.bytes.push(byte);
                    self.state = State::Text;
                }
                // The first was the key; the second may begin a sequence.
                0x1b => events.push(key(KeyCode::Esc)),
                byte => {
                    self.state = State::Ground;
                    events.push(key(KeyCode::Esc));
                    self.begin(byte, events);
                }
            },
            State::Function => {
                self.state = State::Ground;
                match sequence::function(byte) {
                    Some(code) => events.push(key(code)),
                    None if byte == 0x1b => self.state = State::Escape,
                    None => {}
                }
            }
            State::Sequence => self.take_sequence(byte, events),
            State::Console => {
                self.reset();
                if let b'A'..=b'E' = byte {
                    events.push(key(KeyCode::F(1 + byte - b'A')));
                }
            }
            State::Mouse => {
                self.bytes.push(byte);
                if let [button, column, row] = *self.bytes {
                    events.extend(sequence::old_mouse(button, column, row));
                    self.reset();
                }
            }
            State::Text => match byte {
                0x07 => self.reset(),
                0x1b => self.state = State::TextEnd,
                // What it says does not matter, only that it says something.
                _ => self.bytes.truncate(0),
            },
            State::TextEnd => {
                self.reset();
                if byte != b'\\' {
                    self.state = State::Escape;
                    self.take_byte(byte, events);
                }
            }
            State::Paste => self.take_paste(byte, events),
        }
    }

    /// The first byte of a key.
    fn begin(&mut self, byte: u8, events: &mut Vec<Event>) {
        let (code, control) = match byte {
            0x1b => {
                self.state = State::Escape;
                return;
            }
            b'\r' => (KeyCode::Enter, false),
            b'\t' => (KeyCode::Tab, false),
            0x7f => (KeyCode::Backspace, false),
            0 => (KeyCode::Char(' '), true),
            0x01..=0x1a => (KeyCode::Char(char::from(byte - 1 + b'a')), true),
            0x1c..=0x1f => (KeyCode::Char(char::from(byte - 0x1c + b'4')), true),
            0x20..=0x7e => (KeyCode::Char(char::from(byte)), false),
            0x80.. => {
                self.state = State::Character;
                self.bytes.clear();
                self.take_character(byte, events);
                return;
            }
        };
        let mut modifiers = sequence::modifiers_of(code);
        modifiers.set(KeyModifiers::CONTROL, control);
        events.push(Event::Key(KeyEvent::new(code, modifiers)));
    }

    fn take_character(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.bytes.push(byte);
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => {
                events.extend(text.chars().map(|character| key(KeyCode::Char(character))));
                self.reset();
            }
            // The character is not at its end.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                self.reset();
                // It is no character; the byte that showed it may be a key.
                if byte.is_ascii() {
                    self.begin(byte, events);
                }
            }
        }
    }

    fn take_sequence(&mut self, byte: u8, events: &mut Vec<Event>) {
        match byte {
            b'[' if self.bytes.is_empty() => self.state = State::Console,
            b'M' if self.bytes.is_empty() => self.state = State::Mouse,
            b'~' if self.bytes == b"200" => {
                self.reset();
                self.state = State::Paste;
            }
            0x40..=0x7e => {
                if self.bytes.len() < LONGEST_SEQUENCE {
                    events.extend(sequence::event(&self.bytes, byte));
                }
                self.reset();
            }
            0x20..=0x3f => {
                if self.bytes.len() < LONGEST_SEQUENCE {
                    self.bytes.push(byte);
                }
            }
            // No byte of a sequence: the sequence is none, and the byte is a key.
            _ => {
                self.reset();
                self.begin(byte, events);
            }
        }
    }

    fn take_paste(&mut self, byte: u8, events: &mut Vec<Event>) {
        if PASTE_END.get(self.end_seen) == Some(&byte) {
            self.end_seen += 1;
            if self.end_seen == PASTE_END.len() {
                events.push(self.paste());
                self.reset();
            }
            return;
        }
        // It was not the end mark, so it was text; ESC begins the mark and is nowhere else in it.
        let text = PASTE_END.get(..self.end_seen).unwrap_or_default();
        self.end_seen = usize::from(byte == 0x1b);
        let byte = (byte != 0x1b).then_some(byte);
        for byte in text.iter().copied().chain(byte) {
            if self.bytes.len() < LONGEST_PASTE {
                self.bytes.push(byte);
            }
        }
    }

    fn paste(&mut self) -> Event {
        Event::Paste(String::from_utf8_lossy(&std::mem::take(&mut self.bytes)).into_owned())
    }
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, sequence::modifiers_of(code)))
}
