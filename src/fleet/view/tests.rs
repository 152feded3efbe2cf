use super::*;
use crate::fleet::fixture::{node, serverless};
use crate::fleet::pseudonym::Pseudonyms;
use crate::fleet::store::{Records, Store, SweepKind};

fn fleet() -> Fleet {
    [
        node("api-1").within("c", "payments").build(),
        node("api-2").within("c", "payments").status("Failed").build(),
        node("web-1").within("c", "search").build(),
        serverless("settle-1")
            .within("cci", "payments")
            .security("opened", "risk")
            .build(),
    ]
    .into_iter()
    .collect()
}

fn names(view: &View) -> Vec<String> {
    let pods = (0..view.len()).filter_map(|place| view.pod(place));
    pods.filter_map(|pod| pod.name().value().map(|name| name.raw().to_owned()))
        .collect()
}

fn view(request: ViewRequest) -> View {
    View::of(&fleet(), request, Timestamp::UNIX_EPOCH)
}

#[test]
fn scope_then_filter_then_sort() {
    let request = ViewRequest {
        scope: Scope {
            namespace: Some("pay".into()),
            ..Scope::default()
        },
        filter: Query::parse("api").unwrap(),
        sort: PodField::Name.first_direction().reversed(),
        ..ViewRequest::default()
    };
    let view = view(request);
    assert_eq!(names(&view), ["api-2", "api-1"]);
    assert_eq!(view.summary.pods, 3, "the counts cover the scope");
    let key = view.pod(1).unwrap().key;
    assert_eq!(
        (view.position(&key, None), view.position(&key, Some(0))),
        (Some(1), Some(1))
    );
}

#[test]
fn only_problems_are_shown_if_requested() {
    let request = ViewRequest {
        problems: true,
        ..ViewRequest::default()
    };
    assert_eq!(names(&view(request)), ["settle-1", "api-2"]);
}

#[test]
fn a_view_is_only_reversed_for_the_same_rows() {
    let fleet = fleet();
    let request = |filter: &str, sort| ViewRequest {
        filter: Query::parse(filter).unwrap(),
        sort,
        ..ViewRequest::default()
    };
    let sort = PodField::Name.first_direction();
    let view = View::of(&fleet, request("", sort), Timestamp::UNIX_EPOCH);
    let turned = view.turned(&fleet, &request("", sort.reversed())).unwrap();
    assert_eq!(names(&turned), ["web-1", "settle-1", "api-2", "api-1"]);
    let key = turned.pod(0).unwrap().key;
    assert_eq!(
        (turned.position(&key, None), turned.request.sort),
        (Some(0), sort.reversed())
    );
    let back = turned.turned(&fleet, &request("", sort)).unwrap();
    assert_eq!(names(&back), names(&view));
    assert!(view.turned(&fleet, &request("api", sort)).is_none(), "other rows");
    assert!(
        view.turned(&fleet, &request("", Sort::default())).is_none(),
        "another column"
    );
    assert!(
        view.turned(&super::tests::fleet(), &request("", sort)).is_none(),
        "another fleet"
    );
    let aged = request("age<30d", sort);
    let by_age = View::of(&fleet, aged.clone(), Timestamp::UNIX_EPOCH);
    assert!(by_age.turned(&fleet, &aged).is_none(), "ages change with time");
}

#[test]
fn pods_that_are_gone_come_last_in_every_order() {
    let names_of_all = ["api-1", "api-2", "db-1", "web-1"];
    let mut store = Store::default();
    for names in [&names_of_all[..], &["api-2", "web-1"]] {
        store.begin_sweep(SweepKind::Fleet);
        let node = names.iter().map(|name| node(name).build().node.unwrap());
        let records = Records {
            node: node.collect(),
            ..Records::default()
        };
        store.merge(Some(SweepKind::Fleet), records);
        store.end_sweep(SweepKind::Fleet, &Scope::default(), Timestamp::UNIX_EPOCH);
    }
    let by_name = PodField::Name.first_direction();
    for (sort, expected) in [
        (by_name, ["api-2", "web-1", "api-1", "db-1"]),
        (by_name.reversed(), ["web-1", "api-2", "api-1", "db-1"]),
    ] {
        let request = ViewRequest {
            sort,
            ..ViewRequest::default()
        };
        let unsorted = Unsorted::of(&store.snapshot(), request, Timestamp::UNIX_EPOCH);
        let whole = unsorted.whole(&mut Orders::default());
        assert_eq!(names(&whole), expected);
        assert_eq!(whole.gone(), 2);
        for start in 0..4 {
            let window = unsorted.window(start..4);
            let rows = |view: &View| (start..4).map(|place| view.row(place)).collect::<Vec<_>>();
            assert_eq!(rows(&window), rows(&whole), "from {start}");
        }
    }
}

#[test]
fn a_window_knows_its_own_rows_and_the_number_of_all_rows() {
    let unsorted = Unsorted::of(&fleet(), ViewRequest::default(), Timestamp::UNIX_EPOCH);
    let (window, whole) = (unsorted.window(1..3), unsorted.whole(&mut Orders::default()));
    assert_eq!(window.len(), 4);
    assert_eq!(
        [0, 1, 2, 3].map(|place| window.row(place).is_some()),
        [false, true, true, false]
    );
    assert_eq!((window.row(1), window.row(2)), (whole.row(1), whole.row(2)));
    assert!(window.knows(1..3) && !window.knows(0..3) && whole.knows(0..9));
}

#[test]
fn a_frame_finds_the_pods_of_the_one_before() {
    let view = view(ViewRequest::default());
    let before = view.on_screen(0..3);
    let after = view.clone().on_screen(1..9);
    assert_eq!(
        after.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        [1, 2, 3],
        "there are four"
    );
    for (place, pod) in &after {
        assert_eq!(**pod, view.pod(*place).unwrap());
        let known = before.iter().find(|(at, _)| at == place);
        assert_eq!(
            known.is_some_and(|(_, known)| Arc::ptr_eq(known, pod)),
            *place < 3
        );
    }
    assert!(
        Arc::strong_count(&before[0].1) == 1,
        "the last frame did not show it"
    );
}

#[test]
fn names_that_are_masked_meanwhile_are_not_those_of_the_frame_before() {
    let view = view(ViewRequest::default());
    let named = view.on_screen(0..4);
    let masked = view
        .fleet
        .masked_by(Some(Arc::new(Pseudonyms::random().unwrap())));
    let view = view.with_fleet(masked);
    for ((_, named), (place, masked)) in named.iter().zip(view.on_screen(0..4)) {
        assert_eq!(*masked, view.pod(place).unwrap());
        assert_ne!(named.name(), masked.name());
    }
}
