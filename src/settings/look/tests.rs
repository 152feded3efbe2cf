//! Who decides about colours and signs, and the warnings about colours that are not readable.

use super::*;
use crate::config::Flags;
use crate::ui::theme::{Palette, Role, Theme};
use ratatui::style::Color;

fn themes(flags: &[&str], set: &[(&str, &str)]) -> Themes {
    let variables = |name: &str| {
        let found = set.iter().find(|(it, _)| *it == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let config = Config::resolve(&Flags::parse_from(flags), &variables).unwrap();
    Look::of(&config).unwrap().themes(&variables).0
}

/// The look of the roles warning and bad, and the warnings.
fn coloured(toml: &str, set: &[(&str, &str)]) -> ([Option<Color>; 2], Vec<String>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), toml).unwrap();
    let variables = |name: &str| {
        let found = set.iter().find(|(it, _)| *it == name);
        let found = found.map(|(_, value)| (*value).to_owned());
        found.or((name == "TERM").then(|| "xterm-256color".to_owned()))
    };
    let flags = Flags::parse_from(&["--config", &file.path().display().to_string()]);
    let mut config = Config::resolve(&flags, &variables).unwrap();
    config.file = Some("F".into());
    let (themes, warnings) = Look::of(&config).unwrap().themes(&variables);
    (
        [Role::Warn, Role::Bad].map(|role| themes.theme().style(role).fg),
        warnings,
    )
}

#[test]
fn chosen_colours_are_shown_as_the_terminal_can_and_as_they_can_be_read() {
    let toml = "[theme]\nwarning = \"#ffaa00\"\nbad = 203\n";
    let orange = Some(Color::Rgb(255, 170, 0));
    let nearest = [Some(Color::Indexed(214)), Some(Color::Indexed(203))];
    assert_eq!(coloured(toml, &[]), (nearest, vec![]));
    assert_eq!(coloured(toml, &[("COLORTERM", "truecolor")]).0[0], orange);
    assert_eq!(coloured(toml, &[("NO_COLOR", "1")]), ([None, None], vec![]));
    let light = "[theme]\nbase = \"light\"\nwarning = \"yellow\"\nbad = \"#ffff00\"\n";
    let (colours, warnings) = coloured(light, &[]);
    assert_eq!(
        colours[0],
        coloured("[theme]\nbase = \"light\"\n", &[]).0[0],
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
    let toml = "[theme]\nwarning = \"orangish\"\nbad = 203\nbackground = \"#000000\"\n";
    let (colours, warnings) = coloured(toml, &[]);
    assert_eq!(colours[1], Some(Color::Indexed(203)));
    assert_eq!(
        warnings,
        [
            "F line 2: theme.warning is orangish, but must be a colour: a name such as light-red, a number from 0 to 255, or #rrggbb",
            "F line 4: theme.background is #000000, but must be \"terminal\"; colours belong in a theme: themes/NAME.toml",
        ]
    );
}

#[test]
fn a_flag_chooses_the_theme_before_the_terminal_does() {
    const MANY: (&str, &str) = ("TERM", "xterm-256color");
    for (flags, set, shown) in [
        (&[][..], &[][..], "16-colours"),
        (&[], &[MANY], "16-colours"),
        (&["--theme", "light"], &[MANY], "light"),
        (&["--theme", "light"], &[("TERM", "xterm")], "16-colours"),
        (&["--theme", "dark"], &[MANY, ("COLORFGBG", "0;15")], "dark"),
        (&["--theme", "dark:dark,light:high-contrast"], &[MANY], "dark"),
        (
            &["--theme", "dark:dark,light:high-contrast"],
            &[MANY, ("COLORFGBG", "0;15")],
            "high-contrast",
        ),
        (&[], &[MANY, ("HSS_TOP_THEME", "light")], "light"),
    ] {
        assert_eq!(themes(flags, set).shown(), shown, "{flags:?} {set:?}");
    }
    for (set, palette) in [
        (&[("COLORFGBG", "0;15")][..], Palette::Light),
        (&[("COLORFGBG", "15;0")], Palette::Sixteen),
        (&[("NO_COLOR", "1")], Palette::None),
        (&[("NO_COLOR", "")], Palette::Sixteen),
    ] {
        let theme = *themes(&[], set).theme();
        assert_eq!(theme.with_signs(SignSet::Utf8), Theme::new(palette), "{set:?}");
    }
    let none = themes(&["--theme", "light"], &[MANY, ("NO_COLOR", "1")]);
    assert!(!none.theme().is_coloured() && !none.follows_terminal());
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
        assert_eq!(themes(flags, set).theme().signs(), signs, "{flags:?} {set:?}");
    }
}

#[test]
fn a_theme_that_is_not_there_is_refused_with_those_that_are_and_the_nearest() {
    let refused = |name: &str| {
        let config = Config::resolve(&Flags::parse_from(&["--theme", name]), &|_| None).unwrap();
        Look::of(&config).unwrap_err().0
    };
    let why = refused("drak");
    assert!(
        why.starts_with("--theme is drak, but must be one of auto, dark, light, high-contrast,")
            && why.ends_with("; did you mean dark?"),
        "{why}"
    );
    assert!(refused("dark:dark,light:ligth").contains("did you mean light?"));
}

#[test]
fn a_theme_of_ones_own_is_beside_the_configuration_and_a_broken_one_is_refused_only_if_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("themes")).unwrap();
    std::fs::write(at("config.toml"), "").unwrap();
    std::fs::write(at("themes/mine.toml"), "[dark]\nred = \"#400040\"\nbleu = 1.5\n").unwrap();
    std::fs::write(at("themes/broken.toml"), "[dark").unwrap();
    let variables = |name: &str| (name == "TERM").then(|| "xterm-direct".to_owned());
    let look = |theme: &str| {
        let config = at("config.toml").display().to_string();
        let flags = Flags::parse_from(&["--config", &config, "--theme", theme]);
        Look::of(&Config::resolve(&flags, &variables).unwrap())
    };
    let (themes, warnings) = look("mine").unwrap().themes(&variables);
    assert_eq!(themes.shown(), "mine");
    assert!(
        warnings[0].contains("themes/mine.toml line 3: dark.bleu must be a colour"),
        "{warnings:?}"
    );
    assert!(
        warnings[1].starts_with("bad: #400040 is hard to read on this background (contrast"),
        "{warnings:?}"
    );
    let dark = look("dark").unwrap();
    assert_eq!(dark.themes(&variables).1, Vec::<String>::new());
    assert_eq!(dark.odd_elsewhere().len(), 2);
    let Wrong(why) = look("broken").unwrap_err();
    assert!(why.contains("themes/broken.toml line 1: "), "{why}");
}
