//! What is done with rows: marks, the comparison, the menu of a pod.

use hss_top::app::Model;
use hss_top::fleet::fields::PodField;
use ratatui::layout::Size;

use super::support::stage::{draw, loaded_model, press, text};
use super::{SIZES, SignSet, Theme, coloured};

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
        let is_marked = model.marks.has(&model.view.pod(place).unwrap().key);
        assert_eq!(model.noted.has_marked(&(place..place + 1)), is_marked, "{place}");
    }
    press(&mut model, "U");
    assert_eq!(count(&model, "◆", coloured()), 0);
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
