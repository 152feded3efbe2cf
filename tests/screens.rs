//! Whole screens, as text and as roles, at the sizes that matter. The fleet comes from the simulator through the
//! real client, fetch task and update, at a fixed time.
//!
//! To renew the picture in `assets/`: `UPDATE_PICTURE=1 cargo test --locked --test screens picture`

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

#[path = "screens/alerts.rs"]
mod alerts;
#[path = "screens/ascii.rs"]
mod ascii;
#[path = "screens/changes.rs"]
mod changes;
#[path = "screens/columns.rs"]
mod columns;
#[path = "screens/frames.rs"]
mod frames;
#[path = "screens/health.rs"]
mod health;
#[path = "screens/matrix.rs"]
mod matrix;
#[path = "screens/old.rs"]
mod old;
#[path = "screens/overview.rs"]
mod overview;
#[path = "screens/past.rs"]
mod past;
#[path = "screens/pictures.rs"]
mod pictures;
#[path = "screens/rows.rs"]
mod rows;
#[path = "screens/saved_views.rs"]
mod saved_views;
#[path = "screens/tasks.rs"]
mod tasks;
#[path = "screens/wall.rs"]
mod wall;
#[path = "screens/widths.rs"]
mod widths;

#[path = "screens/detail.rs"]
mod detail;

use hss_top::app::event::Event;
use hss_top::app::{Model, layout};
use hss_top::collector::status::Problem;
use hss_top::fleet::history::Point;
use hss_top::fleet::{History, PodKey, RemoteText};
use hss_top::hss::Error;
use hss_top::hss::error::ServiceError;
use hss_top::ui::colours::ColourDepth;
use hss_top::ui::themes::{TerminalLook, ThemeChoice, shipped_themes};
use hss_top::ui::{Palette, Role, SignSet, Theme, Themes};
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};
use support::stage::{draw, empty_model, feed, loaded_model, now, press, text, vanished_model};

/// The shipped theme of this name, on a terminal with all colours.
pub(crate) fn themes_named(name: &str) -> Themes {
    let look = TerminalLook {
        depth: ColourDepth::All,
        ..TerminalLook::default()
    };
    let mut themes = Themes::new(shipped_themes(), look);
    themes.choose(ThemeChoice::Named(name.to_owned())).unwrap();
    themes
}

const SIZES: [Size; 4] = [
    Size::new(80, 24),
    Size::new(120, 40),
    Size::new(200, 60),
    Size::new(40, 10),
];

fn coloured() -> Theme {
    Theme::new(Palette::Sixteen)
}

/// One letter a cell: which colour, upper case where selected: reversed, or underlined.
fn roles(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let letter = |cell: &ratatui::buffer::Cell| {
        let letter = match cell.fg {
            Color::Green => 'g',
            Color::Yellow => 'y',
            Color::LightRed => 'r',
            Color::Cyan => 'c',
            Color::LightMagenta => 'm',
            Color::LightCyan => 'b',
            _ if cell.modifier.contains(Modifier::DIM) => '.',
            _ => ' ',
        };
        let selected = Modifier::REVERSED.union(Modifier::UNDERLINED);
        match (letter, cell.modifier.intersects(selected)) {
            (' ', true) => '#',
            (letter, true) => letter.to_ascii_uppercase(),
            (letter, false) => letter,
        }
    };
    let lines = buffer
        .content
        .chunks(width)
        .map(|row| row.iter().map(letter).collect::<String>());
    lines
        .map(|line| line.trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn the_table_at_every_size() {
    for size in SIZES {
        let buffer = draw(&loaded_model(size).await, coloured());
        insta::assert_snapshot!(format!("table_{}x{}", size.width, size.height), text(&buffer));
        insta::assert_snapshot!(
            format!("table_{}x{}_roles", size.width, size.height),
            roles(&buffer)
        );
    }
}

#[tokio::test]
async fn the_detail_at_every_size() {
    for size in SIZES {
        let mut model = loaded_model(size).await;
        press(&mut model, "jj<Enter>");
        insta::assert_snapshot!(
            format!("detail_{}x{}", size.width, size.height),
            text(&draw(&model, coloured()))
        );
    }
}

/// Usage of the pod in the detail, every quarter of an hour for six hours, as if it had risen to what it is now.
fn history(model: &Model) -> History {
    let points = |peak: u64| -> Vec<Point> {
        (0..24)
            .map(|at| Point {
                at: now()
                    .checked_sub(jiff::SignedDuration::from_mins(
                        15 * (24 - i64::try_from(at).unwrap()),
                    ))
                    .unwrap(),
                amount: peak * (at + 1) / 24,
            })
            .collect()
    };
    History {
        pod: model.pod().unwrap().key,
        cpu: points(955_000_000),
        memory: points(500 << 20),
    }
}

#[tokio::test]
async fn what_a_pod_used_before_is_a_line_or_a_sentence() {
    let mut model = loaded_model(Size::new(120, 40)).await;
    model.places.state = Some("/state".to_owned());
    press(&mut model, "jj");
    let blank = text(&draw(&model, coloured()));
    let mut history = history(&model);
    feed(&mut model, Event::History(Box::new(history.clone())));
    let screen = text(&draw(&model, coloured()));
    insta::assert_snapshot!("trend_120x40", screen);
    history.cpu.truncate(1);
    feed(&mut model, Event::History(Box::new(history.clone())));
    let screen = text(&draw(&model, coloured()));
    assert!(screen.contains("no trend yet, 1 sample kept"), "{screen}");
    history.pod = PodKey::restored("another");
    history.cpu.clear();
    feed(&mut model, Event::History(Box::new(history)));
    assert_eq!(text(&draw(&model, coloured())), screen, "that of another pod");
    assert!(!blank.contains("no trend"), "nothing before it is known");
}

#[tokio::test]
async fn prompts_menus_and_help() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    press(&mut model, "/pay api");
    insta::assert_snapshot!("filter_80x24", text(&draw(&model, coloured())));
    press(&mut model, "<Enter>s");
    insta::assert_snapshot!("sort_80x24", text(&draw(&model, coloured())));
    press(&mut model, "<Esc><Esc>?");
    insta::assert_snapshot!("help_80x24", text(&draw(&model, coloured())));
    for (name, size) in [
        ("help_120x40", Size::new(120, 40)),
        ("help_200x60", Size::new(200, 60)),
    ] {
        model.size = size;
        insta::assert_snapshot!(name, text(&draw(&model, coloured())));
    }
    press(&mut model, "/memory");
    insta::assert_snapshot!("help_search_200x60", text(&draw(&model, coloured())));
    insta::assert_snapshot!("help_search_200x60_roles", roles(&draw(&model, coloured())));
    model.size = Size::new(80, 24);
    press(&mut model, "<Enter>n");
    insta::assert_snapshot!("help_search_80x24", text(&draw(&model, coloured())));
    press(&mut model, "<Esc>]]");
    insta::assert_snapshot!("third_page_80x24", text(&draw(&model, coloured())));
    press(&mut model, ":ns payments<Enter>");
    insta::assert_snapshot!("scope_80x24", text(&draw(&model, coloured())));
}

#[tokio::test]
async fn a_wrong_filter_is_shown_where_it_is_wrong() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    press(&mut model, "/ns:payments cpu%");
    press(&mut model, ">lots");
    insta::assert_snapshot!("wrong_filter_80x24", text(&draw(&model, coloured())));
    model.size = Size::new(60, 10);
    let screen = text(&draw(&model, coloured()));
    assert!(screen.contains("cpu%>lots  ^ expected a perc"), "{screen}");
}

#[tokio::test]
async fn a_filter_that_is_half_typed_says_what_is_missing_and_the_rest_of_it_acts() {
    let mut model = loaded_model(Size::new(120, 24)).await;
    press(&mut model, "/ns:payments cpu%>");
    let screen = text(&draw(&model, coloured()));
    let last = screen.lines().last().unwrap();
    let says = "^ unfinished: expected a percentage such as 80 or 79.5; the rest of the filter applies";
    assert!(last.ends_with(says), "{screen}");
    assert!(
        screen.contains(" / ns:payments ") && !screen.contains("row 1 of 1,111"),
        "{screen}"
    );
    press(&mut model, "<Enter>");
    let screen = text(&draw(&model, coloured()));
    assert!(
        screen.contains("^ not applied: expected a percentage"),
        "{screen}"
    );
}

#[tokio::test]
async fn a_pod_that_vanished_stays_dimmed_and_is_counted_no_more() {
    let model = vanished_model(Size::new(80, 24));
    let buffer = draw(&model, coloured());
    let screen = text(&buffer);
    assert!(
        screen.contains("1 pod ") && screen.contains(" 1 unread"),
        "{screen}"
    );
    insta::assert_snapshot!("gone_80x24", screen);
    insta::assert_snapshot!("gone_80x24_roles", roles(&buffer));
}

#[tokio::test]
async fn trouble_keeps_the_rows_and_says_why() {
    let mut model = loaded_model(Size::new(120, 24)).await;
    let rows = model.view.len();
    let error = Error::Connect {
        proxy: None,
        place: "hss.cn-north-4.myhuaweicloud.com".into(),
        cause: RemoteText::message("Connection refused (os error 111)"),
    };
    model.status.problem = Some(Problem { error, until: None });
    let screen = text(&draw(&model, coloured()));
    assert!(
        screen.contains("OFFLINE") && screen.contains("Connection refused"),
        "{screen}"
    );
    assert_eq!(model.view.len(), rows);
    insta::assert_snapshot!("offline_120x24", screen);
    insta::assert_snapshot!("offline_120x24_roles", roles(&draw(&model, coloured())));
}

#[tokio::test]
async fn a_sweep_that_trouble_stops_does_not_look_complete() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    model.status.whole = false;
    model.status.total = Some(3040);
    let error = ServiceError {
        status: 429,
        ..ServiceError::default()
    };
    model.status.problem = Some(Problem {
        error: error.into(),
        until: now().checked_add(jiff::SignedDuration::from_secs(60)).ok(),
    });
    insta::assert_snapshot!("stopped_80x24", text(&draw(&model, coloured())));
    press(&mut model, "4");
    let screen = text(&draw(&model, coloured()));
    assert!(
        screen.contains("Pods        1,111 of 3,040 pods known, "),
        "{screen}"
    );
}

#[tokio::test]
async fn what_the_table_is_sorted_by_is_on_a_narrow_screen_too() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    model.sort_by(hss_top::fleet::fields::PodField::MemoryPercent);
    press(&mut model, "j");
    model.view.request.sort = model.request.sort;
    let screen = text(&draw(&model, coloured()));
    for title in ["MEM▼", "DETECT"] {
        assert!(screen.contains(title), "{screen}");
    }
    model.sort_by(hss_top::fleet::fields::PodField::Protection);
    model.view.request.sort = model.request.sort;
    let screen = text(&draw(&model, coloured()));
    assert!(
        screen.contains("PROTECT▼") || screen.contains("PROTECT△"),
        "{screen}"
    );
}

#[tokio::test]
async fn a_clock_that_is_off_is_said_and_does_not_falsify_the_snapshots_age() {
    let mut model = loaded_model(Size::new(120, 24)).await;
    let screen = text(&draw(&model, coloured()));
    assert!(
        screen.contains("list 14m ") && !screen.contains("clock is"),
        "{screen}"
    );
    model.status.skew = Some(jiff::SignedDuration::from_mins(-10));
    let screen = text(&draw(&model, coloured()));
    assert!(
        screen.contains("this machine's clock is 10m ahead of HSS's") && screen.contains("list  4m"),
        "{screen}"
    );
}

#[tokio::test]
async fn what_changes_something_at_hss_is_asked_about_first() {
    for size in [Size::new(80, 24), Size::new(40, 14)] {
        let mut model = loaded_model(size).await;
        press(&mut model, ":sync<Enter>");
        let screen = text(&draw(&model, coloured()));
        insta::assert_snapshot!(format!("confirm_{}x{}", size.width, size.height), screen);
        press(&mut model, "y");
        let screen = text(&draw(&model, coloured()));
        assert!(screen.contains("asking HSS for a new snapshot"), "{screen}");
    }
}

/// A model that knows nothing, since its key pair is refused.
fn refused_model(size: Size) -> Model {
    let mut model = empty_model(size);
    let mut error = ServiceError {
        status: 401,
        request_id: Some(RemoteText::name("5d21f0a3c7e94b6f8a1d2c3b4e5f6071")),
        ..ServiceError::default()
    };
    error.body.code = Some(RemoteText::name("APIGW.0301"));
    error.body.message = Some(RemoteText::message("Incorrect IAM authentication information"));
    model.status.problem = Some(Problem {
        error: error.into(),
        until: None,
    });
    model
}

#[test]
fn trouble_before_the_first_pod_is_told_in_full_with_what_finds_out_more() {
    let mut model = refused_model(Size::new(80, 24));
    let screen = text(&draw(&model, coloured()));
    insta::assert_snapshot!("refused_80x24", screen);
    model.size = Size::new(40, 14);
    let words = |screen: &str| screen.split_whitespace().collect::<Vec<_>>().join(" ");
    let screen = words(&text(&draw(&model, coloured())));
    for part in ["information (401 APIGW.0301, request 5d21", "hss-top doctor"] {
        assert!(screen.contains(part), "{screen}");
    }
    model.size = Size::new(80, 24);
    press(&mut model, "4");
    let screen = words(&text(&draw(&model, coloured())));
    assert!(screen.contains("Problem HSS says: Incorrect"), "{screen}");
    assert!(screen.contains("(401 APIGW.0301, request 5d21"), "{screen}");
}

#[tokio::test]
async fn a_long_filter_and_the_place_in_the_list_are_apart_at_every_width() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    press(
        &mut model,
        "/ns:payments,search,checkout,identity,logging !zzz<Enter>",
    );
    for width in 30..140 {
        model.size = Size::new(width, 24);
        let screen = text(&draw(&model, coloured()));
        let bar = screen.lines().nth(2).unwrap();
        let (left, right) = bar.split_once(" row 1 of").unwrap();
        let shown = left.trim_end().trim_end_matches('…');
        let shown = shown.split_once('/').unwrap().1;
        assert!(
            " ns:payments,search,checkout,identity,logging !zzz".starts_with(shown),
            "{bar}"
        );
        assert!(
            shown.len() + 2 > usize::from(width) / 3 && !right.is_empty(),
            "{bar}"
        );
    }
}

#[tokio::test]
async fn a_value_that_is_too_long_goes_on_under_itself() {
    let mut model = loaded_model(Size::new(100, 30)).await;
    press(&mut model, "jjjj");
    insta::assert_snapshot!("beneath_100x30", text(&draw(&model, coloured())));
    model.size = Size::new(34, 24);
    press(&mut model, "<Enter>");
    insta::assert_snapshot!("detail_34x24", text(&draw(&model, coloured())));
}

#[tokio::test]
async fn a_detail_that_is_longer_than_the_screen_can_be_scrolled_and_says_so() {
    let mut model = loaded_model(Size::new(40, 10)).await;
    for size in [Size::new(40, 10), Size::new(30, 6), Size::new(110, 12)] {
        model.size = size;
        press(&mut model, "j<Enter>");
        let mut seen = text(&draw(&model, coloured()));
        assert!(seen.contains(" PgDn"), "{seen}");
        let mut end = String::new();
        for _ in 0..30 {
            press(&mut model, " ");
            end = text(&draw(&model, coloured()));
            seen.push_str(&end);
        }
        assert!(end.contains(" PgUp"), "{end}");
        let fields = ["CPU", "Memory", "Why", "Kind", "Namespace", "Created", "Cluster"];
        for field in fields {
            assert!(seen.contains(&format!(" {field} ")), "{field}: {seen}");
        }
        press(&mut model, "j");
        let next = text(&draw(&model, coloured()));
        assert!(next.contains(" PgDn") && next.contains(" Why "), "{next}");
        press(&mut model, "<Esc>");
    }
    model.size = Size::new(80, 40);
    press(&mut model, "<Enter>");
    assert!(!text(&draw(&model, coloured())).contains("PgDn"));
}

#[test]
fn before_the_first_answer() {
    let screen = text(&draw(&empty_model(Size::new(80, 24)), coloured()));
    assert!(
        screen.contains("LOADING") && screen.contains("list age unknown"),
        "{screen}"
    );
    insta::assert_snapshot!("empty_80x24", screen);
}

#[tokio::test]
async fn no_size_panics_and_no_colour_is_sent_without_colours() {
    let mut model = loaded_model(Size::new(120, 40)).await;
    for keys in ["", "<Enter>", "?", "<Esc><Esc>s", "<Esc>4", "1/x"] {
        press(&mut model, keys);
        for (width, height) in [(1, 1), (29, 6), (30, 5), (30, 6), (99, 28), (150, 14), (500, 200)] {
            model.size = Size::new(width, height);
            model.reveal();
            let buffer = draw(&model, Theme::new(Palette::None));
            assert!(
                buffer
                    .content
                    .iter()
                    .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
            );
        }
    }
}

#[tokio::test]
async fn the_list_of_themes_shows_the_screen_in_the_one_that_is_looked_at() {
    let look = TerminalLook {
        depth: ColourDepth::All,
        ..TerminalLook::default()
    };
    let mut model = loaded_model(Size::new(80, 24)).await;
    model.themes = Themes::new(shipped_themes(), look);
    let shown = |model: &Model| draw(model, *model.themes.theme());
    assert_eq!(shown(&model)[(0, 0)].bg, Color::Reset);
    press(&mut model, "t");
    insta::assert_snapshot!("themes_80x24", text(&shown(&model)));
    press(&mut model, "jj");
    let light = Color::Rgb(0xfc, 0xfc, 0xfa);
    assert!(shown(&model).content.iter().all(|cell| cell.bg != Color::Reset));
    assert_eq!(shown(&model)[(0, 0)].bg, light);
    press(&mut model, "<Esc>");
    assert_eq!(shown(&model)[(0, 0)].bg, Color::Reset);
    press(&mut model, "ttt<Enter>");
    let buffer = shown(&model);
    assert_eq!(buffer[(0, 0)].bg, light);
    assert!(text(&buffer).contains("theme light for this run; to keep it: theme = \"light\""));
    press(&mut model, ":theme ligth<Enter>");
    assert!(text(&shown(&model)).contains("no theme ligth; did you mean light?"));
    press(&mut model, ":theme auto<Enter>");
    assert_eq!(shown(&model)[(0, 0)].bg, Color::Reset);
    model.themes = Themes::new(
        shipped_themes(),
        TerminalLook {
            depth: ColourDepth::None,
            ..look
        },
    );
    press(&mut model, "t");
    assert!(text(&shown(&model)).contains("NO_COLOR is set"));
}

#[tokio::test]
async fn every_theme_shows_the_same_text_in_ascii_too() {
    let mut model = loaded_model(Size::new(120, 40)).await;
    for signs in [SignSet::Utf8, SignSet::Ascii, SignSet::Console] {
        let mut texts = Vec::new();
        for depth in [
            ColourDepth::All,
            ColourDepth::Indexed,
            ColourDepth::Sixteen,
            ColourDepth::None,
        ] {
            let look = TerminalLook {
                depth,
                is_light: None,
                signs,
            };
            model.themes = Themes::new(shipped_themes(), look);
            for at in 0..model.themes.names().count() {
                model.themes.look_at(at);
                let buffer = draw(&model, *model.themes.theme());
                texts.push(text(&buffer));
                let is_coloured = buffer.content.iter().any(|cell| cell.fg != Color::Reset);
                assert_eq!(is_coloured, depth != ColourDepth::None);
            }
        }
        texts.dedup();
        assert_eq!(texts.len(), 1, "{signs:?}");
    }
}

#[tokio::test]
async fn a_row_has_at_most_one_cell_in_the_colour_of_a_problem() {
    let (theme, size) = (coloured(), Size::new(200, 60));
    let model = loaded_model(size).await;
    let buffer = draw(&model, theme);
    let bad = theme.style(Role::Bad).fg.unwrap();
    let table = layout::areas(size).unwrap().table;
    let mut loud = 0;
    for y in table.y + 1..table.bottom() {
        let reds: Vec<bool> = (table.x..table.right())
            .map(|x| buffer[(x, y)].fg == bad)
            .collect();
        let runs = reds.split(|red| !red).filter(|run| !run.is_empty()).count();
        // A usage is a bar and a number, with blanks between.
        assert!(runs <= 2, "row {y}: {runs} {}", text(&buffer));
        loud += usize::from(runs > 0);
    }
    assert!(loud > 10, "{loud}");
}

#[tokio::test]
async fn ages_are_measured_with_the_services_clock() {
    for hours in [-2, 2] {
        for keys in ["", "<Enter>"] {
            let mut model = loaded_model(Size::new(120, 40)).await;
            press(&mut model, keys);
            let body = |model: &Model| {
                let text = text(&draw(model, coloured()));
                let lines: Vec<&str> = text.lines().collect();
                lines[4..lines.len() - 1].join("\n")
            };
            let shown = body(&model);
            let off = jiff::SignedDuration::from_hours(hours);
            model.now += off;
            model.status.skew = Some(model.status.skew.unwrap_or_default() - off);
            assert_eq!(body(&model), shown, "{hours} h, {keys}");
        }
    }
}
