use super::*;

#[test]
fn a_colour_is_a_name_a_number_or_a_code() {
    for (text, colour) in [
        ("red", Some(Color::Red)),
        ("light-red", Some(Color::LightRed)),
        ("LightRed", Some(Color::LightRed)),
        ("214", Some(Color::Indexed(214))),
        ("#ffaa00", Some(Color::Rgb(255, 170, 0))),
        ("#FFAA00", Some(Color::Rgb(255, 170, 0))),
        ("256", None),
        ("#ffaa0", None),
        ("ffaa00", None),
        ("reset", None),
        ("orangish", None),
        ("", None),
    ] {
        assert_eq!(named(text), colour, "{text}");
    }
}

#[test]
fn what_a_terminal_takes_is_in_its_variables() {
    use ColourDepth::{All, Indexed, None, Sixteen};
    for (set, depth) in [
        (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..], All),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "24bit")], All),
        (&[("TERM", "xterm-256color")], Indexed),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "yes")], Indexed),
        // tmux sets no COLORTERM but supports 24 bits; GNU screen mistakes them for other attributes.
        (&[("TERM", "tmux-256color"), ("TMUX", "/tmp/t,1,0")], All),
        (
            &[
                ("TERM", "screen.xterm-256color"),
                ("COLORTERM", "truecolor"),
                ("STY", "1.a"),
            ],
            Indexed,
        ),
        (&[("TERM", "screen"), ("TMUX", "/tmp/t"), ("STY", "1.a")], Indexed),
        (&[("TERM", "xterm-kitty")], All),
        (&[("TERM", "xterm-direct")], All),
        (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "vscode")], All),
        (
            &[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")],
            Indexed,
        ),
        (&[("TERM", "xterm-256color"), ("VTE_VERSION", "7006")], All),
        (&[("TERM", "xterm")], Sixteen),
        (&[("TERM", "linux")], Sixteen),
        (&[("TERM", "dvtm-256color")], Indexed),
        (&[("TERM", "dvtm-256color"), ("COLORTERM", "truecolor")], Indexed),
        (&[("TERM", "dvtm"), ("COLORTERM", "truecolor")], Sixteen),
        // sudo and ssh drop STY and TMUX, and may keep the rest.
        (
            &[("TERM", "screen.xterm-256color"), ("COLORTERM", "truecolor")],
            Indexed,
        ),
        (&[("TERM", "screen"), ("COLORTERM", "truecolor")], Indexed),
        (&[("TERM", "screen"), ("VTE_VERSION", "7006")], Indexed),
        (&[("TERM", "screen")], Sixteen),
        (&[("TERM", "screen-256color"), ("TMUX", "/tmp/t,1,0")], All),
        (&[], Sixteen),
        (&[("COLORTERM", "truecolor"), ("NO_COLOR", "1")], None),
        (&[("COLORTERM", "truecolor"), ("NO_COLOR", "")], All),
    ] {
        let variables = |name: &str| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(ColourDepth::of(&variables), depth, "{set:?}");
    }
    let orange = Color::Rgb(255, 170, 0);
    assert_eq!(All.shown(orange), Some(orange));
    assert_eq!(Indexed.shown(orange), Some(Color::Indexed(214)));
    assert_eq!(Sixteen.shown(orange), Option::None);
    assert_eq!(Sixteen.shown(Color::LightRed), Some(Color::LightRed));
}

/// With the assumed background of this kind, in all colours or in 256.
fn shown(colour: Color, is_light: bool, all: bool) -> ChosenColour {
    let paper = if is_light { LIGHT_PAPER } else { DARK_PAPER };
    let depth = if all {
        ColourDepth::All
    } else {
        ColourDepth::Indexed
    };
    readable(colour, &[paper], LEAST_CONTRAST, depth)
}

#[test]
fn what_cannot_be_read_on_the_background_is_made_lighter_or_darker() {
    for (colour, is_light) in [
        (Color::Rgb(0, 0, 128), false),
        (Color::Rgb(30, 30, 30), false),
        (Color::Indexed(17), false),
        (Color::Rgb(255, 255, 0), true),
        (Color::Indexed(231), true),
    ] {
        for all in [true, false] {
            let ChosenColour::Mended(mended, found) = shown(colour, is_light, all) else {
                panic!("{colour} is not mended");
            };
            assert!(found < LEAST_CONTRAST);
            assert_eq!(
                shown(mended, is_light, all),
                ChosenColour::Fine(mended),
                "{colour}"
            );
        }
    }
}

#[test]
fn a_colour_that_is_made_readable_keeps_its_hue_as_long_as_it_can() {
    for (colour, is_light) in [(Color::Rgb(64, 0, 0), false), (Color::Rgb(255, 120, 120), true)] {
        let ChosenColour::Mended(Color::Rgb(red, green, blue), _) = shown(colour, is_light, true) else {
            panic!("{colour} is not mended");
        };
        assert!(red > 2 * green && green == blue, "{red} {green} {blue}");
    }
}

#[test]
fn a_colour_is_judged_on_each_of_its_backgrounds() {
    let grey = Color::Rgb(0x80, 0x80, 0x80);
    let on = |papers: &[Rgb]| readable(grey, papers, LEAST_CONTRAST, ColourDepth::All);
    assert_eq!(on(&[[0; 3]]), ChosenColour::Fine(grey));
    assert!(matches!(on(&[[0; 3], [0x40; 3]]), ChosenColour::Mended(..)));
}

#[test]
fn one_of_the_sixteen_is_the_terminals_own_and_used_or_not() {
    assert_eq!(
        shown(Color::Yellow, false, true),
        ChosenColour::Fine(Color::Yellow)
    );
    assert!(matches!(
        shown(Color::Yellow, true, true),
        ChosenColour::Unreadable(_)
    ));
    assert!(matches!(
        shown(Color::Indexed(0), false, true),
        ChosenColour::Unreadable(_)
    ));
    assert_eq!(shown(Color::Blue, true, true), ChosenColour::Fine(Color::Blue));
}

#[test]
fn contrast_is_what_the_standard_says() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([0x77; 3], [255; 3]) - 4.48).abs() < 0.01);
    assert_eq!(rgb_of(16), [0; 3]);
    assert_eq!(rgb_of(214), [255, 175, 0]);
    assert_eq!(rgb_of(255), [238; 3]);
}

#[test]
fn a_background_is_light_or_dark_as_the_eye_sees_it() {
    for (rgb, light) in [
        ([0xff; 3], true),
        ([0xfd, 0xf6, 0xe3], true),
        ([0x80; 3], true),
        ([0x70; 3], false),
        ([0, 0, 0xff], false),
        ([0, 0x2b, 0x36], false),
        ([0; 3], false),
    ] {
        assert_eq!(is_light(rgb), light, "{rgb:?}");
    }
}

#[test]
fn a_tint_is_seen_and_is_no_more_than_that() {
    for paper in [[0; 3], [0x1e; 3], [0, 0x2b, 0x36], [0xff; 3], [0xfd, 0xf6, 0xe3]] {
        let ink = if is_light(paper) { [0; 3] } else { [255; 3] };
        let found = contrast(tint(paper, ink), paper);
        assert!((1.2..1.6).contains(&found), "{paper:?} {found}");
    }
}
