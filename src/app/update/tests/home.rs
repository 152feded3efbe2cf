//! The screen that comes home, and what is marked as new until somebody acknowledges it.

use super::*;
use crate::fleet::changes::{Change, ChangeKind};
use crate::fleet::fixture::serverless;
use crate::fleet::news::ChangeMark;
use crate::fleet::risk::Reason;
use crate::fleet::words::Detection;

/// A model of many pods, the worst first, with the cursor on a pod far down.
fn far_down() -> Model {
    let mut model = model(500);
    model.request.sort = PodField::Risk.first_direction();
    refresh(&mut model);
    press(&mut model, "G");
    assert!(model.pods.top > 0);
    model
}

/// This many seconds pass.
fn pass(model: &mut Model, seconds: i64) -> Vec<Effect> {
    let now = model.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    update(model, Event::Tick(now))
}

#[test]
fn a_minute_after_the_last_key_the_screen_shows_the_worst_pods_and_the_cursor_stays_on_its_pod() {
    let mut model = far_down();
    let (pod, cursor) = (model.pod().unwrap().key, model.pods.cursor);
    pass(&mut model, 59);
    assert!(model.pods.top > 0);
    pass(&mut model, 1);
    assert_eq!((model.pods.top, model.pods.cursor), (0, cursor));
    assert_eq!(model.row_beyond(), Some(500));
    // A new picture of the fleet leaves both where they are.
    refresh(&mut model);
    assert_eq!((model.pods.top, model.pod().unwrap().key), (0, pod.clone()));
    // The next move goes on from the pod.
    press(&mut model, "k");
    assert_eq!((model.pods.cursor, model.row_beyond()), (cursor - 1, None));
    assert!(model.pods.top > 0 && model.pods.top <= model.pods.cursor);
    // The minute counts from that key.
    pass(&mut model, 59);
    assert!(model.pods.top > 0);
    pass(&mut model, 1);
    assert_eq!(model.pods.top, 0);
}

#[test]
fn the_screen_stays_where_it_is_while_somebody_reads_or_where_the_worst_are_not_first() {
    for key in ["?", "/", ":", "s"] {
        let mut model = far_down();
        press(&mut model, key);
        pass(&mut model, 600);
        assert!(model.pods.top > 0, "{key}");
    }
    let mut detail = far_down();
    press(&mut detail, "Enter");
    pass(&mut detail, 600);
    assert!(detail.pods.top > 0);
    for sort in [
        PodField::Name.first_direction(),
        PodField::Risk.first_direction().reversed(),
    ] {
        let mut model = far_down();
        model.request.sort = sort;
        refresh(&mut model);
        press(&mut model, "G");
        pass(&mut model, 600);
        assert!(model.pods.top > 0, "{sort:?}");
    }
}

#[test]
fn another_order_brings_the_pod_of_the_cursor_back_on_the_screen() {
    let mut model = far_down();
    pass(&mut model, 60);
    press(&mut model, "C-n");
    refresh(&mut model);
    let shown = model.pods.top..model.pods.top + model.rows_shown();
    assert!(shown.contains(&model.pods.cursor));
}

#[test]
fn new_risks_are_counted_until_they_are_acknowledged() {
    let mut model = model(1);
    let risky = serverless("a").security("opened", "risk").build();
    let change = Change {
        noticed: Some(model.now),
        ..Change::of(
            &risky,
            ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into()),
        )
    };
    let reply = Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(model.status.clone()),
            fleet: Some(Fleet::from_iter([risky.clone()]).with_changes(vec![change])),
        },
    };
    update(&mut model, Event::Reply(Box::new(reply)));
    refresh(&mut model);
    let new = |model: &Model| {
        (
            model.unread.new_in(Reason::DetectionRisk),
            model.unread.mark(&risky),
        )
    };
    assert_eq!(new(&model), (1, Some(ChangeMark::NewRisk)));
    press(&mut model, "a");
    assert_eq!(new(&model), (0, None));
}
