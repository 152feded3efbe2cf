//! The search in the record of a pod.

use super::*;

/// A model with the record of a pod in front.
fn recorded() -> Model {
    let mut model = model(40);
    press(&mut model, "Enter");
    press(&mut model, "y");
    model
}

#[test]
fn what_is_sought_in_the_record_is_found_as_it_is_typed_and_gone_through() {
    let mut model = recorded();
    model.size = Size::new(60, 10);
    press(&mut model, "/");
    type_text(&mut model, "NAME");
    assert_eq!(model.mode(), Mode::Filter);
    let matches = (model.record_matches)(&model, "name");
    assert!(matches.len() > 2, "{matches:?}");
    press(&mut model, "Enter");
    assert_eq!(
        (model.mode(), model.detail.search.text.as_str()),
        (Mode::Detail, "NAME")
    );
    assert!(model.filter_text.is_empty() && model.request.filter.is_empty());
    let mut seen = vec![model.detail.scroll];
    for _ in 1..matches.len() {
        press(&mut model, "n");
        seen.push(model.detail.scroll);
    }
    assert!(seen.is_sorted() && seen.first() < seen.last(), "{seen:?}");
    press(&mut model, "n");
    assert_eq!(model.detail.scroll, seen[0], "around the end");
    press(&mut model, "N");
    assert_eq!(Some(&model.detail.scroll), seen.last());
}

#[test]
fn a_search_that_is_cancelled_or_finds_nothing_leaves_what_was_sought() {
    let mut model = recorded();
    press(&mut model, "n");
    assert!(model.notice.as_ref().unwrap().text.contains("no search yet"));
    press(&mut model, "/");
    type_text(&mut model, "status");
    press(&mut model, "Enter");
    press(&mut model, "/");
    type_text(&mut model, "zzz");
    press(&mut model, "Esc");
    assert_eq!(
        (model.mode(), model.detail.search.text.as_str()),
        (Mode::Detail, "status")
    );
    press(&mut model, "/");
    type_text(&mut model, "zzz");
    press(&mut model, "Enter");
    assert!(
        model
            .notice
            .as_ref()
            .unwrap()
            .text
            .contains("no match in the record")
    );
}

#[test]
fn without_the_record_in_front_the_same_key_filters() {
    let mut model = model(40);
    press(&mut model, "Enter");
    press(&mut model, "/");
    type_text(&mut model, "zzz");
    press(&mut model, "Enter");
    assert_eq!(model.filter_text, "zzz");
}
