//! Saved views: by `:view`, and in their menu.

use super::*;
use crate::app::own_files::{OwnEntry, OwnNews};
use crate::app::saved_views::SavedViews;
use crate::fleet::fields::ColumnList;
use crate::fleet::overview::OverviewColumn;
use crate::keys::{Mode, ViewKind};
use crate::settings::views_file::ViewChange;
use crate::settings::{SavedView, ViewOrigin};

fn command(model: &mut Model, text: &str) -> Vec<Effect> {
    press(model, ":");
    type_text(model, text);
    press(model, "Enter")
}

fn told(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| &notice.text)
}

/// The view that is saved or deleted by these effects.
fn change(effects: &[Effect]) -> &ViewChange {
    let changes: Vec<&ViewChange> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Own(OwnEntry::View(change)) => Some(change),
            _ => None,
        })
        .collect();
    assert_eq!(changes.len(), 1, "{effects:?}");
    changes[0]
}

fn names(model: &Model) -> Vec<&str> {
    model
        .saved_views
        .all()
        .iter()
        .map(|view| view.name.as_str())
        .collect()
}

fn configured(name: &str, filter: &str) -> SavedView {
    SavedView {
        name: name.to_owned(),
        filter: filter.to_owned(),
        sort: PodField::Age.first_direction().reversed(),
        problems: filter.is_empty(),
        columns: (name == "seven").then(|| ColumnList::parse("pod:90,ns").unwrap()),
        ..SavedView::default()
    }
}

#[test]
fn a_saved_view_sets_filter_order_columns_and_problems_together() {
    let mut model = model(10);
    model.saved_views = SavedViews::configured(vec![configured("all", ""), configured("seven", "pod:0007")]);
    press(&mut model, "2");
    assert!(command(&mut model, "view seven").contains(&Effect::View));
    assert_eq!(model.focus.view(), ViewKind::Pods, "where it names none");
    assert_eq!(
        (model.filter_text.as_str(), model.request.problems),
        ("pod:0007", false)
    );
    assert_eq!(model.sort(), PodField::Age.first_direction().reversed());
    assert_eq!(model.pods.columns.list().to_string(), "pod:90,ns");
    assert!(command(&mut model, "v all").contains(&Effect::View));
    assert_eq!((model.filter_text.as_str(), model.request.problems), ("", true));
    let columns = model.pods.columns.list().to_string();
    assert!(columns.starts_with("risk,pod,ns"), "those of the start");
    press(&mut model, "/ Up");
    assert_eq!(
        model.typed_text(),
        "pod:0007",
        "the filter before can be had again"
    );
}

#[test]
fn what_the_screen_shows_is_saved_and_comes_back() {
    let mut model = model(10);
    command(&mut model, "filter pod:0007");
    command(&mut model, "columns pod:40,ns,age");
    press(&mut model, "A I p");
    let effects = command(&mut model, "view save  night shift ");
    let ViewChange::Save(view) = change(&effects).clone() else {
        unreachable!()
    };
    assert_eq!(
        (
            view.name.as_str(),
            view.filter.as_str(),
            view.problems,
            view.origin
        ),
        ("night shift", "pod:0007", true, ViewOrigin::Saved)
    );
    let columns = view.columns.as_ref().map(ToString::to_string);
    assert_eq!(columns.as_deref(), Some("pod:40,ns,age"));
    let sort = model.sort();
    assert_eq!((view.sort, sort.is_backwards()), (sort, true));
    press(&mut model, "p");
    command(&mut model, "filter");
    command(&mut model, "columns reset");
    command(&mut model, "view night shift");
    assert_eq!(*view, model.view_now("night shift"));
}

#[test]
fn the_overview_and_the_changes_are_saved_with_what_is_theirs() {
    let mut model = model(10);
    command(&mut model, "filter ns:a");
    press(&mut model, "2");
    model.sort_namespaces(OverviewColumn::Failed);
    command(&mut model, "view save worst");
    press(&mut model, "3 /");
    type_text(&mut model, "changed:status");
    press(&mut model, "Enter");
    command(&mut model, "view save flaps");
    let [flaps, worst] = model.saved_views.all() else {
        unreachable!()
    };
    assert_eq!(
        (worst.shown_in(), worst.filter.as_str()),
        (ViewKind::Overview, "ns:a")
    );
    assert_eq!(worst.namespaces, OverviewColumn::Failed.first_direction());
    assert_eq!(
        (flaps.shown_in(), flaps.filter.as_str()),
        (ViewKind::Changes, "changed:status")
    );
    model.changes.filter_text.clear();
    press(&mut model, "1");
    command(&mut model, "filter");
    command(&mut model, "view flaps");
    assert_eq!(model.focus.view(), ViewKind::Changes);
    assert_eq!(
        (model.changes.filter_text.as_str(), model.filter_text.as_str()),
        ("changed:status", "")
    );
    command(&mut model, "view worst");
    assert_eq!(
        (model.focus.view(), model.filter_text.as_str()),
        (ViewKind::Overview, "ns:a")
    );
}

#[test]
fn the_menu_shows_a_view_deletes_it_and_brings_it_back() {
    let mut model = model(10);
    for name in ["a", "b", "c"] {
        command(&mut model, &format!("filter pod:{name}"));
        command(&mut model, &format!("view save {name}"));
    }
    press(&mut model, "V j");
    assert_eq!(model.mode(), Mode::Views);
    assert_eq!(
        *change(&press(&mut model, "d")),
        ViewChange::Delete("b".to_owned())
    );
    assert_eq!((names(&model), model.mode()), (vec!["a", "c"], Mode::Views));
    assert!(matches!(change(&press(&mut model, "u")), ViewChange::Save(view) if view.name == "b"));
    assert_eq!(names(&model), ["a", "b", "c"]);
    press(&mut model, "u");
    assert_eq!(told(&model), "no view was deleted");
    press(&mut model, "g");
    assert!(press(&mut model, "Enter").contains(&Effect::View));
    assert_eq!((model.filter_text.as_str(), model.mode()), ("pod:a", Mode::Table));
    command(&mut model, "views");
    assert_eq!(model.mode(), Mode::Views);
    press(&mut model, "Esc");
    assert_eq!(model.mode(), Mode::Table);
}

#[test]
fn a_view_of_the_configuration_is_neither_replaced_nor_deleted() {
    let mut model = model(10);
    model.saved_views = SavedViews::configured(vec![configured("hot", "x")]);
    for text in ["view save hot", "view delete hot"] {
        assert_eq!(command(&mut model, text), [], "{text}");
        assert!(
            told(&model).starts_with("hot is a view of the configuration file"),
            "{text}"
        );
    }
    press(&mut model, "V d");
    assert_eq!(names(&model), ["hot"]);
}

#[test]
fn an_unknown_name_is_told_with_the_nearest_one_and_a_bad_one_with_what_is_wrong() {
    let mut model = model(10);
    for (text, says) in [
        ("view hot", "no view hot; no view is saved; :view save NAME"),
        ("view save", "a view needs a name"),
        ("view save delete x", "a view cannot have the name save or delete"),
        ("view delete hot", "no view hot"),
    ] {
        assert_eq!(command(&mut model, text), [], "{text}");
        assert!(told(&model).starts_with(says), "{text}: {}", told(&model));
    }
    command(&mut model, "view save night");
    command(&mut model, "view nihgt");
    assert_eq!(told(&model), "no view nihgt; did you mean night?");
    command(&mut model, "view elsewhere");
    assert_eq!(told(&model), "no view elsewhere; saved views: night");
}

#[test]
fn while_names_are_masked_a_view_keeps_the_filter_that_is_meant_and_the_name_that_was_typed() {
    let mut model = model(10);
    command(&mut model, "filter pod:pod-0007");
    command(&mut model, "mask");
    let pseudonym = model
        .fleet
        .pod(7)
        .unwrap()
        .name()
        .value()
        .unwrap()
        .shown()
        .to_owned();
    let effects = command(&mut model, &format!("view save {pseudonym}"));
    let ViewChange::Save(view) = change(&effects) else {
        unreachable!()
    };
    assert_eq!(
        (view.filter.as_str(), view.name.as_str()),
        ("pod:pod-0007", pseudonym.as_str())
    );
    command(&mut model, "view secret-name");
    assert!(!told(&model).contains("secret-name"), "{}", told(&model));
}

#[test]
fn what_cannot_be_used_of_a_view_is_told_when_it_is_shown() {
    let mut model = model(10);
    let odd = SavedView {
        faults: vec!["F line 3: views.odd.sort is x".to_owned(), "more".to_owned()],
        ..configured("odd", "pod:0007")
    };
    model.saved_views = SavedViews::configured(vec![odd]);
    command(&mut model, "view odd");
    assert_eq!(
        told(&model),
        "view odd: F line 3: views.odd.sort is x (and 1 more)"
    );
    assert_eq!(model.filter_text, "pod:0007");
}

#[test]
fn news_of_the_file_is_taken_and_told() {
    let mut model = model(1);
    let saved = SavedView {
        origin: ViewOrigin::Saved,
        ..configured("b", "")
    };
    let news = OwnNews {
        views: Some(vec![saved]),
        lines: None,
        told: Some("view b is saved".to_owned()),
    };
    update(&mut model, Event::Own(Box::new(news)));
    assert_eq!((names(&model), told(&model)), (vec!["b"], "view b is saved"));
}

#[test]
fn a_view_that_replaces_another_says_so() {
    let mut model = model(10);
    assert!(matches!(
        change(&command(&mut model, "view save night")),
        ViewChange::Save(_)
    ));
    assert!(matches!(
        change(&command(&mut model, "view save night")),
        ViewChange::Replace(_)
    ));
}
