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

/// Longest name shown, in characters, escapes included. Kubernetes allows 253.
pub const NAME_CHARS: usize = 256;
/// Longest message shown, in characters, escapes included.
pub const MESSAGE_CHARS: usize = 4096;
/// Longest name of a Kubernetes object, in bytes.
const OBJECT_BYTES: usize = 253;
/// Longest name of a namespace, in bytes.
const LABEL_BYTES: usize = 63;
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

    /// Whether this could be the name of a Kubernetes object: labels joined by `.`, at most 253 bytes. A name outside of
    /// that is a hint that somebody imitates another.
    pub fn is_kubernetes_name(&self) -> bool {
        self.raw.len() <= OBJECT_BYTES && self.raw.split('.').all(is_label)
    }

    /// Whether this could be the name of a namespace: one label, at most 63 bytes.
    pub fn is_kubernetes_label(&self) -> bool {
        self.raw.len() <= LABEL_BYTES && is_label(&self.raw)
    }
}

/// Lower-case letters, digits and `-`, alphanumeric at both ends.
fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
}

/// What is shown of `raw`: at most `limit` characters, of which the last is `…` where there was more. An escape is
/// whole or not there at all.
fn make_visible(raw: &str, limit: usize) -> String {
    let mut shown = String::with_capacity(raw.len().min(limit * 4));
    let mut count = 0;
    // How long `shown` is with one character less than the limit: there it is cut, if it must be.
    let mut cut = 0;
    let mut marks = MARKS_PER_BASE; // a mark without a base has nothing to combine with
    for character in raw.chars() {
        if is_mark(character) && marks < MARKS_PER_BASE {
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

/// Whether a character is a mark that an eye can see on its base.
fn is_mark(character: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    !is_ignorable(character)
        && matches!(
            character.general_category(),
            NonspacingMark | SpacingMark | EnclosingMark
        )
}

/// What Unicode lets a terminal ignore (Default_Ignorable_Code_Point) although its category is that of a letter or a
/// mark: fillers, variation selectors, the joiner of graphemes, inherent vowels. The rest of that list are formats.
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

/// Whether a character may be shown as it is: it takes up room, is assigned, and no terminal obeys it.
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

/// Writes a character as an escape; answers how many characters that are.
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
mod tests {
    use super::*;
    use proptest::prelude::*;

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
            ("a\u{34f}b", "a\\u{34f}b"),
            ("\u{1780}\u{17b5}", "\u{1780}\\u{17b5}"),
            ("a\u{180b}\u{180f}", "a\\u{180b}\\u{180f}"),
            (
                "a\u{115f}\u{1160}\u{ffa0}\u{2800}b",
                "a\\u{115f}\\u{1160}\\u{ffa0}\\u{2800}b",
            ),
            ("a\u{e0100}\u{e0fff}b", "a\\u{e0100}\\u{e0fff}b"),
            ("👍\u{1f3fd}", "👍\\u{1f3fd}"),
            ("a\u{378}\u{ffff}b", "a\\u{378}\\u{ffff}b"),
            ("a\u{10fffd}b", "a\\u{10fffd}b"),
            ("\0", "\\u{0}"),
            // A letter to Unicode that takes no room.
            ("가\u{1161}", "가\\u{1161}"),
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
        assert_eq!(text.shown(), format!("{}…", "x".repeat(NAME_CHARS - 1)));
        let escaped = "\u{202e}".repeat(NAME_CHARS);
        assert_eq!(
            RemoteText::name(&escaped).shown(),
            format!("{}…", "\\u{202e}".repeat(31)),
            "the next escape would be the 257th character"
        );
        let exact = format!("{}\n", "x".repeat(NAME_CHARS - 2));
        assert!(RemoteText::name(&exact).shown().ends_with("x\\n"));
        let marked = format!("{}e\u{301}\u{301}", "x".repeat(NAME_CHARS - 2));
        assert_eq!(
            RemoteText::name(&marked).shown(),
            format!("{}e…", "x".repeat(NAME_CHARS - 2))
        );
        assert_eq!(RemoteText::name(&"x".repeat(5000)).raw().len(), NAME_CHARS * 4);
        assert!(!RemoteText::name(&"x".repeat(NAME_CHARS)).is_altered());
    }

    #[test]
    fn what_looks_alike_is_told_apart_by_what_came() {
        use std::collections::HashSet;
        let (trick, text) = (RemoteText::name("a\u{202e}"), RemoteText::name("a\\u{202e}"));
        assert_eq!(trick.shown(), text.shown());
        assert_ne!(trick, text);
        assert_eq!(trick, RemoteText::message("a\u{202e}"));
        assert_eq!(trick.partial_cmp(&text), Some(Ordering::Greater), "by what came");
        let hash = |text: &RemoteText| {
            let mut hasher = std::hash::DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish()
        };
        assert_ne!(hash(&trick), hash(&text));
        assert_eq!(hash(&text), hash(&RemoteText::name(text.raw())));
        assert_eq!(HashSet::from([trick.clone(), text, trick]).len(), 2);
    }

    #[test]
    fn what_is_printed_is_what_is_shown() {
        let text = RemoteText::name("a\u{1b}b");
        assert_eq!(format!("{text}"), "a\\u{1b}b");
        assert_eq!(format!("{text:>10}|{text:.1}"), "  a\\u{1b}b|a");
        assert_eq!(format!("{text:?}"), "\"a\\u{1b}b\"");
    }

    #[test]
    fn kubernetes_names_are_recognised() {
        for name in ["a", "kube-system", "web-0", "a.b-c", "0", &"a".repeat(253)] {
            assert!(RemoteText::name(name).is_kubernetes_name(), "{name}");
        }
        for name in ["a", "kube-system", "0-0", &"a".repeat(63)] {
            assert!(RemoteText::name(name).is_kubernetes_label(), "{name}");
        }
        for name in ["", "a.b", "-a", "a-", "Default", &"a".repeat(64)] {
            assert!(!RemoteText::name(name).is_kubernetes_label(), "{name}");
        }
        for name in [
            "",
            "-a",
            "a-",
            "a..b",
            "a.-b",
            "a-.b",
            ".a",
            "a.",
            "A",
            "a_b",
            "payment\u{200b}",
            "рayment",
            &"a".repeat(254),
        ] {
            assert!(!RemoteText::name(name).is_kubernetes_name(), "{name}");
        }
    }

    /// Texts that a stranger would send: ordinary ones, and those that are made of what is escaped.
    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<String>(),
            "[a-z0-9.-]{0,300}",
            "[\u{0}-\u{9f}]{0,40}",
            "[\u{300}-\u{36f}e]{0,40}",
            "[\u{200b}-\u{2069}\u{e0000}-\u{e01ef}\u{fe00}-\u{fe0f}a]{0,40}",
            "[\u{900}-\u{1900}\u{3131}-\u{3164}]{0,40}",
        ];
        prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 50_000))]

        #[test]
        fn what_is_shown_is_safe_and_bounded(raw in hostile()) {
            for (text, limit) in [(RemoteText::name(&raw), NAME_CHARS), (RemoteText::message(&raw), MESSAGE_CHARS)] {
                let shown = text.shown();
                prop_assert!(shown.chars().count() <= limit);
                prop_assert!(unicode_width::UnicodeWidthStr::width(shown) <= 2 * limit);
                let mut marks = MARKS_PER_BASE;
                for character in shown.chars() {
                    prop_assert!(is_mark(character) || is_plain(character), "{character:?}");
                    marks = if is_mark(character) { marks + 1 } else { 0 };
                    prop_assert!(marks <= MARKS_PER_BASE, "{shown:?}");
                }
                prop_assert_eq!(text.is_altered(), shown != text.raw());
            }
        }

        #[test]
        fn what_is_shown_is_shown_the_same_again(raw in hostile()) {
            let name = RemoteText::name(&raw);
            let again = RemoteText::name(name.shown());
            prop_assert_eq!(again.shown(), name.shown());
            let message = RemoteText::message(&raw);
            let again = RemoteText::message(message.shown());
            prop_assert_eq!(again.shown(), message.shown());
        }

        #[test]
        fn what_may_be_shown_as_it_is_is_not_changed(raw in "[a-zA-Z0-9 ._/:-]{0,256}") {
            let text = RemoteText::name(&raw);
            prop_assert_eq!(text.shown(), raw);
            prop_assert!(!text.is_altered());
        }
    }
}
