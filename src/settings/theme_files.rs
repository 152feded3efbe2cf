//! The themes that an operator made: `NAME.toml` in the folder `themes` beside the configuration file.
//!
//! Owns their folder and the warnings about them. Nothing in them prevents the start, except a chosen theme
//! that is not TOML at all.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::config::nearest;
use crate::files;
use crate::fleet::RemoteText;
use crate::ui::theme::file::{Misread, MisreadCause, ThemeSource};
use crate::ui::theme::shipped;
use crate::ui::themes::{NamedTheme, is_name, shipped_themes};

/// The folder beside the configuration file.
pub const FOLDER: &str = "themes";
/// The most files that are read. A folder with more is not a folder of themes.
const MOST_FILES: usize = 100;

/// A theme's file that cannot be used, or only in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeFault {
    /// The name of the theme.
    pub name: String,
    /// Why, with file and line.
    pub sentence: String,
    /// Whether the theme exists nevertheless.
    pub is_usable: bool,
}

/// The shipped themes and those of the folder beside the configuration, and what is wrong with the latter.
pub fn all(folder: Option<&Path>) -> (Vec<NamedTheme>, Vec<ThemeFault>) {
    let mut themes = shipped_themes();
    let mut faults = Vec::new();
    for path in folder
        .map(|folder| paths(&folder.join(FOLDER)))
        .unwrap_or_default()
    {
        let name = path
            .file_stem()
            .and_then(OsStr::to_str)
            .unwrap_or_default()
            .to_owned();
        let shown = RemoteText::message(&path.display().to_string())
            .shown()
            .to_owned();
        let mut fault = |sentence: String, is_usable| {
            faults.push(ThemeFault {
                name: name.clone(),
                sentence,
                is_usable,
            });
        };
        if !is_name(&name) {
            let why = "a theme name has up to 40 lower-case letters, digits, - or _";
            fault(format!("{shown}: not used; {why}"), false);
            continue;
        }
        let read = files::read_text(&path).map_err(|why| format!("{shown}: {why}"));
        match read.and_then(|(text, _)| read_theme(&shown, &name, &text)) {
            Err(sentence) => fault(sentence, false),
            Ok((theme, sentences)) => {
                for sentence in sentences {
                    fault(sentence, true);
                }
                // An own theme replaces a shipped one of the same name.
                themes.retain(|it| it.name != theme.name);
                themes.push(theme);
            }
        }
    }
    (themes, faults)
}

/// The files of the folder that can be themes, by name; empty without such a folder.
fn paths(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new("toml")))
        .take(MOST_FILES)
        .collect();
    paths.sort();
    paths
}

/// A theme, and sentences about what is not understood in it.
fn read_theme(path: &str, name: &str, text: &str) -> Result<(NamedTheme, Vec<String>), String> {
    let (source, mut misread) = ThemeSource::read(text).map_err(|misread| sentence(path, &misread))?;
    let (dark, light) = shipped::bases();
    let (file, more) = source.finished(dark, light);
    misread.extend(more);
    let theme = NamedTheme {
        name: name.to_owned(),
        file,
        path: Some(path.to_owned()),
    };
    Ok((
        theme,
        misread.iter().map(|misread| sentence(path, misread)).collect(),
    ))
}

fn sentence(path: &str, misread: &Misread) -> String {
    let Misread { line, path: key, why } = misread;
    let key = RemoteText::name(key);
    let why = match why {
        MisreadCause::Unknown(known) => {
            let last = key.shown().rsplit('.').next().unwrap_or_default();
            format!("unknown key {key}{}", meant(last, known))
        }
        MisreadCause::NoColour(word, known) => {
            let shown = super::sections::word(word);
            format!("{key} is {shown}, not a colour{}", meant(word, known))
        }
        MisreadCause::Must(allowed) => format!("{key} must be {allowed}"),
        MisreadCause::Syntax(message) => RemoteText::message(message).shown().to_owned(),
    };
    format!("{path} line {line}: {why}")
}

fn meant(word: &str, known: &[String]) -> String {
    let meant = nearest(word, known.iter().map(String::as_str));
    meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(FOLDER)).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(FOLDER).join(name), text).unwrap();
        }
        folder
    }

    /// The names of the own themes, and the warnings without the folder's name.
    fn read(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let folder = folder(files);
        let (themes, faults) = all(Some(folder.path()));
        let begin = format!("{}/", folder.path().join(FOLDER).display());
        let own = themes.into_iter().filter(|theme| theme.path.is_some());
        let told = faults.into_iter().map(|fault| fault.sentence.replace(&begin, ""));
        (own.map(|theme| theme.name).collect(), told.collect())
    }

    #[test]
    fn mistakes_are_told_with_file_line_and_the_nearest_name_and_the_rest_is_used() {
        let (names, told) = read(&[(
            "mine.toml",
            "about = \"x\"\nabuot = 1\n[roles]\nbda = \"red\"\nbad = \"rde bold\"\n[dark]\nred = \"#ff00\"\ngren = \"#00ff00\"\n",
        )]);
        assert_eq!(names, ["mine"]);
        assert_eq!(
            told,
            [
                "mine.toml line 2: unknown key abuot; did you mean about?",
                "mine.toml line 4: unknown key roles.bda; did you mean bad?",
                "mine.toml line 7: dark.red must be a colour: a name such as light-red, a number from 0 to 255, or #rrggbb",
                "mine.toml line 5: roles.bad on dark is rde, not a colour; did you mean red?",
            ]
        );
    }

    #[test]
    fn what_is_no_theme_is_told_and_leaves_the_others() {
        let (names, told) = read(&[
            ("a.toml", "[dark]\nred = 203\n"),
            ("b.toml", "[dark\n"),
            ("c d.toml", ""),
            ("notes.txt", "["),
        ]);
        assert_eq!(names, ["a"]);
        assert!(told[0].starts_with("b.toml line 1: "), "{told:?}");
        assert!(
            told[1].starts_with("c d.toml: not used; a theme name has"),
            "{told:?}"
        );
        assert_eq!(told.len(), 2);
        assert_eq!(all(None).0.len(), shipped::TEXTS.len());
    }

    #[test]
    fn an_own_theme_of_a_shipped_name_takes_its_place() {
        let folder = folder(&[("dark.toml", "about = \"mine\"\n[dark]\n")]);
        let (themes, faults) = all(Some(folder.path()));
        let dark: Vec<&NamedTheme> = themes.iter().filter(|theme| theme.name == "dark").collect();
        assert_eq!((dark.len(), dark[0].file.about.as_str()), (1, "mine"));
        assert_eq!((themes.len(), faults), (shipped::TEXTS.len(), vec![]));
    }
}
