//! Every view and overlay at every size, in every kind of theme and in every state, from three tables.
//!
//! A screen is one file: its text, and below that its roles, a letter a cell. To add a view or an overlay: a row of [`SUBJECTS`].
//! Not every product of the tables is a screen: each subject has all sizes, and the views have all themes and all states.

use hss_top::app::Model;
use hss_top::collector::status::Problem;
use hss_top::fleet::RemoteText;
use hss_top::fleet::list_age::ListAgeLimit;
use hss_top::hss::Error;
use hss_top::ui::{Palette, Role, SignSet, Theme};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};

use crate::support::stage::{draw, empty_model, loaded_model, press, text};
use crate::themes_named;

const SIZES: [Size; 4] = [
    Size::new(80, 24),
    Size::new(120, 40),
    Size::new(200, 60),
    Size::new(280, 70),
];

/// A name, the keys that lead there, and whether it is a view or the detail: these have all themes and states.
const SUBJECTS: [(&str, &str, bool); 20] = [
    ("pods", "", true),
    ("overview", "2", true),
    ("changes", "3", true),
    ("health", "4", true),
    ("detail", "jj<Enter>", true),
    ("filter", "/ns:pay cpu%>", false),
    ("command", ":sort ", false),
    ("help", "?", false),
    ("help search", "?/memory", false),
    ("sort", "s", false),
    ("columns", "w", false),
    ("themes", "t", false),
    ("row menu", "o", false),
    ("compare", " j =", false),
    ("export", "e", false),
    ("saved views", "V", false),
    ("mute", "m", false),
    ("decisions", "3L", false),
    ("alerts", "B", false),
    ("confirm", ":sync<Enter>", false),
];

/// A kind of theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThemeKind {
    Dark,
    Light,
    Sixteen,
    Plain,
    Ascii,
}

/// The kinds of themes, with their names.
pub const THEMES: [(&str, ThemeKind); 5] = [
    ("dark", ThemeKind::Dark),
    ("light", ThemeKind::Light),
    ("16", ThemeKind::Sixteen),
    ("plain", ThemeKind::Plain),
    ("ascii", ThemeKind::Ascii),
];

/// What state the list is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListCase {
    Fresh,
    Old,
    Offline,
    Empty,
    NoMatch,
}

const CASES: [(&str, ListCase); 5] = [
    ("fresh", ListCase::Fresh),
    ("old", ListCase::Old),
    ("offline", ListCase::Offline),
    ("empty", ListCase::Empty),
    ("no match", ListCase::NoMatch),
];

impl ThemeKind {
    fn theme(self) -> Theme {
        match self {
            Self::Dark => *themes_named("dark").theme(),
            Self::Light => *themes_named("light").theme(),
            Self::Sixteen => Theme::new(Palette::Sixteen),
            Self::Plain => Theme::new(Palette::None),
            Self::Ascii => Theme::new(Palette::Sixteen).with_signs(SignSet::Ascii),
        }
    }
}

impl ListCase {
    /// The model in this state, before keys are pressed; `loaded` has the fleet.
    fn model(self, loaded: &Model, size: Size) -> Model {
        if self == Self::Empty {
            return empty_model(size);
        }
        let mut model = loaded.clone();
        model.size = size;
        // How long a call took is of the clock of this machine.
        let steady = model.status.calls.iter().map(|call| {
            let mut call = (**call).clone();
            call.took = std::time::Duration::from_millis(4);
            std::sync::Arc::new(call)
        });
        model.status.calls = steady.collect();
        press(&mut model, "<Esc>");
        match self {
            Self::Old => {
                let days = jiff::SignedDuration::from_hours(4 * 24);
                model.status.snapshot_at = model.now.checked_sub(days).ok();
                model.list_age_limit = ListAgeLimit::default();
            }
            Self::Offline => {
                let error = Error::Connect {
                    proxy: None,
                    place: "hss.cn-north-4.myhuaweicloud.com".into(),
                    cause: RemoteText::message("Connection refused (os error 111)"),
                };
                model.status.problem = Some(Problem { error, until: None });
            }
            Self::NoMatch => press(&mut model, "/no-such-pod<Enter>"),
            Self::Fresh | Self::Empty => {}
        }
        model
    }
}

/// One letter a cell for its role, upper case where reversed or underlined; a blank for plain text.
fn roles(buffer: &Buffer, theme: &Theme) -> String {
    const LETTERS: [(Role, char); 9] = [
        (Role::Good, 'g'),
        (Role::Warn, 'w'),
        (Role::Bad, 'b'),
        (Role::Doubt, 'd'),
        (Role::Busy, 'y'),
        (Role::Key, 'k'),
        (Role::Title, 't'),
        (Role::Label, 'l'),
        (Role::Muted, 'm'),
    ];
    let plain = theme.style(Role::Text);
    let letter = |cell: &Cell| {
        let role = LETTERS.iter().find(|(role, _)| {
            let style = theme.style(*role);
            let has = |modifier| cell.modifier.contains(modifier) == style.add_modifier.contains(modifier);
            style != plain
                && style.fg.unwrap_or_default() == cell.fg
                && has(Modifier::DIM)
                && has(Modifier::BOLD)
        });
        let letter = role.map_or(' ', |(_, letter)| *letter);
        let marked = Modifier::REVERSED.union(Modifier::UNDERLINED);
        match (letter, cell.modifier.intersects(marked)) {
            (' ', true) => '#',
            (letter, true) => letter.to_ascii_uppercase(),
            (letter, false) => letter,
        }
    };
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    let lines = rows.map(|row| row.iter().map(letter).collect::<String>().trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Compares a screen, its text and its roles, with the stored one of this name.
pub fn check(name: &str, model: &Model, kind: ThemeKind) {
    let theme = kind.theme();
    let buffer = draw(model, theme);
    let name = name.replace(' ', "_");
    insta::assert_snapshot!(name, format!("{}\n{}", text(&buffer), roles(&buffer, &theme)));
}

#[tokio::test]
async fn every_view_and_overlay_at_every_size() {
    let loaded = loaded_model(SIZES[0]).await;
    let mut screens = 0;
    for size in SIZES {
        for (subject, keys, _) in SUBJECTS {
            let mut model = ListCase::Fresh.model(&loaded, size);
            press(&mut model, keys);
            check(
                &format!("{subject} {}x{}", size.width, size.height),
                &model,
                ThemeKind::Dark,
            );
            screens += 1;
        }
    }
    assert_eq!(screens, SIZES.len() * SUBJECTS.len());
}

#[tokio::test]
async fn every_view_in_every_theme() {
    let size = Size::new(120, 40);
    let loaded = loaded_model(size).await;
    for (subject, keys, _) in SUBJECTS.iter().filter(|(.., is_view)| *is_view) {
        for (name, kind) in THEMES.into_iter().filter(|(_, kind)| *kind != ThemeKind::Dark) {
            let mut model = ListCase::Fresh.model(&loaded, size);
            press(&mut model, keys);
            check(&format!("{subject} {name}"), &model, kind);
        }
    }
}

#[tokio::test]
async fn every_view_in_every_state() {
    let loaded = loaded_model(Size::new(80, 24)).await;
    for (subject, keys, _) in SUBJECTS.iter().filter(|(.., is_view)| *is_view) {
        for (name, case) in CASES.into_iter().filter(|(_, case)| *case != ListCase::Fresh) {
            let mut model = case.model(&loaded, Size::new(80, 24));
            press(&mut model, keys);
            check(&format!("{subject} {name}"), &model, ThemeKind::Sixteen);
        }
    }
}

#[tokio::test]
async fn a_theme_changes_no_word_and_without_colours_and_in_ascii_nothing_is_lost() {
    let size = SIZES[0];
    let loaded = loaded_model(size).await;
    for (subject, keys, _) in SUBJECTS {
        for (name, case) in CASES {
            let mut model = case.model(&loaded, size);
            press(&mut model, keys);
            let draw_in = |kind: ThemeKind| draw(&model, kind.theme());
            let dark = text(&draw_in(ThemeKind::Dark));
            for kind in [ThemeKind::Light, ThemeKind::Sixteen, ThemeKind::Plain] {
                assert_eq!(text(&draw_in(kind)), dark, "{subject} {name} {kind:?}");
            }
            let plain = draw_in(ThemeKind::Plain);
            let coloured = |cell: &Cell| cell.fg != Color::Reset || cell.bg != Color::Reset;
            assert!(!plain.content.iter().any(coloured), "{subject} {name}");
            let ascii = text(&draw_in(ThemeKind::Ascii));
            assert!(ascii.is_ascii(), "{subject} {name}: {ascii}");
            let filled = |screen: &str| screen.split_whitespace().count();
            assert_eq!(filled(&ascii), filled(&dark), "{subject} {name}: {ascii}");
        }
    }
}

#[tokio::test]
async fn no_screen_is_blank() {
    let loaded = loaded_model(SIZES[0]).await;
    for size in SIZES {
        for (subject, keys, _) in SUBJECTS {
            for (name, case) in CASES {
                let mut model = case.model(&loaded, size);
                press(&mut model, keys);
                let screen = text(&draw(&model, ThemeKind::Plain.theme()));
                let filled = screen.lines().filter(|line| !line.is_empty()).count();
                assert!(filled >= 4, "{subject} {name} {size}: {screen}");
            }
        }
    }
}
