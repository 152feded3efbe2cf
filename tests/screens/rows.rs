//! What is done with rows: marks, the comparison, the menu of a pod.

use crossterm::event::{Event as Input, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use hss_top::app::Model;
use hss_top::app::event::Event;
use hss_top::app::hotspots::ClickTarget;
use hss_top::collector::{News, Reply};
use hss_top::fleet::fields::PodField;
use hss_top::fleet::store::SweepKind;
use hss_top::fleet::{Scope, SourceId, Store};
use hss_top::hss::wire::read_page;
use jiff::SignedDuration;
use ratatui::layout::{Rect, Size};

use super::support::stage::{draw, empty_model, feed, loaded_model, now, press, text};
use super::{SIZES, SignSet, Theme, coloured, matrix};

/// The picture of a model under a name that has its size.
fn snapshot(name: &str, model: &Model) {
    let size = model.size;
    insta::assert_snapshot!(
        format!("{name}_{}x{}", size.width, size.height),
        text(&draw(model, coloured()))
    );
}

/// What is shown of a model, without blanks.
fn words(model: &Model) -> String {
    let screen = text(&draw(model, coloured()));
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn marks_stand_in_their_rows_and_are_counted() {
    for size in [Size::new(80, 24), Size::new(40, 10)] {
        let mut model = loaded_model(size).await;
        press(&mut model, " jj j");
        snapshot("marks", &model);
    }
    let mut model = loaded_model(Size::new(80, 24)).await;
    press(&mut model, "  jj ");
    assert!(words(&model).contains("1 marked"));
    press(&mut model, "U");
    assert!(!words(&model).contains(" marked"));
}

/// The line of the scroll bar, from top to bottom.
fn bar(model: &Model, theme: Theme) -> Vec<String> {
    let buffer = draw(model, theme);
    let edge = buffer.area.right() - 1;
    let lines = (0..buffer.area.height).map(|y| buffer[(edge, y)].symbol().to_owned());
    lines.collect()
}

#[tokio::test]
async fn the_scroll_bar_shows_where_the_marked_pods_are() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    let count = |model: &Model, sign: &str, theme| bar(model, theme).iter().filter(|it| *it == sign).count();
    press(&mut model, "jj G");
    assert_eq!(count(&model, "◆", coloured()), 1);
    assert_eq!(
        count(&model, "┤", coloured()),
        0,
        "the risks are in the same line"
    );
    let ascii = coloured().with_signs(SignSet::Ascii);
    let buffer = draw(&model, ascii);
    assert!(
        bar(&model, ascii).iter().all(|it| it.is_ascii()),
        "{}",
        text(&buffer)
    );
    // Another order puts it elsewhere.
    press(&mut model, ":sort name<Enter>");
    for place in 0..model.view.len() {
        let is_marked = model.pods.marks.has(&model.view.pod(place).unwrap().key);
        let noted = model.pods.noted.first_marked(&(place..place + 1));
        assert_eq!(noted.is_some(), is_marked, "{place}");
    }
    press(&mut model, "U");
    assert_eq!(count(&model, "◆", coloured()), 0);
}

/// A dashboard that has seen two lists of 200 pods: in the second one, HSS found a risk in a pod, and another pod has
/// failed. They are sorted by name.
fn model_with_news(size: Size) -> Model {
    let list = |scan: &str, status: &str| {
        let pod = |at: usize| {
            let status = if at == 150 { status } else { "Running" };
            let scan = if at == 90 { scan } else { "clean" };
            format!(
                r#"{{"pod_name":"pod-{at:03}","status":"{status}","protect_status":"opened","detect_result":"{scan}"}}"#
            )
        };
        let pods: Vec<String> = (0..200).map(pod).collect();
        format!(r#"{{"pod_info_list":[{}]}}"#, pods.join(","))
    };
    let (mut store, mut model) = (Store::default(), empty_model(size));
    for (list, minutes) in [(list("clean", "Running"), 15), (list("risk", "Failed"), 0)] {
        let at = now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
        store.date(Some(at));
        store.begin_sweep(SweepKind::Fleet);
        store.take(Some(SweepKind::Fleet), &read_page(list.as_bytes()).unwrap().pods);
        store.end_sweep(SweepKind::Fleet, &Scope::default(), at);
        let mut status = model.status.clone();
        status.whole = true;
        let news = News::List {
            status: Box::new(status),
            fleet: Some(store.snapshot()),
        };
        let source = SourceId::default();
        feed(&mut model, Event::Reply(Box::new(Reply { source, news })));
    }
    press(&mut model, ":sort name<Enter>");
    model
}

/// The scroll bar's cells.
fn bar_area(model: &Model) -> Rect {
    let spots = (model.hotspots)(model);
    let bar = spots.iter().find(|spot| spot.target == ClickTarget::ScrollBar);
    bar.unwrap().area
}

/// Its signs for what is not on the screen, from top to bottom.
fn marks_of(model: &Model) -> String {
    let (screen, area) = (draw(model, coloured()), bar_area(model));
    let signs = area.rows().map(|line| screen[(line.x, line.y)].symbol());
    signs.filter(|sign| ["◆", "N", "↑", "┤"].contains(sign)).collect()
}

/// Clicks on the first line of the bar that has this sign.
fn click_on(model: &mut Model, sign: &str) {
    let (screen, area) = (draw(model, coloured()), bar_area(model));
    let line = area.rows().find(|line| screen[(line.x, line.y)].symbol() == sign);
    let Rect {
        x: column, y: row, ..
    } = line.unwrap();
    for kind in [MouseEventKind::Down, MouseEventKind::Up] {
        let event = MouseEvent {
            kind: kind(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        };
        feed(model, Event::Input(Input::Mouse(event)));
    }
}

#[test]
fn the_scroll_bar_shows_new_risks_those_that_rose_and_marks_and_a_click_goes_there() {
    let mut model = model_with_news(Size::new(80, 24));
    assert_eq!(marks_of(&model), "N↑");
    press(&mut model, "G g");
    assert_eq!(marks_of(&model), "N↑◆");
    for (name, kind) in matrix::THEMES {
        matrix::check(&format!("scroll bar {name}"), &model, kind);
    }
    for (sign, row) in [("◆", 199), ("N", 90), ("↑", 150)] {
        press(&mut model, "g");
        click_on(&mut model, sign);
        assert_eq!(model.pods.cursor, row, "{sign}");
    }
    press(&mut model, "g:filter pod-0<Enter>");
    assert_eq!(
        (model.view.len(), marks_of(&model).as_str()),
        (100, "N"),
        "of the matches alone"
    );
    press(&mut model, "<Esc>3r1g");
    assert_eq!(marks_of(&model), "┤┤◆", "what was read is not new");
}

#[tokio::test]
async fn two_pods_side_by_side_at_every_size() {
    for size in SIZES {
        let mut model = loaded_model(size).await;
        press(&mut model, " jjjjj =");
        snapshot("compare", &model);
        press(&mut model, "a");
        snapshot("compare_all", &model);
    }
}

#[tokio::test]
async fn a_comparison_that_is_longer_than_the_screen_is_scrolled_to_its_last_line() {
    let mut model = loaded_model(Size::new(40, 10)).await;
    press(&mut model, " jjjjj =a");
    let mut seen = String::new();
    for _ in 0..30 {
        seen.push_str(&words(&model));
        press(&mut model, "j");
    }
    for field in ["Risk", "Created", "Cluster id", "Id"] {
        assert!(seen.contains(field), "{field}: {seen}");
    }
    assert!(words(&model).contains("PgUp"));
    press(&mut model, "q");
    assert!(words(&model).contains("RISK"), "the table is there again");
}

#[tokio::test]
async fn a_pod_without_a_mark_is_compared_with_its_past() {
    for size in [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)] {
        let mut model = loaded_model(size).await;
        press(&mut model, "=a");
        snapshot("past", &model);
        let shown = words(&model);
        assert!(
            shown.contains("no change is saved") && !shown.contains("before"),
            "{shown}"
        );
    }
    let mut model = loaded_model(Size::new(80, 24)).await;
    press(&mut model, "=");
    assert!(words(&model).contains("no change of this pod is saved; a shows all fields"));
}

#[tokio::test]
async fn the_menu_of_a_pod_at_every_size() {
    for size in SIZES {
        let mut model = loaded_model(size).await;
        model.sort_by(PodField::Name);
        press(&mut model, "jjo");
        snapshot("menu", &model);
    }
    let mut model = loaded_model(Size::new(40, 10)).await;
    press(&mut model, "oG");
    assert!(words(&model).contains("show details"), "the last row is in sight");
}
