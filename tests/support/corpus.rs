//! Texts that a stranger may give to a pod, and what must not happen because of them.
//!
//! The judge here shares nothing with the code it judges: it names code points by their numbers.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

/// Each text with what it is.
pub fn corpus() -> Vec<(&'static str, String)> {
    let mut texts: Vec<(&'static str, String)> = PLAIN
        .iter()
        .map(|(name, text)| (*name, (*text).to_owned()))
        .collect();
    texts.extend([
        ("all of C0", ('\u{1}'..='\u{1f}').collect()),
        ("all of C1", ('\u{80}'..='\u{9f}').collect()),
        ("all formats of U+2000", ('\u{2000}'..='\u{206f}').collect()),
        ("10,000 marks", format!("e{}", "\u{301}".repeat(10_000))),
        (
            "5,000 marks of two kinds",
            format!("x{}", "\u{488}\u{20dd}".repeat(2500)),
        ),
        ("4 KiB", "x".repeat(4096)),
        ("4 KiB of wide letters", "生".repeat(1365)),
        ("4 KiB of overrides", "\u{202e}".repeat(1365)),
        ("4 KiB of escapes", "\u{1b}[41m".repeat(819)),
        (
            "a flag of tags",
            format!("\u{1f3f4}{}", ('\u{e0061}'..='\u{e007a}').collect::<String>()),
        ),
        (
            "hidden text in tags",
            format!(
                "web{}",
                "rm -rf"
                    .chars()
                    .filter_map(|c| char::from_u32(0xe0000 + c as u32))
                    .collect::<String>()
            ),
        ),
    ]);
    texts
}

const PLAIN: &[(&str, &str)] = &[
    ("red", "a\u{1b}[31mred\u{1b}[0m"),
    ("clear screen", "\u{1b}[2J\u{1b}[H"),
    ("leave the alternate screen", "\u{1b}[?1049l"),
    ("cursor away", "\u{1b}[?25l\u{1b}[999;999H"),
    ("scroll region", "\u{1b}[1;1r"),
    ("reset", "\u{1b}c"),
    ("report the cursor", "\u{1b}[6n\u{1b}[c\u{1b}[>q"),
    ("mouse on", "\u{1b}[?1003h\u{1b}[?1006h"),
    ("title", "\u{1b}]0;owned\u{7}"),
    ("title with ST", "\u{1b}]2;owned\u{1b}\\"),
    ("title query", "\u{1b}[21t"),
    ("clipboard", "\u{1b}]52;c;cm0gLXJmIC8=\u{7}"),
    ("link", "\u{1b}]8;;https://evil.example/\u{7}here\u{1b}]8;;\u{7}"),
    ("palette", "\u{1b}]4;0;#ff0000\u{7}\u{1b}]10;?\u{7}"),
    ("device control", "\u{1b}P$q\"p\u{1b}\\"),
    ("sixel", "\u{1b}Pq#0;2;0;0;0~~\u{1b}\\"),
    ("kitty picture", "\u{1b}_Gf=100;AAAA\u{1b}\\"),
    ("private message", "\u{1b}^x\u{1b}\\\u{1b}Xx\u{1b}\\"),
    ("CSI of one byte", "a\u{9b}31mred\u{9b}0m"),
    ("OSC of one byte", "\u{9d}0;owned\u{9c}"),
    ("DCS of one byte", "\u{90}$qm\u{9c}"),
    ("next line of one byte", "a\u{85}b"),
    ("NUL", "a\u{0}b"),
    ("bell and backspaces", "\u{7}good\u{8}\u{8}\u{8}\u{8}evil"),
    ("line breaks", "a\r\nb\rc\nd\u{b}e\u{c}f"),
    ("tabs", "\ta\tb\t"),
    ("shift out", "\u{e}lqqk\u{f}"),
    ("DEL", "a\u{7f}b"),
    ("right to left override", "payment\u{202e}txt.exe"),
    ("trojan source", "\u{2067}ok\u{2069}\u{2066}// evil\u{2069}"),
    ("marks of direction", "a\u{200e}\u{200f}\u{61c}b"),
    ("embeddings", "\u{202a}a\u{202b}b\u{202c}\u{202d}c\u{2068}"),
    ("zero width space", "pay\u{200b}ment"),
    ("joiners", "pay\u{200c}\u{200d}\u{2060}ment"),
    ("byte order mark", "\u{feff}payment\u{feff}"),
    ("soft hyphen", "pay\u{ad}ment"),
    ("invisible operators", "a\u{2061}\u{2062}\u{2063}\u{2064}b"),
    ("deprecated formats", "a\u{206a}\u{206f}\u{180e}b"),
    ("annotations", "a\u{fff9}b\u{fffa}c\u{fffb}"),
    ("Hangul fillers", "a\u{115f}\u{1160}\u{3164}\u{ffa0}b"),
    ("blank pattern", "\u{2800}\u{2800}"),
    ("odd spaces", "a\u{a0}b\u{2003}c\u{3000}d\u{202f}e\u{1680}f"),
    ("separators", "a\u{2028}b\u{2029}c"),
    ("grapheme joiner", "a\u{34f}b"),
    ("inherent vowels", "\u{1780}\u{17b4}\u{17b5}"),
    ("variation selectors", "\u{2764}\u{fe0f}a\u{fe00}b\u{e0100}"),
    ("private use", "a\u{e000}b\u{f8ff}c\u{f0000}d\u{10fffd}"),
    ("unassigned", "a\u{378}b\u{ffff}c\u{1ffff}d"),
    ("replacement", "a\u{fffd}b\u{fffc}"),
    ("a family", "👨\u{200d}👩\u{200d}👧\u{200d}👦"),
    ("a skin", "👍\u{1f3fd}"),
    ("flags", "🇩🇪🇨🇳🇩"),
    ("a keycap", "1\u{fe0f}\u{20e3}"),
    ("a mark alone", "\u{301}a"),
    (
        "marks of many scripts",
        "ก\u{e34}\u{e49}क\u{94d}ष\u{93f}ا\u{64e}\u{651}",
    ),
    ("Chinese", "生产集群-支付网关-一号"),
    ("Japanese and Korean", "クラスタ클러스터"),
    ("half width", "ｶﾞｱﾞ"),
    ("full width", "Ｐａｙｍｅｎｔ"),
    ("Arabic and Hebrew", "مرحبا שלום لا"),
    ("homoglyphs", "рауmеnt-арі"),
    ("decomposed", "e\u{301}a\u{308}한"),
    ("a formula", "=HYPERLINK(\"http://evil.example\",\"x\")"),
    ("a call", "=cmd|' /C calc'!A0"),
    ("a plus", "+1+1"),
    ("a minus", "-2+3"),
    ("an at", "@SUM(1+1)"),
    ("a formula behind blanks", "   =1+1"),
    ("a formula behind a tab", "\t=1+1"),
    ("a formula behind a return", "\r=1+1"),
    ("a wide formula", "＝1+1"),
    ("an apostrophe", "'=1+1"),
    ("cells and rows", "a\",\"b\r\n=1,\"\"c"),
    ("HTML", "<script>alert(1)</script>&lt;b&gt;"),
    ("JSON", "\",\"admin\":true,\"x\":\"{}[]\\u001b"),
    ("an escape as text", "\\u{202e}\\n\\x1b[31m"),
    ("a format", "%s%n{}{:?}$HOME`id`$(id)"),
    ("a path", "../../../../etc/passwd\0.csv"),
    ("blanks", "   "),
    ("a blank", " "),
    ("an empty text", ""),
    ("a name like ours", "FRESH  list 1s old"),
];

/// The texts one after the other, to be cut into lines of a message.
pub fn run_together(texts: &[(&str, String)], chars_of_each: usize) -> String {
    texts.iter().fold(String::new(), |mut all, (_, text)| {
        let _ = write!(all, "{}|", text.chars().take(chars_of_each).collect::<String>());
        all
    })
}

/// What no text that was made safe may hold.
const FORBIDDEN: &[(u32, u32)] = &[
    (0x00, 0x1f),
    (0x7f, 0x9f),
    (0xa0, 0xa0),
    (0xad, 0xad),
    (0x34f, 0x34f),
    (0x61c, 0x61c),
    (0x115f, 0x1160),
    (0x1680, 0x1680),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x2000, 0x200f),
    (0x2028, 0x202f),
    (0x205f, 0x206f),
    (0x2800, 0x2800),
    (0x3000, 0x3000),
    (0x3164, 0x3164),
    (0xd800, 0xf8ff),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xffff),
    (0x1f3fb, 0x1f3ff),
    (0xe0000, 0x10_ffff),
];

pub fn is_forbidden(character: char) -> bool {
    let code = u32::from(character);
    FORBIDDEN
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&code))
}

/// Marks that stand on another character, of the scripts in the corpus.
fn is_mark(character: char) -> bool {
    matches!(u32::from(character), 0x300..=0x36f | 0x483..=0x489 | 0x64b..=0x65f | 0x93a..=0x94d | 0xe31..=0xe4e | 0x20d0..=0x20ff)
}

/// Fails if `text`, less `allowed`, holds what is forbidden, or more than four marks on one character.
pub fn assert_harmless(what: &str, text: &str, allowed: &[char]) {
    let mut marks = 0;
    for (at, character) in text.char_indices() {
        let around = || {
            let start = text.floor_char_boundary(at.saturating_sub(60));
            text.get(start..)
                .unwrap_or_default()
                .chars()
                .take(100)
                .collect::<String>()
        };
        assert!(
            !is_forbidden(character) || allowed.contains(&character),
            "{character:?} is in {what}: {:?}",
            around()
        );
        marks = if is_mark(character) { marks + 1 } else { 0 };
        assert!(
            marks <= 4,
            "more than four marks on a character in {what}: {:?}",
            around()
        );
    }
}

/// What a terminal was told, apart from text: each sequence once, with how often.
pub fn sequences(raw: &[u8]) -> (std::collections::BTreeMap<String, usize>, String) {
    let text = std::str::from_utf8(raw).unwrap();
    let (mut found, mut rest) = (std::collections::BTreeMap::new(), String::new());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            rest.push(character);
            continue;
        }
        let mut sequence = String::from(characters.next().unwrap_or('\u{1b}'));
        if sequence == "[" {
            for next in characters.by_ref() {
                sequence.push(next);
                if ('\u{40}'..='\u{7e}').contains(&next) {
                    break;
                }
            }
        } else if sequence == "]" {
            sequence.extend(characters.by_ref().take_while(|next| *next != '\u{7}'));
        }
        *found.entry(sequence).or_insert(0) += 1;
    }
    (found, rest)
}

/// The sequences that hss-top sends to a dark terminal of at most 200 columns. `N` is a line, a column or a number of
/// cells, `S` a parameter of a style. The plain red, a reset with a zero, and places outside of the screen are not
/// among them: hostile texts ask for these.
const SENT: [&str; 12] = [
    // The screen in and out, cursor, paste, synchronized updates, reports of scheme, buttons and drags.
    r"\[\?(?:1049|25|2004|2026|2031|1000|1002|1006)[hl]",
    // Reports of every move of the mouse and of the focus are only ever switched off.
    r"\[\?(?:1003|1004)l",
    // The window's title saved, restored, and of our own words, with a date and a time of our own digits.
    r"\[2[23];2t",
    r"\]2;(?:hss-top: [A-Za-z0-9, :-]{0,71})?",
    // The question for the terminal's background.
    r"\]11;\?",
    // Moves: to the corner, a line, a place; to the next line; along the line.
    r"\[(?:N(?:;N)?)?H",
    r"\[[EB]",
    r"\[N?G",
    r"\[N?[CD]",
    // Below the picture, when the screen is left.
    r"\[999;1H",
    // What erases: a part of a line, the screen, what is below.
    r"\[1?K|\[2?J",
    r"\[(?:;?S(?:;S)*)?m",
];

/// Whether hss-top sends such a sequence of its own accord. No clipboard, no other questions.
pub fn is_allowed(sequence: &str) -> bool {
    static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
        let number = "(?:[1-9][0-9]?|1[0-9]{2}|200)";
        let style =
            "(?:[1-9]|2[2-9]|[34][02-79]|9[0-7]|10[0-7]|[34]8;5;[0-9]{1,3}|[34]8;2(?:;[0-9]{1,3}){3})";
        let sent = SENT.join("|").replace('N', number).replace('S', style);
        Regex::new(&format!("^(?:{sent})$")).unwrap()
    });
    WHOLE.is_match(sequence)
}
