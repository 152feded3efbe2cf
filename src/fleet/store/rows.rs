//! Writes rows and updates everything that depends on them.
//!
//! Owns keeping the indexes, the counts and the changes current. Must not: know where a record comes from, or
//! which row it belongs to.

use std::sync::Arc;

use super::chunk::{Chunk, Codes, Col, PackedRow, Twin, flag};
use super::identity::{Hashes, UnchangedParts};
use super::{Store, encoding, place};
use crate::fleet::changes::{Change, ChangeKind, ScoreShift, UsedShift};
use crate::fleet::pod::{Pod, PodKey};
use crate::fleet::quantity::Measure;
use crate::fleet::risk;
use crate::fleet::usage::Pressure;

/// The most measures whose last report is remembered. Without that, usage that oscillates around a threshold would be reported
/// each time.
const MOST_TOLD: usize = 50_000;

impl Store {
    /// Writes a row for a new pod: into a vacant row, or at the end.
    pub(super) fn push(&mut self, row: PackedRow<'_>, twin: Option<Twin>, hashes: Hashes) -> u32 {
        let number = self.vacant.pop().unwrap_or_else(|| {
            let number = self.numbers().end;
            self.seen.push(0);
            if place(number).0 == self.chunks.len() {
                self.chunks.push(Arc::default());
            }
            number
        });
        self.write(number, row, twin, hashes);
        number
    }

    /// Writes a pod over a row.
    pub(super) fn rewrite(&mut self, number: u32, pod: &Pod) {
        let row = self.dictionaries.encode(pod);
        self.write(number, row, encoding::twin(pod), Hashes::default());
    }

    /// Writes a record to a row, whatever the row was.
    pub(super) fn write(&mut self, number: u32, mut row: PackedRow<'_>, twin: Option<Twin>, hashes: Hashes) {
        self.dictionaries.complete(&mut row.codes);
        let (chunk, at) = place(number);
        let old = self
            .chunks
            .get(chunk)
            .filter(|chunk| at < chunk.len() && !chunk.has(at, flag::VACANT));
        let old_codes = old.map(|chunk| chunk.codes(at));
        let was_gone = old.is_some_and(|chunk| chunk.has(at, flag::GONE));
        let differs = |col: Col| old_codes.map(|old| old[col as usize] ^ row.codes[col as usize]);
        let same = |col: Col| differs(col) == Some(0);
        let unchanged = UnchangedParts {
            id: same(Col::Id) && old.is_some_and(|chunk| chunk.uuid(at) == row.uuid),
            // An absent name and an empty one are the same text but sort differently. Whether a row may be
            // missing in the index by name depends on its node record, and which row is depends on whether
            // its pod is gone.
            name: differs(Col::Flags)
                .is_some_and(|flags| flags & (flag::NAMELESS | flag::NODE | flag::GONE) == 0)
                && same(Col::Cluster)
                && same(Col::Namespace)
                && old.is_some_and(|chunk| chunk.name(at) == row.name),
        };
        let alive = old_codes.filter(|_| !was_gone);
        let is_reported = alive.is_some_and(|old| may_be_reported(&old, &row.codes));
        let before = is_reported.then(|| self.pod(number));
        if old_codes.is_some() {
            self.unindex(number, unchanged);
        }
        self.counts.change(alive.as_ref(), Some(&row.codes));
        self.gone -= usize::from(was_gone);
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            let chunk = Arc::make_mut(chunk);
            chunk.set(at, &row);
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            chunk.gone_at.remove(&at);
            match twin {
                Some(twin) => drop(chunk.twins.insert(at, twin)),
                None => drop(chunk.twins.remove(&at)),
            }
        }
        self.index(number, &row, unchanged, hashes);
        if alive.is_none() {
            self.report_new(number);
        } else if let Some(before) = before {
            let after = self.pod(number);
            let scores = ScoreShift {
                before: Some(risk::score(&before)),
                after: Some(risk::score(&after)),
            };
            for kind in ChangeKind::between(&before, &after) {
                self.report(number, &after, kind, scores);
            }
            for measure in [Measure::Cpu, Measure::Memory] {
                self.report_crossed(number, measure, &before, &after, scores);
            }
        }
    }

    /// Reports a crossed threshold, and remembers the report.
    fn report_crossed(
        &mut self,
        number: u32,
        measure: Measure,
        before: &Pod,
        after: &Pod,
        scores: ScoreShift,
    ) {
        if self.restoring {
            return;
        }
        let key = (after.key.clone(), measure);
        let told = self.told.get(&key).copied();
        let Some(kind) = ChangeKind::crossed(measure, before, after, told) else {
            return;
        };
        let percent = |pod: &Pod| match measure {
            Measure::Cpu => pod.cpu_usage().percent(),
            Measure::Memory => pod.memory_usage().percent(),
        };
        let used = UsedShift {
            before: percent(before),
            after: percent(after),
        };
        self.tell(key, &kind);
        let change = self.change(after, kind, scores);
        self.push_change(number, Change { used, ..change });
    }

    /// Forgets the reports about a pod that is gone.
    pub(super) fn forget_told(&mut self, pod: &PodKey) {
        for measure in [Measure::Cpu, Measure::Memory] {
            self.told.remove(&(pod.clone(), measure));
        }
    }

    /// Remembers the report about a measure of a pod, unless the measure is calm.
    pub(super) fn tell(&mut self, key: (PodKey, Measure), kind: &ChangeKind) {
        match kind.pressure() {
            Some((_, to)) if to >= Pressure::Warn => {
                if self.told.len() < MOST_TOLD || self.told.contains_key(&key) {
                    self.told.insert(key, to);
                }
            }
            _ => drop(self.told.remove(&key)),
        }
    }

    pub(super) fn report_new(&mut self, number: u32) {
        if self.sweeps.is_empty() {
            return;
        }
        let pod = self.pod(number);
        if self.sweeps.would_know(&pod) {
            let scores = ScoreShift {
                before: None,
                after: Some(risk::score(&pod)),
            };
            self.report(number, &pod, ChangeKind::Appeared, scores);
        }
    }

    pub(super) fn report(&mut self, number: u32, pod: &Pod, kind: ChangeKind, scores: ScoreShift) {
        let is_whole = matches!(kind, ChangeKind::Appeared | ChangeKind::Vanished);
        let found = if is_whole { risk::main_reason(pod) } else { None };
        let change = self.change(pod, kind, scores);
        self.push_change(number, Change { found, ..change });
    }

    fn change(&self, pod: &Pod, kind: ChangeKind, scores: ScoreShift) -> Change {
        Change {
            before: self.sweeps.last_knew(pod, self.snapshot_at),
            after: self.snapshot_at,
            noticed: self.received_at,
            scores,
            ..Change::of(pod, kind)
        }
    }

    fn push_change(&mut self, number: u32, change: Change) {
        if !self.restoring {
            self.changes.record(change, Some(number));
        }
    }
}

/// The columns whose numbers are derived from others.
const DERIVED: [Col; 3] = [Col::CpuUsage, Col::MemoryUsage, Col::Risk];

/// Whether the row at `at`, whose numbers are `old`, holds exactly this record and is present. Derived
/// numbers are copied from it, so `row` need not have them yet.
pub(super) fn is_same(chunk: &Chunk, at: usize, old: &Codes, row: &mut PackedRow<'_>) -> bool {
    for col in DERIVED {
        row.codes[col as usize] = old[col as usize];
    }
    row.codes == *old && chunk.uuid(at) == row.uuid && chunk.name(at) == row.name
}

/// Whether a change may have to be reported: most pages only bring other usages.
fn may_be_reported(old: &Codes, new: &Codes) -> bool {
    let differs = |col: Col| old[col as usize] != new[col as usize];
    let words = [
        Col::Status,
        Col::Protection,
        Col::Detection,
        Col::CpuLimit,
        Col::MemoryLimit,
    ];
    let band = |codes: &Codes, col: Col| encoding::usage(codes[col as usize]).band();
    let crosses = |col: Col| differs(col) && band(old, col) != band(new, col);
    words.into_iter().any(differs) || crosses(Col::CpuUsage) || crosses(Col::MemoryUsage)
}
