//! A theme's file: `[roles]` in the colours of `[dark]` and `[light]`.
//!
//! ```text
//! about = "one sentence"
//! contrast = 7.0                  # what text has at least; 4.5 where it is not said
//! [roles]
//! bad = "red bold"                # colours and bold, dim, italic, underlined, reversed; `on COLOUR` behind it
//! [dark]                          # the colours on a dark background; `background` is painted
//! background = "#12151a"          # or "terminal": the terminal's own is kept
//! red = "#ffa094"
//! [dark.roles]                    # what differs on this background only
//! ```
//!
//! What a file does not set is as in the shipped themes `dark` and `light`, so `[dark] red = "…"` alone is a
//! theme. An invalid entry is a [`Misread`], and the rest is used. Must not: know where a file is.

use std::collections::BTreeMap;
use std::ops::Range;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ROLES;
use crate::ui::colours::{self, LEAST_CONTRAST};

/// The valid styles of a role, after "must be".
pub const STYLE_ALLOWED: &str =
    "colours and bold, dim, italic, underlined or reversed, such as \"red bold\" or \"on tint\"";
/// In place of a colour: the terminal's own.
const DEFAULT: &str = "default";
/// In place of a background: the terminal's own.
pub const TERMINALS: &str = "terminal";
/// The key for the background of a side.
pub const BACKGROUND: &str = "background";
/// The keys at the top of a file.
const TOP: [&str; 5] = ["about", "contrast", "roles", "dark", "light"];
/// The largest contrast.
const MOST_CONTRAST: f64 = 21.0;
const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// An invalid entry in a theme's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// The line, from 1 on.
    pub line: usize,
    /// The entry, such as `dark.roles.bda`.
    pub path: String,
    /// What is wrong.
    pub why: MisreadCause,
}

/// Why an entry is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MisreadCause {
    /// The key is unknown; these are known.
    Unknown(Vec<String>),
    /// A word of the value is neither a colour of the theme (these are known) nor any other.
    NoColour(String, Vec<String>),
    /// The value is not of this kind.
    Must(&'static str),
    /// The file is not TOML; the parser's message.
    Syntax(String),
}

/// A theme on one kind of background.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeSide {
    /// The background; `None` if the terminal's own stays.
    pub background: Option<Color>,
    /// The style of each role, in the order of [`ROLES`].
    pub styles: [Style; ROLES.len()],
}

/// A theme according to its file.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeFile {
    /// One sentence about it.
    pub about: String,
    /// The contrast that text has at least.
    pub contrast: f64,
    /// On a dark background, if it is made for one.
    pub dark: Option<ThemeSide>,
    /// On a light background, if it is made for one.
    pub light: Option<ThemeSide>,
}

/// The words and the line of each role.
type RoleWords = BTreeMap<&'static str, (String, usize)>;

/// The background according to a file.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum SaidBackground {
    /// Not set.
    #[default]
    Unsaid,
    /// The terminal's own stays.
    Terminals,
    /// This colour is painted.
    Painted(Color),
}

/// A side before its words are resolved.
#[derive(Debug, Clone, Default)]
pub struct SideSource {
    background: SaidBackground,
    colours: BTreeMap<String, Color>,
    roles: RoleWords,
}

impl SideSource {
    /// The same, completed from `base`.
    fn over(mut self, base: &Self) -> Self {
        if self.background == SaidBackground::Unsaid {
            self.background = base.background;
        }
        for (name, colour) in &base.colours {
            self.colours.entry(name.clone()).or_insert(*colour);
        }
        for (role, words) in &base.roles {
            self.roles.entry(role).or_insert_with(|| words.clone());
        }
        self
    }

    fn looked_up(&self, side: &str, misread: &mut Vec<Misread>) -> ThemeSide {
        let mut styles = [Style::new(); ROLES.len()];
        for ((name, _), style) in ROLES.iter().zip(&mut styles) {
            let Some((words, line)) = self.roles.get(name) else {
                continue;
            };
            match self.style(words) {
                Ok(found) => *style = found,
                Err(word) => misread.push(Misread {
                    line: *line,
                    path: format!("roles.{name} on {side}"),
                    why: MisreadCause::NoColour(word, self.colours.keys().cloned().collect()),
                }),
            }
        }
        ThemeSide {
            background: match self.background {
                SaidBackground::Painted(colour) => Some(colour),
                SaidBackground::Unsaid | SaidBackground::Terminals => None,
            },
            styles,
        }
    }

    /// The style that the words describe, or the unknown word.
    fn style(&self, words: &str) -> Result<Style, String> {
        let mut style = Style::new();
        let mut is_behind = false;
        for word in words.split_whitespace() {
            if word == "on" {
                is_behind = true;
                continue;
            }
            if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
                style = style.add_modifier(*modifier);
                continue;
            }
            let own = self.colours.get(word).copied();
            let colour = match own.or_else(|| colours::named(word)) {
                Some(colour) => Some(colour),
                None if word == DEFAULT => None,
                None => return Err(word.to_owned()),
            };
            match (colour, is_behind) {
                (Some(colour), true) => style = style.bg(colour),
                (Some(colour), false) => style = style.fg(colour),
                (None, _) => {}
            }
        }
        Ok(style)
    }
}

/// A file's own entries, before the missing ones are added.
#[derive(Debug, Clone, Default)]
pub struct ThemeSource {
    about: String,
    contrast: Option<f64>,
    /// On a dark, and on a light background.
    sides: [Option<SideSource>; 2],
}

impl ThemeSource {
    /// Reads a file; invalid entries are returned, and the rest is used.
    ///
    /// # Errors
    /// The file is not TOML.
    pub fn read(text: &str) -> Result<(Self, Vec<Misread>), Misread> {
        let mut reader = SourceReader {
            text,
            misread: Vec::new(),
        };
        let table = DeTable::parse(text).map_err(|error| Misread {
            line: reader.line(&error.span().unwrap_or_default()),
            path: String::new(),
            why: MisreadCause::Syntax(error.message().to_owned()),
        })?;
        let source = reader.source(table.get_ref());
        reader.misread.sort_by_key(|misread| misread.line);
        Ok((source, reader.misread))
    }

    /// The theme, completed from `dark` and `light`. Words that are not colours are returned.
    pub fn finished(self, dark: &Self, light: &Self) -> (ThemeFile, Vec<Misread>) {
        let mut misread = Vec::new();
        let [own_dark, own_light] = self.sides;
        let mut side = |own: Option<SideSource>, base: Option<&SideSource>, name: &str| {
            let whole = match base {
                Some(base) => own?.over(base),
                None => own?,
            };
            Some(whole.looked_up(name, &mut misread))
        };
        let [base_dark, _] = &dark.sides;
        let [_, base_light] = &light.sides;
        let file = ThemeFile {
            about: self.about,
            contrast: self.contrast.unwrap_or(LEAST_CONTRAST),
            dark: side(own_dark, base_dark.as_ref(), "dark"),
            light: side(own_light, base_light.as_ref(), "light"),
        };
        (file, misread)
    }
}

struct SourceReader<'t> {
    text: &'t str,
    misread: Vec<Misread>,
}

impl SourceReader<'_> {
    fn source(&mut self, table: &DeTable<'_>) -> ThemeSource {
        let mut source = ThemeSource::default();
        let mut roles = RoleWords::new();
        let mut has_sides = false;
        for (name, value) in table {
            match (&**name.get_ref(), value.get_ref()) {
                ("about", DeValue::String(text)) => source.about = text.to_string(),
                ("contrast", DeValue::Float(number)) => {
                    source.contrast = self.contrast(number.as_str(), value);
                }
                ("contrast", DeValue::Integer(number)) => {
                    source.contrast = self.contrast(number.as_str(), value);
                }
                ("roles", DeValue::Table(table)) => roles = self.roles("roles", table),
                (side @ ("dark" | "light"), DeValue::Table(table)) => {
                    has_sides = true;
                    let read = self.side(side, table);
                    let [dark, light] = &mut source.sides;
                    *(if side == "dark" { dark } else { light }) = Some(read);
                }
                ("about", _) => self.must(value, "about", "text"),
                ("contrast", _) => self.must(value, "contrast", "a number from 1 to 21"),
                (known @ ("roles" | "dark" | "light"), _) => self.must(value, known, "a table"),
                (other, _) => self.unknown(&name.span(), other, TOP.map(str::to_owned).to_vec()),
            }
        }
        let shared = SideSource {
            roles,
            ..SideSource::default()
        };
        // A file with roles only is a theme for both kinds of background.
        source.sides = source.sides.map(|side| match side {
            Some(side) => Some(side.over(&shared)),
            None => (!has_sides).then(|| shared.clone()),
        });
        source
    }

    fn contrast(&mut self, number: &str, value: &Spanned<DeValue<'_>>) -> Option<f64> {
        let contrast = number
            .parse()
            .ok()
            .filter(|it| (1.0..=MOST_CONTRAST).contains(it));
        if contrast.is_none() {
            self.must(value, "contrast", "a number from 1 to 21");
        }
        contrast
    }

    fn side(&mut self, side: &str, table: &DeTable<'_>) -> SideSource {
        let mut read = SideSource::default();
        for (name, value) in table {
            let path = format!("{side}.{}", name.get_ref());
            let colour = match value.get_ref() {
                DeValue::String(text) => colours::named(text),
                DeValue::Integer(number) => colours::named(number.as_str()),
                _ => None,
            };
            match (&**name.get_ref(), value.get_ref()) {
                ("roles", DeValue::Table(table)) => read.roles = self.roles(&format!("{side}.roles"), table),
                ("roles", _) => self.must(value, &path, "a table"),
                (BACKGROUND, DeValue::String(text)) if text == TERMINALS => {
                    read.background = SaidBackground::Terminals;
                }
                (BACKGROUND, _) if colour.is_some() => {
                    read.background = colour.map_or(SaidBackground::Unsaid, SaidBackground::Painted);
                }
                (BACKGROUND, _) => self.must(value, &path, "a colour such as #12151a, or \"terminal\""),
                (name, _) => match colour {
                    Some(colour) => drop(read.colours.insert(name.to_owned(), colour)),
                    None => self.must(value, &path, crate::ui::colours::COLOUR_ALLOWED),
                },
            }
        }
        read
    }

    fn roles(&mut self, path: &str, table: &DeTable<'_>) -> RoleWords {
        let mut roles = RoleWords::new();
        for (name, value) in table {
            let path = format!("{path}.{}", name.get_ref());
            let known = ROLES.iter().find(|(known, _)| *known == &**name.get_ref());
            let Some((known, _)) = known else {
                let names = ROLES.map(|(name, _)| name.to_owned()).to_vec();
                self.unknown(&name.span(), &path, names);
                continue;
            };
            let words = match value.get_ref() {
                DeValue::String(words) => words.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                _ => {
                    self.must(value, &path, STYLE_ALLOWED);
                    continue;
                }
            };
            roles.insert(known, (words, self.line(&name.span())));
        }
        roles
    }

    fn unknown(&mut self, span: &Range<usize>, path: &str, known: Vec<String>) {
        let (line, path, why) = (self.line(span), path.to_owned(), MisreadCause::Unknown(known));
        self.misread.push(Misread { line, path, why });
    }

    fn must(&mut self, value: &Spanned<DeValue<'_>>, path: &str, allowed: &'static str) {
        let (line, path, why) = (
            self.line(&value.span()),
            path.to_owned(),
            MisreadCause::Must(allowed),
        );
        self.misread.push(Misread { line, path, why });
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        before.split(|byte| *byte == b'\n').count()
    }
}
