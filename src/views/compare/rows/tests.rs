//! Differences are marked, and equal values are not.

use ratatui::layout::Size;

use super::*;
use crate::app::update::update;
use crate::collector::FetchRequest;
use crate::fleet::fixture::{node, serverless};
use crate::fleet::words::Detection;
use crate::fleet::{Fleet, Scope, SourceId, View, ViewRequest};
use crate::settings::SourceLabel;

fn model(fleet: Fleet) -> Model {
    let wanted = FetchRequest {
        scope: Scope::default(),
        pod: None,
        asks: 0,
        syncs: 0,
        interval: std::time::Duration::from_mins(1),
    };
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    let mut model = Model::new(
        SourceLabel {
            profile: String::new(),
            id: SourceId::default(),
            project: "p".into(),
            enterprise_project: "0".into(),
            place: "test".into(),
            demo: false,
            recorded_at: None,
            is_masked: false,
            plain_text: false,
            signed_in_by: String::new(),
        },
        wanted,
        200,
        Size::new(80, 24),
        now,
        crate::views::DRAWN,
    );
    let view = View::of(&fleet, ViewRequest::default(), now);
    model.fleet = fleet;
    update(&mut model, crate::app::event::Event::View(Box::new(view)));
    model
}

fn sides(model: &Model) -> [ComparedPod; 2] {
    [0, 1].map(|row| ComparedPod::of(&model.fleet, row).unwrap())
}

#[test]
fn every_field_is_compared_once_or_told_with_another() {
    let told_with_another = [
        PodField::Cpu,
        PodField::CpuLimit,
        PodField::Memory,
        PodField::MemoryLimit,
        PodField::Ip,
    ];
    for field in PodField::ALL {
        let lines = FIELDS.iter().chain(&told_with_another);
        assert_eq!(lines.filter(|shown| *shown == field).count(), 1, "{field:?}");
    }
}

#[test]
fn only_what_the_screen_shows_differently_differs() {
    let fleet = [
        node("a").within("c", "pay").usage("95m", "100m", "", "").build(),
        node("b").within("c", "pay").status("Failed").build(),
    ];
    let model = model(fleet.into_iter().collect());
    let [left, right] = sides(&model);
    let differing = |left: &ComparedPod, right: &ComparedPod| -> Vec<&str> {
        let rows = of_two(left, right, &model).into_iter();
        rows.filter(|row| row.differs).map(|row| row.label).collect()
    };
    assert_eq!(differing(&left, &right), ["Risk", "Status", "CPU", "Pod", "Id"]);
    assert!(differing(&left, &left).is_empty());
    assert_eq!(of_two(&left, &right, &model).len(), FIELDS.len());
}

#[test]
fn a_pods_changes_are_told_newest_first_with_the_lists_they_lie_between() {
    let pod = serverless("a").security("opened", "risk").build();
    let at = |time: &str| Some(time.parse().unwrap());
    let change = |kind, before, after| Change {
        found: None,
        used: crate::fleet::changes::UsedShift::default(),
        pod: pod.key.clone(),
        name: pod.name().clone(),
        namespace: pod.namespace().clone(),
        cluster: pod.cluster().clone(),
        kind,
        before,
        after,
        noticed: None,
        scores: crate::fleet::changes::ScoreShift::default(),
    };
    let other = serverless("b").build();
    let changes = vec![
        change(ChangeKind::Appeared, None, at("2025-08-14T08:00:00Z")),
        change(
            ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into()),
            at("2025-08-15T08:00:00Z"),
            at("2025-08-15T09:00:00Z"),
        ),
        Change {
            pod: other.key.clone(),
            ..change(ChangeKind::Vanished, None, None)
        },
    ];
    let fleet: Fleet = [pod.clone()].into_iter().collect();
    let model = model(fleet.with_changes(changes));
    let side = ComparedPod::of(&model.fleet, 0).unwrap();
    let rows = of_past(&side, &model);
    let told: Vec<(&str, &str, &str, &str)> = rows
        .iter()
        .filter(|row| row.differs)
        .map(|row| {
            let [before, after] = &row.values;
            (row.label, before.0.as_str(), after.0.as_str(), row.when.as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Detection", "● clean", "▲ risk", "08:00–09:00"),
            ("Pod", "not listed", "listed", "by Aug 14 08:00"),
        ]
    );
    let alike = rows.iter().filter(|row| !row.differs);
    assert!(alike.map(|row| row.label).all(|label| label != "Detection"));
}
