//! The tabs, and how one view leads to another.

use ratatui::layout::Rect;

use super::mouse::{LEFT, mouse};
use super::*;
use crate::app::tabs::{self, Tab};
use crate::keys::{KeyMap, ViewKind};

fn line(width: u16) -> Rect {
    Rect::new(0, 2, width, 1)
}

#[test]
fn tabs_are_on_the_line_and_apart_at_every_width_and_stay_where_they_are_in_every_view() {
    let mut model = model(3);
    for width in 30..200 {
        for filter in ["", "risk"] {
            if width < 60 && !filter.is_empty() {
                continue; // the filter has the line
            }
            model.request.filter = Query::parse(filter).unwrap_or_default();
            let shown: Vec<Vec<Tab>> = ViewKind::ALL
                .map(|view| {
                    model.focus.show(view);
                    tabs::of(&model, line(width))
                })
                .into();
            let is_whole = |tabs: &&Vec<Tab>| tabs.iter().all(|tab| !tab.title.is_empty());
            let whole = shown.iter().find(is_whole);
            for (view, tabs) in ViewKind::ALL.into_iter().zip(&shown) {
                let tab = tabs.iter().find(|tab| tab.view == view);
                assert!(
                    tab.is_some_and(|tab| tab.title == view.title()),
                    "{width} {view:?}"
                );
                let mut x = 0;
                for tab in tabs {
                    assert_eq!(tab.place.x, x, "{width}");
                    x = tab.place.right();
                }
                assert!(x <= width, "{width}");
                if is_whole(&tabs) {
                    assert_eq!(Some(tabs), whole, "{width}");
                }
                if width >= 80 && matches!(view, ViewKind::Changes | ViewKind::Health) {
                    assert!(
                        is_whole(&tabs),
                        "{width} {view:?}: the filter of the pods takes no room here"
                    );
                }
            }
        }
    }
}

#[test]
fn a_mark_does_not_take_the_titles_from_80_columns() {
    let mut model = model(3);
    let before = tabs::of(&model, line(80));
    assert!(before.iter().all(|tab| !tab.title.is_empty()));
    press(&mut model, "Space");
    assert_eq!(model.pods.marks.len(), 1);
    assert_eq!(tabs::of(&model, line(80)), before);
}

#[test]
fn a_tab_tells_the_key_that_shows_it() {
    let mut model = model(3);
    let mut keys = KeyMap::default();
    keys.bind("4", "none").unwrap();
    keys.bind("w", "health").unwrap();
    model.keys = Arc::new(keys);
    let tabs = tabs::of(&model, line(120));
    let health = tabs.iter().find(|tab| tab.view == ViewKind::Health).unwrap();
    assert_eq!(health.key, "w");
}

#[test]
fn a_click_on_a_tab_shows_its_view_whatever_the_width() {
    for width in [30, 80, 200] {
        let mut model = model(3);
        model.size = Size::new(width, 24);
        for view in [ViewKind::Health, ViewKind::Pods, ViewKind::Health] {
            let bar = crate::app::layout::areas(model.size).unwrap().bar;
            let tabs = tabs::of(&model, bar);
            let tab = tabs.iter().find(|tab| tab.view == view).unwrap();
            mouse(&mut model, LEFT, tab.place.x, tab.place.y);
            assert_eq!(model.focus.view(), view, "{width}");
        }
    }
}
