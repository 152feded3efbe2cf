//! The effect of the mouse, depending on what is below it.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::*;
use crate::app::hotspots::ClickTarget;
use crate::keys::Action;

pub(super) const LEFT: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

pub(super) fn mouse(model: &mut Model, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
    let event = MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    };
    update(model, Event::Input(Input::Mouse(event)))
}

#[test]
fn the_wheel_moves_three_rows_whatever_place_it_tells() {
    let mut model = model(1000);
    for place in [0, 5, u16::MAX] {
        mouse(&mut model, MouseEventKind::ScrollDown, place, place);
    }
    assert_eq!(model.pods.cursor, 9);
    for _ in 0..5 {
        mouse(&mut model, MouseEventKind::ScrollUp, 1, 1);
    }
    assert_eq!(model.pods.cursor, 0);
    model.focus.open(crate::app::focus::Overlay::Filter(
        crate::app::prompt::FilterPrompt::default(),
    ));
    mouse(&mut model, MouseEventKind::ScrollDown, 1, 1);
    assert_eq!(
        (model.pods.cursor, model.typed_text()),
        (0, ""),
        "a prompt has the keys"
    );
}

#[test]
fn a_click_selects_the_row_under_it_and_nothing_where_there_is_none() {
    let mut model = model(40);
    let left = MouseEventKind::Down(MouseButton::Left);
    // Title, counts, bar and heading come before the first row.
    for (row, cursor) in [(4, 0), (9, 5), (0, 5), (23, 5), (u16::MAX, 5), (3, 0), (9, 5)] {
        mouse(&mut model, left, 7, row);
        assert_eq!(model.pods.cursor, cursor, "{row}");
    }
    mouse(&mut model, left, u16::MAX, 6);
    mouse(&mut model, MouseEventKind::Up(MouseButton::Left), 7, 6);
    assert_eq!(model.pods.cursor, 5);
    mouse(&mut model, left, 7, 3);
    assert_eq!(model.pods.cursor, 0, "a heading sorts");
    model.select(39);
    let top = model.pods.top;
    mouse(&mut model, left, 7, 6);
    assert_eq!(
        (model.pods.cursor, model.pods.top),
        (top + 2, top),
        "nothing scrolls"
    );
    let mut few = super::model(2);
    mouse(&mut few, left, 7, 9);
    assert_eq!(few.pods.cursor, 0, "below the last row");
}

/// The middle of the area that means this.
fn place_of(model: &Model, target: ClickTarget) -> (u16, u16) {
    let spots = (model.hotspots)(model);
    let spot = spots.iter().find(|spot| spot.target == target);
    let area = spot.unwrap_or_else(|| panic!("{target:?} among {spots:?}")).area;
    (area.x + area.width / 2, area.y)
}

fn click(model: &mut Model, target: ClickTarget) -> Vec<Effect> {
    let (column, row) = place_of(model, target);
    mouse(model, LEFT, column, row)
}

#[test]
fn a_second_click_on_a_row_shows_its_details() {
    let mut model = model(40);
    click(&mut model, ClickTarget::Row(3));
    click(&mut model, ClickTarget::Row(4));
    assert_eq!((model.mode(), model.pods.cursor), (Mode::Table, 4));
    click(&mut model, ClickTarget::Row(4));
    assert_eq!((model.mode(), model.pods.cursor), (Mode::Detail, 4));
    let (column, row) = (7, 9);
    mouse(&mut model, LEFT, column, row);
    assert_eq!(model.pods.cursor, 4, "the detail covers the rows");
}

#[test]
fn two_clicks_that_are_seconds_apart_are_two() {
    let mut model = model(40);
    click(&mut model, ClickTarget::Row(4));
    for _ in 0..2 {
        let later = model.now + SignedDuration::from_secs(1);
        update(&mut model, Event::Tick(later));
    }
    click(&mut model, ClickTarget::Row(4));
    assert_eq!(model.mode(), Mode::Table);
}

#[test]
fn a_click_on_a_heading_sorts_by_it_and_a_second_one_reverses() {
    let mut model = model(40);
    let heading = ClickTarget::Do(Action::SortBy(PodField::Status));
    assert_eq!(click(&mut model, heading), [Effect::View]);
    let first = model.sort();
    assert_eq!(first.key, PodField::Status);
    click(&mut model, heading);
    assert_eq!(model.sort(), first.reversed());
}

#[test]
fn a_click_on_a_hint_of_the_last_line_is_its_key() {
    let mut model = model(40);
    click(&mut model, ClickTarget::Do(Action::OpenSort));
    assert_eq!(model.mode(), Mode::Sort);
    click(&mut model, ClickTarget::Do(Action::Back));
    assert_eq!(model.mode(), Mode::Table);
    click(&mut model, ClickTarget::Do(Action::OpenHelp));
    assert_eq!(model.mode(), Mode::Help);
    assert_eq!(mouse(&mut model, LEFT, 7, 9), [], "the help covers the rows");
}

#[test]
fn a_click_on_a_row_of_the_menu_takes_it_and_one_beside_it_nothing() {
    let mut model = model(40);
    press(&mut model, "s");
    mouse(&mut model, LEFT, 1, 5);
    assert_eq!((model.mode(), model.pods.cursor), (Mode::Sort, 0));
    click(&mut model, ClickTarget::Choice(2));
    assert_eq!(model.mode(), Mode::Table);
    assert_eq!(model.sort().key, crate::fleet::fields::IN_TABLE[2]);
}

#[test]
fn a_scroll_bar_is_dragged_from_end_to_end_and_let_go() {
    let drag = MouseEventKind::Drag(MouseButton::Left);
    for keys in ["Esc", "2", "3", "4"] {
        let mut model = model(1000);
        press(&mut model, keys);
        let spots = (model.hotspots)(&model);
        let Some(bar) = spots.iter().find(|spot| spot.target == ClickTarget::ScrollBar) else {
            assert_ne!(keys, "Esc", "a thousand pods are more than a screen");
            continue;
        };
        let bar = bar.area;
        assert_eq!(
            mouse(&mut model, LEFT, bar.x, bar.y),
            [],
            "the thumb is held where it is"
        );
        mouse(&mut model, drag, bar.x, bar.bottom() - 1);
        let last = 1000 - usize::from(bar.height);
        assert_eq!((model.pods.top, model.pods.cursor), (last, last), "{keys}");
        mouse(&mut model, drag, 60, 0);
        assert_eq!(model.pods.top, 0, "the pointer may leave the bar");
        mouse(&mut model, MouseEventKind::Up(MouseButton::Left), 60, 0);
        mouse(&mut model, drag, bar.x, bar.bottom() - 1);
        assert_eq!(model.pods.top, 0);
        // Beside the thumb it comes to the pointer.
        mouse(&mut model, LEFT, bar.x, bar.y + bar.height / 2);
        assert!((400..600).contains(&model.pods.top), "{}", model.pods.top);
        assert!((model.pods.top..model.pods.top + usize::from(bar.height)).contains(&model.pods.cursor));
    }
}

#[test]
fn a_click_on_a_theme_looks_at_it_and_a_second_one_takes_it() {
    let mut model = model(40);
    press(&mut model, "t");
    let other = usize::from(model.themes.place() == 0);
    click(&mut model, ClickTarget::Choice(other));
    assert_eq!((model.mode(), model.themes.place()), (Mode::Themes, other));
    click(&mut model, ClickTarget::Choice(other));
    assert_ne!(model.mode(), Mode::Themes);
}

#[test]
fn a_click_on_a_hint_of_a_prompt_is_its_key() {
    let mut model = model(40);
    press(&mut model, "/");
    type_text(&mut model, "ns:x");
    click(&mut model, ClickTarget::Do(Action::Back));
    assert_eq!((model.mode(), model.filter_text.as_str()), (Mode::Table, ""));
    press(&mut model, "/");
    type_text(&mut model, "ns:x");
    click(&mut model, ClickTarget::Do(Action::Submit));
    assert_eq!((model.mode(), model.filter_text.as_str()), (Mode::Table, "ns:x"));
}

#[test]
fn the_mouse_is_given_back_and_taken_by_a_command() {
    let mut model = model(40);
    press(&mut model, ":");
    type_text(&mut model, "mouse off");
    assert_eq!(press(&mut model, "Enter"), [Effect::Mouse(false), Effect::Redraw]);
    assert_eq!(mouse(&mut model, LEFT, 7, 9), []);
    assert_eq!(model.pods.cursor, 0);
    press(&mut model, ":");
    type_text(&mut model, "mouse");
    assert_eq!(press(&mut model, "Enter"), [Effect::Mouse(true), Effect::Redraw]);
    mouse(&mut model, LEFT, 7, 9);
    assert_eq!(model.pods.cursor, 5);
}

#[test]
fn nothing_that_can_be_clicked_lies_beyond_the_screen() {
    for mode_keys in ["Esc", "s", "e", "?", "Enter", "4", "/", ":"] {
        for (width, height) in [(30, 6), (80, 24), (120, 40), (280, 70)] {
            let mut model = model(300);
            model.size = Size::new(width, height);
            press(&mut model, mode_keys);
            let screen = Rect::new(0, 0, width, height);
            for spot in (model.hotspots)(&model) {
                assert_eq!(spot.area.intersection(screen), spot.area, "{mode_keys} {spot:?}");
                assert!(!spot.area.is_empty(), "{mode_keys} {width}x{height} {spot:?}");
            }
        }
    }
}
