//! The two sides of the simulation: a list that HSS renews now and then, and a client of plan, budget and the simplest
//! store.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::collector::budget::{CallBudget, WINDOW};
use crate::collector::plan::Plan;
use crate::collector::planned::{CallPurpose, Fault, Outcome, PlannedCall, Step};
use crate::collector::source::FetchRequest;
use crate::collector::sweep::PageFacts;
use crate::fleet::Scope;

/// Records of a page.
pub(super) const PAGE: u32 = 200;
pub(super) const INTERVAL: Duration = Duration::from_mins(1);
pub(super) const LATENCY: Duration = Duration::from_millis(300);

/// A pod: its number, and the snapshot that last showed it.
pub(super) type Pod = (u64, i64);

/// What may be odd about answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quirk {
    None,
    /// Two replicas behind one name answer in turns, and one is this many seconds behind.
    Replicas(i64),
    /// The snapshot's date is that of the call.
    DateOfCall,
    /// The total is now one too few, now one too many.
    Total,
}

/// HSS: a list in which every fifth pod is of namespace `n0`.
pub(super) struct World {
    pub(super) pods: Vec<u64>,
    pub(super) snapshot: i64,
    /// Whether answers tell the snapshot's date.
    pub(super) dated: bool,
    /// What is odd about its answers.
    pub(super) quirk: Quirk,
    /// How the namespace [`odd`] fails, always.
    pub(super) refuses: Fault,
}

impl World {
    pub(super) fn of(pods: u64) -> Self {
        Self {
            pods: (0..pods).collect(),
            snapshot: 1,
            dated: true,
            quirk: Quirk::None,
            refuses: Fault::Lasting,
        }
    }

    /// A new snapshot: some pods are gone, some are new, and the order changes.
    pub(super) fn renew(&mut self, seed: u64) {
        self.snapshot += 1;
        let next = self.pods.iter().max().map_or(0, |most| most + 1);
        self.pods.retain(|pod| !(pod + seed).is_multiple_of(97));
        self.pods.extend(next..next + 1 + seed % 50);
        let middle = usize::try_from(seed).unwrap() % self.pods.len().max(1);
        self.pods.rotate_left(middle);
    }

    /// A new snapshot of the same pods in the same order.
    pub(super) fn renew_contents(&mut self) {
        self.snapshot += 1;
    }

    pub(super) fn is_in(scope: &Scope, pod: u64) -> bool {
        scope.namespace.is_none() || pod.is_multiple_of(5)
    }

    pub(super) fn page(&self, scope: &Scope, offset: u32) -> (Vec<u64>, u64) {
        let within: Vec<u64> = self
            .pods
            .iter()
            .copied()
            .filter(|pod| Self::is_in(scope, *pod))
            .collect();
        let page = within
            .iter()
            .copied()
            .skip(offset as usize)
            .take(PAGE as usize)
            .collect();
        (page, within.len() as u64)
    }

    fn refused(&self, scope: &Scope) -> Option<Fault> {
        (*scope == odd()).then_some(self.refuses)
    }

    /// What an answer says of the list's state: its total and its date. `call` is how many calls came before, `second` when
    /// it comes.
    fn state(&self, total: u64, call: usize, second: u64) -> (u64, Option<Timestamp>) {
        let turn = i64::try_from(call % 2).unwrap();
        let (total, behind) = match self.quirk {
            Quirk::None => (total, 0),
            Quirk::Replicas(behind) => (total, behind * turn),
            Quirk::DateOfCall => (total, -i64::try_from(second + call as u64).unwrap()),
            Quirk::Total => ((total + call as u64 % 3).saturating_sub(1), 0),
        };
        let at = 1_760_000_000 + self.snapshot * 8 * 3600 - behind;
        (total, self.dated.then(|| Timestamp::from_second(at).unwrap()))
    }
}

/// A known pod: the snapshot that showed it, and the sweep of each purpose that last saw it.
#[derive(Default)]
pub(super) struct ListedRow {
    pub(super) snapshot: i64,
    pub(super) met: HashMap<CallPurpose, u64>,
}

/// The client's side: plan, budget, and a store as simple as can be.
pub(super) struct SimulatedClient {
    pub(super) plan: Plan,
    pub(super) budget: CallBudget,
    pub(super) now: Instant,
    pub(super) rows: HashMap<u64, ListedRow>,
    pub(super) passes: HashMap<CallPurpose, u64>,
    pub(super) calls: Vec<(Instant, CallPurpose)>,
    pub(super) completed: u32,
    /// Sweeps that met all there is while the list moved.
    pub(super) mixed: u32,
    /// When the client began.
    start: Instant,
    pub(super) restarts: u32,
    /// What the screen requested, until a part of it arrived.
    awaited: Option<Scope>,
}

pub(super) fn request() -> FetchRequest {
    FetchRequest {
        scope: Scope::default(),
        pod: None,
        asks: 0,
        syncs: 0,
        interval: INTERVAL,
    }
}

pub(super) fn namespace() -> Scope {
    Scope {
        namespace: Some("n0".into()),
        ..Scope::default()
    }
}

/// A part that HSS refuses.
pub(super) fn odd() -> Scope {
    Scope {
        namespace: Some("odd".into()),
        ..Scope::default()
    }
}

impl SimulatedClient {
    pub(super) fn new(calls_per_minute: u32) -> Self {
        Self::that_wants(request(), calls_per_minute)
    }

    /// One that wants this at first.
    pub(super) fn that_wants(request: FetchRequest, calls_per_minute: u32) -> Self {
        let now = Instant::now();
        Self {
            plan: Plan::new(PAGE, request, now),
            budget: CallBudget::new(calls_per_minute),
            now,
            rows: HashMap::new(),
            passes: HashMap::new(),
            calls: Vec::new(),
            completed: 0,
            mixed: 0,
            start: now,
            restarts: 0,
            awaited: None,
        }
    }

    /// Wants something else.
    pub(super) fn want(&mut self, request: FetchRequest) {
        if request.scope != *self.plan.scope() {
            let is_new = request.scope != *self.plan.fleet_scope();
            self.awaited = is_new.then(|| request.scope.clone());
        }
        self.plan.want(request, self.now);
    }

    /// Does what is due until `end`; `fault` says whether a call fails.
    pub(super) fn run(&mut self, world: &World, end: Instant, fault: &mut dyn FnMut() -> Option<Fault>) {
        while self.now < end {
            assert!(
                self.awaited.is_none() || self.plan.progress().is_some(),
                "what nothing came of is waited for"
            );
            match self.plan.next(self.now, &self.budget) {
                Step::Wait(until) => {
                    assert!(until > self.now, "a plan that waits for the past spins");
                    self.now = until.min(end);
                }
                Step::Ask(planned) => {
                    assert!(
                        self.budget.ready_at(self.now) <= self.now,
                        "the budget does not allow this call"
                    );
                    self.budget.pay(self.now);
                    self.calls.push((self.now, planned.purpose));
                    if planned.begins {
                        *self.passes.entry(planned.purpose).or_default() += 1;
                    }
                    self.now += LATENCY;
                    match world.refused(&planned.scope).or_else(&mut *fault) {
                        Some(fault) => {
                            let end = self.plan.failed(&planned, fault, self.now);
                            assert!(
                                !matches!(
                                    end,
                                    Some(Outcome::Over {
                                        proves_gone: true,
                                        ..
                                    })
                                ),
                                "a failed page proves nothing"
                            );
                        }
                        None => self.take(world, &planned),
                    }
                }
            }
        }
    }

    pub(super) fn take(&mut self, world: &World, planned: &PlannedCall) {
        let (page, total) = world.page(&planned.scope, planned.offset);
        let pass = self.passes.get(&planned.purpose).copied().unwrap_or_default();
        let mut new = 0;
        for pod in &page {
            let row = self.rows.entry(*pod).or_default();
            row.snapshot = world.snapshot;
            if row.met.insert(planned.purpose, pass) != Some(pass) {
                new += 1;
            }
        }
        let (told, snapshot_at) = world.state(total, self.calls.len(), (self.now - self.start).as_secs());
        let facts = PageFacts {
            node: page.len() as u64,
            new,
            total: Some(told),
            snapshot_at,
            ..PageFacts::default()
        };
        self.awaited.take_if(|scope| *scope == planned.scope);
        match self.plan.answered(planned, facts, self.now) {
            Outcome::Restarted => {
                *self.passes.entry(planned.purpose).or_default() += 1;
                self.restarts += 1;
            }
            Outcome::Over {
                proves_gone: true, ..
            } => {
                self.completed += 1;
                self.rows.retain(|pod, row| {
                    let stays =
                        !World::is_in(&planned.scope, *pod) || row.met.get(&planned.purpose) == Some(&pass);
                    let lives = world.dated && world.pods.contains(pod);
                    assert!(stays || !lives, "a pod that lives is taken for gone");
                    stays
                });
            }
            Outcome::Over { complete: true, .. } => self.mixed += 1,
            Outcome::Over { complete: false, .. } | Outcome::More | Outcome::Unchanged => {}
        }
    }

    pub(super) fn known(&self) -> Vec<Pod> {
        let mut known: Vec<Pod> = self.rows.iter().map(|(pod, row)| (*pod, row.snapshot)).collect();
        known.sort_unstable();
        known
    }

    pub(super) fn most_calls_in_a_minute(&self) -> usize {
        let after = |at: usize| self.calls.get(at..).unwrap_or_default();
        let within = |at: usize, first: Instant| {
            after(at)
                .iter()
                .take_while(|(call, _)| *call - first < WINDOW)
                .count()
        };
        self.calls
            .iter()
            .enumerate()
            .map(|(at, (first, _))| within(at, *first))
            .max()
            .unwrap_or(0)
    }
}

/// All pods of the world, as of its snapshot.
pub(super) fn truth(world: &World) -> Vec<Pod> {
    let mut pods: Vec<Pod> = world.pods.iter().map(|pod| (*pod, world.snapshot)).collect();
    pods.sort_unstable();
    pods
}
