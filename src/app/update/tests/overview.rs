//! The overview: the cursor stays on its namespace, and Enter leads to its pods and Esc back.

use crossterm::event::MouseEventKind;

use super::mouse::{LEFT, mouse};
use super::*;
use crate::fleet::fixture::serverless;
use crate::fleet::overview::{OverviewColumn, OverviewSort};
use crate::keys::ViewKind;
use crate::report::ExportSubject;

/// A model of pods in this many namespaces, with the overview in front. The first namespaces are the worst.
fn overview(namespaces: usize) -> Model {
    let mut model = model(0);
    let pods = (0..namespaces).flat_map(|at| {
        (0..=at % 3).map(move |pod| {
            let name = format!("pod-{at:03}-{pod}");
            let status = if at < 3 { "Failed" } else { "Running" };
            node(&name)
                .within(&format!("cluster-{}", at % 4), &format!("ns-{at:03}"))
                .status(status)
                .build()
        })
    });
    model.fleet = pods.collect();
    model.status.whole = true;
    assert_eq!(press(&mut model, "2"), [Effect::View]);
    refresh(&mut model);
    model
}

fn namespace(model: &Model) -> String {
    let row = model.namespace().unwrap();
    row.key.namespace.value().unwrap().raw().to_owned()
}

#[test]
fn the_namespaces_are_counted_only_while_they_are_in_front() {
    let mut model = overview(9);
    assert_eq!(model.namespace_count(), 9);
    assert_eq!(press(&mut model, "1"), [], "the pods are there already");
    refresh(&mut model);
    assert!(model.overview().is_none());
    assert_eq!(press(&mut model, "2"), [Effect::View]);
}

#[test]
fn the_cursor_stays_on_its_namespace_through_orders_filters_and_refreshes() {
    let mut model = overview(60);
    press(&mut model, "j j j j j j j");
    let name = namespace(&model);
    for keys in ["I", "P", "O", "R", "s g Enter", "/ n s Enter"] {
        press(&mut model, keys);
        refresh(&mut model);
        assert_eq!(namespace(&model), name, "{keys}");
        let (cursor, top) = (model.namespaces.cursor, model.namespaces.top);
        assert!((top..top + model.namespaces_shown()).contains(&cursor), "{keys}");
    }
    press(&mut model, "G g");
    assert_eq!(
        model.namespaces.selected, None,
        "the first row is whoever is worst"
    );
}

#[test]
fn enter_shows_the_pods_of_the_namespace_and_esc_comes_back_to_it() {
    let mut model = overview(60);
    press(&mut model, "/ : Esc");
    press(&mut model, "/");
    type_text(&mut model, "ns:ns-01,ns-02 pod:pod");
    press(&mut model, "Enter");
    refresh(&mut model);
    press(&mut model, "j j j j");
    let (name, pods) = (namespace(&model), model.namespace().unwrap().counts.summary.pods);
    assert!(press(&mut model, "Enter").contains(&Effect::View));
    refresh(&mut model);
    assert_eq!((model.focus.view(), model.view.len()), (ViewKind::Pods, pods));
    assert!(
        model.filter_text.starts_with("pod:pod ns=ns-0"),
        "{}",
        model.filter_text
    );
    assert!(press(&mut model, "Esc").contains(&Effect::View));
    refresh(&mut model);
    assert_eq!(model.focus.view(), ViewKind::Overview);
    assert_eq!(
        (namespace(&model), model.filter_text.as_str()),
        (name, "ns:ns-01,ns-02 pod:pod")
    );
    // Who types another filter stays with the pods.
    press(&mut model, "Enter / x Enter Esc");
    assert_eq!(model.focus.view(), ViewKind::Pods);
}

#[test]
fn the_first_row_is_no_namespace_until_the_operator_moves_or_looks() {
    let mut model = overview(5);
    let first = namespace(&model);
    press(&mut model, "I");
    refresh(&mut model);
    assert_ne!(namespace(&model), first);
    press(&mut model, "Enter");
    refresh(&mut model);
    press(&mut model, "Esc I");
    refresh(&mut model);
    assert_ne!(model.namespaces.cursor, 0, "it was looked at");
}

#[test]
fn every_order_of_the_menu_is_wanted_with_the_first_direction_and_again_reversed() {
    let mut model = overview(20);
    for (at, column) in OverviewColumn::ALL.into_iter().enumerate().skip(1) {
        for sort in [column.first_direction(), column.first_direction().reversed()] {
            press(&mut model, "s g");
            for _ in 0..at {
                press(&mut model, "j");
            }
            assert_eq!(press(&mut model, "Enter"), [Effect::View], "{column:?}");
            refresh(&mut model);
            assert_eq!(model.view.request.overview, Some(sort));
        }
    }
    press(&mut model, "R");
    assert_eq!(model.namespaces.sort, OverviewSort::default());
}

#[test]
fn a_minute_after_the_last_key_the_worst_namespaces_are_on_the_screen() {
    let mut model = overview(90);
    press(&mut model, "G");
    let (name, top) = (namespace(&model), model.namespaces.top);
    assert!(top > 0);
    let later = |model: &Model, seconds| model.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let then = later(&model, 61);
    update(&mut model, Event::Tick(then));
    refresh(&mut model);
    assert_eq!((model.namespaces.top, namespace(&model)), (0, name));
    press(&mut model, "k");
    assert!(model.namespaces.top > 0);
    press(&mut model, "I");
    refresh(&mut model);
    press(&mut model, "G");
    let then = later(&model, 600);
    update(&mut model, Event::Tick(then));
    assert!(model.namespaces.top > 0, "the worst are not first");
}

#[test]
fn the_mouse_chooses_a_row_and_a_cell_of_the_strip() {
    let mut model = overview(12);
    let areas = crate::app::layout::areas(model.size).unwrap();
    let places = model.overview_areas(&areas);
    mouse(&mut model, LEFT, 9, places.table.y + 4);
    assert_eq!(model.namespaces.cursor, 3);
    let strip = crate::app::overview::strip::strip(model.overview().unwrap(), 120, 3);
    let cluster = strip.clusters[1];
    mouse(
        &mut model,
        LEFT,
        cluster.first_cell() + 2,
        places.strip.y + cluster.line,
    );
    let row = model
        .overview()
        .unwrap()
        .cluster(1)
        .unwrap()
        .places()
        .nth(2)
        .unwrap();
    assert_eq!(model.namespaces.cursor, row);
    for (x, y) in [(0, 0), (119, places.strip.y), (3, places.table.y), (3, 200)] {
        mouse(&mut model, LEFT, x, y);
        assert_eq!(model.namespaces.cursor, row);
    }
    mouse(&mut model, MouseEventKind::ScrollDown, 9, 9);
    assert_eq!(model.namespaces.cursor, (row + 3).min(11));
}

#[test]
fn what_is_exported_is_what_is_in_front() {
    let mut model = overview(4);
    assert_eq!(model.export_subject(), ExportSubject::Namespaces);
    assert!(matches!(press(&mut model, "e c")[..], [Effect::Export(_)]));
    press(&mut model, "1");
    assert_eq!(model.export_subject(), ExportSubject::Pods);
}

#[test]
fn the_commands_of_the_view_are_those_that_people_type() {
    for name in ["overview", "pulses"] {
        let mut model = model(3);
        press(&mut model, ":");
        type_text(&mut model, name);
        assert_eq!(press(&mut model, "Enter"), [Effect::View]);
        assert_eq!(model.mode(), Mode::Overview, "{name}");
        assert_eq!(press(&mut model, "q"), []);
        assert_eq!(model.mode(), Mode::Table, "q closes it");
    }
}

#[test]
fn the_header_counts_the_pods_in_scope_in_every_view_and_whatever_is_filtered() {
    let mut model = model(0);
    model.fleet = [
        serverless("a")
            .within("c", "x")
            .security("closed", "risk")
            .build(),
        serverless("b")
            .within("c", "y")
            .security("opened", "clean")
            .build(),
    ]
    .into_iter()
    .collect();
    press(&mut model, "/ n s : x Enter");
    refresh(&mut model);
    assert_eq!(model.counted().pods, 2, "the pods in scope");
    press(&mut model, "2");
    refresh(&mut model);
    assert_eq!((model.counted().pods, model.counted().risk), (2, 1));
    let rows = model.overview().unwrap().total().summary;
    assert_eq!((rows.pods, rows.risk), (1, 1), "the rows follow the filter");
}
