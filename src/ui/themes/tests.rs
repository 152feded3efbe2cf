//! The theme on the screen, by choice and by the terminal's reports.

use super::*;
use crate::ui::theme::Role;
use ratatui::style::Color;

const SOLARIZED: [u8; 3] = [0, 0x2b, 0x36];
const WHITE: [u8; 3] = [255; 3];

fn themes(depth: ColourDepth) -> Themes {
    let look = TerminalLook {
        depth,
        ..TerminalLook::default()
    };
    Themes::new(shipped_themes(), look)
}

fn told(background: Option<[u8; 3]>, is_light: Option<bool>) -> TerminalColours {
    TerminalColours {
        background,
        is_light,
        // Another number for another scheme, as if it was reported once.
        scheme_reports: is_light.map_or(0, |is_light| 1 + u8::from(is_light)),
    }
}

#[test]
fn a_choice_is_auto_a_name_or_one_for_each_background() {
    let named = |name: &str| Some(ThemeChoice::Named(name.to_owned()));
    let both = Some(ThemeChoice::ByBackground {
        dark: "a".to_owned(),
        light: "b".to_owned(),
    });
    for (text, choice) in [
        ("auto", Some(ThemeChoice::Auto)),
        ("dark", named("dark")),
        (" my_theme-2 ", named("my_theme-2")),
        ("dark:a,light:b", both.clone()),
        ("light:b, dark:a", both),
        ("dark:a", None),
        ("dark:a,dark:b", None),
        ("dark:a,light:", None),
        ("", None),
        ("../etc/passwd", None),
        ("a b", None),
        ("Dark", None),
        ("\u{1b}[31m", None),
    ] {
        assert_eq!(ThemeChoice::read(text), choice, "{text}");
        if let Some(choice) = choice {
            assert_eq!(ThemeChoice::read(&choice.to_string()), Some(choice));
        }
    }
    assert_eq!(ThemeChoice::read(&"x".repeat(41)), None);
}

#[test]
fn by_itself_the_screen_is_in_the_sixteen_until_the_terminal_tells_its_background() {
    let mut themes = themes(ColourDepth::All);
    assert_eq!(
        (themes.shown(), themes.theme().background()),
        ("16-colours", None)
    );
    assert!(!themes.hear(told(Some(SOLARIZED), None)));
    assert_eq!((themes.shown(), themes.theme().background()), ("dark", None));
    let Some(Color::Rgb(..)) = themes.theme().style(Role::Warn).fg else {
        panic!("{:?}", themes.theme());
    };
    themes.hear(told(Some(WHITE), None));
    assert_eq!((themes.shown(), themes.theme().background()), ("light", None));
    let mut few = self::themes(ColourDepth::Sixteen);
    few.hear(told(Some(WHITE), None));
    assert_eq!(few.shown(), "16-colours");
    assert_eq!(
        few.theme(),
        &Theme::new(crate::ui::Palette::Light),
        "its light side"
    );
}

#[test]
fn a_scheme_that_changes_is_followed_and_the_new_background_asked_for() {
    let mut themes = themes(ColourDepth::Indexed);
    assert!(themes.hear(told(None, Some(false))));
    assert_eq!(themes.shown(), "dark");
    assert!(!themes.hear(told(Some(SOLARIZED), Some(false))));
    assert!(themes.hear(told(None, Some(true))));
    assert_eq!(themes.shown(), "light");
    assert!(!themes.hear(told(Some(WHITE), Some(true))));
    let choice = ThemeChoice::read("dark:high-contrast,light:colour-vision-safe").unwrap();
    themes.choose(choice).unwrap();
    assert_eq!(themes.shown(), "colour-vision-safe");
    themes.hear(told(Some(SOLARIZED), Some(false)));
    assert_eq!(themes.shown(), "high-contrast");
    assert!(themes.follows_terminal());
}

#[test]
fn the_same_scheme_again_is_a_reason_to_ask_for_the_background_and_keeps_it_until_the_answer() {
    let mut themes = themes(ColourDepth::All);
    let before = told(Some(SOLARIZED), Some(false));
    themes.hear(before);
    let again = TerminalColours {
        scheme_reports: before.scheme_reports + 1,
        ..before
    };
    let theme = *themes.theme();
    assert!(themes.hear(again));
    assert_eq!(themes.theme(), &theme);
    let background = Some([0; 3]);
    assert!(!themes.hear(TerminalColours { background, ..again }));
    assert_ne!(themes.theme(), &theme, "fitted to the new background");
}

#[test]
fn a_background_that_contradicts_a_new_scheme_is_asked_for_again_and_counts_if_it_stays() {
    for (answer, shown) in [(WHITE, "light"), (SOLARIZED, "dark")] {
        let mut themes = themes(ColourDepth::All);
        themes.hear(told(Some(SOLARIZED), Some(false)));
        assert!(themes.hear(told(None, Some(true))));
        // The background from before.
        assert!(!themes.hear(told(Some(SOLARIZED), Some(true))));
        assert_eq!(themes.shown(), "light");
        assert_eq!([themes.tick(), themes.tick()], [true; 2]);
        assert_eq!(themes.shown(), "light");
        assert!(!themes.hear(told(Some(answer), Some(true))));
        assert_eq!([themes.tick(), themes.tick()], [false; 2]);
        assert_eq!(themes.shown(), shown);
    }
    let mut themes = themes(ColourDepth::All);
    themes.hear(told(None, Some(true)));
    themes.hear(told(Some(WHITE), Some(true)));
    assert_eq!([0; 4].map(|_| themes.tick()), [false; 4], "nothing is doubtful");
}

#[test]
fn a_theme_that_is_named_paints_its_own_background_unless_the_terminals_is_wanted() {
    let mut themes = themes(ColourDepth::All);
    themes.choose(ThemeChoice::Named("light".to_owned())).unwrap();
    themes.hear(told(Some(SOLARIZED), None));
    assert_eq!(themes.theme().background(), Some(Color::Rgb(0xfc, 0xfc, 0xfa)));
    assert!(!themes.follows_terminal());
    let themes = themes.with_overrides(vec![], true);
    assert_eq!(themes.theme().background(), None);
    assert!(themes.follows_terminal() && !themes.repairs().is_empty());
}

#[test]
fn what_is_looked_at_is_on_the_screen_until_it_is_kept_or_given_up() {
    let mut themes = themes(ColourDepth::All);
    assert_eq!(themes.names().collect::<Vec<_>>()[..3], ["auto", "dark", "light"]);
    themes.look_at(2);
    assert_eq!((themes.shown(), themes.place()), ("light", 2));
    assert_eq!(themes.chosen(), &ThemeChoice::Auto);
    themes.restore();
    assert_eq!((themes.shown(), themes.place()), ("16-colours", 0));
    themes.look_at(99);
    themes.keep();
    assert_eq!(themes.chosen(), &ThemeChoice::Named("16-colours".to_owned()));
    assert_eq!((themes.place(), themes.is_previewed()), (5, false));
    assert_eq!(
        themes.choose(ThemeChoice::Named("lite".to_owned())),
        Err(UnknownTheme("lite".to_owned()))
    );
    assert_eq!(themes.shown(), "16-colours");
    assert!((0..=5).all(|at| !themes.about(at).is_empty()));
}
