//! A month of daily snapshots of pods that appear, vanish and change: the log says exactly what happened. With `LONG_TESTS` they
//! are 10,000, of which as many change as of the 2,000 otherwise: the log keeps 10,000 changes.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::fleet::Scope;
use crate::fleet::fixture::serverless;
use crate::fleet::store::{Records, Store, SweepKind};
use crate::fleet::words::Detection;

const PODS: u64 = 2000;
/// With `LONG_TESTS`.
const MORE_PODS: u64 = 10_000;
pub(crate) const DAYS: i64 = 30;

/// A small generator of numbers that are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What a pod is like: status, protection and detection as HSS sends them.
pub(crate) type State = [&'static str; 3];

const WORDS: [&[&str]; 3] = [
    &["Running", "Failed", "Pending"],
    &["opened", "closed", "protection_exception"],
    &["clean", "risk", "undetected", "scanning"],
];
const FIELDS: [&str; 3] = ["status", "protection", "detection"];

/// What happened, as the world itself knows it: day, pod, kind, from, to.
pub(crate) type Happened = BTreeSet<(i64, String, String, String, String)>;

pub(crate) fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + day * 86_400).unwrap()
}

/// How many pods there are on each day.
fn pod_count() -> usize {
    usize::try_from(crate::long_tests::or_more(PODS, MORE_PODS)).unwrap()
}

fn namespace_of(pod: &str) -> String {
    let last = pod.bytes().last().unwrap_or_default();
    format!("ns-{}", last % 5)
}

fn sweep(store: &mut Store, world: &BTreeMap<String, State>, day: i64) {
    store.date(Some(at(day)));
    store.received(at(day) + SignedDuration::from_mins(2));
    store.begin_sweep(SweepKind::Fleet);
    let pods: Vec<(&String, &State)> = world.iter().collect();
    for page in pods.chunks(200) {
        let record = |(name, [status, protection, detection]): &(&String, &State)| {
            let sent = Detection::read(detection).sent().to_owned();
            let pod = serverless(name)
                .within("c", &namespace_of(name))
                .status(status)
                .security(protection, &sent)
                .build();
            pod.serverless.unwrap()
        };
        let records = Records {
            node: vec![],
            serverless: page.iter().map(record).collect(),
        };
        store.merge(Some(SweepKind::Fleet), records);
    }
    store.end_sweep(
        SweepKind::Fleet,
        &Scope::default(),
        at(day) + SignedDuration::from_mins(3),
    );
}

/// Lets a day pass: some pods change, some go, as many new ones come.
fn pass(world: &mut BTreeMap<String, State>, day: i64, dice: &mut Dice, happened: &mut Happened) {
    let names: Vec<String> = world.keys().cloned().collect();
    let mut note = |name: &str, kind: &str, from: &str, to: &str| {
        happened.insert((
            day,
            name.to_owned(),
            kind.to_owned(),
            from.to_owned(),
            to.to_owned(),
        ));
    };
    for name in names {
        // One in a hundred goes, and seven change.
        match dice.roll(crate::long_tests::or_more(100, 100 * MORE_PODS / PODS)) {
            0 => {
                world.remove(&name);
                note(&name, "vanished", "", "");
            }
            1..8 => {
                let field = usize::try_from(dice.roll(3)).unwrap();
                let words = WORDS[field];
                let choice = usize::try_from(dice.roll(words.len() as u64)).unwrap();
                let state = world.get_mut(&name).unwrap();
                let to = match (state[field], words[choice]) {
                    ("risk" | "risk-scanning", "scanning") => "risk-scanning",
                    (_, to) => to,
                };
                let from = state[field];
                if from != to {
                    state[field] = to;
                    note(&name, FIELDS[field], from, to);
                }
            }
            _ => {}
        }
    }
    for number in 0.. {
        if world.len() == pod_count() {
            break;
        }
        let name = format!("new-{day}-{number}");
        note(&name, "appeared", "", "");
        let status = ["Running", "Pending"][usize::try_from(dice.roll(2)).unwrap()];
        world.insert(name, [status, "opened", "undetected"]);
    }
}

/// What hss-top saw of a month, and what happened in it.
pub(crate) struct Month {
    /// What hss-top knows.
    pub(crate) store: Store,
    /// What happened.
    pub(crate) happened: Happened,
    /// What the pods were like on each day.
    pub(crate) days: Vec<BTreeMap<String, State>>,
}

/// A month.
pub(crate) fn month() -> Month {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    // Some have a finding when hss-top first looks.
    let start = |pod: usize| match pod % 100 {
        0 => ["Running", "opened", "risk"],
        1 => ["Failed", "opened", "clean"],
        2 => ["Running", "protection_exception", "scanning"],
        _ => ["Running", "opened", "clean"],
    };
    let mut world: BTreeMap<String, State> = (0..pod_count())
        .map(|pod| (format!("pod-{pod:04}"), start(pod)))
        .collect();
    let mut store = Store::default();
    let mut happened = Happened::new();
    sweep(&mut store, &world, 0);
    let mut days = vec![world.clone()];
    for day in 1..=DAYS {
        pass(&mut world, day, &mut dice, &mut happened);
        sweep(&mut store, &world, day);
        days.push(world.clone());
    }
    Month {
        store,
        happened,
        days,
    }
}

#[test]
fn what_the_log_says_of_a_month_is_what_happened() {
    let Month {
        store,
        happened,
        days,
    } = month();
    assert!((3000..10_000).contains(&happened.len()), "{}", happened.len());
    let changes = store.changes().clone();
    let log = ChangeLog::of(&changes);
    let mut told = Happened::new();
    for (group, day) in log.groups().iter().zip((1..=DAYS).rev()) {
        assert_eq!(
            (group.snapshot, group.noticed),
            (Some(at(day)), Some(at(day) + SignedDuration::from_mins(2)))
        );
        for logged in log.of_group(group) {
            let change = changes.numbered(logged.number).unwrap();
            let [from, to] = change
                .kind
                .sides()
                .map(|side| side.value().copied().unwrap_or("").to_owned());
            let name = change.name.value().unwrap().raw().to_owned();
            assert_eq!(change.before, Some(at(day - 1)));
            assert!(
                told.insert((day, name, change.kind.name().to_owned(), from, to)),
                "told twice"
            );
        }
    }
    assert_eq!(log.groups().len(), usize::try_from(DAYS).unwrap());
    assert_eq!(told, happened);
    stories_are_true(&changes, &log, &happened, &days);
    // A restart changes neither ids nor the order.
    let mut restored = Changes::default();
    restored.restore(changes.iter().cloned().collect());
    let ids = |log: &ChangeLog| log.changes().iter().map(|logged| logged.id).collect::<Vec<_>>();
    assert_eq!(ids(&ChangeLog::of(&restored)), ids(&log));
}

/// A pod as the store or a replay has it, in words.
fn words(pod: &crate::fleet::Pod) -> (String, [String; 3]) {
    use crate::fleet::raw::TextField;
    let text = |field| pod.sent(field).value().copied().unwrap_or_default().to_owned();
    let state = [TextField::Status, TextField::Protection, TextField::Detection].map(text);
    (text(TextField::Name), state)
}

/// Of each namespace: pods, at risk, broken, failed, off.
type Counts = BTreeMap<String, [usize; 5]>;

/// What the overview shows.
fn overview(fleet: &crate::fleet::Fleet) -> Counts {
    use crate::fleet::overview::OverviewSort;
    use crate::fleet::{View, ViewRequest};
    let request = ViewRequest {
        overview: Some(OverviewSort::default()),
        ..ViewRequest::default()
    };
    let view = View::of(fleet, request, at(DAYS));
    let rows = view.overview.as_deref().unwrap().rows();
    let row = |row: crate::fleet::overview::NamespaceRow| {
        let of = row.counts.summary;
        let namespace = row.key.namespace.value().unwrap().raw().to_owned();
        (
            namespace,
            [of.pods, of.risk, of.exception, of.failed, of.unprotected],
        )
    };
    rows.map(row).collect()
}

/// What the world itself counts.
fn counted(world: &BTreeMap<String, State>) -> Counts {
    let mut counts = Counts::new();
    for (name, [status, protection, detection]) in world {
        let of = counts.entry(namespace_of(name)).or_default();
        let has = [
            true,
            matches!(*detection, "risk" | "risk-scanning"),
            *protection == "protection_exception",
            *status == "Failed",
            *protection == "closed",
        ];
        for (count, has) in of.iter_mut().zip(has) {
            *count += usize::from(has);
        }
    }
    counts
}

#[test]
fn each_day_of_a_month_is_shown_as_it_was() {
    use crate::fleet::SourceId;
    use crate::fleet::past::{Lineup, Replay, difference};
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let start = ["Running", "opened", "clean"];
    let names = (0..pod_count()).map(|pod| format!("pod-{pod:04}"));
    let mut world: BTreeMap<String, State> = names.map(|name| (name, start)).collect();
    let (mut store, mut days) = (Store::default(), Vec::new());
    let mut last = Lineup::default();
    for day in 0..=DAYS {
        if day > 0 {
            pass(&mut world, day, &mut dice, &mut Happened::new());
        }
        sweep(&mut store, &world, day);
        // The store still remembers the pods that vanished; a snapshot does not have them.
        let lineup = Lineup::of(store.snapshot());
        days.push((world.clone(), difference(&last, &lineup).unwrap()));
        last = lineup;
    }
    let mut replay = Replay::default();
    for (world, body) in days {
        replay = replay.then(&body).unwrap();
        let lineup = replay.lineup(SourceId::default());
        assert_eq!(overview(lineup.fleet()), counted(&world));
        let shown: BTreeMap<String, [String; 3]> = lineup.fleet().pods().map(|pod| words(&pod)).collect();
        // That an earlier scan found a risk is ours: HSS says that a scan is under way.
        let was: BTreeMap<String, [String; 3]> = world
            .into_iter()
            .map(|(name, state)| (name, state.map(|word| word.replace("risk-scanning", "scanning"))))
            .collect();
        assert_eq!(shown, was);
    }
}

/// A risk is open in the log exactly if its pod is at risk in the world; and it came back as often as it came before.
fn stories_are_true(
    changes: &Changes,
    log: &ChangeLog,
    happened: &Happened,
    days: &[BTreeMap<String, State>],
) {
    let world = days.last().unwrap();
    let had_it_first = |name: &str| days[0].get(name).is_some_and(|state| state[2] == "risk");
    let mut risks = 0;
    for logged in log.changes() {
        let change = changes.numbered(logged.number).unwrap();
        if logged.story.brought != Some(Reason::DetectionRisk) {
            continue;
        }
        risks += 1;
        let name = change.name.value().unwrap().raw();
        let of_pod = |row: &&(i64, String, String, String, String)| row.1 == name && row.2 == "detection";
        let day = (change.after.unwrap().as_second() - at(0).as_second()) / 86_400;
        let is_risk = |word: &str| matches!(word, "risk" | "risk-scanning");
        let begins = |row: &&(i64, String, String, String, String)| !is_risk(&row.3) && is_risk(&row.4);
        let of_it = || happened.iter().filter(of_pod);
        let before =
            of_it().filter(|row| row.0 < day).filter(begins).count() + usize::from(had_it_first(name));
        assert_eq!(
            usize::try_from(logged.story.comebacks).unwrap(),
            before,
            "{name} {day}"
        );
        let left = of_it().any(|row| row.0 > day && !is_risk(&row.4));
        let is_open = world.get(name).is_some_and(|state| is_risk(state[2])) && !left;
        assert_eq!(logged.story.end.is_none(), is_open, "{name} {day}");
    }
    assert!(risks > 100);
}
