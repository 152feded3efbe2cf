//! The later state of the pods of a moment.
//!
//! Owns what counts as a difference: what an operator would call a change. A usage that moved counts where it crossed a
//! threshold, since nearly every pod has another one in each snapshot. The counts may be those of a scope.

use super::lineup::{Lineup, merge};
use crate::fleet::filter;
use crate::fleet::scope::Scope;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{Chunk, Col};
use crate::fleet::store::encoding::usage;
use crate::fleet::store::mask::Mask;
use crate::fleet::store::place;

/// The later state of a pod.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StandingNow {
    /// It is the same.
    #[default]
    Same,
    /// Its risk score is higher now.
    Worse,
    /// Its risk score is lower now.
    Better,
    /// Something else of it is another.
    Differs,
    /// It is gone.
    Gone,
}

/// The later state of each pod of a moment.
#[derive(Debug, Clone, Default)]
pub struct Standings {
    /// By row of the moment's fleet.
    by_row: Vec<StandingNow>,
    /// The rows of the pods that came since, in the fleet of now.
    came: Vec<u32>,
    now: Fleet,
}

/// What has happened since a moment, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StandingCounts {
    /// How many pods differ now, without those that are gone.
    pub differ: usize,
    /// How many are gone.
    pub gone: usize,
    /// How many pods came since.
    pub came: usize,
}

/// The columns in which a difference is a change.
const CHANGES: [Col; 9] = [
    Col::Id,
    Col::Node,
    Col::Status,
    Col::Protection,
    Col::Detection,
    Col::PodIp,
    Col::Created,
    Col::CpuLimit,
    Col::MemoryLimit,
];

impl Standings {
    /// Compares the pods of `then` with `now`.
    pub fn between(then: &Lineup, now: &Lineup) -> Self {
        let merge = merge(then, now);
        let rows = then.rows.iter().copied().max().map_or(0, |row| row as usize + 1);
        let mut standings = Self {
            by_row: vec![StandingNow::Same; rows],
            came: merge.came.into_iter().map(|(_, row)| row).collect(),
            now: now.fleet.clone(),
        };
        for place in merge.went {
            if let Some(row) = then.rows.get(place as usize) {
                standings.set(*row, StandingNow::Gone);
            }
        }
        for (_, row_then, row_now) in merge.stayed {
            let standing = standing(then, row_then, now, row_now);
            standings.set(row_then, standing);
        }
        standings
    }

    /// The later state of the pod in this row.
    pub fn of(&self, row: u32) -> StandingNow {
        self.by_row.get(row as usize).copied().unwrap_or_default()
    }

    /// The counts over the pods in `scope`; `then` is the fleet of the moment.
    pub fn counts(&self, then: &Fleet, scope: &Scope) -> StandingCounts {
        let of = |fleet: &Fleet| (!scope.is_whole()).then(|| filter::in_scope(fleet, scope));
        let has = |masks: &Option<Vec<Mask>>, row: u32| {
            let (chunk, at) = place(row);
            masks
                .as_ref()
                .is_none_or(|masks| masks.get(chunk).is_some_and(|mask| mask.has(at)))
        };
        let mut counts = StandingCounts::default();
        let masks = of(then);
        for (row, standing) in (0_u32..).zip(&self.by_row) {
            if *standing == StandingNow::Same || !has(&masks, row) {
                continue;
            }
            match standing {
                StandingNow::Gone => counts.gone += 1,
                _ => counts.differ += 1,
            }
        }
        let masks = of(&self.now);
        counts.came = self.came.iter().filter(|row| has(&masks, **row)).count();
        counts
    }

    fn set(&mut self, row: u32, standing: StandingNow) {
        if let Some(place) = self.by_row.get_mut(row as usize) {
            *place = standing;
        }
    }
}

fn standing(then: &Lineup, row_then: u32, now: &Lineup, row_now: u32) -> StandingNow {
    let (Some((old, at_old)), Some((new, at_new))) = (then.chunk(row_then), now.chunk(row_now)) else {
        return StandingNow::Same;
    };
    let (words_then, words_now) = (then.fleet.words(), now.fleet.words());
    let differs = |col: Col| {
        words_then.portable(col, old.code(col, at_old)) != words_now.portable(col, new.code(col, at_new))
    };
    let pressure = |chunk: &Chunk, at, col| usage(chunk.code(col, at)).pressure();
    let crosses = |col: Col| pressure(old, at_old, col) != pressure(new, at_new, col);
    let is_same = old.uuid(at_old) == new.uuid(at_new)
        && !CHANGES.into_iter().any(differs)
        && !crosses(Col::CpuUsage)
        && !crosses(Col::MemoryUsage);
    if is_same {
        return StandingNow::Same;
    }
    match new.code(Col::Risk, at_new).cmp(&old.code(Col::Risk, at_old)) {
        std::cmp::Ordering::Greater => StandingNow::Worse,
        std::cmp::Ordering::Less => StandingNow::Better,
        std::cmp::Ordering::Equal => StandingNow::Differs,
    }
}
