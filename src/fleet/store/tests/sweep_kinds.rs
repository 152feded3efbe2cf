//! What a sweep proves about pods that it did not see itself.

use super::*;

fn web() -> Scope {
    Scope {
        pod: Some("web".into()),
        ..Scope::default()
    }
}

fn sweep(store: &mut Store, kind: SweepKind, scope: &Scope, pods: &[&str]) -> usize {
    store.begin_sweep(kind);
    store.merge(Some(kind), nodes(pods));
    store.end_sweep(kind, scope, now())
}

#[test]
fn pods_vanish_also_if_the_service_matches_a_part_of_a_name() {
    let mut store = Store::default();
    for round in 0..5 {
        let names: Vec<String> = (0..3).map(|pod| format!("web-{}", round * 3 + pod)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let gone = sweep(&mut store, SweepKind::Fleet, &web(), &names);
        assert_eq!(gone, if round == 0 { 0 } else { 3 });
    }
    let fleet = store.snapshot();
    assert_eq!((fleet.len(), fleet.gone()), (3, 12));
    let appeared = |kind: &ChangeKind| *kind == ChangeKind::Appeared;
    let appeared_pods = fleet.changes().iter().filter(|change| appeared(&change.kind));
    assert_eq!(appeared_pods.count(), 12);
}

#[test]
fn the_answers_of_an_earlier_run_prove_how_a_filter_matches() {
    let mut store = Store::default();
    store.merge(None, nodes(&["web-0", "web-1"]));
    store.end_restore(Some(&web()));
    assert_eq!(sweep(&mut store, SweepKind::Fleet, &web(), &[]), 2);
}

#[test]
fn a_pod_from_another_sweep_proves_nothing_about_a_filter() {
    let mut store = Store::default();
    sweep(&mut store, SweepKind::Fleet, &Scope::default(), &["web", "web-0"]);
    assert_eq!(sweep(&mut store, SweepKind::Part, &web(), &["web"]), 0);
    assert_eq!(sweep(&mut store, SweepKind::Part, &web(), &[]), 1);
    assert_eq!(names(&store), ["web-0"]);
}

#[test]
fn a_pod_in_any_page_since_the_sweep_began_is_not_gone() {
    let anew = |id: &str| Records {
        node: vec![node("a").id(id).node_record()],
        serverless: vec![],
    };
    let part = Scope {
        namespace: Some("default".into()),
        ..Scope::default()
    };
    for kind in [Some(SweepKind::Part), None] {
        let mut store = started();
        store.merge(Some(SweepKind::Fleet), anew("a-0"));
        store.begin_sweep(SweepKind::Part);
        store.merge(kind, anew("a-1"));
        assert_eq!(store.end_sweep(SweepKind::Part, &part, now()), 1, "a-0");
        store.merge(Some(SweepKind::Fleet), nodes(&["z"]));
        assert_eq!(store.end_sweep(SweepKind::Fleet, &Scope::default(), now()), 0);
        assert_eq!(names(&store), ["a", "z"]);
        assert_eq!(
            sweep(&mut store, SweepKind::Fleet, &Scope::default(), &["z"]),
            1,
            "pages from before the sweep do not count"
        );
    }
}

#[test]
fn the_serverless_record_goes_to_the_pod_that_another_sweep_saw() {
    let mut store = started();
    let burst = || serverless("a").serverless_record();
    let both = |id: &str| Records {
        node: vec![node("a").id(id).node_record()],
        serverless: vec![burst()],
    };
    store.merge(Some(SweepKind::Fleet), both("a-0"));
    store.begin_sweep(SweepKind::Fleet);
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![],
            serverless: vec![burst()],
        },
    );
    let mut anew = both("a-1");
    anew.serverless.clear();
    store.merge(Some(SweepKind::Part), anew);
    assert_eq!(
        store.end_sweep(SweepKind::Fleet, &Scope::default(), now()),
        1,
        "a-0"
    );
    let pod = store.snapshot().pod(1).unwrap();
    assert!(pod.node.is_some() && pod.serverless.is_some());
}

/// How a service may compare a name with a filter.
#[derive(Debug, Clone, Copy)]
enum Matches {
    Equal,
    Start,
    Part,
}

impl Matches {
    fn holds(self, name: &str) -> bool {
        match self {
            Self::Equal => name == "web",
            Self::Start => name.starts_with("web"),
            Self::Part => name.contains("web"),
        }
    }
}

proptest! {
    /// However the service compares: after a sweep, every pod that an answer to its scope ever contained is
    /// present if and only if it still exists, and no existing pod is ever regarded as gone.
    #[test]
    fn pods_vanish_according_to_how_far_a_filter_is_proven_to_reach(
        matches in prop_oneof![Just(Matches::Equal), Just(Matches::Start), Just(Matches::Part)],
        rounds in prop::collection::vec((prop::array::uniform5(any::<bool>()), any::<bool>()), 1..8),
    ) {
        let all = ["web", "web-0", "web-1", "my-web", "api"];
        let (mut store, mut answered) = (Store::default(), [false; 5]);
        for (there, is_part) in rounds {
            let (kind, scope) = if is_part { (SweepKind::Part, web()) } else { (SweepKind::Fleet, Scope::default()) };
            let holds = |at: usize| !is_part || matches.holds(all[at]);
            let page: Vec<&str> = (0..5).filter(|at| there[*at] && holds(*at)).map(|at| all[at]).collect();
            sweep(&mut store, kind, &scope, &page);
            let alive = names(&store);
            for at in 0..5 {
                let is_alive = alive.iter().any(|name| name == all[at]);
                answered[at] |= is_part && page.contains(&all[at]);
                if page.contains(&all[at]) {
                    prop_assert!(is_alive, "{} exists", all[at]);
                } else if !is_part || answered[at] {
                    prop_assert!(!is_alive, "{} is gone", all[at]);
                }
            }
            if is_part {
                // A pod that the answer could not contain is unchanged: the next sweep over the fleet finds
                // it.
                let unseen: Vec<&str> = (0..5).filter(|at| there[*at] && !holds(*at)).map(|at| all[at]).collect();
                store.merge(None, nodes(&unseen));
                let known = names(&store);
                prop_assert!(unseen.iter().all(|name| known.iter().any(|known| known == name)));
            }
        }
    }
}
