//! How the screen looks: colours, signs, and whether the mouse is ours.
//!
//! Owns who decides: a flag, variable or key before what the terminal's own variables say. The terminal itself is asked
//! nothing.

use super::read_switch;
use crate::config::{Config, ConfigKey, Wrong};
use crate::hss::auth::chain::Variables;
use crate::ui::theme::Palette;
use crate::ui::{SignSet, Theme};

/// What the configuration says about the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The colours, if somebody chose them.
    pub palette: Option<Palette>,
    /// Whether only ASCII is drawn, if somebody said so.
    pub ascii: Option<bool>,
    /// Whether the terminal is asked for mouse reports.
    pub mouse: bool,
}

impl Look {
    pub(super) fn of(config: &Config) -> Result<Self, Wrong> {
        Ok(Self {
            palette: config.parse(ConfigKey::Theme, Palette::named)?,
            ascii: config.parse(ConfigKey::Ascii, read_switch)?,
            mouse: !config.parse(ConfigKey::NoMouse, read_switch)?.unwrap_or(false),
        })
    }

    /// The theme of a terminal with these variables.
    pub fn theme(&self, variables: Variables<'_>) -> Theme {
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
        Theme::new(palette).with_signs(signs)
    }
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
        Look::of(&config).unwrap().theme(&variables)
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
