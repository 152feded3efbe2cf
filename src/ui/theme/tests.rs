//! Every role can be told and read, on every background.

use super::*;

#[test]
fn without_colours_there_are_none() {
    let theme = Theme::new(Palette::None);
    for (role, ..) in DARK {
        let style = theme.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
    }
    assert!(
        theme
            .style(Role::Selected)
            .add_modifier
            .contains(Modifier::REVERSED)
    );
}

#[test]
fn a_chosen_colour_takes_the_place_of_the_palettes_and_leaves_the_rest() {
    let colour = Color::Indexed(214);
    let plain = Theme::new(Palette::Sixteen);
    let theme = plain.with_colour(Role::Bad, colour);
    assert_eq!(theme.style(Role::Bad), plain.style(Role::Bad).fg(colour));
    assert_eq!(theme.style(Role::Warn), plain.style(Role::Warn));
    let none = Theme::new(Palette::None).with_colour(Role::Bad, colour);
    assert_eq!(none.style(Role::Bad).fg, None);
}

#[test]
fn no_text_depends_on_the_grey_that_some_palettes_do_not_show() {
    for (role, color, _) in DARK.iter().chain(&LIGHT) {
        assert!(!matches!(color, Some(Color::DarkGray | Color::Gray)), "{role:?}");
    }
    for table in [DARK, LIGHT] {
        let roles = |table: [Row; 13]| table.map(|(role, ..)| role);
        assert_eq!(roles(table), roles(DARK), "every role has its row");
        assert_eq!(ROLES.map(|(_, role)| role), roles(DARK), "and its name");
    }
}

#[test]
fn a_terminal_that_tells_a_light_background_is_believed() {
    for (told, palette) in [
        ("0;15", Some(Palette::Light)),
        ("0;15;", Some(Palette::Light)),
        (" 0 ; 15 ;; ", Some(Palette::Light)),
        ("0;default;15", Some(Palette::Light)),
        ("0;default;15;", Some(Palette::Light)),
        ("default;15", Some(Palette::Light)),
        (";15", Some(Palette::Light)),
        ("0;7", Some(Palette::Light)),
        ("0;default", Some(Palette::Light)),
        ("0;default;default", Some(Palette::Light)),
        ("15;0", None),
        ("15;0;", None),
        ("15;default;0", None),
        ("7;8", None),
        ("15;default", None),
        ("12;default", None),
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
        assert_eq!(Palette::for_background(told), palette, "{told}");
    }
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.join(" or "), NAMES_ALLOWED);
}

/// Name, background and colours of a terminal, in the order of the roles' colours; and the contrast that its own palette
/// gives them at least.
type Paper<const COLOURS: usize> = (&'static str, u32, [u32; COLOURS], f64);

/// What the terminals of [`PAPERS`] tell.
const LIGHT_COLOURS: [Color; 3] = [Color::Red, Color::Blue, Color::Magenta];
/// What is read needs 4.5; a sign beside a word 3, which is what the palettes with their own taste give.
const PAPERS: [Paper<3>; 8] = [
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

/// What the terminals of [`SLATES`] tell.
const DARK_COLOURS: [Color; 6] = [
    Color::Green,
    Color::Yellow,
    Color::Cyan,
    Color::LightRed,
    Color::LightMagenta,
    Color::LightCyan,
];
/// The same for dark backgrounds. Where a palette gives less than 4.5, none of its colours of that name gives more.
const SLATES: [Paper<6>; 8] = [
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

/// As WCAG 2 defines it.
fn luminance(colour: u32) -> f64 {
    let [_, channels @ ..] = colour.to_be_bytes();
    let linear = channels.map(|channel| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

/// As WCAG 2 defines it, whichever of the two is the lighter.
fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// The contrast of every role of a palette on every terminal.
#[track_caller]
fn check<const COLOURS: usize>(rows: &[Row], colours: [Color; COLOURS], papers: &[Paper<COLOURS>]) {
    let mut low = Vec::new();
    for (name, paper, inks, least) in papers {
        for (role, colour, _) in rows {
            let Some(colour) = colour else { continue };
            let at = colours.iter().position(|it| it == colour);
            let at = at.unwrap_or_else(|| panic!("{role:?} is {colour}"));
            let contrast = contrast(*paper, inks[at]);
            if contrast < *least {
                low.push(format!("{role:?} on {name}: {contrast:.2}"));
            }
        }
    }
    assert!(low.is_empty(), "{low:#?}");
}

#[test]
fn every_colour_for_a_light_background_can_be_read_there() {
    check(&LIGHT, LIGHT_COLOURS, &PAPERS);
    for (role, colour, modifier) in LIGHT {
        // Bold is bright in some terminals.
        assert!(colour.is_none() || !modifier.contains(Modifier::BOLD), "{role:?}");
    }
}

#[test]
fn every_colour_for_a_dark_background_can_be_read_there() {
    check(&DARK, DARK_COLOURS, &SLATES);
}
