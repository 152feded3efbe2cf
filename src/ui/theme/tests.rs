//! Every role can be distinguished and read: each shipped theme by two measures of contrast on its
//! backgrounds, the sixteen colours with the palettes of real terminals, and the states by people with
//! red-green colour blindness.

mod measures;

use super::file::ThemeSource;
use super::fit::{Paper, RoleColour, fitted};
use super::shipped::{TEXTS, files};
use super::*;
use crate::ui::colours::{self, LEAST_CONTRAST, Rgb, contrast};
use measures::{VISIONS, apca, difference, seen};

/// The least contrast by APCA, in Lc: body text, secondary text, lines and signs.
const LEAST_APCA: [f64; 3] = [60.0, 45.0, 24.0];

/// Every side of every shipped theme that has its own colours.
fn sides() -> impl Iterator<Item = (String, f64, &'static file::ThemeSide)> {
    files().iter().flat_map(|(name, file)| {
        let sides = [("dark", &file.dark), ("light", &file.light)];
        sides.into_iter().filter_map(move |(kind, side)| {
            let side = side.as_ref().filter(|side| side.background.is_some())?;
            Some((format!("{name} on {kind}"), file.contrast, side))
        })
    })
}

/// Each role's colour with each possible background.
fn pairs(theme: &Theme, behind: Rgb) -> Vec<(Role, Rgb, Rgb)> {
    let tint = theme.style(Role::Selected).bg.and_then(colours::rgb);
    let mut pairs = Vec::new();
    for (_, role) in ROLES {
        let Some(ink) = theme.style(role).fg.and_then(colours::rgb) else {
            continue;
        };
        pairs.extend(
            [Some(behind), tint]
                .into_iter()
                .flatten()
                .map(|paper| (role, ink, paper)),
        );
    }
    pairs
}

#[test]
fn every_shipped_theme_is_read_without_a_word_and_has_every_role() {
    for (name, text) in TEXTS {
        let (source, misread) = ThemeSource::read(text).unwrap();
        assert_eq!(misread, [], "{name}");
        let (dark, light) = shipped::bases();
        let (file, misread) = source.finished(dark, light);
        assert_eq!(misread, [], "{name}");
        assert!(!file.about.is_empty() && file.about.len() < 60, "{name}");
    }
    assert_eq!(files().len(), TEXTS.len());
    for (name, _, side) in sides() {
        for ((role, _), style) in ROLES.iter().zip(side.styles) {
            assert_ne!(style, Style::new(), "{name}: {role}");
        }
    }
    for (at, (name, role)) in ROLES.iter().enumerate() {
        assert_eq!(*role as usize, at, "{name} is in the order of the roles");
    }
}

#[test]
fn every_role_of_every_shipped_theme_can_be_read_by_two_measures() {
    let mut low = Vec::new();
    for (name, least, side) in sides() {
        let (theme, repairs) = fitted(side, Paper::Own, ColourDepth::All, least, &[]);
        assert_eq!(repairs, [], "{name}: the file itself is right");
        let behind = theme.background().and_then(colours::rgb).unwrap();
        for (role, ink, paper) in pairs(&theme, behind) {
            let (ratio, lightness) = (contrast(ink, paper), apca(ink, paper).abs());
            let [text, dim, line] = LEAST_APCA;
            let needed = match role {
                Role::Rule | Role::Accent => line,
                Role::Muted | Role::Gone => dim,
                _ if least > LEAST_CONTRAST => 75.0,
                _ => text,
            };
            let needs_ratio = if least > LEAST_CONTRAST {
                7.0
            } else {
                role.least_contrast(4.5)
            };
            if ratio < needs_ratio || lightness < needed {
                low.push(format!(
                    "{name}: {role:?} on {paper:?}: {ratio:.2}, Lc {lightness:.1}"
                ));
            }
        }
        let tint = theme.style(Role::Selected).bg.and_then(colours::rgb).unwrap();
        let seen = contrast(tint, behind);
        assert!((1.14..1.7).contains(&seen), "{name}: the selected row {seen:.2}");
    }
    assert!(low.is_empty(), "{low:#?}");
}

/// Backgrounds that terminals have: GNOME, Ubuntu, Tango, Solarized, Nord, Dracula, One Dark, Gruvbox; and light ones.
const BACKGROUNDS: [u32; 14] = [
    0x0000_0000,
    0x001e_1e1e,
    0x0030_0a24,
    0x002e_3436,
    0x0000_2b36,
    0x002e_3440,
    0x0028_2a36,
    0x0028_2c34,
    0x0028_2828,
    0x00ff_ffff,
    0x00fd_f6e3,
    0x00ee_eeec,
    0x00fb_f1c7,
    0x00d0_d0d0,
];

#[test]
fn on_a_terminals_own_background_every_role_is_made_readable() {
    for (name, least, side) in sides() {
        for background in BACKGROUNDS.map(from_number) {
            for depth in [ColourDepth::All, ColourDepth::Indexed] {
                let (theme, _) = fitted(side, Paper::Known(background), depth, least, &[]);
                assert_eq!(theme.background(), None, "{name}: the terminal's own stays");
                for (role, ink, paper) in pairs(&theme, background) {
                    let ratio = contrast(ink, paper);
                    assert!(
                        ratio >= role.least_contrast(least) || is_extreme(ink),
                        "{name}: {role:?} {ink:?} on {paper:?} {depth:?}: {ratio:.2}"
                    );
                }
            }
        }
    }
}

/// No colour has more contrast.
fn is_extreme(ink: Rgb) -> bool {
    matches!(ink, [0, 0, 0] | [255, 255, 255])
}

#[test]
fn with_256_colours_every_shipped_theme_can_be_read_too() {
    for (name, least, side) in sides() {
        let (theme, _) = fitted(side, Paper::Own, ColourDepth::Indexed, least, &[]);
        let behind = theme.background().and_then(colours::rgb).unwrap();
        let is_of_256 = |colour: Option<Color>| colour.is_none_or(|it| matches!(it, Color::Indexed(16..)));
        for ((_, role), style) in ROLES.iter().zip(theme.styles) {
            assert!(
                is_of_256(style.fg) && is_of_256(style.bg),
                "{name}: {role:?} {style:?}"
            );
        }
        for (role, ink, paper) in pairs(&theme, behind) {
            let ratio = contrast(ink, paper);
            assert!(
                ratio >= role.least_contrast(least),
                "{name}: {role:?} on {paper:?}: {ratio:.2}"
            );
        }
    }
}

#[test]
fn the_states_differ_for_those_who_see_no_difference_between_red_and_green() {
    const STATES: [Role; 6] = [
        Role::Text,
        Role::Good,
        Role::Warn,
        Role::Bad,
        Role::Doubt,
        Role::Busy,
    ];
    /// A difference that is visible at a glance, in CIELAB, and one that is visible.
    const AT_A_GLANCE: f64 = 20.0;
    const SEEN: f64 = 15.0;
    for (name, _, side) in sides().filter(|(name, ..)| name.starts_with("colour-vision-safe")) {
        for (vision, matrix) in VISIONS {
            for (at, one) in STATES.iter().enumerate() {
                for other in STATES.iter().skip(at + 1) {
                    let colour = |role: Role| {
                        let colour = side.styles.get(role as usize).and_then(|style| style.fg);
                        seen(colour.and_then(colours::rgb).unwrap(), &matrix)
                    };
                    let found = difference(colour(*one), colour(*other));
                    let [one_is, other_is] =
                        [one, other].map(|role| !matches!(role, Role::Doubt | Role::Busy));
                    let needed = if one_is && other_is { AT_A_GLANCE } else { SEEN };
                    assert!(
                        found >= needed,
                        "{name}, {vision}: {one:?} and {other:?}: {found:.1}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_simulation_shows_that_the_usual_colours_would_not_do() {
    let [red, green] = [[0xb0, 0x60, 0x30], [0x80, 0x80, 0x20]];
    let (_, deuteranopia) = VISIONS[1];
    let by = |matrix| difference(seen(red, matrix), seen(green, matrix));
    assert!(
        by(&VISIONS[0].1) > 30.0 && by(&deuteranopia) < 15.0,
        "{}",
        by(&deuteranopia)
    );
}

#[test]
fn a_colour_that_an_operator_chose_is_repaired_where_it_must_be_and_that_is_told() {
    let (_, file) = &files()[0];
    let chosen = |colour| RoleColour {
        role: Role::Warn,
        colour,
        place: "F line 3: theme.warning".to_owned(),
    };
    let fit = |colour| {
        let side = file.dark.as_ref().unwrap();
        fitted(
            side,
            Paper::Own,
            ColourDepth::All,
            file.contrast,
            &[chosen(colour)],
        )
    };
    let (theme, repairs) = fit(Color::Rgb(0, 0, 160));
    assert_eq!(repairs.len(), 1);
    assert_eq!(repairs[0].to, theme.style(Role::Warn).fg);
    let told = repairs[0].to_string();
    assert!(
        told.starts_with("F line 3: theme.warning: #0000A0 is hard to read on this background (contrast 1."),
        "{told}"
    );
    let (theme, repairs) = fit(Color::Rgb(255, 200, 0));
    assert_eq!(
        (theme.style(Role::Warn).fg, repairs),
        (Some(Color::Rgb(255, 200, 0)), vec![])
    );
}

#[test]
fn without_colours_there_are_none() {
    let theme = Theme::new(Palette::None);
    for (_, role) in ROLES {
        let style = theme.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        assert_eq!(theme.with_colour(role, Color::Red).style(role), style);
    }
    for role in [Role::Selected, Role::Caret] {
        assert!(theme.style(role).add_modifier.contains(Modifier::REVERSED));
    }
}

#[test]
fn a_chosen_colour_takes_the_place_of_the_themes_and_leaves_the_rest() {
    let colour = Color::Indexed(214);
    let plain = Theme::new(Palette::Sixteen);
    let theme = plain.with_colour(Role::Bad, colour);
    assert_eq!(theme.style(Role::Bad), plain.style(Role::Bad).fg(colour));
    assert_eq!(theme.style(Role::Warn), plain.style(Role::Warn));
    assert_eq!(
        plain.with_colour(Role::Selected, colour).style(Role::Selected).bg,
        Some(colour)
    );
}

#[test]
fn the_sixteen_are_used_without_a_background_and_without_the_grey_that_some_palettes_do_not_show() {
    for theme in [Theme::new(Palette::Sixteen), Theme::new(Palette::Light)] {
        assert_eq!(theme.background(), None);
        for (name, role) in ROLES {
            let style = theme.style(role);
            assert!(!matches!(style.fg, Some(Color::DarkGray | Color::Gray)), "{name}");
            assert!(
                style.fg.is_none_or(colours::is_terminals) && style.bg.is_none(),
                "{name}"
            );
            // Reversed without a colour: only the place in a prompt, which is a blank or a letter, and the selected row.
            let reversed = style.add_modifier.contains(Modifier::REVERSED) && style.fg.is_none();
            assert_eq!(reversed, matches!(role, Role::Caret | Role::Selected), "{name}");
        }
    }
}

#[test]
fn a_reversed_row_has_one_colour_but_for_what_is_bad_and_for_the_mark_before_it() {
    let theme = Theme::new(Palette::Sixteen);
    let mut drawn = Buffer::with_lines(["▌▲ ok risk"]);
    let at = |x, width| Rect::new(x, 0, width, 1);
    drawn.set_style(at(0, 1), theme.style(Role::Accent));
    drawn.set_style(at(3, 2), theme.style(Role::Good));
    drawn.set_style(at(6, 4), theme.style(Role::Bad));
    theme.select(at(0, 10), &mut drawn);
    let is_reversed = |x| drawn[(x, 0)].modifier.contains(Modifier::REVERSED);
    assert!(!is_reversed(0) && (1..10).all(is_reversed));
    assert_eq!(drawn[(3, 0)].fg, Color::Reset);
    assert_eq!(Some(drawn[(6, 0)].fg), theme.style(Role::Bad).fg);
}

#[test]
fn the_selected_row_keeps_its_colours_and_what_is_not_of_now_its_signs() {
    let mut drawn = Buffer::with_lines(["▲ risk", "▲ risk"]);
    let (_, file) = &files()[0];
    let (theme, _) = fitted(
        file.dark.as_ref().unwrap(),
        Paper::Own,
        ColourDepth::All,
        4.5,
        &[],
    );
    let row = |y| Rect::new(0, y, 6, 1);
    drawn.set_style(row(0), theme.style(Role::Bad));
    drawn.set_style(row(1), theme.style(Role::Bad));
    theme.select(row(0), &mut drawn);
    theme.dim(row(1), &mut drawn, |symbol| symbol == "▲");
    let bad = theme.style(Role::Bad).fg.unwrap();
    assert_eq!(
        (drawn[(2, 0)].fg, Some(drawn[(2, 0)].bg)),
        (bad, theme.style(Role::Selected).bg)
    );
    assert_eq!(drawn[(0, 1)].fg, bad);
    assert_eq!(Some(drawn[(2, 1)].fg), theme.style(Role::Gone).fg);
    assert!(!drawn[(2, 1)].modifier.contains(Modifier::BOLD));
    theme.paint(&mut drawn);
    assert_eq!(Some(drawn[(2, 1)].bg), theme.background());
}

#[test]
fn a_terminal_that_tells_its_background_is_believed() {
    for (told, light) in [
        ("0;15", Some(true)),
        ("0;15;", Some(true)),
        (" 0 ; 15 ;; ", Some(true)),
        ("0;default;15", Some(true)),
        ("0;default;15;", Some(true)),
        ("default;15", Some(true)),
        (";15", Some(true)),
        ("0;7", Some(true)),
        ("0;default", Some(true)),
        ("0;default;default", Some(true)),
        ("15;0", Some(false)),
        ("15;0;", Some(false)),
        ("15;default;0", Some(false)),
        ("7;8", Some(false)),
        ("15;default", Some(false)),
        ("12;default", Some(false)),
        ("default;default", None),
        ("", None),
        (";", None),
        (";;;", None),
        ("0", None),
        ("15", None),
        ("default", None),
        ("0;300", None),
        ("0;-1", None),
        ("0;fifteen", None),
        ("0;15x", None),
        ("0;15:7", None),
        ("light", None),
        ("\u{1b}[31m;\u{202e}", None),
    ] {
        assert_eq!(told_light(told), light, "{told}");
    }
}

fn from_number(number: u32) -> Rgb {
    let [_, rgb @ ..] = number.to_be_bytes();
    rgb
}

/// Name, background and colours of a terminal, in the order of the roles' colours; and the contrast that its own palette
/// gives them at least.
type Paper16<const COLOURS: usize> = (&'static str, u32, [u32; COLOURS], f64);

/// The terminals with the palettes of [`PAPERS`].
const LIGHT_COLOURS: [Color; 3] = [Color::Red, Color::Blue, Color::Magenta];
/// Light palettes, as the terminals' own sources have them: xterm `XTerm-col.ad`; rxvt-unicode `src/init.C`; GNOME Terminal and
/// others of VTE "Tango", `profile-editor.cc`; Konsole `data/color-schemes/BlackOnWhite.colorscheme`; VS Code
/// `terminalColorRegistry.ts` (Light+); macOS Terminal "Basic"; One Half Light; Solarized (ethanschoonover.com/solarized).
/// What is read needs 4.5; a sign beside a word 3, which is what the palettes with their own taste give.
const PAPERS: [Paper16<3>; 8] = [
    ("xterm", 0x00ff_ffff, [0x00cd_0000, 0x0000_00ee, 0x00cd_00cd], 4.5),
    ("urxvt", 0x00ff_ffff, [0x00cd_0000, 0x0000_00cd, 0x00cd_00cd], 4.5),
    ("GNOME", 0x00ff_ffff, [0x00cc_0000, 0x0034_65a4, 0x0075_507b], 4.5),
    (
        "Konsole",
        0x00ff_ffff,
        [0x00b2_1818, 0x0018_18b2, 0x00b2_18b2],
        4.5,
    ),
    (
        "VS Code",
        0x00ff_ffff,
        [0x00cd_3131, 0x0004_51a5, 0x00bc_05bc],
        4.5,
    ),
    ("macOS", 0x00ff_ffff, [0x0099_0000, 0x0000_00b2, 0x00b2_00b2], 4.5),
    (
        "One Half",
        0x00fa_fafa,
        [0x00e4_5649, 0x0001_84bc, 0x00a6_26a4],
        3.0,
    ),
    (
        "Solarized",
        0x00fd_f6e3,
        [0x00dc_322f, 0x0026_8bd2, 0x00d3_3682],
        3.0,
    ),
];

/// The terminals with the palettes of [`SLATES`].
const DARK_COLOURS: [Color; 6] = [
    Color::Green,
    Color::Yellow,
    Color::Cyan,
    Color::LightRed,
    Color::LightMagenta,
    Color::LightCyan,
];
/// The same for dark backgrounds: Linux `drivers/tty/vt/vt.c` (`default_red` and the two after it), Konsole "Breeze", PuTTY
/// `settings.c` (`Colour0` to `Colour21`), Windows Terminal "Campbell", and the others from above. Where a palette gives less than 4.5, none of its colours of that name gives more.
const SLATES: [Paper16<6>; 8] = [
    (
        "xterm",
        0,
        [
            0x0000_cd00,
            0x00cd_cd00,
            0x0000_cdcd,
            0x00ff_0000,
            0x00ff_00ff,
            0x0000_ffff,
        ],
        4.5,
    ),
    (
        "Linux console",
        0,
        [
            0x0000_aa00,
            0x00aa_5500,
            0x0000_aaaa,
            0x00ff_5555,
            0x00ff_55ff,
            0x0055_ffff,
        ],
        4.0,
    ),
    (
        "GNOME",
        0x001e_1e1e,
        [
            0x004e_9a06,
            0x00c4_a000,
            0x0006_989a,
            0x00ef_2929,
            0x00ad_7fa8,
            0x0034_e2e2,
        ],
        3.9,
    ),
    (
        "Konsole",
        0x0023_2627,
        [
            0x0011_d116,
            0x00f6_7400,
            0x001a_bc9c,
            0x00c0_392b,
            0x008e_44ad,
            0x0016_a085,
        ],
        2.5,
    ),
    (
        "VS Code",
        0x001e_1e1e,
        [
            0x000d_bc79,
            0x00e5_e510,
            0x0011_a8cd,
            0x00f1_4c4c,
            0x00d6_70d6,
            0x0029_b8db,
        ],
        4.5,
    ),
    (
        "Windows Terminal",
        0x000c_0c0c,
        [
            0x0013_a10e,
            0x00c1_9c00,
            0x003a_96dd,
            0x00e7_4856,
            0x00b4_009e,
            0x0061_d6d6,
        ],
        3.0,
    ),
    (
        "PuTTY",
        0,
        [
            0x0000_bb00,
            0x00bb_bb00,
            0x0000_bbbb,
            0x00ff_5555,
            0x00ff_55ff,
            0x0055_ffff,
        ],
        4.5,
    ),
    (
        "Solarized",
        0x0000_2b36,
        [
            0x0085_9900,
            0x00b5_8900,
            0x002a_a198,
            0x00cb_4b16,
            0x006c_71c4,
            0x0093_a1a1,
        ],
        3.0,
    ),
];

/// The contrast of every role of a theme on every terminal, by both measures. By APCA an unusual palette
/// gives less than a theme could; its minimum is recorded so that no change makes it worse.
#[track_caller]
fn check<const COLOURS: usize>(
    theme: &Theme,
    colours: [Color; COLOURS],
    papers: &[Paper16<COLOURS>],
    least_apca: f64,
) {
    let mut low = Vec::new();
    for (name, paper, inks, least) in papers {
        for (_, role) in ROLES {
            let Some(colour) = theme.style(role).fg else {
                continue;
            };
            let at = colours.iter().position(|it| *it == colour);
            let at = at.unwrap_or_else(|| panic!("{role:?} is {colour}"));
            let (ink, paper) = (from_number(inks[at]), from_number(*paper));
            let (ratio, lightness) = (contrast(ink, paper), apca(ink, paper).abs());
            if ratio < *least || (*least >= LEAST_CONTRAST && lightness < least_apca) {
                low.push(format!("{role:?} on {name}: {ratio:.2}, Lc {lightness:.1}"));
            }
        }
    }
    assert!(low.is_empty(), "{low:#?}");
}

#[test]
fn every_colour_for_a_light_background_can_be_read_there() {
    let theme = Theme::new(Palette::Light);
    check(&theme, LIGHT_COLOURS, &PAPERS, 60.0);
    for (_, role) in ROLES {
        // Bold is bright in some terminals.
        let style = theme.style(role);
        assert!(
            style.fg.is_none() || !style.add_modifier.contains(Modifier::BOLD),
            "{role:?}"
        );
    }
}

#[test]
fn every_colour_for_a_dark_background_can_be_read_there() {
    check(&Theme::new(Palette::Sixteen), DARK_COLOURS, &SLATES, 36.0);
}
