//! How the screen looks: colours, signs, and whether the mouse is ours.
//!
//! Owns who decides: a flag, variable or key before what the terminal's own variables say. The terminal itself is asked
//! nothing.

use ratatui::style::Color;

use super::sections::word;
use crate::config::forms::read_switch;
use crate::config::section::{COLOUR_ALLOWED, StatedName};
use crate::config::{Config, ConfigKey, Set, Wrong};
use crate::env::Variables;
use crate::ui::colours::{self, ChosenColour, has_all_colours, readable};
use crate::ui::theme::{Palette, ROLES, Role};
use crate::ui::{SignSet, Theme};

/// What the configuration says about the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The colours, if somebody chose them.
    pub palette: Option<Palette>,
    /// Whether only ASCII is drawn, if somebody said so.
    pub ascii: Option<bool>,
    /// Whether the terminal is asked for mouse reports.
    pub mouse: bool,
    /// Colours that somebody chose, with where that is said.
    pub colours: Vec<(Role, Color, String)>,
    /// What was chosen and is no colour.
    pub odd: Vec<String>,
}

impl Look {
    pub(super) fn of(config: &Config) -> Result<Self, Wrong> {
        let (colours, odd) = colours(config);
        Ok(Self {
            colours,
            odd,
            palette: config.parse(ConfigKey::Theme, Palette::named)?,
            ascii: config.parse(ConfigKey::Ascii, read_switch)?,
            mouse: !config.parse(ConfigKey::NoMouse, read_switch)?.unwrap_or(false),
        })
    }

    /// The theme of a terminal with these variables, and what is wrong with the colours that were chosen.
    pub fn theme(&self, variables: Variables<'_>) -> (Theme, Vec<String>) {
        let is_set = |name: &str| variables(name).is_some_and(|value| !value.is_empty());
        let palette = if is_set("NO_COLOR") {
            Palette::None
        } else {
            let told = || variables("COLORFGBG").and_then(|told| Palette::for_background(&told));
            self.palette.or_else(told).unwrap_or(Palette::Sixteen)
        };
        let signs = match self.ascii {
            Some(true) => SignSet::Ascii,
            Some(false) => SignSet::Utf8,
            None => SignSet::of_terminal(variables),
        };
        let mut theme = Theme::new(palette).with_signs(signs);
        let mut warnings = self.odd.clone();
        if palette == Palette::None {
            return (theme, warnings);
        }
        let all_colours = has_all_colours(variables);
        for (role, colour, place) in &self.colours {
            match readable(*colour, palette, all_colours) {
                ChosenColour::Fine(colour) => theme = theme.with_colour(*role, colour),
                ChosenColour::Mended(mended, contrast) => {
                    theme = theme.with_colour(*role, mended);
                    warnings.push(format!(
                        "{place}: {colour} is hard to read on this background (contrast {contrast:.1}, needed 4.5); colour {mended} is \
                         used"
                    ));
                }
                ChosenColour::Unreadable(contrast) => warnings.push(format!(
                    "{place}: {colour} is hard to read on this background (contrast {contrast:.1}, needed 4.5) and not used; a \
                     #rrggbb would be made readable"
                )),
            }
        }
        (theme, warnings)
    }
}

/// The colours of `[theme]`, and what is none.
fn colours(config: &Config) -> (Vec<(Role, Color, String)>, Vec<String>) {
    let file = config.file.as_deref().map(|file| file.display().to_string());
    let file = file.unwrap_or_default();
    let (mut colours, mut odd) = (Vec::new(), Vec::new());
    for StatedName { name, stated } in &config.sections.theme {
        let (Some((_, role)), Set::Text(text)) =
            (ROLES.iter().find(|(it, _)| *it == name.as_str()), &stated.set)
        else {
            continue;
        };
        let place = format!("{file} line {}: theme.{name}", stated.line);
        if let Some(colour) = colours::named(text) {
            colours.push((*role, colour, place));
        } else {
            odd.push(format!("{place} is {}, but must be {COLOUR_ALLOWED}", word(text)));
        }
    }
    (colours, odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    fn theme(flags: &[&str], set: &[(&str, &str)]) -> Theme {
        let variables = |name: &str| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let config = Config::resolve(&Flags::parse_from(flags), &variables).unwrap();
        Look::of(&config).unwrap().theme(&variables).0
    }

    /// What the roles warning and bad look like, and what is told.
    fn coloured(toml: &str, set: &[(&str, &str)]) -> ([Option<Color>; 2], Vec<String>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        let variables = |name: &str| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let flags = Flags::parse_from(&["--config", &file.path().display().to_string()]);
        let mut config = Config::resolve(&flags, &variables).unwrap();
        config.file = Some("F".into());
        let (theme, warnings) = Look::of(&config).unwrap().theme(&variables);
        ([Role::Warn, Role::Bad].map(|role| theme.style(role).fg), warnings)
    }

    #[test]
    fn chosen_colours_are_shown_as_the_terminal_can_and_as_they_can_be_read() {
        let toml = "[theme]\nwarning = \"#ffaa00\"\nbad = 203\n";
        let orange = Some(Color::Rgb(255, 170, 0));
        let nearest = [Some(Color::Indexed(214)), Some(Color::Indexed(203))];
        assert_eq!(coloured(toml, &[]), (nearest, vec![]));
        assert_eq!(coloured(toml, &[("COLORTERM", "truecolor")]).0[0], orange);
        assert_eq!(coloured(toml, &[("NO_COLOR", "1")]), ([None, None], vec![]));
        let (colours, warnings) = coloured(
            "[theme]\nbase = \"light\"\nwarning = \"yellow\"\nbad = \"#ffff00\"\n",
            &[],
        );
        assert_eq!(
            colours[0],
            Theme::new(Palette::Light).style(Role::Warn).fg,
            "as without it"
        );
        assert!(colours[1] != Some(Color::Rgb(255, 255, 0)) && colours[1].is_some());
        assert!(
            warnings[0].starts_with("F line 3: theme.warning: Yellow is hard to read"),
            "{warnings:?}"
        );
        assert!(
            warnings[1].starts_with("F line 4: theme.bad: #FFFF00 is hard to read"),
            "{warnings:?}"
        );
    }

    #[test]
    fn what_is_no_colour_is_told_with_its_line_and_the_rest_is_used() {
        let (colours, warnings) = coloured("[theme]\nwarning = \"orangish\"\nbad = 203\n", &[]);
        assert_eq!(colours[1], Some(Color::Indexed(203)));
        assert_eq!(
            warnings,
            [
                "F line 2: theme.warning is orangish, but must be a colour: a name such as light-red, a number from 0 to 255, or #rrggbb"
            ]
        );
    }

    #[test]
    fn a_flag_chooses_the_colours_before_the_terminal_does() {
        for (flags, set, palette) in [
            (&[][..], &[][..], Palette::Sixteen),
            (&["--theme", "light"], &[], Palette::Light),
            (&[], &[("COLORFGBG", "0;15")], Palette::Light),
            (&["--theme", "dark"], &[("COLORFGBG", "0;15")], Palette::Sixteen),
            (&[], &[("HSS_TOP_THEME", "light")], Palette::Light),
            (&["--theme", "light"], &[("NO_COLOR", "1")], Palette::None),
            (&[], &[("NO_COLOR", "")], Palette::Sixteen),
        ] {
            assert_eq!(theme(flags, set).palette(), palette, "{flags:?} {set:?}");
        }
    }

    #[test]
    fn a_flag_chooses_the_signs_before_the_locale_does() {
        for (flags, set, signs) in [
            (&[][..], &[("LANG", "en_US.UTF-8")][..], SignSet::Utf8),
            (&["--ascii"], &[("LANG", "en_US.UTF-8")], SignSet::Ascii),
            (&[], &[("LANG", "C"), ("HSS_TOP_ASCII", "false")], SignSet::Utf8),
            (
                &[],
                &[("LANG", "C.UTF-8"), ("HSS_TOP_ASCII", "1")],
                SignSet::Ascii,
            ),
            (&[], &[], SignSet::Ascii),
        ] {
            assert_eq!(theme(flags, set).signs(), signs, "{flags:?} {set:?}");
        }
    }

    #[test]
    fn what_is_no_theme_is_refused_with_those_that_there_are() {
        let config = Config::resolve(&Flags::parse_from(&["--theme", "blue"]), &|_| None).unwrap();
        let Wrong(why) = Look::of(&config).unwrap_err();
        assert!(why.contains("--theme") && why.ends_with("dark or light"), "{why}");
    }
}
