//! The choice of a theme, as it is written in a flag, the configuration or `:theme`.

use std::fmt;

/// The valid choices of a theme, after "must be".
pub const CHOICE_ALLOWED: &str =
    "auto, the name of a theme (hss-top themes lists them), or dark:NAME,light:NAME";
/// The choice that follows the terminal.
pub const AUTO: &str = "auto";
/// The longest name of a theme, in characters.
const LONGEST_NAME: usize = 40;

/// The choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// The one that matches the terminal.
    #[default]
    Auto,
    /// This one.
    Named(String),
    /// One for each kind of background.
    ByBackground {
        /// On a dark one.
        dark: String,
        /// On a light one.
        light: String,
    },
}

impl ThemeChoice {
    /// Parses a choice without checking that its themes exist. `None` if it is invalid.
    pub fn read(text: &str) -> Option<Self> {
        let name = |text: &str| is_name(text).then(|| text.to_owned());
        let text = text.trim();
        let Some((first, second)) = text.split_once(',') else {
            return if text == AUTO {
                Some(Self::Auto)
            } else {
                name(text).map(Self::Named)
            };
        };
        let (first, second) = (first.trim().split_once(':')?, second.trim().split_once(':')?);
        let ((("dark", dark), ("light", light)) | (("light", light), ("dark", dark))) = (first, second)
        else {
            return None;
        };
        Some(Self::ByBackground {
            dark: name(dark)?,
            light: name(light)?,
        })
    }

    /// Its themes.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Auto => vec![],
            Self::Named(name) => vec![name],
            Self::ByBackground { dark, light } => vec![dark, light],
        }
    }
}

impl fmt::Display for ThemeChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(AUTO),
            Self::Named(name) => f.write_str(name),
            Self::ByBackground { dark, light } => write!(f, "dark:{dark},light:{light}"),
        }
    }
}

/// Whether a theme can have this name: valid as a file name on every system, and unlike a secret.
pub fn is_name(text: &str) -> bool {
    let is_good = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-' | '_');
    !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(is_good)
}
