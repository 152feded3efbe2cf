//! Pastes that arrive without marks: GNU screen, dvtm, Vim and Emacs send what they paste themselves as if it were typed, and
//! consoles and serial lines know no marks.
//!
//! Owns the guess, which is made only there: text that arrives in one piece, that is longer than
//! fingers are ahead of a program, and that is not a key held down. A sentence would otherwise quit, mute and acknowledge. It
//! arrives as a paste like any other. Everything with ESC in it is left to the [`Decoder`]: keys, and pastes with marks. Must
//! not: hold back what may be a key.

use std::collections::BTreeSet;
use std::time::Duration;

use crossterm::event::Event;

use super::TerminalColours;
use super::decoder::Decoder;

/// The fewest characters in one piece that are a paste.
const FEWEST: usize = 8;
/// The fewest different ones: held keys send one, or two in turns.
const FEWEST_DIFFERENT: usize = 4;
/// After this much silence the paste is complete. GNU screen sends a long one in pieces, one right after the other.
const SILENCE: Duration = Duration::from_millis(100);
/// The longest paste in bytes; the rest is dropped.
const LONGEST: usize = 4096;

/// A decoder that knows pastes without marks.
#[derive(Debug, Default)]
pub(super) struct UnmarkedPastes {
    decoder: Decoder,
    /// Whether there may be any.
    are_possible: bool,
    /// The text of the paste that is arriving.
    text: Option<Vec<u8>>,
}

impl UnmarkedPastes {
    pub(super) fn new(are_possible: bool) -> Self {
        Self {
            are_possible,
            ..Self::default()
        }
    }

    /// See [`Decoder::patience`].
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.text {
            Some(_) => Some(SILENCE),
            None => self.decoder.patience(),
        }
    }

    /// Decodes the bytes of one read.
    pub(super) fn take(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        let is_within = self.text.is_some() && is_text(bytes);
        let begins = self.are_possible && self.decoder.patience().is_none() && is_paste(bytes);
        if is_within || begins {
            let text = self.text.get_or_insert_default();
            text.extend(bytes.iter().take(LONGEST.saturating_sub(text.len())));
        } else {
            self.end(events);
            self.decoder.take(bytes, events);
        }
    }

    /// See [`Decoder::give_up`].
    pub(super) fn give_up(&mut self, events: &mut Vec<Event>) {
        if !self.end(events) {
            self.decoder.give_up(events);
        }
    }

    /// See [`Decoder::colours`].
    pub(super) fn colours(&self) -> TerminalColours {
        self.decoder.colours()
    }

    /// Ends the paste, and returns whether there was one.
    fn end(&mut self, events: &mut Vec<Event>) -> bool {
        let text = self.text.take();
        events.extend(
            text.as_deref()
                .map(|text| Event::Paste(String::from_utf8_lossy(text).into_owned())),
        );
        text.is_some()
    }
}

/// Whether these are characters, and ends of lines, and no other keys.
fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..))
}

fn is_paste(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let different: BTreeSet<char> = text.chars().collect();
    is_text(bytes) && text.chars().count() >= FEWEST && different.len() >= FEWEST_DIFFERENT
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of these reads, and of the silence after the last.
    fn decoded(are_possible: bool, reads: &[&[u8]]) -> Vec<Event> {
        let (mut input, mut events) = (UnmarkedPastes::new(are_possible), Vec::new());
        for read in reads {
            input.take(read, &mut events);
        }
        while input.patience().is_some() {
            input.give_up(&mut events);
        }
        events
    }

    fn paste(text: &str) -> Event {
        Event::Paste(text.to_owned())
    }

    #[test]
    fn text_that_arrives_at_once_in_screen_is_a_paste_and_no_keys() {
        let name = &b"payment-api-0"[..];
        assert_eq!(decoded(true, &[name]), [paste("payment-api-0")]);
        assert_eq!(decoded(false, &[name]).len(), name.len(), "elsewhere: keys");
        assert_eq!(
            decoded(true, &["云支付产品名称🚀".as_bytes()]),
            [paste("云支付产品名称🚀")]
        );
        assert_eq!(
            decoded(true, &[b"quit it now\rand ", b"mute\r", b"q"]),
            [paste("quit it now\rand mute\rq")],
            "in pieces"
        );
        let long = [b"abcdefgh".repeat(512), b"q".to_vec()].concat();
        assert_eq!(decoded(true, &[&long]), [paste(&"abcdefgh".repeat(512))]);
    }

    #[test]
    fn keys_are_keys_in_screen_too() {
        for keys in [
            &b"jjjjjjjjjjjjjjjjjjjj"[..],
            b"jkjkjkjkjkjkjk",
            b"/ns:pay",
            b"jjjj\x03jjjkl",
            b"abcdefgh\x7f",
        ] {
            let events = decoded(true, &[keys]);
            assert_eq!(events.len(), keys.len(), "{keys:?}");
            assert!(events.iter().all(|event| matches!(event, Event::Key(_))));
        }
        let arrows = b"\x1b[A\x1b[B\x1b[A\x1b[B";
        assert_eq!(decoded(true, &[arrows]), decoded(false, &[arrows]));
        // With marks, and inside of a sequence.
        let marked = [&b"\x1b[200~quit "[..], b"and mute them", b"\x1b[201~"];
        assert_eq!(decoded(true, &marked), [paste("quit and mute them")]);
        let split = [&b"\x1b]11;rgb:"[..], b"1234/5678/9abc", b"\x07j"];
        assert_eq!(decoded(true, &split), decoded(false, &split));
        // A key that is not text ends the paste, and counts.
        let events = decoded(true, &[b"payment-api-0", b"\x1b[A"]);
        assert_eq!((events.len(), &events[0]), (2, &paste("payment-api-0")));
        let events = decoded(true, &[b"payment-api-0", b"\x03"]);
        assert_eq!((events.len(), &events[0]), (2, &paste("payment-api-0")));
    }
}
