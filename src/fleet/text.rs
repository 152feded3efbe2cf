//! Remote text, made safe to show.
//!
//! Whoever may name a pod may write to the operator's terminal. Therefore remote text becomes a
//! [`RemoteText`] where it is decoded and nowhere later. It has two forms: the *raw* one to compare, filter,
//! sort and send back, and the *shown* one, in which every character that a terminal could interpret or an
//! eye could miss is a visible escape such as `\u{202e}`. Nothing is dropped silently. If remote text repeats
//! one of our secrets, it is removed from both forms ([`crate::secrets`]). Must not: know where the text is
//! drawn.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr as _};

use crate::secrets;

/// The longest name, in characters including escapes. Kubernetes allows 253.
pub const NAME_CHARS: usize = 256;
/// The longest message, in characters including escapes.
pub const MESSAGE_CHARS: usize = 4096;
/// The longest name of a Kubernetes object, in bytes.
const OBJECT_BYTES: usize = 253;
/// The longest name of a namespace, in bytes.
const LABEL_BYTES: usize = 63;
/// The most combining marks after one base character; further ones are escaped. Real scripts need no more.
const MARKS_PER_BASE: usize = 4;

/// A remote text; see the module's documentation.
#[derive(Clone)]
pub struct RemoteText {
    raw: Box<str>,
    /// `None` if the raw text is safe, which is nearly always: so it only takes the room of a pointer.
    shown: Option<Box<ShownForm>>,
}

/// The form in which a text is shown, if it is another one.
#[derive(Clone)]
struct ShownForm(Box<str>);

impl RemoteText {
    /// A name or a word of at most [`NAME_CHARS`] characters; longer ones are cut.
    pub fn name(raw: &str) -> Self {
        Self::capped(raw, NAME_CHARS)
    }

    /// A sentence, such as an error message, of at most [`MESSAGE_CHARS`] characters; longer ones are cut.
    pub fn message(raw: &str) -> Self {
        Self::capped(raw, MESSAGE_CHARS)
    }

    /// Whether [`RemoteText::name`] has exactly these bytes in both of its forms, for certain: nearly every name. Whoever writes
    /// many names need not make a text of each.
    pub fn is_safe_as_it_is(name: &[u8]) -> bool {
        name.len() <= NAME_CHARS
            && name.iter().all(|byte| (0x20..0x7f).contains(byte))
            && secrets::is_clean(name)
    }

    /// The [`shown`](Self::shown) form of a [`name`](Self::name): nearly always the same text.
    pub fn shown_name(raw: &str) -> String {
        if Self::is_safe_as_it_is(raw.as_bytes()) {
            raw.to_owned()
        } else {
            Self::name(raw).shown().to_owned()
        }
    }

    fn capped(raw: &str, limit: usize) -> Self {
        // Secrets are removed before anything is cut or escaped: a part of a secret would not be recognised.
        let redacted = secrets::redact(raw);
        let raw = redacted.as_ref();
        if raw.len() <= limit && raw.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Self {
                raw: raw.into(),
                shown: None,
            };
        }
        // The cap limits how much memory a stranger can use.
        let kept = cut(raw, limit);
        let is_cut = matches!(kept, Cow::Owned(_));
        let shown = make_visible(&kept, limit);
        let shown = (is_cut || shown != kept).then(|| Box::new(ShownForm(shown.into_boxed_str())));
        Self {
            raw: kept.into_owned().into_boxed_str(),
            shown,
        }
    }

    /// The original text, to compare, to filter and to send. Never draw it.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The text as it may be drawn, logged or exported.
    pub fn shown(&self) -> &str {
        self.shown.as_ref().map_or(&self.raw, |shown| &shown.0)
    }

    /// Whether something was escaped or cut, so that the shown form differs from the original.
    pub fn is_altered(&self) -> bool {
        self.shown.is_some()
    }

    /// Whether this could be the name of a Kubernetes object: labels joined by `.`, at most 253 bytes.
    /// Another name may be an attempt to imitate a pod.
    pub fn is_kubernetes_name(&self) -> bool {
        self.raw.len() <= OBJECT_BYTES && self.raw.split('.').all(is_label)
    }

    /// Whether this could be the name of a namespace: one label, at most 63 bytes.
    pub fn is_kubernetes_label(&self) -> bool {
        self.raw.len() <= LABEL_BYTES && is_label(&self.raw)
    }
}

/// The cells that a name takes up as it is shown.
pub(super) fn cells(raw: &str) -> usize {
    if raw.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        raw.len()
    } else {
        make_visible(raw, NAME_CHARS).width()
    }
}

/// At most `limit` characters of a text; the last one is `…` if the text was cut.
fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    cut_with(text, limit, |_| "…".to_owned())
}

/// At most [`NAME_CHARS`] characters of a text that identifies pods. If it was cut, it ends with `…` and a
/// checksum of the complete text, so that it still differs from others with the same beginning.
pub(super) fn cut_identity(text: &str) -> Cow<'_, str> {
    cut_with(text, NAME_CHARS, |whole| {
        format!("…{:08x}", crc32fast::hash(whole.as_bytes()))
    })
}

/// At most [`NAME_CHARS`] characters of a text that does not identify pods.
pub(super) fn cut_name(text: &str) -> Cow<'_, str> {
    cut(text, NAME_CHARS)
}

fn cut_with(text: &str, limit: usize, mark: impl Fn(&str) -> String) -> Cow<'_, str> {
    // Each character has at least one byte.
    if text.len() <= limit || text.chars().nth(limit).is_none() {
        return Cow::Borrowed(text);
    }
    let mark = mark(text);
    let room = limit.saturating_sub(mark.chars().count());
    let mut kept: String = text.chars().take(room).collect();
    kept.push_str(&mark);
    Cow::Owned(kept)
}

/// Lower-case letters, digits and `-`, alphanumeric at both ends.
fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
}

/// The shown form of `raw`: at most `limit` characters; the last one is `…` if it was cut. An escape is never
/// cut in the middle.
fn make_visible(raw: &str, limit: usize) -> String {
    let mut shown = String::with_capacity(raw.len().min(limit * 4));
    let mut count = 0;
    // The length of `shown` at one character below the limit, where it is cut if necessary.
    let mut cut = 0;
    let mut marks = MARKS_PER_BASE; // a mark without a base has nothing to combine with
    for character in raw.chars() {
        if matches!(character, ' '..='~') {
            // Nearly every one; looking its category up takes a hundred times as long.
            marks = 0;
            shown.push(character);
            count += 1;
        } else if is_mark(character) && marks < MARKS_PER_BASE {
            marks += 1;
            shown.push(character);
            count += 1;
        } else if is_plain(character) {
            marks = 0;
            shown.push(character);
            count += 1;
        } else {
            marks = MARKS_PER_BASE;
            count += push_escape(&mut shown, character);
        }
        if count < limit {
            cut = shown.len();
        } else if count > limit {
            shown.truncate(cut);
            shown.push('…');
            break;
        }
    }
    shown
}

/// Whether a character is a combining mark that is visible on its base.
fn is_mark(character: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    !is_ignorable(character)
        && matches!(
            character.general_category(),
            NonspacingMark | SpacingMark | EnclosingMark
        )
}

/// Characters of letter or mark categories that a terminal may ignore according to Unicode
/// (Default_Ignorable_Code_Point): fillers, variation selectors, the grapheme joiner, inherent vowels. The
/// other characters with that property are format characters.
fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a character may be shown unchanged: it has a width, it is assigned, and no terminal interprets
/// it.
fn is_plain(character: char) -> bool {
    use GeneralCategory as Is;
    let blank = character == '\u{2800}'; // a symbol to Unicode, a blank to the eye
    let stand_in = matches!(character, '\u{fffc}' | '\u{fffd}'); // for what is not there; some terminals leave it out
    let modifier = matches!(character, '\u{1f3fb}'..='\u{1f3ff}'); // terminals disagree on their width
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
    !blank
        && !stand_in
        && !modifier
        && !obeyed
        && !odd_space
        && !is_ignorable(character)
        && character.width().is_some_and(|width| width > 0)
}

/// Writes a character as an escape; returns the number of characters written.
fn push_escape(shown: &mut String, character: char) -> usize {
    let before = shown.len();
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        other => {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(other));
        }
    }
    shown.len() - before
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
mod tests;
