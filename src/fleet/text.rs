//! Text that came over the wire, made safe to show.
//!
//! Whoever may name a pod may write to the operator's terminal, so remote text becomes a [`RemoteText`] where it
//! is decoded and nowhere later. It keeps two forms: the *raw* one to compare, filter, sort and send back, and the
//! *shown* one, in which whatever a terminal could obey or an eye could miss is a visible escape such as
//! `\u{202e}`. Nothing is dropped silently. Must not: know where the text is drawn.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthChar;

/// Longest name shown, in characters. Kubernetes allows 253.
pub const NAME_CHARS: usize = 256;
/// Longest message shown, in characters.
pub const MESSAGE_CHARS: usize = 4096;
/// Combining marks that one base character may carry; the rest are escaped. Real scripts need no more.
const MARKS_PER_BASE: usize = 4;

/// One piece of remote text; see the module's documentation.
#[derive(Clone)]
pub struct RemoteText {
    raw: Box<str>,
    /// `None` where the raw text is safe as it is, which is nearly always.
    shown: Option<Box<str>>,
}

impl RemoteText {
    /// A name or a word: at most [`NAME_CHARS`] characters are kept and shown.
    pub fn name(raw: &str) -> Self {
        Self::capped(raw, NAME_CHARS)
    }

    /// A sentence, such as an error message: at most [`MESSAGE_CHARS`] characters.
    pub fn message(raw: &str) -> Self {
        Self::capped(raw, MESSAGE_CHARS)
    }

    fn capped(raw: &str, limit: usize) -> Self {
        if raw.len() <= limit && raw.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Self {
                raw: raw.into(),
                shown: None,
            };
        }
        let shown = make_visible(raw, limit);
        // Four times the cap is ample to tell long names apart, and bounds what a stranger makes us hold.
        let kept: String = raw.chars().take(limit.saturating_mul(4)).collect();
        let shown = (shown != kept).then(|| shown.into_boxed_str());
        Self {
            raw: kept.into_boxed_str(),
            shown,
        }
    }

    /// The text as it came: to compare, to filter, to send. Never to draw.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The text as it may be drawn, logged or exported.
    pub fn shown(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.raw)
    }

    /// Whether something had to be escaped or cut: the shown form then differs from the raw one.
    pub fn is_altered(&self) -> bool {
        self.shown.is_some()
    }

    /// Whether this could be the name of a Kubernetes object: lower-case letters, digits, `-` and `.`, at most 253,
    /// alphanumeric at both ends. A name outside of that is a hint that somebody imitates another.
    pub fn is_kubernetes_name(&self) -> bool {
        let bytes = self.raw.as_bytes();
        let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        bytes.len() <= 253
            && bytes.first().is_some_and(alphanumeric)
            && bytes.last().is_some_and(alphanumeric)
            && bytes
                .iter()
                .all(|byte| alphanumeric(byte) || matches!(byte, b'-' | b'.'))
    }
}

fn make_visible(raw: &str, limit: usize) -> String {
    let mut shown = String::with_capacity(raw.len().min(limit * 4));
    let mut marks = MARKS_PER_BASE; // a mark without a base has nothing to combine with
    for (count, character) in raw.chars().enumerate() {
        if count == limit {
            shown.push('…');
            break;
        }
        if is_mark(character) && marks < MARKS_PER_BASE {
            marks += 1;
            shown.push(character);
        } else if is_plain(character) {
            marks = 0;
            shown.push(character);
        } else {
            marks = MARKS_PER_BASE;
            push_escape(&mut shown, character);
        }
    }
    shown
}

fn is_mark(character: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    let variation = matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{34f}');
    !variation
        && matches!(
            character.general_category(),
            NonspacingMark | SpacingMark | EnclosingMark
        )
}

/// Whether a character may be shown as it is: it takes up room, is assigned, and no terminal obeys it.
fn is_plain(character: char) -> bool {
    use GeneralCategory as Is;
    // Letters to Unicode, blanks to the eye; and the modifiers that terminals disagree on the width of.
    let blank = matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}'
    );
    let modifier = matches!(character, '\u{1f3fb}'..='\u{1f3ff}');
    let obeyed = matches!(
        character.general_category(),
        Is::Control
            | Is::Format
            | Is::LineSeparator
            | Is::ParagraphSeparator
            | Is::Surrogate
            | Is::PrivateUse
            | Is::Unassigned
            | Is::NonspacingMark
            | Is::SpacingMark
            | Is::EnclosingMark
    );
    let odd_space = character != ' ' && character.general_category() == Is::SpaceSeparator;
    !blank && !modifier && !obeyed && !odd_space && character.width().is_some_and(|width| width > 0)
}

fn push_escape(shown: &mut String, character: char) {
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        other => {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(other));
        }
    }
}

impl fmt::Display for RemoteText {
    /// The shown form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.shown())
    }
}

impl fmt::Debug for RemoteText {
    /// The shown form, so that a debug line in a log is safe too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.shown())
    }
}

impl PartialEq for RemoteText {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for RemoteText {}

impl Hash for RemoteText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

impl PartialOrd for RemoteText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RemoteText {
    fn cmp(&self, other: &Self) -> Ordering {
        self.raw.cmp(&other.raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_kept_as_they_are() {
        for name in [
            "payment-api-667894bc4-nz5xj",
            "生产集群-1",
            "Überprüfung",
            "a b",
            "нода",
        ] {
            let text = RemoteText::name(name);
            assert_eq!(text.shown(), name);
            assert!(!text.is_altered(), "{name}");
        }
    }

    #[test]
    fn what_a_terminal_could_obey_becomes_visible() {
        let cases = [
            ("a\x1b[31mb", "a\\u{1b}[31mb"),
            ("a\u{9b}31mb", "a\\u{9b}31mb"),
            ("a\x7fb", "a\\u{7f}b"),
            ("a\tb\r\n", "a\\tb\\r\\n"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{200b}\u{feff}\u{ad}b", "a\\u{200b}\\u{feff}\\u{ad}b"),
            ("a\u{2028}b", "a\\u{2028}b"),
            ("a\u{e0041}b", "a\\u{e0041}b"),
            ("a\u{3164}b", "a\\u{3164}b"),
            ("a\u{a0}b", "a\\u{a0}b"),
            ("a\u{fe0f}b", "a\\u{fe0f}b"),
            ("a\u{e000}b", "a\\u{e000}b"),
            ("\u{301}a", "\\u{301}a"),
        ];
        for (raw, shown) in cases {
            let text = RemoteText::name(raw);
            assert_eq!(text.shown(), shown);
            assert_eq!(text.raw(), raw);
            assert!(text.is_altered());
        }
    }

    #[test]
    fn marks_are_kept_up_to_four_on_a_base() {
        let stacked = format!("e{}", "\u{301}".repeat(6));
        assert_eq!(
            RemoteText::name(&stacked).shown(),
            format!("e{}\\u{{301}}\\u{{301}}", "\u{301}".repeat(4))
        );
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let long = "x".repeat(NAME_CHARS + 1);
        let text = RemoteText::name(&long);
        assert_eq!(text.shown().chars().count(), NAME_CHARS + 1);
        assert!(text.shown().ends_with('…'));
        assert_eq!(RemoteText::name(&"x".repeat(5000)).raw().len(), NAME_CHARS * 4);
        assert!(!RemoteText::name(&"x".repeat(NAME_CHARS)).is_altered());
    }

    #[test]
    fn kubernetes_names_are_recognised() {
        for name in ["a", "kube-system", "web-0", "a.b-c", "0"] {
            assert!(RemoteText::name(name).is_kubernetes_name(), "{name}");
        }
        for name in [
            "",
            "-a",
            "a-",
            "A",
            "a_b",
            "payment\u{200b}",
            "рayment",
            &"a".repeat(254),
        ] {
            assert!(!RemoteText::name(name).is_kubernetes_name(), "{name}");
        }
    }
}
