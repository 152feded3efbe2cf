//! Patterns of a filter: a phrase that occurs in a text or is all of it, a glob that matches all of it, or an expression.
//!
//! Owns whether a text matches a pattern, and how a pattern is written. Must not: know where the text comes
//! from.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::Hir;

use super::habits;
use crate::fleet::fields::PodText;

/// The longest regular expression, in bytes.
pub const MAX_REGEX_BYTES: usize = 256;
/// The memory limit of a compiled expression, and of its cache, in bytes.
const MAX_COMPILED_BYTES: usize = 1 << 20;
/// The value that stands for an absent text if it is not in quotes.
pub(super) const NONE: &str = "none";

/// Where in a text a phrase must occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Matching {
    /// Anywhere.
    Part,
    /// At the beginning of a part of an API word, whose parts are joined by `_`: with no letter, digit, space
    /// or hyphen before it. So `scanned` is not found in `not scanned`, which means the opposite.
    WordStart,
}

/// A pattern for a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// The phrase occurs in the text as [`Matching`] requires.
    Phrase(Phrase),
    /// The phrase is the complete text, whatever [`Matching`] says.
    Whole(Phrase),
    /// The glob matches the complete text.
    Glob(Glob),
    /// The expression matches somewhere in the text.
    Regex(Expression),
}

impl Pattern {
    /// The pattern that a value without quotes stands for.
    pub(super) fn unquoted(text: &str) -> Self {
        if text.contains(['*', '?']) {
            Self::Glob(Glob::new(text))
        } else {
            Self::Phrase(Phrase::new(text))
        }
    }

    /// The same for the complete text. A glob is that already, and an expression says where it begins and ends.
    pub(super) fn whole(self) -> Self {
        match self {
            Self::Phrase(phrase) => Self::Whole(phrase),
            other => other,
        }
    }

    /// The pattern for exactly the text that was typed; `None` if that is a glob or an expression.
    pub(super) fn complete(self) -> Option<Self> {
        match self.whole() {
            Self::Whole(phrase) => Some(Self::Whole(phrase)),
            Self::Phrase(_) | Self::Glob(_) | Self::Regex(_) => None,
        }
    }

    /// Whether `text` matches.
    pub fn matches(&self, text: &str, matching: Matching) -> bool {
        match self {
            Self::Phrase(phrase) => phrase.occurs_in(text, matching),
            Self::Whole(phrase) => phrase.is(text),
            Self::Glob(glob) => glob.fits(text),
            Self::Regex(expression) => expression.regex.is_match(text),
        }
    }
}

impl fmt::Display for Pattern {
    /// Writes the pattern as it can be typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phrase(phrase) | Self::Whole(phrase) => f.write_str(&quoted_where_needed(&phrase.text)),
            Self::Glob(glob) => f.write_str(&glob.text),
            Self::Regex(expression) => write!(f, "/{}/", expression.source),
        }
    }
}

/// `text` as it can be typed as a value: in quotes if it would otherwise have another meaning.
pub fn quoted_where_needed(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '@');
    let has_a_meaning =
        text.eq_ignore_ascii_case(NONE) || habits::joins(text) || habits::mistaken(text).is_some();
    if !text.is_empty() && text.chars().all(plain) && !has_a_meaning {
        return text.to_owned();
    }
    let escaped = text.replace('\\', r"\\").replace('"', r#"\""#);
    format!("\"{escaped}\"")
}

/// The term for the pods whose text in `column` is `name`, in upper or lower case; longer texts that contain it are others.
pub fn whole(column: PodText, name: &str) -> String {
    format!("{}={}", column.field().name(), quoted_where_needed(name))
}

/// `text` in a form without the difference between upper and lower case. It is made character by character,
/// so that a part of a text also occurs in the folded form of the text.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

/// A text that must occur, or be the complete text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    text: Box<str>,
    folded: Box<str>,
}

impl Phrase {
    /// A phrase of at least one character.
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            folded: fold(text).into(),
        }
    }

    /// The phrase, [folded](fold).
    pub fn folded(&self) -> &str {
        &self.folded
    }

    fn is(&self, text: &str) -> bool {
        if text.is_ascii() {
            return text.eq_ignore_ascii_case(&self.folded);
        }
        fold(text) == *self.folded
    }

    fn occurs_in(&self, text: &str, matching: Matching) -> bool {
        // Nearly every text: it need not be folded first.
        if matching == Matching::Part && text.is_ascii() && !self.folded.is_empty() {
            let mut parts = text.as_bytes().windows(self.folded.len());
            return parts.any(|part| part.eq_ignore_ascii_case(self.folded.as_bytes()));
        }
        let text = fold(text);
        match matching {
            Matching::Part => text.contains(&*self.folded),
            Matching::WordStart => text.char_indices().any(|(at, _)| {
                text.split_at_checked(at).is_some_and(|(before, from)| {
                    !before.ends_with(continues_word) && from.starts_with(&*self.folded)
                })
            }),
        }
    }
}

/// Whether the text after this character belongs to the same word.
fn continues_word(before: char) -> bool {
    before.is_alphanumeric() || matches!(before, ' ' | '-')
}

/// A text with wildcards that must fit a whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    text: Box<str>,
    folded: Box<str>,
}

impl Glob {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            folded: fold(text).into(),
        }
    }

    /// The glob, [folded](fold): `*` stands for any characters, `?` for one.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    fn fits(&self, text: &str) -> bool {
        let text: Vec<char> = fold(text).chars().collect();
        // For each position in the text: whether the glob as read so far matches the text before that
        // position.
        let mut fits = vec![false; text.len() + 1];
        fits[0] = true;
        for wanted in self.folded.chars() {
            let mut next = vec![false; text.len() + 1];
            if wanted == '*' {
                let first = fits.iter().position(|fits| *fits).unwrap_or(next.len());
                next.iter_mut().skip(first).for_each(|fits| *fits = true);
            } else {
                for (at, character) in text.iter().enumerate() {
                    next[at + 1] = fits[at] && (wanted == '?' || wanted == *character);
                }
            }
            fits = next;
        }
        fits[text.len()]
    }
}

/// A compiled regular expression. Cheap to clone; equal to another with the same source.
#[derive(Debug, Clone)]
pub struct Expression {
    source: Box<str>,
    regex: Regex,
    parsed: Arc<Hir>,
}

/// Why a text is not a valid [`Expression`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadExpression {
    /// The position in the text, in bytes.
    pub range: Range<usize>,
    /// What is wrong with it, in a few words.
    pub reason: String,
}

impl Expression {
    /// Compiles the text between the slashes.
    pub(super) fn compile(source: &str) -> Result<Self, BadExpression> {
        let bad = |reason: String| BadExpression {
            range: 0..source.len(),
            reason,
        };
        if source.len() > MAX_REGEX_BYTES {
            return Err(bad(format!("longer than {MAX_REGEX_BYTES} bytes")));
        }
        let ignore_case = !has_upper_case(source);
        let parsed = regex_syntax::ParserBuilder::new()
            .case_insensitive(ignore_case)
            .build()
            .parse(source)
            .map_err(|error| syntax_error(&error).unwrap_or_else(|| bad("not understood".to_owned())))?;
        let regex = RegexBuilder::new(source)
            .case_insensitive(ignore_case)
            .size_limit(MAX_COMPILED_BYTES)
            .dfa_size_limit(MAX_COMPILED_BYTES)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => bad("too large once compiled".to_owned()),
                _ => bad("not understood".to_owned()),
            })?;
        Ok(Self {
            source: source.into(),
            regex,
            parsed: Arc::new(parsed),
        })
    }

    /// The parsed expression. It may match anywhere in a text in its original form, not folded.
    pub fn parsed(&self) -> &Hir {
        &self.parsed
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Expression {}

/// Whether `source` contains an upper-case letter that is not part of an escape such as `\W`.
fn has_upper_case(source: &str) -> bool {
    let mut escaped = false;
    source.chars().any(|character| {
        let counts = !escaped && character.is_uppercase();
        escaped = !escaped && character == '\\';
        counts
    })
}

/// Converts the compiler's message, a picture of several lines, to a range and a few words.
fn syntax_error(error: &regex_syntax::Error) -> Option<BadExpression> {
    let (span, reason) = match error {
        regex_syntax::Error::Parse(error) => (*error.span(), error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (*error.span(), error.kind().to_string()),
        _ => return None,
    };
    Some(BadExpression {
        range: span.start.offset..span.end.offset,
        reason,
    })
}

#[cfg(test)]
mod tests;
