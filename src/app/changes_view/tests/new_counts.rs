//! The header's numbers of new pods are what the changes list as unread, whatever happened before.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::fleet::news::COUNTED;
use crate::fleet::risk;
use crate::fleet::score_shift::since_which;

/// What can happen between two looks at the header. Numbers choose one of what there is.
#[derive(Debug, Clone)]
enum Step {
    /// A list in which this pod is in this state, or is not listed.
    List(usize, Option<[&'static str; 3]>),
    /// A picture with all changes and no pod: the state of an earlier run is read before the pods are.
    ChangesFirst,
    Read(usize),
    Acknowledge(usize),
    Mute(usize),
    Undo,
}

fn step() -> impl Strategy<Value = Step> {
    let protection = select(vec!["opened", "closed", "protection_exception"]);
    let detection = select(vec!["clean", "risk", "undetected"]);
    let status = select(vec!["Running", "Failed", "Pending"]);
    let state = (protection, detection, status).prop_map(|(a, b, c)| [a, b, c]);
    prop_oneof![
        6 => (0..4_usize, prop::option::weighted(0.8, state)).prop_map(|(at, state)| Step::List(at, state)),
        1 => Just(Step::ChangesFirst),
        2 => any::<usize>().prop_map(Step::Read),
        1 => any::<usize>().prop_map(Step::Acknowledge),
        1 => any::<usize>().prop_map(Step::Mute),
        1 => Just(Step::Undo),
    ]
}

/// The pods as the last list has them, and all that changed.
#[derive(Default)]
struct Past {
    pods: [Option<Pod>; 4],
    changes: Vec<Change>,
}

impl Past {
    fn list(&mut self, at: usize, state: Option<[&str; 3]>, minute: i64) {
        let after = state.map(|[protection, detection, status]| {
            let pod = serverless(&format!("p{at}")).within("prod", "pay");
            pod.security(protection, detection).status(status).build()
        });
        let kinds = match (&self.pods[at], &after) {
            (None, None) => vec![],
            (None, Some(_)) => vec![ChangeKind::Appeared],
            (Some(_), None) => vec![ChangeKind::Vanished],
            (Some(before), Some(after)) => ChangeKind::between(before, after),
        };
        let seen = Some(minutes_ago(-minute));
        for kind in kinds {
            let pod = after.as_ref().or(self.pods[at].as_ref()).unwrap();
            self.changes.push(Change {
                after: seen,
                noticed: seen,
                ..Change::of(pod, kind)
            });
        }
        self.pods[at] = after;
    }

    fn show(&self, model: &mut Model, is_of_an_earlier_run: bool, has_pods: bool) {
        let pods = self.pods.iter().flatten().filter(|_| has_pods);
        let fleet = pods
            .cloned()
            .collect::<Fleet>()
            .with_changes(self.changes.clone());
        let fleet = if is_of_an_earlier_run {
            fleet.as_of_an_earlier_run()
        } else {
            fleet
        };
        let reply = Reply {
            source: SourceId::default(),
            news: News::List {
                status: Box::new(model.status.clone()),
                fleet: Some(fleet),
            },
        };
        update(model, Event::Reply(Box::new(reply)));
    }
}

/// For each state that is counted: the pods that are in it since a change that the list of changes has as unread.
fn listed_as_new(model: &Model) -> Vec<usize> {
    let changes = model.fleet.changes();
    let is_unread = |change: &Change| {
        let mut recorded = changes.recorded();
        let recorded = recorded.find(|recorded| recorded.id == ChangeId::of(change));
        recorded.is_some_and(|recorded| model.unread.is_unread(&recorded))
    };
    let of = |reason| {
        let pods = model.fleet.pods();
        let new = pods.filter(|pod| {
            risk::reasons(pod).contains(&reason)
                && since_which(changes, &pod.key, reason).is_some_and(is_unread)
        });
        new.count()
    };
    COUNTED.map(of).to_vec()
}

fn counted_as_new(model: &Model) -> Vec<usize> {
    COUNTED.map(|reason| model.unread.new_in(reason)).to_vec()
}

proptest! {
    #![proptest_config(crate::long_tests::cases(100, 1000))]

    #[test]
    fn the_numbers_of_new_pods_are_those_of_unread_changes_that_brought_the_state(
        is_of_an_earlier_run in any::<bool>(),
        steps in prop::collection::vec(step(), 1..24),
    ) {
        let mut model = model();
        tell_saved(&mut model);
        let mut past = Past::default();
        for (minute, step) in (0..).zip(steps) {
            let nth = |model: &Model, at: usize| {
                let mut recorded = model.fleet.changes().recorded();
                let at = at.checked_rem(recorded.len())?;
                recorded.nth(at).map(|recorded| (recorded.id, recorded.change.clone()))
            };
            match step {
                Step::List(at, state) => {
                    past.list(at, state, minute);
                    past.show(&mut model, is_of_an_earlier_run, true);
                }
                Step::ChangesFirst => {
                    past.show(&mut model, is_of_an_earlier_run, false);
                    prop_assert_eq!(counted_as_new(&model), listed_as_new(&model));
                    past.show(&mut model, is_of_an_earlier_run, true);
                }
                Step::Read(at) => drop(nth(&model, at).map(|(id, _)| model.read_changes([id]))),
                Step::Acknowledge(at) => drop(nth(&model, at).map(|(id, _)| model.acknowledge_changes(&[id]))),
                Step::Mute(at) => drop(nth(&model, at).map(|(_, change)| {
                    model.mute(MuteTarget::pod_of(&change), MuteEnd::Never)
                })),
                Step::Undo => drop(model.undo_decision()),
            }
            prop_assert_eq!(counted_as_new(&model), listed_as_new(&model));
        }
    }
}

#[test]
fn pods_that_are_loaded_after_their_changes_are_counted_as_new_without_a_key() {
    let mut model = model();
    tell_saved(&mut model);
    let mut past = Past::default();
    past.list(0, Some(["protection_exception", "clean", "Running"]), 1);
    past.list(1, Some(["opened", "clean", "Running"]), 1);
    past.list(1, Some(["opened", "risk", "Running"]), 2);
    past.show(&mut model, true, false);
    assert_eq!(counted_as_new(&model), [0, 0, 0, 0], "there is no pod");
    past.show(&mut model, true, true);
    assert_eq!(counted_as_new(&model), [1, 1, 0, 0]);
}
