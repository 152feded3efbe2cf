//! What is done with the pod under the cursor.

use super::*;
use crate::app::compare::Compared;
use crate::app::row_menu::MenuItem;
use crate::report::copied::CopyItem;
use crate::terminal::{OnceOutput, TerminalTraits};
use crossterm::event::{MouseButton, MouseEventKind};

/// The names of the marked pods.
fn marked(model: &Model) -> Vec<String> {
    let pods = model.pods.marks.pods(&model.fleet).into_iter();
    pods.map(|(pod, _)| pod.name().value().unwrap().raw().to_owned())
        .collect()
}

fn copied(effects: &[Effect]) -> Option<&str> {
    match effects {
        [Effect::Once(OnceOutput::Copy(text))] => Some(text),
        _ => None,
    }
}

/// A new list with these pods arrives.
fn arrive(model: &mut Model, pods: &[&str]) {
    let fleet: Fleet = pods.iter().map(|name| node(name).build()).collect();
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(model.status.clone()),
            fleet: Some(fleet),
        },
    };
    update(model, Event::Reply(Box::new(reply)));
    refresh(model);
}

#[test]
fn a_mark_stays_with_its_pod_through_sort_filter_and_refresh_until_a_key_takes_it_away() {
    let mut model = model(10);
    press(&mut model, "j Space j j Space");
    assert_eq!(marked(&model), ["pod-0001", "pod-0003"]);
    press(&mut model, "C-n");
    refresh(&mut model);
    type_text(&mut model, "/0003");
    press(&mut model, "Enter");
    refresh(&mut model);
    assert_eq!((model.view.len(), marked(&model).len()), (1, 2));
    press(&mut model, "Esc");
    arrive(&mut model, &["pod-0009", "pod-0003", "pod-0002"]);
    assert_eq!(marked(&model), ["pod-0003"], "the other is not known any more");
    let at = (0..model.view.len()).find(|at| model.pods.marks.has(&model.view.pod(*at).unwrap().key));
    model.select(at.unwrap());
    press(&mut model, "Space");
    assert!(model.pods.marks.is_empty(), "the same key takes it away");
    press(&mut model, "Space U");
    assert!(model.pods.marks.is_empty());
    assert_eq!(said(&model), "1 mark removed");
}

#[test]
fn two_marked_pods_are_compared_or_one_with_the_one_under_the_cursor_or_one_with_its_past() {
    let names = |model: &Model| -> Vec<String> {
        let name = |pod: &crate::app::compare::ComparedPod| pod.pod.name().value().unwrap().to_string();
        match &model.focus.comparison().unwrap().of {
            Compared::Two(pods) => pods.iter().map(name).collect(),
            Compared::Past(pod) => vec![name(pod)],
        }
    };
    let mut model = model(10);
    press(&mut model, "j =");
    assert_eq!(
        (model.mode(), names(&model)),
        (Mode::Compare, vec!["pod-0001".to_owned()])
    );
    press(&mut model, "q Space j =");
    assert_eq!(names(&model), ["pod-0001", "pod-0002"]);
    press(&mut model, "Esc j Space g =");
    assert_eq!(names(&model), ["pod-0001", "pod-0003"], "the cursor is elsewhere");
    arrive(&mut model, &["pod-0007", "pod-0003"]);
    assert_eq!(
        names(&model),
        ["pod-0001", "pod-0003"],
        "one that is forgotten stays as it was"
    );
    press(&mut model, "Esc G Space g Space");
    press(&mut model, "G");
    assert_eq!(
        marked(&model),
        ["pod-0007"],
        "the mark of pod-0003 was taken away"
    );
    arrive(&mut model, &["a", "b", "c"]);
    press(&mut model, "g Space j Space j Space =");
    assert_eq!(model.mode(), Mode::Table);
    assert_eq!(
        said(&model),
        "3 pods are marked, but only two can be compared; U removes all marks"
    );
    let mut nothing = super::model(0);
    press(&mut nothing, "= o");
    assert_eq!(nothing.mode(), Mode::Table, "there is no pod");
}

#[test]
fn the_menu_copies_filters_marks_compares_and_shows_its_pod() {
    let mut model = model(10);
    press(&mut model, "j o");
    assert_eq!(
        (model.mode(), model.focus.row_menu().unwrap().title.as_str()),
        (Mode::RowMenu, "pod-0001")
    );
    let place = |model: &Model, wanted: &dyn Fn(&MenuItem) -> bool| {
        model
            .focus
            .row_menu()
            .unwrap()
            .rows
            .iter()
            .position(|row| wanted(&row.item))
            .unwrap()
    };
    assert_eq!(copied(&press(&mut model, "Enter")), Some("pod-0001"));
    assert_eq!(model.mode(), Mode::Table);
    let mut choose = |wanted: &dyn Fn(&MenuItem) -> bool| {
        press(&mut model, "o");
        model.focus.row_menu_mut().unwrap().choice = place(&model, wanted);
        let effects = press(&mut model, "Enter");
        (model.clone(), effects)
    };
    let (after, effects) =
        choose(&|item| matches!(item, MenuItem::Filter(filter) if filter.starts_with("node")));
    assert_eq!(
        (after.filter_text.as_str(), effects),
        ("node=192.168.0.50", vec![Effect::View])
    );
    let (after, _) = choose(&|item| *item == MenuItem::Mark);
    assert_eq!(after.pods.marks.len(), 1);
    let (after, _) = choose(&|item| *item == MenuItem::Compare);
    assert_eq!(after.mode(), Mode::Compare);
    press(&mut model, "Esc o G Enter");
    assert_eq!(model.mode(), Mode::Detail);
    press(&mut model, "o");
    assert_eq!(model.mode(), Mode::RowMenu, "and from the detail");
    press(&mut model, "Esc");
    assert_eq!(model.mode(), Mode::Detail);
}

#[test]
fn the_menu_has_each_thing_to_copy_and_the_filters_of_each_place() {
    let mut model = super::model(0);
    let pod = || node("api-0").within("prod-a", "payments");
    let fleet: Fleet = [pod().build(), node("other").within("prod-b", "search").build()]
        .into_iter()
        .collect();
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(model.status.clone()),
            fleet: Some(fleet),
        },
    };
    update(&mut model, Event::Reply(Box::new(reply)));
    refresh(&mut model);
    let at = (0..2).find(|at| model.view.pod(*at).unwrap().key == pod().build().key);
    model.select(at.unwrap());
    press(&mut model, "o");
    let rows = model.focus.row_menu().unwrap().rows.clone();
    let labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    // HSS does not report the IP of this pod.
    for item in CopyItem::ALL.into_iter().filter(|item| *item != CopyItem::Ip) {
        let label = format!("copy {}", item.label());
        assert!(labels.contains(&label.as_str()), "{label}: {labels:?}");
    }
    for (label, filter) in [
        ("only this namespace", "ns=payments"),
        ("only this cluster", "cluster=prod-a"),
        ("only this node", "node="),
    ] {
        let mut model = model.clone();
        model.focus.row_menu_mut().unwrap().choice = labels.iter().position(|it| *it == label).unwrap();
        assert_eq!(press(&mut model, "Enter"), [Effect::View]);
        assert!(model.filter_text.starts_with(filter), "{}", model.filter_text);
        refresh(&mut model);
        assert!(model.view.pod(0).is_some(), "{label} finds its own pod");
    }
}

#[test]
fn the_clipboard_gets_what_was_asked_for_and_the_notice_says_that_it_was_sent() {
    let mut model = model(2);
    assert_eq!(copied(&press(&mut model, "c")), Some("pod-0000"));
    assert_eq!(said(&model), "sent to the terminal: pod-0000");
    model.terminal = TerminalTraits::of(&|name| (name == "TMUX").then(|| "/tmp/t,1,0".to_owned()));
    let json = press(&mut model, "Y");
    let read: serde_json::Value = serde_json::from_str(copied(&json).unwrap()).unwrap();
    assert_eq!(read["pod_name"], "pod-0000");
    assert_eq!(
        said(&model),
        "sent to the terminal: pod-0000 as JSON (tmux passes it on with set-clipboard on)"
    );
    for (typed, text) in [
        ("copy", "pod-0000"),
        ("copy ns", "default"),
        ("copy kubectl", "kubectl get pod -n default pod-0000"),
    ] {
        press(&mut model, ":");
        type_text(&mut model, typed);
        assert_eq!(copied(&press(&mut model, "Enter")), Some(text), "{typed}");
    }
    for (typed, why) in [
        ("copy ip", "not copied: HSS does not report the IP of this pod"),
        (
            "copy x",
            "copy expects one of name, ip, node, namespace, cluster, kubectl, json",
        ),
    ] {
        press(&mut model, ":");
        type_text(&mut model, typed);
        assert_eq!(press(&mut model, "Enter"), [], "{typed}");
        assert_eq!(said(&model), why);
    }
}

#[test]
fn a_right_click_opens_the_menu_of_its_row_and_a_click_there_does_what_it_says() {
    let mut model = model(10);
    let table = crate::app::layout::areas(model.size).unwrap().table;
    let right = MouseEventKind::Down(MouseButton::Right);
    mouse::mouse(&mut model, right, 20, table.y + 3);
    assert_eq!(
        (model.mode(), model.focus.row_menu().unwrap().title.as_str()),
        (Mode::RowMenu, "pod-0002")
    );
    let spots = (model.hotspots)(&model);
    let first = spots
        .iter()
        .find(|spot| spot.target == crate::app::hotspots::ClickTarget::Choice(0))
        .unwrap();
    let left = MouseEventKind::Down(MouseButton::Left);
    let effects = mouse::mouse(&mut model, left, first.area.x, first.area.y);
    assert_eq!((copied(&effects), model.mode()), (Some("pod-0002"), Mode::Table));
    assert_eq!(mouse::mouse(&mut model, right, 0, 0), [], "nothing is there");
}

#[test]
fn a_row_that_is_still_being_read_is_not_compared_as_if_only_the_marked_pod_was_meant() {
    let mut model = model(5000);
    let unsorted = crate::fleet::view::Unsorted::of(&model.fleet, model.request.clone(), model.now);
    let window = unsorted.window(model.window());
    update(&mut model, Event::View(Box::new(window)));
    press(&mut model, "Space G");
    assert_eq!(model.view.row(model.pods.cursor), None, "it is asked for");
    press(&mut model, "=");
    assert_eq!(model.mode(), Mode::Table);
    assert!(model.notice.as_ref().unwrap().text.contains("still being read"));
}
