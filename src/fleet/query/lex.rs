//! The characters of a filter, from left to right.
//!
//! Owns the ends of words, quoted texts and expressions. Must not: know columns or terms.

use std::ops::Range;

use super::ast::Cmp;
use super::error::{ParseError, ParseErrorKind};

/// A position in a text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    rest: &'a str,
}

/// The operator between a column and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Colon,
    Compare(Cmp),
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// The range from `start` to here.
    pub fn since(&self, start: usize) -> Range<usize> {
        start..self.at()
    }

    /// An error from `start` to here.
    pub fn error(&self, start: usize, kind: ParseErrorKind) -> ParseError {
        ParseError {
            range: self.since(start),
            kind,
        }
    }

    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Reads one character.
    pub fn bump(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    /// Whether a term ends here.
    pub fn at_space(&self) -> bool {
        self.peek().is_none_or(char::is_whitespace)
    }

    pub fn eat(&mut self, token: &str) -> bool {
        self.rest
            .strip_prefix(token)
            .map(|rest| self.rest = rest)
            .is_some()
    }

    /// Reads up to the first character that is an end.
    pub fn take_until(&mut self, is_end: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    pub fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// A bare word, or the name before an operator.
    pub fn head(&mut self) -> &'a str {
        let from = self.rest;
        let start = self.at();
        loop {
            self.take_until(|c| c.is_whitespace() || matches!(c, '"' | ':' | '=' | '<' | '>' | '!'));
            // In a word, `!` is only an operator as a part of `!=`.
            if self.rest.starts_with("!=") || !self.eat("!") {
                break;
            }
        }
        from.get(..self.at() - start).unwrap_or_default()
    }

    pub fn operator(&mut self) -> Option<Operator> {
        if self.eat(":") {
            return Some(Operator::Colon);
        }
        let cmp = Cmp::ALL.into_iter().find(|cmp| self.eat(cmp.sign()))?;
        Some(Operator::Compare(cmp))
    }

    /// A value without quotes.
    pub fn word(&mut self) -> &'a str {
        self.take_until(|c| c.is_whitespace() || matches!(c, ',' | '"'))
    }

    /// A value without quotes, one of several.
    pub fn item_word(&mut self) -> &'a str {
        self.take_until(|c| c.is_whitespace() || matches!(c, ',' | '|' | '"'))
    }

    /// Reads a quoted text and removes its quotes and escapes; the next character must be the opening quote.
    pub fn quoted(&mut self) -> Result<String, ParseError> {
        let start = self.at();
        let mut text = String::new();
        self.eat("\"");
        loop {
            text.push_str(self.take_until(|c| matches!(c, '"' | '\\')));
            if self.eat("\"") {
                return Ok(text);
            }
            let escape = self.at();
            if !self.eat("\\") {
                return Err(self.error(start, ParseErrorKind::UnclosedQuote));
            }
            match self.bump() {
                Some(character @ ('"' | '\\')) => text.push(character),
                Some(_) => return Err(self.error(escape, ParseErrorKind::BadEscape)),
                None => return Err(self.error(start, ParseErrorKind::UnclosedQuote)),
            }
        }
    }

    /// Reads the source of an expression between the slashes, unchanged; the next character must be the
    /// opening slash.
    pub fn regex(&mut self) -> Result<&'a str, ParseError> {
        let start = self.at();
        self.eat("/");
        let from = self.rest;
        let first = self.at();
        loop {
            self.take_until(|c| matches!(c, '/' | '\\'));
            let end = self.at();
            if self.eat("/") {
                return Ok(from.get(..end - first).unwrap_or_default());
            }
            if !self.eat("\\") {
                return Err(self.error(start, ParseErrorKind::UnclosedRegex));
            }
            self.bump();
        }
    }
}
