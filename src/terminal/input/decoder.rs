//! Turns bytes into events: a pure state machine with bounded memory.
//!
//! Terminals send Alt and a key as ESC and the key at once, and most other keys as a sequence that begins
//! with ESC. So bytes that arrive together with ESC are one key. Bytes that arrive a little later belong to
//! it only if they begin a sequence, which a slow line may split. A terminal's answers about its colours are
//! recorded whenever they arrive ([`Decoder::colours`]). Anything else that is not a key, paste, mouse report
//! or change of focus is dropped completely, such as a terminal's answers to queries of other programs.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers};

use super::colours::{self, ColourReport, TerminalColours};
use super::sequence::{self, key_event};
use super::state::DecoderState;

/// A key that arrives this soon after ESC was sent with it: nobody types two keys that fast.
const ALT_PATIENCE: Duration = Duration::from_millis(25);
/// After this much silence an incomplete answer to our own query is given up. The time is long, because
/// nobody types such an answer and the rest of it would be read as keys.
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);
/// The beginning of that answer, after ESC.
const ANSWER: &[u8] = b"]11;";
/// After this much silence an incomplete sequence is given up. The rest of one from a terminal arrives sooner
/// over any network on which one would type.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(100);
/// After this much more silence an ESC was the Esc key: together a tenth of a second, which feels immediate.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(75);
/// After this much silence a paste ends, even without its end mark.
const PASTE_PATIENCE: Duration = Duration::from_millis(500);
/// The longest sequence in bytes; a longer one is dropped.
const LONGEST_SEQUENCE: usize = 64;
/// The longest string of a terminal in bytes; a longer one is given up.
const LONGEST_TEXT: usize = 4096;
/// The longest paste in bytes; the rest is dropped.
const LONGEST_PASTE: usize = 4096;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Collects bytes until they form an event.
#[derive(Debug, Default)]
pub struct Decoder {
    state: DecoderState,
    /// The bytes of the current character, the parameters of the sequence, or the text of the paste.
    bytes: Vec<u8>,
    /// Whether another ESC arrived together with the first: some terminals send Alt and an arrow in this
    /// form.
    is_alt: bool,
    /// Whether the ESC was alone for a while.
    is_late: bool,
    /// How many bytes of a string have arrived.
    text: usize,
    /// How many bytes of [`PASTE_END`] arrived last.
    end_seen: usize,
    /// The terminal's reports about its colours so far.
    colours: TerminalColours,
}

impl Decoder {
    /// How long to wait for more bytes; `None`, without limit, if nothing is incomplete.
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            DecoderState::Ground => None,
            DecoderState::Escape => Some(ALT_PATIENCE),
            // Alt and the key that begins a string.
            DecoderState::Text if self.text == 0 => Some(ALT_PATIENCE),
            DecoderState::LoneEscape => Some(ESCAPE_PATIENCE),
            DecoderState::Paste => Some(PASTE_PATIENCE),
            DecoderState::Text | DecoderState::TextEnd if self.bytes.starts_with(ANSWER) => {
                Some(ANSWER_PATIENCE)
            }
            _ => Some(SEQUENCE_PATIENCE),
        }
    }

    /// Decodes bytes and appends their events to `events`.
    pub fn take(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        for byte in bytes {
            self.take_byte(*byte, events);
        }
    }

    /// Nothing arrived within [`Self::patience`]: turns the incomplete input into events as far as possible.
    /// More waiting may be needed afterwards.
    pub fn give_up(&mut self, events: &mut Vec<Event>) {
        match self.state {
            DecoderState::Escape => {
                // With two ESC the first certainly was a key.
                if self.is_alt {
                    events.push(key(KeyCode::Esc));
                }
                self.is_alt = false;
                self.is_late = true;
                self.state = DecoderState::LoneEscape;
                return;
            }
            DecoderState::LoneEscape | DecoderState::TextEnd => events.push(key(KeyCode::Esc)),
            DecoderState::Paste => events.push(self.paste()),
            DecoderState::Function if self.bytes.is_empty() => self.two_keys(b'O', events),
            DecoderState::Sequence if self.bytes.is_empty() => self.two_keys(b'[', events),
            DecoderState::Text if self.text == 0 => {
                if let Some(byte) = self.bytes.first().copied() {
                    self.two_keys(byte, events);
                }
            }
            DecoderState::Ground
            | DecoderState::Character
            | DecoderState::Function
            | DecoderState::Sequence
            | DecoderState::Console
            | DecoderState::Mouse
            | DecoderState::Text => {}
        }
        self.reset();
    }

    /// ESC and this byte, which began no sequence: Alt with a key, or two keys.
    fn two_keys(&self, byte: u8, events: &mut Vec<Event>) {
        let character = KeyCode::Char(char::from(byte));
        if self.is_alt || self.is_late {
            events.push(key(KeyCode::Esc));
        }
        events.push(if self.is_late {
            key(character)
        } else {
            key_event(character, KeyModifiers::ALT)
        });
    }

    /// The terminal's reports about its colours so far.
    pub fn colours(&self) -> TerminalColours {
        self.colours
    }

    fn reset(&mut self) {
        *self = Self {
            bytes: std::mem::take(&mut self.bytes),
            colours: self.colours,
            ..Self::default()
        };
        self.bytes.clear();
    }

    fn take_byte(&mut self, byte: u8, events: &mut Vec<Event>) {
        match self.state {
            DecoderState::Ground => self.begin(byte, events),
            DecoderState::Character => self.take_character(byte, events),
            DecoderState::Escape => self.after_escape(byte, events),
            DecoderState::LoneEscape => match byte {
                b'[' => self.state = DecoderState::Sequence,
                b'O' => self.state = DecoderState::Function,
                _ => {
                    self.reset();
                    events.push(key(KeyCode::Esc));
                    self.begin(byte, events);
                }
            },
            DecoderState::Function => self.take_function(byte, events),
            DecoderState::Sequence => self.take_sequence(byte, events),
            DecoderState::Console => {
                if let b'A'..=b'E' = byte {
                    self.push_key(KeyCode::F(1 + byte - b'A'), KeyModifiers::NONE, events);
                }
                self.reset();
            }
            DecoderState::Mouse => {
                self.bytes.push(byte);
                if let Some((report, is_used)) = sequence::old_mouse(&self.bytes) {
                    events.extend(report);
                    self.reset();
                    if !is_used {
                        self.begin(byte, events);
                    }
                }
            }
            DecoderState::Text => {
                self.text += 1;
                match byte {
                    0x07 => self.end_text(),
                    0x1b => self.state = DecoderState::TextEnd,
                    _ if self.text > LONGEST_TEXT => self.reset(),
                    // No known answer is longer; only the length of others matters.
                    _ if self.bytes.len() <= LONGEST_SEQUENCE => self.bytes.push(byte),
                    _ => {}
                }
            }
            DecoderState::TextEnd => {
                if byte == b'\\' {
                    self.end_text();
                } else {
                    self.reset();
                    self.state = DecoderState::Escape;
                    self.take_byte(byte, events);
                }
            }
            DecoderState::Paste => self.take_paste(byte, events),
        }
    }

    /// Takes a byte that arrived together with ESC.
    fn after_escape(&mut self, byte: u8, events: &mut Vec<Event>) {
        match byte {
            b'[' => self.state = DecoderState::Sequence,
            b'O' => self.state = DecoderState::Function,
            b']' | b'P' | b'X' | b'^' | b'_' => {
                self.bytes.push(byte);
                self.state = DecoderState::Text;
            }
            0x1b => {
                // With three ESC the first certainly was a key.
                if self.is_alt {
                    events.push(key(KeyCode::Esc));
                }
                self.is_alt = true;
            }
            byte => {
                if self.is_alt {
                    events.push(key(KeyCode::Esc));
                }
                self.is_alt = true;
                self.state = DecoderState::Ground;
                self.begin(byte, events);
            }
        }
    }

    /// Appends a complete key, with Alt if that was sent with it.
    fn push_key(&self, code: KeyCode, mut modifiers: KeyModifiers, events: &mut Vec<Event>) {
        modifiers.set(
            KeyModifiers::ALT,
            self.is_alt || modifiers.contains(KeyModifiers::ALT),
        );
        events.push(key_event(code, modifiers));
    }

    /// Takes the first byte of a key.
    fn begin(&mut self, byte: u8, events: &mut Vec<Event>) {
        let (code, control) = match byte {
            0x1b => {
                self.state = DecoderState::Escape;
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
                self.state = DecoderState::Character;
                self.bytes.clear();
                self.take_character(byte, events);
                return;
            }
        };
        let control = if control {
            KeyModifiers::CONTROL
        } else {
            KeyModifiers::NONE
        };
        self.push_key(code, control, events);
        self.reset();
    }

    fn take_character(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.bytes.push(byte);
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => {
                if let Some(character) = text.chars().next() {
                    self.push_key(KeyCode::Char(character), KeyModifiers::NONE, events);
                }
                self.reset();
            }
            // The character is incomplete.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                self.reset();
                // It is not a character; the byte that showed this may be a key.
                if byte.is_ascii() {
                    self.begin(byte, events);
                }
            }
        }
    }

    fn take_function(&mut self, byte: u8, events: &mut Vec<Event>) {
        match byte {
            b'0'..=b'9' | b';' if self.bytes.len() < LONGEST_SEQUENCE => self.bytes.push(byte),
            0x1b => {
                self.reset();
                self.state = DecoderState::Escape;
            }
            _ => {
                if let Some((code, modifiers)) = sequence::function(&self.bytes, byte) {
                    self.push_key(code, modifiers, events);
                }
                self.reset();
            }
        }
    }

    fn take_sequence(&mut self, byte: u8, events: &mut Vec<Event>) {
        match byte {
            b'[' if self.bytes.is_empty() => self.state = DecoderState::Console,
            b'M' if self.bytes.is_empty() => self.state = DecoderState::Mouse,
            b'~' if self.bytes == b"200" => {
                self.reset();
                self.state = DecoderState::Paste;
            }
            0x40..=0x7e => self.end_sequence(byte, events),
            // rxvt ends the sequence of a key with Shift in `$`, which elsewhere precedes the final byte.
            b'$' if !self.bytes.is_empty() && self.bytes.iter().all(u8::is_ascii_digit) => {
                self.end_sequence(byte, events);
            }
            0x20..=0x3f => {
                if self.bytes.len() < LONGEST_SEQUENCE {
                    self.bytes.push(byte);
                }
            }
            // This byte cannot be part of a sequence: the sequence is dropped, and the byte is a key.
            _ => {
                self.reset();
                self.begin(byte, events);
            }
        }
    }

    /// A whole string: an answer, or of no interest.
    fn end_text(&mut self) {
        let text = self
            .bytes
            .strip_prefix(b"]")
            .filter(|text| text.len() < LONGEST_SEQUENCE);
        self.hear(text.and_then(colours::of_text));
        self.reset();
    }

    fn hear(&mut self, report: Option<ColourReport>) {
        if let Some(report) = report {
            self.colours.take(report);
        }
    }

    fn end_sequence(&mut self, last: u8, events: &mut Vec<Event>) {
        self.hear(colours::of_sequence(&self.bytes, last));
        if self.bytes.len() < LONGEST_SEQUENCE
            && let Some(event) = sequence::event(&self.bytes, last)
        {
            events.push(match event {
                Event::Key(mut key) if self.is_alt => {
                    key.modifiers |= KeyModifiers::ALT;
                    Event::Key(key)
                }
                event => event,
            });
        }
        self.reset();
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
        // It was not the end mark, so it was text. ESC begins the mark and appears nowhere else in it.
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
    key_event(code, KeyModifiers::NONE)
}
