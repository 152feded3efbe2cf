//! A month in seconds: churn, sleep, restarts, crashes and clocks that jump. Every risk is told exactly once.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::*;
use super::{change, minute, pod};
use crate::fleet::changes::Change;
use crate::fleet::{Fleet, Pod, PodKey};

/// What can happen between two looks.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// The pods with these numbers turn from clean to risk, or back.
    Turn(Vec<usize>),
    /// This many minutes pass, with a look at each.
    Watch(u8),
    /// Nobody looks for this many minutes: the machine sleeps, or HSS cannot be reached.
    Away(u16),
    /// The program is started again.
    Restart,
    /// The program ends before it looked at what just changed, and is started again.
    Crash(Vec<usize>),
    /// The clock jumps by this many minutes.
    Jump(i16),
}

fn happening() -> impl Strategy<Value = Happening> {
    let pods = || proptest::collection::vec(0..PODS, 1..20);
    prop_oneof![
        4 => pods().prop_map(Happening::Turn),
        6 => (1..30_u8).prop_map(Happening::Watch),
        1 => (15..2000_u16).prop_map(Happening::Away),
        1 => Just(Happening::Restart),
        1 => pods().prop_map(Happening::Crash),
        1 => (-200..200_i16).prop_map(Happening::Jump),
    ]
}

pub(crate) const PODS: usize = 60;

pub(crate) struct World {
    engine: AlertEngine,
    /// One that visits every alert in each look: it must tell the same.
    thorough: AlertEngine,
    rule: AlertRule,
    at_risk: Vec<bool>,
    earlier: Vec<Change>,
    changes: Vec<Change>,
    fleet: Fleet,
    /// HSS's own minute, which only increases.
    pub(crate) minute: i64,
    /// By how many minutes our clock is off.
    off: i64,
    asked: i64,
    pub(crate) begun: usize,
    /// What was to be told since this was last taken.
    pub(crate) notices: Vec<AlertNotice>,
    told: HashMap<String, usize>,
    most_at_once: usize,
}

impl World {
    pub(crate) fn new(rule: AlertRule) -> Self {
        let mut world = Self {
            engine: AlertEngine::new(vec![rule.clone()], None),
            thorough: AlertEngine::new(vec![rule.clone()], None),
            rule,
            at_risk: vec![false; PODS],
            earlier: Vec::new(),
            changes: Vec::new(),
            fleet: Fleet::default(),
            minute: 0,
            off: 0,
            asked: 0,
            begun: 0,
            notices: Vec::new(),
            told: HashMap::new(),
            most_at_once: 0,
        };
        world.picture();
        world.look();
        world
    }

    fn pod(&self, number: usize) -> Pod {
        pod(
            &format!("p{number}"),
            if self.at_risk[number] { "risk" } else { "clean" },
        )
    }

    fn now(&self) -> Timestamp {
        minute(self.minute + self.off)
    }

    fn picture(&mut self) {
        let pods = (0..PODS).map(|number| self.pod(number)).collect::<Fleet>();
        self.fleet = pods
            .with_changes(self.earlier.clone())
            .as_of_an_earlier_run()
            .with_changes(self.changes.clone());
    }

    fn turn(&mut self, pods: &[usize]) {
        // HSS's date of the snapshot is another for each.
        self.minute += 1;
        let mut turned: Vec<usize> = pods.to_vec();
        turned.sort_unstable();
        turned.dedup();
        for number in turned {
            let before = self.pod(number);
            self.at_risk[number] = !self.at_risk[number];
            self.begun += usize::from(self.at_risk[number]);
            let mut change = change(&before, &self.pod(number), minute(self.minute));
            change.noticed = Some(self.now());
            self.changes.push(change);
        }
        self.picture();
    }

    fn look(&mut self) {
        self.asked = self.minute + self.off;
        let look = AlertLook {
            now: self.now(),
            fleet: self.fleet.clone(),
            facts: SourceFacts {
                asked_at: Some(minute(self.asked)),
                gap_after: SignedDuration::from_mins(10),
                is_complete: true,
                coverage: (PODS, PODS),
                ..SourceFacts::default()
            },
            ..AlertLook::default()
        };
        let notices = self.engine.look(&look);
        let keys: Vec<PodKey> = self.thorough.book.open.keys().cloned().collect();
        for key in &keys {
            self.thorough.agenda.add(key);
        }
        assert_eq!(self.thorough.look(&look), notices);
        assert_eq!(self.thorough.book.count, self.engine.book.count);
        let firing = notices
            .iter()
            .filter(|notice| notice.kind != NoticeKind::Resolved);
        self.most_at_once = self.most_at_once.max(firing.clone().count());
        for alert in firing.flat_map(|notice| &notice.alerts) {
            *self.told.entry(alert.change.clone().unwrap()).or_default() += 1;
        }
        self.notices.extend(notices);
    }

    fn restart(&mut self) {
        let kept = serde_json::to_string(&self.engine.book()).unwrap();
        let kept: KeptAlerts = serde_json::from_str(&kept).unwrap();
        self.engine = AlertEngine::new(vec![self.rule.clone()], Some(kept.clone()));
        self.thorough = AlertEngine::new(vec![self.rule.clone()], Some(kept));
        self.earlier.append(&mut self.changes);
        self.picture();
    }

    pub(crate) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Turn(pods) => {
                self.turn(&pods);
                self.look();
            }
            Happening::Watch(minutes) => {
                for _ in 0..minutes {
                    self.minute += 1;
                    self.look();
                }
            }
            Happening::Away(minutes) => self.minute += i64::from(minutes),
            Happening::Restart => self.restart(),
            Happening::Crash(pods) => {
                self.turn(&pods);
                self.restart();
            }
            Happening::Jump(minutes) => self.off += i64::from(minutes),
        }
    }

    /// Lets everything that waits be told.
    pub(crate) fn settle(&mut self) {
        for _ in 0..300 {
            self.minute += 1;
            self.look();
        }
    }

    pub(crate) fn check(&self) {
        let twice: Vec<_> = self.told.iter().filter(|(_, times)| **times != 1).collect();
        assert!(twice.is_empty(), "told more than once: {twice:?}");
        assert_eq!(self.told.len(), self.begun, "each risk is told");
        assert!(self.most_at_once <= 1, "one notice for all that is due together");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_risk_is_told_exactly_once(happenings in proptest::collection::vec(happening(), 1..40)) {
        let mut world = World::new(AlertRule::new("r", AlertCondition::Risk));
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();
        world.check();
    }
}

/// What happens next in a month of it.
pub(crate) fn next(draw: &mut impl FnMut(u64) -> u64) -> Happening {
    let number = |drawn: u64| usize::try_from(drawn).unwrap();
    let pods: Vec<usize> = (0..=draw(30)).map(|_| number(draw(PODS as u64))).collect();
    match draw(12) {
        0 => Happening::Restart,
        1 => Happening::Crash(pods),
        2 => Happening::Away(u16::try_from(draw(3000)).unwrap()),
        3 => Happening::Jump(i16::try_from(draw(400)).unwrap() - 200),
        4..=6 => Happening::Turn(pods),
        _ => Happening::Watch(u8::try_from(draw(120)).unwrap()),
    }
}

/// Numbers below a bound, the same in each run.
pub(crate) fn numbers(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    }
}

pub(crate) const MONTH: i64 = 30 * 24 * 60;

#[test]
fn a_month_of_snapshots_restarts_gaps_and_clock_jumps_is_told_once_each() {
    let mut world = World::new(AlertRule::new("r", AlertCondition::Risk));
    let mut draw = numbers(7);
    while world.minute < MONTH {
        world.happen(next(&mut draw));
    }
    world.settle();
    world.check();
    assert!(world.begun > 500, "{}", world.begun);
}
